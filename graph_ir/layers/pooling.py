"""Pooling: fewer pixels or steps, each the maximum or mean of a window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from graph_ir.declare import flag, layer, option, span
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Nothing, Span
from graph_ir.layers._windows import require_half_padding, require_windows, windows, windows_rounded_up
from graph_ir.recipes import Function
from graph_ir.spec import Category, Layer


def _stride(rank: int) -> Either:
    return Either(Nothing(), Span(rank, Integer(1)))


class _Pool(Layer):
    """What all pools with a window have in common; `axes` are the letters of the axes they slide over."""

    axes: ClassVar[str]
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...] | None
    padding: tuple[int, ...]
    ceil_mode: bool

    @property
    def _dilation(self) -> tuple[int, ...]:
        return (1,) * len(self.kernel_size)

    def limits(self, d: Scope) -> None:
        require_half_padding(d, self.padding, self.kernel_size)

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        stride = self.stride or self.kernel_size
        formula = windows_rounded_up if self.ceil_mode else windows
        values = zip(self.axes, self.kernel_size, stride, self.padding, self._dilation, strict=True)
        found = {f"{letter}'": formula(getattr(d, letter), *rest) for letter, *rest in values}
        require_windows(d, list(found.values()))
        return found


class _MaxPool(_Pool):
    dilation: tuple[int, ...]

    @property
    def _dilation(self) -> tuple[int, ...]:
        return self.dilation


@layer(Category.POOLING, source="torch.nn.MaxPool1d", aliases=("MaxPooling1D",), common=False)
class MaxPool1d(_MaxPool):
    """Keeps the largest value of each window of steps."""

    inputs = {"x": "N C T"}
    outputs = {"y": "N C T'"}
    axes = "T"
    kernel_size: tuple[int, ...] = span(1, "window length (steps)", start=2)
    stride: tuple[int, ...] | None = option(_stride(1), "step; null: the window", default=None)
    padding: tuple[int, ...] = span(1, "steps added on each side", default=0, low=0)
    dilation: tuple[int, ...] = span(1, "distance between window entries", default=1)
    ceil_mode: bool = flag("keep a last, incomplete window", default=False)
    torch = Function("F.max_pool1d")


@layer(Category.POOLING, source="torch.nn.MaxPool2d", aliases=("MaxPooling2D",))
class MaxPool2d(_MaxPool):
    """Keeps the largest value of each window of pixels."""

    inputs = {"x": "N C H W : number"}
    outputs = {"y": "N C H' W'"}
    axes = "HW"
    kernel_size: tuple[int, ...] = span(2, "window height, width (pixels)", start=2)
    stride: tuple[int, ...] | None = option(_stride(2), "step (pixels); null: the window", default=None)
    padding: tuple[int, ...] = span(2, "pixels added on each side", default=0, low=0)
    dilation: tuple[int, ...] = span(2, "distance between window entries (pixels)", default=1)
    ceil_mode: bool = flag("keep a last, incomplete window", default=False)
    torch = Function("F.max_pool2d")


@layer(Category.POOLING, source="torch.nn.AvgPool2d", aliases=("AveragePooling2D",), common=False)
class AvgPool2d(_Pool):
    """Takes the mean of each window of pixels."""

    inputs = {"x": "N C H W : float int64"}
    outputs = {"y": "N C H' W'"}
    axes = "HW"
    kernel_size: tuple[int, ...] = span(2, "window height, width (pixels)", start=2)
    stride: tuple[int, ...] | None = option(_stride(2), "step (pixels); null: the window", default=None)
    padding: tuple[int, ...] = span(2, "zeros added on each side (pixels)", default=0, low=0)
    ceil_mode: bool = flag("keep a last, incomplete window", default=False)
    count_include_pad: bool = flag("count the added zeros in the mean", default=True)
    divisor_override: int | None = option(
        Either(Nothing(), Integer(1)), "divide the sum by this; null: by the window's size", default=None
    )
    torch = Function("F.avg_pool2d")


@layer(
    Category.POOLING,
    source="torch.nn.AdaptiveAvgPool2d",
    aliases=("GlobalAveragePooling2D", "GlobalAvgPool2d"),
)
class AdaptiveAvgPool2d(Layer):
    """Takes means over as many windows as needed to reach `output_size`, whatever the input's size; 1 is global."""

    inputs = {"x": "N C H W"}
    outputs = {"y": "N C H' W'"}
    output_size: tuple[int | None, ...] = option(
        Span(2, Either(Integer(1), Nothing())), "height, width of the result; null keeps an axis", start=1
    )
    torch = Function("F.adaptive_avg_pool2d")

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        height, width = self.output_size
        return {"H'": d.H if height is None else height, "W'": d.W if width is None else width}
