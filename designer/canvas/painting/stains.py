"""What of the sheet has to be painted again: part by part, or all of it at once where it is much."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from designer.canvas.views import Rect

MANY = 60  # parts that are repainted one by one


class Stains:
    """Passes parts on to `repaint`, gathered while several things change at once; None stands for everything."""

    def __init__(self, repaint: Callable[[Rect | None], None]) -> None:
        self._repaint = repaint
        self._gathered: list[Rect | None] | None = None

    def add(self, part: Rect | None) -> None:
        """This looks different now."""
        if self._gathered is None:
            self._repaint(part)
        else:
            self._gathered.append(part)

    @contextmanager
    def one_picture(self) -> Iterator[None]:
        """What changes inside is repainted at its end."""
        if self._gathered is not None:
            yield
            return
        self._gathered = []
        try:
            yield
        finally:
            parts, self._gathered = self._gathered, None
            for part in [None] if len(parts) > MANY or None in parts else parts:
                self._repaint(part)
