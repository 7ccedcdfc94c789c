"""Random networks with blocks: the printed classes do, bit for bit, what an evaluation layer by layer does."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from codegen.prove import Prover
from graph_ir.check import check
from graph_ir.edits import Refused
from graph_ir.file import dump
from tests.graph_ir.random_blocks import RandomBlocks
from tests.graph_ir.test_random_graphs import UNDECIDED
from tests.proving import warm_prover

GRAPHS, GRAPHS_OF_A_CAMPAIGN = 150, 10_000


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with warm_prover() as running:
        yield running


def _compare(prover: Prover, count: int, seed: str) -> None:
    found: list[str] = []
    proved = 0
    for i in range(count):
        design = RandomBlocks(random.Random(f"{seed}/{i}")).grow()
        report = check(design)
        if not report.ok:
            continue
        try:
            proof = prover.prove(design, report)
        except Refused as refused:
            if "needs the size" not in str(refused):  # which no Input of the block has: told in a sentence
                found.append(f"graph {i}: {refused}\n{dump(design)}")
            continue
        proved += proof.ok
        if not proof.ok and not any(text in problem for problem in proof.problems for text in UNDECIDED):
            found.append(f"graph {i}: {proof.problems}\n{dump(design)}")
    assert not found, f"{len(found)} of {count} graphs fail, such as:\n\n" + "\n\n".join(found[:3])
    assert proved > 0.8 * count


def test_random_blocks_are_printed_as_they_are_drawn(prover: Prover) -> None:
    _compare(prover, GRAPHS, "proof")


@pytest.mark.campaign
def test_many_random_blocks_are_printed_as_they_are_drawn(prover: Prover) -> None:
    _compare(prover, GRAPHS_OF_A_CAMPAIGN, "campaign")
