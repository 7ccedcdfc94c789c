"""How the gallery paints a template: its picture, its name, what it is about, how large it is and what it trains on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from designer.services.thumbnails import Thumbnail
from designer.theme import Theme, svg_renderer
from graph_ir.templates import Template

TEMPLATE = Qt.ItemDataRole.UserRole
CARD, TITLE_ROW = QSize(168, 172), 36
GAP, PICTURE, INSET = 12, 84, 12
Picture = Callable[[Template], Thumbnail | None]


class Cards(QStyledItemDelegate):
    """A group's name over the whole width, or a template's card. All text is plain, whatever a file says of itself."""

    def __init__(self, parent: QObject, theme: Theme, picture: Picture) -> None:
        super().__init__(parent)
        self.theme = theme
        self.width = 640
        self._picture = picture

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Cards share the width evenly."""
        return QSize(self.width, TITLE_ROW) if index.data(TEMPLATE) is None else self.card()

    def card(self) -> QSize:
        """How large a card is, the gap beside it included."""
        columns = max(1, self.width // (CARD.width() + GAP))
        return QSize(self.width // columns, CARD.height() + GAP)

    def area(self, item: QRect) -> QRect:
        """The card itself in what the list gives it."""
        return item.adjusted(0, 0, -GAP, -GAP)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One card, or the name of a group."""
        template: Template | None = index.data(TEMPLATE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if template is None:
            self._head(painter, QRect(option.rect), str(index.data(Qt.ItemDataRole.DisplayRole)))
        else:
            area = self.area(option.rect)
            self._ground(painter, area, option.state)
            self._show(painter, template, area)
        painter.restore()

    def _head(self, painter: QPainter, area: QRect, words: str) -> None:
        painter.setFont(self.theme.ui_font(12, True))
        painter.setPen(self.theme.colour("quiet"))
        painter.drawText(
            area.adjusted(2, 10, -2, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words
        )

    def _ground(self, painter: QPainter, area: QRect, state: QStyle.StateFlag) -> None:
        theme = self.theme
        chosen, hovered = (
            bool(state & flag) for flag in (QStyle.StateFlag.State_Selected, QStyle.StateFlag.State_MouseOver)
        )
        painter.setBrush(theme.colour("hover" if hovered else "card"))
        ring = 2.0 if chosen else 1.0
        painter.setPen(QPen(theme.colour("selection" if chosen else "edge"), ring))
        painter.drawRoundedRect(QRectF(area).adjusted(ring / 2, ring / 2, -ring / 2, -ring / 2), 8, 8)

    def _show(self, painter: QPainter, template: Template, area: QRect) -> None:
        theme, found = self.theme, self._picture(template)
        place = QRect(area.left(), area.top(), area.width(), PICTURE)
        if found is not None:
            size = found.pixmap.deviceIndependentSize()
            size *= min(1.2, (place.width() - INSET) / size.width(), (PICTURE - 6) / size.height())
            middle = QRectF(place).center()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(
                QRectF(middle - QPointF(size.width() / 2, size.height() / 2), size),
                found.pixmap,
                QRectF(found.pixmap.rect()),
            )
        painter.setPen(QPen(theme.colour("edge"), 1))
        painter.drawLine(place.left() + 1, place.bottom(), place.right() - 1, place.bottom())
        inside = area.adjusted(INSET, PICTURE + 7, -INSET, -8)
        title = theme.ui_font(13, True)
        painter.setFont(title)
        painter.setPen(theme.colour("text"))
        painter.drawText(inside, _TOP, _cut(title, template.title, inside.width()))
        small = theme.ui_font(11)
        painter.setFont(small)
        painter.setPen(theme.colour("quiet"))
        for number, words in enumerate(two_lines(small, template.summary, inside.width())):
            painter.drawText(inside.adjusted(0, 20 + 15 * number, 0, 0), _TOP, words)
        chip = chip_area(theme, area, template)
        if found is not None and found.parameters:
            room = (chip.left() - 6 if template.data else inside.right()) - inside.left()
            painter.drawText(inside, _BOTTOM, _cut(small, f"{found.parameters} params", room))
        if template.data:
            svg_renderer("lucide/play", theme.colours["selection"]).render(
                painter, QRectF(chip.left(), chip.bottom() - 11, 11, 11)
            )
            painter.setPen(theme.colour("text"))
            painter.drawText(chip, _BOTTOM_RIGHT, _data(template))


_TOP = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
_BOTTOM = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
_BOTTOM_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom


def chip_area(theme: Theme, area: QRect, template: Template) -> QRect:
    """Where a card says on which data its template trains: a click there opens the training."""
    width = QFontMetrics(theme.ui_font(11)).horizontalAdvance(_data(template)) + 16
    return QRect(area.right() - INSET - width, area.bottom() - 26, width + 1, 19)


def two_lines(font: QFont, text: str, width: int) -> list[str]:
    """The text on two lines at most, broken between words, its end left out where it is longer."""
    metrics, words = QFontMetrics(font), text.split()
    first = ""
    while words and metrics.horizontalAdvance(f"{first} {words[0]}".strip()) <= width:
        first = f"{first} {words.pop(0)}".strip()
    lines = [first, " ".join(words)] if first else [" ".join(words)]
    return [_cut(font, line, width) for line in lines if line]


def _cut(font: QFont, words: str, width: int) -> str:
    return QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, width + 2)


def _data(template: Template) -> str:
    return template.data.replace("_", " ")


def data_words(template: Template) -> str:
    """What a template trains on without a download."""
    return f"trains here on {template.data.replace('_', ' ')}" if template.data else ""
