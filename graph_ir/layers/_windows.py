"""Sizes of sliding windows: convolution and pooling share one formula and one way of refusing."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd

from graph_ir.dims import Dim, ceil_div
from graph_ir.infer import Scope
from graph_ir.requirements import at_least

Ints = Sequence[int]


def reach(kernel: int, dilation: int = 1) -> int:
    """How many entries a dilated kernel spans."""
    return dilation * (kernel - 1) + 1


def looks(letters: str, kernel: Ints, stride: Ints, dilation: Ints) -> dict[str, tuple[int, int]]:
    """What `Layer.window` says of layers with a kernel: by letter, how much it spans and its step."""
    values = zip(letters, kernel, stride, dilation, strict=True)
    return {letter: (reach(extent, spread), step) for letter, extent, step, spread in values}


def share(size: Dim, results: Dim) -> tuple[int, Fraction] | None:
    """What one of so many results sees where they share an axis, result i from `⌊i·size/results⌋` to
    `⌈(i + 1)·size/results⌉`, and how far they are apart; None where that is the whole axis, or not known.
    """
    if not isinstance(size, int) or not isinstance(results, int) or results == 1:
        return None
    return -(-(results - gcd(size, results) + size) // results), Fraction(size, results)


def windows(size: Dim, kernel: int, stride: int, padding: int, dilation: int = 1) -> Dim:
    """`⌊(size + 2·padding - dilation·(kernel - 1) - 1) / stride⌋ + 1`, as in torch's documentation."""
    return (size + 2 * padding - reach(kernel, dilation)) // stride + 1


def windows_rounded_up(size: Dim, kernel: int, stride: int, padding: int, dilation: int = 1) -> Dim:
    """With `ceil_mode`, where a last window that would start in the right padding is dropped.

    Both bounds are a division by the stride, and their numerators differ by a constant: the smaller one is known.
    """
    slack = padding - reach(kernel, dilation) + stride
    if slack >= 0:
        return (size + padding - 1) // stride + 1
    return ceil_div(size + 2 * padding - reach(kernel, dilation), stride) + 1


def require_fit(d: Scope, sizes: Sequence[Dim], padding: Ints, kernel: Ints, dilation: Ints) -> None:
    """The padded input must hold one whole (dilated) kernel on every axis."""
    for size, pad, extent, step in zip(sizes, padding, kernel, dilation, strict=True):
        answer = at_least(size + 2 * pad, reach(extent, step))
        if answer is True:  # most often, and a sentence costs more than the answer
            continue
        text = (
            f"`x` is {d['x'].text}, and a kernel of {extent} (dilation {step}) spans {reach(extent, step)}, more than "
            f"the {size} + 2·{pad} entries of an axis; use a smaller kernel, more padding, or fewer poolings before"
        )
        d.require(answer, "too-small", text, port="x")


def require_windows(d: Scope, outputs: Sequence[Dim]) -> None:
    """Every axis must keep at least one window."""
    for size in outputs:
        answer = at_least(size, 1)
        if answer is True:
            continue
        text = (
            f"`x` is {d['x'].text}, which is too small: an axis of the result would have {size} entries; "
            "use a smaller kernel or fewer poolings before"
        )
        d.require(answer, "too-small", text, port="x")


def require_half_padding(d: Scope, padding: Ints, kernel: Ints) -> None:
    """Torch's pools refuse padding of more than half the kernel; dilation does not widen that."""
    for pad, extent in zip(padding, kernel, strict=True):
        if 2 * pad > extent:
            text = f"`padding` is {pad}, but may be at most half the kernel ({extent // 2}); lower it"
            d.fail("bad-value", text, field="padding")
