"""Mermaid: a flow chart as text, for pages that draw it themselves."""

from __future__ import annotations

from collections.abc import Sequence

from codegen.diagram.cards import Arrow, Card, Frame, Picture
from codegen.diagram.escape import mermaid as escaped
from codegen.diagram.options import DiagramOptions
from codegen.diagram.themes import palette


def mermaid(picture: Picture, options: DiagramOptions) -> str:
    """The picture as a Mermaid flow chart; colours are classes, one per category."""
    lines = [f"flowchart {options.rankdir}"]
    if picture.title:
        lines.append(f"    accTitle: {escaped(' '.join(picture.title))}")
    lines += _nodes(picture.items, 1)
    lines += [_link(arrow) for arrow in picture.arrows]
    lines += _styles(picture, options)
    return "\n".join(lines) + "\n"


def _nodes(items: Sequence[Card | Frame], depth: int) -> list[str]:
    """Cards as nodes, frames as subgraphs with all that is in them."""
    lines, room = list[str](), "    " * depth
    for item in items:
        if isinstance(item, Card):
            text = "<br/>".join(_rows(item))
            lines.append(f'{room}{item.name}["{text}"]:::{_class(item)}')
            continue
        text = "<br/>".join([_header(item), *(escaped(line) for line in item.fields if line)])
        lines += [f'{room}subgraph {item.name}["{text}"]', *_nodes(item.inside, depth + 1), f"{room}end"]
    return lines


def _header(card: Card | Frame) -> str:
    kind = escaped(card.type)
    return f"<b>{escaped(' '.join(card.title))}</b> ({kind})" if card.title else f"<b>{kind}</b>"


def _class(card: Card) -> str:
    """A prefix keeps our names apart from Mermaid's own words."""
    if card.problem:
        return "is_error"
    return "is_bypassed" if card.bypassed else f"is_{card.category or 'unknown'}"


def _rows(card: Card) -> list[str]:
    rows = [_header(card)]
    if card.activations:
        rows.append(f"Activation: {escaped(', '.join(card.activations))}")
    rows += [escaped(line) for line in card.fields if line]
    rows += [f"Input shape: {escaped('; '.join(card.inputs))}"] if card.inputs else []
    rows += [f"Output shape: {escaped('; '.join(card.outputs))}"] if card.outputs else []
    rows += [f"Output dtype: {escaped(card.dtype)}"] if card.dtype else []
    rows += [f"Parameters: {card.parameters:,}"] if card.parameters is not None else []
    rows += [f"Trainable: {'yes' if card.trainable else 'no'}"] if card.trainable is not None else []
    return rows + ([f"Error: {escaped(' '.join(card.problem))}"] if card.problem else [])


def _link(arrow: Arrow) -> str:
    line = "-.->" if arrow.misfit else "-->"
    label = f'|"{escaped(arrow.label)}"|' if arrow.label else ""
    return f"    {arrow.source} {line}{label} {arrow.target}"


def _styles(picture: Picture, options: DiagramOptions) -> list[str]:
    colours = palette(options.theme)
    lines = []
    for name in dict.fromkeys(_class(card) for card in picture.cards):
        category = name.removeprefix("is_")
        ground, border = colours.header(category), colours.border(category)
        if name == "is_error":
            ground, border = colours.error_ground, colours.error
        dashes = ",stroke-dasharray:4 4" if name == "is_bypassed" else ""
        lines.append(f"    classDef {name} fill:{ground},stroke:{border},color:{colours.text}{dashes}")
    for frame in picture.frames:
        look = f"fill:{colours.frame(frame.depth)},stroke:{colours.line},color:{colours.text}"
        lines.append(f"    style {frame.name} {look}")
    bad = [str(i) for i, arrow in enumerate(picture.arrows) if arrow.misfit]
    if bad:
        lines.append(f"    linkStyle {','.join(bad)} stroke:{colours.error}")
    return lines
