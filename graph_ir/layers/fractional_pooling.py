"""Max pooling with windows at random places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from graph_ir.declare import layer, option, span
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Nothing, Number, Span
from graph_ir.layers._resizing import scaled
from graph_ir.layers._windows import require_windows
from graph_ir.recipes import Module
from graph_ir.requirements import at_least
from graph_ir.spec import Category, Layer


def _size(rank: int) -> tuple[int, ...] | None:
    kind = Either(Nothing(), Span(rank, Integer(1)))
    return option(kind, "size of the result; or give `output_ratio`", default=None)  # type: ignore[no-any-return]  # a field


def _ratio(rank: int) -> tuple[float, ...] | None:
    kind = Either(Nothing(), Span(rank, Number(0, 1, above=True)))
    help = "size of the result as a part of the input's, below 1; or give `output_size`"
    return option(kind, help, default=None, start=0.5)  # type: ignore[no-any-return]  # a field


class _FractionalMaxPool(Layer):
    """`axes` are the letters of the axes it slides over; `spare`: how many entries must be left beside the windows."""

    axes: ClassVar[str]
    spare: ClassVar[int]
    kernel_size: tuple[int, ...]
    output_size: tuple[int, ...] | None
    output_ratio: tuple[float, ...] | None

    def limits(self, d: Scope) -> None:
        if (self.output_size is None) == (self.output_ratio is None):
            text = "give exactly one of `output_size` and `output_ratio`"
            d.fail("bad-value", text, field="output_size")
        if 1.0 in (self.output_ratio or ()):
            d.fail("bad-value", "`output_ratio` is 1, but must be below 1; lower it", field="output_ratio")
        d.mixes("x", range(2, 2 + len(self.axes)), "it spreads its windows over the whole input")

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        given = [getattr(d, letter) for letter in self.axes]
        made = self._wanted(d, given)
        require_windows(d, made)
        least = [result + k - 1 + self.spare for result, k in zip(made, self.kernel_size, strict=True)]
        for size, result, enough in zip(given, made, least, strict=True):
            text = (
                f"`x` is {d['x'].text}, and {result} windows at different places need {enough} entries of an axis, not "
                f"{size}; use a smaller kernel or a smaller result"
            )
            d.require(at_least(size - enough, 0), "too-small", text, port="x", wanted=(d.N, d.C, *least))
        return {f"{letter}'": size for letter, size in zip(self.axes, made, strict=True)}

    def _wanted(self, d: Scope, given: list[Dim]) -> tuple[Dim, ...]:
        ratios = self.output_ratio
        if ratios is None:
            return self.output_size or ()
        return tuple(scaled(d, *pair, "output_ratio") for pair in zip(given, ratios, strict=True))


@layer(
    Category.POOLING,
    source="torch.nn.FractionalMaxPool2d; Graham, Fractional max-pooling, 2014",
    common=False,
)
class FractionalMaxPool2d(_FractionalMaxPool):
    """Keeps the largest value of windows at random places, as many as give a size that need not divide the input's.

    Formula: y[i, …] = max of x[a(i) … a(i) + k - 1, …], a(i) = ⌊α·(i + u)⌋ - ⌊α·u⌋, u random, α = (H - k) / (H' - 1)
    """

    inputs = {"x": "N C H W"}
    outputs = {"y": "N C H' W'"}
    axes, spare = "HW", 0
    kernel_size: tuple[int, ...] = span(2, "window height, width (pixels)", start=2)
    output_size: tuple[int, ...] | None = _size(2)
    output_ratio: tuple[float, ...] | None = _ratio(2)
    torch = Module("nn.FractionalMaxPool2d")


@layer(
    Category.POOLING,
    source="torch.nn.FractionalMaxPool3d; Graham, Fractional max-pooling, 2014",
    common=False,
)
class FractionalMaxPool3d(_FractionalMaxPool):
    """Keeps the largest value of windows at random places, as many as give a size that need not divide the volume's.

    Formula: y[i, …] = max of x[a(i) … a(i) + k - 1, …], a(i) = ⌊α·(i + u)⌋ - ⌊α·u⌋, u random, α = (D - k) / (D' - 1)
    """

    inputs = {"x": "N C D H W"}
    outputs = {"y": "N C D' H' W'"}
    axes, spare = "DHW", 1
    kernel_size: tuple[int, ...] = span(3, "window depth, height, width (voxels)", start=2)
    output_size: tuple[int, ...] | None = _size(3)
    output_ratio: tuple[float, ...] | None = _ratio(3)
    torch = Module("nn.FractionalMaxPool3d")
