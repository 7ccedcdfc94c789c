"""The canvas: a view of one network that shows what the document says and turns gestures into its intents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import TypeVar

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from designer.canvas.adding import Adder, positions_of
from designer.canvas.begin import begin, is_empty, tip
from designer.canvas.drops import Drops
from designer.canvas.gestures import Gesture
from designer.canvas.ghosts import ghosts
from designer.canvas.keys import Keys
from designer.canvas.notices import Notices
from designer.canvas.places import Places, stored, tidy, whole
from designer.canvas.project import project
from designer.canvas.rooms import Rooms
from designer.canvas.scene import CanvasScene
from designer.canvas.selection import Selection
from designer.canvas.sheet import Sheet
from designer.document import Document
from designer.theme import Theme
from designer.trail import Trail
from graph_ir.edits import Refused
from graph_ir.graph import Graph, Wire
from graph_ir.report import Report

Result = TypeVar("Result")


class Canvas(Sheet):
    """Shows one network of a document. Holds nothing of it but which layers are selected."""

    selection_changed = Signal(list)  # layer ids
    status = Signal(str)  # a sentence for the status bar
    inspect = Signal(str)  # Enter on a layer: its properties are wanted
    menu_wanted = Signal(QPoint)  # of the selected layers, at a place of the screen

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        self.canvas_scene = CanvasScene(theme)
        super().__init__(self.canvas_scene, parent)
        self.document = document
        self.trail = Trail(document)
        self.rooms = Rooms(self, theme)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setAccessibleName("Canvas")
        self.setObjectName("canvas")
        self.notices = Notices(self, theme)
        self.adder = Adder(self)
        self.drops = Drops(self)
        self.keys = Keys(self)
        self._gesture: Gesture | None = None
        self._selection = Selection(self.canvas_scene, self._selected)
        self.moved.connect(self.notices.follow)
        document.checked.connect(lambda _report: self.redraw())
        document.layout_changed.connect(lambda _network, _ids: self.redraw())
        document.previewed.connect(lambda _preview: self.dress())
        document.reset.connect(self._reset)
        self.redraw()

    # What is shown

    @property
    def network(self) -> str:
        """The name of the network on show."""
        return self.trail.network

    @property
    def graph(self) -> Graph:
        """The network on show."""
        return self.trail.graph

    @property
    def report(self) -> Report:
        """What the check says about it."""
        return self.trail.report

    def redraw(self) -> None:
        """Bring the items in step with the document."""
        self.trail.mend()
        self.rooms.breadcrumb.refresh()
        sizes = self.canvas_scene.theme.sizes
        self._plain = project(self.document.design, self.report, sizes, self.network)
        self.dress()
        self._selection.keep_only(self.graph.ids())
        self.notices.refresh()

    def dress(self) -> None:
        """Show the network with what lies over it: what an edit that is being made would change."""
        self.canvas_scene.show_canvas(ghosts(self._plain, self.trail))

    def set_theme(self, theme: Theme) -> None:
        """Another look."""
        self.canvas_scene.set_theme(theme)
        self.notices.set_theme(theme)
        self.rooms.breadcrumb.set_theme(theme)
        self.adder.list.set_theme(theme)
        self.viewport().update()

    def _reset(self) -> None:
        self.select([])
        self.redraw()
        self.fit_all()

    # Selection

    def selected(self) -> list[str]:
        """The selected layers, the one selected last at the end."""
        return self._selection.names()

    def select(self, names: Iterable[str], reveal: bool = False) -> None:
        """Select exactly these layers (unknown ones are passed over); `reveal` scrolls to them."""
        chosen = [name for name in names if name in self.graph]
        self._selection.choose(chosen)
        if reveal and chosen:
            self.reveal(chosen[-1])

    def select_wire(self, wire: Wire) -> None:
        """Select one wire and no layer."""
        self._selection.choose_wire(((wire.source, wire.source_port), (wire.target, wire.target_port)))

    def _selected(self, names: list[str]) -> None:
        self.notices.show_problems_of(names[0] if len(names) == 1 else None)
        self.selection_changed.emit(names)

    def reveal(self, name: str) -> None:
        """Scroll so that a layer is seen."""
        rect = self._area_of(name)
        if rect is not None:
            self.ensureVisible(rect, 60, 60)
            self.notices.follow()

    def _area_of(self, name: str) -> QRectF | None:
        if name in self.canvas_scene.cards:
            return QRectF(*self.canvas_scene.cards[name].rect())
        chips = self.canvas_scene.chips.values()
        return next((QRectF(*c.rect()) for c in chips if name in {part for part, _ in c.view.parts}), None)

    def area_in_window(self, name: str) -> QRect:
        """Where a card is in the window, in pixels of the viewport. Raises KeyError for what is no card."""
        return self.mapFromScene(QRectF(*self.canvas_scene.cards[name].rect())).boundingRect()

    def show_problems_of(self, name: str) -> None:
        """Say beside a layer what is wrong with it, selected or not."""
        self.notices.show_problems_of(name)

    def fit_all(self) -> None:
        """Show everything, at 125 % at most, below the way to the block on show."""
        self.fit(self.canvas_scene.itemsBoundingRect().adjusted(0, -self.rooms.headroom, 0, 0))

    def fit_selection(self) -> None:
        """Show what is selected, or everything."""
        areas = [area for area in map(self._area_of, self.selected()) if area is not None]
        together = QRectF()
        for area in areas:
            together = together.united(area)
        self.fit(together if areas else self.canvas_scene.itemsBoundingRect())

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the commands that need no more than the canvas do."""
        return {
            "delete": self.delete_selected,
            "delete_only": lambda: self.delete_selected(heal=False),
            "select_all": lambda: self.select(self.canvas_scene.cards),
            "add": self.open_search,
            "tidy": self.tidy,
            "zoom_in": self.zoom_in,
            "zoom_out": self.zoom_out,
            "zoom_reset": self.zoom_reset,
            "fit": self.fit_all,
            "fit_selection": self.fit_selection,
        }

    # Edits: everything goes through the document

    def attempt(self, intent: Callable[[], Result], at: QPointF | None = None) -> Result | None:
        """Do an intent; a refusal is said at the place (else in the status bar) and gives None."""
        try:
            return intent()
        except Refused as error:
            if at is None:
                self.status.emit(str(error))
            else:
                self.notices.say(str(error), at, lingers=True)
            return None

    def move_to(self, places: Places) -> None:
        """Put layers at places; every layer gets a place of its own in the design at the first move."""
        now = stored(self.document.design.layout, self.network)
        asked = (
            (name, place) for name, place in places.items() if name in self.graph and now.get(name) != place
        )
        changed = {name: (whole(x), whole(y)) for name, (x, y) in asked}
        if changed:
            self.attempt(lambda: self.document.move(self.network, changed))

    def move_by(self, names: Sequence[str], dx: float, dy: float) -> None:
        """Shift layers by so many pixels, as one undo step."""
        known = positions_of(self)
        shifted = {name: (known[name][0] + dx, known[name][1] + dy) for name in names}
        if dx or dy:
            self.move_to(known | shifted)

    def tidy(self) -> None:
        """Lay the network out anew, as one undo step, and show all of it."""
        sizes = self.canvas_scene.theme.sizes
        self.move_to(tidy(self.document.design, self.report, sizes, self.network))
        self.fit_all()

    def delete_selected(self, heal: bool = True) -> None:
        """Remove the selected wires or layers; `heal` joins what was before to what is behind where shapes allow."""
        wires = self.canvas_scene.chosen_wires()
        if wires:
            with self.document.one_step("Disconnect"):
                for (source, out), (target, into) in wires:
                    wire = Wire(source, out, target, into)
                    self.attempt(lambda wire=wire: self.document.disconnect(self.network, wire))  # type: ignore[misc]  # the default binds the loop variable
        elif self.selected():
            self.attempt(lambda: self.document.remove_layers(self.network, self.selected(), heal=heal))

    def open_search(self, at: QPoint | None = None) -> None:
        """Open the quick-add list, at a place of the window or beside the selected layer."""
        self.adder.open(at)

    def snapped(self, point: QPointF) -> QPointF:
        """The nearest point of the grid."""
        step = self.canvas_scene.theme.sizes.grid
        return QPointF(round(point.x() / step) * step, round(point.y() / step) * step)

    # Events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin the gesture that fits what is under the mouse."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.notices.quiet()
        self.adder.list.close_list()
        if self._gesture is None:
            self._gesture = begin(self, event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the gesture; without one, show the pill of the wire that is pointed at."""
        if self._gesture is not None:
            self._gesture.move(event)
            self.keys.mouse_was_used()
        else:
            self.canvas_scene.point_at(self.mapToScene(event.position().toPoint()))
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the gesture."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.release(event)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On empty canvas open the quick-add list; into a block; on any other layer its properties are wanted."""
        at = event.position().toPoint()
        card = self.canvas_scene.card_at(self.mapToScene(at))
        if card is not None:
            if not self.rooms.enter():
                self.inspect.emit(card.view.id)
        elif event.button() == Qt.MouseButton.LeftButton and is_empty(self, at):
            self.open_search(at)
        event.accept()

    def cancel_gesture(self) -> bool:
        """Drop what the mouse is doing; whether it was doing anything."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()
        return gesture is not None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The canvas's own keys; all others go on to the window."""
        if not self.keys.press(event):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space opens the list when it is let go."""
        if not self.keys.release(event):
            event.ignore()

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips of ports and cards, as plain text."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            words = tip(self, event.pos())
            QToolTip.showText(
                event.globalPos(), f"<qt>{escape(words).replace(chr(10), '<br>')}</qt>" if words else ""
            )
            return True
        return super().viewportEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take layers from the palette."""
        self.drops.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where the layer would go."""
        self.drops.over(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show nothing any more."""
        self.drops.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add the layer there."""
        self.drops.drop(event)
