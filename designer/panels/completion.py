"""Names that an expression may use, offered in a list below the field while one is typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget

Names = Callable[[], Sequence[str]]
_WORD = re.compile(r"[A-Za-z_]\w*$")
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
MOST, ROW_HEIGHT = 8, 24


class NameCompleter(QObject):
    """Completes the word at the cursor of a line that holds an expression. The line keeps the focus."""

    def __init__(self, field: QLineEdit, names: Names) -> None:
        super().__init__(field)
        self._field, self._names = field, names
        self.list: QListWidget | None = None
        field.textEdited.connect(lambda _text: self._offer())
        field.installEventFilter(self)  # asked before the editor's own

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Up and Down choose, Tab takes the first, Enter the chosen one (else the text as it is), Esc closes."""
        shown = self.list is not None and self.list.isVisible()
        if event.type() in (QEvent.Type.FocusOut, QEvent.Type.Hide):
            self._close()
        if not shown or not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return event.type() == QEvent.Type.KeyPress and self._key(Qt.Key(event.key()))

    def _key(self, key: Qt.Key) -> bool:
        assert self.list is not None, "it is shown"
        row = self.list.currentRow()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            self.list.setCurrentRow(max(0, min(row + step, self.list.count() - 1)))
            return True
        if key == Qt.Key.Key_Tab or (key in _ENTER and row >= 0):
            self._insert(self.list.item(max(row, 0)).text())
            return True
        self._close()
        return key == Qt.Key.Key_Escape

    def _word(self) -> str:
        before = self._field.text()[: self._field.cursorPosition()]
        found = _WORD.search(before) if before.startswith("=") else None
        return found[0] if found else ""

    def _offer(self) -> None:
        word, just_begun = self._word(), self._field.text() == "="
        fitting = [
            name
            for name in self._names()
            if just_begun or (word and name != word and name.lower().startswith(word.lower()))
        ]
        if not fitting:
            self._close()
            return
        self._show(fitting[:MOST])

    def _show(self, names: Sequence[str]) -> None:
        window = self._field.window()
        if self.list is None:
            self.list = QListWidget(window)
            self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.list.setAccessibleName("Names")
            self.list.setProperty("floating", True)
            self.list.setStyleSheet("QListWidget { border: 1px solid palette(mid); }")
            self._field.destroyed.connect(self.list.deleteLater)
            self.list.itemClicked.connect(lambda item: self._insert(item.text()))
        self.list.setParent(window)
        self.list.clear()
        self.list.addItems(list(names))
        below = self._field.mapTo(window, QPoint(0, self._field.height() + 2))
        height = ROW_HEIGHT * len(names) + 6
        if below.y() + height > window.height():  # no room below
            below.setY(below.y() - self._field.height() - 4 - height)
        self.list.setGeometry(below.x(), below.y(), self._field.width(), height)
        self.list.show()
        self.list.raise_()

    def _close(self) -> None:
        if self.list is not None:
            self.list.hide()

    def _insert(self, name: str) -> None:
        at, text = self._field.cursorPosition(), self._field.text()
        begin = at - len(self._word())
        self._field.setText(text[:begin] + name + text[at:])
        self._field.setCursorPosition(begin + len(name))
        self._field.setModified(True)
        self._field.textEdited.emit(self._field.text())
        self._close()


def offer_names(field: QLineEdit, names: Names) -> None:
    """Complete names in the expressions that are typed into a line."""
    NameCompleter(field, names)
