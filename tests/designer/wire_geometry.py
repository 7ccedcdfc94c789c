"""What is wrong with a picture of a network: layers and pills that cover each other, wires that run through layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from designer.canvas.arranging.routing import Point, Route, cubic
from designer.canvas.arranging.spots import Box, Spots
from designer.canvas.views import Rect


def dense_points(route: Route) -> list[Point]:
    """Points on a route, close to each other."""
    if not route.is_lane:
        return [cubic(route.points, step / 60) for step in range(61)]
    found: list[Point] = []
    for (x1, y1), (x2, y2) in pairwise(route.points):
        steps = 2 + int((abs(x2 - x1) + abs(y2 - y1)) / 6)
        found += [(x1 + (x2 - x1) * n / steps, y1 + (y2 - y1) * n / steps) for n in range(steps + 1)]
    return found


def overlaps(rects: Mapping[Any, Rect]) -> list[tuple[Any, Any]]:
    """Pairs that share an area."""
    spots = _spots(rects)
    return [
        (name, box.owner)
        for name, rect in rects.items()
        for box in _at(spots, rect)
        if str(name) < str(box.owner)
    ]


def covered(pills: Iterable[Rect], rects: Mapping[Any, Rect]) -> list[tuple[Rect, Any]]:
    """What lies under pills."""
    spots = _spots(rects)
    return [(pill, box.owner) for pill in pills for box in _at(spots, pill)]


def through(routes: Mapping[tuple[Any, Any], Route], rects: Mapping[Any, Rect]) -> list[tuple[Any, Any]]:
    """Wires (by the two things that they join) and the things that they run through; its own ends a wire may touch."""
    spots = _spots({name: rect.grown(-1) for name, rect in rects.items()})
    found = dict[tuple[Any, Any], None]()
    for key, route in routes.items():
        for x, y in dense_points(route):
            found.update(((key, box.owner), None) for box in spots.near(x - 0.1, y - 0.1, x + 0.1, y + 0.1))
    return list(found)


def shared_lanes(routes: Sequence[Route]) -> list[tuple[Point, Point]]:
    """Runs of two wires that lie on each other; wires of one output may share theirs."""
    runs = Spots[tuple[int, Point, Point]]()
    found: list[tuple[Point, Point]] = []
    for number, route in enumerate(routes):
        for one, other in pairwise(route.points) if route.is_lane else ():
            x, right = sorted((one[0], other[0]))
            y, bottom = sorted((one[1], other[1]))
            box = Box(x, y, right, bottom, (number, one, other))
            if right - x + bottom - y > 24:
                found += list(_on_it(box, runs, routes, number))
                runs.add(box)
    return found


def _on_it(
    box: Box[Any], runs: Spots[tuple[int, Point, Point]], routes: Sequence[Route], number: int
) -> Iterator[tuple[Point, Point]]:
    is_upright = box.right - box.x < box.bottom - box.y
    for near in runs.near(box.x - 0.5, box.y - 0.5, box.right + 0.5, box.bottom + 0.5):
        other, one, end = near.owner
        alike = (near.right - near.x < near.bottom - near.y) == is_upright
        if alike and routes[other].points[0] != routes[number].points[0]:
            shared = (
                min(near.bottom, box.bottom) - max(near.y, box.y)
                if is_upright
                else min(near.right, box.right) - max(near.x, box.x)
            )
            if shared > 8:
                yield one, end


def _spots(rects: Mapping[Any, Rect]) -> Spots[Any]:
    spots = Spots[Any]()
    for name, rect in rects.items():
        spots.add(Box(rect.x, rect.y, rect.right, rect.bottom, name))
    return spots


def _at(spots: Spots[Any], rect: Rect) -> set[Box[Any]]:
    return set(spots.near(rect.x, rect.y, rect.right, rect.bottom))
