"""Transposed convolutions: every entry is spread over a learned filter, which enlarges what comes in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import ClassVar

from graph_ir.declare import Weighted, count, flag, layer, span
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.layers._sliding import require_groups
from graph_ir.layers._windows import reach
from graph_ir.recipes import Module
from graph_ir.requirements import at_least
from graph_ir.spec import Category

_ZEILER = "Zeiler et al., Deconvolutional networks, CVPR 2010"


class _Transposed(Weighted):
    """What all transposed convolutions have in common; `axes` are the letters of the axes they enlarge."""

    axes: ClassVar[str]
    out_channels: int
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    output_padding: tuple[int, ...]
    groups: int
    bias: bool
    dilation: tuple[int, ...]

    def _by_axis(self) -> Iterator[tuple[str, int, int, int, int]]:
        """For each axis its letter, what the filter spans, the stride, and what is cut off and added."""
        spans = [reach(k, spread) for k, spread in zip(self.kernel_size, self.dilation, strict=True)]
        yield from zip(self.axes, spans, self.stride, self.padding, self.output_padding, strict=True)

    def tail(self) -> float | None:
        """The first padded step L reaches results from L·stride - padding on; those before
        (L - 1)·stride - 2·padding + span + output_padding are valid.
        """
        reached = any(span + extra > step + pad for _, span, step, pad, extra in self._by_axis())
        return 0.0 if reached else None

    def window(self, d: Scope) -> Mapping[str, tuple[int, Fraction]]:
        return {letter: (-(-span // step), Fraction(1, step)) for letter, span, step, *_ in self._by_axis()}

    def limits(self, d: Scope) -> None:
        require_groups(d, d.C, self.out_channels, self.groups)
        for extra, step, spread in zip(self.output_padding, self.stride, self.dilation, strict=True):
            if extra >= max(step, spread):
                text = f"`output_padding` is {extra}, but must be below the stride ({step}) or dilation ({spread})"
                d.fail("bad-value", text + "; lower it", field="output_padding")

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        grown = {
            f"{letter}'": (getattr(d, letter) - 1) * step - 2 * pad + span + extra
            for letter, span, step, pad, extra in self._by_axis()
        }
        for size in grown.values():
            text = (
                f"`x` is {d['x'].text}, and an axis of the result would have {size} entries; lower `padding`"
            )
            d.require(at_least(size, 1), "too-small", text, port="x")
        return grown

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        weight = (d.C, self.out_channels // self.groups, *self.kernel_size)
        return {"weight": weight} | ({"bias": (self.out_channels,)} if self.bias else {})

    def macs(self, d: Scope) -> Dim:
        return product(d["x"].shape) * (self.out_channels // self.groups) * product(self.kernel_size)


@layer(
    Category.CONVOLUTION,
    source=f"torch.nn.ConvTranspose1d; {_ZEILER}",
    aliases=("Conv1DTranspose", "Deconvolution1D"),
    common=False,
)
class ConvTranspose1d(_Transposed):
    """Spreads every step over a learned filter: the transpose of a convolution, used to lengthen a sequence.

    Formula: y[k, t] = bias[k] + Σ weight[c, k, i]·x[c, u] over all c, i and u with s·u + r·i - p = t (stride s,
    dilation r, padding p)
    """

    inputs = {"x": "N C T"}
    outputs = {"y": "N out_channels T'"}
    axes = "T"
    out_channels: int = count("number of filters", start=32, role="C")
    kernel_size: tuple[int, ...] = span(1, "filter length (steps)", start=2)
    stride: tuple[int, ...] = span(1, "factor of enlargement", default=1, start=2)
    padding: tuple[int, ...] = span(1, "steps cut off on each side", default=0, low=0)
    output_padding: tuple[int, ...] = span(1, "steps added at the end of the result", default=0, low=0)
    groups: int = count("groups of channels that do not mix", default=1)
    bias: bool = flag("add a learned offset per filter", default=True)
    dilation: tuple[int, ...] = span(1, "distance between filter entries (steps)", default=1)
    torch = Module("nn.ConvTranspose1d", {"in_channels": "C"})


@layer(
    Category.CONVOLUTION,
    source=f"torch.nn.ConvTranspose2d; {_ZEILER}",
    aliases=("Conv2DTranspose", "Deconvolution2D"),
    common=False,
)
class ConvTranspose2d(_Transposed):
    """Spreads every pixel over a learned filter: the transpose of a convolution, used to enlarge an image.

    Formula: y[k, h, w] = bias[k] + Σ weight[c, k, i, j]·x[c, u, v] over all c, i, j, u and v with s·u + r·i - p = h and
    s·v + r·j - p = w (stride s, dilation r, padding p)
    """

    inputs = {"x": "N C H W"}
    outputs = {"y": "N out_channels H' W'"}
    axes = "HW"
    out_channels: int = count("number of filters", start=32, role="C")
    kernel_size: tuple[int, ...] = span(2, "filter height, width (pixels)", start=2)
    stride: tuple[int, ...] = span(2, "factor of enlargement", default=1, start=2)
    padding: tuple[int, ...] = span(2, "pixels cut off on each side", default=0, low=0)
    output_padding: tuple[int, ...] = span(2, "pixels added on one side of the result", default=0, low=0)
    groups: int = count("groups of channels that do not mix", default=1)
    bias: bool = flag("add a learned offset per filter", default=True)
    dilation: tuple[int, ...] = span(2, "distance between filter entries (pixels)", default=1)
    torch = Module("nn.ConvTranspose2d", {"in_channels": "C"})


@layer(
    Category.CONVOLUTION,
    source=f"torch.nn.ConvTranspose3d; {_ZEILER}",
    aliases=("Conv3DTranspose", "Deconvolution3D"),
    common=False,
)
class ConvTranspose3d(_Transposed):
    """Spreads every voxel over a learned filter: the transpose of a convolution, used to enlarge a volume.

    Formula: y[k, q] = bias[k] + Σ weight[c, k, i]·x[c, u] over all c and all places i, u and q in a volume with
    s·u + r·i - p = q on every axis (stride s, dilation r, padding p)
    """

    inputs = {"x": "N C D H W"}
    outputs = {"y": "N out_channels D' H' W'"}
    axes = "DHW"
    out_channels: int = count("number of filters", start=32, role="C")
    kernel_size: tuple[int, ...] = span(3, "filter depth, height, width (voxels)", start=2)
    stride: tuple[int, ...] = span(3, "factor of enlargement", default=1, start=2)
    padding: tuple[int, ...] = span(3, "voxels cut off on each side", default=0, low=0)
    output_padding: tuple[int, ...] = span(3, "voxels added on one side of the result", default=0, low=0)
    groups: int = count("groups of channels that do not mix", default=1)
    bias: bool = flag("add a learned offset per filter", default=True)
    dilation: tuple[int, ...] = span(3, "distance between filter entries (voxels)", default=1)
    torch = Module("nn.ConvTranspose3d", {"in_channels": "C"})
