"""Drawing a wire from port to port, either way round, and moving a wire's end; the target answers while it is drawn."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from designer.canvas.adding.offers import refusal, wire_misfit
from designer.canvas.arranging.routing import bezier
from designer.canvas.gestures.deeds import rewire
from designer.canvas.gestures.touch import Touch
from designer.canvas.painting.card_item import Side
from designer.canvas.painting.wire_item import wire_path
from designer.canvas.project import free_inputs, output_ports
from designer.canvas.views import PortKey
from designer.preview import tried
from graph_ir import edits
from graph_ir.edits import Edit, Refused
from graph_ir.graph import Wire

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

REACH = 18.0  # how near the mouse must come to a port, in pixels of the window
NEAR = 4  # and how far it must go from the one where it was pressed to draw a wire


class Draw:
    """A wire in the making. `moved` is the wire whose end was taken up, if one was."""

    scrolls = True

    def __init__(self, canvas: Canvas, here: Touch, port: tuple[str, Side, str]) -> None:
        self._canvas, self._from = canvas, here
        name, side, port_name = port
        self._started = False
        self.moved = self._wire_into(name, port_name) if side == "inputs" else None
        if self.moved is not None:
            self._fixed: PortKey = (self.moved.source, self.moved.source_port)
            self._side: Side = "outputs"
        else:
            self._fixed, self._side = (name, port_name), side
        self._over: tuple[str, Side, str] | None = None
        scene = canvas.canvas_scene
        self._start = scene.port_point(self._fixed[0], self._side, self._fixed[1])

    def _wire_into(self, name: str, port: str) -> Wire | None:
        return next((w for w in self._canvas.graph.wires_into(name) if w.target_port == port), None)

    def move(self, here: Touch) -> None:
        """Follow the mouse, catch on a port that is near, and show what it would say to the wire."""
        if not self._started and (here.spot - self._from.spot).manhattanLength() < NEAR:
            return
        scene = self._canvas.canvas_scene
        if not self._started:
            self._started = True
            self._hide_moved(True)
        over = self._port_under(here.place)
        if over != self._over:
            self._calm()
            self._over = over
            self._answer()
        end = scene.port_point(*over) if over else here.place
        self._draw_to(end)

    def _draw_to(self, end: QPointF) -> None:
        start, stop = (self._start, end) if self._side == "outputs" else (end, self._start)
        path = wire_path(bezier((start.x(), start.y()), (stop.x(), stop.y())), False)
        self._canvas.guides.show(path=path)

    def _port_under(self, here: QPointF) -> tuple[str, Side, str] | None:
        """The port to catch on: one on the other side near the mouse, else the best of the card under it."""
        scene = self._canvas.canvas_scene
        wanted: Side = "inputs" if self._side == "outputs" else "outputs"
        port = scene.port_at(here, REACH / self._canvas.zoom, wanted)
        if port is not None and port[0] != self._fixed[0]:
            return port
        card = scene.card_at(here)
        if card is None or card.view.id == self._fixed[0]:
            return None
        name = card.view.id
        choice = self._best_input(name) if wanted == "inputs" else next(iter(self._outputs(name)), None)
        return (name, wanted, choice) if choice else None

    def _outputs(self, name: str) -> list[str]:
        return output_ports(self._canvas.graph, name)

    def _best_input(self, name: str) -> str | None:
        """The first free input that fits; else the first free one; else the first."""
        ports = free_inputs(self._canvas.graph, name)
        fitting = [port for port in ports if self._reason(self._wire((name, "inputs", port))) is None]
        shown = [port.name for port in self._canvas.canvas_scene.cards[name].view.inputs]
        return next(iter((*fitting, *ports, *shown)), None)

    def _wire(self, over: tuple[str, Side, str]) -> Wire:
        name, _, port = over
        if self._side == "outputs":
            return Wire(*self._fixed, name, port)
        return Wire(name, port, *self._fixed)

    def _reason(self, wire: Wire) -> str | None:
        canvas = self._canvas
        if wire == self.moved:
            return None
        return refusal(canvas.document.design, canvas.network, wire) or wire_misfit(
            canvas.graph, canvas.report, wire
        )

    def _answer(self) -> None:
        """The port under the mouse says whether the wire fits, and why not."""
        canvas = self._canvas
        if self._over is None:
            canvas.document.preview(None)
            canvas.notices.quiet()
            return
        name, side, port = self._over
        wire = self._wire(self._over)
        reason = self._reason(wire)
        self._try(wire)
        canvas.canvas_scene.cards[name].set_feel(side, port, "refused" if reason else "fits")
        if reason:
            canvas.notices.say(reason, canvas.canvas_scene.port_point(name, side, port))
        else:
            canvas.notices.quiet()

    def _try(self, wire: Wire) -> None:
        """Show what the wire would make of the shapes behind it; nothing where it can't be drawn."""
        canvas, moved = self._canvas, self.moved
        design, network = canvas.document.design, canvas.network
        edit: Edit | None = None
        with suppress(Refused):
            taken = edits.disconnect(design, network, moved) if moved is not None else Edit("", ())
            with tried(design, taken):
                drawn = edits.connect(design, network, wire)
            edit = Edit(drawn.title, taken.changes + drawn.changes)
        canvas.document.preview(edit if wire != moved else None)
        self._hide_moved(True)

    def release(self, here: Touch) -> None:
        """Draw the wire, or ask what to add at its end; a click on a port alone does nothing."""
        over, started = self._over, self._started
        self._end()
        if not started:
            return
        canvas = self._canvas
        if over is not None:
            self._connect(self._wire(over))
        elif (moved := self.moved) is not None:
            canvas.attempt(lambda: canvas.document.disconnect(canvas.network, moved))
        else:
            source = self._fixed if self._side == "outputs" else None
            canvas.adder.open(here.spot, source=source, target=self._backwards)

    @property
    def _backwards(self) -> PortKey | None:
        return self._fixed if self._side == "inputs" else None

    def _connect(self, wire: Wire) -> None:
        if wire != self.moved:
            rewire(self._canvas, self.moved, wire)

    def cancel(self) -> None:
        """Leave the wires as they were."""
        self._end()

    def _end(self) -> None:
        self._calm()
        self._canvas.document.preview(None)
        self._canvas.notices.quiet()
        self._canvas.guides.clear()
        self._hide_moved(False)

    def _hide_moved(self, hidden: bool) -> None:
        if self.moved is None:
            return
        key = (self.moved.source, self.moved.source_port), (self.moved.target, self.moved.target_port)
        item = self._canvas.canvas_scene.wires.get(key)
        if item is not None:
            item.setVisible(not hidden)

    def _calm(self) -> None:
        if self._over is not None and self._over[0] in self._canvas.canvas_scene.cards:
            self._canvas.canvas_scene.cards[self._over[0]].calm()
