"""What all padding layers have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from graph_ir.declare import option
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.kinds import Integer, Span
from graph_ir.requirements import at_least
from graph_ir.spec import Layer

_ORDER = ("left, right", "left, right, top, bottom", "left, right, top, bottom, front, back")


def sides(axes: int) -> Any:
    """The field `padding`: one number for all sides, or one for each in torch's order, the last axis first."""
    text = f"entries added on each side ({_ORDER[axes - 1]}); negative: cut off"
    return option(Span(2 * axes, Integer()), text, start=1)


class Pad(Layer):
    """`axes` are the letters of the axes that are padded, the last ones of `x`."""

    axes: ClassVar[str]
    padding: tuple[int, ...]

    def limits(self, d: Scope) -> None:
        for axis, size, before, behind in self.by_axis(d):
            self.check_axis(d, axis, size, before, behind)
            text = (
                f"`x` is {d['x'].text}, and `padding` leaves {size + before + behind} entries of axis {axis}; cut off "
                "less"
            )
            d.require(at_least(size + before + behind, 1), "too-small", text, port="x")

    def by_axis(self, d: Scope) -> Iterator[tuple[int, Dim, int, int]]:
        """For each padded axis where it stands in `x`, its size, and what is added before and behind."""
        first = len(d["x"].shape) - len(self.axes)
        pairs = list(zip(self.padding[::2], self.padding[1::2], strict=True))
        for i, (before, behind) in enumerate(reversed(pairs)):
            yield first + i, getattr(d, self.axes[i]), before, behind

    def check_axis(self, d: Scope, axis: int, size: Dim, before: int, behind: int) -> None:
        """What this way of padding asks of one axis."""

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        padded = zip(self.axes, self.by_axis(d), strict=True)
        return {f"{letter}'": size + before + behind for letter, (_, size, before, behind) in padded}


def kept(size: Dim, before: int, behind: int) -> Dim:
    """The entries of an axis that are not cut off."""
    return size + min(before, 0) + min(behind, 0)
