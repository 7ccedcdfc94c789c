"""Pooling with windows of a fixed size: fewer steps, pixels or voxels, each the maximum or mean of a window."""

from __future__ import annotations

from graph_ir.declare import flag, layer, option, span
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Nothing
from graph_ir.layers._pools import AvgPool, MaxPool, pool_stride, require_whole_kernel
from graph_ir.recipes import Function
from graph_ir.spec import Category


@layer(Category.POOLING, source="torch.nn.MaxPool1d", aliases=("MaxPooling1D",), common=False)
class MaxPool1d(MaxPool):
    """Keeps the largest value of each window of steps."""

    inputs = {"x": "N C T"}
    outputs = {"y": "N C T'", "indices": "N C T' : int64"}
    axes = "T"
    kernel_size: tuple[int, ...] = span(1, "window length (steps)", start=2)
    stride: tuple[int, ...] | None = option(pool_stride(1), "step; null: the window", default=None)
    padding: tuple[int, ...] = span(1, "steps added on each side", default=0, low=0)
    dilation: tuple[int, ...] = span(1, "distance between window entries", default=1)
    ceil_mode: bool = flag("keep a last, incomplete window", default=False)
    torch = Function("F.max_pool1d", returns="y, indices", asks="return_indices=True", module="nn.MaxPool1d")


@layer(Category.POOLING, source="torch.nn.MaxPool2d", aliases=("MaxPooling2D",))
class MaxPool2d(MaxPool):
    """Keeps the largest value of each window of pixels."""

    inputs = {"x": "N C H W : number"}
    outputs = {"y": "N C H' W'", "indices": "N C H' W' : int64"}
    axes = "HW"
    kernel_size: tuple[int, ...] = span(2, "window height, width (pixels)", start=2)
    stride: tuple[int, ...] | None = option(pool_stride(2), "step (pixels); null: the window", default=None)
    padding: tuple[int, ...] = span(2, "pixels added on each side", default=0, low=0)
    dilation: tuple[int, ...] = span(2, "distance between window entries (pixels)", default=1)
    ceil_mode: bool = flag("keep a last, incomplete window", default=False)
    torch = Function("F.max_pool2d", returns="y, indices", asks="return_indices=True", module="nn.MaxPool2d")


@layer(Category.POOLING, source="torch.nn.MaxPool3d", aliases=("MaxPooling3D",), common=False)
class MaxPool3d(MaxPool):
    """Keeps the largest value of each window of voxels.

    Formula: y[d, …] = max over i of x[s·d + r·i - p, …], and so for every axis (stride s, dilation r, padding p)
    """

    inputs = {"x": "N C D H W : number"}
    outputs = {"y": "N C D' H' W'", "indices": "N C D' H' W' : int64"}
    axes = "DHW"
    kernel_size: tuple[int, ...] = span(3, "window depth, height, width (voxels)", start=2)
    stride: tuple[int, ...] | None = option(pool_stride(3), "step (voxels); null: the window", default=None)
    padding: tuple[int, ...] = span(3, "voxels added on each side", default=0, low=0)
    dilation: tuple[int, ...] = span(3, "distance between window entries (voxels)", default=1)
    ceil_mode: bool = flag("keep a last, incomplete window", default=False)
    torch = Function("F.max_pool3d", returns="y, indices", asks="return_indices=True", module="nn.MaxPool3d")


@layer(Category.POOLING, source="torch.nn.AvgPool1d", aliases=("AveragePooling1D",), common=False)
class AvgPool1d(AvgPool):
    """Takes the mean of each window of steps.

    Formula: y[t] = Σ x[s·t + i - p] / kernel_size for i = 0 … kernel_size - 1 (stride s, padding p)
    """

    inputs = {"x": "N C T : float int64"}
    outputs = {"y": "N C T'"}
    axes = "T"
    kernel_size: tuple[int, ...] = span(1, "window length (steps)", start=2)
    stride: tuple[int, ...] | None = option(pool_stride(1), "step; null: the window", default=None)
    padding: tuple[int, ...] = span(1, "zeros added on each side (steps)", default=0, low=0)
    ceil_mode: bool = flag("keep a last, incomplete window", default=False)
    count_include_pad: bool = flag("count the added zeros in the mean", default=True)
    torch = Function("F.avg_pool1d", module="nn.AvgPool1d")


@layer(Category.POOLING, source="torch.nn.AvgPool2d", aliases=("AveragePooling2D",), common=False)
class AvgPool2d(AvgPool):
    """Takes the mean of each window of pixels."""

    inputs = {"x": "N C H W : float int64"}
    outputs = {"y": "N C H' W'"}
    axes = "HW"
    kernel_size: tuple[int, ...] = span(2, "window height, width (pixels)", start=2)
    stride: tuple[int, ...] | None = option(pool_stride(2), "step (pixels); null: the window", default=None)
    padding: tuple[int, ...] = span(2, "zeros added on each side (pixels)", default=0, low=0)
    ceil_mode: bool = flag("keep a last, incomplete window", default=False)
    count_include_pad: bool = flag("count the added zeros in the mean", default=True)
    divisor_override: int | None = option(
        Either(Nothing(), Integer(1)), "divide the sum by this; null: by the window's size", default=None
    )
    torch = Function("F.avg_pool2d", module="nn.AvgPool2d")


@layer(Category.POOLING, source="torch.nn.AvgPool3d", aliases=("AveragePooling3D",), common=False)
class AvgPool3d(AvgPool):
    """Takes the mean of each window of voxels.

    Formula: y[d, h, w] = Σ x[s·d + i - p, s·h + j - p, s·w + k - p] / kernel volume (stride s, padding p)
    """

    inputs = {"x": "N C D H W : float32 float64 int64"}
    outputs = {"y": "N C D' H' W'"}
    axes = "DHW"
    kernel_size: tuple[int, ...] = span(3, "window depth, height, width (voxels)", start=2)
    stride: tuple[int, ...] | None = option(pool_stride(3), "step (voxels); null: the window", default=None)
    padding: tuple[int, ...] = span(3, "zeros added on each side (voxels)", default=0, low=0)
    ceil_mode: bool = flag("keep a last, incomplete window", default=False)
    count_include_pad: bool = flag("count the added zeros in the mean", default=True)
    divisor_override: int | None = option(
        Either(Nothing(), Integer(1)), "divide the sum by this; null: by the window's size", default=None
    )
    torch = Function("F.avg_pool3d", module="nn.AvgPool3d")

    def limits(self, d: Scope) -> None:
        super().limits(d)
        require_whole_kernel(d, (d.D, d.H, d.W), self.kernel_size)
