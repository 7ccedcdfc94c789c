"""Bends of a wire: added, moved and taken away by the hand."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF
from PySide6.QtGui import QPainterPath

from designer.canvas.arranging.places import whole
from designer.canvas.gestures.touch import Touch, is_drag
from designer.canvas.shown import wire_of
from graph_ir.graph import Wire

if TYPE_CHECKING:
    from designer.canvas.stock import WireKey
    from designer.canvas.view import Canvas

REACH = 8.0  # pixels of the window: how near a bend is taken hold of
STRAIGHT = 7.0  # how near the straight line a bend is let go to be gone
Point = tuple[float, float]


class Bend:
    """Drags a bend. One that is new is there once the mouse is let go; a click that drags nothing toggles the wire."""

    scrolls = True

    def __init__(self, canvas: Canvas, here: Touch, key: WireKey, index: int | None) -> None:
        self._canvas, self._start, self._key = canvas, here, key
        self._was = canvas.canvas_scene.wires[key].view.bends
        self._is_new = index is None
        self._index = place_on(canvas, key, here.place) if index is None else index
        self._points: list[Point] | None = None

    def move(self, here: Touch) -> None:
        """Show the way the wire would take."""
        if self._points is None and not is_drag(self._start, here):
            return
        rest = self._was if self._is_new else self._was[: self._index] + self._was[self._index + 1 :]
        self._points = list(rest)
        spot = here.place if here.alt or not self._canvas.snaps else self._canvas.snapped(here.place, 0.5)
        if not self._is_straight(here.place, rest):
            self._points.insert(self._index, (spot.x(), spot.y()))
        start, end = ports_of(self._canvas, self._key)
        corners = [QPointF(*point) for point in (start, *self._points, end)]
        path = QPainterPath(corners[0])
        for corner in corners[1:]:
            path.lineTo(corner)
        self._canvas.guides.show(path=path)

    def _is_straight(self, place: QPointF, rest: tuple[Point, ...]) -> bool:
        """Whether a bend let go here would bend nothing: it lies on the line between its neighbours."""
        if self._is_new:
            return False
        start, end = ports_of(self._canvas, self._key)
        way = [start, *rest, end]
        return _away(place, way[self._index], way[self._index + 1]) <= STRAIGHT / self._canvas.zoom

    def release(self, here: Touch) -> None:
        """Bend it so."""
        self._canvas.guides.clear()
        if self._points is not None:
            set_bends(self._canvas, self._key, self._points)
        elif self._is_new:
            self._canvas.toggle_wire(wire_of(self._key))

    def cancel(self) -> None:
        """As it was."""
        self._canvas.guides.clear()


def bend_at(canvas: Canvas, place: QPointF) -> tuple[WireKey, int] | None:
    """The bend of a selected wire, or of the wire that is there, near a place of the sheet."""
    scene, reach = canvas.canvas_scene, REACH / canvas.zoom
    under = scene.wire_at(place, reach)
    keys = [*scene.chosen_wires(), *([under.view.key] if under is not None else [])]
    for key in keys:
        for index, point in enumerate(scene.wires[key].view.bends):
            if QLineF(QPointF(*point), place).length() <= reach:
                return key, index
    return None


def add_bend(canvas: Canvas, key: WireKey, place: QPointF | None = None) -> None:
    """Bend a wire at a place of the sheet; without one, in the middle of its longest straight piece."""
    view = canvas.canvas_scene.wires[key].view
    start, end = ports_of(canvas, key)
    way = [start, *view.bends, end]
    if place is None:
        longest = max(
            pairwise(way), key=lambda piece: QLineF(QPointF(*piece[0]), QPointF(*piece[1])).length()
        )
        place = (QPointF(*longest[0]) + QPointF(*longest[1])) / 2
    points = list(view.bends)
    points.insert(place_on(canvas, key, place), (place.x(), place.y()))
    set_bends(canvas, key, points)


def remove_bend(canvas: Canvas, key: WireKey, index: int) -> None:
    """Take one bend away."""
    bends = canvas.canvas_scene.wires[key].view.bends
    set_bends(canvas, key, [*bends[:index], *bends[index + 1 :]])


def set_bends(canvas: Canvas, key: WireKey, points: list[Point]) -> None:
    """Lead a wire through these points; it stays selected, so that its bends can be seen."""
    wire: Wire = wire_of(key)
    rounded = [(whole(round(x)), whole(round(y))) for x, y in points]
    canvas.attempt(lambda: canvas.document.set_bends(canvas.network, wire, rounded))
    canvas.select_wire(wire)


def place_on(canvas: Canvas, key: WireKey, place: QPointF) -> int:
    """Between which bends of a wire a new one at that place would come."""
    start, end = ports_of(canvas, key)
    way = [start, *canvas.canvas_scene.wires[key].view.bends, end]
    pieces = list(enumerate(pairwise(way)))
    return min(pieces, key=lambda piece: _away(place, *piece[1]))[0]


def ports_of(canvas: Canvas, key: WireKey) -> list[Point]:
    """Where a wire begins and ends."""
    (source, out), (target, into) = key
    scene = canvas.canvas_scene
    points = scene.port_point(source, "outputs", out), scene.port_point(target, "inputs", into)
    return [(point.x(), point.y()) for point in points]


def _away(place: QPointF, start: Point, end: Point) -> float:
    """How far a place is from a straight piece of line."""
    (x1, y1), (x2, y2) = start, end
    length = (x2 - x1) ** 2 + (y2 - y1) ** 2
    along = ((place.x() - x1) * (x2 - x1) + (place.y() - y1) * (y2 - y1)) / length if length else 0.0
    along = max(0.0, min(1.0, along))
    return QLineF(place, QPointF(x1 + along * (x2 - x1), y1 + along * (y2 - y1))).length()
