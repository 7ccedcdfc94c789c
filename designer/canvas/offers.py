"""What could go where: which layers fit behind a port, and whether a wire would fit. Tried, never assumed."""

from __future__ import annotations

from collections.abc import Mapping

from designer.canvas.places import made_layer
from designer.canvas.search import Fit, Hit
from designer.canvas.views import PortKey
from graph_ir.adapters import takes
from graph_ir.bind import bind
from graph_ir.block_graphs import within
from graph_ir.build import build
from graph_ir.changes import SetNode
from graph_ir.edits import Refused, add_layer, connect
from graph_ir.graph import BLOCK, TOP, Design, Graph, Node, Wire
from graph_ir.infer import Scope, infer
from graph_ir.layers import catalogue
from graph_ir.problems import Misfit
from graph_ir.report import Report
from graph_ir.resolve import layer_type
from graph_ir.signature import Port, TensorType
from graph_ir.spec import Layer, Spec

BOUNDARY = ("input", "output")


def signature_words(spec: Spec) -> str:
    """A type's ports on one line: `N C H W → N out_channels H' W'`."""
    sides = (" , ".join(port.axes for port in ports) for ports in (spec.inputs, spec.outputs))
    return " → ".join(side or "–" for side in sides)


def hits(design: Design, report: Report, network: str = "", source: PortKey | None = None) -> list[Hit]:
    """What could go behind `source`: the design's blocks, then every layer type, the common ones first and the
    network's boundary after them.
    """
    given = _given(report, source)
    blocks = [_block_hit(design, network, name, source) for name in design.networks if name != TOP]
    types = sorted(catalogue().values(), key=lambda cls: (not cls.spec.common, cls.spec.trait in BOUNDARY))
    offered = [hit for hit in blocks if hit is not None]
    return offered + [_hit(cls, design, network, source, given) for cls in types]


def _block_hit(design: Design, network: str, name: str, source: PortKey | None) -> Hit | None:
    """A use of a block; None where it would lie inside itself."""
    node = Node(name, BLOCK, {"block": name})
    cls = layer_type(node, design.networks[network])
    if cls is None or network in within(design.networks, name):
        return None
    many = sum(used == name for graph in design.networks.values() for used in graph.uses.values())
    open_ = [f"`{one}`" for one, default in design.networks[name].parameters.items() if default is None]
    refused = source is not None and not cls.spec.inputs
    note = f"set {' and '.join(open_)} then" if open_ and source is not None else ""
    return Hit(
        type=name,
        summary=f"a block of this design, used {many} times"
        if many != 1
        else "a block of this design, used once",
        signature=signature_words(cls.spec),
        category=cls.spec.category.key,
        fit=Fit.REFUSED if refused else Fit.ADAPTED if note else Fit.FITS,
        note="It has no input that could take this wire; Shift+Enter adds it alone." if refused else note,
        block=True,
    )


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
