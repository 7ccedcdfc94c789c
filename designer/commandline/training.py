"""`layerloom train`: a run of exactly the script that Export writes."""

from __future__ import annotations

import json
import signal
from argparse import Namespace
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from codegen.training.report import write_report
from codegen.training.runs import State, new_folder, prepare, start
from codegen.training.settings import BadTraining, read, settings_of
from designer.commandline.look import opened
from designer.commandline.main import INTERRUPTED
from designer.commandline.make import settings
from designer.commandline.output import FINE, WRONG, Failure, need_torch, result, say
from designer.commandline.progress import follow, metrics_text
from graph_ir.file import SUFFIX
from graph_ir.graph import Design
from graph_ir.report import Report


def train(options: Namespace) -> int:
    """Trains a design and shows the final metrics."""
    design, report = opened(options.file)
    given = settings(options.settings)
    if options.epochs is not None:
        given.append(("epochs", str(options.epochs)))
    for path, text in given:
        set_setting(design, report, path, text)
    try:
        epochs = settings_of(design, report).epochs
    except BadTraining as error:
        raise Failure(f"{options.file}: {error}") from None
    for problem in read(design, report)[1]:
        say(f"{options.file}: {problem.severity}: {problem.message}")
    if options.allow_data:
        say("the data of this design lies in no file of yours: --allow-data is not needed")
    need_torch("train")
    folder = Path(options.run_dir) if options.run_dir else _own_folder(Path(options.file))
    prepare(design, report, folder, options.device)
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # ended from outside is like Ctrl-C: with a checkpoint
    state, interrupted = run(folder, options.device, epochs)
    for line in metrics_text(state.result):
        result(line)
    result(f"run         {folder}")
    result(f"report      {write_report(folder)}")
    if interrupted:
        say(f"layerloom train: {state.message}")
        return INTERRUPTED
    return FINE


def run(folder: Path, device: str, epochs: int) -> tuple[State, bool]:
    """Starts a prepared run and follows it to its end. Raises Failure where it failed."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C: with a checkpoint
    try:
        state, interrupted = follow(folder, start(folder, device), epochs)
    finally:
        signal.signal(signal.SIGTERM, before)
    if state.status not in ("finished", "stopped"):
        raise Failure(f"{folder}: the training failed: {state.message}")
    return state, interrupted


def _own_folder(file: Path) -> Path:
    return new_folder(file.absolute().parent / "runs", file.name.removesuffix(SUFFIX))


def set_setting(design: Design, report: Report, path: str, text: str) -> None:
    """Sets `training` at a dotted path to a value, JSON or else plain text. Raises Failure for a path nothing reads."""
    *parents, last = path.split(".")
    section = design.training
    for step in parents:
        section = section.setdefault(step, {})
        if not isinstance(section, dict):
            raise Failure(f"layerloom train: --set {path}: `{step}` holds a value, not settings", WRONG)
    section[last] = _value(text)
    try:
        known = settings_of(design, report).as_json()
    except BadTraining:
        return  # told with all other problems of the section
    known["losses"] = {id: 1.0 for id, entry in report.layers.items() if entry.trait == "loss"}
    names = _paths(known)
    if path not in names:
        near = get_close_matches(path, names, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
        raise Failure(f"layerloom train: --set {path}: there is no such setting; {hint}", WRONG)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _paths(known: Mapping[str, Any], prefix: str = "") -> list[str]:
    found = []
    for name, value in known.items():
        found.append(prefix + name)
        if isinstance(value, dict):
            found += _paths(value, f"{prefix}{name}.")
    return found
