"""What the file format promises of layers, wires, their order and fields."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graph_ir.check import check
from graph_ir.file import dump, parse
from tests.promises.files import (
    IMAGE,
    SEQUENCE,
    SIGNAL,
    VECTOR,
    Layers,
    checked,
    codes,
    one,
    shape_of,
    text_of,
)


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
