"""JSON without the surprises of `json.loads`: no NaN, duplicate keys, huge numbers, lone surrogates; bounded."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from math import isinf
from typing import Any

from graph_ir.locate import line_of_second_key, line_of_surrogate, line_of_token

LARGEST_FILE = 64 << 20
DEEPEST = 200
_OUTSIDE_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"?|([\[{])|([\]}])', re.DOTALL)


class NotJson(ValueError):
    """Bytes that are not the JSON we read; `line` (from 1) is where, if it is known."""

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.text, self.line = text, line


class _Unfit(ValueError):
    """What a hook of `json.loads` refuses; the hook does not know where it is, `line` finds it in the text."""

    def __init__(self, text: str, line: Callable[[str], int]) -> None:
        super().__init__(text)
        self.text, self.line = text, line


def loads(text: str) -> Any:
    """The value in the text. Raises NotJson, with the line where that is known."""
    if not text.strip():
        raise NotJson("it is empty", 1)
    _check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_int,
            parse_float=_float,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        reason = (error.msg[:1].lower() + error.msg[1:]).removesuffix(" at").removesuffix(" starting")
        raise NotJson(f"it is no JSON there ({reason})", error.lineno) from None
    except _Unfit as error:
        raise NotJson(error.text, error.line(text)) from None
    except RecursionError:
        raise NotJson(f"it is nested deeper than {DEEPEST} levels", 1) from None
    _check_surrogates(text, value)
    return value


def decoded(data: bytes) -> str:
    """The text in UTF-8 bytes, without a byte order mark. Raises NotJson."""
    if len(data) > LARGEST_FILE:
        raise NotJson(f"it has more than {LARGEST_FILE:,} bytes, the most a design may have", 1)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotJson("it is UTF-16 or UTF-32, but must be UTF-8", 1)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NotJson("it is no UTF-8 text there", line) from None


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    depth = 0
    for match in _OUTSIDE_STRINGS.finditer(text):
        depth += bool(match[1]) - bool(match[2])
        if depth > DEEPEST:
            line = text.count("\n", 0, match.start()) + 1
            raise NotJson(f"it is nested deeper than {DEEPEST} levels there", line)


def _check_surrogates(text: str, value: Any) -> None:
    if "\\u" not in text:
        return
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        sentence = "it holds half of a surrogate pair, which is no character"
        raise NotJson(sentence, line_of_surrogate(text)) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            break
        seen.add(key)
    raise _Unfit(f"the key {key[:60]!r} stands twice in one object", line_of_second_key)


def _int(text: str) -> int:
    if len(text) > 20 or not -(1 << 63) <= int(text) < 1 << 63:
        raise _Unfit(f"the number {text[:30]} does not fit into 64 bits", partial(line_of_token, token=text))
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if isinf(value):
        raise _Unfit(f"the number {text[:30]} is too large", partial(line_of_token, token=text))
    return value


def _constant(text: str) -> float:
    raise _Unfit(f"{text} is no number a design may hold", partial(line_of_token, token=text))
