"""The same numbers in another shape, or fewer of them. `dim` counts the batch axis and may be negative."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import flag, layer, option
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Integers, Nothing, Sizes
from graph_ir.recipes import Expr, Variables
from graph_ir.requirements import at_least, divisible, equal
from graph_ir.signature import TensorType, shape_text
from graph_ir.spec import Category, Layer


def _flatten(layer: Flatten, v: Variables) -> str:
    end = "" if layer.end_dim == -1 else f", {layer.end_dim}"
    return f"{v['x']}.flatten({layer.start_dim}{end})"


@layer(Category.MERGE, source="torch.nn.Flatten")
class Flatten(Layer):
    """Joins the axes from `start_dim` to `end_dim` into one."""

    inputs = {"x": "*S : any"}
    start_dim: int = option(Integer(), "first axis to join", default=1)
    end_dim: int = option(Integer(), "last axis to join", default=-1)
    torch = Expr(_flatten)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        if not given.shape and {self.start_dim, self.end_dim} <= {0, -1}:
            return {"y": TensorType((1,), given.dtype, ("",))}
        start, end = (
            d.axis("x", self.start_dim, field="start_dim"),
            d.axis("x", self.end_dim, field="end_dim"),
        )
        if start > end:
            text = f"`start_dim` is axis {start} and `end_dim` axis {end} of {given.text}; put the smaller one first"
            d.fail("bad-axis", text, field="start_dim")
        if start == end:
            return {"y": given}
        d.warn_if_batch("x", (start,), "it flattens")
        shape = (*given.shape[:start], product(given.shape[start : end + 1]), *given.shape[end + 1 :])
        roles = (*given.roles[:start], "F" if start else "", *given.roles[end + 1 :])
        return {"y": TensorType(shape, given.dtype, roles)}


def _reshape(layer: Reshape, v: Variables) -> str:
    x = v["x"]
    return f"{x}.reshape({', '.join([f'{x}.shape[0]', *map(v.size, layer.shape)])})"


@layer(Category.MERGE, source="torch.reshape", aliases=("View",))
class Reshape(Layer):
    """Gives every sample another shape with as many entries; the batch axis stays."""

    inputs = {"x": "N *S : any"}
    shape: tuple[Dim, ...] = option(
        Sizes(rest=True), "sizes without the batch axis; one may be -1: what is left", start=[-1]
    )
    torch = Expr(_reshape)

    def limits(self, d: Scope) -> None:
        if self.shape.count(-1) > 1:
            d.fail(
                "bad-value", "`shape` has more than one -1; only one size can be worked out", field="shape"
            )

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        entries = product(d.run("*S"))
        known = product(size for size in self.shape if size != -1)
        text = (
            f"`x` is {d['x'].text}, {entries} entries per sample, which can't become {shape_text(self.shape)}; "
            "choose sizes whose product is the same"
        )
        wanted = ("N", *self.shape)
        shape: tuple[Dim, ...] = self.shape
        if -1 in shape:
            answer = divisible(entries, known) if isinstance(known, int) else True
            d.require(answer, "shape-mismatch", text, port="x", wanted=wanted)
            shape = tuple(entries // known if size == -1 else size for size in shape)
        else:
            d.require(equal(entries, known), "shape-mismatch", text, port="x", wanted=wanted)
        given = d["x"]
        return {"y": TensorType((given.shape[0], *shape), given.dtype)}


def _permute(layer: Permute, v: Variables) -> str:
    return f"{v['x']}.permute({', '.join(map(str, layer.dims)) or '()'})"


@layer(Category.MERGE, source="torch.permute", aliases=("Transpose", "permute"), common=False)
class Permute(Layer):
    """Reorders the axes, the batch axis included: `[0, 2, 1]` swaps the last two of three."""

    inputs = {"x": "*S : any"}
    dims: tuple[int, ...] = option(Integers(shortest=0), "the old axis for each new one", start=[0, 2, 1])
    torch = Expr(_permute)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        rank = len(given.shape)
        axes = (
            [axis % rank if -rank <= axis < rank else rank for axis in self.dims] if rank else list(self.dims)
        )
        if sorted(axes) != list(range(rank)):
            text = f"`dims` is {list(self.dims)}, but `x` is {given.text}; name each axis from 0 to {rank - 1} once"
            d.fail("bad-axis", text, port="x", field="dims")
        shape, roles = tuple(given.shape[axis] for axis in axes), tuple(given.roles[axis] for axis in axes)
        return {"y": TensorType(shape, given.dtype, roles)}


@layer(Category.MERGE, source="torch.select", aliases=("Index",), common=False)
class Select(Layer):
    """Takes one entry along an axis, which disappears: `dim=1, index=-1` is the last step of a sequence."""

    inputs = {"x": "*S : any"}
    dim: int = option(Integer(), "axis to take from; counts the batch axis", start=1)
    index: int = option(Integer(), "which entry; -1 is the last", start=-1)
    torch = Expr(lambda layer, v: f"{v['x']}.select({layer.dim}, {layer.index})")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        axis = d.axis("x", self.dim)
        d.warn_if_batch("x", (axis,), "it selects")
        needed = self.index + 1 if self.index >= 0 else -self.index
        text = f"`index` is {self.index}, but axis {axis} of {given.text} has {given.shape[axis]} entries; lower it"
        d.require(at_least(given.shape[axis], needed), "bad-index", text, field="index")
        shape = given.shape[:axis] + given.shape[axis + 1 :]
        roles = given.roles[:axis] + given.roles[axis + 1 :]
        return {"y": TensorType(shape, given.dtype, roles)}


def _mean(layer: Mean, v: Variables) -> str:
    axes = layer.dim
    if axes is None and not layer.keepdim:
        return f"{v['x']}.mean()"
    shown = axes[0] if axes is not None and len(axes) == 1 else axes
    return f"{v['x']}.mean(dim={shown}{', keepdim=True' if layer.keepdim else ''})"


@layer(Category.MERGE, source="torch.mean", aliases=("ReduceMean", "GlobalAveragePooling1D"))
class Mean(Layer):
    """The mean over some axes, which disappear unless `keepdim`."""

    dim: tuple[int, ...] | None = option(
        Either(Nothing(), Integers(alone=True, shortest=0)),
        "axis or axes; null or []: all",
        default=None,
        start=1,
    )
    keepdim: bool = flag("keep the axes, with size 1", default=False)
    torch = Expr(_mean)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        rank = len(given.shape)
        scalar = 1 if rank == 0 else 0  # torch lets a tensor without axes have axis 0 (and -1)
        axes = tuple(d.axis("x", axis, extra=scalar) for axis in self.dim) if self.dim else tuple(range(rank))
        if len(set(axes)) < len(axes):
            d.fail(
                "bad-axis",
                f"`dim` is {list(self.dim or ())}, which names an axis twice; name each once",
                field="dim",
            )
        d.warn_if_batch("x", axes, "it takes the mean")
        kept = [i for i in range(rank) if self.keepdim or i not in axes]
        shape = tuple(1 if i in axes else given.shape[i] for i in kept)
        return {"y": TensorType(shape, given.dtype, tuple(given.roles[i] for i in kept))}
