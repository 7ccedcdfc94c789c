"""Matrix products."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import layer
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.layers.merge import broadcast
from graph_ir.recipes import Expr
from graph_ir.requirements import equal
from graph_ir.signature import Length, TensorType
from graph_ir.spec import Category, Layer


def _part(given: TensorType, axes: slice) -> TensorType:
    """Some neighbouring axes of a tensor, as a type of their own."""
    return TensorType(given.shape[axes], given.dtype, given.roles[axes], given.lengths[axes])


@layer(Category.MERGE, source="torch.matmul", aliases=("Dot", "BatchDot", "bmm", "@"), common=False)
class MatMul(Layer):
    """Multiplies two tensors as matrices: the last axis of `x1` with the last but one of `x2`; axes in front broadcast.

    A tensor of one axis is a row in front and a column behind, and that axis disappears.

    Formula: y_ij = Σ_k x1_ik · x2_kj
    """

    inputs = {"x1": "*S : number", "x2": "*P : number"}
    torch = Expr(lambda layer, v: f"{v['x1']} @ {v['x2']}")

    def limits(self, d: Scope) -> None:
        for port in ("x1", "x2"):
            if not d[port].shape:
                d.fail("rank", f"`{port}` is a single number; use Multiply for that", port=port)
        a, b = d["x1"], d["x2"]
        if a.dtype != b.dtype:
            text = f"`x1` is {a.dtype}, but `x2` {b.dtype}; put a Cast in front of one, so that both are of one type"
            d.fail("dtype", text, port="x2")
        at = self._inner(b)
        wanted = (*b.shape[:at], a.shape[-1], *b.shape[at + 1 :])
        text = (
            f"`x1` is {a.text} and `x2` {b.text}, but the last axis of `x1` ({a.shape[-1]}) must be as long as axis "
            f"{at} of `x2` ({b.shape[at]}); put a Transpose or Linear in front of one"
        )
        d.require(equal(b.shape[at], a.shape[-1]), "shape-mismatch", text, port="x2", wanted=wanted)
        d.mixes("x1", (len(a.shape) - 1,), "it sums")
        d.mixes("x2", (at,), "it sums")

    @staticmethod
    def _inner(b: TensorType) -> int:
        """The axis of `x2` that is summed over."""
        return max(0, len(b.shape) - 2)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        a, b = d["x1"], d["x2"]
        batch = self._batch(d)
        rows = _part(a, slice(-2, -1)) if len(a.shape) > 1 else _part(a, slice(0))
        columns = _part(b, slice(len(b.shape) - 1, None)) if len(b.shape) > 1 else _part(b, slice(0))
        parts = (batch, rows, columns)
        shape = tuple(size for part in parts for size in part.shape)
        roles = tuple(role for part in parts for role in part.roles)
        lengths: tuple[Length | None, ...] = tuple(
            part.length(axis) for part in parts for axis in range(len(part.shape))
        )
        return {"y": TensorType(shape, a.dtype, roles, lengths)}

    @staticmethod
    def _batch(d: Scope) -> TensorType:
        """The axes in front of the matrices, broadcast."""
        fronts = [(port, _part(d[port], slice(0, -2))) for port in ("x1", "x2") if len(d[port].shape) > 2]
        return broadcast(d, "shape-mismatch", fronts) if fronts else TensorType((), d["x1"].dtype, ())

    def macs(self, d: Scope) -> Dim:
        return product(d.out["y"].shape) * d["x1"].shape[-1]
