"""The check of a network: every shape, every problem (cause before consequence), every requirement.

A graph remembers what its last check found. The next one looks at the layers that were touched since, and goes on
behind a layer only where its outputs have changed; all else is carried over. The report is the same as from nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

from graph_ir.block_graphs import boundary, letters, pattern, stamps
from graph_ir.check_layer import Lengths, Surroundings, check_layer, check_types, problem_at
from graph_ir.dims import symbol
from graph_ir.expressions import Value
from graph_ir.graph import TOP, Cycle, Design, Graph, Node
from graph_ir.infer import fresh
from graph_ir.problems import Problem, Severity
from graph_ir.report import LayerReport, Report
from graph_ir.requirements import Requirement, contradiction
from graph_ir.resolve import Names, holds_expression, is_input, layer_type, names_of, resolve
from graph_ir.signature import DTYPES, Length, Port, TensorType
from graph_ir.spelling import Spelling


def check(design: Design, network: str = TOP) -> Report:
    """Checks one network of a design. Never raises for anything a file can hold.

    Of a block it is what the first use found there; of one that nothing uses, what its defaults and patterns tell.
    """
    if network != TOP:
        return first_use(check(design), network) or _alone(design.networks[network], network)
    graph = design.top
    before = graph.remembered
    if not isinstance(before, _Memory) or before.report.network != network:
        before = None
    inputs = _inputs(graph, before)
    names = names_of(graph.parameters, inputs)
    same = before is not None and not graph.touched and names.text == before.names.text
    if before and same and (not graph.uses or stamps(graph) == before.stamps):
        report = copy(before.report)
        report.recomputed = frozenset()
        return report
    found = _Check(graph, network, inputs, names, before or _NOTHING).run()
    graph.remembered = found
    graph.touched.clear()
    return found.report


def check_instance(
    graph: Graph,
    name: str,
    parameters: Mapping[str, Value],
    types: Mapping[str, TensorType],
    spelling: Spelling | None = None,
) -> Report:
    """Checks a block's network with these parameters and these types at its Inputs, from nothing."""
    values = {**letters(graph, types), **parameters}
    names = Names(values, repr(values), spelling)
    return _Check(graph, name, boundary(graph, "input"), names, _NOTHING, types).run().report


_MOST_SPELLED = 64
_spelled: dict[tuple[object, ...], Report] = {}


def check_spelled(design: Design, parameters: Mapping[str, Value], spelling: Spelling) -> Report:
    """Checks the top network with these values of its parameters, from nothing; remembered until it changes."""
    inputs = _inputs(design.top, None)
    names = replace(names_of({**design.top.parameters, **parameters}, inputs), spelling=spelling)
    key = (design.top.stamp, stamps(design.top), names.text, spelling)
    found = _spelled.get(key)
    if found is None:
        if len(_spelled) >= _MOST_SPELLED:
            _spelled.clear()
        with fresh():
            found = _spelled[key] = _Check(design.top, TOP, inputs, names, _NOTHING).run().report
    return found


def first_use(report: Report, network: str) -> Report | None:
    """What the first use of a block, however deep, has found in the block's network."""
    waiting, seen = [report], {id(report)}
    for each in waiting:
        inside = (nested.report for entry in each.layers.values() for nested in entry.nested)
        for one in inside:
            if one is None or id(one) in seen:
                continue
            if one.network == network:
                return one
            seen.add(id(one))
            waiting.append(one)
    return None


def _alone(graph: Graph, name: str) -> Report:
    """A block that nothing uses: letters of its patterns are symbols, what is not known stays open."""
    types = {node.id: given for node in boundary(graph, "input") if (given := _type_of_pattern(node))}
    known: dict[str, Value | None] = {**letters(graph, types), **graph.parameters}
    return (
        _Check(graph, name, boundary(graph, "input"), Names(known, repr(known)), _NOTHING, types).run().report
    )


def _type_of_pattern(node: Node) -> TensorType | None:
    sizes = pattern(node)
    plain = sizes is not None and all(isinstance(size, int) or str(size).isidentifier() for size in sizes)
    dtype = node.values.get("dtype", "float32")
    if sizes is None or not plain or dtype not in DTYPES:
        return None
    return TensorType(tuple(symbol(size) if isinstance(size, str) else size for size in sizes), dtype)


@dataclass(frozen=True)
class _Memory:
    """What a check leaves for the next one of the same graph or of a copy. Nothing in it is ever changed."""

    report: Report
    layers: Mapping[str, LayerReport]
    """Each layer by itself, without what only the whole network shows."""
    order: Sequence[str]
    """The layers in front of all cycles."""
    inputs: Sequence[Node]
    names: Names
    lengths: Lengths
    references: Mapping[str, frozenset[str]]
    """The ids that a layer names in its fields, where it does."""
    clash: tuple[Requirement, ...] | None
    stamps: tuple[object, ...] = ()
    """The state of the blocks that are used."""


_NOTHING = _Memory(Report(TOP, {}, [], []), {}, (), (), Names({}, ""), {}, {}, None)


class _Check:
    def __init__(
        self,
        graph: Graph,
        network: str,
        inputs: Sequence[Node],
        names: Names,
        before: _Memory,
        given: Mapping[str, TensorType] | None = None,
    ) -> None:
        self.graph, self.network, self.before = graph, network, before
        self.inputs, self.names, self.given = inputs, names, given
        self.lengths = _lengths_of(inputs, names, graph) if given is None else {}
        self.order = graph.order_before_cycles()
        self.references = {id: named for id, named in before.references.items() if id in graph}
        self.problems: list[Problem] = []
        self.stamps = stamps(graph)

    def run(self) -> _Memory:
        layers, recomputed = self._layers()
        if self.given is None:
            self._parameters()
        self._cycle()
        self.problems += [problem for id in self.order for problem in layers[id].problems]
        requirements = _requirements(self.order, layers)
        asked, before = tuple(requirements), self.before
        clash = before.clash if asked == before.report.requirements else contradiction(asked)
        report = Report(
            network=self.network,
            layers=dict(layers),
            order=self.order if len(self.order) == len(layers) else [],
            wires=self.graph.wires(),
            requirements=asked,
            recomputed=recomputed,
        )
        if clash:
            self._contradiction(report, clash, requirements[clash[-1]])
        self._lengths_twice(report)
        self._shared(report)
        self._loose_ends(report)
        report.problems = tuple(self.problems)
        names, lengths, references = self.names, self.lengths, self.references
        state = self.stamps
        return _Memory(report, layers, self.order, self.inputs, names, lengths, references, clash, state)

    def _layers(self) -> tuple[dict[str, LayerReport], frozenset[str]]:
        """Every layer by itself, in the order of the file, and the ids of those that were looked at again."""
        graph = self.graph
        layers = dict(self.before.layers)
        around = Surroundings(self.network, graph, self.names, layers, self.lengths, self.given)
        dirty, moved, recomputed = self._changed(), set[str](), []
        for id in self.order:
            old = layers.get(id)
            if id in dirty:
                new = check_layer(around, graph.node(id), graph.wires_into(id))
            elif id in moved and old:
                new = check_types(around, old, graph.wires_into(id))
            else:
                continue
            recomputed.append(id)
            if new is old:
                continue
            layers[id] = new
            if (new.layer and new.layer.spec.references) or id in self.references:
                self._note_references(new)
            if old and old.outputs != new.outputs:
                moved.update([wire.target for wire in graph.wires_from(id)])
            if (
                old
                and (old.node is not new.node or id in graph.uses)
                and _ports(old, graph) != _ports(new, graph)
            ):
                dirty.update([wire.target for wire in graph.wires_from(id)])
        ids = graph.ids()
        if len(self.order) < len(ids):
            reached = set(self.order)
            layers |= {id: LayerReport(graph.node(id)) for id in ids if id not in reached}
        return {id: layers[id] for id in ids}, frozenset(recomputed)

    def _changed(self) -> set[str]:
        """The layers that must be looked at, whatever the layers in front of them give."""
        graph, before = self.graph, self.before
        if not before.layers:
            return set(self.order)
        found = set(graph.touched)
        if self.order != before.order:
            found.update(set(self.order).difference(before.order))
        if self.names.text != before.names.text:
            found.update(node.id for node in graph if holds_expression(node))
        carriers = {*self.lengths, *before.lengths}
        found.update(id for id in carriers if self.lengths.get(id) != before.lengths.get(id))
        found.update([id for id, named in self.references.items() if not named.isdisjoint(found)])
        if self.stamps != before.stamps:
            found.update(graph.uses)
        return found.intersection(self.order)

    def _note_references(self, entry: LayerReport) -> None:
        named = [getattr(entry.layer, name) for name in (entry.layer.spec.references if entry.layer else ())]
        self.references[entry.node.id] = frozenset(id for id in named if id is not None)

    def _parameters(self) -> None:
        for name, value in self.graph.parameters.items():
            if value is None:
                text = f"the parameter {name!r} of the network has no value; give it one under `parameters`"
                self.problems.append(Problem("error", "missing-parameter", text, network=self.network))

    def _cycle(self) -> None:
        try:
            self.graph.order()
        except Cycle as cycle:
            shown = [repr(id[:40]) for id in (*cycle.ids[:5], cycle.ids[0])]
            text = f"the wires run in a circle, {' → '.join(shown)}; remove one of them"
            id = cycle.ids[0]
            self.problems.append(Problem("error", "cycle", text, id, network=self.network, path=(id,)))

    def _contradiction(self, report: Report, clash: Sequence[Requirement], id: str) -> None:
        text = f"no size works, because {' and '.join(map(str, clash))} are needed together; change one of the layers"
        self._say(report, id, "error", "contradiction", text)

    def _lengths_twice(self, report: Report) -> None:
        for node in self.inputs:
            if "of" not in node.values or report.role_of(node.id) != "lengths":
                continue
            layer = report.layers[node.id].layer
            of, axis = getattr(layer, "of", None), getattr(layer, "axis", None)
            first = self.lengths.get(of or "", {}).get(axis if axis is not None else -1)
            if first is not None and first.of != node.id:
                shown = f"{str(of)[:60]!r} already has the lengths {first.of[:60]!r}"
                text = f"axis {axis} of {shown}; remove one of the two"
                self._say(report, node.id, "error", "lengths-twice", text)

    def _shared(self, report: Report) -> None:
        """Layers of one name of `weights` share one set, which counts once; they must be alike."""
        first: dict[str, LayerReport] = {}
        for id in self.order:
            entry = report.layers[id]
            name = entry.node.values.get("weights")
            if not isinstance(name, str) or entry.inference is None or entry.node.bypass:
                continue
            other = first.setdefault(name, entry)
            if other is entry:
                continue
            same = other.layer == entry.layer and other.inference is not None
            if same and other.inference and other.weights == entry.weights and other.buffers == entry.buffers:
                report.layers[id] = replace(entry, shares=other.node.id)
                continue
            text = (
                f"it shares the weights {name[:60]!r} with {other.node.id[:60]!r}, but they differ in values"
            )
            shapes = "or the shapes of their weights; make them equal, or give one of them other `weights`"
            self._say(report, id, "error", "weights-differ", f"{text} {shapes}")

    def _loose_ends(self, report: Report) -> None:
        """What is drawn but reaches nothing; only told once the rest is right."""
        if not report.layers or any(problem.severity == "error" for problem in self.problems):
            return
        read = {wire.source for wire in report.wires}
        unread = [entry for id, entry in report.layers.items() if id not in read]
        if not any(entry.trait in _ENDS for entry in (*unread, *report.layers.values())):
            text = "nothing marks a result of the network; add an Output behind its last layer"
            self.problems.append(Problem("warning", "no-output", text, network=self.network))
            return
        for entry in unread:
            id = entry.node.id
            if entry.trait not in _ENDS and report.role_of(id) != "lengths":
                self._say(report, id, "hint", "unused", "nothing reads its result; wire it on, or remove it")

    def _say(self, report: Report, id: str, severity: Severity, code: str, text: str) -> None:
        entry = report.layers[id]
        problem = problem_at(entry.node, severity, code, text, self.network)
        report.layers[id] = replace(entry, problems=[*entry.problems, problem])
        self.problems.append(problem)


_ENDS = ("output", "loss")


def _ports(entry: LayerReport, graph: Graph) -> tuple[Port, ...] | None:
    cls = type(entry.layer) if entry.layer else layer_type(entry.node, graph)
    return cls.spec.outputs if cls else None


def _inputs(graph: Graph, before: _Memory | None) -> Sequence[Node]:
    """Every Input, in the order of the file."""
    if before:
        known = {node.id for node in before.inputs}
        touched = [graph.node(id) for id in graph.touched if id in graph]
        if known.isdisjoint(graph.touched) and not any(map(is_input, touched)):
            return before.inputs
    return [node for node in graph if is_input(node)]


def _lengths_of(inputs: Iterable[Node], names: Names, graph: Graph) -> Lengths:
    found: dict[str, dict[int, Length]] = {}
    ids = {node.id for node in inputs}
    for node in inputs:
        if "of" not in node.values:
            continue
        layer, _ = resolve(node, names, graph)
        of, axis = getattr(layer, "of", None), getattr(layer, "axis", None)
        if getattr(layer, "role", "") == "lengths" and of in ids and isinstance(axis, int):
            over = len(getattr(layer, "shape", None) or "N")
            found.setdefault(of, {}).setdefault(axis, Length(node.id, over=over))
    return found


def _requirements(order: Iterable[str], layers: Mapping[str, LayerReport]) -> dict[Requirement, str]:
    """What must hold, and the first layer that needs it."""
    found: dict[Requirement, str] = {}
    for id in order:
        inference = layers[id].inference
        if inference is not None and inference.requirements:
            for requirement in inference.requirements:
                found.setdefault(requirement, id)
    return found
