"""The statements that compute some layers of a network, one after the other, with a variable for every value.

A value that only the very next statement reads is called `x`; every other has a name made of its layer's id.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from codegen import recipe
from codegen.layout import literal
from codegen.names import Names
from codegen.place import Place, SizeOutOfReach, size_text
from codegen.support import FILL, PACKED
from graph_ir.dims import substitute, symbol
from graph_ir.edits import Refused
from graph_ir.recipes import Absent, Module, Stored
from graph_ir.report import Report
from graph_ir.signature import STEPS, Length, Rewrite, TensorType
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
        if isinstance(spec.recipe, Absent | Stored):
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
        stored = [id for id in self.ids if isinstance(self.layer(id).spec.recipe, Stored)]
        found |= {(id, "y"): f"self.{self.attributes[id]}" for id in stored}
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
        return [line for statement in self.statements for line in self._lines(statement)]

    def _lines(self, statement: Statement) -> list[Line]:
        id, layer = statement.id, self.layer(statement.id)
        own = {port: self.variables[id, port] for port in statement.ports}
        probes = tuple(own.items())
        if statement.derived:
            reads = {port: self.variables[id, port] for _, port in statement.reads}
            source = recipe.derived(layer, statement.derived, reads)
            return [Line(id, own[statement.derived], source, self._shape_change(statement), probes)]
        before = self._length_lines(id)
        place = self._place(id, layer)
        single = recipe.returned(layer.spec, place.used)
        probes = probes if own or len(single) > 1 else ((single[0], "_"),)
        if isinstance(layer.spec.recipe, Module):
            probes += tuple((port, self.variables[id, port]) for port in layer.spec.recipe.attributes)
        target = recipe.target(layer.spec, own)
        filled, call = self._filled_once(id, layer, self._call(id, layer, place))
        main = Line(id, target, call, self._shape_change(statement), probes)
        return [*before, *filled, main, *self._refilled(statement, layer)]

    def _filled_once(self, id: str, layer: Layer, call: str) -> tuple[list[Line], str]:
        """A tail that a call would fill again and again (attention reads its input thrice) gets a line of its own."""
        carried, lines = self._carried(id), []
        for port in dict.fromkeys(port for port, _ in carried):
            name, text = self.variables[self.into[id][port]], self._filled(layer, port, id, carried)
            if text != name and call.count(text) > 1 and name.isidentifier():  # `outputs.y` can't be assigned
                lines.append(Line(id, name, text, "", ()))
                call = call.replace(text, name)
        return lines, call

    def _refilled(self, statement: Statement, layer: Layer) -> list[Line]:
        """Padded steps that are no zeros (of a maximum they are -inf) become zeros: 0 · inf would spoil gradients."""
        if not layer.tail():
            return []
        id, outputs = statement.id, self.report.layers[statement.id].outputs
        lengths = {port: length for port in statement.ports for length in outputs[port].lengths if length}
        lines = self._rewritings(id, lengths.values())
        for port, length in lengths.items():
            name, axis = self.variables[id, port], outputs[port].lengths.index(length)
            source = f"{FILL}({name}, {self._length_names[length]}, {axis})"
            lines.append(Line(id, name, source, "", ((port, name),)))
        return lines

    def _place(self, id: str, layer: Layer) -> Place:
        entry = self.report.layers[id]
        types = {port: given for port, given in entry.inputs.items() if given is not None}
        carried = self._carried(id)
        variables = {port: self._filled(layer, port, id, carried) for port in self.into[id]}
        used = frozenset(self.used.get(id, ()))
        return Place(layer.spec, variables, types, used, self.symbols, carried)

    def _filled(self, layer: Layer, port: str, id: str, carried: Mapping[tuple[str, int], str]) -> str:
        """The variable on a port; where padded steps would reach valid ones, with its tail filled."""
        text = self.variables[self.into[id][port]]
        value = layer.tail()
        for (other, axis), lengths in carried.items():
            if other == port and value is not None:
                text = f"{FILL}({text}, {lengths}, {axis}{_fill_value(value)})"
        return text

    def _call(self, id: str, layer: Layer, place: Place) -> str:
        try:
            text = recipe.call(layer, self.attributes[id], place)
        except SizeOutOfReach as error:
            text = f"{id[:60]!r} needs the size {error.args[0]}, but no Input that it can read has an axis of that size"
            raise Refused(f"{text}; give it numbers or -1.") from None
        made = layer.spec.recipe
        lengths = place.lengths(made.packs, 1) if isinstance(made, Module) and made.packs else None
        return _packed(text, place[made.packs], lengths) if isinstance(made, Module) and lengths else text

    def _needs_lengths(self, layer: Layer) -> bool:
        return layer.consumes or layer.tail() is not None

    def _lengths_of(self, id: str) -> dict[tuple[str, int], Length]:
        """The lengths that a layer reads, by port and axis."""
        if not self._needs_lengths(self.layer(id)):
            return {}
        inputs = self.report.layers[id].inputs
        return {
            (port, axis): length
            for port, given in inputs.items()
            for axis, length in enumerate(given.lengths if given else ())
            if length
        }

    def _carried(self, id: str) -> dict[tuple[str, int], str]:
        return {place: self._length_names[length] for place, length in self._lengths_of(id).items()}

    def _length_lines(self, id: str) -> list[Line]:
        """The statements that rewrite lengths, where a layer is the first to read them."""
        return self._rewritings(id, self._lengths_of(id).values())

    def _rewritings(self, id: str, lengths: Iterable[Length]) -> list[Line]:
        lines: list[Line] = []
        for length in lengths:
            for end in range(len(length.rewrites) + 1):
                part = Length(length.of, length.rewrites[:end])
                if part in self._length_names:
                    continue
                name = self.names.allocate(f"{self.attributes[length.of]}_{end}", "lengths")
                before = self._length_names[Length(length.of, length.rewrites[: end - 1])]
                self._length_names[part] = name
                lines.append(Line(id, name, rewritten(before, length.rewrites[end - 1]), "", ()))
        return lines

    @cached_property
    def _length_names(self) -> dict[Length, str]:
        """The variables of all lengths so far; at first those that Inputs bring."""
        entries = self.report.layers.values()
        brought = {id for entry in entries for id in entry.lengths.values()}
        return {Length(id): self.variables[id, "y"] for id in brought if (id, "y") in self.variables}

    def lengths_name(self, length: Length) -> str | None:
        """The variable of lengths, once `lines` has written those that the layers read."""
        return self._length_names.get(length)

    def _shape_change(self, statement: Statement) -> str:
        """The shape of what is assigned, where it is not that of the layer's first input."""
        entry = self.report.layers[statement.id]
        if len(statement.ports) != 1:
            return ""
        given: TensorType | None = next(iter(entry.inputs.values()), None)
        made = entry.outputs[statement.ports[0]]
        return "" if not made.shape or (given is not None and given.shape == made.shape) else made.text


def _packed(call: str, given: str, lengths: str) -> str:
    """A module's call on packed sequences: valid steps only, whatever stands behind them."""
    module, _, inside = call.removesuffix(")").partition("(")
    return f"{PACKED}({module}, {given}, {lengths}{inside.removeprefix(given)})"


def _fill_value(value: float) -> str:
    if value == 0:
        return ""
    return f", {literal(value)}" if math.isfinite(value) else f', float("{value}")'


def rewritten(before: str, rewrite: Rewrite) -> str:
    """What a layer makes of lengths, as source; never below 0, and nothing stays nothing."""
    name = str(STEPS)
    text = size_text(substitute(rewrite.size, {name: symbol("steps")}), {"steps": before})
    of_nothing = substitute(rewrite.size, {name: 0})  # what rises with a length is least there
    low = "" if isinstance(of_nothing, int) and of_nothing >= 0 else "min=0"
    high = f"max={rewrite.most}" if rewrite.most is not None else ""
    limits = ", ".join(part for part in (low, high) if part)
    text = f"({text}).clamp({limits})" if limits else text
    grows = isinstance(of_nothing, int) and of_nothing > 0
    return (
        f"({text}) * ({before} > 0)"
        if grows and not limits
        else f"{text} * ({before} > 0)"
        if grows
        else text
    )
