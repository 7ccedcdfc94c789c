"""The Code panel: what Export writes, file by file; a selected layer's lines light up, a line selects its layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from designer.panels.code_view import CodeView
from designer.panels.widgets import plain_label
from designer.theme import Theme


@dataclass(frozen=True)
class PrintedCode:
    """The files as text, the lines of each layer in the first of them, or why there are none."""

    files: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, Sequence[int]] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


MODULE = "model.py"
FILES = (MODULE, "train.py", "data.py")


class CodePanel(QWidget):
    """Tabs of files, read only."""

    layer_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._code = PrintedCode()
        self._lit: tuple[str, ...] = ()
        self.setAccessibleName("Code")
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName("Files")
        self.views: dict[str, CodeView] = {}
        self._why = {name: plain_label("", wrap=True, quiet=True) for name in FILES}
        self._pages = QStackedWidget()
        for name in FILES:
            self.tabs.addTab(name)
            view = self.views[name] = CodeView(theme, numbers=True)
            view.setAccessibleName(name)
            page = QWidget()
            box = QVBoxLayout(page)
            box.setContentsMargins(0, 0, 0, 0)
            box.addWidget(self._why[name])
            box.addWidget(view)
            self._pages.addWidget(page)
        self.views[MODULE].line_clicked.connect(self._clicked)
        self.tabs.currentChanged.connect(self._pages.setCurrentIndex)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 0, 8, 6)
        box.setSpacing(4)
        box.addWidget(self.tabs)
        box.addWidget(self._pages, 1)
        self.show_code(self._code)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        for view in self.views.values():
            view.set_theme(theme)

    def show_code(self, code: PrintedCode) -> None:
        """Show these files; where one is missing, why."""
        self._code = code
        for name, view in self.views.items():
            there = name in code.files
            view.setVisible(there)
            self._why[name].setVisible(not there)
            self._why[name].setText(
                code.reasons.get(name, "Nothing is drawn yet, so there is nothing to print.")
            )
            if there:
                view.show_source(code.files[name])
        self.light(self._lit)

    def light(self, ids: Sequence[str]) -> None:
        """Light the lines of these layers."""
        self._lit = tuple(ids)
        lines = sorted({line for name in ids for line in self._code.lines.get(name, ())})
        view = self.views[MODULE]
        view.light(lines, scroll=tuple(lines) != view.lit())

    def showEvent(self, event: QShowEvent) -> None:
        """What was lit while it was hidden is brought into sight."""
        super().showEvent(event)
        view = self.views[MODULE]
        QTimer.singleShot(0, view, lambda: view.light(view.lit()))

    def _clicked(self, line: int) -> None:
        for name, lines in self._code.lines.items():
            if line in lines:
                self.layer_chosen.emit(name)
                return
