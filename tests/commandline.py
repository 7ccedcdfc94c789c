"""Runs `layerloom` in this process, or as a process of its own where that is the point."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from designer.commandline.main import main

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Outcome:
    """What one command left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """One JSON value per line of stdout."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def json(self) -> Any:
        """All of stdout as one JSON value."""
        return json.loads(self.out)


Run = Callable[..., Outcome]


@pytest.fixture
def layerloom(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:  # --help and --version
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        assert "Traceback" not in err or "--debug" in arguments
        return Outcome(code, out, err)

    return run


def process(*arguments: object, cwd: Path, timeout: float = 170) -> subprocess.CompletedProcess[str]:
    """Runs a command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "designer", *map(str, arguments)],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def environment() -> dict[str, str]:
    """Ours, without a display, and with this checkout importable from any folder."""
    kept = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return {**kept, "PYTHONPATH": str(ROOT)}
