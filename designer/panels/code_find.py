"""Find in the printed code: a small row beside the tabs of the files."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from designer.panels.code_view import CodeView
from designer.panels.widgets import plain_label, plain_tip, set_property
from designer.theme import Theme, icon


class CodeFind(QWidget):
    """Enter goes to the next place, Shift+Enter to the one before, Esc back to the code."""

    def __init__(self, view: Callable[[], CodeView], theme: Theme) -> None:
        super().__init__()
        self._view = view
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find in the code")
        self.field.setAccessibleName("Find in the code")
        self.field.setFixedWidth(190)
        self.count = plain_label("", quiet=True)
        self._off = QToolButton()
        self._off.setAccessibleName("Close find")
        self._off.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        plain_tip(self._off, "Close (Esc)")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for part in (self.count, self.field, self._off):
            row.addWidget(part)
        self.field.textChanged.connect(lambda _text: self._begin())
        self.field.installEventFilter(self)
        self._off.clicked.connect(lambda _on=False: self.close_row())
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._off.setIcon(icon(theme, "x", "quiet"))

    def open(self) -> None:
        """Show the row; what is marked in the code is looked for."""
        marked = self._view().textCursor().selectedText()
        self.show()
        if marked and "\u2029" not in marked:
            self.field.setText(marked)
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self._begin()

    def close_row(self) -> None:
        """Away, and back to the code."""
        self.hide()
        self._view().setFocus()

    def look_again(self) -> None:
        """Another file is in front."""
        if self.isVisible():
            self._begin()

    def _begin(self) -> None:
        """From the first line in sight on, so that typing more letters stays at the place."""
        view = self._view()
        cursor = view.textCursor()
        cursor.setPosition(cursor.selectionStart())
        view.setTextCursor(cursor)
        self.step(1)

    def step(self, by: int) -> None:
        """Mark the next (1) or the previous (-1) place, round and round."""
        view, text = self._view(), self.field.text()
        found = False
        if text:
            back = QTextDocument.FindFlag.FindBackward if by < 0 else QTextDocument.FindFlag(0)
            found = view.find(text, back)
            if not found:
                cursor = view.textCursor()
                end = QTextCursor.MoveOperation.End if by < 0 else QTextCursor.MoveOperation.Start
                cursor.movePosition(end)
                view.setTextCursor(cursor)
                found = view.find(text, back)
        set_property(self.field, "invalid", bool(text) and not found)
        self._say(text, found)

    def _say(self, text: str, found: bool) -> None:
        if not text:
            self.count.setText("")
            return
        source, wanted = self._view().source().casefold(), text.casefold()
        many = source.count(wanted)
        at = source.count(wanted, 0, self._view().textCursor().selectionEnd()) if found else 0
        self.count.setText(f"{at:,} of {many:,}" if found else "not there")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the field that walk the places."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.close_row()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            return False
        return True
