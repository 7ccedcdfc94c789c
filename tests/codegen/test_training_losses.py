"""Every loss in the training script: it runs, reads well, and is measured without padding; what it learns is kept."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from codegen.prove import Prover
from codegen.training import runs
from codegen.training.answers import answer_of
from codegen.training.evaluation import print_evaluation
from codegen.training.settings import settings_of
from graph_ir.check import check
from graph_ir.graph import Design
from tests.codegen.code_samples import printed
from tests.codegen.loss_designs import LOSSES, designs_with, loss_design
from tests.codegen.training_samples import printed_of, sample
from tests.networks import design
from tests.proving import warm_prover

VOCABULARIES = ("SampledSoftmaxLoss", "AdaptiveLogSoftmaxWithLoss")


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with warm_prover() as running:
        yield running


@pytest.mark.parametrize("type", LOSSES)
def test_every_loss_runs_as_it_is_drawn(prover: Prover, type: str) -> None:
    made = list(designs_with(type))
    assert made, "no shape fits"
    for one in made:
        proof = prover.prove(one, check(one))
        assert proof.ok, (proof.problems, printed(one))


def test_every_loss_is_printed_as_a_formatter_leaves_it(tmp_path: Path) -> None:
    for type in LOSSES:
        for i, made in enumerate(designs_with(type)):
            (tmp_path / f"{type}_{i}.py").write_text(printed(made), "ascii")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--check", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def measured(
    drawn: Design, metrics: tuple[str, ...], value: Tensor, batch: dict[str, Tensor]
) -> dict[str, Any]:
    """What the printed `evaluate` says where the network gives `value`."""
    report, code = printed_of(drawn)
    settings, answer = settings_of(sample("digits"), check(sample("digits"))), answer_of(report)
    assert answer is not None
    chosen = type(settings)(**{**vars(settings), "metrics": metrics})
    rows = print_evaluation(chosen, answer, code, 'batch["x"]', "model(batch)", "outputs")
    names: dict[str, Any] = {"torch": torch, "objective": lambda outputs, batch: outputs.sum()}
    names |= {"data": type("data", (), {"CLASSES": ()})}
    names["valid_steps"] = lambda lengths, steps: torch.arange(steps) < lengths[:, None]
    exec("\n".join(rows), names)
    model = torch.nn.Identity()
    model.forward = lambda _: value  # type: ignore[method-assign, assignment]  # gives what it is told
    found, _ = names["evaluate"](model, [batch])
    return dict(found)


COUNTS = torch.tensor([3, 1, 0])


def sequences(loss: str, *, classes: bool = False, **values: Any) -> Design:
    """Sequences with lengths and a loss at every step."""
    shape: list[Any] = ["N", 4, "T"] if classes else ["N", "T"]
    target = {
        "type": "Input",
        "shape": ["N", "T"],
        "dtype": "int64" if classes else "float32",
        "role": "target",
    }
    return design(
        {
            "x": {"type": "Input", "shape": shape},
            "n": {"type": "Input", "role": "lengths", "of": "x", "axis": 2 if classes else 1},
            "fc": {"type": "PReLU"},
            "out": {"type": "Output"},
            "t": target,
            "loss": {"type": loss, **values},
        },
        ["x -> fc", "fc -> out", "fc -> loss.input", "t -> loss.target"],
    )


def test_metrics_leave_out_padding() -> None:
    value, wanted = torch.randn(3, 3), (torch.rand(3, 3) > 0.5).float()
    keep = torch.arange(3) < COUNTS[:, None]
    batch = {"x": value, "t": wanted, "n": COUNTS}
    found = measured(sequences("MSELoss"), ("mae",), value, batch)
    assert found["mae"] == pytest.approx(float((value - wanted)[keep].abs().mean()))
    found = measured(sequences("BCEWithLogitsLoss"), ("accuracy", "auroc"), value, batch)
    right = (value > 0) == (wanted > 0.5)
    assert found["accuracy"] == pytest.approx(float(right[keep].float().mean()))
    scores, classes = torch.randn(3, 4, 3), torch.randint(4, (3, 3))
    batch = {"x": scores, "t": classes, "n": COUNTS}
    found = measured(sequences("CrossEntropyLoss", classes=True), ("accuracy",), scores, batch)
    right = scores.argmax(1) == classes
    assert found["accuracy"] == pytest.approx(float(right[keep].float().mean()))
    found = measured(
        sequences("CrossEntropyLoss", classes=True, ignore_index=2), ("accuracy",), scores, batch
    )
    assert found["accuracy"] == pytest.approx(float(right[keep & (classes != 2)].float().mean()))


def test_a_probability_above_a_half_is_a_yes() -> None:
    drawn = loss_design("BCELoss", {}, ["N", 3], ["N", 3])
    value, wanted = torch.tensor([[0.1, 0.6, 0.4]]), torch.tensor([[0.0, 1.0, 0.0]])
    batch = {"x": value, "the_target": wanted}
    report, code = printed_of(drawn)
    assert code.attributes["the target"] == "the_target" and report.ok
    assert measured(drawn, ("accuracy",), value, batch)["accuracy"] == 1.0


def test_shares_are_measured_by_their_largest() -> None:
    drawn = loss_design("CrossEntropyLoss", {}, ["N", 3], ["N", 3])
    value, shares = torch.randn(20, 3), torch.rand(20, 3)
    found = measured(drawn, ("accuracy",), value, {"x": value, "the_target": shares})
    assert found["accuracy"] == pytest.approx(float((value.argmax(1) == shares.argmax(1)).float().mean()))


def vae(first: str) -> Design:
    """Two losses, of which one has no target."""
    losses = {"kl": {"type": "GaussianKLLoss"}, "rebuilt": {"type": "MSELoss"}}
    ordered = {first: losses.pop(first), **losses}
    return design(
        {
            "x": {"type": "Input", "shape": ["N", 6]},
            "mu": {"type": "Linear", "out_features": 2},
            "logvar": {"type": "Linear", "out_features": 2},
            "back": {"type": "Linear", "out_features": 6},
            "out": {"type": "Output"},
            **ordered,
        },
        [
            *("x -> mu", "x -> logvar", "mu -> back", "back -> out", "mu -> kl.mu", "logvar -> kl.logvar"),
            *("back -> rebuilt.input", "x -> rebuilt.target"),
        ],
    )


@pytest.mark.parametrize("first", ["kl", "rebuilt"])
def test_metrics_go_with_the_loss_that_has_some(first: str, prover: Prover) -> None:
    drawn = vae(first)
    answer = answer_of(check(drawn))
    assert answer is not None and (answer.loss, answer.scores, answer.target) == ("rebuilt", "values", "x")
    proof = prover.prove(drawn, check(drawn))
    assert proof.ok, proof.problems


def digits(loss: str, **values: Any) -> Design:
    """Features of digits, and a loss with weights of its own."""
    return design(
        {
            "image": {"type": "Input", "shape": ["N", 1, 8, 8]},
            "flat": {"type": "Flatten"},
            "fc": {"type": "Linear", "out_features": 16},
            "out": {"type": "Output"},
            "label": {"type": "Input", "shape": ["N"], "dtype": "int64", "role": "target"},
            "loss": {"type": loss, **values},
        },
        ["image -> flat", "flat -> fc", "fc -> out", "fc -> loss.input", "label -> loss.target"],
        data={"source": "digits", "inputs": {"image": "image", "label": "label"}},
        epochs=3,
        optimizer={"type": "Adam", "lr": 0.01},
    )


@pytest.mark.parametrize("type", VOCABULARIES)
def test_what_a_loss_learns_is_kept_beside_the_network(tmp_path: Path, type: str) -> None:
    """It learns with the network, twice to the same numbers; a checkpoint holds both, the weights the network alone."""
    fields = {"SampledSoftmaxLoss": {"n_classes": 10, "num_sampled": 4, "l2": 1e-4}}
    drawn = digits(type, **fields.get(type, {"n_classes": 10, "cutoffs": [3, 6]}))
    results = []
    for name in ("one", "two"):
        folder = tmp_path / name
        runs.prepare(drawn, check(drawn), folder, device="cpu")
        runs.start(folder, device="cpu").wait(300)
        state = runs.state(folder)
        assert state.status == "finished", (state.message, (folder / runs.ERRORS).read_text())
        results.append(state.result["metrics"])
    assert results[0] == results[1] and results[0]["test"]["loss"] < 1.8, "evenly guessed it is 2.3"
    folder = tmp_path / "one"
    network, learnt = load_file(folder / "weights.safetensors"), load_file(folder / "objective.safetensors")
    assert network.keys() == {"fc.weight", "fc.bias"}
    assert learnt.keys() == {f"loss.{name}" for name in check(drawn).layers["loss"].weights}
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    files = [event["file"] for event in events if event["event"] == "checkpoint"]
    before, after = (load_file(folder / file) for file in files[-2:])
    names = {f"model//objective.{name}" for name in learnt}
    assert names < after.keys() and not any(before[name].equal(after[name]) for name in names)
