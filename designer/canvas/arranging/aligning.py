"""Aligning and distributing rectangles: plain geometry, no Qt. What would lie on something else is set beside it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Literal, TypeVar

from designer.canvas.views import Rect

Key = TypeVar("Key", bound=Hashable)
Edge = Literal["left", "centre", "right", "top", "middle", "bottom"]
Way = Literal["across", "down"]
AIR = 24.0  # between two that would else cover one another

_SHARE: Mapping[Edge, float] = {"left": 0, "centre": 0.5, "right": 1, "top": 0, "middle": 0.5, "bottom": 1}


def aligned(rects: Mapping[Key, Rect], edge: Edge) -> dict[Key, Rect]:
    """Every rectangle with that edge (or middle) on the one of their common frame.

    Along the other direction they keep their order and, where they have the room, their place.
    """
    share, across = _SHARE[edge], edge in ("left", "centre", "right")
    turn = _same if across else _turned
    lying = {key: turn(rect) for key, rect in rects.items()}
    if not lying:
        return {}
    left, right = min(rect.x for rect in lying.values()), max(rect.right for rect in lying.values())
    line = left + share * (right - left)
    moved = {key: rect._replace(x=line - share * rect.width) for key, rect in lying.items()}
    return {key: turn(rect) for key, rect in _apart(moved).items()}


def _apart(rects: Mapping[Key, Rect]) -> dict[Key, Rect]:
    """From top to bottom, each below the one before where it would else cover it."""
    found, end = dict(rects), float("-inf")
    for key in sorted(rects, key=lambda key: (rects[key].y, rects[key].bottom)):
        rect = rects[key]
        y = rect.y if rect.y >= end else end + AIR
        found[key] = rect._replace(y=y)
        end = y + rect.height
    return found


def distributed(rects: Mapping[Key, Rect], way: Way) -> dict[Key, Rect]:
    """The gaps between neighbours become equal; the first and the last stay where the room between them is enough."""
    turn: Callable[[Rect], Rect] = _same if way == "down" else _turned
    lying = {key: turn(rect) for key, rect in rects.items()}
    order = sorted(lying, key=lambda key: (lying[key].y + lying[key].bottom, lying[key].y))
    if len(order) < 2:
        return dict(rects)
    room = lying[order[-1]].bottom - lying[order[0]].y
    gap = (room - sum(rect.height for rect in lying.values())) / (len(order) - 1)
    if gap < 0:
        gap = AIR
    found, y = dict[Key, Rect](), lying[order[0]].y
    for key in order:
        found[key] = turn(lying[key]._replace(y=y))
        y += lying[key].height + gap
    return {key: found[key] for key in rects}


def _same(rect: Rect) -> Rect:
    return rect


def _turned(rect: Rect) -> Rect:
    """With x and y exchanged: one rule serves both directions."""
    return Rect(rect.y, rect.x, rect.height, rect.width)
