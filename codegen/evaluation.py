"""Says how a graph is computed layer by layer, as plain data for the child that evaluates it beside the printed code.

Nothing of the printed module is used: every layer is built by itself at its concrete sizes, has a statement of its own
and variables of its own, and sizes are numbers. So chains, loops, classes and names of the printed code can be wrong
only there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from codegen.evaluated_layer import Statements, Value
from codegen.layout import literal
from codegen.parts import modules, results
from codegen.support import classes
from graph_ir.dims import substitute
from graph_ir.edits import Refused
from graph_ir.graph import Design
from graph_ir.recipes import Module
from graph_ir.report import LayerReport, Report
from graph_ir.signature import TensorType
from graph_ir.spec import Layer

Sizes = Mapping[str, int]


def evaluation(
    design: Design, report: Report, sizes: Sequence[Sizes], *, whole: bool = False
) -> dict[str, Any]:
    """The graph, the losses included, at each of these sizes; also what no Output and no loss depends on if `whole`.

    `inputs` and `steps` are computed in order, then `lines`, which the `results` and the `terms` of the total loss
    read. `networks` are those of blocks, each as often as the check has looked at it. `modules` have to be imported,
    `classes` are what layers bring along. Raises Refused where a loss has a weight of no use.
    """
    writer = _Writer(report, sizes, whole=whole)
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


def reaching(report: Report) -> frozenset[str]:
    """The layers that an Output or a loss depends on: the printed code computes no others."""
    into: dict[str, list[str]] = {}
    for wire in report.flowing:
        into.setdefault(wire.target, []).append(wire.source)
    found = {id for id, entry in report.layers.items() if entry.trait in ("output", "loss")}
    for id in reversed(report.order):
        found |= set(into.get(id, ())) if id in found else set()
    return frozenset(found)


def has_unread(report: Report) -> bool:
    """Whether there are layers that no Output and no loss depends on, also inside blocks."""
    inside = {id(one.report): one.report for e in report.layers.values() for one in e.nested if one.report}
    inner = {id for id, entry in report.layers.items() if entry.trait != "input"}
    return not inner <= reaching(report) or any(map(has_unread, inside.values()))


def loss_weights(design: Design, report: Report) -> dict[str, float]:
    """The losses that make up the total, in file order: those whose result goes nowhere. Raises Refused."""
    read = {wire.source for wire in report.flowing}
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

    def __init__(self, report: Report, sizes: Sequence[Sizes], *, whole: bool) -> None:
        self.sizes, self.whole = sizes, whole
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


class _Network(Statements):
    """One network: a step for each layer, in order."""

    def __init__(self, report: Report, writer: _Writer) -> None:
        read = frozenset(report.layers) if writer.whole else reaching(report)
        super().__init__(report, writer.symbols, read)
        self.writer = writer

    def written(self) -> dict[str, Any]:
        """The Inputs by their variables, and a step for every other layer, in order."""
        inner = [id for id in self.report.order if self.entry(id).trait not in ("input", "output")]
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
            return [[axis, self.length(length, lines)] for axis, length in carried]

        types = [self.entry(id).outputs[port] for id, port in values]
        results = [
            [self.variable(value), described(given, self.writer.sizes), masks(given)]
            for value, given in zip(values, types, strict=True)
        ]
        terms = [
            [weight, self.variable((id, "y")), masks(self.entry(id).outputs["y"])]
            for id, weight in weights.items()
        ]
        return {"lines": lines, "results": results, "terms": terms}

    def _step(self, id: str) -> dict[str, Any]:
        """One layer: how it is built, its statements, and what they give."""
        entry = self.entry(id)
        layer = entry.layer
        assert layer is not None, "only designs without errors are evaluated"
        if entry.nested:
            return self._common(id, entry) | self._use(id, entry)
        lines, ports = self.lines(id, layer) if id in self.read else ([], [])
        return self._common(id, entry) | {
            "build": self.build(id, entry, layer),
            "lines": lines,
            "outputs": self._outputs(id, ports),
            "weights": {name: list(shape) for name, shape in entry.weights.items()},
            "buffers": {name: list(shape) for name, shape in entry.buffers.items()},
            "own": _own(layer, entry),
        }

    def _common(self, id: str, entry: LayerReport) -> dict[str, Any]:
        return {
            "id": id,
            "module": self.module(id),
            "shares": self.module(entry.shares) if entry.shares else "",
            "trained_only": id in self.report.training_only,
            "unread": id not in self.read,
        }

    def _outputs(self, id: str, ports: Iterable[str]) -> list[list[Any]]:
        """`[port, variable, its types, whether some of it is padding]` of those that something reads."""
        types = self.entry(id).outputs
        used = [port for port in ports if port in self.used.get(id, ())] or [*ports][:1]
        return [
            [p, self.variable((id, p)), described(types[p], self.writer.sizes), any(types[p].lengths)]
            for p in used
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
            carried = nested.lengths.items() if id in self.read else ()
            lengths = {of: [self.length(length, lines), length.over] for of, length in carried}
            repetitions.append({"network": self.writer.index(nested.report), "lengths": lengths})
        return {
            "lines": lines,
            "inputs": [[port, self.variable(self.sources[id, port])] for port in entry.inputs],
            "each": getattr(entry.layer, "each", None),
            "whole": whole,
            "repetitions": repetitions,
            "ports": list(entry.outputs),
            "outputs": self._outputs(id, entry.outputs),
        }


def _folds(entry: LayerReport) -> bool:
    """Whether `each` folds what comes in at this Input of a block."""
    return getattr(entry.layer, "fold", True) is not False


def _own(layer: Layer, entry: LayerReport) -> list[Any]:
    """A module of the user's own: where its class is found, and how many parameters it is said to have."""
    made = layer.spec.recipe
    if not isinstance(made, Module) or not made.module or entry.inference is None:
        return []
    return [made.module, made.target.removeprefix(f"{made.module}."), entry.inference.declared]
