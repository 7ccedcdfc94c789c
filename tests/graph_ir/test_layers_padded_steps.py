"""Norms, noise, activations and gates where steps behind a sample's length are padding."""

from __future__ import annotations

from typing import Any

import pytest

from graph_ir.dims import symbol
from graph_ir.infer import Inference
from graph_ir.signature import Length, TensorType
from tests.graph_ir.one_layer import inferred
from tests.graph_ir.test_layers_activation import FORMULAS, GATES

N = symbol("N")


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
        ("BatchNorm1d", {"track_running_stats": False}, "NCT", 2),
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
    def codes(found: Inference) -> list[str]:
        return [code for code, _, _ in found.warnings]

    assert "padding-in-statistics" in codes(inferred("BatchNorm1d", padded("NCT", 2)))
    assert "padding-in-statistics" not in codes(inferred("BatchNorm1d", TensorType((N, 8, 8))))
