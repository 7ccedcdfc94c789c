"""Where the cards of a network stand, and which inputs stand on a chip beside their loss."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from designer.canvas.arranging.layout import Link, arrange
from designer.canvas.arranging.new_places import new_places
from designer.canvas.views import ChipView
from designer.canvas.words import short
from designer.theme import Sizes
from graph_ir.graph import Design, Graph, Wire
from graph_ir.kinds import Json
from graph_ir.report import Report
from graph_ir.resolve import layer_type, names_of, resolve
from graph_ir.spec import Layer, Spec, variadic_index

Places = dict[str, tuple[float, float]]
CHIP_EDGES, CHIP_PART, CHIP_LETTER = 48.0, 18.0, 7.5  # pixels


def positions(
    design: Design, report: Report, sizes: Sizes, network: str = "", known: Places | None = None
) -> Places:
    """Where every layer stands: as `known` or the design says, else by layout, else below what it reads."""
    graph = design.networks[network]
    given = stored(design.layout, network) | (known or {})
    found: Places = {name: given[name] for name in graph.ids() if name in given}
    missing = [name for name in report.order or graph.ids() if name not in found]
    if not missing:
        return found
    owners = {name: chip.loss for chip in chips(graph, report) for name, _ in chip.parts}
    if not found.keys() - owners.keys():
        return tidy(design, report, sizes, network)
    return found | new_places(graph, missing, found, owners, sizes)


def tidy(
    design: Design,
    report: Report,
    sizes: Sizes,
    network: str = "",
    *,
    only: Collection[str] | None = None,
    known: Places | None = None,
) -> Places:
    """The automatic layout of a whole network, or of `only` some layers; what stands on a chip comes with its loss.

    Layers that stand at `known` places keep their order where nothing speaks against it.
    """
    graph = design.networks[network]
    found = chips(graph, report)
    owner = {name: chip.loss for chip in found for name, _ in chip.parts}
    cards = [name for name in graph.ids() if name not in owner and (only is None or name in only)]
    places = arrange(
        cards,
        links(graph, cards),
        row_pitch=sizes.row_pitch,
        column_pitch=sizes.column_pitch,
        room={chip.loss: _width(chip) for chip in found},
        known=known,
    )
    return places | {
        name: (places[loss][0] + sizes.column_pitch, places[loss][1])
        for name, loss in owner.items()
        if loss in places
    }


def links(graph: Graph, names: Iterable[str]) -> list[Link]:
    """The wires between layers as the layout reads them, with the order of their ports."""
    inside = dict.fromkeys(names)
    found: list[Link] = []
    for name in inside:
        spec = spec_of(graph, name)
        ports = {port.name: number for number, port in enumerate(spec.inputs)} if spec else {}
        for wire in graph.wires_into(name):
            if wire.source in inside:
                out = _out_number(graph, wire)
                found.append(Link(wire.source, name, out, _in_number(spec, ports, wire.target_port)))
        pairs = _beside_its_reference(graph, name)
        found += [Link(*pair, out=0.0, into=1e6, faint=True) for pair in pairs if pair[1] in inside]
    return found


def _in_number(spec: Spec | None, ports: Mapping[str, int], port: str) -> float:
    """What orders the inputs of a layer: as declared, the many of a variadic one by their number."""
    declared = spec.input(port) if spec else None
    if spec is None or declared is None:
        return 1e6
    number = variadic_index(declared, port) if declared.variadic else 0
    return ports[declared.name] + number / 1e6


def _out_number(graph: Graph, wire: Wire) -> float:
    spec = spec_of(graph, wire.source)
    names = [port.name for port in spec.outputs] if spec else []
    return float(names.index(wire.source_port)) if wire.source_port in names else float(len(names))


def _width(chip: ChipView) -> float:
    """Room for a chip beside its card, a little more than its words need in any font."""
    return CHIP_EDGES + sum(CHIP_PART + CHIP_LETTER * len(words) for _, words in chip.parts)


def _beside_its_reference(graph: Graph, name: str) -> list[tuple[str, str]]:
    """What stands apart but names another layer (the lengths of an Input): laid out as if it fed its reader."""
    spec = spec_of(graph, name)
    if spec is None or graph.wires_from(name) or graph.wires_into(name):
        return []
    named = [graph.node(name).values.get(field) for field in spec.references]
    return [(name, w.target) for other in named if other in graph for w in graph.wires_from(str(other))[:1]]


def stored(layout: Mapping[str, Any], network: str) -> Places:
    """The section's positions that can be read; what is damaged there is passed over."""
    read = ((name, read_place(raw)) for name, raw in raw_places(layout, network).items())
    return {name: place for name, place in read if place is not None}


def raw_places(layout: Mapping[str, Any], network: str) -> Mapping[str, Json]:
    """The section's positions as they stand there, unread: an edit puts another entry in the place of one."""
    section: Any = layout.get("blocks", {}).get(network) if network else layout.get("network")
    layers = section.get("layers") if isinstance(section, Mapping) else None
    return layers if isinstance(layers, Mapping) else {}


def read_place(raw: object) -> tuple[float, float] | None:
    """A position of the section; None where it cannot be read."""
    if isinstance(raw, list | tuple) and len(raw) == 2 and _is_number(raw[0]) and _is_number(raw[1]):
        return float(raw[0]), float(raw[1])
    return None


def whole(pixels: float) -> float:
    """The same number as an int where it is one, so that a file says 96 and not 96.0."""
    return int(pixels) if float(pixels).is_integer() else pixels


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e7


def chips(graph: Graph, report: Report) -> tuple[ChipView, ...]:
    """For each loss the targets and lengths that go to it alone, in the order of its ports."""
    found = []
    for name in graph.ids():
        spec = spec_of(graph, name)
        if spec is None or spec.trait != "loss":
            continue
        order = {port.name: number for number, port in enumerate(spec.inputs)}
        wires = sorted(graph.wires_into(name), key=lambda wire: order.get(wire.target_port, 99))
        parts = {
            wire.source: graph.node(wire.source).label or wire.source
            for wire in wires
            if report.role_of(wire.source) in ("target", "lengths")
            and all(other.target == name for other in graph.wires_from(wire.source))
        }
        if parts:
            found.append(ChipView(name, tuple((part, short(words, 24)) for part, words in parts.items())))
    return tuple(found)


def made_layer(graph: Graph, name: str) -> Layer | None:
    """The layer with its values, whether or not it is wired yet; None where its fields are wrong."""
    node = graph.node(name)
    return (
        resolve(node, names_of(graph.parameters, graph.nodes()), graph)[0]
        if layer_type(node, graph)
        else None
    )


def spec_of(graph: Graph, name: str) -> Spec | None:
    """A layer's declaration; None for a placeholder."""
    cls = layer_type(graph.node(name), graph)
    return cls.spec if cls else None
