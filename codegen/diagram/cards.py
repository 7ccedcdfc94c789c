"""What a picture is made of, before any language is chosen: cards, frames around blocks, and arrows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass
class Card:
    """One layer. Rows that the options leave out are empty (or None); texts are one visible line each."""

    name: str
    title: list[str]
    type: str
    category: str
    activations: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    dtype: str = ""
    parameters: int | None = None
    trainable: bool | None = None
    problem: list[str] = field(default_factory=list)
    bypassed: bool = False
    note: str = ""
    """What a person has noted about the layer: said by a pointer over the card, where the language can."""


@dataclass
class Frame:
    """The inside of a block: what is drawn in it, in the order of the flow; `depth` is 1 for the outermost."""

    name: str
    title: list[str]
    type: str
    depth: int
    inside: Sequence[Card | Frame]
    fields: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Arrow:
    """All wires between one output port and one layer. `label` names ports where that is not plain."""

    source: str
    target: str
    label: str
    misfit: bool


@dataclass(frozen=True)
class Picture:
    """A network as it is drawn. `items` are its cards and the frames with the others, in the order of the flow."""

    title: list[str]
    items: tuple[Card | Frame, ...]
    arrows: tuple[Arrow, ...]

    @property
    def cards(self) -> tuple[Card, ...]:
        """Every card, also those in frames."""
        return tuple(item for item in _all(self.items) if isinstance(item, Card))

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Every frame, each behind the one around it."""
        return tuple(item for item in _all(self.items) if isinstance(item, Frame))


def _all(items: Sequence[Card | Frame]) -> Iterator[Card | Frame]:
    waiting = list(reversed(items))
    while waiting:
        item = waiting.pop()
        yield item
        if isinstance(item, Frame):
            waiting += reversed(item.inside)
