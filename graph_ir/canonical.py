"""The canonical text of a design: same design, same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from graph_ir.annotations import bends_from
from graph_ir.graph import TOP, Design, Graph, Node
from graph_ir.kinds import BadValue, Json, is_expression
from graph_ir.resolve import layer_type
from graph_ir.spec import FieldSpec, Spec

FORMAT, VERSION = "layerloom", 1


def dump(design: Design, format: str = FORMAT) -> str:
    """The canonical text: sections in a fixed order, one layer or wire per line, only what differs from a default."""
    parts = [f'"format": "{format}"', f'"version": {VERSION}']
    if design.about:
        parts.append(f'"about": {_lines(design.about, 1)}')
    parts.append(f'"network": {_network_text(design.top, 1)}')
    blocks = [f"{_json(name)}: {block_text(graph)}" for name, graph in design.networks.items() if name != TOP]
    if blocks:
        parts.append(f'"blocks": {_block(blocks, 1)}')
    if design.training:
        parts.append(f'"training": {_lines(design.training, 1)}')
    if design.layout:
        parts.append(f'"layout": {_layout_text(design)}')
    if design.diagram:
        parts.append(f'"diagram": {_lines(design.diagram, 1)}')
    parts += [f"{_json(key)}: {_json(value)}" for key, value in sorted(design.extra.items())]
    return "{\n  " + ",\n  ".join(parts) + "\n}\n"


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True)


def _lines(section: Mapping[str, Json], depth: int) -> str:
    """An object with one key per line."""
    return _block([f"{_json(key)}: {_json(value)}" for key, value in sorted(section.items())], depth)


def _block(lines: list[str], depth: int, brackets: str = "{}") -> str:
    if not lines:
        return brackets
    pad = "  " * depth
    return f"{brackets[0]}\n{pad}  " + f",\n{pad}  ".join(lines) + f"\n{pad}{brackets[1]}"


def _network_text(graph: Graph, depth: int, *, parameters: bool = True) -> str:
    layers = [f"{_json(node.id)}: {_node_text(node, graph)}" for node in graph]
    wires = [_json([f"{w.source}.{w.source_port}", f"{w.target}.{w.target_port}"]) for w in graph.wires()]
    parts = [f'"layers": {_block(layers, depth + 1)}', f'"wires": {_block(wires, depth + 1, "[]")}']
    if parameters and graph.parameters:
        parts.insert(0, f'"parameters": {_json(graph.parameters)}')
    return _block(parts, depth)


def block_text(graph: Graph) -> str:
    """The text of a block, whose parameters keep their order, which is that of its arguments."""
    parts = [f'"network": {_network_text(graph, 3, parameters=False)}']
    if graph.parameters:
        parts.insert(0, f'"parameters": {json.dumps(graph.parameters, ensure_ascii=False, allow_nan=False)}')
    return _block(parts, 2)


def _layout_text(design: Design) -> str:
    """The sheet of each network; whatever else is there is kept."""
    parts: list[str] = []
    for key, value in sorted(design.layout.items()):
        if key == "network" and isinstance(value, dict):
            parts.append(f'"network": {_sheet_text(value, design.top, 2)}')
        elif key == "blocks" and isinstance(value, dict):
            inner = [
                f"{_json(name)}: {_sheet_text(each, design.networks.get(name), 3)}"
                for name, each in sorted(value.items())
            ]
            parts.append(f'"blocks": {_block(inner, 2)}')
        else:
            parts.append(f"{_json(key)}: {_json(value)}")
    return _block(parts, 1)


def _sheet_text(section: Mapping[str, Json], graph: Graph | None, depth: int) -> str:
    """One position, frame, comment, bent wire or note per line; what belongs to layers or wires in their order."""
    place = {id: i for i, id in enumerate(graph.ids() if graph is not None else ())}

    def order(id: str) -> tuple[int, str]:
        return place.get(id, len(place)), id

    lines: dict[str, str] = {"layers": _block([], depth + 1)}
    for key, value in sorted(section.items(), key=lambda item: (item[0] != "layers", item[0])):
        if key in ("layers", "notes") and isinstance(value, dict):
            ordered = sorted(value.items(), key=lambda item: order(item[0]))
            lines[key] = _block([f"{_json(id)}: {_json(each)}" for id, each in ordered], depth + 1)
        elif key in ("frames", "comments", "wires") and isinstance(value, list):
            listed = _along_wires(value, order) if key == "wires" else value
            lines[key] = _block([_json(each) for each in listed], depth + 1, "[]")
        elif key == "hidden" and isinstance(value, list):
            lines[key] = _json(sorted(value, key=lambda id: order(str(id))))
        else:
            lines[key] = _json(value)
    return _block([f"{_json(key)}: {text}" for key, text in lines.items()], depth)


def _along_wires(raw: list[Json], order: Callable[[str], tuple[int, str]]) -> list[Json]:
    """The bends of wires in the order of the wires; what is none stands behind them."""

    def of_wire(each: Json) -> tuple[object, ...]:
        found = bends_from(each)
        if found is None:
            return (True, _json(each))
        wire = found[0]
        return (
            False,
            order(wire.source),
            order(wire.target),
            wire.target_port,
            wire.source_port,
            _json(each),
        )

    return sorted(raw, key=of_wire)


def _node_text(node: Node, graph: Graph) -> str:
    entry: dict[str, Json] = {"type": node.type}
    if node.label:
        entry["label"] = node.label
    if node.bypass:
        entry["bypass"] = True
    entry |= canonical_values(node, graph)
    return "{" + ", ".join(f"{_json(key)}: {_json(value)}" for key, value in entry.items()) + "}"


def canonical_values(node: Node, graph: Graph) -> dict[str, Json]:
    """The fields that differ from their default, in the order of the declaration, then unknown ones by name."""
    cls = layer_type(node, graph)
    if cls is None:
        return dict(sorted(node.values.items()))
    known = {
        field.name: _canonical(node.values[field.name], field)
        for field in cls.spec.fields.values()
        if field.name in node.values and not _is_default(node.values[field.name], field, cls.spec)
    }
    return known | {key: value for key, value in sorted(node.values.items()) if key not in cls.spec.fields}


def _is_default(raw: Json, field: FieldSpec, spec: Spec) -> bool:
    if field.required or is_expression(raw):
        return False
    try:
        return bool(field.kind.convert(raw) == field.default)
    except (BadValue, TypeError):
        return False


def _canonical(raw: Json, field: FieldSpec) -> Json:
    if is_expression(raw) or (isinstance(raw, list) and any(map(is_expression, raw))):
        return raw
    try:
        return field.kind.dump(field.kind.convert(raw))
    except BadValue:
        return raw
