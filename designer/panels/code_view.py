"""Printed Python, read only: coloured where it is seen, with the lines of the selected layer lit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from designer.panels.code_colours import Colours, inside_strings
from designer.theme import Theme


class _Numbers(QWidget):
    """The line numbers beside the text."""

    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:
        """As wide as the last line's number."""
        return QSize(self._view.number_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Numbers of the lines in sight."""
        self._view.paint_numbers(self, event.rect())


class CodeView(QPlainTextEdit):
    """One file. `line_clicked` gives the line a person pointed at."""

    line_clicked = Signal(int)
    find_wanted = Signal()
    _sight_changed = Signal()

    def __init__(self, theme: Theme, *, numbers: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lit: tuple[int, ...] = ()
        self._text = ""
        self._inside: list[bool] = []
        self._coloured: set[int] = set()
        self._colours = Colours(theme)
        self._numbers = _Numbers(self) if numbers else None
        self.setReadOnly(True)
        self.setProperty("mono", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.document().setUndoRedoEnabled(False)
        # Queued: while a text is set or laid out, nobody may touch it; still before anything is painted.
        self._sight_changed.connect(self._colour, Qt.ConnectionType.QueuedConnection)
        self.verticalScrollBar().valueChanged.connect(lambda _value: self._sight_changed.emit())
        if self._numbers is not None:
            self.setViewportMargins(self.number_width(), 0, 0, 0)
            self.updateRequest.connect(lambda _rect, _dy: self._numbers and self._numbers.update())

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self._colours = Colours(theme)
        self._coloured.clear()
        self._sight_changed.emit()
        self.light(self._lit, scroll=False)

    def show_source(self, text: str) -> None:
        """Show a text; the same text is left as it is, scrolled where it was."""
        if text == self._text:
            return
        at = self.verticalScrollBar().value()
        self._text, self._inside = text, inside_strings(text.split("\n"))
        self._coloured.clear()
        self.setPlainText(text)
        self.verticalScrollBar().setValue(at)
        if self._numbers is not None:
            self.setViewportMargins(self.number_width(), 0, 0, 0)
        self._sight_changed.emit()

    def source(self) -> str:
        """The whole text."""
        return self._text

    def _colour(self) -> None:
        """Colour the lines in sight that have no colours yet."""
        if not self.isVisible():
            return
        block, height = self.firstVisibleBlock(), self.viewport().height()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= height:
            number = block.blockNumber()
            if number not in self._coloured:
                self._coloured.add(number)
                block.layout().setFormats(self._colours.ranges(block.text(), inside=self._inside[number]))
                self.document().markContentsDirty(block.position(), block.length())
            block, top = block.next(), top + self.blockBoundingRect(block).height()

    def showEvent(self, event: QShowEvent) -> None:
        """Lines that come into sight get their colours."""
        super().showEvent(event)
        self._sight_changed.emit()

    def light(self, lines: Sequence[int], *, scroll: bool = True) -> None:
        """Light these lines (from 1) and bring the first into sight."""
        self._lit = tuple(lines)
        ground = self._theme.colour("selection")
        ground.setAlpha(48)
        self.setExtraSelections([self._selection(line, ground) for line in lines])
        if scroll and lines:
            block = self.document().findBlockByNumber(lines[0] - 1)
            cursor = QTextCursor(block)
            self.setTextCursor(cursor)
            self.centerCursor()

    def lit(self) -> tuple[int, ...]:
        """The lines that are lit."""
        return self._lit

    def _selection(self, line: int, ground: QColor) -> QTextEdit.ExtraSelection:
        selection = QTextEdit.ExtraSelection()
        selection.format.setBackground(ground)
        selection.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        selection.cursor = QTextCursor(self.document().findBlockByNumber(line - 1))
        return selection

    def fit_height(self, most: int) -> None:
        """As high as its text, up to so many lines."""
        lines = min(most, max(1, self.blockCount()))
        extra = self.horizontalScrollBar().sizeHint().height() if self._is_wide() else 4
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + extra + 18)

    def _is_wide(self) -> bool:
        lines = self._text.splitlines()
        widest = max((self.fontMetrics().horizontalAdvance(line) for line in lines), default=0)
        return widest > self.viewport().width() - 12

    def event(self, event: QEvent) -> bool:
        """Ctrl+F looks into the code, not into the design."""
        is_asked = event.type() == QEvent.Type.ShortcutOverride and self._numbers is not None
        if is_asked and isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Find):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+F asks for the find row; Enter tells the line of the cursor."""
        if self._numbers is not None and event.matches(QKeySequence.StandardKey.Find):
            self.find_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.line_clicked.emit(self.textCursor().blockNumber() + 1)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A plain click tells its line; a drag selects text."""
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self.line_clicked.emit(self.cursorForPosition(event.position().toPoint()).blockNumber() + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The numbers keep to the left edge; lines that come into sight get their colours."""
        super().resizeEvent(event)
        self._sight_changed.emit()
        if self._numbers is not None:
            area = self.contentsRect()
            self._numbers.setGeometry(QRect(area.left(), area.top(), self.number_width(), area.height()))

    def number_width(self) -> int:
        """Room for the last line's number."""
        return self.fontMetrics().horizontalAdvance("0" * max(3, len(str(self.blockCount())))) + 16

    def paint_numbers(self, strip: QWidget, area: QRect) -> None:
        """Draw the numbers of the lines in sight onto the strip."""
        painter = QPainter(strip)
        painter.fillRect(area, self._theme.colour("field"))
        painter.setPen(self._theme.colour("wire"))
        painter.setFont(self.font())
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        right = Qt.AlignmentFlag.AlignRight
        while block.isValid() and top <= area.bottom():
            height = self.blockBoundingRect(block).height()
            box = QRect(0, round(top), strip.width() - 8, round(height))
            painter.drawText(box, right, str(block.blockNumber() + 1))
            block, top = block.next(), top + height
        painter.end()
