"""Automatic layout: layered from top to bottom, chains straight, branches in columns, the same every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from designer.canvas.arranging.layout_columns import Reach, columns
from designer.canvas.arranging.layout_order import Sorter, grid_of
from designer.canvas.arranging.layout_ranks import Flow, Link, flow_of, parts

__all__ = ["Link", "arrange"]

Places = dict[str, tuple[float, float]]
STEPS = 10  # a column is ten steps wide, a lane two: sums of neighbours are even, and halves of them whole
CARD, LANE = STEPS // 2, 1


def arrange(
    ids: Sequence[str],
    links: Sequence[Link],
    *,
    row_pitch: float,
    column_pitch: float,
    room: Mapping[str, float] | None = None,
    known: Mapping[str, tuple[float, float]] | None = None,
) -> Places:
    """The upper left corner of every layer, in pixels.

    Unknown ids and wires that close a cycle are passed over. `room` says how many pixels a layer needs at its right
    beside its card. What stands at `known` places keeps its order in the rows where that makes no more crossings, and
    the whole its place.
    """
    step = column_pitch / STEPS
    flow = flow_of(ids, links)
    known_x = {layer: known[name][0] for layer, name in enumerate(ids) if known and name in known}
    extra = {layer: _even((room or {}).get(name, 0.0) / step) for layer, name in enumerate(ids)}
    found: Places = {}
    edge = 0  # the first step right of all finished parts
    for part in parts(flow):
        placed, width = _arrange_part(flow, part, extra, known_x)
        shift = edge if found else -min(x for x, _ in placed.values())
        for layer, (x, row) in placed.items():
            found[ids[layer]] = ((x + shift) * step, row * row_pitch)
        edge = shift + width
    return _where_it_was(found, known or {}, step)


def _arrange_part(
    flow: Flow, part: Sequence[int], extra: Mapping[int, int], known: Mapping[int, float]
) -> tuple[dict[int, tuple[int, int]], int]:
    """Step and row of each layer of one part, and how many steps wide it is."""
    grid = grid_of(flow, part)
    sorter = Sorter(grid)
    sorter.sort()
    sorter.keep({layer: known[layer] for layer in part if layer in known})
    reach = [Reach(CARD, CARD + extra[layer]) for layer in range(flow.count)]
    reach += [Reach(LANE, LANE)] * (len(grid.row_of) - flow.count)
    x = columns(flow, grid, reach)
    left = min(place - reach[number].left for number, place in x.items())
    right = max(place + reach[number].right for number, place in x.items())
    return {layer: (x[layer] - CARD - left, grid.row_of[layer]) for layer in part}, right - left


def _even(steps: float) -> int:
    """Rounded up to an even number."""
    return 2 * int(-(-steps // 2))


def _where_it_was(found: Places, known: Mapping[str, tuple[float, float]], grid: float) -> Places:
    """Shifted as a whole so that most layers stand in the column, and the uppermost in the row, where they stood."""
    still = [name for name in found if name in known]
    if not still:
        return found
    highest = min(still, key=lambda name: (found[name][1], known[name][1]))
    shifts = Counter(round((known[name][0] - found[name][0]) / grid) for name in still)
    dx, dy = shifts.most_common(1)[0][0] * grid, round((known[highest][1] - found[highest][1]) / grid) * grid
    return {name: (x + dx, y + dy) for name, (x, y) in found.items()}
