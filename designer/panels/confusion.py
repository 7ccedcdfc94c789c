"""The confusion matrix of a finished run: rows are what it is, columns what it was taken for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from designer.panels.widgets import escaped
from designer.theme import Theme

LABEL, SMALLEST, LARGEST = 34, 13, 34


class Confusion(QWidget):
    """Numbers on a ground that is the stronger the more there are; mistakes in the colour of errors."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: Sequence[Sequence[int]] = ()
        self._names: Sequence[str] = ()
        self.setAccessibleName("Confusion matrix")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self.update()

    def show_matrix(self, rows: Sequence[Sequence[int]], names: Sequence[str]) -> None:
        """Show this; empty hides it."""
        self._rows, self._names = rows, names
        self.setVisible(bool(rows))
        right = sum(row[number] for number, row in enumerate(rows))
        total = sum(map(sum, rows))
        self.setAccessibleDescription(f"{right} of {total} right" if rows else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for readable cells."""
        side = LABEL + 18 + 26 * max(2, len(self._rows))
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """Cells that can still be told apart."""
        side = LABEL + 18 + SMALLEST * max(2, len(self._rows))
        return QSize(side, side)

    def _cell(self) -> float:
        room = min(self.width() - LABEL - 4, self.height() - LABEL - 18)
        return max(4.0, min(LARGEST, room / max(1, len(self._rows))))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Cells, numbers where they fit, and the names of the classes."""
        if not self._rows:
            return
        theme, cell = self._theme, self._cell()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.ui_font(11))
        painter.setPen(theme.colour("quiet"))
        size = len(self._rows) * cell
        centre = Qt.AlignmentFlag.AlignCenter
        painter.drawText(QRectF(LABEL, 0, size, 16), centre, "taken for")
        painter.save()
        painter.translate(12, LABEL + 18 + size / 2)
        painter.rotate(-90)
        painter.drawText(QRectF(-size / 2, -10, size, 16), centre, "is")
        painter.restore()
        most = max(1, *(max(row) for row in self._rows))
        for row, counts in enumerate(self._rows):
            name = self._names[row] if row < len(self._names) else str(row)
            top, left = LABEL + row * cell, LABEL + row * cell
            if cell >= SMALLEST:
                painter.setPen(theme.colour("quiet"))
                painter.drawText(QRectF(16, top, LABEL - 20, cell), centre, name[:3])
                painter.drawText(QRectF(left, 17, cell, LABEL - 19), centre, name[:3])
            for column, count in enumerate(counts):
                self._paint_cell(
                    painter, QRectF(LABEL + column * cell, top, cell, cell), count, most, row == column
                )
        painter.end()

    def _paint_cell(self, painter: QPainter, area: QRectF, count: int, most: int, right: bool) -> None:
        theme = self._theme
        ground = QColor(theme.colour("good" if right else "error"))
        share = (count / most) ** 0.5
        ground.setAlphaF(0.0 if not count else 0.15 + 0.75 * share if right else 0.25 + 0.65 * share)
        painter.setPen(theme.colour("edge"))
        painter.setBrush(ground)
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
        if count and area.width() >= 18:
            painter.setPen(theme.colour("card") if share > 0.6 else theme.colour("text"))
            painter.setFont(theme.mono_font(11, not right))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, str(count))

    def event(self, event: QEvent) -> bool:
        """What a cell means, in words."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._rows:
            words = self._words_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), escaped(words)) if words else QToolTip.hideText()
            return True
        return super().event(event)

    def _words_at(self, place: QPointF) -> str:
        cell = self._cell()
        row, column = int((place.y() - LABEL) // cell), int((place.x() - LABEL) // cell)
        if not (0 <= row < len(self._rows) and 0 <= column < len(self._rows)):
            return ""
        count, names = self._rows[row][column], self._names
        if row == column:
            return f"{names[row]}: {count} right"
        return f"{names[row]} taken for {names[column]}: {count}"
