"""A convolution that does not connect every output map with every input map."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import flag, layer, option, span
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.kinds import Table
from graph_ir.layers._sliding import Sliding, paddings
from graph_ir.recipes import Module
from graph_ir.requirements import at_least
from graph_ir.spec import Category

_HELPER = '''\
class ConnectionTableConv2d(nn.Module):
    """A convolution in which each output map sees chosen input maps.

    Takes (N, C, H, W) and gives (N, len(table), H', W'). Each row of `table` holds the
    numbers of the input maps that one output map sees; each connection has a kernel of
    its own. Weights start as those of nn.Conv2d: uniform up to 1 / sqrt(entries seen).
    """

    inputs: Tensor

    def __init__(
        self,
        table: tuple[tuple[int, ...], ...],
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | str | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        k = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.stride, self.padding, self.dilation = stride, padding, dilation
        self.sizes = [len(row) for row in table]
        self.register_buffer("inputs", torch.tensor([i for row in table for i in row]))
        limits = torch.tensor([1 / math.sqrt(n * k[0] * k[1]) for n in self.sizes])
        each = limits.repeat_interleave(torch.tensor(self.sizes)).reshape(-1, 1, 1, 1)
        self.weight = nn.Parameter((2 * torch.rand(len(each), 1, *k) - 1) * each)
        start = (2 * torch.rand(len(table)) - 1) * limits
        self.bias = nn.Parameter(start) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        maps = F.conv2d(
            x[:, self.inputs],
            self.weight,
            None,
            self.stride,
            self.padding,
            self.dilation,
            groups=len(self.inputs),
        )
        rows = torch.split(maps, self.sizes, dim=1)
        y = torch.stack([row.sum(1) for row in rows], dim=1)
        return y if self.bias is None else y + self.bias[:, None, None]
'''


@layer(
    Category.CONVOLUTION,
    source="LeCun et al., Gradient-based learning applied to document recognition, 1998, table I; torch.nn.Conv2d",
    aliases=("SparseConv2d", "SpatialConvolutionMap", "LeNet C3"),
    common=False,
)
class ConnectionTableConv2d(Sliding):
    """Slides learned filters over an image; `table` says which input maps each output map sees.

    Formula: y[k, h, w] = bias[k] + Σ weight[k, c, i, j]·x[c, s·h + r·i - p, s·w + r·j - p] over the c in row k of the
    table, i and j (stride s, dilation r, padding p)
    """

    inputs = {"x": "N C H W"}
    outputs = {"y": "N C' H' W'"}
    axes = "HW"
    padding_mode = "zeros"
    table: tuple[tuple[int, ...], ...] = option(
        Table(),
        "for each output map a row: the input maps it sees, counted from 0",
        start=[[0, 1], [1, 2], [0, 2]],
    )
    kernel_size: tuple[int, ...] = span(2, "filter height, width (pixels)", start=5)
    stride: tuple[int, ...] = span(2, "step (pixels)", default=1)
    padding: tuple[int, ...] | str = option(paddings(2), "zeros added on each side (pixels)", default=0)
    dilation: tuple[int, ...] = span(2, "distance between filter entries (pixels)", default=1)
    bias: bool = flag("add a learned offset per output map", default=True)
    torch = Module("ConnectionTableConv2d", helper=_HELPER)

    @property
    def connections(self) -> int:
        """How many pairs of an output map and an input map that it sees there are."""
        return sum(map(len, self.table))

    def limits(self, d: Scope) -> None:
        super().limits(d)
        d.mixes("x", (1,), "it joins maps")
        numbers = [number for row in self.table for number in row]
        least = max(max(numbers) + 1, -min(numbers))
        text = (
            f"`table` names input map {max(numbers) if least > -min(numbers) else min(numbers)}, but `x` is "
            f"{d['x'].text} with {d.C} maps, numbered from 0; wire at least {least} maps, or change the table"
        )
        wanted = (d.N, least, d.H, d.W)
        d.require(at_least(d.C, least), "bad-value", text, port="x", field="table", wanted=wanted)
        twice = next((row for row in self.table if len(set(row)) < len(row)), None)
        if twice:
            d.warn(
                "listed-twice", f"`table` has the row {list(twice)}, which names a map twice; name each once"
            )

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        return {"C'": len(self.table), **super().sizes(d)}

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        weight: tuple[Dim, ...] = (self.connections, 1, *self.kernel_size)
        return {"weight": weight} | ({"bias": (len(self.table),)} if self.bias else {})

    def buffers(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return {"inputs": (self.connections,)}

    def macs(self, d: Scope) -> Dim:
        samples, _, height, width = d.out["y"].shape
        return product((samples, height, width)) * self.connections * product(self.kernel_size)
