"""The tour: four bubbles that point at the window's own parts. Shown once, and again from the Help menu."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

from designer.panels.bubble import Bubble, Veil
from designer.theme import Theme

if TYPE_CHECKING:
    from designer.main_window import MainWindow

SEEN = "tour_seen"


@dataclass(frozen=True)
class Step:
    """One bubble: what it is about and what it says."""

    title: str
    text: str
    target: Callable[[Any], QWidget]
    shown_by: str = ""
    """The switch of a panel that has to be shown for it."""


STEPS = (
    Step(
        "Layers",
        "Drag one onto the canvas, or double-click it to add it behind the selected one. Torch's and Keras' names are "
        "found alike.",
        attrgetter("design.palette_panel"),
        "show_palette",
    ),
    Step(
        "The canvas",
        "Space finds any layer; wires go from port to port. The shape on every wire is worked out as you draw, and "
        "what does not fit says why and offers a fix.",
        attrgetter("design.canvas"),
    ),
    Step(
        "The inspector",
        "The selected layer: its fields, the arithmetic of its sizes, its lines of code. While you edit, the wires "
        "show what would change.",
        attrgetter("design.inspector"),
        "show_inspector",
    ),
    Step(
        "Run training",
        "What you draw is what runs: F5 trains it on real data with a live curve. Export takes the same code away as a "
        "folder of your own.",
        attrgetter("top.run"),
    ),
)


class Tour(QObject):
    """Goes through the bubbles of one window: by its buttons, the arrow keys and Enter; Esc ends it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._step = -1
        self._veil: Veil | None = None
        self.bubble: Bubble | None = None
        self._before: QWidget | None = None

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """The command of this topic."""
        return {"tour": self.start}

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        for part in (self._veil, self.bubble):
            if part is not None:
                part.set_theme(theme)

    @property
    def is_running(self) -> bool:
        """Whether a bubble is on show."""
        return self._step >= 0

    def start(self) -> None:
        """From the first bubble."""
        self._window.settings.set_flag(SEEN, True)
        if self.bubble is None:
            self._make()
        if not self.is_running:
            self._before = self._window.focusWidget()
        self._window.show_page(0)
        self._go(0)

    def end(self) -> None:
        """Away with it; the focus is where it was."""
        if not self.is_running or self.bubble is None or self._veil is None:
            return
        self._step = -1
        self.bubble.hide()
        self._veil.hide()
        before, self._before = self._before, None
        if before is not None and before.isVisible():
            before.setFocus()

    def _make(self) -> None:
        whole = self._whole()
        self._veil = Veil(whole, self._window.themes.theme)
        bubble = self.bubble = Bubble(whole, self._window.themes.theme)
        bubble.skip.clicked.connect(self.end)
        bubble.back.clicked.connect(lambda: self._go(self._step - 1))
        bubble.next.clicked.connect(lambda: self._go(self._step + 1))
        for watched in (whole, bubble, bubble.skip, bubble.back, bubble.next):
            watched.installEventFilter(self)

    def _whole(self) -> QWidget:
        """All of the window below its frame."""
        return self._window.centralWidget() or self._window

    def _go(self, step: int) -> None:
        if step >= len(STEPS):
            self.end()
            return
        if self.bubble is None or step < 0:
            return
        self._step = step
        shown_by = STEPS[step].shown_by
        if shown_by:
            self._window.actions_[shown_by].setChecked(True)
        self.bubble.say(STEPS[step].title, STEPS[step].text, step + 1, len(STEPS))
        self._place()
        self.bubble.show()
        self.bubble.raise_()
        self.bubble.next.setFocus()
        QTimer.singleShot(0, self, self._place)  # a panel that has just been shown has its place now

    def _place(self) -> None:
        if not self.is_running or self.bubble is None or self._veil is None:
            return
        whole, target = self._whole(), STEPS[self._step].target(self._window)
        place = QRect(target.mapTo(whole, QPoint(0, 0)), target.size())
        self._veil.show_place(place)
        self._veil.raise_()
        self.bubble.point_at(place)
        self.bubble.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the bubble; its place in a window of another size."""
        if not self.is_running:
            return False
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest) and watched is not self.bubble:
            QTimer.singleShot(0, self, self._place)
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.end()
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
            self._go(self._step + 1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Up):
            self._go(self._step - 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.bubble is not None:
            (watched if isinstance(watched, QPushButton) else self.bubble.next).click()
        else:
            return False
        return True
