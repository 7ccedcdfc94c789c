"""The statements of one layer where a graph is computed layer by layer, with variables of its own.

Lengths are worked out, tails filled and sequences packed by functions of the child's own (`codegen.child.compare`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from codegen import recipe
from codegen.layout import literal
from codegen.place import Place, size_text
from codegen.recipe import is_built
from graph_ir.dims import Dim, substitute, symbol
from graph_ir.recipes import Module, Passing
from graph_ir.report import LayerReport, Report
from graph_ir.signature import STEPS, Length, Rewrite
from graph_ir.spec import Layer

Value = tuple[str, str]
"""An output: (layer's id, port)."""


class Statements:
    """Of the layers of one network. `symbols` says how sizes are read, `read` which layers are computed."""

    def __init__(self, report: Report, symbols: Mapping[str, str], read: Collection[str]) -> None:
        self.report, self.symbols, self.read = report, symbols, read
        self.number = {id: i for i, id in enumerate(report.order)}
        self.sources = {(w.target, w.target_port): (w.source, w.source_port) for w in report.wires}
        self.used: dict[str, set[str]] = {}
        for wire in (wire for wire in report.flowing if wire.target in read):
            self.used.setdefault(wire.source, set()).add(wire.source_port)
        self.inputs = [id for id, entry in report.layers.items() if entry.trait == "input"]
        types = (report.layers[id].outputs["y"] for id in self.inputs)
        carried = dict.fromkeys(length for given in types for length in given.lengths if length)
        self.lengths = {length: self._carrier(length, i) for i, length in enumerate(carried)}

    def _carrier(self, length: Length, index: int) -> str:
        """The variable of lengths that come in: those of an Input, or of the network outside."""
        return self.variable((length.of, "y")) if length.of in self.number else f"c{index}"

    def variable(self, value: Value) -> str:
        """The variable of a value."""
        id, port = value
        return f"v{self.number[id]}_{port}"

    def entry(self, id: str) -> LayerReport:
        return self.report.layers[id]

    def module(self, id: str) -> str:
        return f"m{self.number[id]}"

    def build(self, id: str, entry: LayerReport, layer: Layer) -> str:
        """What builds the layer's module and gives its weights their first values."""
        if not is_built(layer) or entry.inference is None:
            return ""
        if entry.shares:
            return f"self.{self.module(id)} = self.{self.module(entry.shares)}"
        assert entry.inference.scope is not None, "an inference without error has its scope"
        module = self.module(id)
        made = f"self.{module} = {recipe.constructor(layer, entry.inference.scope)}"
        return "\n".join([made, *recipe.preparation(layer, module, entry.weights)])

    def lines(self, id: str, layer: Layer) -> tuple[list[str], list[str]]:
        """The statements of a layer, and the outputs that have a variable behind them."""
        lines, place = self._place(id, layer)
        made = layer.spec.recipe
        if isinstance(made, Passing):
            return self._passed(id, made), list(self.entry(id).outputs)
        ports = recipe.returned(layer.spec, place.used)
        names = {port: self.variable((id, port)) for port in ports}
        returns = made.returns if isinstance(made, Module) else ", ".join(ports)
        target = re.sub(r"\w+", lambda port: names[port[0]], returns)
        lines.append(f"{target} = {self._call(id, layer, place)}")
        if isinstance(made, Module):
            for port, (_, write) in made.derived.items():
                if port in place.used:
                    lines.append(f"{self.variable((id, port))} = {write(layer, names)}")
                    ports.append(port)
            for port, attribute in made.attributes.items():
                lines.append(f"{self.variable((id, port))} = self.{self.module(id)}.{attribute}")
                ports.append(port)
        return [*lines, *self._emptied(id, layer, ports)], ports

    def _passed(self, id: str, made: Passing) -> list[str]:
        """What goes through a layer that is left out."""
        entry = self.entry(id)
        fed = {port: self.sources[id, made.source(port, tuple(entry.inputs))] for port in entry.outputs}
        return [f"{self.variable((id, port))} = {self.variable(value)}" for port, value in fed.items()]

    def _call(self, id: str, layer: Layer, place: Place) -> str:
        module, made = self.module(id), layer.spec.recipe
        call = recipe.call(layer, module, place)
        lengths = place.lengths(made.packs, 1) if isinstance(made, Module) and made.packs else None
        if lengths is None:
            return call
        inside = call.removeprefix(f"self.{module}(").removesuffix(")")
        return f"run_packed(self.{module}, {lengths}, {inside})"

    def _place(self, id: str, layer: Layer) -> tuple[list[str], Place]:
        """Where the layer stands, behind the statements that work out lengths and fill the tails of its inputs."""
        entry, lines = self.entry(id), list[str]()
        types = {port: given for port, given in entry.inputs.items() if given is not None}
        ports = [port for port in entry.inputs if (id, port) in self.sources]
        variables = {port: self.variable(self.sources[id, port]) for port in ports}
        carried: dict[tuple[str, int], str] = {}
        filled: dict[
            str, str
        ] = {}  # one tensor on several ports stays one: attention on itself is told by that
        tail = layer.tail()
        for port in ports if layer.consumes or tail is not None else ():
            for axis, length in enumerate(types[port].lengths):
                if length is None:
                    continue
                carried[port, axis] = self.length(length, lines)
                if tail is not None:
                    text = _filled(variables[port], carried[port, axis], axis, tail)
                    if text not in filled:
                        filled[text] = f"f{self.number[id]}_{port}"
                        lines.append(f"{filled[text]} = {text}")
                    variables[port] = filled[text]
        used = frozenset(self.used.get(id, ()))
        return lines, Place(layer.spec, variables, types, used, self.symbols, carried)

    def _emptied(self, id: str, layer: Layer, ports: Iterable[str]) -> list[str]:
        """Padded steps that a layer was given as -inf must not stay so: 0 · inf would spoil gradients."""
        lines: list[str] = []
        outputs = self.entry(id).outputs if layer.tail() else {}
        for port in ports:
            for axis, length in enumerate(outputs[port].lengths if port in outputs else ()):
                if length is not None:
                    name = self.variable((id, port))
                    lines.append(f"{name} = {_filled(name, self.length(length, lines), axis, 0.0)}")
        return lines

    def length(self, length: Length, lines: list[str]) -> str:
        """The variable of lengths, behind the statements that work them out."""
        known = self.lengths.get(length)
        if known is not None:
            return known
        before = self.length(replace(length, rewrites=length.rewrites[:-1]), lines)
        name = self.lengths[length] = f"l{len(self.lengths)}"
        lines.append(f"{name} = rewritten({before}, {self._rewrite(length.rewrites[-1])})")
        return name

    def _rewrite(self, rewrite: Rewrite) -> str:
        size: Dim = substitute(rewrite.size, {str(STEPS): symbol("steps")})
        text = size_text(size, {**self.symbols, "steps": "steps"})
        return f"lambda steps: {text}, {rewrite.most}"


def _filled(variable: str, lengths: str, axis: int, value: float) -> str:
    text = literal(value) if math.isfinite(value) else f'float("{value}")'
    return f"fill_tail({variable}, {lengths}, {axis}, {text})"
