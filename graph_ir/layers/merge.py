"""Merging branches."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import layer, option
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.kinds import Integer
from graph_ir.recipes import Expr, Variables
from graph_ir.requirements import equal
from graph_ir.signature import FLOATS, TensorType
from graph_ir.spec import Category, Layer

_WIDTH = ("bool", "int32", "int64", "bfloat16", "float16", "float32", "float64")


def promote(a: str, b: str) -> str:
    """The dtype torch computes in when two tensors meet."""
    if a == b:
        return a
    if {a, b} == {"bfloat16", "float16"}:
        return "float32"
    return max(a, b, key=_WIDTH.index)


def result_dtype(a: TensorType, b: TensorType) -> str:
    """As `promote`; but a tensor without axes counts only where its kind (bool, int, float) is the higher one."""
    if bool(a.shape) == bool(b.shape):
        return promote(a.dtype, b.dtype)
    strong, weak = (a.dtype, b.dtype) if a.shape else (b.dtype, a.dtype)
    return weak if _kind(weak) > _kind(strong) else strong


def _kind(dtype: str) -> int:
    return 0 if dtype == "bool" else 2 if dtype in FLOATS else 1


def broadcast(d: Scope, code: str, tensors: list[tuple[str, TensorType]]) -> TensorType:
    """The common type of tensors that are combined entry by entry, as torch broadcasts them.

    An axis of 1 stretches. Two symbols, or a symbol and a number, must agree: that becomes a requirement. Raises
    Misfit where two sizes can't.
    """
    name, total = tensors[0]
    for other_name, other in tensors[1:]:
        rank = max(len(total.shape), len(other.shape))
        left, right = _padded(total, rank), _padded(other, rank)
        shape = tuple(
            _common_size(d, code, a, b, (name, total), (other_name, other))
            for a, b in zip(left[0], right[0], strict=True)
        )
        roles = left[1] if len(total.shape) >= len(other.shape) else right[1]
        total = TensorType(shape, result_dtype(total, other), roles)
    return total


def _padded(given: TensorType, rank: int) -> tuple[tuple[Dim, ...], tuple[str, ...]]:
    missing = rank - len(given.shape)
    return (1,) * missing + given.shape, ("",) * missing + given.roles


def _common_size(
    d: Scope, code: str, a: Dim, b: Dim, left: tuple[str, TensorType], right: tuple[str, TensorType]
) -> Dim:
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    text = (
        f"`{right[0]}` is {right[1].text}, but `{left[0]}` is {left[1].text}, and {b} does not fit {a}; make the "
        "shapes equal, for instance with a 1×1 convolution (and its stride) on the shorter branch"
    )
    d.require(equal(a, b), code, text, port=right[0], wanted=left[1].shape)
    return a if isinstance(a, int) else b


class _Elementwise(Layer):
    """Two or more tensors, combined entry by entry."""

    inputs = {"x1 x2 …": "*S : any"}

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        return {"y": broadcast(d, "shape-mismatch", d.many("x"))}


@layer(
    Category.MERGE,
    source="torch.add; He et al., Deep residual learning for image recognition, CVPR 2016",
    aliases=("add", "Residual", "Shortcut"),
)
class Add(_Elementwise):
    """Adds branches of one shape: the residual connection."""

    torch = Expr(lambda layer, v: " + ".join(v.many("x")))


@layer(Category.MERGE, source="torch.mul", aliases=("multiply", "Gate"), common=False)
class Multiply(_Elementwise):
    """Multiplies branches entry by entry: a gate."""

    torch = Expr(lambda layer, v: " * ".join(v.many("x")))


def _concat(layer: Concat, v: Variables) -> str:
    return f"torch.cat([{', '.join(v.many('x'))}], dim={layer.dim})"


@layer(Category.MERGE, source="torch.cat", aliases=("Concatenate", "cat"))
class Concat(Layer):
    """Joins branches along an axis; all other axes must be equal."""

    inputs = {"x1 …": "*S : any"}
    dim: int = option(
        Integer(), "axis along which they are joined; counts the batch axis", default=0, start=1
    )
    torch = Expr(_concat)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        tensors = d.many("x")
        first_name, first = tensors[0]
        axis = d.axis(first_name, self.dim)
        d.warn_if_batch(first_name, (axis,), "it joins")
        total, dtype = first.shape[axis], first.dtype
        for name, given in tensors[1:]:
            self._require_equal(d, axis, first, name, given)
            total = total + given.shape[axis]
            dtype = promote(dtype, given.dtype)
        shape = (*first.shape[:axis], total, *first.shape[axis + 1 :])
        return {"y": TensorType(shape, dtype, first.roles)}

    def _require_equal(self, d: Scope, axis: int, first: TensorType, name: str, given: TensorType) -> None:
        if len(given.shape) != len(first.shape):
            text = (
                f"`{name}` is {given.text}, but `x1` is {first.text}: the number of axes differs; "
                "bring them to the same number with a Reshape or Flatten"
            )
            d.require(False, "shape-mismatch", text, port=name, wanted=first.shape)
        for i, (size, wanted) in enumerate(zip(given.shape, first.shape, strict=True)):
            text = (
                f"`{name}` is {given.text}, but `x1` is {first.text}: axis {i} must be equal to be joined along axis "
                f"{axis} ({size} against {wanted}); make the branches the same size there"
            )
            d.require(i == axis or equal(size, wanted), "shape-mismatch", text, port=name, wanted=first.shape)
