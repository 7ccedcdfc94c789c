"""Where something that is dragged catches: on its neighbours' edges and centres, else on the grid. No Qt."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from typing import NamedTuple

from designer.canvas.views import Rect

TOUCHING = 0.5  # pixels: lines nearer than this are the same line
OVERHANG = 12.0  # how far a guide line reaches beyond what it joins


class Line(NamedTuple):
    """A thin guide from one point of the sheet to another."""

    x1: float
    y1: float
    x2: float
    y2: float


class Catch(NamedTuple):
    """How far to move so that it catches, and the guides that say on what."""

    dx: float
    dy: float
    guides: tuple[Line, ...]


class _Lines:
    """The left edges, centres and right edges of rectangles (of turned ones: tops, middles, bottoms), sorted."""

    def __init__(self, rects: Iterable[Rect]) -> None:
        kept = list(rects)
        self._sorted = [
            sorted(((place(rect), rect) for rect in kept), key=lambda entry: entry[0]) for place in _PLACES
        ]

    def pull(self, moving: Rect, reach: float) -> float | None:
        """The shortest way along x onto a line of the same kind, at most `reach`."""
        best: float | None = None
        for kind, place in enumerate(_PLACES):
            at = place(moving)
            for x, _ in self._near(kind, at, reach):
                if best is None or abs(x - at) < abs(best):
                    best = x - at
        return best

    def on(self, moving: Rect) -> list[tuple[float, float, float]]:
        """The lines it stands on: their x, and from where to where they reach, `moving` included."""
        found: dict[float, tuple[float, float]] = {}
        for kind, place in enumerate(_PLACES):
            at = place(moving)
            others = [rect for _, rect in self._near(kind, at, TOUCHING)]
            if others:
                nearest = min(others, key=lambda rect: _gap(rect, moving))
                found[at] = min(nearest.y, moving.y), max(nearest.bottom, moving.bottom)
        return [(x, top, bottom) for x, (top, bottom) in found.items()]

    def _near(self, kind: int, at: float, reach: float) -> list[tuple[float, Rect]]:
        entries = self._sorted[kind]
        first = bisect.bisect_left(entries, at - reach, key=lambda entry: entry[0])
        last = bisect.bisect_right(entries, at + reach, key=lambda entry: entry[0])
        return entries[first:last]


def _left(rect: Rect) -> float:
    return rect.x


def _centre(rect: Rect) -> float:
    return rect.x + rect.width / 2


def _right(rect: Rect) -> float:
    return rect.right


_PLACES = (_left, _centre, _right)


def _gap(one: Rect, other: Rect) -> float:
    return max(one.y - other.bottom, other.y - one.bottom, 0.0)


class Snapping:
    """Made once when a drag begins, of what stands around; asked at every move."""

    def __init__(
        self, around: Iterable[Rect], grid: float, through: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        """`through` is a point of the grid: what goes along with something off the grid keeps its own place on it."""
        rects = list(around)
        self._grid, self._through = grid, through
        self._upright = _Lines(rects)
        self._level = _Lines(_turned(rect) for rect in rects)

    def catch(self, moving: Rect, reach: float) -> Catch:
        """Where `moving` would catch; neighbours within `reach` come before the grid."""
        dx = self._upright.pull(moving, reach)
        dy = self._level.pull(_turned(moving), reach)
        to = moving._replace(
            x=self._on_grid(moving.x, self._through[0]) if dx is None else moving.x + dx,
            y=self._on_grid(moving.y, self._through[1]) if dy is None else moving.y + dy,
        )
        guides = [Line(x, top - OVERHANG, x, bottom + OVERHANG) for x, top, bottom in self._upright.on(to)]
        guides += [
            Line(left - OVERHANG, y, right + OVERHANG, y) for y, left, right in self._level.on(_turned(to))
        ]
        return Catch(to.x - moving.x, to.y - moving.y, tuple(guides))

    def _on_grid(self, at: float, through: float) -> float:
        return round((at - through) / self._grid) * self._grid + through


def _turned(rect: Rect) -> Rect:
    return Rect(rect.y, rect.x, rect.height, rect.width)
