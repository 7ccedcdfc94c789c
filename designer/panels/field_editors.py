"""Editors of single values, made from a field's kind. Every one takes an expression (`=2*width`) as well.

What is typed is meant with Enter, or when the person goes on; Esc takes it back. An editor that `tries` tells before
what it would be, and then what keys and wheel count is only tried, too.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QWidget

from designer.panels.completion import Names, offer_names
from designer.panels.field_text import as_text, parse
from designer.panels.stepper import Stepper
from designer.panels.widgets import plain_label, set_property
from designer.theme import Theme, icon
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


class LineEditor(FieldEditor):
    """An editor with a line of text, which completes names and stands beside what an expression comes to."""

    field: QLineEdit

    def _dress(self, field: QLineEdit) -> None:
        """Take a line of text as the one that is typed into."""
        self.field = field
        field.setProperty("mono", True)
        field.installEventFilter(self)
        field.editingFinished.connect(self._finish)
        field.textEdited.connect(lambda _text: self.try_soon())
        self.computed = plain_label("", quiet=True, mono=True)
        self.computed.hide()

    def _finish(self) -> None:
        self.take(self.field.text())
        self.field.setModified(False)
        self.left.emit()

    def _is_pending(self) -> bool:
        return self.field.isModified() and self.field.text() != self._shown

    def settle(self) -> None:
        if self._is_pending():
            self.take(self.field.text())

    def show_raw(self, raw: Json) -> None:
        text = as_text(raw)
        if text == self._shown and (self.field.isModified() or self._is_held):
            return
        self._shown, self._is_held = text, False
        self.put(text)
        self.mark(False)

    def mark(self, invalid: bool) -> None:
        set_property(self.field, "invalid", invalid)

    def describe(self, name: str, about: str) -> None:
        self.field.setAccessibleName(name)
        self.field.setAccessibleDescription(about)

    def show_computed(self, text: str) -> None:
        self.computed.setText(text)
        self.computed.setVisible(bool(text))

    def show_placeholder(self, text: str) -> None:
        self.field.setPlaceholderText(text)

    def offer(self, names: Names) -> None:
        offer_names(self.field, names)


class TextEditor(LineEditor):
    """A line of text: spans, shapes, names."""

    def __init__(self, kind: Kind, name: str, parent: QWidget | None = None) -> None:
        super().__init__(kind, name, parent)
        self._dress(self._make())
        self.row.addWidget(self.field, 1)
        self.row.addWidget(self.computed)
        self.setFocusProxy(self.field)

    def _make(self) -> QLineEdit:
        return QLineEdit(self)

    def text(self) -> str:
        return self.field.text()

    def put(self, text: str) -> None:
        if text != self.field.text():
            self.field.setText(text)
            self.field.setCursorPosition(0)
        self.field.setModified(False)


class StepEditor(TextEditor):
    """A number to count; also `3, 5` and expressions. The buttons mean what they do, keys and wheel only try it."""

    def __init__(self, kind: Kind, name: str, parent: QWidget | None = None) -> None:
        super().__init__(kind, name, parent)
        self.stepper.stepped.connect(self._step)
        self.stepper.let_go.connect(self.settle)

    def _step(self) -> None:
        if self.tries:
            self.try_soon()
        else:
            self.take(self.field.text())

    def _make(self) -> QLineEdit:
        self.stepper = Stepper(self.kind, self)
        return self.stepper

    def set_theme(self, theme: Theme) -> None:
        self.stepper.up.setIcon(icon(theme, "plus", "quiet"))
        self.stepper.down.setIcon(icon(theme, "minus", "quiet"))
        self.stepper.more.setIcon(icon(theme, "chevron-down", "quiet"))

    def offer_presets(self, show: Callable[[], None]) -> None:
        """Offer good values in a menu."""
        self.presets = show
        self.stepper.offer_more(show)


def settle() -> None:
    """Mean what stands in the field that has the focus: a command is about to look at the design."""
    widget: QObject | None = QApplication.focusWidget()
    while widget is not None and not isinstance(widget, FieldEditor):
        widget = widget.parent()
    if widget is not None:
        widget.settle()
