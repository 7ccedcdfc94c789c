"""Checked edits of the values of a layer, and how its wires follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graph_ir.block_graphs import WEIGHTS
from graph_ir.blocks import Values
from graph_ir.build import build
from graph_ir.changes import REMOVE, Draft, Edit
from graph_ir.graph import BLOCK, Design
from graph_ir.kinds import Json, is_expression
from graph_ir.refusing import Refused, check_nesting, existing, existing_block, type_named
from graph_ir.resolve import layer_type
from graph_ir.spec import Spec, variadic_index


def set_fields(design: Design, network: str, id: str, values: Mapping[str, Json]) -> Edit:
    """Gives fields other values (REMOVE: back to the default), or `weights`, which layers share by that name.

    Raises Refused for a value no file may hold. Where a use gets another block, wires go to the port of the same
    name, else to that at the same place; what finds none goes.
    """
    graph = design.networks[network]
    node = existing(graph, id)
    spec = type_named(node.type).spec
    new = dict(node.values)
    for name, value in values.items():
        if value is REMOVE:
            new.pop(name, None)
            continue
        _check_raw(spec, name, value)
        new[name] = value
    if node.type == BLOCK and "block" in values:
        existing_block(design, str(new.get("block", "")))
    with Draft(design) as draft:
        before = layer_type(node, graph)
        draft.replace_node(network, node.having(values=new))
        check_nesting(draft)
        after = layer_type(graph.node(id), graph)
        if node.type == BLOCK and before is not None and after is not None and before.spec != after.spec:
            _move_wires(draft, network, id, before.spec, after.spec)
        return draft.edit(f"Change {', '.join(values)} of {id}")


def _check_raw(spec: Spec, name: str, value: Json) -> None:
    """Whether a file may hold the value. Raises Refused."""
    if name == WEIGHTS:
        if not isinstance(value, str) or not 1 <= len(value) <= 200:
            raise Refused("`weights` must be a name, the same at all layers that share their weights.")
        return
    field = spec.fields.get(name)
    if field is None:
        raise Refused(f"{spec.type} has no field {name[:60]!r}.")
    whole = is_expression(value) and not isinstance(field.kind, Values)
    if not whole and not field.kind.accepts(value):
        raise Refused(f"`{name}` must be {field.kind.describe()}.")


def _move_wires(draft: Draft, network: str, id: str, before: Spec, after: Spec) -> None:
    """Moves the wires of a use to the ports of its new block."""
    graph = draft.design.networks[network]
    inputs = _same_ports([port.name for port in before.inputs], [port.name for port in after.inputs])
    outputs = _same_ports([port.name for port in before.outputs], [port.name for port in after.outputs])
    old = {wire: draft.bends_of(network, wire) for wire in (*graph.wires_into(id), *graph.wires_from(id))}
    for wire in old:
        draft.wire(network, wire, present=False)
    for wire, bends in old.items():
        into = wire.target == id
        port = inputs.get(wire.target_port) if into else outputs.get(wire.source_port)
        if port is not None:
            moved = wire._replace(target_port=port) if into else wire._replace(source_port=port)
            draft.wire(network, moved, present=True)
            draft.bends(network, {moved: bends})
        elif not into:
            close_gaps(draft, network, wire.target)


def _same_ports(before: Sequence[str], after: Sequence[str]) -> dict[str, str]:
    """Which port stands for which: that of the same name, else that at the same place if it is free."""
    found = {name: name for name in before if name in after}
    for old, new in zip(before, after, strict=False):
        if old not in found and new not in found.values():
            found[old] = new
    return found


def check_value(type: str, name: str, value: Json) -> str | None:
    """Why a value can't be used for a field of a layer type, in one sentence; None if it can."""
    cls = type_named(type)
    field = cls.spec.fields[name]
    if is_expression(value):
        return None
    if not field.kind.accepts(value):
        return f"`{name}` must be {field.kind.describe()}."
    _, bad = build(cls, {**cls.spec.start_values(), name: value})
    return next((entry.text for entry in bad if entry.field == name), None)


def close_gaps(draft: Draft, network: str, id: str) -> None:
    """Renumbers the wires of variadic ports, so that they are x1, x2, … without gaps."""
    graph = draft.design.networks[network]
    cls = layer_type(graph.node(id), graph)
    for port in cls.spec.inputs if cls else ():
        if not port.variadic:
            continue
        numbered = sorted(
            (variadic_index(port, wire.target_port), wire)
            for wire in graph.wires_into(id)
            if variadic_index(port, wire.target_port)
        )
        for place, (index, wire) in enumerate(numbered, 1):
            if index != place:
                draft.rewire(network, wire, wire._replace(target_port=f"{port.name}{place}"))
