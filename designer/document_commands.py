"""Windows and files as documents: a window more, a copy, the file in its folder, and where one was in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QDropEvent

from designer.services.ask import DESIGNS, ask_save
from designer.services.files import Failed
from designer.services.naming import shown
from designer.services.reveal import show_in_folder
from designer.services.settings import FileView
from designer.theme import Theme
from graph_ir.file import SUFFIX

if TYPE_CHECKING:
    from designer.main_window import MainWindow

RESTORE = "restore_session"
PANELS = ("show_palette", "show_inspector", "show_bottom")


class DocumentCommands(QObject):
    """What a window does with its design as a document among others."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._settings = window, window.settings
        self._files = window.files
        window.files.files.left.connect(self._leave)
        window.actions_.switch(RESTORE, self.restores(), self._set_restores)
        self._settings.changed.connect(self._changed)

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """The commands of this topic."""
        return {
            "new_window": self._window.windows.new_window,
            "save_copy": self.save_copy,
            "reveal": self.reveal,
        }

    def set_theme(self, theme: Theme) -> None:
        """It paints nothing."""

    def save_copy(self) -> None:
        """Ask for another file and write the design there as well; it goes on with its own."""
        proposal = self._files.folder() / f"{self._files.proposed_name()[:120]}-copy{SUFFIX}"
        ask_save(self._window, "Save a copy", proposal, DESIGNS, self._write_copy)

    def _write_copy(self, path: Path) -> None:
        try:
            target = self._files.files.save_copy(path)
        except Failed as error:
            self._window.tell(str(error))
            return
        self._window.message.tell(f"A copy was saved as {target}.", "hint")

    def reveal(self) -> None:
        """Show the design's file in the file manager."""
        path = self._window.document.path
        if path is None:
            self._window.tell("The design has no file yet; save it first (Ctrl+S).")
        elif not show_in_folder(path):
            self._window.tell(f"No file manager answered; the file is {path}.")

    # The last session

    def restores(self) -> bool:
        """Whether the next start opens what was open last."""
        return self._settings.flag(RESTORE, True)

    def _set_restores(self, on: bool) -> None:
        self._settings.set_flag(RESTORE, on)

    def _changed(self, name: str) -> None:
        if name == RESTORE:
            self._window.actions_[RESTORE].setChecked(self.restores())

    # Panels, for all windows

    def restore_panels(self) -> None:
        """Show the panels that were shown last, as large as they were."""
        design, settings = self._window.design, self._settings
        design.restore_layout(settings.bytes("sides"), settings.bytes("middle"))
        for name in PANELS:
            self._window.actions_[name].setChecked(settings.flag(name, True))
        tab = settings.text("bottom_tab")
        if tab.isdecimal() and len(tab) < 3:
            design.bottom.setCurrentIndex(int(tab))

    def keep_panels(self) -> None:
        """Remember which panels are shown, and how large they are."""
        design, settings = self._window.design, self._settings
        sides, middle = design.layout_state()
        settings.set_bytes("sides", sides)
        settings.set_bytes("middle", middle)
        for name in PANELS:
            settings.set_flag(name, self._window.actions_[name].isChecked())
        settings.set_text("bottom_tab", str(design.bottom.currentIndex()))

    # Where one was

    def see(self) -> None:
        """Show the design where it was left, or whole where it was never open."""
        design, path = self._window.design, self._window.document.path
        view = self._settings.view(path) if path is not None else None
        if view is None or not len(self._window.document.design.top):
            design.show_all()
            return
        design.canvas.set_zoom(view.zoom)
        design.canvas.centerOn(view.x, view.y)
        if 0 <= view.page < self._window.pages.count():
            self._window.show_page(view.page)

    def _leave(self, path: Path) -> None:
        """Keep where one is; a block on show has no place of its own, so the network keeps the last."""
        canvas = self._window.design.canvas
        if canvas.network or not canvas.isVisibleTo(self._window.design):
            return
        middle = canvas.mapToScene(canvas.viewport().rect().center())
        view = FileView(self._window.pages.currentIndex(), canvas.zoom, middle.x(), middle.y())
        self._settings.set_view(path, view)


def window_title(name: str, edited: bool) -> str:
    """What the system's title bar says. `[*]` would be Qt's own mark, so a name's is doubled."""
    words = shown(name).replace("[*]", "[*][*]")
    return f"{words}{' · edited' if edited else ''} – Layerloom"


def dropped_files(event: QDropEvent) -> list[Path]:
    """The files of this machine that a drag carries."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]


def open_dropped(window: MainWindow, paths: list[Path]) -> None:
    """Open the designs among them; one sentence about the rest."""
    for path in paths:
        if path.name.endswith(SUFFIX):
            window.files.open_path(path)
    others = [path for path in paths if not path.name.endswith(SUFFIX)]
    if others:
        more = f" (nor {len(others) - 1} more)" if len(others) > 1 else ""
        window.tell(f"{shown(others[0].name)} is no design{more}; drop files that end in {SUFFIX}.")
