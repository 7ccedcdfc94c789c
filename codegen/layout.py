"""Lays out one statement of Python in 88 columns as `ruff format` does, for the few forms that are printed.

A formatter is no dependency of ours, so the printer must leave nothing for one to change; tests compare.
"""

from __future__ import annotations

from graph_ir.spelling import is_spelled

WIDTH = 88
_OPEN, _CLOSE = "([{", ")]}"


def literal(value: object) -> str:
    """A plain value as Python source, ASCII only: text between double quotes unless that needs more escapes.

    >>> literal('say "hi"'), literal("a\\nb"), literal((1, None)), literal(1e-5)
    ('\\'say "hi"\\'', '"a\\\\nb"', '(1, None)', '1e-05')
    """
    if isinstance(value, tuple):
        inner = ", ".join(map(literal, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if not isinstance(value, str) or is_spelled(value):
        return repr(value)
    quote = "'" if value.count('"') > value.count("'") else '"'
    body = value.encode("unicode_escape").decode().replace(quote, f"\\{quote}")
    return f"{quote}{body}{quote}"


def statement(text: str, indent: int, comment: str = "") -> list[str]:
    """The lines of one statement at `indent` spaces; the comment only where everything fits on one line."""
    margin = " " * indent
    if len(margin + text) > WIDTH:
        return _split(text, indent, "")
    commented = f"{margin}{text}  # {comment}"
    return [commented if comment and len(commented) <= WIDTH else margin + text]


def _split(text: str, indent: int, tail: str) -> list[str]:
    """Breaks `text + tail` at its last bracket, or puts brackets around what has none."""
    margin = " " * indent
    head, value, end = _bracketed(text, WIDTH - indent)
    if not value:
        return [margin + text + tail]
    inner = " " * (indent + 4)
    items, separator = _items(value, end)
    joined = inner + value
    lines = [margin + head]
    if len(joined) <= WIDTH:
        lines.append(joined)
    else:
        for item in items:
            lines += _line(item, indent + 4, separator if separator == "," else "")
    return [*lines, margin + end + tail]


def _line(text: str, indent: int, tail: str) -> list[str]:
    if indent + len(text) + len(tail) <= WIDTH:
        return [" " * indent + text + tail]
    *first, last = _operands(text)
    if first:
        return [row for part in first for row in _line(part, indent, "")] + _line(last, indent, tail)
    return _split(text, indent, tail)


def _bracketed(text: str, room: int) -> tuple[str, str, str]:
    """Head up to an opening bracket, what stands inside, and the closing bracket with what follows."""
    start = _value_start(text)
    value = text[start:]
    loose = len(_at_top(value, ",")) > 1 or len(_operands(value)) > 1
    if loose and start:
        return f"{text[:start]}(", value, ")"
    at = _last_opening(text, room)
    if at < 0:
        return text, "", ""
    close = _closing(text, at)
    return text[: at + 1], text[at + 1 : close], text[close:]


def _value_start(text: str) -> int:
    """Where the right-hand side of an assignment, or what is returned, begins; 0 for a bare expression."""
    if text.startswith("return "):
        return len("return ")
    depth = 0
    for i, letter in enumerate(text):
        depth += (letter in _OPEN) - (letter in _CLOSE)
        if not depth and text.startswith(" = ", i):
            return i + 3
    return 0


def _last_opening(text: str, room: int) -> int:
    """The opening bracket of the last pair on the outermost level, up to which there is room; else of the first."""
    depth, found = 0, [-1]
    for i, letter in enumerate(text):
        if letter in _OPEN:
            found += [] if depth else [i]
            depth += 1
        depth -= letter in _CLOSE
    fitting = [at for at in found[1:] if at < room]
    return fitting[-1] if fitting else found[:2][-1]


def _closing(text: str, opening: int) -> int:
    depth = 0
    for i in range(opening, len(text)):
        depth += (text[i] in _OPEN) - (text[i] in _CLOSE)
        if not depth:
            return i
    raise ValueError(f"no closing bracket in {text!r}")


def _items(value: str, end: str) -> tuple[list[str], str]:
    parts = _at_top(value, ",")
    if len(parts) > 1 or (end[:1] == ")" and not _operands(value)[1:]):
        return parts, ","
    return _operands(value), ""


def _at_top(text: str, separator: str) -> list[str]:
    """`text` cut at a separator outside all brackets."""
    parts, depth, start = [], 0, 0
    for i, letter in enumerate(text):
        depth += (letter in _OPEN) - (letter in _CLOSE)
        if letter == separator and not depth:
            parts.append(text[start:i].strip())
            start = i + 1
    return [*parts, text[start:].strip()]


def _choice(text: str) -> list[str]:
    """`a if b else c`, or what is made for each entry of a loop, cut before its words outside all brackets."""
    for words in ((" for ",), (" if ", " else ")):
        at = [_outside(text, word) for word in words]
        if -1 not in at:
            return [text[i:j].strip() for i, j in zip([0, *at], [*at, len(text)], strict=True)]
    return []


def _outside(text: str, word: str) -> int:
    """Where a word stands outside all brackets; -1 where it does not."""
    depth = 0
    for i, letter in enumerate(text):
        depth += (letter in _OPEN) - (letter in _CLOSE)
        if not depth and text.startswith(word, i):
            return i
    return -1


def _operands(text: str) -> list[str]:
    """A sum, a product or masks joined, cut before each operator of its loosest kind outside all brackets."""
    choice = _choice(text)
    if choice:
        return choice
    for operators in ((" or ",), (" and ",), (" & ",), (" + ", " - "), (" * ", " / ", " // ")):
        parts, depth, start = [], 0, 0
        for i, letter in enumerate(text):
            depth += (letter in _OPEN) - (letter in _CLOSE)
            if not depth and text.startswith(operators, i):
                parts.append(text[start:i].strip())
                start = i
        if parts:
            return [*parts, text[start:].strip()]
    return [text]
