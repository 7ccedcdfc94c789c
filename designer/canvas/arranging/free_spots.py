"""Free places on the sheet: where a new layer, or layers that are laid out anew, cover no other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from designer.canvas.arranging.spots import Box, Spots
from designer.canvas.views import Rect

AIR = 12.0  # pixels about each layer that stay free
RINGS = 64  # how far from the place that is wanted, in steps of the grid


def free_shift(moving: Iterable[Rect], standing: Iterable[Rect], grid: float) -> tuple[float, float]:
    """How far to shift some rectangles together, so that they meet none that stand there: the shortest way found."""
    group, taken = list(moving), list(standing)
    if not group or not taken:
        return 0.0, 0.0
    spots: Spots[None] = Spots()
    for rect in taken:
        spots.add(Box(rect.x - AIR, rect.y - AIR, rect.right + AIR, rect.bottom + AIR, None))
    for dx, dy in _outwards():
        x, y = dx * grid, dy * grid
        if not any(_meets(spots, rect, x, y) for rect in group):
            return x, y
    right = max(rect.right for rect in taken) - min(rect.x for rect in group)
    return (right // grid + 2) * grid, 0.0


def _meets(spots: Spots[None], rect: Rect, dx: float, dy: float) -> bool:
    return any(True for _ in spots.near(rect.x + dx, rect.y + dy, rect.right + dx, rect.bottom + dy))


def _outwards() -> Iterator[tuple[int, int]]:
    """Steps to all sides, ring by ring; in each first those straight to the right, down, left and up."""
    yield 0, 0
    for ring in range(1, RINGS + 1):
        for aside in range(ring + 1):
            for side in (aside, -aside) if aside else (0,):
                yield from ((ring, side), (side, ring), (-ring, side), (side, -ring))
