"""Checked edits of several layers at once, and of a network's parameters: one undo step each, or refused whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graph_ir.block_edits import set_block_parameter
from graph_ir.changes import REMOVE, Change, Draft, Edit
from graph_ir.field_edits import set_fields
from graph_ir.graph import TOP, Design
from graph_ir.kinds import Json
from graph_ir.refusing import Refused
from graph_ir.rewriting import names_of_node

_NAMED = 3


def set_fields_of(design: Design, network: str, values: Mapping[str, Mapping[str, Json]]) -> Edit:
    """Gives fields of several layers other values, by layer and field. Raises Refused where one layer refuses."""
    changes: list[Change] = []
    try:
        for id, given in values.items():
            edit = set_fields(design, network, id, given)
            for change in edit.changes:
                change.apply(design)
                changes.append(change)
    finally:
        for change in reversed(changes):
            change.inverse().apply(design)
    names = dict.fromkeys(name for given in values.values() for name in given)
    return Edit(f"Change {', '.join(names)} of {_layers(len(values))}", tuple(changes))


def _layers(count: int) -> str:
    return f"{count} layer{'' if count == 1 else 's'}"


def remove_parameter(design: Design, network: str, name: str) -> Edit:
    """Removes a parameter of a network; what uses of a block gave for it goes with it.

    Raises Refused for one that is named, saying by which layers.
    """
    graph = design.networks[network]
    if name not in graph.parameters:
        raise Refused(f"There is no parameter {name[:60]!r} any more.")
    naming = layers_naming(design, network, name)
    if naming:
        whose = "its expression" if len(naming) == 1 else "their expressions"
        verb = "names" if len(naming) == 1 else "name"
        raise Refused(f"{_listed(naming)} {verb} the parameter {name[:60]!r}; change {whose} first.")
    if network != TOP:
        return set_block_parameter(design, network, name, REMOVE)
    with Draft(design) as draft:
        draft.parameter(network, name, REMOVE)
        return draft.edit(f"Remove the parameter {name}")


def layers_naming(design: Design, network: str, name: str) -> list[str]:
    """The layers of a network whose expressions name a parameter."""
    in_block = network != TOP
    return [node.id for node in design.networks[network] if name in names_of_node(node, in_block=in_block)]


def _listed(names: Iterable[str]) -> str:
    """`'a', 'b' and 3 more`."""
    found = [repr(name[:60]) for name in names]
    shown, rest = found[:_NAMED], len(found) - _NAMED
    if rest > 0:
        return f"{', '.join(shown)} and {rest} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]
