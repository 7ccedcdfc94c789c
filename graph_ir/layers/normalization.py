"""Normalisation and regularisation."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import Weighted, count, flag, layer, number, option
from graph_ir.dims import Dim, Expr
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Nothing, Number
from graph_ir.recipes import Module
from graph_ir.spec import Category, Layer

_MOMENTUM = Either(Nothing(), Number(0, 1))
_BATCH_NORM = "Ioffe and Szegedy, Batch normalization, ICML 2015"


class _BatchNorm(Weighted):
    """What batch norms have in common, whatever they normalise over."""

    eps: float = number(
        "added to the variance, so that nothing is divided by 0", low=0, above=True, default=1e-5
    )
    momentum: float | None = option(
        _MOMENTUM, "share of a new batch in the running mean; null: plain mean", default=0.1
    )
    affine: bool = flag("learn a scale and an offset per channel", default=True)
    track_running_stats: bool = flag("keep running statistics for evaluation", default=True)

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return {"weight": (d.C,), "bias": (d.C,)} if self.affine else {}

    def buffers(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        if not self.track_running_stats:
            return {}
        return {"running_mean": (d.C,), "running_var": (d.C,), "num_batches_tracked": ()}

    def limits(self, d: Scope) -> None:
        require_known(d, (d.C,), "num_features")
        shape = d["x"].shape
        if all(size == 1 for i, size in enumerate(shape) if i != 1):
            text = (
                f"`x` is {d['x'].text}, one value per channel, which has no variance, so that torch refuses to train; "
                "use a batch of at least 2 (a symbol such as N), or LayerNorm"
            )
            d.fail("one-value", text, port="x")


def require_known(d: Scope, sizes: tuple[Dim, ...], argument: str) -> None:
    """Torch wants these sizes as numbers when the module is built, even where it makes no weights of them."""
    unknown = [size for size in sizes if isinstance(size, Expr)]
    if unknown:
        text = (
            f"`x` is {d['x'].text}, and torch must know `{argument}` when the network is built, but {unknown[0]} may "
            "vary; give the Input a number for this axis"
        )
        d.fail("size-unknown", text, port="x")


@layer(Category.NORMALISATION, source=f"torch.nn.BatchNorm1d; {_BATCH_NORM}", aliases=("BatchNormalization",))
class BatchNorm1d(_BatchNorm):
    """Normalises each channel over the batch (and the steps, if there are any)."""

    inputs = {"x": "N C *T"}
    outputs = {"y": "N C *T"}
    torch = Module("nn.BatchNorm1d", {"num_features": "C"})

    def limits(self, d: Scope) -> None:
        if len(d["x"].shape) > 3:
            text = f"`x` takes 2 or 3 axes (N C or N C T), but gets {len(d['x'].shape)}: {d['x'].text}"
            d.fail("rank", text + "; use BatchNorm2d for images, or add a Flatten in front", port="x")
        super().limits(d)


@layer(Category.NORMALISATION, source=f"torch.nn.BatchNorm2d; {_BATCH_NORM}", aliases=("BatchNormalization",))
class BatchNorm2d(_BatchNorm):
    """Normalises each channel over the batch and all pixels."""

    inputs = {"x": "N C H W"}
    outputs = {"y": "N C H W"}
    torch = Module("nn.BatchNorm2d", {"num_features": "C"})


def _normalized_shape(layer: LayerNorm, d: Scope) -> int | list[int]:
    sizes = [int(size) for size in layer.normalized(d)]  # type: ignore[arg-type]  # limits() saw that they are known
    return sizes[0] if len(sizes) == 1 else sizes


@layer(
    Category.NORMALISATION,
    source="torch.nn.LayerNorm; Ba, Kiros and Hinton, Layer normalization, 2016",
    aliases=("LayerNormalization",),
)
class LayerNorm(Weighted):
    """Normalises each sample over its last `axes` axes."""

    axes: int = count("how many trailing axes are normalised together", default=1, in_torch=False)
    eps: float = number("added to the variance, so that nothing is divided by 0", low=0, default=1e-5)
    elementwise_affine: bool = flag("learn a scale per entry", default=True)
    bias: bool = flag("learn an offset per entry", default=True)
    torch = Module("nn.LayerNorm", {"normalized_shape": _normalized_shape})

    def normalized(self, d: Scope) -> tuple[Dim, ...]:
        """The sizes of the axes that are normalised."""
        return d["x"].shape[-self.axes :]

    def limits(self, d: Scope) -> None:
        rank = len(d["x"].shape)
        if self.axes > rank:
            d.fail(
                "bad-value",
                f"`axes` is {self.axes}, but `x` is {d['x'].text}; use at most {rank}",
                field="axes",
            )
        require_known(d, self.normalized(d), "normalized_shape")
        d.warn_if_batch("x", tuple(range(rank - self.axes, rank)), "it normalises")

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        if not self.elementwise_affine:
            return {}
        shape = self.normalized(d)
        return {"weight": shape} | ({"bias": shape} if self.bias else {})


@layer(Category.NORMALISATION, source="torch.nn.Dropout; Srivastava et al., Dropout, JMLR 2014")
class Dropout(Layer):
    """Sets a random share `p` of all entries to 0 while training, and scales the rest up."""

    p: float = number("share of entries set to 0", low=0, high=1, default=0.5)
    torch = Module("nn.Dropout")
