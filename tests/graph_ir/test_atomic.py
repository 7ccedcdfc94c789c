"""Saving: the old file or the new one, never a third state."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from graph_ir.atomic import atomic_write

KILLED = """
import sys
from graph_ir.atomic import atomic_write
print("ready", flush=True)
while True:
    for letter in (b"a", b"b"):
        atomic_write(sys.argv[1], letter * 300_000)
"""


def test_replaces_and_keeps_permissions(tmp_path: Path) -> None:
    target = tmp_path / "design.loom.json"
    target.write_bytes(b"old")
    target.chmod(0o640)
    atomic_write(target, b"new")
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == [target.name]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to(real)
    atomic_write(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "design.loom.json"
    target.write_bytes(b"old")
    full = os.open("/dev/full", os.O_WRONLY)

    def onto_the_full_disk(prefix: str, suffix: str, dir: Path) -> tuple[int, str]:
        name = str(dir / "temporary")
        Path(name).touch()
        return os.dup(full), name

    monkeypatch.setattr("tempfile.mkstemp", onto_the_full_disk)
    with pytest.raises(OSError, match="No space left"):
        atomic_write(target, b"new" * 100_000)
    os.close(full)
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == [target.name]


def kill_while_saving(folder: Path, times: int) -> None:
    target = folder / "design.loom.json"
    whole = {letter * 300_000 for letter in (b"a", b"b")}
    atomic_write(target, next(iter(whole)))
    for i in range(times):
        with subprocess.Popen([sys.executable, "-c", KILLED, str(target)], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(0.01 + 0.003 * (i % 17))
            child.send_signal(signal.SIGKILL)
        assert target.read_bytes() in whole


def test_killed_while_saving(tmp_path: Path) -> None:
    kill_while_saving(tmp_path, 10)


@pytest.mark.campaign
def test_killed_500_times_while_saving(tmp_path: Path) -> None:
    kill_while_saving(tmp_path, 500)
