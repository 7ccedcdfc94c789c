"""Activations and gates: the values that printed code gives on real torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from graph_ir.dims import symbol
from graph_ir.signature import TensorType
from tests.graph_ir.one_layer import inferred, network

N, T, W = (symbol(name) for name in "NTW")
RAMP = torch.linspace(-7, 7, 57).reshape(1, 57)

# What the reference says each activation computes.
FORMULAS: Mapping[str, tuple[dict[str, Any], Callable[[float], float]]] = {
    "ReLU": ({}, lambda x: max(0, x)),
    "GELU": ({}, lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2),
    "Tanh": ({}, lambda x: (math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x))),
    "Sigmoid": ({}, lambda x: 1 / (1 + math.exp(-x))),
    "SiLU": ({}, lambda x: x / (1 + math.exp(-x))),
    "Mish": ({}, lambda x: x * math.tanh(math.log(1 + math.exp(x)))),
    "Softplus": (
        {"beta": 2.0, "threshold": 5.0},
        lambda x: x if 2 * x > 5 else math.log(1 + math.exp(2 * x)) / 2,
    ),
    "Softsign": ({}, lambda x: x / (1 + abs(x))),
    "Tanhshrink": ({}, lambda x: x - math.tanh(x)),
    "LogSigmoid": ({}, lambda x: -math.log(1 + math.exp(-x))),
    "Identity": ({}, lambda x: x),
    "Hardsigmoid": ({}, lambda x: min(max(0, x / 6 + 1 / 2), 1)),
    "Hardswish": ({}, lambda x: x * min(max(0, x / 6 + 1 / 2), 1)),
    "Hardtanh": ({"min_val": -2.0, "max_val": 3.0}, lambda x: min(max(-2, x), 3)),
    "Threshold": ({"threshold": 0.3, "value": -4.0}, lambda x: x if x > 0.3 else -4),
    "Hardshrink": ({"lambd": 1.1}, lambda x: x if abs(x) > 1.1 else 0),
    "Softshrink": ({"lambd": 1.1}, lambda x: math.copysign(max(0, abs(x) - 1.1), x)),
    "ReLU6": ({}, lambda x: min(max(0, x), 6)),
    "LeakyReLU": ({"negative_slope": 0.3}, lambda x: max(0, x) + 0.3 * min(0, x)),
    "PReLU": ({"start": 0.4}, lambda x: max(0, x) + 0.4 * min(0, x)),
    "RReLU": ({"lower": 0.2, "upper": 0.4}, lambda x: max(0, x) + 0.3 * min(0, x)),
    "ELU": ({"alpha": 2.0}, lambda x: max(0, x) + 2 * (math.exp(min(0, x)) - 1)),
    "CELU": ({"alpha": 2.0}, lambda x: max(0, x) + min(0, 2 * (math.exp(x / 2) - 1))),
    "SELU": ({}, lambda x: 1.0507 * (max(0, x) + 1.6733 * (math.exp(min(0, x)) - 1))),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_an_activation_computes_its_formula(name: str) -> None:
    values, formula = FORMULAS[name]
    expected = torch.tensor([[formula(x) for x in RAMP[0].tolist()]])
    with torch.no_grad():
        got = network((1, 57), {"type": name, **values}).eval()(RAMP)
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4)


GATES: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "GLU": lambda a, b: a * torch.sigmoid(b),
    "SwiGLU": lambda a, b: a * b * torch.sigmoid(b),
    "GEGLU": lambda a, b: a * b * (1 + torch.erf(b / math.sqrt(2))) / 2,
}


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize("dim", [-1, 1])
def test_a_gate_weighs_the_first_half_by_the_second(name: str, dim: int) -> None:
    x = torch.randn(3, 4, 6)
    a, b = x.split(x.shape[dim] // 2, dim)
    torch.testing.assert_close(network((3, 4, 6), {"type": name, "dim": dim})(x), GATES[name](a, b))


@pytest.mark.parametrize("name", GATES)
def test_what_is_halved_must_be_even(name: str) -> None:
    found = inferred(name, TensorType((N, T, 2 * W), roles=("N", "T", "F")))
    assert found.error is None and found.outputs["y"].shape == (N, T, W)
    assert found.outputs["y"].roles == ("N", "T", "F")
    assert [str(r) for r in inferred(name, TensorType((N, T))).requirements] == ["T % 2 == 0"]
    odd = inferred(name, TensorType((N, 2 * T + 1))).error
    assert odd is not None and odd.code == "shape-mismatch" and odd.port == "x"


def test_the_slopes_of_a_prelu_start_as_said_and_can_be_one_for_each_channel() -> None:
    made = network((2, 3, 4), {"type": "PReLU", "num_parameters": 3, "start": 0.1})
    (slopes,) = made.parameters()
    torch.testing.assert_close(slopes.detach(), torch.full((3,), 0.1))
    with torch.no_grad():
        slopes.copy_(torch.tensor([0.1, 0.2, 0.3]))
    y = made(-torch.ones(2, 3, 4))
    torch.testing.assert_close(y[0, :, 0].detach(), -torch.tensor([0.1, 0.2, 0.3]))
    asked = inferred("PReLU", TensorType((N, W, T)), num_parameters=3).requirements
    assert [str(r) for r in asked] == ["W == 3"]
