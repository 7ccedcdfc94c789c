"""Random networks with blocks: what the check says is true of the same network drawn flat, and of real torch."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from codegen.prove import Prover
from codegen.sizes import small_sizes
from graph_ir.check import check
from graph_ir.edits import Refused
from graph_ir.file import dump, parse
from graph_ir.graph import Design, Node
from graph_ir.report import Report
from tests.graph_ir.flattening import flattened
from tests.graph_ir.random_blocks import RandomBlocks
from tests.graph_ir.test_random_graphs import UNDECIDED
from tests.proving import warm_prover

GRAPHS, GRAPHS_OF_A_CAMPAIGN = 150, 20_000
SEEDS = ("first", "second")
PROVED, PROVED_OF_A_CAMPAIGN = 60, 5_000
"""So many networks of a seed also go through the proof."""


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with warm_prover() as running:
        yield running


def _grown(seed: str, i: int) -> Design:
    return RandomBlocks(random.Random(f"{seed}/{i}")).grow()


def _uses(design: Design) -> list[Node]:
    return [node for graph in design.networks.values() for node in graph if node.type == "Block"]


def _totals(report: Report) -> list[Any]:
    """What must be the same. A batch of a fixed size may bind a layer or a whole block to it: then MACs differ."""
    inputs = [entry.outputs["y"] for entry in report.layers.values() if entry.trait == "input"]
    fixed = any(isinstance(type.shape[0], int) for type in inputs if type.shape)
    ends = [entry.inputs["x"] for entry in report.layers.values() if entry.trait == "output"]
    results = [(type.shape, type.dtype) for type in ends if type is not None]
    figures = [report.parameters, report.trainable_parameters, report.buffers, 0 if fixed else report.macs]
    return [report.ok, *figures, results]


def _can_be_flat(design: Design) -> bool:
    """Folds are drawn flat by reshaping, which sequences of different lengths do not allow."""
    return "len1" not in design.top or not any("each" in node.values for node in _uses(design))


def _compare(seed: str, count: int) -> None:
    for i in range(count):
        design = _grown(seed, i)
        report = check(design)
        assert dump(parse(dump(design))) == dump(design)
        if not report.ok:
            codes = {problem.code for problem in report.problems if problem.severity == "error"}
            works = small_sizes(sorted(report.symbols), report.requirements)
            assert codes == {"contradiction"} and not works, f"{seed}/{i}: {report.problems}\n{dump(design)}"
        elif _can_be_flat(design):
            assert _totals(report) == _totals(check(flattened(design))), f"{seed}/{i}\n{dump(design)}"


def test_every_way_to_use_a_block_turns_up() -> None:
    found: Counter[str] = Counter()
    for i in range(GRAPHS):
        design = _grown(SEEDS[0], i)
        uses = _uses(design)
        found.update(key for node in uses for key in node.values)
        found["nested"] += sum(bool(graph.uses) for name, graph in design.networks.items() if name)
        found["letters"] += any(
            "shape" in n.values for g in design.networks.values() for n in g if n.id == "a"
        )
        folds = any("each" in node.values for node in uses)
        found["folds with lengths"] += folds and "len1" in design.top
        found["lengths of steps"] += folds and "len2" in design.top
        found["used again"] += max(Counter(node.values["block"] for node in uses).values(), default=0) > 1
    wanted = {"parameters", "repeat", "when", "weights", "each", "nested", "letters", "used again"}
    assert not [key for key in (*wanted, "folds with lengths", "lengths of steps") if found[key] < 5], found


@pytest.mark.parametrize("seed", SEEDS)
def test_a_design_with_blocks_says_what_it_says_drawn_flat(seed: str) -> None:
    _compare(seed, GRAPHS)


def _prove(prover: Prover, seed: str, count: int) -> None:
    """Every shape, parameter, value and gradient of the printed classes is that of the drawing, on real torch."""
    found: list[str] = []
    undecided = 0
    for i in range(count):
        design = _grown(seed, i)
        report = check(design)
        if not report.ok:
            continue
        try:
            proof = prover.prove(design, report)
        except Refused as error:
            assert "needs the size" in str(error), (
                f"{seed}/{i}: {error}"
            )  # a letter of the top, inside a fold
            undecided += 1
            continue
        if any(text in problem for problem in proof.problems for text in UNDECIDED):
            undecided += 1
        elif not proof.ok:
            found.append(f"{seed}/{i}: {proof.problems}\n{dump(design)}")
    assert not found, f"{len(found)} disagreements in {count} graphs, such as:\n\n" + "\n\n".join(found[:3])
    assert undecided < count / 12


@pytest.mark.parametrize("seed", SEEDS)
def test_classes_of_random_blocks_compute_what_is_drawn(prover: Prover, seed: str) -> None:
    _prove(prover, seed, PROVED)


@pytest.mark.campaign
def test_many_classes_of_random_blocks_compute_what_is_drawn(prover: Prover) -> None:
    _prove(prover, "campaign", PROVED_OF_A_CAMPAIGN)


@pytest.mark.campaign
def test_many_designs_with_blocks_say_what_they_say_drawn_flat() -> None:
    _compare("campaign", GRAPHS_OF_A_CAMPAIGN)
