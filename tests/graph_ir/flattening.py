"""A design with blocks as one network without any, worked out anew: what the check says of both must be the same.

Nothing of the engine's own handling of blocks is used; only expressions are evaluated by the same parser. Folds become
Permute, Flatten and Unflatten; so they are followed without lengths only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graph_ir.check import check
from graph_ir.dims import Dim, Expr, symbol
from graph_ir.expressions import Value, evaluate
from graph_ir.graph import Design, Graph, Node, Wire
from graph_ir.layers import catalogue
from graph_ir.signature import TensorType

Source = tuple[str, str]


def flattened(design: Design) -> Design:
    """The same computation with every block drawn out."""
    made = _Flat(design)
    made.network(design.top, "", {}, dict(design.top.parameters), None, top=True)
    return made.flat


@dataclass
class _Flat:
    design: Design
    flat: Design = field(default_factory=Design)

    def type(self, source: Source) -> TensorType:
        return check(self.flat).layers[source[0]].outputs[source[1]]

    def add(self, id: str, type: str, values: Mapping[str, Any], wires: Mapping[str, Source]) -> Source:
        self.flat.top.add(Node(id, type, dict(values)))
        for port, source in wires.items():
            self.flat.top.add_wire(Wire(*source, id, port))
        return id, "y"

    def network(
        self,
        graph: Graph,
        prefix: str,
        given: Mapping[str, Source],
        names: dict[str, Value],
        shared: str | None,
        *,
        top: bool = False,
    ) -> dict[str, Source]:
        """Draws a network; what its Outputs read."""
        known = dict(names) if top else {**self.letters(graph, given), **names}
        if top:
            for node in graph:
                shape = node.values.get("shape") if node.type == "Input" else None
                known = {**{s: symbol(s) for s in shape or () if isinstance(s, str)}, **known}
        made: dict[Source, Source] = {}
        results: dict[str, Source] = {}
        for id in graph.order():
            node = graph.node(id)
            wires = {w.target_port: made[w.source, w.source_port] for w in graph.wires_into(id)}
            if node.type == "Input" and not top:
                made[id, "y"] = given[id]
            elif node.type == "Output" and not top:
                results[id] = wires["x"]
            elif node.bypass:
                made |= self.passed(node, wires)
            elif node.type == "Block":
                outputs = self.use(node, f"{prefix}{id}", wires, known, _group(node, prefix, id, shared))
                made |= {(id, port): source for port, source in outputs.items()}
            else:
                values = {key: _plain(raw, known) for key, raw in node.values.items()}
                group = _group(node, prefix, id, shared)
                values |= {"weights": group} if group is not None else {}
                self.add(f"{prefix}{id}", node.type, values, wires)
                made |= {(id, w.source_port): (f"{prefix}{id}", w.source_port) for w in graph.wires_from(id)}
        return results

    def passed(self, node: Node, wires: Mapping[str, Source]) -> dict[Source, Source]:
        """What a layer that is left out hands on: its first input, a block what stands at the same place."""
        if node.type == "Block":
            block = self.design.networks[node.values["block"]]
            ins, ends = ([n.id for n in block if n.type == type] for type in ("Input", "Output"))
            first = next(wires[port] for port in ins if port in wires)
            places = {end: ins[at] if at < len(ins) else "" for at, end in enumerate(ends)}
            return {(node.id, end): wires.get(port, first) for end, port in places.items()}
        spec = catalogue()[node.type].spec
        declared = [port.name for port in spec.inputs]

        def place(name: str) -> tuple[int, int]:
            stem = name if name in declared else name.rstrip("0123456789")
            return declared.index(stem), int(name[len(stem) :] or 0)

        first = wires[min(wires, key=place)]
        return {(node.id, port.name): first for port in spec.outputs}

    def letters(self, graph: Graph, given: Mapping[str, Source]) -> dict[str, Value]:
        """What the patterns of a block's ports bind."""
        found: dict[str, Value] = {}
        for node in graph:
            pattern = node.values.get("shape") if node.type == "Input" else None
            for entry, size in zip(
                pattern or (), self.type(given[node.id]).shape if pattern else (), strict=True
            ):
                found.setdefault(str(entry), size)
        return found

    def use(
        self, node: Node, id: str, wires: Mapping[str, Source], known: Mapping[str, Value], shared: str | None
    ) -> dict[str, Source]:
        values, block = node.values, self.design.networks[node.values["block"]]
        ports = [inner.id for inner in block if inner.type == "Input"]
        ends = [inner.id for inner in block if inner.type == "Output"]
        axis = _evaluated(values.get("each"), known)
        given = {port: wires[port] for port in ports}
        shape = self.type(given[ports[0]]).shape
        if axis:
            given = {port: self.fold(f"{id}/{port}", given[port], axis) for port in ports}
        results: dict[str, Source] = {}
        for index in range(_evaluated(values.get("repeat", 1), known)):
            here = {**known, "i": index}
            if _evaluated(values.get("when", True), here):
                raw = {**block.parameters, **values.get("parameters", {})}
                names = {name: _evaluated(value, here) for name, value in raw.items()}
                group = f"{shared}/{index}/" if shared is not None else None
                results = self.network(block, f"{id}/{index}/", given, names, group)
                results = {end: results[end] for end in ends}
            else:
                results = dict(zip(ends, given.values(), strict=False))
            given.update(zip(given, results.values(), strict=False))
        if axis:
            results = {
                end: self.unfold(f"{id}/{end}", source, axis, (shape[0], shape[axis]))
                for end, source in results.items()
            }
        return results

    def fold(self, id: str, source: Source, axis: int) -> Source:
        """(N, …, T, …) as (N*T, …)."""
        rank = len(self.type(source).shape)
        order = [0, axis, *(at for at in range(1, rank) if at != axis)]
        turned = self.add(f"{id} turned", "Permute", {"dims": order}, {"x": source})
        return self.add(f"{id} folded", "Flatten", {"start_dim": 0, "end_dim": 1}, {"x": turned})

    def unfold(self, id: str, source: Source, axis: int, sizes: tuple[Dim, Dim]) -> Source:
        """(N*T, …) as (N, …, T, …)."""
        rank = len(self.type(source).shape) + 1
        values = {"dim": 0, "unflattened_size": [s if isinstance(s, int) else f"={s}" for s in sizes]}
        apart = self.add(f"{id} apart", "Unflatten", values, {"x": source})
        order = [0, *range(2, rank)]
        order.insert(min(axis, rank - 1), 1)
        return self.add(f"{id} back", "Permute", {"dims": order}, {"x": apart})


def _group(node: Node, prefix: str, id: str, shared: str | None) -> str | None:
    """The name under which the weights of a layer, or of all layers of a use, are shared."""
    own = node.values.get("weights")
    if shared is not None:
        return f"{shared}{f'named {own}' if own is not None else id}"
    return f"{prefix}named {own}" if own is not None else None


def _evaluated(raw: Any, known: Mapping[str, Value]) -> Any:
    return evaluate(raw[1:], known) if isinstance(raw, str) and raw.startswith("=") else raw


def _plain(raw: Any, known: Mapping[str, Value]) -> Any:
    """A value as it stands in a network without parameters."""
    if isinstance(raw, list):
        return [_plain(entry, known) for entry in raw]
    found = _evaluated(raw, known)
    return f"={found}" if isinstance(found, Expr) else found
