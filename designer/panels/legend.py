"""The legend of an overlay, in the corner of the canvas: what is coloured, from which colour to which, and how much."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from designer.canvas.overlay import Overlay
from designer.panels.widgets import plain_label, plain_tip
from designer.theme import Theme, icon

WIDTH, MARGIN, STOPS = 236, 10, 8


class _Ramp(QWidget):
    """The colours from nothing to most."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setFixedHeight(10)

    def paintEvent(self, event: QPaintEvent) -> None:
        """One bar from the left to the right."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        gradient = QLinearGradient(0, 0, self.width(), 0)
        for stop in range(STOPS + 1):
            gradient.setColorAt(stop / STOPS, self.theme.heat_colour(stop / STOPS))
        painter.setPen(self.theme.colour("edge"))
        painter.setBrush(gradient)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 3, 3)
        painter.end()


class Legend(QFrame):
    """Hidden while there is no overlay."""

    close_wanted = Signal()

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._within = parent
        self.setProperty("popup", True)
        self.setAutoFillBackground(True)
        self.title = plain_label("", section=True)
        self.low, self.high = plain_label("", mono=True), plain_label("", mono=True)
        self.notes = plain_label("", wrap=True, quiet=True, small=True)
        self._ramp = _Ramp(theme)
        self._off = QToolButton()
        self._off.setAccessibleName("No overlay")
        self._off.setProperty("small", True)
        self._off.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        plain_tip(self._off, "No overlay (Alt+1)")
        self._off.clicked.connect(lambda _on=False: self.close_wanted.emit())
        head, ends = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self._off)
        ends.addWidget(self.low)
        ends.addStretch(1)
        ends.addWidget(self.high)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 6, 8, 8)
        box.setSpacing(3)
        box.addLayout(head)
        box.addWidget(self._ramp)
        box.addLayout(ends)
        box.addWidget(self.notes)
        self.setFixedWidth(WIDTH)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._ramp.theme = theme
        self._off.setIcon(icon(theme, "x", "quiet"))
        self._ramp.update()

    def show_overlay(self, overlay: Overlay) -> None:
        """Say what the colours mean; an overlay without a title is none."""
        self.title.setText(overlay.title)
        self.low.setText(overlay.low)
        self.high.setText(overlay.high)
        self._ramp.setVisible(bool(overlay.high))
        notes = " · ".join(overlay.notes)
        self.notes.setText(notes[:1].upper() + notes[1:])
        self.setAccessibleName(f"{overlay.title}: {overlay.low} to {overlay.high}. {notes}")
        self.setVisible(bool(overlay.title))
        if overlay.title:
            self.layout().activate()  # type: ignore[union-attr]  # it was given one above
            inner = WIDTH - 2 * self.frameWidth()  # the frame takes its part before the words are broken
            height = self.layout().heightForWidth(inner)  # type: ignore[union-attr]  # as above
            self.setFixedHeight(height + 2 * self.frameWidth())
            self.stay()
            self.raise_()

    def stay(self) -> None:
        """In the lower left corner of the canvas."""
        self.move(MARGIN, max(MARGIN, self._within.height() - self.height() - MARGIN))
