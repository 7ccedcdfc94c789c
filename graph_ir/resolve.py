"""From a node as drawn to a layer with values: expressions are evaluated, fields converted and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from graph_ir.block_graphs import WEIGHTS
from graph_ir.blocks import use_type
from graph_ir.build import BadField, build
from graph_ir.bypass import passed, through
from graph_ir.dims import symbol
from graph_ir.expressions import BadExpression, NotGiven, Value, evaluate
from graph_ir.graph import BLOCK, Graph, Node
from graph_ir.kinds import Json, is_expression
from graph_ir.layers import catalogue
from graph_ir.spec import Layer
from graph_ir.spelling import Spelling
from graph_ir.uses import missing_block, resolve_use

Resolved = tuple[Layer | None, tuple[BadField, ...]]


@dataclass(frozen=True)
class Names:
    """What expressions may name. `text` tells one state of the names from any other."""

    values: Mapping[str, Value | None]
    text: str
    spelling: Spelling | None = None
    """Sees the value of every expression; then nothing is remembered."""


def names_of(parameters: Mapping[str, Json], nodes: Iterable[Node]) -> Names:
    """What expressions may name: the network's parameters and the letters in its Inputs' shapes."""
    letters = {
        entry: symbol(entry)
        for node in nodes
        if is_input(node) and isinstance(node.values.get("shape"), list)
        for entry in node.values["shape"]
        if isinstance(entry, str) and entry.isidentifier()
    }
    values = {**letters, **parameters}
    return Names(values, repr(values))


def is_input(node: Node) -> bool:
    """Whether a node's type is a boundary through which tensors come in."""
    return node.type in _boundaries()


@cache
def _boundaries() -> frozenset[str]:
    return frozenset(type for type, cls in catalogue().items() if cls.spec.trait == "input")


_MOST = 1 << 15
_resolved: dict[tuple[str, str, str], Resolved] = {}
"""By type, values and names, each as text: as keys, the values 1, 1.0 and true would be the same."""


def layer_type(node: Node, graph: Graph) -> type[Layer] | None:
    """The type of a node, with the ports that this very use declares; None where there is no such type or block."""
    cls = catalogue().get(node.type)
    if cls is None:
        cls = use_type(node, graph) if node.type == BLOCK else None
    elif cls.spec.varies:
        cls = cls.declared_by(node.values)
    return through(cls) if node.bypass and cls is not None else cls  # type: ignore[arg-type]  # a class has its own hash


def unknown_type(node: Node, graph: Graph) -> tuple[str, str]:
    """The code and sentence for a node without a type."""
    if node.type == BLOCK:
        return missing_block(node, graph)
    near = get_close_matches(node.type[:60], (*catalogue(), BLOCK), n=1)
    remedy = f"did you mean {near[0]}?" if near else "`layerloom layers` lists the types there are"
    return "unknown-layer", f"there is no layer type {node.type[:60]!r}; {remedy}"


def resolve(node: Node, names: Names, graph: Graph) -> Resolved:
    """The layer of a node of a known type, or None and what is wrong with its fields. Equal nodes share a layer.

    Nothing is wrong with a field that waits for a parameter without a value: that is told at the parameter.
    """
    if node.bypass:
        layer, bad = resolve(node.having(bypass=False), names, graph)
        if layer is None:
            return None, bad
        return passed(layer, through(type(layer))), bad  # type: ignore[arg-type]  # as above
    if node.type == BLOCK:
        return resolve_use(node, names, graph)
    if names.spelling is not None:
        return _resolve(node, names)
    values = repr(node.values) if node.values else ""
    key = (node.type, values, names.text if "=" in values and holds_expression(node) else "")
    found = _resolved.get(key)
    if found is None:
        if len(_resolved) >= _MOST:
            _resolved.clear()
        found = _resolved[key] = _resolve(node, names)
    return found


def holds_expression(node: Node) -> bool:
    """Whether a value of the node depends on what names stand for."""
    for raw in node.values.values():
        if isinstance(raw, str):
            if raw.startswith("="):
                return True
        elif isinstance(raw, list | dict) and any(
            map(is_expression, raw if isinstance(raw, list) else raw.values())
        ):
            return True
    return False


def forget() -> None:
    """Forgets every layer that was made, as in a new process."""
    _resolved.clear()


def _resolve(node: Node, names: Names) -> Resolved:
    values: dict[str, Json] = {}
    bad: list[BadField] = []
    unknown = False
    for name, raw in node.values.items():
        if name == WEIGHTS:  # of no layer, but between layers: the check of the network looks at it
            continue
        try:
            values[name] = evaluated(raw, names)
        except NotGiven:
            unknown = True
        except BadExpression as error:
            shown = str(raw)[:60]
            bad.append(
                BadField("bad-expression", name, f"`{name}` is {shown!r}, which {error}; mend the expression")
            )
    if bad or unknown:
        return None, tuple(bad)
    layer, wrong = build(catalogue()[node.type].declared_by(values), values)
    return layer, tuple(wrong)


def evaluated(raw: Json, names: Names) -> Json:
    """A raw value with every expression in it, also inside a list or object, replaced by its value.

    Raises BadExpression.
    """
    if is_expression(raw):
        found = evaluate(raw[1:], names.values)
        return names.spelling.value(raw[1:], found, names.values) if names.spelling else found
    if isinstance(raw, list):
        return [evaluated(entry, names) for entry in raw]
    if isinstance(raw, dict):
        return {name: evaluated(entry, names) for name, entry in raw.items()}
    return raw
