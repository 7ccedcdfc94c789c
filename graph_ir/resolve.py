"""From a node as drawn to a layer with values: expressions are evaluated, fields converted and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from graph_ir.build import BadField, build
from graph_ir.dims import symbol
from graph_ir.expressions import BadExpression, NotGiven, Value, evaluate
from graph_ir.graph import Node
from graph_ir.kinds import Json, is_expression
from graph_ir.layers import catalogue
from graph_ir.spec import Layer

Names = tuple[tuple[str, Value | None], ...]
Resolved = tuple[Layer | None, tuple[BadField, ...]]


def names_of(parameters: Mapping[str, Json], nodes: Iterable[Node]) -> Names:
    """What expressions may name: the network's parameters and the letters in its Inputs' shapes."""
    letters = {
        entry: symbol(entry)
        for node in nodes
        if is_input(node) and isinstance(node.values.get("shape"), list)
        for entry in node.values["shape"]
        if isinstance(entry, str) and entry.isidentifier()
    }
    return tuple({**letters, **parameters}.items())


def is_input(node: Node) -> bool:
    """Whether a node's type is a boundary through which tensors come in."""
    cls = catalogue().get(node.type)
    return cls is not None and cls.spec.trait == "input"


def resolve(node: Node, names: Names) -> Resolved:
    """The layer of a node of a known type, or None and what is wrong with its fields.

    Nothing is wrong with a field that waits for a parameter without a value: that is told at the parameter.
    """
    return _resolve(node, names if any(map(_holds_expression, node.values.values())) else ())


def _holds_expression(raw: Json) -> bool:
    return is_expression(raw) or (isinstance(raw, list) and any(map(is_expression, raw)))


@lru_cache(maxsize=1 << 15)
def _resolve(node: Node, names: Names) -> Resolved:
    known = dict(names)
    values: dict[str, Json] = {}
    bad: list[BadField] = []
    unknown = False
    for name, raw in node.values.items():
        try:
            values[name] = evaluated(raw, known)
        except NotGiven:
            unknown = True
        except BadExpression as error:
            shown = str(raw)[:60]
            bad.append(
                BadField("bad-expression", name, f"`{name}` is {shown!r}, which {error}; mend the expression")
            )
    if bad or unknown:
        return None, tuple(bad)
    layer, wrong = build(catalogue()[node.type], values)
    return layer, tuple(wrong)


def evaluated(raw: Json, names: Mapping[str, Value | None]) -> Json:
    """A raw value with every expression in it (also inside a list) replaced by its value. Raises BadExpression."""
    if is_expression(raw):
        return evaluate(raw[1:], names)
    if isinstance(raw, list):
        return [evaluated(entry, names) for entry in raw]
    return raw
