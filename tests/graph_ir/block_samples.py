"""Designs with blocks, in the words of the file format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graph_ir.graph import Design, Graph
from graph_ir.report import LayerReport, Report
from tests import networks

Layers = Mapping[str, Mapping[str, Any]]
Block = tuple[Mapping[str, Any], Layers, Sequence[str]]


def design(
    layers: Layers, wires: Sequence[str] = (), **blocks: tuple[Mapping[str, Any], Layers, Sequence[str]]
) -> Design:
    """A network and its blocks, each as (parameters, layers, wires); wires as in `networks.design`."""
    made = networks.design(layers, wires)
    for name, (parameters, inner, drawn) in blocks.items():
        made.networks[name] = graph(inner, drawn, **parameters)
    return made


def graph(layers: Layers, wires: Sequence[str] = (), **parameters: Any) -> Graph:
    """One network."""
    found = networks.design(layers, wires).top
    found.parameters.update(parameters)
    return found


def use(block: str, **values: Any) -> dict[str, Any]:
    """A use of a block; what is no field of a use is a parameter."""
    fields = {name: values.pop(name) for name in ("repeat", "when", "each", "weights") if name in values}
    return {"type": "Block", "block": block, **({"parameters": values} if values else {}), **fields}


def through(
    inner: Layers, wires: list[str], shape: list[Any], parameters: dict[str, Any] | None = None, **given: Any
) -> Design:
    """An Input of a shape, one use of a block of one input x and one output y, an Output."""
    return design(
        {"in": {"type": "Input", "shape": shape}, "use": use("B", **given), "out": {"type": "Output"}},
        ["in -> use", "use -> out"],
        B=(parameters or {}, {"x": {"type": "Input"}, **inner, "y": {"type": "Output"}}, wires),
    )


def linear(width: Any = 4, **more: Any) -> dict[str, Any]:
    return {"type": "Linear", "out_features": width, **more}


def codes(report: Report) -> list[str]:
    return [problem.code for problem in report.problems if problem.severity == "error"]


def shape(report: Report, id: str = "use", port: str = "y") -> str:
    return str(tuple(map(str, report.layers[id].outputs[port].shape))).replace("'", "")


def inside(entry: LayerReport, index: int = 0) -> Report:
    report = entry.nested[index].report
    assert report is not None
    return report


DENSE: tuple[Mapping[str, Any], Layers, Sequence[str]] = (
    {"width": None, "bias": True},
    {
        "x": {"type": "Input", "shape": ["N", "F"]},
        "fc": {"type": "Linear", "out_features": "=width", "bias": "=bias"},
        "act": {"type": "ReLU"},
        "y": {"type": "Output"},
    },
    ["x -> fc", "fc -> act", "act -> y"],
)
"""A dense layer of a width with its activation."""


def residual_net() -> Design:
    """A small ResNet: a stem, two stages of repeated residual blocks with projections where needed, a head."""
    residual: tuple[Mapping[str, Any], Layers, Sequence[str]] = (
        {"channels": None, "stride": 1},
        {
            "x": {"type": "Input", "shape": ["N", "C", "H", "W"]},
            "conv1": {
                "type": "Conv2d",
                "out_channels": "=channels",
                "kernel_size": 3,
                "stride": "=stride",
                "padding": 1,
            },
            "relu1": {"type": "ReLU"},
            "conv2": {"type": "Conv2d", "out_channels": "=channels", "kernel_size": 3, "padding": 1},
            "project": use(
                "Projection", channels="=channels", stride="=stride", when="=stride != 1 or C != channels"
            ),
            "add": {"type": "Add"},
            "y": {"type": "Output"},
        },
        [
            "x -> conv1",
            "conv1 -> relu1",
            "relu1 -> conv2",
            "conv2 -> add.x1",
            "x -> project",
            "project -> add.x2",
            "add -> y",
        ],
    )
    projection: tuple[Mapping[str, Any], Layers, Sequence[str]] = (
        {"channels": None, "stride": 1},
        {
            "x": {"type": "Input"},
            "conv": {
                "type": "Conv2d",
                "out_channels": "=channels",
                "kernel_size": 1,
                "stride": "=stride",
                "bias": False,
            },
            "norm": {"type": "BatchNorm2d"},
            "y": {"type": "Output"},
        },
        ["x -> conv", "conv -> norm", "norm -> y"],
    )
    made = design(
        {
            "image": {"type": "Input", "shape": ["N", 3, "H", "W"]},
            "stem": {"type": "Conv2d", "out_channels": "=width", "kernel_size": 3, "padding": 1},
            "stage1": use("Residual", channels="=width", repeat=2),
            "stage2": use("Residual", channels="=width*2", stride="=2 if i == 0 else 1", repeat="=depth"),
            "gap": {"type": "AdaptiveAvgPool2d", "output_size": 1},
            "flat": {"type": "Flatten"},
            "fc": {"type": "Linear", "out_features": 10},
            "out": {"type": "Output"},
        },
        [
            "image -> stem",
            "stem -> stage1",
            "stage1 -> stage2",
            "stage2 -> gap",
            "gap -> flat",
            "flat -> fc",
            "fc -> out",
        ],
        Residual=residual,
        Projection=projection,
    )
    made.top.parameters.update(width=4, depth=3)
    return made


def sentences() -> Design:
    """Words to sentence vectors at every sentence, sentences to classes; lengths of words and of sentences."""
    return design(
        {
            "words": {"type": "Input", "shape": ["N", "S", "W"], "dtype": "int64"},
            "sentence_count": {"type": "Input", "role": "lengths", "of": "words", "axis": 1},
            "word_count": {"type": "Input", "shape": ["N", "S"], "role": "lengths", "of": "words", "axis": 2},
            "sentences": use("Sentence", size=6, each=1),
            "lstm": {"type": "LSTM", "hidden_size": 4},
            "fc": use("Dense", width=3),
            "out": {"type": "Output"},
        },
        ["words -> sentences", "sentences.vector -> lstm", "lstm.last -> fc", "fc -> out"],
        Sentence=(
            {"size": None},
            {
                "x": {"type": "Input", "shape": ["N", "W"], "dtype": "int64"},
                "embed": {"type": "Embedding", "num_embeddings": 50, "embedding_dim": "=size"},
                "gru": {"type": "GRU", "hidden_size": "=size*2"},
                "vector": {"type": "Output"},
            },
            ["x -> embed", "embed -> gru", "gru.last -> vector"],
        ),
        Dense=DENSE,
    )


def siamese() -> Design:
    """Two inputs through one block with the same weights, and through layers that share theirs."""
    return design(
        {
            "left": {"type": "Input", "shape": ["N", 6]},
            "right": {"type": "Input", "shape": ["N", 6]},
            "a": use("Dense", width=5, weights="twin"),
            "b": use("Dense", width=5, weights="twin"),
            "fa": {"type": "Linear", "out_features": 4, "weights": "last"},
            "fb": {"type": "Linear", "out_features": 4, "weights": "last"},
            "out": {"type": "Subtract"},
            "y": {"type": "Output"},
        },
        ["left -> a", "right -> b", "a -> fa", "b -> fb", "fa -> out.x1", "fb -> out.x2", "out -> y"],
        Dense=DENSE,
    )


SAMPLES = {"residual_net": residual_net, "sentences": sentences, "siamese": siamese}
