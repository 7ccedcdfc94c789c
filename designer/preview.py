"""What an edit would come to, before it is done: tried on the design itself and taken back at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from graph_ir.changes import Change, Edit, SetNetwork, SetNode, SetParameter, SetWire
from graph_ir.check import check, first_use
from graph_ir.graph import TOP, Design
from graph_ir.report import Report


@dataclass(frozen=True)
class Preview:
    """The check of a design as an edit would leave it."""

    edit: Edit
    report: Report
    alone: Mapping[str, Report] = field(default_factory=dict)
    """The blocks that the edit changes and that no use runs, by name."""


def preview(design: Design, edit: Edit) -> Preview:
    """Tries an edit, which was made for the design as it is now. Leaves no trace in it."""
    with tried(design, edit):
        report = check(design)
        blocks = {name for name in map(_network_of, edit.changes) if name in design.networks} - {TOP}
        unseen = (name for name in sorted(blocks) if first_use(report, name) is None)
        return Preview(edit, report, {name: check(design, name) for name in unseen})


@contextmanager
def tried(design: Design, edit: Edit) -> Iterator[None]:
    """The edit is done inside only. What the graphs know of their last check stays what it was."""
    known = {
        name: (graph, graph.stamp, set(graph.touched), graph.remembered)
        for name, graph in design.networks.items()
    }
    done: list[Change] = []
    try:
        for change in edit.changes:
            change.apply(design)
            done.append(change)
        yield
    finally:
        for change in reversed(done):
            change.inverse().apply(design)
        for name, (graph, stamp, touched, remembered) in known.items():
            if design.networks.get(name) is graph:
                graph.stamp, graph.touched, graph.remembered = stamp, touched, remembered


def _network_of(change: Change) -> str:
    """The network whose layers or parameters a change is about."""
    if isinstance(change, SetNode | SetWire | SetParameter):
        return change.network
    return change.name if isinstance(change, SetNetwork) else TOP
