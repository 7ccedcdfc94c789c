"""What lies on a sheet: edits of it, what follows when layers and wires change, and how it stands in the file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_ir import annotation_edits as sheets
from graph_ir import edits
from graph_ir.annotations import Annotations, Comment, Frame, annotations_of, faults
from graph_ir.block_edits import dissolve, make_block, make_unique, rename_block
from graph_ir.changes import stored
from graph_ir.edits import apply
from graph_ir.file import Unreadable, dump, parse
from graph_ir.graph import Design, Wire
from tests import networks
from tests.graph_ir import hostile
from tests.graph_ir.block_samples import linear, through
from tests.graph_ir.edit_looks import done, refusal

FIRST = Wire("image", "y", "conv1", "x")
SECOND = Wire("conv1", "y", "norm1", "x")


@pytest.fixture
def made() -> Design:
    return networks.small_cnn()


def on_sheet(design: Design, network: str = "") -> Annotations:
    return annotations_of(design.layout, network)


def a_dense_block(**given: Any) -> Design:
    return through({"fc": linear(4)}, ["x -> fc", "fc -> y"], ["N", 4], **given)


def marked(design: Design) -> Design:
    """The design with one of everything, about its first convolution."""
    apply(design, edits.move(design, "", {"image": (0, 0), "conv1": (0, 96), "norm1": (0, 192)}))
    apply(design, sheets.add_frame(design, "", Frame("stem", (-20, 80, 240, 90), "convolution")))
    apply(design, sheets.add_comment(design, "", Comment("why so few?", (10, 85, 60, 20))))
    apply(design, sheets.set_bends(design, "", FIRST, [(300, 60), (300.126, 90)]))
    apply(design, sheets.set_bends(design, "", SECOND, [(-50, 160)]))
    apply(design, sheets.set_note(design, "", "conv1", "ask Ada"))
    apply(design, sheets.set_hidden(design, "", ["conv1"], True))
    return design


def test_each_edit_is_one_step_that_undoes_to_the_byte(made: Design) -> None:
    edits_of_all = (
        lambda: sheets.add_frame(made, "", Frame("stem", (0, 0, 240.555, 480), "convolution")),
        lambda: sheets.add_frame(made, "", Frame("", (5, 5, 1, 1))),
        lambda: sheets.change_frame(made, "", 0, Frame("Stem", (0, 0, 10, 10))),
        lambda: sheets.add_comment(made, "", Comment("why?\nbecause", (-5.5, 1, 2, 3))),
        lambda: sheets.change_comment(made, "", 0, Comment("", (0, 0, 2, 3))),
        lambda: sheets.set_bends(made, "", FIRST, [(1, 2), (3.14159, 4)]),
        lambda: sheets.set_note(made, "", "conv1", "ask Ada"),
        lambda: sheets.set_hidden(made, "", ["relu1", "conv1"], True),
    )
    for edit in edits_of_all:
        done(made, edit())
    found = on_sheet(made)
    assert found.frames == (Frame("Stem", (0, 0, 10, 10)), Frame("", (5, 5, 1, 1)))
    assert found.comments == (Comment("", (0, 0, 2, 3)),)
    assert found.bends == {FIRST: ((1, 2), (3.14, 4))}
    assert found.notes == {"conv1": "ask Ada"} and found.hidden == {"conv1", "relu1"}
    for edit in (
        lambda: sheets.remove_frame(made, "", 0),
        lambda: sheets.remove_frame(made, "", 0),
        lambda: sheets.remove_comment(made, "", 0),
        lambda: sheets.straighten(made, "", [FIRST, SECOND]),
        lambda: sheets.set_note(made, "", "conv1", ""),
        lambda: sheets.set_hidden(made, "", ["relu1", "conv1"], False),
    ):
        done(made, edit())
    assert on_sheet(made) == Annotations()
    assert stored(made, ("layout", "network")) == {}


def test_an_edit_that_changes_nothing_has_no_changes(made: Design) -> None:
    assert not sheets.set_hidden(made, "", ["conv1"], False).changes
    assert not sheets.set_note(made, "", "conv1", "").changes
    assert not sheets.set_bends(made, "", FIRST, []).changes
    assert not sheets.straighten(made, "", [FIRST]).changes


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda d: sheets.add_frame(d, "", Frame("f", (0, 0, 0, 5))), "width and a height"),
        (lambda d: sheets.add_frame(d, "", Frame("f", (0, 0, 0.001, 5))), "width and a height"),
        (lambda d: sheets.add_frame(d, "", Frame("f", (2e7, 0, 5, 5))), "off the sheet"),
        (lambda d: sheets.add_frame(d, "", Frame("f", (float("nan"), 0, 5, 5))), "off the sheet"),
        (lambda d: sheets.add_frame(d, "", Frame("f" * 10_001, (0, 0, 5, 5))), "10,001 characters"),
        (lambda d: sheets.add_frame(d, "", Frame("f", (0, 0, 5, 5), "pink")), "no colour"),
        (lambda d: sheets.change_frame(d, "", 0, Frame("f", (0, 0, 5, 5))), "no longer there"),
        (lambda d: sheets.remove_frame(d, "", -1), "no longer there"),
        (lambda d: sheets.remove_comment(d, "", 3), "no longer there"),
        (lambda d: sheets.add_comment(d, "", Comment("x", (0, 0, 5, -5))), "width and a height"),
        (lambda d: sheets.set_bends(d, "", Wire("a", "y", "b", "x"), [(0, 0)]), "no longer there"),
        (lambda d: sheets.set_bends(d, "", FIRST, [(0, 0)] * 1001), "at most 1,000 times"),
        (lambda d: sheets.set_bends(d, "", FIRST, [(float("inf"), 0)]), "off the sheet"),
        (lambda d: sheets.set_note(d, "", "nobody", "x"), "no layer 'nobody'"),
        (lambda d: sheets.set_note(d, "", "conv1", "x" * 10_001), "10,001 characters"),
        (lambda d: sheets.set_hidden(d, "", ["conv1", "nobody"], True), "no layer 'nobody'"),
    ],
)
def test_what_no_sheet_may_hold_is_refused_in_words(made: Design, edit: Any, words: str) -> None:
    before = dump(made)
    assert words in refusal(lambda: edit(made))
    assert dump(made) == before


def test_the_lists_of_a_sheet_have_an_end(made: Design) -> None:
    made.layout["network"] = {"frames": [{"title": "", "rect": [0, 0, 1, 1]}] * 10_000}
    assert "10,000 frames" in refusal(lambda: sheets.add_frame(made, "", Frame("one more", (0, 0, 1, 1))))


def test_a_layer_takes_what_is_said_of_it_to_its_other_name(made: Design) -> None:
    done(marked(made), edits.rename(made, "", "conv1", "first"))
    found = on_sheet(made)
    assert found.notes == {"first": "ask Ada"} and found.hidden == {"first"}
    assert set(found.bends) == {Wire("image", "y", "first", "x"), Wire("first", "y", "norm1", "x")}
    assert found.bends[Wire("first", "y", "norm1", "x")] == ((-50, 160),)


def test_what_is_said_of_a_layer_goes_with_it(made: Design) -> None:
    done(marked(made), edits.remove_layers(made, "", ["conv1"]))
    found = on_sheet(made)
    assert not found.notes and not found.hidden and not found.bends
    assert len(found.frames) == 1 and len(found.comments) == 1


def test_a_wire_takes_its_bends_away_and_only_its_own(made: Design) -> None:
    done(marked(made), edits.disconnect(made, "", FIRST))
    assert set(on_sheet(made).bends) == {SECOND}
    done(made, edits.insert_on_wire(made, "", SECOND, "ReLU"))
    assert not on_sheet(made).bends


def test_bends_follow_where_the_inputs_of_an_add_close_up() -> None:
    layers = {"in": {"type": "Input", "shape": ["N", 4]}, "act": {"type": "ReLU"}, "add": {"type": "Add"}}
    made = networks.design(layers, ["in -> act", "in -> add.x1", "act -> add.x2"])
    first, second = made.top.wires_into("add")
    apply(made, sheets.set_bends(made, "", second, [(7, 8)]))
    done(made, edits.disconnect(made, "", first))
    assert on_sheet(made).bends == {second._replace(target_port="x1"): ((7, 8),)}


def test_bends_follow_a_port_of_a_block_that_gets_another_name() -> None:
    made = a_dense_block()
    wire = made.top.wires_into("use")[0]
    apply(made, sheets.set_bends(made, "", wire, [(7, 8)]))
    done(made, edits.rename(made, "B", wire.target_port, "images"))
    assert on_sheet(made).bends == {wire._replace(target_port="images"): ((7, 8),)}


def test_a_block_takes_in_what_lies_among_its_layers_and_gives_it_back(made: Design) -> None:
    before = dump(marked(made))
    done(made, make_block(made, "", ["conv1"], "Stem"))
    outside, inside = on_sheet(made), on_sheet(made, "Stem")
    assert outside == Annotations()
    assert inside.frames == (Frame("stem", (-20, 80, 240, 90), "convolution"),)
    assert inside.comments and inside.notes == {"conv1": "ask Ada"} and inside.hidden == {"conv1"}
    assert stored(made, ("layout", "blocks", "Stem", "layers", "conv1")) == [0, 96]
    done(made, dissolve(made, "", "stem1"))
    assert annotations_of(parse(before).layout).frames == on_sheet(made).frames
    assert on_sheet(made).notes == {"conv1": "ask Ada"} and on_sheet(made).hidden == {"conv1"}


def test_wires_inside_a_new_block_keep_their_bends(made: Design) -> None:
    done(marked(made), make_block(made, "", ["conv1", "norm1"], "Stem"))
    assert on_sheet(made, "Stem").bends == {SECOND: ((-50, 160),)}
    assert not on_sheet(made).bends


def test_a_frame_around_other_layers_too_stays_outside(made: Design) -> None:
    apply(made, edits.move(made, "", {"conv1": (0, 96), "norm1": (0, 192)}))
    apply(made, sheets.add_frame(made, "", Frame("both", (-10, 90, 300, 300))))
    done(made, make_block(made, "", ["conv1"], "Stem"))
    assert len(on_sheet(made).frames) == 1 and not on_sheet(made, "Stem").frames


def test_each_repetition_brings_the_notes_of_its_layers() -> None:
    made = a_dense_block(repeat=2)
    apply(made, sheets.set_note(made, "B", "fc", "He"))
    apply(made, sheets.set_hidden(made, "B", ["fc"], True))
    done(made, dissolve(made, "", "use"))
    found = on_sheet(made)
    assert sorted(found.notes) == sorted(found.hidden) and len(found.notes) == 2
    assert all("fc" in id for id in found.notes)


def test_the_sheet_of_a_block_goes_with_its_name_and_its_copy() -> None:
    made = a_dense_block()
    apply(made, sheets.set_note(made, "B", "fc", "He"))
    done(made, rename_block(made, "B", "Basic"))
    done(made, make_unique(made, "", "use", "Mine"))
    done(made, sheets.set_note(made, "Mine", "fc", "ours"))
    assert on_sheet(made, "Basic").notes == {"fc": "He"} and on_sheet(made, "Mine").notes == {"fc": "ours"}


def test_the_file_has_one_of_them_a_line_in_an_order_of_its_own(made: Design) -> None:
    marked(made)
    apply(made, sheets.set_note(made, "", "image", "first"))
    apply(made, sheets.set_hidden(made, "", ["image"], True))
    text = dump(made)
    for line in (
        '{"colour": "convolution", "rect": [-20, 80, 240, 90], "title": "stem"}',
        '{"rect": [10, 85, 60, 20], "text": "why so few?"}',
        '{"points": [[300, 60], [300.13, 90]], "wire": ["image.y", "conv1.x"]},',
        '"image": "first",',
        '"hidden": ["image", "conv1"],',
    ):
        assert line in [each.strip() for each in text.splitlines()], line
    mixed = json.loads(text)
    mixed["layout"]["network"]["wires"].reverse()
    mixed["layout"]["network"]["hidden"].reverse()
    mixed["layout"]["network"]["notes"] = dict(reversed(mixed["layout"]["network"]["notes"].items()))
    assert dump(parse(json.dumps(mixed))) == text


def test_keys_of_a_later_version_are_kept(made: Design) -> None:
    marked(made)
    made.layout["network"]["frames"][0]["opacity"] = 0.5
    made.layout["network"]["wires"][0]["colour"] = "red"
    apply(made, sheets.change_frame(made, "", 0, Frame("Stem", (0, 0, 5, 5))))
    apply(made, sheets.set_bends(made, "", FIRST, [(0, 0)]))
    text = dump(parse(dump(made)))
    assert '"opacity": 0.5' in text and '"colour": "red"' in text


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "title": JSON,
        "text": JSON,
        "rect": JSON | st.lists(st.integers(-5, 5), min_size=4, max_size=4),
        "colour": JSON,
        "wire": JSON | st.just(["a.y", "b.x"]),
        "points": JSON | st.lists(st.lists(st.integers(-5, 5), min_size=2, max_size=2), max_size=3),
    },
)
SHEETS = st.dictionaries(
    st.sampled_from(["frames", "comments", "wires", "notes", "hidden"]),
    JSON | st.lists(PARTS, max_size=3) | st.dictionaries(st.text(max_size=3), JSON, max_size=3),
)


@settings(deadline=None)
@given(SHEETS)
def test_whatever_stands_there_is_shown_as_far_as_it_can_be_and_read_only_if_all_can(
    raw: dict[str, Any],
) -> None:
    found = annotations_of({"network": raw})
    bad = list(faults(raw))
    try:
        design = parse(hostile.with_sheet(**raw))
    except Unreadable:
        assert bad
        return
    assert not bad
    assert len(found.frames) == len(raw.get("frames", [])) and len(found.comments) == len(
        raw.get("comments", [])
    )
    assert annotations_of(parse(dump(design)).layout) == annotations_of(design.layout)
    assert set(found.notes) == set(raw.get("notes", {}))
