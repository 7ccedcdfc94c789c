"""The bar at the top: menus, the design's name, Save / Undo / Redo, the pages, and what one does with a design."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QMenuBar,
    QPushButton,
    QSizePolicy,
    QTabBar,
    QToolButton,
    QWidget,
)

from designer.panels.widgets import elided, plain_label, plain_tip, tool_button
from designer.services.naming import shown
from designer.theme import Theme, icon

PAGES = ("Design", "Train", "Diagram")
TITLE_WIDTH, LEAST_TITLE = 220, 90
ICON, GAPS = 46, 96  # the search without words; margins and what lies between the parts
MINIMUM = 960
SEARCH = "Search commands"


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
        self._run, self._stop, self._search = actions["run"], actions["stop"], actions["commands"]
        self._menus, self._words = menus, ""
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
        self.menu_button = QToolButton()
        self.menu_button.setAccessibleName("Menu")
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setMenu(_folded(menus, self))
        plain_tip(self.menu_button, "Menu")
        self._letters = [self._letter(action) for action in menus.actions()]
        self.commands = QPushButton()
        self.commands.setProperty("field", True)
        self.commands.setAccessibleName("Search commands")
        self.commands.clicked.connect(actions["commands"].trigger)
        self.run = QPushButton("Run training")
        self.run.setProperty("primary", True)
        self.run.clicked.connect(self._run_or_stop)
        self.export = QPushButton("Export")
        self.export.setMenu(exports)
        self.export.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self._tools = [tool_button(actions[name]) for name in ("save", "undo", "redo")]
        self._lay_out()
        self._running = False
        self.set_theme(theme)
        self._search.changed.connect(self._fit)

    def _lay_out(self) -> None:
        menus = self._menus
        menus.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        menus.setMinimumWidth(menus.sizeHint().width())
        left, right = QHBoxLayout(), QHBoxLayout()
        left.setSpacing(4)
        right.setSpacing(8)
        left.addWidget(menus, 0, Qt.AlignmentFlag.AlignVCenter)
        left.addWidget(self.menu_button)
        left.addSpacing(8)
        left.addWidget(self.title)
        left.addSpacing(4)
        for tool in self._tools:
            left.addWidget(tool)
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

    def _letter(self, action: QAction) -> QShortcut:
        """Alt and the letter of a menu, for as long as the bar that would hear it is folded."""
        shortcut = QShortcut(QKeySequence.mnemonic(action.text()), self)
        shortcut.setEnabled(False)
        shortcut.activated.connect(partial(self._unfold, action))
        return shortcut

    def _unfold(self, action: QAction) -> None:
        """Open the folded menus at one of them."""
        menu, button = self.menu_button.menu(), self.menu_button
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
        menu.setActiveAction(action)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self.commands.setIcon(icon(theme, "search", "quiet"))
        self.export.setIcon(icon(theme, "chevron-down"))
        self.menu_button.setIcon(icon(theme, "menu"))
        self.show_running(self._running)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Titles and buttons go before the words of the search, and these before the menu bar."""
        super().resizeEvent(event)
        self._fit()

    def show_title(self, name: str, edited: bool) -> None:
        """The file's name, and whether it holds what is on show."""
        self._words = f"{shown(name, 120)}{' · edited' if edited else ''}"
        plain_tip(self.title, self._words)
        self._fit()

    def _fit(self) -> None:
        """Fold the menus into one button, cut the title, leave the search its icon: whatever there is no room for."""
        fixed = (self.tabs, self.run, self.export, *self._tools)
        taken = sum(part.sizeHint().width() for part in fixed) + ICON + GAPS
        bar, button = self._menus.sizeHint().width(), self.menu_button.sizeHint().width()
        folded = self.width() < taken + bar + LEAST_TITLE
        self._menus.setVisible(not folded)
        self.menu_button.setVisible(folded)
        for letter in self._letters:
            letter.setEnabled(folded)
        rest = self.width() - taken - (button if folded else bar)
        self._show_search(rest)
        if self.commands.text():
            rest -= self.commands.sizeHint().width() - ICON
        self.title.setText(elided(self.title, self._words, max(LEAST_TITLE, min(TITLE_WIDTH, rest))))

    def _show_search(self, room: int) -> None:
        """Words and key beside the icon, where the title has room enough as well."""
        key = self._search.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        words = f"{SEARCH}   {key}".rstrip()
        needed = self.fontMetrics().horizontalAdvance(f"{words}{self._words}") + 2 * ICON
        roomy = room >= min(needed, TITLE_WIDTH + self.fontMetrics().horizontalAdvance(words) + 2 * ICON)
        self.commands.setText(words if roomy else "")
        plain_tip(self.commands, "" if roomy else words)

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


def _folded(menus: QMenuBar, parent: QWidget) -> QMenu:
    """The menus of the bar in one menu, for a window that is too narrow for them."""
    menu = QMenu(parent)
    menu.addActions(menus.actions())
    return menu
