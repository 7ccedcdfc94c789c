"""Pooling: values through the printed code on real torch, and indices that lead back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
import torch
from torch.nn import functional

from graph_ir.check import check
from graph_ir.graph import Design
from tests.graph_ir.printed_values import IMAGE, problems, run, size, source
from tests.networks import chain, design

Values = Mapping[str, Any]


# Weights that fall with the distance


def weighted_mean(
    image: torch.Tensor, kernel: tuple[int, int], step: tuple[int, int], pad: int, sigma: Any
) -> Any:
    """One channel, pixel by pixel, from the formula."""
    height, width = image.shape
    offsets = list(product(range(kernel[0]), range(kernel[1])))
    distance = {(u, v): math.hypot(u - (kernel[0] - 1) / 2, v - (kernel[1] - 1) / 2) for u, v in offsets}
    weight = {at: math.exp(-(d**2) / (2 * sigma**2)) if sigma else 1 / (1 + d) for at, d in distance.items()}
    rows = range(-pad, height + pad - kernel[0] + 1, step[0])
    columns = range(-pad, width + pad - kernel[1] + 1, step[1])

    def pixel(i: int, j: int) -> float:
        return float(image[i, j]) if 0 <= i < height and 0 <= j < width else 0.0

    total = sum(weight.values())
    return [
        [sum(weight[u, v] * pixel(i + u, j + v) for u, v in offsets) / total for j in columns] for i in rows
    ]


@pytest.mark.parametrize(
    ("fields", "kernel", "step", "pad"),
    [
        ({"kernel_size": 3}, (3, 3), (3, 3), 0),
        ({"kernel_size": 2, "stride": 1, "sigma": 0.7}, (2, 2), (1, 1), 0),
        ({"kernel_size": [3, 4], "stride": [1, 2], "padding": 1}, (3, 4), (1, 2), 1),
        ({"kernel_size": [5, 2], "stride": 2, "padding": 2, "sigma": 2.5}, (5, 2), (2, 2), 2),
    ],
)
def test_distance_weighted_pooling_is_its_formula(
    fields: Values, kernel: tuple[int, int], step: tuple[int, int], pad: int
) -> None:
    x = torch.rand(2, 2, 7, 8)
    (y,) = run(chain(IMAGE, {"type": "DistanceWeightedPool2d", **fields}), x)
    for sample, channel in product(range(2), range(2)):
        expected = torch.tensor(weighted_mean(x[sample, channel], kernel, step, pad, fields.get("sigma")))
        torch.testing.assert_close(y[sample, channel], expected)


@pytest.mark.parametrize("sigma", [None, 0.01, 0.5, 100.0])
def test_weights_of_a_window_sum_to_one(sigma: float | None) -> None:
    (y,) = run(
        chain(IMAGE, {"type": "DistanceWeightedPool2d", "kernel_size": 4, "sigma": sigma}),
        torch.ones(1, 2, 9, 8),
    )
    torch.testing.assert_close(y, torch.ones(1, 2, 2, 2))


# Pyramids and global pools


def test_a_spatial_pyramid_has_as_many_features_whatever_the_image() -> None:
    made = chain(
        IMAGE, {"type": "SpatialPyramidPool2d", "bins": [1, 2, 5]}, {"type": "Linear", "out_features": 3}
    )
    report = check(made)
    assert size(report, "spatialpyramidpool2d2") == ["N", str(2 * (1 + 4 + 25))]
    for height, width in ((5, 9), (16, 3)):
        assert run(made, torch.rand(2, 2, height, width))[0].shape == (2, 3)


def test_a_spatial_pyramid_begins_with_its_first_grid() -> None:
    x = torch.rand(2, 2, 6, 6)
    for mode, pooled in (("max", x.amax((2, 3))), ("avg", x.mean((2, 3)))):
        (y,) = run(chain(IMAGE, {"type": "SpatialPyramidPool2d", "bins": [1, 3], "mode": mode}), x)
        torch.testing.assert_close(y[:, :2], pooled)
        assert y.shape == (2, 2 * (1 + 9))


@pytest.mark.parametrize("shape", [(2, 3, 5), (2, 3, 5, 4), (2, 3, 2, 3, 4)])
def test_global_pools_leave_one_value_for_each_channel(shape: tuple[int, ...]) -> None:
    x = torch.rand(shape)
    image = {"type": "Input", "shape": list(shape)}
    flat = x.flatten(2)
    torch.testing.assert_close(run(chain(image, {"type": "GlobalAvgPool"}), x)[0], flat.mean(2))
    kept = run(chain(image, {"type": "GlobalMaxPool", "keepdim": True}), x)[0]
    assert kept.shape == (2, 3, *(1 for _ in shape[2:]))
    assert torch.equal(kept.flatten(1), flat.amax(2))


# Indices and unpooling


def unpooling(rank: int, pool: Values, *, like: bool) -> Design:
    shape = ["N", 2, *"DHW"[3 - rank :]]
    layers = {
        "image": {"type": "Input", "shape": shape},
        "pool": {"type": f"MaxPool{rank}d", **pool},
        "unpool": {"type": f"MaxUnpool{rank}d", **pool},
        "pooled": {"type": "Output"},
        "back": {"type": "Output"},
    }
    wires = ["image -> pool", "pool.y -> unpool.x", "pool.indices -> unpool.indices"]
    wires += ["pool.y -> pooled", "unpool -> back", *(["image -> unpool.like"] if like else [])]
    return design(layers, wires)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize(
    ("pool", "edge"),
    [
        ({"kernel_size": 2}, 6),
        ({"kernel_size": 3, "stride": 2, "padding": 1}, 7),
        ({"kernel_size": 2, "stride": 3}, 8),
    ],
)
def test_unpooling_puts_every_maximum_back(rank: int, pool: Values, edge: int) -> None:
    x = torch.randn(2, 2, *([edge] * rank))
    pooled, back = run(unpooling(rank, pool, like=True), x)
    assert back.shape == x.shape
    placed = back != 0
    assert torch.equal(back[placed], x[placed])
    assert set(back[placed].tolist()) == set(pooled.flatten().tolist())


def test_without_like_an_odd_image_comes_back_smaller() -> None:
    layers = unpooling(2, {"kernel_size": 2}, like=False)
    assert size(check(layers), "unpool") == ["N", "2", "2*(H//2)", "2*(W//2)"]
    with_like = unpooling(2, {"kernel_size": 2}, like=True)
    assert size(check(with_like), "unpool") == ["N", "2", "H", "W"]


def test_indices_are_printed_only_where_something_reads_them() -> None:
    plain = source(chain(IMAGE, {"type": "MaxPool2d", "kernel_size": 2}, {"type": "ReLU"}))
    assert "F.max_pool2d(image, 2)" in plain and "indices" not in plain
    read = source(unpooling(2, {"kernel_size": 2}, like=False))
    assert "pool, pool_indices = F.max_pool2d(image, 2, return_indices=True)" in read
    only = design(
        {
            "image": IMAGE,
            "pool": {"type": "AdaptiveMaxPool2d", "output_size": 2},
            "where": {"type": "Output"},
        },
        ["image -> pool", "pool.indices -> where"],
    )
    assert "_, where = F.adaptive_max_pool2d(image, 2, return_indices=True)" in source(only)
    x = torch.rand(3, 2, 6, 6)
    assert torch.equal(run(only, x)[0], functional.adaptive_max_pool2d(x, 2, return_indices=True)[1])


@pytest.mark.parametrize("rank", [2, 3])
def test_fractional_pooling_reaches_its_size(rank: int) -> None:
    shape = ["N", 2, *"DHW"[3 - rank :]]
    layer = {"type": f"FractionalMaxPool{rank}d", "kernel_size": 2, "output_ratio": 0.5}
    made = chain({"type": "Input", "shape": shape}, layer)
    assert size(check(made), f"fractionalmaxpool{rank}d2")[2:] == [f"{letter}//2" for letter in shape[2:]]
    x = torch.rand(2, 2, *([9] * rank))
    (y,) = run(made, x)
    assert y.shape[2:] == (4,) * rank and set(y.flatten().tolist()) <= set(x.flatten().tolist())
    assert problems(check(chain({"type": "Input", "shape": shape}, layer | {"output_size": 4}))) == [
        "bad-value"
    ]
