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
from codegen.training.options import METRICS
from codegen.training.sources import SOURCES
from graph_ir import templates
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


def test_words_of_sentences_of_documents_reach_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lengths of two axes, one of them for each sentence, and a block that is applied to every sentence."""
    drawn = templates.load("hierarchical-attention")
    drawn.training |= {"epochs": 3, "batch_size": 16}
    drawn.training["data"]["options"] = SMALL["documents"]
    epochs, result = learnt(drawn, tmp_path, monkeypatch)
    assert result["status"] == "finished" and epochs[-1]["train_loss"] < epochs[0]["train_loss"]
    assert result["metrics"]["test"]["accuracy"] > 0.4, "a quarter is chance"


REACHED: dict[str, tuple[str, float]] = {
    "digits-with-noise": ("mae", 0.12),
    "digit-strings": ("label_error_rate", 0.4),
    "pairs-of-digits": ("accuracy", 0.75),
    "images": ("accuracy", 0.7),
    "image-pairs": ("accuracy", 0.8),
    "documents": ("accuracy", 0.8),
    "sentences": ("accuracy", 0.9),
    "characters": ("accuracy", 0.3),
    "words": ("accuracy", 0.05),
    "pairs": ("accuracy", 0.8),
    "mel": ("label_error_rate", 0.2),
    "ecg": ("auroc", 0.75),
    "series": ("mae", 0.2),
    "wine": ("accuracy", 0.85),
    "breast-cancer": ("accuracy", 0.9),
    "diabetes": ("mae", 0.7),
}
"""What a small network has to reach on data that it has not seen, as far from chance as it is here."""


@pytest.mark.campaign
@pytest.mark.parametrize("name", DESIGNS)
def test_a_minute_is_enough_to_learn(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = DESIGNS[name]()
    drawn.training["epochs"] = 12
    _, result = learnt(drawn, tmp_path, monkeypatch)
    metric, bound = REACHED[name]
    found = result["metrics"]["test"][metric]
    assert found > bound if METRICS[metric].higher_is_better else found < bound
    assert result["seconds"] < 60


def test_every_source_is_tried() -> None:
    assert {make().training["data"]["source"] for make in DESIGNS.values()} == set(SOURCES)


def test_a_state_is_carried_from_batch_to_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins with zeros in every epoch and every split; the gradient ends where a batch does."""
    begun: list[torch.Tensor] = []
    forward = torch.nn.LSTM.forward

    def watched(lstm: torch.nn.LSTM, x: torch.Tensor, state: Any) -> Any:
        begun.append(state[0])
        return forward(lstm, x, state)

    monkeypatch.setattr(torch.nn.LSTM, "forward", watched)
    drawn = DESIGNS["characters"]()
    drawn.training["epochs"] = 2
    _, result = learnt(drawn, tmp_path, monkeypatch)
    assert result["status"] == "finished"
    fresh = [not state.any() for state in begun]
    assert sum(fresh) == 2 * 2 + 3, "training and validation twice, each split at the end"
    assert len(fresh) > 2 * sum(fresh) and fresh[:2] == [True, False]
    assert not any(state.requires_grad for state in begun)
