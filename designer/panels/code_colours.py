"""The colours of printed Python: comments, strings, words of the language and numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from keyword import kwlist

from PySide6.QtGui import QTextCharFormat, QTextLayout

from designer.theme import Theme

_TOKENS = re.compile(
    r"(?P<comment>#.*)|(?P<string>[rbfu]*\"\"\".*?(?:\"\"\"|$)|[rbfu]*\"(?:\\.|[^\"\\])*\"|[rbfu]*'(?:\\.|[^'\\])*')"
    rf"|(?P<word>\b(?:{'|'.join((*kwlist, 'self'))})\b)|(?P<number>\b\d[\d_.]*(?:[eE][+-]?\d+)?\b)"
)
_ROLES = {"comment": "quiet", "string": "good", "word": "hint", "number": "warning"}
_QUOTES = '"""'


class Colours:
    """Colours single lines, so that only those in sight cost anything."""

    def __init__(self, theme: Theme) -> None:
        self._formats: dict[str, QTextCharFormat] = {}
        for kind, role in _ROLES.items():
            made = QTextCharFormat()
            made.setForeground(theme.colour(role))
            self._formats[kind] = made

    def ranges(self, line: str, *, inside: bool) -> list[QTextLayout.FormatRange]:
        """What to colour in a line; `inside`: it begins within a string over several lines."""
        found: list[QTextLayout.FormatRange] = []
        start = 0
        if inside:
            end = line.find(_QUOTES)
            start = len(line) if end < 0 else end + len(_QUOTES)
            found.append(self._range(0, start, "string"))
        for token in _TOKENS.finditer(line, start):
            found.append(self._range(token.start(), token.end() - token.start(), str(token.lastgroup)))
        return found

    def _range(self, start: int, length: int, kind: str) -> QTextLayout.FormatRange:
        made = QTextLayout.FormatRange()
        made.start, made.length, made.format = start, length, self._formats[kind]
        return made


def inside_strings(lines: Sequence[str]) -> list[bool]:
    """Of each line whether it begins within a string over several lines, as printed code has in docstrings."""
    found, inside = [], False
    for line in lines:
        found.append(inside)
        if _QUOTES in line and line.count(_QUOTES) % 2:
            inside = not inside
    return found
