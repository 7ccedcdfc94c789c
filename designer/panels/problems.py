"""The Problems panel: every error, warning and hint by severity, each a way to its place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.canvas.words import spoken
from designer.panels.widgets import plain_label, plain_tip
from designer.theme import Theme, icon
from graph_ir.problems import Problem

SIGNS = {"error": "circle-x", "warning": "triangle-alert", "hint": "lightbulb"}
RANK = {"error": 0, "warning": 1, "hint": 2}
MANY = {"error": "Errors", "warning": "Warnings", "hint": "Hints"}
PROBLEM = Qt.ItemDataRole.UserRole
LISTED = 500
"""So many are listed; the rest is told. Who has more mends the first ones first."""


class Problems(QWidget):
    """A list, the gravest first and cause before consequence. Costs nothing while it is not seen."""

    chosen = Signal(object)  # Problem
    count_changed = Signal(int)
    copied = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._problems: tuple[Problem, ...] = ()
        self._at: Problem | None = None
        self._is_stale = False
        self.list = QListWidget()
        self.list.setAccessibleName("Problems")
        self.list.setWordWrap(True)
        self.list.setIconSize(QSize(16, 16))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._tell)
        self.list.itemActivated.connect(self._tell)
        self.list.installEventFilter(self)
        self._calm = plain_label("No problems.", wrap=True, quiet=True)
        self._calm.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._calm.setContentsMargins(14, 12, 14, 12)
        self.filters = {severity: self._filter(severity) for severity in SIGNS}
        self.copy = QPushButton("Copy")
        self.copy.clicked.connect(lambda _on=False: self._copy())
        plain_tip(self.copy, "Copy what is listed as text")
        self._head = QWidget()
        row = QHBoxLayout(self._head)
        row.setContentsMargins(6, 2, 6, 0)
        row.setSpacing(4)
        for button in self.filters.values():
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.copy)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._calm)
        self._pages.addWidget(self.list)
        box = QVBoxLayout(self)
        box.setContentsMargins(4, 4, 4, 4)
        box.setSpacing(2)
        box.addWidget(self._head)
        box.addWidget(self._pages, 1)
        self._head.hide()

    def _filter(self, severity: str) -> QToolButton:
        button = QToolButton()
        button.setText(MANY[severity])
        button.setCheckable(True)
        button.setChecked(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setProperty("worded", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setIcon(icon(self._theme, SIGNS[severity], severity))
        plain_tip(button, f"Show {MANY[severity].lower()}")
        button.toggled.connect(lambda _on: self._fill())
        return button

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        for severity, button in self.filters.items():
            button.setIcon(icon(theme, SIGNS[severity], severity))
        self._fill()

    def show_problems(self, problems: Sequence[Problem], *, is_empty: bool = False) -> None:
        """List these, as soon as the panel is seen."""
        self._calm.setText(
            "Nothing is drawn yet. What is wrong with a design is listed here while it is drawn."
            if is_empty
            else "No problems: every shape fits."
        )
        ranked = tuple(sorted(problems, key=lambda problem: RANK[problem.severity]))
        if ranked == self._problems:
            return
        self._problems = ranked
        if self._at not in ranked:
            self._at = None
        self._is_stale = True
        if self.isVisible():
            self._fill()
        self.count_changed.emit(len(ranked))

    def showEvent(self, event: QShowEvent) -> None:
        """What happened while it was hidden is shown."""
        super().showEvent(event)
        if self._is_stale:
            self._fill()

    def problems(self) -> tuple[Problem, ...]:
        """All there are, in their order."""
        return self._problems

    def listed(self) -> list[Problem]:
        """Those of the severities that are asked for."""
        return [problem for problem in self._problems if self.filters[problem.severity].isChecked()]

    def step(self, by: int) -> None:
        """Go to the next (1) or the previous (-1) problem, round and round; a filter that hides all is lifted."""
        if self._problems and not self.listed():
            for button in self.filters.values():
                button.setChecked(True)
        listed = self.listed()
        if not listed:
            return
        here = listed.index(self._at) if self._at in listed else (-1 if by > 0 else 0)
        self._at = listed[(here + by) % len(listed)]
        self._mark()
        self.chosen.emit(self._at)

    def _fill(self) -> None:
        self._is_stale = False
        self.list.clear()
        listed = self.listed()
        shown = listed[:LISTED]
        for severity, button in self.filters.items():
            there = [problem for problem in self._problems if problem.severity == severity]
            button.setText(f"{MANY[severity]} {len(there):,}")
            button.setAccessibleName(f"Show {MANY[severity].lower()}, {len(there):,}")
            button.setEnabled(bool(there))
        for severity in SIGNS:
            group = [problem for problem in shown if problem.severity == severity]
            if group:
                self._add_heading(severity)
            for problem in group:
                self._add(problem)
        if len(listed) > LISTED:
            self._add_words(f"and {len(listed) - LISTED:,} more, listed when these are mended")
        elif self._problems and not listed:
            self._add_words("What there is is of other severities.")
        self._head.setVisible(bool(self._problems))
        self._pages.setCurrentWidget(self.list if self._problems else self._calm)
        self._mark()

    def _add(self, problem: Problem) -> None:
        sign, words = icon(self._theme, SIGNS[problem.severity], problem.severity), spoken(problem.message)
        item = QListWidgetItem(sign, words)
        item.setData(PROBLEM, problem)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{problem.severity}: {words}")
        self.list.addItem(item)

    def _add_heading(self, severity: str) -> None:
        """A severity by its name: no group is told by its colour alone."""
        item = self._add_words(MANY[severity])
        item.setFont(self._theme.ui_font(12, True))

    def _add_words(self, words: str) -> QListWidgetItem:
        item = QListWidgetItem(words)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setForeground(self._theme.colour("quiet"))
        self.list.addItem(item)
        return item

    def _mark(self) -> None:
        """The row of the problem that one has gone to."""
        for row in range(self.list.count() if self._at is not None else 0):
            if self.list.item(row).data(PROBLEM) == self._at:
                self.list.setCurrentRow(row)
                return

    def _tell(self, item: QListWidgetItem) -> None:
        problem = item.data(PROBLEM)
        if isinstance(problem, Problem):
            self._at = problem
            self.chosen.emit(problem)

    def text(self) -> str:
        """What is listed, a line a problem."""
        return "".join(f"{problem.severity}: {problem.message}\n" for problem in self.listed())

    def _copy(self) -> None:
        text, count = self.text(), len(self.listed())
        QGuiApplication.clipboard().setText(text)
        self.copied.emit(f"Copied {count:,} {'problem' if count == 1 else 'problems'} as text.")

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Ctrl+C in the list copies the problem one is at."""
        if watched is not self.list or not isinstance(event, QKeyEvent):
            return False
        item = self.list.currentItem()
        problem = item.data(PROBLEM) if item is not None else None
        if not event.matches(QKeySequence.StandardKey.Copy) or not isinstance(problem, Problem):
            return False
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            QGuiApplication.clipboard().setText(f"{problem.severity}: {problem.message}")
        return True
