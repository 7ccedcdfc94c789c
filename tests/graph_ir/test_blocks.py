"""Blocks, sentence by sentence as promised in the file format: ports, expressions, repeat, when, weights, each."""

from __future__ import annotations

from typing import Any

import pytest

from graph_ir.check import check
from graph_ir.file import dump, parse
from graph_ir.graph import Design
from graph_ir.report import LayerReport, Report
from graph_ir.resolve import layer_type
from graph_ir.summary import summary
from tests.graph_ir.block_samples import Layers, design, residual_net, sentences, siamese, use

Block = tuple[dict[str, Any], Layers, list[str]]


def through(
    inner: Layers, wires: list[str], shape: list[Any], parameters: dict[str, Any] | None = None, **given: Any
) -> Design:
    """An Input of a shape, one use of a block of one input x and one output y, an Output."""
    return design(
        {"in": {"type": "Input", "shape": shape}, "use": use("B", **given), "out": {"type": "Output"}},
        ["in -> use", "use -> out"],
        B=(parameters or {}, {"x": {"type": "Input"}, **inner, "y": {"type": "Output"}}, wires),
    )


def linear(width: Any = 4, **more: Any) -> dict[str, Any]:
    return {"type": "Linear", "out_features": width, **more}


def codes(report: Report) -> list[str]:
    return [problem.code for problem in report.problems if problem.severity == "error"]


def shape(report: Report, id: str = "use", port: str = "y") -> str:
    return str(tuple(map(str, report.layers[id].outputs[port].shape))).replace("'", "")


def inside(entry: LayerReport, index: int = 0) -> Report:
    report = entry.nested[index].report
    assert report is not None
    return report


# Ports


def test_inputs_and_outputs_in_the_order_of_the_file_are_the_ports() -> None:
    made = design(
        {"use": use("B")},
        [],
        B=(
            {},
            {
                "late": {"type": "Output"},
                "b": {"type": "Input"},
                "a": {"type": "Input"},
                "add": {"type": "Add"},
                "early": {"type": "Output"},
            },
            ["b -> add.x1", "a -> add.x2", "add -> late", "a -> early"],
        ),
    )
    cls = layer_type(made.top.node("use"), made.top)
    assert cls is not None
    assert [port.name for port in cls.spec.inputs] == ["b", "a"]
    assert [port.name for port in cls.spec.outputs] == ["late", "early"]
    problems = {(problem.code, problem.port) for problem in check(made).problems}
    assert problems == {("missing-input", "b"), ("missing-input", "a")}


def test_the_id_of_a_port_is_an_identifier() -> None:
    made = design(
        {"in": {"type": "Input", "shape": ["N", 4]}, "use": use("B"), "out": {"type": "Output"}},
        ["in -> use.the input", "use -> out"],
        B=({}, {"the input": {"type": "Input"}, "y": {"type": "Output"}}, ["the input -> y"]),
    )
    assert codes(check(made)) == ["bad-port-name"]


@pytest.mark.parametrize(
    ("pattern", "given", "code"),
    [
        (["N", "C", "H", "W"], ["N", 3, 8, "W"], None),
        (["N", "C", "S", "S"], ["N", 3, 8, 8], None),
        (["N", "C", "S", "S"], ["N", 3, 8, 9], "size-mismatch"),
        (["N", 3, "H", "W"], ["N", 3, 8, 8], None),
        (["N", 3, "H", "W"], ["N", 4, 8, 8], "size-mismatch"),
        (["N", "C", "L"], ["N", 3, 8, 8], "rank"),
        (["N", "channels", "H", "=2*H"], ["N", 3, 8, 16], None),
        (["N", "=channels", "H", "=2*H"], ["N", 3, 8, 8], "size-mismatch"),
        (["N", "C", "H", "2*H"], ["N", 3, 8, 16], "bad-value"),
        (["N", "channels", "H", "W"], ["N", 5, 8, 8], "size-mismatch"),
        (["N", "C", "=open('x')", "W"], ["N", 3, 8, 8], "bad-expression"),
        (["N", "C", "='text'", "W"], ["N", 3, 8, 8], "bad-value"),
        (None, ["N", 3, 8, 8], None),
        (None, ["N", 3], None),
    ],
)
def test_a_shape_is_a_pattern_bound_from_the_wire_by_position(
    pattern: list[Any] | None, given: list[Any], code: str | None
) -> None:
    port = {"type": "Input", **({"shape": pattern} if pattern else {})}
    made = through({"x": port, "act": {"type": "ReLU"}}, ["x -> act", "act -> y"], given, {"channels": 3})
    assert codes(check(made)) == ([code] if code else [])


def test_equal_letters_of_two_ports_must_agree_and_symbols_become_a_requirement() -> None:
    def made(second: list[Any]) -> Design:
        return design(
            {
                "a": {"type": "Input", "shape": ["N", "T", 4]},
                "b": {"type": "Input", "shape": second},
                "use": use("B"),
                "out": {"type": "Output"},
            },
            ["a -> use.q", "b -> use.k", "use -> out"],
            B=(
                {},
                {
                    "q": {"type": "Input", "shape": ["N", "L", "F"]},
                    "k": {"type": "Input", "shape": ["N", "L", "F"]},
                    "join": {"type": "Concat", "dim": 2},
                    "y": {"type": "Output"},
                },
                ["q -> join.x1", "k -> join.x2", "join -> y"],
            ),
        )

    assert check(made(["N", "S", 4])).requires == ("S == T",)
    report = check(made(["N", "T", 5]))
    assert codes(report) == ["size-mismatch"]
    assert report.problems[0].port == "k" and "(N, T, 4)" in report.problems[0].message


def test_expressions_use_the_letters_of_patterns() -> None:
    inner = {
        "x": {"type": "Input", "shape": ["N", "C", "L"]},
        "conv": {"type": "Conv1d", "out_channels": "=C*2", "kernel_size": "=min(C, 3)"},
        "shaped": {"type": "Reshape", "shape": ["=C", 2, "=L - min(C, 3) + 1"]},
    }
    made = through(inner, ["x -> conv", "conv -> shaped", "shaped -> y"], ["N", 5, "T"])
    assert shape(check(made)) == "(N, 5, 2, T - 2)"


def test_a_port_that_names_a_dtype_takes_only_that() -> None:
    port = {"type": "Input", "dtype": "int64"}
    made = through({"x": port}, ["x -> y"], ["N", 4])
    assert codes(check(made)) == ["dtype"]


def test_no_use_can_name_the_top_network() -> None:
    made = residual_net()
    for network, id in (("", "stage1"), ("Residual", "project")):
        graph = made.networks[network]
        graph.replace(type(made.top.node("stem"))(id, "Block", {**graph.node(id).values, "block": ""}))
    read = parse(dump(made))
    assert codes(check(read))[0] == "unknown-block"


# Expressions and parameters


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("=2*n + 1", 9),
        ("=n - 1", 3),
        ("=n // 3", 1),
        ("=n % 3", 1),
        ("=-n + 9", 5),
        ("=max(n, 7, 2)", 7),
        ("=min(n, 7)", 4),
        ("=(n + 1)*2", 10),
        ("=3 if n > 3 and not deep else 5", 3),
        ("=1 if n <= 3 or deep else 2", 2),
        ("=3 if mode == 'wide' else 6", 3),
        ("=3 if n != 4 else 8", 8),
        ("=3 if 2 < n < 5 else 8", 3),
        ("=1 if ratio * 2 == 1.0 else 2", 1),
        ("=True", None),
        ("=n / 2", None),
        ("=other", None),
        ("=n.real", None),
        ("=abs(n)", None),
        ("=n if deep", None),
        ("=n**2", None),
        ("=[n][0]", None),
        ("=mode", None),
    ],
)
def test_an_expression_gives_a_value_or_a_reason(text: str, wanted: int | None) -> None:
    parameters = {"n": 4, "deep": False, "mode": "wide", "ratio": 0.5}
    made = through({"fc": linear(text)}, ["x -> fc", "fc -> y"], ["N", 8], parameters)
    report = check(made)
    if wanted is None:
        assert len(codes(report)) == 1 and report.problems[0].path == ("use", 0, "fc")
    else:
        assert shape(report) == f"(N, {wanted})"
    top = design({"x": {"type": "Input", "shape": ["N", 8]}, "fc": linear(text)}, ["x -> fc"])
    top.top.parameters.update(parameters)
    assert (codes(check(top)) == []) == (wanted is not None)


def test_expressions_stand_inside_lists_too() -> None:
    inner = {"conv": {"type": "Conv2d", "out_channels": 2, "kernel_size": [1, "=k*2 + 1"]}}
    made = through(inner, ["x -> conv", "conv -> y"], ["N", 3, 8, 8], {"k": 1})
    assert shape(check(made)) == "(N, 2, 8, 6)"


@pytest.mark.parametrize(
    ("default", "given", "code"),
    [
        (None, {"p": 3}, None),
        (None, {}, "missing-parameter"),
        (2, {}, None),
        (2, {"p": 3}, None),
        (2, {"p": 3.0}, "bad-value"),
        (2, {"p": True}, "bad-value"),
        (2, {"p": "3"}, "bad-value"),
        (2, {"p": "=1 + 2"}, None),
        (2, {"p": "=1 / 2"}, "bad-value"),
        (2, {"p": "=T"}, None),
        (0.5, {"p": 1}, None),
        (True, {"p": 1}, "bad-value"),
        ("text", {"p": 1}, "bad-value"),
        ("text", {"p": "='other'"}, None),
        (2, {"q": 3}, "unknown-parameter"),
    ],
)
def test_a_parameter_has_the_type_of_its_default_and_null_must_be_given(
    default: Any, given: dict[str, Any], code: str | None
) -> None:
    made = through({"act": {"type": "ReLU"}}, ["x -> act", "act -> y"], ["N", "T"], {"p": default}, **given)
    assert codes(check(made)) == ([code] if code else [])


def test_only_the_own_repetition_is_called_i() -> None:
    made = through({"fc": linear("=i + 1")}, ["x -> fc", "fc -> y"], ["N", 8], repeat=2)
    assert codes(check(made)) == ["bad-expression"]


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


# Inside one another; what is said of them


def test_a_problem_inside_has_its_path_and_is_told_once() -> None:
    made = residual_net()
    values = {**made.networks["Projection"].node("conv").values, "kernel_size": 0}
    made.networks["Projection"].replace(type(made.top.node("stem"))("conv", "Conv2d", values))
    report = check(made)
    assert [problem.path for problem in report.problems] == [("stage2", 0, "project", 0, "conv")]
    problem = report.problems[0]
    assert (problem.layer, problem.network, problem.at) == ("conv", "Projection", "stage2")
    assert problem.as_json()["path"] == ["stage2", 0, "project", 0, "conv"]
    assert problem.message.startswith("in stage2[0]: in project: conv (Conv2d): ")


def test_the_summary_has_one_row_a_use_and_its_layers_nested() -> None:
    made = residual_net()
    found = summary(made, check(made)).as_json()
    rows = {row["id"]: row for row in found["layers"]}
    nested = rows["stage2"]["nested"]
    assert [row["repetition"] for row in nested if row["id"] == "conv1"] == [0, 1, 2]
    assert sum(row["parameters"] for row in nested) == rows["stage2"]["parameters"]
    projects = [row for row in nested if row["id"] == "project"]
    assert [[inner["id"] for inner in row["nested"]] for row in projects] == [
        ["x", "conv", "norm", "y"],
        [],
        [],
    ]
    assert sum(row["parameters"] for row in rows.values()) == found["parameters"]


def test_a_block_is_looked_at_once_for_equal_parameters_and_types() -> None:
    made = through({"fc": linear(8)}, ["x -> fc", "fc -> y"], ["N", 8], repeat=1000)
    entry = check(made).layers["use"]
    assert len({id(nested.report) for nested in entry.nested}) == 1
    assert entry.parameters == 72_000
    report = check(residual_net())
    first, second = report.layers["stage1"], report.layers["stage2"]
    assert inside(first, 0) is inside(first, 1)
    assert inside(second, 1) is inside(second, 2) and inside(second, 0) is not inside(second, 1)


def test_one_and_true_are_not_the_same_parameter() -> None:
    def made(value: Any) -> Design:
        inner = {"fc": linear("=5 if p == 1 else 6")}
        return through(inner, ["x -> fc", "fc -> y"], ["N", 8], {"p": None}, p=value)

    first, second = check(made(1)).layers["use"], check(made(True)).layers["use"]
    assert dict(first.nested[0].parameters) == {"p": 1} and dict(second.nested[0].parameters) == {"p": True}
    assert first.nested[0].report is not second.nested[0].report


def test_what_the_check_says_of_one_block_is_what_its_first_use_finds() -> None:
    made = residual_net()
    report = check(made, "Residual")
    assert report is check(made).layers["stage1"].nested[0].report
    assert check(made, "Projection").layers["conv"].outputs["y"].shape[1] == 8


def test_an_unused_block_says_what_its_patterns_and_defaults_tell_and_breaks_nothing() -> None:
    made = siamese()
    for id in ("a", "b"):
        made.top.remove(id)
    alone = check(made, "Dense")
    assert alone.ok and alone.layers["x"].outputs["y"].text == "(N, F)"
    assert alone.layers["fc"].layer is None, "its width is not given"
    made.networks["Dense"].parameters["width"] = 3
    assert codes(check(made, "Dense")) == ["size-unknown"]
    assert not any("Dense" in problem.network for problem in check(made).problems)


def test_blocks_are_never_flattened_in_the_report() -> None:
    report = check(residual_net())
    assert set(report.layers) == set(residual_net().top.ids())
