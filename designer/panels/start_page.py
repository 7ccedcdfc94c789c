"""What an empty canvas says: where to start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from designer.panels.widgets import elided, plain_label, plain_tip, set_property
from graph_ir.templates import Template

WIDTH = 460


class StartPage(QFrame):
    """Stands in the middle of the empty canvas; layers may be dropped on it as on the canvas."""

    template_chosen = Signal(str)
    file_chosen = Signal(object)  # Path
    open_wanted = Signal()
    add_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._within = parent
        self.setProperty("popup", True)
        self.setAutoFillBackground(True)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("Start")
        page = QWidget()
        self._box = QVBoxLayout(page)
        self._box.setContentsMargins(22, 18, 22, 18)
        self._box.setSpacing(6)
        scroll = QScrollArea()
        scroll.setWidget(page)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(2, 2, 2, 2)
        whole.addWidget(scroll)
        parent.installEventFilter(self)
        self.hide()

    def fill(self, templates: Sequence[Template], recent: Sequence[Path]) -> None:
        """Offer these templates and the files opened last."""
        while (item := self._box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._box.addWidget(plain_label("Draw a network", heading=True))
        words = "Drag a layer from the left, or press Space and type its name. Wires go from port to port."
        self._box.addWidget(plain_label(words, wrap=True, quiet=True))
        self._button("Add a layer   Space", "", self.add_wanted.emit)
        self._box.addSpacing(8)
        self._box.addWidget(plain_label("Or start from one that works", section=True))
        for template in templates:
            self._button(
                template.title, template.summary, lambda name=template.name: self.template_chosen.emit(name)
            )
        if recent:
            self._box.addSpacing(8)
            self._box.addWidget(plain_label("Opened last", section=True))
        for path in recent[:3]:
            self._button(path.name, str(path.parent), lambda path=path: self.file_chosen.emit(path))
        self._button("Open a design…   Ctrl+O", "", self.open_wanted.emit)
        QTimer.singleShot(0, self, self.centre)  # new parts have a size once they are shown

    def _button(self, title: str, words: str, act: object) -> None:
        button = _Choice(title, words)
        button.clicked.connect(lambda: act())  # type: ignore[operator]  # a bound signal or a lambda
        self._box.addWidget(button)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle."""
        if event.type() == QEvent.Type.Resize:
            self.centre()
        return False

    def centre(self) -> None:
        """Into the middle of what is seen: a scrolling sheet takes the widgets on it along."""
        room = self._within.rect()
        self._box.activate()
        height = min(self._box.totalSizeHint().height() + 6, max(120, room.height() - 16))
        width = min(WIDTH, room.width() - 16)
        self.setFixedWidth(width)
        self.resize(width, height)
        self.move((room.width() - width) // 2, max(8, (room.height() - height) // 2))


class _Choice(QPushButton):
    """A button of a title and, below it, what it is about."""

    def __init__(self, title: str, words: str) -> None:
        super().__init__()
        set_property(self, "choice", "tall" if words else "flat")
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 7, 12, 7)
        box.setSpacing(2)
        parts = [plain_label(title, section=True)]
        if words:
            line = plain_label("", quiet=True, small=True)
            line.setText(elided(line, words, WIDTH - 80, 11))
            plain_tip(self, words)
            parts.append(line)
        for part in parts:
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            box.addWidget(part)
