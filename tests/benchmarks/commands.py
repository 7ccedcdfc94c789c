"""What a command costs from the first byte of Python to its exit."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.measure import Figures, seconds
from tests.commandline import process


def figures() -> Figures:
    """Seconds of each quick command."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process("new", "digits", cwd=folder)
        for words in ("--version", "layers", "check digits.loom.json", "render digits.loom.json -o a.svg"):
            yield (
                f"layerloom {words}",
                seconds(lambda words=words: process(*words.split(), cwd=folder)),
                "s",
                None,
                False,
            )
