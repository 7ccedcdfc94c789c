"""Pixels into channels and back."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import count, layer
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.recipes import Function
from graph_ir.requirements import divisible
from graph_ir.spec import Category, Layer


@layer(
    Category.POOLING,
    source="torch.nn.PixelShuffle; Shi et al., Real-time single image super-resolution, CVPR 2016",
    aliases=("DepthToSpace", "SubpixelConvolution"),
    common=False,
)
class PixelShuffle(Layer):
    """Enlarges an image by spreading groups of channels over blocks of pixels.

    Formula: y[c, h, w] = x[c·r² + r·(h mod r) + w mod r, ⌊h / r⌋, ⌊w / r⌋], r = upscale_factor
    """

    inputs = {"x": "N *S C H W : any"}
    outputs = {"y": "N *S C' H' W'"}
    upscale_factor: int = count("factor of enlargement", start=2)
    torch = Function("F.pixel_shuffle", module="nn.PixelShuffle")

    def limits(self, d: Scope) -> None:
        block = self.upscale_factor**2
        text = f"`x` is {d['x'].text}, whose {d.C} channels are no multiple of {block} (`upscale_factor` squared)"
        d.require(divisible(d.C, block), "bad-value", text + "; change one of them", field="upscale_factor")

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        r = self.upscale_factor
        return {"C'": d.C // (r * r), "H'": d.H * r, "W'": d.W * r}


@layer(
    Category.POOLING, source="torch.nn.PixelUnshuffle", aliases=("SpaceToDepth", "ReorgLayer"), common=False
)
class PixelUnshuffle(Layer):
    """Shrinks an image by turning blocks of pixels into channels: the reverse of PixelShuffle.

    Formula: y[c·r² + r·i + j, h, w] = x[c, r·h + i, r·w + j], r = downscale_factor
    """

    inputs = {"x": "N *S C H W : any"}
    outputs = {"y": "N *S C' H' W'"}
    downscale_factor: int = count("factor of reduction", start=2)
    torch = Function("F.pixel_unshuffle", module="nn.PixelUnshuffle")

    def limits(self, d: Scope) -> None:
        for size in (d.H, d.W):
            text = f"`x` is {d['x'].text}, where {size} is no multiple of `downscale_factor` {self.downscale_factor}"
            answer = divisible(size, self.downscale_factor)
            d.require(answer, "bad-value", text + "; change one of them", port="x", field="downscale_factor")

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        r = self.downscale_factor
        return {"C'": d.C * r * r, "H'": d.H // r, "W'": d.W // r}

    def window(self, d: Scope) -> Mapping[str, tuple[int, int]]:
        r = self.downscale_factor
        return {"H": (r, r), "W": (r, r)}
