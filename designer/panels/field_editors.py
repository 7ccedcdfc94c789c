"""Editors of single values, made from a field's kind. Every one takes an expression (`=2*width`) as well.

What is typed is meant with Enter, or when the person goes on; Esc takes it back. An editor that `tries` tells before
what it would be, and then what keys and wheel count is only tried, too.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from designer.panels.completion import Names
from designer.panels.field_text import parse
from designer.theme import Theme
from graph_ir.kinds import BadValue, Json, Kind

TRY_MS = 30  # fast typing is tried once


class FieldEditor(QWidget):
    """Shows one raw value and tells what becomes of it. Text that is not allowed stays and is marked."""

    edited = Signal(object)  # a raw value that the kind accepts
    refused = Signal(str)  # the sentence; empty where all is well again
    left = Signal()  # the person is done with the field
    tried = Signal(object)  # a raw value that is not meant yet
    doubted = Signal(str)  # why what is being typed can't be tried
    untried = Signal()  # nothing is being tried any more

    def __init__(self, kind: Kind, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind, self.name = kind, name
        self._shown = ""
        self._is_held = False  # a text that is not allowed stands here
        self.tries = False
        self.presets: Callable[[], None] | None = None
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(6)
        self._wait = QTimer(self, singleShot=True, interval=TRY_MS)
        self._wait.timeout.connect(self._try)

    def show_raw(self, raw: Json) -> None:
        """Show a value of the design, unless the person is typing another one just now."""
        raise NotImplementedError

    def text(self) -> str:
        """What stands in the editor."""
        raise NotImplementedError

    def mark(self, invalid: bool) -> None:
        """Frame the field where its text is not allowed."""
        raise NotImplementedError

    def put(self, text: str) -> None:
        """Write into the editor as if it had been typed."""
        raise NotImplementedError

    def describe(self, name: str, about: str) -> None:
        """Say to those who do not see it what is to be written here."""
        raise NotImplementedError

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""

    def show_computed(self, text: str) -> None:
        """Show what an expression comes to; empty where there is none."""

    def show_placeholder(self, text: str) -> None:
        """Show words where no value stands."""

    def offer(self, names: Names) -> None:
        """Complete these names in expressions."""

    def settle(self) -> None:
        """Mean what was only tried."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Undo and redo are the design's where nothing is half typed; Esc takes half typed text back."""
        if not isinstance(event, QKeyEvent):
            return False
        mine = self._is_pending()
        if event.type() == QEvent.Type.ShortcutOverride:
            keys = QKeySequence.StandardKey
            if not mine and (event.matches(keys.Undo) or event.matches(keys.Redo)):
                event.ignore()
                return True
            if mine and event.key() == Qt.Key.Key_Escape:
                event.accept()
                return True
        if event.type() == QEvent.Type.KeyPress:
            return self._key(event, mine)
        return False

    def _key(self, event: QKeyEvent, pending: bool) -> bool:
        if event.key() == Qt.Key.Key_Escape and pending:
            self.give_up()
            return True
        opens = event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier
        if opens and self.presets is not None:
            self.presets()
            return True
        return False

    def _is_pending(self) -> bool:
        """Whether something stands here that the design does not have."""
        return False

    def forget(self) -> None:
        """Drop what is half typed: another layer is to be shown."""
        self._wait.stop()
        self._is_held = False
        self.put(self._shown)

    def give_up(self) -> None:
        """Go back to the design's value."""
        self.forget()
        self.mark(False)
        self.refused.emit("")
        self.untried.emit()

    def take_back(self, text: str) -> None:
        """Put back a text that was typed earlier, and judge it again."""
        self.put(text)
        self.take(text)

    def take(self, text: str) -> None:
        """Judge what was typed: tell the value, or mark the field and say why not."""
        self._wait.stop()
        self._is_held = False
        if text == self._shown:
            self.mark(False)
            self.refused.emit("")
            self.untried.emit()
            return
        try:
            raw = parse(self.kind, text)
        except BadValue as error:
            self._is_held = True
            self.untried.emit()
            self.mark(True)
            self.refused.emit(f"`{self.name}` {error}.")
            return
        self.mark(False)
        self.refused.emit("")
        self._shown = text
        self.edited.emit(raw)

    def try_soon(self) -> None:
        """Try what stands here, once the person pauses."""
        if self.tries:
            self._wait.start()

    def _try(self) -> None:
        text = self.text()
        if text == self._shown:
            self.untried.emit()
            return
        try:
            raw = parse(self.kind, text)
        except BadValue as error:
            self.untried.emit()
            self.doubted.emit(f"`{self.name}` {error}.")
            return
        self.tried.emit(raw)


def settle() -> None:
    """Mean what stands in the field that has the focus: a command is about to look at the design."""
    widget: QObject | None = QApplication.focusWidget()
    while widget is not None and not isinstance(widget, FieldEditor):
        widget = widget.parent()
    if widget is not None:
        widget.settle()
