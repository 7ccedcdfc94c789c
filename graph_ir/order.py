"""The order in which the layers of a network are computed, and a circle of wires where there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph_ir.graph import Wire


def in_order(ids: Sequence[str], place: Mapping[str, int], wires: Sequence[Wire]) -> list[str]:
    """The layers so that each comes behind what it reads, without those on or behind a circle (Kahn 1962).

    Of all layers that are free, the first of the file: `place` says where each stands in `ids`.
    """
    if all(place[wire.source] < place[wire.target] for wire in wires):
        return list(ids)
    readers: list[list[int]] = [[] for _ in ids]
    unread = [0] * len(ids)
    for wire in wires:
        target = place[wire.target]
        readers[place[wire.source]].append(target)
        unread[target] += 1
    free = [i for i, count in enumerate(unread) if not count]
    found = []
    while free:
        i = heappop(free)
        found.append(ids[i])
        for target in readers[i]:
            unread[target] -= 1
            if not unread[target]:
                heappush(free, target)
    return found


def circle(stuck: Sequence[str], wires: Sequence[Wire]) -> list[str]:
    """One circle among layers (in the order of the file) of which each reads another; the first of them leads."""
    among = dict.fromkeys(stuck)
    reads = {wire.target: wire.source for wire in reversed(wires) if wire.source in among}
    walked: dict[str, None] = {}
    id = stuck[0]
    while id not in walked:
        walked[id] = None
        id = reads[id]
    back = list(walked)
    found = back[back.index(id) :][::-1]
    first = found.index(next(other for other in stuck if other in found))
    return found[first:] + found[:first]
