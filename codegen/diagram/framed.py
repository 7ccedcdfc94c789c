"""The layered layout of a picture with frames: each frame is laid out by itself and is a box of the network around it.

A wire that crosses the edge of a frame does so at a port: a point in front of everything in the frame, or behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from codegen.diagram.cards import Card, Frame, Picture
from codegen.diagram.layered import LANE, Box, Point, arrange

MARGIN = 0.35
"""Between what is in a frame and its edge, in cm."""
_PORT = Box(LANE, 0.0)
_FRONT = "front"


@dataclass(frozen=True)
class Head:
    """The room a frame's title takes: at least so much across, and so far from the first and last edges."""

    across: float
    before: Point
    after: Point


@dataclass(frozen=True)
class Placed:
    """Centres of cards and frames by name, boxes of the frames, and per arrow the points it bends at."""

    centres: Mapping[str, Point]
    frames: Mapping[str, Box]
    bends: list[list[Point]]


@dataclass
class _Inside:
    """How one network (the top one is "") is laid out, in coordinates of its own."""

    at: dict[str, Point] = field(default_factory=dict)
    """Centres of its items, and its ports."""
    bends: dict[int, list[Point]] = field(default_factory=dict)
    """By the number of an arrow in the picture."""
    middle: Point = (0.0, 0.0)


def place(
    picture: Picture,
    box: Callable[[Card], Box],
    head: Callable[[Frame], Head],
    *,
    gap: float,
    pitch: float,
) -> Placed:
    """Places all cards and frames; `gap` and `pitch` as for `layered.arrange`."""
    placer = _Placer(picture, gap, pitch)
    boxes = {card.name: box(card) for card in picture.cards}
    for frame in reversed(picture.frames):  # the innermost first
        boxes[frame.name] = placer.lay_out(frame.name, frame.inside, boxes, head(frame))
    placer.lay_out("", picture.items, boxes, None)
    return placer.placed({frame.name: boxes[frame.name] for frame in picture.frames})


class _Placer:
    def __init__(self, picture: Picture, gap: float, pitch: float) -> None:
        self.picture, self.gap, self.pitch = picture, gap, pitch
        self.inside: dict[str, _Inside] = {}
        self.paths: dict[str, tuple[str, ...]] = {item.name: ("", item.name) for item in picture.items}
        """By name: the frames around a card or frame, outermost first, then itself."""
        for frame in picture.frames:
            self.paths |= {item.name: (*self.paths[frame.name], item.name) for item in frame.inside}
        self.ways: dict[str, dict[int, tuple[str, str]]] = {}
        """For each network, by the number of an arrow: from which item or port to which it runs there."""
        for number in range(len(picture.arrows)):
            for name, start, end in self._way(number):
                self.ways.setdefault(name, {})[number] = (start, end)

    def _way(self, number: int) -> list[tuple[str, str, str]]:
        """The networks that an arrow runs through, each with its two ends there."""
        arrow = self.picture.arrows[number]
        out, into = self.paths[arrow.source], self.paths[arrow.target]
        common = sum(a == b for a, b in zip(out[:-1], into[:-1], strict=False))
        found = [(out[i - 1], out[i], f"out {arrow.source}") for i in range(len(out) - 1, common, -1)]
        found.append((out[common - 1], out[common], into[common]))
        return found + [(into[i - 1], f"in {arrow.source}", into[i]) for i in range(common + 1, len(into))]

    def lay_out(
        self, name: str, items: Sequence[Card | Frame], boxes: Mapping[str, Box], head: Head | None
    ) -> Box:
        """Lays one network out; returns the box of the frame around it (of none where there is no `head`)."""
        ways = self.ways.get(name, {})
        ends = [end for way in ways.values() for end in way]
        entries = [end for end in dict.fromkeys(ends) if end.startswith("in ")]
        exits = [end for end in dict.fromkeys(ends) if end.startswith("out ")]
        names = [*([_FRONT] if entries else []), *entries, *(item.name for item in items), *exits]
        index = {each: i for i, each in enumerate(names)}
        wires = [(index[start], index[end]) for start, end in ways.values()]
        wires += [(index[_FRONT], index[port]) for port in entries]
        left = {start for start, _ in ways.values()}
        wires += [(index[i.name], index[port]) for i in items if i.name not in left for port in exits]
        layout = arrange([boxes.get(each, _PORT) for each in names], wires, self.gap, self.pitch)
        inside = self.inside[name] = _Inside(dict(zip(names, layout.centres, strict=True)))
        inside.bends = dict(zip(ways, layout.bends, strict=False))
        if head is None:
            return _PORT
        shown = [(inside.at[item.name], boxes[item.name]) for item in items]
        return _framed(inside, shown, entries, exits, head)

    def placed(self, frames: Mapping[str, Box]) -> Placed:
        """All networks put together."""
        centres: dict[str, Point] = {}
        shifts = {"": (0.0, 0.0)}
        for name in ("", *frames):
            for each, (across, along) in self.inside[name].at.items():
                centre = centres[each] = (across + shifts[name][0], along + shifts[name][1])
                if each in frames:
                    middle = self.inside[each].middle
                    shifts[each] = (centre[0] - middle[0], centre[1] - middle[1])
        bends: list[list[Point]] = []
        for number in range(len(self.picture.arrows)):
            points: list[Point] = []
            for name, start, end in self._way(number):
                inside, shift = self.inside[name], shifts[name]
                way = [inside.at[start]] if start.startswith("in ") else []
                way += inside.bends[number]
                way += [inside.at[end]] if end.startswith("out ") else []
                points += [(across + shift[0], along + shift[1]) for across, along in way]
            bends.append(points)
        return Placed(centres, frames, bends)


def _framed(
    inside: _Inside, shown: list[tuple[Point, Box]], entries: list[str], exits: list[str], head: Head
) -> Box:
    """The box around what is in a frame; its ports are put on the edge."""
    bends = [point for points in inside.bends.values() for point in points]
    sides = [across for across, _ in (*bends, *(inside.at[port] for port in (*entries, *exits)))]
    left = min([*sides, *(at[0] - box.across / 2 for at, box in shown)]) - MARGIN - head.before[0]
    right = max([*sides, *(at[0] + box.across / 2 for at, box in shown)]) + MARGIN + head.after[0]
    right = max(right, left + head.across)
    first = min(at[1] - box.along / 2 for at, box in shown) - MARGIN - head.before[1]
    last = max(at[1] + box.along / 2 for at, box in shown) + MARGIN + head.after[1]
    inside.at |= {port: (inside.at[port][0], first) for port in entries}
    inside.at |= {port: (inside.at[port][0], last) for port in exits}
    inside.middle = ((left + right) / 2, (first + last) / 2)
    return Box(right - left, last - first)
