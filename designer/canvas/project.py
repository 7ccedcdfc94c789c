"""From a design and its check report to what the canvas paints; after a change only what it touches is made anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from designer.canvas.arranging.places import Places, chips, positions, raw_places, read_place
from designer.canvas.card_views import RANK, Located, card_view, wire_view, worst
from designer.canvas.ports import free_inputs, input_ports, output_ports
from designer.canvas.views import CanvasView, CardView, ChipView, CommentView, FrameView, Rect, WireView
from designer.theme import Sizes
from graph_ir.annotations import Annotations, annotations_of
from graph_ir.graph import Design, Graph, Wire
from graph_ir.kinds import Json
from graph_ir.problems import Problem
from graph_ir.report import LayerReport, Report
from graph_ir.use_words import sharing

Key = TypeVar("Key")
__all__ = ["RANK", "Projector", "free_inputs", "input_ports", "output_ports", "project", "worst"]


def project(design: Design, report: Report, sizes: Sizes, network: str = "") -> CanvasView:
    """Cards, wires and chips of one network, in file order."""
    return Projector().project(design, report, sizes, network)


@dataclass
class _Known:
    """What the last projection was made from, and what it made."""

    graph: Graph | None = None
    ids: list[str] = field(default_factory=list)
    layers: Mapping[str, LayerReport] = field(default_factory=dict)
    wires: list[Wire] = field(default_factory=list)
    chips: tuple[ChipView, ...] = ()
    problems: Located = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
    places: Places = field(default_factory=dict)
    raw_places: dict[str, Json] = field(default_factory=dict)
    is_placed: bool = False  # every layer has a place of its own in the design
    sheet: Annotations = field(default_factory=Annotations)
    cards: dict[str, CardView] = field(default_factory=dict)
    wire_views: dict[Wire, WireView] = field(default_factory=dict)


class Projector:
    """Remembers its last view: cards and wires that nothing has touched are the same objects in the next one.

    What has been touched is seen from identity: a report carries over what it has not looked at again.
    """

    def __init__(self) -> None:
        self._known = _Known()

    @property
    def is_placed(self) -> bool:
        """Whether every layer of what was projected last has a place of its own in the design."""
        return self._known.is_placed

    def project(self, design: Design, report: Report, sizes: Sizes, network: str = "") -> CanvasView:
        """Cards, wires and chips of one network, in file order."""
        graph = design.networks[network]
        old = self._known if self._known.graph is graph else _Known()
        new = _Known(graph, graph.ids(), report.layers, graph.wires(), problems=_by_place(report))
        touched = {name for name, entry in new.layers.items() if old.layers.get(name) is not entry}
        is_same_net = (old.ids, old.wires) == (new.ids, new.wires)
        new.chips = old.chips if is_same_net and not touched else chips(graph, report)
        new.sheet, new.shared = annotations_of(design.layout, network), sharing(report)
        new.raw_places = dict(raw_places(design.layout, network))
        moved = _moved(old, new) if is_same_net and old.chips == new.chips else None
        if moved is None:
            new.places = positions(design, report, sizes, network)
            new.is_placed = all(read_place(new.raw_places.get(name)) for name in new.ids)
        else:
            new.places, new.is_placed = old.places | moved if moved else old.places, old.is_placed
        hidden = {name for chip in new.chips for name, _ in chip.parts}
        new.cards, new.wire_views = (
            _cards(old, new, report, touched, hidden),
            _wires(old, new, report, touched),
        )
        self._known = new
        cards = tuple(new.cards[name] for name in new.ids if name not in hidden)
        wires = tuple(new.wire_views[wire] for wire in new.wires if wire.source not in hidden)
        return CanvasView(cards, wires, new.chips, *_papers(new.sheet))


def _by_place(report: Report) -> dict[tuple[str | None, str | None], list[Problem]]:
    found: dict[tuple[str | None, str | None], list[Problem]] = {}
    for problem in report.problems:
        port = (
            problem.port if problem.layer == problem.at else None
        )  # one inside a block is at no port of the use
        found.setdefault((problem.at, port), []).append(problem)
    return found


def _moved(old: _Known, new: _Known) -> Places | None:
    """The layers that stand elsewhere, where nothing but their own places can have moved them; else None."""
    if old.raw_places.keys() != new.raw_places.keys():
        return None
    others = [name for name, raw in new.raw_places.items() if old.raw_places[name] is not raw]
    read = {name: read_place(new.raw_places[name]) for name in others if name in old.places}
    found = {name: place for name, place in read.items() if place is not None}
    if others and (not old.is_placed or len(found) < len(read)):
        return None
    return found


def _cards(
    old: _Known, new: _Known, report: Report, touched: set[str], hidden: set[str]
) -> dict[str, CardView]:
    assert new.graph is not None, "it is what is projected"
    dirty = touched | _changed_about(old, new)
    if old.wires != new.wires:
        dirty |= {name for wire in {*old.wires} ^ {*new.wires} for name in (wire.source, wire.target)}
    cards: dict[str, CardView] = {}
    for name in new.ids:
        if name in hidden:
            continue
        card, place = old.cards.get(name), new.places[name]
        if card is None or name in dirty:
            entry, shares = report.layers[name], name in new.shared
            made = card_view(new.graph, entry, place, new.problems, hidden, new.sheet, shares=shares)
            card = card if card == made else made
        elif card.position != place:
            card = replace(card, position=place)
        cards[name] = card
    return cards


def _changed_about(old: _Known, new: _Known) -> set[str]:
    """The layers of which something else is said than in their own report."""
    found = set(old.shared ^ new.shared | old.sheet.hidden ^ new.sheet.hidden)
    found |= _differing(old.sheet.notes, new.sheet.notes)
    for chip in {*old.chips} ^ {*new.chips}:
        found.update((chip.loss, *(name for name, _ in chip.parts)))
    return found


def _differing(old: Mapping[Key, object], new: Mapping[Key, object]) -> set[Key]:
    """The keys under which two tables say different things."""
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


def _wires(old: _Known, new: _Known, report: Report, touched: set[str]) -> dict[Wire, WireView]:
    ports = _differing(old.problems, new.problems)
    bent = _differing(old.sheet.bends, new.sheet.bends)
    views: dict[Wire, WireView] = {}
    for wire in new.wires:
        view = old.wire_views.get(wire)
        is_stale = wire.source in touched or (wire.target, wire.target_port) in ports or wire in bent
        if view is None or is_stale:
            made = wire_view(report, wire, new.problems, new.sheet)
            view = view if view == made else made
        views[wire] = view
    return views


def _papers(sheet: Annotations) -> tuple[tuple[FrameView, ...], tuple[CommentView, ...]]:
    frames = (
        FrameView(number, frame.title, Rect(*frame.rect), frame.colour)
        for number, frame in enumerate(sheet.frames)
    )
    comments = (
        CommentView(number, comment.text, Rect(*comment.rect))
        for number, comment in enumerate(sheet.comments)
    )
    return tuple(frames), tuple(comments)
