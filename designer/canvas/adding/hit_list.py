"""The list of hits: a model that a letter refills at once, and how one row is painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from designer.canvas.adding.search import Fit, Hit, matched_alias
from designer.theme import Theme, glyph

ROW = 44
HIT = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class HitModel(QAbstractListModel):
    """The hits on show."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._hits: list[Hit] = []
        self._complete: Callable[[Hit], Hit] | None = None
        self._completed: dict[int, Hit] = {}

    def fill(self, hits: Sequence[Hit], complete: Callable[[Hit], Hit] | None = None) -> None:
        """Show these. `complete` is asked for what is looked at: seven rows of two hundred."""
        self.beginResetModel()
        self._hits, self._complete, self._completed = list(hits), complete, {}
        self.endResetModel()

    def hit(self, row: int) -> Hit:
        """The hit of a row. Raises IndexError."""
        if self._complete is None:
            return self._hits[row]
        if row not in self._completed:
            self._completed[row] = self._complete(self._hits[row])
        return self._completed[row]

    def rowCount(self, parent: Index | None = None) -> int:
        """One row a hit."""
        return 0 if parent is not None and parent.isValid() else len(self._hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The hit itself for the painter, its words for a screen reader."""
        if not 0 <= index.row() < len(self._hits):
            return None
        hit = self.hit(index.row())
        if role == HIT:
            return hit
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole):
            return f"{hit.name}: {hit.note or hit.summary}"
        return None


class HitDelegate(QStyledItemDelegate):
    """Paints one hit: glyph, name, signature, and below them its description or why it does not fit."""

    def __init__(self, parent: QObject, theme: Theme) -> None:
        super().__init__(parent)
        self.theme = theme
        self.query = ""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Every row is as high; as wide as the list."""
        return QSize(100, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw plain text only: a summary or an alias is never markup."""
        hit: Hit = index.data(HIT)
        area = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            self._mark(painter, area)
        painter.setOpacity(0.55 if hit.fit is Fit.REFUSED else 1.0)
        place = QRect(area.left() + 12, area.top() + 13, 18, 18)
        glyph(self.theme, hit.category).render(painter, place)
        painter.setOpacity(1.0)
        self._title(painter, hit, area.adjusted(42, 4, -12, -ROW // 2))
        words = hit.note if hit.note and hit.fit is not Fit.FITS else hit.summary
        painter.setFont(self.theme.ui_font(12))
        painter.setPen(self.theme.colour("quiet"))
        below = area.adjusted(42, ROW // 2 - 2, -12, -4)
        painter.drawText(below, LEFT, _cut(painter, words, below.width()))
        painter.restore()

    def _mark(self, painter: QPainter, area: QRect) -> None:
        """The row that Enter takes."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.colour("hover"))
        painter.drawRoundedRect(area.adjusted(2, 1, -2, -1), 5, 5)
        bar = QRect(area.left() + 2, area.top() + 8, 3, area.height() - 16)
        painter.fillRect(bar, self.theme.colour("selection"))

    def _title(self, painter: QPainter, hit: Hit, line: QRect) -> None:
        """The name, the other library's name that was asked for, what was typed behind it; the signature at right."""
        theme = self.theme
        painter.setFont(theme.ui_font(13, True))
        painter.setPen(theme.colour("quiet" if hit.fit is Fit.REFUSED else "text"))
        alias = matched_alias(self.query, hit)
        title = _cut(painter, f"{hit.name}  ({alias})" if alias else hit.name, line.width())
        painter.drawText(line, LEFT, title)
        rest = line.adjusted(QFontMetrics(painter.font()).horizontalAdvance(title) + 12, 0, 0, 0)
        painter.setFont(theme.mono_font(11))
        if hit.typed:
            painter.drawText(rest, LEFT, _cut(painter, hit.typed, rest.width()))
            return
        painter.setPen(theme.colour("quiet"))
        painter.drawText(rest, RIGHT, _cut(painter, hit.signature, rest.width()))


def _cut(painter: QPainter, words: str, width: int) -> str:
    return QFontMetrics(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, width)
