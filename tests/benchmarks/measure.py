"""How the benchmarks measure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median

Figure = tuple[str, float, str, float | None, bool]
"""Title, number, unit, goal (or None) and whether the goal is a least."""
Figures = Iterator[Figure]


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """The median of a few runs."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return median(found)
