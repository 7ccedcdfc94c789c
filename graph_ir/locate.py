"""The line of a place in JSON text, for error messages. `json` itself says it only for broken syntax.

Used when something is wrong already, so plain and slow is fine; linear, and not recursive in the depth.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)
Place = tuple[str | int, ...]
"""Where a value is in the file: keys and indices, from the top."""
_Step = str | int | None


def line_of(text: str, place: Sequence[str | int]) -> int:
    """Where the value at `place` (keys and indices) begins, or its key; of a missing one, where its parent begins."""
    wanted = list(place)
    while wanted:
        found = next((at for steps, _, at in _values(text) if steps == wanted), None)
        if found is not None:
            return _line(text, found)
        wanted.pop()
    return 1


def layer_lines(text: str) -> dict[tuple[str, str, str], int]:
    """Where each layer stands, by (network, id, ""), and each of its fields, by (network, id, field)."""
    lines: dict[tuple[str, str, str], int] = {}
    line, counted = 1, 0
    for steps, token, at in _values(text):
        depth = 2 if steps[:1] == ["blocks"] else 0
        inner = steps[depth:]
        if token != ":" or len(inner) not in (3, 4) or inner[:2] != ["network", "layers"]:
            continue
        line, counted = line + text.count("\n", counted, at), at
        network = str(steps[1]) if depth else ""
        lines[network, str(inner[2]), str(inner[3]) if len(inner) == 4 else ""] = line
    return lines


def line_of_token(text: str, token: str) -> int:
    """Where this number or name stands first outside of all texts."""
    return next((_line(text, match.start()) for match in _TOKEN.finditer(text) if match[0] == token), 1)


def line_of_second_key(text: str) -> int:
    """Where a key stands for the second time in its object."""
    seen: list[set[str]] = []
    for steps, token, at in _values(text):
        while len(seen) < len(steps):
            seen.append(set())
        del seen[len(steps) :]
        key = steps[-1] if steps else None
        if not isinstance(key, str) or token != ":":
            continue
        if key in seen[-1]:
            return _line(text, at)
        seen[-1].add(key)
    return 1


def line_of_surrogate(text: str) -> int:
    """Where a text stands that holds half of a surrogate pair."""
    for match in _TOKEN.finditer(text):
        if "\\u" in match[0] and not _whole(match[0]):
            return _line(text, match.start())
    return 1


def _whole(token: str) -> bool:
    try:
        json.loads(token, strict=False).encode()
    except ValueError:  # UnicodeEncodeError is one
        return False
    return True


def _values(text: str) -> Iterator[tuple[list[_Step], str, int]]:
    """Every value and key: its path (one live list), its token (":" for a key) and its offset."""
    steps: list[_Step] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in "]}":
            if steps:
                steps.pop()
            yield steps, token, match.start()
        elif token == ",":
            last = steps.pop() if steps else None
            steps.append(last + 1 if isinstance(last, int) else None)
        elif steps and steps[-1] is None and token[0] == '"':
            steps[-1] = json.loads(token, strict=False)
            yield steps, ":", match.start()
        elif token != ":":
            yield steps, token, match.start()
            if token in "[{":
                steps.append(0 if token == "[" else None)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
