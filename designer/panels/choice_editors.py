"""Editors of what is chosen rather than typed: on or off, and words. Both take an expression too."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from designer.panels.field_text import as_text, choices, parts
from designer.panels.line_editors import LineEditor
from designer.panels.widgets import Choice, set_property
from graph_ir.kinds import Kind, Nothing

_FLAGS = {"true": True, "false": False}


class FlagEditor(LineEditor):
    """A check box; the field beside it takes an expression when the design has one."""

    def __init__(self, kind: Kind, name: str, parent: QWidget | None = None) -> None:
        super().__init__(kind, name, parent)
        self.box = QCheckBox(self)
        self._dress(QLineEdit(self))
        self.row.addWidget(self.box)
        self.row.addWidget(self.field, 1)
        self.row.addWidget(self.computed)
        self.row.addStretch(0)
        self.setFocusProxy(self.box)
        self.box.toggled.connect(self._toggled)
        self.box.installEventFilter(self)
        self.field.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Typing `=` on the check box opens the field for an expression."""
        is_press = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if is_press and watched is self.box and event.text() == "=":  # type: ignore[attr-defined]  # a QKeyEvent, as just seen
            self.field.setText("=")
            self.field.setModified(True)
            self.field.show()
            self.field.setFocus()
            return True
        return super().eventFilter(watched, event)

    def _toggled(self, on: bool) -> None:
        self.field.hide()
        self.take(as_text(on))
        self.left.emit()

    def put(self, text: str) -> None:
        plain = text in _FLAGS
        self.field.setVisible(not plain and text != "")
        self.field.setText("" if plain else text)
        self.field.setModified(False)
        self.box.blockSignals(True)
        self.box.setChecked(_FLAGS.get(text, False))
        self.box.setText(("on" if _FLAGS[text] else "off") if plain else "")
        self.box.blockSignals(False)

    def text(self) -> str:
        return self.field.text() if self.field.isVisibleTo(self) else as_text(self.box.isChecked())

    def describe(self, name: str, about: str) -> None:
        super().describe(f"{name}, expression", about)
        self.box.setAccessibleName(name)
        self.box.setAccessibleDescription(about)

    def show_placeholder(self, text: str) -> None:
        if not self.field.isVisibleTo(self):
            self.box.setText(text or self.box.text())


class ChoiceEditor(LineEditor):
    """The words a kind offers, and anything else it takes typed in. Pointing at a word tries it."""

    def __init__(self, kind: Kind, name: str, parent: QWidget | None = None) -> None:
        super().__init__(kind, name, parent)
        self.box = Choice(self)
        self.box.setEditable(True)
        self.box.setCompleter(None)  # type: ignore[arg-type]  # Qt takes none; the stubs don't say so
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        nothing = ["null"] if any(isinstance(part, Nothing) for part in parts(kind)) else []
        self.box.addItems([*nothing, *choices(kind)])
        field = self.box.lineEdit()
        assert field is not None, "an editable combo box has a line edit"
        self._dress(field)
        self.row.addWidget(self.box, 1)
        self.row.addWidget(self.computed)
        self.setFocusProxy(self.box)
        self.box.textActivated.connect(self.take)
        self.box.textHighlighted.connect(self._point_at)
        self.box.closed.connect(self._close)

    def _point_at(self, text: str) -> None:
        if text == self._shown:
            self.untried.emit()
        else:
            self.tried.emit(None if text == "null" else text)

    def _close(self) -> None:
        if not self._is_pending():
            self.untried.emit()

    def text(self) -> str:
        return self.box.currentText()

    def put(self, text: str) -> None:
        self.box.setCurrentIndex(self.box.findText(text))
        self.box.setEditText(text)
        self.field.setModified(False)
        self.field.setCursorPosition(0)

    def mark(self, invalid: bool) -> None:
        set_property(self.box, "invalid", invalid)

    def describe(self, name: str, about: str) -> None:
        super().describe(name, about)
        self.box.setAccessibleName(name)
        self.box.setAccessibleDescription(about)
