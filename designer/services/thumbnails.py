"""Small pictures of templates and files, made by a child process and kept in the user's cache folder."""

from __future__ import annotations

import json
import os
import stat
import sys
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

import designer
from graph_ir.file import SUFFIX

WAIT_MS = 300  # the window comes first
END_MS = 2000
SHARP = 2  # pixels of a picture to one of the screen
REVISION = 1  # of how pictures are drawn; those of another one are made anew


@dataclass(frozen=True)
class Source:
    """What a picture is of: a template by its name or a file by its path, as it is now."""

    kind: str
    name: str
    key: str


@dataclass(frozen=True)
class Thumbnail:
    """A picture, and how many parameters the network has, in words."""

    pixmap: QPixmap
    parameters: str


@cache
def of_template(name: str) -> Source:
    """The picture of a template; another text is another picture."""
    text = (files("assets") / "templates" / f"{name}{SUFFIX}").read_bytes()
    return Source("template", name, _key(b"template", text))


def of_file(path: Path) -> Source | None:
    """The picture of a file as it is on disk now; None for what is no file."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    state = f"{found.st_mtime_ns} {found.st_size}".encode()
    return Source("file", str(path), _key(os.fsencode(path), state))


def picture_path(folder: Path, key: str, look: str) -> Path:
    """Where a picture is kept."""
    return folder / f"{key}-{look}.png"


class Thumbnails(QObject):
    """Gives pictures that are there at once, and has the others made; `ready` names those that have come."""

    ready = Signal(str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._known: dict[tuple[str, str], Thumbnail] = {}
        self._asked: dict[str, Source] = {}
        self._tried: set[str] = set()
        self._given: set[str] = set()
        self._child: QProcess | None = None
        self._wait = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._wait.timeout.connect(self._start)

    def get(self, source: Source, look: str) -> Thumbnail | None:
        """The picture in a look, or None until `ready` tells of it."""
        known = self._known.get((source.key, look))
        if known is not None:
            return known
        if source.key in self._asked:
            return None
        image = QImage(str(picture_path(self._folder, source.key, look)))
        if not image.isNull():
            image.setDevicePixelRatio(SHARP)
            found = Thumbnail(QPixmap.fromImage(image), image.text("parameters"))
            self._known[source.key, look] = found
            return found
        if source.key not in self._tried:  # what could not be drawn once is not tried again
            self._tried.add(source.key)
            self._asked[source.key] = source
            self._wait.start()
        return None

    def close(self) -> None:
        """Nobody waits for pictures any more."""
        self._wait.stop()
        self._asked.clear()
        if self._child is not None:
            self._child.kill()
            self._child.waitForFinished(END_MS)

    def _start(self) -> None:
        if self._child is not None:
            return
        child = self._child = QProcess(self)
        child.setProgram(sys.executable)
        child.setArguments(["-m", "designer.miniature", str(self._folder)])
        place = QProcessEnvironment.systemEnvironment()
        home = str(Path(designer.__file__).parent.parent)  # where this program itself was found
        place.insert("PYTHONPATH", os.pathsep.join(filter(None, (home, place.value("PYTHONPATH")))))
        place.insert("PYTHONSAFEPATH", "1")  # a module of that name in the folder one works in is not ours
        child.setProcessEnvironment(place)
        child.setStandardErrorFile(QProcess.nullDevice())
        child.readyReadStandardOutput.connect(self._read)
        child.finished.connect(self._ended)
        child.errorOccurred.connect(self._failed)
        child.start()
        self._given = set(self._asked)
        for source in self._asked.values():
            child.write(json.dumps([source.key, source.kind, source.name]).encode() + b"\n")
        child.closeWriteChannel()

    def _read(self) -> None:
        while self._child is not None and self._child.canReadLine():
            key = bytes(self._child.readLine().data()).decode().strip()
            self._asked.pop(key.removeprefix("-"), None)
            self.ready.emit(key.removeprefix("-"))

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._forget_child()
            self._asked.clear()

    def _ended(self) -> None:
        """More may have been asked for meanwhile; what this child was given and left out stays without a picture."""
        self._forget_child()
        self._asked = {key: source for key, source in self._asked.items() if key not in self._given}
        if self._asked:
            self._wait.start()

    def _forget_child(self) -> None:
        if self._child is not None:
            self._child.deleteLater()
        self._child = None


def _key(*parts: bytes) -> str:
    whole = sha256(f"{REVISION}".encode())
    for part in parts:
        whole.update(sha256(part).digest())
    return whole.hexdigest()[:32]
