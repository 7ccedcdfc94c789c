"""A block made from a selection: what comes in and goes out become ports, what expressions name becomes parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from keyword import iskeyword

from graph_ir.adapters import free_id
from graph_ir.annotations import entries, sheet
from graph_ir.block_graphs import INDEX, WEIGHTS
from graph_ir.changes import REMOVE, Draft, Edit, position_path, stored
from graph_ir.check import check
from graph_ir.field_edits import close_gaps
from graph_ir.graph import BLOCK, TOP, Design, Graph, Node, Wire
from graph_ir.kinds import Json, Sizes
from graph_ir.refusing import Refused, existing, free_name, identifier_from, trait_of
from graph_ir.renaming import letters_of
from graph_ir.resolve import layer_type
from graph_ir.rewriting import names_of_node
from graph_ir.sheets import carried, lay_down, part_of, places_of
from graph_ir.spec import REGISTRY

Source = tuple[str, str]
"""A layer and one of its outputs."""
_ROW = 96.0
"""The distance of the ports above and below the layers, in scene pixels."""


def make_block(design: Design, network: str, ids: Iterable[str], name: str) -> Edit:
    """Moves layers into a new block and puts one use of it in their place.

    Each source outside becomes one Input, each result that is read outside one Output (without any: what nothing
    reads). Parameters of the network that expressions inside name become parameters of the block and are passed on;
    so do sizes, unless a wire that comes in brings them: then its Input gets a pattern.

    Raises Refused for Inputs, Outputs and losses, for shared weights that would be torn apart, and where a path leaves
    the selection and comes back, since the block would then have to run before itself.
    """
    graph = design.networks[network]
    chosen = {id: existing(graph, id) for id in sorted(set(ids), key=lambda id: _place(graph, id))}
    name = free_name("block", name, design.networks)
    _check_selection(graph, chosen)
    plan = _Plan(design, network, chosen)
    with Draft(design) as draft:
        draft.add_network(name, plan.inside())
        _move_sheet(draft, network, name, plan)
        index = graph.index(next(iter(chosen)))
        for id in chosen:
            draft.remove_node(network, id)
        use = free_id(graph, identifier_from(name))
        values: dict[str, Json] = {"block": name}
        if plan.parameters:
            values["parameters"] = {each: f"={each}" for each in plan.parameters}
        draft.add_node(network, Node(use, BLOCK, values), index)
        if plan.corner is not None:
            draft.section(position_path(network, use), list(plan.corner))
        for port, source in plan.inputs.items():
            draft.wire(network, Wire(*source, use, port), present=True)
        for wire in plan.outgoing:
            port = plan.outputs[wire.source, wire.source_port]
            draft.wire(network, Wire(use, port, wire.target, wire.target_port), present=True)
            close_gaps(draft, network, wire.target)
        return draft.edit(f"Make the block {name}", added=(use,))


def _place(graph: Graph, id: str) -> int:
    existing(graph, id)
    return graph.index(id)


def _check_selection(graph: Graph, chosen: Mapping[str, Node]) -> None:
    """Raises Refused for what can't be a block."""
    if not chosen:
        raise Refused("Nothing is selected; select the layers that the block is to hold.")
    for node in chosen.values():
        if trait := trait_of(node):
            what = {"input": "an Input", "output": "an Output"}.get(trait, "a loss")
            raise Refused(f"{node.id[:60]!r} is {what}, which stays outside of blocks; select without it.")
    behind = graph.behind(set(chosen)) - chosen.keys()
    back = next((w for id in chosen for w in graph.wires_into(id) if w.source in behind), None)
    if back is not None:
        text = (
            f"A path leaves the selection and comes back to {back.target[:60]!r} through {back.source[:60]!r}"
        )
        raise Refused(f"{text}; select that too.")
    shared = {node.values.get(WEIGHTS): node.id for node in chosen.values() if WEIGHTS in node.values}
    for node in graph:
        weights = node.values.get(WEIGHTS)
        if weights is not None and weights in shared and node.id not in chosen:
            text = f"{shared[weights][:60]!r} shares its weights with {node.id[:60]!r}"
            raise Refused(f"{text}; select both, or neither.")
    if any(INDEX in names_of_node(node) for node in chosen.values()) and INDEX in graph.parameters:
        raise Refused(
            f"An expression names the parameter `{INDEX}`, which at a use of a block is its repetition; "
            "rename the parameter first."
        )


@dataclass
class _Plan:
    """What the new block is made of."""

    design: Design
    network: str
    chosen: Mapping[str, Node]
    inputs: dict[str, Source] = field(default_factory=dict)
    outputs: dict[Source, str] = field(default_factory=dict)
    outgoing: list[Wire] = field(default_factory=list)
    parameters: dict[str, Json] = field(default_factory=dict)
    patterns: dict[str, list[Json]] = field(default_factory=dict)
    corner: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        graph = self.design.networks[self.network]
        self.chosen = {id: _with_signs(node, letters_of(graph)) for id, node in self.chosen.items()}
        wires = graph.wires()
        incoming = [w for w in wires if w.target in self.chosen and w.source not in self.chosen]
        self.outgoing = [w for w in wires if w.source in self.chosen and w.target not in self.chosen]
        self._name_inputs(incoming)
        self._name_outputs(graph, [(w.source, w.source_port) for w in self.outgoing] or self._unread(graph))
        self._find_names(graph)
        places = [at for id in self.chosen if (at := self._position(id)) is not None]
        if places:
            self.corner = (min(x for x, _ in places), min(y for _, y in places))

    def _position(self, id: str) -> tuple[float, float] | None:
        at = stored(self.design, position_path(self.network, id))
        return (at[0], at[1]) if at is not REMOVE else None

    def _name_inputs(self, incoming: list[Wire]) -> None:
        targets: dict[Source, list[str]] = {}
        for wire in incoming:
            targets.setdefault((wire.source, wire.source_port), []).append(wire.target_port)
        for (id, port), names in targets.items():
            wanted = "x" if len(targets) == 1 else _port_word(id, port, set(names))
            self.inputs[self._free(wanted)] = (id, port)

    def _name_outputs(self, graph: Graph, found: list[Source]) -> None:
        sources = list(dict.fromkeys(found))
        for id, port in sources:
            several = sum(other == id for other, _ in sources) > 1
            wanted = "y" if len(sources) == 1 else f"{id}_{port}" if several else id
            self.outputs[id, port] = self._free(wanted)

    def _unread(self, graph: Graph) -> list[Source]:
        """The main outputs of the layers that nothing reads."""
        found = []
        for id, node in self.chosen.items():
            cls = layer_type(node, graph)
            ports = [port.name for port in cls.spec.outputs] if cls is not None else ["y"]
            if ports and not graph.wires_from(id):
                found.append((id, "y" if "y" in ports else ports[0]))
        return found

    def _free(self, wanted: str) -> str:
        """A port's name that is no other's, and no layer's inside."""
        stem = identifier_from(wanted) or "x"
        stem = f"{stem}_" if iskeyword(stem) else stem
        taken = {*self.chosen, *self.inputs, *self.outputs.values()}
        name, number = stem, 1
        while name in taken:
            number += 1
            name = f"{stem}{number}"
        return name

    def _find_names(self, graph: Graph) -> None:
        """What expressions name: parameters are passed on, sizes come with a wire if one has them."""
        needed = dict.fromkeys(name for node in self.chosen.values() for name in names_of_node(node))
        letters = letters_of(graph)
        axes = {port: self._axes(graph, source) for port, source in self.inputs.items()}
        sizes = []
        for name in needed:
            if name in graph.parameters:
                self.parameters[name] = graph.parameters[name]
            elif name in letters and any(name in found for found in axes.values()):
                sizes.append(name)
            elif name in letters:
                self.parameters[name] = None
        for port, found in axes.items():
            if any(name in sizes for name in found):
                self.patterns[port] = self._pattern(found, sizes, set(needed))

    def _axes(self, graph: Graph, source: Source) -> list[str]:
        """For each axis of what comes in the name of its size, or nothing."""
        node = graph.node(source[0])
        shape: object = node.values.get("shape") if trait_of(node) == "input" else None
        if isinstance(shape, list):
            return [str(entry) for entry in shape]
        if self.network != TOP:
            return []
        entry = check(self.design).layers[source[0]].outputs.get(source[1])
        return [str(size) for size in entry.shape] if entry is not None else []

    def _pattern(self, found: list[str], sizes: list[str], needed: set[str]) -> list[Json]:
        """The sizes that are needed by their names; a new letter for each other axis."""
        letters: list[Json] = []
        taken = {*needed, *(str(entry) for pattern in self.patterns.values() for entry in pattern)}
        for axis, name in enumerate(found):
            letter, number = "N" if axis == 0 else f"D{axis}", 1
            while letter in taken:
                number += 1
                letter = f"D{axis}_{number}"
            letters.append(name if name in sizes else letter)
        return letters

    def inside(self) -> Graph:
        """The network of the block: Inputs, the layers in their order, Outputs."""
        graph = self.design.networks[self.network]
        made = Graph(dict(self.parameters))
        types = {cls.spec.trait: type for type, cls in REGISTRY.items()}
        given = {source: port for port, source in self.inputs.items()}
        for port in self.inputs:
            shape = {"shape": self.patterns[port]} if port in self.patterns else {}
            made.add(Node(port, types["input"], shape))
        for node in self.chosen.values():
            made.add(node)
        for (id, source_port), port in self.outputs.items():
            made.add(Node(port, types["output"]))
            made.add_wire(Wire(id, source_port, port, "x"))
        for wire in (wire for id in self.chosen for wire in graph.wires_into(id)):
            if wire.source in self.chosen:
                made.add_wire(wire)
            else:
                made.add_wire(wire._replace(source=given[wire.source, wire.source_port], source_port="y"))
        return made

    def layout(self) -> dict[str, list[float]]:
        """Where everything stands inside; empty where nothing had a place."""
        if self.corner is None:
            return {}
        left, top = self.corner
        places = {id: at for id in self.chosen if (at := self._position(id)) is not None}
        found = {id: [x - left, y - top + _ROW] for id, (x, y) in places.items()}
        bottom = max(y for _, y in found.values()) + _ROW
        found |= {port: [i * 2 * _ROW, 0.0] for i, port in enumerate(self.inputs)}
        return found | {port: [i * 2 * _ROW, bottom] for i, port in enumerate(self.outputs.values())}


def _port_word(id: str, port: str, targets: set[str]) -> str:
    """What to call one of several inputs: like the port it leads to if that says something, else like its source."""
    if (
        len(targets) == 1
        and len(target := next(iter(targets)).rstrip("0123456789")) > 1
        and target != "input"
    ):
        return target
    return id if port == "y" else f"{id}_{port}"


def _with_signs(node: Node, letters: set[str]) -> Node:
    """A node whose shapes name sizes by expressions, which a block can be given, instead of by letters."""
    cls = REGISTRY.get(node.type)
    values = dict(node.values)
    for name, raw in node.values.items():
        spec = cls.spec.fields.get(name) if cls is not None else None
        if spec is not None and isinstance(spec.kind, Sizes) and isinstance(raw, list):
            values[name] = [
                f"={entry}" if isinstance(entry, str) and entry in letters else entry for entry in raw
            ]
    return node.having(values=values) if values != node.values else node


def _move_sheet(draft: Draft, network: str, name: str, plan: _Plan) -> None:
    """Moves what is on the sheet about the layers, and the frames and comments among them, into the block."""
    raw = sheet(draft.design.layout, network)
    carry = carried(raw, plan.chosen.keys(), places_of(draft.design, network))
    part = part_of(raw, plan.chosen, {}, carry)
    for key, places in (("frames", carry.frames), ("comments", carry.comments)):
        if places:
            kept = [each for i, each in enumerate(entries(raw, key)) if i not in places]
            draft.annotate(network, key, kept)
    left, top = plan.corner or (0.0, 0.0)
    lay_down(draft, name, part, {id: id for id in plan.chosen}, (-left, _ROW - top))
    for id, at in plan.layout().items():
        draft.section(position_path(name, id), at)
    draft.forget(network, plan.chosen.keys())
