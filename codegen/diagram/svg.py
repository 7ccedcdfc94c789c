"""What Graphviz drew, as an SVG that is safe to put into a page: known elements only, titles for screen readers."""

from __future__ import annotations

from xml.etree import ElementTree

from codegen.diagram.cards import Card, Frame, Picture
from codegen.diagram.escape import plain
from codegen.diagram.graphviz import NotDrawn
from codegen.diagram.themes import FONTS

_SVG = "http://www.w3.org/2000/svg"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_ELEMENTS = frozenset(("svg", "g", "title", "text", "polygon", "polyline", "path", "ellipse"))
_ATTRIBUTES = frozenset(
    (
        *(
            "width",
            "height",
            "viewBox",
            "id",
            "class",
            "transform",
            "points",
            "d",
            "x",
            "y",
            "cx",
            "cy",
            "rx",
            "ry",
        ),
        *("fill", "stroke", "stroke-width", "stroke-dasharray", "fill-opacity", "stroke-opacity"),
        *("text-anchor", "font-family", "font-size", "font-weight", "font-style", _SPACE),
    )
)


def cleaned(drawn: bytes, picture: Picture, title: str) -> bytes:
    """The same picture as UTF-8 without comments, types and namespaces that nothing needs.

    Raises NotDrawn where it holds an element or attribute that a picture of ours never has.
    """
    root = ElementTree.fromstring(drawn)
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
        unknown = (
            [element.tag]
            if element.tag not in _ELEMENTS
            else [a for a in element.attrib if a not in _ATTRIBUTES]
        )
        if unknown:
            raise NotDrawn(
                f"Graphviz put {unknown[0]!r} into the picture, which does not belong there; save it as .png"
            )
        _mend(element)
    for group in root.iter("g"):
        if group.get("class") == "node":
            _centre(group)
    _name(root, picture, title)
    # The namespace is given by hand: registering a prefix would change every other writer of the process.
    root.set("xmlns", _SVG)
    root.set("role", "img")
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _mend(element: ElementTree.Element) -> None:
    if element.get("stroke") == "transparent":  # no colour of SVG 1.1; some viewers paint it black
        element.set("stroke", "none")
    if element.tag == "text":
        element.set("font-family", FONTS)
        element.set(_SPACE, "preserve")


def _centre(group: ElementTree.Element) -> None:
    """Makes one text of each line in a card, centred in its cell.

    Graphviz gives every run of a line its own left edge; where a viewer lacks the font that was measured, runs would
    overlap and lean out of their cell on one side.
    """
    middle: float | None = None
    line: ElementTree.Element | None = None
    for element in list(group):
        if element.tag == "polygon":
            across = [float(point.partition(",")[0]) for point in (element.get("points") or "").split()]
            middle, line = (min(across) + max(across)) / 2, None
        elif element.tag == "text" and middle is not None:
            run = ElementTree.Element("tspan", {"fill": element.get("fill", "black")})
            if weight := element.attrib.pop("font-weight", None):
                run.set("font-weight", weight)
            run.text, element.text = element.text, None
            if line is None or line.get("y") != element.get("y"):
                line = element
                line.attrib |= {"x": f"{middle:g}", "text-anchor": "middle"}
                line.attrib.pop("fill", None)
            else:
                group.remove(element)
            line.append(run)


def _name(root: ElementTree.Element, picture: Picture, title: str) -> None:
    """Titles in the design's words instead of our own names: what a pointer or a screen reader says."""
    words = {card.name: _words(card) for card in picture.cards}
    notes = {card.name: f"{words[card.name]}: {card.note}" for card in picture.cards if card.note}
    words |= {frame.name: _words(frame) for frame in picture.frames}
    ends = {f"{a.source}->{a.target}": f"{words[a.source]} → {words[a.target]}" for a in picture.arrows}
    graph = root.find("g")
    for group in [] if graph is None else graph.findall("g"):
        name = group.find("title")
        if name is not None:
            name.text = (words | notes | ends).get(name.text or "", "")
    if graph is not None and graph.find("title") is not None:
        graph.find("title").text = plain(title) or "network"  # type: ignore[union-attr]  # seen to be there


def _words(card: Card | Frame) -> str:
    return " ".join([*card.title, card.type])
