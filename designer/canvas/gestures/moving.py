"""Dragging what is selected: onto the grid and its neighbours' lines, into a wire, or (with Alt) out of its wires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QPainterPath

from designer.canvas.arranging.routing import bezier
from designer.canvas.arranging.snapping import Catch, Snapping
from designer.canvas.gestures.deeds import areas, carry, whole_load
from designer.canvas.gestures.marks import Mark, Thing
from designer.canvas.gestures.things import things_in
from designer.canvas.gestures.touch import Touch, is_drag
from designer.canvas.painting.wire_item import wire_path
from designer.canvas.shown import wire_of
from designer.canvas.views import Rect
from graph_ir.graph import Wire
from graph_ir.rewiring import bridges, crossing, may_stand_in_a_wire, take_out

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

CATCH, WIRE_REACH = 6.0, 12.0  # pixels of the window


class Move:
    """Their places change once, at the end, as one step. A mere click selects."""

    scrolls = True

    def __init__(self, canvas: Canvas, here: Touch, thing: Thing) -> None:
        self._canvas, self._start, self._thing = canvas, here, thing
        chosen = canvas.things()
        self._was_chosen = thing in chosen
        self._takes_out = here.alt and isinstance(thing, str)
        self._load: list[Thing] = []
        self._lead = Rect(0, 0, 0, 0)
        self._snapping: Snapping | None = None  # there once the drag has begun
        self._by = Catch(0.0, 0.0, ())
        self._may_enter, self._is_bare = False, False
        self._lit: Wire | None = None
        if not self._was_chosen:
            canvas.choose([*chosen, thing] if here.ctrl or here.shift else [thing])

    def move(self, here: Touch) -> None:
        """Show things where they would go."""
        if self._snapping is None:
            if not is_drag(self._start, here):
                return
            self._begin()
        self._take(here)
        self._by = self._caught(here)
        canvas, dx, dy = self._canvas, self._by.dx, self._by.dy
        canvas.canvas_scene.slide(self._layers(), dx, dy)
        self._light(self._wire_under(here))
        marks = [thing for thing in self._load if isinstance(thing, Mark)]
        outlines = [rect._replace(x=rect.x + dx, y=rect.y + dy) for rect in areas(canvas, marks).values()]
        canvas.guides.show(lines=self._by.guides, outlines=tuple(outlines), path=self._healed())

    def _begin(self) -> None:
        canvas = self._canvas
        self._load = whole_load(canvas)
        layers, graph = self._layers(), canvas.graph
        self._takes_out = self._takes_out and bool(crossing(graph, layers))
        alone = len(layers) == len(self._load) and all(name in canvas.canvas_scene.cards for name in layers)
        loose = self._takes_out or not crossing(graph, layers)
        self._may_enter = alone and loose and may_stand_in_a_wire(graph, layers)
        lead = canvas.area(self._thing)
        self._lead = lead if lead is not None else self._lead
        seen = canvas.mapToScene(canvas.viewport().rect()).boundingRect()
        around = [thing for thing in things_in(canvas, seen) if thing not in self._load]
        grid = canvas.canvas_scene.theme.sizes.grid
        is_card = isinstance(
            self._thing, str
        )  # a frame goes in whole steps, so that its layers stay on the grid
        through = (0.0, 0.0) if is_card else (self._lead.x, self._lead.y)
        self._snapping = Snapping(areas(canvas, around).values(), grid, through)
        if self._takes_out:
            canvas.status.emit("Let go to take it out of its wires; over a wire, to put it in there.")

    def _take(self, here: Touch) -> None:
        """With Ctrl a frame leaves behind what lies in it."""
        if here.ctrl == self._is_bare:
            return
        self._is_bare = here.ctrl
        load = whole_load(self._canvas, with_insides=not here.ctrl)
        left = [thing for thing in self._load if isinstance(thing, str) and thing not in load]
        if left:
            self._canvas.canvas_scene.slide(left, 0.0, 0.0)
        self._load = load

    def _layers(self) -> list[str]:
        return [thing for thing in self._load if isinstance(thing, str)]

    def _caught(self, here: Touch) -> Catch:
        """How far to go: with Alt, or where the switch is off, freely; Alt that takes out a layer does not count."""
        canvas, by = self._canvas, here.place - self._start.place
        free = (here.alt and not self._takes_out) or not canvas.snaps
        if free or self._snapping is None:
            return Catch(by.x(), by.y(), ())
        raw = self._lead._replace(x=self._lead.x + by.x(), y=self._lead.y + by.y())
        caught = self._snapping.catch(raw, CATCH / canvas.zoom)
        return Catch(by.x() + caught.dx, by.y() + caught.dy, caught.guides)

    def _healed(self) -> QPainterPath | None:
        """The wires that will close the gap a layer leaves that is taken out."""
        if not self._takes_out:
            return None
        scene, path = self._canvas.canvas_scene, QPainterPath()
        for wire in bridges(self._canvas.graph, self._layers()):
            if wire.source in scene.cards and wire.target in scene.cards:
                start = scene.port_point(wire.source, "outputs", wire.source_port)
                end = scene.port_point(wire.target, "inputs", wire.target_port)
                path.addPath(wire_path(bezier((start.x(), start.y()), (end.x(), end.y())), False))
        return path

    def _wire_under(self, here: Touch) -> Wire | None:
        """The wire that layers without wires of their own are held over: they would be put into it."""
        if not self._may_enter:
            return None
        canvas = self._canvas
        item = canvas.canvas_scene.wire_at(here.place, WIRE_REACH / canvas.zoom)
        wire = wire_of(item.view.key) if item is not None else None
        own = wire is not None and {wire.source, wire.target} & set(self._layers())
        return None if own else wire

    def release(self, here: Touch) -> None:
        """Put them there, or into the wire below."""
        canvas = self._canvas
        if self._snapping is None:
            self._click(here)
            return
        wire = self._wire_under(here)
        self._rest()
        layers, network, document = self._layers(), canvas.network, canvas.document
        before = document.changes
        if not self._takes_out and wire is None:
            carry(canvas, self._load, self._by.dx, self._by.dy)
            self._stay_put(before)
            return
        what = layers[0] if len(layers) == 1 else f"{len(layers)} layers"
        with document.one_step(f"Take out {what}" if wire is None else f"Insert {what}"):
            if self._takes_out:
                canvas.attempt(lambda: document.perform(take_out(document.design, network, layers)))
            if wire is None or not canvas.adder.splice(layers, wire, here.place):
                carry(canvas, self._load, self._by.dx, self._by.dy)
        self._stay_put(before)
        canvas.choose(layers)

    def _stay_put(self, before: int) -> None:
        """Where nothing has changed, what was dragged goes back; else the change has drawn everything anew."""
        if self._canvas.document.changes == before:
            self._canvas.redraw()

    def _click(self, here: Touch) -> None:
        canvas, more = self._canvas, here.ctrl or here.shift
        if self._was_chosen and here.ctrl:
            canvas.choose([thing for thing in canvas.things() if thing != self._thing])
        elif self._was_chosen and not more:
            canvas.choose([self._thing])

    def cancel(self) -> None:
        """Back to where they stood."""
        self._rest()
        self._canvas.redraw()

    def _rest(self) -> None:
        self._light(None)
        self._canvas.guides.clear()

    def _light(self, wire: Wire | None) -> None:
        """The wire that would take them in is drawn as if it were selected."""
        if wire == self._lit:
            return
        wires = self._canvas.canvas_scene.wires
        for changed, lit in ((self._lit, False), (wire, True)):
            key = (changed[:2], changed[2:]) if changed is not None else None
            if key in wires:
                wires[key].set_chosen(lit)
        self._lit = wire
