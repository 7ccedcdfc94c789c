"""How long the window takes to stand on a screen, from the start of the process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.measure import Figures
from tests.commandline import environment, process


def figures() -> Figures:
    """First and second start on a virtual screen; nothing where there is no Xvfb or no xdotool."""
    if not shutil.which("Xvfb") or not shutil.which("xdotool"):
        print("window: skipped, it needs Xvfb and xdotool", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process("new", "digits", cwd=folder)
        with subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", "1440x900x24"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as screen:
            try:
                assert screen.stdout is not None
                display = f":{screen.stdout.readline().decode().strip()}"
                yield "window on screen, first start", _shown(folder, display), "s", None, False
                times = [_shown(folder, display) for _ in range(5)]
                yield "window on screen, later starts (median of 5)", sorted(times)[2], "s", 1.0, False
            finally:
                screen.terminate()


def _shown(folder: Path, display: str) -> float:
    """Seconds until the window manager's view of the world holds a visible window of the process."""
    place = environment() | {"DISPLAY": display, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    place.pop("QT_QPA_PLATFORM", None)
    place.pop(
        "PYTHONDONTWRITEBYTECODE", None
    )  # a later start finds the bytecode of the first, as for anybody
    began = time.perf_counter()
    command = [sys.executable, "-P", "-m", "designer", "gui", "digits.loom.json"]
    with subprocess.Popen(command, cwd=folder, env=place, stderr=subprocess.DEVNULL) as child:
        try:
            return _wait(child.pid, display, began)
        finally:
            child.kill()


def _wait(pid: int, display: str, began: float) -> float:
    look = ["xdotool", "search", "--onlyvisible", "--pid", str(pid)]
    while time.perf_counter() - began < 30:
        found = subprocess.run(
            look, env={**os.environ, "DISPLAY": display}, capture_output=True, text=True, check=False
        )
        if found.stdout.strip():
            return time.perf_counter() - began
        time.sleep(0.01)
    return float("inf")
