"""The canvas: shows one network of the document, and turns gestures into its intents."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
)
from PySide6.QtWidgets import QWidget

from designer.canvas.adding.adding import Adder, positions_of
from designer.canvas.arranging.animation import Glider
from designer.canvas.arranging.places import Places, raw_places, read_place, whole
from designer.canvas.gestures.deeds import delete
from designer.canvas.gestures.drops import Drops
from designer.canvas.gestures.guides import Guides
from designer.canvas.gestures.hand import Hand
from designer.canvas.gestures.keys import Keys
from designer.canvas.gestures.writing import Writer
from designer.canvas.ghosts import ghosts
from designer.canvas.overlay import Heater
from designer.canvas.project import Projector
from designer.canvas.rooms import Rooms
from designer.canvas.shown import Shown
from designer.canvas.telling.notices import Notices
from designer.document import Document
from designer.theme import Theme
from graph_ir.edits import Refused

Result = TypeVar("Result")


class Canvas(Shown):
    """What the hand and the keys do here becomes an intent of the document."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(document, theme, parent)
        self.rooms = Rooms(self, theme)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setAccessibleName("Canvas")
        self.setObjectName("canvas")
        self.notices = Notices(self, theme)
        self.glider = Glider(self)
        self._projector, self.heater = Projector(), Heater()
        self.adder = Adder(self)
        self.drops = Drops(self)
        self.keys = Keys(self)
        self.hand = Hand(self)
        self.guides = Guides(self)
        self.writer = Writer(self)
        self.snaps = True  # a drag catches on the grid and on neighbours
        self.selection_changed.connect(self._selected)
        self.moved.connect(self.notices.follow)
        document.checked.connect(lambda _report: self.redraw())
        document.layout_changed.connect(self._layout_changed)
        document.previewed.connect(lambda _preview: self.dress())
        document.reset.connect(self._reset)
        self.redraw()

    # What is shown

    def redraw(self) -> None:
        """Bring the items in step with the document. What the mouse is doing was begun on what was there before."""
        self.hand.cancel()
        self.trail.mend()
        self.rooms.breadcrumb.refresh()
        sizes = self.canvas_scene.theme.sizes
        self._plain = self._projector.project(self.document.design, self.report, sizes, self.network)
        self.dress()
        self.selection.keep_only(self.graph.ids())
        self.marks.keep_known()
        self.guides.follow()
        self.writer.refresh()
        self.notices.refresh()

    def _layout_changed(self, network: str, names: list[str]) -> None:
        seen = self.glider.seen(names) if network == self.network else {}
        self.redraw()
        self.glider.glide(seen)

    def dress(self) -> None:
        """Show the network with what lies over it: what an edit that is being made would change, and an overlay."""
        view = ghosts(self._plain, self.trail)
        self.canvas_scene.show_canvas(self.heater.heated(view, self.report))

    def set_theme(self, theme: Theme) -> None:
        """Another look."""
        self.canvas_scene.set_theme(theme)
        self.notices.set_theme(theme)
        self.rooms.breadcrumb.set_theme(theme)
        self.adder.list.set_theme(theme)
        self.writer.set_theme(theme)
        self.viewport().update()

    def _reset(self) -> None:
        self.select([])
        self.redraw()
        self.fit_all()

    def _selected(self, names: list[str]) -> None:
        self.notices.show_problems_of(names[0] if len(names) == 1 else None)

    def show_problems_of(self, name: str) -> None:
        """Say beside a layer what is wrong with it, selected or not."""
        self.notices.show_problems_of(name)

    def fit_all(self) -> None:
        """Show everything, at 125 % at most, below the way to the block on show."""
        self.fit(self.canvas_scene.itemsBoundingRect().adjusted(0, -self.rooms.headroom, 0, 0))

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What the commands that need no more than the canvas do."""
        return {
            "delete": lambda: delete(self),
            "delete_only": lambda: delete(self, heal=False),
            "select_all": lambda: self.choose([*self.canvas_scene.cards, *self.marks.views()]),
            "add": self.open_search,
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
        now = raw_places(self.document.design.layout, self.network)
        graph = self.graph
        asked = (
            (name, place)
            for name, place in places.items()
            if name in graph and read_place(now.get(name)) != place
        )
        changed = {name: (whole(x), whole(y)) for name, (x, y) in asked}
        if changed:
            self.attempt(lambda: self.document.move(self.network, changed))

    def put_layers(self, places: Places) -> None:
        """Put some layers at places; all others stay where they are, which the design then knows."""
        self.move_to(places if self._projector.is_placed else positions_of(self) | places)

    def open_search(self, at: QPoint | None = None) -> None:
        """Open the quick-add list, at a place of the window or beside the selected layer."""
        self.adder.open(at)

    # Events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin the gesture that fits what is under the mouse."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.notices.quiet()
        self.adder.list.close_list()
        self.hand.press(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the gesture."""
        self.hand.move(event)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the gesture."""
        self.hand.release(event)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go into what is under the mouse, or add something there."""
        self.hand.double_click(event)
        event.accept()

    def cancel_gesture(self) -> bool:
        """Drop what the mouse is doing; whether it was doing anything."""
        return self.hand.cancel()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The canvas's own keys; all others go on to the window."""
        self.hand.again(event.modifiers())
        if not self.keys.press(event):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space opens the list when it is let go."""
        self.hand.again(event.modifiers())
        if not self.keys.release(event):
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keys that are let go elsewhere are not held here any more."""
        self.keys.let_go()
        super().focusOutEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """A window that loses the screen loses the mouse: what it was doing is dropped."""
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.cancel_gesture()
        super().changeEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips of ports and cards; a mouse that was taken away drops the gesture."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self.hand.explain(event)
            return True
        if event.type() == QEvent.Type.Leave:
            self.hand.left()
        elif event.type() in (QEvent.Type.UngrabMouse, QEvent.Type.Hide):
            self.cancel_gesture()
        return super().viewportEvent(event)

    def drawForeground(self, painter: QPainter, area: QRectF | QRect) -> None:
        """What the hand is doing, above everything else."""
        self.guides.paint(painter)

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
