"""Where Find looks: every layer of a design as the window can show it, those inside blocks use by use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from designer.search_query import Subject
from designer.trail import shown_inside
from graph_ir.annotations import annotations_of
from graph_ir.costs import batch_symbols, macs_by_layer, memory_by_layer
from graph_ir.dims import Dim
from graph_ir.graph import Design
from graph_ir.report import Report
from graph_ir.use_words import block_of

MOST = 20_000
"""So many layers are looked at: blocks within blocks stand for any number."""


@dataclass(frozen=True)
class Place:
    """A layer behind some uses of blocks."""

    uses: tuple[str, ...]
    subject: Subject

    @property
    def id(self) -> str:
        """The layer's id in its network."""
        return self.subject.entry.node.id


def places(design: Design, report: Report) -> list[Place]:
    """The layers of the top network and, behind each use of a block, those of the block; at most `MOST`."""
    ones = batch_symbols(report) or {}
    found: list[Place] = []
    for place in _walk(design, report, (), ones, {}):
        found.append(place)
        if len(found) == MOST:
            break
    return found


def _walk(
    design: Design,
    report: Report,
    uses: tuple[str, ...],
    ones: Mapping[str, Dim],
    notes: dict[str, Mapping[str, str]],
) -> Iterator[Place]:
    if report.network not in notes:
        notes[report.network] = annotations_of(design.layout, report.network).notes
    written, costs = notes[report.network], _Costs(report, None if not uses else ones)
    for id, entry in report.layers.items():
        yield Place(uses, Subject(entry, written.get(id, ""), lambda name, id=id: costs.of(name, id)))  # type: ignore[misc]  # the default binds the loop variable
        inside = shown_inside(entry) if block_of(entry.node) else None
        if inside is not None:
            yield from _walk(design, inside, (*uses, id), ones, notes)


class _Costs:
    """Figures of one network, worked out when the first is asked for."""

    def __init__(self, report: Report, ones: Mapping[str, Dim] | None) -> None:
        self._report, self._ones = report, ones
        self._known: dict[str, Mapping[str, Dim]] = {}

    def of(self, name: str, id: str) -> Dim | None:
        if name not in self._known:
            work_out = macs_by_layer if name == "macs" else memory_by_layer
            self._known[name] = work_out(self._report, self._ones)
        return self._known[name].get(id)
