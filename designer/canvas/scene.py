"""The scene: everything on the sheet is painted by it, from the stage, without items of Qt's own; found by place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from time import perf_counter

from PySide6.QtCore import QPointF, QRect, QRectF, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsScene

from designer.canvas.arranging.roads import port_point
from designer.canvas.arranging.routing import Route
from designer.canvas.painting.card_item import BLOCKS, CardItem, Side
from designer.canvas.painting.far import paint_far
from designer.canvas.painting.ground import Ground
from designer.canvas.painting.near import paint_near, paint_raised_pill
from designer.canvas.painting.pictures import Pictures
from designer.canvas.painting.sight import Sight
from designer.canvas.painting.wire_item import WireItem
from designer.canvas.stage import Stage
from designer.canvas.stock import WireKey
from designer.canvas.views import CanvasView, Rect
from designer.theme import Theme

AIR = 2000.0  # pixels of sheet around all that stands on it
SETTLED = 90  # milliseconds after the last step of a zoom
WHILE_ZOOMING, SLICE = 0.0025, 0.006  # seconds of a frame for new pictures, and for the ways of wires


class CanvasScene(QGraphicsScene):
    """Cards, wires, pills and chips of one network. Reads views, changes nothing of the design."""

    shown = Signal()  # what stands on the sheet, where it stands or how it looks is another

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setSceneRect(-AIR, -AIR, 2 * AIR, 2 * AIR)  # else an empty sheet would slide under a ghost
        self._stage = Stage(theme, self._repaint)
        self._stock = self._stage.stock
        self.cards, self.wires, self.chips = self._stock.cards, self._stock.wires, self._stock.chips
        self._pictures, self._ground = Pictures(), Ground()
        self._hurried = False
        self._sharpener = QTimer(self, singleShot=True)
        self._sharpener.timeout.connect(self.update)
        self._guide = QTimer(self, singleShot=True)
        self._guide.timeout.connect(self._go_on)

    # What is shown

    @property
    def theme(self) -> Theme:
        """The look."""
        return self._stage.theme

    @property
    def view(self) -> CanvasView:
        """What is shown."""
        return self._stage.view

    @property
    def routes(self) -> Mapping[WireKey, Route]:
        """The ways of the wires, and the places of their pills; none of a wire that is being dragged along."""
        return self._stage.roads.routes

    def set_theme(self, theme: Theme) -> None:
        """Paint everything in another look."""
        self._pictures.clear()
        self._stage.set_theme(theme)

    def show_canvas(self, view: CanvasView) -> None:
        """Bring everything in step with `view`. What is the very same object as before costs next to nothing."""
        self._stage.show(view)
        self._fit_in()
        if self._stage.is_busy:
            self._guide.start(0)

    def _go_on(self) -> None:
        """In a large network wires find their ways by and by."""
        self._stage.go_on(perf_counter() + SLICE)
        if self._stage.is_busy:
            self._guide.start(0)
        else:
            self._fit_in()
            self.shown.emit()

    def _fit_in(self) -> None:
        area = self.itemsBoundingRect().adjusted(-AIR, -AIR, AIR, AIR)
        if area != self.sceneRect():
            self.setSceneRect(area)
        self.shown.emit()

    def slide(self, names: Iterable[str], dx: float, dy: float) -> None:
        """Show layers off their place while they are dragged; their wires follow as plain curves."""
        self._stage.slide(names, dx, dy)
        self.shown.emit()

    def slide_to(self, places: Mapping[str, tuple[float, float]]) -> None:
        """Show layers at places of their own until the canvas is shown again; nothing else is looked at."""
        self._stage.slide_to(places)
        self.shown.emit()

    def choose(self, names: Iterable[str]) -> None:
        """Ring exactly these layers as selected."""
        self._stage.choose(frozenset(names))

    def chosen_wires(self) -> list[WireKey]:
        """The selected wires."""
        return list(self._stage.chosen_wires)

    def itemsBoundingRect(self) -> QRectF:
        """What everything on the sheet takes."""
        bounds = self._stock.bounds()
        return QRectF(*bounds) if bounds is not None else QRectF()

    # What is where

    def port_point(self, name: str, side: Side, port: str) -> QPointF:
        """The centre of a port; of an unknown port, the middle. Raises `KeyError` for an unknown layer."""
        return QPointF(*port_point(self._stock, self.theme, name, side, port))

    def port_at(
        self, point: QPointF, reach: float = 10.0, only: Side | None = None
    ) -> tuple[str, Side, str] | None:
        """The port nearest to a place in the scene, at most `reach` pixels away, of one side or of both."""
        return self._stock.port_at(point.x(), point.y(), reach, only)

    def card_at(self, point: QPointF) -> CardItem | None:
        """The card at a place in the scene."""
        return self._stock.card_at(point.x(), point.y())

    def cards_in(self, area: QRectF) -> list[str]:
        """The layers whose cards an area touches, in the order of the file."""
        return self._stock.cards_in(Rect(area.x(), area.y(), area.width(), area.height()))

    def has_words_in(self, area: QRectF) -> bool:
        """Whether a card or a pill lies there, even in part."""
        return self._stock.has_words_in(Rect(area.x(), area.y(), area.width(), area.height()))

    def chip_at(self, point: QPointF) -> str | None:
        """The target or length input whose chip is there."""
        return self._stock.chip_at(point.x(), point.y())

    def wire_at(self, point: QPointF, reach: float = 6.0) -> WireItem | None:
        """The wire (or the wire of the pill) at a place in the scene."""
        return self._stock.wire_at(point.x(), point.y(), reach)

    def point_at(self, point: QPointF) -> None:
        """Show the pill of the wire at that place, even where pills are left out."""
        wire = self.wire_at(point)
        self._stage.point_at(wire.view.key if wire is not None else None)

    # How it is painted

    def hurry(self, *, zooming: bool = True) -> None:
        """What is seen is changing: a frame paints no more new pictures than it has time for, the next ones the rest.

        While the zoom changes, pictures of another zoom do until it rests.
        """
        self._hurried = True
        if zooming:
            self._sharpener.start(SETTLED)

    @property
    def is_sharp(self) -> bool:
        """Whether all that is seen is painted for its zoom, and nothing is still to be sharpened."""
        return not self._hurried

    def drawBackground(self, painter: QPainter, area: QRectF | QRect) -> None:
        """Everything. What Qt's own items paint lies above it."""
        began = perf_counter()
        waiting = self._sharpener.isActive()
        self._pictures.begin(began + (WHILE_ZOOMING if waiting else SLICE) if self._hurried else inf)
        painter.save()
        sight = Sight.of(painter, self.theme, QRectF(area))
        self._ground.paint(sight)
        (paint_near if sight.scale.zoom >= BLOCKS else paint_far)(sight, self._stock, self._pictures)
        pointed = self.wires.get(self._stage.pointed) if self._stage.pointed else None
        if pointed is not None:
            paint_raised_pill(sight, pointed)
        painter.restore()
        if self._hurried and not waiting:
            self._hurried = self._pictures.waits
            if self._hurried:
                self._sharpener.start(0)

    def _repaint(self, area: Rect | None) -> None:
        if area is None:
            self.update()
        else:
            self.update(QRectF(*area))
