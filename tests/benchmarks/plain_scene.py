"""The usual way to paint a graph with Qt: an item for each card, wire and pill, in Qt's own scene. To compare with.

A fair peer: it paints the same faces, leaves words out at the same zooms, keeps pictures in Qt's cache of device
pixels, and moves only what hangs on a dragged card. Only the engine below it is Qt's.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmapCache
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsScene,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QWidget,
)

from designer.canvas.arranging.routing import bezier
from designer.canvas.painting.card_item import BLOCKS, DETAIL, RIM, CardItem
from designer.canvas.painting.face import paint_card
from designer.canvas.painting.pill import paint_pill, pill_size
from designer.canvas.painting.wire_item import wire_path
from designer.canvas.scene import CanvasScene
from designer.canvas.views import WireView
from designer.theme import Theme

CACHE_KIB = 128 * 1024


def _zoom(painter: QPainter) -> float:
    return QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())


class PlainCard(QGraphicsItem):
    """One card."""

    def __init__(self, card: CardItem, theme: Theme) -> None:
        super().__init__()
        self.card, self._theme = card, theme
        self.wires: list[tuple[QGraphicsPathItem, WireView]] = []
        self.setPos(card.x(), card.y())
        self.setZValue(2)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def boundingRect(self) -> QRectF:
        """Room for rings and ports."""
        sizes = self._theme.sizes
        return QRectF(0, 0, sizes.card_width, sizes.card_height).adjusted(-RIM, -RIM, RIM, RIM)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """The same face; from far away a block."""
        zoom = _zoom(painter)
        if zoom < BLOCKS:
            sizes = self._theme.sizes
            colour = self._theme.strip_colour(self.card.view.category)
            painter.fillRect(QRectF(0, 0, sizes.card_width, sizes.card_height), colour)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_card(painter, self._theme, self.card, zoom)


class PlainPill(QGraphicsItem):
    """One pill."""

    def __init__(self, view: WireView, theme: Theme) -> None:
        super().__init__()
        self._view, self._theme = view, theme
        self.setZValue(1)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def boundingRect(self) -> QRectF:
        """The pill."""
        return QRectF(0, 0, *pill_size(self._view.axes, self._theme))

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Its words, where they can be read."""
        if _zoom(painter) >= DETAIL:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_pill(painter, self._theme, self._view.axes, error=False, raised=False)


class PlainView(QGraphicsView):
    """Shows the network of a canvas scene by items of its own."""

    def __init__(self, shown: CanvasScene) -> None:
        self.plain = QGraphicsScene()
        super().__init__(self.plain)
        QPixmapCache.setCacheLimit(CACHE_KIB)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._shown, theme = shown, shown.theme
        self.plain.setBackgroundBrush(theme.colour("ground"))
        self.cards = {name: PlainCard(card, theme) for name, card in shown.cards.items()}
        for card in self.cards.values():
            self.plain.addItem(card)
        pen = QPen(theme.colour("wire"), theme.sizes.wire)
        for key, wire in shown.wires.items():
            line = QGraphicsPathItem(wire.path())
            line.setPen(pen)
            self.plain.addItem(line)
            for name in {key[0][0], key[1][0]}:
                self.cards[name].wires.append((line, wire.view))
            if wire.pill is not None:
                pill = PlainPill(wire.view, theme)
                pill.setPos(wire.pill.x, wire.pill.y)
                self.plain.addItem(pill)

    def drag(self, name: str, dx: float, dy: float) -> None:
        """Move a card, and draw its wires as plain curves."""
        card = self.cards[name]
        card.moveBy(dx, dy)
        for line, view in card.wires:
            start = self._shown.port_point(view.source[0], "outputs", view.source[1])
            end = self._shown.port_point(view.target[0], "inputs", view.target[1])
            line.setPath(wire_path(bezier((start.x(), start.y()), (end.x(), end.y())), False))
