"""Positions: what tells an attention layer in which order the steps stand."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import Weighted, count, layer, number
from graph_ir.dims import Dim, Expr
from graph_ir.infer import Scope
from graph_ir.recipes import Module
from graph_ir.requirements import Answer, Requirement
from graph_ir.spec import Category, Layer

_SINUSOIDAL = '''
class SinusoidalPositions(nn.Module):
    """Adds sines and cosines of each step's position: (N, T, F) to (N, T, F)."""

    def __init__(self, base: float = 10000.0) -> None:
        super().__init__()
        self.base = base

    def forward(self, x: Tensor) -> Tensor:
        _, steps, width = x.shape
        even = torch.arange(0, width, 2, device=x.device)
        position = torch.arange(steps, device=x.device)[:, None]
        angle = position / self.base ** (even / width)
        waves = torch.stack((angle.sin(), angle.cos()), dim=2).flatten(1)
        return x + waves[:, :width].to(x.dtype)
'''

_LEARNED = '''
class LearnedPositions(nn.Module):
    """Adds a learned vector for each position: (N, T, F) to (N, T, F)."""

    def __init__(self, max_length: int, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(max_length, features))

    def forward(self, x: Tensor) -> Tensor:
        _, steps, _ = x.shape
        return x + self.weight.narrow(0, 0, steps)
'''


def _base(layer: SinusoidalPositions, d: Scope) -> float | None:
    return None if layer.base == layer.spec.fields["base"].default else layer.base


@layer(
    Category.ATTENTION,
    source="Vaswani et al., Attention is all you need, NeurIPS 2017",
    aliases=("PositionalEncoding", "SinePositionEncoding"),
    common=False,
)
class SinusoidalPositions(Layer):
    """Adds fixed sines and cosines of the position to every step, for sequences of any length.

    Formula: y[t, 2i] = x[t, 2i] + sin(t / base^(2i/F)); y[t, 2i+1] = x[t, 2i+1] + cos(t / base^(2i/F)).
    """

    inputs = {"x": "N T F"}
    outputs = {"y": "N T F"}
    base: float = number(
        "the longest wave is 2π times this (steps)", low=0, above=True, default=10000.0, in_torch=False
    )
    torch = Module("SinusoidalPositions", keywords={"base": _base}, helper=_SINUSOIDAL)

    def limits(self, d: Scope) -> None:
        d.mixes("x", (2,), "it scales waves by the width")


@layer(
    Category.ATTENTION,
    source="Gehring et al., Convolutional sequence to sequence learning, ICML 2017",
    aliases=("PositionEmbedding", "PositionalEmbedding"),
    common=False,
)
class LearnedPositions(Weighted):
    """Adds a learned vector for its position to every step; sequences may have up to `max_length` steps.

    Formula: y[t] = x[t] + weight[t].
    """

    inputs = {"x": "N T F"}
    outputs = {"y": "N T F"}
    max_length: int = count("steps of the longest sequence", start=512, in_torch=False)
    torch = Module(
        "LearnedPositions",
        {"max_length": lambda layer, d: layer.max_length, "features": "F"},
        helper=_LEARNED,
    )

    def limits(self, d: Scope) -> None:
        text = (
            f"`x` is {d['x'].text}, {d.T} steps, but `max_length` is {self.max_length}; raise it, or cut the sequence "
            "with a Slice"
        )
        d.require(_at_most(d.T, self.max_length), "too-long", text, port="x", field="max_length")

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return {"weight": (self.max_length, d.F)}


def _at_most(size: Dim, limit: int) -> Answer:
    return Requirement(size, "<=", limit) if isinstance(size, Expr) else size <= limit
