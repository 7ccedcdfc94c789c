"""The Code panel: what Export writes, file by file; a selected layer's lines light up, a line selects its layer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from designer.panels.code_find import CodeFind
from designer.panels.code_view import CodeView
from designer.panels.printed import PrintedCode
from designer.panels.widgets import plain_label, plain_tip
from designer.theme import Theme
from graph_ir.report import Report

MODULE = "model.py"
FILES = (MODULE, "train.py", "data.py")
EMPTY = "Nothing is drawn yet, so there is nothing to print."


class CodePanel(QWidget):
    """Tabs of files, read only."""

    layer_chosen = Signal(object, str)  # PrintedBlock or None: the network; the layer there
    seen = Signal()
    copied = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._code = PrintedCode()
        self._lit: list[int] = []
        self.setAccessibleName("Code")
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName("Files")
        self.copy = QPushButton("Copy")
        plain_tip(self.copy, "Copy the whole file")
        self.copy.clicked.connect(lambda _on=False: self._copy())
        self.views: dict[str, CodeView] = {}
        self._why = {name: plain_label("", wrap=True, quiet=True) for name in FILES}
        self._pages = QStackedWidget()
        for name in FILES:
            self._add_file(name, theme)
        self.finder = CodeFind(self.view, theme)
        self.views[MODULE].line_clicked.connect(self._clicked)
        self.tabs.currentChanged.connect(self._turn)
        head = QHBoxLayout()
        head.addWidget(self.tabs, 1)
        head.addWidget(self.finder)
        head.addWidget(self.copy)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 2, 8, 6)
        box.setSpacing(4)
        box.addLayout(head)
        box.addWidget(self._pages, 1)
        self._fill()

    def _add_file(self, name: str, theme: Theme) -> None:
        self.tabs.addTab(name)
        view = self.views[name] = CodeView(theme, numbers=True)
        view.setAccessibleName(name)
        view.find_wanted.connect(lambda: self.finder.open())
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        self._why[name].setContentsMargins(6, 10, 6, 10)
        box.addWidget(self._why[name])
        box.addWidget(view, 1)
        box.addStretch(0)
        self._pages.addWidget(page)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self.finder.set_theme(theme)
        for view in self.views.values():
            view.set_theme(theme)

    def view(self) -> CodeView:
        """The file in front."""
        return self.views[FILES[self.tabs.currentIndex()]]

    def show_code(self, code: PrintedCode) -> None:
        """Show these files, as soon as the panel is seen; where one is missing, why."""
        self._code = code
        if self.isVisible():
            self._fill()

    def _fill(self) -> None:
        for name, view in self.views.items():
            there = name in self._code.files
            view.setVisible(there)
            self._why[name].setVisible(not there)
            self._why[name].setText(self._code.reasons.get(name, EMPTY))
            if there and view.source() != self._code.files[name]:
                view.show_source(self._code.files[name])
                self.finder.look_again()
        self.copy.setEnabled(FILES[self.tabs.currentIndex()] in self._code.files)

    def light(self, ids: Sequence[str], network: str = "", report: Report | None = None) -> None:
        """Light the lines of these layers of a network; of a block in the class of this use."""
        lines = self._code.lines_of(ids, network, report)
        is_new, self._lit = lines != self._lit, lines
        if self.isVisible():
            self.views[MODULE].light(lines, scroll=is_new)

    def showEvent(self, event: QShowEvent) -> None:
        """What happened while it was hidden is shown; what is lit is brought into sight."""
        super().showEvent(event)
        self._fill()
        self.seen.emit()
        QTimer.singleShot(0, self, lambda: self.views[MODULE].light(self._lit))

    def _turn(self, number: int) -> None:
        self._pages.setCurrentIndex(number)
        self.copy.setEnabled(FILES[number] in self._code.files)
        self.finder.look_again()

    def _copy(self) -> None:
        name = FILES[self.tabs.currentIndex()]
        text = self._code.files.get(name, "")
        QGuiApplication.clipboard().setText(text)
        self.copied.emit(f"Copied {name}, {text.count(chr(10)):,} lines.")

    def _clicked(self, line: int) -> None:
        found = self._code.at(line)
        if found is not None:
            self.layer_chosen.emit(*found)
