"""Values that remember how they are written, so that one class can be printed for many uses of a block.

A block is checked with known numbers. Done with spelled numbers, the same check also gives their words: the size that
comes out of two layers is still `in_channels + growth * 2`. A spelled value compares and hashes as its plain value; as
text it is a *token*, an identifier that code printers replace by the words.

>>> size = spelled(64, symbol("channels")) * 4 + 1
>>> size == 257, words_of(str(size))
(True, '4*channels + 1')
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

from graph_ir.dims import Dim, Expr, symbol
from graph_ir.expressions import Value

_PREFIX = "spelled_"
TOKEN = re.compile(rf"\b{_PREFIX}([0-9a-f]+)_\b")
"""A token in text; `words_of` reads it."""


class Spelling(Protocol):
    """Sees the values that expressions have, and may put others in their place that compare and calculate alike."""

    def value(self, expression: str, value: Value, names: Mapping[str, Value | None]) -> Value:
        """What is to stand for the value of an expression (without its leading `=`) over these names."""


def token(words: str) -> str:
    """An identifier that stands for Python source.

    >>> words_of(token("2 if first else 1"))
    '2 if first else 1'
    """
    return f"{_PREFIX}{words.encode().hex()}_"


def words_of(text: str) -> str:
    """The source behind a token; text that is none stays as it is."""
    found = TOKEN.fullmatch(text)
    return bytes.fromhex(found[1]).decode() if found else text


def origin(value: object) -> Dim | None:
    """The expression by which a number is written (itself for a plain int); None where that is not known."""
    if isinstance(value, Spelled):
        return value.origin
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else None


def spelled(value: int, written: Dim) -> int:
    """`value`, from now on with the expression that gives it."""
    if isinstance(written, int):
        return int(value)
    made = Spelled(value)
    made.origin = written
    return made


def _operator(
    calculate: Callable[[Any, Any], Any], own: Callable[[int, Any], Any], *, mirrored: bool = False
) -> Callable[[Any, Any], Any]:
    def operate(self: Spelled, other: object) -> Any:
        value = own(self, other)
        written = origin(other)
        if written is None or value is NotImplemented:
            return value
        words = calculate(written, self.origin) if mirrored else calculate(self.origin, written)
        return spelled(value, words)

    return operate


def _remainder(left: Dim, right: Dim) -> Dim:
    return symbol(f"({_operand(left)} % {_operand(right)})")


def _operand(dim: Dim) -> str:
    text = str(dim)
    return text if text.isidentifier() or text.isdigit() else f"({text})"


class Spelled(int):
    """A known size or count; `origin` is a size over named things (`graph_ir.dims`), whose symbols may be any source
    in brackets. Sums, differences, products and quotients with ints keep it.
    """

    origin: Dim

    __add__ = _operator(lambda a, b: a + b, int.__add__)
    __radd__ = _operator(lambda a, b: a + b, int.__radd__, mirrored=True)
    __sub__ = _operator(lambda a, b: a - b, int.__sub__)
    __rsub__ = _operator(lambda a, b: a - b, int.__rsub__, mirrored=True)
    __mul__ = _operator(lambda a, b: a * b, int.__mul__)
    __rmul__ = _operator(lambda a, b: a * b, int.__rmul__, mirrored=True)
    __floordiv__ = _operator(lambda a, b: a // b, int.__floordiv__)
    __rfloordiv__ = _operator(lambda a, b: a // b, int.__rfloordiv__, mirrored=True)
    __mod__ = _operator(_remainder, int.__mod__)
    __rmod__ = _operator(_remainder, int.__rmod__, mirrored=True)

    def __neg__(self) -> int:
        return spelled(int.__neg__(self), -self.origin)

    def __pos__(self) -> int:
        return self

    def __abs__(self) -> int:
        return self if self >= 0 else -self

    def __repr__(self) -> str:
        return token(str(self.origin))

    __str__ = __repr__

    def __format__(self, how: str) -> str:
        return int.__format__(self, how) if how else repr(self)


class SpelledFloat(float):
    """A number with a fraction and the source that gives it."""

    words: str

    def __repr__(self) -> str:
        return token(self.words)

    __str__ = __repr__

    def __format__(self, how: str) -> str:
        return float.__format__(self, how) if how else repr(self)


class SpelledText(str):
    """Text and the source that gives it: a token only where it is printed as a value, not inside other text."""

    words: str

    def __repr__(self) -> str:
        return token(self.words)


def written(value: Value, words: str) -> Value:
    """A number or text with the source that gives it. True, false and sizes that may vary stay as they are."""
    if isinstance(value, bool | Expr):
        return value
    if isinstance(value, int):
        return spelled(value, symbol(f"({words})"))
    made: SpelledFloat | SpelledText = SpelledFloat(value) if isinstance(value, float) else SpelledText(value)
    made.words = words
    return cast(Value, made)


def is_spelled(value: object) -> bool:
    """Whether anything in a value, or in a size or list of it, is spelled."""
    if isinstance(value, Spelled | SpelledFloat | SpelledText):
        return True
    if isinstance(value, tuple | list):
        return any(map(is_spelled, value))
    return isinstance(value, Expr) and TOKEN.search(str(value)) is not None
