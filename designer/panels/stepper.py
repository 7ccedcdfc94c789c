"""A line of text that counts where it holds a number."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from designer.panels.field_text import step
from graph_ir.kinds import Kind

_STEPS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}


class Stepper(QLineEdit):
    """A line in which the arrow keys, the wheel and two small buttons count, within the kind's limits."""

    stepped = Signal()

    def __init__(self, kind: Kind, parent: QWidget) -> None:
        super().__init__(parent)
        self._kind = kind
        end = QLineEdit.ActionPosition.TrailingPosition
        self.up, self.down = QAction(self), QAction(self)
        for action, words, by in ((self.up, "One more", 1), (self.down, "One less", -1)):
            action.setText(words)
            action.triggered.connect(lambda _checked=False, by=by: self.step(by))
            self.addAction(action, end)
        self.textChanged.connect(self._offer_steps)

    def _offer_steps(self, text: str) -> None:
        """An expression has nothing to count and needs the room."""
        counts = step(self._kind, text, 1) is not None
        for action in (self.up, self.down):
            action.setVisible(counts)

    def step(self, steps: int) -> None:
        """Count up or down; a text that is no number stays."""
        text = step(self._kind, self.text(), steps)
        if text is not None and text != self.text():
            self.setText(text)
            self.setModified(True)
            self.stepped.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down count by one, Page Up and Page Down by ten."""
        by = _STEPS.get(Qt.Key(event.key()))
        if by is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        else:
            self.step(by)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolling past a field never changes it; in the field that has the focus it counts."""
        if not self.hasFocus() or not event.angleDelta().y():
            event.ignore()
            return
        self.step(1 if event.angleDelta().y() > 0 else -1)
        event.accept()
