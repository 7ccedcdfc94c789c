"""Puts the files of an export into a folder that may hold an earlier export and other people's work.

What was written is remembered by its hash in `.layerloom.json`, so that a file that somebody changed is noticed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from codegen.difference import difference
from graph_ir.atomic import atomic_write
from graph_ir.edits import Refused

MANIFEST = ".layerloom.json"
_HASHES = "sha256"

Content = bytes | Path
"""What a file is to hold: these bytes, or those of another file."""
Known = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Written:
    """What an export did: the files written; those of an earlier export that went, since it writes them no longer;
    those that would have gone, but somebody has changed them; and what else is to be said, in sentences.
    """

    paths: tuple[Path, ...]
    removed: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """A file that is somebody's work, and how it differs from what would be written (see `difference`)."""

    path: Path
    difference: str


class Changed(Refused):
    """Files in the folder are somebody's work, so nothing was written; `changes` name each, `what` says so."""

    def __init__(self, changes: Sequence[Change]) -> None:
        first, more = changes[0].path, len(changes) - 1
        others = f" and {more} other{'s' if more > 1 else ''}" if more else ""
        self.what = f"{first}{others} {'were' if more else 'was'} changed by somebody, so nothing was written"
        super().__init__(f"{self.what}; move {'them' if more else 'it'} away, or overwrite with --force.")
        self.changes = tuple(changes)


def write(folder: Path, contents: Mapping[str, Content], *, force: bool = False) -> Written:
    """Puts files into a folder, made if need be, and takes away what an earlier export left and nobody changed.

    `contents` are named by their path in the folder, with forward slashes. Raises Changed where somebody's work is in
    the way and `force` is not set, and Refused where the folder can't be written; then nothing has been changed, but
    where the system fails half-way (a full disk): each file is then the old or the new one, and a second try goes on.
    """
    refuse_occupied(folder, contents, force=force)
    known = _known(folder)
    old = [name for name in known if name not in contents and _is_inside(folder, name)]
    try:
        new = {name: [_digest(content)] for name, content in contents.items()}
        folder.mkdir(parents=True, exist_ok=True)
        # Both hashes until all is in place: an export cut short does not look like somebody's edit.
        _remember(folder, {**known, **{name: [*known.get(name, []), *new[name]] for name in new}})
        for name, content in contents.items():
            _put(folder / name, content)
        ours = [name for name in old if _digest_there(folder / name) in known[name]]
        for name in ours:
            _remove(folder, name)
        _remember(folder, new)
    except OSError as error:
        raise _unwritable(folder, error) from None
    kept = [folder / name for name in old if name not in ours and (folder / name).exists()]
    return Written(
        tuple(folder / name for name in contents), tuple(folder / name for name in ours), tuple(kept)
    )


def refuse_occupied(folder: Path, contents: Mapping[str, Content], *, force: bool = False) -> None:
    """Raises what `write` would raise of these files before it writes anything."""
    _refuse_obstacles(folder, contents)
    if not force:
        _refuse_edited(folder, contents, _known(folder))


def _refuse_obstacles(folder: Path, contents: Mapping[str, Content]) -> None:
    """What may never be written over, however much it is wished."""
    for name in (*contents, MANIFEST):
        path = folder / name
        if path.is_symlink():
            raise Refused(f"{path} is a link, and what it leads to is not this folder's; remove it.")
        if path.is_dir():
            raise Refused(f"{path} is a folder, but a file of that name is to be written; remove it.")


def _refuse_edited(folder: Path, contents: Mapping[str, Content], known: Known) -> None:
    changes = [
        Change(folder / name, _difference(name, folder / name, content))
        for name, content in contents.items()
        if _is_edited(folder / name, content, known.get(name, ()))
    ]
    if changes:
        raise Changed(changes)


def _is_edited(path: Path, content: Content, known: Sequence[str]) -> bool:
    if not path.exists():
        return False
    try:
        found = _digest(path)
    except OSError as error:
        raise Refused(f"{path} is in the way and can't be read ({error.strerror}); remove it.") from None
    return found not in known and found != _digest(content)


def _difference(name: str, path: Path, content: Content) -> str:
    if isinstance(content, Path):
        return f"{name}: another file than {content}"
    return difference(name, path.read_bytes(), content)


def _put(path: Path, content: Content) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        atomic_write(path, content)
        return
    # A table of vectors may be larger than the memory.
    with tempfile.TemporaryDirectory(prefix=".layerloom-", dir=path.parent) as beside:
        copy = shutil.copyfile(content, Path(beside) / "copy")
        os.replace(copy, path)


def _is_inside(folder: Path, name: str) -> bool:
    """Whether a name of a manifest, which anybody may have written, means a plain file of this folder."""
    parts = PurePosixPath(name).parts
    path = folder / name
    is_plain = bool(parts) and ".." not in parts and name != MANIFEST and not path.is_symlink()
    return is_plain and path.resolve().is_relative_to(folder.resolve()) and path.is_file()


def _remove(folder: Path, name: str) -> None:
    path = folder / name
    path.unlink()
    for parent in path.parents:
        if parent == folder:
            return
        with contextlib.suppress(OSError):  # something else lies in it
            parent.rmdir()


def _digest_there(path: Path) -> str:
    try:
        return _digest(path)
    except OSError:
        return ""


def _digest(content: Content) -> str:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _known(folder: Path) -> dict[str, list[str]]:
    """What an earlier export wrote; nothing where its manifest is missing or damaged."""
    try:
        found: Any = json.loads((folder / MANIFEST).read_bytes())[_HASHES]
        return dict(_pairs(found))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _pairs(found: Any) -> Iterator[tuple[str, list[str]]]:
    for name, hashes in found.items():
        if "\0" not in name:
            yield name, [str(one) for one in hashes]


def _remember(folder: Path, hashes: Mapping[str, Sequence[str]]) -> None:
    text = json.dumps({"written by": "layerloom export", _HASHES: hashes}, indent=1, sort_keys=True)
    atomic_write(folder / MANIFEST, f"{text}\n".encode())


def _unwritable(folder: Path, error: OSError) -> Refused:
    reason = error.strerror or type(error).__name__
    return Refused(f"{error.filename or folder} can't be written ({reason}); choose another folder.")
