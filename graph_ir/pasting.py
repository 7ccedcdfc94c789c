"""A piece of a design put into a network: free ids, references rewritten, blocks that are there used again."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from graph_ir.annotations import FARTHEST, Point, sheet, sheet_path
from graph_ir.block_graphs import WEIGHTS, used_blocks
from graph_ir.canonical import block_text
from graph_ir.changes import Draft, Edit, position_path
from graph_ir.field_edits import close_gaps
from graph_ir.file import MOST_LAYERS, MOST_WIRES
from graph_ir.graph import BLOCK, TOP, Design, Graph, Node, Wire
from graph_ir.kinds import Json
from graph_ir.layers import catalogue
from graph_ir.refusing import LONGEST_ID, Refused, check_nesting, identifier_from, trait_of
from graph_ir.renaming import letters_of
from graph_ir.resolve import layer_type
from graph_ir.rewriting import names_of_node
from graph_ir.sheets import corner_of, lay_down, places_of


@dataclass(frozen=True)
class Piece:
    """Layers as the top network of a design of their own, and the wires that came in from outside."""

    design: Design
    inputs: list[Wire]

    def places(self) -> dict[str, Point]:
        """Where its layers stand, as far as it says so."""
        return places_of(self.design, TOP)

    def placed(self, places: Mapping[str, Point]) -> Piece:
        """The same piece with its layers at places."""
        design = self.design.copy()
        raw = dict(sheet(design.layout, TOP))
        design.layout["network"] = {**raw, "layers": {id: list(at) for id, at in places.items()}}
        return Piece(design, self.inputs)


def lay_in(
    design: Design,
    network: str,
    piece: Piece,
    *,
    at: Point | None,
    offset: Point,
    keep_inputs: bool,
    verb: str,
) -> Edit:
    """Puts a piece into a network of a design. Raises Refused for more than a design may hold."""
    check_room(design, piece)
    with Draft(design) as draft:
        laying = _Laying(draft, network, piece)
        laying.add_blocks()
        laying.add_parameters()
        laying.add_layers()
        laying.draw_wires(keep_inputs=keep_inputs)
        _check_numbers([*design.networks.values()])
        check_nesting(draft)
        laying.lay_down(at, offset)
        ids = tuple(laying.ids.values())
        what = ids[0] if len(ids) == 1 else f"{len(ids):,} layers" if ids else "what lies on the sheet"
        return draft.edit(f"{verb} {what}", added=ids, note="; ".join(laying.notes))


def check_room(design: Design, piece: Piece) -> None:
    """Raises Refused where a design could not hold the layers of a piece, whatever its blocks are."""
    _check_numbers([*design.networks.values(), piece.design.top])


def _check_numbers(graphs: Sequence[Graph]) -> None:
    """Raises Refused for more than a file may hold."""
    layers = sum(map(len, graphs))
    wires = sum(len(graph.wires()) for graph in graphs)
    if layers > MOST_LAYERS or wires > MOST_WIRES:
        text = f"The design would have {layers:,} layers and {wires:,} wires"
        raise Refused(
            f"{text}, but at most {MOST_LAYERS:,} and {MOST_WIRES:,} are possible; paste fewer layers."
        )


@dataclass
class _Laying:
    draft: Draft
    network: str
    piece: Piece
    notes: list[str] = field(default_factory=list)
    blocks: dict[str, str] = field(default_factory=dict)
    """What the blocks of the piece are called in the design."""
    new: set[str] = field(default_factory=set)
    """Those of them that were not there; they come in their order."""

    @property
    def graph(self) -> Graph:
        return self.draft.design.networks[self.network]

    @property
    def top(self) -> Graph:
        return self.piece.design.top

    @cached_property
    def ids(self) -> dict[str, str]:
        """What the layers are called in the network: as before where that is free."""
        free = _Free(set(self.graph.ids()))
        return {node.id: free(self._wanted(node)) for node in self.top}

    def _wanted(self, node: Node) -> str:
        """In a block an Input or Output is a port, whose name must be an identifier."""
        trait = trait_of(node)
        is_port = self.network != TOP and trait
        return (identifier_from(node.id) or trait) if is_port else node.id

    def add_blocks(self) -> None:
        """Brings the blocks that are used, inner ones first; one that is there as it is is used again."""
        networks, waiting = self.piece.design.networks, list(self.top.uses.values())
        while waiting:
            name = waiting[-1]
            inner = used_blocks(networks[name]) if name in networks else ()
            missing = [each for each in inner if each in networks and each not in self.blocks]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            if name in networks and name not in self.blocks:
                self.blocks[name] = self._brought(name)

    def _brought(self, name: str) -> str:
        """The name of the block that is as this one of the piece, whose inner blocks are there."""
        networks = self.draft.design.networks
        graph = self.piece.design.networks[name].copy()
        graph.blocks = networks
        for id in list(graph.uses):
            graph.replace(self._with_block(graph.node(id)))
        text = block_text(graph)
        number, wanted = 1, name
        while wanted in networks:
            if block_text(networks[wanted]) == text:
                return wanted
            number += 1
            wanted = f"{name[: LONGEST_ID - 6]}{number}"
        order = list(self.piece.design.networks)
        before = sum(order.index(each) < order.index(name) for each in self.new)
        self.draft.add_network(wanted, graph, len(networks) - len(self.new) + before)
        self.new.add(name)
        raw = sheet(self.piece.design.layout, name)
        if raw:
            self.draft.section(sheet_path(wanted), dict(raw))
        if wanted != name:
            self.notes.append(
                f"with the block {name[:60]} as {wanted[:60]}, since there is another of that name"
            )
        return wanted

    def _with_block(self, node: Node) -> Node:
        name = self.blocks.get(str(node.values.get("block"))) if node.type == BLOCK else None
        return node.having(values={**node.values, "block": name}) if name is not None else node

    def add_parameters(self) -> None:
        """Brings the parameters that expressions name; where there is one of that name, it is that."""
        graph, given = self.graph, self.top.parameters
        letters = letters_of(graph) | letters_of(self.top)
        in_block = self.network != TOP
        named = dict.fromkeys(name for node in self.top for name in names_of_node(node, in_block=in_block))
        for name in named:
            if name in graph.parameters and name in given:
                if graph.parameters[name] != given[name]:
                    self.notes.append(f"with {name[:60]} as it is here, {str(graph.parameters[name])[:40]}")
            elif name in graph.parameters or name in letters:
                continue
            elif name in given:
                self.draft.parameter(self.network, name, given[name])
                self.notes.append(f"with the parameter {name[:60]}")
            else:
                self.notes.append(f"{name[:60]} means nothing here: add a parameter of that name")

    def add_layers(self) -> None:
        """Brings the layers, in their order, behind those that are there."""
        groups = _Free({str(node.values[WEIGHTS]) for node in self.graph if WEIGHTS in node.values})
        shared = {
            name: groups(name)
            for name in dict.fromkeys(
                node.values[WEIGHTS] for node in self.top if isinstance(node.values.get(WEIGHTS), str)
            )
        }
        for node in self.top:
            values = dict(self._with_block(node).values)
            if isinstance(values.get(WEIGHTS), str):
                values[WEIGHTS] = shared[values[WEIGHTS]]
            cls = catalogue().get(node.type)
            for each in cls.spec.fields.values() if cls is not None else ():
                if each.kind.refers and isinstance(values.get(each.name), str):
                    values[each.name] = self.ids.get(values[each.name], values[each.name])
            self.draft.add_node(self.network, node.having(id=self.ids[node.id], values=values))

    def draw_wires(self, *, keep_inputs: bool) -> None:
        """Draws the wires among them, and those from outside where they are wanted and their source is there."""
        for wire in self.top.wires():
            self._draw(wire, wire.source)
        lost: dict[str, None] = {}
        for wire in self.piece.inputs:
            if wire.target not in self.ids:
                continue
            if keep_inputs and self._has_output(wire):
                self._draw(wire, None)
            else:
                lost[self.ids[wire.target]] = None
        for id in lost:
            close_gaps(self.draft, self.network, id)

    def _draw(self, wire: Wire, inner: str | None) -> None:
        source = wire.source if inner is None else self.ids[inner]
        new = wire._replace(source=source, target=self.ids[wire.target])
        self.draft.wire(self.network, new, present=True)

    def _has_output(self, wire: Wire) -> bool:
        if wire.source not in self.graph or wire.source in self.ids.values():
            return False
        cls = layer_type(self.graph.node(wire.source), self.graph)
        return cls is None or cls.spec.output(wire.source_port) is not None

    def lay_down(self, at: Point | None, offset: Point) -> None:
        """Puts what lies on the sheet of the piece on that of the network."""
        raw = _near(sheet(self.piece.design.layout, TOP), self.ids)
        corner = corner_of(raw)
        if at is not None and corner is None and len(self.ids) == 1:
            id = next(iter(self.ids.values()))
            self.draft.section(position_path(self.network, id), [round(at[0], 2), round(at[1], 2)])
        if at is not None and corner is not None:
            offset = (at[0] - corner[0], at[1] - corner[1])
        lay_down(self.draft, self.network, raw, self.ids, offset)


def _near(raw: Mapping[str, Json], ids: Container[str]) -> dict[str, Json]:
    """A sheet without places of other layers, and without those that no window can show."""
    layers = raw.get("layers")
    near = {
        id: place
        for id, place in (layers.items() if isinstance(layers, dict) else ())
        if id in ids and all(abs(number) < FARTHEST for number in place)
    }
    return {**raw, "layers": near}


class _Free:
    """Gives names that are free: the wanted one, else the same with the next number."""

    def __init__(self, taken: Container[str]) -> None:
        self.taken, self.given = taken, set[str]()
        self.next: dict[str, int] = {}

    def __call__(self, wanted: str) -> str:
        name = wanted
        stem = wanted.rstrip("0123456789")[: LONGEST_ID - 8]
        while name in self.taken or name in self.given:
            self.next[stem] = self.next.get(stem, 0) + 1
            name = f"{stem}{self.next[stem]}"
        self.given.add(name)
        return name
