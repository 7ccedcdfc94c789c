"""Convolutions that keep the channels apart: one or more filters for each channel by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph_ir.declare import choice, count, flag, layer, option, span
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.layers._sliding import PADDING_MODES, Sliding, argument, arguments, paddings
from graph_ir.recipes import Module
from graph_ir.spec import Category

_MULTIPLIER = "filters for each channel"
_MOBILE = "Howard et al., MobileNets, 2017"
_XCEPTION = "Chollet, Xception: deep learning with depthwise separable convolutions, CVPR 2017"


class _Depthwise(Sliding):
    """One `depth_multiplier` of filters for each channel."""

    depth_multiplier: int
    bias: bool

    def _made(self, d: Scope) -> Dim:
        """The number of filters."""
        return d.C * self.depth_multiplier

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        return {"C'": self._made(d), **super().sizes(d)}

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        weight = (self._made(d), 1, *self.kernel_size)
        return {"weight": weight} | ({"bias": (self._made(d),)} if self.bias else {})

    def macs(self, d: Scope) -> Dim:
        return product(d.out["y"].shape) * product(self.kernel_size)


def _filters(layer: Any, d: Scope) -> Dim:
    filters: Dim = d.C * layer.depth_multiplier
    return filters


@layer(
    Category.CONVOLUTION,
    source=f"torch.nn.Conv1d with groups; {_MOBILE}",
    aliases=("DepthwiseConv1D",),
    common=False,
)
class DepthwiseConv1d(_Depthwise):
    """Slides learned filters over each channel of a sequence by itself.

    Formula: y[m·c + j, t] = bias[m·c + j] + Σ weight[m·c + j, i]·x[c, s·t + r·i - p] over i, for j = 0 … m - 1
    (depth_multiplier m, stride s, dilation r, padding p)
    """

    inputs = {"x": "N C T"}
    outputs = {"y": "N C' T'"}
    axes = "T"
    kernel_size: tuple[int, ...] = span(1, "filter length (steps)", start=3)
    stride: tuple[int, ...] = span(1, "step", default=1)
    padding: tuple[int, ...] | str = option(paddings(1), "steps added on each side", default=0, start=1)
    dilation: tuple[int, ...] = span(1, "distance between filter entries", default=1)
    depth_multiplier: int = count(_MULTIPLIER, default=1, in_torch=False)
    bias: bool = flag("add a learned offset per filter", default=True)
    padding_mode: str = choice(PADDING_MODES, "what the added steps hold", default="zeros")
    torch = Module("nn.Conv1d", {"in_channels": "C", "out_channels": _filters}, {"groups": "C"})


@layer(
    Category.CONVOLUTION,
    source=f"torch.nn.Conv2d with groups; {_MOBILE}",
    aliases=("DepthwiseConv2D",),
    common=False,
)
class DepthwiseConv2d(_Depthwise):
    """Slides learned filters over each channel of an image by itself.

    Formula: y[m·c + j, h, w] = bias[m·c + j] + Σ weight[m·c + j, i, l]·x[c, s·h + r·i - p, s·w + r·l - p] over i and l,
    for j = 0 … m - 1 (depth_multiplier m, stride s, dilation r, padding p)
    """

    inputs = {"x": "N C H W"}
    outputs = {"y": "N C' H' W'"}
    axes = "HW"
    kernel_size: tuple[int, ...] = span(2, "filter height, width (pixels)", start=3)
    stride: tuple[int, ...] = span(2, "step (pixels)", default=1)
    padding: tuple[int, ...] | str = option(paddings(2), "pixels added on each side", default=0, start=1)
    dilation: tuple[int, ...] = span(2, "distance between filter entries (pixels)", default=1)
    depth_multiplier: int = count(_MULTIPLIER, default=1, in_torch=False)
    bias: bool = flag("add a learned offset per filter", default=True)
    padding_mode: str = choice(PADDING_MODES, "what the added pixels hold", default="zeros")
    torch = Module("nn.Conv2d", {"in_channels": "C", "out_channels": _filters}, {"groups": "C"})


class _Separable(Sliding):
    """Filters for each channel, then a mix of the channels at every place; nothing stands between them."""

    out_channels: int
    depth_multiplier: int
    bias: bool

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        between = d.C * self.depth_multiplier
        ones = (1,) * len(self.axes)
        found: dict[str, tuple[Dim, ...]] = {
            "0.weight": (between, 1, *self.kernel_size),
            "1.weight": (self.out_channels, between, *ones),
        }
        return found | ({"1.bias": (self.out_channels,)} if self.bias else {})

    def macs(self, d: Scope) -> Dim:
        samples, _, *places = d.out["y"].shape
        each = product(self.kernel_size) + self.out_channels
        return product((samples, *places)) * d.C * self.depth_multiplier * each


def _separable(layer: Any, d: Scope) -> str:
    between = d.C * layer.depth_multiplier
    torch = f"nn.Conv{len(layer.axes)}d"
    depthwise = [f"{d.C}", f"{between}", argument(layer.kernel_size)]
    depthwise += arguments(layer, "stride", "padding", "dilation", "padding_mode")
    depthwise += [f"groups={d.C}", "bias=False"]
    pointwise = [f"{between}", f"{layer.out_channels}", "1", *arguments(layer, "bias")]
    return f"nn.Sequential({torch}({', '.join(depthwise)}), {torch}({', '.join(pointwise)}))"


@layer(
    Category.CONVOLUTION,
    source=f"two torch.nn.Conv1d; {_XCEPTION}",
    aliases=("SeparableConvolution1D",),
    common=False,
)
class SeparableConv1d(_Separable):
    """Slides filters over each channel of a sequence by itself, then mixes the channels step by step.

    Formula: z[m·c + j, t] = Σ depthwise[m·c + j, i]·x[c, s·t + r·i - p] over i; y[k, t] = bias[k] +
    Σ pointwise[k, q]·z[q, t] over q (depth_multiplier m, stride s, dilation r, padding p)
    """

    inputs = {"x": "N C T"}
    outputs = {"y": "N out_channels T'"}
    axes = "T"
    out_channels: int = count("channels of the result", start=32, role="C")
    kernel_size: tuple[int, ...] = span(1, "filter length (steps)", start=3)
    stride: tuple[int, ...] = span(1, "step", default=1)
    padding: tuple[int, ...] | str = option(paddings(1), "steps added on each side", default=0, start=1)
    dilation: tuple[int, ...] = span(1, "distance between filter entries", default=1)
    depth_multiplier: int = count(_MULTIPLIER, default=1, in_torch=False)
    bias: bool = flag("add a learned offset per channel of the result", default=True)
    padding_mode: str = choice(PADDING_MODES, "what the added steps hold", default="zeros")
    torch = Module("nn.Sequential", build=_separable)


@layer(
    Category.CONVOLUTION,
    source=f"two torch.nn.Conv2d; {_XCEPTION}",
    aliases=("SeparableConvolution2D",),
    common=False,
)
class SeparableConv2d(_Separable):
    """Slides filters over each channel of an image by itself, then mixes the channels pixel by pixel.

    Formula: z[m·c + j, h, w] = Σ depthwise[m·c + j, i, l]·x[c, s·h + r·i - p, s·w + r·l - p] over i and l;
    y[k, h, w] = bias[k] + Σ pointwise[k, q]·z[q, h, w] over q (depth_multiplier m, stride s, dilation r, padding p)
    """

    inputs = {"x": "N C H W"}
    outputs = {"y": "N out_channels H' W'"}
    axes = "HW"
    out_channels: int = count("channels of the result", start=32, role="C")
    kernel_size: tuple[int, ...] = span(2, "filter height, width (pixels)", start=3)
    stride: tuple[int, ...] = span(2, "step (pixels)", default=1)
    padding: tuple[int, ...] | str = option(paddings(2), "pixels added on each side", default=0, start=1)
    dilation: tuple[int, ...] = span(2, "distance between filter entries (pixels)", default=1)
    depth_multiplier: int = count(_MULTIPLIER, default=1, in_torch=False)
    bias: bool = flag("add a learned offset per channel of the result", default=True)
    padding_mode: str = choice(PADDING_MODES, "what the added pixels hold", default="zeros")
    torch = Module("nn.Sequential", build=_separable)
