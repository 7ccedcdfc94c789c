"""Which of its neighbours a layer wants to stand straight above or below: the main way, not skips and side branches."""

from __future__ import annotations

from collections.abc import Sequence

from designer.canvas.arranging.layout_order import Grid
from designer.canvas.arranging.layout_ranks import Flow

ALIKE = 1  # a way that is so much shorter than the longest counts as much as it
FAR = 300  # layers looked at to find whether a wire skips something; one that goes further does


def mains(flow: Flow, grid: Grid) -> tuple[list[list[int]], list[list[int]]]:
    """For every place of the grid the places below and above that it wants to be straight with."""
    ends = list(range(len(grid.row_of)))  # of a lane the layer it comes from, or goes to
    starts = list(ends)
    skips: set[int] = set()
    tops = {arc.target: arc.source for arc in grid.arcs if arc.target >= grid.layers > arc.source}
    bottoms = {arc.source: arc.target for arc in grid.arcs if arc.source >= grid.layers > arc.target}
    for lane in grid.lanes:
        source, target = tops[lane[0]], bottoms[lane[-1]]
        is_skip = _skips(flow, source, target)
        for place in lane:
            starts[place], ends[place] = source, target
            if is_skip:
                skips.add(place)
    down: list[list[int]] = [[] for _ in grid.row_of]
    up: list[list[int]] = [[] for _ in grid.row_of]
    for upper, lower in dict.fromkeys((arc.source, arc.target) for arc in grid.arcs if not arc.faint):
        down[upper].append(lower)
        up[lower].append(upper)
    deep, last = _depths(flow.order[::-1], flow.below)
    high, first = _depths(flow.order, flow.above)
    for place in range(grid.layers):
        down[place] = _best(down[place], skips, ends, deep, last, 0)
        up[place] = _best(up[place], skips, starts, high, first, 1)
    return down, up


def _best(
    near: list[int], skips: set[int], layer_of: list[int], depth: list[int], end: list[int], least: int
) -> list[int]:
    """Those of a layer's neighbours that are no skips, and lead to where the longest way leads or nearly as far.

    What is less than `least` long is at the side of a longer way: an input at the side of a chain.
    """
    found = [place for place in near if place not in skips] or near
    if len(found) < 2:
        return found
    longest = max((layer_of[place] for place in found), key=lambda layer: depth[layer])
    far = max(depth[longest] - ALIKE, min(least, depth[longest]))
    return [place for place in found if end[layer_of[place]] == end[longest] or depth[layer_of[place]] >= far]


def _depths(order: Sequence[int], near: list[list[int]]) -> tuple[list[int], list[int]]:
    """The length of the longest way from each layer, and where it ends."""
    depth, end = [0] * len(near), list(range(len(near)))
    for layer in order:
        if near[layer]:
            best = max(near[layer], key=lambda other: depth[other])
            depth[layer], end[layer] = depth[best] + 1, end[best]
    return depth, end


def _skips(flow: Flow, source: int, target: int) -> bool:
    """Whether another way leads from the one layer to the other."""
    stack = [layer for layer in flow.above[target] if layer != source]
    seen = set(stack)
    while stack:
        layer = stack.pop()
        if len(seen) > FAR:
            return True
        for above in flow.above[layer]:
            if above == source:
                return True
            if above not in seen and flow.rows[above] > flow.rows[source]:
                seen.add(above)
                stack.append(above)
    return False
