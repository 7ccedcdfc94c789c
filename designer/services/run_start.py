"""Begins a run and tells of earlier ones. What prints code is imported only when it is needed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from designer.services.files import Failed
from graph_ir.check import check
from graph_ir.edits import Refused
from graph_ir.graph import Design

if TYPE_CHECKING:
    from codegen.training.runs import State


def start_run(design: Design, parent: Path, title: str, device: str) -> Path:
    """Make a run folder and start its child. Raises Failed."""
    from codegen.training import runs
    from codegen.training.settings import BadTraining

    try:
        folder = runs.new_folder(parent, title)
        runs.prepare(design, check(design), folder, device)
        runs.start(folder, device)
    except (Refused, BadTraining) as error:
        raise Failed(str(error)) from None
    return folder


def run_words(run: State) -> str:
    """A run on one line: folder, time, status, test metrics."""
    started = run.facts.get("started")
    when = time.strftime("%d %b %H:%M", time.localtime(started)) if isinstance(started, int | float) else ""
    metrics = run.result.get("metrics", {})
    test = metrics.get("test", {}) if isinstance(metrics, dict) else {}
    numbers = [
        f"{name.replace('_', ' ')} {value:.3f}" for name, value in test.items() if isinstance(value, float)
    ]
    return " · ".join(part for part in (run.folder.name, when, run.status, *numbers[:2]) if part)


def write_report(folder: Path) -> Path:
    """The run's report as one page. Raises Failed."""
    from codegen.training import report

    try:
        return report.write_report(folder)
    except Refused as error:
        raise Failed(str(error)) from None
