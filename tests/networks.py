"""Builds designs for tests, in the words of the file format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graph_ir.graph import TOP, Design, Graph, Node, Wire


def design(
    layers: Mapping[str, Mapping[str, Any]], wires: Iterable[str] = (), *, title: str = "", **training: Any
) -> Design:
    """A design; layers as in a file, wires as `"conv1.y -> relu1.x"` (the ports `y` and `x` may be left out).

    >>> len(design({"a": {"type": "Input", "shape": ["N", 4]}, "b": {"type": "ReLU"}}, ["a -> b"]).top.wires())
    1
    """
    graph = Graph()
    for id, values in layers.items():
        fields = dict(values)
        graph.add(Node(id, fields.pop("type"), fields))
    for text in wires:
        source, target = (end.strip() for end in text.split("->"))
        graph.add_wire(Wire(*_port(source, "y"), *_port(target, "x")))
    return Design(about={"title": title} if title else {}, networks={TOP: graph}, training=training)


def _port(text: str, default: str) -> tuple[str, str]:
    id, dot, port = text.rpartition(".")
    return (id, port) if dot else (text, default)


def chain(*layers: Mapping[str, Any], title: str = "") -> Design:
    """Layers one behind the other between an Input (the first) and an Output; ids are type and number: `relu2`."""
    ids = [f"{layer['type'].lower()}{i}" for i, layer in enumerate(layers, 1)]
    ids[0] = "image"
    named = {**dict(zip(ids, layers, strict=True)), "out": {"type": "Output"}}
    return design(named, [f"{a} -> {b}" for a, b in zip([*ids], [*ids[1:], "out"], strict=True)], title=title)


def small_cnn() -> Design:
    """Images of any size; a classifier with its loss."""
    return design(
        {
            "image": {"type": "Input", "shape": ["N", 3, "H", "W"]},
            "conv1": {
                "type": "Conv2d",
                "out_channels": 8,
                "kernel_size": 3,
                "padding": 1,
                "init": "kaiming_normal",
            },
            "norm1": {"type": "BatchNorm2d"},
            "relu1": {"type": "ReLU"},
            "pool1": {"type": "MaxPool2d", "kernel_size": 2},
            "gap": {"type": "AdaptiveAvgPool2d", "output_size": 1},
            "flat": {"type": "Flatten"},
            "fc": {"type": "Linear", "out_features": 10},
            "scores": {"type": "Output"},
            "label": {"type": "Input", "shape": ["N"], "dtype": "int64", "role": "target"},
            "loss": {"type": "CrossEntropyLoss"},
        },
        [
            *("image -> conv1", "conv1 -> norm1", "norm1 -> relu1", "relu1 -> pool1", "pool1 -> gap"),
            *("gap -> flat", "flat -> fc", "fc -> scores", "fc -> loss.input", "label -> loss.target"),
        ],
        title="Small CNN",
    )


def two_heads() -> Design:
    """Two results, two weighted losses, one of a value that no Output marks; a frozen embedding."""
    return design(
        {
            "words": {"type": "Input", "shape": ["N", "T"], "dtype": "int64"},
            "embed": {"type": "Embedding", "num_embeddings": 20, "embedding_dim": 6, "trainable": False},
            "lstm": {
                "type": "LSTM",
                "hidden_size": 5,
                "bidirectional": True,
                "num_layers": 2,
                "init": "orthogonal",
            },
            "topic": {"type": "Linear", "out_features": 4},
            "mood": {"type": "Linear", "out_features": 1, "l2": 0.01},
            "topics": {"type": "Output"},
            "state": {"type": "Output"},
            "topic_target": {"type": "Input", "shape": ["N"], "dtype": "int64", "role": "target"},
            "mood_target": {"type": "Input", "shape": ["N", 1], "role": "target"},
            "topic_loss": {"type": "CrossEntropyLoss"},
            "mood_loss": {"type": "MSELoss", "reduction": "none"},
        },
        [
            *("words -> embed", "embed -> lstm", "lstm.last -> topic", "lstm.last -> mood"),
            *("topic -> topics", "lstm.c_n -> state", "topic -> topic_loss.input", "mood -> mood_loss.input"),
            *("topic_target -> topic_loss.target", "mood_target -> mood_loss.target"),
        ],
        title="Two heads",
        losses={"mood_loss": 0.3},
    )


def auto_encoder() -> Design:
    """Compares its result with its own input; a Reshape that needs sizes of the Input."""
    return design(
        {
            "x": {"type": "Input", "shape": ["N", "C", 4, "W"]},
            "mix": {"type": "Permute", "dims": [0, 2, 1, 3]},
            "rows": {"type": "Reshape", "shape": [4, "C", "W"]},
            "back": {"type": "Permute", "dims": [0, 2, 1, 3]},
            "out": {"type": "Output"},
            "loss": {"type": "MSELoss"},
        },
        ["x -> mix", "mix -> rows", "rows -> back", "back -> out", "back -> loss.input", "x -> loss.target"],
        title="Auto-encoder",
    )


def resnet152(classes: int = 1000) -> Design:
    """ResNet-152 as torchvision builds it (He et al. 2015, strides in the 3×3), flat: 515 layers, Input and Output."""
    layers: dict[str, Mapping[str, Any]] = {"image": {"type": "Input", "shape": ["N", 3, 224, 224]}}
    wires: list[str] = []

    def add(id: str, type: str, *reads: str, **values: Any) -> str:
        layers[id] = {"type": type, **values}
        ends = [f"{id}.x{i}" for i in range(1, len(reads) + 1)] if len(reads) > 1 else [id]
        wires.extend(f"{read} -> {end}" for read, end in zip(reads, ends, strict=True))
        return id

    def conv(id: str, read: str, channels: int, kernel: int, stride: int = 1) -> str:
        sizes = {"out_channels": channels, "kernel_size": kernel, "stride": stride, "padding": kernel // 2}
        return add(f"{id}_norm", "BatchNorm2d", add(f"{id}_conv", "Conv2d", read, bias=False, **sizes))

    def bottleneck(id: str, read: str, width: int, stride: int, *, projects: bool) -> str:
        a = add(f"{id}_a_relu", "ReLU", conv(f"{id}_a", read, width, 1))
        b = add(f"{id}_b_relu", "ReLU", conv(f"{id}_b", a, width, 3, stride))
        c = conv(f"{id}_c", b, 4 * width, 1)
        shortcut = conv(f"{id}_down", read, 4 * width, 1, stride) if projects else read
        return add(f"{id}_relu", "ReLU", add(f"{id}_add", "Add", c, shortcut))

    last = add("stem_relu", "ReLU", conv("stem", "image", 64, 7, 2))
    last = add("stem_pool", "MaxPool2d", last, kernel_size=3, stride=2, padding=1)
    for stage, count in enumerate((3, 8, 36, 3)):
        for i in range(count):
            stride = 2 if stage and not i else 1
            last = bottleneck(f"s{stage + 1}_{i + 1}", last, 64 << stage, stride, projects=not i)
    last = add("pool", "AdaptiveAvgPool2d", last, output_size=1)
    add("scores", "Output", add("fc", "Linear", add("flat", "Flatten", last), out_features=classes))
    return design(layers, wires, title="ResNet-152")
