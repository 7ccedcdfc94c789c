"""Pooling and resampling of sequences and images of different lengths: padding changes nothing, or is refused."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from graph_ir.check import check
from graph_ir.graph import Design, Node
from tests.codegen.lengths import differences
from tests.graph_ir.printed_values import problems
from tests.networks import design

Values = Mapping[str, Any]
POOL = {"kernel_size": 3, "stride": 2}
BELOW_ZERO = {"type": "LogSigmoid"}
"""Makes zeros behind a sample larger than anything in it."""


def with_lengths(*layers: Values, shape: list[int | str], axis: int) -> Design:
    named = {f"n{i}": layer for i, layer in enumerate(layers)}
    ids = ["signal", *named, "out"]
    lengths = {"type": "Input", "role": "lengths", "of": "signal", "axis": axis}
    inputs = {"signal": {"type": "Input", "shape": shape}, "steps": lengths}
    wires = [f"{a} -> {b}" for a, b in pairwise(ids)]
    return design({**inputs, **named, "out": {"type": "Output"}}, wires)


SERIES_THAT_WORK: list[Values] = [
    {"type": "MaxPool1d", **POOL},
    {"type": "MaxPool1d", **POOL, "ceil_mode": True},
    {"type": "MaxPool1d", **POOL, "padding": 1, "dilation": 2},
    {"type": "AvgPool1d", **POOL},
    {"type": "AvgPool1d", **POOL, "padding": 1},
    {"type": "AvgPool1d", "kernel_size": 3, "stride": 1, "ceil_mode": True},
    {"type": "LPPool1d", "norm_type": 2.0, **POOL},
    {"type": "Upsample", "scale_factor": 2.0},
    {"type": "Interpolate", "scale_factor": 1.5, "mode": "nearest-exact"},
    {"type": "Interpolate", "scale_factor": 0.5},
]


@pytest.mark.parametrize("layer", SERIES_THAT_WORK, ids=str)
def test_no_sample_depends_on_how_long_the_others_are(layer: Values) -> None:
    made = with_lengths(BELOW_ZERO, layer, shape=["N", 2, "T"], axis=2)
    assert differences(made, [11, 5, 8]) == []


IMAGES_THAT_WORK: list[Values] = [
    {"type": "MaxPool2d", "kernel_size": 3, "padding": 1, "ceil_mode": True},
    {"type": "AvgPool2d", "kernel_size": 2, "padding": 1, "count_include_pad": False, "divisor_override": 3},
    {"type": "AvgPool2d", "kernel_size": 3, "stride": 2, "ceil_mode": True, "divisor_override": 9},
    {"type": "DistanceWeightedPool2d", "kernel_size": 3, "stride": 1, "padding": 1},
    {"type": "AdaptiveMaxPool2d", "output_size": [2, None]},
    {"type": "Upsample", "scale_factor": [2.0, 1.0], "mode": "bilinear"},
    {"type": "PixelUnshuffle", "downscale_factor": 1},
]


@pytest.mark.parametrize("layer", IMAGES_THAT_WORK, ids=str)
def test_no_image_depends_on_how_wide_the_others_are(layer: Values) -> None:
    made = with_lengths(BELOW_ZERO, layer, shape=["N", 2, 6, "T"], axis=3)
    assert differences(made, [11, 5, 8]) == []


REFUSED: list[Values] = [
    {"type": "AvgPool2d", "kernel_size": 2, "ceil_mode": True},
    {"type": "AvgPool2d", "kernel_size": 2, "padding": 1, "count_include_pad": False},
    {"type": "LPPool2d", "norm_type": 2.0, "kernel_size": 2, "ceil_mode": True},
    {"type": "AdaptiveAvgPool2d", "output_size": [None, 2]},
    {"type": "GlobalAvgPool"},
    {"type": "GlobalMaxPool", "keepdim": True},
    {"type": "SpatialPyramidPool2d", "bins": [1]},
    {"type": "FractionalMaxPool2d", "kernel_size": 2, "output_ratio": 0.5},
    {"type": "Upsample", "scale_factor": 2.0, "mode": "bilinear"},
    {"type": "Upsample", "size": 9},
    {"type": "Interpolate", "scale_factor": 0.5, "mode": "area"},
]


@pytest.mark.parametrize("layer", REFUSED, ids=str)
def test_what_no_filling_can_mend_is_refused(layer: Values) -> None:
    report = check(with_lengths(layer, shape=["N", 2, 6, "T"], axis=3))
    assert problems(report) == ["mixes-padding"]
    assert problems(check(with_lengths(layer, shape=["N", 2, 6, "T"], axis=0))) != ["mixes-padding"]


def test_ints_have_nothing_below_them_to_fill_with() -> None:
    pool = {"type": "MaxPool2d", "kernel_size": 2, "ceil_mode": True}
    made = with_lengths({"type": "Cast", "dtype": "int64"}, pool, shape=["N", 2, 6, "T"], axis=3)
    assert problems(check(made)) == ["mixes-padding"]
    unpadded = with_lengths(
        {"type": "Cast", "dtype": "int64"}, {**pool, "ceil_mode": False}, shape=["N", 2, 6, "T"], axis=3
    )
    assert differences(unpadded, [11, 5, 8]) == []


def test_unpooling_of_padded_steps_is_refused() -> None:
    """Nothing keeps the wire on `indices` from leading padded steps to valid places."""
    pool = {"kernel_size": 2}
    made = with_lengths(
        {"type": "MaxPool1d", **pool}, {"type": "MaxUnpool1d", **pool}, shape=["N", 2, "T"], axis=2
    )
    layers = {node.id: {"type": node.type, **node.values} for node in made.top}
    wires = [f"{w.source}.{w.source_port} -> {w.target}.{w.target_port}" for w in made.top.wires()]
    assert problems(check(design(layers, [*wires, "n0.indices -> n1.indices"]))) == ["mixes-padding"]


def test_positions_in_rows_of_padding_are_withheld() -> None:
    """`y` can be had, `indices` would say how wide the widest image of the batch is."""
    pool = {"type": "MaxPool2d", "kernel_size": 2}
    made = with_lengths(pool, shape=["N", 2, 6, "T"], axis=3)
    assert problems(check(made)) == []
    layers = {node.id: {"type": node.type, **node.values} for node in made.top}
    wires = ["signal -> n0", "n0.indices -> out"]
    assert problems(check(design(layers, wires))) == ["withheld"]
    rows = {**layers, "signal": {"type": "Input", "shape": ["N", 2, "T", 6]}}
    rows["steps"] = {**rows["steps"], "axis": 2}
    assert problems(check(design(rows, wires))) == []


@pytest.mark.parametrize("layer", ["Interpolate", "CropLike"])
def test_a_size_is_not_taken_from_padding(layer: str) -> None:
    made = design(
        {
            "signal": {"type": "Input", "shape": ["N", "T", 50]},
            "steps": {"type": "Input", "role": "lengths", "of": "signal", "axis": 1},
            "mean": {"type": "Mean", "dim": 2},
            "resize": {"type": layer},
            "out": {"type": "Output"},
        },
        ["signal -> mean", "signal -> resize.x", "mean -> resize.like", "resize -> out"],
    )
    assert problems(check(made)) == ["mixes-padding"]


def test_what_is_withheld_follows_every_edit() -> None:
    made = with_lengths({"type": "MaxPool2d", "kernel_size": 2}, shape=["N", 2, "H", "T"], axis=3)
    layers = {node.id: {"type": node.type, **node.values} for node in made.top}
    made = design(layers, ["signal -> n0", "n0.indices -> out"])
    for axis, expected in ((3, ["withheld"]), (2, []), (3, ["withheld"])):
        lengths = {"role": "lengths", "of": "signal", "axis": axis}
        made.top.replace(Node("steps", "Input", lengths))
        afresh = design(
            {**layers, "steps": {"type": "Input", **lengths}}, ["signal -> n0", "n0.indices -> out"]
        )
        assert problems(check(made)) == expected == problems(check(afresh))
