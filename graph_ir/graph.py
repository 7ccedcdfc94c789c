"""The network as a graph: layers and wires on a networkx `MultiDiGraph`, and the design that holds networks.

A layer is addressed as (network, id): network "" is the top one, any other a block's. The order of layers is part of
the design. The methods that change a graph check nothing: only `graph_ir.edits` and the file reader call them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx

from graph_ir.kinds import Json
from graph_ir.order import circle, in_order


@dataclass(frozen=True, eq=False)
class Node:
    """One use of a layer type: its id, and its values as the file has them (unknown fields included).

    A `bypass`ed one does nothing: what comes in goes through.
    """

    id: str
    type: str
    values: Mapping[str, Json] = field(default_factory=dict)
    label: str = ""
    bypass: bool = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self._key == other._key

    def __hash__(self) -> int:
        return hash((self.id, self.type))

    @property
    def _key(self) -> tuple[object, ...]:
        return (self.id, self.type, self.label, self.bypass, dict(self.values))

    def having(self, **changed: Any) -> Node:
        """The same node with something else of it."""
        return replace(self, **changed)


class Wire(NamedTuple):
    """From an output port to an input port."""

    source: str
    source_port: str
    target: str
    target_port: str

    def __str__(self) -> str:
        return f"{self.source}.{self.source_port} → {self.target}.{self.target_port}"


class Cycle(Exception):
    """The wires run in a circle through these layers."""

    def __init__(self, ids: list[str]) -> None:
        super().__init__(" → ".join(ids))
        self.ids = ids


BLOCK = "Block"
"""The type of a use of a block; its value `block` names the block's network."""
_stamps = count(1)


class Graph:
    """One network: layers in the order of the file, wires between their ports, and named parameters.

    Layers are the nodes of a networkx graph by id, wires the keys of its edges. `blocks` are all networks of its design
    by name: what a use of a block names; `uses` are these names by the ids of the uses. `stamp` is another number after
    each change of layers or wires.

    What is worked out about places, wires and order is kept until it changes. `touched` names the layers that are new
    or have other values or wires since the check last looked; what it found then stands in `remembered`.
    """

    def __init__(self, parameters: dict[str, Json] | None = None) -> None:
        self.parameters: dict[str, Json] = parameters or {}
        self.blocks: Mapping[str, Graph] = {}
        self.stamp = next(_stamps)
        self.uses: dict[str, str] = {}
        self.touched: set[str] = set()
        self.remembered: object = None
        self._graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        self._nodes: dict[str, Node] = {}
        self._order: list[str] = []
        self._place: dict[str, int] | None = None
        self._wires: list[Wire] | None = None
        self._into: dict[str, tuple[Wire, ...]] = {}
        self._from: dict[str, tuple[Wire, ...]] = {}
        self._sorted: list[str] | None = None

    def __contains__(self, id: object) -> bool:
        return id in self._nodes

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Node]:
        return map(self._nodes.__getitem__, self._order)

    def ids(self) -> list[str]:
        """Every id, in the order of the file."""
        return list(self._order)

    def node(self, id: str) -> Node:
        """The layer `id`. Raises KeyError."""
        return self._nodes[id]

    def nodes(self) -> list[Node]:
        """Every layer, in the order of the file."""
        return list(self)

    def index(self, id: str) -> int:
        """The place of `id` in the order of the file. Raises ValueError."""
        return self._order.index(id)

    def _places(self) -> dict[str, int]:
        if self._place is None:
            self._place = {id: i for i, id in enumerate(self._order)}
        return self._place

    def wires(self) -> list[Wire]:
        """Every wire, sorted by the places of its ends in the file, then by port."""
        if self._wires is None:
            if not self._from:
                self._arrange_all()
            self._wires = [wire for id in self._order for wire in self.wires_from(id)]
        return list(self._wires)

    def _arrange_all(self) -> None:
        """The wires of every layer at once: much faster than asking networkx for one layer after the other."""
        outgoing: dict[str, Any] = dict(self._graph.adjacency())
        incoming: dict[str, list[Wire]] = {id: [] for id in self._order}
        for id in self._order:
            found = [wire for keys in outgoing[id].values() for wire in keys]
            self._from[id] = self._arranged(found) if len(found) > 1 else tuple(found)
            for wire in self._from[id]:
                incoming[wire.target].append(wire)
        self._into = {id: tuple(found) for id, found in incoming.items()}

    def _arranged(self, wires: Iterable[Wire]) -> tuple[Wire, ...]:
        found = tuple(wires)
        if len(found) < 2:
            return found
        place = self._places()
        return tuple(
            sorted(found, key=lambda w: (place[w.source], place[w.target], w.target_port, w.source_port))
        )

    def wires_into(self, id: str) -> tuple[Wire, ...]:
        """The wires that end at `id`, in the order of `wires`."""
        found = self._into.get(id)
        if found is None:
            edges = self._graph.in_edges(id, keys=True)
            found = self._into[id] = self._arranged(wire for _, _, wire in edges)
        return found

    def wires_from(self, id: str) -> tuple[Wire, ...]:
        """The wires that start at `id`, in the order of `wires`."""
        found = self._from.get(id)
        if found is None:
            edges = self._graph.out_edges(id, keys=True)
            found = self._from[id] = self._arranged(wire for _, _, wire in edges)
        return found

    def has_wire(self, wire: Wire) -> bool:
        """Whether exactly this wire is there."""
        return self._graph.has_edge(wire.source, wire.target, wire)

    def order(self) -> list[str]:
        """The layers so that each comes behind what it reads; ties by the order of the file. Raises Cycle."""
        found = self.order_before_cycles()
        if len(found) < len(self._order):
            done = set(found)
            raise Cycle(circle([id for id in self._order if id not in done], self.wires()))
        return found

    def order_before_cycles(self) -> list[str]:
        """The layers that no cycle comes before, in order."""
        if self._sorted is None:
            self._sorted = in_order(self._order, self._places(), self.wires())
        return list(self._sorted)

    def reaches(self, start: str, end: str) -> bool:
        """Whether wires lead from `start` to `end` (a layer reaches itself)."""
        return nx.has_path(self._graph, start, end)

    def behind(self, ids: set[str]) -> set[str]:
        """These layers and all that depend on them."""
        found = set(ids)
        waiting = list(ids)
        while waiting:
            new = [id for id in self._graph.successors(waiting.pop()) if id not in found]
            found.update(new)
            waiting += new
        return found

    def add(self, node: Node, index: int | None = None) -> None:
        """Adds a layer, at the end or at a place in the order."""
        self._graph.add_node(node.id)
        self._nodes[node.id] = node
        self._note_use(node)
        self._order.insert(len(self._order) if index is None else index, node.id)
        self._place = self._wires = self._sorted = None
        self._touch(node.id)

    def remove(self, id: str) -> None:
        """Removes a layer and its wires."""
        for wire in {*self.wires_into(id), *self.wires_from(id)}:
            self.remove_wire(wire)
        self._graph.remove_node(id)
        if self._order[-1] == id:  # searching for the last of many takes long
            self._order.pop()
        else:
            self._order.remove(id)
        del self._nodes[id]
        self.uses.pop(id, None)
        self._into.pop(id, None)
        self._from.pop(id, None)
        self._place = self._wires = self._sorted = None
        self._touch(id)

    def replace(self, node: Node) -> None:
        """Gives the layer `node.id` other values."""
        self._nodes[node.id] = node
        self._note_use(node)
        self._touch(node.id)

    def _note_use(self, node: Node) -> None:
        name = node.values.get("block") if node.type == BLOCK else None
        if isinstance(name, str) and name:  # the name "" is that of the top network, which no use can name
            self.uses[node.id] = name
        else:
            self.uses.pop(node.id, None)

    def _touch(self, id: str) -> None:
        self.touched.add(id)
        self.stamp = next(_stamps)

    def add_wire(self, wire: Wire) -> None:
        """Adds a wire between layers that are there."""
        self._graph.add_edge(wire.source, wire.target, wire)
        self._rewired(wire)

    def remove_wire(self, wire: Wire) -> None:
        """Removes a wire."""
        self._graph.remove_edge(wire.source, wire.target, wire)
        self._rewired(wire)

    def _rewired(self, wire: Wire) -> None:
        self._from.pop(wire.source, None)
        self._into.pop(wire.target, None)
        self._wires = self._sorted = None
        self._touch(wire.target)

    def copy(self) -> Graph:
        """An independent graph with the same (immutable) layers; what the check found is as true of it."""
        other = Graph(deepcopy(self.parameters))
        other._graph = self._graph.copy()
        other._nodes, other._order = dict(self._nodes), list(self._order)
        other._place, other._wires, other._sorted = self._place, self._wires, self._sorted
        other._into, other._from = dict(self._into), dict(self._from)
        other.touched, other.remembered = set(self.touched), self.remembered
        other.stamp, other.uses = self.stamp, dict(self.uses)
        return other


TOP = ""
"""The name by which the top network is addressed."""


class Networks(dict[str, Graph]):
    """The networks of a design by name; each of them can look up the others."""

    def __init__(self, networks: Mapping[str, Graph]) -> None:
        super().__init__()
        for name, graph in networks.items():
            self[name] = graph

    def __setitem__(self, name: str, graph: Graph) -> None:
        super().__setitem__(name, graph)
        graph.blocks = self


@dataclass
class Design:
    """Everything a design file holds. The graph is free of pixels: positions stand in `layout`."""

    about: dict[str, Json] = field(default_factory=dict)
    networks: dict[str, Graph] = field(default_factory=lambda: {TOP: Graph()})
    training: dict[str, Json] = field(default_factory=dict)
    layout: dict[str, Json] = field(default_factory=dict)
    diagram: dict[str, Json] = field(default_factory=dict)
    extra: dict[str, Json] = field(default_factory=dict)
    folder: Path | None = field(default=None, compare=False)
    """Where its file lies: there are the files that layers name."""

    def __post_init__(self) -> None:
        self.networks = Networks(self.networks)

    @property
    def top(self) -> Graph:
        """The top network."""
        return self.networks[TOP]

    def copy(self) -> Design:
        """An independent design."""
        return Design(
            about=deepcopy(self.about),
            networks={name: graph.copy() for name, graph in self.networks.items()},
            training=deepcopy(self.training),
            layout=deepcopy(self.layout),
            diagram=deepcopy(self.diagram),
            extra=deepcopy(self.extra),
            folder=self.folder,
        )
