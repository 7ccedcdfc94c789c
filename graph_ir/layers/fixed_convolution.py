"""Convolution with a kernel that is known beforehand: the filters of image processing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graph_ir.declare import choice, layer, option, span
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.kinds import Flag
from graph_ir.layers._sliding import PADDING_MODES, Sliding, paddings
from graph_ir.recipes import Module
from graph_ir.spec import Category


@dataclass(frozen=True)
class Kernel:
    """A 3×3 kernel: rows of ints, and what they are all divided by. Torch does not turn it round."""

    rows: tuple[tuple[int, int, int], ...]
    divisor: int = 1


PRESETS: Mapping[str, Kernel] = {
    "edge": Kernel(((-1, -1, -1), (-1, 8, -1), (-1, -1, -1))),
    "sobel_x": Kernel(((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))),
    "sobel_y": Kernel(((-1, -2, -1), (0, 0, 0), (1, 2, 1))),
    "horizontal_line": Kernel(((-1, -1, -1), (2, 2, 2), (-1, -1, -1))),
    "vertical_line": Kernel(((-1, 2, -1), (-1, 2, -1), (-1, 2, -1))),
    "blur": Kernel(((1, 1, 1), (1, 1, 1), (1, 1, 1)), 9),
    "gaussian": Kernel(((1, 2, 1), (2, 4, 2), (1, 2, 1)), 16),
    "sharpen": Kernel(((0, -1, 0), (-1, 5, -1), (0, -1, 0))),
    "emboss": Kernel(((-2, -1, 0), (-1, 1, 1), (0, 1, 2))),
    "identity": Kernel(((0, 0, 0), (0, 1, 0), (0, 0, 0))),
}


def _start(layer: FixedConv2d, module: str) -> list[str]:
    """Every channel gets the kernel; none of it where `init` says how the weights start."""
    if layer.init is not None:
        return []
    kernel = PRESETS[layer.preset]
    divided = f" / {kernel.divisor}" if kernel.divisor > 1 else ""
    rows = [list(row) for row in kernel.rows]
    return ["with torch.no_grad():", f"    {module}.weight.copy_(torch.tensor({rows}){divided})"]


@layer(
    Category.CONVOLUTION,
    source="torch.nn.Conv2d with groups; Gonzalez and Woods, Digital image processing, chapters 3 and 10",
    aliases=("Sobel", "EdgeDetection", "GaussianBlur", "Sharpen", "Emboss"),
    common=False,
)
class FixedConv2d(Sliding):
    """Slides a known 3×3 kernel over every channel by itself: edges, lines, blur. Stays as it is unless `trainable`.

    Formula: y[c, h, w] = Σ kernel[i, j]·x[c, s·h + i - p, s·w + j - p] over i and j (stride s, padding p)
    """

    inputs = {"x": "N C H W"}
    outputs = {"y": "N C H' W'"}
    axes = "HW"
    kernel_size = (3, 3)
    dilation = (1, 1)
    preset: str = choice(tuple(PRESETS), "what the kernel does", start="sobel_x", in_torch=False)
    stride: tuple[int, ...] = span(2, "step (pixels)", default=1)
    padding: tuple[int, ...] | str = option(paddings(2), "pixels added on each side", default=0, start=1)
    padding_mode: str = choice(PADDING_MODES, "what the added pixels hold", default="zeros")
    trainable: bool = option(
        Flag(), "whether training changes the kernel of each channel", default=False, in_torch=False
    )
    torch = Module(
        "nn.Conv2d",
        {"in_channels": "C", "out_channels": "C", "kernel_size": lambda layer, d: 3},
        {"groups": "C"},
        {"bias": False},
        start=_start,
    )

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return {"weight": (d.C, 1, *self.kernel_size)}

    def macs(self, d: Scope) -> Dim:
        return product(d.out["y"].shape) * product(self.kernel_size)
