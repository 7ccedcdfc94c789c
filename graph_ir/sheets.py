"""A part of a sheet: what lies among some layers, to be laid down elsewhere with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from graph_ir.annotations import (
    MOST_ENTRIES,
    Point,
    Rect,
    bends_from,
    comment_from,
    ends,
    entries,
    frame_from,
    rounded,
    sheet,
)
from graph_ir.changes import Draft, position_path
from graph_ir.graph import Design, Wire
from graph_ir.kinds import Json
from graph_ir.refusing import Refused

CARD = (196.0, 50.0)
"""How large a card is, in scene pixels: what decides in which frames its middle lies."""


@dataclass(frozen=True)
class Carried:
    """The frames and comments that go with some layers, by their places in the file's lists."""

    frames: tuple[int, ...] = ()
    comments: tuple[int, ...] = ()

    def with_others(self, others: Carried) -> Carried:
        """These and others, in the order of the lists."""
        frames, comments = {*self.frames, *others.frames}, {*self.comments, *others.comments}
        return Carried(tuple(sorted(frames)), tuple(sorted(comments)))


def places_of(design: Design, network: str) -> dict[str, Point]:
    """Where the layers of a network stand, as far as the design says."""
    found = sheet(design.layout, network).get("layers")
    return {id: (at[0], at[1]) for id, at in found.items()} if isinstance(found, dict) else {}


def carried(raw: Mapping[str, Json], ids: Collection[str], places: Mapping[str, Point]) -> Carried:
    """What goes with these layers: frames around them and no others, comments in those or among the layers."""
    chosen = [places[id] for id in ids if id in places]
    if not chosen:
        return Carried()
    around = _around(chosen)
    others = [at for id, at in places.items() if id not in ids]
    frames = {i: found.rect for i, each in enumerate(entries(raw, "frames")) if (found := frame_from(each))}
    taken = {
        i: rect
        for i, rect in frames.items()
        if not any(_holds(rect, at) for at in others)
        and (any(_holds(rect, at) for at in chosen) or _within(rect, around))
    }
    comments = [
        i
        for i, each in enumerate(entries(raw, "comments"))
        if (text := comment_from(each))
        and any(_within(text.rect, rect) for rect in (around, *taken.values()))
    ]
    return Carried(tuple(taken), tuple(comments))


def _around(places: Sequence[Point]) -> Rect:
    """The rectangle around cards."""
    left, top = (min(at[axis] for at in places) for axis in (0, 1))
    right, bottom = (max(at[axis] for at in places) + CARD[axis] for axis in (0, 1))
    return (left, top, right - left, bottom - top)


def _holds(rect: Rect, at: Point) -> bool:
    """Whether the middle of a card lies in a rectangle."""
    inside = (0 <= at[axis] + CARD[axis] / 2 - rect[axis] <= rect[axis + 2] for axis in (0, 1))
    return all(inside)


def _within(inner: Rect, outer: Rect) -> bool:
    """Whether a rectangle lies wholly in another."""
    return all(
        outer[axis] <= inner[axis] and inner[axis] + inner[axis + 2] <= outer[axis] + outer[axis + 2]
        for axis in (0, 1)
    )


def part_of(
    raw: Mapping[str, Json], ids: Iterable[str], places: Mapping[str, Point], carry: Carried
) -> dict[str, Json]:
    """The part of a sheet that belongs to some layers, in the form of a file, without what would be empty."""
    chosen = dict.fromkeys(ids)
    notes, hidden = raw.get("notes"), entries(raw, "hidden")
    bent = [
        each
        for each in entries(raw, "wires")
        if (found := bends_from(each)) and found[0].source in chosen and found[0].target in chosen
    ]
    parts: dict[str, Json] = {
        "layers": {id: rounded(places[id]) for id in chosen if id in places},
        "frames": [each for i, each in enumerate(entries(raw, "frames")) if i in carry.frames],
        "comments": [each for i, each in enumerate(entries(raw, "comments")) if i in carry.comments],
        "wires": bent,
        "notes": {id: text for id, text in notes.items() if id in chosen} if isinstance(notes, dict) else {},
        "hidden": [id for id in chosen if id in hidden],
    }
    return {key: part for key, part in parts.items() if part}


def corner_of(raw: Mapping[str, Json]) -> Point | None:
    """The upper left corner of all that lies on a part of a sheet; None where nothing has a place."""
    layers = raw.get("layers")
    corners = [tuple(at) for at in layers.values()] if isinstance(layers, dict) else []
    corners += [found.rect[:2] for each in entries(raw, "frames") if (found := frame_from(each))]
    corners += [text.rect[:2] for each in entries(raw, "comments") if (text := comment_from(each))]
    return (min(x for x, _ in corners), min(y for _, y in corners)) if corners else None


def lay_down(
    draft: Draft, network: str, raw: Mapping[str, Json], names: Mapping[str, str], by: Point = (0.0, 0.0)
) -> None:
    """Puts a part of a sheet on that of a network, for layers that have other names there, moved by a distance.

    Raises Refused where the sheet would hold too much.
    """
    layers, notes, there = raw.get("layers"), raw.get("notes"), sheet(draft.design.layout, network)
    for id, at in layers.items() if isinstance(layers, dict) else ():
        if id in names:
            draft.section(position_path(network, names[id]), _moved(at, by))
    for key, reads in (("frames", frame_from), ("comments", comment_from)):
        found = [{**each, "rect": _moved(each["rect"], by)} for each in entries(raw, key) if reads(each)]
        _append(draft, network, key, found)
    graph = draft.design.networks[network]
    bent = {wire: points for wire, points in _bends(raw, names, by).items() if graph.has_wire(wire)}
    _append(
        draft, network, "wires", [{"wire": ends(wire), "points": points} for wire, points in bent.items()]
    )
    _append(draft, network, "hidden", [names[id] for id in entries(raw, "hidden") if id in names])
    if isinstance(notes, dict) and (new := {names[id]: text for id, text in notes.items() if id in names}):
        before = there.get("notes")
        draft.annotate(network, "notes", {**(before if isinstance(before, dict) else {}), **new})


def _bends(raw: Mapping[str, Json], names: Mapping[str, str], by: Point) -> dict[Wire, list[Json]]:
    found = dict(bends for each in entries(raw, "wires") if (bends := bends_from(each)))
    return {
        wire._replace(source=names[wire.source], target=names[wire.target]): [_moved(at, by) for at in points]
        for wire, points in found.items()
        if wire.source in names and wire.target in names
    }


def _append(draft: Draft, network: str, key: str, found: Sequence[Json]) -> None:
    before = entries(sheet(draft.design.layout, network), key)
    if not found:
        return
    if len(before) + len(found) > MOST_ENTRIES:
        count = len(before) + len(found)
        raise Refused(
            f"The sheet would hold {count:,} {key}, but at most {MOST_ENTRIES:,} are kept; remove some."
        )
    draft.annotate(network, key, [*before, *found])


def _moved(numbers: Sequence[float], by: Point) -> list[float]:
    """A point, or a rectangle, elsewhere."""
    return rounded([numbers[0] + by[0], numbers[1] + by[1], *numbers[2:]])
