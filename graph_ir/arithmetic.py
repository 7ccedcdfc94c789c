"""Sizes that remember how they were worked out, so that a cost can be shown with its arithmetic.

A declaration says its multiply-adds and weight shapes once, as a calculation with sizes. Done with `traced` sizes, the
same calculation also gives its words:

>>> rows = traced(3) * traced(3) * traced(16) + 1
>>> words(rows * traced(10))
'(3·3·16 + 1)·10 = 1,450'
>>> words(traced(4) * 64 * traced(32) + traced(4) * 64 * traced(32))
'2·4·64·32 = 16,384'
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, cast

from graph_ir.dims import Dim, Expr

Terms = tuple[tuple[str, int], ...]
"""A sum: each term as text (a product), and how often it stands there."""

LONGEST = 400
"""Characters of a calculation; beyond, the result alone is told."""


def _sum(left: Dim, right: Dim) -> Dim:
    """Equal terms are counted, so that the calculation of many equal layers stays short."""
    terms: dict[str, int] = {}
    for side in (left, right):
        for text, count in _calculation(side) if plain(side) != 0 else ():
            terms[text] = terms.get(text, 0) + count
    return traced(plain(left) + plain(right), tuple(terms.items()) or (("0", 1),))


def _product(left: Dim, right: Dim) -> Dim:
    value = plain(left) * plain(right)
    if value == 0:
        return traced(0)
    for one, other in ((left, right), (right, left)):
        if plain(one) == 1:
            return traced(value, _calculation(other))
    return traced(value, ((f"{_factor(left)}·{_factor(right)}", 1),))


def _shown_as_result(operate: Callable[[Dim, Dim], Dim]) -> Callable[[Dim, Dim], Dim]:
    """Differences and quotients are shown as what they give: `16 // 4` channels are 4."""
    return lambda left, right: traced(operate(plain(left), plain(right)))


def _operator(calculate: Callable[[Dim, Dim], Dim], *, mirrored: bool = False) -> Callable[[Any, Any], Any]:
    def operate(own: Dim, other: object) -> Any:
        if not isinstance(other, int | Expr):
            return NotImplemented
        return calculate(other, own) if mirrored else calculate(own, other)

    return operate


class _Traced:
    """What traced ints and traced expressions have in common: the calculation beside the value."""

    calculation: Terms

    __add__, __radd__ = _operator(_sum), _operator(_sum, mirrored=True)
    __mul__, __rmul__ = _operator(_product), _operator(_product, mirrored=True)
    __sub__ = _operator(_shown_as_result(operator.sub))
    __rsub__ = _operator(_shown_as_result(operator.sub), mirrored=True)
    __floordiv__ = _operator(_shown_as_result(operator.floordiv))
    __rfloordiv__ = _operator(_shown_as_result(operator.floordiv), mirrored=True)
    __mod__ = _operator(_shown_as_result(operator.mod))
    __rmod__ = _operator(_shown_as_result(operator.mod), mirrored=True)


class TracedInt(_Traced, int):
    """A known size with its calculation."""


class TracedExpr(_Traced, Expr):
    """A size that depends on symbols, with its calculation."""

    __hash__ = Expr.__hash__


def traced(value: Dim, calculation: Terms | None = None) -> Dim:
    """`value`, from now on with the calculation in which it takes part."""
    value = plain(value)
    made: _Traced = TracedInt(value) if isinstance(value, int) else TracedExpr(value.terms)
    made.calculation = ((_factor_text(value), 1),) if calculation is None else calculation
    return cast(Dim, made)


def plain(value: Dim) -> Dim:
    """The size without its calculation."""
    if isinstance(value, int):
        return int(value)
    return Expr(value.terms) if isinstance(value, TracedExpr) else value


def words(value: Dim) -> str:
    """`(3·3·3 + 1)·10 = 280`; the number alone where there is nothing to calculate."""
    result, text = number(plain(value)), _text(_calculation(value))
    return result if text == result or len(text) > LONGEST else f"{text} = {result}"


def number(value: Dim) -> str:
    """A size for people: `4,640`, `32*T`."""
    return f"{value:,}" if isinstance(value, int) else str(value)


def retraced(value: Any) -> Any:
    """A field's value with every size in it traced; what is no size stays as it is."""
    if isinstance(value, tuple):
        return tuple(map(retraced, value))
    is_size = isinstance(value, int | Expr) and not isinstance(value, bool)
    return traced(value) if is_size else value


def total(values: Mapping[str, tuple[Dim, ...]]) -> Dim:
    """How many entries tensors of these shapes have together; a leading size that several share is taken out.

    >>> words(total({"weight": (10, 3, 3, 3), "bias": (10,)}))
    '(3·3·3 + 1)·10 = 280'
    >>> words(total({"weight": (1000, 32)})), words(total({"running_mean": (8,), "running_var": (8,)}))
    ('1,000·32 = 32,000', '2·8 = 16')
    """
    groups: dict[Dim, list[tuple[Dim, ...]]] = {}
    for shape in values.values():
        sizes = tuple(map(_keep, shape))
        groups.setdefault(sizes[0] if sizes else 1, []).append(sizes[1:])
    found: Dim = 0
    for leading, rests in groups.items():
        entries: Dim = 0
        for rest in rests:
            entries = entries + multiply(rest)
        found = found + (leading * entries if len(rests) == 1 else entries * leading)
    return found


def multiply(sizes: tuple[Dim, ...]) -> Dim:
    """The traced product; 1 for none."""
    found = traced(1)
    for size in sizes:
        found = found * _keep(size)
    return found


def _keep(value: Dim) -> Dim:
    return value if isinstance(value, _Traced) else traced(value)


def _calculation(value: Dim) -> Terms:
    return value.calculation if isinstance(value, _Traced) else ((_factor_text(value), 1),)


def _factor(value: Dim) -> str:
    """A calculation as one factor of a product."""
    terms = _calculation(value)
    text = _text(terms)
    return text if len(terms) == 1 else f"({text})"


def _text(terms: Terms) -> str:
    return " + ".join(_counted(text, count) for text, count in terms)


def _counted(text: str, count: int) -> str:
    if count == 1:
        return text
    return number(count) if text == "1" else f"{number(count)}·{text}"


def _factor_text(value: Dim) -> str:
    """A size as an operand: an expression of several parts needs brackets."""
    text = number(value)
    return text if isinstance(value, int) or text.isidentifier() else f"({text})"
