"""Random networks over the whole catalogue: what the check says is what real torch does with the printed code."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from codegen.prove import Prover
from codegen.sizes import small_sizes
from graph_ir.canonical import dump
from graph_ir.check import check
from tests.graph_ir.contract import disagreement
from tests.graph_ir.random_graphs import INNER, LOSSES, RandomGraph
from tests.graph_ir.test_layers_contract import REFUSED
from tests.proving import warm_prover

GRAPHS = 500
GRAPHS_OF_A_CAMPAIGN = 100_000
SEEDS = ("first", "second", "third", "fourth")
TYPES = sorted((*INNER, *LOSSES))
# Requirements that tie several symbols may leave no size, or only a batch of one, which batch norm can't train on:
# the check does not claim to see that. Nor does it know values: computed indices, or shares that are none.
UNDECIDED = (
    "no small sizes",
    "Expected more than 1 value per channel",
    "Found an invalid max index",
    "index out of range",
    "out of range for tensor",
    "Class values must be smaller",
    "should be between 0 and 1",
    "but found idx to be",
    "must be non-negative",
    "not in the valid range",
)


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with warm_prover() as running:
        yield running


def _growing(seed: str, i: int) -> RandomGraph:
    """Network `i` of a seed; each layer type has its turn."""
    turn = SEEDS.index(seed) * GRAPHS if seed in SEEDS else 0
    return RandomGraph(random.Random(f"{seed}/{i}"), wanted=TYPES[(turn + i) % len(TYPES)])


def _compare(prover: Prover, count: int, seed: str) -> None:
    """Verdict, every shape and dtype, every parameter; and what was refused on the way is refused by torch too."""
    found: list[str] = []
    undecided = 0
    for i in range(count):
        growing = _growing(seed, i)
        design = growing.grow()
        report = check(design)
        if not report.ok:
            codes = {problem.code for problem in report.problems if problem.severity == "error"}
            works = small_sizes(sorted(report.symbols), report.requirements)
            if codes != {"contradiction"} or works:
                found.append(f"graph {i} is refused, but {works} work: {report.problems}\n{dump(design)}")
            continue
        proof = prover.prove(design, report)
        if any(text in problem for problem in proof.problems for text in UNDECIDED):
            undecided += 1
        elif not proof.ok:
            found.append(f"graph {i}: {proof.problems}\n{dump(design)}")
        found += [text for text, _ in (disagreement(case, REFUSED) for case in growing.refused) if text]
    assert not found, f"{len(found)} disagreements in {count} graphs, such as:\n\n" + "\n\n".join(found[:3])
    assert undecided < count / 20


def test_every_layer_turns_up_in_random_graphs() -> None:
    growing = (_growing(seed, i) for seed in SEEDS for i in range(GRAPHS))
    found = Counter(node.type for one in growing for node in one.grow().top)
    rare = [name for name in TYPES if not found[name]]
    assert not rare, "the generator is of no use for these layers"


@pytest.mark.parametrize("seed", SEEDS)
def test_random_graphs_do_what_the_check_says(prover: Prover, seed: str) -> None:
    _compare(prover, GRAPHS, seed)


@pytest.mark.campaign
def test_many_random_graphs_do_what_the_check_says(prover: Prover) -> None:
    _compare(prover, GRAPHS_OF_A_CAMPAIGN, "campaign")
