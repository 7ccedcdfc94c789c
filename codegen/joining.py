"""One statement as a part of the next: how the two are joined, and what must hold for it."""

from __future__ import annotations

import ast
from dataclasses import replace

from codegen.flow import Line
from codegen.syntax import parse_expression


def join(inner: Line, outer: Line) -> Line:
    """`inner` in the place of the value that it gives."""
    at = outer.source.index(inner.target)
    before, behind = outer.source[:at], outer.source[at + len(inner.target) :]
    alone = (not before or before[-1] in "([") and (not behind or behind[0] in ",)]")
    loose = isinstance(parse_expression(inner.source), ast.BinOp | ast.UnaryOp | ast.Compare | ast.IfExp)
    text = f"({inner.source})" if loose and not alone else inner.source
    first = outer.takes == inner.gives
    return replace(
        outer,
        ids=tuple(dict.fromkeys((*inner.ids, *outer.ids))),
        source=f"{before}{text}{behind}",
        takes=inner.takes if first else outer.takes,
        is_step=inner.is_step or outer.is_step,
        pools=inner.pools or outer.pools,
    )


def is_read_first(source: str, place: str) -> bool:
    """Whether nothing is called before `place` is read: the order of calls stays what it was."""
    return _calls_before(parse_expression(source), place) == 0


def _calls_before(node: ast.AST, place: str) -> int | None:
    """How many calls are over when `place` is read inside `node`; None where it is not read there."""
    if isinstance(node, ast.Name):
        return 0 if node.id == place else None
    if isinstance(node, ast.IfExp | ast.GeneratorExp | ast.ListComp | ast.Lambda | ast.BoolOp):
        return 1 if any(isinstance(each, ast.Name) and each.id == place for each in ast.walk(node)) else None
    before = 0
    for child in ast.iter_child_nodes(node):
        found = _calls_before(child, place)
        if found is not None:
            return before + found
        before += sum(isinstance(each, ast.Call) for each in ast.walk(child))
    return None


def depth(source: str) -> int:
    """How many calls lie inside one another."""
    return _call_depth(parse_expression(source))


def _call_depth(node: ast.AST) -> int:
    inside = max((_call_depth(child) for child in ast.iter_child_nodes(node)), default=0)
    return inside + isinstance(node, ast.Call)
