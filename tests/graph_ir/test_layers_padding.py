"""Patches, shuffles and paddings: what the contract can't show, which is values and refusals."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from graph_ir.dims import symbol
from graph_ir.signature import TensorType
from tests.graph_ir.one_layer import fails, inferred, network

N, H, W = (symbol(name) for name in "NHW")


def test_fold_undoes_unfold_at_any_size() -> None:
    window = {"kernel_size": [3, 2], "stride": [2, 1], "padding": [1, 0], "dilation": 2}
    columns = inferred("Unfold", TensorType((N, 3, H, W)), **window).outputs["y"]
    back = inferred("Fold", columns, output_size=["H", "W"], **window)
    assert back.error is None
    assert back.outputs["y"].shape == (N, 3, H, W)
    assert not [asked for asked in back.requirements if asked.operator == "=="]


def test_fold_needs_as_many_patches_as_the_image_has() -> None:
    assert fails("Fold", TensorType((1, 9, 35)), output_size=8, kernel_size=3) == "shape-mismatch"
    assert fails("Fold", TensorType((1, 10, 36)), output_size=8, kernel_size=3) == "bad-value"
    assert fails("Fold", TensorType((1, 9, 1)), output_size=2, kernel_size=3) == "too-small"
    assert inferred("Fold", TensorType((1, 9, 36)), output_size=8, kernel_size=3).error is None


def test_fold_adds_up_what_unfold_laid_out() -> None:
    window = {"kernel_size": 3, "stride": 2, "padding": 1}
    there, back = {"type": "Unfold", **window}, {"type": "Fold", "output_size": ["H", "W"], **window}
    module = network(["N", 2, "H", "W"], there, back)
    x = torch.rand(2, 2, 7, 9)
    torch.testing.assert_close(module(x) / module(torch.ones_like(x)), x)


def test_a_shuffle_deals_the_groups_out() -> None:
    module = network((1, 6, 1), {"type": "ChannelShuffle", "groups": 2})
    assert module(torch.arange(6.0).reshape(1, 6, 1)).flatten().tolist() == [0, 3, 1, 4, 2, 5]


@pytest.mark.parametrize(
    ("type", "values", "expected"),
    [
        ("ZeroPad1d", {"padding": [2, 1]}, [0, 0, 1, 2, 3, 4, 0]),
        ("ZeroPad1d", {"padding": [-1, 1]}, [2, 3, 4, 0]),
        ("ConstantPad1d", {"padding": [0, 2], "value": 7.5}, [1, 2, 3, 4, 7.5, 7.5]),
        ("ReflectionPad1d", {"padding": [2, 3]}, [3, 2, 1, 2, 3, 4, 3, 2, 1]),
        ("ReplicationPad1d", {"padding": [2, -1]}, [1, 1, 1, 2, 3]),
        ("CircularPad1d", {"padding": [1, 4]}, [4, 1, 2, 3, 4, 1, 2, 3, 4]),
    ],
)
def test_what_padding_puts_on_the_sides(type: str, values: dict[str, Any], expected: list[float]) -> None:
    module = network((1, 1, 4), {"type": type, **values})
    assert module(torch.tensor([[[1.0, 2, 3, 4]]])).flatten().tolist() == expected


@pytest.mark.parametrize("way", ["ZeroPad", "ReflectionPad", "ReplicationPad", "CircularPad"])
def test_padding_is_given_for_the_last_axis_first(way: str) -> None:
    flat = inferred(f"{way}2d", TensorType((1, 1, 5, 5)), padding=[1, 0, 2, -1])
    deep = inferred(f"{way}3d", TensorType((1, 1, 5, 5, 5)), padding=[0, 1, 2, 0, 0, 3])
    assert flat.outputs["y"].shape == (1, 1, 6, 6)
    assert deep.outputs["y"].shape == (1, 1, 8, 7, 6)


def test_paddings_ask_for_enough_entries() -> None:
    line = TensorType((1, 1, 4))
    assert fails("ReflectionPad1d", line, padding=4) == "too-small"
    assert fails("CircularPad1d", line, padding=5) == "too-small"
    assert fails("ZeroPad1d", line, padding=-2) == "too-small"
    assert fails("ZeroPad1d", line, padding=[-5, 9]) == "too-small"
    (needed,) = inferred("ReflectionPad2d", TensorType((1, 1, H, 9)), padding=[0, 0, 3, 1]).requirements
    assert str(needed) == "H >= 4"


def test_a_ring_that_was_cut_can_only_give_what_is_left() -> None:
    """Torch checks against the whole axis and hands out memory that it never wrote, which can be made visible."""
    torch.use_deterministic_algorithms(True)  # fills such memory with NaN
    try:
        for size in range(1, 6):
            for left in range(-4, 6):
                for right in range(-4, 6):
                    _compare_ring(size, left, right)
    finally:
        torch.use_deterministic_algorithms(False)


def _compare_ring(size: int, left: int, right: int) -> None:
    found = inferred("CircularPad1d", TensorType((1, 1, size)), padding=[left, right])
    if found.error is not None and found.error.code != "cut-ring":
        return
    try:
        given = nn.CircularPad1d((left, right))(torch.ones(1, 1, size))
    except RuntimeError:  # torch sees it itself
        assert found.error is not None
        return
    nothing = not given.numel() or bool(given.isnan().any())
    assert nothing == (found.error is not None), (size, left, right)


def test_a_number_must_fit_into_the_dtype() -> None:
    assert fails("ConstantPad1d", TensorType((1, 1, 4), "float16"), padding=1, value=1e5) == "bad-value"
    assert fails("ConstantPad1d", TensorType((1, 1, 4), "int64"), padding=1, value=1e19) == "bad-value"
    assert inferred("ConstantPad1d", TensorType((1, 1, 4)), padding=1, value=1e5).error is None
    assert inferred("ConstantPad1d", TensorType((1, 1, 4), "int64"), padding=1, value=-9e18).error is None


def test_padding_the_batch_is_warned_of() -> None:
    assert [c for c, _, _ in inferred("ZeroPad2d", TensorType((N, 4)), padding=1).warnings] == ["mixes-batch"]
    assert not inferred("ZeroPad1d", TensorType((N, 4)), padding=1).warnings
