"""TikZ: a LaTeX document in plain ASCII that compiles on its own, or whose picture is copied into a paper."""

from __future__ import annotations

from codegen.diagram.cards import Arrow, Card, Frame, Picture
from codegen.diagram.escape import tex
from codegen.diagram.framed import Head, Placed, place
from codegen.diagram.layered import Box, Point
from codegen.diagram.options import DiagramOptions
from codegen.diagram.themes import Palette, palette

_CHARACTER, _LINE, _MARGIN = 0.145, 0.335, 0.6
"""Estimates in cm for \\footnotesize sans serif; TeX itself measures the cards, these only keep them apart."""
_BREAK = r"\\{}"
"""A line break; the braces keep a `[` or `*` behind it from being read as its argument."""
_ANCHORS = {
    "TB": ("south", "north"),
    "BT": ("north", "south"),
    "LR": ("east", "west"),
    "RL": ("west", "east"),
}


def tikz(picture: Picture, options: DiagramOptions) -> str:
    """The picture as a standalone LaTeX document (classes and packages: standalone, TikZ)."""
    sideways = options.rankdir in ("LR", "RL")
    boxes = {card.name: _box(card, sideways) for card in picture.cards}
    pitch = 1.5 if any(arrow.label for arrow in picture.arrows) else 0.9
    placed = place(
        picture,
        lambda card: boxes[card.name],
        lambda frame: _head(frame, options.rankdir),
        gap=0.6,
        pitch=pitch,
    )
    lines = _preamble(picture, options)
    lines += [_frame(frame, placed, options.rankdir) for frame in picture.frames]
    for card in picture.cards:
        header, body = _header(card), _body(card)
        parts = f"{header}\\nodepart{{two}}{body}" if body else header
        style = f"layer={_colour(card)}" if body else f"bare={_colour(card)}"
        style += ", dashed" if card.bypassed else ""
        at = _at(placed.centres[card.name], options.rankdir)
        lines.append(f"  \\node[{style}] ({card.name}) at {at} {{{parts}}};")
    for arrow, bends in zip(picture.arrows, placed.bends, strict=True):
        start, end = placed.centres[arrow.source], placed.centres[arrow.target]
        stops = [start, *bends, end]
        shifts = (
            _shift(boxes[arrow.source], start, stops[1]),
            _shift(boxes[arrow.target], end, stops[-2]),
        )
        lines.append(_wire(arrow, bends, shifts, options.rankdir))
    lines += _title(picture)
    lines += [r"\end{tikzpicture}%", *(["}"] if options.width else []), r"\end{document}"]
    return "\n".join(lines) + "\n"


def _preamble(picture: Picture, options: DiagramOptions) -> list[str]:
    colours = palette(options.theme)
    lines = [
        "% A network drawn with Layerloom. Compile with pdflatex, or copy colours and picture into a document.",
        r"\documentclass[border=4pt]{standalone}",
        r"\usepackage{tikz}",
        r"\usetikzlibrary{arrows.meta,backgrounds,shapes.multipart}",
        *_colours(picture, colours),
        r"\begin{document}",
        *([f"\\resizebox{{{options.width:g}cm}}{{!}}{{%"] if options.width else []),
        r"\begin{tikzpicture}[",
        r"  text box/.style={draw=#1Line, text=ink, align=center, font=\sffamily\footnotesize, inner sep=4pt},",
        r"  bare/.style={text box=#1, fill=#1},",
        r"  layer/.style={text box=#1, rectangle split, rectangle split parts=2,",
        r"    rectangle split part fill={#1, card}},",
        r"  wire/.style={draw=wire, thick, rounded corners=4pt, -{Stealth[length=5pt]}},",
        r"  misfit/.style={wire, draw=misfit, dashed, very thick},",
        *_frame_styles(picture),
        r"  port/.style={font=\sffamily\scriptsize, text=quiet, fill=ground, inner sep=1.5pt},",
        r"  show background rectangle, background rectangle/.style={fill=ground}]",
    ]
    return lines


def _title(picture: Picture) -> list[str]:
    if not picture.title:
        return []
    words = _BREAK.join(map(tex, picture.title))
    style = "above=6pt, font=\\sffamily\\bfseries, text=ink, align=center"
    return [f"  \\node[{style}] at (current bounding box.north) {{{words}}};"]


def _frame_styles(picture: Picture) -> list[str]:
    if not picture.frames:
        return []
    title = r"anchor=north west, text=ink, align=left, font=\sffamily\footnotesize, inner sep=4pt"
    return [
        r"  frame/.style={draw=frameLine, fill=#1, rounded corners=4pt},",
        f"  frame title/.style={{{title}}},",
    ]


def _frame(frame: Frame, placed: Placed, rankdir: str) -> str:
    """A rectangle behind everything that was drawn later, its title in the upper left corner."""
    (across, along), box = placed.centres[frame.name], placed.frames[frame.name]
    points = [(across + side * box.across / 2, along + side * box.along / 2) for side in (-1, 1)]
    corners = [tuple(map(float, _at(point, rankdir)[1:-1].split(","))) for point in points]
    (left, right), (low, high) = (sorted(ends) for ends in zip(*corners, strict=True))
    text = _BREAK.join([*(f"\\textbf{{{tex(line)}}}" for line in frame.title), *map(tex, _words(frame))])
    title = f"\\node[frame title] at ({left:.2f},{high:.2f}) {{{text}}};"
    return f"  \\draw[frame=frame{_shade(frame)}] ({left:.2f},{low:.2f}) rectangle ({right:.2f},{high:.2f}); {title}"


def _head(frame: Frame, rankdir: str) -> Head:
    """A frame's title stands in the upper left corner, whichever way the network flows."""
    words = [*frame.title, *_words(frame)]
    across, along = max(map(len, words)) * _CHARACTER + _MARGIN, len(words) * _LINE + 0.1
    before = {"TB": (0.0, along), "BT": (0.0, 0.0), "LR": (along, 0.0), "RL": (along, 0.0)}[rankdir]
    after = (0.0, along) if rankdir == "BT" else (0.0, 0.0)
    return Head(across if rankdir in ("TB", "BT") else 0.0, before, after)


def _words(frame: Frame) -> list[str]:
    return [frame.type, *frame.fields]


def _shade(frame: Frame) -> str:
    return "Inner" if frame.depth % 2 == 0 else "Outer"


def _colours(picture: Picture, colours: Palette) -> list[str]:
    named = {"ground": colours.ground, "card": colours.card, "ink": colours.text, "quiet": colours.quiet}
    named |= {"wire": colours.wire, "misfit": colours.error}
    for frame in picture.frames:
        named[f"frame{_shade(frame)}"] = colours.frame(frame.depth)
        named["frameLine"] = colours.line
    for card in picture.cards:
        name = _colour(card)
        named[name] = colours.error_ground if card.problem else colours.header(card.category)
        named[f"{name}Line"] = colours.error if card.problem else colours.border(card.category)
    return [f"\\definecolor{{{name}}}{{HTML}}{{{value[1:]}}}" for name, value in named.items()]


def _colour(card: Card) -> str:
    return "kindError" if card.problem else f"kind{(card.category or 'unknown').capitalize()}"


def _header(card: Card) -> str:
    kind = tex(card.type)
    if not card.title:
        return f"\\textbf{{{kind}}}"
    names = _BREAK.join(f"\\textbf{{{tex(line)}}}" for line in card.title)
    return f"{names} ({kind})"


def _rows(card: Card) -> list[str]:
    rows = [f"Activation: {', '.join(card.activations)}"] if card.activations else []
    rows += [line for line in card.fields if line]
    rows += _shapes("Input shape", card.inputs) + _shapes("Output shape", card.outputs)
    rows += [f"Output dtype: {card.dtype}"] if card.dtype else []
    rows += [f"Parameters: {card.parameters:,}"] if card.parameters is not None else []
    rows += [f"Trainable: {'yes' if card.trainable else 'no'}"] if card.trainable is not None else []
    return rows + (["× Error", *card.problem] if card.problem else [])


def _shapes(name: str, lines: list[str]) -> list[str]:
    return [f"{name}: {lines[0]}"] if len(lines) == 1 else [f"{name}:", *lines] if lines else []


def _body(card: Card) -> str:
    return _BREAK.join(tex(row) for row in _rows(card))


def _box(card: Card, sideways: bool) -> Box:
    rows = _rows(card)
    titles = [*card.title[:-1], f"{card.title[-1] if card.title else ''} ({card.type})"]
    width = max(map(len, [*titles, *rows])) * _CHARACTER + _MARGIN
    height = (len(titles) + len(rows)) * _LINE + _MARGIN
    return Box(height, width) if sideways else Box(width, height)


def _at(point: Point, rankdir: str) -> str:
    across, along = point
    x, y = {"TB": (across, -along), "BT": (across, along), "LR": (along, -across), "RL": (-along, -across)}[
        rankdir
    ]
    return f"({round(x, 2) + 0.0:.2f},{round(y, 2) + 0.0:.2f})"  # no -0.00


def _shift(box: Box, centre: Point, towards: Point) -> float:
    """How far from the middle of its side a wire leaves or enters, so that it turns as little as possible."""
    room = 0.3 * box.across
    return max(-room, min(room, towards[0] - centre[0]))


def _wire(arrow: Arrow, bends: list[Point], shifts: tuple[float, float], rankdir: str) -> str:
    leave, enter = _ANCHORS[rankdir]
    label = f" node[port] {{{tex(arrow.label)}}}" if arrow.label else ""
    start = _anchor(arrow.source, leave, shifts[0], rankdir)
    stops = [*(_at(bend, rankdir) for bend in bends), _anchor(arrow.target, enter, shifts[1], rankdir)]
    style = "misfit" if arrow.misfit else "wire"
    way = "".join(f" --{label if i == 0 else ''} {stop}" for i, stop in enumerate(stops))
    return f"  \\draw[{style}] {start}{way};"


def _anchor(name: str, side: str, shift: float, rankdir: str) -> str:
    moved = f"xshift={shift:.2f}cm" if rankdir in ("TB", "BT") else f"yshift={-shift:.2f}cm"
    return f"([{moved}]{name}.{side})" if abs(shift) >= 0.005 else f"({name}.{side})"
