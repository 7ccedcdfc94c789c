"""What the mouse is doing on the canvas, one small object per kind of drag: it begins, moves, ends or is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QRubberBand

from designer.canvas.card_item import CardItem
from designer.canvas.project import free_inputs, output_ports
from graph_ir.graph import Wire

if TYPE_CHECKING:
    from designer.canvas.view import Canvas


class Gesture(Protocol):
    """A drag in progress."""

    def move(self, event: QMouseEvent) -> None:
        """The mouse has moved."""

    def release(self, event: QMouseEvent) -> None:
        """The button was let go: do what was shown."""

    def cancel(self) -> None:
        """Esc: leave everything as it was."""


class Pan:
    """Moves the sheet under the window."""

    def __init__(self, canvas: Canvas, event: QMouseEvent) -> None:
        self._canvas, self._last = canvas, event.position()
        canvas.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, event: QMouseEvent) -> None:
        """Scroll by what the mouse has moved."""
        delta = (event.position() - self._last).toPoint()
        self._last = event.position()
        self._canvas.pan(delta)

    def release(self, event: QMouseEvent) -> None:
        """Stay here."""
        self.cancel()

    def cancel(self) -> None:
        """Stay here as well."""
        self._canvas.viewport().unsetCursor()


class Menu:
    """The right button: on a card the menu of the selection, else the quick-add list, unless the mouse was dragged."""

    def __init__(self, canvas: Canvas, event: QMouseEvent) -> None:
        self._canvas, self._pressed_at = canvas, event.position().toPoint()

    def move(self, event: QMouseEvent) -> None:
        """A press that moves is no click."""

    def release(self, event: QMouseEvent) -> None:
        """Open the menu or the list."""
        here = event.position().toPoint()
        if _is_drag(self._pressed_at, here):
            return
        card = self._canvas.canvas_scene.card_at(self._canvas.mapToScene(here))
        if card is None:
            self._canvas.open_search(here)
            return
        if card.view.id not in self._canvas.selected():
            self._canvas.select([card.view.id])
        self._canvas.menu_wanted.emit(event.globalPosition().toPoint())

    def cancel(self) -> None:
        """Open nothing."""


class Band:
    """Selects the cards that a frame touches; with Ctrl or Shift in addition to what is selected."""

    def __init__(self, canvas: Canvas, event: QMouseEvent) -> None:
        self._canvas, self._from = canvas, event.position().toPoint()
        more = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        self._kept = canvas.selected() if event.modifiers() & more else []
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, canvas.viewport())
        self._band.setGeometry(QRect(self._from, QSize()))
        canvas.select(self._kept)

    def move(self, event: QMouseEvent) -> None:
        """Draw the frame and select what it touches."""
        area = QRect(self._from, event.position().toPoint()).normalized()
        self._band.setGeometry(area)
        self._band.show()
        touched = self._canvas.mapToScene(area).boundingRect()
        items = self._canvas.canvas_scene.items(touched, Qt.ItemSelectionMode.IntersectsItemShape)
        names = [item.view.id for item in items if isinstance(item, CardItem)]
        self._canvas.select([*self._kept, *names])

    def release(self, event: QMouseEvent) -> None:
        """Keep the selection."""
        self._band.deleteLater()

    def cancel(self) -> None:
        """Back to what was selected."""
        self._band.deleteLater()
        self._canvas.select(self._kept)


class Move:
    """Drags the selected cards; their places change once, at the end, as one step."""

    def __init__(self, canvas: Canvas, event: QMouseEvent, name: str) -> None:
        self._canvas, self._name = canvas, name
        self._pressed_at = event.position().toPoint()
        self._from = canvas.mapToScene(self._pressed_at)
        self._by = QPointF()
        self._started = False
        self._was_selected = name in canvas.selected()
        self._toggles = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        self._adds = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if not self._was_selected:
            canvas.select([*canvas.selected(), name] if self._toggles or self._adds else [name])

    def move(self, event: QMouseEvent) -> None:
        """Show the cards where they would go, on the grid unless Alt is held."""
        here = event.position().toPoint()
        if not self._started and not _is_drag(self._pressed_at, here):
            return
        self._started = True
        self._by = self._canvas.mapToScene(here) - self._from
        if not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            x, y = self._canvas.canvas_scene.cards[self._name].view.position
            to = self._canvas.snapped(QPointF(x, y) + self._by)
            self._by = to - QPointF(x, y)
        self._canvas.canvas_scene.slide(self._canvas.selected(), self._by.x(), self._by.y())
        self._light(self._wire_under(event))

    def release(self, event: QMouseEvent) -> None:
        """Put them there, or into the wire below; a mere click selects."""
        wire = self._wire_under(event) if self._started else None
        self._light(None)
        if wire is not None:
            self._canvas.adder.splice(self._name, wire)
        elif self._started:
            self._canvas.move_by(self._canvas.selected(), self._by.x(), self._by.y())
        elif self._toggles and self._was_selected:
            self._canvas.select([name for name in self._canvas.selected() if name != self._name])
        elif self._was_selected and not self._adds:
            self._canvas.select([self._name])

    def cancel(self) -> None:
        """Back to where they stood."""
        self._light(None)
        self._canvas.redraw()

    def _wire_under(self, event: QMouseEvent) -> Wire | None:
        """The wire that a single card without wires of its own is held over: it would be put into it."""
        canvas, graph = self._canvas, self._canvas.graph
        if canvas.selected() != [self._name] or graph.wires_into(self._name) or graph.wires_from(self._name):
            return None
        if not free_inputs(graph, self._name) or not output_ports(graph, self._name):
            return None
        item = canvas.canvas_scene.wire_at(canvas.mapToScene(event.position().toPoint()), 12 / canvas.zoom)
        return Wire(*item.view.source, *item.view.target) if item is not None else None

    def _light(self, wire: Wire | None) -> None:
        for item in self._canvas.canvas_scene.wires.values():
            lit = wire is not None and item.view.key == (wire[:2], wire[2:])
            if item.chosen != lit:
                item.set_chosen(lit)


def _is_drag(start: QPoint, here: QPoint) -> bool:
    return (here - start).manhattanLength() >= QApplication.startDragDistance()
