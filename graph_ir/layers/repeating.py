"""The same entries several times: along an axis of size 1, a whole tensor, or entry by entry."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import count, layer, option
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.kinds import Integer, Integers, Sizes
from graph_ir.layers._axes import keep_samples, moved
from graph_ir.recipes import Expr, Variables
from graph_ir.requirements import equal
from graph_ir.signature import STEPS, TensorType, shape_text
from graph_ir.spec import Category, Layer


def _listed(texts: list[str]) -> str:
    return ", ".join(texts) or "()"


def _expand(layer: Expand, v: Variables) -> str:
    return f"{v['x']}.expand({_listed([v.size(size) for size in layer.size])})"


@layer(Category.MERGE, source="torch.Tensor.expand", aliases=("BroadcastTo", "broadcast_to"), common=False)
class Expand(Layer):
    """Repeats axes of size 1 to the sizes that are given, without copying."""

    inputs = {"x": "*S : any"}
    size: tuple[Dim, ...] = option(
        Sizes(rest=True),
        "the size of every axis, the batch axis included, new ones in front; -1: as it is",
        start=[-1, -1, -1],
    )
    torch = Expr(_expand)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        new = len(self.size) - len(given.shape)
        text = f"`x` is {given.text}, which can't be expanded to {shape_text(self.size)}"
        wanted = tuple(1 if size == -1 else size for size in self.size)
        if new < 0:
            d.require(
                False, "shape-mismatch", f"{text}: it has more axes; name them all", port="x", wanted=wanted
            )
        if -1 in self.size[:new]:
            d.fail("bad-value", f"{text}: a new axis in front needs a size, not -1", field="size")
        sizes = [
            *self.size[:new],
            *(self._size(d, i, self.size[new + i], text, wanted) for i in range(len(given.shape))),
        ]
        kept = [None if i < new or sizes[i] != given.shape[i - new] else i - new for i in range(len(sizes))]
        made = moved(d, "x", tuple(sizes), kept)
        roles = (*made.roles[:new], *given.roles)
        return {"y": TensorType(made.shape, given.dtype, roles, made.lengths)}

    def _size(self, d: Scope, axis: int, size: Dim, text: str, wanted: tuple[Dim, ...]) -> Dim:
        old = d["x"].shape[axis]
        if size == -1 or old == size:
            return old
        if old != 1:
            remedy = f"axis {axis} has {old} entries, and only an axis of 1 can become {size}; use -1 there"
            d.require(equal(old, size), "shape-mismatch", f"{text}: {remedy}", port="x", wanted=wanted)
        return size


def _repeat(layer: Repeat, v: Variables) -> str:
    return f"{v['x']}.repeat({_listed([str(times) for times in layer.repeats])})"


@layer(Category.MERGE, source="torch.Tensor.repeat", aliases=("Tile", "RepeatVector"), common=False)
class Repeat(Layer):
    """Puts copies of the whole tensor behind each other, along each axis as often as is given."""

    inputs = {"x": "*S : any"}
    repeats: tuple[int, ...] = option(
        Integers(Integer(1), shortest=0),
        "how often along every axis, the batch axis included, new ones in front",
        start=[1, 2],
    )
    torch = Expr(_repeat)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        new = len(self.repeats) - len(given.shape)
        if new < 0:
            text = f"`repeats` is {list(self.repeats)}, but `x` is {given.text}; give a number for every axis"
            wanted = given.shape[: len(self.repeats)]
            d.require(False, "rank", text, port="x", wanted=wanted)
        times = self.repeats[new:]
        again = [axis for axis, number in enumerate(times) if number > 1]
        d.mixes("x", again, "it puts copies behind the padding")
        if 0 in again:
            keep_samples(d, "x", given, "it repeats the samples of")
        shape = (
            *self.repeats[:new],
            *(size * number for size, number in zip(given.shape, times, strict=True)),
        )
        return {"y": moved(d, "x", shape, [*[None] * new, *range(len(given.shape))])}


def _interleave(layer: RepeatInterleave, v: Variables) -> str:
    return f"{v['x']}.repeat_interleave({layer.repeats}, dim={layer.dim})"


@layer(Category.MERGE, source="torch.repeat_interleave", aliases=("UpSampling1D",), common=False)
class RepeatInterleave(Layer):
    """Repeats every entry along an axis: `a b` becomes `a a b b`."""

    inputs = {"x": "*S : any"}
    repeats: int = count("how often", start=2)
    dim: int = option(Integer(), "axis to repeat along; counts the batch axis", start=1)
    torch = Expr(_interleave)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        axis = d.axis("x", self.dim)
        if axis == 0 and self.repeats > 1:
            keep_samples(d, "x", given, "it repeats the samples of")
        shape = tuple(size * self.repeats if i == axis else size for i, size in enumerate(given.shape))
        rewrites = {axis: (STEPS * self.repeats, None)}
        return {"y": moved(d, "x", shape, range(len(shape)), rewrites=rewrites)}
