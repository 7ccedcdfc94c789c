"""Small numbers for the symbols of a design, such that everything it requires holds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, product

from graph_ir.requirements import Requirement

_LARGEST = 1 << 13
_EACH = 8
_TRIES = 20_000


def small_sizes(symbols: Sequence[str], requirements: Sequence[Requirement]) -> list[dict[str, int]]:
    """One or two assignments of sizes of at least 2 where possible, differing in as many symbols as possible.

    Empty if none was found: the requirements need larger sizes than are tried, or can't be met.
    """
    candidates = {name: _candidates(name, requirements) for name in symbols}
    ties = [requirement for requirement in requirements if len(requirement.symbols) > 1]
    found: list[dict[str, int]] = []
    for values in islice(product(*candidates.values()), _TRIES):
        sizes = dict(zip(candidates, values, strict=True))
        if all(requirement.holds(sizes) for requirement in ties):
            found.append(sizes)
    if not found:
        return []
    first = found[0]
    other = max(found, key=lambda sizes: sum(sizes[name] != first[name] for name in sizes))
    return [first] if other == first else [first, other]


def _candidates(name: str, requirements: Sequence[Requirement]) -> list[int]:
    own = [requirement for requirement in requirements if requirement.symbols == {name}]
    sizes = (size for size in (*range(2, _LARGEST), 1) if all(r.holds({name: size}) for r in own))
    return list(islice(sizes, _EACH))
