"""Boxes found by their place: a grid of cells, so that a look costs what lies near and not what there is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

Owner = TypeVar("Owner")


class Box(NamedTuple, Generic[Owner]):
    """What lies between two corners. A line is a box without width or without height."""

    x: float
    y: float
    right: float
    bottom: float
    owner: Owner


class Few(Generic[Owner]):
    """A handful of boxes, for many looks at one small area."""

    def __init__(self, boxes: Iterable[Box[Owner]]) -> None:
        self._boxes = list(boxes)

    def near(self, x: float, y: float, right: float, bottom: float) -> list[Box[Owner]]:
        """All that share an area with that one (or run through it, if they are lines)."""
        return [b for b in self._boxes if b[0] < right and x < b[2] and b[1] < bottom and y < b[3]]


class Spots(Generic[Owner]):
    """Boxes by the cells they touch."""

    def __init__(self, width: float = 96.0, height: float = 128.0) -> None:
        self._width, self._height = width, height
        self._cells: dict[tuple[int, int], list[Box[Owner]]] = {}

    def add(self, box: Box[Owner]) -> None:
        """One more."""
        cells = self._cells
        for cell in self._touched(box.x, box.y, box.right, box.bottom):
            if cell in cells:
                cells[cell].append(box)
            else:
                cells[cell] = [box]

    def remove(self, box: Box[Owner]) -> None:
        """One less. Raises `ValueError` for one that is not there."""
        for cell in self._touched(box.x, box.y, box.right, box.bottom):
            self._cells[cell].remove(box)

    def near(self, x: float, y: float, right: float, bottom: float) -> list[Box[Owner]]:
        """All that share an area with that one (or run through it, if they are lines); some more than once."""
        cells, width, height = self._cells, self._width, self._height
        found: list[Box[Owner]] = []
        columns = range(int(x // width), int(right // width) + 1)
        for row in range(int(y // height), int(bottom // height) + 1):
            for column in columns:
                for box in cells.get((column, row), ()):
                    if box[0] < right and x < box[2] and box[1] < bottom and y < box[3]:
                        found.append(box)
        return found

    def _touched(self, x: float, y: float, right: float, bottom: float) -> list[tuple[int, int]]:
        left, top = int(x // self._width), int(y // self._height)
        last, low = int(right // self._width), int(bottom // self._height)
        if left == last and top == low:
            return [(left, top)]
        return [(column, row) for row in range(top, low + 1) for column in range(left, last + 1)]
