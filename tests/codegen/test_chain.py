"""A chain of modules is printed as `nn.Sequential`: functions stand there as the modules that do the same."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from codegen.example import example
from codegen.recipe import call, module_form
from graph_ir.dims import substitute, symbols
from graph_ir.layers import catalogue
from graph_ir.recipes import Expr, Function
from graph_ir.signature import TensorType
from graph_ir.spec import Layer
from tests.codegen.places import place_of

WITH_MODULE = [
    name
    for name, cls in catalogue().items()
    if isinstance(cls.spec.recipe, Function | Expr) and cls.spec.recipe.module
]


def tensor(given: TensorType) -> torch.Tensor:
    sizes = [substitute(dim, dict.fromkeys(symbols(dim), 3)) for dim in given.shape]
    return torch.randn([int(str(size)) for size in sizes])


def run(code: str, **variables: Any) -> Any:
    return eval(code, {"F": F, "torch": torch, "nn": nn, **variables})


def variants(layer: Layer) -> list[Layer]:
    """The layer, and one with every flag of torch's the other way round."""
    flags = {
        name: not getattr(layer, name)
        for name, field in layer.spec.fields.items()
        if field.in_torch and isinstance(getattr(layer, name), bool)
    }
    values = {name: getattr(layer, name) for name in layer.spec.fields}
    return [layer, type(layer)(**values | flags)] if flags else [layer]


@pytest.mark.parametrize("name", WITH_MODULE)
def test_function_and_module_do_the_same(name: str) -> None:
    found = example(catalogue()[name])
    given = tensor(next(iter(found.inputs.values())))
    for layer in variants(found.layer):
        place = place_of(layer, found.inputs)
        wanted = run(call(layer, "", place), x=given)
        assert torch.equal(run(module_form(layer))(given), wanted)


def test_there_are_many() -> None:
    assert len(WITH_MODULE) >= 40
