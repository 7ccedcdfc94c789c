"""How long a letter takes in the list of layers, and opening it: of this process's own time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from time import process_time

from designer.canvas.adding.offers import hits
from designer.canvas.adding.search import find
from graph_ir.check import check
from graph_ir.templates import load

QUERIES = ("convolution", "global average pooling", "lienar", "attention", "qqqqqq")
MANY, ROUNDS = 500, 5


def figures() -> Iterator[tuple[str, float, str, float | None, bool]]:
    """Figures as `tests.benchmarks` prints them."""
    design = load("digits")
    report = check(design)
    source = ("conv1", "y")
    offered = hits(design, report, "", source)
    yield (
        "list of layers: what fits, all types",
        _best(lambda: hits(design, report, "", source)),
        "ms",
        30,
        False,
    )
    many = (offered * 3)[:MANY]
    typed = [query[:length] for query in QUERIES for length in range(1, len(query) + 1)]
    worst = max(_best(partial(find, query, many)) for query in typed)
    yield f"list of layers: a letter, {MANY} hits", worst, "ms", 5, False
    types = [hit.type for hit in offered if not hit.block]
    plain = hits(design, report)
    first = sum(find(type[:4], plain)[0].type == type for type in types)
    yield f"first after four letters, of {len(types)} types", first, "", 150, True


def _best(act: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = process_time()
        act()
        times.append((process_time() - began) * 1000)
    return min(times)
