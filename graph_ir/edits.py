"""The checked edits: what a gesture, a menu, a paste or a script may do to a design.

Each function looks at the design, raises `Refused` with a sentence or returns an `Edit`; nothing is changed until
`apply`. The window's undo steps are these edits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graph_ir.adapters import best_input, bring_companions, free_id, main_output, wire_behind
from graph_ir.build import build
from graph_ir.changes import REMOVE, Draft, Edit, apply, position_path, stored
from graph_ir.check import check
from graph_ir.graph import Design, Graph, Node, Wire
from graph_ir.kinds import Json, is_expression
from graph_ir.layers import catalogue
from graph_ir.resolve import layer_type
from graph_ir.spec import Spec, variadic_index

LONGEST_ID = 200
Position = tuple[float, float]


class Refused(Exception):
    """An edit that is not possible; the text is one sentence that says why and what to do."""


def _spec(type: str) -> Spec:
    cls = catalogue().get(type)
    if cls is None:
        raise Refused(f"There is no layer type {type[:60]!r}; choose one of the palette.")
    return cls.spec


def _spec_of(node: Node, graph: Graph) -> Spec:
    """The declaration of one use, with the ports that it declares itself."""
    cls = layer_type(node, graph)
    return cls.spec if cls is not None else _spec(node.type)


def _node(graph: Graph, id: str) -> Node:
    if id not in graph:
        raise Refused(f"There is no layer {id[:60]!r} any more.")
    return graph.node(id)


def add_layer(
    design: Design,
    network: str,
    type: str,
    *,
    after: tuple[str, str] | None = None,
    position: Position | None = None,
    bare: bool = False,
    values: Mapping[str, Json] | None = None,
) -> Edit:
    """Adds a layer with its start values, wired behind the port `after` if that is given.

    Unless `bare`, an adapter that the layer needs there (a Flatten in front of a Linear) and the target and length
    inputs of a loss come with it, in the same step.
    """
    spec = _spec(type)
    with Draft(design) as draft:
        id = free_id(design.networks[network], spec.trait or type)
        draft.add_node(network, Node(id, type, dict(values) if values is not None else spec.start_values()))
        if position is not None:
            draft.section(position_path(network, id), list(position))
        brought: list[str] = []
        if after is not None and spec.inputs:
            brought += wire_behind(draft, network, after, id, bare=bare)
        if not bare:
            brought += bring_companions(draft, network, id)
        return draft.edit(f"Add {type}", added=(id, *brought), note=_note(draft, network, brought))


def insert_on_wire(
    design: Design, network: str, wire: Wire, type: str, *, position: Position | None = None
) -> Edit:
    """Puts a new layer into a wire: source → new → target, in one step."""
    spec = _spec(type)
    graph = design.networks[network]
    if not graph.has_wire(wire):
        raise Refused("This wire is no longer there.")
    if not spec.inputs or not spec.outputs:
        raise Refused(
            f"{type} has no input or no output, so it can't stand in a wire; drop it beside the wire."
        )
    with Draft(design) as draft:
        id = free_id(graph, spec.trait or type)
        draft.add_node(network, Node(id, type, spec.start_values()))
        if position is not None:
            draft.section(position_path(network, id), list(position))
        draft.wire(network, wire, present=False)
        brought = wire_behind(draft, network, (wire.source, wire.source_port), id, bare=False)
        draft.wire(network, Wire(id, main_output(spec), wire.target, wire.target_port), present=True)
        return draft.edit(f"Insert {type}", added=(id, *brought), note=_note(draft, network, brought))


def _note(draft: Draft, network: str, brought: Sequence[str]) -> str:
    """What came along: "with flatten1 (Flatten)"."""
    graph = draft.design.networks[network]
    return f"with {', '.join(f'{id} ({graph.node(id).type})' for id in brought)}" if brought else ""


def remove_layers(design: Design, network: str, ids: Iterable[str], *, heal: bool = True) -> Edit:
    """Removes layers; with `heal`, a wire through a removed layer is joined where that adds no error."""
    graph = design.networks[network]
    chosen = list(dict.fromkeys(ids))
    for id in chosen:
        _node(graph, id)
    with Draft(design) as draft:
        for id in chosen:
            joins = _joins(graph, id) if heal else []
            targets = sorted({wire.target for wire in graph.wires_from(id)} - {id})
            draft.remove_node(network, id)
            _join(draft, network, joins)
            for target in targets:
                close_gaps(draft, network, target)
        title = f"Delete {chosen[0]}" if len(chosen) == 1 else f"Delete {len(chosen)} layers"
        return draft.edit(title)


def _joins(graph: Graph, id: str) -> list[Wire]:
    """The wires that would bridge a layer: from what its main input reads to what reads its main output."""
    cls = layer_type(graph.node(id), graph)
    if cls is None or not cls.spec.inputs or not cls.spec.outputs:
        return []
    names = [cls.spec.inputs[0].name] if not cls.spec.inputs[0].variadic else [f"{cls.spec.inputs[0].name}1"]
    incoming = [wire for wire in graph.wires_into(id) if wire.target_port in names and wire.source != id]
    main = main_output(cls.spec)
    outgoing = [wire for wire in graph.wires_from(id) if wire.source_port == main and wire.target != id]
    return [Wire(i.source, i.source_port, o.target, o.target_port) for i in incoming for o in outgoing]


def _join(draft: Draft, network: str, joins: Sequence[Wire]) -> None:
    """Draws each wire, unless it adds an error to those that the removal has left."""
    before = _errors(draft.design, network) if joins else set()
    for wire in joins:
        mark = len(draft.changes)
        draft.wire(network, wire, present=True)
        if _errors(draft.design, network) - before:
            draft.roll_back_to(mark)


def _errors(design: Design, network: str) -> set[tuple[str, str | None]]:
    return {(p.code, p.at) for p in check(design, network).problems if p.severity == "error"}


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
                draft.wire(network, wire, present=False)
                draft.wire(network, wire._replace(target_port=f"{port.name}{place}"), present=True)


def set_fields(design: Design, network: str, id: str, values: Mapping[str, Json]) -> Edit:
    """Gives fields other values (REMOVE: back to the default). Raises Refused for a value no file may hold."""
    node = _node(design.networks[network], id)
    spec = _spec(node.type)
    new = dict(node.values)
    for name, value in values.items():
        field = spec.fields.get(name)
        if value is REMOVE:
            new.pop(name, None)
            continue
        if field is None:
            raise Refused(f"{node.type} has no field {name[:60]!r}.")
        if not is_expression(value) and not field.kind.accepts(value):
            raise Refused(f"`{name}` must be {field.kind.describe()}.")
        new[name] = value
    with Draft(design) as draft:
        draft.replace_node(network, Node(id, node.type, new, node.label))
        return draft.edit(f"Change {', '.join(values)} of {id}")


def check_value(type: str, name: str, value: Json) -> str | None:
    """Why a value can't be used for a field of a layer type, in one sentence; None if it can."""
    spec = _spec(type)
    field = spec.fields[name]
    if is_expression(value):
        return None
    if not field.kind.accepts(value):
        return f"`{name}` must be {field.kind.describe()}."
    _, bad = build(catalogue()[type], {**spec.start_values(), name: value})
    return next((entry.text for entry in bad if entry.field == name), None)


def set_label(design: Design, network: str, id: str, label: str) -> Edit:
    """Sets the free text that is shown instead of the id; empty for none."""
    node = _node(design.networks[network], id)
    with Draft(design) as draft:
        draft.replace_node(network, Node(id, node.type, node.values, label))
        return draft.edit(f"Label {id}")


def rename(design: Design, network: str, old: str, new: str) -> Edit:
    """Gives a layer another id and rewrites every reference: wires, fields, layout and training."""
    graph = design.networks[network]
    node = _node(graph, old)
    new = new.strip()
    if not 1 <= len(new) <= LONGEST_ID:
        raise Refused(f"A name must have 1 to {LONGEST_ID} characters.")
    if new in graph and new != old:
        raise Refused(f"There is already a layer {new[:60]!r}; choose another name.")
    with Draft(design) as draft:
        if new != old:
            _rename(draft, network, node, new)
        return draft.edit(f"Rename {old} to {new}")


def _rename(draft: Draft, network: str, node: Node, new: str) -> None:
    graph = draft.design.networks[network]
    wires = sorted({*graph.wires_into(node.id), *graph.wires_from(node.id)})
    index = graph.index(node.id)
    at = stored(draft.design, position_path(network, node.id))
    draft.remove_node(network, node.id)
    draft.add_node(network, Node(new, node.type, node.values, node.label), index)
    if at is not REMOVE:
        draft.section(position_path(network, new), at)
    for wire in wires:
        source, target = (new if end == node.id else end for end in (wire.source, wire.target))
        draft.wire(network, Wire(source, wire.source_port, target, wire.target_port), present=True)
    for other in graph.nodes():
        draft.replace_node(network, _with_reference(other, node.id, new))
    for path in (("training", "data", "inputs"), ("training", "losses")):
        value = stored(draft.design, (*path, node.id))
        if value is not REMOVE:
            draft.section((*path, node.id), REMOVE)
            draft.section((*path, new), value)


def _with_reference(node: Node, old: str, new: str) -> Node:
    cls = catalogue().get(node.type)
    fields = cls.spec.fields.values() if cls else ()
    changed = {f.name: new for f in fields if f.kind.refers and node.values.get(f.name) == old}
    return Node(node.id, node.type, {**node.values, **changed}, node.label) if changed else node


def connect(design: Design, network: str, wire: Wire) -> Edit:
    """Draws a wire, in place of one that ends at the same port.

    Shapes that do not fit are marked by the check, not refused. Raises Refused for a port that is not there, a wire
    that is there already, or one that would close a circle.
    """
    graph = design.networks[network]
    source, target = _spec_of(_node(graph, wire.source), graph), _spec_of(_node(graph, wire.target), graph)
    if source.output(wire.source_port) is None:
        raise Refused(f"{wire.source} has no output `{wire.source_port}`.")
    if target.input(wire.target_port) is None:
        raise Refused(f"{wire.target} has no input `{wire.target_port}`.")
    if graph.has_wire(wire):
        raise Refused("This wire is already there.")
    if graph.reaches(wire.target, wire.source):
        raise Refused(f"{wire.source} already depends on {wire.target}: this wire would close a circle.")
    with Draft(design) as draft:
        for old in graph.wires_into(wire.target):
            if old.target_port == wire.target_port:
                draft.wire(network, old, present=False)
        draft.wire(network, wire, present=True)
        close_gaps(draft, network, wire.target)
        return draft.edit(f"Wire {wire.source} to {wire.target}")


def disconnect(design: Design, network: str, wire: Wire) -> Edit:
    """Removes a wire."""
    if not design.networks[network].has_wire(wire):
        raise Refused("This wire is no longer there.")
    with Draft(design) as draft:
        draft.wire(network, wire, present=False)
        close_gaps(draft, network, wire.target)
        return draft.edit(f"Remove the wire from {wire.source} to {wire.target}")


def free_input(design: Design, network: str, source: tuple[str, str], id: str) -> str | None:
    """The input of `id` at which a wire from `source` fits best, or None if it has no free one."""
    return best_input(design, network, source, id)


def move(design: Design, network: str, positions: Mapping[str, Position]) -> Edit:
    """Sets the positions of layers (scene pixels, top left corner)."""
    with Draft(design) as draft:
        for id, (x, y) in positions.items():
            draft.section(position_path(network, id), [round(x, 2), round(y, 2)])
        title = "Move 1 layer" if len(positions) == 1 else f"Move {len(positions)} layers"
        return draft.edit(title)


def set_section(design: Design, path: tuple[str, ...], value: Any) -> Edit:
    """Sets a value such as ("training", "epochs"); REMOVE takes it away."""
    if path[0] not in ("about", "training", "layout", "diagram") or len(path) < 2:
        raise Refused(f"There is no section {'.'.join(path)[:60]!r}.")
    with Draft(design) as draft:
        draft.section(path, value)
        return draft.edit(f"Change {path[-1].replace('_', ' ')}")


def set_parameter(design: Design, network: str, name: str, value: Json) -> Edit:
    """Sets a parameter of a network; REMOVE takes it away."""
    if not name.isidentifier() or not name.isascii():
        raise Refused(f"{name[:60]!r} can't be the name of a parameter; use letters, digits and _.")
    with Draft(design) as draft:
        draft.parameter(network, name, value)
        return draft.edit(f"Change the parameter {name}")


__all__ = [
    "REMOVE",
    "Edit",
    "Refused",
    "add_layer",
    "apply",
    "check_value",
    "close_gaps",
    "connect",
    "disconnect",
    "free_id",
    "free_input",
    "insert_on_wire",
    "move",
    "remove_layers",
    "rename",
    "set_fields",
    "set_label",
    "set_parameter",
    "set_section",
]
