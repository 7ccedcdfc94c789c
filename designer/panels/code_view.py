"""Printed Python, read only: coloured, with the lines of the selected layer lit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from keyword import kwlist

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from designer.theme import Theme

_TOKENS = re.compile(
    r"(?P<comment>#.*)|(?P<string>[rbfu]*\"\"\".*?(?:\"\"\"|$)|[rbfu]*\"(?:\\.|[^\"\\])*\"|[rbfu]*'(?:\\.|[^'\\])*')"
    rf"|(?P<word>\b(?:{'|'.join((*kwlist, 'self'))})\b)|(?P<number>\b\d[\d_.]*(?:[eE][+-]?\d+)?\b)"
)
_ROLES = {"comment": "quiet", "string": "good", "word": "hint", "number": "warning"}
_INSIDE, _OUTSIDE = 1, 0


class Highlighter(QSyntaxHighlighter):
    """Colours comments, strings, words of the language and numbers; knows strings over several lines."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colour in another look."""
        self._formats = {}
        for kind, role in _ROLES.items():
            made = QTextCharFormat()
            made.setForeground(theme.colour(role))
            self._formats[kind] = made
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        start = 0
        self.setCurrentBlockState(_OUTSIDE)
        if self.previousBlockState() == _INSIDE:
            end = text.find('"""')
            start = len(text) if end < 0 else end + 3
            self.setFormat(0, start, self._formats["string"])
            if end < 0:
                self.setCurrentBlockState(_INSIDE)
                return
        for found in _TOKENS.finditer(text, start):
            kind = str(found.lastgroup)
            self.setFormat(found.start(), found.end() - found.start(), self._formats[kind])
            if kind == "string" and _stays_open(found[0]):
                self.setCurrentBlockState(_INSIDE)


def _stays_open(text: str) -> bool:
    body = text.lstrip("rbfu")
    return body.startswith('"""') and (len(body) < 6 or not body.endswith('"""'))


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

    def __init__(self, theme: Theme, *, numbers: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lit: tuple[int, ...] = ()
        self._numbers = _Numbers(self) if numbers else None
        self.setReadOnly(True)
        self.setProperty("mono", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._highlighter = Highlighter(self.document(), theme)
        if self._numbers is not None:
            self.setViewportMargins(self.number_width(), 0, 0, 0)
            self.updateRequest.connect(lambda _rect, _dy: self._numbers and self._numbers.update())

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self._highlighter.set_theme(theme)
        self.light(self._lit, scroll=False)

    def show_source(self, text: str) -> None:
        """Show a text; the same text is left as it is, scrolled where it was."""
        if text != self.toPlainText():
            at = self.verticalScrollBar().value()
            self.setPlainText(text)
            self.verticalScrollBar().setValue(at)
            if self._numbers is not None:
                self.setViewportMargins(self.number_width(), 0, 0, 0)

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
        widest = max((self.fontMetrics().horizontalAdvance(line) for line in self._lines()), default=0)
        return widest > self.viewport().width() - 12

    def _lines(self) -> Iterable[str]:
        return self.toPlainText().splitlines()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A plain click tells its line; a drag selects text."""
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self.line_clicked.emit(self.cursorForPosition(event.position().toPoint()).blockNumber() + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The numbers keep to the left edge."""
        super().resizeEvent(event)
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
