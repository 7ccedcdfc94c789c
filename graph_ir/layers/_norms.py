"""What normalising layers ask of their input, whatever they normalise over."""

from __future__ import annotations

from collections.abc import Sequence

from graph_ir.dims import Dim, Expr, product
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Nothing, Number
from graph_ir.requirements import at_least

MOMENTUM = Either(Nothing(), Number(0, 1))
_STEPS = {"T": "time", "S": "target steps", "D": "depth", "H": "height", "W": "width"}


def require_known(d: Scope, sizes: Sequence[Dim], argument: str) -> None:
    """Torch wants these sizes as numbers when the module is built, even where it makes no weights of them."""
    unknown = [size for size in sizes if isinstance(size, Expr)]
    if unknown:
        text = (
            f"`x` is {d['x'].text}, and torch must know `{argument}` when the network is built, but {unknown[0]} may "
            "vary; give the Input a number for this axis"
        )
        d.fail("size-unknown", text, port="x")


def require_values(d: Scope, sizes: Sequence[Dim], text: str) -> None:
    """There must be two or more values over these axes: one alone has no variance."""
    if any(isinstance(size, int) and size >= 2 for size in sizes):
        return
    unknown = product(size for size in sizes if isinstance(size, Expr))
    d.require(at_least(unknown, 2), "one-value", text, port="x")


def warn_if_no_feature(d: Scope, axes: Sequence[int]) -> None:
    """Warns where only places or steps are normalised together, and no channels or features with them."""
    roles = [d["x"].roles[axis] for axis in axes]
    if "C" in roles or "F" in roles:
        return
    found = next(((axis, role) for axis, role in zip(axes, roles, strict=True) if role in _STEPS), None)
    if found is None:
        return
    axis, role = found
    text = (
        f"it normalises over axis {axis} of {d['x'].text}, which is {role} ({_STEPS[role]}), and over no channels or "
        "features; add a Permute in front if that is not meant"
    )
    d.warn("norm-axis", text, port="x")
