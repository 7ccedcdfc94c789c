"""The ways of all wires, kept in step with what stands on the sheet: only what changed is asked for again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from time import perf_counter

from designer.canvas.arranging.routing import Point, Route, Router, WireEnds, Work
from designer.canvas.painting.card_item import Side
from designer.canvas.painting.pill import pill_size
from designer.canvas.stock import Stock, WireKey
from designer.canvas.views import Rect
from designer.theme import Theme

CHIP_AIR = 4.0
AT_ONCE = 600  # wires of a network whose ways are always found at once
PATIENCE = 0.03  # seconds that a change of a larger one may take


def port_point(stock: Stock, theme: Theme, name: str, side: Side, port: str) -> Point:
    """The centre of a port; of an unknown port, the middle. Raises `KeyError` for an unknown layer."""
    card = stock.cards[name]
    centre = card.port_centre(side, port)
    if centre is not None:
        return centre
    sizes = theme.sizes
    return card.x() + sizes.card_width / 2, card.y() + (0 if side == "inputs" else sizes.card_height)


class Roads:
    """Asks the router for what has changed since it was asked last."""

    def __init__(self, stock: Stock) -> None:
        self._stock, self._router = stock, Router()
        self._ends: dict[WireKey, WireEnds | None] = {}  # what is still to be asked
        self._rects: dict[tuple[str, str], Rect | None] = {}
        self._work: Work | None = None  # what is being asked
        self._asked: set[WireKey] = set()  # the wires that this is about

    @property
    def routes(self) -> Mapping[WireKey, Route]:
        """What the router said."""
        return self._router.routes

    @property
    def is_busy(self) -> bool:
        """Whether some ways are still to be found."""
        return self._work is not None or bool(self._ends or self._rects)

    def waits(self, key: WireKey) -> bool:
        """Whether the way of a wire is still to be found."""
        return key in self._ends or key in self._asked

    def update(self, theme: Theme, wires: Iterable[WireKey], names: Iterable[str]) -> set[WireKey]:
        """These wires and the cards and chips of these layers may have changed, come or gone; whose way is another.

        In a large network the ways may take longer than a window may wait: some are found by and by (`go_on`).
        """
        stock = self._stock
        for name in names:
            card, chip = stock.cards.get(name), stock.chips.get(name)
            self._rects["card", name] = card.rect() if card is not None else None
            self._rects["chip", name] = chip.rect().grown(CHIP_AIR) if chip is not None else None
        for key in wires:
            self._ends[key] = self._ends_of(theme, key) if key in stock.wires else None
        return self.go_on(self.patience())

    def patience(self) -> float:
        """Until when (by `perf_counter`) ways may be found before the window goes on."""
        return inf if len(self._stock.wires) <= AT_ONCE else perf_counter() + PATIENCE

    def go_on(self, until: float) -> set[WireKey]:
        """Find ways until that moment of `perf_counter`; the wires whose way is another one, once all are found."""
        changed = set[WireKey]()
        while self.is_busy:
            if self._work is None:
                self._work = self._router.changing(self._ends, self._rects)
                self._asked, self._ends, self._rects = set(self._ends), {}, {}
            try:
                next(self._work)
            except StopIteration as done:
                changed |= done.value
                self._work, self._asked = None, set()
            except BaseException:  # what has failed is not gone on with
                self._work, self._asked = None, set()
                raise
            if perf_counter() > until:
                break
        return {key for key in changed if key in self._stock.wires}

    def _ends_of(self, theme: Theme, key: WireKey) -> WireEnds:
        stock, ((source, out), (target, into)) = self._stock, key
        wire = stock.wires[key].view
        shows = wire.error or key == min(stock.bundle(key))
        return WireEnds(
            start=port_point(stock, theme, source, "outputs", out),
            end=port_point(stock, theme, target, "inputs", into),
            source=stock.cards[source].rect(),
            target=stock.cards[target].rect(),
            pill=pill_size(wire.axes, theme) if shows else (0.0, 0.0),
            side_exit=len(stock.cards[source].view.outputs) == 1,
            bends=wire.bends,
        )
