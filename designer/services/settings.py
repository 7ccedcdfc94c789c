"""What the window remembers between starts: look, recent files, sizes, the last session. Nothing of a design."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QByteArray, QObject, QSettings, QStandardPaths, Signal
from PySide6.QtWidgets import QApplication, QStyle

from designer.theme import Mode

RECENT = 12
VIEWS = 200
LONGEST = 4096  # characters of a path; a longer one is none that a system would open
MODES = ("light", "dark", "system")
_VIEWS = "views"


def data_folder() -> Path:
    """The user's folder for runs, recovery files and the log. It need not be there yet."""
    return _place(QStandardPaths.StandardLocation.GenericDataLocation)


def cache_folder() -> Path:
    """The user's folder for what can be made again at any time. It need not be there yet."""
    return _place(QStandardPaths.StandardLocation.GenericCacheLocation)


def _place(location: QStandardPaths.StandardLocation) -> Path:
    return (
        Path(QStandardPaths.writableLocation(location)) / "layerloom"
    )  # whatever the application calls itself


def system_moves() -> bool:
    """Whether the system lets widgets move: where it does not tell Qt, it does."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        return True
    return application.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0


@dataclass(frozen=True)
class FileView:
    """Where one was in a file: the page, and the zoom and middle of the canvas."""

    page: int
    zoom: float
    x: float
    y: float


class Settings(QObject):
    """Typed access to the user's settings file, one for all windows; a broken entry counts as missing."""

    changed = Signal(str)  # the name of a setting that windows share

    def __init__(self, path: Path | None = None) -> None:
        super().__init__()
        form = QSettings.Format.IniFormat
        if path is not None:
            self._store = QSettings(str(path), form)
        else:
            self._store = QSettings(form, QSettings.Scope.UserScope, "layerloom", "layerloom")

    def trouble(self) -> str:
        """Why nothing will be remembered, in one sentence; empty where it will."""
        place = self._store.fileName()
        if self._store.isWritable():
            return ""
        return f"Settings can't be kept in {place}; what you change of the look is gone at the next start."

    def mode(self) -> Mode:
        """The chosen look."""
        found = self._text("look")
        return cast(Mode, found) if found in MODES else "system"

    def set_mode(self, mode: Mode) -> None:
        """Remember the look."""
        self._set("look", mode)

    def animations(self) -> bool:
        """Whether things may move: as it was chosen, else as the system wishes, where Qt knows that."""
        chosen = self._text("animations")
        if chosen in ("on", "off"):
            return chosen == "on"
        return system_moves()

    def set_animations(self, on: bool) -> None:
        """Remember whether things may move."""
        self._set("animations", "on" if on else "off")

    def flag(self, name: str, default: bool) -> bool:
        """A switch."""
        return {"on": True, "off": False}.get(self._text(name), default)

    def set_flag(self, name: str, on: bool) -> None:
        """Remember a switch."""
        self._set(name, "on" if on else "off")

    def recent(self) -> list[Path]:
        """Design files opened last, the newest first."""
        found = self._value("recent")
        entries = found if isinstance(found, list) else [found]
        return [Path(entry) for entry in entries if isinstance(entry, str) and 0 < len(entry) <= LONGEST][
            :RECENT
        ]

    def remember(self, path: Path) -> None:
        """Put a file at the head of the recent ones."""
        rest = [entry for entry in self.recent() if entry != path]
        self._set("recent", [str(entry) for entry in [path, *rest][:RECENT]])

    def forget(self, path: Path) -> None:
        """Take a file off the recent ones."""
        self._set("recent", [str(entry) for entry in self.recent() if entry != path])

    def forget_recent(self) -> None:
        """Empty the list of recent files."""
        self._set("recent", [])

    def session(self) -> list[tuple[Path, QByteArray]]:
        """The files whose windows were open last, and where these stood."""
        found = self._json("session")
        entries = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
        return [
            (Path(path), QByteArray.fromBase64(str(entry.get("geometry", "")).encode("ascii", "replace")))
            for entry in entries
            if isinstance(path := entry.get("path"), str) and 0 < len(path) <= LONGEST
        ][:RECENT]

    def set_session(self, windows: Iterable[tuple[Path, QByteArray]]) -> None:
        """Remember which files are open, and where."""
        entries = [
            {"path": str(path), "geometry": geometry.toBase64().toStdString()} for path, geometry in windows
        ]
        self._store.setValue("session", json.dumps(entries))

    def view(self, path: Path) -> FileView | None:
        """Where one was in this file, if that is known."""
        try:
            view = FileView(**self._views().get(_key(path), {}))
            page, numbers = int(view.page), [float(value) for value in (view.zoom, view.x, view.y)]
        except (TypeError, ValueError):
            return None
        return FileView(page, *numbers) if all(map(isfinite, numbers)) and numbers[0] > 0 else None

    def set_view(self, path: Path, view: FileView) -> None:
        """Remember where one is in this file; that of the file left longest ago is forgotten."""
        views = {key: found for key, found in self._views().items() if key != _key(path)}
        kept = dict(list(views.items())[1 - VIEWS :])
        self._store.setValue(_VIEWS, json.dumps({**kept, _key(path): asdict(view)}))

    def bytes(self, name: str) -> QByteArray:
        """A remembered geometry, or nothing."""
        found = self._value(name)
        return found if isinstance(found, QByteArray) else QByteArray()

    def set_bytes(self, name: str, value: QByteArray) -> None:
        """Remember a geometry."""
        self._store.setValue(name, value)

    def text(self, name: str) -> str:
        """A remembered word or JSON text; empty without one."""
        return self._text(name)

    def set_text(self, name: str, value: str) -> None:
        """Remember a word or a JSON text."""
        self._set(name, value)

    def _set(self, name: str, value: str | list[str]) -> None:
        if self._value(name) == value:
            return
        self._store.setValue(name, value)
        self.changed.emit(name)

    def _value(self, name: str) -> object:
        try:
            return self._store.value(name)
        except (RuntimeError, TypeError, ValueError):  # what a hand wrote need be no value of Qt's
            return None

    def _text(self, name: str) -> str:
        found = self._value(name)
        return found if isinstance(found, str) else ""

    def _json(self, name: str) -> Any:
        try:
            return json.loads(self._text(name) or "null")
        except (ValueError, RecursionError):
            return None

    def _views(self) -> dict[str, Any]:
        found = self._json(_VIEWS)
        return found if isinstance(found, dict) else {}


def _key(path: Path) -> str:
    return sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:24]
