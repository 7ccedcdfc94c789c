"""What differs between a file that lies in a folder and what is to be written there, for people to read."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

LINES = 40
"""So many lines of a difference are shown; more are counted."""
_WIDTH = 160
_LARGEST = 1 << 20


def difference(name: str, there: bytes, wanted: bytes) -> str:
    """A unified diff from the file that is there to the one that would be written, shortened; "" where they are equal.

    What is no text, or larger than a megabyte, is told in a sentence instead.
    """
    if there == wanted:
        return ""
    try:
        texts = there.decode("utf-8"), wanted.decode("utf-8")
    except UnicodeDecodeError:
        return (
            f"{name}: one of the two is no text ({len(there):,} bytes there, {len(wanted):,} to be written)"
        )
    if max(len(there), len(wanted)) > _LARGEST:
        return f"{name}: too large to compare ({len(there):,} bytes there, {len(wanted):,} to be written)"
    old, new = (text.replace("\r\n", "\n").splitlines() for text in texts)
    lines = list(unified_diff(old, new, f"{name} (as it is)", f"{name} (to be written)", lineterm=""))
    return "\n".join(_shortened(lines)) if lines else f"{name}: only the ends of its lines differ"


def _shortened(lines: list[str]) -> Iterator[str]:
    for line in lines[:LINES]:
        yield line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"
    more = len(lines) - LINES
    if more > 0:
        yield f"… and {more:,} more {'line' if more == 1 else 'lines'}"
