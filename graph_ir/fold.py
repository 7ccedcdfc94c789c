"""A block at every step of an axis: the steps are folded into the batch, and unfolded again from what comes out.

`(N, T, F)` is `(N*T, F)` inside; each step then has its own entry of whatever was one for each sample.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.requirements import equal
from graph_ir.signature import Length, TensorType, shape_text


@dataclass(frozen=True)
class Folded:
    """The types inside (with the lengths of the network outside), and what is needed to unfold: sizes and roles of
    batch and steps, and which steps count.
    """

    types: Mapping[str, TensorType]
    axis: int
    batch: Dim
    steps: Dim
    roles: tuple[str, str]
    length: Length | None
    leading: tuple[Dim, ...]
    """The first axes outside, for each entry of which `length` has its own."""


def folded(d: Scope, axis: int, whole: Collection[str]) -> Folded:
    """Every input but those in `whole` with its axis `axis` folded into the batch. Raises Misfit."""
    first: TensorType | None = None
    types: dict[str, TensorType] = {}
    for port, given in d.types.items():
        if port in whole:
            types[port] = given
            continue
        if len(given.shape) <= axis:
            text = f"`each` is {axis}, but `{port}` gets {given.text}, which has no such axis; choose one of its axes"
            d.fail("bad-axis", text, port=port, field="each")
        first = first or given
        for at in (0, axis):
            text = (
                f"`{port}` gets {given.text}, but {first.text} comes with it and is folded at axis {axis} too"
            )
            d.require(
                equal(given.shape[at], first.shape[at]),
                "size-mismatch",
                f"{text}; wire tensors whose sizes agree",
                port=port,
            )
        types[port] = _inside(d, port, given, axis)
    if first is None:
        d.fail(
            "bad-value", "`each` folds the steps of an input, but it folds none; remove `each`", field="each"
        )
    lengths = [given.length(axis) for port, given in d.types.items() if port not in whole]
    length = next((length for length in lengths if length), None)
    leading = first.shape[: length.over] if length else ()
    return Folded(
        types, axis, first.shape[0], first.shape[axis], (first.roles[0], first.roles[axis]), length, leading
    )


def _inside(d: Scope, port: str, given: TensorType, axis: int) -> TensorType:
    kept = [at for at in range(1, len(given.shape)) if at != axis]
    for at in kept:
        _check_lengths_of_steps(d, port, given.length(at), axis)
    return TensorType(
        (given.shape[0] * given.shape[axis], *(given.shape[at] for at in kept)),
        given.dtype,
        (given.roles[0], *(given.roles[at] for at in kept)),
        (None, *(given.length(at) for at in kept)),
    )


def _check_lengths_of_steps(d: Scope, port: str, length: Length | None, axis: int) -> None:
    """Where each step has a length of its own, it is one of the steps that are folded."""
    if length is not None and 1 < length.over <= axis:
        text = f"`each` is {axis}, but `{port}` has lengths for each entry of its first {length.over} axes; fold these"
        d.fail("mixes-padding", text, port=port, field="each")


def of_one_step(length: Length) -> int:
    """Over how many axes a length inside a fold goes: each step then has one of its own."""
    return max(1, length.over - 1)


def unfolded(d: Scope, fold: Folded, port: str, made: TensorType) -> TensorType:
    """A result of all steps as one tensor with the axis of steps. Raises Misfit."""
    if not made.shape:
        d.fail("rank", f"its output `{port}` has no axes, so that no steps can be told apart; keep the batch")
    text = (
        f"its output `{port}` has {made.shape[0]} entries along the batch, but there are {fold.batch * fold.steps} "
        "steps; keep the batch as it is inside the block"
    )
    d.require(equal(made.shape[0], fold.batch * fold.steps), "size-mismatch", text)
    at = min(fold.axis, len(made.shape))
    rest = list(
        zip(made.shape[1:], made.roles[1:], made.lengths[1:] or [None] * (len(made.shape) - 1), strict=True)
    )
    axes = [(fold.batch, fold.roles[0], None), *rest]
    axes.insert(at, (fold.steps, fold.roles[1], fold.length))
    shape, roles, lengths = zip(*axes, strict=True)
    if fold.length is not None and shape[: fold.length.over] != fold.leading:
        given, got = shape_text(fold.leading), shape_text(shape[: fold.length.over])
        text = (
            f"its steps have lengths for each entry of {given}, but the first axes of its output `{port}` are"
        )
        d.fail("mixes-padding", f"{text} {got}; keep these axes as they are inside the block", field="each")
    return TensorType(shape, made.dtype, roles, lengths)
