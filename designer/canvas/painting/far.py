"""The sheet from far away: a coloured block for each layer, a hair line for each wire, signs of what is wrong."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from designer.canvas.painting.badge import paint_badge
from designer.canvas.painting.card_item import RIM, Block, CardItem
from designer.canvas.painting.near import wire_pen
from designer.canvas.painting.paper import paint_comments, paint_frames
from designer.canvas.painting.patches import Patch
from designer.canvas.painting.pictures import Pictures
from designer.canvas.painting.sight import Sight
from designer.canvas.stock import Stock
from designer.theme import Theme

BADGE = 4.5  # the radius of a sign, in pixels of the window, at any zoom


def paint_far(sight: Sight, stock: Stock, pictures: Pictures) -> None:
    """All that is seen, without smooth edges: they cost most and are not seen at this size."""
    area, painter = sight.seen(RIM), sight.painter
    seen = stock.seen_from_far(area)
    painter.setWorldTransform(sight.transform)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    paint_frames(sight, stock)
    paint_comments(sight, stock)
    _paint_lines(sight, seen.lines)
    for wire in seen.odd_wires:
        _paint_lines(sight, wire.lines, error=wire.view.error, chosen=wire.chosen)
    _paint_chips(sight, [QRectF(*chip.rect()) for chip in stock.seen_chips(area)])
    _paint_blocks(sight, seen)
    _paint_chosen(sight, seen.chosen)
    painter.resetTransform()
    for card in seen.signs:
        _paint_sign(sight, pictures, card)


def _paint_lines(sight: Sight, lines: list[QLineF], *, error: bool = False, chosen: bool = False) -> None:
    pen = wire_pen(sight.theme, error=error, chosen=chosen, least=0)
    pen.setWidthF(2.0 if chosen else 1.0)
    pen.setCosmetic(True)
    sight.painter.setPen(pen)
    sight.painter.drawLines(lines)


def _paint_chips(sight: Sight, rects: list[QRectF]) -> None:
    sight.painter.setPen(Qt.PenStyle.NoPen)
    sight.painter.setBrush(sight.theme.colour("edge"))
    sight.painter.drawRects(rects)


def _paint_blocks(sight: Sight, seen: Patch) -> None:
    """As few colours as there are categories: everything of one colour at once."""
    painter, theme = sight.painter, sight.theme
    painter.setPen(Qt.PenStyle.NoPen)
    for block, found in seen.bodies.items():
        painter.setBrush(block_colour(theme, block))
        painter.drawRects(found)
    for category, found in seen.spines.items():
        painter.setBrush(theme.category_colour(category))
        painter.drawRects(found)


def block_colour(theme: Theme, block: Block) -> QColor:
    """The face of a layer seen from far away: its category, or what an overlay says of it."""
    if block.bypassed:
        return theme.colour("edge")
    return _faded(theme, block.category) if block.heat is None else theme.heat_colour(block.heat / 10)


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


def _paint_sign(sight: Sight, pictures: Pictures, card: CardItem) -> None:
    """Of the same size at any zoom, so that one error among thousands of layers is seen."""
    problem = card.view.problem
    if problem is None:
        return
    theme, size, grown = sight.theme, sight.theme.sizes.badge, BADGE / sight.theme.sizes.badge

    def paint(painter: QPainter) -> None:
        painter.scale(grown / sight.scale.zoom, grown / sight.scale.zoom)
        paint_badge(painter, theme, problem, QPointF(0, 0), size)

    picture = pictures.take(("sign", problem), sight.scale, (0, 0), 2 * BADGE / sight.scale.zoom, paint)
    if picture is not None:
        right = sight.at(card.x() + theme.sizes.card_width, card.y())
        picture.draw(sight.painter, right, sight.scale.zoom)
