"""What people type into a field, and back: one way for every kind, from what the kind itself accepts. No Qt."""

from __future__ import annotations

import json
import re
from typing import Any

from graph_ir.kinds import BadValue, Choice, Either, Flag, Integer, Json, Kind, Number, Span, is_expression

_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_UNIT = re.compile(r"\((\w+)\)$")
_WORDS = {"true": True, "false": False, "null": None, "none": None}


def parse(kind: Kind, text: str) -> Json:
    """The raw value that `text` means to `kind`: `3`, `3, 5`, `same`, `null`, `N, 1, 28, 28`, `=2*width`.

    Raises BadValue with a sentence that says what is allowed.
    """
    plain = text.strip()
    if is_expression(plain):
        if len(plain) == 1:
            raise BadValue("has nothing behind the `=`; write an expression such as `=2*width`")
        return plain
    for raw in _readings(plain):
        if kind.accepts(raw):
            kind.convert(raw)
            return raw
    raise BadValue(f"is {plain[:40]!r}, but must be {kind.describe()}")


def _readings(text: str) -> list[Json]:
    """Every raw value the text may mean, the plainest first."""
    found: list[Json] = []
    if text == "" or text.lower() in _WORDS:
        found.append(_WORDS.get(text.lower()))
    found += _scalars(text) + _nested(text)
    inner = text[1:-1] if text[:1] + text[-1:] in ("[]", "()") else text
    entries = [entry.strip().strip("'\"") for entry in re.split(r"[,×]", inner)]
    if inner and all(entries):
        found.append([entry_of(entry) for entry in entries])
    found.append(text)
    return found


def _nested(text: str) -> list[Json]:
    """What stands in JSON's brackets; nothing where it is not JSON."""
    if text[:1] not in ("{", "["):
        return []
    try:
        return [json.loads(text)]
    except (ValueError, RecursionError):
        return []


def _scalars(text: str) -> list[Json]:
    if _INTEGER.fullmatch(text):
        return [int(text)]
    return [float(text)] if _NUMBER.fullmatch(text) else []


def entry_of(text: str) -> Json:
    """One entry of a list: a number where it is one."""
    return next(iter(_scalars(text.strip())), text.strip())


def as_text(raw: Json) -> str:
    """A raw value as it stands in an editor; `parse` reads it back."""
    if raw is None:
        return "null"
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, float):
        short = f"{raw:.12g}"
        return short if float(short) == raw else repr(raw)
    if _holds_lists(raw):
        return json.dumps(raw, ensure_ascii=False)
    if isinstance(raw, list | tuple):
        return "[]" if not raw else ", ".join(as_text(entry) for entry in raw)
    return str(raw)


def _holds_lists(raw: Json) -> bool:
    """Whether a value is an object, or a list of lists: written as in a file."""
    return isinstance(raw, dict) or (
        isinstance(raw, list | tuple) and any(isinstance(entry, list | tuple | dict) for entry in raw)
    )


def is_nested(kind: Kind) -> bool:
    """Whether a kind holds an object or rows of a table, which take a long line."""
    return kind.schema().get("type") == "object" or is_rows(kind)


def is_rows(kind: Kind) -> bool:
    """Whether a kind holds the rows of a table."""
    return bool(kind.schema().get("items", {}).get("type") == "array")


def parts(kind: Kind) -> tuple[Kind, ...]:
    """The kinds that one is made of."""
    return tuple(kind.kinds) if isinstance(kind, Either) else (kind,)


def limits(kind: Kind, unit: str = "") -> str:
    """What a kind takes, short enough to stand beside a field: "1 or more pixels", "0 to 1", "zeros, reflect"."""
    if isinstance(kind, Either):
        return ", or ".join(limits(part, unit) for part in kind.kinds)
    if isinstance(kind, Span):
        item = limits(kind.item, unit)
        return item if kind.rank == 1 else f"{item}, one for all {kind.rank} axes or one each"
    if isinstance(kind, Integer | Number):
        return " ".join(filter(None, (_range(kind), unit)))
    if isinstance(kind, Flag):
        return "on or off"
    return ", ".join(kind.options) if isinstance(kind, Choice) else kind.describe()


def _range(kind: Integer | Number) -> str:
    low, high = kind.low, kind.high
    if isinstance(kind, Number) and kind.above:
        return f"above {low:g}" + (f", at most {high:g}" if high is not None else "")
    if low is not None:
        return f"{low:g} or more" if high is None else f"{low:g} to {high:g}"
    what = "number" if isinstance(kind, Number) else "whole number"
    return f"any {what}" if high is None else f"at most {high:g}"


def unit_of(help: str) -> str:
    """The unit that a help text ends with: "pixels" of "step (pixels)"."""
    found = _UNIT.search(help)
    return found[1] if found else ""


def choices(kind: Kind) -> tuple[str, ...]:
    """The words a kind offers."""
    return tuple(word for part in parts(kind) if isinstance(part, Choice) for word in part.options)


def step(kind: Kind, text: str, steps: int) -> str | None:
    """The text some steps up or down within the limits; None where there is nothing to count."""
    for part in parts(kind):
        item = part.item if isinstance(part, Span) else part
        if isinstance(item, Integer) and _INTEGER.fullmatch(text.strip()):
            return str(int(_clamp(int(text) + steps, item.low, item.high)))
        if isinstance(item, Number) and (_INTEGER.fullmatch(text.strip()) or _NUMBER.fullmatch(text.strip())):
            value = float(text)
            by = 0.1 if item.high is not None and item.high <= 1 else 1.0
            moved = _clamp(round(value + steps * by, 10), item.low, item.high)
            return text if item.above and item.low is not None and moved <= item.low else as_text(moved)
    return None


def counts(kind: Kind) -> bool:
    """Whether the arrow keys may step the value."""
    inner = [part.item if isinstance(part, Span) else part for part in parts(kind)]
    return any(isinstance(part, Integer | Number) for part in inner)


def _clamp(value: float, low: float | None, high: float | None) -> Any:
    if low is not None:
        value = max(value, low)
    return min(value, high) if high is not None else value
