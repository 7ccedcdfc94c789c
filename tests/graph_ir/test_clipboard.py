"""Layers through the clipboard: copy and paste is the identity, everything else is refused in words (requirement 6)."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_ir import annotation_edits as sheets
from graph_ir import edits, templates
from graph_ir.annotations import Comment, Frame, annotations_of
from graph_ir.block_edits import make_block
from graph_ir.bypass_edits import bypass
from graph_ir.check import check
from graph_ir.clipboard import LAYERS, copy, duplicate, paste
from graph_ir.edits import apply
from graph_ir.file import dump, parse
from graph_ir.graph import Design, Graph, Node, Wire
from tests import networks
from tests.graph_ir import hostile
from tests.graph_ir.block_samples import DENSE, design, use
from tests.graph_ir.edit_looks import done, refusal, wires
from tests.graph_ir.random_blocks import RandomBlocks

NAMES = templates.names()
EMPTY = "The clipboard holds no layers; copy some first, or the text of a design file."


def through_an_empty_design(made: Design, network: str = "") -> Design:
    """All layers of a network, copied and pasted where nothing is."""
    found = Design()
    apply(found, paste(found, "", copy(made, network, made.networks[network].ids())))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_copied_and_pasted_into_an_empty_design_a_template_is_what_it_was(name: str) -> None:
    made = templates.load(name)
    text = copy(made, "", made.top.ids())
    pasted = through_an_empty_design(made)
    assert copy(pasted, "", pasted.top.ids()) == text
    assert pasted.top.ids() == made.top.ids() and pasted.top.wires() == made.top.wires()
    assert list(pasted.top) == list(made.top)
    assert check(pasted).problems == check(made).problems
    assert check(pasted).parameters == check(made).parameters
    for block in pasted.networks:
        assert list(pasted.networks[block]) == list(made.networks[block])
        assert pasted.networks[block].wires() == made.networks[block].wires()
    assert annotations_of(pasted.layout) == annotations_of(made.layout)


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_copied_and_pasted_any_design_is_what_it_was(seed: int) -> None:
    rng = random.Random(seed)
    made = RandomBlocks(rng).grow()
    ids = made.top.ids()
    places = {id: (rng.uniform(-1e3, 1e3), rng.uniform(-1e3, 1e3)) for id in ids}
    apply(made, edits.move(made, "", places))
    apply(made, sheets.add_frame(made, "", Frame("all", (-2e3, -2e3, 4e3, 4e3))))
    apply(made, sheets.set_note(made, "", rng.choice(ids), "ä\u202e\n<b>"))
    apply(made, sheets.set_hidden(made, "", rng.sample(ids, 2), True))
    if wired := made.top.wires():
        apply(made, sheets.set_bends(made, "", rng.choice(wired), [(1, 2.5)]))
    pasted = through_an_empty_design(made)
    assert copy(pasted, "", pasted.top.ids()) == copy(made, "", ids)
    assert annotations_of(pasted.layout) == annotations_of(made.layout)
    assert check(pasted).problems == check(made).problems
    part = rng.sample(ids, rng.randint(1, len(ids)))
    text = copy(made, "", part)
    assert text == copy(made, "", reversed(part))
    done(made, paste(made, "", text))
    alone = Design()
    apply(alone, paste(alone, "", text))
    again = copy(alone, "", alone.top.ids())
    assert json.loads(again)["network"]["layers"] == json.loads(text)["network"]["layers"]


def small() -> Design:
    made = networks.small_cnn()
    apply(made, edits.move(made, "", {"conv1": (0, 96), "norm1": (0, 192), "image": (0, 0)}))
    return made


def test_the_text_is_a_piece_of_a_design_file() -> None:
    made = small()
    text = copy(made, "", ["norm1", "conv1"])
    raw = json.loads(text)
    assert raw["format"] == LAYERS and raw["version"] == 1
    assert list(raw["network"]["layers"]) == ["conv1", "norm1"]
    assert raw["network"]["wires"] == [["conv1.y", "norm1.x"]]
    assert raw["inputs"] == [["image.y", "conv1.x"]]
    assert raw["layout"]["network"]["layers"] == {"conv1": [0, 96], "norm1": [0, 192]}
    assert '\n      "conv1": {"type": "Conv2d"' in text


def test_pasted_layers_get_ids_that_are_free_and_lie_where_they_are_wanted() -> None:
    made = small()
    text = copy(made, "", ["conv1", "norm1"])
    edit = done(made, paste(made, "", text, at=(500, 100)))
    assert edit.added == ("conv2", "norm2") and edit.title == "Paste 2 layers"
    assert "conv2.y → norm2.x" in wires(made) and not made.top.wires_into("conv2")
    assert made.layout["network"]["layers"]["conv2"] == [500, 100]
    assert made.layout["network"]["layers"]["norm2"] == [500, 196]
    assert done(made, paste(made, "", text)).added == ("conv3", "norm3")
    assert made.layout["network"]["layers"]["conv3"] == [0, 96]


def test_a_copy_without_a_place_is_put_where_it_is_wanted() -> None:
    made = networks.small_cnn()
    done(made, paste(made, "", copy(made, "", ["fc"]), at=(7, 8)))
    assert made.layout["network"]["layers"] == {"fc1": [7, 8]}
    shown = copy(made, "", ["relu1"], places={"relu1": (10, 20)})
    done(made, paste(made, "", shown, offset=(5, 5)))
    assert made.layout["network"]["layers"]["relu2"] == [15, 25]


def test_a_duplicate_keeps_its_inputs_if_that_is_asked() -> None:
    made = small()
    edit = done(made, duplicate(made, "", ["conv1", "norm1"], keep_inputs=True))
    assert edit.title == "Duplicate 2 layers"
    assert {"image.y → conv2.x", "conv2.y → norm2.x"} <= wires(made)
    assert made.layout["network"]["layers"]["conv2"] == [24, 120]
    assert check(made).parameters == 2 * (check(small()).parameters - 90) + 90  # all but fc


def test_of_an_add_what_has_no_wire_any_more_closes_up() -> None:
    layers = {"a": {"type": "Input", "shape": ["N", 4]}, "act": {"type": "ReLU"}, "add": {"type": "Add"}}
    made = networks.design(layers, ["a -> act", "a -> add.x1", "act -> add.x2"])
    done(made, duplicate(made, "", ["act", "add"]))
    assert made.top.wires_into("add1") == (Wire("act1", "y", "add1", "x1"),)
    done(made, duplicate(made, "", ["act", "add"], keep_inputs=True))
    assert {"a.y → add2.x1", "act2.y → add2.x2", "a.y → act2.x"} <= wires(made)


def test_what_layers_say_of_each_other_follows_their_ids() -> None:
    made = networks.design(
        {
            "x": {"type": "Input", "shape": ["N", "T", 4]},
            "count": {"type": "Input", "role": "lengths", "of": "x", "axis": 1},
            "one": {"type": "Linear", "out_features": 4, "weights": "tied"},
            "two": {"type": "Linear", "out_features": 4, "weights": "tied"},
        },
        ["x -> one", "one -> two"],
    )
    done(made, duplicate(made, "", made.top.ids()))
    assert made.top.node("count1").values["of"] == "x1"
    assert made.top.node("one1").values["weights"] == made.top.node("two1").values["weights"] == "tied1"
    assert not [problem for problem in check(made).problems if problem.severity == "error"]
    assert check(made).parameters == 2 * 20


def test_a_block_that_is_there_is_used_again_and_another_of_its_name_is_kept_apart() -> None:
    made = design(
        {"in": {"type": "Input", "shape": ["N", 4]}, "use": use("Dense", width=4)}, ["in -> use"], Dense=DENSE
    )
    text = copy(made, "", ["use"])
    done(made, paste(made, "", text))
    assert list(made.networks) == ["", "Dense"]
    apply(made, edits.set_fields(made, "Dense", "fc", {"init": "ones"}))
    edit = done(made, paste(made, "", text))
    assert list(made.networks) == ["", "Dense", "Dense2"] and "Dense as Dense2" in edit.note
    assert made.top.node(edit.added[0]).values["block"] == "Dense2"
    assert done(made, paste(made, "", text)).note == ""
    assert list(made.networks) == ["", "Dense", "Dense2"]


def test_blocks_in_blocks_come_along_with_their_sheets() -> None:
    made = networks.small_cnn()
    apply(made, make_block(made, "", ["relu1"], "Inner"))
    apply(made, make_block(made, "", ["conv1", "norm1", "inner1"], "Outer"))
    apply(made, sheets.set_note(made, "Inner", "relu1", "deep"))
    found = Design()
    apply(found, paste(found, "", copy(made, "", ["outer1"])))
    assert set(found.networks) == {"", "Outer", "Inner"}
    assert annotations_of(found.layout, "Inner").notes == {"relu1": "deep"}


def test_no_block_is_pasted_into_itself() -> None:
    made = design(
        {"in": {"type": "Input", "shape": ["N", 4]}, "use": use("Dense", width=4)}, ["in -> use"], Dense=DENSE
    )
    text = copy(made, "", ["use"])
    before = dump(made)
    assert "would contain itself" in refusal(lambda: paste(made, "Dense", text))
    assert dump(made) == before


def test_parameters_come_along_or_are_those_that_are_there() -> None:
    made = networks.small_cnn()
    made.top.parameters["width"] = 8
    apply(made, edits.set_fields(made, "", "conv1", {"out_channels": "=width*2"}))
    text = copy(made, "", ["conv1"])
    found = Design()
    edit = paste(found, "", text)
    apply(found, edit)
    assert found.top.parameters == {"width": 8} and edit.note == "with the parameter width"
    other = Design()
    other.top.parameters["width"] = 5
    assert paste(other, "", text).note == "with width as it is here, 5"
    apply(made, edits.set_fields(made, "", "conv1", {"out_channels": "=H*2"}))
    assert (
        paste(other, "", copy(made, "", ["conv1"])).note
        == "H means nothing here: add a parameter of that name"
    )


def test_in_a_block_an_input_gets_a_name_that_a_port_can_have() -> None:
    made = networks.design({"my data": {"type": "Input"}, "act": {"type": "ReLU"}}, ["my data -> act"])
    made.networks["B"] = Graph()
    done(made, paste(made, "B", copy(made, "", ["my data", "act"])))
    assert wires(made, "B") == {"my_data.y → act.x"}


def test_frames_and_comments_come_along_with_what_lies_in_them() -> None:
    made = small()
    apply(made, sheets.add_frame(made, "", Frame("stem", (-20, 60, 240, 240))))
    apply(made, sheets.add_frame(made, "", Frame("with the image", (-20, -20, 240, 500))))
    apply(made, sheets.add_comment(made, "", Comment("why", (10, 110, 50, 20))))
    apply(made, sheets.set_bends(made, "", Wire("conv1", "y", "norm1", "x"), [(300, 150)]))
    done(made, paste(made, "", copy(made, "", ["conv1", "norm1"]), offset=(1000, 0)))
    found = annotations_of(made.layout)
    assert [frame.rect for frame in found.frames if frame.title == "stem"] == [
        (-20, 60, 240, 240),
        (980, 60, 240, 240),
    ]
    assert sum(frame.title == "with the image" for frame in found.frames) == 1
    assert [comment.rect[0] for comment in found.comments] == [10, 1010]
    assert found.bends[Wire("conv2", "y", "norm2", "x")] == ((1300, 150),)


def test_a_bypassed_layer_stays_so_and_an_unknown_one_stays_as_it_is() -> None:
    made = networks.small_cnn()
    apply(made, bypass(made, "", ["relu1"], True))
    made.top.add(Node("scan", "Mamba2", {"d_state": 64, "zeta": [1, {"a": None}]}, "scan"))
    pasted = Design()
    apply(pasted, paste(pasted, "", copy(made, "", ["relu1", "scan"])))
    assert list(pasted.top) == [made.top.node("relu1"), made.top.node("scan")]


def test_a_whole_design_file_gives_its_top_network() -> None:
    made = templates.load("alexnet")
    pasted = Design()
    done(pasted, paste(pasted, "", dump(made)))
    assert list(pasted.top) == list(made.top) and pasted.top.wires() == made.top.wires()
    assert pasted.training == {} and check(pasted).parameters == check(made).parameters


def test_a_text_editor_may_change_the_layout_of_the_text() -> None:
    made = small()
    text = copy(made, "", ["conv1", "norm1"])
    for other in (
        json.dumps(json.loads(text), indent=8),
        "\ufeff\r\n  " + text.replace("\n", "\r\n") + "\n\n",
    ):
        first, second = Design(), Design()
        apply(first, paste(first, "", text))
        apply(second, paste(second, "", other))
        assert dump(first) == dump(second)


def _piece(**changed: Any) -> str:
    raw = json.loads(copy(small(), "", ["conv1", "norm1"]))
    return json.dumps(raw | changed)


BAD = {
    "nothing": ("", EMPTY),
    "plain text": ("import torch\nmodel = torch.nn.Linear(3, 4)", EMPTY),
    "a number": ("42", EMPTY),
    "a list": ('["format"]', EMPTY),
    "other JSON": ('{"cells": [], "metadata": {}}', EMPTY),
    "another format": (_piece(format="figma"), EMPTY),
    "half of it": (_piece()[:-20], "in line 1"),
    "a key twice": ('{"format": "layerloom/layers", "version": 1, "version": 1}', "stands twice"),
    "NaN": (_piece().replace("96", "NaN"), "NaN is no number"),
    "a huge number": (_piece().replace("96", "1e999"), "too large"),
    "nested too deep": ('{"a":' * 100_000, "nested deeper"),
    "half a surrogate": (_piece(title="\ud800"), "surrogate"),
    "too long": ("{" + " " * (64 << 20) + "}", "bytes"),
    "no layers": (_piece(network={}), "without layers"),
    "too many layers": (
        _piece(network={"layers": {f"n{i}": {"type": "ReLU"} for i in range(10_001)}}),
        "10,001 layers",
    ),
    "a layer of text": (_piece(network={"layers": {"conv1": "Conv2d"}}), "must be an object"),
    "a field of the wrong type": (
        _piece(network={"layers": {"conv1": {"type": "Conv2d", "out_channels": "many"}}}),
        "out_channels",
    ),
    "a wire to nowhere": (
        _piece(network={"layers": {"a": {"type": "ReLU"}}, "wires": [["a.y", "b.x"]]}),
        "not there",
    ),
    "a newer version": (_piece(version=99), "update Layerloom"),
    "inputs of text": (_piece(inputs="all"), "`inputs` must be"),
    "inputs without ports": (_piece(inputs=[["a", "b"]]), "`inputs` must be"),
    "a place of text": (_piece(layout={"network": {"layers": {"conv1": "left"}}}), "two numbers"),
    "a block in itself": (
        _piece(blocks={"B": {"network": {"layers": {"b": {"type": "Block", "block": "B"}}}}}),
        "contains itself",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_text_of_layers_is_refused_in_one_sentence(name: str) -> None:
    text, words = BAD[name]
    made = small()
    before = dump(made)
    said = refusal(lambda: paste(made, "", text))
    assert words in said and len(said) < 600 and said.isprintable()
    assert dump(made) == before


@pytest.mark.parametrize("seed", range(2))
def test_hostile_texts_are_pasted_or_refused_and_leave_nothing_behind(seed: int) -> None:
    made = small()
    before = dump(made)
    for data in hostile.variants(seed, 60):
        text = data.decode("utf-8", "replace").replace('"layerloom"', f'"{LAYERS}"')
        try:
            edit = paste(made, "", text)
        except edits.Refused as error:
            assert str(error).isprintable() and len(str(error)) < 600
            continue
        finally:
            assert dump(made) == before
        apply(made, edit)
        check(made)
        apply(made, edit.inverse())
        assert dump(made) == before


def test_no_more_is_pasted_than_a_design_may_hold() -> None:
    full = Design()
    for i in range(6_000):
        full.top.add(Node(f"n{i}", "ReLU"))
    text = copy(full, "", full.top.ids())
    said = refusal(lambda: paste(full, "", text))
    assert "12,000 layers" in said and "at most 10,000" in said
    assert len(full.top) == 6_000


def test_places_off_every_sheet_are_left_to_the_automatic_layout() -> None:
    found = Design()
    apply(
        found,
        paste(found, "", _piece(layout={"network": {"layers": {"conv1": [1e300, 0], "norm1": [5, 6]}}})),
    )
    assert found.layout == {"network": {"layers": {"norm1": [5, 6]}}}


def test_nothing_and_what_is_gone_can_not_be_copied() -> None:
    assert "select the layers to copy" in refusal(lambda: copy(small(), "", []))  # type: ignore[arg-type,return-value]  # no edit, but refused like one
    assert "no layer 'x'" in refusal(lambda: copy(small(), "", ["x"]))  # type: ignore[arg-type,return-value]  # as above


def test_a_text_that_was_read_back_is_the_same() -> None:
    text = copy(parse(dump(templates.load("googlenet"))), "", templates.load("googlenet").top.ids())
    assert text == copy(templates.load("googlenet"), "", templates.load("googlenet").top.ids())
