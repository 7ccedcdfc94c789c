"""What the File menu does: new, open, save, recovery, pictures. Every failure is a sentence in the window's bar."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from designer.export_commands import ExportCommands
from designer.services.ask import DESIGNS, ask_open, ask_save, ask_to_save
from designer.services.files import Failed, Files
from designer.services.recovery import Lost, Recovery
from designer.services.settings import data_folder
from graph_ir.file import SUFFIX

if TYPE_CHECKING:
    from designer.main_window import MainWindow


class FileCommands(QObject):
    """Acts for the window on the document's file."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._document = window, window.document
        self.files = Files(self._document, self)
        self.recovery = Recovery(self._document, data_folder() / "recovery", self)
        self.exports = ExportCommands(window, lambda: self._folder() / self._proposed_name(), self)
        self._is_closing = False
        self.files.opened.connect(self._opened)
        self.files.changed_on_disk.connect(self._changed_on_disk)
        self.recovery.failed.connect(lambda text: window.message.tell(text, "warning"))

    def handlers(self) -> dict[str, Callable[[], object]]:
        """The commands of this module."""
        return {
            "new": self.new,
            "open": self.open,
            "save": self.save,
            "save_as": self.save_as,
            "save_diagram": self.save_diagram,
            **self.exports.handlers(),
        }

    def start(self) -> None:
        """Begin to keep recovery copies, and offer what an earlier window lost."""
        for lost in self.recovery.lost()[:3]:
            words = f"{lost.name} was not saved before its window went. Take it up again?"
            answers = (
                ("Recover", lambda lost=lost: self._recover(lost)),
                ("Throw away", lambda lost=lost: Recovery.forget(lost)),
            )
            self._window.message.tell(words, "warning", answers)
        self.recovery.start()
        self.fill_recent()

    # New and open

    def new(self) -> None:
        """An empty design."""
        self._when_safe(self.files.new)

    def new_from(self, template: str) -> None:
        """A design from a template."""
        self._when_safe(lambda: self._attempt(lambda: self.files.from_template(template)))

    def open(self) -> None:
        """Ask for a file and open it."""
        self._when_safe(lambda: ask_open(self._window, self._folder(), self._open_now))

    def open_path(self, path: Path) -> None:
        """Open this file."""
        self._when_safe(lambda: self._open_now(path))

    def show_file(self, path: Path) -> bool:
        """Open this file only to look at it; whether that worked."""
        return self._attempt(lambda: self.files.open(path, lock=False))

    def _open_now(self, path: Path) -> None:
        self._attempt(lambda: self.files.open(path))

    def _opened(self, path: Path) -> None:
        self._window.settings.remember(path)
        self.fill_recent()

    def fill_recent(self) -> None:
        """The menu of files opened last."""
        menu = self._window.recent
        menu.clear()
        for path in self._window.settings.recent():
            action = QAction(str(path).replace("&", "&&"), menu)
            action.triggered.connect(lambda _checked=False, path=path: self.open_path(path))
            menu.addAction(action)
        menu.setEnabled(not menu.isEmpty())
        if not menu.isEmpty():
            menu.addSeparator()
            menu.addAction("&Clear this list").triggered.connect(self._forget_recent)

    def _forget_recent(self) -> None:
        self._window.settings.forget_recent()
        self.fill_recent()

    # Save

    def save(self, then: Callable[[], object] | None = None) -> None:
        """Save, asking for a file where there is none; `then` follows a save that worked."""
        if self._document.path is None:
            self.save_as(then)
            return
        if self._attempt(self.files.save) and then is not None:
            then()

    def save_as(self, then: Callable[[], object] | None = None) -> None:
        """Ask for a file and save there."""

        def write(path: Path) -> None:
            if self._attempt(lambda: self.files.save(path)) and then is not None:
                then()

        proposal = self._document.path or self._folder() / f"{self._proposed_name()}{SUFFIX}"
        ask_save(self._window, "Save the design", proposal, DESIGNS, write)

    def _changed_on_disk(self, path: Path) -> None:
        words = f"{path.name} was changed by another program."
        if self._document.is_edited:
            words += " Your own changes are kept here until you decide."
        answers = (
            ("Take the file", lambda: self._attempt(self.files.reload)),
            ("Keep mine", self.files.keep_mine),
        )
        self._window.message.tell(words, "warning", answers)

    # Recovery and closing

    def _recover(self, lost: Lost) -> None:
        def take() -> None:
            if self._attempt(lambda: self.files.recover(lost.design, lost.path)):
                self.recovery.keep()
                Recovery.forget(lost)

        self._when_safe(take)

    def may_close(self) -> bool:
        """Whether the window may go now; where not, the question is on the screen."""
        if self._is_closing or not self._document.is_edited:
            return True
        ask_to_save(self._window, self._document.name, lambda: self.save(self._close), self._close)
        return False

    def _close(self) -> None:
        self._is_closing = True
        self._window.close()

    def close(self) -> None:
        """The window goes in order."""
        self.exports.close()
        self.recovery.close()
        self.files.release()

    def _when_safe(self, act: Callable[[], object]) -> None:
        """Do it at once, or when the person has said what becomes of unsaved changes."""
        if not self._document.is_edited:
            act()
            return
        ask_to_save(self._window, self._document.name, lambda: self.save(act), act)

    # Pictures

    def save_diagram(self) -> None:
        """Ask for a file and write the picture in the format of its suffix."""
        from designer.services.rendering import FILTERS

        proposal = self._folder() / f"{self._proposed_name()}.svg"
        ask_save(self._window, "Save the diagram", proposal, FILTERS, self._window.diagram.write)

    # Small things

    def _attempt(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except Failed as error:
            self._window.tell(str(error))
            return False
        return True

    def _folder(self) -> Path:
        if self._document.path is not None:
            return self._document.path.parent
        recent = self._window.settings.recent()
        return recent[0].parent if recent and recent[0].parent.is_dir() else Path.home()

    def _proposed_name(self) -> str:
        if self._document.path is not None:
            return self._document.name
        title = str(self._document.design.about.get("title", ""))
        plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in title.lower())
        return "-".join(part for part in plain.split("-") if part)[:40] or "network"
