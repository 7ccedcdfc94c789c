"""Blocks that come with the program, to be put into any design: those that the gallery's "Blocks to reuse" show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from graph_ir import templates
from graph_ir.block_graphs import within
from graph_ir.changes import Draft, Edit, apply
from graph_ir.edits import add_layer
from graph_ir.graph import BLOCK, TOP, Design, Graph, Node
from graph_ir.kinds import Json
from graph_ir.resolve import evaluated, layer_type, names_of
from graph_ir.spec import Spec

GROUP = "Blocks to reuse"


@dataclass(frozen=True)
class LibraryBlock:
    """One block: its name, how the gallery calls it, and the values that its own example gives it."""

    name: str
    title: str
    summary: str
    template: str
    parameters: Mapping[str, Json]

    @property
    def spec(self) -> Spec:
        """Its ports, as a layer has them."""
        cls = layer_type(Node(self.name, BLOCK, {"block": self.name}), _networks(self.template)[TOP])
        assert cls is not None, "a template has the blocks that it uses"
        return cls.spec

    @property
    def networks(self) -> dict[str, Graph]:
        """The block and all that it uses, by name."""
        networks = _networks(self.template)
        return {name: networks[name] for name in within(networks, self.name)}


@cache
def library() -> tuple[LibraryBlock, ...]:
    """Every block that comes with the program, in the order of the gallery."""
    found: dict[str, LibraryBlock] = {}
    for template in templates.gallery():
        if template.group != GROUP:
            continue
        design = templates.load(template.name)
        names = names_of(design.top.parameters, design.top.nodes())
        for id, block in design.top.uses.items():
            given = evaluated(design.top.node(id).values.get("parameters", {}), names)
            first = not any(other.template == template.name for other in found.values())
            title = template.title if first else f"{block}, from {template.title}"
            found.setdefault(block, LibraryBlock(block, title, template.summary, template.name, given))
    return tuple(found.values())


@cache
def _networks(template: str) -> Mapping[str, Graph]:
    return templates.load(template).networks


def is_there(design: Design, block: LibraryBlock) -> bool:
    """Whether the design has this very block already, with all that it uses."""
    return all(_same(design.networks.get(name), graph) for name, graph in block.networks.items())


def add_from_library(
    design: Design,
    network: str,
    block: LibraryBlock,
    *,
    after: tuple[str, str] | None = None,
    bare: bool = False,
    values: Mapping[str, Json] | None = None,
) -> Edit:
    """Adds a use of a block, and brings its network along where the design has none like it; one step.

    `values` are those of the use, without the block's name. Raises Refused.
    """
    brought = _bring(design, block)
    given = {"block": brought.added[0], "parameters": dict(block.parameters)} | dict(values or {})
    if not given["parameters"]:
        del given["parameters"]
    apply(design, brought)
    try:
        added = add_layer(design, network, BLOCK, after=after, bare=bare, values=given)
    finally:
        apply(design, brought.inverse())
    return Edit(f"Add {brought.added[0]}", brought.changes + added.changes, added.added, added.note)


def _bring(design: Design, block: LibraryBlock) -> Edit:
    """Adds the networks that are not there yet; one that has a name in use for another gets a number behind it."""
    names = {name: _name_for(design, name, graph) for name, graph in block.networks.items()}
    with Draft(design) as draft:
        for name, graph in reversed(block.networks.items()):
            if names[name] not in design.networks:
                draft.add_network(names[name], _renamed(graph, names))
        return draft.edit(f"Add {block.name}", added=(names[block.name],))


def _name_for(design: Design, name: str, graph: Graph) -> str:
    number, found = 1, name
    while found in design.networks and not _same(design.networks[found], graph):
        number += 1
        found = f"{name}{number}"
    return found


def _renamed(graph: Graph, names: Mapping[str, str]) -> Graph:
    """A copy whose uses name their blocks as they are called in the design."""
    made = graph.copy()
    for id, block in graph.uses.items():
        node = graph.node(id)
        made.replace(Node(id, node.type, {**node.values, "block": names.get(block, block)}, node.label))
    return made


def _same(graph: Graph | None, other: Graph) -> bool:
    return (
        graph is not None
        and list(graph) == list(other)
        and set(graph.wires()) == set(other.wires())
        and list(graph.parameters.items()) == list(other.parameters.items())
    )
