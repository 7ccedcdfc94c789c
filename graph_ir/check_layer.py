"""The check of one layer: its values, the wires on its ports, and what it makes of their types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from graph_ir.blocks import IN_BLOCK
from graph_ir.bypass import CODE, Through, feeding
from graph_ir.graph import Graph, Node, Wire
from graph_ir.infer import Inference, Scope, Types, infer
from graph_ir.problems import Misfit, Problem, Severity
from graph_ir.report import LayerReport
from graph_ir.resolve import Names, is_input, layer_type, resolve, unknown_type
from graph_ir.signature import Length, Port, TensorType
from graph_ir.spec import Layer, Spec, variadic_index

Lengths = Mapping[str, Mapping[int, Length]]
"""For each Input that carries lengths: axis to the length that another Input brings."""


@dataclass(frozen=True)
class Surroundings:
    """What a layer sees of its network: what names stand for, the layers in front of it, and who carries lengths."""

    network: str
    graph: Graph
    names: Names
    layers: Mapping[str, LayerReport]
    lengths: Lengths
    given: Mapping[str, TensorType] | None = None
    """Inside a block: what comes in at its Inputs."""


def check_layer(around: Surroundings, node: Node, wires: Sequence[Wire]) -> LayerReport:
    """One layer and the wires that end at it. The layers in front of it must have been checked."""
    if node.bypass:
        return _Wired(around, node, wires).run()
    if around.given is not None and is_input(node):
        return _brought_in(around, around.given, node)
    cls = layer_type(node, around.graph)
    ports = _plain_ports(cls, len(wires)) if cls else None  # type: ignore[arg-type]  # a class has its own hash
    types = _plain_types(around, ports, wires) if ports is not None else None
    layer = resolve(node, around.names, around.graph)[0] if types is not None else None
    if layer is not None and types is not None:
        return _with_types(around, node, layer, types)
    return _Wired(around, node, wires).run()


def check_types(around: Surroundings, old: LayerReport, wires: Sequence[Wire]) -> LayerReport:
    """The same for a layer of which only the types on its wires may have changed."""
    if old.layer is None or any(_withholds(around.layers[wire.source], wire.source_port) for wire in wires):
        return check_layer(around, old.node, wires)
    given = {wire.target_port: around.layers[wire.source].outputs.get(wire.source_port) for wire in wires}
    return _with_types(around, old.node, old.layer, {port: given[port] for port in old.inputs})


def _plain_types(
    around: Surroundings, ports: Sequence[str], wires: Sequence[Wire]
) -> dict[str, TensorType | None] | None:
    """What comes in at each port (None: not known); None where the wires do not fit them one to one."""
    found: dict[str, TensorType | None] = {}
    for wire in wires:
        source = around.layers[wire.source]
        given = source.outputs.get(wire.source_port)
        if given is None:
            cls = layer_type(source.node, around.graph)
            if cls is None or cls.spec.output(wire.source_port) is None:
                return None
            if _withholds(source, wire.source_port):
                return None
        found[wire.target_port] = given
    if len(ports) == 1:
        return found if ports[0] in found else None
    return {port: found[port] for port in ports} if found.keys() == set(ports) else None


@lru_cache(maxsize=1 << 12)
def _plain_ports(cls: type[Layer], wires: int) -> tuple[str, ...] | None:
    """The inputs of a layer whose every input has one of so many wires; None where that is not so plain."""
    inputs = cls.spec.inputs
    if cls.spec.references:
        return None
    if len(inputs) == 1 and inputs[0].variadic and wires >= inputs[0].fewest:
        return tuple(f"{inputs[0].name}{i}" for i in range(1, wires + 1))
    plain = wires == len(inputs) and not any(port.variadic for port in inputs)
    return tuple(port.name for port in inputs) if plain else None


class _Wired:
    """The long way, for layers of which there may be something to say."""

    def __init__(self, around: Surroundings, node: Node, wires: Sequence[Wire]) -> None:
        self.around, self.node, self.wires = around, node, wires
        self.entry = LayerReport(node)

    def run(self) -> LayerReport:
        entry, node = self.entry, self.node
        cls = layer_type(node, self.around.graph)
        if cls is None:
            self._add(*unknown_type(node, self.around.graph))
            return entry
        layer, bad = resolve(node, self.around.names, self.around.graph)
        for wrong in bad:
            self._add(wrong.code, wrong.text, field=wrong.field)
        if issubclass(cls, Through) and cls.barred:
            self._add(CODE, cls.barred)
            return entry
        wired = self._wires_by_port(cls.spec)
        if layer is None or wired is None:
            return entry
        if isinstance(layer, Through):
            feeds = feeding(layer.spec, tuple(wired))
            wired = {port: wire for port, wire in wired.items() if port in feeds.values()}
        layers = self.around.layers
        types = {p: layers[wire.source].outputs.get(wire.source_port) for p, wire in wired.items()}
        return _with_types(self.around, node, layer, types)

    def _wires_by_port(self, spec: Spec) -> dict[str, Wire] | None:
        """The wire on each input port, in the order of the declaration; None where they can't be used."""
        good = True
        found: dict[str, Wire] = {}
        for wire in self.wires:
            trouble = _wire_trouble(self.around, wire, spec, found)
            if trouble:
                self._add(trouble[0], trouble[1], port=wire.target_port)
                good = False
            else:
                found[wire.target_port] = wire
        if not good:
            return None
        if self.node.bypass:
            return self._passing(spec, found)
        ordered: dict[str, Wire] = {}
        for port in spec.inputs:
            if not port.variadic and port.name in found:
                ordered[port.name] = found[port.name]
                continue
            names = _port_names(port, found)
            good = self._complete(port, names) and good
            ordered.update((name, found[name]) for name in names)
        return ordered if good else None

    def _passing(self, spec: Spec, found: Mapping[str, Wire]) -> dict[str, Wire] | None:
        """The wires of a bypassed layer, of which it needs but one, in the order of the declaration."""
        places = {port.name: place for place, port in enumerate(spec.inputs)}

        def order(name: str) -> tuple[int, int]:
            port = spec.input(name)
            assert port is not None, "wires to other ports are told apart before"
            return places[port.name], variadic_index(port, name) if port.variadic else 0

        if not found:
            port = spec.inputs[0]
            name = f"{port.name}1" if port.variadic else port.name
            self._add(
                "missing-input", f"no input has a wire that could go through; draw one to `{name}`", port=name
            )
            return None
        return {name: found[name] for name in sorted(found, key=order)}

    def _complete(self, port: Port, names: list[str]) -> bool:
        if not port.variadic:
            if names or port.optional:
                return True
            text = f"the input `{port.name}` has no wire; draw one to it"
            self._add("missing-input", text, port=port.name)
            return False
        gap = next((f"{port.name}{i}" for i, name in enumerate(names, 1) if name != f"{port.name}{i}"), None)
        if gap:
            text = f"the input `{gap}` has no wire, but `{names[-1]}` has one; wire the inputs without gaps"
            self._add("port-gap", text, port=gap)
        elif len(names) < port.fewest:
            text = f"it has {len(names)} of at least {port.fewest} inputs; draw a wire to `{port.name}{len(names) + 1}`"
            gap = f"{port.name}{len(names) + 1}"
            self._add("missing-input", text, port=gap)
        return gap is None

    def _add(self, code: str, text: str, *, port: str | None = None, field: str | None = None) -> None:
        network = self.around.network
        self.entry.problems.append(
            problem_at(self.node, "error", code, text, network, port=port, field=field)
        )


def _with_types(
    around: Surroundings, node: Node, layer: Layer, types: dict[str, TensorType | None]
) -> LayerReport:
    """What a layer makes of the types on its ports, where all are known."""
    for type in types.values():
        if type is None:
            return LayerReport(node, layer, types)
    given: Types = tuple(types.items())  # type: ignore[arg-type]  # none is None
    referred = (_referred(around, node, layer),) if layer.spec.references else ()
    found = infer(layer, given, *referred)
    if found.error is None and not (found.warnings or found.inner) and node.id not in around.lengths:
        return LayerReport(node, layer, types, found.outputs, [], found, {}, found.nested)
    problems = [
        problem_at(node, "warning", code, text, around.network, port=port)
        for code, port, text in found.warnings
    ]
    problems += [_within(node, problem) for problem in found.inner]
    if found.error is not None:
        problems += [] if found.error.code == IN_BLOCK else [_misfit(around, node, found.error, types)]
        return LayerReport(node, layer, types, problems=problems, nested=found.nested)
    lengths = dict(around.lengths.get(node.id, {}))
    outputs = {port: _with_lengths(t, lengths) if lengths else t for port, t in found.outputs.items()}
    carried = {axis: length.of for axis, length in lengths.items()}
    return LayerReport(node, layer, types, outputs, problems, found, carried, found.nested)


def _brought_in(around: Surroundings, given: Mapping[str, TensorType], node: Node) -> LayerReport:
    """An Input of a block, where the wire to its port decides what comes in."""
    layer, bad = resolve(node, around.names, around.graph)
    problems = [
        problem_at(node, "error", wrong.code, wrong.text, around.network, field=wrong.field) for wrong in bad
    ]
    if layer is None or problems or node.id not in given:
        return LayerReport(node, layer, problems=problems)
    scope = Scope(layer, ())
    scope.out = {"y": given[node.id]}
    return LayerReport(node, layer, {}, scope.out, [], Inference(scope.out, scope=scope))


def _within(node: Node, problem: Problem) -> Problem:
    """A problem inside a use of a block, with the way to it."""
    index = problem.path[0]
    place = f"{shown_id(node)}[{index}]" if node.values.get("repeat", 1) != 1 else shown_id(node)
    return replace(problem, message=f"in {place}: {problem.message}", path=(node.id, *problem.path))


def _referred(around: Surroundings, node: Node, layer: Layer) -> TensorType | None:
    """The type of the Input that this layer names in a field (lengths name whose they are)."""
    for name in layer.spec.references:
        id = getattr(layer, name)
        if id is None:
            continue
        graph = around.graph
        if id not in graph or id == node.id or not is_input(graph.node(id)):
            return None
        named, _ = resolve(graph.node(id), around.names, graph)
        return infer(named, ()).outputs.get("y") if named else None
    return None


def _misfit(
    around: Surroundings, node: Node, error: Misfit, types: Mapping[str, TensorType | None]
) -> Problem:
    given = types.get(error.port or "")
    problem = problem_at(
        node, "error", error.code, error.text, around.network, port=error.port, field=error.field
    )
    return replace(problem, wanted=error.wanted, got=given.shape if given else None)


def problem_at(
    node: Node,
    severity: Severity,
    code: str,
    text: str,
    network: str,
    *,
    port: str | None = None,
    field: str | None = None,
) -> Problem:
    """A problem of one layer, whose name goes in front of the sentence."""
    message = f"{shown_id(node)} ({node.type[:60]}): {text}"
    return Problem(severity, code, message, node.id, port, field, network, (node.id,))


def shown_id(node: Node) -> str:
    """How sentences call a layer."""
    return node.id[:60] if node.id.isidentifier() else repr(node.id[:60])


def _with_lengths(given: TensorType, lengths: Mapping[int, Length]) -> TensorType:
    return replace(given, lengths=tuple(lengths.get(axis) for axis in range(len(given.shape))))


def _withholds(source: LayerReport, port: str) -> bool:
    """Whether a layer that is right gives no value at this port."""
    return source.inference is not None and port not in source.outputs


def _wire_trouble(
    around: Surroundings, wire: Wire, spec: Spec, found: Mapping[str, Wire]
) -> tuple[str, str] | None:
    """The code and sentence of a wire that can't be, or None."""
    source = around.layers[wire.source]
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
    cls = layer_type(source.node, around.graph)
    if cls is not None and cls.spec.output(wire.source_port) is None:
        known = ", ".join(f"`{port.name}`" for port in cls.spec.outputs) or "none"
        place = f"`{wire.source_port[:60]}` of {wire.source[:60]!r}"
        return "unknown-port", f"a wire comes from {place}, whose outputs are {known}; move it"
    if cls is not None and _withholds(source, wire.source_port):
        place = f"`{wire.source_port[:60]}` of {wire.source[:60]!r}"
        return (
            CODE if source.node.bypass else "withheld",
            f"a wire comes from {place}, but {cls.withheld[wire.source_port]}",
        )
    return None


def _port_names(port: Port, found: Mapping[str, Wire]) -> list[str]:
    if not port.variadic:
        return [port.name] if port.name in found else []
    numbered = sorted((variadic_index(port, name), name) for name in found)
    return [name for index, name in numbered if index]
