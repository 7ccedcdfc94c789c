"""Into the blocks that layers use, and out of them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from designer.canvas.telling.breadcrumb import Breadcrumb
from designer.theme import Theme

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

ROOM_FOR_THE_WAY = 90.0


class Rooms:
    """Shows on the same canvas what is in a block, and the way back in its corner."""

    def __init__(self, canvas: Canvas, theme: Theme) -> None:
        self._canvas = canvas
        self.breadcrumb = Breadcrumb(canvas.viewport(), canvas.trail, theme)
        canvas.moved.connect(self.breadcrumb.stay)
        canvas.trail.changed.connect(self._entered)

    @property
    def headroom(self) -> float:
        """How much of the sheet above all layers stays free for the way to the block on show."""
        return ROOM_FOR_THE_WAY if self._canvas.trail.steps else 0.0

    def enter(self) -> bool:
        """Show the block that the selected layer uses; False where it uses none. What is wrong in it is selected."""
        canvas = self._canvas
        selected = canvas.selected()
        if not selected or not canvas.trail.enter(selected[-1]):
            return False
        wrong = next((problem.at for problem in canvas.report.problems if problem.severity == "error"), None)
        if wrong is not None:
            canvas.select([wrong], reveal=True)
        return True

    def leave(self) -> None:
        """Back to the network around the block on show, with the layer that uses it selected."""
        left = self._canvas.trail.steps[-1:]
        self._canvas.trail.leave()
        self._canvas.select([step.use for step in left] or self._canvas.selected(), reveal=True)

    def _entered(self) -> None:
        """Another network: nothing of the last one is selected, and all of it is in sight."""
        canvas = self._canvas
        canvas.cancel_gesture()
        canvas.adder.list.close_list()
        canvas.select([])
        canvas.redraw()
        self.breadcrumb.fill()
        canvas.fit_all()
