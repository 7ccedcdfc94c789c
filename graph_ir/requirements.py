"""What must hold for a design to work: *yes*, *no*, or *only if*, decided without sampling.

An expression of one symbol with floor divisions by constants is, on each residue class modulo the least common
multiple of its divisors, a plain polynomial. Comparing coefficients class by class says whether two sizes are equal
always, never, or for these residues (`H % 16 == 0`). Where the modulus gets too large or several symbols meet, the
answer is the plain equation itself ("only if"): never a guess.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import lcm
from typing import Literal

from graph_ir.dims import Dim, Expr, Floor, Least, Symbol, rising, substitute, symbol, symbols

Operator = Literal["==", ">=", "<="]
_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    ">=": operator.ge,
    "<=": operator.le,
}
_LARGEST_MODULUS = 4096
_SEARCH = 1 << 40
"""Sizes beyond this are not looked at when a smallest working size is sought."""


@dataclass(frozen=True)
class Requirement:
    """`left operator right`, or `left % modulus == right`; its text is Python's integer arithmetic."""

    left: Dim
    operator: Operator
    right: Dim
    modulus: int = 0

    def __str__(self) -> str:
        if not self.modulus:
            return f"{self.left} {self.operator} {self.right}"
        left = str(self.left)
        return f"{left if left.isidentifier() else f'({left})'} % {self.modulus} == {self.right}"

    @property
    def symbols(self) -> frozenset[str]:
        """The names of the symbols it speaks about."""
        return symbols(self.left) | symbols(self.right)

    def holds(self, values: Mapping[str, Dim]) -> bool | None:
        """Whether it holds at these sizes; None where they do not decide it."""
        left, right = substitute(self.left, values), substitute(self.right, values)
        if not isinstance(left, int) or not isinstance(right, int):
            return None
        return left % self.modulus == right if self.modulus else _COMPARE[self.operator](left, right)


Answer = bool | Requirement


def equal(a: Dim, b: Dim) -> Answer:
    """Whether two sizes are the same number: True always, False never, else the requirement under which they are."""
    if a == b:
        return True
    difference = a - b
    if isinstance(difference, int):
        return False
    plain = Requirement(b, "==", a) if isinstance(a, int) else Requirement(a, "==", b)
    names = symbols(difference)
    modulus = _modulus(difference)
    if len(names) != 1 or modulus is None:
        return plain
    (name,) = names
    return _by_residue(difference, name, modulus, plain)


def divisible(a: Dim, by: int) -> Answer:
    """Whether `a` is a multiple of `by`."""
    rest = a % by
    if isinstance(rest, int):
        return rest == 0
    answer = equal(rest, 0)
    names = symbols(a)
    if isinstance(answer, bool) or (len(names) == 1 and answer.modulus):
        return answer
    return Requirement(a, "==", 0, modulus=by)


def at_least(a: Dim, low: int) -> Answer:
    """Whether `a >= low`. Symbols are at least 1."""
    if isinstance(a, int):
        return a >= low
    names = symbols(a)
    if len(names) != 1:
        return Requirement(a, ">=", low)
    (name,) = names
    if rising(-a):
        return _until_it_falls(a, low, name)
    if not rising(a):
        return _in_each_class(a, low, name)
    smallest = _smallest(lambda x: _value(a, name, x) >= low)
    if smallest is None:
        return False
    return True if smallest == 1 else Requirement(symbol(name), ">=", smallest)


def _until_it_falls(a: Dim, low: int, name: str) -> Answer:
    """`a >= low` where a larger symbol never makes `a` larger."""
    too_large = _smallest(lambda x: _value(a, name, x) < low)
    if too_large is None:
        return Requirement(a, ">=", low)
    return Requirement(symbol(name), "<=", too_large - 1) if too_large > 1 else False


def _in_each_class(a: Dim, low: int, name: str) -> Answer:
    """`a >= low` by residue class, on each of which it is a polynomial: `H - 2*(H//2) >= 0` always holds."""
    plain = Requirement(a, ">=", low)
    modulus = _modulus(a)
    if modulus is None:
        return plain
    good: list[int] = []
    for residue in range(modulus):
        spare = substitute(a - low, {name: symbol("k") * modulus + residue})
        least = substitute(spare, {"k": 0 if residue else 1})
        assert isinstance(least, int), "an expression of one symbol has a value"
        if least >= 0 and rising(spare):
            good.append(residue)
        elif least >= 0 or not rising(-spare):
            return plain
    if len(good) == modulus:
        return True
    return _residue_requirement(name, good, modulus, plain) if good else False


def below(a: Dim, limit: Dim) -> Answer:
    """Whether `a <= limit - 1`, written from the side of the symbol."""
    return at_least(limit - a, 1)


def _value(dim: Dim, name: str, x: int) -> int:
    value = substitute(dim, {name: x})
    assert isinstance(value, int), "an expression of one symbol has a value"
    return value


def _smallest(works: Callable[[int], bool]) -> int | None:
    """The smallest x >= 1 for which a rising condition holds."""
    high = 1
    while not works(high):
        if high > _SEARCH:
            return None
        high *= 2
    low = high // 2 + 1 if high > 1 else 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if works(middle) else (middle + 1, high)
    return low


def _modulus(dim: Dim) -> int | None:
    """The least common multiple of all (nested) divisors, or None: too large, or it is no polynomial on each class."""
    modulus = 1
    for monomial, _ in dim.terms if isinstance(dim, Expr) else ():
        for atom in monomial:
            if isinstance(atom, Least):
                return None
            if not isinstance(atom, Floor):
                continue
            inner = _modulus(atom.numerator)
            if inner is None or not isinstance(atom.divisor, int):
                return None
            modulus = lcm(modulus, inner * atom.divisor)
    return modulus if modulus <= _LARGEST_MODULUS else None


def _by_residue(difference: Expr, name: str, modulus: int, plain: Requirement) -> Answer:
    step = symbol("k")
    always: list[int] = []
    for residue in range(modulus):
        on_class = substitute(difference, {name: step * modulus + residue})
        if on_class == 0:
            always.append(residue)
        elif _may_vanish(on_class, residue):
            return plain if not _is_affine(difference, name) else _only_value(difference, name, plain)
    if not always:
        return False
    if len(always) == modulus:
        return True
    return _residue_requirement(name, always, modulus, plain)


def _may_vanish(on_class: Dim, residue: int) -> bool:
    """Whether a polynomial in k can be 0 at a size `k*modulus + residue` of at least 1. May say yes too often."""
    if isinstance(on_class, int):
        return on_class == 0
    if len({c > 0 for _, c in on_class.terms}) > 1:
        return True
    has_constant = any(not m for m, _ in on_class.terms)
    return not has_constant and residue > 0


def _is_affine(difference: Expr, name: str) -> bool:
    return all(m in ((), (Symbol(name),)) for m, _ in difference.terms)


def _only_value(difference: Expr, name: str, plain: Requirement) -> Answer:
    """`a*x + b = 0` has one solution, or none that is a size."""
    slope = next(c for m, c in difference.terms if m)
    offset = next((c for m, c in difference.terms if not m), 0)
    value, rest = divmod(-offset, slope)
    if rest or value < 1:
        return False
    return Requirement(symbol(name), "==", value)


def _residue_requirement(name: str, residues: Sequence[int], modulus: int, plain: Requirement) -> Requirement:
    """One residue modulo a divisor of the modulus, if the classes are exactly that; else the equation."""
    smaller = modulus // len(residues)
    residue = residues[0] % smaller
    exact = modulus % len(residues) == 0 and all(r % smaller == residue for r in residues)
    return Requirement(symbol(name), "==", residue, modulus=smaller) if exact else plain


def ties(requirements: Sequence[Requirement]) -> dict[str, Dim]:
    """Symbols that an equation gives in terms of others: `T == 2*N` says what T is."""
    found: dict[str, Dim] = {}
    for requirement in requirements:
        if requirement.modulus or requirement.operator != "==":
            continue
        left, right = substitute(requirement.left, found), substitute(requirement.right, found)
        for name, value in ((left, right), (right, left)):
            if isinstance(name, Expr) and symbols(name) == {str(name)} and str(name) not in symbols(value):
                solved: dict[str, Dim] = {str(name): value}
                found = {other: substitute(dim, solved) for other, dim in found.items()} | solved
                break
    return found


def contradiction(requirements: Sequence[Requirement]) -> tuple[Requirement, ...] | None:
    """Requirements that no sizes meet together, or None.

    Equations are put in first. What is then left on one symbol is decided exactly; what still ties several symbols is
    taken to be satisfiable.
    """
    tied = ties(requirements)
    groups: dict[str, list[tuple[Requirement, Requirement]]] = {}
    for asked in requirements:
        left, right = substitute(asked.left, tied), substitute(asked.right, tied)
        plain = replace(asked, left=left, right=right)
        if not plain.symbols and plain.holds({}) is False:
            return _about(asked, requirements)
        if len(plain.symbols) == 1 and left != right:
            (name,) = plain.symbols
            groups.setdefault(name, []).append((asked, plain))
    for name, value in tied.items():
        if isinstance(value, int) and value < 1:
            return _about(Requirement(symbol(name), ">=", 1), requirements)
    for name, group in groups.items():
        if not _satisfiable(name, [plain for _, plain in group]):
            return tuple(asked for asked, _ in group)
    return None


def _about(broken: Requirement, requirements: Sequence[Requirement]) -> tuple[Requirement, ...]:
    """What leads to a broken requirement: all that is connected with it by symbols, itself last."""
    names = set(broken.symbols)
    chosen: list[Requirement] = []
    waiting = [requirement for requirement in requirements if requirement != broken]
    while found := [requirement for requirement in waiting if requirement.symbols & names]:
        chosen += found
        names |= {name for requirement in found for name in requirement.symbols}
        waiting = [requirement for requirement in waiting if requirement not in found]
    return (*chosen, broken) if broken in requirements else tuple(chosen)


def _satisfiable(name: str, group: Sequence[Requirement]) -> bool:
    """Whether one size meets all: the smallest that could lies within one period of the largest lower bound."""
    low, period = 1, 1
    for requirement in group:
        start = _first_candidate(name, requirement)
        inner = _modulus(requirement.left)
        if start is None or inner is None:
            return True
        low, period = max(low, start), lcm(period, inner * max(requirement.modulus, 1))
    if period > _LARGEST_MODULUS:
        return True
    candidates = range(low, low + period + 1)
    return any(all(r.holds({name: x}) is not False for r in group) for x in candidates)


def _first_candidate(name: str, requirement: Requirement) -> int | None:
    """The smallest size at which it may hold, or None where that is not known."""
    left, right = requirement.left, requirement.right
    if requirement.modulus or requirement.operator == "<=":
        return 1 if rising(left) else None
    if not isinstance(right, int) or not rising(left):
        return None
    return _smallest(lambda x: _value(left, name, x) >= right)
