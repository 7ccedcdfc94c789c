"""Activations: functions applied to every entry, or along one axis."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import choice, layer, option
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Nothing
from graph_ir.recipes import Expr, Function, Variables
from graph_ir.signature import FLOATS, TensorType
from graph_ir.spec import Category, Layer


@layer(Category.ACTIVATION, source="torch.nn.ReLU; Nair and Hinton, ICML 2010")
class ReLU(Layer):
    """Sets negative entries to 0."""

    inputs = {"x": "*S : number"}
    torch = Function("F.relu")


@layer(Category.ACTIVATION, source="torch.nn.GELU; Hendrycks and Gimpel, 2016")
class GELU(Layer):
    """Weighs every entry by the normal distribution's share below it: `x·Φ(x)`."""

    approximate: str = choice(("none", "tanh"), "'tanh' uses the faster approximation", default="none")
    torch = Function("F.gelu")


class _ToFloat(Layer):
    """Ints and bools become float32, as in torch."""

    inputs = {"x": "*S : any"}

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        dtype = given.dtype if given.dtype in FLOATS else "float32"
        return {"y": TensorType(given.shape, dtype, given.roles)}


@layer(Category.ACTIVATION, source="torch.nn.Tanh")
class Tanh(_ToFloat):
    """Squeezes every entry into -1 … 1."""

    torch = Expr(lambda layer, v: f"torch.tanh({v['x']})")


@layer(Category.ACTIVATION, source="torch.nn.Sigmoid")
class Sigmoid(_ToFloat):
    """Squeezes every entry into 0 … 1."""

    torch = Expr(lambda layer, v: f"torch.sigmoid({v['x']})")


class _AlongAxis(Layer):
    """An activation along one axis; without `dim`, torch's old rule: axis 0 of a rank of 0, 1 or 3, else axis 1."""

    dim: int | None

    def limits(self, d: Scope) -> None:
        rank = len(d["x"].shape)
        if self.dim is None:
            axis = 0 if rank in (0, 1, 3) else 1
            text = f"`dim` is not set, so torch takes axis {axis} of {d['x'].text}; set it, to -1 for the last axis"
            d.warn("implicit-dim", text)
        elif rank == 0 and self.dim in (0, -1):
            return
        else:
            axis = d.axis("x", self.dim)
        d.warn_if_batch("x", (axis,), "it normalises")


def _along_axis(name: str) -> Expr:
    def write(layer: _AlongAxis, v: Variables) -> str:
        return f"{name}({v['x']}, dim={implicit_dim(layer, v)})"

    return Expr(write)


def implicit_dim(layer: _AlongAxis, v: Variables) -> int:
    """The axis that is meant, written out so that torch does not warn."""
    if layer.dim is not None:
        return layer.dim
    return 0 if v.rank("x") in (0, 1, 3) else 1


_DIM = Either(Nothing(), Integer())


@layer(Category.ACTIVATION, source="torch.nn.Softmax")
class Softmax(_AlongAxis):
    """Turns the entries along `dim` into shares that add up to 1."""

    dim: int | None = option(
        _DIM, "axis whose entries add up to 1; counts the batch axis", default=None, start=-1
    )
    torch = _along_axis("F.softmax")


@layer(Category.ACTIVATION, source="torch.nn.LogSoftmax")
class LogSoftmax(_AlongAxis):
    """The logarithm of Softmax, computed stably; what NLL and CTC losses take."""

    dim: int | None = option(
        _DIM, "axis whose shares add up to 1; counts the batch axis", default=None, start=-1
    )
    torch = _along_axis("F.log_softmax")
