"""The way of one wire: a curve to a layer close below, else straight runs through a lane that is free."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from designer.canvas.arranging.spots import Box, Spots
from designer.canvas.arranging.wire_shapes import (
    Point,
    Rank,
    Strand,
    Way,
    WireEnds,
    bezier,
    curve_boxes,
    is_hit,
    length,
    line_boxes,
    plain,
    run_of,
)
from designer.canvas.views import Rect

CLEAR = 8.0  # air between a wire and a layer it passes
APART = 16.0  # air between two lanes
LEVEL_APART = 5.0  # and between two level runs
STUBS = (12.0, 6.0, 18.0, 24.0)  # how far from a port a wire may turn
CLOSE = 150.0  # wires no higher than this are curves
TRIES = 48  # obstacles passed by in search of a lane
CROSSING = 600.0  # pixels of way that a crossing is worth


class Ways:
    """Finds ways among cards and the ways that are there."""

    def __init__(self) -> None:
        self.cards: Spots[Rect] = Spots()
        self.strands: Spots[Strand] = Spots()

    def easy(self, key: Any, wire: WireEnds) -> Way | None:
        """A way that heeds no other wire: where a person wants it, or a curve; None if the wire needs a lane."""
        search = _Search(self, key, wire)
        return search.bent() or search.curve()

    def lane(self, key: Any, wire: WireEnds) -> Way:
        """The way of a wire that needs a lane. It heeds all cards, and the ways of a better rank."""
        search = _Search(self, key, wire)
        search.curve()  # looks where a card would decide otherwise
        return search.lane() or search.anyhow()

    def rank(self, key: Any, wire: WireEnds) -> Rank:
        """The rank of a wire that needs a lane."""
        return _Search(self, key, wire).rank


class _Search:
    """One search; remembers how far it looked."""

    def __init__(self, ways: Ways, key: Any, wire: WireEnds) -> None:
        self._ways, self._key, self._wire = ways, key, wire
        self._seen: tuple[float, float, float, float] | None = None
        span = abs(wire.end[1] - wire.start[1])
        self.rank: Rank = (1, span, key)

    # The three kinds of ways

    def bent(self) -> Way | None:
        """Through the points that a person has set, over whatever lies there; one point alone moves the lane."""
        wire = self._wire
        if not wire.bends:
            return None
        (x1, y1), (x2, y2) = wire.start, wire.end
        self._look(x1, y1, x2, y2)
        self.rank = (0, 0.0, self._key)
        card, aside, last = wire.source, wire.bends[0][0], wire.bends[-1][0]
        level, middle = y1 + STUBS[0], card.y + card.height / 2
        first: tuple[Point, ...] = (wire.start, (x1, level), (aside, level))
        if wire.side_exit and not card.x - CLEAR < aside < card.right + CLEAR:
            first = ((card.right if aside > card.right else card.x, middle), (aside, middle))
        end = ((last, y2 - STUBS[0]), (x2, y2 - STUBS[0]), wire.end)
        return self._way(tuple(dict.fromkeys((*first, *wire.bends, *end))))

    def curve(self) -> Way | None:
        """A smooth curve, where it is short and meets no layer."""
        (x1, y1), (x2, y2) = self._wire.start, self._wire.end
        is_straight = abs(x1 - x2) < 1
        if y2 - y1 < 2 * LEVEL_APART + CLEAR or (y2 - y1 > CLOSE and not is_straight):
            self._look(x1, y1, x2, y2)
            return None
        near = [rect.grown(4) for rect in self._cards(min(x1, x2) - 4, y1, max(x1, x2) + 4, y2)]
        points = bezier(self._wire.start, self._wire.end)
        if near and (is_straight or is_hit(points, near)):
            return None
        rank: Rank = (0, abs(x1 - x2) + y2 - y1, self._key)
        if is_straight:
            boxes = line_boxes((points[0], points[3]), points[0], self._key, rank, self._room)
        else:
            boxes = curve_boxes(points, self._key, rank)
        return Way(points, False, rank, boxes, self._rect())

    def lane(self) -> Way | None:
        """Beside what is in the way: the shortest one found, where a crossing counts as a detour."""
        for room, apart in ((self._room, True), (CLEAR + 14, False)):
            best: tuple[float, tuple[Point, ...]] | None = None
            for x in self._columns(room, apart):
                corners = self._corners(x)
                if corners is None:
                    continue
                cost = length(corners) + CROSSING * self._crossings(corners)
                if best is None or cost < best[0] - 0.01:
                    best = cost, corners
            if best is not None:
                return self._way(best[1])
        return None

    def anyhow(self) -> Way:
        """Where nothing is free: outside of both layers, over what is there rather than not at all."""
        wire = self._wire
        x = max(wire.source.right, wire.target.right) + self._room
        return self._way(next(self._variants(x)))

    # Where a lane may be

    @property
    def _room(self) -> float:
        return self._wire.pill[0] / 2 + 12

    def _columns(self, room: float, apart: bool) -> Iterator[float]:
        """Places for the long run: the ports themselves, and the nearest free ones to each side of the layers."""
        wire = self._wire
        yield wire.start[0]
        if abs(wire.end[0] - wire.start[0]) > 1:
            yield wire.end[0]
        found = set[float]()
        for card in (wire.source, wire.target):
            for x, side in ((card.right + room, 1), (card.x - room, -1)):
                free = self._free_column(x, side, room, apart)
                if free is not None and free not in found:
                    found.add(free)
                    yield free

    def _free_column(self, x: float, side: int, room: float, apart: bool) -> float | None:
        """The first place from `x` to that side where an upright run meets no layer and no other lane."""
        wire = self._wire
        middle = wire.source.y + wire.source.height / 2
        top, bottom = sorted((middle, wire.end[1] - STUBS[0]))
        for _ in range(TRIES):
            blocks = [
                rect.right + room if side > 0 else rect.x - room
                for rect in self._cards(x - CLEAR, top, x + CLEAR, bottom)
            ]
            for line in self._strands(x - 120, top, x + 120, bottom):
                if line.owner.run == "upright":
                    away = max(APART, line.owner.room) if apart else APART
                    if abs(line.x - x) < away - 0.01:
                        blocks.append(line.x + side * away)
            further = [at for at in blocks if (at - x) * side > 0.01]
            if not further:
                return x if not blocks else None
            x = max(further) if side > 0 else min(further)
        return None

    def _corners(self, x: float) -> tuple[Point, ...] | None:
        """The first way by a run at `x` that meets nothing."""
        top, bottom = self._wire.start[1] + STUBS[-1], self._wire.end[1] - STUBS[-1]
        if top < bottom and not self._leg_is_free((x, top), (x, bottom)):  # what all of them have in common
            return None
        return next((corners for corners in self._variants(x) if self._is_free(corners)), None)

    def _variants(self, x: float) -> Iterator[tuple[Point, ...]]:
        """Ways by a run at `x`: from the side of the layer and from its port, turning near to a port or a bit off."""
        wire = self._wire
        (x1, y1), (x2, y2), card = wire.start, wire.end, wire.source
        middle, is_beside = card.y + card.height / 2, not card.x - CLEAR < x < card.right + CLEAR
        for stub in STUBS:
            end = ((x, y2 - stub), (x2, y2 - stub), (x2, y2))
            if wire.side_exit and is_beside:
                yield plain(((card.right if x > card.right else card.x, middle), (x, middle), *end))
            for turn in STUBS if abs(x - x1) > 1 else STUBS[:1]:
                yield plain(((x1, y1), (x1, y1 + turn), (x, y1 + turn), *end))

    def _is_free(self, corners: tuple[Point, ...]) -> bool:
        return all(self._leg_is_free(one, other) for one, other in pairwise(corners))

    def _leg_is_free(self, one: Point, other: Point) -> bool:
        wire = self._wire
        x, right = sorted((one[0], other[0]))
        y, bottom = sorted((one[1], other[1]))
        for box in self._cards(x - CLEAR, y - CLEAR, right + CLEAR, bottom + CLEAR):
            if box not in (wire.source, wire.target):
                return False
            inner = box.grown(-4)  # its own layers it may touch, where the ports are
            if inner.x < right + 2 and x - 2 < inner.right and inner.y < bottom + 2 and y - 2 < inner.bottom:
                return False
        is_upright = right - x < bottom - y
        across, along = (APART, 0.0) if is_upright else (0.0, LEVEL_APART)
        run = "upright" if is_upright else "level"
        return not any(
            line.owner.run == run
            for line in self._strands(x - across, y - along, right + across, bottom + along)
            if not self._is_at_port(line, is_upright)
        )

    def _is_at_port(self, line: Box[Strand], is_upright: bool) -> bool:
        """Wires at neighbouring ports of one layer come closer to each other than lanes."""
        wire = self._wire
        if not is_upright:
            return False
        return line.bottom == wire.end[1] or (line.y == wire.start[1] and line.x != wire.start[0])

    def _crossings(self, corners: tuple[Point, ...]) -> int:
        crossed = set[Any]()
        for one, other in pairwise(corners):
            x, right = sorted((one[0], other[0]))
            y, bottom = sorted((one[1], other[1]))
            crossed.update(
                line.owner.key
                for line in self._strands(x - 0.5, y - 0.5, right + 0.5, bottom + 0.5)
                if line.owner.run != run_of(one, other)
            )
        return len(crossed)

    # What is there

    def _cards(self, x: float, y: float, right: float, bottom: float) -> list[Rect]:
        self._look(x, y, right, bottom)
        return [box.owner for box in self._ways.cards.near(x, y, right, bottom)]

    def _strands(self, x: float, y: float, right: float, bottom: float) -> list[Box[Strand]]:
        """Lines of a better rank; those of the same output are not in the way."""
        self._look(x, y, right, bottom)
        start, rank = self._wire.start, self.rank
        near = self._ways.strands.near(x, y, right, bottom)
        return [line for line in near if line.owner.start != start and line.owner.rank < rank]

    def _look(self, x: float, y: float, right: float, bottom: float) -> None:
        seen = self._seen
        if seen is None:
            self._seen = (min(x, right), min(y, bottom), max(x, right), max(y, bottom))
        else:
            self._seen = min(seen[0], x), min(seen[1], y), max(seen[2], right), max(seen[3], bottom)

    def _rect(self) -> Rect:
        x, y, right, bottom = self._seen or (*self._wire.start, *self._wire.end)
        return Rect(x - 1, y - 1, right - x + 2, bottom - y + 2)

    def _way(self, points: tuple[Point, ...]) -> Way:
        boxes = line_boxes(points, self._wire.start, self._key, self.rank, self._room)
        return Way(points, True, self.rank, boxes, self._rect())
