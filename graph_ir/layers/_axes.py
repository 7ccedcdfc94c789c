"""Axes that move, join or disappear: roles and lengths go along, or it is said why they can't."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.signature import TensorType


def axes_of(d: Scope, dim: Sequence[int] | None, *, port: str = "x", field: str = "dim") -> tuple[int, ...]:
    """The axes that `dim` names, counted from the front; None or no axis at all: every axis.

    Torch lets a tensor without axes have axis 0 (and -1). Raises Misfit for an axis that is not there or named twice.
    """
    rank = len(d[port].shape)
    if not dim:
        return tuple(range(rank))
    axes = tuple(d.axis(port, axis, field=field, extra=int(not rank)) for axis in dim)
    if len(set(axes)) < len(axes):
        d.fail(
            "bad-axis", f"`{field}` is {list(dim)}, which names an axis twice; name each once", field=field
        )
    return axes


def moved(
    d: Scope,
    port: str,
    shape: tuple[Dim, ...],
    sources: Sequence[int | None],
    *,
    dtype: str | None = None,
    rewrites: Mapping[int, tuple[Dim, int | None]] | None = None,
) -> TensorType:
    """As `d.rearranged`. Raises Misfit where axes carry lengths and the batch axis does not stay in front."""
    if not sources or sources[0] != 0:
        keep_samples(d, port, d[port], "it moves the batch axis of")
    return d.rearranged(port, shape, sources, dtype=dtype, rewrites=rewrites)


def keep_samples(d: Scope, port: str, given: TensorType, does: str) -> None:
    """Refuses to change which sample stands where on axis 0 of a tensor that carries lengths: one for each sample."""
    if given.lengths:
        text = (
            f"{does} {given.text}, which carries lengths, one for each sample on axis 0, so that they would no longer "
            "belong to their samples; read the lengths first, with a layer such as MaskedPool, or use another axis"
        )
        d.fail("moves-batch", text, port=port)


def without(d: Scope, axes: Sequence[int], *, keepdim: bool, dtype: str, port: str = "x") -> TensorType:
    """The type once `axes` are reduced: gone, or with `keepdim` of size 1."""
    given = d[port]
    kept = [i for i in range(len(given.shape)) if keepdim or i not in axes]
    shape = tuple(1 if i in axes else given.shape[i] for i in kept)
    if not keepdim:
        return d.rearranged(port, shape, kept, dtype=dtype)
    roles = tuple(given.roles[i] for i in kept)
    lengths = tuple(None if i in axes else given.length(i) for i in kept)
    return TensorType(shape, dtype, roles, lengths)
