"""The sheet with a network on it: what is shown, what is selected, and where things are. It changes nothing."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Signal
from PySide6.QtWidgets import QWidget

from designer.canvas.gestures.marks import Mark, Marks, Thing
from designer.canvas.scene import CanvasScene
from designer.canvas.selection import Selection
from designer.canvas.sheet import Sheet
from designer.canvas.stock import WireKey
from designer.canvas.views import Rect
from designer.document import Document
from designer.theme import Theme
from designer.trail import Trail
from graph_ir.graph import Graph, Wire
from graph_ir.report import Report


class Shown(Sheet):
    """One network of a document. Holds nothing of it but what is selected."""

    selection_changed = Signal(list)  # layer ids
    choice_changed = Signal()  # layers, frames, comments or wires are selected that were not, or no longer
    status = Signal(str)  # a sentence for the status bar
    inspect = Signal(str)  # Enter on a layer: its properties are wanted
    menu_wanted = Signal(QPoint)  # of what is selected, at a place of the screen

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        self.canvas_scene = CanvasScene(theme)
        super().__init__(self.canvas_scene, parent)
        self.document = document
        self.trail = Trail(document)
        self.marks = Marks(self)
        self.selection = Selection(self.canvas_scene, self.selection_changed.emit)

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

    # What is selected

    def selected(self) -> list[str]:
        """The selected layers, the one selected last at the end."""
        return self.selection.names()

    def things(self) -> list[Thing]:
        """All that is selected but wires: layers, frames and comments."""
        return [*self.selected(), *self.marks.chosen()]

    def chosen_wires(self) -> list[Wire]:
        """The selected wires."""
        return [wire_of(key) for key in self.canvas_scene.chosen_wires()]

    def select(self, names: Iterable[str], reveal: bool = False) -> None:
        """Select exactly these layers (unknown ones are passed over); `reveal` scrolls to them."""
        chosen = [name for name in names if name in self.graph]
        self.choose(chosen)
        if reveal and chosen:
            self.reveal(chosen[-1])

    def choose(self, things: Iterable[Thing]) -> None:
        """Select exactly these layers, frames and comments."""
        chosen = list(things)
        self.marks.choose(thing for thing in chosen if isinstance(thing, Mark))
        self.selection.choose(thing for thing in chosen if isinstance(thing, str))
        self.viewport().update()
        self.choice_changed.emit()

    def select_wire(self, wire: Wire) -> None:
        """Select one wire and nothing else."""
        self.marks.choose(())
        self.selection.choose_wire((wire[:2], wire[2:]))
        self.viewport().update()
        self.choice_changed.emit()

    def toggle_wire(self, wire: Wire) -> None:
        """Select one wire more, or one less."""
        wires = self.chosen_wires()
        if not wires:
            self.choose(())
        self.canvas_scene.wires[wire[:2], wire[2:]].set_chosen(wire not in wires)
        self.viewport().update()
        self.choice_changed.emit()

    # Where things are

    def area(self, thing: Thing) -> Rect | None:
        """Where a card, frame or comment stands, wherever a drag shows it; None for what is none."""
        if isinstance(thing, Mark):
            return self.marks.rect(thing) if thing in self.marks.views() else None
        card, sizes = self.canvas_scene.cards.get(thing), self.canvas_scene.theme.sizes
        return None if card is None else Rect(*card.view.position, sizes.card_width, sizes.card_height)

    def area_in_window(self, name: str) -> QRect:
        """Where a card is in the window, in pixels of the viewport. Raises KeyError for what is no card."""
        return self.mapFromScene(QRectF(*self.canvas_scene.cards[name].rect())).boundingRect()

    def _seen_area(self, thing: Thing) -> QRectF | None:
        """Where a thing is seen: an Input on a chip, at its chip."""
        found = self.area(thing)
        if found is not None:
            return QRectF(*found)
        chips = self.canvas_scene.chips.values()
        return next((QRectF(*c.rect()) for c in chips if thing in {part for part, _ in c.view.parts}), None)

    def snapped(self, point: QPointF, share: float = 1.0) -> QPointF:
        """The nearest point of the grid, or of one so much finer."""
        step = self.canvas_scene.theme.sizes.grid * share
        return QPointF(round(point.x() / step) * step, round(point.y() / step) * step)

    def reveal(self, thing: Thing) -> None:
        """Scroll so that a thing is seen."""
        rect = self._seen_area(thing)
        if rect is not None:
            self.ensureVisible(rect, 60, 60)
            self.moved.emit()

    def fit_selection(self) -> None:
        """Show what is selected, or everything."""
        areas = [area for area in map(self._seen_area, self.things()) if area is not None]
        together = QRectF()
        for area in areas:
            together = together.united(area)
        self.fit(together if areas else self.canvas_scene.itemsBoundingRect())


def wire_of(key: WireKey) -> Wire:
    """The wire of the graph that a wire on the sheet shows."""
    return Wire(*key[0], *key[1])
