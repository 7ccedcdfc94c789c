"""The uses of a block, as a class is printed for them: each with other parameters and types, all with the same words.

A block is checked once more with numbers that remember how they are written (`graph_ir.spelling`): what comes out
says each size as an expression over the block's parameters and the sizes of what comes in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from codegen.origins import Origins, with_flags
from graph_ir.block_graphs import boundary, letters, pattern, used_blocks
from graph_ir.blocks import instance
from graph_ir.dims import Dim, Expr, symbol
from graph_ir.expressions import Value
from graph_ir.graph import Graph
from graph_ir.infer import fresh
from graph_ir.report import Report
from graph_ir.signature import TensorType
from graph_ir.spelling import spelled, written

Axis = tuple[str, int]
"""A port and one of its axes."""


@dataclass(eq=False)
class Instance:
    """One kind of use: a block with these parameters and these types at its ports, and what the check found."""

    blocks: Mapping[str, Graph]
    block: str
    parameters: Mapping[str, Value]
    report: Report

    @property
    def graph(self) -> Graph:
        """The block's network."""
        return self.blocks[self.block]

    @cached_property
    def types(self) -> dict[str, TensorType]:
        """What comes in at each port."""
        return {node.id: self.report.layers[node.id].outputs["y"] for node in boundary(self.graph, "input")}

    @cached_property
    def axes(self) -> dict[Axis, str]:
        """What the size of each axis is called: axes of the same letter, and open sizes that are equal, share it."""
        found: dict[Axis, str] = {}
        same: dict[Dim, str] = {}
        for node in boundary(self.graph, "input"):
            entries = pattern(node) or []
            for axis, size in enumerate(self.types[node.id].shape):
                entry = entries[axis] if axis < len(entries) else None
                name = f"axis_{node.id}_{axis}"
                if isinstance(entry, str) and entry.isidentifier():
                    name = f"given_{entry}" if entry in self.parameters else f"axis_{entry}"
                elif isinstance(size, Expr):
                    name = same.get(size, name)
                if isinstance(size, Expr):
                    name = same.setdefault(size, name)
                found[node.id, axis] = name
        return found

    @cached_property
    def known(self) -> dict[str, Value | None]:
        """The value of everything that the words are about."""
        sizes = {name: self.types[port].shape[axis] for (port, axis), name in self.axes.items()}
        return {**sizes, **{f"given_{name}": value for name, value in self.parameters.items()}}

    @cached_property
    def form(self) -> tuple[object, ...]:
        """What two uses must have in common for one class: dtypes, which sizes are one, and which lengths come in."""
        types = self.types.values()
        lengths = tuple(given.lengths for given in types)
        return tuple(given.dtype for given in types), lengths, tuple(self.axes.values())

    @cached_property
    def words(self) -> Words:
        """The same with numbers that remember how they are written; with the plain ones where that does not work."""
        types = {port: self._spelled_type(port, given) for port, given in self.types.items()}
        values = with_flags({name: _spelled(name, value) for name, value in self.parameters.items()})
        with fresh():
            report = instance(self.blocks, self.block, values, types, Origins())
        if not report.ok:
            return Words(self.report, {**letters(self.graph, self.types), **self.parameters}, Origins())
        return Words(report, {**letters(self.graph, types), **values}, Origins())

    def _spelled_type(self, port: str, given: TensorType) -> TensorType:
        named = (self.axes[port, axis] for axis in range(len(given.shape)))
        sizes = zip(given.shape, named, strict=True)
        shape = tuple(
            spelled(size, symbol(name)) if isinstance(size, int) else symbol(name) for size, name in sizes
        )
        return replace(given, shape=shape)


@dataclass(frozen=True)
class Words:
    """A check with spelled numbers: its report, what expressions may name there, and how their words are found."""

    report: Report
    names: Mapping[str, Value | None]
    origins: Origins


def _spelled(name: str, value: Value) -> Value:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | Expr):
        own = symbol(f"given_{name}")
        return spelled(value, own) if isinstance(value, int) else own
    return written(value, f"given_{name}")


def spelled_values(parameters: Mapping[str, Value]) -> dict[str, Value]:
    """Parameters of the top network, spelled."""
    return with_flags({name: _spelled(name, value) for name, value in parameters.items()})


def instances(report: Report, blocks: Mapping[str, Graph]) -> dict[str, list[Instance]]:
    """Every kind of use below a network by block; a block stands behind those that it uses."""
    found: dict[str, list[Instance]] = {}
    for one in _inside(report, blocks, set()):
        found.setdefault(one.block, []).append(one)
    return {name: found[name] for name in _used_first(found, blocks)}


def _used_first(names: Iterable[str], blocks: Mapping[str, Graph]) -> list[str]:
    """Blocks in such an order that each stands behind those that it uses."""
    order: dict[str, None] = {}

    def add(name: str) -> None:
        for used in used_blocks(blocks[name]):
            if used not in order:
                add(used)
        order.setdefault(name)

    for name in names:
        add(name)
    wanted = set(names)
    return [name for name in order if name in wanted]


def _inside(report: Report, blocks: Mapping[str, Graph], seen: set[int]) -> Iterator[Instance]:
    for entry in report.layers.values():
        for nested in entry.nested:
            if nested.report is None or id(nested.report) in seen:
                continue
            seen.add(id(nested.report))
            yield from _inside(nested.report, blocks, seen)
            yield Instance(blocks, nested.report.network, nested.parameters, nested.report)
