"""`layerloom demo`: the main job end to end, without a window.

Template → check → diagram → export → prove → train on real data → report, each step with its seconds on stderr; where
everything lies and the final metrics on stdout.
"""

from __future__ import annotations

import os
import shutil
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codegen.diagram.render import render_to
from codegen.export import export
from codegen.prove import prove
from codegen.training.report import REPORT, write_report
from codegen.training.runs import new_folder, prepare
from codegen.training.settings import settings_of
from designer.commandline.main import INTERRUPTED
from designer.commandline.output import FINE, Failure, need_torch, result, say
from designer.commandline.progress import metrics_text
from designer.commandline.training import run as run_training
from graph_ir.atomic import atomic_write
from graph_ir.canonical import dump
from graph_ir.check import check
from graph_ir.file import SUFFIX
from graph_ir.graph import Design
from graph_ir.report import Report
from graph_ir.templates import load

TEMPLATE = "digits"
FOLDER = "layerloom-demo"
WEIGHTS = "weights.safetensors"


def run(options: Namespace) -> int:
    """Does the whole job and says where its results are."""
    need_torch("train")
    began = time.monotonic()
    design = load(TEMPLATE)
    folder = _folder(options.output, dump(design).encode())
    file, picture, code = folder / f"{TEMPLATE}{SUFFIX}", folder / f"{TEMPLATE}.svg", folder / "code"
    with _step(1, f"design from the template {TEMPLATE}"):
        folder.mkdir(parents=True, exist_ok=True)
        atomic_write(file, dump(design).encode())
    with _step(2, "check of every shape"):
        report = _checked(design)
    with _step(3, "diagram"):
        render_to(picture, design, report)
    with _step(4, "export as PyTorch"):
        export(design, report, code, proved=False)
    with _step(5, "proof on real torch"):
        _prove(design, report)
    with _step(6, "training on real data"):
        training = new_folder(folder / "runs", TEMPLATE)
        prepare(design, report, training)
        state, interrupted = run_training(training, "auto", settings_of(design, report).epochs)
    with _step(7, "report"):
        shutil.copyfile(write_report(training), folder / REPORT)
        if (training / WEIGHTS).exists():
            shutil.copyfile(training / WEIGHTS, folder / WEIGHTS)
    say(f"done in {time.monotonic() - began:.0f} s")
    places = {"design": file, "diagram": picture, "code": code, "run": training, "report": folder / REPORT}
    for name, path in (places | {"weights": folder / WEIGHTS}).items():
        if path.exists():
            result(f"{name:10}  {path}")
    for line in metrics_text(state.result):
        result(line)
    return INTERRUPTED if interrupted else FINE


def _folder(asked: str | None, design: bytes) -> Path:
    """The folder to write into: a new one, or that of an earlier demonstration; never one with other things in it."""
    if asked is not None:
        if not _usable(Path(asked), design):
            raise Failure(f"{asked}: holds something else already; name an empty or a new folder")
        return Path(asked)
    numbered = (Path(f"{FOLDER}-{number}" if number > 1 else FOLDER) for number in range(1, 1000))
    return next(path for path in numbered if _usable(path, design))


def _usable(folder: Path, design: bytes) -> bool:
    if not os.path.lexists(folder):
        return True
    file = folder / f"{TEMPLATE}{SUFFIX}"
    return folder.is_dir() and (not any(folder.iterdir()) or (file.is_file() and file.read_bytes() == design))


@contextmanager
def _step(number: int, title: str) -> Iterator[None]:
    """Says what is done, and how long it took."""
    say(f"{number}/7 {title} …")
    began = time.monotonic()
    yield
    say(f"    {time.monotonic() - began:.1f} s")


def _checked(design: Design) -> Report:
    report = check(design)
    if not report.ok:
        raise Failure(f"the template {TEMPLATE} has an error: {report.problems[0].message}")
    say(f"    {len(report.layers)} layers, {report.parameters:,} parameters, no error")
    return report


def _prove(design: Design, report: Report) -> None:
    proof = prove(design, report)
    if not proof.ok:
        raise Failure(f"the code does not do what is drawn: {proof.problems[0]}")
    say(f"    every shape and parameter is as drawn (torch {proof.versions.get('torch')})")
