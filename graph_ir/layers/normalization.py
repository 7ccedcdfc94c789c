"""Normalisation within each sample: over features, groups of channels, places or neighbouring channels."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import Weighted, count, flag, layer, number, option
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Nothing, Number
from graph_ir.layers._norms import MOMENTUM, require_known, require_values, warn_if_no_feature
from graph_ir.recipes import Module, Variables
from graph_ir.signature import TensorType
from graph_ir.spec import Category, Layer


class _TrailingNorm(Weighted):
    """What norms over the last `axes` axes have in common."""

    axes: int

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
        axes = tuple(range(rank - self.axes, rank))
        d.warn_if_batch("x", axes, "it normalises")
        d.mixes("x", axes, "it normalises")
        warn_if_no_feature(d, axes)


def _normalized_shape(layer: _TrailingNorm, d: Scope) -> int | list[int]:
    sizes: list[int] = [*layer.normalized(d)]  # type: ignore[list-item]  # limits() saw that they are known
    return sizes[0] if len(sizes) == 1 else sizes


@layer(
    Category.NORMALISATION,
    source="torch.nn.LayerNorm; Ba, Kiros and Hinton, Layer normalization, 2016",
    aliases=("LayerNormalization",),
)
class LayerNorm(_TrailingNorm):
    """Normalises each sample over its last `axes` axes.

    Formula: `y = (x - mean) / sqrt(var + eps) · weight + bias`, with mean and var over these axes.
    """

    axes: int = count("how many trailing axes are normalised together", default=1, in_torch=False)
    eps: float = number("added to the variance, so that nothing is divided by 0", low=0, default=1e-5)
    elementwise_affine: bool = flag("learn a scale per entry", default=True)
    bias: bool = flag("learn an offset per entry", default=True)
    torch = Module("nn.LayerNorm", {"normalized_shape": _normalized_shape})

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        if not self.elementwise_affine:
            return {}
        shape = self.normalized(d)
        return {"weight": shape} | ({"bias": shape} if self.bias else {})


@layer(
    Category.NORMALISATION,
    source="torch.nn.RMSNorm; Zhang and Sennrich, Root mean square layer normalization, NeurIPS 2019",
    aliases=("RMSNormalization",),
    common=False,
)
class RMSNorm(_TrailingNorm):
    """Divides each sample by its root mean square over the last `axes` axes.

    Formula: `y = x / sqrt(mean(x²) + eps) · weight`, with the mean over these axes.
    """

    axes: int = count("how many trailing axes are normalised together", default=1, in_torch=False)
    eps: float | None = option(
        Either(Nothing(), Number(0)),
        "added to the mean square; null: the smallest step of the dtype",
        default=None,
    )
    elementwise_affine: bool = flag("learn a scale per entry", default=True)
    torch = Module("nn.RMSNorm", {"normalized_shape": _normalized_shape})

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return {"weight": self.normalized(d)} if self.elementwise_affine else {}


@layer(
    Category.NORMALISATION,
    source="torch.nn.GroupNorm; Wu and He, Group normalization, ECCV 2018",
    aliases=("GroupNormalization",),
    common=False,
)
class GroupNorm(Weighted):
    """Normalises groups of channels of each sample together with all their steps or pixels.

    Formula: `y = (x - mean) / sqrt(var + eps) · weight + bias`, with mean and var over C / num_groups channels and
    every axis behind them.
    """

    inputs = {"x": "N C *S"}
    outputs = {"y": "N C *S"}
    num_groups: int = count("groups of channels; must divide their number", start=4)
    eps: float = number("added to the variance, so that nothing is divided by 0", low=0, default=1e-5)
    affine: bool = flag("learn a scale and an offset per channel", default=True)
    bias: bool = flag("with `affine`: learn the offset too", default=True)
    torch = Module("nn.GroupNorm", keywords={"num_channels": "C"})

    def limits(self, d: Scope) -> None:
        require_known(d, (d.C,), "num_channels")
        given = d["x"]
        if isinstance(d.C, int) and d.C % self.num_groups:
            text = (
                f"`num_groups` is {self.num_groups}, but `x` is {given.text} and its {d.C} channels are no multiple "
                "of it; change one of them"
            )
            d.fail("bad-value", text, port="x", field="num_groups")
        text = (
            f"`x` is {given.text}, one value per group in the whole batch, which torch refuses to normalise; use fewer "
            "groups or a larger batch"
        )
        require_values(d, (d.N, d.C // self.num_groups, *d.run("*S")), text)
        d.mixes("x", range(1, len(given.shape)), "it normalises")

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        if not self.affine:
            return {}
        return {"weight": (d.C,)} | ({"bias": (d.C,)} if self.bias else {})


_INSTANCE_NORM = "Ulyanov, Vedaldi and Lempitsky, Instance normalization, 2016"


class _InstanceNorm(Weighted):
    """What instance norms have in common, whatever they normalise over."""

    eps: float = number("added to the variance, so that nothing is divided by 0", low=0, default=1e-5)
    momentum: float | None = option(
        MOMENTUM, "share of a new batch in the running statistics; null: they never change", default=0.1
    )
    affine: bool = flag("learn a scale and an offset per channel", default=False)
    track_running_stats: bool = flag("keep running statistics for evaluation", default=False)
    bias: bool = flag("with `affine`: learn the offset too", default=True)

    def limits(self, d: Scope) -> None:
        require_known(d, (d.C,), "num_features")
        given = d["x"]
        text = (
            f"`x` is {given.text}, one value per channel and sample, which torch refuses to normalise; pool it less, "
            "or use a LayerNorm"
        )
        require_values(d, given.shape[2:], text)
        d.mixes("x", range(2, len(given.shape)), "it normalises")

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        if not self.affine:
            return {}
        return {"weight": (d.C,)} | ({"bias": (d.C,)} if self.bias else {})

    def buffers(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        if not self.track_running_stats:
            return {}
        return {"running_mean": (d.C,), "running_var": (d.C,), "num_batches_tracked": ()}


@layer(Category.NORMALISATION, source=f"torch.nn.InstanceNorm1d; {_INSTANCE_NORM}", common=False)
class InstanceNorm1d(_InstanceNorm):
    """Normalises each channel of each sample over its steps.

    Formula: `y = (x - mean) / sqrt(var + eps)`, with mean and var over T.
    """

    inputs = {"x": "N C T"}
    outputs = {"y": "N C T"}
    torch = Module("nn.InstanceNorm1d", {"num_features": "C"})


@layer(
    Category.NORMALISATION,
    source=f"torch.nn.InstanceNorm2d; {_INSTANCE_NORM}",
    aliases=("InstanceNormalization", "ContrastNormalization"),
    common=False,
)
class InstanceNorm2d(_InstanceNorm):
    """Normalises each channel of each sample over its pixels.

    Formula: `y = (x - mean) / sqrt(var + eps)`, with mean and var over H and W.
    """

    inputs = {"x": "N C H W"}
    outputs = {"y": "N C H W"}
    torch = Module("nn.InstanceNorm2d", {"num_features": "C"})


@layer(Category.NORMALISATION, source=f"torch.nn.InstanceNorm3d; {_INSTANCE_NORM}", common=False)
class InstanceNorm3d(_InstanceNorm):
    """Normalises each channel of each sample over its voxels.

    Formula: `y = (x - mean) / sqrt(var + eps)`, with mean and var over D, H and W.
    """

    inputs = {"x": "N C D H W"}
    outputs = {"y": "N C D H W"}
    torch = Module("nn.InstanceNorm3d", {"num_features": "C"})


def _dense_in_memory(layer: LocalResponseNorm, v: Variables) -> str:
    """With five axes or more torch joins the last ones without copying, which it can't where they were permuted."""
    return f"{v['x']}.contiguous()" if v.rank("x") > 4 else v["x"]


@layer(
    Category.NORMALISATION,
    source="torch.nn.LocalResponseNorm; Krizhevsky, Sutskever and Hinton, ImageNet classification, NIPS 2012",
    aliases=("LRN",),
    common=False,
)
class LocalResponseNorm(Layer):
    """Damps each entry by the squares of its neighbours in `size` channels around it.

    Formula: `y = x / (k + alpha / size · sum(x²))^beta`, with the sum over these channels.
    """

    inputs = {"x": "N C *S : float int64"}
    outputs = {"y": "N C *S"}
    size: int = count("neighbouring channels that count", start=5)
    alpha: float = number("strength of the damping", default=1e-4)
    beta: float = number("exponent", default=0.75)
    k: float = number("added, so that nothing is divided by 0", default=1.0)
    torch = Module("nn.LocalResponseNorm", call=_dense_in_memory)

    def limits(self, d: Scope) -> None:
        given = d["x"]
        rank = len(given.shape)
        if rank < 3:
            text = f"`x` takes at least 3 axes (N C *S), but gets {rank}: {given.text}; use it behind convolutions"
            d.fail("rank", text, port="x")
        if rank > 3 and given.dtype in ("float16", "bfloat16"):
            text = f"`x` is {given.dtype}, which torch takes here with 3 axes only; add a Cast to float32 in front"
            d.fail("dtype", text, port="x")
        d.mixes("x", (1,), "it normalises")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        dtype = "float32" if given.dtype == "int64" else given.dtype
        return {"y": d.rearranged("x", given.shape, range(len(given.shape)), dtype=dtype)}
