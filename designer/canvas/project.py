"""From a design and its check report to what the canvas paints. Knows declarations, no layer by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from designer.canvas.places import chips, made_layer, positions, spec_of
from designer.canvas.views import (
    CanvasView,
    CardView,
    CommentView,
    FrameView,
    PortView,
    Rect,
    Severity,
    WireView,
)
from designer.canvas.words import axis_views, shape_words, short, value_words
from designer.theme import Sizes
from graph_ir.annotations import annotations
from graph_ir.graph import Design, Graph, Wire
from graph_ir.problems import Problem
from graph_ir.report import LayerReport, Report
from graph_ir.signature import Port, TensorType
from graph_ir.spec import variadic_index
from graph_ir.use_words import block_of, parameter_words, sharing, times_words, use_words

RANK: tuple[Severity, ...] = ("error", "warning", "hint")


def project(design: Design, report: Report, sizes: Sizes, network: str = "") -> CanvasView:
    """Cards, wires and chips of one network, in file order."""
    graph = design.networks[network]
    shown = chips(graph, report)
    hidden = {name for chip in shown for name, _ in chip.parts}
    places, shared = positions(design, report, sizes, network), sharing(report)
    problems = _by_place(report)
    sheet = annotations(design.layout, network)
    cards = tuple(
        replace(
            _card(graph, report.layers[name], places[name], problems, hidden, shares=name in shared),
            remark=sheet.notes.get(name, ""),
            is_hidden=name in sheet.hidden,
        )
        for name in graph.ids()
        if name not in hidden
    )
    wires = tuple(
        replace(_wire(graph, report, wire, problems), bends=sheet.bends.get(wire, ()))
        for wire in graph.wires()
        if wire.source not in hidden
    )
    frames = tuple(
        FrameView(index, frame.title, Rect(*frame.rect), frame.colour)
        for index, frame in enumerate(sheet.frames)
    )
    comments = tuple(
        CommentView(index, comment.text, Rect(*comment.rect)) for index, comment in enumerate(sheet.comments)
    )
    return CanvasView(cards, wires, shown, frames, comments)


def _by_place(report: Report) -> dict[tuple[str | None, str | None], list[Problem]]:
    found: dict[tuple[str | None, str | None], list[Problem]] = {}
    for problem in report.problems:
        port = (
            problem.port if problem.layer == problem.at else None
        )  # of a layer inside a block: none of the use's
        found.setdefault((problem.at, port), []).append(problem)
    return found


def worst(problems: Iterable[Problem]) -> Severity | None:
    """The gravest severity among problems."""
    return min((problem.severity for problem in problems), key=RANK.index, default=None)


Located = Mapping[tuple[str | None, str | None], Sequence[Problem]]


def _card(
    graph: Graph,
    layer: LayerReport,
    place: tuple[float, float],
    problems: Located,
    hidden: set[str],
    *,
    shares: bool,
) -> CardView:
    node, spec = layer.node, spec_of(graph, layer.node.id)
    spare = _spare_inputs(graph, node.id)
    return CardView(
        id=node.id,
        title=short(block_of(node) or node.type, 60),
        name=short(node.label or node.id, 200),
        values=" · ".join([*_repeats(layer), *use_words(layer, shares=shares), *_values(graph, layer)]),
        count=f"{layer.parameters:,}".replace(",", "\u202f") if layer.parameters else "",
        category=spec.category.key if spec else "unknown",
        inputs=tuple(
            PortView(
                port,
                _note(
                    f"{port} (may stay free)" if port in spare else port,
                    layer.inputs.get(port),
                    problems.get((node.id, port), ()),
                ),
                worst(problems.get((node.id, port), ())),
                port in spare,
            )
            for port in input_ports(graph, node.id, hidden)
        ),
        outputs=tuple(
            PortView(port, _note(port, layer.outputs.get(port), ())) for port in output_ports(graph, node.id)
        ),
        position=place,
        problem=worst(layer.problems),
        note="\n".join(problem.message for problem in layer.problems),
    )


def _repeats(layer: LayerReport) -> list[str]:
    words = times_words(layer)
    return [words] if words else []


def _values(graph: Graph, layer: LayerReport) -> list[str]:
    """The fields of a layer; of a use of a block the parameters it gives."""
    if block_of(layer.node):
        return [short(f"{name} {words}", 40) for name, words in parameter_words(layer).items()]
    return value_words(layer.node, layer.layer or made_layer(graph, layer.node.id))


def input_ports(graph: Graph, name: str, hidden: Iterable[str] = ()) -> list[str]:
    """The inputs a card shows: as declared, at least two of a variadic one, none that a chip feeds."""
    spec, wires = spec_of(graph, name), graph.wires_into(name)
    wired = {wire.target_port for wire in wires}
    off = set(hidden)
    fed = {wire.target_port for wire in wires if wire.source in off}
    if spec is None:
        return sorted(wired - fed)
    ports: list[str] = []
    for port in spec.inputs:
        if not port.variadic:
            ports.append(port.name)
            continue
        many = {other for other in wired if spec.input(other) is port} | {f"{port.name}1", f"{port.name}2"}
        ports += sorted(many, key=lambda other: (len(other), other))
    strays = sorted(other for other in wired if spec.input(other) is None)
    return [port for port in (*ports, *strays) if port not in fed]


def _spare_inputs(graph: Graph, name: str) -> set[str]:
    """The inputs without a wire that need none: optional ones, and those of a variadic port beyond the fewest."""
    spec, wired = spec_of(graph, name), {wire.target_port for wire in graph.wires_into(name)}
    free = [port for port in input_ports(graph, name) if port not in wired] if spec else []
    return {port for port in free if spec and (found := spec.input(port)) and _is_spare(found, port)}


def _is_spare(port: Port, name: str) -> bool:
    return port.optional or (port.variadic and variadic_index(port, name) > port.fewest)


def output_ports(graph: Graph, name: str) -> list[str]:
    """The outputs a card shows: as declared, and what wires name beside them."""
    spec = spec_of(graph, name)
    declared = [port.name for port in spec.outputs] if spec else []
    return declared + sorted({wire.source_port for wire in graph.wires_from(name)} - set(declared))


def _note(port: str, given: TensorType | None, problems: Iterable[Problem]) -> str:
    first = port if given is None else f"{port}  {shape_words(given)}  {given.dtype}"
    return "\n".join((first, *(problem.message for problem in problems)))


def _wire(graph: Graph, report: Report, wire: Wire, problems: Located) -> WireView:
    found = problems.get((wire.target, wire.target_port), ())
    errors = [problem for problem in found if problem.severity == "error"]
    given = report.wire_type(wire)
    return WireView(
        source=(wire.source, wire.source_port),
        target=(wire.target, wire.target_port),
        axes=axis_views(given, _before(report, wire.source), errors) if given is not None else (),
        error=bool(errors),
        note="\n".join(problem.message for problem in found),
    )


def _before(report: Report, name: str) -> TensorType | None:
    """What flows on the wire before: the first input of the layer a wire comes from."""
    inputs = report.layers[name].inputs
    return next((given for given in inputs.values() if given is not None), None)


def free_inputs(graph: Graph, name: str) -> list[str]:
    """The inputs a wire could still go into; a variadic port always has one more."""
    wired = {wire.target_port for wire in graph.wires_into(name)}
    free = [port for port in input_ports(graph, name) if port not in wired]
    spec = spec_of(graph, name)
    if spec is None:
        return free
    for port in spec.inputs:
        if port.variadic and not any(spec.input(other) is port for other in free):
            free.append(f"{port.name}{1 + sum(spec.input(other) is port for other in wired)}")
    return free
