"""The sheet from far away: a coloured block for each layer, a hair line for each wire, signs of what is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from designer.canvas.badge import paint_badge
from designer.canvas.card_item import RIM, CardItem
from designer.canvas.near import wire_pen
from designer.canvas.paper import paint_comments, paint_frames
from designer.canvas.pictures import Pictures
from designer.canvas.sight import Sight
from designer.canvas.stock import Stock
from designer.canvas.views import Severity
from designer.canvas.wire_item import WireItem
from designer.theme import Theme

BADGE = 4.5  # the radius of a sign, in pixels of the window, at any zoom
Look = tuple[str, float | None, bool]
"""A category, how hot an overlay shows it, and whether it is passed by: what a block's colours come from."""


def paint_far(sight: Sight, stock: Stock, pictures: Pictures) -> None:
    """All that is seen, without smooth edges: they cost most and are not seen at this size."""
    area, painter = sight.seen(RIM), sight.painter
    cards = stock.seen_cards(area)
    painter.setWorldTransform(sight.transform)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    paint_frames(sight, stock)
    paint_comments(sight, stock)
    _paint_wires(sight, stock.seen_wires(area))
    _paint_chips(sight, [QRectF(*chip.rect()) for chip in stock.seen_chips(area)])
    _paint_blocks(sight, cards)
    _paint_chosen(sight, [QRectF(*card.rect()) for card in cards if card.chosen])
    painter.resetTransform()
    for card in cards:
        if card.view.problem is not None:
            _paint_sign(sight, pictures, card, card.view.problem)


def _paint_wires(sight: Sight, wires: Iterable[WireItem]) -> None:
    lines: defaultdict[tuple[bool, bool], list[QLineF]] = defaultdict(list)
    for wire in wires:
        if wire.is_visible:
            lines[wire.chosen, wire.view.error] += wire.lines
    for (chosen, error), found in sorted(lines.items(), key=lambda entry: entry[0]):
        pen = wire_pen(sight.theme, error=error, chosen=chosen, least=0)
        pen.setWidthF(2.0 if chosen else 1.0)
        pen.setCosmetic(True)
        sight.painter.setPen(pen)
        sight.painter.drawLines(found)


def _paint_chips(sight: Sight, rects: list[QRectF]) -> None:
    sight.painter.setPen(Qt.PenStyle.NoPen)
    sight.painter.setBrush(sight.theme.colour("edge"))
    sight.painter.drawRects(rects)


def _paint_blocks(sight: Sight, cards: Iterable[CardItem]) -> None:
    """As few colours as there are categories: everything of one colour at once."""
    bodies: defaultdict[Look, list[QRectF]] = defaultdict(list)
    spines: defaultdict[str, list[QRectF]] = defaultdict(list)
    for card in cards:
        view = card.view
        heat = None if view.heat is None else round(view.heat, 1)
        bodies[view.category, heat, view.bypassed].append(card.body)
        spines[view.category].append(card.spine)
    painter, theme = sight.painter, sight.theme
    painter.setPen(Qt.PenStyle.NoPen)
    for (category, heat, bypassed), found in bodies.items():
        colour = _faded(theme, category) if heat is None else theme.heat_colour(heat)
        painter.setBrush(theme.colour("edge") if bypassed else colour)
        painter.drawRects(found)
    for category, found in spines.items():
        painter.setBrush(theme.category_colour(category))
        painter.drawRects(found)


def _faded(theme: Theme, category: str) -> QColor:
    """Half way from the category's colour to the card's: to be seen on the ground, and not to be taken for a spine."""
    one, other = theme.category_colour(category), theme.colour("card")
    parts = zip((one.red(), one.green(), one.blue()), (other.red(), other.green(), other.blue()), strict=True)
    return QColor(*(round(0.4 * a + 0.6 * b) for a, b in parts))


def _paint_chosen(sight: Sight, rects: list[QRectF]) -> None:
    if not rects:
        return
    pen = QPen(sight.theme.colour("selection"), 2)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    sight.painter.setPen(pen)
    sight.painter.setBrush(Qt.BrushStyle.NoBrush)
    sight.painter.drawRects(rects)


def _paint_sign(sight: Sight, pictures: Pictures, card: CardItem, problem: Severity) -> None:
    """Of the same size at any zoom, so that one error among thousands of layers is seen."""
    theme, size, grown = sight.theme, sight.theme.sizes.badge, BADGE / sight.theme.sizes.badge

    def paint(painter: QPainter) -> None:
        painter.scale(grown / sight.scale.zoom, grown / sight.scale.zoom)
        paint_badge(painter, theme, problem, QPointF(0, 0), size)

    picture = pictures.take(("sign", problem), sight.scale, (0, 0), 2 * BADGE / sight.scale.zoom, paint)
    if picture is not None:
        right = sight.at(card.x() + theme.sizes.card_width, card.y())
        picture.draw(sight.painter, right, sight.scale.zoom)
