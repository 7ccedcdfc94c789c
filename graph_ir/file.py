"""The design file, `*.loom.json`: reading strictly, writing canonically (same design, same bytes)."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from graph_ir.atomic import atomic_write
from graph_ir.graph import TOP, Design, Graph, Node, Wire
from graph_ir.kinds import BadValue, Json, is_expression
from graph_ir.layers import catalogue
from graph_ir.spec import FieldSpec, Spec
from graph_ir.strict_json import LARGEST_FILE, NotJson, loads

FORMAT, VERSION = "layerloom", 1
SUFFIX = ".loom.json"
MOST_LAYERS, MOST_WIRES, LONGEST_ID = 10_000, 50_000, 200
_SECTIONS = ("about", "training", "layout", "diagram")
_LATER = ("block", "repeat", "when", "weights", "each")


class Unreadable(Exception):
    """A file that can't be read as a design. `text` is one sentence: `file:line: what, why, what next`."""

    def __init__(self, name: str, text: str, line: int | None = None) -> None:
        self.text = f"{name}:{line or 1}: {text}"
        super().__init__(self.text)


class _Wrong(Exception):
    """A place in the file and what is wrong there."""


def read(path: str | os.PathLike[str]) -> Design:
    """The design in a file. Raises Unreadable; nothing is written and no other file is looked at."""
    name = os.fspath(path)
    try:
        with open(name, "rb", opener=_open_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Unreadable(name, "it is no regular file; name a design file")
            data = file.read(LARGEST_FILE + 1)
    except IsADirectoryError:
        raise Unreadable(name, "it is a folder; name a design file in it") from None
    except FileNotFoundError:
        raise Unreadable(
            name, "there is no such file; check the name, or make one with `layerloom new`"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unreadable(name, f"it can't be read ({reason}); check its permissions") from None
    return parse(data, name)


def _open_without_waiting(path: str, flags: int) -> int:
    """A FIFO without a writer would block for ever."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def parse(data: bytes | str, name: str = "design") -> Design:
    """The design in the text of a file; `name` stands in messages. Raises Unreadable."""
    try:
        raw = loads(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
        return _design(raw)
    except NotJson as error:
        text = f"{error.text}; mend it there, or take an earlier copy of the file"
        raise Unreadable(name, text, error.line) from None
    except _Wrong as error:
        raise Unreadable(name, str(error)) from None


def _design(raw: Json) -> Design:
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise _Wrong(f'it is no Layerloom design: it must be an object with "format": "{FORMAT}"')
    version = raw.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _Wrong(f'"version" must be a whole number; this program writes {VERSION}')
    if version > VERSION:
        raise _Wrong(
            f"it needs a Layerloom that reads version {version}, this one reads {VERSION}; update Layerloom"
        )
    sections = {key: _object(raw.get(key, {}), key) for key in (*_SECTIONS, "blocks", "network")}
    if sections["blocks"]:
        raise _Wrong(
            "`blocks` come with a later version of Layerloom; draw the layers in the top network for now"
        )
    known = {"format", "version", "network", "blocks", *_SECTIONS}
    _check_layout(sections["layout"])
    return Design(
        about=sections["about"],
        networks={TOP: _network(sections["network"])},
        training=sections["training"],
        layout=sections["layout"],
        diagram=sections["diagram"],
        extra={key: value for key, value in raw.items() if key not in known},
    )


def _object(raw: Json, place: str) -> dict[str, Json]:
    if not isinstance(raw, dict):
        raise _Wrong(f"`{place}` must be an object, but is {_shown(raw)}; mend it")
    return raw


def _network(raw: Mapping[str, Json]) -> Graph:
    unknown = [key for key in raw if key not in ("parameters", "layers", "wires")]
    if unknown:
        raise _Wrong(
            f"`network` has the unknown key {_shown(unknown[0])}; it holds parameters, layers and wires"
        )
    graph = Graph(_parameters(_object(raw.get("parameters", {}), "network.parameters")))
    layers = _object(raw.get("layers", {}), "network.layers")
    wires = raw.get("wires", [])
    if not isinstance(wires, list):
        raise _Wrong(f"`network.wires` must be a list, but is {_shown(wires)}; mend it")
    if len(layers) > MOST_LAYERS or len(wires) > MOST_WIRES:
        raise _Wrong(
            f"it has {len(layers):,} layers and {len(wires):,} wires, but at most {MOST_LAYERS:,} and {MOST_WIRES:,} "
            "are read; split the design"
        )
    for id, entry in layers.items():
        graph.add(_node(id, _object(entry, f"network.layers.{id[:60]}")))
    _check_lengths(graph)
    for i, entry in enumerate(wires):
        _add_wire(graph, entry, f"network.wires[{i}]")
    return graph


def _parameters(raw: dict[str, Json]) -> dict[str, Json]:
    for name, value in raw.items():
        if not name.isidentifier() or not name.isascii():
            raise _Wrong(
                f"`network.parameters` has the name {_shown(name)}; a parameter's name must be an identifier"
            )
        if isinstance(value, dict | list):
            raise _Wrong(
                f"`network.parameters.{name[:60]}` must be a number, text, true, false or null; mend it"
            )
    return raw


def _node(id: str, raw: dict[str, Json]) -> Node:
    if not 1 <= len(id) <= LONGEST_ID:
        raise _Wrong(
            f"a layer's id has {len(id)} characters, but 1 to {LONGEST_ID} are allowed; shorten {_shown(id)}"
        )
    place = f"network.layers.{id[:60]}"
    type, label = raw.get("type"), raw.get("label", "")
    if not isinstance(type, str) or not isinstance(label, str):
        what = "type" if not isinstance(type, str) else "label"
        raise _Wrong(f"`{place}.{what}` must be text, but is {_shown(raw.get(what))}; mend it")
    if type in ("Block", "ExternalModule") or any(key in raw for key in _LATER):
        raise _Wrong(
            f"`{place}` uses blocks, which come with a later version of Layerloom; draw its layers for now"
        )
    values = {key: value for key, value in raw.items() if key not in ("type", "label")}
    cls = catalogue().get(type)
    if cls is not None:
        for field in cls.spec.fields.values():
            if field.name in values:
                _check_type(values[field.name], field, place)
    return Node(id, type, values, label)


def _check_type(raw: Json, field: FieldSpec, place: str) -> None:
    if is_expression(raw) or field.kind.accepts(raw):
        return
    raise _Wrong(f"`{place}.{field.name}` is {_shown(raw)}, but must be {field.kind.describe()}; mend it")


def _check_lengths(graph: Graph) -> None:
    """Lengths that layers would have to carry are not computed yet: better said than computed wrongly."""
    for node in graph:
        of = node.values.get("of")
        if node.values.get("role") != "lengths" or not isinstance(of, str) or of not in graph:
            continue
        if graph.node(of).values.get("role", "data") != "target":
            raise _Wrong(
                f"`network.layers.{node.id[:60]}` gives lengths to {_shown(of)}, and lengths that run through "
                "layers come with a later version of Layerloom; remove it for now"
            )


def _add_wire(graph: Graph, raw: Json, place: str) -> None:
    if not isinstance(raw, list) or len(raw) != 2 or not all(isinstance(end, str) for end in raw):
        raise _Wrong(
            f'`{place}` must be two ends such as ["conv1.y", "relu.x"], but is {_shown(raw)}; mend it'
        )
    source, source_port = _end(graph, raw[0], place, output=True)
    target, target_port = _end(graph, raw[1], place, output=False)
    wire = Wire(source, source_port, target, target_port)
    if graph.has_wire(wire):
        raise _Wrong(f"`{place}` is there twice: {_shown(str(wire))}; remove one")
    graph.add_wire(wire)


def _end(graph: Graph, text: str, place: str, *, output: bool) -> tuple[str, str]:
    id, dot, port = text.rpartition(".")
    if not dot:
        id = text
    if id not in graph:
        near = get_close_matches(id, graph.ids()[:2000], n=1)
        remedy = f"did you mean {_shown(near[0])}?" if near else "name a layer that is there"
        raise _Wrong(f"`{place}` names the layer {_shown(id)}, which is not there; {remedy}")
    if dot:
        if not 1 <= len(port) <= LONGEST_ID:
            raise _Wrong(f"`{place}` has the end {_shown(text)} without a port's name; write it like conv1.y")
        return id, port
    return id, _only_port(graph.node(id), place, output=output)


def _only_port(node: Node, place: str, *, output: bool) -> str:
    cls = catalogue().get(node.type)
    if cls is None:
        return "y" if output else "x"
    ports = cls.spec.outputs if output else tuple(port for port in cls.spec.inputs if not port.optional)
    if output and (len(ports) != 1 or not ports):
        return "y"
    if len(ports) == 1 and not ports[0].variadic:
        return ports[0].name
    known = ", ".join(f"{node.id[:60]}.{port.name}{'1' if port.variadic else ''}" for port in ports) or "none"
    raise _Wrong(f"`{place}` does not say which input of {_shown(node.id)} is meant; its inputs are {known}")


def _check_layout(layout: Mapping[str, Json]) -> None:
    network = _object(layout.get("network", {}), "layout.network")
    for id, at in _object(network.get("layers", {}), "layout.network.layers").items():
        good = isinstance(at, list) and len(at) == 2
        if not good or not all(isinstance(v, int | float) and not isinstance(v, bool) for v in at):
            raise _Wrong(
                f"`layout.network.layers.{id[:60]}` must be two numbers, but is {_shown(at)}; mend it"
            )


def _shown(raw: Json) -> str:
    """A value as a short, harmless piece of a sentence."""
    text = ascii(raw) if isinstance(raw, str) else json.dumps(raw, ensure_ascii=True, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def write(path: str | os.PathLike[str], design: Design) -> None:
    """Writes the design, atomically. Raises OSError and leaves the old file where that fails."""
    atomic_write(Path(path), dump(design).encode())


def dump(design: Design) -> str:
    """The canonical text: sections in a fixed order, one layer or wire per line, only what differs from a default."""
    parts = [f'"format": "{FORMAT}"', f'"version": {VERSION}']
    if design.about:
        parts.append(f'"about": {_lines(design.about, 1)}')
    parts.append(f'"network": {_network_text(design.top)}')
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


def _network_text(graph: Graph) -> str:
    layers = [f"{_json(node.id)}: {_node_text(node)}" for node in graph]
    wires = [_json([f"{w.source}.{w.source_port}", f"{w.target}.{w.target_port}"]) for w in graph.wires()]
    parts = [f'"layers": {_block(layers, 2)}', f'"wires": {_block(wires, 2, "[]")}']
    if graph.parameters:
        parts.insert(0, f'"parameters": {_json(graph.parameters)}')
    return _block(parts, 1)


def _layout_text(design: Design) -> str:
    """Positions one per line, in the order of the layers; whatever else is there is kept."""
    place = {id: i for i, id in enumerate(design.top.ids())}
    parts: list[str] = []
    for key, value in sorted(design.layout.items()):
        if key != "network" or not isinstance(value, dict):
            parts.append(f"{_json(key)}: {_json(value)}")
            continue
        inner = [f"{_json(k)}: {_json(v)}" for k, v in sorted(value.items()) if k != "layers"]
        at: dict[str, Any] = value.get("layers", {})
        ordered = sorted(at.items(), key=lambda item: (place.get(item[0], len(place)), item[0]))
        inner.insert(0, f'"layers": {_block([f"{_json(k)}: {_json(v)}" for k, v in ordered], 3)}')
        parts.append(f'"network": {_block(inner, 2)}')
    return _block(parts, 1)


def _node_text(node: Node) -> str:
    entry: dict[str, Json] = {"type": node.type}
    if node.label:
        entry["label"] = node.label
    entry |= canonical_values(node)
    return "{" + ", ".join(f"{_json(key)}: {_json(value)}" for key, value in entry.items()) + "}"


def canonical_values(node: Node) -> dict[str, Json]:
    """The fields that differ from their default, in the order of the declaration, then unknown ones by name."""
    cls = catalogue().get(node.type)
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
