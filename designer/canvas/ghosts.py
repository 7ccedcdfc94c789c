"""What an edit would change, before it is done: two reports of one network compared, and shown on the canvas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from designer.canvas.views import AxisView, CanvasView, CardView, Severity, WireView
from designer.canvas.words import axis_views, value_words
from designer.panels.widgets import amount
from graph_ir.dims import Dim
from graph_ir.graph import Wire
from graph_ir.problems import Problem
from graph_ir.report import LayerReport, Report
from graph_ir.signature import TensorType
from graph_ir.use_words import block_of

if TYPE_CHECKING:
    from designer.trail import Trail

MOST_WIRES = 2_000
"""So many ghosts are drawn; beyond, their number is told."""
UNKNOWN, NONE = "?", "–"
_RANK: tuple[Severity, ...] = ("error", "warning", "hint")


@dataclass(frozen=True)
class Differences:
    """What is other in one report than in another of the same network. Layers that are in one alone don't count."""

    wires: frozenset[Wire]
    layers: tuple[str, ...]
    """Those with another number of parameters, other values or other problems."""
    parameters: int
    macs: Dim
    errors: int


def differences(before: Report, after: Report) -> Differences:
    """Compares what was found out about a network with what an edit would make of it."""
    both = [(entry, after.layers[id]) for id, entry in before.layers.items() if id in after.layers]
    changed = [(old, new) for old, new in both if old is not new]
    given = {new.node.id for old, new in changed if old.outputs != new.outputs}
    wires = [wire for wire in before.wires if wire.source in given] if given else []
    return Differences(
        frozenset(wire for wire in wires if before.wire_type(wire) != after.wire_type(wire)),
        tuple(new.node.id for old, new in changed if _face(old) != _face(new)),
        after.parameters - before.parameters,
        after.macs - before.macs,
        _errors(after) - _errors(before),
    )


def _face(entry: LayerReport) -> tuple[object, ...]:
    """What a card shows of a layer beside its ports."""
    return entry.node, entry.parameters, entry.problems


def _errors(report: Report) -> int:
    return sum(problem.severity == "error" for problem in report.problems)


def with_ghosts(view: CanvasView, before: Report, after: Report) -> CanvasView:
    """The view of a network, with what an edit would make of its shapes, values and parameters."""
    found = differences(before, after)
    layers = set(found.layers)
    cards = tuple(
        _card(card, before.layers[card.id], after.layers[card.id]) if card.id in layers else card
        for card in view.cards
    )
    if not found.wires or len(found.wires) > MOST_WIRES:
        return replace(view, cards=cards, is_tried=True)
    wires = tuple(
        _wire(wire, before, after) if Wire(*wire.source, *wire.target) in found.wires else wire
        for wire in view.wires
    )
    return replace(view, cards=cards, wires=wires, is_tried=True)


def ghosts(view: CanvasView, trail: Trail) -> CanvasView:
    """The view of the network on show as an edit would leave it, where one is being made."""
    after = trail.previewed
    return view if after is None else with_ghosts(view, trail.report, after)


def _card(card: CardView, old: LayerReport, new: LayerReport) -> CardView:
    values = card.values
    if new.node != old.node and new.layer is not None and not block_of(new.node):
        values = " · ".join(value_words(new.node, new.layer))
    more = new.parameters - old.parameters
    return replace(
        card,
        values=values,
        count=_thin(f"{new.parameters:,}") if new.parameters else "",
        delta=_thin(signed(more)) if more else "",
        problem=min((problem.severity for problem in new.problems), key=_RANK.index, default=None),
        note="\n".join(problem.message for problem in new.problems),
    )


def _wire(view: WireView, before: Report, after: Report) -> WireView:
    wire = Wire(*view.source, *view.target)
    target = after.layers.get(wire.target)
    problems = [one for one in target.problems if one.port == wire.target_port] if target else []
    errors = [one for one in problems if one.severity == "error"]
    axes = _axes(before.wire_type(wire), after.wire_type(wire), _given_to(after, wire.source), errors)
    return replace(view, axes=axes, error=bool(errors), note="\n".join(one.message for one in problems))


def _given_to(report: Report, name: str) -> TensorType | None:
    """What flows on the wire before: the first input of the layer a wire comes from."""
    inputs = report.layers[name].inputs
    return next((given for given in inputs.values() if given is not None), None)


def _axes(
    old: TensorType | None, new: TensorType | None, given: TensorType | None, errors: Sequence[Problem]
) -> tuple[AxisView, ...]:
    """The axes as they would be, each with the size that it has now where that is another."""
    was = axis_views(old, None, ()) if old is not None else ()
    if new is None:
        return tuple(AxisView(axis.letter, UNKNOWN, was=axis.size) for axis in was)
    axes = axis_views(new, given, errors)
    if old is None:
        return tuple(replace(axis, was=UNKNOWN) for axis in axes)
    partners = _partners(was, axes)
    return tuple(
        axis if size == axis.size else replace(axis, was=size)
        for axis, size in zip(axes, partners, strict=True)
    )


def _partners(was: Sequence[AxisView], axes: Sequence[AxisView]) -> list[str]:
    """For each axis the size it has now: one by one where there are as many, else by their letters."""
    if len(was) == len(axes):
        return [axis.size for axis in was]
    sizes = {axis.letter: axis.size for axis in was if axis.letter}
    return [sizes.get(axis.letter, NONE) for axis in axes]


def words(before: Report, after: Report) -> str:
    """What an edit would change, for a line of text: `+64 parameters · −1.20 M MACs · 12 shapes change`."""
    found = differences(before, after)
    parts = [
        f"{signed(found.parameters)} parameters" if found.parameters else "",
        f"{signed(found.macs)} MACs" if found.macs != 0 else "",
        _shapes(len(found.wires)),
        _counted(found.errors, "error"),
    ]
    return " · ".join(_said(parts)) or "nothing else changes"


def _said(parts: Iterable[str]) -> list[str]:
    return [part for part in parts if part]


def _shapes(count: int) -> str:
    if count > MOST_WIRES:
        return f"shapes of {count:,} wires change"
    return f"{count:,} shape{'s change' if count > 1 else ' changes'}" if count else ""


def _counted(count: int, word: str) -> str:
    return f"{signed(count)} {word}{'' if abs(count) == 1 else 's'}" if count else ""


def signed(number: Dim) -> str:
    """A change for people: `+64`, `−0.12 M`; of a size that depends on symbols the difference itself."""
    if not isinstance(number, int):
        return f"{amount(number)} more"
    return f"{'−' if number < 0 else '+'}{amount(abs(number))}"


def _thin(text: str) -> str:
    return text.replace(",", "\u202f")
