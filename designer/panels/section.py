"""A part of a panel under a title that can be folded away."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from designer.theme import Theme, icon


class Section(QWidget):
    """A title with a small arrow; what is added stands below it.

    `folded` holds the titles of what is folded: others of the same title, made later, are folded too.
    """

    def __init__(self, title: str, theme: Theme, folded: set[str] | None = None) -> None:
        super().__init__()
        self._title, self._folded = title, set[str]() if folded is None else folded
        self.head = QToolButton()
        self.head.setText(title)
        self.head.setProperty("section", True)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setIconSize(QSize(14, 14))
        self.head.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.head.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands behind the title
        self.body = QWidget()
        self.box = QVBoxLayout(self.body)
        self.box.setContentsMargins(0, 2, 0, 4)
        self.box.setSpacing(4)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.head)
        line.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(line)
        outer.addWidget(self.body)
        self.head.clicked.connect(lambda: self._fold(not self.is_open))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self._fold(self.is_open)

    @property
    def is_open(self) -> bool:
        """Whether what is inside is shown."""
        return self._title not in self._folded

    def open(self) -> None:
        """Unfold it."""
        self._fold(True)

    def showEvent(self, event: QShowEvent) -> None:
        """Another of the same title may have been folded or unfolded since."""
        super().showEvent(event)
        self._fold(self.is_open)

    def _fold(self, is_open: bool) -> None:
        if is_open:
            self._folded.discard(self._title)
        else:
            self._folded.add(self._title)
        self.body.setVisible(is_open)
        self.head.setIcon(icon(self._theme, "chevron-down" if is_open else "chevron-right", "quiet"))
        self.head.setAccessibleName(f"{self._title}, {'unfolded' if is_open else 'folded'}")
