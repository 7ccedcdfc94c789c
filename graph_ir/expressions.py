"""Expressions over parameters, as in `"=width*2 if deep else width"`: our own small parser, nothing is ever evaluated.

    value   = choice ["if" choice "else" value]          choice = both {"or" both}
    both    = not {"and" not}                            not    = "not" not | compared
    compared = sum {("==" | "!=" | "<" | "<=" | ">" | ">=") sum}
    sum     = product {("+" | "-") product}              product = sign {("*" | "/" | "//" | "%") sign}
    sign    = ("-" | "+") sign | atom
    atom    = number | string | "True" | "False" | name | ("min" | "max") "(" value {"," value} ")" | "(" value ")"

Names are parameters or the letters of Inputs, whose sizes may be symbolic.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from math import isfinite
from typing import Any

from graph_ir.dims import Expr, largest, smallest, symbols

Value = int | float | bool | str | Expr
LONGEST = 1000
DEEPEST = 40
LARGEST = 1 << 63

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.\d+(?:[eE][+-]?\d+)?|\d+(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<string>'[^'\\]*'|\"[^\"\\]*\")|(?P<sign>//|==|!=|<=|>=|[-+*/%()<>,]))"
)
KEYWORDS = {"if", "else", "and", "or", "not", "True", "False", "min", "max"}
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


class BadExpression(ValueError):
    """An expression that can't be read or has no value; the text says why."""


class NotGiven(BadExpression):
    """An expression over a parameter that must be given and is not: told at the parameter, not at each use."""


Names = Mapping[str, Value | None]
"""What names stand for; None: it must be given, and is not."""
Code = Callable[[Names], Value]


def evaluate(text: str, names: Names) -> Value:
    """The value of an expression (without its leading `=`).

    Raises BadExpression where it can't be read, names something unknown, or has no value.
    """
    return parsed(text)(names)


@lru_cache(maxsize=4096)
def parsed(text: str) -> Code:
    if len(text) > LONGEST:
        raise BadExpression(f"is longer than {LONGEST} characters")
    parser = _Parser(_tokens(text))
    code = parser.value()
    parser.end()
    return code


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = TOKEN.match(text, at)
        if match is None:
            raise BadExpression(f"can't be read from {text[at : at + 20].strip()!r} on")
        kind = match.lastgroup or ""
        found.append((kind, match[kind]))
        at = match.end()
    return found


class _Parser:
    """Recursive descent; recursion is bounded by DEEPEST, long sums and products are loops."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def end(self) -> None:
        if self.at < len(self.tokens):
            raise BadExpression(f"has {self.tokens[self.at][1]!r} where it should end")

    def take(self, *texts: str) -> str:
        """The next token if it is one of these signs or words, else nothing."""
        if self.at < len(self.tokens) and self.tokens[self.at][0] != "string":
            text = self.tokens[self.at][1]
            if text in texts:
                self.at += 1
                return text
        return ""

    def expect(self, text: str) -> None:
        if not self.take(text):
            found = repr(self.tokens[self.at][1]) if self.at < len(self.tokens) else "its end"
            raise BadExpression(f"has {found} where {text!r} is expected")

    def nested(self, parse: Callable[[], Code]) -> Code:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadExpression(f"is nested deeper than {DEEPEST} levels")
        code = parse()
        self.depth -= 1
        return code

    def value(self) -> Code:
        return self.nested(self.choice)

    def choice(self) -> Code:
        then = self.either()
        if not self.take("if"):
            return then
        condition = self.either()
        self.expect("else")
        otherwise = self.value()
        return lambda names: then(names) if _truth(condition(names)) else otherwise(names)

    def either(self) -> Code:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else lambda names: any(_truth(part(names)) for part in parts)

    def both(self) -> Code:
        parts = [self.negation()]
        while self.take("and"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else lambda names: all(_truth(part(names)) for part in parts)

    def negation(self) -> Code:
        if not self.take("not"):
            return self.comparison()
        inner = self.nested(self.negation)
        return lambda names: not _truth(inner(names))

    def comparison(self) -> Code:
        return self.chain(self.sum, tuple(_COMPARE), _compare)

    def sum(self) -> Code:
        return self.chain(self.product, ("+", "-"), _calculate)

    def product(self) -> Code:
        return self.chain(self.sign, ("*", "/", "//", "%"), _calculate)

    def chain(
        self, operand: Callable[[], Code], signs: tuple[str, ...], fold: Callable[[Value, Rest], Value]
    ) -> Code:
        """`a sign b sign c …`, from left to right."""
        first = operand()
        rest: list[tuple[str, Code]] = []
        while sign := self.take(*signs):
            rest.append((sign, operand()))
        if not rest:
            return first
        return lambda names: fold(first(names), [(sign, code(names)) for sign, code in rest])

    def sign(self) -> Code:
        if self.take("+"):
            return self.nested(self.sign)
        if not self.take("-"):
            return self.atom()
        inner = self.nested(self.sign)
        return lambda names: _calculate(0, [("-", inner(names))])

    def atom(self) -> Code:
        if self.take("("):
            inner = self.value()
            self.expect(")")
            return inner
        if word := self.take("min", "max"):
            return self.call(min if word == "min" else max)
        if self.at >= len(self.tokens):
            raise BadExpression("ends too early")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "name" and text in ("True", "False"):
            return lambda names: text == "True"
        if kind == "name" and text not in KEYWORDS:
            return lambda names: _look_up(text, names)
        if kind == "string":
            return lambda names: text[1:-1]
        if kind == "number":
            return self.number(text)
        raise BadExpression(f"has {text!r} where a value is expected")

    def number(self, text: str) -> Code:
        value = int(text) if text.isdigit() and len(text) < 20 else float(text)
        return lambda names: _bounded(value)

    def call(self, function: Callable[[list[Any]], Any]) -> Code:
        self.expect("(")
        parts = [self.value()]
        while self.take(","):
            parts.append(self.value())
        self.expect(")")
        return lambda names: _extreme(function, [part(names) for part in parts])


Rest = list[tuple[str, Value]]


def _look_up(name: str, names: Names) -> Value:
    if name in names:
        value = names[name]
        if value is None:
            raise NotGiven(f"names {name[:60]!r}, which has no value")
        return value
    known = ", ".join(sorted(names)) or "there are none"
    raise BadExpression(f"names {name[:60]!r}, which is neither a parameter nor a size ({known})")


def _truth(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    raise BadExpression(f"needs true or false, but has {value}")


def _compare(first: Value, rest: Rest) -> Value:
    """`a < b < c` holds if each pair does."""
    for sign, other in rest:
        if isinstance(first, Expr) or isinstance(other, Expr):
            raise BadExpression(f"compares {first} with {other}, but {_open(first, other)} is not known")
        if isinstance(first, str) != isinstance(other, str):
            raise BadExpression(f"compares {first!r} with {other!r}, text with a number")
        if not _COMPARE[sign](first, other):
            return False
        first = other
    return True


def _calculate(first: Value, rest: Rest) -> Value:
    for sign, other in rest:
        if any(isinstance(value, bool | str) for value in (first, other)):
            raise BadExpression(f"has {first!r} {sign} {other!r}, but only numbers can be calculated with")
        if sign == "/" and (isinstance(first, Expr) or isinstance(other, Expr)):
            raise BadExpression(f"divides {first} by {other}; use // for sizes")
        if any(isinstance(v, Expr) for v in (first, other)) and any(
            isinstance(v, float) for v in (first, other)
        ):
            raise BadExpression(f"mixes a size that may vary with a fraction: {first} {sign} {other}")
        try:
            first = _bounded(_ARITHMETIC[sign](first, other))
        except ZeroDivisionError:
            raise BadExpression("divides by zero") from None
    return first


def _extreme(function: Callable[[list[Any]], Any], values: list[Value]) -> Value:
    if any(isinstance(value, str | bool) for value in values):
        raise BadExpression("takes the smallest or largest of something that is no number")
    if any(isinstance(value, Expr) for value in values):
        return _extreme_size(function, values)
    return function(values)  # type: ignore[no-any-return]  # min or max of numbers


def _bounded(value: Any) -> Any:
    """Numbers that no size or rate can be are refused before they grow."""
    if isinstance(value, Expr):
        return value
    if (isinstance(value, float) and not isfinite(value)) or abs(value) >= LARGEST:
        raise BadExpression("has a value too large for a size")
    return value


def _open(*values: Value) -> str:
    return ", ".join(sorted(name for value in values if isinstance(value, Expr) for name in symbols(value)))


def _extreme_size(function: Callable[[list[Any]], Any], values: list[Value]) -> Value:
    sizes = [value for value in values if isinstance(value, int | Expr)]
    if len(sizes) < len(values):
        raise BadExpression("mixes a size that may vary with a fraction")
    return smallest(*sizes) if function is min else reduce(largest, sizes)
