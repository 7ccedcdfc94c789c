"""Editors of single values, made from a field's kind. Every one takes an expression (`=2*width`) as well."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QWidget

from designer.panels.field_text import as_text, choices, counts, parse, parts
from designer.panels.stepper import Stepper
from designer.panels.widgets import Choice, set_property
from designer.theme import Theme, icon
from graph_ir.kinds import BadValue, Flag, Json, Kind, Nothing


class FieldEditor(QWidget):
    """Shows one raw value and tells what becomes of it. Text that is not allowed stays and is marked."""

    edited = Signal(object)  # a raw value that the kind accepts
    refused = Signal(str)  # the sentence; empty where all is well again
    left = Signal()  # the person is done with the field

    def __init__(self, kind: Kind, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind, self.name = kind, name
        self._shown = ""
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(6)

    def show_raw(self, raw: Json) -> None:
        """Show a value of the design, unless the person is typing another one just now."""
        raise NotImplementedError

    def text(self) -> str:
        """What stands in the editor."""
        raise NotImplementedError

    def mark(self, invalid: bool) -> None:
        """Frame the field where its text is not allowed."""
        raise NotImplementedError

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""

    def put(self, text: str) -> None:
        """Write into the editor as if it had been typed."""
        raise NotImplementedError

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Undo and redo are the design's where nothing is half typed."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            mine = isinstance(watched, QLineEdit) and watched.isModified()
            if not mine and (event.matches(keys.Undo) or event.matches(keys.Redo)):
                event.ignore()
                return True
        return False

    def take_back(self, text: str) -> None:
        """Put back a text that was typed earlier, and judge it again."""
        self.put(text)
        self.take(text)

    def take(self, text: str) -> None:
        """Judge what was typed: tell the value, or mark the field and say why not."""
        if text == self._shown:
            self.mark(False)
            self.refused.emit("")
            return
        try:
            raw = parse(self.kind, text)
        except BadValue as error:
            self.mark(True)
            self.refused.emit(f"`{self.name}` {error}.")
            return
        self.mark(False)
        self.refused.emit("")
        self._shown = text
        self.edited.emit(raw)


class TextEditor(FieldEditor):
    """A line of text: spans, shapes, names."""

    def __init__(self, kind: Kind, name: str, parent: QWidget | None = None) -> None:
        super().__init__(kind, name, parent)
        self.field = self._make()
        self._dress(self.field)
        self.row.addWidget(self.field)
        self.field.editingFinished.connect(self._finish)

    def _make(self) -> QLineEdit:
        return QLineEdit(self)

    def _dress(self, field: QLineEdit) -> None:
        field.setProperty("mono", True)
        field.setAccessibleName(self.name)
        field.installEventFilter(self)
        self.setFocusProxy(field)

    def _finish(self) -> None:
        self.take(self.field.text())
        self.field.setModified(False)
        self.left.emit()

    def show_raw(self, raw: Json) -> None:
        text = as_text(raw)
        if text == self._shown and self.field.isModified():
            return
        self._shown = text
        self.field.setText(text)
        self.field.setCursorPosition(0)
        self.mark(False)

    def text(self) -> str:
        return self.field.text()

    def put(self, text: str) -> None:
        self.field.setText(text)

    def mark(self, invalid: bool) -> None:
        set_property(self.field, "invalid", invalid)


class StepEditor(TextEditor):
    """A number to count; also `3, 5` and expressions."""

    def __init__(self, kind: Kind, name: str, parent: QWidget | None = None) -> None:
        super().__init__(kind, name, parent)
        self.stepper.stepped.connect(lambda: self.take(self.field.text()))

    def _make(self) -> QLineEdit:
        self.stepper = Stepper(self.kind, self)
        return self.stepper

    def set_theme(self, theme: Theme) -> None:
        self.stepper.up.setIcon(icon(theme, "plus", "quiet"))
        self.stepper.down.setIcon(icon(theme, "minus", "quiet"))


class FlagEditor(FieldEditor):
    """A check box; the field beside it takes an expression when the design has one."""

    def __init__(self, kind: Kind, name: str, parent: QWidget | None = None) -> None:
        super().__init__(kind, name, parent)
        self.box = QCheckBox(self)
        self.box.setAccessibleName(name)
        self.field = QLineEdit(self)
        self.field.setProperty("mono", True)
        self.field.setAccessibleName(f"{name}, expression")
        self.row.addWidget(self.box)
        self.row.addWidget(self.field, 1)
        self.row.addStretch(0)
        self.setFocusProxy(self.box)
        self.box.toggled.connect(self._toggled)
        self.box.installEventFilter(self)
        self.field.editingFinished.connect(self._finish)
        self.field.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Typing `=` on the check box opens the field for an expression."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.text() == "=":
            self.field.setText("=")
            self.field.show()
            self.field.setFocus()
            return True
        return super().eventFilter(watched, event)

    def _toggled(self, on: bool) -> None:
        self.field.hide()
        self.take(as_text(on))
        self.left.emit()

    def _finish(self) -> None:
        self.take(self.field.text())
        self.left.emit()

    def show_raw(self, raw: Json) -> None:
        self._shown = as_text(raw)
        self.field.setVisible(not isinstance(raw, bool))
        self.field.setText("" if isinstance(raw, bool) else self._shown)
        self.box.blockSignals(True)
        self.box.setChecked(raw is True)
        self.box.setText("" if not isinstance(raw, bool) else "on" if raw else "off")
        self.box.blockSignals(False)
        self.mark(False)

    def put(self, text: str) -> None:
        self.field.setText(text)
        self.field.show()

    def text(self) -> str:
        return self.field.text() if self.field.isVisibleTo(self) else as_text(self.box.isChecked())

    def mark(self, invalid: bool) -> None:
        set_property(self.field, "invalid", invalid)


class ChoiceEditor(FieldEditor):
    """The words a kind offers, and anything else it takes typed in."""

    def __init__(self, kind: Kind, name: str, parent: QWidget | None = None) -> None:
        super().__init__(kind, name, parent)
        self.box = Choice(self)
        self.box.setAccessibleName(name)
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        nothing = ["null"] if any(isinstance(part, Nothing) for part in parts(kind)) else []
        self.box.addItems([*nothing, *choices(kind)])
        field = self.box.lineEdit()
        assert field is not None, "an editable combo box has a line edit"
        self.field = field
        self.field.setProperty("mono", True)
        self.field.setAccessibleName(name)
        self.field.installEventFilter(self)
        self.row.addWidget(self.box)
        self.setFocusProxy(self.box)
        self.box.textActivated.connect(self._chosen)
        self.field.editingFinished.connect(self._finish)

    def _chosen(self, text: str) -> None:
        self.take(text)

    def _finish(self) -> None:
        self.take(self.field.text())
        self.field.setModified(False)
        self.left.emit()

    def show_raw(self, raw: Json) -> None:
        text = as_text(raw)
        if text == self._shown and self.field.isModified():
            return
        self._shown = text
        self.box.setEditText(text)
        self.box.setCurrentIndex(self.box.findText(text))
        self.box.setEditText(text)
        self.mark(False)

    def text(self) -> str:
        return self.box.currentText()

    def put(self, text: str) -> None:
        self.box.setEditText(text)

    def mark(self, invalid: bool) -> None:
        set_property(self.box, "invalid", invalid)


def editor_for(kind: Kind, name: str, raw: Json) -> FieldEditor:
    """The editor that suits a kind: check box, words to choose, a number with arrows, or text."""
    made: FieldEditor
    if isinstance(kind, Flag):
        made = FlagEditor(kind, name)
    elif choices(kind):
        made = ChoiceEditor(kind, name)
    elif counts(kind):
        made = StepEditor(kind, name)
    else:
        made = TextEditor(kind, name)
    made.show_raw(raw)
    return made
