"""What the file format promises of inputs, losses, sizes and expressions."""

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


@pytest.mark.parametrize(
    ("layer", "code"),
    [
        ({"type": "Block", "block": "Residual"}, "unknown-block"),
        ({"type": "Block"}, "unknown-block"),
        ({"type": "ReLU", "repeat": 2}, "unknown-field"),
        ({"type": "ReLU", "when": "=width > 0"}, "unknown-field"),
    ],
    ids=str,
)
def test_only_blocks_that_are_there_are_used_and_repeated(layer: dict[str, Any], code: str) -> None:
    assert code in codes(checked({"in": VECTOR, "it": layer}, [["in.y", "it.x"]], parameters=PARAMETERS))
