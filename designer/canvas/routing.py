"""Where wires run and where their pills lie: plain geometry, no Qt.

A wire to a layer just below is a smooth curve. One that would run through a layer gets a lane of its own
beside the chain. A pill lies on its wire where it covers neither a layer nor another pill.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from designer.canvas.views import Rect

Point = tuple[float, float]
STUB = 9.0  # how far a lane wire keeps from the row of its port
CLEAR = 8.0  # air between a wire and a layer it passes
APART = 16.0  # air between two lanes
NARROW = 22.0  # a lane that has no room for its pill beside a layer: half the gap between two columns
SAMPLES = 40
SPREAD = (0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7, 0.25, 0.75)  # where on a wire its pill may lie


@dataclass(frozen=True)
class WireEnds:
    """A wire as the router sees it: its two ports, the cards they stand on, and the size of its pill."""

    start: Point
    end: Point
    source: Rect
    target: Rect
    pill: tuple[float, float]
    side_exit: bool = True  # a layer of one output may be left from the side


@dataclass(frozen=True)
class Route:
    """`points`: the corners of a lane, or a cubic curve's four points; `pill` is None where none fits."""

    points: tuple[Point, ...]
    is_lane: bool
    pill: Rect | None


class Obstacles:
    """Rectangles found by their height: those that a horizontal band meets."""

    def __init__(self, rects: Iterable[Rect]) -> None:
        self._rects = sorted(rects, key=lambda rect: rect.y)
        self._tops = [rect.y for rect in self._rects]
        self._tallest = max((rect.height for rect in self._rects), default=0.0)

    def band(self, top: float, bottom: float) -> list[Rect]:
        """All that reach into the heights between `top` and `bottom`."""
        first = bisect.bisect_left(self._tops, top - self._tallest)
        last = bisect.bisect_right(self._tops, bottom)
        return [rect for rect in self._rects[first:last] if rect.bottom > top]

    def free(self, rect: Rect) -> bool:
        """Whether nothing lies there."""
        return not any(rect.meets(other) for other in self.band(rect.y, rect.bottom))

    def add(self, rect: Rect) -> None:
        """One more obstacle."""
        at = bisect.bisect_left(self._tops, rect.y)
        self._rects.insert(at, rect)
        self._tops.insert(at, rect.y)
        self._tallest = max(self._tallest, rect.height)


def route_all(wires: Sequence[WireEnds], rects: Iterable[Rect]) -> list[Route]:
    """A route for each wire, in their order. `rects` are all cards and chips; short wires choose first."""
    cards = Obstacles(rects)
    pills = Obstacles(())
    lanes = Obstacles(())
    found: list[Route | None] = [None] * len(wires)
    curved = [number for number, wire in enumerate(wires) if _curve_is_free(wire, cards)]
    for number in sorted(curved, key=lambda n: _length(wires[n])):
        wire = wires[number]
        curve = bezier(wire.start, wire.end)
        pill = _place(pills, cards, (cubic(curve, t) for t in SPREAD), wire.pill)
        found[number] = Route(curve, False, pill)
    rest = sorted(
        set(range(len(wires))).difference(curved),
        key=lambda n: (abs(wires[n].end[1] - wires[n].start[1]), n),
    )
    for number in rest:
        found[number] = _lane(wires[number], cards, pills, lanes)
    return [route for route in found if route is not None]


def _length(wire: WireEnds) -> float:
    return abs(wire.end[0] - wire.start[0]) + abs(wire.end[1] - wire.start[1])


def bezier(start: Point, end: Point) -> tuple[Point, Point, Point, Point]:
    """The four points of the smooth curve between an output and an input."""
    reach = max(18.0, min(abs(end[1] - start[1]) / 2, 120.0))
    return start, (start[0], start[1] + reach), (end[0], end[1] - reach), end


def cubic(points: Sequence[Point], t: float) -> Point:
    """The point at `t` in 0..1 of a cubic curve."""
    u = 1 - t
    weights = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
    (a, b, c, d), ((x1, y1), (x2, y2), (x3, y3), (x4, y4)) = weights, points
    return a * x1 + b * x2 + c * x3 + d * x4, a * y1 + b * y2 + c * y3 + d * y4


def _curve_is_free(wire: WireEnds, cards: Obstacles) -> bool:
    (_, top), (_, bottom) = wire.start, wire.end
    if bottom - top < 2 * STUB:
        return False
    near = [rect.grown(4) for rect in cards.band(top, bottom) if rect not in (wire.source, wire.target)]
    if not near:
        return True
    curve = bezier(wire.start, wire.end)
    points = [cubic(curve, step / SAMPLES) for step in range(SAMPLES + 1)]
    return not any(r.x < x < r.right and r.y < y < r.bottom for r in near for x, y in points)


def _lane(wire: WireEnds, cards: Obstacles, pills: Obstacles, lanes: Obstacles) -> Route:
    top = min(wire.source.y, wire.target.y - STUB)
    bottom = max(wire.source.bottom + STUB, wire.target.y)
    room = wire.pill[0] / 2 + 12
    passed = cards.band(top, bottom)
    taken = lanes.band(top, bottom)
    ends = (wire.start[0], wire.end[0])
    wide = {round(x, 1) for rect in (*passed, *taken) for x in (rect.right + room, rect.x - room)}
    narrow = {round(x, 1) for rect in (*passed, *taken) for x in (rect.right + NARROW, rect.x - NARROW)}
    ways = _by_length(wide | set(ends), ends), _by_length(narrow, ends)
    for with_pill, chosen in ((True, ways[0]), (True, ways[1]), (False, ways[0] + ways[1])):
        for corners in (corners for x in chosen for corners in _corners(wire, x)):
            if not _corners_are_free(wire, corners, cards, lanes):
                continue
            (x, high), (_, low) = sorted(corners[-4:-2], key=lambda p: p[1])
            pill = _place(pills, cards, [(x, high + (low - high) * t) for t in SPREAD], wire.pill)
            if pill is None and with_pill and wire.pill[0]:
                continue
            lanes.add(Rect(x, high, 0.1, low - high))
            return Route(corners, True, pill)
    # Nothing is free: outermost, over what is there rather than not at all.
    outside = max(rect.right for rect in (*passed, wire.source, wire.target)) + room
    return Route(_corners(wire, outside)[-1], True, None)


def _by_length(ways: set[float], ends: tuple[float, float]) -> list[float]:
    """The nearest lane first; of two as near, the right one."""
    return sorted(ways, key=lambda x: (abs(x - ends[0]) + abs(x - ends[1]), -x))


def _corners(wire: WireEnds, x: float) -> list[tuple[Point, ...]]:
    """Ways by a lane at `x`, from the side and from the port, each ending (lane, lane, above port, port)."""
    (x1, y1), (x2, y2) = wire.start, wire.end
    source = wire.source
    end: tuple[Point, ...] = ((x, y2 - STUB), (x2, y2 - STUB), (x2, y2))
    below = ((x1, y1), (x1, y1 + STUB), (x, y1 + STUB), *end)
    if not wire.side_exit or source.x - CLEAR < x < source.right + CLEAR:
        return [below]
    middle = source.y + source.height / 2
    return [((source.right if x > source.right else source.x, middle), (x, middle), *end), below]


def _corners_are_free(wire: WireEnds, corners: tuple[Point, ...], cards: Obstacles, lanes: Obstacles) -> bool:
    for (x1, y1), (x2, y2) in pairwise(corners):
        part = Rect(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1)).grown(2)
        near = cards.band(part.y - CLEAR, part.bottom + CLEAR)
        if any(part.meets(rect.grown(CLEAR - 2)) for rect in near if rect not in (wire.source, wire.target)):
            return False
        if any(part.meets(rect.grown(-4)) for rect in (wire.source, wire.target)):
            return False
    (x, high), (_, low) = sorted(corners[-4:-2], key=lambda p: p[1])
    return lanes.free(Rect(x - APART, high, 2 * APART, max(low - high, 0.1)))


def _place(
    pills: Obstacles, cards: Obstacles, spots: Iterable[Point], size: tuple[float, float]
) -> Rect | None:
    """The first place on the wire, slid sideways if need be, where the pill covers nothing; takes it."""
    width = size[0]
    if not width:
        return None
    tried: list[Point] = []
    for x, y in spots:  # on the wire's own line first, most wires find their place there at once
        if (rect := _free_rect(pills, cards, x, y, size)) is not None:
            return rect
        tried.append((x, y))
    for step in (1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6):
        slide = step * (width / 2 - 8) / 6
        for x, y in tried:
            if (rect := _free_rect(pills, cards, x + slide, y, size)) is not None:
                return rect
    return None


def _free_rect(
    pills: Obstacles, cards: Obstacles, x: float, y: float, size: tuple[float, float]
) -> Rect | None:
    """The pill centred at `x`, `y` if it covers nothing there; takes the place."""
    rect = Rect(x - size[0] / 2, y - size[1] / 2, *size)
    if not cards.free(rect.grown(3)) or not pills.free(rect.grown(2)):
        return None
    pills.add(rect)
    return rect
