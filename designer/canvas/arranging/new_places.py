"""Places for layers that have none yet: below what they read, in a column that is free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from designer.canvas.arranging.spots import Box, Spots
from designer.theme import Sizes
from graph_ir.graph import Graph

Place = tuple[float, float]


def new_places(
    graph: Graph, names: Sequence[str], known: Mapping[str, Place], owners: Mapping[str, str], sizes: Sizes
) -> dict[str, Place]:
    """Places for `names`, sources first; nothing covers what stands at `known` places, or another of them.

    `owners` are the losses of those that stand on a chip beside it: it takes a column more, and they that column.
    """
    cells = _Cells(sizes, set(owners.values()))
    found = dict(known)
    for name, place in known.items():
        if name not in owners:
            cells.take(name, place)
    for name in names:
        if name not in owners:
            found[name] = cells.free(name, _wanted(graph, name, found, sizes))
    for name in names:
        if name in owners:
            x, y = found[owners[name]]
            found[name] = x + sizes.column_pitch, y
    return {name: found[name] for name in names}


def _wanted(graph: Graph, name: str, known: Mapping[str, Place], sizes: Sizes) -> Place:
    """Below all that it reads, else above what reads it, else right of everything."""
    sources = [known[wire.source] for wire in graph.wires_into(name) if wire.source in known]
    if sources:
        return sources[0][0], max(y for _, y in sources) + sizes.row_pitch
    readers = [known[wire.target] for wire in graph.wires_from(name) if wire.target in known]
    if readers:
        return readers[0][0], min(y for _, y in readers) - sizes.row_pitch
    return max((x for x, _ in known.values()), default=-sizes.column_pitch) + sizes.column_pitch, 0.0


class _Cells:
    """What is taken, a column wide and a row high about each layer."""

    def __init__(self, sizes: Sizes, wide: set[str]) -> None:
        self._sizes, self._wide = sizes, wide
        self._taken: Spots[None] = Spots(sizes.column_pitch, sizes.row_pitch)

    def take(self, name: str, place: Place) -> None:
        self._taken.add(Box(*self._area(name, place), None))

    def free(self, name: str, place: Place) -> Place:
        """The first free place to the right; takes it."""
        while self._taken.near(*self._area(name, place)):
            place = place[0] + self._sizes.column_pitch, place[1]
        self.take(name, place)
        return place

    def _area(self, name: str, place: Place) -> tuple[float, float, float, float]:
        width = self._sizes.column_pitch * (2 if name in self._wide else 1)
        return *place, place[0] + width, place[1] + self._sizes.row_pitch
