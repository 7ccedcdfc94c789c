"""The way to the block on show, in the corner of the canvas: each part is a way back."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from designer.panels.widgets import elided, plain_label, plain_tip
from designer.theme import Theme, icon
from designer.trail import Trail

MARGIN, LONGEST = 10, 180


class Breadcrumb(QFrame):
    """Hidden in the top network."""

    def __init__(self, parent: QWidget, trail: Trail, theme: Theme) -> None:
        super().__init__(parent)
        self._trail, self._theme = trail, theme
        self.setProperty("popup", True)
        self.setAutoFillBackground(True)
        self.setAccessibleName("The block on show")
        self.parts: list[QPushButton] = []
        self._row = QHBoxLayout()
        self._row.setSpacing(2)
        self._words = plain_label("", quiet=True, small=True)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(10, 6, 12, 8)
        self._box.setSpacing(1)
        self._box.addLayout(self._row)
        self._box.addWidget(self._words)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self.fill()

    def fill(self) -> None:
        """Show the way as it is now."""
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()  # the one that was clicked is still telling us
        steps = self._trail.steps
        if not steps:
            self.hide()
            return
        self.parts = [self._part("Network", "Back to the network", 0)]
        for depth, step in enumerate(steps[:-1], 1):
            self.parts.append(self._part(step.use, f"Back to {step.use} ({step.block})", depth))
        for part in self.parts:
            self._row.addWidget(part)
            arrow = QLabel()
            arrow.setPixmap(icon(self._theme, "chevron-right", "quiet").pixmap(QSize(12, 12)))
            self._row.addWidget(arrow)
        here = plain_label("", section=True)
        words = steps[-1].use if steps[-1].use == steps[-1].block else f"{steps[-1].use} ({steps[-1].block})"
        here.setText(elided(here, words, LONGEST * 2))
        self._row.addWidget(here)
        self._row.addStretch(1)
        self.refresh()
        self.show()
        self._fit()
        QTimer.singleShot(0, self, self._fit)  # new parts have a size once they are shown
        self.raise_()

    def _fit(self) -> None:
        self._box.activate()
        self.resize(self._box.totalSizeHint())
        self.stay()

    def refresh(self) -> None:
        """Say how many uses a change here reaches."""
        uses = self._trail.uses()
        many = f"A change here changes all {uses} layers that use this block."
        self._words.setText(many if uses > 1 else "One layer uses this block.")

    def _part(self, words: str, tip: str, depth: int) -> QPushButton:
        part = QPushButton()
        part.setProperty("link", True)
        part.setText(elided(part, words, LONGEST).replace("&", "&&"))
        part.setAccessibleName(tip)
        part.setCursor(Qt.CursorShape.PointingHandCursor)
        plain_tip(part, f"{tip} (Alt+Up goes one step back)")
        part.clicked.connect(lambda: self._trail.leave(depth))
        return part

    def stay(self) -> None:
        """In the corner: a sheet that scrolls takes the widgets on it along."""
        self.move(MARGIN, MARGIN)
