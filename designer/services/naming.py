"""Names of files and designs as they are shown: any text at all, so cut, and nothing in it steers the screen."""

from __future__ import annotations

from pathlib import Path

TITLE = 60  # characters of a name in a title bar or a menu


def shown(text: str, limit: int = TITLE) -> str:
    """The text on one line, without control and direction characters, its middle left out where it is too long."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * limit])
    if len(text) <= limit:
        return plain
    tail = "".join(letter if letter.isprintable() else " " for letter in text[-(limit // 3) :])
    return f"{plain[: limit - limit // 3 - 1]}…{tail}"


def in_menu(text: str, limit: int = TITLE) -> str:
    """The same for a menu, where `&` is no mnemonic."""
    return shown(text, limit).replace("&", "&&")


def folder_words(path: Path) -> str:
    """Where a file lies, the home folder as `~`."""
    folder = path.parent
    home = Path.home()
    return str(Path("~") / folder.relative_to(home)) if folder.is_relative_to(home) else str(folder)
