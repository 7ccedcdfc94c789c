"""Softmax and its kin: entries along one axis become shares."""

from __future__ import annotations

from graph_ir.declare import layer, option
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Nothing
from graph_ir.recipes import Expr, Module, Variables
from graph_ir.spec import Category, Layer


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
        if rank:
            d.mixes("x", (axis,), "it normalises")


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
    """Turns the entries along `dim` into shares that add up to 1.

    Formula: `y = exp(x) / sum(exp(x))`, with the sum along `dim`.
    """

    dim: int | None = option(
        _DIM, "axis whose entries add up to 1; counts the batch axis", default=None, start=-1
    )
    torch = _along_axis("F.softmax")


@layer(Category.ACTIVATION, source="torch.nn.LogSoftmax")
class LogSoftmax(_AlongAxis):
    """The logarithm of Softmax, computed stably; what NLL and CTC losses take.

    Formula: `y = x - log(sum(exp(x)))`, with the sum along `dim`.
    """

    dim: int | None = option(
        _DIM, "axis whose shares add up to 1; counts the batch axis", default=None, start=-1
    )
    torch = _along_axis("F.log_softmax")


@layer(Category.ACTIVATION, source="torch.nn.Softmin", common=False)
class Softmin(_AlongAxis):
    """Turns the entries along `dim` into shares that add up to 1; the smallest entry gets the largest.

    Formula: `y = exp(-x) / sum(exp(-x))`, with the sum along `dim`.
    """

    dim: int | None = option(
        _DIM, "axis whose entries add up to 1; counts the batch axis", default=None, start=-1
    )
    torch = _along_axis("F.softmin")


@layer(Category.ACTIVATION, source="torch.nn.Softmax2d", common=False)
class Softmax2d(Layer):
    """Turns the channels at each pixel into shares that add up to 1.

    Formula: `y = exp(x) / sum(exp(x))`, with the sum over C.
    """

    inputs = {"x": "N C H W"}
    outputs = {"y": "N C H W"}
    torch = Module("nn.Softmax2d")

    def limits(self, d: Scope) -> None:
        d.mixes("x", (1,), "it normalises")
