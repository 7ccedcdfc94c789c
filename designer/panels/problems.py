"""The Problems panel: every error, warning and hint, each a way to its place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStackedWidget, QVBoxLayout, QWidget

from designer.panels.widgets import plain_label
from designer.theme import Theme, icon
from graph_ir.problems import Problem

SIGNS = {"error": "circle-x", "warning": "triangle-alert", "hint": "lightbulb"}
RANK = {"error": 0, "warning": 1, "hint": 2}
PROBLEM = Qt.ItemDataRole.UserRole


class Problems(QWidget):
    """A list, the gravest first and cause before consequence."""

    chosen = Signal(object)  # Problem
    count_changed = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._problems: tuple[Problem, ...] = ()
        self.list = QListWidget()
        self.list.setAccessibleName("Problems")
        self.list.setWordWrap(True)
        self.list.setIconSize(QSize(16, 16))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._tell)
        self.list.itemActivated.connect(self._tell)
        self._calm = plain_label("No problems.", quiet=True)
        self._calm.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._calm.setContentsMargins(14, 12, 14, 12)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._calm)
        self._pages.addWidget(self.list)
        box = QVBoxLayout(self)
        box.setContentsMargins(4, 4, 4, 4)
        box.addWidget(self._pages)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self._fill()

    def show_problems(self, problems: Sequence[Problem], *, is_empty: bool = False) -> None:
        """List these."""
        self._calm.setText("Nothing is drawn yet." if is_empty else "No problems: every shape fits.")
        ranked = tuple(sorted(problems, key=lambda problem: RANK[problem.severity]))
        if ranked == self._problems:
            return
        self._problems = ranked
        self._fill()
        self.count_changed.emit(len(ranked))

    def problems(self) -> tuple[Problem, ...]:
        """What is listed, in its order."""
        return self._problems

    def step(self, by: int) -> None:
        """Go to the next (1) or the previous (-1) problem, round and round."""
        if not self._problems:
            return
        row = self.list.currentRow()
        start = -1 if by > 0 and row < 0 else row
        self.list.setCurrentRow(
            (start + by) % len(self._problems) if row >= 0 or by > 0 else len(self._problems) - 1
        )
        self._tell(self.list.currentItem())

    def _fill(self) -> None:
        self.list.clear()
        for problem in self._problems:
            item = QListWidgetItem(
                icon(self._theme, SIGNS[problem.severity], problem.severity), problem.message
            )
            item.setData(PROBLEM, problem)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{problem.severity}: {problem.message}")
            self.list.addItem(item)
        self._pages.setCurrentWidget(self.list if self._problems else self._calm)

    def _tell(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(PROBLEM))
