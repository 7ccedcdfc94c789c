"""Keys and mouse: made from the table of commands, so that it is never out of date."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from designer.actions import LINE, MENUS
from designer.keymap import CANVAS_KEYS
from designer.panels.widgets import plain_label
from designer.theme import Theme, icon

WIDTH = 760


class KeysPage(QFrame):
    """Floats on the window; Esc closes it."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._within = parent
        self.setProperty("popup", True)
        self.setAutoFillBackground(True)
        self.setAccessibleName("Keys and mouse")
        self.close_button = QToolButton()
        self.close_button.setAccessibleName("Close")
        self.close_button.clicked.connect(self.hide)
        head = QHBoxLayout()
        head.addWidget(plain_label("Keys and mouse", heading=True))
        head.addStretch(1)
        head.addWidget(self.close_button)
        page = QWidget()
        columns = QHBoxLayout(page)
        columns.setSpacing(32)
        left, right = QVBoxLayout(), QVBoxLayout()
        for side in (left, right):
            side.setSpacing(14)
            columns.addLayout(side, 1)
        left.addLayout(_canvas_table())
        for title, commands in MENUS.items():
            rows = [
                (", ".join(c.keys), c.text.replace("&", "")) for c in commands if c is not LINE and c.keys
            ]
            (right if rows else left).addLayout(_table(title.replace("&", ""), rows))
        left.addStretch(1)
        right.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(page)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 14, 14, 16)
        box.addLayout(head)
        box.addWidget(scroll)
        parent.installEventFilter(self)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self.close_button.setIcon(icon(theme, "x"))

    def open(self) -> None:
        """Show it in the middle of the window."""
        self._place()
        self.show()
        self.raise_()
        self.close_button.setFocus(Qt.FocusReason.PopupFocusReason)

    def _place(self) -> None:
        room = self._within.rect()
        width, height = min(WIDTH, room.width() - 40), min(720, room.height() - 80)
        self.setGeometry((room.width() - width) // 2, 56, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the place when the window changes."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)


def _canvas_table() -> QVBoxLayout:
    """Long keys: what they do stands below them."""
    column = QVBoxLayout()
    column.setSpacing(1)
    column.addWidget(plain_label("On the canvas", section=True))
    for keys, does in CANVAS_KEYS:
        column.addSpacing(4)
        column.addWidget(plain_label(keys, wrap=True, mono=True))
        column.addWidget(plain_label(does, wrap=True, quiet=True))
    return column


def _table(title: str, rows: list[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setVerticalSpacing(5)
    grid.setHorizontalSpacing(14)
    grid.setColumnStretch(1, 1)
    grid.addWidget(plain_label(title, section=True), 0, 0, 1, 2)
    for number, (keys, does) in enumerate(rows, start=1):
        grid.addWidget(plain_label(keys, wrap=True, mono=True), number, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(plain_label(does, wrap=True, quiet=True), number, 1, Qt.AlignmentFlag.AlignTop)
    return grid
