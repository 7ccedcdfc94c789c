"""Layers as text: what Copy writes and Paste reads, a piece of a design in the words of a design file.

It holds the layers with the wires among them, the part of the sheet they lie on, the blocks they use and the parameters
they name; `inputs` are the wires that come in from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graph_ir.annotations import Point, annotations_of, ends, sheet, wire_from
from graph_ir.block_graphs import within
from graph_ir.canonical import FORMAT, dump
from graph_ir.changes import Edit
from graph_ir.file import Unreadable, from_json
from graph_ir.graph import TOP, Design, Graph
from graph_ir.kinds import Json
from graph_ir.pasting import Piece, lay_in
from graph_ir.refusing import Refused, existing
from graph_ir.rewriting import names_of_node
from graph_ir.sheets import Carried, carried, part_of, places_of
from graph_ir.strict_json import NotJson, decoded, loads

LAYERS = f"{FORMAT}/layers"
"""What such a text says it is, where a design file says `layerloom`."""
MIME = "application/x-layerloom"
_NOTHING = Carried()


def copy(
    design: Design,
    network: str,
    ids: Iterable[str],
    *,
    places: Mapping[str, Point] | None = None,
    also: Carried = _NOTHING,
) -> str:
    """The text of some layers, with the frames and comments among them; the same layers give the same text.

    `places` says where layers are shown that have no place of their own in the design, `also` which other frames and
    comments come along. Raises Refused.
    """
    graph = design.networks[network]
    wanted = {existing(graph, id).id for id in ids}
    if not wanted and also == _NOTHING:
        raise Refused("Nothing is selected; select the layers to copy.")
    named = {name for id in wanted for name in names_of_node(graph.node(id), in_block=network != TOP)}
    piece = Graph({name: value for name, value in graph.parameters.items() if name in named})
    for node in graph:
        if node.id in wanted:
            piece.add(node)
    incoming = []
    for wire in graph.wires():
        if wire.source in wanted and wire.target in wanted:
            piece.add_wire(wire)
        elif wire.target in wanted:
            incoming.append(ends(wire))
    used = _used(design, piece)
    return dump(
        Design(
            networks={TOP: piece, **{name: design.networks[name] for name in used}},
            layout=_layout(design, network, piece.ids(), used, places or {}, also),
            extra={"inputs": incoming} if incoming else {},
        ).copy(),
        LAYERS,
    )


def _used(design: Design, piece: Graph) -> list[str]:
    """The blocks that a piece needs, however deep, in the order of the design."""
    needed = {each for name in piece.uses.values() for each in within(design.networks, name)}
    return [name for name in design.networks if name in needed]


def _layout(
    design: Design,
    network: str,
    ids: list[str],
    blocks: list[str],
    shown: Mapping[str, Point],
    also: Carried,
) -> dict[str, Json]:
    raw = sheet(design.layout, network)
    places = {**places_of(design, network), **shown}
    carry = carried(raw, set(ids), places)
    parts = {
        "network": part_of(raw, ids, places, carry.with_others(also)),
        "blocks": {name: found for name in blocks if (found := sheet(design.layout, name))},
    }
    return {key: part for key, part in parts.items() if part}


def paste(
    design: Design,
    network: str,
    text: str,
    *,
    at: Point | None = None,
    offset: Point = (0.0, 0.0),
    keep_inputs: bool = False,
    verb: str = "Paste",
) -> Edit:
    """Puts the layers of a text into a network, with ids that are free; of a whole design those of its top network.

    They come to lie with their upper left corner `at` a point, else moved by `offset`. `keep_inputs` draws the wires
    that came in from outside again. Raises Refused for any other text, and for more than a design may hold.
    """
    return lay_in(design, network, read(text), at=at, offset=offset, keep_inputs=keep_inputs, verb=verb)


def duplicate(
    design: Design,
    network: str,
    ids: Iterable[str],
    *,
    places: Mapping[str, Point] | None = None,
    at: Point | None = None,
    offset: Point = (24.0, 24.0),
    keep_inputs: bool = False,
) -> Edit:
    """Puts copies of layers beside them. Raises Refused."""
    text = copy(design, network, ids, places=places)
    return paste(design, network, text, at=at, offset=offset, keep_inputs=keep_inputs, verb="Duplicate")


def read(text: str) -> Piece:
    """The layers in a text. Raises Refused."""
    if not text[:10_000].lstrip("\ufeff \t\r\n").startswith("{"):
        raise Refused("The clipboard holds no layers; copy some first, or the text of a design file.")
    try:
        raw = loads(decoded(text.encode("utf-8", "surrogatepass")))
    except NotJson as error:
        place = f" in line {error.line}" if error.line else ""
        raise Refused(
            f"The clipboard's text can't be read as layers{place}: {error.text}; copy it again."
        ) from None
    if not isinstance(raw, dict) or raw.get("format") not in (FORMAT, LAYERS):
        raise Refused("The clipboard holds no layers; copy some first, or the text of a design file.")
    inputs = raw.pop("inputs", []) if raw["format"] == LAYERS else []
    wires = [wire_from(each) for each in inputs] if isinstance(inputs, list) else [None]
    if None in wires:
        wanted = 'a list of wires such as [["conv1.y", "relu1.x"]]'
        raise Refused(
            f"The clipboard's text can't be read as layers: `inputs` must be {wanted}; copy it again."
        )
    try:
        design = from_json({**raw, "format": FORMAT})
    except Unreadable as error:
        raise Refused(f"The clipboard's text can't be read as layers: {error.reason}.") from None
    lying = annotations_of(design.layout)
    if not (len(design.top) or lying.frames or lying.comments):
        raise Refused("The clipboard holds a design without layers; copy some layers first.")
    return Piece(design, [wire for wire in wires if wire is not None])


__all__ = ["LAYERS", "MIME", "copy", "duplicate", "paste", "read"]
