"""Each data set trains a small network: the exported script runs, and what it learns from is there to be learnt."""

from __future__ import annotations

import json
import runpy
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from codegen.training import runs
from codegen.training.sources import SOURCES
from graph_ir.check import check
from graph_ir.graph import Design
from tests.codegen.source_designs import DESIGNS, SMALL

OURS = ("data", "model", "runtime")


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A script runs in this process, so that torch is loaded once: what it changes is put back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)
    for name in OURS:
        sys.modules.pop(name, None)


def learnt(drawn: Design, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[dict[str, Any]], Any]:
    """Runs the script of a design: what it told after each epoch, and its result."""
    torch.set_num_threads(1)
    runs.prepare(drawn, check(drawn), folder)
    monkeypatch.setattr(sys, "argv", ["train.py", "--run-dir", str(folder / "run"), "--device", "cpu"])
    runpy.run_path(str(folder / "train.py"), run_name="__main__")
    events = [json.loads(line) for line in (folder / "run" / "events.jsonl").read_text().splitlines()]
    result = json.loads((folder / "run" / "result.json").read_text())
    return [event for event in events if event["event"] == "epoch"], result


@pytest.mark.parametrize("name", DESIGNS)
def test_the_loss_falls(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = DESIGNS[name]()
    section = drawn.training["data"]
    section["options"] = SMALL.get(section["source"], {})
    epochs, result = learnt(drawn, tmp_path, monkeypatch)
    assert result["status"] == "finished", result["message"]
    assert epochs[-1]["train_loss"] < epochs[0]["train_loss"]
    assert set(result["metrics"]["test"]) == {"loss", *drawn.training["metrics"]}


def test_every_source_is_tried() -> None:
    assert {make().training["data"]["source"] for make in DESIGNS.values()} == set(SOURCES)
