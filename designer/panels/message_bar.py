"""The bar inside the window that tells faults and asks questions; it never blocks what is below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from designer.canvas.views import Severity
from designer.panels.widgets import plain_label
from designer.theme import Theme, icon

NOTE_MS = 6000
Answer = tuple[str, Callable[[], object]]


@dataclass(frozen=True)
class Message:
    """One sentence, how grave it is, and what may be done about it."""

    severity: Severity
    text: str
    answers: tuple[Answer, ...] = ()


class MessageBar(QFrame):
    """Shows one message at a time; a question stays until it is answered, a note goes by itself."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._waiting: list[Message] = []
        self.setProperty("banner", True)
        self.setAccessibleName("Message")
        self._sign = QLabel(self)
        self._text = plain_label("", wrap=True)
        self._buttons = QHBoxLayout()
        self._close = QToolButton(self)
        self._close.setAccessibleName("Close the message")
        self._close.clicked.connect(self.next)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(10)
        row.addWidget(self._sign)
        row.addWidget(self._text, 1)
        row.addLayout(self._buttons)
        row.addWidget(self._close)
        self._timer = QTimer(self, singleShot=True, interval=NOTE_MS)
        self._timer.timeout.connect(self.next)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        if self._waiting:
            self._show(self._waiting[0])

    def tell(self, text: str, severity: Severity = "error", answers: Sequence[Answer] = ()) -> None:
        """Say a sentence. A question waits its turn; a plain one replaces the plain one on show."""
        message = Message(severity, text, tuple(answers))
        if any(text == old.text for old in self._waiting):
            return
        self._waiting = [old for old in self._waiting if old.answers]
        self._waiting.insert(len(self._waiting) if message.answers else 0, message)
        self._show(self._waiting[0])

    def text(self) -> str:
        """The sentence on show; empty without one."""
        return self._waiting[0].text if self._waiting else ""

    def answer(self, words: str) -> None:
        """Do what the button of that name does. Raises `StopIteration` if there is none."""
        act = next(act for name, act in self._waiting[0].answers if name == words)
        self._answered(act)

    def next(self) -> None:
        """Away with the message on show."""
        self._timer.stop()
        if self._waiting:
            self._waiting.pop(0)
        if self._waiting:
            self._show(self._waiting[0])
        else:
            self.hide()

    def clear(self) -> None:
        """Away with all that asks nothing."""
        self._waiting = [message for message in self._waiting if message.answers]
        if self._waiting:
            self._show(self._waiting[0])
        else:
            self.hide()

    def _show(self, message: Message) -> None:
        name = {"error": "circle-x", "warning": "triangle-alert", "hint": "info"}[message.severity]
        self._sign.setPixmap(icon(self._theme, name, message.severity).pixmap(18, 18))
        self._close.setIcon(icon(self._theme, "x", "quiet"))
        self._text.setText(message.text)
        self.setAccessibleDescription(message.text)
        while (item := self._buttons.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for words, act in message.answers:
            button = QPushButton(words, self)
            button.clicked.connect(lambda _=False, act=act: self._answered(act))
            self._buttons.addWidget(button)
        self.setProperty("severity", message.severity)
        self.style().unpolish(self)
        self.style().polish(self)
        self._timer.stop()
        if message.severity == "hint" and not message.answers:
            self._timer.start()
        self.show()

    def _answered(self, act: Callable[[], object]) -> None:
        self.next()
        act()
