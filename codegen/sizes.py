"""Small numbers for the symbols of a design, such that everything it requires holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice, product

from graph_ir.dims import Dim, substitute
from graph_ir.requirements import Requirement, ties

_LARGEST = 1 << 13
_EACH = 8
_TRIES = 20_000


def small_sizes(names: Sequence[str], requirements: Sequence[Requirement]) -> list[dict[str, int]]:
    """One or two assignments of sizes, of at least 2 where that works, that differ in as many symbols as possible.

    Empty if none was found: the requirements need larger sizes than are tried, or can't be met.
    """
    tied = ties(requirements)
    left = [replace(r, left=substitute(r.left, tied), right=substitute(r.right, tied)) for r in requirements]
    free = [name for name in names if name not in tied]
    # Each begins with another of its sizes: two axes that were mixed up should not happen to be equally long.
    candidates = {name: _turned(_candidates(name, left), i) for i, name in enumerate(free)}
    found: list[dict[str, int]] = []
    for values in islice(product(*candidates.values()), _TRIES):
        sizes = _complete(dict(zip(candidates, values, strict=True)), tied)
        if all(size >= 1 for size in sizes.values()) and all(r.holds(sizes) for r in requirements):
            found.append(sizes)
    if not found:
        return []
    first = found[0]
    other = max(found, key=lambda sizes: _difference(sizes, first))
    return [first] if other == first else [first, other]


def _difference(sizes: dict[str, int], other: dict[str, int]) -> tuple[int, int, int]:
    """In how many symbols they differ; then few ones, which are a special case, and small numbers."""
    ones = sum(size == 1 for size in sizes.values())
    return sum(sizes[name] != other[name] for name in sizes), -ones, -sum(sizes.values())


def _turned(sizes: list[int], by: int) -> list[int]:
    start = by % len(sizes) if sizes else 0
    return sizes[start:] + sizes[:start]


def _complete(sizes: dict[str, int], tied: dict[str, Dim]) -> dict[str, int]:
    values = {name: substitute(dim, sizes) for name, dim in tied.items()}
    return sizes | {name: value if isinstance(value, int) else 0 for name, value in values.items()}


def _candidates(name: str, requirements: Sequence[Requirement]) -> list[int]:
    """The smallest sizes that meet what is required of this symbol alone; 1 comes last: it is a special case."""
    own = [requirement for requirement in requirements if requirement.symbols == {name}]
    works = (size for size in (*range(2, _LARGEST), 1) if all(r.holds({name: size}) for r in own))
    found = list(islice(works, _EACH))
    one = all(requirement.holds({name: 1}) for requirement in own)
    return found if 1 in found or not one else [*found, 1]
