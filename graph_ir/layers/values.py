"""Numbers of another kind, and numbers that come from nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from graph_ir.declare import choice, count, layer, number, option
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.kinds import Sizes
from graph_ir.recipes import Expr, Function, Stored
from graph_ir.signature import DTYPES, TensorType
from graph_ir.spec import Category, Layer


@layer(Category.MERGE, source="torch.nn.functional.one_hot", aliases=("CategoryEncoding",), common=False)
class OneHot(Layer):
    """Turns every index into as many entries as there are classes: a 1 at its place, else 0."""

    inputs = {"x": "*S : int64"}
    outputs = {"y": "*S num_classes"}
    num_classes: int = count("number of classes", start=10, role="F")
    torch = Function("F.one_hot")


@layer(Category.MERGE, source="torch.Tensor.to", aliases=("ToFloat", "AsType"), common=False)
class Cast(Layer):
    """Gives the same numbers another type, such as int64 indices as float32."""

    inputs = {"x": "*S : any"}
    dtype: str = choice(DTYPES, "the type of the result", start="float32")
    torch = Expr(lambda layer, v: f"{v['x']}.to(torch.{layer.dtype})")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        return {"y": replace(d["x"], dtype=self.dtype)}


def _full(layer: Constant, d: Scope) -> str:
    sizes = ", ".join(map(str, layer.shape))
    return f"nn.Buffer(torch.full(({sizes}{',' if len(layer.shape) == 1 else ''}), {layer.value!r}))"


@layer(Category.INPUT, source="torch.full", aliases=("Full", "Zeros", "Ones"), common=False)
class Constant(Layer):
    """A tensor that holds one number everywhere and never changes. It has no batch axis of its own."""

    inputs: ClassVar[Mapping[str, str]] = {}
    outputs = {"y": "*S"}
    shape: tuple[Dim, ...] = option(Sizes(), "the size of every axis; [] for a single number", start=[1])
    value: float = number("what every entry is", start=1.0)
    torch = Stored(_full)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        return {"y": TensorType(self.shape, "float32", ("",) * len(self.shape))}

    def buffers(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return {"": self.shape}
