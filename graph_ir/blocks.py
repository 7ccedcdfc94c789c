"""Blocks: a sub-network that is drawn once, has ports and named parameters, and is used like a layer.

A use is a layer whose ports are the Inputs and Outputs of the block's network, and whose rules run the check of that
network with the use's parameters and the types on its wires. So one use costs what one layer costs: what the same
block makes of the same types is remembered (`instance`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graph_ir.block_graphs import MOST_REPEATS, Blocks, boundary, letters, pattern, stamp_of
from graph_ir.declare import flag, layer, option
from graph_ir.dims import Dim, total
from graph_ir.expressions import BadExpression, Value, evaluate
from graph_ir.fold import folded, of_one_step, unfolded
from graph_ir.graph import BLOCK, Graph, Node
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Json, Kind, Nothing, Text
from graph_ir.problems import Misfit
from graph_ir.recipes import SubNetwork
from graph_ir.requirements import equal
from graph_ir.signature import DTYPES, Length, Port, TensorType, Token, shape_text
from graph_ir.spec import Category, Layer
from graph_ir.spelling import Spelling, is_spelled

if TYPE_CHECKING:
    from graph_ir.report import Report

Parameters = tuple[tuple[str, Value], ...]


class Values(Kind):
    """Named values: numbers, text, true or false, and expressions."""

    name = "values"

    def accepts(self, raw: Json) -> bool:
        return isinstance(raw, Mapping)

    def convert(self, raw: Json) -> tuple[tuple[str, Json], ...]:
        return tuple(raw.items())

    def dump(self, value: Any) -> Json:
        return dict(value)

    def describe(self) -> str:
        return "an object such as {'channels': 64}"

    def schema(self) -> dict[str, Json]:
        return {"type": "object", "additionalProperties": {"type": ["number", "string", "boolean"]}}


@dataclass(frozen=True)
class Nested:
    """One repetition of a use: its parameters, and what the check of the block's network found with them.

    `report` is None where `when` left the repetition out. `lengths` says which length of the network outside each
    carrier inside (`"x.1"`: axis 1 of the port x) stands for.
    """

    index: int
    parameters: Mapping[str, Value]
    report: Report | None
    lengths: Mapping[str, Length]


@dataclass(frozen=True)
class Use:
    """What a use of a block needs beside its fields: all networks, and the parameters of each repetition (None where
    `when` leaves it out). `given` are the keys that the file has; `spelling` sees the values of expressions.
    """

    blocks: Blocks
    repetitions: tuple[Parameters | None, ...]
    stamp: tuple[object, ...]
    given: frozenset[str]
    spelling: Spelling | None = None


@layer(Category.MERGE, listed=False, aliases=("TimeDistributed", "Sequential", "Model"))
class Block(Layer):
    """Uses a block: a network that is drawn once and has parameters of its own."""

    block: str = option(Text(), "the name of the block", start="")
    parameters: tuple[tuple[str, Json], ...] = option(
        Values(), "values of the block's parameters", default={}
    )
    repeat: int = option(
        Integer(1, MOST_REPEATS), "how many in a row, each with weights of its own", default=1
    )
    when: bool = flag("where it is false, the inputs pass through instead", default=True)
    each: int | None = option(
        Either(Nothing(), Integer(1)), "the axis to whose every step the block is applied", default=None
    )
    torch = SubNetwork()
    consumes, nests = True, True

    @property
    def use(self) -> Use:
        """Where the block is found, and with what it is run."""
        return self.__dict__["use"]  # type: ignore[no-any-return]  # __dict__ has no types

    @property
    def _identity(self) -> tuple[object, ...]:
        return (self.block, repr(self.use.repetitions), self.each, self.use.stamp)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Block) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash((self.block, self.each, self.use.stamp))

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        whole = _whole(self.use.blocks[self.block])
        fold = folded(d, self.each, whole) if self.each is not None else None
        given = dict(fold.types if fold else d.types)
        made: Mapping[str, TensorType] = {}
        outputs = [port.name for port in self.spec.outputs]
        for index, parameters in enumerate(self.use.repetitions):
            if parameters is None:
                d.nested.append(Nested(index, {}, None, {}))
                made = dict(zip(outputs, given.values(), strict=False))
            else:
                made = self._through(d, index, parameters, given)
            given.update(zip(given, made.values(), strict=False))  # the k-th output feeds the k-th input
        if fold is None:
            return made
        return {port: unfolded(d, fold, port, type) for port, type in made.items()}

    def _through(
        self, d: Scope, index: int, parameters: Parameters, given: Mapping[str, TensorType]
    ) -> dict[str, TensorType]:
        """What one repetition makes of these types. Raises Misfit where something in it does not fit."""
        graph = self.use.blocks[self.block]
        values = dict(parameters)
        _bind_patterns(d, graph, values, given)
        lengths, inside = _renamed(given, folded=self.each is not None)
        report = instance(self.use.blocks, self.block, values, inside, self.use.spelling)
        d.nested.append(Nested(index, values, report, lengths))
        d.requirements += [each for each in report.requirements if each not in d.requirements]
        d.note_inner(index, report.problems)
        if not report.ok:
            raise Misfit(IN_BLOCK, "something inside the block does not fit")
        made: dict[str, TensorType] = {}
        for node in boundary(graph, "output"):
            type = report.layers[node.id].inputs["x"]
            assert type is not None, "a network without errors knows every type"
            made[node.id] = _brought_out(type, lengths)
        return made

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return _state(d, "weights")

    def buffers(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return _state(d, "buffers")

    def declared_parameters(self, d: Scope) -> int | None:
        entries = [entry for report in _reports(d) for entry in report.layers.values()]
        return sum(entry.inference.declared or 0 for entry in entries if entry.inference and not entry.shares)

    def macs(self, d: Scope) -> Dim:
        entries = [entry for report in _reports(d) for entry in report.layers.values()]
        return total(entry.inference.macs for entry in entries if entry.inference)

    def values(self) -> dict[str, Json]:
        fields = self.spec.fields.values()
        return {
            each.name: each.kind.dump(getattr(self, each.name))
            for each in fields
            if each.name in self.use.given
        }


IN_BLOCK = "in-block"
"""Stands for errors inside a block, which are told one by one."""


def _reports(d: Scope) -> Iterator[Report]:
    return (nested.report for nested in d.nested if nested.report is not None)


def _state(d: Scope, kind: str) -> dict[str, tuple[Dim, ...]]:
    """The weights or buffers of all repetitions by path: `0.conv1.weight`. What is shared stands there once."""
    found: dict[str, tuple[Dim, ...]] = {}
    for nested in d.nested:
        for id, entry in nested.report.layers.items() if nested.report else ():
            if not entry.shares:
                shapes: Mapping[str, tuple[int, ...]] = getattr(entry, kind)
                found.update((f"{nested.index}.{id}.{name}", shape) for name, shape in shapes.items())
    return found


def _whole(graph: Graph) -> frozenset[str]:
    """The ports that `each` leaves as they are."""
    return frozenset(node.id for node in boundary(graph, "input") if node.values.get("fold") is False)


def _bind_patterns(
    d: Scope, graph: Graph, parameters: Mapping[str, Value], given: Mapping[str, TensorType]
) -> None:
    """Holds every type against the pattern of its port. Raises Misfit."""
    known: dict[str, Value] = {**letters(graph, given), **parameters}
    for node in boundary(graph, "input"):
        type, wanted, dtype = given[node.id], pattern(node), node.values.get("dtype")
        if dtype in DTYPES and type.dtype != dtype:
            text = f"`{node.id}` takes {dtype}, but gets {type.dtype}; wire another layer to it"
            d.fail("dtype", text, port=node.id)
        if wanted is None:
            continue
        shown = f"({', '.join(map(str, wanted))})"
        if len(wanted) != len(type.shape):
            text = f"`{node.id}` takes {shown}, but gets {type.text}; wire a tensor with {len(wanted)} axes"
            d.fail("rank", text, port=node.id)
        sizes = [_size(d, node, entry, known) for entry in wanted]
        for got, size in zip(type.shape, sizes, strict=True):
            text = f"`{node.id}` takes {shown}, here {shape_text(tuple(sizes))}, but gets {type.text}"
            d.require(
                equal(got, size),
                "size-mismatch",
                f"{text}; wire tensors whose sizes agree",
                port=node.id,
                wanted=tuple(sizes),
            )


def _size(d: Scope, node: Node, entry: Json, known: Mapping[str, Value]) -> Dim:
    if isinstance(entry, int) and not isinstance(entry, bool):
        return entry
    try:
        size = evaluate(str(entry).removeprefix("="), known)
    except BadExpression as error:
        d.fail(
            "bad-expression",
            f"the shape of its port `{node.id}` holds {str(entry)[:60]!r}, which {error}; mend it",
        )
    if isinstance(size, bool | float | str):
        d.fail(
            "bad-value",
            f"the shape of its port `{node.id}` holds {str(entry)[:60]!r}, which is no size; mend it",
        )
    return size


def _renamed(
    given: Mapping[str, TensorType], *, folded: bool
) -> tuple[dict[str, Length], dict[str, TensorType]]:
    """Lengths by names of the block's own (port and axis), so that equal uses are equal whatever comes before them."""
    names: dict[Length, str] = {}
    for port, type in given.items():
        for axis, length in enumerate(type.lengths):
            if length is not None:
                names.setdefault(length, f"{port}.{axis}")
    if not names:
        return {}, dict(given)

    def named(length: Length | None) -> Length | None:
        over = (of_one_step(length) if folded else length.over) if length else 1
        return Length(names[length], over=over) if length else None

    inside = {port: replace(type, lengths=tuple(map(named, type.lengths))) for port, type in given.items()}
    return {name: length for length, name in names.items()}, inside


def _brought_out(type: TensorType, lengths: Mapping[str, Length]) -> TensorType:
    """A type of the block's network with the lengths of the network outside."""
    if not type.lengths:
        return type
    outside = (
        replace(lengths[one.of], rewrites=(*lengths[one.of].rewrites, *one.rewrites)) if one else None
        for one in type.lengths
    )
    return replace(type, lengths=tuple(outside))


_MOST = 1 << 12
_instances: dict[tuple[object, ...], Report] = {}


def instance(
    blocks: Blocks,
    name: str,
    parameters: Mapping[str, Value],
    types: Mapping[str, TensorType],
    spelling: Spelling | None = None,
) -> Report:
    """What the check finds in a block with these parameters and these types on its ports.

    `spelling` sees the value of every expression, where something of it is spelled.
    """
    from graph_ir.check import check_instance  # the check of a use is that of a network: a circle by nature

    if not is_spelled((*parameters.values(), *(type.shape for type in types.values()))):
        spelling = None
    # As text too: 1, 1.0 and true are the same key, and so is a number however it is spelled.
    values = (tuple(parameters.values()), tuple(types.items()))
    key = (name, stamp_of(blocks, name), repr(parameters), values, spelling, repr(values) if spelling else "")
    found = _instances.get(key)
    if found is None:
        if len(_instances) >= _MOST:
            _instances.clear()
        found = _instances[key] = check_instance(blocks[name], name, parameters, types, spelling)
    return found


def use_type(node: Node, graph: Graph) -> type[Block] | None:
    """The type of a use, with the ports of its block; None where there is no such block."""
    name = node.values.get("block")
    if not isinstance(name, str) or not name or name not in graph.blocks:
        return None
    inner = graph.blocks[name]
    inputs = tuple((each.id, _axes(each), each.values.get("dtype")) for each in boundary(inner, "input"))
    return _with_ports(inputs, tuple(each.id for each in boundary(inner, "output")))


def _axes(node: Node) -> str:
    return " ".join(map(str, pattern(node) or ("*S",)))


@lru_cache(maxsize=1024)
def _with_ports(inputs: tuple[tuple[str, str, Json], ...], outputs: tuple[str, ...]) -> type[Block]:
    run = (Token("*S"),)
    made: type[Block] = type(BLOCK, (Block,), {"__doc__": Block.__doc__})
    made.spec = replace(
        Block.spec,
        inputs=tuple(
            Port(name, axes, run, (dtype,) if dtype in DTYPES else DTYPES) for name, axes, dtype in inputs
        ),
        outputs=tuple(Port(name, "*S", run, ()) for name in outputs),
    )
    return made
