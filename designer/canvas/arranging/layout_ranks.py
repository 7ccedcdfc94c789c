"""The first half of the automatic layout: which wires count, and in which row each layer stands."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Link(NamedTuple):
    """A wire between two layers; `out` and `into` order the ports of either from left to right.

    A `faint` one is none, but the first layer belongs beside what the second reads.
    """

    source: str
    target: str
    out: float = 0.0
    into: float = 0.0
    faint: bool = False


class Arc(NamedTuple):
    """A link between numbered layers."""

    source: int
    target: int
    out: float
    into: float
    faint: bool = False


@dataclass
class Flow:
    """A network of numbered layers without cycles, each in its row; `order` has sources before targets."""

    count: int
    arcs: list[Arc]
    order: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    above: list[list[int]] = field(default_factory=list)
    below: list[list[int]] = field(default_factory=list)


def flow_of(ids: Sequence[str], links: Sequence[Link]) -> Flow:
    """The rows of a network. Unknown ids are passed over, and so are wires that close a cycle."""
    number = {name: place for place, name in enumerate(ids)}
    arcs = [
        Arc(number[link.source], number[link.target], *link[2:])
        for link in links
        if link.source in number and link.target in number and link.source != link.target
    ]
    flow = Flow(len(ids), arcs)
    flow.order, backwards = _topological(len(ids), arcs)
    flow.arcs = [arc for arc in arcs if (arc.source, arc.target) not in backwards]
    flow.above, flow.below = neighbours(flow.count, flow.arcs)
    flow.rows = _rows(flow)
    return flow


def neighbours(count: int, arcs: Sequence[Arc]) -> tuple[list[list[int]], list[list[int]]]:
    """What each layer reads and what reads it, each once, in the order of the ports."""
    above: list[dict[int, None]] = [{} for _ in range(count)]
    below: list[dict[int, None]] = [{} for _ in range(count)]
    for arc in sorted(arcs, key=lambda arc: (arc.target, arc.into)):
        above[arc.target][arc.source] = None
    for arc in sorted(arcs, key=lambda arc: (arc.source, arc.out, arc.target)):
        below[arc.source][arc.target] = None
    return [list(found) for found in above], [list(found) for found in below]


def _topological(count: int, arcs: Sequence[Arc]) -> tuple[list[int], set[tuple[int, int]]]:
    """Layers after what they read, ties in file order; and the pairs whose wires point backwards."""
    above, below = neighbours(count, arcs)
    waiting = [len(sources) for sources in above]
    ready = [layer for layer in range(count) if not waiting[layer]]
    is_done = [False] * count
    order: list[int] = []
    backwards: set[tuple[int, int]] = set()
    first = 0
    while len(order) < count:
        if not ready:  # all that is left stands in or behind a cycle: open it at the first layer
            while is_done[first]:
                first += 1
            backwards.update((source, first) for source in above[first] if not is_done[source])
            ready.append(first)
        layer = heapq.heappop(ready)
        if is_done[layer]:
            continue
        is_done[layer] = True
        order.append(layer)
        for target in below[layer]:
            waiting[target] -= 1
            if waiting[target] == 0:
                heapq.heappush(ready, target)
    return order, backwards


def _rows(flow: Flow) -> list[int]:
    """As high as its sources allow; inputs, and what is made of them alone, just above the first reader."""
    rows = [0] * flow.count
    for layer in flow.order:
        rows[layer] = 1 + max((rows[source] for source in flow.above[layer]), default=-1)
    feeds = [False] * flow.count
    for layer in flow.order:
        feeds[layer] = all(feeds[s] and len(flow.below[s]) == 1 for s in flow.above[layer])
    for layer in reversed(flow.order):
        if feeds[layer] and flow.below[layer]:
            rows[layer] = min(rows[target] for target in flow.below[layer]) - 1
    return rows


def parts(flow: Flow) -> list[list[int]]:
    """The parts of the network that no wire joins, in the order of their first layers."""
    part_of = [-1] * flow.count
    found: list[list[int]] = []
    for first in range(flow.count):
        if part_of[first] >= 0:
            continue
        part_of[first] = len(found)
        found.append([])
        stack = [first]
        while stack:
            layer = stack.pop()
            found[-1].append(layer)
            for other in (*flow.above[layer], *flow.below[layer]):
                if part_of[other] < 0:
                    part_of[other] = part_of[first]
                    stack.append(other)
        found[-1].sort()
    return found
