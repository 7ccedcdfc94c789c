"""How fluent the canvas is at 50 to 10,000 layers, and a plain Qt scene beside it; offscreen, then on a virtual screen.

Frames are in milliseconds of processor time, painted by software; each size runs in a process of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.measure import Figures
from tests.commandline import ROOT, environment

SIZES = (50, 500, 5_000, 10_000)
FRAME_GOALS = {500: 8.0, 5_000: 16.0, 10_000: 33.0}
FRAMES = ("pan at", "whole picture at", "zoom in and out", "drag a layer at")
OTHER_GOALS = {
    (5_000, "open, from text to first picture"): 1.0,
    (5_000, "memory, grown by"): 400.0,
    (500, "one edit, all panels in step: median"): 10.0,
}


def figures() -> Figures:
    """Offscreen for every size, the edit at 500, the plain scene; then 5,000 under Xvfb, where it is installed."""
    for size in SIZES:
        yield from _child("frames", size, "", {"QT_QPA_PLATFORM": "offscreen"})
    for size in (50, 500):
        yield from _child("edit", size, "", {"QT_QPA_PLATFORM": "offscreen"})
    for size in (500, 5_000):
        yield from _child("plain", size, "plain Qt scene: ", {"QT_QPA_PLATFORM": "offscreen"})
    if not shutil.which("Xvfb"):
        print("canvas: not measured on a virtual screen, it needs Xvfb", file=sys.stderr)
        return
    with _screen() as display:
        yield from _child("frames", 5_000, "Xvfb: ", {"QT_QPA_PLATFORM": "xcb", "DISPLAY": display})


def _child(what: str, size: int, before: str, place: dict[str, str]) -> Figures:
    """The figures of one process."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.canvas_child", what, str(size)],
        cwd=ROOT,
        env=environment() | place,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    for line in done.stdout.splitlines():
        title, number, unit = json.loads(line)
        goal = OTHER_GOALS.get((size, title)) if not before else None
        if title.startswith(FRAMES) and title.endswith("median") and before != "plain Qt scene: ":
            goal = FRAME_GOALS.get(size)
        yield f"{before}{size:,}: {title}", number, unit, goal, False


@contextmanager
def _screen() -> Iterator[str]:
    with subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1440x900x24"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(os.environ),
    ) as server:
        try:
            assert server.stdout is not None
            yield f":{server.stdout.readline().decode().strip()}"
        finally:
            server.terminate()
