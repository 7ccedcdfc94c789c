"""How a piece of a design comes to lie on the sheet: where there is room, selected, as one undo step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from designer.canvas.adding.adding import positions_of
from designer.canvas.arranging.free_spots import free_shift
from designer.canvas.arranging.places import positions
from designer.canvas.gestures.deeds import areas
from designer.canvas.gestures.marks import Thing
from designer.canvas.views import Rect
from graph_ir.annotations import annotations_of
from graph_ir.check import check
from graph_ir.edits import Edit
from graph_ir.pasting import Piece, check_room, lay_in

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

GAP = 48.0  # pixels of the sheet between what is there and a copy
Corner = Callable[[Rect], QPointF]
"""Where the upper left corner of all that comes is wanted; it is given the rectangle around it."""


def lay(canvas: Canvas, piece: Piece, corner: Corner, verb: str, *, keep_inputs: bool) -> Edit:
    """Lays a piece onto the sheet and selects it; what was done. Raises Refused."""
    document = canvas.document
    check_room(document.design, piece)
    sizes, known = canvas.canvas_scene.theme.sizes, positions_of(canvas)
    piece = piece.placed(positions(piece.design, check(piece.design), sizes))
    rects = _rects(piece, sizes.card_width, sizes.card_height)
    box = _around(rects)
    spot = canvas.snapped(corner(box))
    moving = [rect._replace(x=rect.x + spot.x() - box.x, y=rect.y + spot.y() - box.y) for rect in rects]
    dx, dy = free_shift(moving, _taken(canvas), sizes.grid)
    at = (spot.x() + dx, spot.y() + dy)
    marks = set(canvas.marks.views())
    with document.one_step(f"{verb} layers"):
        canvas.move_to(known)
        edit = lay_in(
            document.design,
            canvas.network,
            piece,
            at=at,
            offset=(0, 0),
            keep_inputs=keep_inputs,
            verb=verb,
        )
        document.perform(edit)
    new = [name for name in edit.added if name in canvas.canvas_scene.cards]
    canvas.choose([*new, *(mark for mark in canvas.marks.views() if mark not in marks)])
    if not canvas.viewport().rect().contains(canvas.mapFromScene(*at)):
        canvas.fit_selection()
    canvas.setFocus()
    return edit


def _taken(canvas: Canvas) -> list[Rect]:
    scene = canvas.canvas_scene
    marks = canvas.marks.views()
    rects = [Rect(*card.rect()) for card in scene.cards.values()]
    rects += [Rect(*chip.rect()) for chip in scene.chips.values()]
    return rects + [view.rect for mark, view in marks.items() if mark.kind == "comment"]


def corner_for_paste(canvas: Canvas, box: Rect) -> QPointF:
    """At the mouse, else below what is selected, else in the middle."""
    seen = canvas.hand.seen
    if seen is not None:
        return QPointF(seen.x() - box.width / 2, seen.y() - canvas.canvas_scene.theme.sizes.card_height / 2)
    chosen = list(areas(canvas, canvas.things()).values())
    if chosen:
        below = _around(chosen)
        return QPointF(below.x, below.bottom + GAP)
    middle = canvas.mapToScene(canvas.viewport().rect().center())
    return QPointF(middle.x() - box.width / 2, middle.y() - box.height / 2)


def corner_beside(canvas: Canvas, things: Sequence[Thing], box: Rect) -> QPointF:
    """To the right of the originals, so that the rows of both are level."""
    originals = list(areas(canvas, things).values())
    beside = _around(originals) if originals else box
    return QPointF(beside.right + GAP, beside.y)


def _rects(piece: Piece, width: float, height: float) -> list[Rect]:
    """Where everything on the sheet of a piece lies."""
    found = annotations_of(piece.design.layout)
    rects = [Rect(x, y, width, height) for x, y in piece.places().values()]
    rects += [Rect(*frame.rect) for frame in found.frames]
    return rects + [Rect(*comment.rect) for comment in found.comments]


def _around(rects: Sequence[Rect]) -> Rect:
    """The rectangle around others, of which there is one at least."""
    left, top = min(rect.x for rect in rects), min(rect.y for rect in rects)
    return Rect(left, top, max(r.right for r in rects) - left, max(r.bottom for r in rects) - top)
