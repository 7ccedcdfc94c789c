"""The lines of the Keys page: a command with its keys, which can be changed, and what is fixed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from designer.panels.key_recorder import KeyRecorder
from designer.panels.widgets import plain_label

KEYS_WIDTH = 190


class Line(QWidget):
    """What the page lists; `words` are those it is found by."""

    words = ""


class KeyRow(Line):
    """One command: its words, its keys, Change and, where they are others than the table's, Reset."""

    key_wanted = Signal(str)  # a key, or empty for none

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.title, self.words = title, title
        label = plain_label(title)
        self.keys = plain_label("", mono=True)
        self.keys.setFixedWidth(KEYS_WIDTH)
        self.recorder = KeyRecorder(title)
        self.recorder.setFixedWidth(KEYS_WIDTH)
        self.recorder.hide()
        self.change = _link("Change", f"Change the key of {title}")
        self.reset = _link("Reset", f"Reset the key of {title}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 1, 0, 1)
        row.setSpacing(8)
        row.addWidget(label, 1)
        for part in (self.keys, self.recorder, self.change, self.reset):
            row.addWidget(part)
        keep = self.reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(keep)
        self.change.clicked.connect(self._ask)
        self.recorder.recorded.connect(self._recorded)
        self.recorder.cancelled.connect(self._cancelled)
        self.recorder.left.connect(self._end)

    def show_keys(self, keys: tuple[str, ...], changed: bool) -> None:
        """Write the keys."""
        native = QKeySequence.SequenceFormat.NativeText
        told = "  ".join(QKeySequence(key).toString(native) for key in keys)
        self.keys.setText(told or "–")
        self.keys.setAccessibleName(f"{self.title}: {told or 'no key'}")
        self.words = f"{self.title} {' '.join(keys)} {told}"
        self.reset.setVisible(changed)

    def _ask(self) -> None:
        self.keys.hide()
        self.recorder.show()
        self.recorder.setFocus(Qt.FocusReason.OtherFocusReason)

    def _recorded(self, key: str) -> None:
        self._cancelled()
        self.key_wanted.emit(key)

    def _cancelled(self) -> None:
        self.change.setFocus(Qt.FocusReason.OtherFocusReason)
        self._end()

    def _end(self) -> None:
        self.recorder.hide()
        self.keys.show()


class FixedRow(Line):
    """What the canvas answers to by itself."""

    def __init__(self, keys: str, does: str) -> None:
        super().__init__()
        self.words = f"{keys} {does}"
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 3, 0, 3)
        row.setSpacing(16)
        row.addWidget(plain_label(does[:1].upper() + does[1:], wrap=True), 1)
        row.addWidget(plain_label(keys, wrap=True, mono=True), 1)


def _link(words: str, name: str) -> QPushButton:
    button = QPushButton(words)
    button.setProperty("link", True)
    button.setAccessibleName(name)
    return button
