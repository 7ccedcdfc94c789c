"""Editors with a line of text: plain, or with a number that can be counted up and down."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit, QWidget

from designer.panels.completion import Names, offer_names
from designer.panels.field_editors import FieldEditor
from designer.panels.field_text import as_text
from designer.panels.stepper import Stepper
from designer.panels.widgets import plain_label, set_property
from designer.theme import Theme, icon
from graph_ir.kinds import Json, Kind


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
