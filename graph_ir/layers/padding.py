"""Padding with a number; negative padding cuts off."""

from __future__ import annotations

from graph_ir.declare import layer, number
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.layers._pads import Pad, kept, sides
from graph_ir.recipes import Module
from graph_ir.requirements import at_least
from graph_ir.spec import Category

_LARGEST = {
    "float16": 65504.0,
    "bfloat16": 3.3895313892515355e38,
    "float32": 3.4028234663852886e38,
    "int64": 2.0**63 - 1024,
    "int32": 2.0**31 - 1,
}
"""The largest number that each dtype holds; float64 and bool take any."""


class _ConstantPad(Pad):
    """The added entries are all the same number."""

    def _added(self) -> float:
        return 0.0

    def tail(self) -> float | None:
        """What is added behind a shorter sample must look as if the sample ended there."""
        return self._added() if any(behind > 0 for behind in self.padding[1::2]) else None

    def limits(self, d: Scope) -> None:
        super().limits(d)
        largest = _LARGEST.get(d["x"].dtype)
        if largest is not None and abs(self._added()) > largest:
            text = f"`value` is {self._added():g}, more than {d['x'].dtype} can hold; use at most {largest:g}"
            d.fail("bad-value", text, field="value")
        if any((before or behind) and not axis for axis, _, before, behind in self.by_axis(d)):
            text = "it adds samples to axis 0, the batch, or takes some away; use a padding for fewer axes"
            d.warn("mixes-batch", text, port="x")

    def check_axis(self, d: Scope, axis: int, size: Dim, before: int, behind: int) -> None:
        if before >= 0 and behind >= 0:
            return
        text = (
            f"`x` is {d['x'].text}, and `padding` cuts {-min(before, 0)} and {-min(behind, 0)} entries off axis {axis} "
            f"with {size}; cut off less"
        )
        d.require(at_least(kept(size, before, behind), 0), "too-small", text, port="x")


@layer(
    Category.CONVOLUTION, source="torch.nn.ZeroPad1d", aliases=("ZeroPadding1D", "Cropping1D"), common=False
)
class ZeroPad1d(_ConstantPad):
    """Puts zeros around a sequence, or cuts steps off where `padding` is negative.

    Formula: y[t] = x[t - before] within x, else 0
    """

    inputs = {"x": "*S T : any"}
    outputs = {"y": "*S T'"}
    axes = "T"
    padding: tuple[int, ...] = sides(1)
    torch = Module("nn.ZeroPad1d")


@layer(
    Category.CONVOLUTION, source="torch.nn.ZeroPad2d", aliases=("ZeroPadding2D", "Cropping2D"), common=False
)
class ZeroPad2d(_ConstantPad):
    """Puts zeros around an image, or cuts pixels off where `padding` is negative.

    Formula: y[t] = x[t - before] within x, else 0, and so on every axis
    """

    inputs = {"x": "*S H W : any"}
    outputs = {"y": "*S H' W'"}
    axes = "HW"
    padding: tuple[int, ...] = sides(2)
    torch = Module("nn.ZeroPad2d")


@layer(
    Category.CONVOLUTION, source="torch.nn.ZeroPad3d", aliases=("ZeroPadding3D", "Cropping3D"), common=False
)
class ZeroPad3d(_ConstantPad):
    """Puts zeros around a volume, or cuts voxels off where `padding` is negative.

    Formula: y[t] = x[t - before] within x, else 0, and so on every axis
    """

    inputs = {"x": "*S D H W : any"}
    outputs = {"y": "*S D' H' W'"}
    axes = "DHW"
    padding: tuple[int, ...] = sides(3)
    torch = Module("nn.ZeroPad3d")


class _ValuePad(_ConstantPad):
    """The number is a field."""

    value: float

    def _added(self) -> float:
        return self.value


@layer(Category.CONVOLUTION, source="torch.nn.ConstantPad1d", common=False)
class ConstantPad1d(_ValuePad):
    """Puts a number around a sequence, or cuts steps off where `padding` is negative.

    Formula: y[t] = x[t - before] within x, else value
    """

    inputs = {"x": "*S T : any"}
    outputs = {"y": "*S T'"}
    axes = "T"
    padding: tuple[int, ...] = sides(1)
    value: float = number("what the added entries hold", start=0.0)
    torch = Module("nn.ConstantPad1d")


@layer(Category.CONVOLUTION, source="torch.nn.ConstantPad2d", common=False)
class ConstantPad2d(_ValuePad):
    """Puts a number around an image, or cuts pixels off where `padding` is negative.

    Formula: y[t] = x[t - before] within x, else value, and so on every axis
    """

    inputs = {"x": "*S H W : any"}
    outputs = {"y": "*S H' W'"}
    axes = "HW"
    padding: tuple[int, ...] = sides(2)
    value: float = number("what the added entries hold", start=0.0)
    torch = Module("nn.ConstantPad2d")


@layer(Category.CONVOLUTION, source="torch.nn.ConstantPad3d", common=False)
class ConstantPad3d(_ValuePad):
    """Puts a number around a volume, or cuts voxels off where `padding` is negative.

    Formula: y[t] = x[t - before] within x, else value, and so on every axis
    """

    inputs = {"x": "*S D H W : any"}
    outputs = {"y": "*S D' H' W'"}
    axes = "DHW"
    padding: tuple[int, ...] = sides(3)
    value: float = number("what the added entries hold", start=0.0)
    torch = Module("nn.ConstantPad3d")
