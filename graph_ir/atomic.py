"""Writing a file so that a reader, a crash or a full disk sees the old one or the new one, never a third state."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


def atomic_write(path: str | os.PathLike[str], data: bytes) -> None:
    """Replaces the file at `path` by `data`. Raises OSError and leaves the old file where anything fails.

    Temp file beside the target, write, flush, fsync, replace, fsync of the folder: measured to survive full disks
    and kills where QSaveFile and plain writes did not. A link stays a link: what it points to is replaced.
    """
    try:
        _replace(Path(os.path.realpath(path)), data)
    except OSError as error:
        error.filename = os.fspath(path)  # the name its reader knows, not the temp file's
        raise


def _replace(target: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _mode(target))
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    _sync_folder(target.parent)


def _mode(target: Path) -> int:
    """The old file's permissions, or what a new file gets under the user's umask."""
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
