"""Checked edits that give something another name, and rewrite all that names it."""

from __future__ import annotations

from graph_ir.annotations import entries, sheet
from graph_ir.changes import REMOVE, Draft, Edit, position_path, stored
from graph_ir.expressions import KEYWORDS
from graph_ir.graph import TOP, Design, Graph, Node, Wire
from graph_ir.layers import catalogue
from graph_ir.refusing import Refused, existing, existing_block, free_name, trait_of, uses_of
from graph_ir.rewriting import names_of_node, with_other_name


def rename(design: Design, network: str, old: str, new: str) -> Edit:
    """Gives a layer another id and rewrites every reference: wires, fields, layout and training.

    An Input or Output of a block is its port: the wires at every use follow.
    """
    graph = design.networks[network]
    node = existing(graph, old)
    new = free_name("layer", new, [id for id in graph.ids() if id != old])
    if network != TOP and trait_of(node) and not (new.isidentifier() and new.isascii()):
        raise Refused(f"{new[:60]!r} can't be the name of a port; use letters, digits and _.")
    with Draft(design) as draft:
        if new != old:
            _rename(draft, network, node, new)
        return draft.edit(f"Rename {old} to {new}")


def _rename(draft: Draft, network: str, node: Node, new: str) -> None:
    graph = draft.design.networks[network]
    wires = sorted({*graph.wires_into(node.id), *graph.wires_from(node.id)})
    index = graph.index(node.id)
    at = stored(draft.design, position_path(network, node.id))
    bends = {wire: draft.bends_of(network, wire) for wire in wires}
    layout = sheet(draft.design.layout, network)
    notes, hidden = layout.get("notes"), entries(layout, "hidden")
    draft.remove_node(network, node.id)
    draft.add_node(network, node.having(id=new), index)
    if at is not REMOVE:
        draft.section(position_path(network, new), at)
    for wire in wires:
        source, target = (new if end == node.id else end for end in (wire.source, wire.target))
        moved = Wire(source, wire.source_port, target, wire.target_port)
        draft.wire(network, moved, present=True)
        draft.bends(network, {moved: bends[wire]})
    if node.id in hidden:
        draft.annotate(network, "hidden", [new if id == node.id else id for id in hidden])
    if isinstance(notes, dict) and node.id in notes:
        draft.annotate(network, "notes", {new if id == node.id else id: text for id, text in notes.items()})
    for other in graph.nodes():
        draft.replace_node(network, _with_reference(other, node.id, new))
    if network == TOP:
        _rename_in_training(draft, node.id, new)
    else:
        move_port(draft, network, node, new)


def _with_reference(node: Node, old: str, new: str) -> Node:
    cls = catalogue().get(node.type)
    fields = cls.spec.fields.values() if cls else ()
    changed = {f.name: new for f in fields if f.kind.refers and node.values.get(f.name) == old}
    return node.having(values={**node.values, **changed}) if changed else node


def _rename_in_training(draft: Draft, old: str, new: str) -> None:
    for path in (("training", "data", "inputs"), ("training", "losses")):
        value = stored(draft.design, (*path, old))
        if value is not REMOVE:
            draft.section((*path, old), REMOVE)
            draft.section((*path, new), value)


def move_port(draft: Draft, block: str, node: Node, new: str | None) -> None:
    """Lets the wires at all uses of a block follow an Input or Output that gets another name, or goes (None)."""
    trait = trait_of(node)
    if trait not in ("input", "output"):
        return
    for network, id in uses_of(draft.design, block):
        graph = draft.design.networks[network]
        wires = graph.wires_into(id) if trait == "input" else graph.wires_from(id)
        for wire in wires:
            if node.id != (wire.target_port if trait == "input" else wire.source_port):
                continue
            if new is None:
                draft.wire(network, wire, present=False)
                continue
            ends = {"target_port": new} if trait == "input" else {"source_port": new}
            draft.rewire(network, wire, wire._replace(**ends))


def rename_block(design: Design, old: str, new: str) -> Edit:
    """Gives a block another name; all its uses follow."""
    existing_block(design, old)
    new = free_name("block", new, [name for name in design.networks if name != old])
    with Draft(design) as draft:
        if new != old:
            draft.rename_network(old, new)
        return draft.edit(f"Rename the block {old} to {new}")


def check_parameter_name(name: str) -> None:
    """Raises Refused for what can't be named in an expression."""
    if not name.isidentifier() or not name.isascii() or name in KEYWORDS or len(name) > 200:
        raise Refused(f"{name[:60]!r} can't be the name of a parameter; use letters, digits and _.")


def rename_parameter(design: Design, network: str, old: str, new: str) -> Edit:
    """Gives a parameter of a network another name, in the network's expressions and at every use of the block.

    Its place among the parameters stays. Raises Refused where the new name already means something there.
    """
    graph = design.networks[network]
    if old not in graph.parameters:
        raise Refused(f"There is no parameter {old[:60]!r} any more.")
    new = new.strip()
    check_parameter_name(new)
    if new == old:
        return Edit(f"Rename the parameter {old}", ())
    named = {name for node in graph for name in names_of_node(node, in_block=network != TOP)}
    if new in graph.parameters or new in named or new in letters_of(graph):
        raise Refused(f"{new[:60]!r} already means something in this network; choose another name.")
    with Draft(design) as draft:
        index = list(graph.parameters).index(old)
        value = graph.parameters[old]
        draft.parameter(network, old, REMOVE)
        draft.parameter(network, new, value, index)
        for node in graph.nodes():
            draft.replace_node(network, with_other_name(node, old, new, in_block=network != TOP))
        for outside, id in uses_of(design, network) if network != TOP else ():
            _rename_given(draft, outside, id, old, new)
        return draft.edit(f"Rename the parameter {old} to {new}")


def letters_of(graph: Graph) -> set[str]:
    """The plain names in the shapes of a network's Inputs."""
    shapes = [node.values.get("shape") for node in graph if trait_of(node) == "input"]
    entries = [entry for shape in shapes if isinstance(shape, list) for entry in shape]
    return {entry for entry in entries if isinstance(entry, str) and entry.isidentifier()}


def _rename_given(draft: Draft, network: str, id: str, old: str, new: str) -> None:
    node = draft.design.networks[network].node(id)
    given = node.values.get("parameters", {})
    if old in given:
        values = {new if name == old else name: value for name, value in given.items()}
        draft.replace_node(network, node.having(values={**node.values, "parameters": values}))
