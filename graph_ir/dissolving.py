"""A use of a block becomes the layers it stands for: repetitions one after the other, parameters put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graph_ir.adapters import free_id
from graph_ir.annotations import sheet
from graph_ir.block_graphs import INDEX, WEIGHTS, boundary
from graph_ir.blocks import Block
from graph_ir.changes import Draft, Edit, position_path, stored
from graph_ir.check import check
from graph_ir.dims import Dim, symbols
from graph_ir.field_edits import close_gaps
from graph_ir.graph import TOP, Design, Graph, Node, Wire
from graph_ir.kinds import Json, is_expression
from graph_ir.refusing import LONGEST_ID, Refused, existing_use, trait_of
from graph_ir.renaming import letters_of
from graph_ir.report import LayerReport
from graph_ir.rewriting import TooLong, known_value, names_in, names_of_node, rewritten, with_names
from graph_ir.sheets import Carried, carried, lay_down, part_of, places_of

Source = tuple[str, str]
MOST_LAYERS = 10_000
_HEIGHT = 96.0
"""How far apart repetitions stand where the block has no layout, in scene pixels."""


def dissolve(design: Design, network: str, id: str) -> Edit:
    """Puts the layers of a block in the place of one use; the block itself stays.

    Raises Refused for what the layers by themselves could not say: `each`, shared weights, and a number of
    repetitions, a `when` or sizes that only the uses of the network around it decide.
    """
    node, block = existing_use(design, network, id)
    graph, inner = design.networks[network], design.networks[block]
    if node.values.get("each") is not None:
        raise Refused(
            f"{id[:60]!r} is applied to every step of an axis, which layers are not; remove `each`."
        )
    if node.bypass:
        raise Refused(f"{id[:60]!r} is bypassed, so that it stands for no layers; turn its bypass off first.")
    shared = node.values.get(WEIGHTS)
    if shared is not None:
        others = (other.id for other in graph if other.values.get(WEIGHTS) == shared and other.id != id)
        other = next(others, None)
        if other is not None:
            text = f"{id[:60]!r} shares its weights with {other[:60]!r}"
            raise Refused(f"{text}; remove `weights` of one of them first.")
    if any(wire.source == id for wire in graph.wires_into(id)):
        raise Refused(f"A wire leads from {id[:60]!r} to itself; remove it first.")
    around = _Around(design, network, node, inner)
    kept = around.repetitions()
    if len(graph) + sum(kept) * len(inner) > MOST_LAYERS:
        raise Refused(f"There would be more than {MOST_LAYERS:,} layers; repeat less.")
    with Draft(design) as draft:
        _Unrolled(draft, around, kept).run()
        return draft.edit(f"Dissolve {id}")


@dataclass
class _Around:
    """What is known where the use stands."""

    design: Design
    network: str
    node: Node
    inner: Graph
    entry: LayerReport | None = None
    """What the check says of it; only in the top network, since in a block each use may say another thing."""

    def __post_init__(self) -> None:
        if self.network == TOP:
            self.entry = check(self.design).layers[self.node.id]

    @property
    def graph(self) -> Graph:
        return self.design.networks[self.network]

    def repetitions(self) -> list[bool]:
        """For each repetition whether it is there. Raises Refused."""
        repeat = known_value(self.node.values.get("repeat", 1))
        layer = self.entry.layer if self.entry is not None else None
        seen = layer.use.repetitions if isinstance(layer, Block) else None
        if repeat is None and seen is None:
            raise self._undecided("repeat", "how often it is repeated")
        times = repeat if isinstance(repeat, int) else len(seen or ())
        if times > MOST_LAYERS:
            raise Refused(f"There would be more than {MOST_LAYERS:,} layers; repeat less.")
        return [self._is_there(index, seen) for index in range(times)]

    def _is_there(self, index: int, seen: tuple[object, ...] | None) -> bool:
        raw = self.node.values.get("when", True)
        found = known_value(_counted(raw, index))
        if isinstance(found, bool):
            return found
        if seen is None:
            raise self._undecided("when", "whether it is there")
        return seen[index] is not None

    def _undecided(self, name: str, what: str) -> Refused:
        raw = str(self.node.values.get(name))[:60]
        why = "is decided by the uses of the block around it" if self.network else "is not known"
        return Refused(f"`{name}` is {raw!r}: {what} {why}; put a plain value there first.")

    def meaning(self, index: int, sources: Mapping[str, Source | None]) -> dict[str, Json]:
        """What the names inside stand for in one repetition. Raises Refused."""
        given = self.node.values.get("parameters", {})
        found: dict[str, Json] = {}
        for name, default in self.inner.parameters.items():
            raw = given.get(name, default)
            if raw is None:
                raise Refused(
                    f"The parameter {name[:60]!r} of the block has no value here; give it one first."
                )
            found[name] = _counted(raw, index)
            if is_expression(found[name]) and INDEX in names_in(str(found[name])):
                raise Refused(f"The value of {name[:60]!r} can't be read; mend it first.")
        layers = [node for node in self.inner if trait_of(node) not in ("input", "output")]
        needed = {name for node in layers for name in names_of_node(node)} - found.keys()
        for name in sorted(needed & letters_of(self.inner)):
            found[name] = self._size(name, index, sources)
        return found

    def _size(self, letter: str, index: int, sources: Mapping[str, Source | None]) -> Json:
        """What a letter of a port's pattern stands for in one repetition. Raises Refused."""
        for port in boundary(self.inner, "input"):
            shape = port.values.get("shape")
            if not isinstance(shape, list) or letter not in shape:
                continue
            axis = shape.index(letter)
            if self.entry is not None and index < len(self.entry.nested):
                report = self.entry.nested[index].report
                type = report.layers[port.id].outputs.get("y") if report is not None else None
                if type is not None and axis < len(type.shape) and self._is_named(type.shape[axis]):
                    size = type.shape[axis]
                    return size if isinstance(size, int) else f"={size}"
            if (entry := self._pattern_entry(sources.get(port.id), axis)) is not None:
                return entry
        text = f"A layer inside takes the size {letter!r} from its wire, which is not known here"
        raise Refused(f"{text}; make it a parameter of the block first.")

    def _is_named(self, size: Dim) -> bool:
        """Whether expressions around the use can say this size."""
        return symbols(size) <= letters_of(self.graph) - self.graph.parameters.keys()

    def _pattern_entry(self, source: Source | None, axis: int) -> Json:
        """What the pattern of the Input says from which a wire comes; None where there is none."""
        if source is None or source[0] not in self.graph or trait_of(self.graph.node(source[0])) != "input":
            return None
        shape = self.graph.node(source[0]).values.get("shape")
        if not isinstance(shape, list) or axis >= len(shape):
            return None
        return shape[axis] if isinstance(shape[axis], int) else f"={str(shape[axis]).removeprefix('=')}"


def _counted(raw: Json, index: int) -> Json:
    """A value of a use in one repetition."""
    if not is_expression(raw):
        return raw
    try:
        return with_names(raw, {INDEX: index})
    except TooLong:
        return raw


@dataclass
class _Unrolled:
    """Draws the repetitions of a use."""

    draft: Draft
    around: _Around
    kept: list[bool]
    ids: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)

    def run(self) -> None:
        """Everything. Raises Refused."""
        draft, around = self.draft, self.around
        graph, inner, node, network = around.graph, around.inner, around.node, around.network
        index, at = graph.index(node.id), stored(draft.design, position_path(network, node.id))
        incoming, outgoing = graph.wires_into(node.id), graph.wires_from(node.id)
        sources: dict[str, Source | None] = dict.fromkeys(each.id for each in boundary(inner, "input"))
        for wire in reversed(incoming):
            sources[wire.target_port] = (wire.source, wire.source_port)
        self.ids = set(graph.ids()) - {node.id}
        self.groups = {str(each.values[WEIGHTS]) for each in graph if WEIGHTS in each.values}
        # Sizes are asked of the check, so before anything changes.
        meanings = [
            around.meaning(k, sources if k == 0 else {}) if there else {} for k, there in enumerate(self.kept)
        ]
        draft.remove_node(network, node.id)
        made: dict[str, Source | None] = {}
        for k, there in enumerate(self.kept):
            if there:
                names = self._names(k)
                index = self._layers(meanings[k], names, index, k)
                made = self._wires(names, sources)
                self._sheet(names, at, sum(self.kept[:k]))
            else:
                outputs = [each.id for each in boundary(inner, "output")]
                made = dict(zip(outputs, sources.values(), strict=False))
            sources.update(zip(sources, made.values(), strict=False))
        for wire in outgoing:
            found = made.get(wire.source_port)
            if found is not None:
                draft.wire(network, Wire(*found, wire.target, wire.target_port), present=True)
            else:
                close_gaps(draft, network, wire.target)

    def _names(self, index: int) -> dict[str, str]:
        """New ids for the layers of one repetition."""
        found: dict[str, str] = {}
        for node in self.around.inner:
            if trait_of(node) in ("input", "output"):
                continue
            found[node.id] = self._free(node.id, index, self.ids) or free_id(self.around.graph, node.type)
            self.ids.add(found[node.id])
        return found

    def _free(self, name: str, index: int, taken: set[str]) -> str:
        """The name itself where it can be, else with that of the use; nothing where that is too long."""
        use = self.around.node.id
        numbered = f"{use}_{index}_{name}" if len(self.kept) > 1 else f"{use}_{name}"
        wanted = [*([name] if len(self.kept) == 1 else []), numbered]
        wanted += [f"{numbered}_{number}" for number in range(2, 1000)]
        return next((each for each in wanted if each not in taken and len(each) <= LONGEST_ID), "")

    def _layers(
        self, meaning: Mapping[str, Json], names: Mapping[str, str], index: int, repetition: int
    ) -> int:
        """Adds the layers of one repetition at a place in the order; the place behind them."""
        groups: dict[str, str] = {}
        for id, new in names.items():
            try:
                node = rewritten(self.around.inner.node(id), meaning)
            except TooLong as error:
                raise Refused(f"{id[:60]!r} can't be moved out, since {error}; make it simpler.") from None
            values = dict(node.values)
            if isinstance(values.get(WEIGHTS), str):
                values[WEIGHTS] = self._group(values[WEIGHTS], repetition, groups)
            self.draft.add_node(self.around.network, node.having(id=new, values=values), index)
            index += 1
        return index

    def _group(self, name: str, index: int, groups: dict[str, str]) -> str:
        """The name of shared weights, another one in each repetition."""
        if name not in groups:
            groups[name] = self._free(name, index, self.groups) or f"w{len(self.groups)}"
            self.groups.add(groups[name])
        return groups[name]

    def _wires(
        self, names: Mapping[str, str], sources: Mapping[str, Source | None]
    ) -> dict[str, Source | None]:
        """Draws the wires of one repetition; from where each Output is fed."""
        inner, network = self.around.inner, self.around.network

        def meant(wire: Wire) -> Source | None:
            if wire.source in names:
                return names[wire.source], wire.source_port
            return sources.get(wire.source)

        for wire in inner.wires():
            source = meant(wire)
            if wire.target in names and source is not None:
                new = Wire(*source, names[wire.target], wire.target_port)
                self.draft.wire(network, new, present=True)
        for new_id in names.values():
            close_gaps(self.draft, network, new_id)
        found: dict[str, Source | None] = {}
        for node in boundary(inner, "output"):
            incoming = inner.wires_into(node.id)
            found[node.id] = meant(incoming[0]) if incoming else None
        return found

    def _sheet(self, names: Mapping[str, str], at: object, repetition: int) -> None:
        """What lies on the sheet of the block: each repetition below the one before, the first where the use stood."""
        design, block = self.draft.design, str(self.around.node.values["block"])
        raw, everywhere = sheet(design.layout, block), places_of(design, block)
        if not isinstance(at, list):
            lay_down(self.draft, self.around.network, part_of(raw, names, {}, Carried()), names)
            return
        known = {id: place for id, place in everywhere.items() if id in names}
        carry = carried(raw, everywhere.keys() | names.keys(), everywhere)
        known = known or {id: (0.0, i * _HEIGHT) for i, id in enumerate(names)}
        if not known:
            return
        left, top = (min(place[axis] for place in known.values()) for axis in (0, 1))
        height = max(place[1] for place in known.values()) - top + _HEIGHT
        by = (at[0] - left, at[1] - top + repetition * height)
        lay_down(self.draft, self.around.network, part_of(raw, names, known, carry), names, by)
