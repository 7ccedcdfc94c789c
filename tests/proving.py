"""A prover for the tests of one module: torch is loaded once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from codegen.prove import Prover
from graph_ir.check import check
from tests.networks import small_cnn


@contextmanager
def warm_prover() -> Iterator[Prover]:
    """A prover whose child is up: it has proved something."""
    design = small_cnn()
    with Prover() as prover:
        proof = prover.prove(design, check(design))
        assert proof.ok, proof.problems
        yield prover
