"""Bad design files: any number made by chance from good ones, and files made to fill the memory or take for ever."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from importlib.resources import files
from itertools import pairwise
from typing import Any

from graph_ir.file import dump
from tests.graph_ir.block_samples import SAMPLES

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


def with_sheet(**parts: Any) -> bytes:
    """The small design with something beside the layers of its sheet."""
    return changed(lambda d: d.update(layout={"network": parts}))


def replaced(old: str, new: str) -> bytes:
    """The small design with one piece of its text replaced."""
    text = encoded(SMALL).decode()
    assert old in text
    return text.replace(old, new, 1).encode("utf-8", "surrogatepass")


VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2, 64.0, 1e-300, 1e300, 2**63 - 1, -(2**63), "", "y", "=", "=1", "=width", "N",
    "a.b", ".", "..", "../../etc/passwd", "~/x", "/dev/zero", "__import__('os').abort()", "'); raise SystemExit #",
    '"""', "\\", "\x00", "\x1b[2J", "\u202e", "\r\n", "{{7*7}}", "%s%n", "<img src=x onerror=alert(1)>",
    "\\input{/etc/passwd}", "javascript:alert(1)", [], {}, [[]], [0], ["N"], {"type": "ReLU"}, "x" * 300, [1] * 50,
]  # fmt: skip
USE_VALUES: list[Any] = [
    "=i", "=i - 1", "=10000 if i == 0 else 1", "=10000*10000", "=1 // 0", "=width", "=i.real", "=open('x')", "=" * 30,
    "=" + "(" * 60 + "1" + ")" * 60, "=" + "1 + " * 300 + "1", "='x'", "=True", "=C", "=N*T", 10_000, 10_001, 3, 2.5,
    {"channels": "=channels"}, {"width": {}}, {"width": "=width"}, {"C": 3}, ["N", "C"], ["N", "N"], ["=C", "C*C"],
]  # fmt: skip
USE_KEYS = ["repeat", "when", "each", "weights", "parameters", "block", "fold", "shape", "type", "bypass"]
TOKENS = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"NaN", b"1e999", b"null", b"true", b"-", b"\xff", b"\x00",
    b"\\ud800", b"\xef\xbb\xbf", b"\r", b"\n", b"9" * 30, b'"type"', b'"version": 2,',
]  # fmt: skip


SHEET: dict[str, Any] = {
    "layers": {"image": [0, 0], "conv1": [0, 96.5]},
    "frames": [{"title": "Stem", "rect": [-24, -24, 244, 200], "colour": "convolution"}],
    "comments": [{"text": "why?", "rect": [240, 96, 200, 72]}],
    "wires": [{"wire": ["image.y", "conv1.x"], "points": [[260, 50], [260, 80.25]]}],
    "notes": {"conv1": "a note"},
    "hidden": ["conv1"],
}
ANNOTATED: dict[str, Any] = copy.deepcopy(SMALL) | {"layout": {"network": SHEET, "blocks": {"B": SHEET}}}
"""The small design with something of everything on its sheets, and one layer left out."""
ANNOTATED["network"]["layers"]["conv1"]["bypass"] = True


def variants(seed: int, count: int) -> Iterator[bytes]:
    """Design files made from valid ones by one to three hostile changes each: of the bytes, or of the values."""
    chance = random.Random(seed)
    sources = [encoded(SMALL), encoded(ANNOTATED), *(entry.read_bytes() for entry in sorted_templates())]
    for _ in range(count):
        data = chance.choice(sources)
        change = _bytes_changed if chance.random() < 0.4 else _values_changed
        yield change(data, chance)


def block_variants(seed: int, count: int) -> Iterator[bytes]:
    """Designs with blocks after one to four hostile changes of uses, ports, parameters and whole blocks."""
    chance = random.Random(seed)
    sources = [dump(make()).encode() for make in SAMPLES.values()]
    for _ in range(count):
        value = json.loads(chance.choice(sources))
        for _ in range(chance.randint(1, 4)):
            _use_changed(value, chance)
        data = json.dumps(value).encode()
        yield _values_changed(data, chance) if chance.random() < 0.3 else data


def _use_changed(design: dict[str, Any], chance: random.Random) -> None:
    blocks: dict[str, Any] = design["blocks"]
    network = chance.choice([design["network"], *(block["network"] for block in blocks.values())])
    layers: dict[str, Any] = network["layers"]
    if not layers:
        return
    id = chance.choice(list(layers))
    entry = layers[id]
    match chance.randrange(7):
        case 0 | 1 | 2:
            entry[chance.choice(USE_KEYS)] = copy.deepcopy(chance.choice([*USE_VALUES, *VALUES, *blocks]))
        case 3:
            entry.update({"type": "Block", "block": chance.choice([*blocks, "x", ""])})
        case 4:
            layers[chance.choice(["new", "x", "y", "a b", "class", *layers])] = {
                "type": chance.choice(["Input", "Output", "Block", "MSELoss"]),
                "block": chance.choice(list(blocks)),
            }
        case 5:
            block = chance.choice(list(blocks.values()))
            block["parameters"] = {
                chance.choice(["width", "C", "i", "N", "if", "x"]): chance.choice([None, 1, "t", True])
            }
        case _:
            other = chance.choice(list(blocks))
            blocks[chance.choice(["Dense", "Other", other, "class", " "])] = copy.deepcopy(blocks[other])


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
