"""Checked edits of what lies on a sheet: frames, comments, bends of wires, notes, and what pictures leave out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from graph_ir.annotations import (
    FARTHEST,
    LONGEST_TEXT,
    MOST_ENTRIES,
    MOST_POINTS,
    Comment,
    Frame,
    Point,
    bends_json,
    comment_from,
    comment_json,
    entries,
    frame_from,
    frame_json,
    rounded,
    sheet,
)
from graph_ir.changes import Draft, Edit
from graph_ir.graph import Design, Wire
from graph_ir.kinds import Json
from graph_ir.refusing import Refused, existing


def add_frame(design: Design, network: str, frame: Frame) -> Edit:
    """Draws a frame, in front of those that are there. Raises Refused."""
    return _listed(design, network, "frames", _new_frame(frame), "Add a frame")


def change_frame(design: Design, network: str, index: int, frame: Frame) -> Edit:
    """Gives a frame another title, place or colour. Raises Refused."""
    return _changed(design, network, "frames", index, _new_frame(frame), "Change the frame")


def remove_frame(design: Design, network: str, index: int) -> Edit:
    """Removes a frame; what lies in it stays. Raises Refused."""
    return _changed(design, network, "frames", index, None, "Remove the frame")


def add_comment(design: Design, network: str, comment: Comment) -> Edit:
    """Puts a comment on the sheet. Raises Refused."""
    return _listed(design, network, "comments", _new_comment(comment), "Add a comment")


def change_comment(design: Design, network: str, index: int, comment: Comment) -> Edit:
    """Gives a comment another text or place. Raises Refused."""
    return _changed(design, network, "comments", index, _new_comment(comment), "Change the comment")


def remove_comment(design: Design, network: str, index: int) -> Edit:
    """Removes a comment. Raises Refused."""
    return _changed(design, network, "comments", index, None, "Remove the comment")


def _new_frame(frame: Frame) -> dict[str, Json]:
    _check_text("title", frame.title)
    _check_places(frame.rect, frame.rect[2:])
    raw = frame_json(frame)
    found = frame_from(raw)
    if found is None or found.colour != frame.colour:
        raise Refused(f"{frame.colour[:60]!r} is no colour of a frame; take the key of a category, or none.")
    return raw


def _new_comment(comment: Comment) -> dict[str, Json]:
    _check_text("comment", comment.text)
    _check_places(comment.rect, comment.rect[2:])
    return comment_json(comment)


def _check_text(what: str, text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise Refused(
            f"The {what} has {len(text):,} characters, but at most {LONGEST_TEXT:,} are kept; shorten it."
        )


def _check_places(numbers: Sequence[float], sizes: Sequence[float] = ()) -> None:
    """Raises Refused for what lies too far out, is no number, or has no area once it is rounded for the file."""
    if not all(abs(number) < FARTHEST for number in numbers):
        raise Refused(
            f"That lies off the sheet, which reaches {FARTHEST:,.0f} pixels each way; put it nearer."
        )
    if not all(size > 0 for size in rounded(sizes)):
        raise Refused("A frame or comment must have a width and a height; draw it larger.")


_READS: dict[str, Callable[[Json], Any]] = {"frames": frame_from, "comments": comment_from}


def _listed(design: Design, network: str, key: str, new: Json, title: str) -> Edit:
    """Appends an entry to one of the lists of a sheet."""
    raw = entries(sheet(design.layout, network), key)
    if len(raw) >= MOST_ENTRIES:
        raise Refused(
            f"There are {len(raw):,} {key} on the sheet already, the most it may hold; remove some."
        )
    with Draft(design) as draft:
        draft.annotate(network, key, [*raw, new])
        return draft.edit(title)


def _changed(
    design: Design, network: str, key: str, index: int, new: dict[str, Json] | None, title: str
) -> Edit:
    """Changes or removes (None) the entry of this number among those that can be read; unknown keys are kept."""
    raw = entries(sheet(design.layout, network), key)
    places = [place for place, each in enumerate(raw) if _READS[key](each) is not None]
    if not 0 <= index < len(places):
        raise Refused(f"This {key[:-1]} is no longer there.")
    place = places[index]
    kept = {name: each for name, each in raw[place].items() if name != "colour"}
    changed = [] if new is None else [{**kept, **new}]
    with Draft(design) as draft:
        draft.annotate(network, key, [*raw[:place], *changed, *raw[place + 1 :]])
        return draft.edit(title)


def set_bends(design: Design, network: str, wire: Wire, points: Sequence[Point]) -> Edit:
    """Says through which points a wire runs, in scene pixels; none for a straight one. Raises Refused."""
    if not design.networks[network].has_wire(wire):
        raise Refused("This wire is no longer there.")
    if len(points) > MOST_POINTS:
        raise Refused(f"A wire bends at most {MOST_POINTS:,} times; take fewer points.")
    for point in points:
        _check_places(point)
    with Draft(design) as draft:
        old = draft.bends_of(network, wire) or {}
        draft.bends(network, {wire: {**old, **bends_json(wire, points)} if points else None})
        return draft.edit(f"Bend the wire from {wire.source} to {wire.target}")


def straighten(design: Design, network: str, wires: Iterable[Wire]) -> Edit:
    """Takes the bends of wires away; wires without any stay as they are."""
    with Draft(design) as draft:
        draft.bends(network, dict.fromkeys(wires))
        return draft.edit("Straighten the wires")


def set_note(design: Design, network: str, id: str, text: str) -> Edit:
    """Notes something about a layer; empty for nothing. Raises Refused."""
    existing(design.networks[network], id)
    _check_text("note", text)
    notes = sheet(design.layout, network).get("notes")
    kept = {key: each for key, each in notes.items() if key != id} if isinstance(notes, dict) else {}
    with Draft(design) as draft:
        draft.annotate(network, "notes", kept | ({id: text} if text else {}))
        return draft.edit(f"Note about {id}")


def set_hidden(design: Design, network: str, ids: Iterable[str], on: bool) -> Edit:
    """Leaves layers out of pictures, or shows them there again. Raises Refused."""
    chosen = dict.fromkeys(ids)
    for id in chosen:
        existing(design.networks[network], id)
    before = entries(sheet(design.layout, network), "hidden")
    kept = [id for id in before if id not in chosen]
    after = [*before, *(id for id in chosen if id not in before)] if on else kept
    what = next(iter(chosen)) if len(chosen) == 1 else f"{len(chosen)} layers"
    with Draft(design) as draft:
        if after != before:
            draft.annotate(network, "hidden", after)
        return draft.edit(f"{'Hide' if on else 'Show'} {what} in pictures")
