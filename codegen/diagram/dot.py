"""DOT, written by pydot, in the look of Keras' `plot_model`: one table per layer.

Node names are ours, every text is escaped, and nothing but the attributes named here is ever written: no label of a
design can become an attribute, a node, a file or a link.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pydot

from codegen.diagram.cards import Arrow, Card, Frame, Picture
from codegen.diagram.escape import html
from codegen.diagram.options import DiagramOptions
from codegen.diagram.themes import FONTS, Palette, palette

_CM_PER_INCH = 2.54


def dot(picture: Picture, options: DiagramOptions, *, dpi: bool = True) -> str:
    """The picture as DOT; `dpi=False` leaves the resolution out, which would only scale what has no pixels."""
    colours = palette(options.theme)
    graph = pydot.Dot("network", graph_type="digraph", **_graph_attributes(picture, options, colours, dpi))
    graph.set_node_defaults(
        shape="plain", fontname=_quoted(FONTS), fontsize="11", fontcolor=_quoted(colours.text)
    )
    graph.set_edge_defaults(
        color=_quoted(colours.wire),
        arrowsize="0.7",
        penwidth="1.2",
        fontname=_quoted(FONTS),
        fontsize="10",
        fontcolor=_quoted(colours.quiet),
    )
    _fill(graph, picture.items, options, colours)
    for arrow in picture.arrows:
        graph.add_edge(pydot.Edge(arrow.source, arrow.target, **_edge_attributes(arrow, colours)))
    return str(graph.to_string())


def _fill(
    graph: pydot.Graph, items: Sequence[Card | Frame], options: DiagramOptions, colours: Palette
) -> None:
    """Puts cards into a graph, and frames as clusters with all that is in them."""
    for item in items:
        if isinstance(item, Card):
            graph.add_node(pydot.Node(item.name, label=_table(item, options, colours)))
            continue
        cluster = pydot.Subgraph(item.name, **_frame_attributes(item, colours))
        _fill(cluster, item.inside, options, colours)
        graph.add_subgraph(cluster)


def _frame_attributes(frame: Frame, colours: Palette) -> dict[str, Any]:
    rows = [f'<FONT POINT-SIZE="13"><B>{html(line)}</B></FONT>' for line in frame.title]
    rows += [
        html(frame.type),
        *(f'<FONT COLOR="{colours.quiet}">{html(line)}</FONT>' for line in frame.fields),
    ]
    cells = "".join(f'<TR><TD ALIGN="LEFT">{row}</TD></TR>' for row in rows)
    return {
        "label": f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="1">{cells}</TABLE>>',
        "labeljust": "l",
        "fontname": _quoted(FONTS),
        "fontsize": "11",
        "fontcolor": _quoted(colours.text),
        "style": "rounded",
        "bgcolor": _quoted(colours.frame(frame.depth)),
        "color": _quoted(colours.line),
        "margin": "12",
    }


def _graph_attributes(
    picture: Picture, options: DiagramOptions, colours: Palette, dpi: bool
) -> dict[str, str]:
    found = {
        "rankdir": options.rankdir,
        "bgcolor": _quoted(colours.ground),
        "charset": _quoted("UTF-8"),
        "nodesep": "0.35",
        "ranksep": "0.35",
        "pad": "0.15",
    }
    if dpi:
        found["dpi"] = str(options.dpi)
    if options.width:
        found["size"] = _quoted(f"{options.width / _CM_PER_INCH:.3f},1000!")
    if picture.title:
        title = f'<FONT POINT-SIZE="15"><B>{"<BR/>".join(map(html, picture.title))}</B></FONT>'
        found |= {"label": f"<{title}>", "labelloc": "t", "fontname": _quoted(FONTS)}
        found["fontcolor"] = _quoted(colours.text)
    return found


def _edge_attributes(arrow: Arrow, colours: Palette) -> dict[str, Any]:
    # Without a space the label would touch the line it belongs to.
    found = {"label": f"<&#160;{html(arrow.label)}&#160;>"} if arrow.label else {}
    if arrow.misfit:
        found |= {"color": _quoted(colours.error), "style": "dashed", "penwidth": "2"}
    return found


def _quoted(text: str) -> str:
    """One of our own constants between quotes."""
    return f'"{text}"'


def _table(card: Card, options: DiagramOptions, colours: Palette) -> str:
    cells = _cells(card, options, colours)
    style = ' STYLE="dashed"' if card.bypassed else ""
    span = 1 if options.rankdir in ("LR", "RL") else max(1, len(cells))
    border = colours.error if card.problem else colours.border(card.category)
    rows = [_row(_header(card), span, colours.header(card.category))]
    if card.activations:
        rows.append(_row(f"Activation: <B>{html(', '.join(card.activations))}</B>", span, colours.card))
    if any(card.fields):
        rows.append(_row(_lines(card.fields, colours.quiet), span, colours.card))
    if options.rankdir in ("LR", "RL"):  # cards stand side by side: narrow ones make a shorter picture
        rows += [f"<TR>{cell}</TR>" for cell in cells]
    elif cells:
        rows.append(f"<TR>{''.join(cells)}</TR>")
    if card.problem:
        lines = ["<B>× Error</B>", *map(html, card.problem)]
        text = f'<FONT COLOR="{colours.error}">{"<BR/>".join(lines)}</FONT>'
        rows.append(_row(text, span, colours.error_ground))
    head = f'BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="8" COLOR="{border}"'
    inside = "".join(rows).replace("<TD ", f"<TD{style} ")
    return f'<<TABLE {head} BGCOLOR="{colours.card}">{inside}</TABLE>>'


def _header(card: Card) -> str:
    if not card.title:
        return f'<FONT POINT-SIZE="13"><B>{html(card.type)}</B></FONT>'
    name = "<BR/>".join(html(line) for line in card.title)
    return f'<FONT POINT-SIZE="13"><B>{name}</B> ({html(card.type)})</FONT>'


def _row(content: str, span: int, ground: str) -> str:
    return f'<TR><TD COLSPAN="{span}" BGCOLOR="{ground}">{content}</TD></TR>'


def _cells(card: Card, options: DiagramOptions, colours: Palette) -> list[str]:
    found = []
    if card.inputs:
        found.append(_cell("Input shape", card.inputs, colours))
    if card.outputs:
        found.append(_cell("Output shape", card.outputs, colours))
    if card.dtype:
        found.append(_cell("Output dtype", [card.dtype], colours))
    if card.parameters is not None:
        found.append(_cell("Parameters", [f"{card.parameters:,}"], colours))
    if card.trainable is not None:
        found.append(_cell("Trainable", ["yes" if card.trainable else "no"], colours))
    return found


def _cell(name: str, lines: list[str], colours: Palette) -> str:
    gap = "<BR/>" if len(lines) > 1 else " "
    values = "<BR/>".join(f"<B>{html(line)}</B>" for line in lines)
    return f'<TD BGCOLOR="{colours.card}"><FONT COLOR="{colours.quiet}">{name}:</FONT>{gap}{values}</TD>'


def _lines(lines: list[str], colour: str) -> str:
    return f'<FONT COLOR="{colour}">{"<BR/>".join(map(html, lines))}</FONT>'
