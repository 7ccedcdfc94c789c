"""Mermaid: a flow chart as text, for pages that draw it themselves."""

from __future__ import annotations

from codegen.diagram.escape import mermaid as escaped
from codegen.diagram.options import DiagramOptions
from codegen.diagram.picture import Arrow, Card, Picture
from codegen.diagram.themes import palette


def mermaid(picture: Picture, options: DiagramOptions) -> str:
    """The picture as a Mermaid flow chart; colours are classes, one per category."""
    lines = [f"flowchart {options.rankdir}"]
    if picture.title:
        lines.append(f"    accTitle: {escaped(' '.join(picture.title))}")
    lines += [_node(card) for card in picture.cards]
    lines += [_link(arrow) for arrow in picture.arrows]
    lines += _styles(picture, options)
    return "\n".join(lines) + "\n"


def _node(card: Card) -> str:
    text = "<br/>".join(_rows(card))
    return f'    {card.name}["{text}"]:::{_class(card)}'


def _class(card: Card) -> str:
    """A prefix keeps our names apart from Mermaid's own words."""
    return "is_error" if card.problem else f"is_{card.category or 'unknown'}"


def _rows(card: Card) -> list[str]:
    kind = escaped(card.type)
    rows = [f"<b>{escaped(' '.join(card.title))}</b> ({kind})" if card.title else f"<b>{kind}</b>"]
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
        lines.append(f"    classDef {name} fill:{ground},stroke:{border},color:{colours.text}")
    bad = [str(i) for i, arrow in enumerate(picture.arrows) if arrow.misfit]
    if bad:
        lines.append(f"    linkStyle {','.join(bad)} stroke:{colours.error}")
    return lines
