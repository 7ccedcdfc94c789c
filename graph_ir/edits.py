"""The checked edits: what a gesture, a menu, a paste or a script may do to a design.

Each function looks at the design, raises `Refused` with a sentence or returns an `Edit`; nothing is changed until
`apply`. The window's undo steps are these edits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graph_ir.adapters import best_input, bring_companions, free_id, main_output, wire_behind
from graph_ir.changes import REMOVE, Draft, Edit, apply, position_path
from graph_ir.field_edits import check_value, close_gaps, set_fields
from graph_ir.graph import BLOCK, TOP, Design, Node, Wire
from graph_ir.kinds import Json
from graph_ir.refusing import (
    Refused,
    check_nesting,
    existing,
    existing_block,
    identifier_from,
    spec_of,
    type_named,
)
from graph_ir.renaming import check_parameter_name, move_port, rename
from graph_ir.rewiring import bridges, join
from graph_ir.spec import Spec

Position = tuple[float, float]


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
    spec = type_named(type).spec
    given = _first_values(design, network, type, values)
    if after is not None:
        existing(design.networks[network], after[0])
    with Draft(design) as draft:
        id = free_id(design.networks[network], _stem(spec, given))
        draft.add_node(network, Node(id, type, given))
        check_nesting(draft)
        if position is not None:
            draft.section(position_path(network, id), list(position))
        brought: list[str] = []
        if after is not None and spec.inputs:
            brought += wire_behind(draft, network, after, id, bare=bare)
        if not bare:
            brought += bring_companions(draft, network, id)
        return draft.edit(f"Add {type}", added=(id, *brought), note=_note(draft, network, brought))


def _first_values(
    design: Design, network: str, type: str, values: Mapping[str, Json] | None
) -> dict[str, Json]:
    """What a new layer has in the file. Raises Refused for a use of a block that is not there."""
    spec = type_named(type).spec
    if type == BLOCK:
        existing_block(design, str((values or {}).get("block", "")))
    if values is not None:
        return dict(values)
    return {} if network != TOP and spec.trait == "input" else spec.start_values()  # a port takes any shape


def _stem(spec: Spec, values: Mapping[str, Json]) -> str:
    """From what a new id is made: a use is called like its block."""
    if spec.type != BLOCK:
        return spec.trait or spec.type
    return identifier_from(str(values["block"])) or BLOCK


def insert_on_wire(
    design: Design,
    network: str,
    wire: Wire,
    type: str,
    *,
    position: Position | None = None,
    values: Mapping[str, Json] | None = None,
) -> Edit:
    """Puts a new layer into a wire: source → new → target, in one step."""
    given = _first_values(design, network, type, values)
    graph = design.networks[network]
    spec = spec_of(Node("", type, given), graph)
    if not graph.has_wire(wire):
        raise Refused("This wire is no longer there.")
    if not spec.inputs or not spec.outputs:
        raise Refused(
            f"{type} has no input or no output, so it can't stand in a wire; drop it beside the wire."
        )
    with Draft(design) as draft:
        id = free_id(graph, _stem(spec, given))
        draft.add_node(network, Node(id, type, given))
        check_nesting(draft)
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
        existing(graph, id)
    with Draft(design) as draft:
        joins = bridges(graph, chosen) if heal else []
        targets = {wire.target for id in chosen for wire in graph.wires_from(id)} - set(chosen)
        draft.forget(network, set(chosen))
        for id in chosen:
            node = graph.node(id)
            draft.remove_node(network, id)
            if network != TOP:
                move_port(draft, network, node, None)
        join(draft, network, joins)
        for target in sorted(targets):
            close_gaps(draft, network, target)
        title = f"Delete {chosen[0]}" if len(chosen) == 1 else f"Delete {len(chosen)} layers"
        return draft.edit(title)


def set_label(design: Design, network: str, id: str, label: str) -> Edit:
    """Sets the free text that is shown instead of the id; empty for none."""
    node = existing(design.networks[network], id)
    with Draft(design) as draft:
        draft.replace_node(network, node.having(label=label))
        return draft.edit(f"Label {id}")


def connect(design: Design, network: str, wire: Wire) -> Edit:
    """Draws a wire, in place of one that ends at the same port.

    Shapes that do not fit are marked by the check, not refused. Raises Refused for a port that is not there, a wire
    that is there already, or one that would close a circle.
    """
    graph = design.networks[network]
    source, target = (spec_of(existing(graph, id), graph) for id in (wire.source, wire.target))
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
    """Sets a parameter of a network, of a block its default (None: each use must give it); REMOVE takes it away."""
    check_parameter_name(name)
    if isinstance(value, dict | list):
        raise Refused(f"The parameter {name[:60]!r} must be a number, text, true or false.")
    with Draft(design) as draft:
        draft.parameter(network, name, value)
        check_nesting(draft)
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
