"""One layer by itself: what is inferred for it, and the module that is printed for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from codegen.module import print_module
from graph_ir.build import build
from graph_ir.check import check
from graph_ir.infer import Inference, infer
from graph_ir.layers import catalogue
from graph_ir.signature import TensorType
from graph_ir.spec import Layer
from tests.networks import chain


def network(shape: Sequence[int | str], *layers: dict[str, Any]) -> nn.Module:
    """The printed network of layers behind an Input, as a user would import it."""
    made = chain({"type": "Input", "shape": list(shape)}, *layers)
    printed = print_module(made, check(made))
    names: dict[str, Any] = {"__name__": "model", "__file__": "model.py"}
    exec(compile(printed.source, "model.py", "exec"), names)
    module = names[printed.class_name]()
    assert isinstance(module, nn.Module)
    return module


def made(type: str, **values: Any) -> Layer:
    layer, bad = build(catalogue()[type], values)
    assert layer is not None, bad
    return layer


def inferred(type: str, given: TensorType, **values: Any) -> Inference:
    return infer(made(type, **values), (("x", given),))


def fails(type: str, given: TensorType, **values: Any) -> str:
    """The code of the error that there must be."""
    found = inferred(type, given, **values)
    assert found.error is not None
    return found.error.code
