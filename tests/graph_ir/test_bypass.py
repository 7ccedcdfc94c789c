"""A bypassed layer: what the check makes of it, what the file says of it, and what is refused (requirement 7)."""

from __future__ import annotations

import json
import random

import pytest

from graph_ir import edits, templates
from graph_ir.block_edits import dissolve, make_block
from graph_ir.bypass_edits import bypass
from graph_ir.check import check
from graph_ir.edits import apply
from graph_ir.file import Unreadable, dump, parse
from graph_ir.graph import Design
from graph_ir.report import Report
from tests import networks
from tests.graph_ir import hostile
from tests.graph_ir.block_samples import design, graph, linear, through, use
from tests.graph_ir.edit_looks import done, refusal


def bypassed(made: Design, *ids: str, network: str = "") -> Design:
    """The design with these layers left out, as a file would say it, refused or not."""
    for id in ids:
        made.networks[network].replace(made.networks[network].node(id).having(bypass=True))
    return made


def errors(report: Report) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.at) for problem in report.problems if problem.severity == "error"]


LSTM = {
    "in": {"type": "Input", "shape": ["N", "T", 4]},
    "lstm": {"type": "LSTM", "hidden_size": 8},
    "out": {"type": "Output"},
}


def test_what_comes_in_goes_through_and_nothing_is_learned_there() -> None:
    made = networks.small_cnn()
    before = check(made)
    done(made, bypass(made, "", ["conv1"], True))
    report = check(made)
    entry = report.layers["conv1"]
    assert report.ok
    assert entry.outputs["y"] == before.layers["image"].outputs["y"]
    assert (entry.parameters, report.costs["conv1"].macs.value) == (0, 0)
    assert report.costs["conv1"].activation_bytes.value == 0
    assert report.parameters < before.parameters
    done(made, bypass(made, "", ["conv1"], False))
    assert check(made).layers["conv1"].outputs == before.layers["conv1"].outputs


def test_its_fields_are_kept_and_stay_checked_as_values_only() -> None:
    made = bypassed(networks.small_cnn(), "conv1")
    apply(made, edits.set_fields(made, "", "conv1", {"groups": 5}))  # 3 channels can't be 5 groups
    assert check(made).ok
    assert made.top.node("conv1").values["groups"] == 5
    apply(made, edits.set_fields(made, "", "conv1", {"groups": -5}))
    assert errors(check(made)) == [("bad-value", "conv1")]


def test_the_first_wired_input_of_an_add_goes_through_and_the_others_do_not_matter() -> None:
    made = networks.design(
        {
            "a": {"type": "Input", "shape": ["N", 4]},
            "b": {"type": "Input", "shape": ["N", 9]},
            "add": {"type": "Add"},
            "out": {"type": "Output"},
        },
        ["a -> add.x1", "b -> add.x2", "add -> out"],
    )
    assert not check(made).ok
    done(made, bypass(made, "", ["add"], True))
    report = check(made)
    assert report.ok
    assert report.layers["add"].outputs["y"].text == "(N, 4)"
    assert "b" not in {wire.source for wire in report.flowing}


def test_an_output_with_other_axes_has_nothing_to_hand_on() -> None:
    made = networks.design(LSTM, ["in -> lstm", "lstm.last -> out"])
    said = refusal(lambda: bypass(made, "", ["lstm"], True))
    assert said == (
        "'lstm' can't be bypassed: 'out' reads its output `last`, which has other axes than what comes in; "
        "wire `y` to it first."
    )
    report = check(bypassed(made, "lstm"))
    assert errors(report) == [("cannot-bypass", "out")]
    assert "read `y`" in report.problems[0].message
    fine = networks.design(LSTM, ["in -> lstm", "lstm.y -> out"])
    done(fine, bypass(fine, "", ["lstm"], True))
    assert check(fine).layers["out"].inputs["x"] == check(fine).layers["in"].outputs["y"]


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("image", "it is an Input"),
        ("scores", "it is an Output"),
        ("pool", "what comes in has the axes N C H W and what it gives N C' L'"),
    ],
)
def test_what_has_no_meaning_is_refused_and_in_a_file_an_error(id: str, words: str) -> None:
    layers = {
        "image": {"type": "Input", "shape": ["N", 3, 8, 8]},
        "pool": {"type": "Unfold", "kernel_size": 2},
        "scores": {"type": "Output"},
    }
    made = networks.design(layers, ["image -> pool", "pool -> scores"])
    assert words in refusal(lambda: bypass(made, "", [id], True))
    report = check(bypassed(made, id))
    assert ("cannot-bypass", id) in errors(report)


def test_a_layer_without_any_wire_says_that_nothing_goes_through() -> None:
    made = networks.design({"act": {"type": "Add"}, "out": {"type": "Output"}}, ["act -> out"])
    assert errors(check(bypassed(made, "act"))) == [("missing-input", "act")]
    assert "`x1`" in check(made).problems[0].message


def test_a_loss_is_no_layer_to_leave_out() -> None:
    made = templates.load("alexnet")
    loss = next(id for id, entry in check(made).layers.items() if entry.trait == "loss")
    assert "it is a loss" in refusal(lambda: bypass(made, "", [loss], True))
    assert errors(check(bypassed(made, loss))) == [("cannot-bypass", loss)]


def test_of_several_those_are_left_out_that_can_be() -> None:
    made = networks.small_cnn()
    edit = done(made, bypass(made, "", ["image", "norm1", "relu1"], True))
    assert [node.id for node in made.top if node.bypass] == ["norm1", "relu1"]
    assert edit.note == "without image, which can't be bypassed" and edit.title == "Bypass 2 layers"
    assert "Nothing is selected" in refusal(lambda: bypass(made, "", [], True))
    assert "no layer 'nobody'" in refusal(lambda: bypass(made, "", ["nobody"], True))


def test_a_use_hands_each_input_to_the_output_at_its_place() -> None:
    two = {
        "a": {"type": "Input"},
        "b": {"type": "Input"},
        "first": linear(2),
        "c": {"type": "Output"},
        "d": {"type": "Output"},
    }
    made = design(
        {
            "left": {"type": "Input", "shape": ["N", 4]},
            "right": {"type": "Input", "shape": ["N", 9]},
            "both": use("Two"),
            "one": {"type": "Output"},
            "other": {"type": "Output"},
        },
        ["left -> both.a", "right -> both.b", "both.c -> one", "both.d -> other"],
    )
    made.networks["Two"] = graph(two, ["a -> first", "first -> c", "b -> d"])
    assert check(made).parameters
    done(made, bypass(made, "", ["both"], True))
    report = check(made)
    assert report.ok and not report.parameters
    texts = {port: given.text for port, given in report.layers["both"].outputs.items()}
    assert texts == {"c": "(N, 4)", "d": "(N, 9)"}
    assert "bypassed" in refusal(lambda: dissolve(made, "", "both"))


def test_it_stays_bypassed_wherever_it_goes() -> None:
    made = bypassed(networks.small_cnn(), "norm1")
    apply(made, edits.rename(made, "", "norm1", "norm"))
    apply(made, edits.set_label(made, "", "norm", "batch norm"))
    apply(made, edits.set_fields(made, "", "norm", {"eps": 0.1}))
    assert made.top.node("norm").bypass
    done(made, make_block(made, "", ["conv1", "norm"], "Stem"))
    assert made.networks["Stem"].node("norm").bypass
    report = check(made)
    assert report.ok
    done(made, dissolve(made, "", "stem1"))
    assert made.top.node("norm").bypass and check(made).parameters == report.parameters


def test_shared_weights_are_those_of_the_others() -> None:
    made = through({"fc": linear(4), "again": linear(4)}, ["x -> fc", "fc -> again", "again -> y"], ["N", 4])
    for id in ("fc", "again"):
        apply(made, edits.set_fields(made, "B", id, {"weights": "w"}))
    both = check(made).parameters
    done(made, bypass(made, "B", ["fc"], True))
    report = check(made)
    assert report.ok and report.parameters == both


def test_the_file_says_true_and_nothing_else() -> None:
    made = bypassed(networks.small_cnn(), "norm1")
    text = dump(made)
    assert '"norm1": {"type": "BatchNorm2d", "bypass": true' in text
    assert dump(parse(text)) == text and parse(text).top.node("norm1").bypass
    raw = json.loads(text)
    raw["network"]["layers"]["norm1"]["bypass"] = False
    assert "bypass" not in dump(parse(json.dumps(raw)))
    with pytest.raises(Unreadable, match="true or false"):
        parse(hostile.with_field("fc", bypass="yes"))


def test_wires_without_a_port_still_find_the_only_one() -> None:
    raw = json.loads(hostile.encoded(hostile.SMALL))
    raw["network"]["layers"]["relu"] = {"type": "ReLU", "bypass": True}
    raw["network"]["wires"].append(["fc", "relu"])
    assert [str(wire) for wire in parse(json.dumps(raw)).top.wires_into("relu")] == ["fc.y → relu.x"]


@pytest.mark.parametrize("name", ["alexnet", "char-gpt", "bilstm-tagger", "googlenet"])
def test_a_check_that_goes_on_finds_what_one_from_nothing_finds(name: str) -> None:
    made = templates.load(name)
    rng = random.Random(name)
    places = [(network, node.id) for network, inner in made.networks.items() for node in inner]
    for _ in range(40):
        network, id = rng.choice(places)
        node = made.networks[network].node(id)
        made.networks[network].replace(node.having(bypass=not node.bypass))
        kept, fresh = check(made), check(parse(dump(made)))
        assert kept.problems == fresh.problems
        assert {id: entry.outputs for id, entry in kept.layers.items()} == {
            id: entry.outputs for id, entry in fresh.layers.items()
        }
        assert kept.parameters == fresh.parameters
