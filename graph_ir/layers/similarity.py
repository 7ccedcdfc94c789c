"""How alike or far apart two vectors are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from graph_ir.declare import flag, layer, number, option
from graph_ir.infer import Scope
from graph_ir.kinds import Integer
from graph_ir.layers.merge import as_float, broadcast, promote
from graph_ir.layers.reductions import summed
from graph_ir.recipes import Expr, Function
from graph_ir.signature import FLOATS, TensorType
from graph_ir.spec import Category, Layer


class _Compared(Layer):
    """Two tensors that are broadcast, compared along one axis, which disappears."""

    inputs = {"x1": "*S", "x2": "*P"}
    does: ClassVar[str] = "it compares"

    def axis(self, d: Scope, total: TensorType) -> int:
        """The axis along which vectors stand, counted from the front of the broadcast type."""
        dim, rank = int(getattr(self, "dim", -1)), len(total.shape)
        scalar = max(rank, 1)
        if not -scalar <= dim < scalar:
            text = f"`dim` is {dim}, but both inputs together are {total.text}; choose one of {-rank} to {rank - 1}"
            d.fail("bad-axis", text, field="dim")
        return dim % scalar

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        total = broadcast(d, "shape-mismatch", [("x1", d["x1"]), ("x2", d["x2"])])
        axis = self.axis(d, total)
        rank = len(total.shape)
        for port in ("x1", "x2"):
            own = axis - (rank - len(d[port].shape))
            if own >= 0 and rank:
                d.warn_if_batch(port, (own,), self.does)
                d.mixes(port, (own,), self.does)
        kept = [i for i in range(rank) if i != axis]
        keepdim = bool(getattr(self, "keepdim", False)) and bool(rank)
        return {"y": _reduced(total, kept, axis if keepdim else None, self.given(total.dtype))}

    def given(self, dtype: str) -> str:
        """The dtype of the result."""
        return dtype


def _reduced(total: TensorType, kept: list[int], one: int | None, dtype: str) -> TensorType:
    axes = sorted([*kept, one]) if one is not None else kept
    shape = tuple(1 if i == one else total.shape[i] for i in axes)
    roles = tuple(total.roles[i] for i in axes)
    return TensorType(shape, dtype, roles, tuple(None if i == one else total.length(i) for i in axes))


@layer(Category.MERGE, source="torch.linalg.vecdot", aliases=("Dot", "InnerProduct"), common=False)
class DotSimilarity(_Compared):
    """Multiplies two vectors entry by entry and adds up: large where they point the same way.

    Formula: y = Σ x1 · x2
    """

    inputs = {"x1": "*S : any", "x2": "*P : any"}
    dim: int = option(Integer(), "axis along which the vectors stand; counts the batch axis", default=-1)
    torch = Expr(lambda layer, v: f"({v['x1']} * {v['x2']}).sum({layer.dim})")

    def given(self, dtype: str) -> str:
        return summed(dtype)


@layer(
    Category.MERGE,
    source="torch.nn.CosineSimilarity; torch.nn.functional.cosine_similarity",
    aliases=("Cosine",),
    common=False,
)
class CosineSimilarity(_Compared):
    """The cosine of the angle between two vectors: 1 for the same direction, -1 for opposite ones.

    Formula: y = Σ x1 · x2 / (max(‖x1‖, eps) · max(‖x2‖, eps))
    """

    inputs = {"x1": "*S : any", "x2": "*P : any"}
    dim: int = option(
        Integer(), "axis along which the vectors stand; counts the batch axis", default=1, start=-1
    )
    eps: float = number("lower limit of each length, against dividing by 0", low=0, default=1e-8)
    torch = Function("F.cosine_similarity")

    def limits(self, d: Scope) -> None:
        a, b = d["x1"].dtype, d["x2"].dtype
        if promote(a, b) not in FLOATS:
            d.fail(
                "dtype", f"`x1` is {a} and `x2` {b}, but one must be a float; put a Cast in front", port="x1"
            )

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        dtype = promote(d["x1"].dtype, d["x2"].dtype)
        return {"y": replace(super().result(d)["y"], dtype=dtype)}


@layer(
    Category.MERGE,
    source="torch.nn.PairwiseDistance; torch.nn.functional.pairwise_distance",
    aliases=("EuclideanDistance",),
    common=False,
)
class PairwiseDistance(_Compared):
    """The distance between two vectors, which stand along the last axis.

    Formula: y = ‖x1 - x2 + eps‖ by the norm `p`
    """

    inputs = {"x1": "*S : number", "x2": "*P : number"}
    does = "it measures"
    p: float = number("the power of the norm: 2 is Euclid's, 1 adds magnitudes", default=2.0)
    eps: float = number("added to every difference, against an infinite slope at 0", default=1e-6)
    keepdim: bool = flag("keep the last axis, with size 1", default=False)
    torch = Function("F.pairwise_distance")

    def given(self, dtype: str) -> str:
        return as_float(dtype)
