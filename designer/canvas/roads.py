"""The ways of all wires, kept in step with what stands on the sheet: only what changed is asked for again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from designer.canvas.card_item import Side, port_offsets
from designer.canvas.pill import pill_size
from designer.canvas.routing import Point, Route, Router, WireEnds
from designer.canvas.stock import Stock, WireKey
from designer.canvas.views import Rect
from designer.theme import Theme

CHIP_AIR = 4.0


def port_point(stock: Stock, theme: Theme, name: str, side: Side, port: str) -> Point:
    """The centre of a port; of an unknown port, the middle. Raises `KeyError` for an unknown layer."""
    card = stock.cards[name]
    for its_side, view, centre in card.ports():
        if its_side == side and view.name == port:
            return card.x() + centre.x(), card.y() + centre.y()
    sizes = theme.sizes
    (x,) = port_offsets(1, sizes.card_width)
    return card.x() + x, card.y() + (0 if side == "inputs" else sizes.card_height)


class Roads:
    """Asks the router for what has changed since it was asked last."""

    def __init__(self, stock: Stock) -> None:
        self._stock, self._router = stock, Router()

    @property
    def routes(self) -> Mapping[WireKey, Route]:
        """What the router said."""
        return self._router.routes

    def update(self, theme: Theme, wires: Iterable[WireKey], names: Iterable[str]) -> set[WireKey]:
        """These wires and the cards and chips of these layers may have changed, come or gone; whose way is another."""
        stock = self._stock
        rects: dict[tuple[str, str], Rect | None] = {}
        for name in names:
            card, chip = stock.cards.get(name), stock.chips.get(name)
            rects["card", name] = card.rect() if card is not None else None
            rects["chip", name] = chip.rect().grown(CHIP_AIR) if chip is not None else None
        ends: dict[WireKey, WireEnds | None] = {key: None for key in wires if key not in stock.wires}
        ends |= {key: self._asked(theme, key) for key in wires if key in stock.wires}
        if not ends and not rects:
            return set()
        return {key for key in self._router.change(ends, rects) if key in stock.wires}

    def _asked(self, theme: Theme, key: WireKey) -> WireEnds:
        stock, ((source, out), (target, into)) = self._stock, key
        wire = stock.wires[key].view
        shows = wire.error or key == min(stock.parallel([key]))
        return WireEnds(
            start=port_point(stock, theme, source, "outputs", out),
            end=port_point(stock, theme, target, "inputs", into),
            source=stock.cards[source].rect(),
            target=stock.cards[target].rect(),
            pill=pill_size(wire.axes, theme) if shows else (0.0, 0.0),
            side_exit=len(stock.cards[source].view.outputs) == 1,
            bends=wire.bends,
        )
