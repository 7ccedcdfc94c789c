"""How much a design with blocks stands for, counted before anything is made of it."""

from __future__ import annotations

from graph_ir.block_graphs import INDEX, MOST_EXPANDED, Blocks
from graph_ir.dims import Expr
from graph_ir.expressions import BadExpression, Value, evaluate
from graph_ir.graph import Graph, Node
from graph_ir.kinds import is_expression

_MOST_KINDS = 20_000
"""So many uses with different parameters are followed; an honest design has some dozens."""

Known = dict[str, Value | None]


def depth(blocks: Blocks, name: str) -> int:
    """How many blocks lie inside one another below a network that does not contain itself."""
    found: dict[str, int] = {}
    waiting = [name]
    while waiting:
        graph = blocks.get(waiting[-1])
        inner = [each for each in (graph.uses.values() if graph is not None else ()) if each in blocks]
        open_ones = [each for each in inner if each not in found]
        if open_ones:
            waiting += open_ones[:1]
        else:
            found[waiting.pop()] = 1 + max((found[each] for each in inner), default=-1)
    return found[name]


def expansion(blocks: Blocks, name: str) -> int:
    """How many layers a network that does not contain itself stands for; counting stops beyond MOST_EXPANDED.

    Repetitions that depend on sizes of wires count once: what they really are is seen by the check.
    """
    return _Count(blocks).of(name, dict(blocks[name].parameters))


class _Count:
    def __init__(self, blocks: Blocks) -> None:
        self.blocks = blocks
        self.known: dict[tuple[str, str], int] = {}

    def of(self, name: str, parameters: Known) -> int:
        """The layers of one network with these parameters. Blocks lie inside one another to a limited depth."""
        key = (name, repr(parameters))
        if key not in self.known:
            if len(self.known) > _MOST_KINDS:
                return MOST_EXPANDED + 1
            self.known[key] = 0
            self.known[key] = self._counted(self.blocks[name], parameters)
        return self.known[key]

    def _counted(self, graph: Graph, known: Known) -> int:
        layers = len(graph) - len(graph.uses)
        for id, block in graph.uses.items():
            if block not in self.blocks:
                continue
            node = graph.node(id)
            repeat = _evaluated(node.values.get("repeat", 1), known)
            times = repeat if isinstance(repeat, int) else 1
            layers += self._repeated(node, block, times, known)
            if layers > MOST_EXPANDED:
                break
        return layers

    def _repeated(self, node: Node, block: str, times: int, known: Known) -> int:
        raw = node.values.get("parameters", {})
        counts = any(is_expression(value) and INDEX in value for value in raw.values())
        if times > MOST_EXPANDED or not counts:
            return times * max(1, self.of(block, self._parameters(node, block, known)))
        layers = 0
        for index in range(times):
            layers += max(1, self.of(block, self._parameters(node, block, {**known, INDEX: index})))
            if layers > MOST_EXPANDED:
                break
        return layers

    def _parameters(self, node: Node, block: str, known: Known) -> Known:
        given = node.values.get("parameters", {})
        defaults = self.blocks[block].parameters
        return {name: _evaluated(given.get(name, default), known) for name, default in defaults.items()}


def _evaluated(raw: Value | None, known: Known) -> Value | None:
    """The value, or None where it depends on something that is not known before the check, or is wrong."""
    if not is_expression(raw):
        return raw
    try:
        found = evaluate(str(raw)[1:], known)
    except BadExpression:
        return None
    return None if isinstance(found, Expr) else found
