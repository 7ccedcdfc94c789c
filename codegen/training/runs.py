"""Run folders: made from a design, trained in by a child process of its own session, looked at from outside.

The child runs exactly the script that Export writes. It outlives the window; everything about a run is in its folder.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from codegen.export import bring_files, printed_files
from codegen.module import print_module
from codegen.parts import modules
from codegen.prove import prove
from codegen.training.settings import settings_of
from graph_ir.atomic import atomic_write
from graph_ir.edits import Refused
from graph_ir.graph import Design
from graph_ir.report import Report

Status = Literal["waiting", "running", "finished", "stopped", "failed"]
SETTINGS, FACTS, RESULT, STOP = "settings.json", "run.json", "result.json", "stop"
OUT, ERRORS = "stdout.txt", "stderr.txt"
_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}
"""The children of this process, so that one that ended is not taken for a living one."""


@dataclass(frozen=True)
class State:
    """Where a run stands. `facts` is its `run.json`, `result` its `result.json`; {} where there is none yet."""

    folder: Path
    status: Status
    message: str = ""
    pid: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.status not in ("waiting", "running")


def new_folder(parent: Path, title: str) -> Path:
    """Makes an empty folder for a run, named after the design and the time. Raises Refused where that can't be."""
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "run"
    base = f"{name}-{time.strftime('%Y-%m-%d-%H%M%S')}"
    for number in range(1, 1000):
        folder = parent / (base if number == 1 else f"{base}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise Refused(_unwritable(folder, error)) from None
        return folder
    raise Refused(f"{parent} holds too many runs of this second; wait a moment and try again.")


def prepare(design: Design, report: Report, folder: Path, device: str = "auto") -> None:
    """Writes script, data, module, runtime, design and settings into a run folder.

    Raises BadTraining where the `training` section can't be used, Refused where the design can't be printed, the
    folder holds a run already or can't be written.
    """
    settings = settings_of(design, report)
    if (folder / FACTS).exists():
        raise Refused(f"{folder} holds a run already; choose another folder for this one.")
    printed = print_module(design, report)
    contents = printed_files(design, report, printed)
    if modules(report, report.layers):  # before a class of the user's runs, it is seen to be a module
        proof = prove(design, report, printed)
        if not proof.ok:
            raise Refused(f"The training is not started: {proof.problems[0]}.")
    record = settings.as_json() | {"losses": _losses(design, report), "device": device}
    contents[SETTINGS] = json.dumps(record, indent=1) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in contents.items():
            atomic_write(folder / name, text.encode("utf-8"))
    except OSError as error:
        raise Refused(_unwritable(folder, error)) from None
    bring_files(design, report, folder)


def _losses(design: Design, report: Report) -> dict[str, Any]:
    given = design.training.get("losses", {})
    return {id: given.get(id, 1.0) for id, entry in report.layers.items() if entry.trait == "loss"}


def start(folder: Path, device: str = "auto", python: str = sys.executable) -> subprocess.Popen[bytes]:
    """Starts the script of a prepared folder in a session of its own; it writes into the folder, not into pipes.

    Raises Refused where it can't be started.
    """
    command = [python, "-P", "train.py", "--run-dir", ".", "--device", device]
    try:
        with open(folder / OUT, "wb") as out, open(folder / ERRORS, "wb") as errors:
            child = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                start_new_session=True,
            )
        if not (folder / FACTS).exists():  # the child replaces it as soon as torch is loaded
            facts = {"pid": child.pid, "started": round(time.time(), 3), "device": device}
            atomic_write(folder / FACTS, json.dumps(facts).encode())
    except OSError as error:
        raise Refused(
            f"The training can't be started in {folder}: {error.strerror}; choose another folder."
        ) from None
    _CHILDREN[child.pid] = child
    return child


def stop(folder: Path) -> None:
    """Asks a run to write a checkpoint and end. Raises Refused where the folder can't be written."""
    try:
        (folder / STOP).touch()
    except OSError as error:
        raise Refused(_unwritable(folder, error)) from None


def kill(folder: Path) -> None:
    """Ends a run that does not stop; its last checkpoint stays."""
    found = state(folder)
    if found.status == "running" and found.pid is not None:
        os.kill(found.pid, signal.SIGKILL if os.name == "posix" else signal.SIGTERM)


def state(folder: Path) -> State:
    """Where the run in a folder stands. Never raises for what a folder can hold."""
    facts, result = _object(folder / FACTS), _object(folder / RESULT)
    pid = facts.get("pid")
    pid = pid if isinstance(pid, int) and pid > 0 else None
    status = result.get("status")
    if status in ("finished", "stopped", "failed"):
        return State(folder, status, str(result.get("message", "")), pid, facts, result)
    if pid is None:
        return State(folder, "waiting", "The run has not begun.")
    if _is_alive(pid, folder):
        return State(folder, "running", "", pid, facts)
    return State(folder, "failed", _last_words(folder), pid, facts)


def list_runs(parent: Path) -> list[State]:
    """The runs in the folders under `parent`, the newest first; [] where there is no such folder."""
    try:
        folders = [folder for folder in parent.iterdir() if (folder / FACTS).is_file()]
    except OSError:
        return []
    return sorted(map(state, folders), key=lambda one: _started(one), reverse=True)


def _started(one: State) -> float:
    started = one.facts.get("started")
    return float(started) if isinstance(started, int | float) else 0.0


def _is_alive(pid: int, folder: Path) -> bool:
    """Whether this process is the run's: a number may have been given to another process since."""
    child = _CHILDREN.get(pid)
    if child is not None:
        return child.poll() is None
    try:
        status = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
        return status != "Z" and Path(f"/proc/{pid}/cwd").resolve() == folder.resolve()
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
    except OSError:
        return False
    if os.name != "posix":
        return _recent(folder)
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _recent(folder: Path) -> bool:
    """Without a way to ask for a process: whether the run said something in the last ten minutes."""
    newest = max((path.stat().st_mtime for path in folder.glob("*.json*")), default=0.0)
    return time.time() - newest < 600


def _last_words(folder: Path) -> str:
    try:
        text = (folder / ERRORS).read_bytes()[-4000:].decode("utf-8", "replace").strip()
    except OSError:
        text = ""
    if missing := re.search(r"No module named '([\w.]+)'\Z", text):
        return f"{missing[1]} is not installed; `pip install -r requirements.txt` in {folder} mends it."
    if text:
        return text.splitlines()[-1][:500]
    return "The run ended without a word: it was killed, or the machine went down."


def _object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _unwritable(folder: Path, error: OSError) -> str:
    return f"{folder} can't be written ({error.strerror or 'it is in the way'}); choose another folder."
