"""A layered layout of our own, for the languages that need coordinates: the same bytes on every machine.

After Sugiyama, Tagawa and Toda (IEEE Trans. SMC 11, 1981): layers are ranked by their longest way from a source,
wires across several ranks get a lane in each, ranks are ordered by the mean place of their neighbours, and places are
the least squares that keep the distances (pool adjacent violators). Nothing here recurses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]

LANE = 0.5
"""The room of a wire that passes a rank, in cm."""
_LIGHT = 0.001
"""The weight of a lane beside a card's 1: lanes give way, so that a chain stays straight."""
_SWEEPS = 6
_MOST_LANES = 50_000
"""Beyond this many places in lanes, wires run straight; nobody looks at such a picture as a whole."""


@dataclass(frozen=True)
class Box:
    """The extent of a card: across the flow and along it, in cm."""

    across: float
    along: float


@dataclass(frozen=True)
class Layout:
    """Centres of the boxes and, per wire, the points it bends at; (across, along), along growing with the flow."""

    centres: list[Point]
    bends: list[list[Point]]


@dataclass
class _Place:
    """A box or a wire's passage through a rank."""

    extent: float
    weight: float
    before: list[int]
    after: list[int]
    at: float = 0.0


def arrange(boxes: Sequence[Box], wires: Sequence[tuple[int, int]], gap: float, pitch: float) -> Layout:
    """Places boxes, given in an order in which most wires point forwards.

    `gap` is the least distance between neighbours in a rank, `pitch` the distance between ranks, in cm.
    """
    ranks = _ranks(len(boxes), wires)
    places = [_Place(box.across, 1.0, [], []) for box in boxes]
    rows: list[list[int]] = [[] for _ in range(max(ranks, default=-1) + 1)]
    for i, rank in enumerate(ranks):
        rows[rank].append(i)
    lanes = _lanes(ranks, wires, places, rows)
    _order(rows, places)
    _spread(rows, places, gap)
    middle = _middles(rows, boxes, pitch)
    depth = [max((boxes[i].along for i in row if i < len(boxes)), default=0.0) / 2 for row in rows]
    bends = [
        [(places[i].at, middle[rank] + side) for rank, i in lane for side in (-depth[rank], depth[rank])]
        for lane in lanes
    ]
    for (start, end), points in zip(wires, bends, strict=True):
        if ranks[start] > ranks[end]:
            points.reverse()
    return Layout([(places[i].at, middle[ranks[i]]) for i in range(len(boxes))], bends)


def _ranks(count: int, wires: Sequence[tuple[int, int]]) -> list[int]:
    """The longest way from a source; sources themselves stand right before what they feed."""
    after: list[list[int]] = [[] for _ in range(count)]
    fed = [False] * count
    for start, end in wires:
        low, high = min(start, end), max(start, end)
        if low != high:
            after[low].append(high)
            fed[high] = True
    ranks = [0] * count
    for i in range(count):
        for j in after[i]:
            ranks[j] = max(ranks[j], ranks[i] + 1)
    for i in range(count):
        if not fed[i] and after[i]:
            ranks[i] = min(ranks[j] for j in after[i]) - 1
    return ranks


def _lanes(
    ranks: list[int], wires: Sequence[tuple[int, int]], places: list[_Place], rows: list[list[int]]
) -> list[list[tuple[int, int]]]:
    """For each wire the (rank, place) it passes, downwards; links everything up with its neighbours."""
    lanes: list[list[tuple[int, int]]] = []
    for start, end in wires:
        top, bottom = (start, end) if ranks[start] <= ranks[end] else (end, start)
        lane: list[tuple[int, int]] = []
        last = top
        inner = range(ranks[top] + 1, ranks[bottom])
        for rank in inner if len(places) + len(inner) <= _MOST_LANES else ():
            new = len(places)
            places.append(_Place(LANE, _LIGHT, [last], []))
            places[last].after.append(new)
            rows[rank].append(new)
            lane.append((rank, new))
            last = new
        if ranks[top] != ranks[bottom]:
            places[last].after.append(bottom)
            places[bottom].before.append(last)
        lanes.append(lane)
    return lanes


def _order(rows: list[list[int]], places: list[_Place]) -> None:
    """Orders every rank by the mean place of its neighbours, downwards and upwards in turn."""
    index = {i: float(at) for row in rows for at, i in enumerate(row)}
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            near = {i: places[i].before if down else places[i].after for i in row}
            keys = {i: sum(index[j] for j in near[i]) / len(near[i]) if near[i] else index[i] for i in row}
            row.sort(key=keys.__getitem__)
            index.update((i, float(at)) for at, i in enumerate(row))


def _spread(rows: list[list[int]], places: list[_Place], gap: float) -> None:
    for row in rows:
        _settle(row, places, [0.0] * len(row), gap)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 1
        for row in rows if down else reversed(rows):
            _settle(row, places, [_wish(places, i, down) for i in row], gap)


def _wish(places: list[_Place], i: int, down: bool) -> float:
    """Where a place would like to be: amid the boxes next to it, or else amid the lanes."""
    near = places[i].before if down else places[i].after
    heavy = [j for j in near if places[j].weight > _LIGHT] or near
    return sum(places[j].at for j in heavy) / len(heavy) if heavy else places[i].at


def _settle(row: list[int], places: list[_Place], wishes: list[float], gap: float) -> None:
    """The places nearest to the wishes that keep order and distances."""
    offsets = [0.0] if row else []
    for left, right in pairwise(row):
        offsets.append(offsets[-1] + (places[left].extent + places[right].extent) / 2 + gap)
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for i, wish, offset in zip(row, wishes, offsets, strict=True):
        mean, weight, many = wish - offset, places[i].weight, 1
        while pools and pools[-1][0] > mean:
            other, other_weight, other_many = pools.pop()
            mean = (mean * weight + other * other_weight) / (weight + other_weight)
            weight, many = weight + other_weight, many + other_many
        pools.append((mean, weight, many))
    settled = [mean for mean, _, many in pools for _ in range(many)]
    for i, at, offset in zip(row, settled, offsets, strict=True):
        places[i].at = at + offset


def _middles(rows: list[list[int]], boxes: Sequence[Box], pitch: float) -> list[float]:
    """The middle of every rank along the flow."""
    found: list[float] = []
    edge = 0.0
    for row in rows:
        along = max((boxes[i].along for i in row if i < len(boxes)), default=0.0)
        found.append(edge + along / 2)
        edge += along + pitch
    return found
