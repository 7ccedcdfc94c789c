"""Which ports a card shows, and which of them a wire could still go into: from declarations and wires."""

from __future__ import annotations

from collections.abc import Iterable

from designer.canvas.arranging.places import spec_of
from graph_ir.graph import Graph
from graph_ir.signature import Port
from graph_ir.spec import variadic_index


def input_ports(graph: Graph, name: str, hidden: Iterable[str] = ()) -> list[str]:
    """The inputs a card shows: as declared, at least two of a variadic one, none that a chip feeds."""
    spec, wires = spec_of(graph, name), graph.wires_into(name)
    wired = {wire.target_port for wire in wires}
    off = set(hidden)
    fed = {wire.target_port for wire in wires if wire.source in off}
    if spec is None:
        return sorted(wired - fed)
    ports: list[str] = []
    for port in spec.inputs:
        if not port.variadic:
            ports.append(port.name)
            continue
        many = {other for other in wired if spec.input(other) is port} | {f"{port.name}1", f"{port.name}2"}
        ports += sorted(many, key=lambda other: (len(other), other))
    strays = sorted(other for other in wired if spec.input(other) is None)
    return [port for port in (*ports, *strays) if port not in fed]


def spare_inputs(graph: Graph, name: str) -> set[str]:
    """The inputs without a wire that need none: optional ones, and those of a variadic port beyond the fewest."""
    spec, wired = spec_of(graph, name), {wire.target_port for wire in graph.wires_into(name)}
    free = [port for port in input_ports(graph, name) if port not in wired] if spec else []
    return {port for port in free if spec and (found := spec.input(port)) and _is_spare(found, port)}


def _is_spare(port: Port, name: str) -> bool:
    return port.optional or (port.variadic and variadic_index(port, name) > port.fewest)


def output_ports(graph: Graph, name: str) -> list[str]:
    """The outputs a card shows: as declared, and what wires name beside them."""
    spec = spec_of(graph, name)
    declared = [port.name for port in spec.outputs] if spec else []
    return declared + sorted({wire.source_port for wire in graph.wires_from(name)} - set(declared))


def spare_outputs(graph: Graph, name: str) -> set[str]:
    """The outputs that nothing reads beside those that something reads; while nothing reads any, all but the first."""
    ports, read = output_ports(graph, name), {wire.source_port for wire in graph.wires_from(name)}
    return set(ports) - (read or set(ports[:1]))


def free_inputs(graph: Graph, name: str) -> list[str]:
    """The inputs a wire could still go into; a variadic port always has one more."""
    wired = {wire.target_port for wire in graph.wires_into(name)}
    free = [port for port in input_ports(graph, name) if port not in wired]
    spec = spec_of(graph, name)
    if spec is None:
        return free
    for port in spec.inputs:
        if port.variadic and not any(spec.input(other) is port for other in free):
            free.append(f"{port.name}{1 + sum(spec.input(other) is port for other in wired)}")
    return free
