"""A field that takes the next key pressed, whatever it would do elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

WORDS = "Press the new key…"
HELD = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


class KeyRecorder(QLineEdit):
    """Tells the key as Qt writes it; Esc and leaving the field end it without one, Backspace asks for no key."""

    recorded = Signal(str)  # empty: no key
    cancelled = Signal()
    left = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setPlaceholderText(WORDS)
        self.setAccessibleName(f"New key for {name}")

    def event(self, event: QEvent) -> bool:
        """No shortcut of the window is done while a key is awaited; Tab is a key as well."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._take(event)
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving the field keeps the old key."""
        super().focusOutEvent(event)
        self.left.emit()

    def _take(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in HELD or key == Qt.Key.Key_unknown:
            return
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and key == Qt.Key.Key_Escape:
            self.cancelled.emit()
        elif plain and key == Qt.Key.Key_Backspace:
            self.recorded.emit("")
        else:
            self.recorded.emit(_name(event))


def _name(event: QKeyEvent) -> str:
    """The key in words: `Ctrl+Shift+P`. Of a sign such as `+`, Shift is how it is typed and no part of it."""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    sign = event.text() if not held & Qt.KeyboardModifier.ControlModifier else ""
    if len(sign) == 1 and sign.isprintable() and not sign.isalnum() and not sign.isspace():
        held &= ~Qt.KeyboardModifier.ShiftModifier
    return QKeySequence(held.value | event.key()).toString(QKeySequence.SequenceFormat.PortableText)
