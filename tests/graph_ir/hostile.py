"""Bad design files: named ones, each with its sentence in `tests/golden/errors.txt`, and any number made by chance.

`python -m tests.graph_ir.hostile > tests/golden/errors.txt` writes the sentences anew; read the difference.
"""

from __future__ import annotations

import copy
import json
import random
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

from graph_ir.check import check
from graph_ir.file import Unreadable, parse

GOLDEN = Path(__file__).parents[1] / "golden" / "errors.txt"
NAME = "net.loom.json"

SMALL: dict[str, Any] = {
    "format": "layerloom",
    "version": 1,
    "network": {
        "parameters": {"width": 8},
        "layers": {
            "image": {"type": "Input", "shape": ["N", 3, 8, 8]},
            "conv1": {"type": "Conv2d", "out_channels": "=width", "kernel_size": 3, "padding": 1},
            "flat": {"type": "Flatten"},
            "fc": {"type": "Linear", "out_features": 10},
            "out": {"type": "Output"},
        },
        "wires": [["image.y", "conv1.x"], ["conv1.y", "flat.x"], ["flat.y", "fc.x"], ["fc.y", "out.x"]],
    },
    "training": {"epochs": 2},
}


def encoded(value: Any) -> bytes:
    """Readable JSON with one key a line, so that a sentence can name a line."""
    return json.dumps(value, indent=1).encode()


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The small design after a change."""
    design = copy.deepcopy(SMALL)
    change(design)
    return encoded(design)


def with_layer(id: str, **entry: Any) -> bytes:
    """The small design with one layer replaced or added."""
    return changed(lambda d: d["network"]["layers"].update({id: entry}))


def with_field(id: str, **fields: Any) -> bytes:
    """The small design with fields of one layer set."""
    return changed(lambda d: d["network"]["layers"][id].update(fields))


def with_wires(*wires: Any) -> bytes:
    """The small design with more wires."""
    return changed(lambda d: d["network"]["wires"].extend(wires))


def replaced(old: str, new: str) -> bytes:
    """The small design with one piece of its text replaced."""
    text = encoded(SMALL).decode()
    assert old in text
    return text.replace(old, new, 1).encode("utf-8", "surrogatepass")


def _text(old: str, new: str) -> Callable[[], bytes]:
    return lambda: replaced(old, new)


# What can't be read as a design: exit code 2.
UNREADABLE: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "only blanks": lambda: b" \n\t\n",
    "cut after 1 byte": lambda: encoded(SMALL)[:1],
    "cut in a key": lambda: encoded(SMALL)[:60],
    "cut in the middle": lambda: encoded(SMALL)[: len(encoded(SMALL)) // 2],
    "cut before the last brace": lambda: encoded(SMALL)[:-1],
    "text behind the end": lambda: encoded(SMALL) + b"\n{}",
    "no JSON": lambda: b"import os\n",
    "a number": lambda: b"7",
    "a list": lambda: b"[]",
    "null": lambda: b"null",
    "bytes that are no text": lambda: replaced("conv1", "conv1").replace(b"flat", b"fl\xff\xfeat", 1),
    "UTF-16": lambda: b"\xff\xfe" + encoded(SMALL).decode().encode("utf-16-le"),
    "UTF-16 big-endian": lambda: b"\xfe\xff" + encoded(SMALL).decode().encode("utf-16-be"),
    "UTF-16 without a mark": lambda: encoded(SMALL).decode().encode("utf-16-le"),
    "UTF-32": lambda: encoded(SMALL).decode().encode("utf-32"),
    "a NUL byte": lambda: encoded(SMALL) + b"\0",
    "another format": _text("layerloom", "netron"),
    "no format": lambda: changed(lambda d: d.pop("format")),
    "no version": lambda: changed(lambda d: d.pop("version")),
    "newer version": lambda: changed(lambda d: d.update(version=2)),
    "much newer version": lambda: changed(lambda d: d.update(version=10**15)),
    "version 0": lambda: changed(lambda d: d.update(version=0)),
    "version is text": lambda: changed(lambda d: d.update(version="1")),
    "version is true": lambda: changed(lambda d: d.update(version=True)),
    "version is 1.0": lambda: changed(lambda d: d.update(version=1.0)),
    "NaN": _text('"epochs": 2', '"epochs": NaN'),
    "Infinity": _text('"epochs": 2', '"epochs": -Infinity'),
    "1e999": _text('"epochs": 2', '"epochs": 1e999'),
    "2^63": _text('"epochs": 2', f'"epochs": {2**63}'),
    "below -2^63": _text('"epochs": 2', f'"epochs": {-(2**63) - 1}'),
    "5,000 digits": _text('"epochs": 2', '"epochs": ' + "9" * 5000),
    "a key twice": _text('"version": 1,', '"version": 1, "version": 1,'),
    "a layer twice": _text('"flat": {', '"conv1": {"type": "ReLU"}, "flat": {'),
    "a field twice": _text('"padding": 1', '"padding": 1, "padding": 1'),
    "lone surrogate in a value": _text('"epochs": 2', '"note": "\\ud800"'),
    "lone surrogate in a key": _text('"epochs": 2', '"\\udfff": 2'),
    "lone surrogate as bytes": _text('"epochs": 2', '"note": "\ud800"'),
    "a control character in a text": _text('"epochs": 2', '"note": "a\nb"'),
    "nested 1,001 deep": lambda: (
        changed(lambda d: None)[:-2] + b', "deep": ' + b"[" * 1000 + b"]" * 1000 + b"}"
    ),
    "nested 100,000 deep": lambda: b'{"deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "opened 100,000 times": lambda: b"[" * 100_000,
    "objects 100,000 deep": lambda: b'{"a":' * 100_000,
    "10,001 layers": lambda: changed(
        lambda d: d["network"]["layers"].update({f"r{i}": {"type": "ReLU"} for i in range(9_996)})
    ),
    "50,001 wires": lambda: changed(
        lambda d: d["network"].update(wires=[["image.y", f"conv1.x{i}"] for i in range(50_001)])
    ),
    "64.0 for 64": lambda: with_field("fc", out_features=64.0),
    "true for 64": lambda: with_field("fc", out_features=True),
    "text for 64": lambda: with_field("fc", out_features="64"),
    "null for 64": lambda: with_field("fc", out_features=None),
    "1 for a flag": lambda: with_field("fc", bias=1),
    "text for a flag": lambda: with_field("fc", bias="false"),
    "a flag for a pair": lambda: with_field("conv1", kernel_size=True),
    "an object for a pair": lambda: with_field("conv1", kernel_size={"h": 3}),
    "64.0 in a pair": lambda: with_field("conv1", kernel_size=[3, 3.0]),
    "a shape that is text": lambda: with_field("image", shape="N 3 8 8"),
    "a shape with a float": lambda: with_field("image", shape=["N", 3, 8.0, 8]),
    "a shape with null": lambda: with_field("image", shape=["N", None, 8, 8]),
    "network is a list": lambda: changed(lambda d: d.update(network=[])),
    "layers is a list": lambda: changed(lambda d: d["network"].update(layers=[])),
    "a layer is text": lambda: changed(lambda d: d["network"]["layers"].update(fc="Linear")),
    "a layer is null": lambda: changed(lambda d: d["network"]["layers"].update(fc=None)),
    "no type": lambda: changed(lambda d: d["network"]["layers"]["fc"].pop("type")),
    "type is a number": lambda: with_field("fc", type=7),
    "label is a number": lambda: with_field("fc", label=7),
    "an empty id": lambda: with_layer("", type="ReLU"),
    "an id of 201 characters": lambda: with_layer("x" * 201, type="ReLU"),
    "an unknown key of network": lambda: changed(lambda d: d["network"].update(layer={})),
    "parameters is a list": lambda: changed(lambda d: d["network"].update(parameters=[])),
    "a parameter with a bad name": lambda: changed(lambda d: d["network"]["parameters"].update({"a b": 1})),
    "a parameter that is a list": lambda: changed(lambda d: d["network"]["parameters"].update(width=[8])),
    "wires is an object": lambda: changed(lambda d: d["network"].update(wires={})),
    "a wire is text": lambda: with_wires("fc.y -> out.x"),
    "a wire with three ends": lambda: with_wires(["fc.y", "out.x", "fc.x"]),
    "a wire with a number": lambda: with_wires(["fc.y", 3]),
    "a wire from nowhere": lambda: with_wires(["fd.y", "out.x"]),
    "a wire to nowhere": lambda: with_wires(["fc.y", "nobody.x"]),
    "a wire without a port's name": lambda: with_wires(["fc.", "out.x"]),
    "the same wire twice": lambda: with_wires(["fc.y", "out.x"]),
    "an end that needs its port": lambda: with_layer("add", type="Add").replace(
        b'"wires": [', b'"wires": [["fc", "add"],'
    ),
    "training is a list": lambda: changed(lambda d: d.update(training=[])),
    "about is text": lambda: changed(lambda d: d.update(about="a net")),
    "diagram is null": lambda: changed(lambda d: d.update(diagram=None)),
    "layout is a number": lambda: changed(lambda d: d.update(layout=3)),
    "a position that is text": lambda: changed(
        lambda d: d.update(layout={"network": {"layers": {"fc": "0 0"}}})
    ),
    "a position with one number": lambda: changed(
        lambda d: d.update(layout={"network": {"layers": {"fc": [0]}}})
    ),
    "blocks": lambda: changed(lambda d: d.update(blocks={"Residual": {"network": {}}})),
    "a use of a block": lambda: with_layer("b", type="Block", block="Residual"),
    "a repeated layer": lambda: with_field("fc", repeat=4),
    "a module of one's own": lambda: with_layer("m", type="ExternalModule", target="os:system"),
    "lengths that run through layers": lambda: with_layer(
        "n", type="Input", role="lengths", of="image", axis=2
    ),
}

# What opens and is marked: exit code 1.
MARKED: dict[str, Callable[[], bytes]] = {
    "an unknown layer": lambda: with_field("conv1", type="Conv2D"),
    "a layer from nowhere": lambda: with_field("conv1", type="<script>"),
    "a negative size": lambda: with_field("fc", out_features=-1),
    "a size of zero": lambda: with_field("fc", out_features=0),
    "a kernel of zero": lambda: with_field("conv1", kernel_size=[3, 0]),
    "a pair of three": lambda: with_field("conv1", kernel_size=[3, 3, 3]),
    "a word that is no choice": lambda: with_field("conv1", padding_mode="wrap"),
    "an empty image": lambda: with_field("image", shape=["N", 3, 0, 8]),
    "a bad symbol": lambda: with_field("image", shape=["N", 3, "H W", 8]),
    "no shape": lambda: changed(lambda d: d["network"]["layers"]["image"].pop("shape")),
    "a missing field": lambda: changed(lambda d: d["network"]["layers"]["fc"].pop("out_features")),
    "an unknown field": lambda: with_field("fc", out_feature=10),
    "batch_first": lambda: with_field("fc", batch_first=True),
    "inplace": lambda: with_field("flat", inplace=True),
    "a missing parameter": lambda: changed(lambda d: d["network"]["parameters"].clear()),
    "a parameter without a value": lambda: changed(lambda d: d["network"]["parameters"].update(width=None)),
    "a parameter of the wrong type": lambda: changed(
        lambda d: d["network"]["parameters"].update(width="wide")
    ),
    "an expression that calls": lambda: with_field("fc", out_features="=__import__('os').system('true')"),
    "an expression that ends early": lambda: with_field("fc", out_features="=width *"),
    "an expression that divides by zero": lambda: with_field("fc", out_features="=width // 0"),
    "an expression that grows": lambda: with_field("fc", out_features="=" + "*".join(["9999999999"] * 50)),
    "an expression nested 200 deep": lambda: with_field("fc", out_features="=" + "(" * 200 + "1" + ")" * 200),
    "an empty expression": lambda: with_field("fc", out_features="="),
    "an unknown input port": lambda: with_wires(["fc.y", "out.z"]),
    "an unknown output port": lambda: changed(
        lambda d: d["network"]["wires"].__setitem__(3, ["fc.z", "out.x"])
    ),
    "two wires into one port": lambda: with_wires(["flat.y", "out.x"]),
    "an input without a wire": lambda: changed(lambda d: d["network"]["wires"].pop(0)),
    "a cycle": lambda: changed(
        lambda d: d["network"].update(wires=[["conv1.y", "flat.x"], ["flat.y", "conv1.x"]])
    ),
    "a layer wired to itself": lambda: with_wires(["flat.y", "flat.x"]),
    "a gap in the ports": lambda: changed(
        lambda d: (
            d["network"]["layers"].update(add={"type": "Add"}),
            d["network"]["wires"].extend([["fc.y", "add.x1"], ["fc.y", "add.x3"]]),
        )
    ),
    "shapes that do not fit": lambda: changed(
        lambda d: (
            d["network"]["layers"].update(add={"type": "Add"}),
            d["network"]["wires"].extend([["image.y", "add.x1"], ["conv1.y", "add.x2"]]),
        )
    ),
    "an image too small": lambda: with_field("conv1", kernel_size=11),
}


def sentences() -> Iterator[str]:
    """Name, exit code and every sentence of all named cases."""
    for name, make in UNREADABLE.items():
        try:
            parse(make(), NAME)
        except Unreadable as error:
            yield f"{name}\n  2 {error.text}\n"
        else:
            raise AssertionError(f"{name}: was read")
    for name, make in MARKED.items():
        report = check(parse(make(), NAME))
        lines = [f"  1 {p.severity}: {p.message} [{p.code}]\n" for p in report.problems]
        assert not report.ok, name
        yield "".join([f"{name}\n", *lines])


VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2, 64.0, 1e-300, 1e300, 2**63 - 1, -(2**63), "", "y", "=", "=1", "=width", "N",
    "a.b", ".", "..", "../../etc/passwd", "~/x", "/dev/zero", "__import__('os').abort()", "'); raise SystemExit #",
    '"""', "\\", "\x00", "\x1b[2J", "\u202e", "\r\n", "{{7*7}}", "%s%n", "<img src=x onerror=alert(1)>",
    "\\input{/etc/passwd}", "javascript:alert(1)", [], {}, [[]], [0], ["N"], {"type": "ReLU"}, "x" * 300, [1] * 50,
]  # fmt: skip
TOKENS = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"NaN", b"1e999", b"null", b"true", b"-", b"\xff", b"\x00",
    b"\\ud800", b"\xef\xbb\xbf", b"\r", b"\n", b"9" * 30, b'"type"', b'"version": 2,',
]  # fmt: skip


def variants(seed: int, count: int) -> Iterator[bytes]:
    """Design files made from valid ones by one to three hostile changes each: of the bytes, or of the values."""
    chance = random.Random(seed)
    sources = [encoded(SMALL), *(entry.read_bytes() for entry in sorted_templates())]
    for _ in range(count):
        data = chance.choice(sources)
        change = _bytes_changed if chance.random() < 0.4 else _values_changed
        yield change(data, chance)


def sorted_templates() -> list[Any]:
    """The shipped templates' files."""
    folder = files("assets") / "templates"
    return sorted((e for e in folder.iterdir() if e.name.endswith(".loom.json")), key=lambda e: e.name)


def _bytes_changed(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 3)):
        at, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        end = min(end, at + 40)
        data = chance.choice(
            [
                data[:at],
                data[:at] + chance.choice(TOKENS) + data[at:],
                data[:at] + data[end:],
                data[:at] + data[at:end] * 2 + data[end:],
                data[:at] + bytes(chance.randrange(256) for _ in range(3)) + data[at:],
            ]
        )
    return data


def _values_changed(data: bytes, chance: random.Random) -> bytes:
    value = json.loads(data)
    for _ in range(chance.randint(1, 3)):
        container, key = chance.choice(list(_places(value)))
        kind = chance.randrange(4)
        if kind == 0 and isinstance(container, dict):
            container[chance.choice([v for v in VALUES if isinstance(v, str)])] = container.pop(key)
        elif kind == 1:
            container.pop(key)
        elif kind == 2 and isinstance(container, dict):
            container[chance.choice(["repeat", "label", "when", "of", "role", "axes", "extra"])] = (
                chance.choice(VALUES)
            )
        else:
            container[key] = copy.deepcopy(chance.choice(VALUES))
    return json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    waiting = [value]
    while waiting:
        container = waiting.pop()
        pairs = container.items() if isinstance(container, dict) else enumerate(container)
        for key, inner in list(pairs):
            yield container, key
            if isinstance(inner, dict | list):
                waiting.append(inner)


def _network(layers: dict[str, Any], wires: list[list[str]]) -> bytes:
    return encoded({"format": "layerloom", "version": 1, "network": {"layers": layers, "wires": wires}})


def chain(count: int) -> bytes:
    """One ReLU behind the other."""
    layers: dict[str, Any] = {"x": {"type": "Input", "shape": ["N", 8]}}
    layers |= {f"r{i}": {"type": "ReLU"} for i in range(1, count)}
    ids = list(layers)
    return _network(layers, [[f"{a}.y", f"{b}.x"] for a, b in pairwise(ids)])


def many_terms(axes: int = 24) -> bytes:
    """Each axis becomes a sum of two symbols; joined, they would be a sum of 2^24 products."""
    layers: dict[str, Any] = {"x": {"type": "Input", "shape": ["N", *(f"a{i}" for i in range(axes))]}}
    wires, last = [], "x"
    for i in range(axes):
        layers[f"y{i}"] = {"type": "Input", "shape": ["N", *(f"b{i}_{j}" for j in range(axes))]}
        layers[f"c{i}"] = {"type": "Concat", "dim": i + 1}
        wires += [[f"{last}.y", f"c{i}.x1"], [f"y{i}.y", f"c{i}.x2"]]
        last = f"c{i}"
    layers["flat"] = {"type": "Flatten"}
    return _network(layers, [*wires, [f"{last}.y", "flat.x"]])


def many_symbols(count: int = 600) -> bytes:
    """As many sizes that vary as there are Inputs, all of them in the sum of multiply-adds."""
    layers: dict[str, Any] = {}
    wires = []
    for i in range(count):
        layers[f"x{i}"] = {"type": "Input", "shape": ["N", f"a{i}", 8]}
        layers[f"l{i}"] = {"type": "Linear", "out_features": 8}
        layers[f"o{i}"] = {"type": "Output"}
        wires += [[f"x{i}.y", f"l{i}.x"], [f"l{i}.y", f"o{i}.x"]]
    return _network(layers, wires)


def doubled(count: int = 1000) -> bytes:
    """A size that is multiplied by five again and again."""
    layers: dict[str, Any] = {"x": {"type": "Input", "shape": ["N", "T"]}}
    wires, last = [], "x"
    for i in range(count):
        layers[f"c{i}"] = {"type": "Concat", "dim": 1}
        wires += [[f"{last}.y", f"c{i}.x{port}"] for port in range(1, 6)]
        last = f"c{i}"
    return _network(layers, wires)


def many_inputs(count: int = 1000) -> bytes:
    """One sum of thousands of Inputs, each with a size of its own that must agree with all others."""
    layers: dict[str, Any] = {f"x{i}": {"type": "Input", "shape": ["N", "T", f"a{i}"]} for i in range(count)}
    layers["sum"] = {"type": "Add"}
    return _network(layers, [[f"x{i}.y", f"sum.x{i + 1}"] for i in range(count)])


if __name__ == "__main__":
    sys.stdout.writelines(sentences())
