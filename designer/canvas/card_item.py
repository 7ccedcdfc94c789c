"""A layer's card: painted once per zoom level into Qt's item cache; an unchanged card costs no Python."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from designer.canvas.badge import paint_badge
from designer.canvas.views import CardView, PortView, Rect
from designer.theme import Theme, glyph

Side = Literal["inputs", "outputs"]
Feel = Literal["fits", "refused", "near"]
DETAIL = 0.6  # below this zoom a card shows its title only
BLOCKS = 0.25  # and below this one no words at all
PORT_STEP = 44.0
SPARE = 1.8  # a port that needs no wire is that much smaller


def port_offsets(count: int, width: float) -> list[float]:
    """The x of each of `count` ports on a card of that width, spread about its middle."""
    step = min(PORT_STEP, (width - 40) / max(count - 1, 1))
    return [width / 2 + (number - (count - 1) / 2) * step for number in range(count)]


class CardItem(QGraphicsItem):
    """Paints one `CardView`. It knows no layer type and keeps no value but the view it was given."""

    def __init__(self, view: CardView, theme: Theme) -> None:
        super().__init__()
        self.view = view
        self._theme = theme
        self._feel: dict[tuple[Side, str], Feel] = {}
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setZValue(2)
        self.setPos(*view.position)
        self._elide()

    def show_view(self, view: CardView) -> None:
        """Paint this from now on."""
        self.view = view
        self.setPos(*view.position)
        self._elide()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self._elide()
        self.update()

    def set_feel(self, side: Side, port: str, feel: Feel | None) -> None:
        """How a port answers a wire that is being drawn; None is at rest."""
        if self._feel.get((side, port)) == feel:
            return
        self._feel.pop((side, port), None)
        if feel is not None:
            self._feel[side, port] = feel
        self.update()

    def calm(self) -> None:
        """All ports at rest."""
        if self._feel:
            self._feel.clear()
            self.update()

    def feel(self, side: Side, port: str) -> Feel | None:
        """How that port answers just now."""
        return self._feel.get((side, port))

    def rect(self) -> Rect:
        """The card's place in the scene, without ports, ring and badge."""
        return Rect(self.x(), self.y(), self._theme.sizes.card_width, self._theme.sizes.card_height)

    def ports(self) -> list[tuple[Side, PortView, QPointF]]:
        """Every port with its centre in the card's own coordinates."""
        sizes, found = self._theme.sizes, list[tuple[Side, PortView, QPointF]]()
        sides: tuple[tuple[Side, tuple[PortView, ...], float], ...] = (
            ("inputs", self.view.inputs, 0.0),
            ("outputs", self.view.outputs, sizes.card_height),
        )
        for side, ports, y in sides:
            places = port_offsets(len(ports), sizes.card_width)
            found += [(side, port, QPointF(x, y)) for port, x in zip(ports, places, strict=True)]
        return found

    def boundingRect(self) -> QRectF:
        """Room for ports, rings and the badge as well."""
        sizes = self._theme.sizes
        return QRectF(0, 0, sizes.card_width, sizes.card_height).adjusted(-14, -14, 14, 14)

    def shape(self) -> QPainterPath:
        """What a click means: the card itself."""
        path = QPainterPath()
        path.addRect(0, 0, self._theme.sizes.card_width, self._theme.sizes.card_height)
        return path

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Face, words, rings, ports and badge, as much as the zoom allows."""
        detail = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_face(painter)
        if detail >= BLOCKS:
            self._paint_words(painter, detail)
        self._paint_rings(painter)
        if detail >= BLOCKS:
            self._paint_ports(painter)
        if self.view.problem is not None:
            place = QPointF(self._theme.sizes.card_width - 2, 2)
            paint_badge(painter, self._theme, self.view.problem, place, self._theme.sizes.badge)

    def _paint_face(self, painter: QPainter) -> None:
        theme, sizes = self._theme, self._theme.sizes
        face = QRectF(0, 0, sizes.card_width, sizes.card_height)
        outline = QPainterPath()
        outline.addRoundedRect(face, sizes.radius, sizes.radius)
        painter.setPen(Qt.PenStyle.NoPen)
        shadow = QColor(0, 0, 0, 70 if theme.name == "dark" else 22)
        painter.setBrush(shadow)
        painter.drawRoundedRect(face.translated(0, 1.5), sizes.radius, sizes.radius)
        painter.fillPath(outline, theme.colour("card"))
        painter.save()
        painter.setClipPath(outline)
        category = self.view.category
        painter.fillRect(QRectF(0, 0, sizes.strip, sizes.card_height), theme.strip_colour(category))
        painter.fillRect(QRectF(0, 0, sizes.spine, sizes.card_height), theme.category_colour(category))
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("edge"), 1))
        painter.drawRoundedRect(face.adjusted(0.5, 0.5, -0.5, -0.5), sizes.radius - 0.5, sizes.radius - 0.5)

    def _paint_words(self, painter: QPainter, detail: float) -> None:
        theme, sizes, view = self._theme, self._theme.sizes, self.view
        left, height = sizes.strip + 8, sizes.card_height
        middle = (sizes.spine + sizes.strip) / 2
        place = QRectF(middle - sizes.glyph / 2, (height - sizes.glyph) / 2, sizes.glyph, sizes.glyph)
        glyph(theme, view.category).render(painter, place)
        painter.setPen(theme.colour("text"))
        centred = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if detail < DETAIL:
            font = theme.ui_font(min(24, round(sizes.title / max(detail, 0.3))), True)
            room = sizes.card_width - left - 6
            words = QFontMetricsF(font).elidedText(view.title, Qt.TextElideMode.ElideRight, room)
            painter.setFont(font)
            painter.drawText(QRectF(left, 0, room, height), centred, words)
            return
        two = bool(self._values or self._below)
        line = QRectF(left, 5 if two else 0, sizes.card_width - left - 10, 22 if two else height)
        painter.setFont(theme.ui_font(sizes.title, True))
        painter.drawText(line, centred, self._title)
        painter.setPen(theme.colour("quiet"))
        painter.setFont(theme.ui_font(sizes.title - 1))
        painter.drawText(line.adjusted(self._name_left - left, 0, 0, 0), centred, self._name)
        painter.setFont(theme.ui_font(sizes.values))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, view.count)
        painter.drawText(QRectF(left, 26, line.width(), 16), centred, self._below)
        painter.setFont(theme.mono_font(sizes.values))
        right = sizes.card_width - 10
        painter.drawText(QRectF(self._values_left, 26, right - self._values_left, 16), centred, self._values)

    def _elide(self) -> None:
        """Fit the words to the room the parameter count leaves, once per view.

        A name that does not fit beside the title goes before the values: the id must stay readable.
        """
        theme, sizes, view = self._theme, self._theme.sizes, self.view
        left, right = sizes.strip + 8, sizes.card_width - 10
        count = QFontMetricsF(theme.ui_font(sizes.values)).horizontalAdvance(view.count)
        room = right - left - (count + 8 if view.count else 0)
        cut = Qt.TextElideMode.ElideRight
        title = QFontMetricsF(theme.ui_font(sizes.title, True))
        self._title = title.elidedText(view.title, cut, room)
        used = title.horizontalAdvance(self._title) + 6
        beside = QFontMetricsF(theme.ui_font(sizes.title - 1))
        fits = used + beside.horizontalAdvance(view.name) <= room
        self._name = view.name if fits else ""
        self._name_left = left + used
        below = "" if fits else " ".join(view.name.split())
        second = QFontMetricsF(theme.ui_font(sizes.values))
        half = (right - left) * (0.6 if view.values else 1)
        self._below = second.elidedText(below, cut, half)
        self._values_left = left + (second.horizontalAdvance(self._below) + 8 if below else 0)
        values = QFontMetricsF(theme.mono_font(sizes.values))
        self._values = values.elidedText(view.values, cut, right - self._values_left)

    def title_line(self) -> tuple[QRectF, QRectF]:
        """Where the words and the parameter count of the title line lie, in the card's coordinates."""
        theme, sizes = self._theme, self._theme.sizes
        left, right = sizes.strip + 8, sizes.card_width - 10
        name = QFontMetricsF(theme.ui_font(sizes.title - 1)).horizontalAdvance(self._name)
        count = QFontMetricsF(theme.ui_font(sizes.values)).horizontalAdvance(self.view.count)
        end = self._name_left + name if self._name else self._name_left - 6
        return QRectF(left, 5, end - left, 22), QRectF(right - count, 5, count, 22)

    def _paint_rings(self, painter: QPainter) -> None:
        """An outer ring per state, with a gap: a state never recolours the spine or the face."""
        theme, sizes = self._theme, self._theme.sizes
        rings = [self.view.problem] if self.view.problem in ("error", "warning", "hint") else []
        roles: list[str] = [*(str(ring) for ring in rings), *(["selection"] if self.isSelected() else [])]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for number, role in enumerate(roles):
            away = sizes.ring_gap + sizes.ring / 2 + number * (sizes.ring + 1.5)
            painter.setPen(QPen(theme.colour(role), sizes.ring))
            face = QRectF(0, 0, sizes.card_width, sizes.card_height).adjusted(-away, -away, away, away)
            painter.drawRoundedRect(face, sizes.radius + away, sizes.radius + away)

    def _paint_ports(self, painter: QPainter) -> None:
        theme = self._theme
        for side, port, centre in self.ports():
            feel = self._feel.get((side, port.name))
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
