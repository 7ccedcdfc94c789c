"""The small chip beside a loss: its target and length inputs, which are layers of the design but no cards."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from designer.canvas.card_item import DETAIL
from designer.canvas.views import ChipView, Rect
from designer.theme import Theme, glyph

STEM = 22.0  # the short wire between card and chip
ICON = 14.0
PART_PAD = 9.0


def chip_size(view: ChipView, theme: Theme) -> tuple[float, float]:
    """Width (without the stem) and height of a chip."""
    return sum(_widths(view, theme)) + ICON + 10, theme.sizes.chip_height


def _widths(view: ChipView, theme: Theme) -> list[float]:
    measure = QFontMetricsF(theme.ui_font(theme.sizes.values))
    return [measure.horizontalAdvance(words) + 2 * PART_PAD for _, words in view.parts]


class ChipItem(QGraphicsItem):
    """Paints one `ChipView`, standing right of its loss's card."""

    def __init__(self, view: ChipView, theme: Theme) -> None:
        super().__init__()
        self.view = view
        self._theme = theme
        self._chosen: frozenset[str] = frozenset()
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setZValue(2)

    def show_view(self, view: ChipView, theme: Theme) -> None:
        """Paint this from now on."""
        self.prepareGeometryChange()
        self.view, self._theme = view, theme
        self.update()

    def stand_by(self, card: Rect) -> None:
        """Stand right of the loss's card, at half its height."""
        self.setPos(card.right + STEM, card.y + (card.height - self._theme.sizes.chip_height) / 2)

    def rect(self) -> Rect:
        """The chip's place in the scene, without its stem."""
        return Rect(self.x(), self.y(), *chip_size(self.view, self._theme))

    def part_at(self, point: QPointF) -> str | None:
        """The input at that place of the scene; beside all words, the first."""
        at = self.mapFromScene(point)
        if not QRectF(0, 0, *chip_size(self.view, self._theme)).contains(at):
            return None
        left = ICON + 8
        for (name, _), width in zip(self.view.parts, _widths(self.view, self._theme), strict=True):
            if left <= at.x() < left + width:
                return name
            left += width
        return self.view.parts[0][0]

    def choose(self, names: frozenset[str]) -> None:
        """Ring the chip if one of its inputs is among the selected."""
        mine = names & {name for name, _ in self.view.parts}
        if mine != self._chosen:
            self._chosen = mine
            self.update()

    def boundingRect(self) -> QRectF:
        """The chip, its stem and its ring."""
        width, height = chip_size(self.view, self._theme)
        return QRectF(-STEM - 2, -6, width + STEM + 8, height + 12)

    def shape(self) -> QPainterPath:
        """What a click means: the chip without its stem."""
        path = QPainterPath()
        path.addRect(QRectF(0, 0, *chip_size(self.view, self._theme)))
        return path

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Stem, body, glyph and one word group per input."""
        theme = self._theme
        width, height = chip_size(self.view, theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("wire"), theme.sizes.wire))
        painter.drawLine(QPointF(-STEM, height / 2), QPointF(0, height / 2))
        body = QRectF(0.5, 0.5, width - 1, height - 1)
        painter.setPen(QPen(theme.colour("edge"), 1))
        painter.setBrush(theme.colour("card"))
        painter.drawRoundedRect(body, height / 2, height / 2)
        if self._chosen:
            painter.setPen(QPen(theme.colour("selection"), theme.sizes.ring))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(body.adjusted(-3, -3, 3, 3), height / 2 + 3, height / 2 + 3)
        detail = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        if detail < DETAIL:
            return
        glyph(theme, "input").render(painter, QRectF(9, (height - ICON) / 2, ICON, ICON))
        left = ICON + 8
        for number, ((name, words), part) in enumerate(
            zip(self.view.parts, _widths(self.view, theme), strict=True)
        ):
            painter.setPen(theme.colour("edge"))
            if number:
                painter.drawLine(QPointF(left, 6), QPointF(left, height - 6))
            painter.setPen(theme.colour("text"))
            painter.setFont(theme.ui_font(theme.sizes.values, name in self._chosen))
            painter.drawText(QRectF(left, 0, part, height), Qt.AlignmentFlag.AlignCenter, words)
            left += part
