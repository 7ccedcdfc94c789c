"""Convolutions: learned filters that slide over time or space."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from graph_ir.declare import Weighted, choice, count, flag, layer, option, span
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.kinds import Choice, Either, Integer, Span
from graph_ir.layers._windows import reach, require_fit, windows
from graph_ir.recipes import Module
from graph_ir.requirements import at_least, divisible
from graph_ir.spec import Category

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def _padding(rank: int) -> Either:
    return Either(Span(rank, Integer(0)), Choice(("valid", "same")))


class _Convolution(Weighted):
    """What all convolutions have in common; `axes` are the letters of the axes they slide over."""

    axes: ClassVar[str]
    out_channels: int
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...] | str
    dilation: tuple[int, ...]
    groups: int
    bias: bool
    padding_mode: str

    def limits(self, d: Scope) -> None:
        require_groups(d, d.C, self.out_channels, self.groups)
        if self.padding == "same" and any(step != 1 for step in self.stride):
            d.fail(
                "bad-value",
                "`padding` 'same' needs a stride of 1; set `stride` to 1 or give numbers",
                field="padding",
            )
        sizes = [getattr(d, letter) for letter in self.axes]
        self._require_padding_mode(d, sizes)
        if self.padding != "same":
            require_fit(d, sizes, self._pads, self.kernel_size, self.dilation)

    @property
    def _pads(self) -> tuple[int, ...]:
        return (0,) * len(self.kernel_size) if isinstance(self.padding, str) else self.padding

    def _require_padding_mode(self, d: Scope, sizes: list[Dim]) -> None:
        """Reflection needs more entries than it pads, circular padding at least as many."""
        if self.padding_mode not in ("reflect", "circular"):
            return
        same = [reach(k, step) // 2 for k, step in zip(self.kernel_size, self.dilation, strict=True)]
        pads = same if self.padding == "same" else self._pads
        for size, pad in zip(sizes, pads, strict=True):
            least = pad + 1 if self.padding_mode == "reflect" else pad
            text = (
                f"`x` is {d['x'].text}, but `padding_mode` {self.padding_mode!r} with {pad} on each side needs "
                f"at least {least} entries on every axis; lower `padding` or use 'zeros'"
            )
            d.require(at_least(size, least), "too-small", text, port="x")

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        if self.padding == "same":
            return {f"{letter}'": getattr(d, letter) for letter in self.axes}
        values = zip(self.axes, self.kernel_size, self.stride, self._pads, self.dilation, strict=True)
        return {f"{letter}'": windows(getattr(d, letter), *rest) for letter, *rest in values}

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        weight = (self.out_channels, d.C // self.groups, *self.kernel_size)
        return {"weight": weight} | ({"bias": (self.out_channels,)} if self.bias else {})

    def macs(self, d: Scope) -> Dim:
        return product(d.out["y"].shape) * (d.C // self.groups) * product(self.kernel_size)


def require_groups(d: Scope, channels: Dim, out_channels: int, groups: int) -> None:
    """Both channel counts must be multiples of `groups`."""
    for what, size in (("the input", channels), ("`out_channels`", out_channels)):
        text = f"`groups` is {groups}, but {what} has {size} channels, no multiple of it; change one of them"
        d.require(divisible(size, groups), "bad-value", text, port="x", field="groups")


@layer(Category.CONVOLUTION, source="torch.nn.Conv1d", aliases=("Convolution1D",))
class Conv1d(_Convolution):
    """Slides `out_channels` learned filters over a sequence of channels."""

    inputs = {"x": "N C T"}
    outputs = {"y": "N out_channels T'"}
    axes = "T"
    out_channels: int = count("number of filters", start=32, role="C")
    kernel_size: tuple[int, ...] = span(1, "filter length (steps)", start=3)
    stride: tuple[int, ...] = span(1, "step", default=1)
    padding: tuple[int, ...] | str = option(_padding(1), "steps added on each side", default=0, start=1)
    dilation: tuple[int, ...] = span(1, "distance between filter entries", default=1)
    groups: int = count("groups of channels that do not mix", default=1)
    bias: bool = flag("add a learned offset per filter", default=True)
    padding_mode: str = choice(_PADDING_MODES, "what the added steps hold", default="zeros")
    torch = Module("nn.Conv1d", {"in_channels": "C"})


@layer(
    Category.CONVOLUTION,
    source="torch.nn.Conv2d; LeCun et al., Gradient-based learning applied to document recognition, 1998",
    aliases=("Convolution2D",),
)
class Conv2d(_Convolution):
    """Slides `out_channels` learned filters over an image."""

    inputs = {"x": "N C H W"}
    outputs = {"y": "N out_channels H' W'"}
    axes = "HW"
    out_channels: int = count("number of filters", start=32, role="C")
    kernel_size: tuple[int, ...] = span(2, "filter height, width (pixels)", start=3)
    stride: tuple[int, ...] = span(2, "step (pixels)", default=1)
    padding: tuple[int, ...] | str = option(_padding(2), "pixels added on each side", default=0, start=1)
    dilation: tuple[int, ...] = span(2, "distance between filter entries (pixels)", default=1)
    groups: int = count("groups of channels that do not mix", default=1)
    bias: bool = flag("add a learned offset per filter", default=True)
    padding_mode: str = choice(_PADDING_MODES, "what the added pixels hold", default="zeros")
    torch = Module("nn.Conv2d", {"in_channels": "C"})


@layer(
    Category.CONVOLUTION,
    source="torch.nn.ConvTranspose2d; Zeiler et al., Deconvolutional networks, CVPR 2010",
    aliases=("Conv2DTranspose", "Deconvolution2D"),
    common=False,
)
class ConvTranspose2d(Weighted):
    """Spreads every pixel over a learned filter: the transpose of a convolution, used to enlarge an image."""

    inputs = {"x": "N C H W"}
    outputs = {"y": "N out_channels H' W'"}
    out_channels: int = count("number of filters", start=32, role="C")
    kernel_size: tuple[int, ...] = span(2, "filter height, width (pixels)", start=2)
    stride: tuple[int, ...] = span(2, "factor of enlargement", default=1, start=2)
    padding: tuple[int, ...] = span(2, "pixels cut off on each side", default=0, low=0)
    output_padding: tuple[int, ...] = span(2, "pixels added on one side of the result", default=0, low=0)
    groups: int = count("groups of channels that do not mix", default=1)
    bias: bool = flag("add a learned offset per filter", default=True)
    dilation: tuple[int, ...] = span(2, "distance between filter entries (pixels)", default=1)
    torch = Module("nn.ConvTranspose2d", {"in_channels": "C"})

    def limits(self, d: Scope) -> None:
        require_groups(d, d.C, self.out_channels, self.groups)
        for extra, step, spread in zip(self.output_padding, self.stride, self.dilation, strict=True):
            if extra >= max(step, spread):
                text = f"`output_padding` is {extra}, but must be below the stride ({step}) or dilation ({spread})"
                d.fail("bad-value", text + "; lower it", field="output_padding")

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        values = zip(
            "HW", self.kernel_size, self.stride, self.padding, self.output_padding, self.dilation, strict=True
        )
        grown = {
            f"{letter}'": (getattr(d, letter) - 1) * step - 2 * pad + reach(kernel, spread) + extra
            for letter, kernel, step, pad, extra, spread in values
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
