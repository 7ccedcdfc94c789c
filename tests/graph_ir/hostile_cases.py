"""Bad design files by name, each with its sentence in `tests/golden/errors.txt`.

`python -m tests.graph_ir.hostile_cases > tests/golden/errors.txt` writes the sentences anew; read the difference.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from graph_ir.check import check
from graph_ir.file import Unreadable, parse
from tests.graph_ir import hostile_blocks
from tests.graph_ir.hostile import (
    NAME,
    SMALL,
    changed,
    encoded,
    replaced,
    with_field,
    with_layer,
    with_sheet,
    with_wires,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "errors.txt"


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
    "bypass is a number": lambda: with_field("fc", bypass=1),
    "bypass is text": lambda: with_field("fc", bypass="true"),
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
    "frames are an object": lambda: with_sheet(frames={}),
    "a frame is text": lambda: with_sheet(frames=["Encoder"]),
    "a frame without a place": lambda: with_sheet(frames=[{"title": "Encoder"}]),
    "a frame without an area": lambda: with_sheet(frames=[{"rect": [0, 0, 10, 0]}]),
    "a frame with a negative height": lambda: with_sheet(frames=[{"rect": [0, 0, 10, -5]}]),
    "a frame too far out": lambda: with_sheet(frames=[{"rect": [1e7, 0, 10, 10]}]),
    "a frame with a place of true": lambda: with_sheet(frames=[{"rect": [True, 0, 10, 10]}]),
    "a frame with a number for a title": lambda: with_sheet(frames=[{"title": 3, "rect": [0, 0, 1, 1]}]),
    "too many frames": lambda: with_sheet(frames=[{"rect": [0, 0, 1, 1]}] * 10_001),
    "a comment without text": lambda: with_sheet(comments=[{"rect": [0, 0, 1, 1]}]),
    "a comment too long": lambda: with_sheet(comments=[{"text": "x" * 10_001, "rect": [0, 0, 1, 1]}]),
    "bends are an object": lambda: with_sheet(wires={}),
    "bends of no wire": lambda: with_sheet(wires=[{"wire": "fc.y", "points": [[0, 0]]}]),
    "bends without a point": lambda: with_sheet(wires=[{"wire": ["fc.y", "out.x"], "points": []}]),
    "bends with half a point": lambda: with_sheet(wires=[{"wire": ["fc.y", "out.x"], "points": [[0]]}]),
    "too many bends": lambda: with_sheet(wires=[{"wire": ["fc.y", "out.x"], "points": [[0, 0]] * 1001}]),
    "notes are a list": lambda: with_sheet(notes=[]),
    "a note is a number": lambda: with_sheet(notes={"fc": 3}),
    "a note too long": lambda: with_sheet(notes={"fc": "x" * 10_001}),
    "hidden is an object": lambda: with_sheet(hidden={}),
    "hidden holds a number": lambda: with_sheet(hidden=[3]),
    **hostile_blocks.UNREADABLE,
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
    "lengths of an axis twice": lambda: changed(
        lambda d: d["network"]["layers"].update(
            {id: {"type": "Input", "role": "lengths", "of": "image", "axis": 2} for id in ("first", "second")}
        )
    ),
    "lengths that a pooling would mix": lambda: with_layer(
        "n", type="Input", role="lengths", of="image", axis=2
    ),
    "a repeated layer": lambda: with_field("fc", repeat=4),
    **hostile_blocks.MARKED,
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


if __name__ == "__main__":
    sys.stdout.writelines(sentences())
