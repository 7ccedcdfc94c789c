"""The same numbers in another shape. `dim` counts the batch axis and may be negative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graph_ir.declare import layer, option
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Integers, Nothing, Sizes
from graph_ir.layers._axes import axes_of, moved
from graph_ir.recipes import Expr, Variables
from graph_ir.requirements import at_least, divisible, equal
from graph_ir.signature import TensorType, default_roles, shape_text
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
    torch = Expr(_flatten, module="nn.Flatten")

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
        joined = range(start, end + 1)
        d.warn_if_batch("x", (start,), "it flattens")
        d.mixes("x", joined, "it joins steps with other axes")
        shape = (*given.shape[:start], product(given.shape[i] for i in joined), *given.shape[end + 1 :])
        kept = (*range(start), None, *range(end + 1, len(given.shape)))
        made = moved(d, "x", shape, kept)
        # Only all axes of a sample together are features: pixels without their channels are steps.
        roles = (*made.roles[:start], "F" if start == 1 else "", *made.roles[start + 1 :])
        return {"y": TensorType(shape, given.dtype, roles, made.lengths)}


def _reshape(layer: Reshape, v: Variables) -> str:
    x = v["x"]
    return f"{x}.reshape({', '.join([f'{x}.shape[0]', *map(v.size, layer.shape)])})"


def filled(
    d: Scope, entries: Dim, sizes: Sequence[Dim], text: str, field: str, wanted: Sequence[Dim | str]
) -> tuple[Dim, ...]:
    """`sizes` with a number for their -1. Raises Misfit (`text`) where their product can't be `entries`."""
    if sizes.count(-1) > 1:
        d.fail("bad-value", f"`{field}` has more than one -1; only one size can be worked out", field=field)
    known = product(size for size in sizes if size != -1)
    if -1 not in sizes:
        answer = equal(entries, known)
    else:
        answer = divisible(entries, known) if isinstance(known, int) else equal(entries % known, 0)
    d.require(answer, "shape-mismatch", text, port="x", wanted=tuple(wanted))
    return tuple(entries // known if size == -1 else size for size in sizes)


@layer(Category.MERGE, source="torch.reshape", aliases=("View",))
class Reshape(Layer):
    """Gives every sample another shape with as many entries; the batch axis stays."""

    inputs = {"x": "N *S : any"}
    shape: tuple[Dim, ...] = option(
        Sizes(rest=True), "sizes without the batch axis; one may be -1: what is left", start=[-1]
    )
    torch = Expr(_reshape)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        entries = product(d.run("*S"))
        text = (
            f"`x` is {given.text}, {entries} entries per sample, which can't become {shape_text(self.shape)}; "
            "choose sizes whose product is the same"
        )
        sizes = filled(d, entries, self.shape, text, "shape", ("N", *self.shape))
        shape = (given.shape[0], *sizes)
        kept = _unchanged(given.shape, shape)
        made = moved(d, "x", shape, kept)
        d.mixes("x", set(range(len(given.shape))) - set(kept), "it joins or cuts steps")
        if len([axis for axis in kept if axis is not None]) > 1:
            return {"y": made}
        roles = (given.roles[0], *default_roles(shape, given.dtype)[1:])
        return {"y": TensorType(shape, given.dtype, roles, made.lengths)}


def _unchanged(old: tuple[Dim, ...], new: tuple[Dim, ...]) -> list[int | None]:
    """For each axis of the new shape the old one that it is: those in front and behind what is rearranged."""
    shorter = min(len(old), len(new))
    front = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    back = next((i for i in range(shorter - front) if old[-1 - i] != new[-1 - i]), shorter - front)
    middle = len(new) - front - back
    return [*range(front), *[None] * middle, *range(len(old) - back, len(old))]


def _unflatten(layer: Unflatten, v: Variables) -> str:
    sizes = ", ".join(map(v.size, layer.unflattened_size))
    end = "," if len(layer.unflattened_size) == 1 else ""
    return f"torch.unflatten({v['x']}, {layer.dim}, ({sizes}{end}))"  # the method of a tensor has no types


@layer(Category.MERGE, source="torch.nn.Unflatten", common=False)
class Unflatten(Layer):
    """Cuts one axis into several: the opposite of Flatten."""

    inputs = {"x": "*S : any"}
    dim: int = option(Integer(), "axis to cut; counts the batch axis", start=1)
    unflattened_size: tuple[Dim, ...] = option(
        Sizes(rest=True), "sizes of the new axes; one may be -1: what is left", start=[4, -1]
    )
    torch = Expr(_unflatten)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        axis = d.axis("x", self.dim)
        size = given.shape[axis]
        if not self.unflattened_size:
            d.fail("bad-value", "`unflattened_size` is empty; give the new sizes", field="unflattened_size")
        text = (
            f"axis {axis} of {given.text} has {size} entries, which can't become {shape_text(self.unflattened_size)}; "
            "choose sizes whose product is the same"
        )
        known = product(part for part in self.unflattened_size if part != -1)
        wanted = (*given.shape[:axis], known, *given.shape[axis + 1 :])
        sizes = filled(d, size, self.unflattened_size, text, "unflattened_size", wanted)
        if len(sizes) == 1:
            return {"y": given}
        d.warn_if_batch("x", (axis,), "it cuts")
        d.mixes("x", (axis,), "it cuts")
        shape = (*given.shape[:axis], *sizes, *given.shape[axis + 1 :])
        kept = [*range(axis), *[None] * len(sizes), *range(axis + 1, len(given.shape))]
        return {"y": moved(d, "x", shape, kept)}


def _permuted(d: Scope, axes: Sequence[int]) -> TensorType:
    return moved(d, "x", tuple(d["x"].shape[axis] for axis in axes), axes)


def _permute(layer: Permute, v: Variables) -> str:
    return f"{v['x']}.permute({', '.join(map(str, layer.dims)) or '()'})"


@layer(Category.MERGE, source="torch.permute", aliases=("permute",), common=False)
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
        return {"y": _permuted(d, axes)}


@layer(Category.MERGE, source="torch.transpose", aliases=("SwapAxes", "swapaxes"), common=False)
class Transpose(Layer):
    """Swaps two axes."""

    inputs = {"x": "*S : any"}
    dim0: int = option(Integer(), "one axis; counts the batch axis", start=1)
    dim1: int = option(Integer(), "the other axis", start=2)
    torch = Expr(lambda layer, v: f"{v['x']}.transpose({layer.dim0}, {layer.dim1})")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        scalar = int(not d["x"].shape)
        a, b = (d.axis("x", getattr(self, name), field=name, extra=scalar) for name in ("dim0", "dim1"))
        swapped = {a: b, b: a}
        return {"y": _permuted(d, [swapped.get(axis, axis) for axis in range(len(d["x"].shape))])}


def _squeeze(layer: Squeeze, v: Variables) -> str:
    if layer.dim is None:
        return f"{v['x']}.squeeze()"
    return f"{v['x']}.squeeze({layer.dim[0] if len(layer.dim) == 1 else layer.dim})"


@layer(Category.MERGE, source="torch.squeeze", common=False)
class Squeeze(Layer):
    """Drops axes of size 1; as in torch, an axis that has another size stays."""

    inputs = {"x": "*S : any"}
    dim: tuple[int, ...] | None = option(
        Either(Nothing(), Integers(alone=True, shortest=0)),
        "axis or axes to drop; null: every axis of size 1",
        default=None,
        start=-1,
    )
    torch = Expr(_squeeze)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        axes = axes_of(d, self.dim) if self.dim != () else ()
        dropped = [axis for axis in axes if given.shape and given.shape[axis] == 1]
        for axis in axes if given.shape else ():
            self._stays(d, axis, given.shape[axis])
        d.warn_if_batch("x", tuple(dropped), "it squeezes")
        kept = [axis for axis in range(len(given.shape)) if axis not in dropped]
        return {"y": moved(d, "x", tuple(given.shape[axis] for axis in kept), kept)}

    def _stays(self, d: Scope, axis: int, size: Dim) -> None:
        """An axis whose size is open stays only while it is not 1: torch would drop it then."""
        if size == 1:
            return
        text = f"axis {axis} of {d['x'].text} has {size} entries, not 1, so that it stays"
        if self.dim is not None:
            d.warn("stays", f"{text}; name an axis of size 1, or remove the Squeeze", port="x")
        d.require(at_least(size, 2), "size-mismatch", f"{text}; give the axis a known size", port="x")


@layer(Category.MERGE, source="torch.unsqueeze", aliases=("ExpandDims", "expand_dims"), common=False)
class Unsqueeze(Layer):
    """Puts in a new axis of size 1."""

    inputs = {"x": "*S : any"}
    dim: int = option(Integer(), "where the new axis stands; counts the batch axis", start=1)
    torch = Expr(lambda layer, v: f"{v['x']}.unsqueeze({layer.dim})")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        axis = d.axis("x", self.dim, extra=1)
        shape = (*given.shape[:axis], 1, *given.shape[axis:])
        kept = [*range(axis), None, *range(axis, len(given.shape))]
        return {"y": moved(d, "x", shape, kept)}
