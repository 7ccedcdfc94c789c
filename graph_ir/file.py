"""The design file, `*.loom.json`: reading strictly, writing canonically (same design, same bytes)."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from graph_ir.annotations import faults
from graph_ir.atomic import atomic_write
from graph_ir.block_graphs import DEEPEST, MOST_EXPANDED, WEIGHTS, contains_itself
from graph_ir.blocks import Block, Values
from graph_ir.canonical import FORMAT, VERSION, dump
from graph_ir.expansion import depth, expansion
from graph_ir.graph import BLOCK, TOP, Design, Graph, Networks, Node, Wire
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


class Unreadable(Exception):
    """A file that can't be read as a design. `text` is one sentence: `file:line: what, why, what next`.

    `reason` is the same without the place.
    """

    def __init__(self, name: str, text: str, line: int | None = None) -> None:
        self.reason, self.text = text, f"{name}:{line or 1}: {text}"
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


def from_json(raw: Json, name: str = "design") -> Design:
    """The design in what `strict_json.loads` gives. Raises Unreadable."""
    try:
        return _design(raw)
    except _Wrong as error:
        raise Unreadable(name, error.text) from None


def _design(raw: Json) -> Design:
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        text = f'it is no Layerloom design, which is an object with "format": "{FORMAT}"; name another file'
        raise _Wrong(text, "format")
    _check_version(raw.get("version"))
    sections = {key: _object(raw.get(key, {}), key) for key in (*_SECTIONS, "blocks", "network")}
    known = {"format", "version", "network", "blocks", *_SECTIONS}
    _check_layout(sections["layout"])
    networks = _networks(sections["network"], sections["blocks"])
    return Design(
        about=sections["about"],
        networks=networks,
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


def _networks(top: dict[str, Json], blocks: dict[str, Json]) -> Networks:
    """All networks: first the layers of each, since a wire's end may need the ports of a block that comes later."""
    places: dict[str, Place] = {TOP: ("network",)}
    raws: dict[str, dict[str, Json]] = {TOP: top}
    parameters: dict[str, Place] = {TOP: ("network", "parameters")}
    for name, raw in blocks.items():
        _check_id("block's name", name, ("blocks", name))
        entry = _object(raw, "blocks", name)
        _check_keys(entry, ("parameters", "network"), ("blocks", name))
        places[name], parameters[name] = ("blocks", name, "network"), ("blocks", name, "parameters")
        inner = _object(entry.get("network", {}), *places[name])
        _check_keys(inner, ("layers", "wires"), places[name])
        raws[name] = {**inner, "parameters": entry.get("parameters", {})}
    _check_keys(top, ("parameters", "layers", "wires"), places[TOP])
    _check_numbers(raws, places)
    found = Networks({})
    for name, raw in raws.items():
        found[name] = Graph(
            _parameters(_object(raw.get("parameters", {}), *parameters[name]), parameters[name])
        )
        for id, entry in _object(raw.get("layers", {}), *places[name], "layers").items():
            place = (*places[name], "layers", id)
            found[name].add(_node(id, _object(entry, *place), place))
    _check_nesting(found)
    for name, raw in raws.items():
        for i, wire in enumerate(raw.get("wires", [])):
            _add_wire(found[name], wire, (*places[name], "wires", i))
    return found


def _check_keys(raw: Mapping[str, Json], known: tuple[str, ...], place: Place) -> None:
    for key in raw:
        if key not in known:
            listed = f"{', '.join(known[:-1])} and {known[-1]}"
            text = f"`{_named(place)}` has the unknown key {_shown(key)}; it holds {listed}: rename it"
            raise _Wrong(text, *place, key)


def _check_numbers(raws: Mapping[str, dict[str, Json]], places: Mapping[str, Place]) -> None:
    """All networks of a file together have a limit."""
    layers = wires = 0
    for name, raw in raws.items():
        place = places[name]
        layers += len(_object(raw.get("layers", {}), *place, "layers"))
        found = raw.get("wires", [])
        if not isinstance(found, list):
            raise _WrongAt((*place, "wires"), f"must be a list, but is {_shown(found)}; mend it")
        wires += len(found)
        if layers > MOST_LAYERS or wires > MOST_WIRES:
            text = (
                f"it has {layers:,} layers and {wires:,} wires, but at most {MOST_LAYERS:,} and {MOST_WIRES:,} "
                "are read; split the design"
            )
            raise _Wrong(text, *place, "layers" if layers > MOST_LAYERS else "wires")


def _check_nesting(networks: Networks) -> None:
    """Refuses a block inside itself, and more layers than could ever be built; counted before anything is made."""
    itself = next((name for name in networks if name and contains_itself(networks, name)), None)
    if itself is not None:
        text = f"the block {_shown(itself)} contains itself, directly or through other blocks; remove one of these uses"
        raise _Wrong(text, "blocks", itself)
    deep = depth(networks, TOP)
    if deep > DEEPEST:
        text = f"it has blocks in blocks to the depth {deep}, but at most {DEEPEST} are read; draw it flatter"
        raise _Wrong(text, "blocks")
    layers = expansion(networks, TOP)
    if layers > MOST_EXPANDED:
        text = f"it stands for more than {MOST_EXPANDED:,} layers once its blocks are repeated, which are not read"
        raise _Wrong(f"{text}; repeat less", "blocks")


def _parameters(raw: dict[str, Json], place: Place) -> dict[str, Json]:
    for name, value in raw.items():
        if not name.isidentifier() or not name.isascii() or len(name) > LONGEST_ID:
            text = f"`{_named(place)}` has the name {_shown(name)}; a parameter's name must be an identifier"
            raise _Wrong(text, *place, name)
        if isinstance(value, dict | list):
            raise _WrongAt(
                (*place, name),
                f"must be a number, text, true, false or null, but is {_shown(value)}; mend it",
            )
    return raw


def _check_id(what: str, id: str, place: Place) -> None:
    if not 1 <= len(id) <= LONGEST_ID:
        text = f"a {what} has {len(id)} characters, but must have 1 to {LONGEST_ID}; change {_shown(id)}"
        raise _Wrong(text, *place)


def _node(id: str, raw: dict[str, Json], place: Place) -> Node:
    _check_id("layer's id", id, place)
    type, label = raw.get("type"), raw.get("label", "")
    if not isinstance(type, str) or not isinstance(label, str):
        what = "type" if not isinstance(type, str) else "label"
        raise _WrongAt((*place, what), f"must be text, but is {_shown(raw.get(what))}; mend it")
    bypass = raw.get("bypass", False)
    if not isinstance(bypass, bool):
        raise _WrongAt((*place, "bypass"), f"must be true or false, but is {_shown(bypass)}; mend it")
    values = {key: value for key, value in raw.items() if key not in ("type", "label", "bypass")}
    cls = Block if type == BLOCK else catalogue().get(type)
    for field in cls.spec.fields.values() if cls is not None else ():
        if field.name in values:
            _check_type(values[field.name], field, place)
    if not isinstance(values.get(WEIGHTS, ""), str):
        raise _WrongAt((*place, WEIGHTS), f"must be text, but is {_shown(values[WEIGHTS])}; mend it")
    return Node(id, type, values, label, bypass)


def _check_type(raw: Json, field: FieldSpec, place: Place) -> None:
    if field.kind.accepts(raw) or (is_expression(raw) and not isinstance(field.kind, Values)):
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
        return id, _only_port(graph, id, place, output=output)
    if not 1 <= len(port) <= LONGEST_ID:
        raise _WrongAt(place, f"has the end {_shown(text)} without a port's name; write it like conv1.y")
    return id, port


def _only_port(graph: Graph, id: str, place: Place, *, output: bool) -> str:
    cls = layer_type(graph.node(id), graph)
    if cls is None:
        return "y" if output else "x"
    ports = cls.spec.outputs if output else tuple(port for port in cls.spec.inputs if not port.optional)
    if output and len(ports) != 1:
        return "y"
    if len(ports) == 1 and not ports[0].variadic:
        return ports[0].name
    known = ", ".join(f"{port.name}{'1' if port.variadic else ''}" for port in ports) or "none"
    text = f"does not say which input of {_shown(id)} is meant ({known}); write it behind a dot"
    raise _WrongAt(place, text)


def _check_layout(layout: Mapping[str, Json]) -> None:
    places: list[Place] = [("layout", "network")]
    places += [("layout", "blocks", name) for name in _object(layout.get("blocks", {}), "layout", "blocks")]
    for place in places:
        section: Json = layout
        for key in place[1:]:
            section = section.get(key, {})
        network = _object(section, *place)
        for id, at in _object(network.get("layers", {}), *place, "layers").items():
            good = isinstance(at, list) and len(at) == 2
            if not good or not all(isinstance(v, int | float) and not isinstance(v, bool) for v in at):
                raise _WrongAt((*place, "layers", id), f"must be two numbers, but is {_shown(at)}; mend it")
        for within, wanted in faults(network):
            shown = _shown(_at(network, within))
            raise _WrongAt((*place, *within), f"must be {wanted}, but is {shown}; mend it")


def _at(raw: Json, place: Place) -> Json:
    for step in place:
        raw = raw[step]
    return raw


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
