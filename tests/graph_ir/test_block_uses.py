"""Uses of blocks as promised in the file format: repeat, when, weights, each."""

from __future__ import annotations

from typing import Any

import pytest

from graph_ir.check import check
from tests.graph_ir.block_samples import (
    Block,
    codes,
    design,
    inside,
    linear,
    residual_net,
    sentences,
    shape,
    siamese,
    through,
    use,
)

# repeat


def test_repetitions_stand_in_a_row_each_with_its_own_weights() -> None:
    made = through({"fc": linear(8)}, ["x -> fc", "fc -> y"], ["N", 8], repeat=3)
    report = check(made)
    assert report.parameters == 3 * 72 and len(report.layers["use"].weights) == 6
    assert report.macs_by_layer["use"] == 3 * 64


def test_the_first_or_last_repetition_may_differ_through_an_expression() -> None:
    made = through(
        {"fc": linear("=width")},
        ["x -> fc", "fc -> y"],
        ["N", 8],
        {"width": None},
        repeat=3,
        width="=5 if i == 2 else 6",
    )
    entry = check(made).layers["use"]
    assert [dict(nested.parameters) for nested in entry.nested] == [{"width": 6}, {"width": 6}, {"width": 5}]
    assert shape(check(made)) == "(N, 5)" and entry.parameters == 9 * 6 + 7 * 6 + 7 * 5


def test_the_kth_output_feeds_the_kth_input_and_further_inputs_go_to_every_repetition() -> None:
    swap: Block = (
        {},
        {
            "a": {"type": "Input", "shape": ["N", "T", "F"]},
            "b": {"type": "Input", "shape": ["N", "T", "G"]},
            "mask": {"type": "Input", "shape": ["N", "T"]},
            "wide": linear("=F + 1"),
            "masked": {"type": "Unsqueeze", "dim": 2},
            "c": {"type": "Output"},
            "d": {"type": "Output"},
        },
        ["a -> wide", "mask -> masked", "wide -> d", "b -> c"],
    )
    made = design(
        {
            "p": {"type": "Input", "shape": ["N", "T", 2]},
            "q": {"type": "Input", "shape": ["N", "T", 5]},
            "m": {"type": "Input", "shape": ["N", "T"]},
            "use": use("Swap", repeat=3),
            "o": {"type": "Output"},
            "o2": {"type": "Output"},
        },
        ["p -> use.a", "q -> use.b", "m -> use.mask", "use.c -> o", "use.d -> o2"],
        Swap=swap,
    )
    report = check(made)
    assert (shape(report, port="c"), shape(report, port="d")) == ("(N, T, 6)", "(N, T, 4)")
    masks = {inside(report.layers["use"], i).layers["mask"].outputs["y"] for i in range(3)}
    assert len(masks) == 1


def test_a_repetition_that_does_not_fit_the_one_before_is_an_error_there() -> None:
    made = through(
        {"x": {"type": "Input", "shape": ["N", 8]}, "fc": linear(7)},
        ["x -> fc", "fc -> y"],
        ["N", 8],
        repeat=3,
    )
    report = check(made)
    assert codes(report) == ["size-mismatch"]
    assert len(report.layers["use"].nested) == 1, "what comes behind the cause is not asked"


def test_a_use_with_more_outputs_than_inputs_cannot_be_repeated_or_left_out() -> None:
    made = through({"fc": linear()}, ["x -> fc", "fc -> y", "x -> z"], ["N", 8], repeat=2)
    made.networks["B"].add(type(made.top.node("in"))("z", "Output"))
    assert codes(check(made)) == ["bad-value"]


# when


def test_a_use_whose_when_is_false_lets_its_inputs_pass_through() -> None:
    report = check(residual_net())
    assert report.ok, report.problems
    stage1, stage2 = report.layers["stage1"], report.layers["stage2"]
    used = [bool(inside(stage, 0).layers["project"].nested[0].report) for stage in (stage1, stage2)]
    assert used == [False, True]
    later = inside(stage2, 1).layers["project"]
    assert later.nested[0].report is None and later.parameters == 0
    assert later.outputs["y"] == later.inputs["x"]


def test_some_repetitions_may_be_left_out() -> None:
    made = through(
        {"fc": linear("=w")},
        ["x -> fc", "fc -> y"],
        ["N", 8],
        {"w": 0},
        repeat=4,
        when="=i % 2 == 1",
        w="=i + 1",
    )
    entry = check(made).layers["use"]
    assert [nested.report is not None for nested in entry.nested] == [False, True, False, True]
    assert entry.parameters == 9 * 2 + 3 * 4


def test_when_must_be_true_or_false_and_known() -> None:
    for text in ("=3", "=N > 1", "='yes'"):
        made = through({"fc": linear()}, ["x -> fc", "fc -> y"], ["N", 8], when=text)
        assert len(codes(check(made))) == 1


# weights


def test_uses_and_layers_of_one_name_share_one_set_that_counts_once() -> None:
    report = check(siamese())
    assert report.ok, report.problems
    assert [report.layers[id].shares for id in ("a", "b", "fa", "fb")] == ["", "a", "", "fa"]
    assert report.parameters == 7 * 5 + 6 * 4
    assert report.macs == 2 * (30 + 20), "what is shared is still computed twice"


@pytest.mark.parametrize(
    "more", [{"bias": False}, {"out_features": 5}, {"trainable": False}, {"init": "zeros"}]
)
def test_layers_that_share_weights_must_agree(more: dict[str, Any]) -> None:
    made = siamese()
    values = {"out_features": 4, "weights": "last", **more}
    made.top.replace(type(made.top.node("fb"))("fb", "Linear", values))
    report = check(made)
    assert [problem.layer for problem in report.problems if problem.code == "weights-differ"] == ["fb"]


@pytest.mark.parametrize("more", [{"parameters": {"width": 6}}, {"repeat": 2}, {"block": "Other"}])
def test_uses_that_share_weights_must_agree(more: dict[str, Any]) -> None:
    made = siamese()
    made.networks["Other"] = made.networks["Dense"].copy()
    values = {"block": "Dense", "parameters": {"width": 5}, "weights": "twin", **more}
    made.top.replace(type(made.top.node("b"))("b", "Block", values))
    assert "weights-differ" in codes(check(made))


def test_names_of_weights_belong_to_one_network() -> None:
    inner = {"a": linear(8, weights="w"), "b": linear(8, weights="w")}
    made = through(inner, ["x -> a", "a -> b", "b -> y"], ["N", 8], repeat=2)
    made.top.replace(type(made.top.node("use"))("use", "Block", {"block": "B", "repeat": 2, "weights": "w"}))
    report = check(made)
    assert report.ok and report.parameters == 2 * 72, "once in each repetition"


# each


def test_each_applies_the_block_to_every_step_along_an_axis() -> None:
    made = through({"fc": linear(4)}, ["x -> fc", "fc -> y"], ["N", "T", "S", 8], each=2)
    report = check(made)
    assert shape(report) == "(N, T, S, 4)"
    assert inside(report.layers["use"]).layers["fc"].inputs["x"].text == "(N*S, T, 8)"  # type: ignore[union-attr]  # known
    assert report.parameters == 36 and str(report.macs) == "32*S*T"


def test_an_input_that_is_not_folded_passes_unchanged() -> None:
    made = design(
        {
            "steps": {"type": "Input", "shape": ["N", "T", 4]},
            "table": {"type": "Parameter", "shape": [4, 6]},
            "use": use("B", each=1),
            "out": {"type": "Output"},
        },
        ["steps -> use.x", "table -> use.table", "use -> out"],
        B=(
            {},
            {
                "x": {"type": "Input"},
                "table": {"type": "Input", "fold": False},
                "product": {"type": "MatMul"},
                "y": {"type": "Output"},
            },
            ["x -> product.x1", "table -> product.x2", "product -> y"],
        ),
    )
    report = check(made)
    assert report.ok, report.problems
    assert shape(report) == "(N, T, 6)"
    assert inside(report.layers["use"]).layers["table"].outputs["y"].text == "(4, 6)"


def test_folded_inputs_have_the_same_steps() -> None:
    made = design(
        {
            "a": {"type": "Input", "shape": ["N", 3, 4]},
            "b": {"type": "Input", "shape": ["N", 5, 4]},
            "use": use("B", each=1),
            "out": {"type": "Output"},
        },
        ["a -> use.p", "b -> use.q", "use -> out"],
        B=(
            {},
            {"p": {"type": "Input"}, "q": {"type": "Input"}, "add": {"type": "Add"}, "y": {"type": "Output"}},
            ["p -> add.x1", "q -> add.x2", "add -> y"],
        ),
    )
    report = check(made)
    assert codes(report) == ["size-mismatch"] and report.problems[0].port == "q"


def test_the_batch_stays_as_it_is_inside_a_fold() -> None:
    made = through({"mean": {"type": "Mean", "dim": 0}}, ["x -> mean", "mean -> y"], [3, 4, 8], each=1)
    assert "size-mismatch" in codes(check(made))


def test_lengths_of_steps_and_of_words_go_in_and_out_of_a_fold() -> None:
    report = check(sentences())
    assert report.ok, report.problems
    entry = report.layers["sentences"]
    words = inside(entry).layers["x"].outputs["y"]
    assert words.length(1) is not None, "words of a sentence have their lengths inside"
    vectors = entry.outputs["vector"]
    length = vectors.length(1)
    assert length is not None and length.of == "sentence_count" and vectors.length(2) is None
    assert entry.nested[0].lengths["x.1"].of == "word_count" and entry.nested[0].lengths["x.1"].over == 2


@pytest.mark.parametrize("wanted", [None, ["N"], ["N", "S"], ["N", 4], ["N", "S", "W"]])
def test_a_lengths_input_says_for_what_its_lengths_are(wanted: list[Any] | None) -> None:
    made = sentences()
    values = {"role": "lengths", "of": "words", "axis": 2, **({"shape": wanted} if wanted else {})}
    made.top.replace(type(made.top.node("words"))("word_count", "Input", values))
    report = check(made)
    if wanted == ["N", "S", "W"]:
        assert codes(report)[0] == "bad-value"
    elif wanted == ["N", 4]:
        assert report.requires == ("S == 4",)
    else:
        assert report.ok
        assert (
            shape(report, "word_count")
            == f"({', '.join(wanted or ['N'])}{',' if len(wanted or 'N') == 1 else ''})"
        )


def test_a_fold_in_a_fold() -> None:
    inner: Block = (
        {},
        {"x": {"type": "Input"}, "fc": linear(3), "y": {"type": "Output"}},
        ["x -> fc", "fc -> y"],
    )
    outer: Block = (
        {},
        {"x": {"type": "Input"}, "in": use("Inner", each=1), "y": {"type": "Output"}},
        ["x -> in", "in -> y"],
    )
    made = design(
        {
            "x": {"type": "Input", "shape": ["N", "A", "B", 7]},
            "use": use("Outer", each=1),
            "o": {"type": "Output"},
        },
        ["x -> use", "use -> o"],
        Outer=outer,
        Inner=inner,
    )
    report = check(made)
    assert report.ok, report.problems
    assert shape(report) == "(N, A, B, 3)" and str(report.macs) == "21*A*B" and report.parameters == 24
