"""Source for sequences of different lengths: packed calls, filled tails, and what layers make of lengths."""

from __future__ import annotations

import math

from codegen.layout import literal
from codegen.spelled import substituted
from codegen.support import PACKED
from graph_ir.dims import substitute, symbol
from graph_ir.signature import STEPS, Rewrite


def packed(call: str, given: str, lengths: str) -> str:
    """A module's call on packed sequences: valid steps only, whatever stands behind them."""
    module, _, inside = call.removesuffix(")").partition("(")
    return f"{PACKED}({module}, {given}, {lengths}{inside.removeprefix(given)})"


def fill_value(value: float) -> str:
    """The argument that says with what a tail is filled; none for zeros."""
    if value == 0:
        return ""
    return f", {literal(value)}" if math.isfinite(value) else f', float("{value}")'


def rewritten(before: str, rewrite: Rewrite) -> str:
    """What a layer makes of lengths, as source; never below 0, and nothing stays nothing."""
    name = str(STEPS)
    text = substituted(str(substitute(rewrite.size, {name: symbol("steps")})), {"steps": before})
    of_nothing = substitute(rewrite.size, {name: 0})  # what rises with a length is least there
    low = "" if isinstance(of_nothing, int) and of_nothing >= 0 else "min=0"
    high = f"max={rewrite.most}" if rewrite.most is not None else ""
    limits = ", ".join(part for part in (low, high) if part)
    text = f"({text}).clamp({limits})" if limits else text
    grows = isinstance(of_nothing, int) and of_nothing > 0
    return (
        f"({text}) * ({before} > 0)"
        if grows and not limits
        else f"{text} * ({before} > 0)"
        if grows
        else text
    )
