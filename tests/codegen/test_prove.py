"""The proof finds what differs between code and drawing, and ends well whatever happens in the child."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from codegen import prove as proving
from codegen.module import print_module
from codegen.prove import Prover, prove
from codegen.sizes import small_sizes
from graph_ir.check import check
from graph_ir.dims import symbol
from graph_ir.graph import Design
from graph_ir.requirements import Requirement, at_least, divisible, equal
from tests.codegen.code_samples import SAMPLES
from tests.networks import chain, small_cnn, two_heads
from tests.proving import warm_prover


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with warm_prover() as running:
        yield running


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_proved(prover: Prover, name: str) -> None:
    made = SAMPLES[name]()
    proof = prover.prove(made, check(made))
    assert proof.ok, proof.problems
    assert proof.versions["torch"]


def test_the_verdict_is_plain_data(prover: Prover) -> None:
    verdict = prover.prove(small_cnn(), check(small_cnn())).as_json()
    assert json.loads(json.dumps(verdict)) == verdict
    assert verdict["ok"] and verdict["problems"] == [] and verdict["seconds"] > 0
    assert set(verdict["versions"]) == {"layerloom", "torch", "python"}
    assert len(verdict["sizes"]) == 2 and set(verdict["sizes"][0]) == {"N", "H", "W"}
    counted = {"parameters": 330, "buffers": 17, "layers": 8, "outputs": 1, "gradients": 6, "runs": 3}
    assert verdict["compared"] == counted


def sabotaged(prover: Prover, made: Design, old: str, new: str) -> tuple[str, ...]:
    """What the proof says when the printed code is changed behind its back."""
    report = check(made)
    printed = print_module(made, report)
    assert printed.source.count(old) >= 1
    return prover.prove(made, report, replace(printed, source=printed.source.replace(old, new, 1))).problems


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("nn.Linear(8, 10)", "nn.Linear(8, 10, bias=False)", "fc: the code has no parameter fc.bias"),
        (
            "nn.Linear(8, 10)",
            "nn.Linear(8, 11)",
            "fc: the parameter fc.weight should be (10, 8), but is (11, 8)",
        ),
        (
            "nn.BatchNorm2d(8)",
            "nn.BatchNorm2d(8, track_running_stats=False)",
            "norm1: the code has no buffer norm1.running_mean",
        ),
        (
            "kaiming_normal_",
            "kaiming_uniform_",
            "conv1: the parameter conv1.weight starts with other numbers",
        ),
        ("class SmallCNN", "class Other", "the module: the code fails with KeyError"),
    ],
)
def test_a_change_behind_its_back_is_named(prover: Prover, old: str, new: str, words: str) -> None:
    problems = sabotaged(prover, small_cnn(), old, new)
    assert any(words in problem for problem in problems), problems


def test_a_weight_that_learns_though_it_should_not_is_named(prover: Prover) -> None:
    problems = sabotaged(prover, two_heads(), "        self.embed.requires_grad_(False)\n", "        pass\n")
    assert problems == ("embed: embed.weight should not be trained, but is the other way",)


def test_a_weight_that_is_not_drawn_is_named(prover: Prover) -> None:
    old = "        self.topic = nn.Linear(10, 4)\n"
    problems = sabotaged(prover, two_heads(), old, f"{old[:-1]}; self.more = nn.Linear(1, 1, bias=False)\n")
    assert any("more.weight of (1, 1) that is not drawn" in problem for problem in problems)


def test_code_without_end_is_stopped_and_the_next_proof_works() -> None:
    made = small_cnn()
    report = check(made)
    printed = print_module(made, report)
    endless = replace(printed, source=f"{printed.source}\nwhile True: pass\n")
    with warm_prover() as running:
        proof = running.prove(made, report, endless, timeout=1.0)
        assert "took longer than 1 s" in proof.problems[0]
        assert running.prove(made, report).ok


def test_a_child_that_dies_is_one_sentence() -> None:
    made = small_cnn()
    report = check(made)
    printed = print_module(made, report)
    deadly = f"{printed.source}\n__import__('os')._exit(7)\n"
    with warm_prover() as running:
        proof = running.prove(made, report, replace(printed, source=deadly))
    assert "ended early (exit code 7)" in proof.problems[0]


def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "MEMORY", 64 << 20)
    made = chain({"type": "Input", "shape": ["N", 4000]}, {"type": "Linear", "out_features": 40_000})
    with warm_prover() as running:
        proof = running.prove(made, check(made))
    assert not proof.ok and "memory" in proof.problems[0], proof.problems


def test_a_missing_torch_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """In a Python that finds no packages."""
    monkeypatch.setattr(proving.sys, "executable", _bare_python())
    proof = prove(small_cnn(), check(small_cnn()))
    assert "PyTorch is not installed" in proof.problems[0]


def _bare_python() -> str:
    import os
    import shlex
    import sys
    import tempfile

    folder = tempfile.mkdtemp()
    script = os.path.join(folder, "python")
    with open(script, "w") as file:
        file.write(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -I -S "$@"\n')
    os.chmod(script, 0o755)
    return script


N, H, W, T = (symbol(name) for name in "NHWT")


@pytest.mark.parametrize(
    "answers",
    [
        [divisible(H, 16), divisible(W, 16)],
        [at_least(T, 5), equal(T, 2 * N)],
        [equal(N, T), at_least(T, 25)],
        [equal(3 * H * W, 9)],
        [],
    ],
)
def test_small_sizes_meet_what_is_required(answers: list[Requirement]) -> None:
    names = sorted({name for answer in answers for name in answer.symbols} | {"N"})
    found = small_sizes(names, answers)
    assert found and all(answer.holds(sizes) for answer in answers for sizes in found)
    assert len(found) == 2 and found[0] != found[1]


def test_axes_of_different_names_differ_in_length() -> None:
    first, second = small_sizes(["H", "N", "W"], [])
    assert len(set(first.values())) == 3 and all(first[name] != second[name] for name in first)


def test_sizes_that_no_number_meets_are_not_found() -> None:
    equal_three = equal(N, 3)
    assert isinstance(equal_three, Requirement)
    assert small_sizes(["N"], [equal_three, Requirement(N, ">=", 5)]) == []
