"""Opening and saving designs: locks against a second window, notices a file changed by somebody else, keeps both."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QLockFile, QObject, QTimer, Signal

from designer.document import Document
from graph_ir import file, templates
from graph_ir.file import SUFFIX, Unreadable
from graph_ir.graph import Design

SETTLE_MS = 300  # a program that saves may write several times


class Failed(Exception):
    """What could not be done, in one sentence; nothing is lost."""


@dataclass(frozen=True)
class Claim:
    """A design that was read and locked, and is not shown yet."""

    path: Path
    design: Design
    lock: QLockFile | None


class Files(QObject):
    """The document's file."""

    opened = Signal(object)  # Path
    left = Signal(object)  # Path; another design takes the place of the one in it
    changed_on_disk = Signal(object)  # Path

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._lock: QLockFile | None = None
        self._known = b""
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._watcher.fileChanged.connect(lambda _path: self._settle.start())
        self._watcher.directoryChanged.connect(lambda _path: self._settle.start())
        self._settle.timeout.connect(self._look)

    def new(self) -> None:
        """Start from nothing."""
        self._forget()
        self._document.load(Design())

    def from_template(self, name: str) -> None:
        """Start from a template, without a file. Raises Failed."""
        try:
            design = templates.load(name)
        except (templates.NoTemplate, Unreadable) as error:
            raise Failed(_sentence(error.text)) from None
        self._forget()
        self._document.load(design)

    def claim(self, path: Path) -> Claim:
        """Read a design file and lock it, for this window or another one. Raises Failed; nothing has changed then."""
        path = path.absolute()
        try:
            design = file.read(path)
        except Unreadable as error:
            raise Failed(_sentence(error.text)) from None
        return Claim(path, design, self._locked(path))

    def take(self, claim: Claim) -> None:
        """Show what was claimed."""
        self._forget(keep=claim.lock)
        self._document.load(claim.design, claim.path)
        self._keep(claim.path, claim.lock)
        self.opened.emit(claim.path)

    def open(self, path: Path) -> None:
        """Open a design file. Raises Failed; the open design then stays."""
        self.take(self.claim(path))

    def look_at(self, path: Path) -> None:
        """Show a design file without a claim to it, for a picture. Raises Failed."""
        try:
            self._document.load(file.read(path.absolute()), path.absolute())
        except Unreadable as error:
            raise Failed(_sentence(error.text)) from None

    def recover(self, design: Design, path: Path | None) -> None:
        """Show a design that was saved for recovery. Raises Failed where its file is open elsewhere."""
        lock = self._locked(path) if path is not None else None
        self._forget(keep=lock)
        self._document.load(design, path, edited=True)
        if path is not None and lock is not None:
            self._keep(path, lock)

    def save(self, path: Path | None = None) -> Path:
        """Write the design to its file, or to another one, as a whole or not at all. Raises Failed."""
        target = path or self._document.path
        if target is None:
            raise Failed("The design has no file yet; choose one with Save as.")
        target = _with_suffix(target.absolute())
        other = target != self._document.path
        if not other and self._is_changed(target):
            self.changed_on_disk.emit(target)
            raise Failed(
                f"{target.name} was changed by another program since it was opened; decide first which to keep."
            )
        lock = self._locked(target) if other else self._lock
        try:
            file.write(target, self._document.design)
        except (OSError, ValueError) as error:
            if other and lock is not None:
                lock.unlock()
            reason = getattr(error, "strerror", None) or str(error)
            raise Failed(
                f"{target.name} could not be saved ({reason}); the old file is as it was and your changes are "
                "kept here: mend that, or save elsewhere with Save as."
            ) from None
        if other:
            self._forget()
        self._document.saved(target)
        self._keep(target, lock)
        self.opened.emit(target)
        return target

    def save_copy(self, path: Path) -> Path:
        """Write the design to another file and go on with this one. Raises Failed."""
        target = _with_suffix(path.absolute())
        if target == self._document.path:
            raise Failed(f"{target.name} is the design's own file; a copy needs another name.")
        lock = self._locked(target)
        try:
            file.write(target, self._document.design)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise Failed(f"{target.name} could not be written ({reason}); choose another place.") from None
        finally:
            if lock is not None:
                lock.unlock()
        return target

    def keep_mine(self) -> None:
        """The design here is what counts: the next save replaces what another program wrote."""
        if self._document.path is not None:
            self._known = _digest(self._document.path)
            self._document.undo_stack.resetClean()

    def reload(self) -> None:
        """Take the file as it is on disk. Raises Failed."""
        path = self._document.path
        if path is not None:
            lock, self._lock = self._lock, None
            if lock is not None:
                lock.unlock()
            self.open(path)

    def release(self) -> None:
        """The window goes: the file is free for others."""
        self._forget()

    def _locked(self, path: Path) -> QLockFile | None:
        """The lock of a file. Raises Failed where another window holds it; a folder that takes none has none."""
        if self._lock is not None and path == self._document.path:
            return self._lock
        lock = QLockFile(str(path.parent / f".{path.name}.lock"))
        lock.setStaleLockTime(0)
        if lock.tryLock(100):
            return lock
        if lock.error() == QLockFile.LockError.LockFailedError:
            raise Failed(f"{path.name} is open in another Layerloom window; close it there first.")
        return None

    def _keep(self, path: Path, lock: QLockFile | None) -> None:
        self._lock = lock
        self._known = _digest(path)
        self._watch(path)

    def _watch(self, path: Path) -> None:
        wanted = {str(path), str(path.parent)} if path.exists() else {str(path.parent)}
        there = {*self._watcher.files(), *self._watcher.directories()}
        if wanted - there:
            self._watcher.addPaths(sorted(wanted - there))

    def _forget(self, keep: QLockFile | None = None) -> None:
        if self._document.path is not None:
            self.left.emit(self._document.path)
        if self._lock is not None and self._lock is not keep:
            self._lock.unlock()
        self._lock = None
        self._known = b""
        there = [*self._watcher.files(), *self._watcher.directories()]
        if there:
            self._watcher.removePaths(there)

    def _look(self) -> None:
        path = self._document.path
        if path is None or not path.exists():
            return
        self._watch(path)
        if self._is_changed(path):
            self.changed_on_disk.emit(path)

    def _is_changed(self, path: Path) -> bool:
        """Whether the file holds something that we neither read nor wrote."""
        now = _digest(path)
        return bool(now and self._known and now != self._known)


def _with_suffix(path: Path) -> Path:
    return path if path.name.endswith(SUFFIX) else path.with_name(path.name.removesuffix(".json") + SUFFIX)


def _digest(path: Path) -> bytes:
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return b""


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
