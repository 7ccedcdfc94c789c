"""What lies where: rectangles found by place. Plain geometry, no Qt.

Everything lies in the cells of a grid as coarse as it is large, so that neither a card nor a wire across the whole
sheet stands in many cells, and finding what is seen costs what is seen.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from math import floor
from typing import Generic, TypeVar

from designer.canvas.views import Rect

Key = TypeVar("Key", bound=Hashable)
Cell = tuple[int, int]
FINEST, COARSER, LEVELS = 512.0, 8.0, 6


class Index(Generic[Key]):
    """Keys by the rectangles they cover; a key may have several (the parts of a wire)."""

    def __init__(self) -> None:
        self._levels: list[dict[Cell, set[Key]]] = [{} for _ in range(LEVELS)]
        self._rects: dict[Key, tuple[Rect, ...]] = {}

    def __len__(self) -> int:
        return len(self._rects)

    def __contains__(self, key: object) -> bool:
        return key in self._rects

    def put(self, key: Key, rects: Iterable[Rect]) -> None:
        """A key lies there now, and nowhere else."""
        wanted = tuple(rects)
        if self._rects.get(key) == wanted:
            return
        self.drop(key)
        self._rects[key] = wanted
        for level, cell in self._places(wanted):
            self._levels[level].setdefault(cell, set()).add(key)

    def drop(self, key: Key) -> None:
        """A key lies nowhere any more; one that never did is passed over."""
        for level, cell in self._places(self._rects.pop(key, ())):
            keys = self._levels[level].get(cell)
            if keys is None:
                continue
            keys.discard(key)
            if not keys:
                del self._levels[level][cell]

    def rects(self, key: Key) -> tuple[Rect, ...]:
        """Where a key lies; an unknown one nowhere."""
        return self._rects.get(key, ())

    def near(self, area: Rect) -> set[Key]:
        """All keys of the cells that an area meets: everything in it, and some beside it."""
        found = set[Key]()
        for level, cells in enumerate(self._levels):
            if cells:
                for keys in _of(cells, _span(area, level)):
                    found |= keys
        return found

    def within(self, area: Rect) -> set[Key]:
        """The keys that share an area with this one, or touch it."""
        found, (left, top), (right, bottom) = set[Key](), area[:2], (area.right, area.bottom)
        for key in self.near(area):
            for x, y, width, height in self._rects[key]:  # spelled out: it is asked for all that is painted
                if x <= right and left <= x + width and y <= bottom and top <= y + height:
                    found.add(key)
                    break
        return found

    def bounds(self) -> Rect | None:
        """The smallest rectangle around everything; looks only at what lies in the outermost cells."""
        rects = [rect for level in self._levels if level for rect in self._outermost(level)]
        if not rects:
            return None
        left, top = min(rect.x for rect in rects), min(rect.y for rect in rects)
        right, bottom = max(rect.right for rect in rects), max(rect.bottom for rect in rects)
        return Rect(left, top, right - left, bottom - top)

    def _outermost(self, cells: dict[Cell, set[Key]]) -> Iterator[Rect]:
        columns, rows = {column for column, _ in cells}, {row for _, row in cells}
        sides, ends = {min(columns), max(columns)}, {min(rows), max(rows)}
        for (column, row), keys in cells.items():
            if column in sides or row in ends:
                yield from (rect for key in keys for rect in self._rects[key])

    def _places(self, rects: Iterable[Rect]) -> Iterator[tuple[int, Cell]]:
        for rect in rects:
            level = _level(max(rect.width, rect.height))
            left, top, right, bottom = _span(rect, level)
            for column in range(left, right + 1):
                for row in range(top, bottom + 1):
                    yield level, (column, row)


def _of(cells: dict[Cell, set[Key]], span: tuple[int, int, int, int]) -> Iterator[set[Key]]:
    """The cells of a span that hold anything, by whichever is quicker: asking for each, or looking at all."""
    left, top, right, bottom = span
    if (right - left + 1) * (bottom - top + 1) > len(cells):
        for (column, row), keys in cells.items():
            if left <= column <= right and top <= row <= bottom:
                yield keys
        return
    for column in range(left, right + 1):
        for row in range(top, bottom + 1):
            if (column, row) in cells:
                yield cells[column, row]


def _level(length: float) -> int:
    level, size = 0, FINEST
    while length > size and level < LEVELS - 1:
        level, size = level + 1, size * COARSER
    return level


def _span(rect: Rect, level: int) -> tuple[int, int, int, int]:
    size = FINEST * COARSER**level
    return floor(rect.x / size), floor(rect.y / size), floor(rect.right / size), floor(rect.bottom / size)
