"""Where the pill of a wire lies: on its wire, over no layer, no other pill, and if that can be no other wire."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from designer.canvas.arranging.spots import Few, Spots
from designer.canvas.arranging.wire_shapes import Point, Strand, Way, WireEnds, cubic
from designer.canvas.views import Rect

SPREAD = (0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7, 0.25, 0.75)  # where on a curve its pill may lie
SLIDES = tuple(side * step / 6 for step in range(1, 7) for side in (1, -1))  # and how far beside it
EDGE = 4.0  # what stays on its wire of a pill that lies beside it
STEP = 12.0
MOST_STEPS = 40
MOST_BESIDE = 7  # of the places on a wire that are tried beside it, too
FROM_CARD, FROM_PILL, FROM_WIRE = 3.0, 2.0, 7.0
PillRank = tuple[float, Any]


def pill_rank(key: Any, wire: WireEnds) -> PillRank:
    """Short wires choose first."""
    return abs(wire.end[0] - wire.start[0]) + abs(wire.end[1] - wire.start[1]), key


class PillSpots:
    """Finds places for pills among cards, ways and the pills that are there."""

    def __init__(self, cards: Spots[Rect], strands: Spots[Strand]) -> None:
        self._cards, self._strands = cards, strands
        self.pills: Spots[PillRank] = Spots()

    def find(self, key: Any, wire: WireEnds, way: Way) -> Rect | None:
        """The first place on the wire, slid sideways if need be, where the pill covers nothing."""
        width, height = wire.pill
        if not width:
            return None
        rank, start = pill_rank(key, wire), wire.start
        cards: Few[Rect] | Spots[Rect] = self._cards
        strands: Few[Strand] | Spots[Strand] = self._strands
        pills: Few[PillRank] | Spots[PillRank] = self.pills
        if not way.is_lane:  # all its places lie close together
            area = reach(wire, way)
            around = area.x, area.y, area.right, area.bottom
            lines = (line for line in strands.near(*around) if _is_other(line.owner, key, start))
            cards, strands = Few(cards.near(*around)), Few(lines)
            pills = Few(pill for pill in pills.near(*around) if pill.owner < rank)
        over_wires: Rect | None = None
        for x, y in _all_spots(way, width):
            left, top = x - width / 2, y - height / 2
            right, bottom = left + width, top + height
            if cards.near(left - FROM_CARD, top - FROM_CARD, right + FROM_CARD, bottom + FROM_CARD):
                continue
            beside = pills.near(left - FROM_PILL, top - FROM_PILL, right + FROM_PILL, bottom + FROM_PILL)
            if any(pill.owner < rank for pill in beside):
                continue
            below = strands.near(left - FROM_WIRE, top - FROM_WIRE, right + FROM_WIRE, bottom + FROM_WIRE)
            if not any(_is_other(line.owner, key, start) for line in below):
                return Rect(left, top, width, height)
            over_wires = over_wires or Rect(left, top, width, height)
        return over_wires


def _is_other(strand: Strand, key: Any, start: Point) -> bool:
    """Whether it is of a wire with another output, so that a pill there would hide it."""
    return strand.key != key and strand.start != start


def reach(wire: WireEnds, way: Way) -> Rect:
    """All that the search for a pill's place may look at."""
    xs, ys = [x for x, _ in way.points], [y for _, y in way.points]
    across, along = wire.pill[0] + FROM_WIRE + 1, wire.pill[1] + FROM_WIRE + 1
    x, y = min(xs) - across, min(ys) - along
    return Rect(x, y, max(xs) + across - x, max(ys) + along - y)


def _all_spots(way: Way, width: float) -> Iterator[Point]:
    """First those on the wire, then those beside it."""
    spots = list(_spots(way, width))
    yield from spots
    for slide in SLIDES:
        for x, y in spots[:MOST_BESIDE]:
            yield x + slide * (width / 2 - EDGE), y


def _spots(way: Way, width: float) -> Iterator[Point]:
    """Middles for a pill, the best first: of a lane its longest run, from the middle outwards."""
    if not way.is_lane:
        yield from (cubic(way.points, t) for t in SPREAD)
        return
    legs = sorted(pairwise(way.points), key=lambda leg: abs(leg[0][1] - leg[1][1]), reverse=True)
    for (x1, y1), (x2, y2) in legs:
        length = abs(x2 - x1) + abs(y2 - y1)
        if length < (width if abs(y2 - y1) < 1 else 2 * STEP):
            continue
        steps = min(int(length / STEP / 2), MOST_STEPS)
        for step in range(steps):
            for side in (1, -1) if step else (1,):
                share = 0.5 + side * step * STEP / length
                yield x1 + (x2 - x1) * share, y1 + (y2 - y1) * share
