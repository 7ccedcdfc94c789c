"""The design file, `*.loom.json`: reading strictly, writing canonically (same design, same bytes)."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from graph_ir.atomic import atomic_write
from graph_ir.canonical import FORMAT, VERSION, dump
from graph_ir.graph import TOP, Design, Graph, Node, Wire
from graph_ir.kinds import Json, is_expression
from graph_ir.layers import catalogue
from graph_ir.locate import Place, line_of
from graph_ir.problems import visible
from graph_ir.resolve import layer_type
from graph_ir.spec import FieldSpec
from graph_ir.strict_json import LARGEST_FILE, NotJson, decoded, loads

SUFFIX = ".loom.json"
MOST_LAYERS, MOST_WIRES, LONGEST_ID = 10_000, 50_000, 200
_SECTIONS = ("about", "training", "layout", "diagram")
_LAYERS = ("network", "layers")
_NOT_YET = "with a later version of Layerloom"
_LATER = ("block", "repeat", "when", "weights", "each")


class Unreadable(Exception):
    """A file that can't be read as a design. `text` is one sentence: `file:line: what, why, what next`."""

    def __init__(self, name: str, text: str, line: int | None = None) -> None:
        self.text = f"{name}:{line or 1}: {text}"
        super().__init__(self.text)


class _Wrong(Exception):
    """What is wrong, and the place in the file where it is."""

    def __init__(self, text: str, *place: str | int) -> None:
        super().__init__(text)
        self.text, self.place = text, place


class _WrongAt(_Wrong):
    """The same, with the place in front of the sentence."""

    def __init__(self, place: Place, text: str) -> None:
        super().__init__(f"`{_named(place)}` {text}", *place)


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
    design = parse(data, name)
    design.folder = Path(name).parent
    return design


def _open_without_waiting(path: str, flags: int) -> int:
    """A FIFO without a writer would block for ever."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def parse(data: bytes | str, name: str = "design") -> Design:
    """The design in the text of a file; `name` stands in messages. Raises Unreadable."""
    try:
        text = decoded(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
        raw = loads(text)
    except NotJson as error:
        sentence = f"{error.text}; mend it there, or take an earlier copy of the file"
        raise Unreadable(name, sentence, error.line) from None
    try:
        return _design(raw)
    except _Wrong as error:
        raise Unreadable(name, error.text, line_of(text, error.place)) from None


def _design(raw: Json) -> Design:
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        text = f'it is no Layerloom design, which is an object with "format": "{FORMAT}"; name another file'
        raise _Wrong(text, "format")
    _check_version(raw.get("version"))
    sections = {key: _object(raw.get(key, {}), key) for key in (*_SECTIONS, "blocks", "network")}
    if sections["blocks"]:
        raise _Wrong(f"`blocks` come {_NOT_YET}; draw the layers in the top network for now", "blocks")
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


def _check_version(version: Json) -> None:
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        text = f'"version" must be a whole number from 1 on; this Layerloom writes {VERSION}, so put that in'
        raise _Wrong(text, "version")
    if version > VERSION:
        text = (
            f"it needs a Layerloom that reads version {version}, this one reads {VERSION}; update Layerloom"
        )
        raise _Wrong(text, "version")


def _object(raw: Json, *place: str | int) -> dict[str, Json]:
    if not isinstance(raw, dict):
        raise _WrongAt(place, f"must be an object, but is {_shown(raw)}; mend it")
    return raw


def _network(raw: Mapping[str, Json]) -> Graph:
    for key in raw:
        if key not in ("parameters", "layers", "wires"):
            text = f"`network` has the unknown key {_shown(key)}; it holds parameters, layers and wires: rename it"
            raise _Wrong(text, "network", key)
    graph = Graph(_parameters(_object(raw.get("parameters", {}), "network", "parameters")))
    layers = _object(raw.get("layers", {}), "network", "layers")
    wires = raw.get("wires", [])
    if not isinstance(wires, list):
        raise _WrongAt(("network", "wires"), f"must be a list, but is {_shown(wires)}; mend it")
    if len(layers) > MOST_LAYERS or len(wires) > MOST_WIRES:
        text = (
            f"it has {len(layers):,} layers and {len(wires):,} wires, but at most {MOST_LAYERS:,} and {MOST_WIRES:,} "
            "are read; split the design"
        )
        raise _Wrong(text, "network", "layers" if len(layers) > MOST_LAYERS else "wires")
    for id, entry in layers.items():
        graph.add(_node(id, _object(entry, *_LAYERS, id)))
    for i, entry in enumerate(wires):
        _add_wire(graph, entry, ("network", "wires", i))
    return graph


def _parameters(raw: dict[str, Json]) -> dict[str, Json]:
    for name, value in raw.items():
        if not name.isidentifier() or not name.isascii() or len(name) > LONGEST_ID:
            text = (
                f"`network.parameters` has the name {_shown(name)}; a parameter's name must be an identifier"
            )
            raise _Wrong(text, "network", "parameters", name)
        if isinstance(value, dict | list):
            place = ("network", "parameters", name)
            raise _WrongAt(
                place, f"must be a number, text, true, false or null, but is {_shown(value)}; mend it"
            )
    return raw


def _node(id: str, raw: dict[str, Json]) -> Node:
    place = (*_LAYERS, id)
    if not 1 <= len(id) <= LONGEST_ID:
        text = f"a layer's id has {len(id)} characters, but must have 1 to {LONGEST_ID}; change {_shown(id)}"
        raise _Wrong(text, *place)
    type, label = raw.get("type"), raw.get("label", "")
    if not isinstance(type, str) or not isinstance(label, str):
        what = "type" if not isinstance(type, str) else "label"
        raise _WrongAt((*place, what), f"must be text, but is {_shown(raw.get(what))}; mend it")
    if type == "Block" or any(key in raw for key in _LATER):
        raise _WrongAt(place, f"uses blocks, which come {_NOT_YET}; draw its layers for now")
    values = {key: value for key, value in raw.items() if key not in ("type", "label")}
    cls = catalogue().get(type)
    if cls is not None:
        for field in cls.spec.fields.values():
            if field.name in values:
                _check_type(values[field.name], field, place)
    return Node(id, type, values, label)


def _check_type(raw: Json, field: FieldSpec, place: Place) -> None:
    if is_expression(raw) or field.kind.accepts(raw):
        return
    text = f"is {_shown(raw)}, but must be {field.kind.describe()}; mend it"
    raise _WrongAt((*place, field.name), text)


def _add_wire(graph: Graph, raw: Json, place: Place) -> None:
    if not isinstance(raw, list) or len(raw) != 2 or not all(isinstance(end, str) for end in raw):
        text = f'must be two ends such as ["conv1.y", "relu.x"], but is {_shown(raw)}; mend it'
        raise _WrongAt(place, text)
    source, source_port = _end(graph, raw[0], place, output=True)
    target, target_port = _end(graph, raw[1], place, output=False)
    wire = Wire(source, source_port, target, target_port)
    if graph.has_wire(wire):
        raise _WrongAt(place, f"is there twice, from {_shown(raw[0])} to {_shown(raw[1])}; remove one")
    graph.add_wire(wire)


def _end(graph: Graph, text: str, place: Place, *, output: bool) -> tuple[str, str]:
    id, dot, port = text.rpartition(".")
    if not dot:
        id = text
    if id not in graph:
        near = get_close_matches(id[:LONGEST_ID], graph.ids()[:2000], n=1)
        remedy = f"did you mean {_shown(near[0])}?" if near else "name a layer that is there"
        raise _WrongAt(place, f"names the layer {_shown(id)}, which is not there; {remedy}")
    if not dot:
        return id, _only_port(graph.node(id), place, output=output)
    if not 1 <= len(port) <= LONGEST_ID:
        raise _WrongAt(place, f"has the end {_shown(text)} without a port's name; write it like conv1.y")
    return id, port


def _only_port(node: Node, place: Place, *, output: bool) -> str:
    cls = layer_type(node)
    if cls is None:
        return "y" if output else "x"
    ports = cls.spec.outputs if output else tuple(port for port in cls.spec.inputs if not port.optional)
    if output and len(ports) != 1:
        return "y"
    if len(ports) == 1 and not ports[0].variadic:
        return ports[0].name
    known = ", ".join(f"{port.name}{'1' if port.variadic else ''}" for port in ports) or "none"
    text = f"does not say which input of {_shown(node.id)} is meant ({known}); write it behind a dot"
    raise _WrongAt(place, text)


def _check_layout(layout: Mapping[str, Json]) -> None:
    network = _object(layout.get("network", {}), "layout", "network")
    for id, at in _object(network.get("layers", {}), "layout", "network", "layers").items():
        good = isinstance(at, list) and len(at) == 2
        if not good or not all(isinstance(v, int | float) and not isinstance(v, bool) for v in at):
            place = ("layout", "network", "layers", id)
            raise _WrongAt(place, f"must be two numbers, but is {_shown(at)}; mend it")


def _named(place: Place) -> str:
    """`network.layers.fc.out_features`, with every key short and harmless."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{visible(step[:60])}"
    return text.removeprefix(".")


def _shown(raw: Json) -> str:
    """A value as a short, harmless piece of a sentence."""
    text = f"'{visible(raw[:60])}'" if isinstance(raw, str) else json.dumps(raw)
    return text if len(text) <= 60 else f"{text[:57]}..."


def write(path: str | os.PathLike[str], design: Design) -> None:
    """Writes the design, atomically. Raises OSError and leaves the old file where that fails."""
    atomic_write(Path(path), dump(design).encode())
