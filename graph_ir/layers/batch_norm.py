"""Batch normalisation: statistics over all samples of a batch while training, running ones afterwards."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import Weighted, flag, layer, number, option
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.layers._norms import MOMENTUM, require_known
from graph_ir.recipes import Module
from graph_ir.spec import Category

_BATCH_NORM = "Ioffe and Szegedy, Batch normalization, ICML 2015"


class _BatchNorm(Weighted):
    """What batch norms have in common, whatever they normalise over."""

    eps: float = number(
        "added to the variance, so that nothing is divided by 0", low=0, above=True, default=1e-5
    )
    momentum: float | None = option(
        MOMENTUM, "share of a new batch in the running mean; null: plain mean", default=0.1
    )
    affine: bool = flag("learn a scale and an offset per channel", default=True)
    track_running_stats: bool = flag("keep running statistics for evaluation", default=True)
    bias: bool = flag("with `affine`: learn the offset too", default=True)

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        if not self.affine:
            return {}
        return {"weight": (d.C,)} | ({"bias": (d.C,)} if self.bias else {})

    def buffers(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        if not self.track_running_stats:
            return {}
        return {"running_mean": (d.C,), "running_var": (d.C,), "num_batches_tracked": ()}

    def limits(self, d: Scope) -> None:
        require_known(d, (d.C,), "num_features")
        given = d["x"]
        if all(size == 1 for i, size in enumerate(given.shape) if i != 1):
            text = (
                f"`x` is {given.text}, one value per channel, which has no variance, so that torch refuses to train; "
                "use a batch of at least 2 (a symbol such as N), or LayerNorm"
            )
            d.fail("one-value", text, port="x")
        if not self.track_running_stats:
            d.mixes("x", range(len(given.shape)), "it normalises, also in use,")
        if given.lengths:
            text = (
                f"steps of {given.text} behind each sample's length are padding and count in the mean and variance "
                "while training; use a LayerNorm over the features if samples differ much in length"
            )
            d.warn("padding-in-statistics", text, port="x")


@layer(Category.NORMALISATION, source=f"torch.nn.BatchNorm1d; {_BATCH_NORM}", aliases=("BatchNormalization",))
class BatchNorm1d(_BatchNorm):
    """Normalises each channel over the batch (and the steps, if there are any).

    Formula: `y = (x - mean) / sqrt(var + eps) · weight + bias`, with mean and var over every axis but C.
    """

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
    """Normalises each channel over the batch and all pixels.

    Formula: `y = (x - mean) / sqrt(var + eps) · weight + bias`, with mean and var over N, H and W.
    """

    inputs = {"x": "N C H W"}
    outputs = {"y": "N C H W"}
    torch = Module("nn.BatchNorm2d", {"num_features": "C"})


@layer(
    Category.NORMALISATION,
    source=f"torch.nn.BatchNorm3d; {_BATCH_NORM}",
    aliases=("BatchNormalization",),
    common=False,
)
class BatchNorm3d(_BatchNorm):
    """Normalises each channel over the batch and all voxels.

    Formula: `y = (x - mean) / sqrt(var + eps) · weight + bias`, with mean and var over N, D, H and W.
    """

    inputs = {"x": "N C D H W"}
    outputs = {"y": "N C D H W"}
    torch = Module("nn.BatchNorm3d", {"num_features": "C"})
