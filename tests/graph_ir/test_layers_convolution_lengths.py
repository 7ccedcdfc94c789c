"""Convolutions and paddings of sequences of different lengths: what becomes of the lengths, and of padded steps."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from graph_ir.dims import Dim, symbol
from graph_ir.graph import Design
from graph_ir.signature import STEPS, Length, TensorType
from tests.codegen.lengths import differences
from tests.graph_ir.one_layer import fails, inferred, made
from tests.networks import design

N, T, H = (symbol(name) for name in "NTH")
SIGNAL = TensorType((N, 4, T), lengths=(None, None, Length("len")))
PAGE = TensorType((N, 4, H, T), lengths=(None, None, None, Length("len")))
CARRIED: list[tuple[str, dict[str, Any], Dim, float | None]] = [
    ("Conv1d", {"out_channels": 8, "kernel_size": 3}, STEPS - 2, None),
    ("Conv1d", {"out_channels": 8, "kernel_size": 3, "padding": "valid"}, STEPS - 2, None),
    ("Conv1d", {"out_channels": 8, "kernel_size": 3, "padding": 1, "stride": 2}, (STEPS - 1) // 2 + 1, 0.0),
    ("Conv1d", {"out_channels": 8, "kernel_size": 4, "dilation": 3, "padding": "same"}, STEPS, 0.0),
    ("Conv1d", {"out_channels": 8, "kernel_size": 1, "padding": "same"}, STEPS, None),
    ("Conv1d", {"out_channels": 8, "kernel_size": 1, "padding_mode": "reflect"}, STEPS, None),
    ("DepthwiseConv1d", {"kernel_size": 5, "padding": 1, "depth_multiplier": 2}, STEPS - 2, 0.0),
    ("SeparableConv1d", {"out_channels": 8, "kernel_size": 5, "stride": 3}, (STEPS - 5) // 3 + 1, None),
    ("ConvTranspose1d", {"out_channels": 8, "kernel_size": 2, "stride": 2}, 2 * STEPS, None),
    ("ConvTranspose1d", {"out_channels": 8, "kernel_size": 4, "stride": 2, "padding": 1}, 2 * STEPS, 0.0),
    ("ConvTranspose1d", {"out_channels": 8, "kernel_size": 3, "stride": 2, "padding": 1}, 2 * STEPS - 1, None),
    ("ZeroPad1d", {"padding": [2, 0]}, STEPS + 2, None),
    ("ZeroPad1d", {"padding": [2, 1]}, STEPS + 3, 0.0),
    ("ZeroPad1d", {"padding": [1, -2]}, STEPS - 1, None),
    ("ConstantPad1d", {"padding": 1, "value": -3}, STEPS + 2, -3.0),
    ("ReplicationPad1d", {"padding": [-1, -2]}, STEPS - 3, None),
    ("ChannelShuffle", {"groups": 2}, STEPS, None),
]  # fmt: skip


@pytest.mark.parametrize(("type", "values", "expected", "tail"), CARRIED)
def test_lengths_go_the_way_of_their_axis(
    type: str, values: dict[str, Any], expected: Dim, tail: float | None
) -> None:
    length = inferred(type, SIGNAL, **values).outputs["y"].length(2)
    assert length == Length("len").rewritten(expected)
    assert made(type, **values).tail() == tail


@pytest.mark.parametrize(
    ("type", "values"),
    [
        ("Conv1d", {"out_channels": 8, "kernel_size": 3, "padding": 1, "padding_mode": "reflect"}),
        ("Conv1d", {"out_channels": 8, "kernel_size": 3, "padding": "same", "padding_mode": "replicate"}),
        ("Conv1d", {"out_channels": 8, "kernel_size": 3, "padding": 1, "padding_mode": "circular"}),
        ("SeparableConv1d", {"out_channels": 8, "kernel_size": 3, "padding": 1, "padding_mode": "circular"}),
        ("ReflectionPad1d", {"padding": [1, 0]}),
        ("ReplicationPad1d", {"padding": [0, 1]}),
        ("CircularPad1d", {"padding": [1, -1]}),
    ],
)
def test_copies_of_the_end_would_be_copies_of_padding(type: str, values: dict[str, Any]) -> None:
    assert fails(type, SIGNAL, **values) == "mixes-padding"


def test_only_the_axis_with_lengths_matters() -> None:
    values = {"out_channels": 8, "kernel_size": 3, "padding_mode": "reflect"}
    assert inferred("Conv2d", PAGE, padding=[1, 0], **values).error is None
    assert fails("Conv2d", PAGE, padding=[0, 1], **values) == "mixes-padding"
    assert inferred("ReflectionPad2d", PAGE, padding=[0, 0, 1, 1]).error is None
    assert fails("ReflectionPad2d", PAGE, padding=[1, 1, 0, 0]) == "mixes-padding"
    assert fails("Unfold", PAGE, kernel_size=3) == "mixes-padding"


def test_maps_of_different_number_can_not_be_joined() -> None:
    maps = TensorType((N, 4, 9, 9), lengths=(None, Length("len"), None, None))
    assert fails("ConnectionTableConv2d", maps, table=[[0, 1]], kernel_size=3) == "mixes-padding"
    assert fails("ChannelShuffle", maps, groups=2) == "mixes-padding"
    assert fails("Conv2d", maps, out_channels=3, kernel_size=3) == "mixes-padding"


def sequence(shape: list[Any], *layers: dict[str, Any]) -> Design:
    """An Input with lengths on its last axis, and these layers one behind the other."""
    named = {f"n{i}": layer for i, layer in enumerate(layers)}
    ends = {
        "signal": {"type": "Input", "shape": shape},
        "steps": {"type": "Input", "role": "lengths", "of": "signal", "axis": len(shape) - 1},
    }
    ids = ["signal", *named, "out"]
    wires = [f"{a} -> {b}" for a, b in pairwise(ids)]
    return design({**ends, **named, "out": {"type": "Output"}}, wires)


@pytest.mark.parametrize(("type", "values"), [(type, values) for type, values, *_ in CARRIED])
def test_a_sequence_gives_the_same_alone_and_in_a_batch(type: str, values: dict[str, Any]) -> None:
    """Behind a layer that leaves something other than zeros at padded steps, and in front of one that looks at them."""
    before = {"type": "Conv1d", "out_channels": 4, "kernel_size": 3, "padding": 1}
    behind = {"type": "Conv1d", "out_channels": 2, "kernel_size": 3, "padding": 1}
    assert differences(sequence(["N", 3, "T"], before, {"type": type, **values}, behind), [17, 12, 14]) == []


@pytest.mark.parametrize(
    ("type", "values"),
    [
        ("Conv2d", {"out_channels": 3, "kernel_size": 3, "padding": 1, "padding_mode": "zeros"}),
        ("Conv2d", {"out_channels": 3, "kernel_size": 3, "padding": [2, 0], "padding_mode": "reflect"}),
        ("ConvTranspose2d", {"out_channels": 3, "kernel_size": 3, "stride": 2, "output_padding": 1}),
        ("DepthwiseConv2d", {"kernel_size": 3, "padding": "same"}),
        ("FixedConv2d", {"preset": "emboss", "padding": 2, "stride": 2}),
        ("ConnectionTableConv2d", {"table": [[0, 1], [1]], "kernel_size": 3, "padding": "same"}),
        ("ConstantPad2d", {"padding": [1, 2, 0, 1], "value": 2.0}),
        ("CircularPad2d", {"padding": [-1, -2, 2, 1]}),
    ],
)
def test_a_page_gives_the_same_alone_and_in_a_batch(type: str, values: dict[str, Any]) -> None:
    before = {"type": "Conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1}
    behind = {"type": "Conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1}
    assert differences(sequence(["N", 1, 6, "T"], before, {"type": type, **values}, behind), [11, 7, 9]) == []
