"""A wire on the sheet: the way it runs, where its pill lies, and what it shows just now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF
from PySide6.QtGui import QPainterPath

from designer.canvas.arranging.routing import Point, Route, cubic
from designer.canvas.views import PortKey, Rect, WireView

CORNER = 12.0
PIECES = 12  # straight pieces of a curve, for finding a wire by its place
WireKey = tuple[PortKey, PortKey]
AIR = 4.0  # beside a wire's line: half the width of the widest pen


def wire_path(points: Sequence[Point], is_lane: bool) -> QPainterPath:
    """A cubic curve through four points, or a lane with round corners."""
    path = QPainterPath(QPointF(*points[0]))
    if not is_lane:
        path.cubicTo(QPointF(*points[1]), QPointF(*points[2]), QPointF(*points[3]))
        return path
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        path.lineTo(_towards(corner, before))
        path.quadTo(QPointF(*corner), _towards(corner, after))
    path.lineTo(QPointF(*points[-1]))
    return path


def _towards(corner: Point, other: Point) -> QPointF:
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = abs(dx) + abs(dy)  # one of the two is zero
    share = min(CORNER, length / 2) / length if length else 0.0
    return QPointF(corner[0] + dx * share, corner[1] + dy * share)


class WireItem:
    """Shows one `WireView`; `changed` is called with the wire before and after each change of its looks."""

    def __init__(self, view: WireView, changed: Callable[[WireItem], None] = lambda wire: None) -> None:
        self.view = view
        self.pill: Rect | None = None
        """Where its pill lies; None where it has no place, or the wire at its side shows the same."""
        self._changed = changed
        self._points: tuple[Point, ...] = ()
        self._is_lane = False
        self._path: QPainterPath | None = None
        self._chosen = False
        self._visible = True
        self.lines: list[QLineF] = []
        """What it is from far away."""
        self.is_plain = not view.error
        """Whether it looks like most others: painted, not selected, without an error."""

    @property
    def chosen(self) -> bool:
        """Whether the wire is selected."""
        return self._chosen

    @property
    def is_visible(self) -> bool:
        """Whether it is painted: the wire whose end is being moved is not."""
        return self._visible

    def show_view(self, view: WireView) -> None:
        """Draw this wire from now on."""
        self.view = view
        self._renew()

    def set_chosen(self, chosen: bool) -> None:
        """Whether this is the selected wire, or the one a dragged layer would be dropped on."""
        if chosen != self._chosen:
            self._chosen = chosen
            self._renew()

    def setVisible(self, visible: bool) -> None:
        """Paint it, or do not for a while."""
        if visible != self._visible:
            self._visible = visible
            self._renew()

    def _renew(self) -> None:
        self.is_plain = self._visible and not self._chosen and not self.view.error
        self._changed(self)

    def run(self, route: Route) -> None:
        """Run that way from now on."""
        self._points, self._is_lane, self.pill = route.points, route.is_lane, route.pill
        self._path = None
        ends = self._points if self._is_lane else (self._points[0], self._points[-1])
        self.lines = [QLineF(*one, *other) for one, other in pairwise(ends)]

    def path(self) -> QPainterPath:
        """Its line; empty as long as it has no way."""
        if not self._points:
            return QPainterPath()
        if self._path is None:
            self._path = wire_path(self._points, self._is_lane)
        return self._path

    def covers(self) -> tuple[Rect, ...]:
        """What its line and its pill lie in."""
        found = [self.pill] if self.pill is not None else []
        if self._is_lane:
            found += [_around(pair) for pair in pairwise(self._points)]
        elif self._points:
            found.append(_around(self._points))
        return tuple(found)

    def middle(self) -> Point:
        """A point on or close to its line, half way."""
        return self._points[len(self._points) // 2]

    def is_near(self, place: Point, reach: float) -> bool:
        """Whether its line passes that place, at most `reach` pixels away."""
        return any(_distance(place, *pair) <= reach for pair in pairwise(self._pieces()))

    def _pieces(self) -> Sequence[Point]:
        if self._is_lane or not self._points:
            return self._points
        return [cubic(self._points, step / PIECES) for step in range(PIECES + 1)]


def _around(points: Sequence[Point]) -> Rect:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Rect(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)).grown(AIR)


def _distance(place: Point, start: Point, end: Point) -> float:
    """How far a place is from a straight piece."""
    (x, y), (x1, y1), (x2, y2) = place, start, end
    dx, dy = x2 - x1, y2 - y1
    length = dx * dx + dy * dy
    share = max(0.0, min(1.0, ((x - x1) * dx + (y - y1) * dy) / length)) if length else 0.0
    return float(((x - x1 - share * dx) ** 2 + (y - y1 - share * dy) ** 2) ** 0.5)
