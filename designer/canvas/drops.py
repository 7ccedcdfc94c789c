"""Layers dragged from the palette: a ghost shows where one would go, a lit wire that it would be inserted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from designer.canvas.card_item import CardItem
from designer.canvas.views import CardView, PortView
from designer.canvas.wire_item import WireItem
from graph_ir.graph import Wire
from graph_ir.layers import catalogue

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

LAYER_MIME = "application/x-layerloom-layer"


class Drops:
    """Follows a drag over the canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._ghost: CardItem | None = None
        self._lit: WireItem | None = None

    def enter(self, event: QDragEnterEvent) -> None:
        """Accept a layer type that is declared, nothing else."""
        type = layer_type(event)
        if type is None:
            event.ignore()
            return
        spec = catalogue()[type].spec
        view = CardView(
            id=type,
            title=type,
            name="",
            values="",
            count="",
            category=spec.category.key,
            inputs=tuple(PortView(port.name) for port in spec.inputs),
            outputs=tuple(PortView(port.name) for port in spec.outputs),
            position=(0.0, 0.0),
        )
        self.leave()
        self._ghost = CardItem(view, self._canvas.canvas_scene.theme)
        self._ghost.setOpacity(0.6)
        self._ghost.setZValue(5)
        self._canvas.canvas_scene.addItem(self._ghost)
        self._show(self._canvas.mapToScene(event.position().toPoint()))
        event.acceptProposedAction()

    def over(self, event: QDragMoveEvent) -> None:
        """Move the ghost."""
        if self._ghost is None:
            event.ignore()
            return
        self._show(self._canvas.mapToScene(event.position().toPoint()))
        event.acceptProposedAction()

    def leave(self) -> None:
        """Take ghost and light away."""
        if self._ghost is not None:
            self._canvas.canvas_scene.removeItem(self._ghost)
        if self._lit is not None:
            self._lit.set_chosen(False)
        self._ghost = self._lit = None

    def drop(self, event: QDropEvent) -> None:
        """Add the layer where the ghost was."""
        type = layer_type(event)
        at = self._canvas.mapToScene(event.position().toPoint())
        wire = self._wire_at(at)
        self.leave()
        if type is None:
            event.ignore()
            return
        event.acceptProposedAction()
        self._canvas.setFocus()
        self._canvas.adder.drop(type, at, Wire(*wire.view.source, *wire.view.target) if wire else None)

    def _show(self, at: QPointF) -> None:
        if self._ghost is None:
            return
        sizes = self._canvas.canvas_scene.theme.sizes
        self._ghost.setPos(at - QPointF(sizes.card_width / 2, sizes.card_height / 2))
        wire = self._wire_at(at)
        if wire is self._lit:
            return
        if self._lit is not None:
            self._lit.set_chosen(False)
        if wire is not None:
            wire.set_chosen(True)
        self._lit = wire

    def _wire_at(self, at: QPointF) -> WireItem | None:
        return self._canvas.canvas_scene.wire_at(at, 12 / self._canvas.zoom)


def layer_type(event: QDropEvent) -> str | None:
    """The declared layer type that a drag carries; None for anything else."""
    data = event.mimeData()
    if not data.hasFormat(LAYER_MIME):
        return None
    name = bytes(data.data(LAYER_MIME).data()).decode("utf-8", "replace")
    return name if name in catalogue() else None
