"""What is read off networks that use one another, before anything is checked: ports, patterns, who is inside whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graph_ir.dims import Dim
from graph_ir.graph import Graph, Node
from graph_ir.kinds import Json
from graph_ir.signature import TensorType
from graph_ir.spec import REGISTRY

WEIGHTS = "weights"
"""The key by which layers and uses share one set of weights."""
INDEX = "i"
"""What expressions of a use call its repetition, from 0."""
MOST_REPEATS = 10_000
DEEPEST = 50
"""So many blocks may lie inside one another."""
MOST_EXPANDED = 100_000
"""So many layers may all uses together stand for."""

Blocks = Mapping[str, Graph]


def boundary(graph: Graph, trait: str) -> list[Node]:
    """The Inputs ("input") or Outputs ("output") of a network, in the order of the file."""
    return [node for node in graph if (cls := REGISTRY.get(node.type)) and cls.spec.trait == trait]


def pattern(node: Node) -> list[Json] | None:
    """The shape that a port of a block asks for, as the file has it; None where anything fits."""
    shape = node.values.get("shape")
    return shape if isinstance(shape, list) else None


def letters(graph: Graph, types: Mapping[str, TensorType]) -> dict[str, Dim]:
    """What the letters in the patterns of a block's ports stand for, where these types come in."""
    found: dict[str, Dim] = {}
    for node in boundary(graph, "input"):
        if node.id in types:
            for entry, size in zip(pattern(node) or (), types[node.id].shape, strict=False):
                if isinstance(entry, str) and entry.isidentifier():
                    found.setdefault(entry, size)
    return found


def used_blocks(graph: Graph) -> Iterator[str]:
    """The names of the blocks that a network uses, each once."""
    return iter(dict.fromkeys(graph.uses.values()))


def within(blocks: Blocks, name: str) -> list[str]:
    """A block and all that it uses, however deep, each once."""
    found = [name]
    for each in found:
        graph = blocks.get(each)
        found += [used for used in (used_blocks(graph) if graph is not None else ()) if used not in found]
    return found


def contains_itself(blocks: Blocks, name: str) -> bool:
    """Whether a block is used inside itself, however deep."""
    return any(name in used_blocks(blocks[each]) for each in within(blocks, name) if each in blocks)


def stamps(graph: Graph) -> tuple[object, ...]:
    """Another value whenever a block that the network uses, however deep, has changed."""
    return tuple(stamp_of(graph.blocks, name) for name in used_blocks(graph))


def stamp_of(blocks: Blocks, name: str) -> tuple[object, ...]:
    """Another value whenever the block, or one inside it, has changed."""
    found = [blocks[each] for each in within(blocks, name) if each in blocks]
    return tuple((graph.stamp, repr(graph.parameters)) for graph in found)
