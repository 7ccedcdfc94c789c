"""The hand on the canvas: one gesture at a time, from press to release. Whatever happens to it leaves no half of it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip

from designer.canvas.gestures.begin import WIRE_REACH, begin, cursor_at, tip
from designer.canvas.gestures.bending import add_bend, bend_at, remove_bend
from designer.canvas.gestures.things import is_empty
from designer.canvas.gestures.touch import Gesture, Touch, touch
from designer.canvas.telling.wire_card import WireCard

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

EDGE, FASTEST = 28, 22  # pixels: the rim that scrolls, and how far at once
SCROLL_MS = 16


class Hand(QObject):
    """Begins, goes on with, ends and drops gestures."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._gesture: Gesture | None = None
        self._button = Qt.MouseButton.NoButton
        self._last: Touch | None = None
        self.pressed_at: QPointF | None = None  # of the last press, until a key is pressed
        self.seen: QPointF | None = None  # where the mouse was seen last; None once it has left the canvas
        self.card = WireCard(canvas)
        canvas.moved.connect(self.card.leave)
        self._timer = QTimer(self)
        self._timer.setInterval(SCROLL_MS)
        self._timer.timeout.connect(self._scroll)

    @property
    def is_busy(self) -> bool:
        """Whether a gesture is in progress."""
        return self._gesture is not None

    def press(self, event: QMouseEvent) -> None:
        """Begin the gesture that fits what is under the mouse."""
        here = touch(self._canvas, event)
        self.card.leave()
        if self._gesture is None:
            self.pressed_at, self._button = here.place, event.button()
            self._gesture = begin(self._canvas, event.button(), here)

    def move(self, event: QMouseEvent) -> None:
        """Go on with the gesture; without one, show what could begin here."""
        here = touch(self._canvas, event)
        self.seen = here.place
        if self._gesture is None:
            self._canvas.viewport().setCursor(cursor_at(self._canvas, here.place))
            self._canvas.canvas_scene.point_at(here.place)
            self.card.point_at(here.place, here.spot)
            return
        self._go_on(here)
        self._canvas.keys.mouse_was_used()
        if self._gesture is not None and self._gesture.scrolls and not self._pull().isNull():
            self._timer.start()

    def double_click(self, event: QMouseEvent) -> None:
        """Into a block; a layer's properties; a frame's title or a comment's text; a bend more or less; a new layer."""
        canvas, here = self._canvas, touch(self._canvas, event)
        if event.button() != Qt.MouseButton.LeftButton:
            return
        card = canvas.canvas_scene.card_at(here.place)
        if card is not None:
            if not canvas.rooms.enter():
                canvas.inspect.emit(card.view.id)
            return
        bend, wire = (
            bend_at(canvas, here.place),
            canvas.canvas_scene.wire_at(here.place, WIRE_REACH / canvas.zoom),
        )
        if bend is not None:
            remove_bend(canvas, *bend)
        elif wire is not None:
            add_bend(canvas, wire.view.key, here.place)
        elif (grip := canvas.marks.at(here.place)) is not None:
            canvas.writer.edit(grip.mark)
        elif is_empty(canvas, here.place):
            canvas.open_search(here.spot)

    def explain(self, event: QHelpEvent) -> None:
        """What is under the mouse, as a tooltip of plain text."""
        words = tip(self._canvas, self._canvas.mapToScene(event.pos()))
        QToolTip.showText(
            event.globalPos(), f"<qt>{escape(words).replace(chr(10), '<br>')}</qt>" if words else ""
        )

    def left(self) -> None:
        """The mouse has left the canvas."""
        self.seen = None
        self.card.leave()

    def again(self, held: Qt.KeyboardModifier) -> None:
        """A key came or went while the mouse rests: the gesture shows what it means now."""
        if self._gesture is not None and self._last is not None:
            self._go_on(self._last._replace(held=held))

    def release(self, event: QMouseEvent) -> None:
        """End the gesture, if it is its button that was let go."""
        if event.button() != self._button:
            return
        gesture, self._gesture = self._gesture, None
        self._rest()
        if gesture is None:
            return
        try:
            gesture.release(touch(self._canvas, event))
        except BaseException:
            gesture.cancel()
            raise

    def cancel(self) -> bool:
        """Drop what the mouse is doing; whether it was doing anything."""
        gesture, self._gesture = self._gesture, None
        self._rest()
        if gesture is not None:
            gesture.cancel()
        return gesture is not None

    def _go_on(self, here: Touch) -> None:
        if self._gesture is None:
            return
        self._last = here
        try:
            self._gesture.move(here)
        except BaseException:
            self.cancel()
            raise

    def _rest(self) -> None:
        self._timer.stop()
        self._last = None

    def _pull(self) -> QPoint:
        return QPoint() if self._last is None else self._pull_at(self._last.spot)

    def _pull_at(self, spot: QPoint) -> QPoint:
        """How far the sheet goes on at once: the nearer to the edge the mouse is held (or beyond it), the farther."""
        room = self._canvas.viewport().rect()
        return QPoint(
            _pull(spot.x(), room.left(), room.right()),
            _pull(spot.y(), room.top(), room.bottom()),
        )

    def scroll_near(self, spot: QPoint) -> None:
        """Move the sheet on where something from elsewhere is dragged along its edge."""
        pull = self._pull_at(spot)
        if not pull.isNull():
            self._canvas.pan(pull)

    def _scroll(self) -> None:
        pull = self._pull()
        if self._gesture is None or self._last is None or pull.isNull():
            self._timer.stop()
            return
        self._canvas.pan(pull)
        self._go_on(self._last._replace(place=self._canvas.mapToScene(self._last.spot)))


def _pull(at: int, first: int, last: int) -> int:
    if at < first + EDGE:
        return min(FASTEST, 2 + (first + EDGE - at) // 2)
    if at > last - EDGE:
        return -min(FASTEST, 2 + (at - last + EDGE) // 2)
    return 0
