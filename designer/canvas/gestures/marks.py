"""Frames and comments under the hand: which are selected, what of one is under the mouse, what lies in a frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt

from designer.canvas.views import FRAME_TITLE, CanvasView, CommentView, FrameView, Rect

if TYPE_CHECKING:
    from designer.canvas.shown import Shown

REACH = 5.0  # pixels of the window: how near its edge a mark is resized
Kind = Literal["frame", "comment"]
View = FrameView | CommentView


@dataclass(frozen=True)
class Mark:
    """A frame or a comment of the network on show, by its place in the list."""

    kind: Kind
    index: int


Thing = str | Mark
"""What can be selected and moved: a layer by its id, or a mark."""


class Grip(NamedTuple):
    """A mark under the mouse: `edges` such as "n" or "se" resize it, none is its title or text."""

    mark: Mark
    edges: str = ""

    def cursor(self) -> Qt.CursorShape:
        """What the mouse looks like there."""
        shapes = Qt.CursorShape
        if not self.edges:
            return shapes.SizeAllCursor
        if self.edges in ("n", "s"):
            return shapes.SizeVerCursor
        if self.edges in ("e", "w"):
            return shapes.SizeHorCursor
        return shapes.SizeFDiagCursor if self.edges in ("nw", "se") else shapes.SizeBDiagCursor


class Marks:
    """The marks of the network on show, and which of them are selected."""

    def __init__(self, canvas: Shown) -> None:
        self._canvas = canvas
        self._chosen: dict[Mark, View] = {}
        self._known: tuple[CanvasView, dict[Mark, View]] | None = None

    def views(self) -> dict[Mark, View]:
        """All of them, from the one at the back to the one in front."""
        view = self._canvas.canvas_scene.view
        if self._known is None or self._known[0] is not view:
            found: dict[Mark, View] = {Mark("frame", frame.index): frame for frame in view.frames}
            found |= {Mark("comment", comment.index): comment for comment in view.comments}
            self._known = view, found
        return self._known[1]

    def rect(self, mark: Mark) -> Rect:
        """Where one lies. Raises KeyError for one that is not there."""
        return self.views()[mark].rect

    def chosen(self) -> list[Mark]:
        """The selected ones, the one selected last at the end."""
        return list(self._chosen)

    def choose(self, marks: Iterable[Mark]) -> None:
        """Select exactly these; unknown ones are passed over."""
        views = self.views()
        chosen = {mark: views[mark] for mark in marks if mark in views}
        if chosen != self._chosen:
            self._chosen = chosen
            self._canvas.viewport().update()

    def keep_known(self) -> None:
        """Follow the design: one that has another place in the list now is found by what it is."""
        if not self._chosen:
            return
        views = self.views()
        places = {replace(view, index=0): mark for mark, view in views.items()}
        found = dict[Mark, View]()
        for mark, view in self._chosen.items():
            now = places.get(replace(view, index=0)) or (mark if mark in views else None)
            if now is not None:
                found[now] = views[now]
        self._chosen = found

    def at(self, place: QPointF) -> Grip | None:
        """The mark whose edge, title or text is there, the one in front first."""
        reach = REACH / self._canvas.zoom
        for mark, view in reversed(self.views().items()):
            edges = _edges(view.rect, place, reach)
            if edges:
                return Grip(mark, edges)
            if _holds(_handle(view), place):
                return Grip(mark)
        return None

    def inside(self, frame: Mark) -> list[Thing]:
        """The layers and marks that lie in a frame: those whose middle does, of frames those that lie wholly in it."""
        area, scene = self.rect(frame), self._canvas.canvas_scene
        touched = scene.cards_in(QRectF(*area))
        found: list[Thing] = [name for name in touched if _has_middle(scene.cards[name].rect(), area)]
        for mark, view in self.views().items():
            if mark != frame and (_within if mark.kind == "frame" else _has_middle)(view.rect, area):
                found.append(mark)
        return found

    def touched(self, area: QRectF) -> list[Mark]:
        """What a rubber band selects: comments that it touches, frames that lie wholly in it."""
        band = Rect(area.x(), area.y(), area.width(), area.height())
        return [
            mark
            for mark, view in self.views().items()
            if (_within(view.rect, band) if mark.kind == "frame" else view.rect.meets(band))
        ]


def _handle(view: View) -> Rect:
    """Where a mark is taken hold of: a frame by its title only, so that what lies in it can be reached."""
    return view.rect._replace(height=FRAME_TITLE) if isinstance(view, FrameView) else view.rect


def _edges(rect: Rect, place: QPointF, reach: float) -> str:
    if not _holds(rect.grown(reach), place):
        return ""
    rows = "n" if abs(place.y() - rect.y) <= reach else "s" if abs(place.y() - rect.bottom) <= reach else ""
    sides = "w" if abs(place.x() - rect.x) <= reach else "e" if abs(place.x() - rect.right) <= reach else ""
    return rows + sides


def _holds(rect: Rect, place: QPointF) -> bool:
    return rect.x <= place.x() <= rect.right and rect.y <= place.y() <= rect.bottom


def _middle(rect: Rect) -> QPointF:
    return QPointF(rect.x + rect.width / 2, rect.y + rect.height / 2)


def _has_middle(rect: Rect, area: Rect) -> bool:
    return _holds(area, _middle(rect))


def _within(rect: Rect, area: Rect) -> bool:
    corners = QPointF(rect.x, rect.y), QPointF(rect.right, rect.bottom)
    return all(_holds(area, corner) for corner in corners)
