"""What stands on the sheet, kept in step with a `CanvasView`: only what has changed is routed and repainted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from time import perf_counter

from designer.canvas.arranging.roads import Roads, port_point
from designer.canvas.arranging.routing import Route, bezier
from designer.canvas.painting.card_item import RIM, CardItem
from designer.canvas.painting.chip_item import RIM as CHIP_RIM
from designer.canvas.painting.chip_item import ChipItem
from designer.canvas.painting.pill import pill_size, raised_pill
from designer.canvas.painting.stains import Stains
from designer.canvas.painting.wire_item import WireItem, WireKey
from designer.canvas.stock import Stock
from designer.canvas.views import (
    CanvasView,
    CardView,
    ChipView,
    CommentView,
    FrameView,
    Rect,
    WireView,
    changed_cards,
)
from designer.theme import Theme


class Stage:
    """Cards, wires, chips and papers of one network; `repaint` is told what looks different, None is everything."""

    def __init__(self, theme: Theme, repaint: Callable[[Rect | None], None]) -> None:
        self.theme = theme
        self.view = CanvasView()
        self._whole: CanvasView | None = None  # that all is in step with, but for what is slid
        self.stock = Stock()
        self.cards, self.wires, self.chips = self.stock.cards, self.stock.wires, self.stock.chips
        self.roads = Roads(self.stock)
        self.chosen_wires: dict[WireKey, None] = {}
        self.pointed: WireKey | None = None
        self._stains = Stains(repaint)
        self._slid: set[str] = set()
        self._bent: set[WireKey] = set()  # the wires that follow them
        self._stale: dict[
            WireKey, None
        ] = {}  # the wires whose way has been found, which do not run there yet
        self._chosen: frozenset[str] = frozenset()

    def set_theme(self, theme: Theme) -> None:
        """Everything looks different."""
        self.theme = theme
        with self._stains.one_picture():
            for chip in self.chips.values():
                chip.show_view(chip.view, theme)
        self._stains.add(None)

    def show(self, view: CanvasView) -> None:
        """Bring everything in step with `view`. What is the very same object as before costs next to nothing."""
        if view is self.view and not self._slid:
            return
        self.view, before, self._whole = view, self._whole, None
        with self._stains.one_picture():
            wires = self._show_wires(view.wires, before)
            names = self._show_cards(view.cards, before)
            names |= self._show_chips(view.chips)
            worded = self._only_worded(wires) if view.is_tried else set()
            wires = self.stock.parallel(wires.union(*map(self.stock.wires_of, names))) - worded
            found = self.roads.update(self.theme, wires, names)
            self._stale.update(dict.fromkeys(self._bent | found))
            self._slid, self._bent = set(), worded
            for key in worded:
                self._word(key)
            for key in wires:
                if key in self.wires and self.roads.waits(key):
                    self._curve(key)
            self._run_stale(self.roads.patience())
            self._show_papers(view)
        self._whole = view

    def _show_wires(self, wires: tuple[WireView, ...], before: CanvasView | None) -> set[WireKey]:
        """The wires that have come, gone or changed, and those at the side of one that has gone."""
        if before is not None and wires == before.wires:
            return set()
        stock, dirty, wanted = self.stock, set[WireKey](), {wire.key: wire for wire in wires}
        for key in self.wires.keys() - wanted.keys():
            dirty |= stock.parallel([key])
            self._wire_stain(stock.remove_wire(key))
            self.chosen_wires.pop(key, None)
            self.pointed = None if self.pointed == key else self.pointed
        for key, wire in wanted.items():
            item = self.wires.get(key)
            if item is None:
                stock.add_wire(WireItem(wire, self._wire_changed))
                dirty.add(key)
            elif item.view is not wire and item.view != wire:
                item.show_view(wire)
                dirty.add(key)
        return dirty

    def _show_cards(self, cards: tuple[CardView, ...], before: CanvasView | None) -> set[str]:
        """The layers whose cards have come, gone, moved or changed."""
        others = changed_cards(before.cards, cards) if before is not None else None
        if others is not None:
            for card in [
                *others,
                *(self.cards[name].view for name in self._slid - {one.id for one in others}),
            ]:
                self._show_card(card, self.cards[card.id])
            return self._slid | {card.id for card in others}
        wanted = {card.id: card for card in cards}
        dirty = self.cards.keys() - wanted.keys()
        for name in dirty:
            self._stains.add(self.stock.remove_card(name).rect().grown(RIM))
        for order, (name, card) in enumerate(wanted.items()):
            item = self.cards.get(name)
            if item is None or name in self._slid or (item.view is not card and item.view != card):
                item = self._show_card(card, item)
                dirty.add(name)
            item.order = order
        return dirty

    def _show_card(self, card: CardView, item: CardItem | None) -> CardItem:
        if item is None:
            item = CardItem(card, self.theme, self._card_changed)
            item.set_chosen(card.id in self._chosen)
            self.stock.add_card(item)
            self._card_changed(item)
            return item
        before = item.rect()
        item.show_view(card)
        if item.rect() != before:
            self._stains.add(before.grown(RIM))
            self.stock.placed(card.id)
            self._card_changed(item)
        return item

    def _show_chips(self, chips: Iterable[ChipView]) -> set[str]:
        """The layers whose chip has come, gone or changed."""
        wanted = {chip.loss: chip for chip in chips}
        dirty = self.chips.keys() - wanted.keys()
        for name in dirty:
            self._chip_changed(self.stock.remove_chip(name))
        for name, chip in wanted.items():
            item = self.chips.get(name)
            if item is not None and item.view == chip:
                continue
            if item is None:
                item = self.chips[name] = ChipItem(chip, self.theme, self._chip_changed)
                item.choose(self._chosen)
            item.show_view(chip, self.theme)
            self.stock.placed(name)
            self._chip_changed(item)
            dirty.add(name)
        return dirty

    def _show_papers(self, view: CanvasView) -> None:
        before: set[FrameView | CommentView] = {*self.stock.frames, *self.stock.comments}
        now: set[FrameView | CommentView] = {*view.frames, *view.comments}
        for paper in before ^ now:
            self._stains.add(paper.rect.grown(4))
        self.stock.papers(view.frames, view.comments)

    def _run(self, key: WireKey, route: Route) -> None:
        wire = self.wires[key]
        self._wire_stain(wire)
        wire.run(route)
        self.stock.routed(key)
        self._wire_stain(wire)

    @property
    def is_busy(self) -> bool:
        """Whether some wires do not run yet as they will."""
        return self.roads.is_busy or bool(self._stale)

    def go_on(self, until: float) -> None:
        """Go on with the ways of wires until that moment."""
        with self._stains.one_picture():
            self._stale.update(dict.fromkeys(self.roads.go_on(until)))
            self._run_stale(until)

    def _run_stale(self, until: float) -> None:
        """Let wires run where the router has found."""
        while self._stale and perf_counter() < until:
            key, _ = self._stale.popitem()
            if key in self.wires and key in self.roads.routes and key not in self._bent:
                self._run(key, self.roads.routes[key])

    def slide(self, names: Iterable[str], dx: float, dy: float) -> None:
        """Show layers off their place while they are dragged; their wires follow as plain curves."""
        there = [name for name in names if name in self.cards]
        places = {name: self.cards[name].view.position for name in there}
        self.slide_to({name: (x + dx, y + dy) for name, (x, y) in places.items()})

    def slide_to(self, places: Mapping[str, tuple[float, float]]) -> None:
        """Show layers at places of their own until the canvas is shown again; nothing else is looked at."""
        with self._stains.one_picture():
            bent = set[WireKey]()
            for name in places.keys() & self.cards.keys():
                self._put(name, *places[name])
                bent |= self.stock.wires_of(name)
            self._bent |= bent
            for key in bent:
                self._curve(key)

    def _only_worded(self, wires: Iterable[WireKey]) -> set[WireKey]:
        """Of wires that look different while an edit is tried, those that need no other way and place for it."""
        routes = self.roads.routes
        return {
            key
            for key in wires
            if key in self.wires
            and not self.roads.waits(key)
            and not {key[0][0], key[1][0]} & self._slid
            and key in routes
            and (routes[key].pill is not None) == bool(self.wires[key].view.axes)
        }

    def _word(self, key: WireKey) -> None:
        """Other words on a pill, whose middle stays where it lies: what is only tried moves nothing."""
        route, wire = self.roads.routes[key], self.wires[key]
        if route.pill is None:
            return
        width, height = pill_size(wire.view.axes, self.theme)
        x, y = route.pill.x + (route.pill.width - width) / 2, route.pill.y + (route.pill.height - height) / 2
        self._run(key, replace(route, pill=Rect(x, y, width, height)))

    def _curve(self, key: WireKey) -> None:
        """A plain curve, as long as the way is not known."""
        (source, out), (target, into) = key
        start = port_point(self.stock, self.theme, source, "outputs", out)
        end = port_point(self.stock, self.theme, target, "inputs", into)
        self._run(key, Route(bezier(start, end), False, None))

    def _put(self, name: str, x: float, y: float) -> None:
        card = self.cards[name]
        self._stains.add(card.rect().grown(RIM))
        card.move_to(x, y)
        self.stock.placed(name)
        self._stains.add(card.rect().grown(RIM))
        self._slid.add(name)
        if name in self.chips:
            self._chip_changed(self.chips[name])

    # What is pointed at and selected

    def choose(self, names: frozenset[str]) -> None:
        """Ring exactly these layers; the others need not be looked at."""
        with self._stains.one_picture():
            for name in self._chosen ^ names:
                if name in self.cards:
                    self.cards[name].set_chosen(name in names)
            for chip in self.chips.values():
                chip.choose(names)
        self._chosen = names

    def point_at(self, key: WireKey | None) -> None:
        """Show the pill of that wire, even where pills are left out, and no other's."""
        if key == self.pointed:
            return
        before, self.pointed = self.pointed, key
        for each in (before, key):
            if each in self.wires:
                self._stains.add(raised_pill(self.wires[each], self.theme).grown(2))

    # What is repainted

    def _card_changed(self, card: CardItem) -> None:
        self.stock.dressed(card)
        self._stains.add(card.rect().grown(RIM))

    def _chip_changed(self, chip: ChipItem) -> None:
        self._stains.add(chip.rect().grown(CHIP_RIM))

    def _wire_changed(self, wire: WireItem) -> None:
        key = wire.view.key
        self.chosen_wires.pop(key, None)
        if wire.chosen:
            self.chosen_wires[key] = None
        self.stock.dressed_wire(wire)
        self._wire_stain(wire)

    def _wire_stain(self, wire: WireItem) -> None:
        for rect in wire.covers():
            self._stains.add(rect)
        if wire.view.key == self.pointed:
            self._stains.add(raised_pill(wire, self.theme).grown(2))
