"""What edits refuse, and the looks at a design that they share."""

from __future__ import annotations

from collections.abc import Container, Iterator

from graph_ir.block_graphs import DEEPEST, MOST_EXPANDED, contains_itself
from graph_ir.blocks import Block, use_type
from graph_ir.changes import Draft
from graph_ir.expansion import depth, expansion
from graph_ir.graph import BLOCK, TOP, Design, Graph, Node
from graph_ir.layers import catalogue
from graph_ir.resolve import layer_type
from graph_ir.spec import Layer, Spec

LONGEST_ID = 200


class Refused(Exception):
    """An edit that is not possible; the text is one sentence that says why and what to do."""


def type_named(type: str) -> type[Layer]:
    """A type by its name. Raises Refused."""
    cls = Block if type == BLOCK else catalogue().get(type)
    if cls is None:
        raise Refused(f"There is no layer type {type[:60]!r}; choose one of the palette.")
    return cls


def spec_of(node: Node, graph: Graph) -> Spec:
    """The declaration of one use, with the ports that it declares itself. Raises Refused."""
    cls = layer_type(node, graph)
    return cls.spec if cls is not None else type_named(node.type).spec


def existing(graph: Graph, id: str) -> Node:
    """The layer `id`. Raises Refused."""
    if id not in graph:
        raise Refused(f"There is no layer {id[:60]!r} any more.")
    return graph.node(id)


def existing_block(design: Design, name: str) -> Graph:
    """The network of a block. Raises Refused."""
    if name == TOP or name not in design.networks:
        raise Refused(f"There is no block {name[:60]!r} any more; choose one of those that are there.")
    return design.networks[name]


def existing_use(design: Design, network: str, id: str) -> tuple[Node, str]:
    """A use and the name of its block, which is there. Raises Refused."""
    node = existing(design.networks[network], id)
    if use_type(node, design.networks[network]) is None or node.type != BLOCK:
        raise Refused(f"{id[:60]!r} is no use of a block; choose one that is.")
    return node, str(node.values["block"])


def free_name(what: str, name: str, taken: Container[str]) -> str:
    """A name that a layer or block may get. Raises Refused."""
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_ID:
        raise Refused(f"A name must have 1 to {LONGEST_ID} characters.")
    if name in taken:
        raise Refused(f"There is already a {what} {name[:60]!r}; choose another name.")
    return name


def identifier_from(text: str) -> str:
    """The nearest identifier to a text, at most 40 characters; empty where there is none."""
    cleaned = "".join(c if c.isascii() and c.isalnum() else "_" for c in text[:40]).strip("_")
    return cleaned if cleaned.isidentifier() else f"_{cleaned}" if f"_{cleaned}".isidentifier() else ""


def trait_of(node: Node) -> str:
    """ "input", "output", "loss" or "" for all others, also for types that are not known."""
    cls = catalogue().get(node.type)
    return cls.spec.trait if cls is not None else ""


def uses_of(design: Design, block: str) -> Iterator[tuple[str, str]]:
    """Every use of a block, as (network, id)."""
    for network, graph in design.networks.items():
        yield from ((network, id) for id, name in list(graph.uses.items()) if name == block)


def check_nesting(draft: Draft) -> None:
    """Whether the design can still be written out and read. Raises Refused for what no file may hold."""
    networks = draft.design.networks
    itself = next((name for name in networks if name and contains_itself(networks, name)), None)
    if itself is not None:
        raise Refused(f"The block {itself[:60]!r} would contain itself; use another block there.")
    if depth(networks, TOP) > DEEPEST:
        raise Refused(f"Blocks would lie in blocks more than {DEEPEST} deep; draw it flatter.")
    if expansion(networks, TOP) > MOST_EXPANDED:
        text = f"The design would stand for more than {MOST_EXPANDED:,} layers once its blocks are repeated"
        raise Refused(f"{text}; repeat less.")
