"""Layers that leave the wires around them, which are joined, or that are put into a wire."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from graph_ir.adapters import best_input, main_output
from graph_ir.changes import Draft, Edit
from graph_ir.check import check
from graph_ir.field_edits import close_gaps
from graph_ir.graph import Design, Graph, Wire
from graph_ir.refusing import Refused, existing
from graph_ir.resolve import layer_type
from graph_ir.spec import Spec, variadic_index


def crossing(graph: Graph, ids: Collection[str]) -> list[Wire]:
    """The wires between some layers and all others."""
    chosen = set(ids)
    into = [wire for id in ids for wire in graph.wires_into(id) if wire.source not in chosen]
    out = [wire for id in ids for wire in graph.wires_from(id) if wire.target not in chosen]
    return [*into, *out]


def bridges(graph: Graph, ids: Iterable[str]) -> list[Wire]:
    """The wires that would close the gap layers leave: from what main inputs read to what reads main outputs."""
    chosen = set(ids)
    found = []
    for id in graph.ids():
        if id not in chosen:
            continue
        for wire in sorted(graph.wires_from(id)):
            source = None if wire.target in chosen else _before(graph, (id, wire.source_port), chosen)
            if source is not None:
                found.append(Wire(*source, wire.target, wire.target_port))
    return found


def _before(graph: Graph, port: tuple[str, str], chosen: Collection[str]) -> tuple[str, str] | None:
    """The output outside that a main output inside goes back to, through main inputs alone."""
    while port[0] in chosen:
        spec = _spec(graph, port[0])
        if spec is None or not spec.inputs or not spec.outputs or main_output(spec) != port[1]:
            return None
        wire = _main_wire(graph, spec, port[0])
        if wire is None:
            return None
        port = wire.source, wire.source_port
    return port


def _main_wire(graph: Graph, spec: Spec, id: str) -> Wire | None:
    """The wire at the first input; of a variadic one at its first that is wired."""
    first = spec.inputs[0]
    wires = [wire for wire in graph.wires_into(id) if spec.input(wire.target_port) is first]
    return min(wires, key=lambda wire: variadic_index(first, wire.target_port) or 0, default=None)


def join(draft: Draft, network: str, wires: Sequence[Wire]) -> None:
    """Draws each wire, unless it adds an error to those that are there."""
    before = errors(draft.design, network) if wires else set()
    for wire in wires:
        mark = len(draft.changes)
        draft.wire(network, wire, present=True)
        if errors(draft.design, network) - before:
            draft.roll_back_to(mark)


def errors(design: Design, network: str) -> set[tuple[str, str | None]]:
    """The kinds of error that a network has, and where."""
    return {(p.code, p.at) for p in check(design, network).problems if p.severity == "error"}


def take_out(design: Design, network: str, ids: Iterable[str]) -> Edit:
    """Takes layers out of the wires around them, which are joined where that adds no error; the layers stay."""
    graph = design.networks[network]
    chosen = list(dict.fromkeys(ids))
    for id in chosen:
        existing(graph, id)
    joins = bridges(graph, chosen)
    with Draft(design) as draft:
        wires = crossing(graph, chosen)
        for wire in wires:
            draft.wire(network, wire, present=False)
        join(draft, network, joins)
        for target in sorted({wire.target for wire in wires}):
            close_gaps(draft, network, target)
        return draft.edit(f"Take out {chosen[0]}" if len(chosen) == 1 else f"Take out {len(chosen)} layers")


def may_stand_in_a_wire(graph: Graph, ids: Collection[str]) -> bool:
    """Whether layers without wires to others are one chain that a wire could run through."""
    return _ends(graph, ids) is not None


def _ends(graph: Graph, ids: Collection[str]) -> tuple[str, str] | None:
    """The first and the last of them, where there is one of each, with a free input and an output."""
    chosen = set(ids)
    first = [id for id in ids if not any(wire.source in chosen for wire in graph.wires_into(id))]
    last = [id for id in ids if not any(wire.target in chosen for wire in graph.wires_from(id))]
    if len(first) != 1 or len(last) != 1:
        return None
    head, tail = _spec(graph, first[0]), _spec(graph, last[0])
    return (first[0], last[0]) if head and tail and head.inputs and tail.outputs else None


def put_into(design: Design, network: str, wire: Wire, ids: Collection[str]) -> Edit:
    """Puts layers that are there already into a wire: its source → the first of them …, the last → its target.

    Of several outputs of the last, the first that adds no error is taken. Raises Refused for a wire that is gone, and
    for layers that are no chain or have other wires.
    """
    graph = design.networks[network]
    for id in ids:
        existing(graph, id)
    if not graph.has_wire(wire):
        raise Refused("This wire is no longer there.")
    ends = _ends(graph, ids)
    if ends is None or crossing(graph, ids):
        raise Refused(
            "Only a layer, or a chain of layers, without other wires can be put into a wire; disconnect it first."
        )
    into = best_input(design, network, wire[:2], ends[0])
    if into is None:
        raise Refused(f"{ends[0]} has no free input, so it can't stand in a wire.")
    with Draft(design) as draft:
        draft.wire(network, wire, present=False)
        draft.wire(network, Wire(*wire[:2], ends[0], into), present=True)
        tail = _spec(graph, ends[1])
        assert tail is not None, "the last layer of a chain has outputs"
        main = main_output(tail)
        outputs = [main, *(port.name for port in tail.outputs if port.name != main)]
        before = errors(design, network)
        for output in outputs:
            mark = len(draft.changes)
            draft.wire(network, Wire(ends[1], output, *wire[2:]), present=True)
            if not errors(design, network) - before:
                break
            draft.roll_back_to(mark)
        else:
            draft.wire(network, Wire(ends[1], main, *wire[2:]), present=True)
        return draft.edit(f"Insert {ends[0]}" if len(ids) == 1 else f"Insert {len(ids)} layers")


def _spec(graph: Graph, id: str) -> Spec | None:
    cls = layer_type(graph.node(id), graph)
    return cls.spec if cls else None
