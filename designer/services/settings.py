"""What the window remembers between starts: look, recent files, sizes. Nothing of a design."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

from designer.theme import Mode

RECENT = 8
MODES = ("light", "dark", "system")


def data_folder() -> Path:
    """The user's folder for runs, recovery files and the log. It need not be there yet."""
    place = QStandardPaths.StandardLocation.GenericDataLocation  # whatever the application calls itself
    return Path(QStandardPaths.writableLocation(place)) / "layerloom"


class Settings:
    """Typed access to the user's settings file; a broken entry counts as missing."""

    def __init__(self, path: Path | None = None) -> None:
        form = QSettings.Format.IniFormat
        if path is not None:
            self._store = QSettings(str(path), form)
        else:
            self._store = QSettings(form, QSettings.Scope.UserScope, "layerloom", "layerloom")

    def mode(self) -> Mode:
        """The chosen look."""
        found = str(self._store.value("look", "system"))
        return cast(Mode, found) if found in MODES else "system"

    def set_mode(self, mode: Mode) -> None:
        """Remember the look."""
        self._store.setValue("look", mode)

    def recent(self) -> list[Path]:
        """Design files opened last, the newest first."""
        found = self._store.value("recent", [])
        entries = found if isinstance(found, list) else [found]
        return [Path(entry) for entry in entries if isinstance(entry, str) and entry][:RECENT]

    def remember(self, path: Path) -> None:
        """Put a file at the head of the recent ones."""
        rest = [entry for entry in self.recent() if entry != path]
        self._store.setValue("recent", [str(entry) for entry in [path, *rest][:RECENT]])

    def forget_recent(self) -> None:
        """Empty the list of recent files."""
        self._store.remove("recent")

    def bytes(self, name: str) -> QByteArray:
        """A remembered geometry, or nothing."""
        found = self._store.value(name)
        return found if isinstance(found, QByteArray) else QByteArray()

    def set_bytes(self, name: str, value: QByteArray) -> None:
        """Remember a geometry."""
        self._store.setValue(name, value)
