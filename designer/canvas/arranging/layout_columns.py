"""The columns of the automatic layout: chains straight, splits over and merges under the middle of their branches.

After Brandes and Köpf (2001): places of neighbouring rows are joined to upright blocks that do not cross, blocks are
packed to the left and to the right, and the mean of both is symmetrical wherever the network is.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from designer.canvas.arranging.layout_main import mains
from designer.canvas.arranging.layout_order import Grid
from designer.canvas.arranging.layout_ranks import Flow


class Reach(NamedTuple):
    """How far a place reaches to either side of its middle, in steps of half a lane."""

    left: int
    right: int


def columns(flow: Flow, grid: Grid, reach: Sequence[Reach]) -> dict[int, int]:
    """The middle of every place of the grid, in steps."""
    ways_down, ways_up = mains(flow, grid)
    leftmost = _packed(grid, _blocks(grid, ways_down, ways_up, to_right=False), reach)
    mirrored = [Reach(found.right, found.left) for found in reach]
    blocks = _blocks(grid, ways_down, ways_up, to_right=True)
    rightmost = _packed(_mirror(grid), blocks, mirrored)
    middles = {place: leftmost[place] - rightmost[place] for place in leftmost}
    low = min(middles.values())
    return {place: (middle - low) // 2 for place, middle in middles.items()}


def _mirror(grid: Grid) -> Grid:
    return Grid(grid.layers, grid.row_of, [row[::-1] for row in grid.rows], grid.arcs, grid.lanes)


def _blocks(grid: Grid, down: list[list[int]], up: list[list[int]], *, to_right: bool) -> list[int]:
    """The block of every place: the uppermost place of its upright run."""
    at = [0] * len(grid.row_of)
    for row in grid.rows:
        for number, place in enumerate(row):
            at[place] = number
    following = _joined(grid, at, _wishes(grid, at, down, up, to_right=to_right))
    block = list(range(len(grid.row_of)))
    for row in grid.rows:
        for place in row:
            if place in following:
                block[following[place]] = block[place]
    return block


def _wishes(
    grid: Grid, at: list[int], down: list[list[int]], up: list[list[int]], *, to_right: bool
) -> list[tuple[int, int]]:
    """Which pairs of places of neighbouring rows want to stand upright, the most urgent first."""

    def middle(places: list[int]) -> int:
        ordered = sorted(places, key=at.__getitem__)
        return ordered[len(ordered) // 2 if to_right else (len(ordered) - 1) // 2]

    chains, lanes, rest = list[tuple[int, int]](), list[tuple[int, int]](), list[tuple[int, int]]()
    for lane in grid.lanes:
        lanes.extend(pairwise(lane))
    for row in grid.rows:
        for place in row:
            below = down[place]
            if len(below) == 1 and up[below[0]] == [place]:
                is_chain = place < grid.layers and below[0] < grid.layers
                (chains if is_chain else lanes).append((place, below[0]))
            elif len(below) > 1:
                rest.append((place, middle(below)))
            if len(up[place]) > 1:
                rest.append((middle(up[place]), place))
    return chains + lanes + rest


def _joined(grid: Grid, at: list[int], wishes: list[tuple[int, int]]) -> dict[int, int]:
    """What stands right below each place: as wished, as long as no two such pairs cross."""
    taken: list[list[tuple[int, int]]] = [[] for _ in grid.rows]
    following: dict[int, int] = {}
    led: set[int] = set()
    for upper, lower in wishes:
        if upper in following or lower in led:
            continue
        pairs, pair = taken[grid.row_of[upper]], (at[upper], at[lower])
        place = bisect.bisect_left(pairs, pair)
        if (place and pairs[place - 1][1] >= pair[1]) or (place < len(pairs) and pairs[place][1] <= pair[1]):
            continue
        pairs.insert(place, pair)
        following[upper] = lower
        led.add(lower)
    return following


def _packed(grid: Grid, block: list[int], reach: Sequence[Reach]) -> dict[int, int]:
    """Places as far to the left as their neighbours allow, but each group of blocks close to the next one."""
    apart: dict[tuple[int, int], int] = {}
    names: dict[int, None] = {}
    for row in grid.rows:
        names.update((block[place], None) for place in row)
        for left, right in pairwise(row):
            pair = block[left], block[right]
            apart[pair] = max(apart.get(pair, 0), reach[left].right + reach[right].left)
    before: dict[int, list[tuple[int, int]]] = {name: [] for name in names}
    for (left, right), distance in apart.items():
        before[right].append((left, distance))
    order = _left_to_right(list(names), apart)
    x, group = dict.fromkeys(names, 0), {name: name for name in names}
    for name in order:
        if before[name]:
            group[name] = group[before[name][0][0]]
            x[name] = max(x[left] + distance for left, distance in before[name] if group[left] == group[name])
    shift = _shifts(x, group, apart)
    for name in order:
        wanted = x[name] + shift[group[name]]
        x[name] = max([wanted, *(x[left] + distance for left, distance in before[name])])
    return {place: x[block[place]] for row in grid.rows for place in row}


def _left_to_right(names: list[int], apart: dict[tuple[int, int], int]) -> list[int]:
    waiting = dict.fromkeys(names, 0)
    after: dict[int, list[int]] = {name: [] for name in names}
    for left, right in apart:
        waiting[right] += 1
        after[left].append(right)
    order = [name for name in names if not waiting[name]]
    for name in order:
        for right in after[name]:
            waiting[right] -= 1
            if not waiting[right]:
                order.append(right)
    return order


def _shifts(x: dict[int, int], group: dict[int, int], apart: dict[tuple[int, int], int]) -> dict[int, int]:
    """How far each group moves to stand right beside what is on its right."""
    room: dict[int, dict[int, int]] = {name: {} for name in group.values()}
    leans_on: dict[int, set[int]] = {name: set() for name in room}
    for (left, right), distance in apart.items():
        mine, other = group[left], group[right]
        if mine == other:
            continue
        free = x[right] - x[left] - distance
        room[mine][other] = min(free, room[mine].get(other, free))
        leans_on[other].add(mine)
    waiting = {name: len(found) for name, found in room.items()}
    ready = [name for name in room if not waiting[name]]
    left_over = dict.fromkeys(room)
    shift: dict[int, int] = {}
    while left_over:
        if not ready:  # groups that stand on both sides of each other: begin with the first
            ready.append(next(iter(left_over)))
        name = ready.pop(0)
        if name not in left_over:
            continue
        del left_over[name]
        shift[name] = min((shift[o] + free for o, free in room[name].items() if o in shift), default=0)
        for other in leans_on[name]:
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return shift
