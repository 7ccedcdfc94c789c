"""What could go where: which layers fit behind a port, and whether a wire would fit. Tried, never assumed."""

from __future__ import annotations

from collections.abc import Mapping

from designer.canvas.places import made_layer
from designer.canvas.search import Fit, Hit
from designer.canvas.views import PortKey
from graph_ir.adapters import takes
from graph_ir.bind import bind
from graph_ir.build import build
from graph_ir.changes import SetNode
from graph_ir.edits import Refused, add_layer, connect
from graph_ir.graph import Design, Graph, Wire
from graph_ir.infer import Scope, infer
from graph_ir.layers import catalogue
from graph_ir.problems import Misfit
from graph_ir.report import Report
from graph_ir.signature import Port, TensorType
from graph_ir.spec import Layer, Spec

BOUNDARY = ("input", "output")


def signature_words(spec: Spec) -> str:
    """A type's ports on one line: `N C H W → N out_channels H' W'`."""
    sides = (" , ".join(port.axes for port in ports) for ports in (spec.inputs, spec.outputs))
    return " → ".join(side or "–" for side in sides)


def hits(design: Design, report: Report, network: str = "", source: PortKey | None = None) -> list[Hit]:
    """Every layer type as an offer behind `source`: the common ones first, the network's boundary after them."""
    given = _given(report, source)
    types = sorted(catalogue().values(), key=lambda cls: (not cls.spec.common, cls.spec.trait in BOUNDARY))
    return [_hit(cls, design, network, source, given) for cls in types]


def _given(report: Report, source: PortKey | None) -> TensorType | None:
    entry = report.layers.get(source[0]) if source else None
    return entry.outputs.get(source[1]) if entry and source else None


def _hit(
    cls: type[Layer], design: Design, network: str, source: PortKey | None, given: TensorType | None
) -> Hit:
    spec = cls.spec
    fit, note = Fit.FITS, ""
    if source is not None and not spec.inputs:
        fit, note = (
            Fit.REFUSED,
            f"{spec.type} has no input that could take this wire; Shift+Enter adds it alone.",
        )
    elif source is not None and given is not None:
        fit, note = _fit(cls, design, network, source, given)
    return Hit(
        type=spec.type,
        summary=spec.summary.replace("`", ""),
        signature=signature_words(spec),
        category=spec.category.key,
        aliases=spec.aliases,
        fit=fit,
        note=note,
    )


def _fit(
    cls: type[Layer], design: Design, network: str, source: PortKey, given: TensorType
) -> tuple[Fit, str]:
    spec = cls.spec
    adapters = _adapters(design, network, spec.type, source) if spec.adapters else []
    if adapters:
        return Fit.ADAPTED, f"with {' and '.join(adapters)} in front"
    values = spec.start_values()
    layer, _ = build(cls.declared_by(values), values)
    if layer is None:
        return Fit.FITS, ""
    ports = layer.spec.inputs
    port = next((port for port in ports if takes(port, given)), ports[0])  # where the edit wires it
    error = _error(layer, {f"{port.name}1" if port.variadic else port.name: given})
    if error is None:
        return Fit.FITS, ""
    if error.field is not None:  # its palette value does not fit here, another one may
        return Fit.ADAPTED, f"set `{error.field}` then: {error.text}"
    return Fit.REFUSED, error.text


def _adapters(design: Design, network: str, type: str, source: PortKey) -> list[str]:
    """The types that the edit would bring in front of the new layer."""
    try:
        edit = add_layer(design, network, type, after=source)
    except Refused:
        return []
    brought = {
        change.id: change.new.type for change in edit.changes if isinstance(change, SetNode) and change.new
    }
    types = [brought[name] for name in edit.added[1:]]
    return [brought_type for brought_type in types if catalogue()[brought_type].spec.inputs]


def misfit(layer: Layer, types: Mapping[str, TensorType]) -> str | None:
    """Why a layer cannot take these types, in words; None where it can, as far as its wires tell yet."""
    error = _error(layer, types)
    return error.text if error else None


def _error(layer: Layer, types: Mapping[str, TensorType]) -> Misfit | None:
    wired = tuple(types.items())
    if all(_is_wired(port, types) for port in layer.spec.inputs):
        return infer(layer, wired).error
    try:
        bind(Scope(layer, wired))
    except Misfit as error:
        return error
    return None


def _is_wired(port: Port, types: Mapping[str, TensorType]) -> bool:
    if port.optional:
        return True
    return f"{port.name}{port.fewest}" in types if port.variadic else port.name in types


def refusal(design: Design, network: str, wire: Wire) -> str | None:
    """Why this wire cannot be drawn at all; None where it can."""
    try:
        connect(design, network, wire)
    except Refused as error:
        return str(error)
    return None


def wire_misfit(graph: Graph, report: Report, wire: Wire) -> str | None:
    """Why what the wire brings would not fit its port; None where it does or nothing is known yet."""
    given, layer = report.wire_type(wire), made_layer(graph, wire.target)
    if layer is None or given is None:
        return None
    types = {other.target_port: report.wire_type(other) for other in graph.wires_into(wire.target)}
    known = {port: type for port, type in types.items() if type is not None and layer.spec.input(port)}
    return misfit(layer, known | {wire.target_port: given})
