"""Whole jobs: training every template as it is shipped, and the demonstration."""

from __future__ import annotations

import json
import re
import tempfile
import time
from pathlib import Path

from tests.benchmarks.measure import Figures
from tests.commandline import process

GOALS = {
    "digits": ("accuracy", 0.97, True, 60.0),
    "digits-lstm": ("accuracy", 0.95, True, None),
    "digit-strings": ("label_error_rate", 0.05, False, 360.0),
}


def templates() -> Figures:
    """Test figures and seconds on the CPU of each template with a goal."""
    for name, (metric, number, least, most) in GOALS.items():
        with tempfile.TemporaryDirectory() as folder:
            process("new", name, cwd=Path(folder))
            words = ("train", f"{name}.loom.json", "--run-dir", "run", "--device", "cpu")
            done = process(*words, cwd=Path(folder), timeout=1200)
            assert done.returncode == 0, done.stderr
            result = json.loads((Path(folder) / "run" / "result.json").read_text())
        yield f"{name}, test {metric}", result["metrics"]["test"][metric], "", number, least
        yield f"{name}, training", result["seconds"], "s", most, False


def demo() -> Figures:
    """The demonstration and its parts."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        done = process("demo", cwd=Path(folder), timeout=600)
        whole = time.perf_counter() - began
        assert done.returncode == 0, done.stderr
    titles = re.findall(r"^\d/7 (.*) …$", done.stderr, re.MULTILINE)
    parts = re.findall(r"^    (\d+\.\d) s$", done.stderr, re.MULTILINE)
    for title, part in zip(titles, parts, strict=True):
        yield f"demo: {title}", float(part), "s", None, False
    yield "demo, whole", whole, "s", 180.0, False
