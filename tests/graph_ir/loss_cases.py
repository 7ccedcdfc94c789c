"""Losses as they are printed, run on tensors: what the tests of values and of padding share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from codegen import recipe, support
from codegen.place import Place
from graph_ir.build import build
from graph_ir.infer import infer
from graph_ir.kinds import Choice
from graph_ir.layers import catalogue
from graph_ir.recipes import Module
from graph_ir.signature import Length, TensorType

LOSSES = sorted(name for name, cls in catalogue().items() if cls.spec.trait == "loss")
Lengths = Mapping[str, tuple[int, Tensor]]
"""By port: the axis that carries lengths, and these."""


def type_of(given: Tensor, axis: int | None = None) -> TensorType:
    """The type of a tensor; `axis` carries the lengths of an Input `n`."""
    lengths = [Length("n") if i == axis else None for i in range(given.dim())]
    return TensorType(tuple(given.shape), str(given.dtype).removeprefix("torch."), (), tuple(lengths))


def loss_of(
    type: str, tensors: Mapping[str, Tensor], lengths: Lengths | None = None, **values: Any
) -> tuple[Tensor, Any]:
    """What the code printed for a loss gives on these tensors, and its module (None: it has none).

    Fails where the declaration refuses them, or says another shape or dtype.
    """
    lengths = lengths or {}
    cls = catalogue()[type]
    layer, bad = build(cls, values)
    assert layer is not None, bad
    types = {port: type_of(t, lengths[port][0] if port in lengths else None) for port, t in tensors.items()}
    found = infer(layer, tuple(types.items()))
    assert found.error is None and found.scope is not None, found.error
    env: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "Tensor": Tensor, "math": math}
    env |= {"self": SimpleNamespace(), **tensors}
    used, carried = cls.spec, {(port, axis): f"n_{port}" for port, (axis, _) in lengths.items()}
    env |= {f"n_{port}": counts for port, (_, counts) in lengths.items()}
    place = Place(used, {port: port for port in tensors}, types, frozenset({"y"}), carried=carried)
    module = None
    text = recipe.call(layer, "module", place)
    made = recipe.constructor(layer, found.scope) if isinstance(cls.spec.recipe, Module) else ""
    classes = {r.target: r.helper for r in (cls.spec.recipe,) if isinstance(r, Module) and r.helper}
    for rows in support.needed(f"{text}\n{made}", classes).values():
        exec("\n".join(rows), env)
    if made:
        module = env["self"].module = eval(made, env)
    result = eval(text, env)
    expected = found.outputs["y"]
    assert (tuple(result.shape), result.dtype) == (expected.shape, getattr(torch, expected.dtype))
    return result, module


def close(a: Tensor, b: Tensor | float) -> None:
    """Fails unless both are the same but for rounding."""
    torch.testing.assert_close(a, torch.as_tensor(b, dtype=a.dtype), rtol=1e-5, atol=1e-6)


def reductions(type: str) -> tuple[str, ...]:
    """The words that a loss takes."""
    kind = catalogue()[type].spec.fields["reduction"].kind
    assert isinstance(kind, Choice)
    return kind.options
