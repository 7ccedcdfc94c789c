"""What commands say: results on stdout, everything else on stderr, never anything a terminal would obey."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any, TextIO

FINE, FAILED, WRONG = 0, 1, 2
"""The exit codes: fine; the design has errors or the job failed; wrong usage or an unreadable file."""


class Failure(Exception):
    """A command cannot do what was asked: one sentence for people (what, where, why, what next) and an exit code."""

    def __init__(self, sentence: str, code: int = FAILED) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


def need_torch(purpose: str) -> None:
    """Raises Failure where torch is not installed; looks without importing it."""
    if find_spec("torch") is None:
        remedy = "install it with: pip install 'layerloom[train]'"
        raise Failure(f"layerloom: torch is not installed, so it can't {purpose}; {remedy}")


def prepare_streams() -> None:
    """Lets text in any alphabet pass through streams of any encoding."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def plain(text: str) -> str:
    """The text with everything a terminal would act on (control and direction characters) written as `\\x1b`."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(char if char == "\n" or char.isprintable() else ascii(char)[1:-1] for char in text)


def result(text: str) -> None:
    """A result for people, on stdout."""
    _write(sys.stdout, plain(text.removesuffix("\n")))


def result_json(value: Mapping[str, Any] | list[Any], *, indent: int | None = None) -> None:
    """A result for programs, on stdout: one line unless indented, ASCII so that no encoding can break it."""
    _write(sys.stdout, json.dumps(value, indent=indent, allow_nan=False))


def say(text: str) -> None:
    """Progress or an error, on stderr, as one line."""
    _write(sys.stderr, plain(" ".join(text.split("\n"))))


def show(text: str) -> None:
    """Lines that go with an error (a difference), on stderr."""
    _write(sys.stderr, plain(text))


def _write(stream: TextIO, text: str) -> None:
    stream.write(text + "\n")
    stream.flush()
