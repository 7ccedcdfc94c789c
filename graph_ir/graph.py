"""The network as a graph: layers and wires on a networkx `MultiDiGraph`, and the design that holds networks.

A layer is addressed as (network, id): network "" is the top one, any other a block's. The order of layers is part of
the design. The methods that change a graph check nothing: only `graph_ir.edits` and the file reader call them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import NamedTuple

import networkx as nx

from graph_ir.kinds import Json


@dataclass(frozen=True, eq=False)
class Node:
    """One use of a layer type: its id, and its values as the file has them (unknown fields included)."""

    id: str
    type: str
    values: Mapping[str, Json] = field(default_factory=dict)
    label: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self._key == other._key

    def __hash__(self) -> int:
        return hash((self.id, self.type))

    @property
    def _key(self) -> tuple[object, ...]:
        return (self.id, self.type, self.label, dict(self.values))


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


class Graph:
    """One network: layers in the order of the file, wires between their ports, and named parameters."""

    def __init__(self, parameters: dict[str, Json] | None = None) -> None:
        self.parameters: dict[str, Json] = parameters or {}
        self._graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        self._order: list[str] = []
        self._wires: list[Wire] | None = None
        self._sorted: list[str] | None = None

    def _changed(self) -> None:
        """Forgets what was worked out about layers and wires."""
        self._wires = self._sorted = None

    def __contains__(self, id: object) -> bool:
        return id in self._graph

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Node]:
        return (self.node(id) for id in self._order)

    def ids(self) -> list[str]:
        """Every id, in the order of the file."""
        return list(self._order)

    def node(self, id: str) -> Node:
        """The layer `id`. Raises KeyError."""
        node: Node = self._graph.nodes[id]["node"]
        return node

    def nodes(self) -> list[Node]:
        """Every layer, in the order of the file."""
        return list(self)

    def index(self, id: str) -> int:
        """The place of `id` in the order of the file. Raises ValueError."""
        return self._order.index(id)

    def wires(self) -> list[Wire]:
        """Every wire, sorted by the places of its ends in the file, then by port."""
        if self._wires is None:
            place = {id: i for i, id in enumerate(self._order)}
            found = [Wire(s, ports[0], t, ports[1]) for s, t, ports in self._graph.edges(keys=True)]
            self._wires = sorted(
                found, key=lambda w: (place[w.source], place[w.target], w.target_port, w.source_port)
            )
        return list(self._wires)

    def wires_into(self, id: str) -> list[Wire]:
        """The wires that end at `id`."""
        return [Wire(s, ports[0], id, ports[1]) for s, _, ports in self._graph.in_edges(id, keys=True)]

    def wires_from(self, id: str) -> list[Wire]:
        """The wires that start at `id`."""
        return [Wire(id, ports[0], t, ports[1]) for _, t, ports in self._graph.out_edges(id, keys=True)]

    def has_wire(self, wire: Wire) -> bool:
        """Whether exactly this wire is there."""
        return self._graph.has_edge(wire.source, wire.target, (wire.source_port, wire.target_port))

    def order(self) -> list[str]:
        """The layers so that each comes behind what it reads; ties by the order of the file. Raises Cycle."""
        if self._sorted is None:
            self._sorted = self._topological(self._graph)
        return list(self._sorted)

    def _topological(self, graph: nx.MultiDiGraph[str]) -> list[str]:
        place = {id: i for i, id in enumerate(self._order)}
        try:
            return list(nx.lexicographical_topological_sort(graph, key=place.__getitem__))
        except nx.NetworkXUnfeasible:
            raise Cycle([edge[0] for edge in nx.find_cycle(graph)]) from None

    def order_before_cycles(self) -> list[str]:
        """The layers that no cycle comes before, in order."""
        cyclic = {
            id for part in nx.strongly_connected_components(self._graph) if len(part) > 1 for id in part
        }
        cyclic |= {id for id in self._order if self._graph.has_edge(id, id)}
        open_layers = set(self._order) - self.behind(cyclic)
        return self._topological(self._graph.subgraph(open_layers))

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
        self._changed()
        self._graph.add_node(node.id, node=node)
        self._order.insert(len(self._order) if index is None else index, node.id)

    def remove(self, id: str) -> None:
        """Removes a layer and its wires."""
        self._changed()
        self._graph.remove_node(id)
        self._order.remove(id)

    def replace(self, node: Node) -> None:
        """Gives the layer `node.id` other values."""
        self._graph.nodes[node.id]["node"] = node

    def add_wire(self, wire: Wire) -> None:
        """Adds a wire between layers that are there."""
        self._changed()
        self._graph.add_edge(wire.source, wire.target, (wire.source_port, wire.target_port))

    def remove_wire(self, wire: Wire) -> None:
        """Removes a wire."""
        self._changed()
        self._graph.remove_edge(wire.source, wire.target, (wire.source_port, wire.target_port))

    def copy(self) -> Graph:
        """An independent graph with the same (immutable) layers."""
        other = Graph(deepcopy(self.parameters))
        other._graph = self._graph.copy()
        other._order = list(self._order)
        return other


TOP = ""
"""The name by which the top network is addressed."""


@dataclass
class Design:
    """Everything a design file holds. The graph is free of pixels: positions stand in `layout`."""

    about: dict[str, Json] = field(default_factory=dict)
    networks: dict[str, Graph] = field(default_factory=lambda: {TOP: Graph()})
    training: dict[str, Json] = field(default_factory=dict)
    layout: dict[str, Json] = field(default_factory=dict)
    diagram: dict[str, Json] = field(default_factory=dict)
    extra: dict[str, Json] = field(default_factory=dict)

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
        )
