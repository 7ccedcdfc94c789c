"""The window: pages, bars and what floats on them. What commands do stands in the `*_commands` modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices, QDragEnterEvent, QDropEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from designer.actions import Actions
from designer.block_commands import BlockCommands
from designer.design_page import DesignPage
from designer.diagram_page import DiagramPage
from designer.document import Document
from designer.document_commands import DocumentCommands, dropped_files, open_dropped, window_title
from designer.features import FEATURES
from designer.file_commands import FileCommands
from designer.keymap import Keymap
from designer.menus import build_menus
from designer.panels.command_palette import CommandPalette
from designer.panels.keys_page import KeysPage
from designer.panels.message_bar import MessageBar
from designer.panels.status_bar import StatusBar
from designer.panels.top_bar import TopBar
from designer.run_commands import RunCommands
from designer.services.faults import Faults
from designer.services.settings import data_folder
from designer.theme import Mode, Theme
from designer.train_page import TrainPage

if TYPE_CHECKING:
    from designer.windows import Windows

DESIGN, TRAIN, DIAGRAM = range(3)
SIZE = (1440, 900)
VIEW_BUTTONS = ("zoom_out", "zoom_reset", "zoom_in", "fit", "show_minimap")


class MainWindow(QMainWindow):
    """One design in one window."""

    def __init__(self, document: Document, windows: Windows) -> None:
        super().__init__()
        self.document, self.windows = document, windows
        self.themes, self.settings = windows.themes, windows.settings
        self.setAcceptDrops(True)
        if not self.restoreGeometry(self.settings.bytes("geometry")):
            self.resize(*SIZE)
        theme = self.themes.theme
        self.keymap = Keymap(self.settings, self)
        self.actions_ = Actions(self, theme, self.keymap)
        self.message = MessageBar(theme)
        self.design = DesignPage(document, theme)
        self.train = TrainPage(document, theme)
        self.diagram = DiagramPage(document, theme)
        self.runs = RunCommands(self)
        self.files = FileCommands(self)
        self.blocks = BlockCommands(self)
        self.documents = DocumentCommands(self)
        self._assemble(theme)
        self.features = [feature(self) for feature in FEATURES]
        self._connect(windows.faults)
        self._title()
        self.status.show_report(document.report)

    def _assemble(self, theme: Theme) -> None:
        actions = self.actions_
        self.menus, self.recent, exports = build_menus(actions, self)
        self.addActions(actions.of_scope("window"))
        self.design.canvas.addActions(actions.of_scope("canvas"))
        self.top = TopBar(theme, self.menus, actions.all, exports)
        self.pages = QStackedWidget()
        for page in (self.design, self.train, self.diagram):
            self.pages.addWidget(page)
        self.status = StatusBar([actions[name] for name in VIEW_BUTTONS])
        self._whole = whole = QWidget()
        box = QVBoxLayout(whole)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.top)
        box.addWidget(self.message)
        box.addWidget(self.pages, 1)
        box.addWidget(self.status)
        self.setCentralWidget(whole)
        self.palette_ = CommandPalette(whole)
        self.keys: KeysPage | None = None

    def _connect(self, faults: Faults) -> None:
        document, actions = self.document, self.actions_
        document.path_changed.connect(self._title)
        document.edited_changed.connect(lambda _edited: self._title())
        document.section_changed.connect(lambda name: self._title() if name == "about" else None)
        document.reset.connect(self.documents.see)
        document.checked.connect(self.status.show_report)
        stack = document.undo_stack
        stack.canUndoChanged.connect(actions["undo"].setEnabled)
        stack.canRedoChanged.connect(actions["redo"].setEnabled)
        stack.undoTextChanged.connect(self._name_undo)
        stack.redoTextChanged.connect(self._name_redo)
        actions["undo"].setEnabled(False)
        actions["redo"].setEnabled(False)
        self.top.page_chosen.connect(self.show_page)
        self.design.told.connect(self.status.say)
        self.design.canvas.zoom_changed.connect(self.status.show_zoom)
        self.status.show_zoom(self.design.canvas.zoom)
        self.diagram.told.connect(self.message.tell)
        self.diagram.save_wanted.connect(self.files.save_diagram)
        self.themes.theme_changed.connect(self._set_theme)
        faults.caught.connect(self._fault)
        self._show_mode()
        self._handle()

    def _handle(self) -> None:
        for part in (self.files, self.documents, self.runs, self.blocks):
            self.actions_.handle(part.handlers())
        for feature in self.features:
            self.actions_.handle(feature.handlers())
        stack, design = self.document.undo_stack, self.design
        self.actions_.handle(design.canvas.handlers() | {"add": self._add})
        self.actions_.handle(
            {
                "undo": stack.undo,
                "redo": stack.redo,
                "edit_fields": lambda: design.inspector.focus_field(None),
                "next_problem": lambda: self.step_problem(1),
                "previous_problem": lambda: self.step_problem(-1),
                "find_type": self._find_type,
                "page_design": lambda: self.show_page(DESIGN),
                "page_train": lambda: self.show_page(TRAIN),
                "page_diagram": lambda: self.show_page(DIAGRAM),
                "next_panel": self._next_panel,
                "look_light": lambda: self.set_mode("light"),
                "look_dark": lambda: self.set_mode("dark"),
                "look_system": lambda: self.set_mode("system"),
                "close_window": self.close,
                "quit": self.windows.quit,
                "keys": self._show_keys,
                "log": lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(data_folder()))),
                "about": self._about,
            }
        )
        for name, panel in (
            ("show_palette", design.left),
            ("show_inspector", design.inspector),
            ("show_bottom", design.bottom),
        ):
            self.actions_.switch(name, True, panel.setVisible)
        self.documents.restore_panels()

    # What is shown

    def show_page(self, page: int) -> None:
        """Bring a page to the front."""
        self.pages.setCurrentIndex(page)
        self.top.show_page(page)
        self.status.show_view(page == DESIGN)
        if page == DIAGRAM:
            self.diagram.refresh()

    def step_problem(self, by: int) -> None:
        """Jump to the next or previous problem."""
        self.show_page(DESIGN)
        self.design.set_bottom(self.design.problems)
        self.design.problems.step(by)

    def set_mode(self, mode: Mode) -> None:
        """Choose the look and remember it."""
        self.settings.set_mode(mode)
        self.themes.set_mode(mode)
        self._show_mode()

    def come_forward(self) -> None:
        """In front of all other windows, with the focus."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def tell(self, text: str) -> None:
        """Say what could not be done, in the bar."""
        self.message.tell(text)

    def _show_mode(self) -> None:
        for mode in ("light", "dark", "system"):
            self.actions_[f"look_{mode}"].setChecked(self.themes.mode == mode)

    def _set_theme(self, theme: Theme) -> None:
        parts = (self.actions_, self.message, self.design, self.train, self.diagram, self.top)
        for part in parts:
            part.set_theme(theme)
        for feature in self.features:
            feature.set_theme(theme)
        if self.keys is not None:
            self.keys.set_theme(theme)

    def _title(self) -> None:
        document = self.document
        self.top.show_title(document.name, document.is_edited)
        self.setWindowFilePath("" if document.path is None else str(document.path))
        self.setWindowTitle(window_title(document.name, document.is_edited))

    def _name_undo(self, words: str) -> None:
        self.actions_["undo"].setText(f"&Undo {words}".strip())

    def _name_redo(self, words: str) -> None:
        self.actions_["redo"].setText(f"&Redo {words}".strip())

    def _show_keys(self) -> None:
        if self.keys is None:
            self.keys = KeysPage(self._whole, self.themes.theme, self.actions_, self.keymap)
        self.keys.open()

    def _next_panel(self) -> None:
        self.show_page(DESIGN)
        self.design.next_panel()

    def _add(self) -> None:
        self.show_page(DESIGN)
        self.design.canvas.open_search()

    def _find_type(self) -> None:
        self.show_page(DESIGN)
        self.actions_["show_palette"].setChecked(True)
        self.design.left.setCurrentWidget(self.design.palette_panel)
        self.design.palette_panel.field.setFocus()
        self.design.palette_panel.field.selectAll()

    def _about(self) -> None:
        from graph_ir.version import version

        words = (
            f"Layerloom {version()}: what you draw is what runs. MIT licence; the code it writes is yours."
        )
        self.message.tell(words, "hint")

    def _fault(self, sentence: str) -> None:
        self.files.recovery.keep()
        self.message.tell(sentence)

    # What Qt asks

    def showEvent(self, event: QShowEvent) -> None:
        """A design is seen whole at first."""
        super().showEvent(event)
        if event.spontaneous():  # back from the task bar: it stands as it was left
            return
        QTimer.singleShot(0, self, self.documents.see)
        self.design.canvas.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What floats closes rather than hangs somewhere."""
        super().resizeEvent(event)
        self.palette_.hide()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped; what is no design is said then."""
        if dropped_files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        event.acceptProposedAction()
        open_dropped(self, dropped_files(event))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Unsaved changes are asked about; a training goes on without the window."""
        if not self.files.may_close():
            event.ignore()
            return
        self.settings.set_bytes("geometry", self.saveGeometry())
        self.documents.keep_panels()
        self.windows.remember()
        self.runs.close()
        self.diagram.close_jobs()
        self.files.close()
        super().closeEvent(event)
        self.windows.gone(self)
