"""A layer's card on the sheet: where it stands, where its ports are, and what it shows. Painted by `face.py`."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from itertools import count
from typing import Literal, NamedTuple

from PySide6.QtCore import QPointF, QRectF

from designer.canvas.views import CardView, PortView, Rect
from designer.theme import Sizes, Theme

Side = Literal["inputs", "outputs"]
Feel = Literal["fits", "refused", "near"]
DETAIL = 0.6  # below this zoom a card shows its title only
BLOCKS = 0.25  # and below this one no words at all
PORT_STEP = 44.0
EDGE = 14.0  # what is free of ports at either end of a card
RIM = 22.0  # room about a card for its rings, ports and badge
_stamps = count()


def port_offsets(count: int, width: float) -> list[float]:
    """The x of each of `count` ports on a card of that width, spread about its middle."""
    step = min(PORT_STEP, (width - 40) / max(count - 1, 1))
    return [width / 2 + (number - (count - 1) / 2) * step for number in range(count)]


def port_places(ports: Sequence[PortView], width: float) -> list[float]:
    """The x of each port on a card: those in use about its middle, spare ones in their order to either side.

    So a chain is straight through a layer that has more to give than is asked of it.
    """
    used = [number for number, port in enumerate(ports) if not port.spare]
    if not used or len(used) == len(ports):
        return port_offsets(len(ports), width)
    first, last = used[0], used[-1]
    middle = port_offsets(last - first + 1, width)
    left, right = first, len(ports) - 1 - last
    before, after = (min(PORT_STEP, (middle[0] - EDGE) / max(many, 1)) for many in (left, right))
    return [
        *(middle[0] - before * (left - number) for number in range(left)),
        *middle,
        *(middle[-1] + after * (number + 1) for number in range(right)),
    ]


class Block(NamedTuple):
    """What a card's colours come from when it is seen from far away; heat is in whole tenths."""

    category: str
    heat: int | None
    bypassed: bool


def block_of(view: CardView) -> Block:
    """How a card looks from far away."""
    return Block(view.category, None if view.heat is None else round(10 * view.heat), view.bypassed)


class CardItem:
    """Shows one `CardView`. It knows no layer type and keeps no value but the view it was given.

    `changed` is called with the card after each change of its looks.
    """

    def __init__(
        self, view: CardView, theme: Theme, changed: Callable[[CardItem], None] = lambda card: None
    ) -> None:
        self.view = view
        self.order = 0  # a later one lies above
        self._sizes: Sizes = theme.sizes
        self._changed = changed
        self._place = view.position
        self._feel: dict[tuple[Side, str], Feel] = {}
        self._chosen = False
        self._ports: list[tuple[Side, PortView, QPointF]] | None = None
        self._centres: dict[tuple[Side, str], tuple[float, float]] | None = None
        self._stamp = next(_stamps)
        self._outline: Hashable = None
        self.block = block_of(view)
        self._stand()

    # Where it is

    def x(self) -> float:
        """The left edge, in the scene."""
        return self._place[0]

    def y(self) -> float:
        """The upper edge, in the scene."""
        return self._place[1]

    def rect(self) -> Rect:
        """The card's place in the scene, without ports, ring and badge."""
        return Rect(*self._place, self._sizes.card_width, self._sizes.card_height)

    def move_to(self, x: float, y: float) -> None:
        """Stand there, whatever the view says, until it is shown again."""
        self._place = (x, y)
        self._stand()

    def _stand(self) -> None:
        """Where its face and its spine are, to be seen from far away."""
        x, y, width, height = self.rect()
        spine = 3 * self._sizes.spine  # to be seen at all
        self.body = QRectF(x + spine, y, width - spine, height)
        self.spine = QRectF(x, y, spine, height)

    # What it shows

    def show_view(self, view: CardView) -> None:
        """Show this from now on, at its place."""
        before, self.view = self.view, view
        if view.position != self._place:
            self.move_to(*view.position)
        if before is not view and replace(before, position=view.position) != view:
            self._ports = self._centres = None
            self.block = block_of(view)
            self._renew()

    @property
    def chosen(self) -> bool:
        """Whether the layer is selected."""
        return self._chosen

    def set_chosen(self, chosen: bool) -> None:
        """Ring it as selected, or not."""
        if chosen != self._chosen:
            self._chosen = chosen
            self._renew()

    def set_feel(self, side: Side, port: str, feel: Feel | None) -> None:
        """How a port answers a wire that is being drawn; None is at rest."""
        if self._feel.get((side, port)) == feel:
            return
        self._feel.pop((side, port), None)
        if feel is not None:
            self._feel[side, port] = feel
        self._renew()

    def calm(self) -> None:
        """All ports at rest."""
        if self._feel:
            self._feel.clear()
            self._renew()

    def feel(self, side: Side, port: str) -> Feel | None:
        """How that port answers just now."""
        return self._feel.get((side, port))

    def ports(self) -> list[tuple[Side, PortView, QPointF]]:
        """Every port with its centre in the card's own coordinates."""
        if self._ports is None:
            sides: tuple[tuple[Side, tuple[PortView, ...], float], ...] = (
                ("inputs", self.view.inputs, 0.0),
                ("outputs", self.view.outputs, self._sizes.card_height),
            )
            width = self._sizes.card_width
            self._ports = [
                (side, port, QPointF(x, y))
                for side, ports, y in sides
                for port, x in zip(ports, port_places(ports, width), strict=True)
            ]
        return self._ports

    def port_centre(self, side: Side, port: str) -> tuple[float, float] | None:
        """Where a port is in the scene; None for one it does not show."""
        if self._centres is None:
            self._centres = {(side, view.name): centre.toTuple() for side, view, centre in self.ports()}
        found = self._centres.get((side, port))
        return None if found is None else (self._place[0] + found[0], self._place[1] + found[1])

    def _renew(self) -> None:
        self._stamp, self._outline = next(_stamps), None
        self._changed(self)

    # What tells its picture from others

    def face_key(self) -> Hashable:
        """Another one after each change of its looks."""
        return self._stamp

    def outline_key(self) -> Hashable:
        """The same for all cards that look the same without their small words."""
        if self._outline is None:
            view, ports = self.view, self.ports()
            self._outline = (
                *(view.category, view.title, view.problem, view.bypassed, view.heat, self._chosen),
                *((side, port.problem, port.spare, self.feel(side, port.name)) for side, port, _ in ports),
            )
        return self._outline
