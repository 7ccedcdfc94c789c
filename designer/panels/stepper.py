"""A line of text that counts where it holds a number."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QEnterEvent, QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget

from designer.panels.field_text import step
from graph_ir.kinds import Kind

_STEPS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
_MANY = 10  # with Shift
REPEAT_MS, DELAY_MS = 60, 350


class Stepper(QLineEdit):
    """A line in which the arrow keys, the wheel and two small buttons count, within the kind's limits.

    The buttons are there while the field is pointed at or has the focus.
    """

    stepped = Signal()
    let_go = Signal()  # of one of the buttons

    def __init__(self, kind: Kind, parent: QWidget) -> None:
        super().__init__(parent)
        self._kind = kind
        self._is_near = False
        self._has_more = False
        end = QLineEdit.ActionPosition.TrailingPosition
        self.more, self.up, self.down = QAction(self), QAction(self), QAction(self)
        self.more.setText("Good values (Alt+Down)")
        self.addAction(self.more, end)
        for action, words, by in ((self.up, "One more", 1), (self.down, "One less", -1)):
            action.setText(words)
            action.triggered.connect(lambda _checked=False, by=by: self._click(by))
            self.addAction(action, end)
        for button in self.findChildren(QToolButton):
            if button.defaultAction() in (self.up, self.down):
                button.setAutoRepeat(True)
                button.setAutoRepeatDelay(DELAY_MS)
                button.setAutoRepeatInterval(REPEAT_MS)
                button.released.connect(lambda button=button: self._release(button))
        self.textChanged.connect(lambda _text: self._offer_steps())
        self._offer_steps()

    def offer_more(self, show: Callable[[], None]) -> None:
        """Offer good values in a menu."""
        self._has_more = True
        self.more.triggered.connect(lambda _checked=False: show())
        self._offer_steps()

    def _offer_steps(self) -> None:
        """An expression has nothing to count and needs the room."""
        counts = self._is_near and step(self._kind, self.text(), 1) is not None
        for action in (self.up, self.down):
            action.setVisible(counts)
        self.more.setVisible(self._is_near and self._has_more)

    def _release(self, button: QToolButton) -> None:
        """A held button lets go again and again: it is still down then."""
        if not button.isDown():
            self.let_go.emit()

    def _click(self, by: int) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.step(by)

    def step(self, steps: int) -> None:
        """Count up or down; a text that is no number stays."""
        text = step(self._kind, self.text(), steps)
        if text is not None and text != self.text():
            self.setText(text)
            self.setModified(True)
            self.stepped.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down count by one, with Shift (or Page Up and Page Down) by ten."""
        by = _STEPS.get(Qt.Key(event.key()))
        held = event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
        if by is None or held:
            super().keyPressEvent(event)
            return
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.step(by * _MANY if shifted and abs(by) == 1 else by)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolling past a field never changes it; in the field that has the focus it counts."""
        turned = event.angleDelta().y() or event.angleDelta().x()  # with Shift some systems turn it sideways
        if not self.hasFocus() or not turned:
            event.ignore()
            return
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.step((1 if turned > 0 else -1) * (_MANY if shifted else 1))
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:
        """The buttons come."""
        super().enterEvent(event)
        self._come_near(True)

    def leaveEvent(self, event: QEvent) -> None:
        """The buttons go, unless the field has the focus."""
        super().leaveEvent(event)
        self._come_near(self.hasFocus())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The buttons come."""
        super().focusInEvent(event)
        self._come_near(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The buttons go."""
        super().focusOutEvent(event)
        self._come_near(self.underMouse())

    def _come_near(self, near: bool) -> None:
        self._is_near = near
        self._offer_steps()
