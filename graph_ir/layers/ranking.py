"""Along one axis: where the extremes are, the largest few, running sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from graph_ir.declare import count, flag, layer, option
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Nothing
from graph_ir.layers.reductions import Reduction, reducing, summed
from graph_ir.recipes import Expr, Variables
from graph_ir.requirements import at_least
from graph_ir.signature import TensorType
from graph_ir.spec import Category, Layer

_AXIS = Either(Nothing(), Integer())


class _Place(Reduction):
    """The index of an extreme."""

    inputs = {"x": "*S : number"}
    does = "it looks for an extreme"

    def given(self, dtype: str) -> str:
        return "int64"


@layer(Category.MERGE, source="torch.argmax", common=False)
class ArgMax(_Place):
    """Where the largest entry along an axis stands: the predicted class of scores. No gradient passes through it."""

    dim: int | None = option(_AXIS, "axis; null: the place in the flattened tensor", default=None, start=-1)
    keepdim: bool = flag("keep the axis, with size 1", default=False)
    torch = reducing("argmax")


@layer(Category.MERGE, source="torch.argmin", common=False)
class ArgMin(_Place):
    """Where the smallest entry along an axis stands. No gradient passes through it."""

    dim: int | None = option(_AXIS, "axis; null: the place in the flattened tensor", default=None, start=-1)
    keepdim: bool = flag("keep the axis, with size 1", default=False)
    torch = reducing("argmin")


@layer(Category.MERGE, source="torch.cumsum", aliases=("RunningSum",), common=False)
class CumSum(Layer):
    """The sum of all entries up to each one along an axis; ints and bools become int64.

    Formula: y_t = x_1 + … + x_t
    """

    inputs = {"x": "*S : any"}
    dim: int = option(Integer(), "axis along which it sums; counts the batch axis", start=1)
    torch = Expr(lambda layer, v: f"{v['x']}.cumsum({layer.dim})")

    def limits(self, d: Scope) -> None:
        axis = d.axis("x", self.dim, extra=int(not d["x"].shape))
        d.warn_if_batch("x", (axis,), "it sums")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        return {"y": replace(d["x"], dtype=summed(d["x"].dtype))}


def _topk(layer: TopK, v: Variables) -> str:
    rest = [f"dim={layer.dim}"] if layer.dim != -1 else []
    rest += [f"{name}=False" for name in ("largest", "sorted") if not getattr(layer, name)]
    text = f"{v['x']}.topk({', '.join([str(layer.k), *rest])})"
    return text if "indices" in v.used else f"{text}.values"


@layer(Category.MERGE, source="torch.topk", aliases=("KMaxPooling",), common=False)
class TopK(Layer):
    """The `k` largest entries along an axis, and where they stand."""

    inputs = {"x": "*S : number"}
    outputs = {"values": "*S", "indices": "*S : int64"}
    k: int = count("how many", low=0, start=3)
    dim: int = option(Integer(), "axis to look along; counts the batch axis", default=-1)
    largest: bool = flag("the largest; else the smallest", default=True)
    sorted: bool = flag("in order of size", default=True)
    torch = Expr(_topk, returns="values, indices")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        axis = d.axis("x", self.dim, extra=int(not given.shape))
        d.warn_if_batch("x", (axis,), "it chooses entries")
        d.mixes("x", (axis,) if given.shape else (), "it chooses entries")
        size = given.shape[axis] if given.shape else 1
        if given.shape and not self.k:
            d.fail("bad-value", "`k` is 0, which leaves nothing; use 1 or more", field="k")
        text = f"`k` is {self.k}, but axis {axis} of {given.text} has {size} entries; lower it"
        d.require(at_least(size, self.k), "bad-value", text, port="x", field="k")
        shape = tuple(self.k if i == axis else size for i, size in enumerate(given.shape))
        sources = [None if i == axis else i for i in range(len(shape))]
        values = d.rearranged("x", shape, sources)
        return {"values": values, "indices": replace(values, dtype="int64")}
