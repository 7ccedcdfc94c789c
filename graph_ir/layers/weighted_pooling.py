"""Pooling with weights inside the window."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import layer, option, span
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Nothing, Number
from graph_ir.layers._pools import pool_stride
from graph_ir.layers._windows import looks, require_fit, windows
from graph_ir.recipes import Module
from graph_ir.spec import Category, Layer

_HELPER = '''\
class DistanceWeightedPool2d(nn.Module):
    """Window means; a pixel counts less the further it is from the window's centre.

    Takes (N, C, H, W), gives (N, C, H', W'), H' = (H + 2 * padding - k) // stride + 1.
    A pixel at distance d counts exp(-d^2 / (2 * sigma^2)), or 1 / (1 + d) without
    sigma; the weights of a window sum to 1. Padding counts as zeros.
    """

    weight: Tensor

    def __init__(
        self,
        kernel_size: tuple[int, int],
        stride: tuple[int, int],
        padding: tuple[int, int] = (0, 0),
        sigma: float | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        rows, columns = (torch.arange(k) - (k - 1) / 2 for k in kernel_size)
        distance = torch.hypot(rows[:, None], columns).flatten()
        if sigma is None:
            logits = -torch.log1p(distance)
        else:
            logits = -(distance / sigma).square() / 2
        self.register_buffer("weight", logits.softmax(0)[:, None])

    def forward(self, x: Tensor) -> Tensor:
        n, c, height = x.shape[:3]
        height += 2 * self.padding[0] - self.kernel_size[0]
        height = height // self.stride[0] + 1
        x = F.unfold(x, self.kernel_size, padding=self.padding, stride=self.stride)
        x = x.reshape(n, c, -1, x.shape[2])  # (N, C, k * k, H' * W')
        return (x * self.weight.to(x.dtype)).sum(2).reshape(n, c, height, -1)
'''


def _built(layer: DistanceWeightedPool2d, d: Scope) -> str:
    arguments = [f"{layer.kernel_size}", f"stride={layer.stride or layer.kernel_size}"]
    arguments += [f"padding={layer.padding}"] if any(layer.padding) else []
    arguments += [f"sigma={layer.sigma}"] if layer.sigma is not None else []
    return f"DistanceWeightedPool2d({', '.join(arguments)})"


@layer(
    Category.POOLING,
    source="Gaussian weights: Zhang, Making convolutional networks shift-invariant again, ICML 2019",
    aliases=("GaussianPool2d", "BlurPool2d", "WeightedPool2d"),
    common=False,
)
class DistanceWeightedPool2d(Layer):
    """Takes weighted means of windows: a pixel counts less the further it is from the window's centre.

    Formula: y[i, j] = Σ w(d)·x[s·i + u - p, s·j + v - p] / Σ w(d), where w(d) = exp(-d² / (2·sigma²)), without sigma
    1 / (1 + d), and d is the distance of (u, v) from ((k - 1) / 2, (k - 1) / 2) (stride s, padding p, kernel k)
    """

    inputs = {"x": "N C H W"}
    outputs = {"y": "N C H' W'"}
    kernel_size: tuple[int, ...] = span(2, "window height, width (pixels)", start=3)
    stride: tuple[int, ...] | None = option(pool_stride(2), "step (pixels); null: the window", default=None)
    padding: tuple[int, ...] = span(2, "zeros added on each side (pixels)", default=0, low=0)
    sigma: float | None = option(
        Either(Nothing(), Number(0.01)),
        "width of the Gaussian (pixels); null: 1 / (1 + distance)",
        default=None,
        in_torch=False,
    )
    torch = Module("DistanceWeightedPool2d", build=_built, helper=_HELPER)

    def tail(self) -> float | None:
        """Zeros, as the padding is."""
        return 0.0 if any(self.padding) else None

    def limits(self, d: Scope) -> None:
        require_fit(d, (d.H, d.W), self.padding, self.kernel_size, (1, 1))

    def window(self, d: Scope) -> Mapping[str, tuple[int, int]]:
        return looks("HW", self.kernel_size, self.stride or self.kernel_size, (1, 1))

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        values = zip("HW", self.kernel_size, self.stride or self.kernel_size, self.padding, strict=True)
        return {f"{letter}'": windows(getattr(d, letter), *rest) for letter, *rest in values}

    def buffers(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return {"weight": (product(self.kernel_size), 1)}
