"""Walks through what the file format promises, with files as somebody would write them by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graph_ir.check import Report, check
from graph_ir.file import Unreadable, dump, parse

Layers = dict[str, dict[str, Any]]
IMAGE = {"type": "Input", "shape": ["N", 3, "H", "W"]}
SEQUENCE = {"type": "Input", "shape": ["N", "T", 16]}
SIGNAL = {"type": "Input", "shape": ["N", 4, "T"]}
VECTOR = {"type": "Input", "shape": ["N", 12]}


def text_of(layers: Layers, wires: list[list[str]], **more: Any) -> str:
    parameters = more.pop("parameters", {})
    network = {"parameters": parameters, "layers": layers, "wires": wires}
    return json.dumps({"format": "layerloom", "version": 1, "network": network, **more})


def checked(layers: Layers, wires: list[list[str]], **more: Any) -> Report:
    return check(parse(text_of(layers, wires, **more)))


def codes(report: Report) -> list[str]:
    return [problem.code for problem in report.problems if problem.severity == "error"]


def shape_of(report: Report, id: str, port: str = "y") -> str:
    assert report.ok, [problem.message for problem in report.problems]
    return report.layers[id].outputs[port].text


def one(source: dict[str, Any], layer: dict[str, Any]) -> Report:
    """One layer behind one Input."""
    return checked({"in": source, "it": layer}, [["in", "it"]])


# ---- layers, wires, order --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "id", ["a.b.c", "слой", "a b", 'quote"', "line\nbreak", "'; import os #", "x" * 200, "y", "."]
)
def test_an_id_is_any_text(id: str) -> None:
    text = text_of({"in": IMAGE, id: {"type": "ReLU", "label": "<b>"}}, [["in.y", f"{id}.x"]])
    design = parse(text)
    assert check(design).ok
    again = json.loads(dump(design))
    assert again["network"]["layers"][id] == {"type": "ReLU", "label": "<b>"}
    assert again["network"]["wires"] == [["in.y", f"{id}.x"]]


def test_a_port_may_be_left_out_on_reading_and_is_always_written() -> None:
    design = parse(text_of({"in": SEQUENCE, "lstm": {"type": "LSTM", "hidden_size": 8}, "out": {"type": "Output"}},
                           [["in", "lstm"], ["lstm", "out"]]))  # fmt: skip
    assert json.loads(dump(design))["network"]["wires"] == [["in.y", "lstm.x"], ["lstm.y", "out.x"]]


def test_the_port_follows_the_last_dot() -> None:
    report = checked({"a.y": VECTOR, "b": {"type": "ReLU"}}, [["a.y.y", "b.x"]])
    assert shape_of(report, "b") == "(N, 12)"


def test_the_writer_keeps_the_order_of_layers_and_sorts_fields_and_wires() -> None:
    layers: Layers = {
        "z": {"type": "Conv2d", "padding": 1, "kernel_size": 3, "out_channels": 8},
        "a": IMAGE,
        "m": {"type": "ReLU"},
    }
    text = dump(parse(text_of(layers, [["z.y", "m.x"], ["a.y", "z.x"]])))
    network = json.loads(text)["network"]
    assert list(network["layers"]) == ["z", "a", "m"]
    assert list(network["layers"]["z"]) == ["type", "out_channels", "kernel_size", "padding"]
    assert network["wires"] == [["z.y", "m.x"], ["a.y", "z.x"]]
    shuffled = text_of(layers, [["a.y", "z.x"], ["z.y", "m.x"]])
    assert dump(parse(shuffled)) == text, "same design, same bytes"
    assert sum(line.strip().startswith(('"z"', '"a"', '"m"')) for line in text.splitlines()) == 3, (
        "one a line"
    )


def test_only_what_differs_from_the_default_is_written() -> None:
    fields = {"out_channels": 8, "kernel_size": [3, 3], "stride": [1, 1], "bias": True, "dilation": 2}
    written = json.loads(dump(parse(text_of({"c": {"type": "Conv2d", **fields}}, []))))["network"]["layers"][
        "c"
    ]
    assert written == {"type": "Conv2d", "out_channels": 8, "kernel_size": 3, "dilation": 2}


def test_variadic_ports_have_no_gaps() -> None:
    layers: Layers = {"a": VECTOR, "b": VECTOR, "sum": {"type": "Add"}}
    assert checked(layers, [["a", "sum.x1"], ["b", "sum.x2"]]).ok
    assert codes(checked(layers, [["a", "sum.x1"], ["b", "sum.x3"]])) == ["port-gap"]


def test_empty_sections_may_be_missing() -> None:
    assert check(parse('{"format": "layerloom", "version": 1}')).ok
    assert json.loads(dump(parse('{"format": "layerloom", "version": 1}')))["network"] == {
        "layers": {},
        "wires": [],
    }


@pytest.mark.parametrize("field", ["batch_first", "inplace", "out_feature", "in_features", "device", "dtype"])
def test_an_unknown_field_is_an_error(field: str) -> None:
    report = one(VECTOR, {"type": "Linear", "out_features": 4, field: True})
    assert codes(report) == ["unknown-field"]
    assert field in report.problems[0].message


def test_an_unknown_field_names_the_nearest() -> None:
    (problem,) = one(VECTOR, {"type": "Linear", "out_features": 4, "bais": False}).problems
    assert "did you mean `bias`" in problem.message


# ---- fields ----------------------------------------------------------------------------------------


def test_a_field_left_out_has_torchs_default() -> None:
    assert shape_of(one(IMAGE, {"type": "MaxPool2d", "kernel_size": 2}), "it") == "(N, 3, H//2, W//2)"
    assert shape_of(one({**IMAGE, "shape": ["N", 3, 4, 5]}, {"type": "Flatten"}), "it") == "(N, 60)"


def test_ints_stand_for_pairs() -> None:
    for kernel in (3, [3, 3]):
        report = one(IMAGE, {"type": "Conv2d", "out_channels": 8, "kernel_size": kernel, "padding": 1})
        assert shape_of(report, "it") == "(N, 8, H, W)"


def test_what_torch_requires_must_be_in_the_file() -> None:
    assert codes(one(IMAGE, {"type": "Conv2d", "out_channels": 8})) == ["missing-field"]


@pytest.mark.parametrize("key", ["trainable", "init", "l1", "l2"])
def test_layers_with_weights_have_training_fields(key: str) -> None:
    value = {"trainable": False, "init": "zeros", "l1": 0.1, "l2": 0.1}[key]
    report = one(VECTOR, {"type": "Linear", "out_features": 4, key: value})
    assert report.ok
    assert report.trainable_parameters == (0 if key == "trainable" else 52)
    assert codes(one(VECTOR, {"type": "ReLU", key: value})) == ["unknown-field"]


LAYERS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (SEQUENCE, {"type": "Linear", "out_features": 5}, "(N, T, 5)"),
    (SIGNAL, {"type": "Conv1d", "out_channels": 8, "kernel_size": 3}, "(N, 8, T - 2)"),
    (SIGNAL, {"type": "MaxPool1d", "kernel_size": 2}, "(N, 4, T//2)"),
    (SIGNAL, {"type": "BatchNorm1d"}, "(N, 4, T)"),
    (SEQUENCE, {"type": "LayerNorm"}, "(N, T, 16)"),
    (SEQUENCE, {"type": "LayerNorm", "axes": 1}, "(N, T, 16)"),
    (SEQUENCE, {"type": "Permute", "dims": [0, 2, 1]}, "(N, 16, T)"),
    (SEQUENCE, {"type": "Mean", "dim": 1}, "(N, 16)"),
    (SEQUENCE, {"type": "Mean", "dim": [1, 2], "keepdim": True}, "(N, 1, 1)"),
    (SEQUENCE, {"type": "Mean", "dim": -1}, "(N, T)"),
    (SEQUENCE, {"type": "Select", "dim": 1, "index": -1}, "(N, 16)"),
    (VECTOR, {"type": "Reshape", "shape": [3, 4]}, "(N, 3, 4)"),
    (VECTOR, {"type": "Reshape", "shape": [-1, 2]}, "(N, 6, 2)"),
    (IMAGE, {"type": "AdaptiveAvgPool2d", "output_size": 1}, "(N, 3, 1, 1)"),
    (
        IMAGE,
        {"type": "ConvTranspose2d", "out_channels": 8, "kernel_size": 2, "stride": 2},
        "(N, 8, 2*H, 2*W)",
    ),
    (IMAGE, {"type": "Softmax", "dim": 1}, "(N, 3, H, W)"),
    (
        {"type": "Input", "shape": ["N", "T"], "dtype": "int64"},
        {"type": "Embedding", "num_embeddings": 9, "embedding_dim": 5},
        "(N, T, 5)",
    ),
]


@pytest.mark.parametrize(("source", "layer", "wanted"), LAYERS, ids=lambda part: str(part)[:60])
def test_shapes_are_as_promised(source: dict[str, Any], layer: dict[str, Any], wanted: str) -> None:
    assert shape_of(one(source, layer), "it") == wanted


def test_recurrent_layers_have_four_outputs() -> None:
    report = one(SEQUENCE, {"type": "LSTM", "hidden_size": 8, "num_layers": 2, "bidirectional": True})
    found = [shape_of(report, "it", port) for port in ("y", "last", "h_n", "c_n")]
    assert found == ["(N, T, 16)", "(N, 16)", "(4, N, 8)", "(4, N, 8)"]


def test_attention_gives_weights_and_takes_three_inputs() -> None:
    layers: Layers = {"q": SEQUENCE, "k": {"type": "Input", "shape": ["N", "S", 16]}}
    layers["attention"] = {"type": "MultiheadAttention", "num_heads": 4}
    wires = [["q", "attention.query"], ["k", "attention.key"], ["k", "attention.value"]]
    report = checked(layers, wires)
    assert shape_of(report, "attention") == "(N, T, 16)"
    assert shape_of(report, "attention", "weights") == "(N, T, S)"


@pytest.mark.parametrize("axes", [0, 4])
def test_a_norm_over_too_few_or_too_many_axes_is_an_error(axes: int) -> None:
    assert codes(one(SEQUENCE, {"type": "LayerNorm", "axes": axes})) in (
        ["bad-value"],
        ["bad-axis"],
        ["rank"],
    )


def test_forms_without_a_batch_axis_are_refused() -> None:
    flat = {"type": "Input", "shape": [3, 8, 8]}
    assert codes(one(flat, {"type": "Conv2d", "out_channels": 8, "kernel_size": 3})) == ["rank"]


def test_linear_on_an_axis_of_space_or_time_is_a_warning() -> None:
    report = one({**IMAGE, "shape": ["N", 3, 8, 8]}, {"type": "Linear", "out_features": 4})
    assert report.ok
    assert {problem.severity for problem in report.problems if problem.layer == "it"} == {"warning"}


def test_concat_joins_along_an_axis() -> None:
    layers: Layers = {
        "a": SEQUENCE,
        "b": {"type": "Input", "shape": ["N", "T", 4]},
        "both": {"type": "Concat", "dim": -1},
    }
    assert shape_of(checked(layers, [["a", "both.x1"], ["b", "both.x2"]]), "both") == "(N, T, 20)"


# ---- inputs, losses, lengths -----------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16", "int64", "int32", "bool"])
def test_inputs_have_a_dtype(dtype: str) -> None:
    report = one({**VECTOR, "dtype": dtype}, {"type": "Output"})
    assert report.layers["in"].outputs["y"].dtype == dtype


def test_inputs_of_ints_alone_are_fine() -> None:
    assert one({"type": "Input", "shape": [2, 3, 8, 8]}, {"type": "ReLU"}).ok


def test_ctc_needs_no_lengths_wired() -> None:
    layers: Layers = {
        "x": {"type": "Input", "shape": ["N", "T", 11]},
        "logs": {"type": "LogSoftmax", "dim": -1},
        "labels": {"type": "Input", "shape": ["N", "S"], "dtype": "int64", "role": "target"},
        "loss": {"type": "CTCLoss"},
    }
    wires = [["x", "logs"], ["logs", "loss.input"], ["labels", "loss.target"]]
    assert checked(layers, wires).ok
    layers["count"] = {"type": "Input", "role": "lengths", "of": "labels", "axis": 1}
    report = checked(layers, [*wires, ["count", "loss.target_lengths"]])
    assert shape_of(report, "count") == "(N,)"
    assert report.role_of("labels") == "target" and report.role_of("count") == "lengths"


def test_a_target_may_come_from_any_wire() -> None:
    layers: Layers = {"x": VECTOR, "fc": {"type": "Linear", "out_features": 12}, "loss": {"type": "MSELoss"}}
    assert checked(layers, [["x", "fc"], ["fc", "loss.input"], ["x", "loss.target"]]).ok


# ---- sizes -----------------------------------------------------------------------------------------


def test_a_condition_is_a_requirement_and_no_error() -> None:
    halves: Layers = {"x": {"type": "Input", "shape": ["N", 3, "H", 8]}}
    wires, last = [], "x"
    for i in range(2):
        halves[f"down{i}"] = {"type": "MaxPool2d", "kernel_size": 2}
        wires.append([last, f"down{i}"])
        last = f"down{i}"
    for i in range(2):
        halves[f"up{i}"] = {"type": "ConvTranspose2d", "out_channels": 3, "kernel_size": 2, "stride": 2}
        wires.append([last, f"up{i}"])
        last = f"up{i}"
    halves["sum"] = {"type": "Add"}
    report = checked(halves, [*wires, ["x", "sum.x1"], [last, "sum.x2"]])
    assert report.ok
    assert "H % 4 == 0" in report.requires


def test_a_kernel_needs_its_steps() -> None:
    report = one(SIGNAL, {"type": "Conv1d", "out_channels": 8, "kernel_size": 5})
    assert report.ok and report.requires == ("T >= 5",)


def test_two_symbols_that_must_agree_are_a_requirement() -> None:
    layers: Layers = {"a": SEQUENCE, "b": {"type": "Input", "shape": ["N", "S", 16]}, "sum": {"type": "Add"}}
    report = checked(layers, [["a", "sum.x1"], ["b", "sum.x2"]])
    assert report.ok and report.requires in (("T == S",), ("S == T",))


def test_it_is_an_error_where_no_size_works() -> None:
    layers: Layers = {
        "a": SIGNAL,
        "b": {"type": "Conv1d", "out_channels": 4, "kernel_size": 2},
        "sum": {"type": "Add"},
    }
    assert not checked(layers, [["a", "b"], ["a", "sum.x1"], ["b", "sum.x2"]]).ok


def test_the_size_of_a_weight_must_be_known() -> None:
    report = checked(
        {"x": IMAGE, "flat": {"type": "Flatten"}, "fc": {"type": "Linear", "out_features": 4}},
        [["x", "flat"], ["flat", "fc"]],
    )
    assert codes(report) == ["size-unknown"]


def test_multiply_adds_are_for_one_sample() -> None:
    image = {"type": "Input", "shape": ["N", 3, 8, 8]}
    assert (
        one(image, {"type": "Conv2d", "out_channels": 5, "kernel_size": 3, "padding": 1}).macs
        == 8 * 8 * 5 * 3 * 9
    )
    transposed = {"type": "ConvTranspose2d", "out_channels": 5, "kernel_size": 2, "stride": 2}
    assert one(image, transposed).macs == 3 * 8 * 8 * 5 * 4
    assert one(VECTOR, {"type": "Linear", "out_features": 5}).macs == 12 * 5
    assert str(one(SEQUENCE, {"type": "LSTM", "hidden_size": 8}).macs) == f"{4 * 8 * (16 + 8)}*T"
    for free in ("ReLU", "LayerNorm", "Flatten"):
        assert one({**VECTOR, "shape": ["N", 4, 3]}, {"type": free}).macs == 0


# ---- expressions -----------------------------------------------------------------------------------

PARAMETERS = {"width": 8, "deep": True, "rate": 0.5, "mode": "wide"}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("=width", 8),
        ("=2 * width + 1", 17),
        ("=width // 3 % 2 + 1", 1),
        ("=16 if deep else 4", 16),
        ("=16 if not deep or width > 8 else 4", 4),
        ("=max(width, 3, min(9, 20))", 9),
        ("=1 if mode == 'wide' else 2", 1),
        ("=(width - 2) * -1 + 10", 4),
        ("=3 if rate < 0.6 and width != 7 else 2", 3),
    ],
)
def test_expressions_are_computed_also_in_the_top_network(expression: str, value: int) -> None:
    layers: Layers = {"in": VECTOR, "it": {"type": "Linear", "out_features": expression}}
    report = checked(layers, [["in", "it"]], parameters=PARAMETERS)
    assert shape_of(report, "it") == f"(N, {value})"


def test_expressions_stand_inside_lists_and_are_kept() -> None:
    layers: Layers = {"in": VECTOR, "it": {"type": "Reshape", "shape": ["=width // 2", -1]}}
    text = text_of(layers, [["in", "it"]], parameters=PARAMETERS)
    assert shape_of(check(parse(text)), "it") == "(N, 4, 3)"
    assert json.loads(dump(parse(text)))["network"]["layers"]["it"]["shape"] == ["=width // 2", -1]


@pytest.mark.parametrize(
    "expression",
    [
        "=open('x')",
        "=width.real",
        "=[1]",
        "=lambda: 1",
        "=width ** 2",
        "=1; 2",
        "=nobody",
        "=width and",
        "={}",
        "=`id`",
    ],
)
def test_nothing_else_is_an_expression(expression: str) -> None:
    layers: Layers = {"in": VECTOR, "it": {"type": "Linear", "out_features": expression}}
    assert codes(checked(layers, [["in", "it"]], parameters=PARAMETERS)) == ["bad-expression"]


# ---- what comes later ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layer",
    [
        {"type": "Block", "block": "Residual"},
        {"type": "ReLU", "repeat": 2},
        {"type": "ReLU", "when": "=deep"},
        {"type": "Linear", "out_features": 4, "weights": "shared"},
        {"type": "Block", "block": "B", "each": 1},
        {"type": "ExternalModule", "target": "package.module:Class"},
    ],
    ids=str,
)
def test_blocks_come_with_a_later_version(layer: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="later version"):
        parse(text_of({"it": layer}, []))
