"""What is painted from far away, made ready square by square: after a change one square is made anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import floor
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QLineF, QRectF

from designer.canvas.painting.card_item import RIM, Block, CardItem
from designer.canvas.painting.wire_item import WireItem, WireKey
from designer.canvas.views import Rect

if TYPE_CHECKING:
    from designer.canvas.stock import Stock

SIDE = 4096.0
Square = tuple[int, int]
Key = TypeVar("Key")


class Patch:
    """A square of the sheet: rectangles by colour, lines, and what is painted one by one because few are like it."""

    def __init__(self) -> None:
        self.bodies: defaultdict[Block, list[QRectF]] = defaultdict(list)
        self.spines: defaultdict[str, list[QRectF]] = defaultdict(list)
        self.lines: list[QLineF] = []
        self.odd_wires: list[WireItem] = []
        self.chosen: list[QRectF] = []
        self.signs: list[CardItem] = []

    def add_card(self, card: CardItem) -> None:
        """A block in its category's colours."""
        self.bodies[card.block].append(card.body)
        self.spines[card.block.category].append(card.spine)
        if card.chosen:
            self.chosen.append(QRectF(*card.rect()))
        if card.view.problem is not None:
            self.signs.append(card)

    def add_wire(self, wire: WireItem) -> None:
        """A line, if it looks like most others."""
        if wire.is_plain:
            self.lines += wire.lines
        elif wire.is_visible:
            self.odd_wires.append(wire)

    def join(self, other: Patch) -> None:
        """All of another one as well."""
        for block, rects in other.bodies.items():
            self.bodies[block] += rects
        for category, rects in other.spines.items():
            self.spines[category] += rects
        self.lines += other.lines
        self.odd_wires += other.odd_wires
        self.chosen += other.chosen
        self.signs += other.signs


class Homes(Generic[Key]):
    """In which square things of a kind are at home."""

    def __init__(self) -> None:
        self._square: dict[Key, Square] = {}
        self.by_square: defaultdict[Square, dict[Key, Rect]] = defaultdict(dict)

    def put(self, key: Key, rect: Rect) -> tuple[Square, ...]:
        """A thing takes that area; the squares that have changed."""
        old, square = self._square.get(key), (floor(rect.x / SIDE), floor(rect.y / SIDE))
        if old is not None and old != square:
            del self.by_square[old][key]
        self._square[key] = square
        self.by_square[square][key] = rect
        return (square,) if old is None else (square, old)

    def drop(self, key: Key) -> tuple[Square, ...]:
        """A thing is gone; the square that has changed."""
        square = self._square.pop(key, None)
        if square is None:
            return ()
        del self.by_square[square][key]
        return (square,)

    def of(self, key: Key) -> tuple[Square, ...]:
        """The square of a thing, if it has one."""
        square = self._square.get(key)
        return () if square is None else (square,)


class Patches:
    """The squares of the whole sheet, each made when it is seen after a change."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self.cards: Homes[str] = Homes()
        self.wires: Homes[WireKey] = Homes()
        self._made: dict[Square, tuple[Patch, Rect]] = {}

    def stain(self, squares: tuple[Square, ...]) -> None:
        """Something in these squares has changed."""
        for square in squares:
            self._made.pop(square, None)

    def seen(self, area: Rect) -> Patch:
        """All that an area shows, and some beside it."""
        whole = Patch()
        for patch, bounds in list(self._all()):
            if bounds.meets(area):
                whole.join(patch)
        return whole

    def _all(self) -> Iterator[tuple[Patch, Rect]]:
        for square in {*self.cards.by_square, *self.wires.by_square}:
            if square not in self._made:
                self._made[square] = self._make(square)
            yield self._made[square]

    def _make(self, square: Square) -> tuple[Patch, Rect]:
        stock, patch, areas = self._stock, Patch(), list[Rect]()
        for name, rect in self.cards.by_square.get(square, {}).items():
            patch.add_card(stock.cards[name])
            areas.append(rect.grown(RIM))
        for key, rect in self.wires.by_square.get(square, {}).items():
            patch.add_wire(stock.wires[key])
            areas.append(rect)
        return patch, united(areas) or Rect(0, 0, 0, 0)


def united(rects: Sequence[Rect]) -> Rect | None:
    """The smallest rectangle around all of them."""
    if not rects:
        return None
    left, top = min(rect.x for rect in rects), min(rect.y for rect in rects)
    right, bottom = max(rect.right for rect in rects), max(rect.bottom for rect in rects)
    return Rect(left, top, right - left, bottom - top)
