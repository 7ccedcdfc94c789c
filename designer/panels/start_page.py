"""What an empty window shows: begin, go on, or take a template; and what an empty canvas says once that is away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from designer.panels.gallery import Gallery
from designer.panels.recent_list import RecentList
from designer.panels.widgets import plain_label, rule
from designer.services.thumbnails import Thumbnails
from designer.theme import Theme, application_icon, icon
from graph_ir.templates import Template

EXAMPLE = "digits"
WIDEST, SIDE = 1320, 236
NARROW = 620  # below this the side gives way to the gallery
RECENT = 8
BEGIN = "Drag a layer from the left, or press Space and type its name. Wires go from port to port."


class StartPage(QFrame):
    """Lies over the whole empty canvas; layers may be dropped on it as on the canvas."""

    template_chosen = Signal(str)
    example_chosen = Signal(str)  # a template, with its training
    file_chosen = Signal(object)  # Path
    gone_chosen = Signal(object)  # Path
    forget_wanted = Signal(object)  # Path
    locate_wanted = Signal(object)  # Path
    open_wanted = Signal()
    add_wanted = Signal()
    blank_wanted = Signal()

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._within = parent
        self.setObjectName("start")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Start")
        self.gallery = Gallery(theme)
        self.recent = RecentList(theme)
        self.nothing_recent = plain_label("What you save or open is listed here.", wrap=True, quiet=True)
        self.new = _button("New design", "file-plus", self.blank_wanted.emit, primary=True)
        self.open = _button("Open a design…", "folder-open", self.open_wanted.emit)
        self.example = _button("Example with data", "play", lambda: self.example_chosen.emit(EXAMPLE))
        self._buttons = (self.new, self.open, self.example)
        self.gallery.chosen.connect(self.template_chosen)
        self.gallery.example_chosen.connect(self.example_chosen)
        self.recent.chosen.connect(self.file_chosen)
        self.recent.gone_chosen.connect(self.gone_chosen)
        self.recent.forget_wanted.connect(self.forget_wanted)
        self.recent.locate_wanted.connect(self.locate_wanted)
        self._lay_out()
        self.set_theme(theme)
        parent.installEventFilter(self)
        self.hide()

    def _lay_out(self) -> None:
        self._side = QWidget()
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(10)
        sign = QLabel()
        sign.setPixmap(application_icon().pixmap(QSize(28, 28)))
        head.addWidget(sign)
        head.addWidget(plain_label("Draw a network", heading=True), 1)
        side.addLayout(head)
        side.addWidget(plain_label(BEGIN, wrap=True, quiet=True))
        side.addSpacing(4)
        for button in self._buttons:
            side.addWidget(button)
        side.addSpacing(10)
        side.addWidget(plain_label("Opened last", section=True))
        side.addWidget(self.nothing_recent)
        side.addWidget(self.recent, 1)
        side.addStretch(0)
        self._side.setFixedWidth(SIDE)
        right = QVBoxLayout()
        right.setSpacing(8)
        self._title = plain_label("", section=True)
        right.addWidget(self._title)
        right.addWidget(self.gallery, 1)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(24, 20, 12, 0)
        self._row.setSpacing(24)
        self._line = rule(vertical=True)
        self._row.addWidget(self._side)
        self._row.addWidget(self._line)
        self._row.addLayout(right, 1)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self.gallery.set_theme(theme)
        self.recent.set_theme(theme)
        self.new.setIcon(icon(theme, "file-plus", "on_selection"))
        self.open.setIcon(icon(theme, "folder-open"))
        self.example.setIcon(icon(theme, "play"))

    def set_thumbnails(self, thumbnails: Thumbnails) -> None:
        """Where pictures come from; without, there are none."""
        self.gallery.set_thumbnails(thumbnails)
        self.recent.set_thumbnails(thumbnails)

    def fill(self, templates: Sequence[Template], recent: Sequence[Path]) -> None:
        """Offer these templates and the files opened last."""
        self.show_recent(recent)
        self.gallery.show_templates(templates)
        QTimer.singleShot(0, self, self.centre)  # new parts have a size once they are shown

    def show_recent(self, recent: Sequence[Path]) -> None:
        """Offer the files opened last."""
        self.recent.show_files(recent[:RECENT])
        self.recent.setVisible(bool(recent))
        self.nothing_recent.setVisible(not recent)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay over the canvas."""
        if event.type() == QEvent.Type.Resize:
            self.centre()
        return False

    def centre(self) -> None:
        """Over all that is seen: a scrolling sheet takes the widgets on it along."""
        room = self._within.rect()
        self.setGeometry(room)
        spare = max(0, room.width() - WIDEST) // 2
        self._row.setContentsMargins(24 + spare, 20, 12 + spare, 0)
        is_wide = room.width() >= NARROW
        self._title.setText("Or start from one that works" if is_wide else "Start from a design that works")
        for part in (self._side, self._line):
            part.setVisible(is_wide)


class BlankHint(QFrame):
    """In the middle of an empty canvas that one draws on oneself: how to begin, and the way back to the start page."""

    start_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._within = parent
        self.setAccessibleName("Empty canvas")
        box = QVBoxLayout(self)
        box.setSpacing(4)
        words = plain_label("Nothing is drawn yet", section=True)
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.addWidget(words)
        begin = plain_label(BEGIN, quiet=True)
        begin.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.addWidget(begin)
        self.back = QPushButton("Templates and files opened last")
        self.back.setProperty("link", True)
        self.back.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.back.clicked.connect(self.start_wanted)
        box.addWidget(self.back, 0, Qt.AlignmentFlag.AlignHCenter)
        parent.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle."""
        if event.type() == QEvent.Type.Resize:
            self.centre()
        return False

    def centre(self) -> None:
        """Into the middle of what is seen."""
        room = self._within.rect()
        self.adjustSize()
        self.move((room.width() - self.width()) // 2, (room.height() - self.height()) // 2)


def _button(words: str, name: str, act: Callable[[], object], *, primary: bool = False) -> QPushButton:
    button = QPushButton(words)
    button.setProperty("start", True)
    button.setProperty("primary", primary)
    button.setIconSize(QSize(16, 16))
    button.clicked.connect(lambda: act())
    return button
