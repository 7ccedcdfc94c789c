"""Where wires run and where their pills lie: plain geometry, no Qt.

A wire to a layer just below is a smooth curve. One that would run through a layer gets a lane of its own
beside the chain. A pill lies on its wire where it covers neither a layer nor another pill. A router keeps what it
found, and after a change looks again only at the wires that the change can concern: the routes are those that a
router would find that saw everything for the first time.
"""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from designer.canvas.arranging.pill_spots import PillSpots, pill_rank, reach
from designer.canvas.arranging.spots import Box, Spots
from designer.canvas.arranging.ways import Ways
from designer.canvas.arranging.wire_shapes import Point, Way, WireEnds, bezier, cubic
from designer.canvas.views import Rect

__all__ = ["Point", "Route", "Router", "WireEnds", "bezier", "cubic", "route_all"]

Work = Generator[None, None, set[Any]]
CELL = 384.0  # for areas that searches have looked at


@dataclass(frozen=True)
class Route:
    """`points`: the corners of a lane, or a cubic curve's four points; `pill` is None where none fits."""

    points: tuple[Point, ...]
    is_lane: bool
    pill: Rect | None


def route_all(wires: Sequence[WireEnds], rects: Iterable[Rect]) -> list[Route]:
    """A route for each wire, in their order. `rects` are all cards and chips; short wires choose first."""
    router = Router()
    router.change(dict(enumerate(wires)), dict(enumerate(rects)))
    return [router.routes[number] for number in range(len(wires))]


class Router:
    """The routes of many wires, kept in step with changes. The keys of wires can be compared with each other."""

    def __init__(self) -> None:
        self.routes: dict[Any, Route] = {}
        self._wires: dict[Any, WireEnds] = {}
        self._rects: dict[Any, Rect] = {}
        self._ways = Ways()
        self._found: dict[Any, Way] = {}
        self._seen: Spots[Any] = Spots(CELL, CELL)  # what a change there concerns: the search for a way …
        self._pills = PillSpots(self._ways.cards, self._ways.strands)
        self._reached: Spots[Any] = Spots(CELL, CELL)  # … and that for a pill's place
        self._touched: list[Rect] = []
        self._is_whole = False

    def change(
        self, wires: Mapping[Any, WireEnds | None], rects: Mapping[Any, Rect | None] | None = None
    ) -> set[Any]:
        """Take in what is new, or None for what is gone, of wires and cards; the keys of all routes that changed."""
        work = self.changing(wires, rects)
        while True:
            try:
                next(work)
            except StopIteration as done:
                return set(done.value)

    def changing(
        self, wires: Mapping[Any, WireEnds | None], rects: Mapping[Any, Rect | None] | None = None
    ) -> Work:
        """The same, wire by wire: who has a window to keep alive goes on when there is time. Until it has ended
        nothing else may be asked of the router.
        """
        self._touched = []
        self._put_rects(rects or {})
        fresh = {key for key, wire in wires.items() if wire != self._wires.get(key)}
        self._is_whole = not self._found
        for key in fresh:
            self._forget(key)
        for key in fresh:
            wire = wires[key]
            if wire is not None:
                self._wires[key] = wire
        dirty = {key for key in fresh if key in self._wires}
        if not self._is_whole:
            dirty |= {key for area in self._touched for key in _owners(self._seen, area)}
        before = {key: self.routes.pop(key, None) for key in fresh}
        moved = yield from self._find_ways(dirty)
        found = yield from self._find_pills(moved)
        return found | {key for key in fresh if before[key] is not None and key not in self._wires}

    def _put_rects(self, rects: Mapping[Any, Rect | None]) -> None:
        for name, rect in rects.items():
            old = self._rects.get(name)
            if old == rect:
                continue
            if old is not None:
                self._ways.cards.remove(_card(old))
                self._touched.append(old)
                del self._rects[name]
            if rect is not None:
                self._ways.cards.add(_card(rect))
                self._touched.append(rect)
                self._rects[name] = rect

    def _forget(self, key: Any) -> None:
        """Take a wire off the sheet; what it kept from others is touched."""
        wire, way = self._wires.pop(key, None), self._found.pop(key, None)
        if wire is None or way is None:
            return
        self._take_way(key, wire, way)
        pill = self.routes[key].pill
        if pill is not None:
            self._pills.pills.remove(_boxed(pill, pill_rank(key, wire)))
            self._touched.append(pill)

    def _take_way(self, key: Any, wire: WireEnds, way: Way) -> None:
        for box in way.boxes:
            self._ways.strands.remove(box)
            self._touched.append(Rect(box.x, box.y, box.right - box.x, box.bottom - box.y))
        self._seen.remove(_boxed(way.seen, key))
        self._reached.remove(_boxed(reach(wire, way), key))

    def _put_way(self, key: Any, way: Way) -> None:
        for box in way.boxes:
            self._ways.strands.add(box)
            self._touched.append(Rect(box.x, box.y, box.right - box.x, box.bottom - box.y))
        self._seen.add(_boxed(way.seen, key))
        self._reached.add(_boxed(reach(self._wires[key], way), key))
        self._found[key] = way

    # Ways first: they heed cards and the ways of a better rank. Then pills: they heed cards, ways and better pills.

    def _find_ways(self, dirty: set[Any]) -> Work:
        """Ways for these wires, and for all that their new ways concern; the wires whose way is another one."""
        moved: set[Any] = set()
        waiting: list[tuple[Any, Any]] = []
        queued: set[Any] = set()
        easy: set[Any] = set()

        def queue(keys: Iterable[Any]) -> None:
            for key in keys:
                if key not in queued:
                    queued.add(key)
                    heapq.heappush(waiting, (self._ways.rank(key, self._wires[key]), key))

        for key in sorted(dirty):
            yield
            way = self._ways.easy(key, self._wires[key])
            if way is None:
                queue([key])
            else:
                easy.add(key)
                queue(self._settle(key, way, moved))
        while waiting:
            yield
            _, key = heapq.heappop(waiting)
            queued.discard(key)
            if key not in easy:
                queue(self._settle(key, self._ways.lane(key, self._wires[key]), moved))
        return moved

    def _settle(self, key: Any, way: Way, moved: set[Any]) -> set[Any]:
        """Keep a way; the lanes of a worse rank that it concerns if it is another one than before."""
        old = self._found.get(key)
        if old is not None:
            if old.points == way.points and old.rank == way.rank and old.seen == way.seen:
                return set()
            number = len(self._touched)
            self._take_way(key, self._wires[key], old)
        else:
            number = len(self._touched)
        self._put_way(key, way)
        if old is not None and old.points == way.points and old.rank == way.rank:
            del self._touched[number:]
            return set()
        moved.add(key)
        if self._is_whole:
            return set()
        rank = min(way.rank, old.rank) if old is not None else way.rank
        near = {other for area in self._touched[number:] for other in _owners(self._seen, area)}
        return {
            other
            for other in near
            if other != key and not self._found[other].is_easy and self._found[other].rank > rank
        }

    def _find_pills(self, moved: set[Any]) -> Work:
        """Pills for wires that moved and for those near what was touched; the wires whose route is another one."""
        dirty = set(moved)
        if not self._is_whole:
            dirty |= {key for area in self._touched for key in _owners(self._reached, area)}
        waiting = [(pill_rank(key, self._wires[key]), key) for key in dirty]
        heapq.heapify(waiting)
        changed: set[Any] = set()
        while waiting:
            yield
            rank, key = heapq.heappop(waiting)
            dirty.discard(key)
            wire, way, old = self._wires[key], self._found[key], self.routes.get(key)
            route = Route(way.points, way.is_lane, self._pills.find(key, wire, way))
            if route == old:
                continue
            self.routes[key] = route
            changed.add(key)
            for pill, act in (
                (old.pill if old else None, self._pills.pills.remove),
                (route.pill, self._pills.pills.add),
            ):
                if pill is None or (old and old.pill == route.pill):
                    continue
                act(_boxed(pill, rank))
                for other in () if self._is_whole else _owners(self._reached, pill):
                    its = pill_rank(other, self._wires[other])
                    if its > rank and other not in dirty:
                        dirty.add(other)
                        heapq.heappush(waiting, (its, other))
        return changed


def _boxed(rect: Rect, owner: Any) -> Box[Any]:
    return Box(rect.x, rect.y, rect.x + rect.width, rect.y + rect.height, owner)


def _card(rect: Rect) -> Box[Rect]:
    return Box(rect.x, rect.y, rect.x + rect.width, rect.y + rect.height, rect)


def _owners(spots: Spots[Any], area: Rect) -> set[Any]:
    """Who looked at that place."""
    return {
        box.owner
        for box in spots.near(area.x - 1, area.y - 1, area.x + area.width + 1, area.y + area.height + 1)
    }
