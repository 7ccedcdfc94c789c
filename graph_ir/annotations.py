"""What a person puts on the sheet beside the layers: frames, comments, bends, notes, and what pictures leave out.

It stands in the design's `layout`, network by network, beside the positions. Nothing of it changes what a network is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from graph_ir.graph import Wire
from graph_ir.kinds import Json
from graph_ir.spec import Category

Rect = tuple[float, float, float, float]
"""The left and upper edge, width and height, in scene pixels."""
Point = tuple[float, float]

MOST_ENTRIES, MOST_POINTS, LONGEST_TEXT, FARTHEST = 10_000, 1_000, 10_000, 1e7
KEYS = ("frames", "comments", "wires", "notes", "hidden")
_COLOURS = frozenset(category.key for category in Category)


@dataclass(frozen=True)
class Frame:
    """A titled frame behind layers; `colour` is the key of a category, or empty."""

    title: str
    rect: Rect
    colour: str = ""


@dataclass(frozen=True)
class Comment:
    """A free text on the sheet."""

    text: str
    rect: Rect


@dataclass(frozen=True)
class Annotations:
    """What lies on the sheet of one network. Frames and comments are named by their place in the list."""

    frames: tuple[Frame, ...] = ()
    comments: tuple[Comment, ...] = ()
    bends: Mapping[Wire, tuple[Point, ...]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    """The layers that pictures leave out."""


def sheet_path(network: str) -> tuple[str, ...]:
    """Where the sheet of a network stands in a design."""
    return ("layout", "blocks", network) if network else ("layout", "network")


def annotations_of(layout: Mapping[str, Json], network: str = "") -> Annotations:
    """What lies on a network's sheet. What can't be read is passed over; layers and wires may be gone."""
    raw = sheet(layout, network)
    notes, hidden = raw.get("notes"), raw.get("hidden")
    return Annotations(
        frames=tuple(filter(None, map(frame_from, entries(raw, "frames")))),
        comments=tuple(filter(None, map(comment_from, entries(raw, "comments")))),
        bends=dict(filter(None, map(bends_from, entries(raw, "wires")))),
        notes={id: text for id, text in notes.items() if is_text(text)} if isinstance(notes, dict) else {},
        hidden=frozenset(id for id in hidden if isinstance(id, str))
        if isinstance(hidden, list)
        else frozenset(),
    )


def sheet(layout: Mapping[str, Json], network: str) -> Mapping[str, Json]:
    """The section of one network in a layout, as it stands in the file."""
    found: Json = layout
    for key in sheet_path(network)[1:]:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def entries(raw: Mapping[str, Json], key: str) -> list[Json]:
    """The list that stands under a key of a sheet; empty where there is none."""
    found = raw.get(key)
    return found if isinstance(found, list) else []


def frame_from(raw: Json) -> Frame | None:
    """A frame as it stands in the file, or None."""
    if not isinstance(raw, dict) or not is_text(raw.get("title", "")) or not is_text(raw.get("colour", "")):
        return None
    colour = raw.get("colour", "")
    rect = rect_from(raw.get("rect"))
    return Frame(raw.get("title", ""), rect, colour if colour in _COLOURS else "") if rect else None


def comment_from(raw: Json) -> Comment | None:
    """A comment as it stands in the file, or None."""
    if not isinstance(raw, dict) or not is_text(raw.get("text")):
        return None
    rect = rect_from(raw.get("rect"))
    return Comment(raw["text"], rect) if rect else None


def bends_from(raw: Json) -> tuple[Wire, tuple[Point, ...]] | None:
    """A wire and where it bends as they stand in the file, or None."""
    wire = wire_from(raw.get("wire")) if isinstance(raw, dict) else None
    points = raw.get("points") if wire else None
    if wire is None or not isinstance(points, list) or not 1 <= len(points) <= MOST_POINTS:
        return None
    found = [point for each in points if (point := _numbers(each, 2))]
    return (wire, tuple((x, y) for x, y in found)) if len(found) == len(points) else None


def wire_from(raw: Json) -> Wire | None:
    """A wire by its two ends, `["conv1.y", "relu.x"]`."""
    if (
        not isinstance(raw, list)
        or len(raw) != 2
        or not all(isinstance(end, str) and "." in end for end in raw)
    ):
        return None
    (source, _, source_port), (target, _, target_port) = (end.rpartition(".") for end in raw)
    return Wire(source, source_port, target, target_port)


def rect_from(raw: Json) -> Rect | None:
    """A rectangle that has an area, or None."""
    found = _numbers(raw, 4)
    return (found[0], found[1], found[2], found[3]) if found and found[2] > 0 and found[3] > 0 else None


def _numbers(raw: Json, count: int) -> tuple[float, ...] | None:
    if not isinstance(raw, list | tuple) or len(raw) != count:
        return None
    return tuple(raw) if all(map(_is_place, raw)) else None


def _is_place(raw: Any) -> bool:
    good = isinstance(raw, int | float) and not isinstance(raw, bool)
    return good and isfinite(raw) and abs(raw) < FARTHEST


def is_text(raw: Json) -> bool:
    """Whether it is a text that a sheet may hold."""
    return isinstance(raw, str) and len(raw) <= LONGEST_TEXT


def frame_json(frame: Frame) -> dict[str, Json]:
    """A frame as it stands in the file."""
    colour = {"colour": frame.colour} if frame.colour else {}
    return {"title": frame.title, "rect": rounded(frame.rect), **colour}


def comment_json(comment: Comment) -> dict[str, Json]:
    """A comment as it stands in the file."""
    return {"text": comment.text, "rect": rounded(comment.rect)}


def bends_json(wire: Wire, points: Sequence[Point]) -> dict[str, Json]:
    """A wire and its bends as they stand in the file."""
    return {"wire": ends(wire), "points": [rounded(point) for point in points]}


def ends(wire: Wire) -> list[str]:
    """The two ends of a wire as a file has them."""
    return [f"{wire.source}.{wire.source_port}", f"{wire.target}.{wire.target_port}"]


def rounded(numbers: Sequence[float]) -> list[float]:
    """Scene pixels as a file holds them: whole ones without a point."""
    return [int(found) if (found := round(number, 2)) == int(found) else found for number in numbers]


_BOUNDS = f"of at most {LONGEST_TEXT:,} characters, with an area and within {FARTHEST:,.0f} pixels"
_WANTED: Mapping[str, tuple[Callable[[Json], object], str]] = {
    "frames": (frame_from, f'a frame such as {{"title": "Encoder", "rect": [0, 0, 240, 480]}}, {_BOUNDS}'),
    "comments": (comment_from, f'a comment such as {{"text": "why", "rect": [0, 0, 200, 80]}}, {_BOUNDS}'),
    "wires": (
        bends_from,
        f'a wire that bends, such as {{"wire": ["a.y", "b.x"], "points": [[0, 0]]}}, at 1 to {MOST_POINTS:,} '
        f"points within {FARTHEST:,.0f} pixels",
    ),
    "notes": (is_text, f"text of at most {LONGEST_TEXT:,} characters"),
    "hidden": (lambda raw: isinstance(raw, str), "the id of a layer"),
}


def faults(raw: Mapping[str, Json]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What of a sheet no file may hold: the place in it, and what must stand there."""
    for key, (reads, wanted) in _WANTED.items():
        kind, words = (dict, "an object") if key == "notes" else (list, "a list")
        found = raw.get(key, kind())
        if not isinstance(found, kind):
            yield (key,), words
            continue
        if len(found) > MOST_ENTRIES:
            yield (key,), f"at most {MOST_ENTRIES:,} long"
        places: Iterator[tuple[str | int, Json]] = (
            iter(found.items()) if isinstance(found, dict) else enumerate(found)
        )
        yield from (((key, place), wanted) for place, each in places if not _reads(reads, each))


def _reads(reads: Callable[[Json], object], raw: Json) -> bool:
    found = reads(raw)
    return found is not None and found is not False
