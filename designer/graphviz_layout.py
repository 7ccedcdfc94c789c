"""Where Graphviz would put the layers of a network: its own layout, read back as places on the sheet."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from designer.canvas.arranging.layout import Link
from designer.canvas.arranging.places import Places
from designer.services.files import Failed
from designer.theme import Sizes

POINTS = 72.0  # a pixel of the sheet is a point of Graphviz, which reads inches


def as_dot(widths: Mapping[str, float], links: Sequence[Link], sizes: Sizes) -> str:
    """The network as DOT: boxes as large as the cards, called by their numbers."""
    number = {name: place for place, name in enumerate(widths)}
    lines = [
        "digraph {",
        f"graph [ranksep={(sizes.row_pitch - sizes.card_height) / POINTS:.3f},"
        f" nodesep={(sizes.column_pitch - sizes.card_width) / POINTS:.3f}, splines=line]",
        f"node [shape=box, fixedsize=true, label=x, height={sizes.card_height / POINTS:.4f}]",
    ]
    lines += [f"n{number[name]} [width={width / POINTS:.4f}]" for name, width in widths.items()]
    lines += [f"n{number[link.source]} -> n{number[link.target]}" for link in links]
    return "\n".join([*lines, "}"])


def places_of(plain: str, widths: Mapping[str, float], sizes: Sizes) -> Places:
    """The places in Graphviz's plain text, on the grid. Raises Failed where it is not what was asked for."""
    names, found = list(widths), Places()
    step = sizes.grid / 2
    try:
        for words in map(shlex.split, plain.splitlines()):
            if words[:1] == ["node"]:
                name = names[int(words[1][1:])]
                x = float(words[2]) * POINTS - widths[name] / 2
                y = -float(words[3]) * POINTS
                found[name] = (round(x / step) * step, round(y / sizes.grid) * sizes.grid)
    except (ValueError, IndexError):
        found = Places()
    if found.keys() != widths.keys():
        raise Failed("Graphviz gave no place for some layers; use Tidy the layout instead.")
    left, top = min(x for x, _ in found.values()), min(y for _, y in found.values())
    return {name: (found[name][0] - left, found[name][1] - top) for name in names}


def arrange_with_graphviz(widths: Mapping[str, float], links: Sequence[Link], sizes: Sizes) -> Places:
    """Places from the `dot` program, or from the Graphviz that Python brings. Raises Failed with what to do."""
    from codegen.diagram.graphviz import Missing, NotDrawn, draw, install_command

    if not widths:
        return {}
    try:
        plain = draw(as_dot(widths, links, sizes), "plain")
    except Missing:
        raise Failed(
            f"There is no Graphviz on this computer; install it with {install_command()}, or use Tidy the layout."
        ) from None
    except NotDrawn:
        raise Failed(
            "Graphviz could not lay this network out in time; use Tidy the layout instead."
        ) from None
    return places_of(plain.decode("utf-8", "replace"), widths, sizes)
