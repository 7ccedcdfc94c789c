"""Room for layers that are put into a wire: where they stand, and what moves apart for them. No Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from designer.canvas.arranging.places import Places
from designer.canvas.views import Rect
from designer.theme import Sizes
from graph_ir.graph import Wire

FARTHEST = 40  # columns to either side that are tried before layers are left to lie on others


def make_room(
    known: Places, chain: Sequence[str], wire: Wire, sizes: Sizes, at: tuple[float, float] | None = None
) -> Places:
    """The new places of a chain put into a wire, and of all that moves down for it.

    The chain stands between the wire's ends, in the column of the source or, where it was dropped elsewhere (or other
    layers stand there: the wire passes them), in the column nearest to `at` that is free.
    """
    rest = {name: place for name, place in known.items() if name not in chain}
    x, top = rest[wire.source]
    below = rest[wire.target][1]
    first = top + sizes.row_pitch
    lack = first + sizes.row_pitch * len(chain) - below
    moved: Places = {}
    if lack > 0:
        moved = {n: (px, py + lack) for n, (px, py) in rest.items() if py >= below and n != wire.source}
    elif at is not None:
        last = below - sizes.row_pitch * len(chain)
        first = max(first, min(_rows(at[1], top, sizes), last))
    taken = [_card(place, sizes) for place in (rest | moved).values()]
    for column in _columns(x, at, sizes):
        places = {name: (column, first + sizes.row_pitch * row) for row, name in enumerate(chain)}
        if not any(_card(place, sizes).meets(other) for place in places.values() for other in taken):
            break
    return moved | places


def _rows(y: float, top: float, sizes: Sizes) -> float:
    """The row, counted from `top`, whose cards would have their middle nearest to `y`."""
    return top + round((y - sizes.card_height / 2 - top) / sizes.row_pitch) * sizes.row_pitch


def _columns(x: float, at: tuple[float, float] | None, sizes: Sizes) -> Iterator[float]:
    """The columns to try: the one of the source, or the one dropped at; then ever farther to both sides."""
    wanted = x if at is None else at[0] - sizes.card_width / 2
    near = x + round((wanted - x) / sizes.column_pitch) * sizes.column_pitch
    side = 1 if wanted >= near else -1
    yield near
    for away in range(1, FARTHEST):
        yield near + side * away * sizes.column_pitch
        yield near - side * away * sizes.column_pitch


def _card(place: tuple[float, float], sizes: Sizes) -> Rect:
    return Rect(*place, sizes.card_width, sizes.card_height)
