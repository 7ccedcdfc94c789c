"""What an empty canvas says: where to start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from designer.panels.gallery import Gallery
from designer.panels.widgets import elided, plain_label, plain_tip
from designer.theme import Theme
from graph_ir.templates import Template

WIDTH, HEIGHT, RECENT = 620, 760, 3
RECENT_WIDTH = 150


class StartPage(QFrame):
    """Stands in the middle of the empty canvas; layers may be dropped on it as on the canvas."""

    template_chosen = Signal(str)
    file_chosen = Signal(object)  # Path
    open_wanted = Signal()
    add_wanted = Signal()

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._within = parent
        self.setProperty("popup", True)
        self.setAutoFillBackground(True)
        self.setAccessibleName("Start")
        self.gallery = Gallery(theme)
        self.gallery.chosen.connect(self.template_chosen)
        self._recent = QHBoxLayout()
        box = QVBoxLayout(self)
        box.setContentsMargins(22, 18, 22, 14)
        box.setSpacing(6)
        box.addWidget(plain_label("Draw a network", heading=True))
        words = "Drag a layer from the left, or press Space and type its name. Wires go from port to port."
        box.addWidget(plain_label(words, wrap=True, quiet=True))
        row = QHBoxLayout()
        row.addWidget(_button("Add a layer   Space", "", self.add_wanted.emit))
        row.addWidget(_button("Open a design…   Ctrl+O", "", self.open_wanted.emit))
        row.addStretch(1)
        box.addLayout(row)
        box.addLayout(self._recent)
        box.addSpacing(6)
        box.addWidget(plain_label("Or start from one that works", section=True))
        box.addWidget(self.gallery, 1)
        parent.installEventFilter(self)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self.gallery.set_theme(theme)

    def fill(self, templates: Sequence[Template], recent: Sequence[Path]) -> None:
        """Offer these templates and the files opened last."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if recent:
            self._recent.addWidget(plain_label("Opened last", quiet=True))
        for path in recent[:RECENT]:
            act = lambda path=path: self.file_chosen.emit(path)  # noqa: E731  # binds the loop's path
            self._recent.addWidget(_button(path.name, str(path), act))
        self._recent.addStretch(1)
        self.gallery.show_templates(templates)
        QTimer.singleShot(0, self, self.centre)  # new parts have a size once they are shown

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle."""
        if event.type() == QEvent.Type.Resize:
            self.centre()
        return False

    def centre(self) -> None:
        """Into the middle of what is seen: a scrolling sheet takes the widgets on it along."""
        room = self._within.rect()
        width, height = min(WIDTH, room.width() - 16), min(HEIGHT, max(120, room.height() - 16))
        self.resize(width, height)
        self.move((room.width() - width) // 2, max(8, (room.height() - height) // 2))


def _button(words: str, tip: str, act: Callable[[], object]) -> QPushButton:
    button = QPushButton()
    button.setText(elided(button, words, RECENT_WIDTH if tip else WIDTH).replace("&", "&&"))
    button.setAccessibleName(words)
    if tip:
        plain_tip(button, tip)
    button.clicked.connect(lambda: act())
    return button
