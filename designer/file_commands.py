"""What the File menu does: new, open, save, recovery, pictures. Every failure is a sentence in the window's bar."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from designer.export_commands import ExportCommands
from designer.services.ask import DESIGNS, ask_open, ask_save, ask_to_save
from designer.services.files import Claim, Failed, Files
from designer.services.naming import in_menu, shown
from designer.services.recovery import Lost, Recovery
from designer.services.settings import data_folder
from graph_ir.file import SUFFIX

if TYPE_CHECKING:
    from designer.main_window import MainWindow


class FileCommands(QObject):
    """Acts for the window on the document's file."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._document, self._windows = window, window.document, window.windows
        self.files = Files(self._document, self)
        self.recovery = Recovery(self._document, data_folder() / "recovery", self)
        self.exports = ExportCommands(window, lambda: self.folder() / self.proposed_name(), self)
        self._is_closing = False
        self.files.opened.connect(self._opened)
        self.files.changed_on_disk.connect(self._changed_on_disk)
        window.settings.changed.connect(self._settings_changed)
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
        """Begin to keep recovery copies."""
        self.recovery.start()
        self.fill_recent()

    def offer(self, lost: Lost) -> None:
        """Ask whether to take up again what an earlier window lost."""
        words = f"{shown(lost.name)} was not saved before its window went. Take it up again?"
        answers = (
            ("Recover", lambda: self._recover(lost)),
            ("Throw away", lambda: Recovery.forget(lost)),
        )
        self._window.message.tell(words, "warning", answers)

    # New and open

    def new(self) -> None:
        """An empty design."""
        self._when_safe(self.files.new)

    def new_from(self, template: str) -> None:
        """A design from a template."""
        self._when_safe(lambda: self._attempt(lambda: self.files.from_template(template)))

    def open(self) -> None:
        """Ask for a file and open it."""
        ask_open(self._window, self.folder(), self.open_path)

    def open_path(self, path: Path) -> None:
        """Open this file: here where nothing would go for it, else in a window of its own; one that is open comes
        to the front."""
        there = self._windows.showing(path)
        if there is not None:
            there.come_forward()
            return
        self._attempt(lambda: self._open_somewhere(path))

    def reopen(self, path: Path) -> None:
        """Open this file of the last session; what another process has open stays there without a word."""
        with suppress(Failed):
            self.files.open(path)

    def show_file(self, path: Path) -> bool:
        """Open this file only to look at it; whether that worked."""
        return self._attempt(lambda: self.files.look_at(path))

    def take(self, claim: Claim) -> None:
        """Show a design that was read for this window."""
        self.files.take(claim)

    @property
    def is_vacant(self) -> bool:
        """Whether another design may take this one's place and nobody would miss it."""
        return self._document.path is None and not self._document.is_edited

    def _open_somewhere(self, path: Path) -> None:
        claim = self.files.claim(path)
        if self.is_vacant:
            self.files.take(claim)
        else:
            self._windows.take(claim)

    def _opened(self, path: Path) -> None:
        self._window.settings.remember(path)

    def fill_recent(self) -> None:
        """The menu of files opened last."""
        menu = self._window.recent
        menu.clear()
        for path in self._window.settings.recent():
            action = QAction(in_menu(str(path)), menu)
            action.triggered.connect(lambda _checked=False, path=path: self.open_path(path))
            menu.addAction(action)
        menu.setEnabled(not menu.isEmpty())
        if not menu.isEmpty():
            menu.addSeparator()
            menu.addAction("&Clear this list").triggered.connect(self._window.settings.forget_recent)

    def _settings_changed(self, name: str) -> None:
        if name == "recent":
            self.fill_recent()

    # Save

    def save(self, then: Callable[[], object] | None = None) -> None:
        """Save, asking for a file where there is none; `then` follows a save that worked."""
        if self._document.path is None:
            self.save_as(then)
            return
        self._saved(self._attempt(self.files.save), then)

    def save_as(self, then: Callable[[], object] | None = None) -> None:
        """Ask for a file and save there."""

        def write(path: Path) -> None:
            self._saved(self._attempt(lambda: self.files.save(path)), then)

        proposal = self._document.path or self.folder() / f"{self.proposed_name()}{SUFFIX}"
        ask_save(self._window, "Save the design", proposal, DESIGNS, write).rejected.connect(
            self._windows.stay
        )

    def _saved(self, worked: bool, then: Callable[[], object] | None) -> None:
        if not worked:
            self._windows.stay()
        elif then is not None:
            then()

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
        """Into the window that shows its file, else as any design is opened."""
        there = self._windows.showing(lost.path) if lost.path is not None else None
        window = there or (self._window if self.is_vacant else self._windows.new_window())
        if window is not self._window:
            window.come_forward()
        window.files.recover(lost)

    def recover(self, lost: Lost) -> None:
        """Take up here what another window lost."""

        def take() -> None:
            if self._attempt(lambda: self.files.recover(lost.design, lost.path)):
                self.recovery.keep()
                Recovery.forget(lost)

        self._when_safe(take)

    def may_close(self) -> bool:
        """Whether the window may go now; where not, the question is on the screen."""
        if self._is_closing or not self._document.is_edited:
            return True
        name, stay = self._document.name, self._windows.stay
        ask_to_save(self._window, name, lambda: self.save(self._close), self._close, stay)
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

        proposal = self.folder() / f"{self.proposed_name()}.svg"
        ask_save(self._window, "Save the diagram", proposal, FILTERS, self._window.diagram.write)

    # Small things

    def _attempt(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except Failed as error:
            self._window.tell(str(error))
            return False
        return True

    def folder(self) -> Path:
        """Where a file dialog begins."""
        if self._document.path is not None:
            return self._document.path.parent
        recent = self._window.settings.recent()
        return recent[0].parent if recent and recent[0].parent.is_dir() else Path.home()

    def proposed_name(self) -> str:
        """What a file of this design would be called, without an ending."""
        if self._document.path is not None:
            return self._document.name
        title = str(self._document.design.about.get("title", ""))
        plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in title.lower())
        return "-".join(part for part in plain.split("-") if part)[:40] or "network"
