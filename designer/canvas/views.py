"""What the canvas paints, as plain frozen data: items hold one of these and no model value of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "hint"]
PortKey = tuple[str, str]  # (layer id, port name)
FRAME_TITLE = 28.0  # the strip along a frame's top: its title stands on it, the hand takes hold of it


class Rect(NamedTuple):
    """An upright rectangle in scene pixels; `x`, `y` is its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of the lower edge."""
        return self.y + self.height

    def grown(self, margin: float) -> Rect:
        """The same rectangle with that much added on every side."""
        return Rect(self.x - margin, self.y - margin, self.width + 2 * margin, self.height + 2 * margin)

    def meets(self, other: Rect) -> bool:
        """Whether the two share an area (touching edges do not count)."""
        beside = self.right <= other.x or other.right <= self.x
        return not beside and self.y < other.bottom and other.y < self.bottom


@dataclass(frozen=True)
class PortView:
    """One port on a card: its name, what its tooltip says, and how bad its worst problem is.

    A `spare` one needs no wire and has none.
    """

    name: str
    note: str = ""
    problem: Severity | None = None
    spare: bool = False


@dataclass(frozen=True)
class CardView:
    """One layer's card: `title` is the type, `name` the id or label, `count` the number of parameters."""

    id: str
    title: str
    name: str
    values: str
    count: str
    category: str
    inputs: tuple[PortView, ...]
    outputs: tuple[PortView, ...]
    position: tuple[float, float]
    problem: Severity | None = None
    note: str = ""
    bypassed: bool = False
    is_hidden: bool = False  # from pictures
    remark: str = ""  # what the person has noted about the layer
    heat: float | None = None  # 0 to 1: how much of what the overlay shows the layer has
    heat_words: str = ""
    delta: str = ""  # the change in parameters that a preview would bring, as "+64"


@dataclass(frozen=True)
class AxisView:
    """One axis on a pill: bold where it `changed` since the wire before, or `differs` from what is wanted.

    `was` is its size now, where a preview shows what it would be.
    """

    letter: str
    size: str
    changed: bool = False
    differs: bool = False
    was: str = ""


@dataclass(frozen=True)
class WireView:
    """One wire from an output to an input; `error` draws it dashed."""

    source: PortKey
    target: PortKey
    axes: tuple[AxisView, ...] = ()
    error: bool = False
    note: str = ""
    bends: tuple[tuple[float, float], ...] = ()  # where the person wants it to run, in scene pixels

    @property
    def key(self) -> tuple[PortKey, PortKey]:
        """Its two ends: what tells it from every other wire."""
        return self.source, self.target


@dataclass(frozen=True)
class ChipView:
    """The target (and length) inputs of a loss, one chip beside it: `parts` are (layer id, words)."""

    loss: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FrameView:
    """A titled frame behind layers; `colour` is a category's key, or empty."""

    index: int
    title: str
    rect: Rect
    colour: str = ""


@dataclass(frozen=True)
class CommentView:
    """A free text on the sheet."""

    index: int
    text: str
    rect: Rect


@dataclass(frozen=True)
class CanvasView:
    """A whole network as the canvas paints it."""

    cards: tuple[CardView, ...] = ()
    wires: tuple[WireView, ...] = ()
    chips: tuple[ChipView, ...] = ()
    frames: tuple[FrameView, ...] = ()
    comments: tuple[CommentView, ...] = ()
    is_tried: bool = False  # it shows an edit that is not done yet


def changed_cards(before: tuple[CardView, ...], now: tuple[CardView, ...]) -> list[CardView] | None:
    """The cards that are other ones than before, where they are of the same layers in the same order; else None."""
    if len(before) != len(now):
        return None
    pairs = [(old, new) for old, new in zip(before, now, strict=True) if old is not new]
    if any(old.id != new.id for old, new in pairs):
        return None
    return [new for old, new in pairs if old != new]
