"""The scene: items kept in step with a `CanvasView`, touching only those whose view has changed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeVar

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmapCache
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem

from designer.canvas.card_item import CardItem, Side, port_offsets
from designer.canvas.chip_item import ChipItem
from designer.canvas.routing import Route, WireEnds, bezier, route_all
from designer.canvas.views import CanvasView, PortKey, Rect, WireView
from designer.canvas.wire_item import PillItem, WireItem, pill_size, wire_path
from designer.theme import Theme

Key = TypeVar("Key")
Item = TypeVar("Item", bound=QGraphicsItem)
WireKey = tuple[PortKey, PortKey]
CACHE_KIB = 128 * 1024  # Qt's own limit of 10 MiB holds too few cards of a large design
AIR = 2000.0  # pixels of sheet around all items


class CanvasScene(QGraphicsScene):
    """Cards, wires, pills and chips of one network. Reads views, changes nothing of the design."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        QPixmapCache.setCacheLimit(max(QPixmapCache.cacheLimit(), CACHE_KIB))
        self.setSceneRect(-AIR, -AIR, 2 * AIR, 2 * AIR)  # else an empty sheet would slide under a ghost
        self.theme = theme
        self.view = CanvasView()
        self.cards: dict[str, CardItem] = {}
        self.wires: dict[WireKey, WireItem] = {}
        self.pills: dict[WireKey, PillItem] = {}
        self.chips: dict[str, ChipItem] = {}
        self.routes: dict[WireKey, Route] = {}
        self._pointed: WireKey | None = None
        self._slid = False
        self._routed: tuple[list[WireKey], list[WireEnds], list[Rect]] | None = None

    def set_theme(self, theme: Theme) -> None:
        """Paint everything in another look."""
        self.theme = theme
        for card in self.cards.values():
            card.set_theme(theme)
        for wire in self.wires.values():
            wire.set_theme(theme)
            self.pills[wire.view.key].show_view(wire.view, theme)
        for chip in self.chips.values():
            chip.show_view(chip.view, theme)
        self.invalidate()

    def show_canvas(self, view: CanvasView) -> None:
        """Bring the items in step with `view`."""
        if view == self.view and not self._slid:
            return
        self.view, self._slid = view, False
        self._show_cards(view)
        self._show_chips(view)
        self._show_wires(view)
        self.route()

    def _show_cards(self, view: CanvasView) -> None:
        wanted = {card.id: card for card in view.cards}
        self._drop(self.cards, wanted)
        for name, card in wanted.items():
            item = self.cards.get(name)
            if item is None:
                self.cards[name] = item = CardItem(card, self.theme)
                self.addItem(item)
            elif item.view != card or (item.x(), item.y()) != card.position:
                item.show_view(card)

    def _show_chips(self, view: CanvasView) -> None:
        wanted = {chip.loss: chip for chip in view.chips}
        self._drop(self.chips, wanted)
        for name, chip in wanted.items():
            item = self.chips.get(name)
            if item is None:
                self.chips[name] = item = ChipItem(chip, self.theme)
                self.addItem(item)
            elif item.view != chip:
                item.show_view(chip, self.theme)
            item.stand_by(self.cards[name].rect())

    def _show_wires(self, view: CanvasView) -> None:
        wanted = {wire.key: wire for wire in view.wires}
        self._drop(self.wires, wanted)
        self._drop(self.pills, wanted)
        for key, wire in wanted.items():
            item = self.wires.get(key)
            if item is None:
                self.wires[key], self.pills[key] = WireItem(wire, self.theme), PillItem(wire, self.theme)
                self.addItem(self.wires[key])
                self.addItem(self.pills[key])
            elif item.view != wire:
                item.show_view(wire)
                self.pills[key].show_view(wire, self.theme)

    def _drop(self, items: dict[Key, Item], wanted: Iterable[Key]) -> None:
        keep = set(wanted)
        for key in [key for key in items if key not in keep]:
            self.removeItem(items.pop(key))

    def route(self) -> None:
        """Find every wire's way and every pill's place anew; only what moved is repainted."""
        keys = list(self.wires)
        ends, shown = list[WireEnds](), set[tuple[PortKey, str]]()
        for key in keys:  # wires that run side by side share one pill
            bundle = key[0], key[1][0]
            ends.append(self._ends(self.wires[key].view, bundle not in shown or self.wires[key].view.error))
            shown.add(bundle)
        rects = [card.rect() for card in self.cards.values()]
        rects += [chip.rect().grown(4) for chip in self.chips.values()]
        if (keys, ends, rects) == self._routed:
            return
        self._routed = keys, ends, rects
        routes = dict(zip(keys, route_all(ends, rects), strict=True))
        for key, found in routes.items():
            if self.routes.get(key) != found or self.wires[key].path().isEmpty():
                self.wires[key].setPath(wire_path(found.points, found.is_lane))
                self.pills[key].place(found)
        self.routes = routes
        self.setSceneRect(self.itemsBoundingRect().adjusted(-AIR, -AIR, AIR, AIR))

    def _ends(self, wire: WireView, with_pill: bool) -> WireEnds:
        (source, out), (target, into) = wire.source, wire.target
        start, end = self.port_point(source, "outputs", out), self.port_point(target, "inputs", into)
        return WireEnds(
            start=(start.x(), start.y()),
            end=(end.x(), end.y()),
            source=self.cards[source].rect(),
            target=self.cards[target].rect(),
            pill=pill_size(wire.axes, self.theme) if with_pill else (0.0, 0.0),
            side_exit=len(self.cards[source].view.outputs) == 1,
        )

    def slide(self, names: Iterable[str], dx: float, dy: float) -> None:
        """Show layers off their place while they are dragged; their wires follow as plain curves."""
        moved, self._slid, self._routed = set(names), True, None
        for name in moved & self.cards.keys():
            x, y = self.cards[name].view.position
            self.cards[name].setPos(x + dx, y + dy)
            if name in self.chips:
                self.chips[name].stand_by(self.cards[name].rect())
        for key, item in self.wires.items():
            if key[0][0] in moved or key[1][0] in moved:
                ends = self._ends(item.view, False)
                item.setPath(wire_path(bezier(ends.start, ends.end), False))
                self.pills[key].setVisible(False)
                self.routes.pop(key, None)

    def port_point(self, name: str, side: Side, port: str) -> QPointF:
        """The centre of a port; of an unknown port, the middle. Raises `KeyError` for an unknown layer."""
        card = self.cards[name]
        for its_side, view, centre in card.ports():
            if its_side == side and view.name == port:
                return card.pos() + centre
        sizes = self.theme.sizes
        (x,) = port_offsets(1, sizes.card_width)
        return card.pos() + QPointF(x, 0 if side == "inputs" else sizes.card_height)

    def port_at(
        self, point: QPointF, reach: float = 10.0, only: Side | None = None
    ) -> tuple[str, Side, str] | None:
        """The port nearest to a place in the scene, at most `reach` pixels away, of one side or of both."""
        best: tuple[float, tuple[str, Side, str]] | None = None
        area = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
        for item in self.items(area, Qt.ItemSelectionMode.IntersectsItemBoundingRect):
            if not isinstance(item, CardItem):
                continue
            for side, port, centre in item.ports():
                away = QLineF(item.pos() + centre, point).length()
                if only in (None, side) and away <= reach and (best is None or away < best[0]):
                    best = away, (item.view.id, side, port.name)
        return best[1] if best else None

    def card_at(self, point: QPointF) -> CardItem | None:
        """The card at a place in the scene."""
        return next((item for item in self.items(point) if isinstance(item, CardItem)), None)

    def chip_at(self, point: QPointF) -> str | None:
        """The target or length input whose chip is there."""
        parts = (item.part_at(point) for item in self.items(point) if isinstance(item, ChipItem))
        return next((name for name in parts if name is not None), None)

    def wire_at(self, point: QPointF, reach: float = 6.0) -> WireItem | None:
        """The wire (or the wire of the pill) at a place in the scene."""
        area = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
        for item in self.items(area):
            if isinstance(item, WireItem):
                return item
            if isinstance(item, PillItem):
                return next(self.wires[key] for key, pill in self.pills.items() if pill is item)
        return None

    def point_at(self, point: QPointF) -> None:
        """Show the pill of the wire at that place, even where pills are left out."""
        item = self.wire_at(point)
        key = item.view.key if item else None
        if key == self._pointed:
            return
        for changed in (self._pointed, key):
            if changed is not None and changed in self.pills:
                self.pills[changed].demand(changed == key, self.routes[changed].pill is not None)
        self._pointed = key

    def chosen_wires(self) -> list[WireKey]:
        """The selected wires."""
        return [key for key, item in self.wires.items() if item.chosen]

    def drawBackground(self, painter: QPainter, area: QRectF | QRect) -> None:
        """The ground and its grid of dots; no dots where they would run together."""
        painter.fillRect(area, self.theme.colour("ground"))
        step = self.theme.sizes.grid
        if QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform()) < 0.5:
            return
        pen = QPen(self.theme.colour("grid"), 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        columns = range(math.floor(area.left() / step), math.ceil(area.right() / step) + 1)
        rows = range(math.floor(area.top() / step), math.ceil(area.bottom() / step) + 1)
        painter.drawPoints([QPointF(x * step, y * step) for x in columns for y in rows])
