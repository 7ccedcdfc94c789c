"""What the start page does for the window: templates, examples with their data, and the files opened last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from designer.services.ask import ask_open
from designer.services.naming import folder_words, shown
from designer.theme import Theme
from graph_ir import templates

if TYPE_CHECKING:
    from designer.main_window import MainWindow

TRAIN = 1


class StartCommands(QObject):
    """Fills the start page and acts on what is chosen there."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._settings = window, window.settings
        start = window.design.start
        start.template_chosen.connect(window.files.new_from)
        start.example_chosen.connect(self.show_example)
        start.file_chosen.connect(window.files.open_path)
        start.open_wanted.connect(window.files.open)
        start.gone_chosen.connect(self._gone)
        start.forget_wanted.connect(self._settings.forget)
        start.locate_wanted.connect(self._locate)
        if window.windows.thumbnails is not None:
            start.set_thumbnails(window.windows.thumbnails)
        window.document.reset.connect(self._offer)
        self._settings.changed.connect(self._changed)
        self._offer()

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """The start page has no commands of its own."""
        return {}

    def set_theme(self, theme: Theme) -> None:
        """The page is painted with the design page."""

    def show_example(self, template: str) -> None:
        """Open a template where its training can be run."""
        self._window.files.new_from(template)
        if len(self._window.document.design.top):
            self._window.show_page(TRAIN)
            self._window.train.run.setFocus()

    def _offer(self) -> None:
        QTimer.singleShot(0, self, self._fill)

    def _fill(self) -> None:
        if not len(self._window.document.design.top):  # a file may have been opened meanwhile
            self._window.design.start.fill(list(templates.gallery()), self._settings.recent())

    def _changed(self, name: str) -> None:
        if name == "recent" and not len(self._window.document.design.top):
            self._window.design.start.show_recent(self._settings.recent())

    def _gone(self, path: Path) -> None:
        words = f"{shown(path.name)} is no longer in {shown(folder_words(path), 120)}."
        answers = (
            ("Locate…", lambda: self._locate(path)),
            ("Take off the list", lambda: self._settings.forget(path)),
        )
        self._window.message.tell(words, "warning", answers)

    def _locate(self, path: Path) -> None:
        """Ask where the file has gone, and open it there."""

        def found(place: Path) -> None:
            self._settings.forget(path)
            self._window.files.open_path(place)

        folder = next((parent for parent in path.parents if parent.is_dir()), Path.home())
        ask_open(self._window, folder, found)
