"""Patches of an image as columns and back, and channels in another order."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from graph_ir.declare import count, layer, option, span
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Sizes, Span
from graph_ir.layers._sliding import arguments
from graph_ir.layers._windows import looks, reach, require_fit, windows
from graph_ir.recipes import Expr, Function, Variables
from graph_ir.requirements import at_least, divisible, equal
from graph_ir.spec import Category, Layer


class _Patches(Layer):
    """What Unfold and Fold share: a window that slides over an image."""

    kernel_size: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: tuple[int, ...]
    stride: tuple[int, ...]

    def _patches(self, sizes: tuple[Dim, ...]) -> Dim:
        """How many patches an image of these sizes has."""
        values = zip(sizes, self.kernel_size, self.stride, self.padding, self.dilation, strict=True)
        return product(windows(*each) for each in values)


@layer(
    Category.CONVOLUTION,
    source="torch.nn.Unfold",
    aliases=("im2col", "ExtractPatches", "PatchExtraction"),
    common=False,
)
class Unfold(_Patches):
    """Lays every patch under a sliding window out as a column.

    Formula: y[k²·c + k·i + j, l] = x[c, s·h + r·i - p, s·w + r·j - p], where patch l stands at row h and column w
    (kernel k, stride s, dilation r, padding p)
    """

    inputs = {"x": "N C H W : float bool"}
    outputs = {"y": "N C' L'"}
    kernel_size: tuple[int, ...] = span(2, "window height, width (pixels)", start=3)
    dilation: tuple[int, ...] = span(2, "distance between window entries (pixels)", default=1)
    padding: tuple[int, ...] = span(2, "zeros added on each side (pixels)", default=0, low=0)
    stride: tuple[int, ...] = span(2, "step (pixels)", default=1)
    torch = Function("F.unfold", module="nn.Unfold")

    def window(self, d: Scope) -> Mapping[str, tuple[int, int]]:
        return looks("HW", self.kernel_size, self.stride, self.dilation)

    def limits(self, d: Scope) -> None:
        require_fit(d, (d.H, d.W), self.padding, self.kernel_size, self.dilation)

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        return {"C'": d.C * prod(self.kernel_size), "L'": self._patches((d.H, d.W))}


def _fold(layer: Fold, v: Variables) -> str:
    height, width = (v.size(size) for size in layer.output_size)
    kernel = layer.kernel_size[0] if len(set(layer.kernel_size)) == 1 else layer.kernel_size
    given = [v["x"], f"({height}, {width})", f"{kernel}", *arguments(layer, "dilation", "padding", "stride")]
    return f"F.fold({', '.join(given)})"


@layer(Category.CONVOLUTION, source="torch.nn.Fold", aliases=("col2im", "CombinePatches"), common=False)
class Fold(_Patches):
    """Puts columns back as patches of an image and adds up where patches lie over each other.

    Formula: y[c, a, b] = Σ x[k²·c + k·i + j, l] over patches l at row h, column w and i, j with s·h + r·i - p = a and
    s·w + r·j - p = b (kernel k, stride s, dilation r, padding p)
    """

    inputs = {"x": "N K L : float bool"}
    outputs = {"y": "N C' H' W'"}
    output_size: tuple[Dim, ...] = option(
        Either(Span(2, Integer(1)), Sizes()), "height, width of the image (pixels), symbols too", start=8
    )
    kernel_size: tuple[int, ...] = span(2, "window height, width (pixels)", start=3)
    dilation: tuple[int, ...] = span(2, "distance between window entries (pixels)", default=1)
    padding: tuple[int, ...] = span(2, "zeros cut off on each side (pixels)", default=0, low=0)
    stride: tuple[int, ...] = span(2, "step (pixels)", default=1)
    torch = Expr(_fold)

    def limits(self, d: Scope) -> None:
        if len(self.output_size) != 2:
            text = f"`output_size` has {len(self.output_size)} sizes, but must have 2, height and width; give both"
            d.fail("bad-value", text, field="output_size")
        self._require_room(d)
        entries = prod(self.kernel_size)
        text = (
            f"`x` is {d['x'].text}, whose axis 1 ({d.K}) is no multiple of {entries}, the entries of a window; change "
            "`kernel_size`, or wire what an Unfold gives"
        )
        wanted: tuple[Dim, ...] = (d.N, entries, d.L)
        d.require(divisible(d.K, entries), "bad-value", text, port="x", field="kernel_size", wanted=wanted)
        patches = self._patches(self.output_size)
        text = (
            f"`x` is {d['x'].text} with {d.L} patches, but an image of {self.output_size[0]} by {self.output_size[1]} "
            f"has {patches}; change `output_size`, `stride` or `padding`"
        )
        wanted = (d.N, d.K, patches)
        d.require(equal(d.L, patches), "shape-mismatch", text, port="x", field="output_size", wanted=wanted)

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        height, width = self.output_size
        return {"C'": d.K // prod(self.kernel_size), "H'": height, "W'": width}

    def _require_room(self, d: Scope) -> None:
        """The padded image must hold a whole window."""
        values = zip(self.output_size, self.kernel_size, self.padding, self.dilation, strict=True)
        for size, extent, pad, step in values:
            text = (
                f"`output_size` has an axis of {size} + 2·{pad} entries, but a window of {extent} (dilation {step}) "
                f"spans {reach(extent, step)}; make `output_size` larger or `kernel_size` smaller"
            )
            answer = at_least(size + 2 * pad, reach(extent, step))
            d.require(answer, "too-small", text, field="output_size")


@layer(
    Category.CONVOLUTION,
    source="torch.nn.ChannelShuffle; Zhang et al., ShuffleNet, CVPR 2018",
    common=False,
)
class ChannelShuffle(Layer):
    """Deals the channels of `groups` groups out like cards, so that the next grouped convolution mixes groups.

    Formula: y[groups·j + g] = x[(C / groups)·g + j]
    """

    inputs = {"x": "N C L *S : any"}
    outputs = {"y": "N C L *S"}
    groups: int = count("groups of channels", start=2)
    torch = Function("F.channel_shuffle", module="nn.ChannelShuffle")

    def limits(self, d: Scope) -> None:
        text = (
            f"`groups` is {self.groups}, but `x` is {d['x'].text} with {d.C} channels, no multiple of it; change one "
            "of them"
        )
        d.require(divisible(d.C, self.groups), "bad-value", text, port="x", field="groups")
        d.mixes("x", (1,), "it shuffles")
