"""The whole gallery: every template is checked, drawn, exported and proved on real torch, and trains as it is.

What is large, and every training, is left to `pytest -m campaign`.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from codegen.diagram.render import DiagramOptions, render
from codegen.export import export
from codegen.module import print_module
from codegen.prove import Prover
from graph_ir.check import check
from graph_ir.report import Report
from graph_ir.templates import load, names
from tests.proving import warm_prover

MOST_PARAMETERS, MOST_MACS = 3_000_000, 100_000_000
"""Above either a template is large: its proof takes seconds."""
PATIENCE = 900.0


def large(report: Report) -> bool:
    """Whether the proof takes seconds; with sizes that are not known its sizes are tiny."""
    macs = report.macs if isinstance(report.macs, int) else 0
    return report.parameters > MOST_PARAMETERS or macs > MOST_MACS


LARGE = [name for name in names() if large(check(load(name)))]
SMALL = [name for name in names() if name not in LARGE]
campaign = pytest.mark.campaign


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with warm_prover() as warm:
        yield warm


@pytest.mark.parametrize("name", [*SMALL, *(pytest.param(name, marks=campaign) for name in LARGE)])
def test_it_is_exported_and_proved(name: str, prover: Prover, tmp_path: Path) -> None:
    design = load(name)
    report = check(design)
    assert not report.problems
    export(design, report, tmp_path, proved=False)
    printed = print_module(design, report)
    assert (tmp_path / "model.py").read_text("ascii") == printed.source
    proof = prover.prove(design, report, printed, PATIENCE)
    assert proof.ok, proof.problems


@pytest.mark.parametrize("name", names())
def test_it_is_drawn_with_a_card_for_each_layer(name: str) -> None:
    design = load(name)
    report = check(design)
    text = render(design, report, "dot", DiagramOptions().replaced(show_training=True)).decode()
    assert len(re.findall(r"^n\d+ \[", text, re.MULTILINE)) == len(design.top)


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param(("--set", "hidden_size=8", "embedding_dim=8"), id="small"),
        pytest.param((), id="whole", marks=campaign),
    ],
)
def test_three_commands_train_a_hierarchical_attention_network(
    sizes: tuple[str, ...], tmp_path: Path
) -> None:
    """`layerloom new`, `layerloom export`, `python h/train.py --epochs 1`, on data that is there."""
    file, folder = str(tmp_path / "h.loom.json"), tmp_path / "h"
    _done("-m", "designer", "new", "hierarchical-attention", "-o", file, *sizes)
    _done("-m", "designer", "export", file, "-o", str(folder))
    _trained(folder, tmp_path / "run")


@campaign
@pytest.mark.parametrize("name", SMALL)
def test_it_trains_for_an_epoch_as_it_is(name: str, tmp_path: Path) -> None:
    design = load(name)
    export(design, check(design), tmp_path, proved=False)
    _trained(tmp_path, tmp_path / "run")


def _trained(folder: Path, run: Path) -> None:
    """One epoch of an export, which ends with figures that are numbers."""
    _done(str(folder / "train.py"), "--epochs", "1", "--device", "cpu", "--run-dir", str(run))
    metrics = json.loads((run / "result.json").read_text())["metrics"]
    assert set(metrics) == {"train", "validation", "test"}
    assert all(math.isfinite(value) for split in metrics.values() for value in split.values())


def _done(*command: str) -> None:
    """Runs Python in a process of its own; its words are the message where it fails."""
    done = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "2"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
