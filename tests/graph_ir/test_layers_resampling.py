"""Resampling: values through the printed code on real torch, and sizes that are symbols."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch.nn import functional

from codegen.module import print_module
from graph_ir.check import check
from graph_ir.graph import Design
from tests.codegen.lengths import module_of
from tests.graph_ir.printed_values import IMAGE, problems, run, size
from tests.networks import chain, design

Values = Mapping[str, Any]


def resized(layer: Values, like: list[int | str]) -> Design:
    return design(
        {
            "image": IMAGE,
            "other": {"type": "Input", "shape": like},
            "resize": layer,
            "out": {"type": "Output"},
            "second": {"type": "Output"},
        },
        ["image -> resize.x", "other -> resize.like", "resize -> out", "other -> second"],
    )


def test_interpolation_takes_the_size_of_another_wire() -> None:
    made = resized({"type": "Interpolate", "mode": "bilinear", "align_corners": True}, ["N", 5, "H2", "W2"])
    assert size(check(made), "resize") == ["N", "2", "H2", "W2"]
    x, other = torch.rand(3, 2, 4, 5), torch.rand(3, 5, 7, 3)
    expected = functional.interpolate(x, (7, 3), mode="bilinear", align_corners=True)
    torch.testing.assert_close(run(made, x, other)[0], expected)


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"size": 3}, 2), ({"scale_factor": 2.0}, 2), ({"size": [3, 4], "scale_factor": 2.0}, 3), ({}, 1)],
)
def test_a_size_is_said_once(fields: Values, said: int) -> None:
    report = check(resized({"type": "Interpolate", **fields}, ["N", 5, 8, 8]))
    assert problems(report) == (["bad-value"] if said > 1 else [])
    if said > 1:
        assert any(f"said {said} times" in problem.message for problem in report.problems)


@pytest.mark.parametrize(
    ("factor", "expected"),
    [(2.0, "2*H"), (0.5, "H//2"), (1.5, "H + H//2"), (0.75, "(3*H)//4"), (1.0, "H"), (2.25, "2*H + H//4")],
)
def test_a_factor_that_is_a_small_fraction_works_with_symbols(factor: float, expected: str) -> None:
    for layer in ("Upsample", "Interpolate"):
        made = chain(IMAGE, {"type": layer, "scale_factor": [factor, 1.0]})
        assert size(check(made), f"{layer.lower()}2") == ["N", "2", expected, "W"]
        model = module_of(print_module(made, check(made)))
        for rows in range(4, 40):
            assert model(torch.rand(1, 2, rows, 1)).shape[2] == eval(expected, {"H": rows})


def test_other_factors_need_a_known_size() -> None:
    layer = {"type": "Upsample", "scale_factor": 0.1}
    assert problems(check(chain(IMAGE, layer))) == ["size-unknown"]
    known = {"type": "Input", "shape": ["N", 2, 30, 31]}
    assert size(check(chain(known, layer)), "upsample2") == ["N", "2", "3", "3"]


def test_cropping_takes_the_middle() -> None:
    x, other = torch.arange(56.0).reshape(1, 1, 7, 8), torch.rand(1, 9, 4, 3)
    made = resized({"type": "CropLike"}, ["N", 9, "H2", "W2"])
    assert [str(r) for r in check(made).requirements] == ["H - H2 >= 0", "W - W2 >= 0"]
    assert torch.equal(run(made, x.repeat(1, 2, 1, 1), other)[0][:, :1], x[:, :, 1:5, 2:5])


def test_unshuffling_reverses_shuffling() -> None:
    shape = {"type": "Input", "shape": ["N", 12, "H", "W"]}
    made = chain(
        shape,
        {"type": "PixelShuffle", "upscale_factor": 2},
        {"type": "PixelUnshuffle", "downscale_factor": 2},
    )
    assert size(check(made), "pixelshuffle2") == ["N", "3", "2*H", "2*W"]
    assert size(check(made), "pixelunshuffle3") == ["N", "12", "H", "W"]
    x = torch.rand(2, 12, 3, 5)
    assert torch.equal(run(made, x)[0], x)
