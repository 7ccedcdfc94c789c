"""What a wire looks like to the router: its ends, the way it takes, and the lines that others keep clear of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from designer.canvas.arranging.spots import Box
from designer.canvas.views import Rect

Point = tuple[float, float]
Rank = tuple[
    int, float, Any
]  # curves before lanes, short ones first, then by key: who comes first chooses first
Run = Literal["upright", "level", "slanted"]

PIECES = 6  # boxes that stand for a curve
SAMPLES = 40
LONG = 100.0  # runs that carry a pill


@dataclass(frozen=True)
class WireEnds:
    """A wire as the router sees it: its two ports, the cards they stand on, and the size of its pill."""

    start: Point
    end: Point
    source: Rect
    target: Rect
    pill: tuple[float, float]
    side_exit: bool = True  # a layer of one output may be left from the side
    bends: tuple[Point, ...] = ()  # where a person wants it to pass


class Strand(NamedTuple):
    """Whose a line is that runs here, and how it runs; lanes keep `room` from it for its pill."""

    key: Any
    start: Point
    rank: Rank
    run: Run
    room: float


@dataclass
class Way:
    """Corners of a lane, or a curve's four points; the boxes it lies in; and how far its search has looked."""

    points: tuple[Point, ...]
    is_lane: bool
    rank: Rank
    boxes: list[Box[Strand]]
    seen: Rect

    @property
    def is_easy(self) -> bool:
        """Whether it heeds no other way."""
        return self.rank[0] == 0


def bezier(start: Point, end: Point) -> tuple[Point, Point, Point, Point]:
    """The four points of the smooth curve between an output and an input."""
    reach = max(18.0, min(abs(end[1] - start[1]) / 2, 120.0))
    return start, (start[0], start[1] + reach), (end[0], end[1] - reach), end


def cubic(points: Sequence[Point], t: float) -> Point:
    """The point at `t` in 0..1 of a cubic curve."""
    u = 1 - t
    a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = points
    return a * x1 + b * x2 + c * x3 + d * x4, a * y1 + b * y2 + c * y3 + d * y4


def run_of(one: Point, other: Point) -> Run:
    """How a line between two points runs."""
    across, along = abs(one[0] - other[0]), abs(one[1] - other[1])
    return "upright" if across < 1 else "level" if along < 1 else "slanted"


def line_boxes(points: Sequence[Point], start: Point, key: Any, rank: Rank, room: float) -> list[Box[Strand]]:
    """The boxes of straight runs from an output at `start`; `room` is kept free beside long upright ones."""
    found: list[Box[Strand]] = []
    for one, other in pairwise(points):
        x, right = sorted((one[0], other[0]))
        y, bottom = sorted((one[1], other[1]))
        strand = Strand(key, start, rank, run_of(one, other), room if bottom - y > LONG else 0.0)
        found.append(Box(x, y, right, bottom, strand))
    return found


def curve_boxes(points: Sequence[Point], key: Any, rank: Rank) -> list[Box[Strand]]:
    """The boxes of the pieces of a curve."""
    corners = [cubic(points, step / PIECES) for step in range(PIECES + 1)]
    strand = Strand(key, points[0], rank, "slanted", 0.0)
    return [Box(min(a[0], b[0]), a[1], max(a[0], b[0]), b[1], strand) for a, b in pairwise(corners)]


def plain(corners: tuple[Point, ...]) -> tuple[Point, ...]:
    """Without corners that are none: two in one place, or three in one line."""
    found: list[Point] = []
    for corner in corners:
        if found and abs(found[-1][0] - corner[0]) < 0.01 and abs(found[-1][1] - corner[1]) < 0.01:
            continue
        if len(found) > 1 and any(
            abs(found[-2][a] - corner[a]) + abs(found[-1][a] - corner[a]) < 0.01 for a in (0, 1)
        ):
            found.pop()
        found.append(corner)
    return tuple(found)


def length(corners: tuple[Point, ...]) -> float:
    """How long a way is; each corner counts a little."""
    return sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) + 8 for a, b in pairwise(corners))


def is_hit(points: tuple[Point, ...], rects: list[Rect]) -> bool:
    """Whether a curve runs through one of the rectangles."""
    on_the_way = [cubic(points, step / SAMPLES) for step in range(SAMPLES + 1)]
    return any(r.x < x < r.right and r.y < y < r.bottom for r in rects for x, y in on_the_way)
