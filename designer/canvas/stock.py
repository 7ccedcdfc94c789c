"""All that stands on the sheet, and where: found by name, by neighbour and by place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from designer.canvas.arranging.index import Index
from designer.canvas.painting.card_item import RIM, CardItem, Side
from designer.canvas.painting.chip_item import RIM as CHIP_RIM
from designer.canvas.painting.chip_item import ChipItem
from designer.canvas.painting.patches import Patch, Patches, united
from designer.canvas.painting.wire_item import WireItem, WireKey
from designer.canvas.views import CommentView, FrameView, PortKey, Rect

__all__ = ["Stock", "WireKey"]


class Stock:
    """The cards, wires, chips, frames and comments of one network. Who changes one says so (`placed`, `routed`)."""

    def __init__(self) -> None:
        self.cards: dict[str, CardItem] = {}
        self.wires: dict[WireKey, WireItem] = {}
        self.chips: dict[str, ChipItem] = {}
        self.frames: tuple[FrameView, ...] = ()
        self.comments: tuple[CommentView, ...] = ()
        self._card_index: Index[str] = Index()
        self._wire_index: Index[WireKey] = Index()
        self._chip_index: Index[str] = Index()
        self._wires_of: dict[str, set[WireKey]] = {}
        self._bundles: dict[tuple[PortKey, str], set[WireKey]] = {}
        self._patches = Patches(self)
        self._bounds: Rect | None = None

    # Coming and going

    def add_card(self, card: CardItem) -> None:
        """A new card."""
        self.cards[card.view.id] = card
        self.placed(card.view.id)

    def remove_card(self, name: str) -> CardItem:
        """A card goes; its wires go by themselves."""
        self._card_index.drop(name)
        self._patches.stain(self._patches.cards.drop(name))
        self._bounds = None
        return self.cards.pop(name)

    def add_wire(self, wire: WireItem) -> None:
        """A new wire; it has no way yet."""
        key = wire.view.key
        self.wires[key] = wire
        self._bundles.setdefault((key[0], key[1][0]), set()).add(key)
        for name, _ in key:
            self._wires_of.setdefault(name, set()).add(key)

    def remove_wire(self, key: WireKey) -> WireItem:
        """A wire goes."""
        self._wire_index.drop(key)
        self._patches.stain(self._patches.wires.drop(key))
        self._bounds = None
        for table, place in (
            (self._wires_of, key[0][0]),
            (self._wires_of, key[1][0]),
            (self._bundles, (key[0], key[1][0])),
        ):
            _take(table, place, key)
        return self.wires.pop(key)

    def remove_chip(self, name: str) -> ChipItem:
        """A chip goes."""
        self._chip_index.drop(name)
        self._bounds = None
        return self.chips.pop(name)

    def placed(self, name: str) -> None:
        """A card stands elsewhere, and its chip with it."""
        rect = self.cards[name].rect()
        self._card_index.put(name, (rect,))
        self._patches.stain(self._patches.cards.put(name, rect))
        chip = self.chips.get(name)
        if chip is not None:
            chip.stand_by(rect)
            self._chip_index.put(name, (chip.rect(),))
        self._bounds = None

    def routed(self, key: WireKey) -> None:
        """A wire runs another way, or its pill lies elsewhere."""
        covered = self.wires[key].covers()
        self._wire_index.put(key, covered)
        whole = united(covered)
        if whole is not None:
            self._patches.stain(self._patches.wires.put(key, whole))
        self._bounds = None

    def dressed(self, card: CardItem) -> None:
        """A card looks different where it stands."""
        self._patches.stain(self._patches.cards.of(card.view.id))

    def dressed_wire(self, wire: WireItem) -> None:
        """A wire looks different where it runs."""
        self._patches.stain(self._patches.wires.of(wire.view.key))

    def papers(self, frames: tuple[FrameView, ...], comments: tuple[CommentView, ...]) -> None:
        """These frames and comments lie on the sheet."""
        if (self.frames, self.comments) != (frames, comments):
            self.frames, self.comments = frames, comments
            self._bounds = None

    # By neighbour

    def wires_of(self, name: str) -> set[WireKey]:
        """The wires that begin or end at a layer."""
        return self._wires_of.get(name, set())

    def bundle(self, key: WireKey) -> set[WireKey]:
        """A wire and those at its side, from the same port to the same layer: one pill is enough for them."""
        return self._bundles.get((key[0], key[1][0]), set())

    def parallel(self, keys: Iterable[WireKey]) -> set[WireKey]:
        """These wires and all at their side."""
        return set(keys).union(*(self.bundle(key) for key in keys))

    # By place

    def seen_cards(self, area: Rect) -> list[CardItem]:
        """The cards that an area touches, in no order."""
        return [self.cards[name] for name in self._card_index.within(area)]

    def seen_from_far(self, area: Rect) -> Patch:
        """All cards and wires of an area and some beside it, ready to be painted small."""
        return self._patches.seen(area)

    def seen_wires(self, area: Rect) -> list[WireItem]:
        """The wires that an area touches."""
        return [self.wires[key] for key in self._wire_index.within(area)]

    def seen_chips(self, area: Rect) -> list[ChipItem]:
        """The chips that an area touches."""
        return [self.chips[name] for name in self._chip_index.within(area)]

    def cards_in(self, area: Rect) -> list[str]:
        """The layers whose cards an area touches, in the order of the file."""
        found = [self.cards[name] for name in self._card_index.within(area)]
        return [card.view.id for card in sorted(found, key=lambda card: card.order)]

    def card_at(self, x: float, y: float) -> CardItem | None:
        """The card that lies above all others there."""
        here = self._card_index.within(Rect(x, y, 0, 0))
        return max((self.cards[name] for name in here), key=lambda card: card.order, default=None)

    def port_at(self, x: float, y: float, reach: float, only: Side | None) -> tuple[str, Side, str] | None:
        """The nearest port at most that far away, of one side or of both."""
        best: tuple[float, tuple[str, Side, str]] | None = None
        for name in self._card_index.within(Rect(x, y, 0, 0).grown(reach)):
            card = self.cards[name]
            for side, port, centre in card.ports():
                away = float(((card.x() + centre.x() - x) ** 2 + (card.y() + centre.y() - y) ** 2) ** 0.5)
                if only in (None, side) and away <= reach and (best is None or away < best[0]):
                    best = away, (name, side, port.name)
        return best[1] if best else None

    def has_words_in(self, area: Rect) -> bool:
        """Whether a card, a chip or a pill lies there, even in part."""
        if self._card_index.within(area) or self._chip_index.within(area):
            return True
        pills = (self.wires[key].pill for key in self._wire_index.within(area))
        return any(pill is not None and pill.meets(area) for pill in pills)

    def chip_at(self, x: float, y: float) -> str | None:
        """The target or length input whose chip is there."""
        here = self._chip_index.within(Rect(x, y, 0, 0))
        parts = (self.chips[name].part_at(x, y) for name in here)
        return next((part for part in parts if part is not None), None)

    def wire_at(self, x: float, y: float, reach: float) -> WireItem | None:
        """The wire whose pill or line is there; of several the one that is first in the file."""
        area = Rect(x, y, 0, 0).grown(reach)
        here = self._wire_index.within(area)
        pills = {key for key in here if (pill := self.wires[key].pill) is not None and pill.meets(area)}
        found = pills or {key for key in here if self.wires[key].is_near((x, y), reach)}
        return self.wires[min(found)] if found else None

    def bounds(self) -> Rect | None:
        """What all that stands on the sheet takes; None of an empty one."""
        if self._bounds is None:
            self._bounds = united(list(self._extents()))
        return self._bounds

    def _extents(self) -> Iterator[Rect]:
        """What all kinds of things take; not thing by thing, because a drag asks at every move."""
        indices: tuple[tuple[Index[Any], float], ...] = (
            (self._card_index, RIM - 2),
            (self._chip_index, CHIP_RIM),
            (self._wire_index, 0.0),
        )
        for index, margin in indices:
            taken = index.bounds()
            if taken is not None:
                yield taken.grown(margin)
        yield from (frame.rect.grown(2) for frame in self.frames)
        yield from (comment.rect.grown(2) for comment in self.comments)


def _take(table: dict[Any, set[WireKey]], place: object, key: WireKey) -> None:
    """Take a wire out of one entry of a table; an empty entry goes."""
    keys = table.get(place)
    if keys is None:
        return
    keys.discard(key)
    if not keys:
        del table[place]
