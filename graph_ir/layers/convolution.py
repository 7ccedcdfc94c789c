"""Convolutions: learned filters that slide over time or space."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import choice, count, flag, layer, option, span
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.layers._sliding import PADDING_MODES, Sliding, paddings, require_groups
from graph_ir.recipes import Module
from graph_ir.spec import Category


class _Convolution(Sliding):
    """Filters that mix the channels of their group."""

    out_channels: int
    groups: int
    bias: bool

    def limits(self, d: Scope) -> None:
        require_groups(d, d.C, self.out_channels, self.groups)
        super().limits(d)

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        weight = (self.out_channels, d.C // self.groups, *self.kernel_size)
        return {"weight": weight} | ({"bias": (self.out_channels,)} if self.bias else {})

    def macs(self, d: Scope) -> Dim:
        return product(d.out["y"].shape) * (d.C // self.groups) * product(self.kernel_size)


@layer(Category.CONVOLUTION, source="torch.nn.Conv1d", aliases=("Convolution1D",))
class Conv1d(_Convolution):
    """Slides `out_channels` learned filters over a sequence of channels.

    Formula: y[k, t] = bias[k] + Σ weight[k, c, i]·x[c, s·t + r·i - p] over c and i (stride s, dilation r, padding p)
    """

    inputs = {"x": "N C T"}
    outputs = {"y": "N out_channels T'"}
    axes = "T"
    out_channels: int = count("number of filters", start=32, role="C")
    kernel_size: tuple[int, ...] = span(1, "filter length (steps)", start=3)
    stride: tuple[int, ...] = span(1, "step", default=1)
    padding: tuple[int, ...] | str = option(paddings(1), "steps added on each side", default=0, start=1)
    dilation: tuple[int, ...] = span(1, "distance between filter entries", default=1)
    groups: int = count("groups of channels that do not mix", default=1)
    bias: bool = flag("add a learned offset per filter", default=True)
    padding_mode: str = choice(PADDING_MODES, "what the added steps hold", default="zeros")
    torch = Module("nn.Conv1d", {"in_channels": "C"})


@layer(
    Category.CONVOLUTION,
    source="torch.nn.Conv2d; LeCun et al., Gradient-based learning applied to document recognition, 1998",
    aliases=("Convolution2D",),
)
class Conv2d(_Convolution):
    """Slides `out_channels` learned filters over an image.

    Formula: y[k, h, w] = bias[k] + Σ weight[k, c, i, j]·x[c, s·h + r·i - p, s·w + r·j - p] over c, i and j (stride s,
    dilation r, padding p)
    """

    inputs = {"x": "N C H W"}
    outputs = {"y": "N out_channels H' W'"}
    axes = "HW"
    out_channels: int = count("number of filters", start=32, role="C")
    kernel_size: tuple[int, ...] = span(2, "filter height, width (pixels)", start=3)
    stride: tuple[int, ...] = span(2, "step (pixels)", default=1)
    padding: tuple[int, ...] | str = option(paddings(2), "pixels added on each side", default=0, start=1)
    dilation: tuple[int, ...] = span(2, "distance between filter entries (pixels)", default=1)
    groups: int = count("groups of channels that do not mix", default=1)
    bias: bool = flag("add a learned offset per filter", default=True)
    padding_mode: str = choice(PADDING_MODES, "what the added pixels hold", default="zeros")
    torch = Module("nn.Conv2d", {"in_channels": "C"})


@layer(
    Category.CONVOLUTION,
    source="torch.nn.Conv3d; Tran et al., Learning spatiotemporal features with 3D convolutional networks, ICCV 2015",
    aliases=("Convolution3D",),
    common=False,
)
class Conv3d(_Convolution):
    """Slides `out_channels` learned filters over a volume or a video.

    Formula: y[k, d, h, w] = bias[k] + Σ weight[k, c, i, j, l]·x[c, s·d + r·i - p, s·h + r·j - p, s·w + r·l - p] over
    c, i, j and l (stride s, dilation r, padding p)
    """

    inputs = {"x": "N C D H W"}
    outputs = {"y": "N out_channels D' H' W'"}
    axes = "DHW"
    out_channels: int = count("number of filters", start=32, role="C")
    kernel_size: tuple[int, ...] = span(3, "filter depth, height, width (voxels)", start=3)
    stride: tuple[int, ...] = span(3, "step (voxels)", default=1)
    padding: tuple[int, ...] | str = option(paddings(3), "voxels added on each side", default=0, start=1)
    dilation: tuple[int, ...] = span(3, "distance between filter entries (voxels)", default=1)
    groups: int = count("groups of channels that do not mix", default=1)
    bias: bool = flag("add a learned offset per filter", default=True)
    padding_mode: str = choice(PADDING_MODES, "what the added voxels hold", default="zeros")
    torch = Module("nn.Conv3d", {"in_channels": "C"})
