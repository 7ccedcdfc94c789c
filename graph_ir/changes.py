"""Reversible changes of a design: what an undo step is made of.

A change knows only where, the old and the new value. Doing and undoing leaves the same bytes, order included.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from graph_ir.annotations import ends, entries, sheet, sheet_path, wire_from
from graph_ir.graph import Design, Graph, Node, Wire
from graph_ir.kinds import Json

REMOVE: Any = type("Remove", (), {"__repr__": lambda self: "REMOVE"})()
"""Stands for "not there" where null is a value."""


@dataclass(frozen=True)
class SetNode:
    """A layer is added (`old` is None), removed (`new` is None) or gets other values."""

    network: str
    id: str
    old: Node | None
    new: Node | None
    index: int

    def apply(self, design: Design) -> None:
        graph = design.networks[self.network]
        if self.new is None:
            graph.remove(self.id)
        elif self.old is None:
            graph.add(self.new, self.index)
        else:
            graph.replace(self.new)

    def inverse(self) -> SetNode:
        return SetNode(self.network, self.id, self.new, self.old, self.index)


@dataclass(frozen=True)
class SetWire:
    """A wire is added (`present`) or removed."""

    network: str
    wire: Wire
    present: bool

    def apply(self, design: Design) -> None:
        graph = design.networks[self.network]
        if self.present:
            graph.add_wire(self.wire)
        else:
            graph.remove_wire(self.wire)

    def inverse(self) -> SetWire:
        return SetWire(self.network, self.wire, not self.present)


@dataclass(frozen=True)
class SetSection:
    """A value in `about`, `training`, `layout` or `diagram` changes, at a path whose objects are all there."""

    path: tuple[str, ...]
    old: Any
    new: Any

    def apply(self, design: Design) -> None:
        _store(getattr(design, self.path[0]), self.path[1:], self.new)

    def inverse(self) -> SetSection:
        return SetSection(self.path, self.new, self.old)


@dataclass(frozen=True)
class SetParameter:
    """A parameter of a network changes; REMOVE is "not there". It stands at `index`: their order is part of a block."""

    network: str
    name: str
    old: Any
    new: Any
    index: int

    def apply(self, design: Design) -> None:
        parameters = design.networks[self.network].parameters
        if self.new is REMOVE or self.old is not REMOVE:
            _store(parameters, (self.name,), self.new)
            return
        items = list(parameters.items())
        items.insert(self.index, (self.name, self.new))
        parameters.clear()
        parameters.update(items)

    def inverse(self) -> SetParameter:
        return SetParameter(self.network, self.name, self.new, self.old, self.index)


@dataclass(frozen=True)
class SetNetwork:
    """A block is added (`old` is None) or removed (`new` is None), at a place among all networks.

    What comes into the design is a copy: the graph that a change holds stays as it is.
    """

    name: str
    old: Graph | None
    new: Graph | None
    index: int

    def apply(self, design: Design) -> None:
        networks = dict(design.networks)
        networks.pop(self.name, None)
        items = list(networks.items())
        if self.new is not None:
            items.insert(self.index, (self.name, self.new.copy()))
        design.networks.clear()
        for name, graph in items:
            design.networks[name] = graph

    def inverse(self) -> SetNetwork:
        return SetNetwork(self.name, self.new, self.old, self.index)


@dataclass(frozen=True)
class RenameNetwork:
    """A block gets another name and keeps its place. Its uses are changed by changes of their own."""

    old: str
    new: str

    def apply(self, design: Design) -> None:
        items = list(design.networks.items())
        design.networks.clear()
        for name, graph in items:
            design.networks[self.new if name == self.old else name] = graph

    def inverse(self) -> RenameNetwork:
        return RenameNetwork(self.new, self.old)


Change = SetNode | SetWire | SetSection | SetParameter | SetNetwork | RenameNetwork


def stored(design: Design, path: tuple[str, ...]) -> Any:
    """The value at a path such as ("training", "epochs"), or REMOVE."""
    value = getattr(design, path[0])
    for key in path[1:]:
        if not isinstance(value, dict) or key not in value:
            return REMOVE
        value = value[key]
    return value


def _store(section: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for key in path[:-1]:
        section = section[key]
    if value is REMOVE:
        section.pop(path[-1], None)
    else:
        section[path[-1]] = value


@dataclass(frozen=True)
class Edit:
    """One undo step: a title for the menu, its changes, and the ids of the layers it adds."""

    title: str
    changes: tuple[Change, ...]
    added: tuple[str, ...] = ()
    note: str = ""
    """What else was done and should be said ("with a Flatten in front")."""

    def inverse(self) -> Edit:
        """The edit that undoes this one."""
        return Edit(self.title, tuple(change.inverse() for change in reversed(self.changes)))


def apply(design: Design, edit: Edit) -> None:
    """Carries out an edit. It was made for the design as it is now."""
    for change in edit.changes:
        change.apply(design)


class Draft:
    """Collects changes while carrying them out, so that each can look at what the one before did; then rolls back.

    >>> with Draft(design) as draft:      # doctest: +SKIP
    ...     draft.add_node("", node)
    >>> edit = draft.edit("Add conv1")    # doctest: +SKIP
    """

    def __init__(self, design: Design) -> None:
        self.design = design
        self.changes: list[Change] = []

    def __enter__(self) -> Draft:
        return self

    def __exit__(self, *exception: object) -> None:
        self.roll_back_to(0)

    def roll_back_to(self, mark: int) -> None:
        """Takes back the changes from place `mark` on."""
        while len(self.changes) > mark:
            self.changes.pop().inverse().apply(self.design)

    def _do(self, change: Change) -> None:
        change.apply(self.design)
        self.changes.append(change)

    def add_node(self, network: str, node: Node, index: int | None = None) -> None:
        """Adds a layer, at the end of the order or at a place in it."""
        place = len(self.design.networks[network]) if index is None else index
        self._do(SetNode(network, node.id, None, node, place))

    def remove_node(self, network: str, id: str) -> None:
        """Removes a layer and its wires, its place in the layout and what is noted about it."""
        graph = self.design.networks[network]
        self.forget(network, [id])
        for wire in sorted({*graph.wires_into(id), *graph.wires_from(id)}):
            self.wire(network, wire, present=False)
        self.section(position_path(network, id), REMOVE)
        self._do(SetNode(network, id, graph.node(id), None, graph.index(id)))

    def replace_node(self, network: str, node: Node) -> None:
        """Gives a layer other values."""
        graph = self.design.networks[network]
        old = graph.node(node.id)
        if old != node or repr(old.values) != repr(node.values):  # 1, 1.0 and true are equal
            self._do(SetNode(network, node.id, old, node, graph.index(node.id)))

    def wire(self, network: str, wire: Wire, *, present: bool) -> None:
        """Adds or removes a wire, its bends with it; does nothing if it is so already."""
        if self.design.networks[network].has_wire(wire) == present:
            return
        if not present:
            self.bends(network, {wire: None})
        self._do(SetWire(network, wire, present))

    def rewire(self, network: str, old: Wire, new: Wire) -> None:
        """Puts a wire in the place of another, whose bends it gets."""
        bends = self.bends_of(network, old)
        self.wire(network, old, present=False)
        self.wire(network, new, present=True)
        if bends is not None:
            self.bends(network, {new: bends})

    def bends_of(self, network: str, wire: Wire) -> Json:
        """Where a wire bends, as it stands in the file; None where it does not."""
        raw = entries(sheet(self.design.layout, network), "wires")
        return next((each for each in raw if _wire_in(each) == wire), None)

    def bends(self, network: str, changed: Mapping[Wire, Json]) -> None:
        """Gives wires other bends, as they stand in the file; None for a straight wire."""
        raw = entries(sheet(self.design.layout, network), "wires")
        if not raw and not any(changed.values()):
            return
        kept = [each for each in raw if _wire_in(each) not in changed]
        kept += [{**each, "wire": ends(wire)} for wire, each in changed.items() if each is not None]
        if kept != raw:
            self.annotate(network, "wires", kept)

    def forget(self, network: str, ids: Collection[str]) -> None:
        """Takes what is noted about layers, and the bends of their wires, off the sheet."""
        raw = sheet(self.design.layout, network)
        hidden, notes = entries(raw, "hidden"), raw.get("notes")
        if any(id in ids for id in hidden):
            self.annotate(network, "hidden", [id for id in hidden if id not in ids])
        if isinstance(notes, dict) and any(id in ids for id in notes):
            self.annotate(network, "notes", {id: text for id, text in notes.items() if id not in ids})
        wires = [wire for each in entries(raw, "wires") if (wire := _wire_in(each))]
        self.bends(network, {wire: None for wire in wires if wire.source in ids or wire.target in ids})

    def annotate(self, network: str, key: str, value: Json) -> None:
        """Puts something on a sheet in the place of what stands there under this key; empty for nothing."""
        self.section((*sheet_path(network), key), value or REMOVE)

    def section(self, path: tuple[str, ...], value: Any) -> None:
        """Sets a value of a section, with the objects on the way to it; does nothing if it is so already."""
        old = stored(self.design, path)
        if old is value or (old == value and type(old) is type(value)):
            return
        while len(path) > 2 and not isinstance(stored(self.design, path[:-1]), dict):
            path, value = path[:-1], {path[-1]: value}
            old = stored(self.design, path)
        self._do(SetSection(path, old, value))

    def parameter(self, network: str, name: str, value: Any, index: int | None = None) -> None:
        """Sets a parameter of a network; a new one stands at the end or at a place."""
        parameters = self.design.networks[network].parameters
        old = parameters.get(name, REMOVE)
        if old == value and type(old) is type(value):
            return
        if old is not REMOVE:
            index = list(parameters).index(name)
        self._do(SetParameter(network, name, old, value, len(parameters) if index is None else index))

    def add_network(self, name: str, graph: Graph, index: int | None = None) -> None:
        """Adds a block with its network, as the last or at a place among all networks."""
        place = len(self.design.networks) if index is None else index
        self._do(SetNetwork(name, None, graph.copy(), place))

    def remove_network(self, name: str) -> None:
        """Removes a block, and its layout."""
        self.section(("layout", "blocks", name), REMOVE)
        place = list(self.design.networks).index(name)
        self._do(SetNetwork(name, self.design.networks[name].copy(), None, place))

    def rename_network(self, old: str, new: str) -> None:
        """Gives a block another name, its uses and its layout with it."""
        self._do(RenameNetwork(old, new))
        for network, graph in self.design.networks.items():
            for id in [id for id, block in graph.uses.items() if block == old]:
                node = graph.node(id)
                self.replace_node(network, node.having(values={**node.values, "block": new}))
        layout = stored(self.design, ("layout", "blocks", old))
        self.section(("layout", "blocks", old), REMOVE)
        if layout is not REMOVE:
            self.section(("layout", "blocks", new), layout)

    def edit(self, title: str, *, added: tuple[str, ...] = (), note: str = "") -> Edit:
        """What was collected, as one undo step."""
        return Edit(title, tuple(self.changes), added, note)


def _wire_in(raw: Json) -> Wire | None:
    """The wire whose bends these are."""
    return wire_from(raw.get("wire")) if isinstance(raw, dict) else None


def position_path(network: str, id: str) -> tuple[str, ...]:
    """Where a layer's position stands in the layout."""
    return ("layout", "blocks", network, "layers", id) if network else ("layout", "network", "layers", id)
