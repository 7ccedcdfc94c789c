"""The bar at the top: menus, the design's name, Save / Undo / Redo, the pages, and what one does with a design."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QMenuBar,
    QPushButton,
    QSizePolicy,
    QTabBar,
    QWidget,
)

from designer.panels.widgets import elided, plain_label, plain_tip, tool_button
from designer.services.naming import shown
from designer.theme import Theme, icon

PAGES = ("Design", "Train", "Diagram")
TITLE_WIDTH = 220
MINIMUM = 960
SEARCH = "Search commands   Ctrl+Shift+P"
ROOMY = 1240  # narrower than this, the search is an icon


class TopBar(QWidget):
    """Knows no document: it is told the title and triggers actions."""

    page_chosen = Signal(int)

    def __init__(
        self,
        theme: Theme,
        menus: QMenuBar,
        actions: dict[str, QAction],
        exports: QMenu,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("topbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._run, self._stop = actions["run"], actions["stop"]
        self.title = plain_label("", section=True)
        self.title.setAccessibleName("Design")
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setAccessibleName("Pages")
        for page in PAGES:
            self.tabs.addTab(page)
        self.tabs.currentChanged.connect(self.page_chosen)
        self.commands = QPushButton(SEARCH)
        self.commands.setProperty("field", True)
        self.commands.setAccessibleName("Search commands")
        self.commands.clicked.connect(actions["commands"].trigger)
        self.run = QPushButton("Run training")
        self.run.setProperty("primary", True)
        self.run.clicked.connect(self._run_or_stop)
        self.export = QPushButton("Export")
        self.export.setMenu(exports)
        self.export.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self._lay_out(menus, [actions[name] for name in ("save", "undo", "redo")])
        self._running = False
        self.set_theme(theme)

    def _lay_out(self, menus: QMenuBar, beside_title: list[QAction]) -> None:
        menus.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        menus.setMinimumWidth(menus.sizeHint().width())
        left, right = QHBoxLayout(), QHBoxLayout()
        left.setSpacing(4)
        right.setSpacing(8)
        left.addWidget(menus, 0, Qt.AlignmentFlag.AlignVCenter)
        left.addSpacing(8)
        left.addWidget(self.title)
        left.addSpacing(4)
        for action in beside_title:
            left.addWidget(tool_button(action))
        left.addStretch(1)
        right.addStretch(1)
        for widget in (self.commands, self.run, self.export):
            right.addWidget(widget)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 0, 12, 0)
        grid.addLayout(left, 0, 0)
        grid.addWidget(self.tabs, 0, 1, Qt.AlignmentFlag.AlignBottom)
        grid.addLayout(right, 0, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        self.setFixedHeight(46)
        self.setMinimumWidth(MINIMUM)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self.commands.setIcon(icon(theme, "search", "quiet"))
        self.export.setIcon(icon(theme, "chevron-down"))
        self.show_running(self._running)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the search gives way to titles and buttons."""
        super().resizeEvent(event)
        roomy = event.size().width() >= ROOMY
        self.commands.setText(SEARCH if roomy else "")
        plain_tip(self.commands, "" if roomy else SEARCH)

    def show_title(self, name: str, edited: bool) -> None:
        """The file's name, and whether it holds what is on show."""
        words = f"{shown(name, 120)}{' · edited' if edited else ''}"
        self.title.setText(elided(self.title, words, TITLE_WIDTH))
        plain_tip(self.title, words)

    def show_running(self, running: bool) -> None:
        """The button runs a training, or stops the one that runs."""
        self._running = running
        self.run.setText("Stop" if running else "Run training")
        self.run.setIcon(icon(self._theme, "square" if running else "play", "on_selection"))
        action = self._stop if running else self._run
        plain_tip(self.run, f"{action.text().replace('&', '')} ({action.shortcut().toString()})")

    def show_page(self, page: int) -> None:
        """Mark a page's tab."""
        self.tabs.setCurrentIndex(page)

    def _run_or_stop(self) -> None:
        (self._stop if self._running else self._run).trigger()
