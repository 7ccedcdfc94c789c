"""Designs whose blocks are wrong: what can't be read, and what opens and is marked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Use = dict[str, Any]
WIDE = {
    "parameters": {"width": None, "deep": False},
    "network": {
        "layers": {
            "x": {"type": "Input", "shape": ["N", "F"]},
            "fc": {"type": "Linear", "out_features": "=width"},
            "y": {"type": "Output"},
        },
        "wires": [["x", "fc"], ["fc", "y"]],
    },
}


def design(use: Use, blocks: dict[str, Any] | None = None, shape: Any = ("N", 8)) -> Callable[[], bytes]:
    """A network of one use, of the block Wide unless others are given."""
    layers = {
        "in": {"type": "Input", "shape": list(shape)},
        "use": {"type": "Block", "block": "Wide", **use},
        "out": {"type": "Output"},
    }
    raw = {
        "format": "layerloom",
        "version": 1,
        "network": {"layers": layers, "wires": [["in.y", "use.x"], ["use.y", "out.x"]]},
        "blocks": {"Wide": WIDE} if blocks is None else blocks,
    }
    return lambda: json.dumps(raw, indent=1).encode()


def _wide(**changes: Any) -> dict[str, Any]:
    return {"Wide": {**WIDE, **changes}}


def _with(name: str, layer: Any) -> dict[str, Any]:
    network = {**WIDE["network"], "layers": {**WIDE["network"]["layers"], name: layer}}  # type: ignore[dict-item]  # JSON
    return _wide(network=network)


def _chain(length: int, **use: Any) -> dict[str, Any]:
    """Blocks that each use the next one twice, or as `use` says."""
    inner = {"x": {"type": "Input"}, "y": {"type": "Output"}}
    blocks: dict[str, Any] = {"B0": {"network": {"layers": inner, "wires": [["x", "y"]]}}}
    for i in range(1, length):
        layers = {"x": inner["x"], "b": {"type": "Block", "block": f"B{i - 1}", **use}, "y": inner["y"]}
        blocks[f"B{i}"] = {"network": {"layers": layers, "wires": [["x", "b"], ["b", "y"]]}}
    return blocks


UNREADABLE: dict[str, Callable[[], bytes]] = {
    "blocks is a list": design({}, []),  # type: ignore[arg-type]  # what is wrong
    "a block is text": design({}, {"Wide": "network"}),
    "an unknown key of a block": design({}, _wide(layers={})),
    "parameters of a block's network": design({}, _wide(network={"parameters": {}})),
    "a block without a name": design({}, {"": WIDE}),
    "a block's parameter with a bad name": design({}, _wide(parameters={"a-b": 1})),
    "a block inside itself": design({}, _with("self", {"type": "Block", "block": "Wide"})),
    "blocks inside one another": design(
        {"block": "A"},
        {
            "A": {"network": {"layers": {"b": {"type": "Block", "block": "B"}}}},
            "B": {"network": {"layers": {"a": {"type": "Block", "block": "A"}}}},
        },
    ),
    "blocks 60 deep": design({"block": "B59"}, _chain(60)),
    "an expansion bomb": design({"block": "B29"}, _chain(30, repeat=10)),
    "an expansion bomb by an expression": design({"block": "B29"}, _chain(30, repeat="=5 + 5")),
    "repeated 10^9 times": design({"parameters": {"width": 4}, "repeat": 10**9}),
    "repeated text times": design({"repeat": "four"}),
    "repeated 2.0 times": design({"repeat": 2.0}),
    "parameters of a use is a list": design({"parameters": [4]}),
    "parameters of a use is an expression": design({"parameters": "=i"}),
    "when is a number": design({"when": 1}),
    "each is text": design({"each": "T"}),
    "weights is a number": design({"weights": 7}),
    "block is a number": design({"block": 7}),
    "a wire inside a block from nowhere": design(
        {}, _wide(network={"layers": {}, "wires": [["x.y", "y.x"]]})
    ),
    "a position in a block that is text": lambda: json.dumps(
        {
            "format": "layerloom",
            "version": 1,
            "blocks": {"Wide": WIDE},
            "layout": {"blocks": {"Wide": {"layers": {"fc": "0 0"}}}},
        },
        indent=1,
    ).encode(),
}

GOOD = {"width": 8}
MARKED: dict[str, Callable[[], bytes]] = {
    "an unknown block": design({"block": "Wid", "parameters": GOOD}),
    "a use of the top network": design({"block": ""}),
    "a block's parameter missing": design({}),
    "a block's parameter unknown": design({"parameters": {"width": 8, "widht": 8}}),
    "a block's parameter of the wrong type": design({"parameters": {"width": 8, "deep": 1}}),
    "a block's parameter out of range": design({"parameters": {"width": -8}}),
    "a block's parameter by a call": design({"parameters": {"width": "=open('x')"}}),
    "a block's parameter by an attribute": design({"parameters": {"width": "=N.real"}}),
    "a block's parameter by a name from outside": design({"parameters": {"width": "=channels"}}),
    "repeated 0 times": design({"parameters": GOOD, "repeat": 0}),
    "repeated by a symbol": design({"parameters": GOOD, "repeat": "=T"}, shape=["N", "T", 8]),
    "when is no truth": design({"parameters": GOOD, "when": "=3"}),
    "each of an axis that is not there": design({"parameters": GOOD, "each": 2}),
    "each of the batch": design({"parameters": GOOD, "each": 0}),
    "a typo in a use": design({"parameters": GOOD, "repeats": 2}),
    "a port of a block with other axes": design({"parameters": GOOD}, shape=["N", 8, 8]),
    "a port of a block with another dtype": design(
        {"parameters": GOOD}, _with("x", {"type": "Input", "shape": ["N", "F"], "dtype": "int64"})
    ),
    "a port that is no identifier": design({"parameters": GOOD}, _with("a b", {"type": "Input"})),
    "a port with a role": design({"parameters": GOOD}, _with("x", {"type": "Input", "role": "target"})),
    "a loss inside a block": design({"parameters": GOOD}, _with("loss", {"type": "MSELoss"})),
    "a block without a result": design(
        {"parameters": GOOD}, _wide(network={"layers": {"x": {"type": "Input"}}, "wires": []})
    ),
    "shapes inside a block that do not fit": design(
        {"parameters": {"width": 7}}, _with("fc", {"type": "Conv2d", "out_channels": 3, "kernel_size": 3})
    ),
    "a repetition that does not fit the one before": design(
        {"parameters": {"width": "=8 - i"}, "repeat": 3},
        _with("x", {"type": "Input", "shape": ["N", 8]}),
    ),
    "weights shared by layers that differ": lambda: json.dumps(
        {
            "format": "layerloom",
            "version": 1,
            "network": {
                "layers": {
                    "in": {"type": "Input", "shape": ["N", 8]},
                    "a": {"type": "Linear", "out_features": 8, "weights": "w"},
                    "b": {"type": "Linear", "out_features": 4, "weights": "w"},
                    "out": {"type": "Output"},
                },
                "wires": [["in.y", "a.x"], ["a.y", "b.x"], ["b.y", "out.x"]],
            },
        },
        indent=1,
    ).encode(),
}
