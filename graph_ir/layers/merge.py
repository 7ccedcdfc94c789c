"""Merging branches entry by entry, as torch broadcasts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from graph_ir.declare import layer
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.layers._axes import keep_samples
from graph_ir.recipes import Expr, Variables
from graph_ir.requirements import equal
from graph_ir.signature import FLOATS, Length, TensorType
from graph_ir.spec import Category, Layer

_WIDTH = ("bool", "int32", "int64", "bfloat16", "float16", "float32", "float64")
Named = tuple[str, TensorType]


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


def as_float(dtype: str) -> str:
    """What a dtype becomes in a function that gives floats: ints and bools are float32."""
    return dtype if dtype in FLOATS else "float32"


def _kind(dtype: str) -> int:
    return 0 if dtype == "bool" else 2 if dtype in FLOATS else 1


def broadcast(d: Scope, code: str, tensors: list[Named]) -> TensorType:
    """The common type of tensors that are combined entry by entry, as torch broadcasts them.

    An axis of 1 stretches. Two symbols, or a symbol and a number, must agree: that becomes a requirement. The result
    carries the lengths that any of them carries. Raises Misfit where two sizes or two lengths don't go together.
    """
    name, total = tensors[0]
    for other in tensors[1:]:
        total = _two(d, code, (name, total), other)
    return total


def _two(d: Scope, code: str, left: Named, right: Named) -> TensorType:
    a, b = left[1], right[1]
    if a == b:
        return a
    rank = max(len(a.shape), len(b.shape))
    shape: list[Dim] = []
    roles: list[str] = []
    lengths: list[Length | None] = []
    for at in range(-rank, 0):
        (size, role, length), (size2, role2, length2) = _axis(a, at), _axis(b, at)
        shape.append(_common_size(d, code, size, size2, left, right))
        stretched, stretched2 = size == 1 and size2 != 1, size2 == 1 and size != 1
        roles.append(role2 if stretched or not role else role)
        kept = (None if stretched else length, None if stretched2 else length2)
        lengths.append(common_length(d, rank + at, kept, (left[0], right[0])))
    for name, given in (left, right):
        if given.lengths and (len(given.shape) < rank or given.shape[0] == 1 != shape[0]):
            keep_samples(d, name, given, "it puts further axes or samples in front of")
    return TensorType(tuple(shape), result_dtype(a, b), tuple(roles), tuple(lengths))


def _axis(given: TensorType, at: int) -> tuple[Dim, str, Length | None]:
    """Size, role and length of an axis counted from the end; an axis of 1 where there is none."""
    if -at > len(given.shape):
        return 1, "", None
    return given.shape[at], given.roles[at], given.length(at)


def common_length(
    d: Scope, axis: int, lengths: tuple[Length | None, Length | None], ports: tuple[str, str]
) -> Length | None:
    """The one length of an axis that two tensors share. Raises Misfit where they carry different ones."""
    a, b = lengths
    if a and b and a != b:
        text = (
            f"`{ports[1]}` and `{ports[0]}` carry different lengths along axis {axis} (of {b.of!r} and {a.of!r}), so "
            "that valid steps of one would meet padding of the other; bring both through the same strides and slices, "
            "or use one Input of lengths for both"
        )
        d.fail("lengths-differ", text, port=ports[1])
    return a or b


def _common_size(d: Scope, code: str, a: Dim, b: Dim, left: Named, right: Named) -> Dim:
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    answer = equal(a, b)
    text = "" if answer else _misfit(a, b, left, right)
    d.require(answer, code, text, port=right[0], wanted=left[1].shape)
    return a if isinstance(a, int) else b


def _misfit(a: Dim, b: Dim, left: Named, right: Named) -> str:
    return (
        f"`{right[0]}` is {right[1].text}, but `{left[0]}` is {left[1].text}, and {b} does not fit {a}; make the "
        "shapes equal, for instance with a 1×1 convolution (and its stride) on the shorter branch"
    )


class Elementwise(Layer):
    """Two or more tensors, combined entry by entry."""

    inputs = {"x1 x2 …": "*S : any"}

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        total = broadcast(d, "shape-mismatch", d.many("x"))
        return {"y": replace(total, dtype=self.given(total.dtype))}

    def given(self, dtype: str) -> str:
        """The dtype of the result, from the one that torch computes in."""
        return dtype


@layer(
    Category.MERGE,
    source="torch.add; He et al., Deep residual learning for image recognition, CVPR 2016",
    aliases=("add", "Residual", "Shortcut", "SkipConnection"),
)
class Add(Elementwise):
    """Adds branches of one shape: the residual connection."""

    torch = Expr(lambda layer, v: " + ".join(v.many("x")))


@layer(Category.MERGE, source="torch.mul", aliases=("multiply", "Gate"), common=False)
class Multiply(Elementwise):
    """Multiplies branches entry by entry: a gate."""

    torch = Expr(lambda layer, v: " * ".join(v.many("x")))


def _nested(function: str) -> Expr:
    def write(layer: Layer, v: Variables) -> str:
        text, *others = v.many("x")
        for other in others:
            text = f"{function}({text}, {other})"
        return text

    return Expr(write)


@layer(Category.MERGE, source="torch.maximum; Goodfellow et al., Maxout networks, ICML 2013", common=False)
class Maximum(Elementwise):
    """Takes the largest entry of all branches, place by place.

    Formula: y = max(x1, x2, …)
    """

    torch = _nested("torch.maximum")


@layer(Category.MERGE, source="torch.minimum", common=False)
class Minimum(Elementwise):
    """Takes the smallest entry of all branches, place by place.

    Formula: y = min(x1, x2, …)
    """

    torch = _nested("torch.minimum")


def _average(layer: Layer, v: Variables) -> str:
    branches = v.many("x")
    return f"({' + '.join(branches)}) / {len(branches)}"


@layer(Category.MERGE, source="torch.add and torch.div", aliases=("average",), common=False)
class Average(Elementwise):
    """Takes the mean of all branches, entry by entry.

    Formula: y = (x1 + x2 + …) / number of branches
    """

    torch = Expr(_average)

    def given(self, dtype: str) -> str:
        return as_float(dtype)


class Pairwise(Layer):
    """Two tensors, combined entry by entry; their order matters."""

    inputs = {"x1": "*S : any", "x2": "*P : any"}
    gives: ClassVar[str] = ""
    """The dtype of the result; "" for the one that torch computes in, "float" for that as a float."""

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        total = broadcast(d, "shape-mismatch", [("x1", d["x1"]), ("x2", d["x2"])])
        dtype = as_float(total.dtype) if self.gives == "float" else self.gives or total.dtype
        return {"y": replace(total, dtype=dtype)}


@layer(Category.MERGE, source="torch.sub", aliases=("Sub",), common=False)
class Subtract(Pairwise):
    """Takes the second branch from the first, entry by entry.

    Formula: y = x1 - x2
    """

    torch = Expr(lambda layer, v: f"{v['x1']} - {v['x2']}")

    def limits(self, d: Scope) -> None:
        if "bool" in (d["x1"].dtype, d["x2"].dtype):
            text = "`x1` or `x2` is bool, and torch subtracts no bools; put a Cast in front"
            d.fail("dtype", text, port="x1" if d["x1"].dtype == "bool" else "x2")


@layer(Category.MERGE, source="torch.div", aliases=("Div",), common=False)
class Divide(Pairwise):
    """Divides the first branch by the second, entry by entry; ints become floats.

    Formula: y = x1 / x2
    """

    gives = "float"
    torch = Expr(lambda layer, v: f"{v['x1']} / {v['x2']}")
