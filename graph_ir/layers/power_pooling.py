"""Pooling by a norm: between the sum (p = 1) and the maximum (a large p) of a window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from graph_ir.declare import flag, layer, number, option, span
from graph_ir.infer import Scope
from graph_ir.layers._pools import Pool, pool_stride, require_whole_kernel
from graph_ir.recipes import Function
from graph_ir.signature import FLOATS, TensorType
from graph_ir.spec import Category


class _LPPool(Pool):
    norm_type: float

    def limits(self, d: Scope) -> None:
        if self.norm_type == 0:
            d.fail("bad-value", "`norm_type` is 0, which is no norm; use 1, 2 or more", field="norm_type")
        if self.norm_type < 0:
            text = f"`norm_type` is {self.norm_type:g}: entries of 0 make the result infinite or NaN; use 1, 2 or more"
            d.warn("odd-value", text)
        d.mixes("x", self.cut, "it averages over a last window that `ceil_mode` cuts off,")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        """Powers of ints are floats."""
        made = super().result(d)["y"]
        return {"y": made if made.dtype in FLOATS else replace(made, dtype=FLOATS[0])}


@layer(Category.POOLING, source="torch.nn.LPPool1d", aliases=("PowerAveragePooling1D",), common=False)
class LPPool1d(_LPPool):
    """Takes the p-norm of each window of steps; 1 gives sums, a large p comes near the maximum.

    Formula: y = (Σ x^p)^(1/p) over the window, p = norm_type
    """

    inputs = {"x": "N C T : any"}
    outputs = {"y": "N C T'"}
    axes = "T"
    norm_type: float = number("the power p", start=2.0)
    kernel_size: tuple[int, ...] = span(1, "window length (steps)", start=2)
    stride: tuple[int, ...] | None = option(pool_stride(1), "step; null: the window", default=None)
    ceil_mode: bool = flag("keep a last, incomplete window", default=False)
    torch = Function("F.lp_pool1d", module="nn.LPPool1d")


@layer(Category.POOLING, source="torch.nn.LPPool2d", aliases=("PowerAveragePooling2D",), common=False)
class LPPool2d(_LPPool):
    """Takes the p-norm of each window of pixels; 1 gives sums, a large p comes near the maximum.

    Formula: y = (Σ x^p)^(1/p) over the window, p = norm_type
    """

    inputs = {"x": "N C H W : any"}
    outputs = {"y": "N C H' W'"}
    axes = "HW"
    norm_type: float = number("the power p", start=2.0)
    kernel_size: tuple[int, ...] = span(2, "window height, width (pixels)", start=2)
    stride: tuple[int, ...] | None = option(pool_stride(2), "step (pixels); null: the window", default=None)
    ceil_mode: bool = flag("keep a last, incomplete window", default=False)
    torch = Function("F.lp_pool2d", module="nn.LPPool2d")


@layer(Category.POOLING, source="torch.nn.LPPool3d", aliases=("PowerAveragePooling3D",), common=False)
class LPPool3d(_LPPool):
    """Takes the p-norm of each window of voxels; 1 gives sums, a large p comes near the maximum.

    Formula: y = (Σ x^p)^(1/p) over the window, p = norm_type
    """

    inputs = {"x": "N C D H W : float32 float64 int bool"}
    outputs = {"y": "N C D' H' W'"}
    axes = "DHW"
    norm_type: float = number("the power p", start=2.0)
    kernel_size: tuple[int, ...] = span(3, "window depth, height, width (voxels)", start=2)
    stride: tuple[int, ...] | None = option(pool_stride(3), "step (voxels); null: the window", default=None)
    ceil_mode: bool = flag("keep a last, incomplete window", default=False)
    torch = Function("F.lp_pool3d", module="nn.LPPool3d")

    def limits(self, d: Scope) -> None:
        super().limits(d)
        require_whole_kernel(d, (d.D, d.H, d.W), self.kernel_size)
