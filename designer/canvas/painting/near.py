"""The sheet as it is worked on: wires, pills with their words, chips and cards. Below 60 % titles only, no pills."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from designer.canvas.painting.card_item import DETAIL, RIM, CardItem
from designer.canvas.painting.chip_item import RIM as CHIP_RIM
from designer.canvas.painting.chip_item import ChipItem, paint_chip
from designer.canvas.painting.face import paint_card
from designer.canvas.painting.paper import paint_comments, paint_frames
from designer.canvas.painting.pictures import Pictures
from designer.canvas.painting.pill import paint_pill, pill_size, raised_pill
from designer.canvas.painting.sight import Sight
from designer.canvas.painting.wire_item import WireItem
from designer.canvas.stock import Stock
from designer.canvas.views import Rect
from designer.theme import Theme


def paint_near(sight: Sight, stock: Stock, pictures: Pictures) -> None:
    """All that is seen, from back to front."""
    area, painter = sight.seen(CHIP_RIM), sight.painter
    wires = [wire for wire in stock.seen_wires(area) if wire.is_visible]
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    painter.setWorldTransform(sight.transform)
    paint_frames(sight, stock)
    paint_comments(sight, stock)
    _paint_wires(sight, wires)
    painter.resetTransform()
    if sight.scale.zoom >= DETAIL:
        for wire in wires:
            if wire.pill is not None and wire.pill.meets(area):
                _paint_pill(sight, pictures, wire, wire.pill)
    for chip in stock.seen_chips(area):
        _paint_chip(sight, pictures, chip)
    for card in sorted(stock.seen_cards(area), key=lambda card: card.order):
        _paint_card(sight, pictures, card)


def wire_pen(theme: Theme, *, error: bool, chosen: bool, least: float) -> QPen:
    """Errors are dashed, the chosen wire is drawn in the selection's colour and thicker; `least` is a pixel."""
    role = "selection" if chosen else "error" if error else "wire"
    width = max(theme.sizes.wire + 1, 2 * least) if chosen else max(theme.sizes.wire, least)
    pen = QPen(theme.colour(role), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if error else Qt.PenCapStyle.RoundCap)
    if error:
        pen.setDashPattern([4, 2.5])
    return pen


def _paint_wires(sight: Sight, wires: list[WireItem]) -> None:
    """One pen after the other, the chosen above all others."""
    painter = sight.painter
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for chosen, error in ((False, False), (False, True), (True, False), (True, True)):
        those = [wire for wire in wires if wire.chosen == chosen and wire.view.error == error]
        if those:
            painter.setPen(wire_pen(sight.theme, error=error, chosen=chosen, least=1 / sight.scale.pixels))
            for wire in those:
                painter.drawPath(wire.path())


def _paint_pill(sight: Sight, pictures: Pictures, wire: WireItem, place: Rect) -> None:
    view, theme = wire.view, sight.theme
    picture = pictures.take(
        ("pill", view.axes, view.error),
        sight.scale,
        pill_size(view.axes, theme),
        1.0,
        lambda painter: paint_pill(painter, theme, view.axes, error=view.error, raised=False),
    )
    if picture is not None:
        picture.draw(sight.painter, sight.at(place.x, place.y), sight.scale.zoom)


def paint_raised_pill(sight: Sight, wire: WireItem) -> None:
    """The pill of the wire that is pointed at, above everything and at any zoom."""
    if not wire.view.axes:
        return
    place = raised_pill(wire, sight.theme)
    painter = sight.painter
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setWorldTransform(sight.transform)
    painter.translate(place.x, place.y)
    paint_pill(painter, sight.theme, wire.view.axes, error=wire.view.error, raised=True)
    painter.restore()


def _paint_chip(sight: Sight, pictures: Pictures, chip: ChipItem) -> None:
    rect, theme, zoom = chip.rect(), sight.theme, sight.scale.zoom
    picture = pictures.take(
        ("chip", chip.view, chip.chosen, zoom >= DETAIL),
        sight.scale,
        (rect.width, rect.height),
        CHIP_RIM,
        lambda painter: paint_chip(painter, theme, chip, zoom),
    )
    if picture is not None:
        picture.draw(sight.painter, sight.at(rect.x, rect.y), zoom)


def _paint_card(sight: Sight, pictures: Pictures, card: CardItem) -> None:
    theme, zoom = sight.theme, sight.scale.zoom
    picture = pictures.take(
        ("card", card.face_key()) if zoom >= DETAIL else ("outline", card.outline_key()),
        sight.scale,
        (theme.sizes.card_width, theme.sizes.card_height),
        RIM,
        lambda painter: paint_card(painter, theme, card, zoom),
    )
    at = sight.at(card.x(), card.y())
    if picture is not None:
        picture.draw(sight.painter, at, zoom)
        return
    _paint_plain(sight, at, card)


def _paint_plain(sight: Sight, at: QPointF, card: CardItem) -> None:
    """A card whose picture has to wait: its ground and its spine."""
    theme, zoom = sight.theme, sight.scale.zoom
    sizes, category = theme.sizes, card.view.category
    parts: tuple[tuple[float, QColor], ...] = (
        (sizes.card_width, theme.colour("card")),
        (sizes.strip, theme.strip_colour(category)),
        (sizes.spine, theme.category_colour(category)),
    )
    for width, colour in parts:
        sight.painter.fillRect(QRectF(at.x(), at.y(), width * zoom, sizes.card_height * zoom), colour)
