"""The proof of blocks: modules written by hand are proved, and no longer with one error in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from codegen.module import Printed
from codegen.names import Names
from codegen.prove import Prover
from graph_ir.check import check
from graph_ir.file import parse
from graph_ir.graph import Design
from graph_ir.report import Report
from tests.codegen.blocks_by_hand import CODE, IMPORTS, SIAMESE
from tests.proving import warm_prover


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with warm_prover() as running:
        yield running


def problems(prover: Prover, name: str, old: str = "", new: str = "", **state: str) -> tuple[str, ...]:
    """What the proof says of a design and its code by hand, with `old` in it as `new`."""
    drawn, source, paths = CODE[name]
    assert source.count(old) == 1 or not old
    made = parse(json.dumps({"format": "layerloom", "version": 1, **drawn}))
    report = check(made)
    assert report.ok, report.problems
    printed = _printed(made, report, IMPORTS + (source.replace(old, new) if old else source), paths)
    return prover.prove(made, report, printed).problems


def _printed(made: Design, report: Report, source: str, paths: dict[Any, str]) -> Printed:
    inputs = [(id, id) for id in report.layers if report.role_of(id)]
    wire = next(wire for wire in report.wires if wire.target == "out")
    value = (wire.source, wire.source_port)
    return Printed(
        source=source,
        class_name="Net",
        output_class="",
        inputs=inputs,
        outputs=[("out", "out")],
        returned=[(value, "out")],
        attributes={id: id for id in report.layers},
        names=Names(),
        state=paths,
    )


@pytest.mark.parametrize("name", CODE)
def test_code_by_hand_is_proved(prover: Prover, name: str) -> None:
    assert problems(prover, name) == ()


PLANTS = {
    "a use runs once too often": (
        "residual",
        "self.stage1(image)",
        "self.stage1[2](self.stage1(image))",
        "out: ",
    ),
    "a use is left out": ("residual", "self.stage1(image)", "self.stage1[0](image)", "stage1 > 1 > conv1"),
    "the repetitions share weights": (
        "residual",
        "nn.Sequential(*(Residual(3 if i == 0 else 4) for i in range(3)))",
        "nn.Sequential(Residual(3), *[Residual(4)] * 2)",
        "stage1 > 2 > conv1: stage1.2.conv1.weight is the same tensor as stage1.1.conv1.weight",
    ),
    "the repetitions stand in another order": (
        "residual",
        "self.stage2(self.stage1(image))",
        "self.stage2(self.stage1[1](self.stage1[2](self.stage1[0](image))))",
        "stage1 > 1 > conv1",
    ),
    "an expression over the repetition is wrong": (
        "residual",
        "Residual(4 if i == 0 else 6, 6 + i)",
        "Residual(4 if i == 0 else 6, 6)",
        "stage2 > 1 > conv1: the parameter stage2.1.conv1.weight should be (7, 6, 3, 3), but is (6, 6, 3, 3)",
    ),
    "the projection of a use is wrong": ("residual", "return x - skip", "return x - skip - skip", "out: "),
    "a projection is applied where none is drawn": (
        "residual",
        "if in_channels != channels else None",
        "",
        "the code has a parameter stage1.1.project.weight of (4, 4, 1, 1) that is not drawn",
    ),
    "the operands change places": ("residual", "return x - skip", "return skip - x", "stage1 > 0 > sum"),
    "uses do not share": (
        "siamese",
        "return self.branch(one) - self.branch(two)",
        "return self.branch(one) - self.branch(one)",
        "right > 0 > a",
    ),
    "layers inside do not share": (
        "siamese",
        "self.once = nn.Linear(5, 5)",
        "self.once = nn.Linear(5, 5); self.twice = nn.Linear(5, 5)",
        "the code has a parameter branch.twice.weight of (5, 5) that is not drawn",
    ),
    "the padding of words is read": (
        "documents",
        "x.masked_fill(mask[:, None], 0.0)",
        "x",
        "encode > 0 > wide",
    ),
    "the padding of sentences is read": (
        "documents",
        "run_packed(self.whole, x, sentences)[-1]",
        "self.whole(x)[1][-1]",
        "whole",
    ),
    "lengths of another order": ("documents", "words.flatten()", "words.t().flatten()", "encode > 0"),
    "an empty sentence is not zero": (
        "documents",
        "return state.masked_fill((lengths < 1)[:, None], 0.0)",
        "return state",
        "encode > 0 > read",
    ),
}


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_error_is_seen_and_named(prover: Prover, name: str) -> None:
    sample, old, new, words = PLANTS[name]
    found = problems(prover, sample, old, new)
    assert words in "\n".join(found), found


def test_a_second_set_of_weights_is_seen(prover: Prover) -> None:
    """Printed.state itself says that the branches have weights of their own, though they are drawn as one."""
    drawn, source, _ = CODE["siamese"]
    twice = source.replace("self.branch = Branch()", "self.branch = Branch(); self.other = Branch()")
    made = parse(json.dumps({"format": "layerloom", "version": 1, **drawn}))
    paths = {("left", 0, "a"): "branch.once", ("right", 0, "a"): "other.once"}
    printed = _printed(
        made, check(made), IMPORTS + twice.replace("self.branch(two)", "self.other(two)"), paths
    )
    found = prover.prove(made, check(made), printed).problems
    words = "right > 0 > a: other.once.weight should be shared with branch.once.weight, but is a tensor of its own"
    assert words in found, found


def test_blocks_behind_a_target_are_proved_with_the_losses(prover: Prover) -> None:
    """As printed: the objective holds weights of its own, those of both repetitions."""
    drawn = {
        "blocks": SIAMESE["blocks"],
        "network": {
            "layers": {
                "one": {"type": "Input", "shape": ["N", 5]},
                "wished": {"type": "Input", "shape": ["N", 5], "role": "target"},
                "inside": {"type": "Block", "block": "Branch"},
                "behind": {"type": "Block", "block": "Branch", "repeat": 2},
                "out": {"type": "Output"},
                "loss": {"type": "MSELoss"},
            },
            "wires": [
                *(["one", "inside.x"], ["wished", "behind.x"], ["inside.y", "out"]),
                *(["inside.y", "loss.input"], ["behind.y", "loss.target"]),
            ],
        },
    }
    made = parse(json.dumps({"format": "layerloom", "version": 1, **drawn}))
    proof = prover.prove(made, check(made))
    assert proof.ok, proof.problems
    assert proof.compared["parameters"] == 3 * (5 * 5 + 5)
    assert proof.compared["gradients"] == 3 * 2
