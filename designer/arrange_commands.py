"""What the commands of the menu Arrange do: align, distribute, frames, comments, bends, snapping."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, get_args

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF

from designer.canvas.arranging.aligning import Edge, aligned, distributed
from designer.canvas.gestures.bending import add_bend
from designer.canvas.gestures.deeds import areas, disconnect, put, tuple_of
from designer.canvas.gestures.framing import AIR, STEP, around, with_headroom
from designer.canvas.gestures.marks import Mark, Thing
from designer.canvas.views import Rect
from designer.theme import Theme
from graph_ir.annotations import Frame
from graph_ir.graph import Wire
from graph_ir.rewiring import crossing, take_out

if TYPE_CHECKING:
    from designer.main_window import MainWindow

SNAP = "snap"
EMPTY_FRAME, COMMENT = (480.0, 288.0), (216.0, 72.0)


class ArrangeCommands(QObject):
    """Works on the selection of the canvas; what is not possible is said in the status bar."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._canvas, self._settings = window, window.design.canvas, window.settings
        on = self._settings.flag(SNAP, True)
        self._canvas.snaps = on
        window.actions_.switch(SNAP, on, self._snap)
        self._settings.changed.connect(self._changed)
        # Whatever comes (saving, say) finds what is being written.
        for action in window.actions_.all.values():
            action.triggered.connect(lambda: self._canvas.writer.end())
        window.installEventFilter(self)

    def eventFilter(self, window: QObject, event: QEvent) -> bool:
        """A window that closes asks about what was written, too."""
        if event.type() == QEvent.Type.Close:
            self._canvas.writer.end()
        return False

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """What each command does."""
        return {
            **{f"align_{edge}": partial(self.align, edge) for edge in get_args(Edge)},
            "distribute_across": lambda: self._lay(
                lambda rects: distributed(rects, "across"), "Distribute", 3
            ),
            "distribute_down": lambda: self._lay(lambda rects: distributed(rects, "down"), "Distribute", 3),
            "frame": self.frame,
            "comment": self.comment,
            "edit_mark": self.edit_mark,
            "next_mark": self.next_mark,
            "next_wire": self.next_wire,
            "add_bend": self.add_bend,
            "disconnect": self.take_away,
            "straighten": self.straighten,
            "insert_here": self.insert_here,
            "take_out": self.take_out,
        }

    def set_theme(self, theme: Theme) -> None:
        """It paints nothing."""

    def _snap(self, on: bool) -> None:
        self._canvas.snaps = on
        self._settings.set_flag(SNAP, on)

    def _changed(self, name: str) -> None:
        """Switched in another window."""
        if name == SNAP:
            self._window.actions_[SNAP].setChecked(self._settings.flag(SNAP, True))

    # Where things stand

    def align(self, edge: Edge) -> None:
        """Put the edges or middles of what is selected on one line."""
        self._lay(lambda rects: aligned(rects, edge), "Align", 2)

    def _lay(
        self, how: Callable[[Mapping[Thing, Rect]], Mapping[Thing, Rect]], title: str, least: int
    ) -> None:
        canvas = self._canvas
        rects = areas(canvas, canvas.things())
        if len(rects) < least:
            self._say(
                f"Select {'two' if least == 2 else 'three'} or more layers, frames or comments for that."
            )
            return
        found = {thing: rect._replace(x=round(rect.x), y=round(rect.y)) for thing, rect in how(rects).items()}
        put(canvas, {thing: rect for thing, rect in found.items() if rect != rects[thing]}, title)

    # Frames and comments

    def frame(self) -> None:
        """Draw a frame around what is selected, else an empty one in the middle, and ask for its title."""
        canvas = self._canvas
        inside = [*areas(canvas, canvas.things()).values()]
        inside += [
            Rect(*chip.rect())
            for loss, chip in canvas.canvas_scene.chips.items()
            if loss in canvas.selected()
        ]
        tight = around(inside)
        rect = with_headroom(canvas.canvas_scene, tight) if tight else self._in_the_middle(*EMPTY_FRAME)
        frame = Frame("Frame", tuple_of(rect))
        canvas.attempt(lambda: canvas.document.add_frame(canvas.network, frame))
        marks = [mark for mark in canvas.marks.views() if mark.kind == "frame"]
        if marks:
            canvas.reveal(marks[-1])
            canvas.writer.edit(marks[-1])

    def comment(self) -> None:
        """Write a comment beside what is selected, else where the mouse is, else in the middle."""
        canvas = self._canvas
        beside = around(list(areas(canvas, canvas.things()).values()))
        rect = self._in_the_middle(*COMMENT)
        seen = canvas.hand.seen
        if beside is not None:
            rect = rect._replace(x=beside.right, y=beside.y + AIR)
        elif seen is not None:
            corner = canvas.snapped(seen)
            rect = rect._replace(x=corner.x(), y=corner.y())
        else:
            rect = _beside(rect, [card.rect() for card in canvas.canvas_scene.cards.values()])
        canvas.ensureVisible(*rect)
        canvas.writer.new_comment(rect)

    def _in_the_middle(self, width: float, height: float) -> Rect:
        canvas = self._canvas
        centre = canvas.mapToScene(canvas.viewport().rect().center())
        corner = canvas.snapped(centre - QPointF(width / 2, height / 2))
        return Rect(corner.x(), corner.y(), width, height)

    def edit_mark(self) -> None:
        """Write the title of the selected frame, or the text of the selected comment."""
        marks = self._canvas.marks.chosen()
        if marks:
            self._canvas.writer.edit(marks[-1])
        else:
            self._say("Select a frame or a comment to write in it.")

    def next_mark(self) -> None:
        """Select the next frame or comment, round and round."""
        canvas = self._canvas
        marks = list(canvas.marks.views())
        if not marks:
            self._say("There is no frame and no comment here; Shift+F and Shift+C make one.")
            return
        chosen: list[Mark] = canvas.marks.chosen()
        at = marks.index(chosen[-1]) + 1 if chosen else 0
        mark = marks[at % len(marks)]
        canvas.choose([mark])
        canvas.reveal(mark)

    # Wires

    def next_wire(self) -> None:
        """Select the next of the wires of the selected layer, round and round; those that leave it come first."""
        canvas = self._canvas
        wires, chosen = self._wires_around, canvas.chosen_wires()
        layers = canvas.selected() or [wire.source for wire in chosen[-1:]]
        found = wires(layers)
        if not found:
            self._say("Select a layer that has wires.")
            return
        at = found.index(chosen[-1]) + 1 if chosen and chosen[-1] in found else 0
        canvas.select_wire(found[at % len(found)])

    def _wires_around(self, layers: list[str]) -> list[Wire]:
        graph, shown = self._canvas.graph, self._canvas.canvas_scene.wires
        wires = [
            wire for id in layers for wire in (*sorted(graph.wires_from(id)), *sorted(graph.wires_into(id)))
        ]
        return [wire for wire in dict.fromkeys(wires) if (wire[:2], wire[2:]) in shown]

    def _meant(self, *, around_layers: bool = False) -> list[Wire]:
        """The selected wires, or (where that makes sense) all around the selected layers."""
        canvas = self._canvas
        wires = canvas.chosen_wires()
        if not wires and around_layers:
            wires = self._wires_around(canvas.selected())
        if not wires:
            self._say("Select a wire: click it, or press Shift+W on a layer.")
        return wires

    def _pressed_on(self, wire: Wire) -> QPointF | None:
        """Where the mouse was pressed on a wire, if that was the last thing it did."""
        canvas, place = self._canvas, self._canvas.hand.pressed_at
        item = canvas.canvas_scene.wire_at(place, AIR / 2 / canvas.zoom) if place is not None else None
        return place if item is not None and item.view.key == (wire[:2], wire[2:]) else None

    def add_bend(self) -> None:
        """Bend the selected wire where its menu was opened, else in the middle."""
        canvas = self._canvas
        for wire in self._meant()[:1]:
            add_bend(canvas, (wire[:2], wire[2:]), self._pressed_on(wire))

    def take_away(self) -> None:
        """Take the selected wires away."""
        wires = self._meant()
        if wires:
            disconnect(self._canvas, wires)

    def straighten(self) -> None:
        """Take the bends of the selected wires away, or of all around the selected layers."""
        canvas = self._canvas
        wires = self._meant(around_layers=True)
        if wires:
            canvas.attempt(lambda: canvas.document.straighten(canvas.network, wires))

    def insert_here(self) -> None:
        """Ask for a layer that goes into the selected wire."""
        canvas = self._canvas
        for wire in self._meant()[:1]:
            scene = canvas.canvas_scene
            start = scene.port_point(wire.source, "outputs", wire.source_port)
            end = scene.port_point(wire.target, "inputs", wire.target_port)
            place = self._pressed_on(wire) or (start + end) / 2
            canvas.adder.open_on(wire, canvas.mapFromScene(place) + QPoint(12, 12))

    def take_out(self) -> None:
        """Take the selected layers out of their wires, which are joined where shapes allow."""
        canvas, document = self._canvas, self._window.document
        layers = canvas.selected()
        if not crossing(canvas.graph, layers):
            self._say("Select layers that have wires, to take them out of these.")
            return
        canvas.attempt(lambda: document.perform(take_out(document.design, canvas.network, layers)))

    def _say(self, words: str) -> None:
        self._window.status.say(words)


def _beside(rect: Rect, layers: Iterable[Rect]) -> Rect:
    """Moved to the right until no layer lies on it."""
    for layer in sorted(layers):
        if layer.meets(rect):
            rect = rect._replace(x=ceil((layer.right + AIR) / STEP) * STEP)
    return rect
