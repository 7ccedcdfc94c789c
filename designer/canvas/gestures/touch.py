"""Where the mouse is, in the window and on the sheet, and what is held with it: all that a gesture is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Touch(NamedTuple):
    """One moment of the mouse: a place of the viewport, the same on the sheet and on the screen, the keys held."""

    spot: QPoint
    place: QPointF
    screen: QPoint
    held: Qt.KeyboardModifier

    @property
    def ctrl(self) -> bool:
        """Whether Ctrl is held."""
        return bool(self.held & CTRL)

    @property
    def shift(self) -> bool:
        """Whether Shift is held."""
        return bool(self.held & SHIFT)

    @property
    def alt(self) -> bool:
        """Whether Alt is held."""
        return bool(self.held & ALT)


def touch(canvas: Canvas, event: QMouseEvent) -> Touch:
    """What a mouse event says."""
    spot = event.position().toPoint()
    return Touch(spot, canvas.mapToScene(spot), event.globalPosition().toPoint(), event.modifiers())


def is_drag(start: Touch, here: Touch) -> bool:
    """Whether the mouse has gone far enough from where it was pressed to mean it."""
    return (here.spot - start.spot).manhattanLength() >= QApplication.startDragDistance()


class Gesture(Protocol):
    """A drag in progress. `scrolls` moves the sheet on when the mouse is held at the edge of the window."""

    scrolls: bool

    def move(self, here: Touch) -> None:
        """The mouse has moved."""

    def release(self, here: Touch) -> None:
        """The button was let go: do what was shown."""

    def cancel(self) -> None:
        """Esc: leave everything as it was."""
