"""Layers dragged from the palette: a ghost shows where one would go, a lit wire that it would be inserted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from designer.canvas.gestures.guides import Ghost
from designer.canvas.shown import wire_of
from designer.canvas.stock import WireKey
from designer.canvas.views import Rect
from graph_ir.layers import catalogue

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

LAYER_MIME = "application/x-layerloom-layer"


REACH = 12.0  # pixels of the window


class Drops:
    """Follows a drag over the canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._type = ""
        self._lit: WireKey | None = None

    def enter(self, event: QDragEnterEvent) -> None:
        """Accept a layer type that is declared, nothing else."""
        self.leave()
        type = layer_type(event)
        if type is None:
            event.ignore()
            return
        self._type = type
        self._show(event.position().toPoint())
        event.acceptProposedAction()

    def over(self, event: QDragMoveEvent) -> None:
        """Move the ghost."""
        if not self._type:
            event.ignore()
            return
        self._canvas.hand.scroll_near(event.position().toPoint())
        self._show(event.position().toPoint())
        event.acceptProposedAction()

    def leave(self) -> None:
        """Take ghost and light away."""
        self._light(None)
        self._type = ""
        self._canvas.guides.clear()

    def drop(self, event: QDropEvent) -> None:
        """Add the layer where the ghost was."""
        type = layer_type(event)
        at = self._canvas.mapToScene(event.position().toPoint())
        key = self._wire_at(at)
        self.leave()
        if type is None:
            event.ignore()
            return
        event.acceptProposedAction()
        self._canvas.setFocus()
        self._canvas.adder.drop(type, at, wire_of(key) if key is not None else None)

    def _show(self, spot: QPoint) -> None:
        at = self._canvas.mapToScene(spot)
        sizes = self._canvas.canvas_scene.theme.sizes
        self._light(self._wire_at(at))
        corner = self._canvas.snapped(at - QPointF(sizes.card_width / 2, sizes.card_height / 2))
        rect = Rect(corner.x(), corner.y(), sizes.card_width, sizes.card_height)
        category = catalogue()[self._type].spec.category.key
        self._canvas.guides.show(ghost=Ghost(self._type, category, rect))

    def _light(self, key: WireKey | None) -> None:
        """The wire that the layer would be put into is drawn as if it were selected."""
        if key == self._lit:
            return
        wires = self._canvas.canvas_scene.wires
        if self._lit in wires:
            wires[self._lit].set_chosen(False)
        if key is not None:
            wires[key].set_chosen(True)
        self._lit = key

    def _wire_at(self, at: QPointF) -> WireKey | None:
        item = self._canvas.canvas_scene.wire_at(at, REACH / self._canvas.zoom)
        return item.view.key if item is not None else None


def layer_type(event: QDropEvent) -> str | None:
    """The declared layer type that a drag carries; None for anything else."""
    data = event.mimeData()
    if not data.hasFormat(LAYER_MIME):
        return None
    name = bytes(data.data(LAYER_MIME).data()).decode("utf-8", "replace")
    return name if name in catalogue() else None
