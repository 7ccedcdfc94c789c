"""What comes along when a layer is added: the wire to it, an adapter in front of it, the Inputs a loss needs.

All of it is read off the declarations (`adapters`, `companions`); no layer is known by name.
"""

from __future__ import annotations

from graph_ir.changes import Draft
from graph_ir.check import check
from graph_ir.graph import Design, Graph, Node, Wire
from graph_ir.resolve import layer_type
from graph_ir.signature import Port, TensorType
from graph_ir.spec import REGISTRY, CompanionOf, Spec


def free_id(graph: Graph, stem: str) -> str:
    """An id that is not taken: `conv1`, `relu2` …, from a type's name without its dimension."""
    short = stem[:-2] if stem[-2:] in ("1d", "2d", "3d") else stem
    number = 1
    while f"{short.lower()}{number}" in graph:
        number += 1
    return f"{short.lower()}{number}"


def main_output(spec: Spec) -> str:
    """The output a wire starts from if nothing else is said: `y`, or the first."""
    return "y" if spec.output("y") else spec.outputs[0].name


def best_input(design: Design, network: str, source: tuple[str, str], id: str) -> str | None:
    """The free input of `id` that takes what `source` gives, else the first free one, else None."""
    graph = design.networks[network]
    cls = layer_type(graph.node(id), graph)
    given = _type_of(design, network, source)
    taken = {wire.target_port for wire in graph.wires_into(id)}
    free = [(port, _free_name(port, taken)) for port in (cls.spec.inputs if cls else ())]
    open_ports = [(port, name) for port, name in free if name is not None]
    fitting = [name for port, name in open_ports if given is None or takes(port, given)]
    return next(iter(fitting), None) or next((name for _, name in open_ports), None)


def _free_name(port: Port, taken: set[str]) -> str | None:
    if not port.variadic:
        return None if port.name in taken else port.name
    number = 1
    while f"{port.name}{number}" in taken:
        number += 1
    return f"{port.name}{number}"


def takes(port: Port, given: TensorType) -> bool:
    """Whether number of axes and dtype fit; sizes are the check's business."""
    fixed = sum(not token.is_run for token in port.tokens)
    rank_fits = len(given.shape) >= fixed if port.rank is None else len(given.shape) == port.rank
    return rank_fits and given.dtype in port.dtypes


def _type_of(design: Design, network: str, source: tuple[str, str]) -> TensorType | None:
    entry = check(design, network).layers.get(source[0])
    return entry.outputs.get(source[1]) if entry else None


def wire_behind(draft: Draft, network: str, after: tuple[str, str], id: str, *, bare: bool) -> list[str]:
    """Wires `id` behind the port `after`, with the adapter its declaration names for such axes; ids of what came."""
    graph = draft.design.networks[network]
    cls = layer_type(graph.node(id), graph)
    assert cls is not None, "a layer that was just added has a type"
    spec = cls.spec
    given = _type_of(draft.design, network, after)
    wanted = next((type for port, type in spec.adapters if given and takes(port, given)), None)
    brought: list[str] = []
    if wanted is not None and not bare:
        adapter = free_id(graph, wanted)
        place = graph.index(id)
        draft.add_node(network, Node(adapter, wanted, REGISTRY[wanted].spec.start_values()), place)
        draft.wire(network, Wire(*after, adapter, REGISTRY[wanted].spec.inputs[0].name), present=True)
        after = (adapter, main_output(REGISTRY[wanted].spec))
        brought.append(adapter)
    port = best_input(draft.design, network, after, id)
    if port is not None:
        draft.wire(network, Wire(*after, id, port), present=True)
    return brought


def bring_companions(draft: Draft, network: str, id: str) -> list[str]:
    """Adds and wires the Inputs that a layer's declaration names for its other ports; their ids."""
    design, graph = draft.design, draft.design.networks[network]
    cls = layer_type(graph.node(id), graph)
    assert cls is not None, "a layer that was just added has a type"
    main_inputs = [port.name for port in cls.spec.inputs[:1]]
    first = next((wire for wire in graph.wires_into(id) if wire.target_port in main_inputs), None)
    given = _type_of(design, network, (first.source, first.source_port)) if first else None
    made: dict[str, str] = {}
    boundary = next(name for name, other in REGISTRY.items() if other.spec.trait == "input")
    for port, values in cls.companions(given).items():
        name = port if port not in graph else free_id(graph, port)
        filled = {k: made[v.port] if isinstance(v, CompanionOf) else v for k, v in values.items()}
        draft.add_node(network, Node(name, boundary, filled))
        draft.wire(network, Wire(name, main_output(REGISTRY[boundary].spec), id, port), present=True)
        made[port] = name
    return list(made.values())
