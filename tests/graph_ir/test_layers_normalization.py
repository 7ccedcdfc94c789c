"""Norms, dropout and noise: what the contract can't show, which is values, requirements and warnings."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from graph_ir.dims import symbol
from graph_ir.infer import Inference
from graph_ir.layers import catalogue
from graph_ir.signature import TensorType
from tests.graph_ir.cases import Case
from tests.graph_ir.contract import disagreement
from tests.graph_ir.one_layer import inferred, network

N, T, H, W = (symbol(name) for name in "NTHW")


def codes(found: Inference) -> list[str]:
    return [code for code, _, _ in found.warnings]


def test_rms_norm_divides_by_the_root_mean_square() -> None:
    x = torch.randn(2, 3, 4)
    for axes, dims in ((1, (2,)), (2, (1, 2))):
        expected = x / (x.square().mean(dims, keepdim=True) + 0.1).sqrt()
        torch.testing.assert_close(
            network((2, 3, 4), {"type": "RMSNorm", "axes": axes, "eps": 0.1})(x), expected
        )
    tiny = torch.full((1, 4), 1e-4)
    expected = tiny / (tiny.square() + torch.finfo(torch.float32).eps).sqrt()
    torch.testing.assert_close(network((1, 4), {"type": "RMSNorm"})(tiny), expected)


def test_group_and_local_response_norms_look_where_they_say() -> None:
    x = torch.randn(2, 6, 4)
    groups = x.reshape(2, 3, 8)
    spread = (groups.var(2, correction=0, keepdim=True) + 1e-5).sqrt()
    expected = ((groups - groups.mean(2, keepdim=True)) / spread).reshape(2, 6, 4)
    torch.testing.assert_close(network((2, 6, 4), {"type": "GroupNorm", "num_groups": 3})(x), expected)
    padded = nn.functional.pad(x.square(), (0, 0, 1, 1))
    near = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    got = network((2, 6, 4), {"type": "LocalResponseNorm", "size": 3, "alpha": 0.6, "beta": 0.5, "k": 2.0})(x)
    torch.testing.assert_close(got, x / (2 + 0.2 * near).sqrt())


@pytest.mark.parametrize("mode", ["row", "batch"])
def test_stochastic_depth_drops_whole_samples(mode: str) -> None:
    torch.manual_seed(0)
    x = torch.rand(400, 2, 3) + 1
    depth = network((400, 2, 3), {"type": "StochasticDepth", "p": 0.25, "mode": mode})
    kept = []
    for _ in range(40):
        y = depth(x)
        alive = y.flatten(1).any(1)
        torch.testing.assert_close(y, x / 0.75 * alive[:, None, None])
        kept.append(alive.float().mean().item())
    torch.testing.assert_close(depth.eval()(x), x, rtol=0, atol=0)
    assert 0.5 < sum(kept) / 40 < 0.95
    assert (set(kept) == {0.0, 1.0}) == (mode == "batch")
    assert not network((400, 2, 3), {"type": "StochasticDepth", "p": 1.0, "mode": mode})(x).any()


def test_gaussian_noise_is_added_while_training_only() -> None:
    torch.manual_seed(0)
    x = torch.rand(200, 100)
    noisy = network((200, 100), {"type": "GaussianNoise", "std": 0.3})
    added = noisy(x) - x
    assert abs(added.std().item() - 0.3) < 0.01 and abs(added.mean().item()) < 0.01
    torch.testing.assert_close(noisy.eval()(x), x, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("name", "shape"),
    [("Dropout1d", (50, 8, 3)), ("Dropout2d", (50, 8, 3, 2)), ("Dropout3d", (50, 8, 3, 2, 2))],
)
def test_a_dropout_of_channels_drops_them_whole(name: str, shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    dropped = network(shape, {"type": name, "p": 0.5})(torch.ones(shape)).flatten(2)
    assert (dropped == dropped[:, :, :1]).all()
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert dropped.any(2).any(1).all(), "samples are not dropped as a whole"


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


def test_what_torch_takes_though_it_makes_no_sense_is_named() -> None:
    assert codes(inferred("Softplus", TensorType((N, 4)), beta=0.0)) == ["infinite"]
    assert codes(inferred("GLU", TensorType((N, 4)), dim=0)) == ["mixes-batch"]
    for rank, better in ((2, "Dropout"), (3, "Dropout1d"), (5, "Dropout3d"), (6, "Reshape")):
        ((code, port, text),) = inferred("Dropout2d", TensorType((N, *[4] * (rank - 1)))).warnings
        assert (code, port) == ("rank", "x") and better in text
    assert not codes(inferred("Dropout2d", TensorType((N, 4, 4, 4))))
