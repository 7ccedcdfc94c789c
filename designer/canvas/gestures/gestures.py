"""What the mouse is doing on the canvas, one small object per kind of drag: it begins, moves, ends or is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QRubberBand

from designer.canvas.gestures.things import choose_at, things_in
from designer.canvas.gestures.touch import Touch, is_drag

if TYPE_CHECKING:
    from designer.canvas.view import Canvas


class Pan:
    """Moves the sheet under the window."""

    scrolls = False

    def __init__(self, canvas: Canvas, here: Touch) -> None:
        self._canvas, self._last = canvas, here.spot
        canvas.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, here: Touch) -> None:
        """Scroll by what the mouse has moved."""
        delta, self._last = here.spot - self._last, here.spot
        self._canvas.pan(delta)

    def release(self, here: Touch) -> None:
        """Stay here."""
        self.cancel()

    def cancel(self) -> None:
        """Stay here as well."""
        held = self._canvas.keys.space_held
        self._canvas.viewport().setCursor(
            Qt.CursorShape.OpenHandCursor if held else Qt.CursorShape.ArrowCursor
        )


class Menu:
    """The right button: the menu of what is under the mouse, on empty ground the quick-add list; dragged, neither."""

    scrolls = False

    def __init__(self, canvas: Canvas, here: Touch) -> None:
        self._canvas, self._start = canvas, here

    def move(self, here: Touch) -> None:
        """A press that moves is no click."""

    def release(self, here: Touch) -> None:
        """Open the menu or the list."""
        canvas = self._canvas
        if is_drag(self._start, here):
            return
        if choose_at(canvas, here.place):
            canvas.menu_wanted.emit(here.screen)
        else:
            canvas.open_search(here.spot)

    def cancel(self) -> None:
        """Open nothing."""


class Band:
    """Selects what a rubber band touches; with Ctrl or Shift in addition to what is selected."""

    scrolls = True

    def __init__(self, canvas: Canvas, here: Touch) -> None:
        self._canvas, self._start = canvas, here
        self._was = canvas.things()
        self._kept = self._was if here.ctrl or here.shift else []
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, canvas.viewport())
        self._band.setGeometry(QRect(here.spot, QSize()))
        canvas.choose(self._kept)

    def move(self, here: Touch) -> None:
        """Draw the band and select what it touches; the corner where it began stays on the sheet."""
        canvas = self._canvas
        area = QRect(canvas.mapFromScene(self._start.place), here.spot).normalized()
        self._band.setGeometry(area)
        self._band.show()
        touched = things_in(canvas, canvas.mapToScene(area).boundingRect())
        canvas.choose(list(dict.fromkeys([*self._kept, *touched])))

    def release(self, here: Touch) -> None:
        """Keep the selection."""
        self._band.hide()
        self._band.deleteLater()

    def cancel(self) -> None:
        """Back to what was selected."""
        self._band.hide()
        self._band.deleteLater()
        self._canvas.choose(self._was)
