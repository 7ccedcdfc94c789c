"""The order of layers and lanes within each row: as few crossings as a few sweeps find (Sugiyama et al., 1981)."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from designer.canvas.arranging.layout_ranks import Arc, Flow

SWEEPS = 8
MOST_LANES = 30_000  # places in lanes beyond which the longest wires get none: no eye follows them then
SMALL = 4000  # places up to which neighbours are also tried the other way round


@dataclass
class Grid:
    """Layers (numbered first) and the places where lanes pass rows; `arcs` go from one row to the next."""

    layers: int
    row_of: list[int]
    rows: list[list[int]]
    arcs: list[Arc]
    lanes: list[list[int]]
    """For each wire over several rows its places, from top to bottom."""


def grid_of(flow: Flow, part: Sequence[int]) -> Grid:
    """The rows of one part of the network, with a lane for each wire that passes a row."""
    rows_of, top = flow.rows, min(flow.rows[layer] for layer in part)
    inside = set(part)
    row_of = [row - top for row in rows_of]
    rows: list[list[int]] = [[] for _ in range(1 + max(row_of[layer] for layer in part))]
    grid = Grid(flow.count, row_of, rows, [], [])
    wires = sorted(
        (a for a in flow.arcs if a.source in inside), key=lambda a: row_of[a.target] - row_of[a.source]
    )
    places = 0
    bundles: dict[tuple[int, float, int], None] = {}
    for arc in wires:
        span = row_of[arc.target] - row_of[arc.source]
        if span == 1:
            grid.arcs.append(arc)
            continue
        bundle = arc.source, arc.out, arc.target
        if bundle in bundles or places + span > MOST_LANES:
            continue
        bundles[bundle] = None
        places += span
        _add_lane(grid, arc)
    _fill(grid, part)
    return grid


def _add_lane(grid: Grid, arc: Arc) -> None:
    lane = list(
        range(len(grid.row_of), len(grid.row_of) + grid.row_of[arc.target] - grid.row_of[arc.source] - 1)
    )
    grid.row_of.extend(range(grid.row_of[arc.source] + 1, grid.row_of[arc.target]))
    grid.lanes.append(lane)
    way = [arc.source, *lane, arc.target]
    for number, (upper, lower) in enumerate(pairwise(way)):
        grid.arcs.append(
            Arc(upper, lower, 0.0 if number else arc.out, arc.into if lower == arc.target else 0.0)
        )


def _fill(grid: Grid, part: Sequence[int]) -> None:
    """The first order: down from each source, ports from left to right, before the next one."""
    below: list[list[tuple[float, int, int]]] = [[] for _ in grid.row_of]
    above = [0] * len(grid.row_of)
    for number, arc in enumerate(grid.arcs):
        below[arc.source].append((arc.out, number, arc.target))
        above[arc.target] += 1
    is_placed = [False] * len(grid.row_of)
    for first in part:
        if above[first]:
            continue
        stack = [first]
        while stack:
            place = stack.pop()
            if is_placed[place]:
                continue
            is_placed[place] = True
            grid.rows[grid.row_of[place]].append(place)
            stack.extend(target for *_, target in sorted(below[place], reverse=True))


class Sorter:
    """Orders the rows of a grid in place."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self._at = [0] * len(grid.row_of)
        self._up: list[list[tuple[int, float]]] = [[] for _ in grid.row_of]
        self._down: list[list[tuple[int, float]]] = [[] for _ in grid.row_of]
        self._ports: list[list[tuple[float, float, int, int]]] = [[] for _ in grid.rows]
        outs = _fractions([(arc.source, arc.out) for arc in grid.arcs])
        intos = _fractions([(arc.target, arc.into) for arc in grid.arcs])
        for arc, out, into in zip(grid.arcs, outs, intos, strict=True):
            self._up[arc.target].append((arc.source, out))
            self._down[arc.source].append((arc.target, into))
            self._ports[grid.row_of[arc.source]].append((out, into, arc.source, arc.target))
        for row in grid.rows:
            self._number(row)

    def sort(self) -> None:
        """Sweep down and up while that helps; the best order found stays."""
        fewest, best = self.crossings(), self._copy()
        idle = 0
        for _ in range(SWEEPS):
            if not fewest or idle == 2:
                break
            for row in self.grid.rows[1:]:
                self._sort_row(row, self._up)
            for row in reversed(self.grid.rows[:-1]):
                self._sort_row(row, self._down)
            if len(self.grid.row_of) <= SMALL:
                self._swap_neighbours()
            found = self.crossings()
            idle = 0 if found < fewest else idle + 1
            if found < fewest:
                fewest, best = found, self._copy()
        self._put(best)

    def keep(self, known: dict[int, float]) -> None:
        """Let layers of a row stand as they stood (`known` x), where that makes no more crossings.

        A new layer counts as standing between what it is wired to.
        """
        before, best = self.crossings(), self._copy()
        wanted = dict(known)
        for row in self.grid.rows:
            for place in row:
                near = [
                    wanted[other] for other, _ in (*self._up[place], *self._down[place]) if other in wanted
                ]
                if place < self.grid.layers and place not in wanted and near:
                    wanted[place] = sum(near) / len(near)
        for row in self.grid.rows:
            slots = [slot for slot, place in enumerate(row) if place in wanted]
            ordered = sorted((row[slot] for slot in slots), key=lambda place: wanted[place])
            for slot, place in zip(slots, ordered, strict=True):
                row[slot] = place
            self._number(row)
        if self.crossings() > before:
            self._put(best)

    def crossings(self) -> int:
        """How many wires cross between all rows."""
        return sum(self._crossings_below(row) for row in range(len(self.grid.rows) - 1))

    def _crossings_below(self, row: int) -> int:
        at = self._at
        if len(self._ports[row]) < 2:
            return 0
        ends = sorted((at[source] + out, at[target] + into) for out, into, source, target in self._ports[row])
        seen: list[float] = []
        found = 0
        for _, end in ends:
            place = bisect.bisect_right(seen, end)
            found += len(seen) - place
            seen.insert(place, end)
        return found

    def _sort_row(self, row: list[int], near: list[list[tuple[int, float]]]) -> None:
        if len(row) < 2:
            return
        at = self._at
        means = {
            place: sum(at[other] + port for other, port in near[place]) / len(near[place])
            for place in row
            if near[place]
        }
        if len(means) == len(row):
            row.sort(key=means.__getitem__)
        else:  # what has no neighbour there keeps its place
            slots = [slot for slot, place in enumerate(row) if place in means]
            ordered = sorted((row[slot] for slot in slots), key=means.__getitem__)
            for slot, place in zip(slots, ordered, strict=True):
                row[slot] = place
        self._number(row)

    def _swap_neighbours(self) -> None:
        for row in self.grid.rows:
            for left in range(len(row) - 1):
                one, other = row[left], row[left + 1]
                if self._crossed(other, one) < self._crossed(one, other):
                    row[left], row[left + 1] = other, one
                    self._at[one], self._at[other] = left + 1, left

    def _crossed(self, left: int, right: int) -> int:
        """The crossings between the wires of two neighbours that stand in that order."""
        at, found = self._at, 0
        for near in (self._up, self._down):
            ends = sorted(at[other] + port for other, port in near[right])
            found += sum(bisect.bisect_left(ends, at[other] + port) for other, port in near[left])
        return found

    def _number(self, row: list[int]) -> None:
        for number, place in enumerate(row):
            self._at[place] = number

    def _copy(self) -> list[list[int]]:
        return [list(row) for row in self.grid.rows]

    def _put(self, rows: list[list[int]]) -> None:
        for row, wanted in zip(self.grid.rows, rows, strict=True):
            row[:] = wanted
            self._number(row)


def _fractions(ports: Sequence[tuple[int, float]]) -> list[float]:
    """Where each port (of a place, with the number that orders it) is on its layer, from -0.4 to 0.4."""
    found: dict[int, set[float]] = {}
    for place, port in ports:
        found.setdefault(place, set()).add(port)
    ordered = {place: sorted(its) for place, its in found.items()}
    return [
        0.8 * (bisect.bisect_left(ordered[place], port) + 0.5) / len(ordered[place]) - 0.4
        for place, port in ports
    ]
