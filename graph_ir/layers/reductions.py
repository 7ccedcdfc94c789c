"""Fewer numbers out of many: sums, means, extremes over some axes. `dim` counts the batch axis and may be negative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from graph_ir.declare import flag, layer, option
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Integers, Nothing
from graph_ir.layers._axes import axes_of, without
from graph_ir.recipes import Expr, Variables
from graph_ir.signature import FLOATS, TensorType
from graph_ir.spec import Category, Layer

AXES = Either(Nothing(), Integers(alone=True, shortest=0))
ALL = "axis or axes; null or []: all"
KEEP = "keep the axes, with size 1"


def summed(dtype: str) -> str:
    """What a sum of ints or bools becomes: int64."""
    return dtype if dtype in FLOATS else "int64"


class Reduction(Layer):
    """Something over the axes `dim`, which disappear unless `keepdim`."""

    does: ClassVar[str]
    """What it does, for messages: "it sums"."""
    dim: tuple[int, ...] | int | None
    keepdim: bool

    @property
    def dims(self) -> tuple[int, ...] | None:
        """`dim` as a tuple; None for all axes."""
        return (self.dim,) if isinstance(self.dim, int) else self.dim

    def axes(self, d: Scope) -> tuple[int, ...]:
        """The axes it reduces, counted from the front."""
        return axes_of(d, self.dims)

    def limits(self, d: Scope) -> None:
        axes = self.axes(d)
        d.warn_if_batch("x", axes, self.does)
        d.mixes("x", axes, self.does)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        return {"y": without(d, self.axes(d), keepdim=self.keepdim, dtype=self.given(d["x"].dtype))}

    def given(self, dtype: str) -> str:
        """The dtype of the result."""
        return dtype


def reducing(method: str, *, everything: str = "None") -> Expr:
    """`x.mean(dim=1, keepdim=True)`; `everything` is how torch is told all axes where `keepdim` stands alone."""

    def write(layer: Reduction, v: Variables) -> str:
        axes = layer.dims
        shown = axes[0] if axes is not None and len(axes) == 1 else axes
        dim = f"dim={everything if axes is None else shown}" if axes is not None or layer.keepdim else ""
        keep = "keepdim=True" if layer.keepdim else ""
        return f"{v['x']}.{method}({', '.join(filter(None, (dim, keep)))})"

    return Expr(write)


@layer(Category.MERGE, source="torch.mean", aliases=("ReduceMean", "GlobalAveragePooling1D"))
class Mean(Reduction):
    """The mean over some axes, which disappear unless `keepdim`."""

    does = "it takes the mean"
    dim: tuple[int, ...] | None = option(AXES, ALL, default=None, start=1)
    keepdim: bool = flag(KEEP, default=False)
    torch = reducing("mean")


@layer(Category.MERGE, source="torch.sum", aliases=("ReduceSum",), common=False)
class Sum(Reduction):
    """The sum over some axes, which disappear unless `keepdim`; ints and bools become int64."""

    does = "it sums"
    inputs = {"x": "*S : any"}
    dim: tuple[int, ...] | None = option(AXES, ALL, default=None, start=1)
    keepdim: bool = flag(KEEP, default=False)
    torch = reducing("sum")

    def given(self, dtype: str) -> str:
        return summed(dtype)


@layer(Category.MERGE, source="torch.amax", aliases=("ReduceMax", "AMax"), common=False)
class Max(Reduction):
    """The largest entry over some axes, which disappear unless `keepdim`."""

    does = "it takes the largest entry"
    inputs = {"x": "*S : any"}
    dim: tuple[int, ...] | None = option(AXES, ALL, default=None, start=1)
    keepdim: bool = flag(KEEP, default=False)
    torch = reducing("amax", everything="()")


@layer(Category.MERGE, source="torch.amin", aliases=("ReduceMin", "AMin"), common=False)
class Min(Reduction):
    """The smallest entry over some axes, which disappear unless `keepdim`."""

    does = "it takes the smallest entry"
    inputs = {"x": "*S : any"}
    dim: tuple[int, ...] | None = option(AXES, ALL, default=None, start=1)
    keepdim: bool = flag(KEEP, default=False)
    torch = reducing("amin", everything="()")


@layer(Category.MERGE, source="torch.prod", aliases=("ReduceProd",), common=False)
class Prod(Reduction):
    """The product over one axis or all; ints and bools become int64."""

    does = "it multiplies"
    inputs = {"x": "*S : any"}
    dim: int | None = option(Either(Nothing(), Integer()), "axis; null: all", default=None, start=1)
    keepdim: bool = flag("keep the axis, with size 1 (with `dim` only)", default=False)
    torch = reducing("prod")

    def limits(self, d: Scope) -> None:
        _need_dim(self, d)
        super().limits(d)

    def given(self, dtype: str) -> str:
        return summed(dtype)


def _need_dim(layer: Reduction, d: Scope) -> None:
    if layer.dim is None and layer.keepdim:
        text = (
            "`keepdim` is true without `dim`, and torch keeps one axis only; set `dim`, or `keepdim` to false"
        )
        d.fail("bad-value", text, field="keepdim")


class _Truth(Reduction):
    """True or false over some axes; with no axis at all, each entry by itself."""

    inputs = {"x": "*S : any"}

    def axes(self, d: Scope) -> tuple[int, ...]:
        return () if self.dim == () else super().axes(d)

    def given(self, dtype: str) -> str:
        return "bool"


_SOME = "axis or axes; null: all; []: none, so that each entry becomes true or false"


@layer(Category.MERGE, source="torch.any", aliases=("ReduceAny",), common=False)
class Any(_Truth):
    """Whether any entry over some axes is true (not 0)."""

    does = "it looks for a true entry"
    dim: tuple[int, ...] | None = option(AXES, _SOME, default=None, start=1)
    keepdim: bool = flag(KEEP, default=False)
    torch = reducing("any")


@layer(Category.MERGE, source="torch.all", aliases=("ReduceAll",), common=False)
class All(_Truth):
    """Whether all entries over some axes are true (not 0)."""

    does = "it looks for a false entry"
    dim: tuple[int, ...] | None = option(AXES, _SOME, default=None, start=1)
    keepdim: bool = flag(KEEP, default=False)
    torch = reducing("all")
