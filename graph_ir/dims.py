"""Sizes of axes: an int, or an integer expression over symbols in a canonical form.

A symbol stands for an unknown size of at least 1. Expressions are polynomials over symbols and floor divisions
with integer coefficients, and smallest ones of several; building one simplifies it exactly:

* `x//a//b = x//(a*b)`, also with a constant in between: `(x//a + c)//b = (x + a*c)//(a*b)`,
* `(a*x + b)//a = x + b//a`, so inside a floor division every coefficient lies in `0 … divisor - 1`,
* common factors of numerator and divisor are cancelled.

So two ways of writing the same size mostly become the same object, and `==` is then the exact answer *yes*.
`graph_ir.requirements` answers the rest (*no* and *only if*).

>>> H = symbol("H")
>>> str((H + 2 * 3 - 7) // 2 + 1)
'(H + 1)//2'
>>> H // 2 // 2 == H // 4
True
>>> to_json(2 * H + 1), to_json(H - H)
('2*H + 1', 0)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, total_ordering
from math import gcd
from typing import TypeAlias, Union

Dim: TypeAlias = Union[int, "Expr"]


@total_ordering
class Symbol:
    """An unknown size of at least 1; equal names are the same size."""

    __slots__ = ("_hash", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._hash = hash(name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Symbol) and other.name == self.name

    def __hash__(self) -> int:
        return self._hash

    def __lt__(self, other: Atom) -> bool:
        return self.order < other.order

    @property
    def order(self) -> tuple[int, str]:
        """The key by which terms are sorted: symbols stand before divisions."""
        return (0, self.name)

    def text(self) -> str:
        """The symbol as it is written."""
        return self.name


@total_ordering
class Floor:
    """`numerator // divisor`, which did not simplify further."""

    __slots__ = ("_hash", "_text", "divisor", "numerator")

    def __init__(self, numerator: Expr, divisor: Dim) -> None:
        self.numerator, self.divisor = numerator, divisor
        self._hash = hash((numerator, divisor))
        self._text = f"{_grouped(numerator)}//{_grouped(divisor)}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Floor) and (self.numerator, self.divisor) == (other.numerator, other.divisor)

    def __hash__(self) -> int:
        return self._hash

    def __lt__(self, other: Atom) -> bool:
        return self.order < other.order

    @property
    def order(self) -> tuple[int, str]:
        """The key by which terms are sorted: divisions stand after symbols."""
        return (1, self._text)

    def text(self) -> str:
        """The division as it is written in Python."""
        return self._text


@total_ordering
class Least:
    """The smallest of several sizes, where it is not known which that is."""

    __slots__ = ("_hash", "_text", "sizes")

    def __init__(self, sizes: tuple[Dim, ...]) -> None:
        self.sizes = sizes
        self._hash = hash(("min", sizes))
        self._text = f"min({', '.join(map(str, sizes))})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Least) and self.sizes == other.sizes

    def __hash__(self) -> int:
        return self._hash

    def __lt__(self, other: Atom) -> bool:
        return self.order < other.order

    @property
    def order(self) -> tuple[int, str]:
        """The key by which terms are sorted: behind symbols and divisions."""
        return (2, self._text)

    def text(self) -> str:
        """As it is written in Python: `min(T, 512)`."""
        return self._text


Atom: TypeAlias = Symbol | Floor | Least
Monomial: TypeAlias = tuple[Atom, ...]


MOST_TERMS = 500


class TooLarge(ArithmeticError):
    """A product of sums with so many terms that a few more factors would fill the memory."""


class Expr:
    """A size that depends on symbols; immutable, hashable, canonical. Made by arithmetic on `symbol(name)`."""

    __slots__ = ("_hash", "terms")

    def __init__(self, terms: tuple[tuple[Monomial, int], ...]) -> None:
        self.terms = terms
        self._hash = hash(terms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expr) and (self is other or self.terms == other.terms)

    def __hash__(self) -> int:
        return self._hash

    def __add__(self, other: Dim) -> Dim:
        return _sum(self.terms, _terms(other))

    __radd__ = __add__

    def __neg__(self) -> Dim:
        return Expr(tuple((monomial, -coefficient) for monomial, coefficient in self.terms))

    def __sub__(self, other: Dim) -> Dim:
        return self + (-other)

    def __rsub__(self, other: int) -> Dim:
        return -self + other

    def __mul__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return Expr(tuple([(m, other * c) for m, c in self.terms])) if other else 0
        factor = other.terms
        if len(self.terms) * len(factor) > MOST_TERMS:
            raise TooLarge(f"a product of {len(self.terms)} and {len(factor)} terms")
        return _sum([(tuple(sorted(left + right)), a * b) for left, a in self.terms for right, b in factor])

    __rmul__ = __mul__

    def __floordiv__(self, other: Dim) -> Dim:
        return _floor(self, other)

    def __rfloordiv__(self, other: int) -> Dim:
        return _floor(other, self)

    def __mod__(self, other: Dim) -> Dim:
        return self - (self // other) * other

    def __rmod__(self, other: int) -> Dim:
        return other - (other // self) * self

    def __str__(self) -> str:
        return _text(self.terms)

    __repr__ = __str__


@lru_cache(maxsize=1024)
def symbol(name: str) -> Expr:
    """The unknown size called `name`."""
    return Expr((((Symbol(name),), 1),))


def _terms(dim: Dim) -> tuple[tuple[Monomial, int], ...]:
    if isinstance(dim, Expr):
        return dim.terms
    return (((), dim),) if dim else ()


def _sum(*parts: Iterable[tuple[Monomial, int]]) -> Dim:
    """The canonical sum of terms: an int if no symbol is left."""
    total: dict[Monomial, int] = {}
    for part in parts:
        for monomial, coefficient in part:
            total[monomial] = total.get(monomial, 0) + coefficient
    terms = sorted((_order(m), m, c) for m, c in total.items() if c)
    if not terms:
        return 0
    if len(terms) == 1 and not terms[0][1]:
        return terms[0][2]
    return Expr(tuple((monomial, coefficient) for _, monomial, coefficient in terms))


def _order(monomial: Monomial) -> tuple[int, tuple[tuple[int, str], ...]]:
    """Products of many factors first, the constant last."""
    return (-len(monomial), tuple(atom.order for atom in monomial))


def _floor(a: Dim, b: Dim) -> Dim:
    if b == 0:
        raise ZeroDivisionError("a size divided by 0")
    if isinstance(b, Expr):
        return _floor_by_expression(a, b)
    if b < 0:
        return _floor(-a, -b)
    if isinstance(a, int):
        return a // b
    whole = _sum([(m, c // b) for m, c in a.terms])
    rest = _sum([(m, c % b) for m, c in a.terms])
    return whole + _floor_of_rest(rest, b)


def _floor_of_rest(rest: Dim, b: int) -> Dim:
    """`rest // b`, where every coefficient of `rest` lies in 0 … b - 1."""
    if isinstance(rest, int):
        return rest // b
    factor = gcd(b, *(c for m, c in rest.terms if m))
    if factor > 1:
        return _floor(_sum([(m, c // factor) for m, c in rest.terms]), b // factor)
    constant = rest.terms[-1][1] if not rest.terms[-1][0] else 0
    (monomial, coefficient), *others = rest.terms
    inner = monomial[0] if len(monomial) == 1 else None
    alone = coefficient == 1 and len(others) == bool(constant)
    if alone and isinstance(inner, Floor) and isinstance(inner.divisor, int):
        return _floor(inner.numerator + inner.divisor * constant, inner.divisor * b)
    return Expr((((Floor(rest, b),), 1),))


def _floor_by_expression(a: Dim, b: Expr) -> Dim:
    """Exact where `b` is one product that divides every term; else it stays a division."""
    if a == b:
        return 1
    if a == 0:
        return 0
    if len(b.terms) == 1 and isinstance(a, Expr):
        quotient = _divided(a, *b.terms[0])
        if quotient is not None:
            return quotient
    numerator = a if isinstance(a, Expr) else Expr((((), a),))
    return Expr((((Floor(numerator, b),), 1),))


def _divided(a: Expr, divisor: Monomial, coefficient: int) -> Dim | None:
    quotient: list[tuple[Monomial, int]] = []
    for monomial, c in a.terms:
        left = list(monomial)
        if c % coefficient or any(divisor.count(atom) > monomial.count(atom) for atom in divisor):
            return None
        for atom in divisor:
            left.remove(atom)
        quotient.append((tuple(left), c // coefficient))
    return _sum(quotient)


def ceil_div(a: Dim, b: int) -> Dim:
    """`a / b` rounded up."""
    return (a + (b - 1)) // b


def smallest(*sizes: Dim) -> Dim:
    """The smallest of sizes; what is known to be no smaller than another is left out.

    >>> T = symbol("T")
    >>> str(smallest(T, 512)), str(smallest(T + 2, T, T + 1)), smallest(T + 3, 4)
    ('min(T, 512)', 'T', 4)
    """
    kept: list[Dim] = []
    for size in (part for given in sizes for part in _parts_of_least(given)):
        if any(_never_below(size, other) for other in kept):
            continue
        kept = [other for other in kept if not _never_below(other, size)]
        kept.append(size)
    if len(kept) == 1:
        return kept[0]
    ordered = sorted(kept, key=lambda size: (isinstance(size, int), str(size)))
    return Expr((((Least(tuple(ordered)),), 1),))


def largest(a: Dim, b: Dim) -> Dim:
    """The larger of two sizes."""
    return a + b - smallest(a, b)


def _parts_of_least(size: Dim) -> tuple[Dim, ...]:
    if isinstance(size, Expr) and len(size.terms) == 1:
        monomial, coefficient = size.terms[0]
        if coefficient == 1 and len(monomial) == 1 and isinstance(monomial[0], Least):
            return monomial[0].sizes
    return (size,)


def _never_below(a: Dim, b: Dim) -> bool:
    """Whether `a >= b` is seen at once, symbols being at least 1."""
    difference = a - b
    if isinstance(difference, int):
        return difference >= 0
    if not rising(difference):
        return False
    at_least = substitute(difference, dict.fromkeys(symbols(difference), 1))
    return isinstance(at_least, int) and at_least >= 0


def rising(dim: Dim) -> bool:
    """Whether a larger symbol never makes `dim` smaller: seen from positive coefficients alone."""
    if isinstance(dim, int):
        return True
    return all(c > 0 or not m for m, c in dim.terms) and all(
        _atom_rises(atom) for monomial, _ in dim.terms for atom in monomial
    )


def _atom_rises(atom: Atom) -> bool:
    if isinstance(atom, Least):
        return all(map(rising, atom.sizes))
    return isinstance(atom, Symbol) or (isinstance(atom.divisor, int) and rising(atom.numerator))


def total(dims: Iterable[Dim]) -> Dim:
    """The sum of sizes, however many they are."""
    return _sum(*map(_terms, dims))


def product(dims: Iterable[Dim]) -> Dim:
    """The product of sizes; 1 for none."""
    known, rest = 1, []
    for dim in dims:
        if isinstance(dim, int):
            known *= dim
        else:
            rest.append(dim)
    total: Dim = known
    for factor in rest:
        total = factor * total
    return total


def atoms(dim: Dim) -> Iterator[Atom]:
    """Every symbol and division in `dim`, the nested ones too."""
    for monomial, _ in _terms(dim):
        for atom in monomial:
            yield atom
            for part in _inside(atom):
                yield from atoms(part)


def _inside(atom: Atom) -> tuple[Dim, ...]:
    if isinstance(atom, Least):
        return atom.sizes
    return () if isinstance(atom, Symbol) else (atom.numerator, atom.divisor)


def symbols(dim: Dim) -> frozenset[str]:
    """The names of the symbols `dim` depends on."""
    if isinstance(dim, int):
        return frozenset()
    return frozenset(atom.name for atom in atoms(dim) if isinstance(atom, Symbol))


def substitute(dim: Dim, values: Mapping[str, Dim]) -> Dim:
    """`dim` with symbols replaced; an int if all are given as ints.

    Raises ZeroDivisionError where a divisor becomes 0.
    """
    if isinstance(dim, int):
        return dim
    total: Dim = 0
    for monomial, coefficient in dim.terms:
        term: Dim = coefficient
        for atom in monomial:
            term = term * _substitute_atom(atom, values)
        total = total + term
    return total


def _substitute_atom(atom: Atom, values: Mapping[str, Dim]) -> Dim:
    if isinstance(atom, Symbol):
        return values.get(atom.name, symbol(atom.name))
    if isinstance(atom, Least):
        return smallest(*(substitute(size, values) for size in atom.sizes))
    return substitute(atom.numerator, values) // substitute(atom.divisor, values)


def to_json(dim: Dim) -> int | str:
    """An int, or the expression in Python's integer arithmetic."""
    return dim if isinstance(dim, int) else str(dim)


def _text(terms: tuple[tuple[Monomial, int], ...]) -> str:
    """Positive terms first where the leading one is negative, so that `-H + 9` reads `9 - H`."""
    ordered = sorted(terms, key=lambda term: term[1] < 0) if terms[0][1] < 0 else terms
    text = _term_text(*ordered[0])
    for monomial, coefficient in ordered[1:]:
        sign = "-" if coefficient < 0 else "+"
        text += f" {sign} {_term_text(monomial, abs(coefficient))}"
    return text


def _term_text(monomial: Monomial, coefficient: int) -> str:
    if not monomial:
        return str(coefficient)
    # `3*H//2` and `-H//2` would be read as (3*H)//2 and (-H)//2: a division needs brackets unless it stands alone.
    bare = coefficient == 1 and len(monomial) == 1
    factors = [a.text() if bare or not isinstance(a, Floor) else f"({a.text()})" for a in monomial]
    prefix = {1: "", -1: "-"}.get(coefficient, f"{coefficient}*")
    return prefix + "*".join(factors)


def _grouped(dim: Dim) -> str:
    """`dim` as an operand of `//`: a lone symbol or a non-negative int needs no brackets."""
    text = str(dim)
    return text if text.isidentifier() or text.isdigit() else f"({text})"
