"""Padding with what the input itself holds: mirrored, repeated at its edges, or going round."""

from __future__ import annotations

from graph_ir.declare import layer
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.layers._pads import Pad, kept, sides
from graph_ir.recipes import Module
from graph_ir.requirements import at_least
from graph_ir.spec import Category


class _EdgePad(Pad):
    """Copies entries to the other side of an edge. The edge of a shorter sample is not the edge of its batch."""

    def check_axis(self, d: Scope, axis: int, size: Dim, before: int, behind: int) -> None:
        if max(before, behind) > 0:
            d.mixes("x", (axis,), "it pads with entries from the ends")


def _require_copies(d: Scope, axis: int, most: Dim, added: int, code: str = "too-small") -> None:
    text = (
        f"`x` is {d['x'].text}, and `padding` adds {added} entries on a side of axis {axis}, where at most {most} can "
        "be copied; add fewer, or use a ConstantPad"
    )
    d.require(at_least(most, added), code, text, port="x")


class _ReflectionPad(_EdgePad):
    def check_axis(self, d: Scope, axis: int, size: Dim, before: int, behind: int) -> None:
        super().check_axis(d, axis, size, before, behind)
        if max(before, behind) > 0:
            _require_copies(d, axis, size - 1, max(before, behind))


class _CircularPad(_EdgePad):
    def check_axis(self, d: Scope, axis: int, size: Dim, before: int, behind: int) -> None:
        """Where an axis is also cut, torch looks at its whole size and hands out memory that it never wrote."""
        super().check_axis(d, axis, size, before, behind)
        added = max(before, behind)
        if added <= 0:
            return
        _require_copies(d, axis, size, added)
        if min(before, behind) < 0:
            _require_copies(d, axis, kept(size, before, behind), added, "cut-ring")


@layer(Category.CONVOLUTION, source="torch.nn.ReflectionPad1d", aliases=("MirrorPad1d",), common=False)
class ReflectionPad1d(_ReflectionPad):
    """Mirrors a sequence at its edges, without repeating the edge itself. Cuts steps off where `padding` is negative.

    Formula: y[t] = x[|t - before|] at the front and x[2·(T - 1) - (t - before)] at the end
    """

    inputs = {"x": "N C T : float int"}
    outputs = {"y": "N C T'"}
    axes = "T"
    padding: tuple[int, ...] = sides(1)
    torch = Module("nn.ReflectionPad1d")


@layer(Category.CONVOLUTION, source="torch.nn.ReflectionPad2d", aliases=("MirrorPad2d",), common=False)
class ReflectionPad2d(_ReflectionPad):
    """Mirrors an image at its edges, without repeating the edge itself. Cuts pixels off where `padding` is negative.

    Formula: y[w] = x[|w - before|] at the front and x[2·(W - 1) - (w - before)] at the end, and so on every axis
    """

    inputs = {"x": "N C H W : float int"}
    outputs = {"y": "N C H' W'"}
    axes = "HW"
    padding: tuple[int, ...] = sides(2)
    torch = Module("nn.ReflectionPad2d")


@layer(Category.CONVOLUTION, source="torch.nn.ReflectionPad3d", aliases=("MirrorPad3d",), common=False)
class ReflectionPad3d(_ReflectionPad):
    """Mirrors a volume at its edges, without repeating the edge itself. Cuts voxels off where `padding` is negative.

    Formula: y[w] = x[|w - before|] at the front and x[2·(W - 1) - (w - before)] at the end, and so on every axis
    """

    inputs = {"x": "N C D H W : float int"}
    outputs = {"y": "N C D' H' W'"}
    axes = "DHW"
    padding: tuple[int, ...] = sides(3)
    torch = Module("nn.ReflectionPad3d")


@layer(Category.CONVOLUTION, source="torch.nn.ReplicationPad1d", aliases=("EdgePad1d",), common=False)
class ReplicationPad1d(_EdgePad):
    """Repeats the outermost steps of a sequence. Cuts steps off where `padding` is negative.

    Formula: y[t] = x[min(max(t - before, 0), T - 1)]
    """

    inputs = {"x": "N C T : float int"}
    outputs = {"y": "N C T'"}
    axes = "T"
    padding: tuple[int, ...] = sides(1)
    torch = Module("nn.ReplicationPad1d")


@layer(Category.CONVOLUTION, source="torch.nn.ReplicationPad2d", aliases=("EdgePad2d",), common=False)
class ReplicationPad2d(_EdgePad):
    """Repeats the outermost pixels of an image. Cuts pixels off where `padding` is negative.

    Formula: y[w] = x[min(max(w - before, 0), W - 1)] along W, and so on every axis
    """

    inputs = {"x": "N C H W : float int"}
    outputs = {"y": "N C H' W'"}
    axes = "HW"
    padding: tuple[int, ...] = sides(2)
    torch = Module("nn.ReplicationPad2d")


@layer(Category.CONVOLUTION, source="torch.nn.ReplicationPad3d", aliases=("EdgePad3d",), common=False)
class ReplicationPad3d(_EdgePad):
    """Repeats the outermost voxels of a volume. Cuts voxels off where `padding` is negative.

    Formula: y[w] = x[min(max(w - before, 0), W - 1)] along W, and so on every axis
    """

    inputs = {"x": "N C D H W : float int"}
    outputs = {"y": "N C D' H' W'"}
    axes = "DHW"
    padding: tuple[int, ...] = sides(3)
    torch = Module("nn.ReplicationPad3d")


@layer(Category.CONVOLUTION, source="torch.nn.CircularPad1d", aliases=("WrapPad1d",), common=False)
class CircularPad1d(_CircularPad):
    """Goes on at the other end of a sequence, as if it were a ring. Cuts steps off where `padding` is negative.

    Formula: y[t] = x[(t - before) mod T]
    """

    inputs = {"x": "N C T : any"}
    outputs = {"y": "N C T'"}
    axes = "T"
    padding: tuple[int, ...] = sides(1)
    torch = Module("nn.CircularPad1d")


@layer(Category.CONVOLUTION, source="torch.nn.CircularPad2d", aliases=("WrapPad2d",), common=False)
class CircularPad2d(_CircularPad):
    """Goes on at the other end of an image, as if it were a ring. Cuts pixels off where `padding` is negative.

    Formula: y[w] = x[(w - before) mod W] along W, and so on every axis
    """

    inputs = {"x": "N C H W : any"}
    outputs = {"y": "N C H' W'"}
    axes = "HW"
    padding: tuple[int, ...] = sides(2)
    torch = Module("nn.CircularPad2d")


@layer(Category.CONVOLUTION, source="torch.nn.CircularPad3d", aliases=("WrapPad3d",), common=False)
class CircularPad3d(_CircularPad):
    """Goes on at the other end of a volume, as if it were a ring. Cuts voxels off where `padding` is negative.

    Formula: y[w] = x[(w - before) mod W] along W, and so on every axis
    """

    inputs = {"x": "N C D H W : any"}
    outputs = {"y": "N C D' H' W'"}
    axes = "DHW"
    padding: tuple[int, ...] = sides(3)
    torch = Module("nn.CircularPad3d")
