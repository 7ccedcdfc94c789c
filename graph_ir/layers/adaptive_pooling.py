"""Pooling to a given size, whatever the size of the input: adaptive, global and pyramid pools."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import ClassVar

from graph_ir.declare import choice, flag, layer, option, span
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Integers, Nothing, Span
from graph_ir.layers._pools import WithIndices
from graph_ir.layers._windows import share
from graph_ir.recipes import Expr, Function, Variables
from graph_ir.signature import TensorType
from graph_ir.spec import Category, Layer

_MEAN = "it takes means of windows that grow with the input,"
_LARGEST = "it takes the largest of windows that grow with the input,"


def _output_size(rank: int, help: str) -> tuple[int | None, ...]:
    kind = Span(rank, Either(Integer(1), Nothing()))
    return option(kind, f"{help} of the result; null keeps an axis", start=1)  # type: ignore[no-any-return]  # a field


class _AdaptivePool(Layer):
    """`axes` are the letters of the axes that get another size."""

    axes: ClassVar[str]
    does: ClassVar[str]
    output_size: tuple[int | None, ...]

    def limits(self, d: Scope) -> None:
        d.mixes("x", [axis for axis, size in enumerate(self.output_size, 2) if size is not None], self.does)

    def window(self, d: Scope) -> Mapping[str, tuple[int, Fraction]]:
        made = zip(self.axes, d.out["y"].shape[2:], strict=True)
        shares = {letter: share(getattr(d, letter), size) for letter, size in made}
        return {letter: found for letter, found in shares.items() if found}

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        wanted = zip(self.axes, self.output_size, strict=True)
        return {f"{letter}'": getattr(d, letter) if size is None else size for letter, size in wanted}


@layer(Category.POOLING, source="torch.nn.AdaptiveAvgPool1d", common=False)
class AdaptiveAvgPool1d(_AdaptivePool):
    """Takes means over as many windows as needed to reach `output_size`, whatever the number of steps; 1 is global.

    Formula: y[i] = mean of x[⌊i·T/T'⌋ … ⌈(i + 1)·T/T'⌉ - 1]
    """

    inputs = {"x": "N C T"}
    outputs = {"y": "N C T'"}
    axes, does = "T", _MEAN
    output_size: tuple[int, ...] = span(1, "steps of the result", start=1)
    torch = Function("F.adaptive_avg_pool1d", module="nn.AdaptiveAvgPool1d")


@layer(
    Category.POOLING,
    source="torch.nn.AdaptiveAvgPool2d",
    aliases=("GlobalAveragePooling2D", "GlobalAvgPool2d"),
)
class AdaptiveAvgPool2d(_AdaptivePool):
    """Takes means over as many windows as needed to reach `output_size`, whatever the input's size; 1 is global."""

    inputs = {"x": "N C H W"}
    outputs = {"y": "N C H' W'"}
    axes, does = "HW", _MEAN
    output_size: tuple[int | None, ...] = _output_size(2, "height, width")
    torch = Function("F.adaptive_avg_pool2d", module="nn.AdaptiveAvgPool2d")


@layer(Category.POOLING, source="torch.nn.AdaptiveAvgPool3d", common=False)
class AdaptiveAvgPool3d(_AdaptivePool):
    """Takes means over as many windows as needed to reach `output_size`, whatever the volume's size; 1 is global.

    Formula: y[i, …] = mean of x[⌊i·D/D'⌋ … ⌈(i + 1)·D/D'⌉ - 1, …], and so for every axis
    """

    inputs = {"x": "N C D H W"}
    outputs = {"y": "N C D' H' W'"}
    axes, does = "DHW", _MEAN
    output_size: tuple[int | None, ...] = _output_size(3, "depth, height, width")
    torch = Function("F.adaptive_avg_pool3d", module="nn.AdaptiveAvgPool3d")


def _largest(layer: AdaptiveMaxPool2d | AdaptiveMaxPool3d, v: Variables) -> str:
    """With the axis's own size for null: torch takes None here, but its types do not."""
    wanted = [
        f"{v['x']}.shape[{i}]" if size is None else f"{size}" for i, size in enumerate(layer.output_size, 2)
    ]
    same = len(set(layer.output_size)) == 1 and layer.output_size[0] is not None
    size = wanted[0] if same else f"({', '.join(wanted)})"
    asked = ", return_indices=True" if "indices" in v.used else ""
    return f"F.adaptive_max_pool{len(wanted)}d({v['x']}, {size}{asked})"


@layer(Category.POOLING, source="torch.nn.AdaptiveMaxPool1d", common=False)
class AdaptiveMaxPool1d(WithIndices, _AdaptivePool):
    """Keeps the largest value of as many windows as needed to reach `output_size` steps; 1 is global.

    Formula: y[i] = max of x[⌊i·T/T'⌋ … ⌈(i + 1)·T/T'⌉ - 1]
    """

    inputs = {"x": "N C T"}
    outputs = {"y": "N C T'", "indices": "N C T' : int64"}
    axes, does = "T", _LARGEST
    output_size: tuple[int, ...] = span(1, "steps of the result", start=1)
    torch = Function(
        "F.adaptive_max_pool1d",
        returns="y, indices",
        asks="return_indices=True",
        module="nn.AdaptiveMaxPool1d",
    )


@layer(Category.POOLING, source="torch.nn.AdaptiveMaxPool2d", aliases=("GlobalMaxPooling2D",), common=False)
class AdaptiveMaxPool2d(WithIndices, _AdaptivePool):
    """Keeps the largest value of as many windows as needed to reach `output_size`, whatever the input's size.

    Formula: y[i, …] = max of x[⌊i·H/H'⌋ … ⌈(i + 1)·H/H'⌉ - 1, …], and so for every axis
    """

    inputs = {"x": "N C H W"}
    outputs = {"y": "N C H' W'", "indices": "N C H' W' : int64"}
    axes, does = "HW", _LARGEST
    output_size: tuple[int | None, ...] = _output_size(2, "height, width")
    torch = Expr(_largest, returns="y, indices", module="nn.AdaptiveMaxPool2d")


@layer(Category.POOLING, source="torch.nn.AdaptiveMaxPool3d", common=False)
class AdaptiveMaxPool3d(WithIndices, _AdaptivePool):
    """Keeps the largest value of as many windows as needed to reach `output_size`, whatever the volume's size.

    Formula: y[i, …] = max of x[⌊i·D/D'⌋ … ⌈(i + 1)·D/D'⌉ - 1, …], and so for every axis
    """

    inputs = {"x": "N C D H W"}
    outputs = {"y": "N C D' H' W'", "indices": "N C D' H' W' : int64"}
    axes, does = "DHW", _LARGEST
    output_size: tuple[int | None, ...] = _output_size(3, "depth, height, width")
    torch = Expr(_largest, returns="y, indices", module="nn.AdaptiveMaxPool3d")


class _GlobalPool(Layer):
    """One value per sample and channel, from any number of axes behind them."""

    does: ClassVar[str]
    keepdim: bool

    def limits(self, d: Scope) -> None:
        d.mixes("x", range(2, len(d["x"].shape)), self.does)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        rest = range(2, len(d["x"].shape)) if self.keepdim else ()
        return {"y": d.rearranged("x", (d.N, d.C, *(1 for _ in rest)), (0, 1, *rest))}


def _over_the_rest(layer: GlobalAvgPool | GlobalMaxPool, v: Variables) -> str:
    axes = tuple(range(2, max(3, v.rank("x"))))  # never (), which torch takes for all axes
    keep = ", keepdim=True" if layer.keepdim else ""
    return f"(dim={axes[0] if len(axes) == 1 else axes}{keep})"


@layer(
    Category.POOLING,
    source="torch.mean; Lin et al., Network in network, ICLR 2014",
    aliases=("GlobalAveragePooling1D", "GlobalAveragePooling3D", "GlobalAveragePool"),
    common=False,
)
class GlobalAvgPool(_GlobalPool):
    """Takes the mean over all axes behind batch and channels: one value per channel.

    Formula: y[n, c] = mean of x[n, c, …]
    """

    inputs = {"x": "N C A *S"}
    outputs = {"y": "N C *K"}
    does = "it takes the mean"
    keepdim: bool = flag("keep the axes, with size 1", default=False)
    torch = Expr(lambda layer, v: f"{v['x']}.mean{_over_the_rest(layer, v)}")


@layer(
    Category.POOLING,
    source="torch.amax",
    aliases=("GlobalMaxPooling1D", "GlobalMaxPooling3D", "GlobalMaxPool2d"),
    common=False,
)
class GlobalMaxPool(_GlobalPool):
    """Keeps the largest value over all axes behind batch and channels: one value per channel.

    Formula: y[n, c] = max of x[n, c, …]
    """

    inputs = {"x": "N C A *S : any"}
    outputs = {"y": "N C *K"}
    does = "it takes the largest value"
    keepdim: bool = flag("keep the axes, with size 1", default=False)
    torch = Expr(lambda layer, v: f"{v['x']}.amax{_over_the_rest(layer, v)}")


def _pyramid(layer: SpatialPyramidPool2d, v: Variables) -> str:
    pooled = f"F.adaptive_{layer.mode}_pool2d({v['x']}, bins).flatten(1)"
    return f"torch.cat([{pooled} for bins in {list(layer.bins)}], dim=1)"


@layer(
    Category.POOLING,
    source="He et al., Spatial pyramid pooling in deep convolutional networks for visual recognition, ECCV 2014",
    aliases=("SPP", "SpatialPyramidPooling"),
    common=False,
)
class SpatialPyramidPool2d(Layer):
    """Pools an image of any size to grids of b × b for each of `bins` and joins them into one row of features.

    Formula: y = [pool(x, b₁), pool(x, b₂), …] flattened, C·Σ b² features
    """

    inputs = {"x": "N C H W"}
    outputs = {"y": "N F'"}
    bins: tuple[int, ...] = option(
        Integers(Integer(1)), "rows and columns of each grid", start=[1, 2, 4], in_torch=False
    )
    mode: str = choice(("max", "avg"), "what is kept of each cell", default="max", in_torch=False)
    torch = Expr(_pyramid)

    def limits(self, d: Scope) -> None:
        d.mixes("x", (2, 3), "it divides the image into cells that grow with it,")

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        return {"F'": d.C * sum(bins * bins for bins in self.bins)}
