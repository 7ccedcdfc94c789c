"""Says how a graph is computed layer by layer, as plain data for the child that evaluates it beside the printed code.

Nothing of the printed module is used: every layer is built by itself at its concrete sizes, has a statement of its own
and variables of its own, and sizes are numbers. So chains, loops, classes and names of the printed code can be wrong
only there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from codegen import recipe
from codegen.layout import literal
from codegen.parts import modules, results
from codegen.place import Place, size_text
from codegen.recipe import is_built
from codegen.support import classes
from graph_ir.dims import Dim, substitute, symbol
from graph_ir.edits import Refused
from graph_ir.graph import Design
from graph_ir.recipes import Module
from graph_ir.report import LayerReport, Report
from graph_ir.signature import STEPS, Length, Rewrite, TensorType
from graph_ir.spec import Layer

Sizes = Mapping[str, int]
Value = tuple[str, str]


def evaluation(design: Design, report: Report, sizes: Sequence[Sizes]) -> dict[str, Any]:
    """The whole graph, the losses included, at each of these sizes.

    `inputs` and `steps` are computed in order, then `lines`, which the `results` and the `terms` of the total loss
    read. `networks` are those of blocks, each as often as the check has looked at it. `modules` have to be imported,
    `classes` are what layers bring along. Raises Refused where a loss has a weight of no use.
    """
    writer = _Writer(report, sizes)
    top = _Network(report, writer)
    found = top.written()
    ending = top.ending([value for _, value in results(report)], loss_weights(design, report))
    return {
        **found,
        **ending,
        "networks": writer.networks,
        "modules": sorted(writer.modules),
        "classes": list(writer.classes.values()),
    }


def loss_weights(design: Design, report: Report) -> dict[str, float]:
    """The losses that make up the total, in file order: those whose result goes nowhere. Raises Refused."""
    read = {wire.source for wire in report.wires}
    given = design.training.get("losses", {})
    found: dict[str, float] = {}
    for id, entry in report.layers.items():
        if entry.trait != "loss" or id in read:
            continue
        weight = given.get(id, 1.0) if isinstance(given, dict) else 1.0
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise Refused(
                f"The weight of the loss {id[:60]!r} under `training` is no number; give it one, such as 1.0."
            )
        found[id] = float(weight)
    return found


def described(given: TensorType, sizes: Sequence[Sizes]) -> list[list[Any]]:
    """Shape and dtype at each of the sizes: `[[2, 3, "float32"], …]`."""
    return [[*(substitute(dim, values) for dim in given.shape), given.dtype] for values in sizes]


class _Writer:
    """Writes each network of a block once, however often it is used with the same types and parameters."""

    def __init__(self, report: Report, sizes: Sequence[Sizes]) -> None:
        self.sizes = sizes
        self.symbols = {name: f"sizes[{literal(name)}]" for name in report.symbols}
        self.networks: list[dict[str, Any]] = []
        self.modules: set[str] = set()
        self.classes: dict[str, str] = {}
        self._written: dict[int, int] = {}
        self.note(report)

    def note(self, report: Report) -> None:
        """Takes in what has to be imported and printed for a network."""
        self.modules |= modules(report, report.layers)
        self.classes |= classes(report, report.layers)

    def index(self, report: Report) -> int:
        """Where a block's network stands in `networks`."""
        if id(report) not in self._written:
            self.note(report)
            network = _Network(report, self).nested()
            self._written[id(report)] = len(self.networks)
            self.networks.append(network)
        return self._written[id(report)]


class _Network:
    """One network: a step for each layer, in order."""

    def __init__(self, report: Report, writer: _Writer) -> None:
        self.report, self.writer = report, writer
        self.number = {id: i for i, id in enumerate(report.order)}
        self.sources = {(w.target, w.target_port): (w.source, w.source_port) for w in report.wires}
        self.used: dict[str, set[str]] = {}
        for wire in report.wires:
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

    def written(self) -> dict[str, Any]:
        """The Inputs by their variables, and a step for every other layer, in order."""
        inner = [id for id in self.report.order if self._entry(id).trait not in ("input", "output")]
        steps = [self._step(id) for id in inner]
        return {"inputs": [[id, self.variable((id, "y"))] for id in self.inputs], "steps": steps}

    def nested(self) -> dict[str, Any]:
        """As a block's: with what comes in as lengths, and the values of its Outputs in order."""
        carriers = [[length.of, name] for length, name in self.lengths.items()]
        outputs = [id for id, entry in self.report.layers.items() if entry.trait == "output"]
        values = [[id, self.variable(self.sources[id, "x"])] for id in outputs]
        return {**self.written(), "carriers": carriers, "outputs": values}

    def ending(self, values: Sequence[Value], weights: Mapping[str, float]) -> dict[str, Any]:
        """Behind the steps: the values that are compared, and what the total loss is the sum of.

        A result is `[variable, its types, masks]`, a term `[weight, variable, masks]`; masks are `[axis, lengths]`.
        """
        lines: list[str] = []

        def masks(given: TensorType) -> list[list[Any]]:
            carried = [(axis, length) for axis, length in enumerate(given.lengths) if length is not None]
            return [[axis, self._length(length, lines)] for axis, length in carried]

        types = [self._entry(id).outputs[port] for id, port in values]
        results = [
            [self.variable(value), described(given, self.writer.sizes), masks(given)]
            for value, given in zip(values, types, strict=True)
        ]
        terms = [
            [weight, self.variable((id, "y")), masks(self._entry(id).outputs["y"])]
            for id, weight in weights.items()
        ]
        return {"lines": lines, "results": results, "terms": terms}

    def _entry(self, id: str) -> LayerReport:
        return self.report.layers[id]

    def _step(self, id: str) -> dict[str, Any]:
        """One layer: how it is built, its statements, and what they give."""
        entry = self._entry(id)
        layer = entry.layer
        assert layer is not None, "only designs without errors are evaluated"
        if entry.nested:
            return self._common(id, entry) | self._use(id, entry)
        lines, ports = self._lines(id, layer)
        used = [port for port in ports if port in self.used.get(id, ())] or ports[:1]
        return self._common(id, entry) | {
            "build": self._build(id, entry, layer),
            "lines": lines,
            "outputs": self._outputs(id, used),
            "weights": {name: list(shape) for name, shape in entry.weights.items()},
            "buffers": {name: list(shape) for name, shape in entry.buffers.items()},
            "own": _own(layer, entry),
        }

    def _common(self, id: str, entry: LayerReport) -> dict[str, Any]:
        ports = [port for port in entry.inputs if (id, port) in self.sources]
        return {
            "id": id,
            "number": self.number[id],
            "module": self._module(id),
            "shares": self._module(entry.shares) if entry.shares else "",
            "reads": [self.number[self.sources[id, port][0]] for port in ports],
            "trained_only": id in self.report.training_only,
        }

    def _outputs(self, id: str, ports: Iterable[str]) -> list[list[Any]]:
        """`[port, variable, its types, whether some of it is padding]`."""
        types = self._entry(id).outputs
        return [
            [p, self.variable((id, p)), described(types[p], self.writer.sizes), any(types[p].lengths)]
            for p in ports
        ]

    def _use(self, id: str, entry: LayerReport) -> dict[str, Any]:
        """A use of a block: its network, and what comes in, for each repetition (None: it is left out)."""
        lines: list[str] = []
        repetitions: list[dict[str, Any] | None] = []
        whole: list[str] = []
        for nested in entry.nested:
            if nested.report is None:
                repetitions.append(None)
                continue
            whole = [port for port in entry.inputs if not _folds(nested.report.layers[port])]
            lengths = {
                of: [self._length(length, lines), length.over] for of, length in nested.lengths.items()
            }
            repetitions.append({"network": self.writer.index(nested.report), "lengths": lengths})
        return {
            "lines": lines,
            "inputs": [[port, self.variable(self.sources[id, port])] for port in entry.inputs],
            "each": getattr(entry.layer, "each", None),
            "whole": whole,
            "repetitions": repetitions,
            "outputs": self._outputs(id, entry.outputs),
        }

    def _module(self, id: str) -> str:
        return f"m{self.number[id]}"

    def _build(self, id: str, entry: LayerReport, layer: Layer) -> str:
        """What builds the layer's module and gives its weights their first values."""
        if not is_built(layer) or entry.inference is None:
            return ""
        if entry.shares:
            return f"self.{self._module(id)} = self.{self._module(entry.shares)}"
        assert entry.inference.scope is not None, "an inference without error has its scope"
        module = self._module(id)
        made = f"self.{module} = {recipe.constructor(layer, entry.inference.scope)}"
        return "\n".join([made, *recipe.preparation(layer, module, entry.weights)])

    def _lines(self, id: str, layer: Layer) -> tuple[list[str], list[str]]:
        """The statements of a layer, and the outputs that have a variable behind them."""
        lines, place = self._place(id, layer)
        made = layer.spec.recipe
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
                lines.append(f"{self.variable((id, port))} = self.{self._module(id)}.{attribute}")
                ports.append(port)
        return [*lines, *self._emptied(id, layer, ports)], ports

    def _call(self, id: str, layer: Layer, place: Place) -> str:
        module, made = self._module(id), layer.spec.recipe
        call = recipe.call(layer, module, place)
        lengths = place.lengths(made.packs, 1) if isinstance(made, Module) and made.packs else None
        if lengths is None:
            return call
        inside = call.removeprefix(f"self.{module}(").removesuffix(")")
        return f"run_packed(self.{module}, {lengths}, {inside})"

    def _place(self, id: str, layer: Layer) -> tuple[list[str], Place]:
        """Where the layer stands, behind the statements that work out lengths and fill the tails of its inputs."""
        entry, lines = self._entry(id), list[str]()
        types = {port: given for port, given in entry.inputs.items() if given is not None}
        ports = [port for port in entry.inputs if (id, port) in self.sources]
        variables = {port: self.variable(self.sources[id, port]) for port in ports}
        carried: dict[tuple[str, int], str] = {}
        tail = layer.tail()
        for port in ports if layer.consumes or tail is not None else ():
            for axis, length in enumerate(types[port].lengths):
                if length is None:
                    continue
                carried[port, axis] = self._length(length, lines)
                if tail is not None:
                    filled = f"f{self.number[id]}_{port}"
                    lines.append(f"{filled} = {_filled(variables[port], carried[port, axis], axis, tail)}")
                    variables[port] = filled
        used = frozenset(self.used.get(id, ()))
        return lines, Place(layer.spec, variables, types, used, self.writer.symbols, carried)

    def _emptied(self, id: str, layer: Layer, ports: Iterable[str]) -> list[str]:
        """Padded steps that a layer was given as -inf must not stay so: 0 · inf would spoil gradients."""
        lines: list[str] = []
        outputs = self._entry(id).outputs if layer.tail() else {}
        for port in ports:
            for axis, length in enumerate(outputs[port].lengths if port in outputs else ()):
                if length is not None:
                    name = self.variable((id, port))
                    lines.append(f"{name} = {_filled(name, self._length(length, lines), axis, 0.0)}")
        return lines

    def _length(self, length: Length, lines: list[str]) -> str:
        """The variable of lengths, behind the statements that work them out."""
        known = self.lengths.get(length)
        if known is not None:
            return known
        before = self._length(replace(length, rewrites=length.rewrites[:-1]), lines)
        name = self.lengths[length] = f"l{len(self.lengths)}"
        lines.append(f"{name} = rewritten({before}, {self._rewrite(length.rewrites[-1])})")
        return name

    def _rewrite(self, rewrite: Rewrite) -> str:
        size: Dim = substitute(rewrite.size, {str(STEPS): symbol("steps")})
        text = size_text(size, {**self.writer.symbols, "steps": "steps"})
        return f"lambda steps: {text}, {rewrite.most}"


def _filled(variable: str, lengths: str, axis: int, value: float) -> str:
    text = literal(value) if math.isfinite(value) else f'float("{value}")'
    return f"fill_tail({variable}, {lengths}, {axis}, {text})"


def _folds(entry: LayerReport) -> bool:
    """Whether `each` folds what comes in at this Input of a block."""
    return getattr(entry.layer, "fold", True) is not False


def _own(layer: Layer, entry: LayerReport) -> list[Any]:
    """A module of the user's own: where its class is found, and how many parameters it is said to have."""
    made = layer.spec.recipe
    if not isinstance(made, Module) or not made.module or entry.inference is None:
        return []
    return [made.module, made.target.removeprefix(f"{made.module}."), entry.inference.declared]
