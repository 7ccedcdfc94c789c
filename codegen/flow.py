"""The statements that compute some layers of a network, one after the other, with a variable for every value.

A value that only the very next statement reads is called `x`; every other has a name made of its layer's id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from codegen import recipe
from codegen.names import Names
from codegen.place import Place, SizeOutOfReach
from graph_ir.edits import Refused
from graph_ir.recipes import Absent, Module
from graph_ir.report import Report
from graph_ir.signature import TensorType
from graph_ir.spec import Layer

Value = tuple[str, str]
"""An output: (layer's id, port)."""

CHAIN = "x"


@dataclass(frozen=True)
class Statement:
    """One assignment: the ports of layer `id` that it gives a variable, and the values that it reads."""

    id: str
    ports: tuple[str, ...]
    reads: frozenset[Value]
    derived: str = ""


@dataclass(frozen=True)
class Line:
    """A statement in words: `target = source`, the shape where it changes, and what its variables hold."""

    id: str
    target: str
    source: str
    comment: str
    probes: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The statement in one line."""
        return f"{self.target} = {self.source}"


@dataclass
class Flow:
    """Computes the layers `ids` (in this order) from `known` values; `results` are read at the end.

    `attributes` has an identifier for every layer, `names` gives further ones, `symbols` says how sizes are read.
    """

    report: Report
    ids: Sequence[str]
    known: Mapping[Value, str]
    results: Sequence[Value]
    attributes: Mapping[str, str]
    names: Names
    symbols: Mapping[str, str]
    chain: bool = True
    """Whether `x` is used at all."""

    @cached_property
    def into(self) -> dict[str, dict[str, Value]]:
        """For every layer: input port to the value on its wire, in the order of the declaration."""
        sources = {(w.target, w.target_port): (w.source, w.source_port) for w in self.report.wires}
        return {
            id: {port: sources[id, port] for port in entry.inputs} for id, entry in self.report.layers.items()
        }

    @cached_property
    def statements(self) -> list[Statement]:
        """What is computed, in order."""
        return [made for id in self.ids for made in self._statements_of(id, self.used.get(id, set()))]

    @cached_property
    def used(self) -> dict[str, set[str]]:
        """For every layer: the output ports that something reads."""
        found: dict[str, set[str]] = {}
        read = (value for reader in self.ids for value in self.into[reader].values())
        for id, port in (*self.results, *read):
            found.setdefault(id, set()).add(port)
        return found

    def _statements_of(self, id: str, used: set[str]) -> list[Statement]:
        spec = self.layer(id).spec
        if isinstance(spec.recipe, Absent):
            return []
        later = spec.recipe.derived if isinstance(spec.recipe, Module) else {}
        wanted = used | {read for port in used & set(later) for read in later[port][0]}
        ports = tuple(port for port in recipe.returned(spec) if port in wanted)
        first = Statement(id, ports, frozenset(self.into[id].values()))
        return [
            first,
            *(
                Statement(id, (port,), frozenset((id, read) for read in later[port][0]), derived=port)
                for port in later
                if port in used
            ),
        ]

    def layer(self, id: str) -> Layer:
        """The layer `id`, which a design without errors has."""
        layer = self.report.layers[id].layer
        assert layer is not None, "only designs without errors are printed"
        return layer

    @cached_property
    def variables(self) -> dict[Value, str]:
        """The source text of every value: a variable, or an attribute of a module."""
        end = len(self.statements)
        readers: dict[Value, set[int]] = {value: {end} for value in self.results}
        for i, statement in enumerate(self.statements):
            for value in statement.reads:
                readers.setdefault(value, set()).add(i)
        found = dict(self.known)
        for i, statement in enumerate(self.statements):
            spec = self.layer(statement.id).spec
            main = statement.derived or recipe.returned(spec)[0]
            for port in statement.ports:
                value = (statement.id, port)
                chained = self.chain and readers[value] == {i + 1} and port == main
                found[value] = CHAIN if chained else self._named(value, first=spec.outputs[0].name == port)
            if isinstance(spec.recipe, Module):
                module = f"self.{self.attributes[statement.id]}"
                found |= {(statement.id, p): f"{module}.{a}" for p, a in spec.recipe.attributes.items()}
        return found

    def _named(self, value: Value, *, first: bool) -> str:
        base = self.attributes[value[0]]
        return base if first else self.names.allocate(f"{base}_{value[1]}", base)

    def lines(self) -> list[Line]:
        """The statements in words. Raises Refused where a size can't be read off any tensor."""
        return [self._line(statement) for statement in self.statements]

    def _line(self, statement: Statement) -> Line:
        id, layer = statement.id, self.layer(statement.id)
        own = {port: self.variables[id, port] for port in statement.ports}
        probes = tuple(own.items())
        if statement.derived:
            reads = {port: self.variables[id, port] for _, port in statement.reads}
            source, target = recipe.derived(layer, statement.derived, reads), own[statement.derived]
        else:
            source, target = self._call(id, layer), recipe.target(layer.spec, own)
            single = recipe.returned(layer.spec)
            probes = probes if own or len(single) > 1 else ((single[0], "_"),)
            if isinstance(layer.spec.recipe, Module):
                probes += tuple((port, self.variables[id, port]) for port in layer.spec.recipe.attributes)
        return Line(id, target, source, self._shape_change(statement), probes)

    def _call(self, id: str, layer: Layer) -> str:
        types = {port: given for port, given in self.report.layers[id].inputs.items() if given is not None}
        place = Place(
            layer.spec,
            {port: self.variables[value] for port, value in self.into[id].items()},
            types,
            frozenset(self.used.get(id, ())),
            self.symbols,
            self._lengths(id),
        )
        try:
            return recipe.call(layer, self.attributes[id], place)
        except SizeOutOfReach as error:
            text = f"{id[:60]!r} needs the size {error.args[0]}, but no Input that it can read has an axis of that size"
            raise Refused(f"{text}; give it numbers or -1.") from None

    def _lengths(self, id: str) -> dict[tuple[str, int], str]:
        """The lengths of Inputs that are wired straight to this layer."""
        return {
            (port, axis): self.variables[lengths, "y"]
            for port, (source, _) in self.into[id].items()
            for axis, lengths in self.report.layers[source].lengths.items()
            if (lengths, "y") in self.variables
        }

    def _shape_change(self, statement: Statement) -> str:
        """The shape of what is assigned, where it is not that of the layer's first input."""
        entry = self.report.layers[statement.id]
        if len(statement.ports) != 1:
            return ""
        given: TensorType | None = next(iter(entry.inputs.values()), None)
        made = entry.outputs[statement.ports[0]]
        return "" if not made.shape or (given is not None and given.shape == made.shape) else made.text
