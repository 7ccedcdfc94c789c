"""The check of a network: every shape, every problem (cause before consequence), every requirement.

One layer's inference is remembered by its values and the types on its wires, so that checking again after an edit
costs only what changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

from graph_ir.dims import Dim
from graph_ir.graph import TOP, Cycle, Design, Graph, Wire
from graph_ir.infer import Types, infer
from graph_ir.layers import catalogue
from graph_ir.problems import Misfit, Problem, Severity
from graph_ir.report import LayerReport, Report
from graph_ir.requirements import Requirement, contradiction
from graph_ir.resolve import Names, is_input, names_of, resolve
from graph_ir.signature import Length, Port, TensorType
from graph_ir.spec import Layer, Spec, variadic_index


def check(design: Design, network: str = TOP) -> Report:
    """Checks one network of a design. Never raises for anything a file can hold."""
    return _Check(design.networks[network], network).run()


class _Check:
    def __init__(self, graph: Graph, network: str) -> None:
        self.graph, self.network = graph, network
        self.report = Report(network, {node.id: LayerReport(node) for node in graph}, [], graph.wires())
        self.names = names_of(graph.parameters, graph)
        self.problems: list[Problem] = []
        self.requirements: dict[Requirement, str] = {}
        self.lengths = _lengths_of(self.graph, self.names)
        self.into: dict[str, list[Wire]] = {}
        for wire in self.report.wires:
            self.into.setdefault(wire.target, []).append(wire)

    def run(self) -> Report:
        self._parameters()
        for id in self._order():
            self._layer(self.report.layers[id])
        self._contradiction()
        self._loose_ends()
        self.report.problems = tuple(self.problems)
        self.report.requirements = tuple(self.requirements)
        return self.report

    def _parameters(self) -> None:
        for name, value in self.graph.parameters.items():
            if value is None:
                text = f"the parameter {name!r} of the network has no value; give it one under `parameters`"
                self._add(Problem("error", "missing-parameter", text, network=self.network))

    def _order(self) -> list[str]:
        """Each layer behind what it reads; where wires run in a circle, as far as that is possible."""
        try:
            self.report.order = self.graph.order()
            return self.report.order
        except Cycle as cycle:
            shown = [repr(id[:40]) for id in (*cycle.ids[:5], cycle.ids[0])]
            text = f"the wires run in a circle, {' → '.join(shown)}; remove one of them"
            self._add(self._problem("error", "cycle", cycle.ids[0], text))
            return self.graph.order_before_cycles()

    def _layer(self, entry: LayerReport) -> None:
        node = entry.node
        cls = catalogue().get(node.type)
        if cls is None:
            near = get_close_matches(node.type[:60], catalogue(), n=1)
            remedy = f"did you mean {near[0]}?" if near else "`layerloom layers` lists the types there are"
            self._problem_at(
                entry, "error", "unknown-layer", f"there is no layer type {node.type[:60]!r}; {remedy}"
            )
            return
        layer, bad = resolve(node, self.names)
        for wrong in bad:
            self._problem_at(entry, "error", wrong.code, wrong.text, field=wrong.field)
        wired = self._wires_by_port(entry, cls.spec)
        if layer is None or wired is None:
            return
        entry.layer = layer
        entry.inputs = {port: self.report.wire_type(wire) for port, wire in wired.items()}
        types = tuple((port, given) for port, given in entry.inputs.items() if given is not None)
        if len(types) == len(entry.inputs):
            self._infer(entry, layer, types)

    def _wires_by_port(self, entry: LayerReport, spec: Spec) -> dict[str, Wire] | None:
        """The wire on each input port, in the order of the declaration; None where they can't be used."""
        good = True
        found: dict[str, Wire] = {}
        for wire in self.into.get(entry.node.id, []):
            source = self.report.layers[wire.source]
            trouble = _wire_trouble(wire, spec, found, source)
            if trouble:
                self._problem_at(entry, "error", trouble[0], trouble[1], port=wire.target_port)
                good = False
            else:
                found[wire.target_port] = wire
        if not good:
            return None
        ordered: dict[str, Wire] = {}
        for port in spec.inputs:
            names = _port_names(port, found)
            good = self._complete(entry, port, names) and good
            ordered.update((name, found[name]) for name in names)
        return ordered if good else None

    def _complete(self, entry: LayerReport, port: Port, names: list[str]) -> bool:
        if not port.variadic:
            if names or port.optional:
                return True
            text = f"the input `{port.name}` has no wire; draw one to it"
            self._problem_at(entry, "error", "missing-input", text, port=port.name)
            return False
        gap = next((f"{port.name}{i}" for i, name in enumerate(names, 1) if name != f"{port.name}{i}"), None)
        if gap:
            text = f"the input `{gap}` has no wire, but `{names[-1]}` has one; wire the inputs without gaps"
            self._problem_at(entry, "error", "port-gap", text, port=gap)
        elif len(names) < port.fewest:
            text = f"it has {len(names)} of at least {port.fewest} inputs; draw a wire to `{port.name}{len(names) + 1}`"
            gap = f"{port.name}{len(names) + 1}"
            self._problem_at(entry, "error", "missing-input", text, port=gap)
        return gap is None

    def _infer(self, entry: LayerReport, layer: Layer, types: Types) -> None:
        found = infer(layer, types, self._referred(entry, layer))
        entry.inference = found
        for code, port, text in found.warnings:
            self._problem_at(entry, "warning", code, text, port=port)
        if found.error is not None:
            entry.inference = None
            self._misfit(entry, found.error)
            return
        entry.lengths = self.lengths.get(entry.node.id, {})
        entry.outputs = {port: _with_lengths(given, entry.lengths) for port, given in found.outputs.items()}
        for requirement in found.requirements:
            self.requirements.setdefault(requirement, entry.node.id)

    def _referred(self, entry: LayerReport, layer: Layer) -> TensorType | None:
        """The type of the Input that this layer names in a field (lengths name whose they are)."""
        for name in layer.spec.references:
            id = getattr(layer, name)
            if id is None:
                continue
            other = self.report.layers.get(id)
            if other is None or other is entry or not is_input(other.node):
                return None
            named, _ = resolve(other.node, self.names)
            return infer(named, ()).outputs.get("y") if named else None
        return None

    def _misfit(self, entry: LayerReport, error: Misfit) -> None:
        given = entry.inputs.get(error.port or "")
        problem = self._problem(
            "error",
            error.code,
            entry.node.id,
            f"{self._name(entry)}: {error.text}",
            port=error.port,
            field=error.field,
            wanted=error.wanted,
            got=given.shape if given else None,
        )
        entry.problems.append(problem)
        self._add(problem)

    def _contradiction(self) -> None:
        clash = contradiction(list(self.requirements))
        if not clash:
            return
        id = self.requirements[clash[-1]]
        entry = self.report.layers[id]
        text = f"no size works, because {' and '.join(map(str, clash))} are needed together; change one of the layers"
        self._problem_at(entry, "error", "contradiction", text)

    def _loose_ends(self) -> None:
        """What is drawn but reaches nothing; only told once the rest is right."""
        if not self.report.layers or any(p.severity == "error" for p in self.problems):
            return
        read = {wire.source for wire in self.report.wires}
        ends = [entry for entry in self.report.layers.values() if entry.trait in ("output", "loss")]
        if not ends:
            text = "nothing marks a result of the network; add an Output behind its last layer"
            self._add(Problem("warning", "no-output", text, network=self.network))
        for entry in self.report.layers.values():
            silent = entry.trait in ("output", "loss") or self.report.role_of(entry.node.id) == "lengths"
            if ends and not silent and entry.node.id not in read:
                self._problem_at(
                    entry, "hint", "unused", "nothing reads its result; wire it on, or remove it"
                )

    def _name(self, entry: LayerReport) -> str:
        id, type = entry.node.id, entry.node.type
        return f"{id[:60] if id.isidentifier() else repr(id[:60])} ({type[:60]})"

    def _problem_at(
        self,
        entry: LayerReport,
        severity: Severity,
        code: str,
        text: str,
        *,
        port: str | None = None,
        field: str | None = None,
    ) -> None:
        message = f"{self._name(entry)}: {text}"
        problem = self._problem(severity, code, entry.node.id, message, port=port, field=field)
        entry.problems.append(problem)
        self._add(problem)

    def _problem(
        self,
        severity: Severity,
        code: str,
        id: str,
        message: str,
        *,
        port: str | None = None,
        field: str | None = None,
        wanted: tuple[Dim | str, ...] | None = None,
        got: tuple[Dim, ...] | None = None,
    ) -> Problem:
        return Problem(severity, code, message, id, port, field, self.network, (id,), wanted, got)

    def _add(self, problem: Problem) -> None:
        self.problems.append(problem)


def _lengths_of(graph: Graph, names: Names) -> dict[str, dict[int, str]]:
    """For each Input that carries lengths: axis to the id of the Input that holds them."""
    found: dict[str, dict[int, str]] = {}
    for node in graph:
        if "of" not in node.values or not is_input(node):
            continue
        layer, _ = resolve(node, names)
        of, axis = getattr(layer, "of", None), getattr(layer, "axis", None)
        if getattr(layer, "role", "") == "lengths" and isinstance(of, str) and isinstance(axis, int):
            found.setdefault(of, {})[axis] = node.id
    return found


def _with_lengths(given: TensorType, lengths: Mapping[int, str]) -> TensorType:
    if not lengths:
        return given
    ids = (lengths.get(axis) for axis in range(len(given.shape)))
    return replace(given, lengths=tuple(Length(id) if id else None for id in ids))


def _wire_trouble(
    wire: Wire, spec: Spec, found: Mapping[str, Wire], source: LayerReport
) -> tuple[str, str] | None:
    """The code and sentence of a wire that can't be, or None."""
    if spec.input(wire.target_port) is None:
        known = ", ".join(f"`{port.name}{'1' if port.variadic else ''}`" for port in spec.inputs) or "none"
        text = f"a wire ends at `{wire.target_port[:60]}`, but its inputs are {known}; move the wire"
        return "unknown-port", text
    if wire.target_port in found:
        other = found[wire.target_port].source
        text = (
            f"two wires end at `{wire.target_port}`, from {other[:60]!r} and {wire.source[:60]!r}; remove one"
        )
        return "port-taken", text
    cls = catalogue().get(source.node.type)
    if cls is not None and cls.spec.output(wire.source_port) is None:
        known = ", ".join(f"`{port.name}`" for port in cls.spec.outputs) or "none"
        place = f"`{wire.source_port[:60]}` of {wire.source[:60]!r}"
        return "unknown-port", f"a wire comes from {place}, whose outputs are {known}; move it"
    return None


def _port_names(port: Port, found: Mapping[str, Wire]) -> list[str]:
    if not port.variadic:
        return [port.name] if port.name in found else []
    numbered = sorted((variadic_index(port, name), name) for name in found)
    return [name for index, name in numbered if index]
