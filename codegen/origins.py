"""Expressions of a drawing as Python over the arguments of a printed class: what is known is worked out.

`channels*4` stays `channels * 4`; `2 if i == 0 else 1` is 2 in the first repetition and 1 in all others.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from codegen.syntax import parse_expression
from graph_ir.dims import Dim, Expr, symbol
from graph_ir.expressions import Value, evaluate
from graph_ir.spelling import Spelled, SpelledFloat, SpelledText, origin, spelled, token, written

_Code = ast.expr | None
"""What is written for a value; None where it is known, whatever the arguments are."""


@dataclass(frozen=True)
class _Part:
    value: Value
    code: _Code = None
    size: Dim | None = None
    """A whole number as a size, where it is one."""

    @property
    def known(self) -> bool:
        return self.code is None


_INTEGER: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}
_NEUTRAL: Mapping[type[ast.operator], int] = {ast.Add: 0, ast.Sub: 0, ast.Mult: 1, ast.FloorDiv: 1}
"""What on the right changes nothing: `width * 1` is `width`."""
_NUMBER = {**_INTEGER, ast.Mod: operator.mod, ast.Div: operator.truediv}
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


FLAGS = ""
"""Under this name, which no expression can have, stand the flags among the names."""


class Flags(SpelledText):
    """The words of true and false: these can't bring them along as numbers and texts do."""

    words = ""
    by_name: Mapping[str, str]


def with_flags(names: Mapping[str, Value]) -> dict[str, Value]:
    """Spelled parameters, and the words of those that are true or false."""
    flags = Flags()
    flags.by_name = {name: f"given_{name}" for name, value in names.items() if isinstance(value, bool)}
    return {**names, FLAGS: flags} if flags.by_name else dict(names)


@dataclass(frozen=True)
class Origins:
    """Gives values of expressions the words they are written with (a `graph_ir.spelling.Spelling`).

    All are equal: what a check with one has found is found again with another.
    """

    def value(self, expression: str, value: Value, names: Mapping[str, Value | None]) -> Value:
        """The value with its words, or as it is where nothing in it depends on an argument."""
        if isinstance(value, bool | Expr) or not any(map(_has_words, names.values())):
            return value
        part = self._known(expression, names)
        if part is None or part.code is None:
            return plain_value(value)
        if isinstance(value, int) and part.size is not None:
            return spelled(value, part.size)
        return written(plain_value(value), ast.unparse(part.code))

    def words(self, text: str, names: Mapping[str, Value | None]) -> Value:
        """A token for an expression of true or false; the value itself where it is known."""
        part = self._known(text, names)
        if part is None:
            return evaluate(text, names)
        return part.value if part.code is None else token(ast.unparse(part.code))

    def token(self, expression: str, names: Mapping[str, Value | None]) -> str | None:
        """A token for an expression; None where its value does not depend on an argument."""
        part = self._known(expression, names)
        return None if part is None or part.code is None else token(ast.unparse(part.code))

    def _known(self, expression: str, names: Mapping[str, Value | None]) -> _Part | None:
        """None for what only our own grammar can read: a parameter called `class`, a number such as 007."""
        try:
            return self._part(_parsed(expression), names)
        except (SyntaxError, ValueError):
            return None

    def _part(self, node: ast.expr, names: Mapping[str, Value | None]) -> _Part:
        match node:
            case ast.Constant():
                return _Part(node.value)  # type: ignore[arg-type]  # the grammar has numbers, texts, true and false
            case ast.Name():
                return self._name(node, names)
            case ast.UnaryOp(op=ast.Not()):
                inner = self._part(node.operand, names)
                return _Part(not inner.value, inner.code and ast.UnaryOp(ast.Not(), inner.code))
            case ast.UnaryOp():
                return self._calculated(ast.BinOp(ast.Constant(0), _sign(node), node.operand), names, node)
            case ast.BinOp():
                return self._calculated(node, names)
            case ast.Compare():
                return self._compared(node, names)
            case ast.BoolOp():
                return self._joined(node, names)
            case ast.IfExp():
                return self._chosen(node, names)
            case ast.Call():
                return self._extreme(node, names)
        raise ValueError(f"no expression of ours: {ast.dump(node)[:60]}")

    def _name(self, node: ast.Name, names: Mapping[str, Value | None]) -> _Part:
        value = names[node.id]
        assert value is not None, "an expression that was evaluated has all its names"
        if isinstance(value, Spelled):
            return _Part(value, parse_expression(str(value.origin)), value.origin)
        if isinstance(value, SpelledFloat | SpelledText):
            return _Part(value, parse_expression(value.words))
        flags = names.get(FLAGS)
        if isinstance(value, bool) and isinstance(flags, Flags) and node.id in flags.by_name:
            return _Part(value, parse_expression(flags.by_name[node.id]))
        if isinstance(value, Expr):
            return _Part(value, parse_expression(str(value)))
        return _Part(value)

    def _calculated(
        self, node: ast.BinOp, names: Mapping[str, Value | None], signed: ast.UnaryOp | None = None
    ) -> _Part:
        left, right = self._part(node.left, names), self._part(node.right, names)
        value = _NUMBER[type(node.op)](left.value, right.value)
        if left.known and right.known:
            return _Part(value)
        if type(right.value) is int and right.known and right.value == _NEUTRAL.get(type(node.op)):
            return left
        code: ast.expr = ast.BinOp(_code(left), node.op, _code(right))
        if signed is not None:
            code = ast.UnaryOp(signed.op, _code(right))
        sizes = _size(left), _size(right)
        if type(node.op) not in _INTEGER or None in sizes:
            return _Part(value, code)
        return _Part(value, code, _INTEGER[type(node.op)](*sizes))

    def _compared(self, node: ast.Compare, names: Mapping[str, Value | None]) -> _Part:
        parts = [self._part(each, names) for each in (node.left, *node.comparators)]
        pairs = zip(parts, node.ops, parts[1:], strict=False)
        value = all(_COMPARE[type(op)](left.value, right.value) for left, op, right in pairs)
        if all(part.known for part in parts):
            return _Part(value)
        first, *others = map(_code, parts)
        return _Part(value, ast.Compare(first, node.ops, others))

    def _joined(self, node: ast.BoolOp, names: Mapping[str, Value | None]) -> _Part:
        """What is known to be true is left out of an `and`; one that is known to be false decides it."""
        decides = isinstance(node.op, ast.Or)
        parts = [self._part(each, names) for each in node.values]
        if any(part.known and part.value is decides for part in parts):
            return _Part(decides)
        open_parts = [part.code for part in parts if part.code is not None]
        value = any(p.value for p in parts) if decides else all(p.value for p in parts)
        if len(open_parts) < 2:
            return _Part(value, open_parts[0] if open_parts else None)
        return _Part(value, ast.BoolOp(node.op, open_parts))

    def _chosen(self, node: ast.IfExp, names: Mapping[str, Value | None]) -> _Part:
        test = self._part(node.test, names)
        if test.code is None:
            return self._part(node.body if test.value else node.orelse, names)
        then, otherwise = self._part(node.body, names), self._part(node.orelse, names)
        value = then.value if test.value else otherwise.value
        return _Part(value, ast.IfExp(test.code, _code(then), _code(otherwise)))

    def _extreme(self, node: ast.Call, names: Mapping[str, Value | None]) -> _Part:
        parts = [self._part(each, names) for each in node.args]
        assert isinstance(node.func, ast.Name), "the grammar has min and max"
        values: list[Any] = [part.value for part in parts]
        if not all(part.known for part in parts):
            code = ast.Call(node.func, [_code(part) for part in parts], [])
            value = None if any(isinstance(each, Expr) for each in values) else _function(node)(values)
            return _Part(values[0] if value is None else value, code)
        return _Part(_function(node)(values))


@lru_cache(maxsize=1024)
def _parsed(text: str) -> ast.expr:
    return parse_expression(text.strip())


def _function(node: ast.Call) -> Callable[[list[Any]], Any]:
    return min if isinstance(node.func, ast.Name) and node.func.id == "min" else max


def _sign(node: ast.UnaryOp) -> ast.operator:
    return ast.Sub() if isinstance(node.op, ast.USub) else ast.Add()


def _has_words(value: object) -> bool:
    return isinstance(value, Spelled | SpelledFloat | SpelledText | Expr)


def plain_value(value: Value) -> Value:
    """The value without words of its own: those of a branch that another argument would not take."""
    if isinstance(value, Spelled):
        return int(value)
    if isinstance(value, SpelledFloat):
        return float(value)
    return str.__str__(value) if isinstance(value, SpelledText) else value


def _size(part: _Part) -> Dim | None:
    if part.size is not None:
        return part.size
    if isinstance(part.value, Expr):
        return None
    if part.code is None:
        return origin(part.value)
    is_int = isinstance(part.value, int) and not isinstance(part.value, bool)
    return symbol(f"({ast.unparse(part.code)})") if is_int else None


def _code(part: _Part) -> ast.expr:
    return part.code if part.code is not None else ast.Constant(part.value)  # type: ignore[arg-type]  # a plain value
