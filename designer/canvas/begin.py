"""What is under the mouse decides which gesture begins, and what its tooltip says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QMouseEvent

from designer.canvas.gestures import Band, Gesture, Menu, Move, Pan
from designer.canvas.wire_gesture import Draw
from graph_ir.graph import Wire

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

PORT_REACH = 9.0  # pixels of the window


def begin(canvas: Canvas, event: QMouseEvent) -> Gesture | None:
    """The gesture that this press starts; a press that is done at once (a selection) gives None."""
    button = event.button()
    if button == Qt.MouseButton.MiddleButton or (
        button == Qt.MouseButton.LeftButton and canvas.keys.space_held
    ):
        return Pan(canvas, event)
    if button == Qt.MouseButton.RightButton:
        return Menu(canvas, event)
    if button != Qt.MouseButton.LeftButton:
        return None
    scene, here = canvas.canvas_scene, canvas.mapToScene(event.position().toPoint())
    port = scene.port_at(here, PORT_REACH / canvas.zoom)
    if port is not None:
        return Draw(canvas, event, port)
    card = scene.card_at(here)
    if card is not None:
        return Move(canvas, event, card.view.id)
    part = scene.chip_at(here)
    if part is not None:
        canvas.select([part])
        return None
    wire = scene.wire_at(here, 5 / canvas.zoom)
    if wire is not None:
        canvas.select_wire(Wire(*wire.view.source, *wire.view.target))
        return None
    return Band(canvas, event)


def is_empty(canvas: Canvas, at: QPoint) -> bool:
    """Whether nothing stands at that place of the window."""
    scene, here = canvas.canvas_scene, canvas.mapToScene(at)
    return not (scene.card_at(here) or scene.chip_at(here) or scene.wire_at(here) or scene.port_at(here))


def tip(canvas: Canvas, at: QPoint) -> str:
    """What is under the mouse in words: a port's name and shape, a layer's whole name and problems."""
    scene, here = canvas.canvas_scene, canvas.mapToScene(at)
    port = scene.port_at(here, PORT_REACH / canvas.zoom)
    if port is not None:
        name, side, port_name = port
        return next(
            view.note for s, view, _ in scene.cards[name].ports() if (s, view.name) == (side, port_name)
        )
    card = scene.card_at(here)
    if card is not None:
        view = card.view
        lines = (
            f"{view.title} {view.name}",
            view.values,
            f"{view.count} parameters" if view.count else "",
            view.note,
        )
        return "\n".join(line for line in lines if line)
    wire = scene.wire_at(here)
    return wire.view.note if wire is not None else ""
