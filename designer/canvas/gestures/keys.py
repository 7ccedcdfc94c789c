"""The keys of the canvas. Everything the mouse can do here has its key; Tab stays what it is everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from designer.canvas.adding.offers import refusal, wire_misfit
from designer.canvas.gestures.deeds import carry, put, rewire, whole_load
from designer.canvas.gestures.sizing import drawn
from designer.canvas.gestures.touch import ALT, CTRL, SHIFT
from designer.canvas.project import free_inputs, output_ports
from designer.canvas.views import PortKey
from graph_ir.graph import Wire

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

Key = Qt.Key
ARROWS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, -1), Key.Key_Down: (0, 1)}


class Keys:
    """Turns keys into what the canvas does; `press` and `release` say whether a key was one of its own."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.space_held = False
        self._space_used = False
        self._wire_from: PortKey | None = None

    def mouse_was_used(self) -> None:
        """A drag while Space is held is a pan: letting Space go opens nothing."""
        self._space_used = True

    def let_go(self) -> None:
        """The canvas has lost the focus: whoever has it now hears of the keys."""
        if self.space_held:
            self.space_held = False
            self._canvas.viewport().unsetCursor()

    def press(self, event: QKeyEvent) -> bool:
        """Act on a key."""
        key, held = Key(event.key()), event.modifiers()
        self._canvas.hand.pressed_at = None
        if key == Key.Key_Space and not held & (CTRL | ALT):
            if not event.isAutoRepeat():
                self.space_held, self._space_used = True, False
                self._canvas.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
            return True
        if key in ARROWS and not held & ALT:
            self._arrow(*ARROWS[key], held)
            return True
        if held & (CTRL | ALT) and key not in (Key.Key_Plus, Key.Key_Equal, Key.Key_Minus, Key.Key_0):
            return False
        return self._plain(key)

    def _plain(self, key: Qt.Key) -> bool:
        canvas = self._canvas
        actions = {
            Key.Key_Plus: canvas.zoom_in,
            Key.Key_Equal: canvas.zoom_in,
            Key.Key_Minus: canvas.zoom_out,
            Key.Key_0: canvas.zoom_reset,
            Key.Key_Home: canvas.fit_all,
            Key.Key_Escape: self._escape,
            Key.Key_W: self._take_wire,
            Key.Key_Return: self._enter,
            Key.Key_Enter: self._enter,
        }
        if key not in actions:
            return False
        actions[key]()
        return True

    def release(self, event: QKeyEvent) -> bool:
        """Space let go without a drag opens the list."""
        if event.key() != Key.Key_Space or event.isAutoRepeat() or not self.space_held:
            return False
        self.space_held = False
        self._canvas.viewport().unsetCursor()
        if not self._space_used:
            self._canvas.open_search()
        return True

    def _escape(self) -> None:
        canvas = self._canvas
        if canvas.cancel_gesture():
            return
        if self._wire_from is not None:
            self._wire_from = None
            canvas.status.emit("")
            return
        canvas.notices.quiet()
        canvas.choose([])

    def _arrow(self, dx: int, dy: int, held: Qt.KeyboardModifier) -> None:
        canvas = self._canvas
        if held & CTRL:
            step = canvas.canvas_scene.theme.sizes.grid
            self._shift(dx * step, dy * step, resize=bool(held & SHIFT))
            return
        name = self._neighbour(dx, dy)
        if name is not None:
            canvas.select([*canvas.selected(), name] if held & SHIFT else [name], reveal=True)

    def _shift(self, dx: float, dy: float, *, resize: bool) -> None:
        """Move what is selected; with Shift draw the selected frames and comments larger or smaller."""
        canvas = self._canvas
        if not resize:
            carry(canvas, whole_load(canvas), dx, dy)
            return
        marks = canvas.marks.chosen()
        if marks:
            put(canvas, {mark: drawn(canvas.marks.rect(mark), "se", dx, dy) for mark in marks}, "Resize")

    def _neighbour(self, dx: int, dy: int) -> str | None:
        """The nearest card in that direction; with nothing selected, the first of the file."""
        canvas = self._canvas
        cards = canvas.canvas_scene.cards
        selected = [name for name in canvas.selected() if name in cards]
        if not selected:
            return next(iter(cards), None)
        here = cards[selected[-1]].rect()
        best: tuple[float, str] | None = None
        for name, item in cards.items():
            there = item.rect()
            ahead = (there.x - here.x) * dx + (there.y - here.y) * dy
            aside = abs((there.x - here.x) * dy) + abs((there.y - here.y) * dx)
            cost = ahead + 2 * aside
            if name != selected[-1] and ahead > 1 and (best is None or cost < best[0]):
                best = cost, name
        return best[1] if best else None

    def _take_wire(self) -> None:
        """W on a layer takes up a wire from it; Enter on another ends it there."""
        canvas = self._canvas
        selected = canvas.selected()
        ports = output_ports(canvas.graph, selected[-1]) if selected else []
        if not ports:
            return
        taken = self._wire_from
        again = taken is not None and taken[0] == selected[-1]
        at = (ports.index(taken[1]) + 1) % len(ports) if taken is not None and again else 0
        self._wire_from = (selected[-1], ports[at])
        more = "; W again takes the next output" if len(ports) > 1 else ""
        canvas.status.emit(f"Wire from {selected[-1]}.{ports[at]}: go to a layer and press Enter{more}.")

    def _enter(self) -> None:
        canvas = self._canvas
        selected = canvas.selected()
        marks = canvas.marks.chosen()
        if marks and not selected:
            canvas.writer.edit(marks[-1])
        if not selected:
            return
        if self._wire_from is None or self._wire_from[0] == selected[-1]:
            canvas.inspect.emit(selected[-1])
            return
        source, self._wire_from = self._wire_from, None
        name = selected[-1]
        wires = [Wire(*source, name, port) for port in free_inputs(canvas.graph, name)]
        if not wires:
            canvas.status.emit(f"{name} has no free input; disconnect one first.")
            return
        fitting = [wire for wire in wires if not self._reason(wire)]
        rewire(canvas, None, (fitting or wires)[0])

    def _reason(self, wire: Wire) -> str | None:
        canvas = self._canvas
        return refusal(canvas.document.design, canvas.network, wire) or wire_misfit(
            canvas.graph, canvas.report, wire
        )
