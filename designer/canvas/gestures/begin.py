"""What is under the mouse decides which gesture begins, what the mouse looks like, and what its tooltip says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from designer.canvas.gestures.bending import Bend, bend_at
from designer.canvas.gestures.gestures import Band, Menu, Pan
from designer.canvas.gestures.moving import Move
from designer.canvas.gestures.sizing import Resize
from designer.canvas.gestures.touch import Gesture, Touch
from designer.canvas.gestures.wire_gesture import Draw
from designer.canvas.shown import wire_of

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

PORT_REACH, WIRE_REACH = 9.0, 5.0  # pixels of the window
FARTHEST = 15.0  # pixels of the sheet: from far away a card between its ports can still be taken hold of


def begin(canvas: Canvas, button: Qt.MouseButton, here: Touch) -> Gesture | None:
    """The gesture that this press starts; a press that is done at once (a selection) gives None."""
    if button == Qt.MouseButton.MiddleButton or (
        button == Qt.MouseButton.LeftButton and canvas.keys.space_held
    ):
        return Pan(canvas, here)
    if button == Qt.MouseButton.RightButton:
        return Menu(canvas, here)
    if button != Qt.MouseButton.LeftButton:
        return None
    return _on_layers(canvas, here) or _on_the_sheet(canvas, here)


def _on_layers(canvas: Canvas, here: Touch) -> Gesture | None:
    scene = canvas.canvas_scene
    port = scene.port_at(here.place, _port_reach(canvas))
    if port is not None:
        return Draw(canvas, here, port)
    card = scene.card_at(here.place)
    if card is not None:
        return Move(canvas, here, card.view.id)
    part = scene.chip_at(here.place)
    return Move(canvas, here, part) if part is not None else None


def _on_the_sheet(canvas: Canvas, here: Touch) -> Gesture | None:
    bend = bend_at(canvas, here.place)
    if bend is not None:
        return Bend(canvas, here, *bend)
    wire = canvas.canvas_scene.wire_at(here.place, WIRE_REACH / canvas.zoom)
    if wire is not None:
        if here.ctrl or here.shift:
            return Bend(canvas, here, wire.view.key, None)
        canvas.select_wire(wire_of(wire.view.key))
        return None
    grip = canvas.marks.at(here.place)
    if grip is None:
        return Band(canvas, here)
    return Resize(canvas, here, grip) if grip.edges else Move(canvas, here, grip.mark)


def cursor_at(canvas: Canvas, place: QPointF) -> Qt.CursorShape:
    """What the mouse looks like over a place of the sheet."""
    shapes, scene = Qt.CursorShape, canvas.canvas_scene
    if canvas.keys.space_held:
        return shapes.OpenHandCursor
    if scene.port_at(place, _port_reach(canvas)) is not None:
        return shapes.CrossCursor
    if scene.card_at(place) is not None or scene.chip_at(place) is not None:
        return shapes.ArrowCursor
    if bend_at(canvas, place) is not None:
        return shapes.SizeAllCursor
    if scene.wire_at(place, WIRE_REACH / canvas.zoom) is not None:
        return shapes.PointingHandCursor
    grip = canvas.marks.at(place)
    return grip.cursor() if grip is not None else shapes.ArrowCursor


def _port_reach(canvas: Canvas) -> float:
    return min(PORT_REACH / canvas.zoom, FARTHEST)


def tip(canvas: Canvas, place: QPointF) -> str:
    """What is under the mouse in words: a port's name and shape, a layer's whole name and problems."""
    scene = canvas.canvas_scene
    port = scene.port_at(place, _port_reach(canvas))
    if port is not None:
        name, side, port_name = port
        return next(
            view.note for s, view, _ in scene.cards[name].ports() if (s, view.name) == (side, port_name)
        )
    card = scene.card_at(place)
    if card is not None:
        view = card.view
        lines = (
            f"{view.title} {view.name}",
            view.values,
            f"{view.count} parameters" if view.count else "",
            view.heat_words,
            view.note,
            view.remark,
        )
        return "\n".join(line for line in lines if line)
    wire = scene.wire_at(place)
    return wire.view.note if wire is not None else ""
