"""The printed train.py and data.py: golden text, nothing for a formatter to do, no user text as code."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from codegen.objective import print_objective
from codegen.training.answers import answer_of
from codegen.training.evaluation import print_evaluation
from codegen.training.script import print_script, script_for
from codegen.training.settings import BadTraining, settings_of
from graph_ir.check import check
from graph_ir.graph import Design, Wire
from graph_ir.templates import load
from tests.codegen.source_designs import DESIGNS
from tests.codegen.training_samples import GOLDEN, TEMPLATES, files_of, printed_of, sample
from tests.networks import design

NASTY = (
    '"""',
    "'''\nimport os",
    "{batch}",
    "\\",
    "# coding: utf-7",
    "\u202eevil",
    'x"); quit(); ("',
    "été\r\n",
)
LOSSES = {
    "labels": ("BCEWithLogitsLoss", ["accuracy", "f1", "iou", "auroc"]),
    "values": ("MSELoss", ["mae"]),
}


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_files_of_the_templates_are_the_golden_ones(template: str) -> None:
    """If this is meant: `python -m tests.codegen.training_samples`, and read the difference."""
    for name, text in files_of(sample(template)).items():
        assert text == (GOLDEN / template / name).read_text(encoding="utf-8"), name


def test_the_script_for_digits_can_be_read_in_one_go() -> None:
    text = files_of(sample("digits"))["train.py"]
    assert len(text.splitlines()) <= 150
    order = [text.index(word) for word in ("# Data", "# Model", "# Loop", "# Evaluation")]
    assert order == sorted(order)


def variants() -> dict[str, Design]:
    found = {template: sample(template) for template in TEMPLATES}
    found["no metrics"] = sample("digits", metrics=[], batch_size=1)
    found["perplexity"] = sample("digits", metrics=["perplexity", "accuracy"])
    found["optimiser"] = sample(
        "digits",
        optimizer={"type": "RMSprop", "lr": 1e-5, "alpha": 0.9, "momentum": 0.5, "weight_decay": 1e-3},
    )
    found["nesterov"] = sample("digits-lstm", optimizer={"type": "SGD", "momentum": 0.9, "nesterov": True})
    found["penalty"] = sample("digits")
    fc = found["penalty"].top.node("fc")
    values = {**fc.values, "l1": 0.001, "l2": 0.01, "trainable": False}
    found["penalty"].top.replace(type(fc)(fc.id, fc.type, values))
    found["a class called Path"] = sample("digits")
    found["a class called Path"].about["title"] = "Path"
    return found


@pytest.mark.parametrize("name", list(variants()))
def test_a_formatter_and_a_linter_find_nothing(name: str, tmp_path: Path) -> None:
    for file, text in files_of(variants()[name]).items():
        assert text.isascii()
        (tmp_path / file).write_text(text)
    for file in ("model.py", "runtime.py"):  # so that they are known as files of this folder
        (tmp_path / file).touch()
    for arguments in (["format", "--check", "--diff"], ["check", "--extend-select", "E,F,W,I,B,UP"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--isolated", "."]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_a_layer_behind_the_target_becomes_part_of_the_objective() -> None:
    drawn = design(
        {
            "x": {"type": "Input", "shape": ["N", 4]},
            "fc": {"type": "Linear", "out_features": 4},
            "out": {"type": "Output"},
            "t": {"type": "Input", "shape": ["N", 4], "role": "target"},
            "noisy": {"type": "Dropout", "p": 0.0},
            "loss": {"type": "MSELoss"},
        },
        ["x -> fc", "fc -> out", "fc -> loss.input", "t -> noisy", "noisy -> loss.target"],
    )
    report, printed = printed_of(drawn)
    objective = print_objective(drawn, report, printed)
    assert objective is not None and objective.is_module
    settings = settings_of(sample("digits", metrics=[]), check(sample("digits")))
    settings = replace(settings, inputs={"x": "image", "t": "label"})
    text = script_for(settings, report, printed, objective)
    given, wanted = torch.randn(6, 4), torch.randn(6, 4)
    found = run_evaluate(text, nn.Identity(), [{"x": given, "t": wanted}])
    assert found["loss"] == pytest.approx(float((given - wanted).square().mean()))


def test_only_what_the_settings_use_is_printed() -> None:
    plain = files_of(sample("digits", metrics=[]))
    assert "confusion" not in plain["train.py"] and "f1" not in plain["train.py"]
    assert not any(word in plain["data.py"] for word in ("NOISE", "STATES", "compose", "TEXT"))
    assert '"rows":' not in plain["data.py"].partition("INPUTS")[2].partition("}")[0]
    assert "weight_decay" not in plain["train.py"]
    assert "edit_distance" in files_of(sample("digit-strings"))["train.py"]
    assert (
        "penalty" not in plain["train.py"] and "penalty(model)" in files_of(variants()["penalty"])["train.py"]
    )


@pytest.mark.parametrize("nasty", NASTY)
def test_user_text_stays_text(nasty: str) -> None:
    drawn = design(
        {
            nasty: {"type": "Input", "shape": ["N", 1, 8, 8]},
            "flat" + nasty: {"type": "Flatten"},
            "fc" + nasty: {"type": "Linear", "out_features": 10},
            "out" + nasty: {"type": "Output"},
            "label" + nasty: {"type": "Input", "shape": ["N"], "dtype": "int64", "role": "target"},
            "loss" + nasty: {"type": "CrossEntropyLoss"},
        },
        title=nasty,
        data={"source": "digits", "inputs": {nasty: "image", "label" + nasty: "label"}, "note": nasty},
        metrics=["accuracy"],
        losses={"loss" + nasty: 0.5},
    )
    add = drawn.top.add_wire
    add(Wire(nasty, "y", "flat" + nasty, "x"))
    add(Wire("flat" + nasty, "y", "fc" + nasty, "x"))
    add(Wire("fc" + nasty, "y", "out" + nasty, "x"))
    add(Wire("fc" + nasty, "y", "loss" + nasty, "input"))
    add(Wire("label" + nasty, "y", "loss" + nasty, "target"))
    ours = files_of(sample("digits"))
    for name, text in files_of(drawn).items():
        assert text.isascii() and text.splitlines()[:2] == ours[name].splitlines()[:2]
        names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
        roots = {
            alias.name.partition(".")[0]
            for node in calls
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        assert roots <= {"argparse", "os", "sys", "time", "torch", "data", "runtime", "math"}, name
        assert not names & {"quit", "evil"} and "utf-7" not in text


def evaluated(drawn: Design, model: nn.Module, batches: list[dict[str, Tensor]]) -> dict[str, Any]:
    """What the printed `evaluate` says about these batches."""
    return run_evaluate(files_of(drawn)["train.py"], model, batches)


def run_evaluate(text: str, model: nn.Module, batches: list[dict[str, Tensor]]) -> dict[str, Any]:
    names: dict[str, Any] = {
        "torch": torch,
        "nn": nn,
        "Tensor": Tensor,
        "data": type("data", (), {"CLASSES": ()}),
    }
    kept = (ast.FunctionDef, ast.ClassDef, ast.Assign)
    body = [n for n in ast.parse(text).body if isinstance(n, kept) and getattr(n, "name", "") != "main"]
    exec("import math\nimport torch.nn.functional as F\n", names)
    exec(compile(ast.Module(body, []), "train.py", "exec"), names)
    if "Objective" in names:
        model.objective = names["Objective"]()
    metrics, details = names["evaluate"](model, batches)
    return {**metrics, "details": details}


def test_the_metrics_of_classes_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

    scores = torch.randn(50, 10, generator=torch.Generator().manual_seed(0))
    labels = torch.randint(10, (50,), generator=torch.Generator().manual_seed(1))
    batches = [
        {"image": scores[rows], "label": labels[rows]}
        for rows in (slice(0, 20), slice(20, 45), slice(45, 50))
    ]
    drawn = sample("digits", metrics=["accuracy", "f1", "perplexity"])
    found = evaluated(drawn, nn.Identity(), batches)
    answers = scores.argmax(1)
    loss = float(nn.functional.cross_entropy(scores, labels))
    assert found["loss"] == pytest.approx(loss) and found["perplexity"] == pytest.approx(2.718281828**loss)
    assert found["accuracy"] == pytest.approx(accuracy_score(labels, answers))
    assert found["f1"] == pytest.approx(f1_score(labels, answers, average="macro"))
    assert found["details"]["confusion"] == confusion_matrix(labels, answers, labels=range(10)).tolist()


def test_classes_that_do_not_occur_do_not_count() -> None:
    from sklearn.metrics import f1_score

    labels, answers = torch.tensor([1, 1, 4, 4, 4]), torch.tensor([1, 4, 4, 4, 7])
    drawn = sample("digits", metrics=["f1"])
    scores = nn.functional.one_hot(answers, 10).float()
    found = evaluated(drawn, nn.Identity(), [{"image": scores, "label": labels}])
    assert found["f1"] == pytest.approx(f1_score(labels, answers, average="macro", zero_division=0))


def test_many_classes_are_counted_as_few_are() -> None:
    """Above a hundred there is no table of who is taken for whom; the numbers are the same."""
    from sklearn.metrics import accuracy_score, f1_score

    drawn = DESIGNS["words"]()
    scores = torch.randn(6, 200, 20, generator=torch.Generator().manual_seed(0))
    labels = torch.randint(200, (6, 20), generator=torch.Generator().manual_seed(1))
    labels[:, ::2] = scores.argmax(1)[:, ::2]
    batches = [{"text": scores[rows], "next_": labels[rows]} for rows in (slice(0, 4), slice(4, 6))]
    found = evaluated(drawn, Turned(), batches)
    wanted, answers = labels.flatten(), scores.argmax(1).flatten()
    assert found["accuracy"] == pytest.approx(accuracy_score(wanted, answers))
    assert found["f1"] == pytest.approx(f1_score(wanted, answers, average="macro", zero_division=0))
    assert found["details"] == {}


class Turned(nn.Module):
    """Gives the scores as the Output and as the loss reads them."""

    def forward(self, scores: Tensor) -> SimpleNamespace:
        return SimpleNamespace(out=scores.transpose(1, 2), turn=scores)


def test_the_label_error_rate_is_edits_over_labels() -> None:
    def steps(path: list[int]) -> Tensor:
        return nn.functional.one_hot(torch.tensor(path), 11).float().mul(20).log_softmax(-1)

    paths = [[0, 1, 1, 0, 1, 2, 0, 0], [3, 3, 3, 3, 3, 3, 3, 3], [0, 0, 0, 0, 0, 0, 0, 5]]
    read = torch.stack([steps(path) for path in paths])
    labels = torch.tensor([[1, 1, 2, 0], [3, 4, 0, 0], [6, 0, 0, 0]])
    counts = torch.tensor([3, 2, 1])
    found = evaluated(
        sample("digit-strings"), nn.Identity(), [{"image": read, "labels": labels, "label_count": counts}]
    )
    assert found["label_error_rate"] == pytest.approx((0 + 1 + 1) / 6)
    assert found["details"]["example"] == {"true": [6], "read": [5]}


def test_a_sequence_is_read_up_to_the_length_that_its_steps_carry() -> None:
    """Two frames are one step: of five frames three steps count, whatever the padding behind them says."""
    drawn = load("speech-ctc")
    paths = [[1, 2, 3, 4], [5, 5, 5, 5]]
    read = nn.functional.one_hot(torch.tensor(paths), 11).float().mul(20).log_softmax(-1)
    batch = {
        "mel": read,
        "frames": torch.tensor([5, 8]),
        "labels": torch.tensor([[1, 2, 3], [5, 0, 0]]),
        "label_count": torch.tensor([3, 1]),
    }
    found = evaluated(drawn, Said(), [batch])
    assert found["label_error_rate"] == 0


class Said(nn.Module):
    """Says what it was given."""

    def forward(self, mel: Tensor, frames: Tensor) -> Tensor:
        return mel


@pytest.mark.parametrize("kind", LOSSES)
def test_the_metrics_of_labels_and_values(kind: str) -> None:
    """These losses have no data set of ours yet: the printed lines are run on tensors of our own."""
    loss, metrics = LOSSES[kind]
    drawn = design(
        {
            "x": {"type": "Input", "shape": ["N", 3]},
            "fc": {"type": "Linear", "out_features": 3},
            "out": {"type": "Output"},
            "t": {"type": "Input", "shape": ["N", 3], "role": "target"},
            "loss": {"type": loss},
        },
        ["x -> fc", "fc -> out", "fc -> loss.input", "t -> loss.target"],
    )
    report, printed = printed_of(drawn)
    settings = settings_of(sample("digits"), check(sample("digits")))
    answer = answer_of(report)
    assert answer is not None and answer.scores == kind
    chosen = type(settings)(**{**vars(settings), "metrics": tuple(metrics)})
    rows = print_evaluation(chosen, answer, printed, 'batch["x"]', 'model(batch["x"])', "outputs")
    names: dict[str, Any] = {
        "torch": torch,
        "objective": lambda outputs, batch: (outputs - batch["t"]).square().mean(),
    }
    exec("\n".join(rows), names)
    given = torch.tensor(
        [[1.0, -1.0, 2.0], [-1.0, 3.0, -2.0]]
    )  # a true and a false entry have the same score
    wanted = torch.tensor([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
    found, _ = names["evaluate"](
        nn.Identity(), [{"x": given[:1], "t": wanted[:1]}, {"x": given[1:], "t": wanted[1:]}]
    )
    if kind == "labels":
        from sklearn.metrics import roc_auc_score

        assert (found["accuracy"], found["f1"], found["iou"]) == pytest.approx((4 / 6, 2 / 3, 1 / 2))
        assert found["auroc"] == pytest.approx(roc_auc_score(wanted.flatten(), given.flatten()))
    else:
        assert found["mae"] == pytest.approx((0 + 1 + 2 + 2 + 2 + 2) / 6)


def test_what_cannot_be_trained_is_not_printed() -> None:
    drawn = sample("digits", epochs=-3)
    report, printed = printed_of(drawn)
    with pytest.raises(BadTraining, match="is -3, but must be a whole number"):
        print_script(drawn, report, printed)
