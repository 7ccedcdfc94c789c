"""Layers, frames and comments alike: where one is, which ones an area touches, what is under the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF

from designer.canvas.gestures.bending import bend_at
from designer.canvas.gestures.marks import Thing
from designer.canvas.shown import wire_of

if TYPE_CHECKING:
    from designer.canvas.view import Canvas


def things_in(canvas: Canvas, area: QRectF) -> list[Thing]:
    """What a rubber band selects: the layers and comments that it touches, the frames that lie wholly in it."""
    return [*canvas.canvas_scene.cards_in(area), *canvas.marks.touched(area)]


def choose_at(canvas: Canvas, place: QPointF) -> bool:
    """Select what is there, unless it is selected already; False where nothing is."""
    scene = canvas.canvas_scene
    card, part = scene.card_at(place), scene.chip_at(place)
    grip = canvas.marks.at(place)
    wire = scene.wire_at(place, 5 / canvas.zoom)
    thing: Thing | None = card.view.id if card is not None else part
    if thing is None and wire is not None:
        if wire.view.key not in scene.chosen_wires():
            canvas.select_wire(wire_of(wire.view.key))
        return True
    if thing is None and grip is not None:
        thing = grip.mark
    if thing is not None and thing not in canvas.things():
        canvas.choose([thing])
    return thing is not None


def is_empty(canvas: Canvas, place: QPointF) -> bool:
    """Whether nothing stands at a place of the sheet. Inside a frame, below its title, the ground is empty."""
    scene = canvas.canvas_scene
    found = scene.card_at(place) or scene.chip_at(place) or scene.wire_at(place) or scene.port_at(place)
    return not (found or canvas.marks.at(place) or bend_at(canvas, place))
