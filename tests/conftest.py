"""What holds for every test: no Qt warning (see pyproject.toml), no logged error, no process left behind."""

from __future__ import annotations

import ctypes
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import run

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
_home = tempfile.TemporaryDirectory(prefix="layerloom-settings-")
os.environ["XDG_CONFIG_HOME"] = (
    _home.name
)  # no test may read or change the settings of the person who runs it
os.environ.pop("PYTHONUNBUFFERED", None)  # it would hide what a child forgets to flush
# A process that outlives its own parent becomes ours, so that it is seen (36 is PR_SET_CHILD_SUBREAPER).
if run.LINUX:
    ctypes.CDLL(None).prctl(36, 1)

GRACE = 3.0  # seconds for a child that has been told to end


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("window"):
        missing = run.missing_packages(run.LIBRARIES | run.SCREEN_LIBRARIES, run.TEST_TOOLS)
        if missing or not run.LINUX:
            pytest.skip(f"a real window needs a virtual screen: sudo apt-get install {' '.join(missing)}")


@pytest.fixture(autouse=True)
def no_logged_error(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A test that provokes an error looks at its record and then calls `caplog.clear()`."""
    yield
    errors = [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert not errors, f"logged at ERROR: {errors}"


@pytest.fixture(autouse=True)
def no_process_left() -> Iterator[None]:
    before = children()
    yield
    end = time.monotonic() + GRACE
    while (left := children().keys() - before.keys()) and time.monotonic() < end:
        time.sleep(0.02)
    assert not left, f"processes left behind: {[children().get(pid, 'ended late') for pid in left]}"


def children() -> dict[int, str]:
    """Process ids and commands of our living children; none where there is no /proc."""
    found: dict[int, str] = {}
    for task in Path("/proc/self/task").glob("*/children"):
        for pid in task.read_text().split():
            command = command_of(Path("/proc") / pid)
            if command:
                found[int(pid)] = command
    return found


def command_of(process: Path) -> str:
    """Empty for a zombie and for the helper that multiprocessing keeps for the life of an interpreter."""
    try:
        command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""
    return "" if "multiprocessing.resource_tracker" in command else command
