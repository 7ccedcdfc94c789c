"""From the raw values of a use of a block to its layer: which block, how often, with which parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from graph_ir.block_graphs import INDEX, WEIGHTS, boundary, contains_itself, stamp_of
from graph_ir.blocks import Block, Parameters, Use, use_type
from graph_ir.build import BadField
from graph_ir.dims import Expr
from graph_ir.expressions import BadExpression, NotGiven, Value, evaluate
from graph_ir.graph import BLOCK, Graph, Node
from graph_ir.kinds import BadValue, Json, is_expression
from graph_ir.spec import REGISTRY, Layer

if TYPE_CHECKING:
    from graph_ir.resolve import Names

_KEYS = tuple(Block.spec.fields)
_INDEX = re.compile(rf"\b{INDEX}\b")


class _Open(Exception):
    """A value waits for a parameter that is not given, which is told there."""


class _Wrong(Exception):
    def __init__(self, code: str, field: str, text: str) -> None:
        super().__init__(text)
        self.bad = BadField(code, field, text)


def resolve_use(node: Node, names: Names, graph: Graph) -> tuple[Layer | None, tuple[BadField, ...]]:
    """The layer of a use, or None and what is wrong with its values."""
    try:
        return _Reader(node, names, graph).layer(), ()
    except _Wrong as error:
        return None, (error.bad,)
    except _Open:
        return None, ()


def missing_block(node: Node, graph: Graph) -> tuple[str, str]:
    """The code and sentence for a use of a block that is not there."""
    name, known = str(node.values.get("block", "")), [each for each in graph.blocks if each]
    near = get_close_matches(name[:60], known, n=1)
    listed = f"there are {', '.join(map(repr, known[:5]))}" if known else "the design has no blocks"
    remedy = f"did you mean {near[0][:60]!r}?" if near else f"{listed}; choose one, or draw it"
    return "unknown-block", f"there is no block {name[:60]!r}; {remedy}"


@dataclass
class _Reader:
    node: Node
    names: Names
    graph: Graph

    def layer(self) -> Layer:
        """The layer. Raises _Wrong or _Open."""
        cls, values = use_type(self.node, self.graph), self.node.values
        assert cls is not None, "the check looks for the block first"
        name = str(values["block"])
        if contains_itself(self.graph.blocks, name):
            raise _Wrong(
                "block-in-itself", "block", f"the block {name[:60]!r} contains itself; remove one of the uses"
            )
        self._check_keys()
        self._check_block(self.graph.blocks[name])
        each = self._field("each", None)
        repeat = self._field("repeat", 1)
        if repeat > 1 and len(cls.spec.outputs) > len(cls.spec.inputs):
            text = (
                f"`repeat` is {repeat}, but the block has more outputs than inputs, which the next can't take"
            )
            raise _Wrong("bad-value", "repeat", f"{text}; give it as many inputs")
        repetitions = tuple(self._repetitions(repeat, self.graph.blocks[name]))
        if None in repetitions and len(cls.spec.outputs) > len(cls.spec.inputs):
            text = "`when` is false, but the block has more outputs than inputs that could pass through"
            raise _Wrong("bad-value", "when", f"{text}; give it as many inputs")
        made = cls(block=name)
        stamp = stamp_of(self.graph.blocks, name)
        use = Use(self.graph.blocks, repetitions, stamp, frozenset(values), self.names.spelling)
        raw = {"parameters": tuple(values.get("parameters", {}).items()), "when": values.get("when", True)}
        made.__dict__.update(raw, repeat=repeat, each=each, use=use)
        return made

    def _check_keys(self) -> None:
        for key in self.node.values:
            if key not in _KEYS and key != WEIGHTS:
                near = get_close_matches(key[:60], _KEYS, n=1)
                remedy = f"did you mean `{near[0]}`?" if near else f"remove it (there are {', '.join(_KEYS)})"
                raise _Wrong("unknown-field", key, f"`{key[:60]}` is no field of {BLOCK}; {remedy}")

    def _check_block(self, block: Graph) -> None:
        """What no use of the block can mend."""
        for node in (*boundary(block, "input"), *boundary(block, "output")):
            if not node.id.isidentifier() or not node.id.isascii():
                text = (
                    f"its port {node.id[:60]!r} must be an identifier, such as x; rename it inside the block"
                )
                raise _Wrong("bad-port-name", "block", text)
            if node.values.get("role", "data") != "data":
                text = f"its port {node.id[:60]!r} has a role, which only Inputs of the top network can have"
                raise _Wrong("bad-value", "block", f"{text}; remove the `role` inside the block")
        if not boundary(block, "output"):
            raise _Wrong("no-output", "block", "its network has no Output; mark a result inside the block")
        for node in block:
            cls = REGISTRY.get(node.type)
            if cls is not None and cls.spec.trait == "loss":
                text = f"it holds the loss {node.id[:60]!r}, which only the top network can have; move it out"
                raise _Wrong("loss-in-block", "block", text)

    def _field(self, name: str, default: Json) -> Json:
        if name not in self.node.values:
            return default
        value = self._value(name, self.node.values[name], self.names.values)
        kind = Block.spec.fields[name].kind
        try:
            if not kind.accepts(value):
                raise BadValue(f"is {str(value)[:40]}, but must be {kind.describe()}")
            return kind.convert(value)
        except BadValue as error:
            raise _Wrong("bad-value", name, f"`{name}` {error}") from None

    def _repetitions(self, repeat: int, block: Graph) -> Iterator[Parameters | None]:
        """The parameters of each repetition. Where nothing asks for its number, all are alike."""
        raw = (self.node.values.get("when", True), *self.node.values.get("parameters", {}).values())
        counts = any(is_expression(value) and _INDEX.search(value) for value in raw)
        for index in range(repeat if counts else 1):
            found = self._repetition(index, block)
            yield from [found] if counts else [found] * repeat

    def _repetition(self, index: int, block: Graph) -> Parameters | None:
        known = {**self.names.values, INDEX: index}
        when = self._value("when", self.node.values.get("when", True), known)
        if not isinstance(when, bool):
            raise _Wrong("bad-value", "when", f"`when` is {str(when)[:40]}, but must be true or false")
        if not when:
            return None
        given = self.node.values.get("parameters", {})
        for name in given:
            if name not in block.parameters:
                near = get_close_matches(name[:60], block.parameters, n=1)
                listed = ", ".join(f"`{each}`" for each in block.parameters) or "none"
                remedy = f"did you mean `{near[0]}`?" if near else f"remove it (its parameters: {listed})"
                raise _Wrong(
                    "unknown-parameter", "parameters", f"`{name[:60]}` is no parameter of the block; {remedy}"
                )
        return tuple(
            (name, self._parameter(name, default, given, known)) for name, default in block.parameters.items()
        )

    def _parameter(
        self, name: str, default: Json, given: Mapping[str, Json], known: Mapping[str, Value | None]
    ) -> Value:
        value = self._value(name, given[name], known) if name in given else default
        if value is None:
            text = f"the parameter `{name}` of the block has no value here; give it one under `parameters`"
            raise _Wrong("missing-parameter", "parameters", text)
        if not _fits(value, default):
            text = (
                f"the parameter `{name}` of the block is {str(value)[:40]!r}, but must be {_kind_of(default)}"
            )
            raise _Wrong("bad-value", "parameters", f"{text}, such as {default!r}")
        return value  # type: ignore[no-any-return]  # what a file holds has no types

    def _value(self, name: str, raw: Json, known: Mapping[str, Value | None]) -> Json:
        if not is_expression(raw):
            return raw
        try:
            found = evaluate(raw[1:], known)
        except NotGiven:
            raise _Open from None
        except BadExpression as error:
            text = f"`{name}` is {str(raw)[:60]!r}, which {error}; mend the expression"
            raise _Wrong("bad-expression", name, text) from None
        return self.names.spelling.value(raw[1:], found, known) if self.names.spelling else found


def _fits(value: Json, default: Json) -> bool:
    """Whether a value has the type of the default; a parameter without one takes any."""
    if isinstance(value, dict | list):
        return False
    if default is None:
        return True
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, str) or isinstance(value, str):
        return isinstance(default, str) and isinstance(value, str)
    return isinstance(value, int | Expr) or isinstance(default, float)


def _kind_of(default: Json) -> str:
    if isinstance(default, bool):
        return "true or false"
    if isinstance(default, str):
        return "text"
    return "a number" if isinstance(default, float) else "an integer"
