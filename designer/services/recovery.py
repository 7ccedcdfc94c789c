"""A copy of the edited design every few seconds, so that a crash costs seconds; found again by the next window."""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal

from designer.document import Document
from graph_ir import file
from graph_ir.atomic import atomic_write
from graph_ir.file import SUFFIX, Unreadable
from graph_ir.graph import Design

EVERY_MS = 3000
EDITS = 20


@dataclass(frozen=True)
class Lost:
    """A design whose window went without saving, and the file it belongs to."""

    copy: Path
    path: Path | None
    name: str
    design: Design


class Recovery(QObject):
    """Keeps one window's copy in the user's folder while there is anything to lose."""

    failed = Signal(str)

    def __init__(self, document: Document, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._folder = document, folder
        self._copy = folder / f"{uuid.uuid4().hex}{SUFFIX}"
        self._lock: QLockFile | None = None
        self._kept = 0
        self._is_failing = False
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.keep)
        document.undo_stack.indexChanged.connect(self._edited)
        document.reset.connect(self._reset)

    def start(self) -> None:
        """Begin to keep copies. Says through `failed` where that is not possible."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.failed.emit(
                f"No recovery copies can be kept in {self._folder} ({error.strerror}); save often."
            )
            return
        self._lock = QLockFile(str(_lock_of(self._copy)))
        self._lock.setStaleLockTime(0)
        self._lock.tryLock(0)
        self._timer.start()

    def keep(self) -> None:
        """Write the copy now if there is something new to lose; without changes there is none to keep."""
        if self._lock is None:
            return
        if not self._document.is_edited:
            self._drop()
            return
        if self._kept == self._document.changes and self._copy.exists():
            return
        path = self._document.path
        about = {"path": str(path) if path else None, "name": self._document.name}
        try:
            atomic_write(_about_of(self._copy), json.dumps(about).encode())
            file.write(self._copy, self._document.design)
        except (OSError, ValueError) as error:
            if not self._is_failing:
                reason = getattr(error, "strerror", None) or str(error)
                self.failed.emit(f"The recovery copy could not be written ({reason}); save your design now.")
            self._is_failing = True
            return
        self._is_failing = False
        self._kept = self._document.changes

    @staticmethod
    def lost(folder: Path) -> list[Lost]:
        """Copies in a folder whose window is gone, the newest first; unreadable ones are passed over."""
        found = []
        for copy in sorted(folder.glob(f"*{SUFFIX}"), key=_age, reverse=True):
            if _is_held(copy):
                continue
            with contextlib.suppress(Unreadable, OSError, ValueError, KeyError, TypeError, AttributeError):
                about = json.loads(_about_of(copy).read_text(encoding="utf-8"))
                path = Path(about["path"]) if about.get("path") else None
                found.append(Lost(copy, path, str(about.get("name", "untitled"))[:80], file.read(copy)))
        return found

    @staticmethod
    def forget(lost: Lost) -> None:
        """Throw a copy away."""
        _remove(lost.copy)

    def close(self) -> None:
        """The window goes in order: nothing is left to recover."""
        self._timer.stop()
        self._drop()
        if self._lock is not None:
            self._lock.unlock()
        self._lock = None

    def _edited(self, _index: int) -> None:
        if self._document.changes - self._kept >= EDITS:
            self.keep()

    def _reset(self) -> None:
        self._kept = 0
        self._drop()

    def _drop(self) -> None:
        if self._copy.exists():
            _remove(self._copy)
        self._kept = self._document.changes


def _lock_of(copy: Path) -> Path:
    return copy.with_name(copy.name.removesuffix(SUFFIX) + ".lock")


def _about_of(copy: Path) -> Path:
    return copy.with_name(copy.name.removesuffix(SUFFIX) + ".about.json")


def _is_held(copy: Path) -> bool:
    """Whether the window of a copy still lives."""
    lock = QLockFile(str(_lock_of(copy)))
    lock.setStaleLockTime(0)
    if lock.tryLock(0):
        lock.unlock()
        return False
    return True


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _remove(copy: Path) -> None:
    for path in (copy, _about_of(copy)):
        with contextlib.suppress(OSError):
            os.unlink(path)
