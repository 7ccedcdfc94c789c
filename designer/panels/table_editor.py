"""Editors of several lines: free text, and long values with a row of a table or a named value on each line."""

from __future__ import annotations

import json
from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from designer.panels.field_editors import FieldEditor
from designer.panels.field_text import as_text, entry_of, is_rows
from designer.panels.widgets import set_property
from graph_ir.kinds import Json, Kind, is_expression

FEWEST, MOST = 2, 7


class LinesEditor(FieldEditor):
    """Several lines of free text. Going on means them, and so does Ctrl+Enter."""

    def __init__(self, kind: Kind, name: str, parent: QWidget | None = None) -> None:
        super().__init__(kind, name, parent)
        self.field = QPlainTextEdit(self)
        self.field.setProperty("mono", self.is_mono)
        self.field.setTabChangesFocus(True)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._changed)
        self.row.addWidget(self.field)
        self.setFocusProxy(self.field)
        self._fit()

    is_mono = False
    enter_means = Qt.KeyboardModifier.ControlModifier

    def _changed(self) -> None:
        self._fit()
        if self.field.hasFocus() and self._is_pending():
            self.try_soon()

    def _fit(self) -> None:
        lines = min(max(self._lines(), FEWEST), MOST)
        self.field.setFixedHeight(lines * self.field.fontMetrics().lineSpacing() + 20)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width, another number of lines."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._fit)  # the field has its new width only after this

    def _lines(self) -> int:
        """As many as are needed, or more than there is ever room for; lines are broken only when they are asked for."""
        layout, block, lines = self.field.document().documentLayout(), self.field.document().begin(), 0
        while block.isValid() and lines <= MOST:
            layout.blockBoundingRect(block)
            lines += max(1, block.layout().lineCount())
            block = block.next()
        return lines

    def _key(self, event: QKeyEvent, pending: bool) -> bool:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and held == self.enter_means:
            self._finish()
            return True
        return super()._key(event, pending)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Going on means what was typed."""
        if event.type() == QEvent.Type.FocusOut:
            self._finish()
        return super().eventFilter(watched, event)

    def _finish(self) -> None:
        self.take(self.text())
        self.left.emit()

    def _is_pending(self) -> bool:
        return self.text() != self._shown

    def settle(self) -> None:
        if self._is_pending() and not self._is_held:
            self.take(self.text())

    def show_raw(self, raw: Json) -> None:
        text = as_text(raw)
        if text == self._shown and (self._is_held or (self.field.hasFocus() and self._is_pending())):
            return
        self._shown, self._is_held = text, False
        self.put(text)
        self.mark(False)

    def text(self) -> str:
        return self.field.toPlainText()

    def put(self, text: str) -> None:
        if text != self.field.toPlainText():
            self.field.setPlainText(text)

    def mark(self, invalid: bool) -> None:
        set_property(self.field, "invalid", invalid)

    def describe(self, name: str, about: str) -> None:
        self.field.setAccessibleName(name)
        self.field.setAccessibleDescription(about)

    def show_placeholder(self, text: str) -> None:
        self.field.setPlaceholderText(text)


class TableEditor(LinesEditor):
    """`0, 1, 2` for a row of a table, `x: N C T` for a named value. Enter means them, Shift+Enter adds a line."""

    is_mono = True
    enter_means = Qt.KeyboardModifier.NoModifier

    def text(self) -> str:
        return line_of(self.kind, self.field.toPlainText())

    def put(self, text: str) -> None:
        super().put(lines_of(text))


def lines_of(text: str) -> str:
    """One line of text as a person reads it: a row, a number or a named value on each line."""
    try:
        raw = json.loads(text) if text[:1] in ("[", "{") else None
    except (ValueError, RecursionError):
        return text
    if isinstance(raw, list) and raw and all(isinstance(row, list) for row in raw):
        return "\n".join(", ".join(as_text(entry) for entry in row) for row in raw)
    if isinstance(raw, Mapping) and all(
        isinstance(value, str) and _is_plain(value) for value in raw.values()
    ):
        return "\n".join(f"{name}: {value}" for name, value in raw.items())
    if isinstance(raw, Mapping) and raw:
        return "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in raw.items())
    return text


def line_of(kind: Kind, lines: str) -> str:
    """What stands in the lines, as the one line that is read by `parse`."""
    text = lines.strip()
    if text[:1] in ("[", "{", "=") or not text:
        return text
    rows = [row.strip().rstrip(",") for row in text.splitlines() if row.strip()]
    if is_rows(kind):
        return json.dumps([[entry_of(entry) for entry in row.split(",")] for row in rows], ensure_ascii=False)
    named = [row.partition(":") for row in rows]
    if not all(colon and name.strip() for name, colon, _ in named):
        return text
    return json.dumps({name.strip(): _value(rest.strip()) for name, _, rest in named}, ensure_ascii=False)


def _is_plain(text: str) -> bool:
    """Whether a text reads back as itself: one that looks like another value does not."""
    return _value(text) == text and text == text.strip() and "\n" not in text


def _value(text: str) -> Json:
    if is_expression(text):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
