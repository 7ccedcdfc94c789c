"""Automatic layout: layered from top to bottom, chains straight, branches in columns, the same every time."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

Edge = tuple[str, str]


def arrange(
    ids: Sequence[str],
    wires: Sequence[Edge],
    *,
    row_pitch: float,
    column_pitch: float,
    spans: Mapping[str, int] | None = None,
) -> dict[str, tuple[float, float]]:
    """The upper left corner of every layer, in pixels.

    `wires` are (source, target) in the order of the target's ports; unknown ids and wires that close a cycle
    are passed over. `spans` says which layers take more than one column. Every layer gets a cell of its own.
    """
    above: dict[str, list[str]] = {name: [] for name in ids}
    below: dict[str, list[str]] = {name: [] for name in ids}
    for source, target in wires:
        if source in above and target in above and source != target and source not in above[target]:
            above[target].append(source)
            below[source].append(target)
    order = _topological(ids, above, below)
    rows = _rows(order, above, below)
    columns = _columns(order, rows, above, below, spans or {})
    return {name: (columns[name] * column_pitch, rows[name] * row_pitch) for name in ids}


def _topological(ids: Sequence[str], above: dict[str, list[str]], below: dict[str, list[str]]) -> list[str]:
    """Layers after what they read, ties in file order; cuts the wires that close a cycle, in place."""
    place = {name: number for number, name in enumerate(ids)}
    waiting = {name: len(above[name]) for name in ids}
    ready = [place[name] for name in ids if not waiting[name]]
    done: dict[str, None] = {}
    left = iter(ids)
    while len(done) < len(ids):
        if not ready:
            stuck = next(name for name in left if name not in done)
            for source in [name for name in above[stuck] if name not in done]:
                above[stuck].remove(source)
                below[source].remove(stuck)
            waiting[stuck] = 0
            ready = [place[stuck]]
        name = ids[heapq.heappop(ready)]
        if name in done:
            continue
        done[name] = None
        for target in below[name]:
            waiting[target] -= 1
            if waiting[target] == 0:
                heapq.heappush(ready, place[target])
    return list(done)


def _rows(order: list[str], above: dict[str, list[str]], below: dict[str, list[str]]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for name in order:
        rows[name] = 1 + max((rows[source] for source in above[name]), default=-1)
    for name in reversed(order):  # an input stands just above its first reader
        if not above[name] and below[name]:
            rows[name] = min(rows[target] for target in below[name]) - 1
    return rows


def _columns(
    order: list[str],
    rows: dict[str, int],
    above: dict[str, list[str]],
    below: dict[str, list[str]],
    spans: Mapping[str, int],
) -> dict[str, int]:
    columns: dict[str, int] = {}
    taken: set[tuple[int, int]] = set()
    edge = 0  # the first column right of all finished networks
    for number, group in enumerate(_groups(order, above, below)):
        base = edge if number else 0
        for name in sorted(group, key=lambda n: rows[n]):  # a stable sort keeps the order within a row
            sources = sorted(above[name], key=lambda n: rows[name] - rows[n])
            column = columns[sources[0]] if sources else base
            width = spans.get(name, 1)
            while any((rows[name], column + step) in taken for step in range(width)):
                column += 1
            columns[name] = column
            taken.update((rows[name], column + step) for step in range(width))
            edge = max(edge, column + width)
    return columns


def _groups(order: list[str], above: dict[str, list[str]], below: dict[str, list[str]]) -> list[list[str]]:
    """The parts of the network that no wire joins, each in `order`, the part of the first layer first."""
    group_of: dict[str, int] = {}
    groups: list[list[str]] = []
    for first in order:
        if first not in group_of:
            stack = [first]
            group_of[first] = len(groups)
            groups.append([])
            while stack:
                name = stack.pop()
                for other in (*above[name], *below[name]):
                    if other not in group_of:
                        group_of[other] = group_of[first]
                        stack.append(other)
        groups[group_of[first]].append(first)
    return groups
