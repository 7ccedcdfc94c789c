"""Checked edits of blocks: made from a selection, added, used, made unique, removed; their parameters.

Like `graph_ir.edits`: each looks at the design, raises `Refused` or returns an `Edit`. "Change once everywhere" is any
edit whose network is the block.
"""

from __future__ import annotations

from copy import deepcopy

from graph_ir.changes import REMOVE, Draft, Edit, stored
from graph_ir.dissolving import dissolve
from graph_ir.edits import Position, add_layer
from graph_ir.graph import BLOCK, Design, Graph, Node, Wire
from graph_ir.kinds import Json
from graph_ir.making import make_block
from graph_ir.refusing import Refused, check_nesting, existing_block, existing_use, free_name, uses_of
from graph_ir.renaming import check_parameter_name, letters_of, rename_block, rename_parameter
from graph_ir.rewriting import names_of_node


def add_block(design: Design, name: str, graph: Graph | None = None) -> Edit:
    """Adds a block, as the last; without a network of its own it passes its one input through."""
    name = free_name("block", name, design.networks)
    if graph is None:
        graph = Graph()
        graph.add(Node("x", "Input"))
        graph.add(Node("y", "Output"))
        graph.add_wire(Wire("x", "y", "y", "x"))
    with Draft(design) as draft:
        draft.add_network(name, graph)
        return draft.edit(f"Add the block {name}")


def remove_block(design: Design, name: str) -> Edit:
    """Removes a block. Raises Refused while it is used."""
    existing_block(design, name)
    use = next(uses_of(design, name), None)
    if use is not None:
        place = f"in the block {use[0][:60]!r}" if use[0] else "in the network"
        raise Refused(f"The block {name[:60]!r} is used {place} by {use[1][:60]!r}; remove its uses first.")
    with Draft(design) as draft:
        draft.remove_network(name)
        return draft.edit(f"Remove the block {name}")


def add_use(
    design: Design,
    network: str,
    block: str,
    *,
    after: tuple[str, str] | None = None,
    position: Position | None = None,
) -> Edit:
    """Adds a use of a block, wired behind the port `after` if that is given. Raises Refused for a block in itself."""
    existing_block(design, block)
    return add_layer(design, network, BLOCK, after=after, position=position, values={"block": block})


def make_unique(design: Design, network: str, id: str, name: str) -> Edit:
    """Gives one use a copy of its block under another name, which can be changed without the others."""
    node, block = existing_use(design, network, id)
    name = free_name("block", name, design.networks)
    with Draft(design) as draft:
        place = list(design.networks).index(block) + 1
        draft.add_network(name, design.networks[block], place)
        layout = stored(design, ("layout", "blocks", block))
        if layout is not REMOVE:
            draft.section(("layout", "blocks", name), deepcopy(layout))
        draft.replace_node(network, node.having(values={**node.values, "block": name}))
        return draft.edit(f"Make {id} unique")


def set_block_parameter(design: Design, block: str, name: str, value: Json) -> Edit:
    """Adds a parameter, changes its default (None: each use must give it), or removes it (REMOVE).

    Raises Refused for one that an expression inside still names; what uses gave for it goes with it.
    """
    graph = existing_block(design, block)
    check_parameter_name(name)
    if isinstance(value, dict | list):
        raise Refused(f"The parameter {name[:60]!r} must be a number, text, true or false.")
    if name not in graph.parameters and name in letters_of(graph):
        raise Refused(f"{name[:60]!r} is already a size in the shape of an Input; choose another name.")
    with Draft(design) as draft:
        if value is REMOVE:
            _forget(draft, graph, block, name)
        draft.parameter(block, name, value)
        check_nesting(draft)
        return draft.edit(f"{'Remove' if value is REMOVE else 'Change'} the parameter {name} of {block}")


def _forget(draft: Draft, graph: Graph, block: str, name: str) -> None:
    """Takes what is given for a parameter away from all uses."""
    if name not in graph.parameters:
        raise Refused(f"There is no parameter {name[:60]!r} any more.")
    using = next((node.id for node in graph if name in names_of_node(node, in_block=True)), None)
    if using is not None:
        raise Refused(f"{using[:60]!r} names the parameter {name[:60]!r}; change its expression first.")
    for network, id in uses_of(draft.design, block):
        node = draft.design.networks[network].node(id)
        given = {key: raw for key, raw in node.values.get("parameters", {}).items() if key != name}
        if len(given) == len(node.values.get("parameters", {})):
            continue
        values = {key: raw for key, raw in node.values.items() if key != "parameters"}
        values |= {"parameters": given} if given else {}
        draft.replace_node(network, node.having(values=values))


__all__ = [
    "add_block",
    "add_use",
    "dissolve",
    "make_block",
    "make_unique",
    "remove_block",
    "rename_block",
    "rename_parameter",
    "set_block_parameter",
]
