"""Requirements read together: what one symbol must meet, said once (`H % 16 == 0`) and not level by level.

A U-Net asks for `H % 2 == 0` at one merge and for `2*(H//4) == H//2` at the next. Each is exact by itself; only with
the first put into the second (`H = 2*k`) is that `k % 2 == 0`, so `H % 4 == 0`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graph_ir.dims import Dim, substitute, symbol
from graph_ir.requirements import Answer, Requirement, at_least, divisible, equal

_LARGEST = 1 << 20
"""Rests modulo more than this are not joined."""


def together(requirements: Sequence[Requirement]) -> tuple[Requirement, ...]:
    """Fewer requirements that hold for exactly the same sizes. Such as contradict each other are left as they are.

    >>> H = symbol("H")
    >>> two = Requirement(H, "==", 0, modulus=2)
    >>> four = Requirement(2 * (H // 4), "==", H // 2)
    >>> print(*together([Requirement(H, ">=", 4), four, two]))
    H % 4 == 0
    """
    groups: dict[str, list[Requirement]] = {}
    for requirement in requirements:
        if len(requirement.symbols) == 1:
            (name,) = requirement.symbols
            groups.setdefault(name, []).append(requirement)
    kept = {name: _Group(name, group).joined() for name, group in groups.items()}
    found: list[Requirement] = []
    for requirement in requirements:
        if len(requirement.symbols) != 1:
            found.append(requirement)
            continue
        (name,) = requirement.symbols
        found += kept.pop(name, [])
    return tuple(dict.fromkeys(found))


class _Group:
    """What is required of one symbol: `rest` modulo `modulus`, and all that is not said by that."""

    def __init__(self, name: str, group: Sequence[Requirement]) -> None:
        self.name, self.group = name, group
        self.modulus, self.rest = 1, 0

    def joined(self) -> list[Requirement]:
        """The same requirement, shorter."""
        if len(self.group) == 1:
            return list(self.group)
        left = _strictest(self.group, str(symbol(self.name)))
        while True:
            waiting = []
            modulus = self.modulus
            for requirement in left:
                answer = self._decided(requirement)
                if answer is False or (answer is not True and not self._take(answer)):
                    return list(self.group)
                if answer is not True and not answer.modulus:
                    waiting.append(requirement)
            left = waiting
            if self.modulus == modulus:
                break
        said = Requirement(symbol(self.name), "==", self.rest, modulus=self.modulus)
        return [*([said] if self.modulus > 1 else []), *left]

    def _decided(self, requirement: Requirement) -> Answer:
        """What is left to ask of k, where the symbol is `modulus*k + rest`, or one modulus less; k is at least 1."""
        size = self.modulus * symbol("k") + (self.rest - self.modulus if self.rest else 0)
        left, right = (substitute(dim, {self.name: size}) for dim in (requirement.left, requirement.right))
        if requirement.modulus:
            return divisible(left - right, requirement.modulus)
        if requirement.operator == "==":
            return equal(left, right)
        return at_least(left - right if requirement.operator == ">=" else right - left, 0)

    def _take(self, asked: Requirement) -> bool:
        """Take in a rest of k as one of the symbol. False where there is none, or one too large to be told."""
        if not asked.modulus:
            return True
        if str(asked.left) != "k" or not isinstance(asked.right, int):
            return False
        self.rest += self.modulus * (asked.right - 1 if self.rest else asked.right)
        self.modulus *= asked.modulus
        self.rest %= self.modulus
        return self.modulus <= _LARGEST


def _strictest(group: Iterable[Requirement], name: str) -> list[Requirement]:
    """Of several bounds of the symbol itself the one that says all, in the place of the first."""
    best: dict[tuple[str, Dim] | Requirement, Requirement] = {}
    for requirement in group:
        plain = str(requirement.left) == name and isinstance(requirement.right, int)
        if not plain or requirement.operator == "==":
            best.setdefault(requirement, requirement)
            continue
        key = (requirement.operator, requirement.left)
        other = best.setdefault(key, requirement)
        assert isinstance(requirement.right, int) and isinstance(other.right, int)
        if (requirement.right > other.right) == (requirement.operator == ">="):
            best[key] = requirement
    return list(best.values())
