"""Designs with blocks, each for one way in which classes are printed and used."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from graph_ir.file import parse
from graph_ir.graph import Design

Json = dict[str, Any]


def network(layers: Json, *wires: str, parameters: Json | None = None) -> Json:
    """A network of a file: wires are texts such as `"conv -> norm"`, or chains of them."""
    pairs = [pair for wire in wires for pair in _pairs(wire.split(" -> "))]
    found: Json = {"layers": layers, "wires": pairs}
    return found if parameters is None else {**found, "parameters": parameters}


def _pairs(ends: list[str]) -> list[list[str]]:
    return [list(pair) for pair in pairwise(ends)]


def block(parameters: Json, layers: Json, *wires: str) -> Json:
    """A block of a file."""
    return {"parameters": parameters, "network": network(layers, *wires)}


def made(title: str, top: Json, blocks: Json, training: Json | None = None) -> Design:
    """A design that was read from a file."""
    raw: Json = {
        "format": "layerloom",
        "version": 1,
        "about": {"title": title},
        "network": top,
        "blocks": blocks,
    }
    return parse(json.dumps(raw | ({"training": training} if training else {})))


IMAGE: Json = {"type": "Input", "shape": ["N", "C", "H", "W"]}
OUTPUT: Json = {"type": "Output"}


def use(name: str, **values: Any) -> Json:
    """A use of a block."""
    parameters = values.pop("parameters", {})
    return {"type": "Block", "block": name, **({"parameters": parameters} if parameters else {}), **values}


def conv(channels: Any, size: int, **values: Any) -> Json:
    """A convolution without bias, as a norm follows."""
    padding = {"padding": size // 2} if size > 1 else {}
    return {
        "type": "Conv2d",
        "out_channels": channels,
        "kernel_size": size,
        **padding,
        "bias": False,
        **values,
    }


PROJECTION = block(
    {"channels": None, "stride": 1},
    {"x": IMAGE, "0": conv("=channels", 1, stride="=stride"), "1": {"type": "BatchNorm2d"}, "y": OUTPUT},
    "x -> 0 -> 1 -> y",
)

BOTTLENECK = block(
    {"channels": None, "stride": 1, "expansion": 4},
    {
        "x": IMAGE,
        "conv1": conv("=channels", 1),
        "bn1": {"type": "BatchNorm2d"},
        "relu1": {"type": "ReLU"},
        "conv2": conv("=channels", 3, stride="=stride"),
        "bn2": {"type": "BatchNorm2d"},
        "relu2": {"type": "ReLU"},
        "conv3": conv("=channels*expansion", 1),
        "bn3": {"type": "BatchNorm2d"},
        "downsample": use(
            "Projection",
            parameters={"channels": "=channels*expansion", "stride": "=stride"},
            when="=stride != 1 or C != channels*expansion",
        ),
        "add": {"type": "Add"},
        "relu3": {"type": "ReLU"},
        "y": OUTPUT,
    },
    "x -> conv1 -> bn1 -> relu1 -> conv2 -> bn2 -> relu2 -> conv3 -> bn3 -> add.x1",
    "x -> downsample -> add.x2",
    "add -> relu3 -> y",
)


def resnet(depths: tuple[int, ...] = (2, 3), width: int = 8) -> Design:
    """Residual blocks: a projection only where it is needed, the first of a row with a stride."""
    rows = {
        f"layer{i + 1}": use(
            "Bottleneck",
            parameters={
                "channels": f"=width*{2**i}" if i else "=width",
                **({"stride": "=2 if i == 0 else 1"} if i else {}),
            },
            repeat=depth,
        )
        for i, depth in enumerate(depths)
    }
    layers = {
        "image": {"type": "Input", "shape": ["N", 3, "H", "W"]},
        "conv1": conv("=width", 7, stride=2),
        "bn1": {"type": "BatchNorm2d"},
        "relu": {"type": "ReLU"},
        "maxpool": {"type": "MaxPool2d", "kernel_size": 3, "stride": 2, "padding": 1},
        **rows,
        "avgpool": {"type": "AdaptiveAvgPool2d", "output_size": 1},
        "flatten": {"type": "Flatten"},
        "fc": {"type": "Linear", "out_features": "=num_classes"},
        "scores": OUTPUT,
    }
    top = network(layers, " -> ".join(layers), parameters={"num_classes": 10, "width": width})
    return made("Small ResNet", top, {"Projection": PROJECTION, "Bottleneck": BOTTLENECK})


def dense() -> Design:
    """Channels that grow with every repetition; a chain with names; a block in a block."""
    layer = block(
        {"growth": None, "bottleneck": 2},
        {
            "x": IMAGE,
            "norm1": {"type": "BatchNorm2d"},
            "relu1": {"type": "ReLU"},
            "conv1": conv("=growth*bottleneck", 1),
            "norm2": {"type": "BatchNorm2d"},
            "relu2": {"type": "ReLU"},
            "conv2": conv("=growth", 3),
            "joined": {"type": "Concat", "dim": 1},
            "y": OUTPUT,
        },
        "x -> norm1 -> relu1 -> conv1 -> norm2 -> relu2 -> conv2 -> joined.x2",
        "x -> joined.x1",
        "joined -> y",
    )
    transition = block(
        {},
        {
            "x": IMAGE,
            "norm": {"type": "BatchNorm2d"},
            "relu": {"type": "ReLU"},
            "conv": conv("=C // 2", 1),
            "pool": {"type": "AvgPool2d", "kernel_size": 2},
            "y": OUTPUT,
        },
        "x -> norm -> relu -> conv -> pool -> y",
    )
    stage = block(
        {"depth": 4, "growth": None},
        {
            "x": IMAGE,
            "layers": use("Dense layer", parameters={"growth": "=growth"}, repeat="=depth"),
            "transition": use("Transition"),
            "y": OUTPUT,
        },
        "x -> layers -> transition -> y",
    )
    layers = {
        "image": {"type": "Input", "shape": ["N", 3, "H", "W"]},
        "stem": conv(8, 3),
        "stage1": use("Stage", parameters={"growth": 4}),
        "stage2": use("Stage", parameters={"growth": 4, "depth": 3}),
        "gap": {"type": "AdaptiveAvgPool2d", "output_size": 1},
        "flat": {"type": "Flatten"},
        "fc": {"type": "Linear", "out_features": 5},
        "out": OUTPUT,
    }
    blocks = {"Stage": stage, "Transition": transition, "Dense layer": layer}
    return made("Small DenseNet", network(layers, " -> ".join(layers)), blocks)


def siamese() -> Design:
    """One set of weights for two inputs, of a block and of a plain layer."""
    branch = block(
        {"width": 6},
        {
            "x": IMAGE,
            "conv": conv("=width", 3),
            "relu": {"type": "ReLU"},
            "gap": {"type": "AdaptiveAvgPool2d", "output_size": 1},
            "flat": {"type": "Flatten"},
            "y": OUTPUT,
        },
        "x -> conv -> relu -> gap -> flat -> y",
    )
    layers = {
        "left": {"type": "Input", "shape": ["N", 1, "H", "W"]},
        "right": {"type": "Input", "shape": ["N", 1, "H", "W"]},
        "embed_left": use("Branch", weights="embed"),
        "embed_right": use("Branch", weights="embed"),
        "head_left": {"type": "Linear", "out_features": 4, "weights": "head"},
        "head_right": {"type": "Linear", "out_features": 4, "weights": "head"},
        "apart": {"type": "Subtract"},
        "size": {"type": "Abs"},
        "out": OUTPUT,
    }
    wires = ("left -> embed_left -> head_left -> apart.x1", "right -> embed_right -> head_right -> apart.x2")
    return made("Siamese", network(layers, *wires, "apart -> size -> out"), {"Branch": branch})


def document() -> Design:
    """A block at every step, with lengths of steps and of what lies in each step."""
    words = block(
        {"hidden": 5},
        {
            "x": {"type": "Input", "shape": ["N", "T"], "dtype": "int64"},
            "embed": {"type": "Embedding", "num_embeddings": 20, "embedding_dim": 6},
            "lstm": {"type": "LSTM", "hidden_size": "=hidden", "bidirectional": True},
            "pool": {"type": "MaskedPool"},
            "y": OUTPUT,
        },
        "x -> embed -> lstm",
        "lstm.y -> pool -> y",
    )
    layers = {
        "words": {"type": "Input", "shape": ["N", "S", "T"], "dtype": "int64"},
        "word_count": {"type": "Input", "role": "lengths", "of": "words", "axis": 2, "shape": ["N", "S"]},
        "sentence_count": {"type": "Input", "role": "lengths", "of": "words", "axis": 1},
        "sentences": use("Sentence", each=1),
        "lstm": {"type": "GRU", "hidden_size": 4},
        "fc": {"type": "Linear", "out_features": 3},
        "out": OUTPUT,
    }
    wires = ("words -> sentences -> lstm", "lstm.last -> fc -> out")
    return made("Document", network(layers, *wires), {"Sentence": words})


def transformer() -> Design:
    """A row of blocks with a mask for all of them: a loop."""
    layer = block(
        {"heads": 2, "hidden": None, "dropout": 0.0},
        {
            "x": {"type": "Input", "shape": ["N", "T", "F"]},
            "mask": {"type": "Input", "shape": ["N", "T"], "dtype": "bool"},
            "norm1": {"type": "LayerNorm"},
            "attention": {"type": "MultiheadAttention", "num_heads": "=heads", "dropout": "=dropout"},
            "add1": {"type": "Add"},
            "norm2": {"type": "LayerNorm"},
            "fc1": {"type": "Linear", "out_features": "=hidden"},
            "gelu": {"type": "GELU"},
            "fc2": {"type": "Linear", "out_features": "=F"},
            "add2": {"type": "Add"},
            "y": OUTPUT,
        },
        "x -> norm1 -> attention.query",
        "norm1 -> attention.key",
        "norm1 -> attention.value",
        "mask -> attention.key_padding_mask",
        "x -> add1.x1",
        "attention.y -> add1.x2",
        "add1 -> norm2 -> fc1 -> gelu -> fc2 -> add2.x2",
        "add1 -> add2.x1",
        "add2 -> y",
    )
    layers = {
        "tokens": {"type": "Input", "shape": ["N", "T"], "dtype": "int64"},
        "padding": {"type": "Input", "shape": ["N", "T"], "dtype": "bool"},
        "embed": {"type": "Embedding", "num_embeddings": 30, "embedding_dim": 8},
        "layers": use("Encoder layer", parameters={"hidden": 16, "dropout": 0.1}, repeat=3),
        "norm": {"type": "LayerNorm"},
        "fc": {"type": "Linear", "out_features": 4},
        "out": OUTPUT,
    }
    wires = ("tokens -> embed -> layers.x", "padding -> layers.mask", "layers -> norm -> fc -> out")
    return made("Encoder", network(layers, *wires), {"Encoder layer": layer})


def several() -> Design:
    """Several inputs and outputs; a flag and a text as parameters; a part that may be left out."""
    cross = block(
        {"width": None, "bias": True, "mode": "mean"},
        {
            "a": {"type": "Input", "shape": ["N", "F"]},
            "b": {"type": "Input", "shape": ["N", "G"]},
            "fa": {"type": "Linear", "out_features": "=width", "bias": "=bias"},
            "fb": {"type": "Linear", "out_features": "=width", "bias": "=bias"},
            "sum": {"type": "Add"},
            "gate": {"type": "Multiply"},
            "p": OUTPUT,
            "q": OUTPUT,
        },
        "a -> fa -> sum.x1",
        "b -> fb -> sum.x2",
        "fa -> gate.x1",
        "fb -> gate.x2",
        "sum -> p",
        "gate -> q",
    )
    layers = {
        "a": {"type": "Input", "shape": ["N", 3]},
        "b": {"type": "Input", "shape": ["N", 5]},
        "first": use("Cross", parameters={"width": 4}),
        "more": use("Cross", parameters={"width": 4, "bias": False}, repeat=2),
        "maybe": use("Cross", parameters={"width": "=width"}, when="=extra"),
        "p": OUTPUT,
        "q": OUTPUT,
    }
    wires = (
        "a -> first.a",
        "b -> first.b",
        "first.p -> more.a",
        "first.q -> more.b",
        "more.p -> maybe.a",
        "more.q -> maybe.b",
        "maybe.p -> p",
        "maybe.q -> q",
    )
    top = network(layers, *wires, parameters={"extra": True, "width": 6})
    return made("Two streams", top, {"Cross": cross})


BLOCKS = {
    "resnet": resnet,
    "dense": dense,
    "siamese": siamese,
    "document": document,
    "transformer": transformer,
    "several": several,
}
