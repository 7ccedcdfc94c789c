"""From a layer and from a wire to what the canvas paints of them. Knows declarations, no layer by name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from designer.canvas.arranging.places import made_layer, spec_of
from designer.canvas.ports import input_ports, output_ports, spare_inputs, spare_outputs
from designer.canvas.views import CardView, PortView, Severity, WireView
from designer.canvas.words import axis_views, shape_words, short, value_words
from graph_ir.annotations import Annotations
from graph_ir.graph import Graph, Wire
from graph_ir.problems import Problem
from graph_ir.report import LayerReport, Report
from graph_ir.signature import TensorType
from graph_ir.use_words import block_of, parameter_words, times_words, use_words

RANK: tuple[Severity, ...] = ("error", "warning", "hint")


def worst(problems: Iterable[Problem]) -> Severity | None:
    """The gravest severity among problems."""
    return min((problem.severity for problem in problems), key=RANK.index, default=None)


Located = Mapping[tuple[str | None, str | None], Sequence[Problem]]
"""Problems by layer and port; those of a layer itself under None."""


def card_view(
    graph: Graph,
    layer: LayerReport,
    place: tuple[float, float],
    problems: Located,
    hidden: Collection[str],
    sheet: Annotations,
    *,
    shares: bool,
) -> CardView:
    """A layer's card; `hidden` layers stand on a chip, `problems` are those of the network by place."""
    node, spec = layer.node, spec_of(graph, layer.node.id)
    spare, unread = spare_inputs(graph, node.id), spare_outputs(graph, node.id)
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
            PortView(port, _note(port, layer.outputs.get(port), ()), spare=port in unread)
            for port in output_ports(graph, node.id)
        ),
        position=place,
        problem=worst(layer.problems),
        note="\n".join(problem.message for problem in layer.problems),
        bypassed=node.bypass,
        is_hidden=node.id in sheet.hidden,
        remark=sheet.notes.get(node.id, ""),
    )


def _repeats(layer: LayerReport) -> list[str]:
    words = times_words(layer)
    return [words] if words else []


def _values(graph: Graph, layer: LayerReport) -> list[str]:
    """The fields of a layer; of a use of a block the parameters it gives."""
    if block_of(layer.node):
        return [short(f"{name} {words}", 40) for name, words in parameter_words(layer).items()]
    return value_words(layer.node, layer.layer or made_layer(graph, layer.node.id))


def _note(port: str, given: TensorType | None, problems: Iterable[Problem]) -> str:
    first = port if given is None else f"{port}  {shape_words(given)}  {given.dtype}"
    return "\n".join((first, *(problem.message for problem in problems)))


def wire_view(report: Report, wire: Wire, problems: Located, sheet: Annotations) -> WireView:
    """A wire with the shape on it."""
    found = problems.get((wire.target, wire.target_port), ())
    errors = [problem for problem in found if problem.severity == "error"]
    given = report.wire_type(wire)
    return WireView(
        source=(wire.source, wire.source_port),
        target=(wire.target, wire.target_port),
        axes=axis_views(given, _before(report, wire.source), errors) if given is not None else (),
        error=bool(errors),
        note="\n".join(problem.message for problem in found),
        bends=sheet.bends.get(wire, ()),
    )


def _before(report: Report, name: str) -> TensorType | None:
    """What flows on the wire before: the first input of the layer a wire comes from."""
    inputs = report.layers[name].inputs
    return next((given for given in inputs.values() if given is not None), None)
