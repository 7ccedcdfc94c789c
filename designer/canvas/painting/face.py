"""How a card is painted: face, spine, glyph and words, rings, ports and badge. The card's corner is at (0, 0)."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from designer.canvas.painting.badge import paint_badge
from designer.canvas.painting.card_item import BLOCKS, DETAIL, CardItem
from designer.canvas.painting.face_words import MIDDLE_LEFT, paint_signs, paint_words
from designer.canvas.views import CardView
from designer.theme import Theme, glyph

SPARE = 1.8  # a port that needs no wire is that much smaller
HEAT_BAND = 6.0
SMALLEST_TITLE = 18  # pixels of the sheet, below 60 %
DIMMED = 0.55  # how much of a bypassed layer is seen


def paint_card(painter: QPainter, theme: Theme, card: CardItem, detail: float) -> None:
    """The whole card, as much of it as the zoom allows."""
    view = card.view
    painter.setOpacity(DIMMED if view.bypassed else 1)
    _paint_face(painter, theme, view)
    _paint_glyph(painter, theme, view)
    if detail >= DETAIL:
        paint_words(painter, theme, view)
    else:
        _paint_title(painter, theme, view, detail)
    painter.setOpacity(1)
    if view.bypassed:
        _paint_dashes(painter, theme)
    if detail >= DETAIL:
        paint_signs(painter, theme, view)
    _paint_rings(painter, theme, card, detail)
    _paint_ports(painter, theme, card)
    if view.problem is not None:
        paint_badge(painter, theme, view.problem, QPointF(theme.sizes.card_width - 2, 2), theme.sizes.badge)


def _face(theme: Theme) -> QRectF:
    return QRectF(0, 0, theme.sizes.card_width, theme.sizes.card_height)


def _paint_face(painter: QPainter, theme: Theme, view: CardView) -> None:
    sizes, face = theme.sizes, _face(theme)
    outline = QPainterPath()
    outline.addRoundedRect(face, sizes.radius, sizes.radius)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.shadow_colour())
    painter.drawRoundedRect(face.translated(0, 1.5), sizes.radius, sizes.radius)
    painter.fillPath(outline, theme.colour("card"))
    painter.save()
    painter.setClipPath(outline)
    painter.fillRect(QRectF(0, 0, sizes.strip, sizes.card_height), theme.strip_colour(view.category))
    painter.fillRect(QRectF(0, 0, sizes.spine, sizes.card_height), theme.category_colour(view.category))
    if view.heat is not None:
        _paint_heat(painter, theme, view.heat)
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("edge"), 1))
    painter.drawRoundedRect(face.adjusted(0.5, 0.5, -0.5, -0.5), sizes.radius - 0.5, sizes.radius - 0.5)


def _paint_heat(painter: QPainter, theme: Theme, heat: float) -> None:
    """A column on the right of the strip, as high as the layer's share."""
    sizes = theme.sizes
    column = QRectF(sizes.strip - HEAT_BAND, 0, HEAT_BAND, sizes.card_height)
    painter.fillRect(column, theme.colour("ground"))
    full = max(2.0, heat * sizes.card_height) if heat > 0 else 0.0
    painter.fillRect(column.adjusted(0, sizes.card_height - full, 0, 0), theme.heat_colour(heat))


def _paint_glyph(painter: QPainter, theme: Theme, view: CardView) -> None:
    sizes = theme.sizes
    right = sizes.strip - (HEAT_BAND if view.heat is not None else 0)
    middle = (sizes.spine + right) / 2
    top = (sizes.card_height - sizes.glyph) / 2
    glyph(theme, view.category).render(
        painter, QRectF(middle - sizes.glyph / 2, top, sizes.glyph, sizes.glyph)
    )


def _paint_title(painter: QPainter, theme: Theme, view: CardView, detail: float) -> None:
    """The title alone, larger the farther away it is."""
    sizes = theme.sizes
    left = sizes.strip + MIDDLE_LEFT
    room = sizes.card_width - left - 6
    largest = min(24, round(sizes.title / max(detail, 0.3)))
    fonts = [theme.ui_font(pixels, True) for pixels in range(largest, min(largest, SMALLEST_TITLE) - 1, -2)]
    font = next((font for font in fonts if _fits(font, view.title, room)), fonts[-1])
    words = QFontMetricsF(font).elidedText(view.title, Qt.TextElideMode.ElideRight, room)
    painter.setFont(font)
    painter.setPen(theme.colour("text"))
    centred = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(QRectF(left, 0, room, sizes.card_height), centred, words)


def _fits(font: QFont, words: str, room: float) -> bool:
    return QFontMetricsF(font).horizontalAdvance(words) <= room


def _paint_dashes(painter: QPainter, theme: Theme) -> None:
    """The edge of a layer that is passed by."""
    radius = theme.sizes.radius - 0.5
    pen = QPen(theme.colour("quiet"), 1.5)
    pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(_face(theme).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


def _paint_rings(painter: QPainter, theme: Theme, card: CardItem, detail: float) -> None:
    """An outer ring per state, with a gap: a state never recolours the spine or the face.

    On the screen a ring is as wide at any zoom.
    """
    sizes, problem = theme.sizes, card.view.problem
    wide = sizes.ring / min(1.0, max(detail, BLOCKS))
    roles: list[str] = [*([problem] if problem else []), *(["selection"] if card.chosen else [])]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for number, role in enumerate(roles):
        away = sizes.ring_gap + wide / 2 + number * (wide + 1.5)
        painter.setPen(QPen(theme.colour(role), wide))
        ring = _face(theme).adjusted(-away, -away, away, away)
        painter.drawRoundedRect(ring, sizes.radius + away, sizes.radius + away)


def _paint_ports(painter: QPainter, theme: Theme, card: CardItem) -> None:
    for side, port, centre in card.ports():
        feel = card.feel(side, port.name)
        bad = feel == "refused" or (feel is None and port.problem == "error")
        role = "error" if bad else "good" if feel == "fits" else "selection" if feel == "near" else "wire"
        radius = theme.sizes.port_radius + (2.5 if feel in ("fits", "refused") else 1.5 if feel else 0)
        radius -= SPARE if port.spare and feel is None and not bad else 0
        painter.setPen(QPen(theme.colour(role), 1.6))
        painter.setBrush(theme.colour("good" if feel == "fits" else "card"))
        if bad:
            r = radius + 1.5
            corners = [centre + QPointF(*d) for d in ((0, -r), (r, 0), (0, r), (-r, 0))]
            painter.drawPolygon(QPolygonF(corners))
        else:
            painter.drawEllipse(centre, radius, radius)
