"""Norms, noise, activations and gates: what the contract can't show, which is values, warnings and padding."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from codegen.module import print_module
from graph_ir.build import build
from graph_ir.check import check
from graph_ir.dims import symbol
from graph_ir.infer import Inference, infer
from graph_ir.layers import catalogue
from graph_ir.signature import Length, TensorType
from tests.codegen.code_samples import printed
from tests.graph_ir.cases import Case
from tests.graph_ir.contract import disagreement
from tests.networks import chain

N, T, H, W = (symbol(name) for name in "NTHW")
RAMP = torch.linspace(-7, 7, 57).reshape(1, 57)


def network(shape: tuple[int, ...], type: str, **values: Any) -> nn.Module:
    """The printed network of one layer behind an Input, as a user would import it."""
    made = chain({"type": "Input", "shape": list(shape)}, {"type": type, **values})
    names: dict[str, Any] = {}
    exec(compile(printed(made), "<printed>", "exec"), names)
    module = names[print_module(made, check(made)).class_name]()
    assert isinstance(module, nn.Module)
    return module


def inferred(type: str, given: TensorType, **values: Any) -> Inference:
    layer, bad = build(catalogue()[type], values)
    assert layer is not None, bad
    return infer(layer, (("x", given),))


def codes(found: Inference) -> list[str]:
    return [code for code, _, _ in found.warnings]


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
        got = network((1, 57), name, **values).eval()(RAMP)
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
    torch.testing.assert_close(network((3, 4, 6), name, dim=dim)(x), GATES[name](a, b))


@pytest.mark.parametrize("name", GATES)
def test_what_is_halved_must_be_even(name: str) -> None:
    found = inferred(name, TensorType((N, T, 2 * W), roles=("N", "T", "F")))
    assert found.error is None and found.outputs["y"].shape == (N, T, W)
    assert found.outputs["y"].roles == ("N", "T", "F")
    assert [str(r) for r in inferred(name, TensorType((N, T))).requirements] == ["T % 2 == 0"]
    odd = inferred(name, TensorType((N, 2 * T + 1))).error
    assert odd is not None and odd.code == "shape-mismatch" and odd.port == "x"


def test_rms_norm_divides_by_the_root_mean_square() -> None:
    x = torch.randn(2, 3, 4)
    for axes, dims in ((1, (2,)), (2, (1, 2))):
        expected = x / (x.square().mean(dims, keepdim=True) + 0.1).sqrt()
        torch.testing.assert_close(network((2, 3, 4), "RMSNorm", axes=axes, eps=0.1)(x), expected)
    tiny = torch.full((1, 4), 1e-4)
    expected = tiny / (tiny.square() + torch.finfo(torch.float32).eps).sqrt()
    torch.testing.assert_close(network((1, 4), "RMSNorm")(tiny), expected)


def test_group_and_local_response_norms_look_where_they_say() -> None:
    x = torch.randn(2, 6, 4)
    groups = x.reshape(2, 3, 8)
    spread = (groups.var(2, correction=0, keepdim=True) + 1e-5).sqrt()
    expected = ((groups - groups.mean(2, keepdim=True)) / spread).reshape(2, 6, 4)
    torch.testing.assert_close(network((2, 6, 4), "GroupNorm", num_groups=3)(x), expected)
    padded = nn.functional.pad(x.square(), (0, 0, 1, 1))
    near = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    got = network((2, 6, 4), "LocalResponseNorm", size=3, alpha=0.6, beta=0.5, k=2.0)(x)
    torch.testing.assert_close(got, x / (2 + 0.2 * near).sqrt())


@pytest.mark.parametrize("mode", ["row", "batch"])
def test_stochastic_depth_drops_whole_samples(mode: str) -> None:
    torch.manual_seed(0)
    x = torch.rand(400, 2, 3) + 1
    depth = network((400, 2, 3), "StochasticDepth", p=0.25, mode=mode)
    kept = []
    for _ in range(40):
        y = depth(x)
        alive = y.flatten(1).any(1)
        torch.testing.assert_close(y, x / 0.75 * alive[:, None, None])
        kept.append(alive.float().mean().item())
    torch.testing.assert_close(depth.eval()(x), x, rtol=0, atol=0)
    assert 0.5 < sum(kept) / 40 < 0.95
    assert (set(kept) == {0.0, 1.0}) == (mode == "batch")
    assert not network((400, 2, 3), "StochasticDepth", p=1.0, mode=mode)(x).any()


def test_gaussian_noise_is_added_while_training_only() -> None:
    torch.manual_seed(0)
    x = torch.rand(200, 100)
    noisy = network((200, 100), "GaussianNoise", std=0.3)
    added = noisy(x) - x
    assert abs(added.std().item() - 0.3) < 0.01 and abs(added.mean().item()) < 0.01
    torch.testing.assert_close(noisy.eval()(x), x, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("name", "shape"),
    [("Dropout1d", (50, 8, 3)), ("Dropout2d", (50, 8, 3, 2)), ("Dropout3d", (50, 8, 3, 2, 2))],
)
def test_a_dropout_of_channels_drops_them_whole(name: str, shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    dropped = network(shape, name, p=0.5)(torch.ones(shape)).flatten(2)
    assert (dropped == dropped[:, :, :1]).all()
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert dropped.any(2).any(1).all(), "samples are not dropped as a whole"


def test_the_slopes_of_a_prelu_start_as_said_and_can_be_one_for_each_channel() -> None:
    made = network((2, 3, 4), "PReLU", num_parameters=3, start=0.1)
    (slopes,) = made.parameters()
    torch.testing.assert_close(slopes.detach(), torch.full((3,), 0.1))
    with torch.no_grad():
        slopes.copy_(torch.tensor([0.1, 0.2, 0.3]))
    y = made(-torch.ones(2, 3, 4))
    torch.testing.assert_close(y[0, :, 0].detach(), -torch.tensor([0.1, 0.2, 0.3]))
    asked = inferred("PReLU", TensorType((N, W, T)), num_parameters=3).requirements
    assert [str(r) for r in asked] == ["W == 3"]


# Sizes and values on both sides of limits that random draws seldom meet.
EDGES: list[tuple[str, dict[str, Any], tuple[int, ...], str, bool]] = [
    ("CELU", {"alpha": 0.0}, (2, 3), "float32", False),
    ("CELU", {"alpha": -1.0}, (2, 3), "float32", True),
    ("Hardtanh", {"min_val": 1.0, "max_val": 1.0}, (2, 3), "float32", False),
    ("Hardtanh", {"min_val": 1.0, "max_val": 1.1}, (2, 3), "int64", True),
    ("RReLU", {"lower": 0.5, "upper": 0.2}, (2, 3), "float32", False),
    ("RReLU", {"lower": 0.2, "upper": 0.2}, (2, 3), "float32", True),
    ("RReLU", {}, (2, 3), "float16", False),
    ("Softplus", {"beta": 0.0}, (2, 3), "float32", True),
    ("Softshrink", {"lambd": -0.1}, (2, 3), "float32", False),
    ("Threshold", {"threshold": 0.0, "value": 1.0}, (2, 3), "bool", False),
    ("LocalResponseNorm", {"size": 9}, (2, 3, 4), "float16", True),
    ("LocalResponseNorm", {"size": 9}, (2, 3, 4, 4), "float16", False),
    ("LocalResponseNorm", {"size": 2}, (2, 3, 4, 4, 2), "int64", True),
    ("LocalResponseNorm", {"size": 2}, (2, 3), "float32", False),
    ("GroupNorm", {"num_groups": 4}, (1, 4), "float32", False),
    ("GroupNorm", {"num_groups": 4}, (2, 4), "float32", True),
    ("GroupNorm", {"num_groups": 2}, (1, 4), "float32", True),
    ("GroupNorm", {"num_groups": 4}, (1, 4, 1, 2), "float32", True),
    ("InstanceNorm1d", {}, (4, 3, 1), "float32", False),
    ("InstanceNorm2d", {"track_running_stats": True}, (4, 3, 1, 2), "float32", True),
    ("InstanceNorm3d", {"affine": True, "bias": False}, (4, 3, 1, 1, 1), "float32", False),
    ("BatchNorm3d", {"bias": False}, (1, 3, 1, 1, 1), "float32", False),
    ("BatchNorm3d", {"bias": False}, (1, 3, 1, 2, 1), "float32", True),
    ("PReLU", {"num_parameters": 2}, (2,), "float32", False),
    ("PReLU", {}, (), "float32", True),
    ("SwiGLU", {"dim": 0}, (3, 2), "float32", False),
    ("GLU", {"dim": 0}, (), "float32", False),
]


@pytest.mark.parametrize(("name", "values", "shape", "dtype", "fits"), EDGES)
def test_limits_are_those_of_torch(
    name: str, values: dict[str, Any], shape: tuple[int, ...], dtype: str, fits: bool
) -> None:
    case = Case(catalogue()[name], values, {"x": TensorType(shape, dtype)}, frozenset({"y"}))
    assert disagreement(case) == ("", fits)


def test_one_value_has_no_variance_and_unknown_sizes_must_be_more() -> None:
    def asked(name: str, *shape: Any, **values: Any) -> list[str]:
        found = inferred(name, TensorType(shape), **values)
        assert found.error is None
        return [str(requirement) for requirement in found.requirements]

    assert asked("InstanceNorm1d", N, 3, T) == ["T >= 2"]
    assert asked("InstanceNorm1d", N, 3, T // 2) == ["T >= 4"]
    assert asked("InstanceNorm2d", N, 3, H, W) == ["H*W >= 2"]
    assert asked("InstanceNorm2d", N, 3, 2, W) == []
    assert asked("GroupNorm", N, 4, H, W, num_groups=2) == []
    assert asked("GroupNorm", N, 4, num_groups=4) == ["N >= 2"]


@pytest.mark.parametrize("name", ["GroupNorm", "InstanceNorm2d", "BatchNorm3d", "LayerNorm", "RMSNorm"])
def test_a_norm_must_know_how_many_channels_it_has(name: str) -> None:
    cls = catalogue()[name]
    shape = (N, W, 8, 8, W)[: cls.spec.inputs[0].rank or 5]
    error = inferred(name, TensorType(shape), **cls.spec.start_values()).error
    assert error is not None and error.code == "size-unknown" and "W" in error.text


@pytest.mark.parametrize("name", ["LayerNorm", "RMSNorm"])
def test_a_norm_over_steps_or_pixels_alone_is_named(name: str) -> None:
    def said(roles: str, axes: int) -> list[str]:
        shape = (N, *[4] * (len(roles) - 1))
        found = inferred(name, TensorType(shape, roles=tuple(roles)), axes=axes)
        assert found.error is None
        return [text for code, _, text in found.warnings if code == "norm-axis"]

    (text,) = said("NCT", 1)
    assert "axis 2 of (N, 4, 4), which is T (time)" in text and "Permute" in text
    assert "W (width)" in said("NCHW", 1)[0]
    assert "H (height)" in said("NCHW", 2)[0]
    assert said("NCHW", 3) == said("NTF", 1) == said("NTF", 2) == []


def padded(roles: str, axis: int, dtype: str = "float32") -> TensorType:
    """A tensor of size 8 on every axis behind the batch, whose `axis` carries lengths."""
    lengths = tuple(Length("signal") if i == axis else None for i in range(len(roles)))
    return TensorType((N, *[8] * (len(roles) - 1)), dtype, tuple(roles), lengths)


@pytest.mark.parametrize(
    ("name", "values", "roles", "axis"),
    [
        ("Softmax", {"dim": 1}, "NTF", 1),
        ("LogSoftmax", {"dim": -2}, "NTF", 1),
        ("Softmin", {"dim": None}, "NT", 1),
        ("LayerNorm", {"axes": 2}, "NTF", 1),
        ("RMSNorm", {}, "NCT", 2),
        ("GroupNorm", {"num_groups": 4}, "NCT", 2),
        ("InstanceNorm1d", {}, "NCT", 2),
        ("InstanceNorm2d", {}, "NCHW", 3),
        ("GLU", {"dim": 1}, "NTF", 1),
        ("SwiGLU", {"dim": -2}, "NTF", 1),
        ("GEGLU", {"dim": 1}, "NTF", 1),
        ("LocalResponseNorm", {"size": 3}, "NTFF", 1),
        ("Softmax2d", {}, "NTHW", 1),
    ],
)
def test_what_mixes_steps_does_not_take_padding(
    name: str, values: dict[str, Any], roles: str, axis: int
) -> None:
    error = inferred(name, padded(roles, axis), **values).error
    assert error is not None and error.code == "mixes-padding" and f"axis {axis}" in error.text


@pytest.mark.parametrize(
    ("name", "values", "roles", "axis", "dtype"),
    [
        *((name, values, "NTF", 1, "float32") for name, (values, _) in FORMULAS.items()),
        *((name, {}, "NT", 1, "int64") for name in ("Tanh", "Sigmoid", "Softsign", "Tanhshrink")),
        *((name, {}, "NTF", 1, "float32") for name in GATES),
        ("Softmax", {"dim": -1}, "NTF", 1, "float32"),
        ("Softmax2d", {}, "NCHW", 3, "float32"),
        ("LayerNorm", {}, "NTF", 1, "float32"),
        ("RMSNorm", {}, "NTF", 1, "float32"),
        ("LocalResponseNorm", {"size": 3}, "NCT", 2, "int64"),
        ("BatchNorm1d", {}, "NCT", 2, "float32"),
        ("Dropout", {}, "NTF", 1, "float32"),
        ("Dropout1d", {}, "NCT", 2, "float32"),
        ("Dropout2d", {}, "NCHW", 3, "float32"),
        ("Dropout3d", {}, "NCDHW", 4, "float32"),
        ("AlphaDropout", {}, "NTF", 1, "float32"),
        ("FeatureAlphaDropout", {}, "NCT", 2, "float32"),
        ("StochasticDepth", {"p": 0.1}, "NTF", 1, "float32"),
        ("GaussianNoise", {"std": 0.1}, "NTF", 1, "float32"),
    ],
)
def test_what_leaves_steps_apart_keeps_their_lengths(
    name: str, values: dict[str, Any], roles: str, axis: int, dtype: str
) -> None:
    given = padded(roles, axis, dtype)
    found = inferred(name, given, **values)
    assert found.error is None, found.error
    assert (found.outputs["y"].lengths, found.outputs["y"].roles) == (given.lengths, given.roles)


def test_padding_in_the_statistics_of_a_batch_norm_is_named() -> None:
    assert "padding-in-statistics" in codes(inferred("BatchNorm1d", padded("NCT", 2)))
    assert "padding-in-statistics" not in codes(inferred("BatchNorm1d", TensorType((N, 8, 8))))


def test_what_torch_takes_though_it_makes_no_sense_is_named() -> None:
    assert codes(inferred("Softplus", TensorType((N, 4)), beta=0.0)) == ["infinite"]
    assert codes(inferred("GLU", TensorType((N, 4)), dim=0)) == ["mixes-batch"]
    for rank, better in ((2, "Dropout"), (3, "Dropout1d"), (5, "Dropout3d"), (6, "Reshape")):
        ((code, port, text),) = inferred("Dropout2d", TensorType((N, *[4] * (rank - 1)))).warnings
        assert (code, port) == ("rank", "x") and better in text
    assert not codes(inferred("Dropout2d", TensorType((N, 4, 4, 4))))
