"""What could go where: which layers fit behind a port, and whether a wire would fit. Tried, never assumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from designer.canvas.adding.search import Fit, Hit
from designer.canvas.arranging.places import made_layer
from designer.canvas.views import PortKey
from graph_ir.adapters import takes
from graph_ir.bind import bind
from graph_ir.block_graphs import within
from graph_ir.block_library import LibraryBlock, is_there, library
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
Answer = Callable[[type[Layer]], tuple[Fit, str]]


def signature_words(spec: Spec) -> str:
    """A type's ports on one line: `N C H W → N out_channels H' W'`."""
    sides = (" , ".join(port.axes for port in ports) for ports in (spec.inputs, spec.outputs))
    return " → ".join(side or "–" for side in sides)


def hits(
    design: Design,
    report: Report,
    network: str = "",
    source: PortKey | None = None,
    target: PortKey | None = None,
) -> list[Hit]:
    """What could go behind `source`, or in front of `target`: every layer type, the design's blocks, and those that
    come with the program. Each has its `place` among what is equally close: what is common, and made for images, first.
    """
    offered = [hit for name in design.networks if name != TOP if (hit := _own_block(design, network, name))]
    offered += [_from_library(block) for block in library() if not is_there(design, block)]
    answer = _answer(design, report, network, source, target)
    fitted = [_with_port(hit, source) for hit in offered]
    return fitted + [
        _layer_hit(cls, answer, not len(design.networks[network])) for cls in catalogue().values()
    ]


def _layer_hit(cls: type[Layer], answer: Answer, is_first: bool) -> Hit:
    spec = cls.spec
    fit, note = answer(cls)
    return Hit(
        type=spec.type,
        summary=spec.summary.replace("`", ""),
        signature=signature_words(spec),
        category=spec.category.key,
        aliases=spec.aliases,
        fit=fit,
        note=note,
        place=_place(spec, is_first),
    )


def _place(spec: Spec, is_first: bool) -> int:
    """Where a type stands among what is equally close: a network begins with an input, which later comes last."""
    if spec.trait in BOUNDARY:
        return -1 if is_first and spec.trait == "input" else 100
    ranks = {port.rank for port in spec.inputs[:1]}
    return (0 if spec.common else 10) + (0 if ranks == {4} else 1 if ranks & {None, 3} else 2)


def _own_block(design: Design, network: str, name: str) -> Hit | None:
    """A use of a block; None where it would lie inside itself."""
    cls = layer_type(Node(name, BLOCK, {"block": name}), design.networks[network])
    if cls is None or network in within(design.networks, name):
        return None
    many = sum(used == name for graph in design.networks.values() for used in graph.uses.values())
    open_ = [f"`{one}`" for one, default in design.networks[name].parameters.items() if default is None]
    return Hit(
        type=name,
        summary=f"a block of this design, used {many} times"
        if many != 1
        else "a block of this design, used once",
        signature=signature_words(cls.spec),
        category=cls.spec.category.key,
        note=f"set {' and '.join(open_)} then" if open_ else "",
        block=True,
        parameters=tuple(design.networks[name].parameters),
        place=5,
    )


def _from_library(block: LibraryBlock) -> Hit:
    return Hit(
        type=block.name,
        title=block.title,
        summary=f"Block: {block.summary}",
        signature=signature_words(block.spec),
        category=block.spec.category.key,
        block=True,
        library=block.name,
        parameters=tuple(block.networks[block.name].parameters),
        values={"parameters": dict(block.parameters)} if block.parameters else {},
        place=20,
    )


def _with_port(hit: Hit, source: PortKey | None) -> Hit:
    """A block says what is to be set, once there is something to wire it behind."""
    return replace(hit, fit=Fit.ADAPTED if hit.note else Fit.FITS) if source else replace(hit, note="")


def _answer(
    design: Design, report: Report, network: str, source: PortKey | None, target: PortKey | None
) -> Answer:
    """What says of each type whether it goes with the port in hand."""
    if source is not None:
        given = _given(report, source)
        return lambda cls: _behind(cls, design, network, source, given)
    if target is not None:
        layer = made_layer(design.networks[network], target[0])
        return lambda cls: in_front(cls, layer, target)
    return lambda _cls: (Fit.FITS, "")


def _given(report: Report, source: PortKey) -> TensorType | None:
    entry = report.layers.get(source[0])
    return entry.outputs.get(source[1]) if entry else None


def _behind(
    cls: type[Layer], design: Design, network: str, source: PortKey, given: TensorType | None
) -> tuple[Fit, str]:
    spec = cls.spec
    if not spec.inputs:
        return Fit.REFUSED, f"{spec.type} has no input that could take this wire; Shift+Enter adds it alone."
    if given is None:
        return Fit.FITS, ""
    adapters = _adapters(design, network, spec.type, source) if spec.adapters else []
    if adapters:
        return Fit.ADAPTED, f"after a {' and a '.join(adapters)}, which comes with it"
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


def in_front(cls: type[Layer], layer: Layer | None, target: PortKey) -> tuple[Fit, str]:
    """Whether what a type gives could go to an input: by what its ports say, or what it gives for certain."""
    spec = cls.spec
    if not spec.outputs:
        return Fit.REFUSED, f"{spec.type} has no output that could go there; Shift+Enter adds it alone."
    wanted = layer.spec.input(target[1]) if layer is not None else None
    if layer is None or wanted is None:
        return Fit.FITS, ""
    given = next((port for port in spec.outputs if port.name == "y"), spec.outputs[0])
    if not spec.inputs:
        return _without_inputs(cls, layer, target)
    if given.rank is not None and wanted.rank is not None and given.rank != wanted.rank:
        return (
            Fit.REFUSED,
            f"`{target[1]}` of {layer.spec.type} takes {wanted.rank} axes, {spec.type} gives {given.rank}",
        )
    if given.dtypes and not set(given.dtypes) & set(wanted.dtypes):
        return (
            Fit.REFUSED,
            f"`{target[1]}` of {layer.spec.type} takes {' or '.join(wanted.dtypes)}, "
            f"{spec.type} gives {' or '.join(given.dtypes)}",
        )
    return Fit.FITS, ""


def _without_inputs(cls: type[Layer], layer: Layer, target: PortKey) -> tuple[Fit, str]:
    """What begins a network gives what its fields say, so that another value may fit."""
    made, _ = build(cls, cls.spec.start_values())
    result = infer(made, ()) if made is not None else None
    if result is None or result.error is not None:
        return Fit.FITS, ""
    given = next(iter(result.outputs.values()))
    wrong = misfit(layer, {target[1]: given})
    return (Fit.ADAPTED, f"set its fields then: {wrong}") if wrong else (Fit.FITS, "")


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
