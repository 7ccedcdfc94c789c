"""Drawing a frame or a comment larger or smaller by its edges and corners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from designer.canvas.arranging.snapping import Line, Snapping
from designer.canvas.gestures.deeds import SMALLEST, areas, put
from designer.canvas.gestures.marks import Grip
from designer.canvas.gestures.things import things_in
from designer.canvas.gestures.touch import Touch, is_drag
from designer.canvas.views import Rect

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

CATCH = 6.0  # pixels of the window


class Resize:
    """The edges that were taken hold of follow the mouse; the others stay."""

    scrolls = True

    def __init__(self, canvas: Canvas, here: Touch, grip: Grip) -> None:
        self._canvas, self._start, self._grip = canvas, here, grip
        self._was = canvas.marks.rect(grip.mark)
        self._now: Rect | None = None
        self._snapping: Snapping | None = None
        canvas.choose([grip.mark])

    def move(self, here: Touch) -> None:
        """Show the outline as it would be."""
        if self._now is None and not is_drag(self._start, here):
            return
        free = here.alt or not self._canvas.snaps
        dx, dy, lines = (0.0, 0.0, ()) if free else self._caught(here)
        by = here.place - self._start.place
        self._now = drawn(self._was, self._grip.edges, by.x() + dx, by.y() + dy)
        self._canvas.guides.show(outlines=(self._now,), lines=lines)

    def _caught(self, here: Touch) -> tuple[float, float, tuple[Line, ...]]:
        """The corner that moves catches like a rectangle without an area."""
        canvas, was, edges, by = self._canvas, self._was, self._grip.edges, here.place - self._start.place
        if self._snapping is None:
            seen = canvas.mapToScene(canvas.viewport().rect()).boundingRect()
            around = [thing for thing in things_in(canvas, seen) if thing != self._grip.mark]
            self._snapping = Snapping(areas(canvas, around).values(), canvas.canvas_scene.theme.sizes.grid)
        x = was.x if "w" in edges else was.right
        y = was.y if "n" in edges else was.bottom
        caught = self._snapping.catch(Rect(x + by.x(), y + by.y(), 0, 0), CATCH / canvas.zoom)
        across, down = "w" in edges or "e" in edges, "n" in edges or "s" in edges
        lines = tuple(line for line in caught.guides if (across if line.x1 == line.x2 else down))
        return caught.dx, caught.dy, lines

    def release(self, here: Touch) -> None:
        """Keep it so."""
        self._canvas.guides.clear()
        if self._now is not None and self._now != self._was:
            kind = self._grip.mark.kind
            put(self._canvas, {self._grip.mark: self._now}, f"Resize the {kind}")

    def cancel(self) -> None:
        """As it was."""
        self._canvas.guides.clear()


def drawn(rect: Rect, edges: str, dx: float, dy: float) -> Rect:
    """The rectangle with the edges `edges` moved, never smaller than a frame may be."""
    left, top, right, bottom = rect.x, rect.y, rect.right, rect.bottom
    if "w" in edges:
        left = min(left + dx, right - SMALLEST)
    if "e" in edges:
        right = max(right + dx, left + SMALLEST)
    if "n" in edges:
        top = min(top + dy, bottom - SMALLEST)
    if "s" in edges:
        bottom = max(bottom + dy, top + SMALLEST)
    return Rect(left, top, right - left, bottom - top)
