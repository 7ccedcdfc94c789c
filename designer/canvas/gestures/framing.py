"""Where a new frame lies: around what is selected, with air, and its title over no pill where there is room."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF

from designer.canvas.views import FRAME_TITLE, Rect

if TYPE_CHECKING:
    from designer.canvas.scene import CanvasScene

AIR, STEP = 24.0, 12.0  # pixels of the sheet
HEADROOM = 24.0  # what a title lies higher above a row, to leave the pills over it theirs


def around(rects: list[Rect]) -> Rect | None:
    """A frame around rectangles, on half the grid, with air and a title that fits between two rows of layers."""
    if not rects:
        return None
    left = floor((min(rect.x for rect in rects) - AIR) / STEP) * STEP
    top = floor((min(rect.y for rect in rects) - AIR / 3 - FRAME_TITLE) / STEP) * STEP
    right = ceil((max(rect.right for rect in rects) + AIR) / STEP) * STEP
    bottom = ceil((max(rect.bottom for rect in rects) + AIR / 2) / STEP) * STEP
    return Rect(left, top, right - left, bottom - top)


def with_headroom(scene: CanvasScene, frame: Rect) -> Rect:
    """The title above the pills of the wires that come in, unless a layer or a chip stands there."""
    raised = frame._replace(y=frame.y - HEADROOM, height=frame.height + HEADROOM)
    strip = raised._replace(height=FRAME_TITLE)
    chips = (Rect(*chip.rect()) for chip in scene.chips.values())
    is_taken = bool(scene.cards_in(QRectF(*strip))) or any(strip.meets(chip) for chip in chips)
    return frame if is_taken else raised
