"""Joining branches along an axis that is there (Concat) or new (Stack)."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import layer, option
from graph_ir.infer import Scope
from graph_ir.kinds import Integer
from graph_ir.layers._axes import keep_samples
from graph_ir.layers.merge import common_length, promote
from graph_ir.recipes import Expr, Variables
from graph_ir.requirements import equal
from graph_ir.signature import Length, TensorType
from graph_ir.spec import Category, Layer


class _Joined(Layer):
    """Two or more tensors that are equal on all axes but perhaps one."""

    inputs = {"x1 …": "*S : any"}

    def common(self, d: Scope, free: int | None) -> tuple[str, list[str], list[Length | None]]:
        """Dtype, roles and lengths of the joined tensor. Raises Misfit where axes other than `free` differ."""
        (first_name, first), *others = d.many("x")
        dtype, roles = first.dtype, list(first.roles)
        lengths = [first.length(axis) for axis in range(len(first.shape))]
        for name, given in others:
            self._require_equal(d, free, first, name, given)
            dtype = promote(dtype, given.dtype)
            roles = [role or other for role, other in zip(roles, given.roles, strict=True)]
            lengths = [
                common_length(d, i, (length, given.length(i)), (first_name, name))
                for i, length in enumerate(lengths)
            ]
        return dtype, roles, lengths

    def _require_equal(
        self, d: Scope, free: int | None, first: TensorType, name: str, given: TensorType
    ) -> None:
        if len(given.shape) != len(first.shape):
            text = (
                f"`{name}` is {given.text}, but `x1` is {first.text}: the number of axes differs; "
                "bring them to the same number with a Reshape or Flatten"
            )
            d.require(False, "shape-mismatch", text, port=name, wanted=first.shape)
        for i, (size, wanted) in enumerate(zip(given.shape, first.shape, strict=True)):
            along = f" along axis {free}" if free is not None else ""
            text = (
                f"`{name}` is {given.text}, but `x1` is {first.text}: axis {i} must be equal to be joined{along} "
                f"({size} against {wanted}); make the branches the same size there"
            )
            d.require(i == free or equal(size, wanted), "shape-mismatch", text, port=name, wanted=first.shape)


def _concat(layer: Concat, v: Variables) -> str:
    return f"torch.cat([{', '.join(v.many('x'))}], dim={layer.dim})"


@layer(Category.MERGE, source="torch.cat", aliases=("Concatenate", "cat"))
class Concat(_Joined):
    """Joins branches along an axis; all other axes must be equal."""

    dim: int = option(
        Integer(), "axis along which they are joined; counts the batch axis", default=0, start=1
    )
    torch = Expr(_concat)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        tensors = d.many("x")
        first_name, first = tensors[0]
        axis = d.axis(first_name, self.dim)
        d.warn_if_batch(first_name, (axis,), "it joins")
        if len(tensors) > 1:
            for name, given in tensors:
                if axis == 0:
                    keep_samples(d, name, given, "it joins other samples to")
                elif axis < len(given.shape):
                    d.mixes(name, (axis,), "it joins another branch behind the padding")
        dtype, roles, lengths = self.common(d, axis)
        total = first.shape[axis]
        for _, given in tensors[1:]:
            total = total + given.shape[axis]
        shape = (*first.shape[:axis], total, *first.shape[axis + 1 :])
        return {"y": TensorType(shape, dtype, tuple(roles), tuple(lengths))}


def _stack(layer: Stack, v: Variables) -> str:
    return f"torch.stack([{', '.join(v.many('x'))}], dim={layer.dim})"


@layer(Category.MERGE, source="torch.stack", aliases=("Pack",), common=False)
class Stack(_Joined):
    """Puts branches of one shape beside each other along a new axis."""

    dim: int = option(Integer(), "where the new axis stands; counts the batch axis", default=0, start=1)
    torch = Expr(_stack)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        tensors = d.many("x")
        first_name, first = tensors[0]
        axis = d.axis(first_name, self.dim, extra=1)
        if axis == 0:
            for name, given in tensors:
                keep_samples(d, name, given, "it puts a new axis in front of")
        dtype, roles, lengths = self.common(d, None)
        shape = (*first.shape[:axis], len(tensors), *first.shape[axis:])
        roles.insert(axis, "")
        lengths.insert(axis, None)
        return {"y": TensorType(shape, dtype, tuple(roles), tuple(lengths))}
