"""A small network for each data set, which learns from it: all the ways in which data reaches a network and a loss."""

from __future__ import annotations

from typing import Any

from graph_ir.graph import Design
from tests.networks import design

Layers = dict[str, dict[str, Any]]
SMALL: dict[str, dict[str, int]] = {
    "digit-strings": {
        "min_digits": 1,
        "max_digits": 3,
        "max_gap": 1,
        "train_strings": 96,
        "validation_strings": 24,
        "test_strings": 24,
    },
    "pairs-of-digits": {"count": 400},
    "images": {"height": 16, "width": 16, "channels": 1, "classes": 3, "count": 200},
    "image-pairs": {"height": 16, "width": 16, "classes": 3, "count": 120},
    "documents": {"classes": 4, "sentences": 3, "words": 6, "vocabulary": 100, "count": 300},
    "sentences": {"words": 8, "count": 300},
    "characters": {"window": 20},
    "words": {"window": 10, "vocabulary": 60},
    "pairs": {"min_digits": 1, "max_digits": 3, "count": 200},
    "mel": {"min_sounds": 1, "max_sounds": 2, "bands": 12, "count": 200},
    "ecg": {"min_samples": 300, "max_samples": 500, "count": 120},
    "series": {"steps": 12, "count": 200},
}
"""Options that make a quick test of a data set."""


def data(shape: list[Any], **fields: Any) -> dict[str, Any]:
    """An Input."""
    return {"type": "Input", "shape": shape, **fields}


def target(shape: list[Any], dtype: str = "int64") -> dict[str, Any]:
    """An Input that a loss compares with."""
    return data(shape, role="target", dtype=dtype)


def counts(of: str, axis: int = 1) -> dict[str, Any]:
    """An Input with the lengths of another."""
    return {"type": "Input", "role": "lengths", "of": of, "axis": axis}


OUT = {"type": "Output"}
TURN = {"type": "Permute", "dims": [0, 2, 1]}


def linear(width: int) -> dict[str, Any]:
    """A dense layer."""
    return {"type": "Linear", "out_features": width}


def trained(source: str, layers: Layers, wires: list[str], metrics: list[str], **training: Any) -> Design:
    """A design that trains on a data set; each Input is fed from the field of its name."""
    carried = training.get("carry", {})
    roles = ("data", "target", "lengths")
    inputs = {
        id: id
        for id, layer in layers.items()
        if layer["type"] == "Input" and layer.get("role", "data") in roles and id not in carried
    }
    carry = {"carry": training.pop("carry")} if carried else {}
    section = {"data": {"source": source, "inputs": inputs, **carry}, "batch_size": 16, "metrics": metrics}
    section |= {"epochs": 3, "optimizer": {"type": "Adam", "lr": 0.01}, **training}
    return design(layers, wires, title=f"Learns {source}", **section)


def digits_with_noise() -> Design:
    """What is noisy anew in each batch is made clean: an Input of noise, and the image as its own target."""
    layers: Layers = {
        "image": data(["N", 1, 8, 8]),
        "noise": data(["N", 1, 8, 8], role="noise"),
        "less": {"type": "Scale", "factor": 0.2},
        "noisy": {"type": "Add"},
        "conv": {"type": "Conv2d", "out_channels": 8, "kernel_size": 3, "padding": 1},
        "relu": {"type": "ReLU"},
        "back": {"type": "Conv2d", "out_channels": 1, "kernel_size": 3, "padding": 1},
        "out": OUT,
        "loss": {"type": "MSELoss"},
    }
    wires = ["image -> noisy.x1", "noise -> less", "less -> noisy.x2", "noisy -> conv", "conv -> relu"]
    wires += ["relu -> back", "back -> out", "back -> loss.input", "image -> loss.target"]
    return trained("digits", layers, wires, ["mae"])


def digit_strings() -> Design:
    layers: Layers = {
        "image": data(["N", 1, 8, "W"]),
        "conv": {"type": "Conv2d", "out_channels": 16, "kernel_size": 3, "stride": [2, 1], "padding": 1},
        "relu": {"type": "ReLU"},
        "turn": {"type": "Permute", "dims": [0, 3, 1, 2]},
        "flat": {"type": "Flatten", "start_dim": 2},
        "fc": linear(11),
        "log": {"type": "LogSoftmax", "dim": -1},
        "out": OUT,
        "labels": target(["N", "S"]),
        "label_count": counts("labels"),
        "loss": {"type": "CTCLoss"},
    }
    wires = ["image -> conv", "conv -> relu", "relu -> turn", "turn -> flat", "flat -> fc", "fc -> log"]
    wires += ["log -> out", "log -> loss.input", "labels -> loss.target"]
    return trained("digit-strings", layers, wires, ["label_error_rate"])


def pairs_of_digits() -> Design:
    layers: Layers = {
        "first": data(["N", 1, 8, 8]),
        "second": data(["N", 1, 8, 8]),
        "gap": {"type": "Subtract"},
        "size": {"type": "Abs"},
        "flat": {"type": "Flatten"},
        "hidden": linear(32),
        "relu": {"type": "ReLU"},
        "fc": linear(1),
        "line": {"type": "Squeeze", "dim": 1},
        "out": OUT,
        "same": target(["N"], "float32"),
        "loss": {"type": "BCEWithLogitsLoss"},
    }
    wires = ["first -> gap.x1", "second -> gap.x2", "gap -> size", "size -> flat", "flat -> hidden"]
    wires += ["hidden -> relu", "relu -> fc", "fc -> line", "line -> out", "line -> loss.input"]
    return trained("pairs-of-digits", layers, [*wires, "same -> loss.target"], ["accuracy"])


def images() -> Design:
    """A picture and what is known besides it."""
    layers: Layers = {
        "image": data(["N", 1, 16, 16]),
        "features": data(["N", 4]),
        "conv": {"type": "Conv2d", "out_channels": 8, "kernel_size": 3, "padding": 1},
        "relu": {"type": "ReLU"},
        "pool": {"type": "MaxPool2d", "kernel_size": 2},
        "flat": {"type": "Flatten"},
        "join": {"type": "Concat", "dim": 1},
        "fc": linear(3),
        "out": OUT,
        "label": target(["N"]),
        "loss": {"type": "CrossEntropyLoss"},
    }
    wires = ["image -> conv", "conv -> relu", "relu -> pool", "pool -> flat", "flat -> join.x1"]
    wires += ["features -> join.x2", "join -> fc", "fc -> out", "fc -> loss.input", "label -> loss.target"]
    return trained("images", layers, wires, ["accuracy", "f1"])


def image_pairs() -> Design:
    """A class for each pixel, and the clean picture, from one noisy picture: two losses."""
    layers: Layers = {
        "image": data(["N", 3, "H", "W"]),
        "conv": {"type": "Conv2d", "out_channels": 12, "kernel_size": 5, "padding": 2},
        "relu": {"type": "ReLU"},
        "classes": {"type": "Conv2d", "out_channels": 3, "kernel_size": 3, "padding": 1},
        "clean": {"type": "Conv2d", "out_channels": 3, "kernel_size": 3, "padding": 1},
        "out": OUT,
        "picture": OUT,
        "mask": target(["N", "H", "W"]),
        "target": target(["N", 3, "H", "W"], "float32"),
        "loss": {"type": "CrossEntropyLoss"},
        "rebuilt": {"type": "MSELoss"},
    }
    wires = ["image -> conv", "conv -> relu", "relu -> classes", "relu -> clean", "classes -> out"]
    wires += ["clean -> picture", "classes -> loss.input", "mask -> loss.target", "clean -> rebuilt.input"]
    return trained("image-pairs", layers, [*wires, "target -> rebuilt.target"], ["accuracy", "f1"])


def documents() -> Design:
    layers: Layers = {
        "words": data(["N", "S", "T"], dtype="int64"),
        "embed": {"type": "Embedding", "num_embeddings": 100, "embedding_dim": 16, "padding_idx": 0},
        "mean": {"type": "Mean", "dim": [1, 2]},
        "fc": linear(4),
        "out": OUT,
        "label": target(["N"]),
        "loss": {"type": "CrossEntropyLoss"},
    }
    wires = ["words -> embed", "embed -> mean", "mean -> fc", "fc -> out", "fc -> loss.input"]
    return trained("documents", layers, [*wires, "label -> loss.target"], ["accuracy"])


def sentences() -> Design:
    """Lengths of a data Input: one answer a sentence, and one a word."""
    layers: Layers = {
        "tokens": data(["N", "T"], dtype="int64"),
        "token_count": counts("tokens"),
        "embed": {"type": "Embedding", "num_embeddings": 200, "embedding_dim": 16},
        "lstm": {"type": "LSTM", "hidden_size": 16, "bidirectional": True},
        "mood": linear(2),
        "kinds": linear(7),
        "turn": TURN,
        "out": OUT,
        "each": OUT,
        "tags": target(["N", "T"]),
        "label": target(["N"]),
        "tagged": {"type": "CrossEntropyLoss", "ignore_index": 0},
        "loss": {"type": "CrossEntropyLoss"},
    }
    wires = ["tokens -> embed", "embed -> lstm", "lstm.last -> mood", "lstm.y -> kinds", "kinds -> turn"]
    wires += ["mood -> out", "kinds -> each", "turn -> tagged.input", "tags -> tagged.target"]
    return trained(
        "sentences",
        layers,
        [*wires, "mood -> loss.input", "label -> loss.target"],
        ["accuracy", "perplexity"],
    )


def characters() -> Design:
    """A text read window by window: the state is carried on, the gradient is not."""
    layers: Layers = {
        "text": data(["N", "T"], dtype="int64"),
        "h_0": data([1, "N", 32]),
        "c_0": data([1, "N", 32]),
        "embed": {"type": "Embedding", "num_embeddings": 39, "embedding_dim": 16},
        "lstm": {"type": "LSTM", "hidden_size": 32},
        "fc": linear(39),
        "turn": TURN,
        "out": OUT,
        "h_n": OUT,
        "c_n": OUT,
        "next": target(["N", "T"]),
        "loss": {"type": "CrossEntropyLoss"},
    }
    wires = ["text -> embed", "embed -> lstm", "h_0 -> lstm.h_0", "c_0 -> lstm.c_0", "lstm.y -> fc"]
    wires += ["fc -> turn", "fc -> out", "lstm.h_n -> h_n", "lstm.c_n -> c_n", "turn -> loss.input"]
    carry = {"h_0": "h_n", "c_0": "c_n"}
    return trained(
        "characters", layers, [*wires, "next -> loss.target"], ["accuracy", "perplexity"], carry=carry
    )


def words() -> Design:
    """More classes than a table of who is taken for whom has room for."""
    layers: Layers = {
        "text": data(["N", "T"], dtype="int64"),
        "embed": {"type": "Embedding", "num_embeddings": 200, "embedding_dim": 16},
        "gru": {"type": "GRU", "hidden_size": 16},
        "fc": linear(200),
        "turn": TURN,
        "out": OUT,
        "next": target(["N", "T"]),
        "loss": {"type": "CrossEntropyLoss"},
    }
    wires = ["text -> embed", "embed -> gru", "gru.y -> fc", "fc -> turn", "fc -> out", "turn -> loss.input"]
    return trained("words", layers, [*wires, "next -> loss.target"], ["accuracy", "f1"])


def pairs() -> Design:
    """Two sequences with lengths of their own: what one leaves behind begins the other."""
    layers: Layers = {
        "source": data(["N", "S"], dtype="int64"),
        "source_count": counts("source"),
        "target_in": data(["N", "T"], dtype="int64"),
        "embed": {"type": "Embedding", "num_embeddings": 13, "embedding_dim": 12},
        "embed_in": {"type": "Embedding", "num_embeddings": 13, "embedding_dim": 12},
        "encoder": {"type": "GRU", "hidden_size": 32},
        "decoder": {"type": "GRU", "hidden_size": 32},
        "fc": linear(13),
        "turn": TURN,
        "out": OUT,
        "target": target(["N", "T"]),
        "loss": {"type": "CrossEntropyLoss", "ignore_index": 0},
    }
    wires = ["source -> embed", "embed -> encoder", "target_in -> embed_in", "embed_in -> decoder"]
    wires += [
        "encoder.h_n -> decoder.h_0",
        "decoder.y -> fc",
        "fc -> turn",
        "fc -> out",
        "turn -> loss.input",
    ]
    return trained("pairs", layers, [*wires, "target -> loss.target"], ["accuracy"])


def mel() -> Design:
    """CTC on sequences whose lengths are known."""
    layers: Layers = {
        "mel": data(["N", "T", 12]),
        "frames": counts("mel"),
        "gru": {"type": "GRU", "hidden_size": 24, "bidirectional": True},
        "fc": linear(11),
        "log": {"type": "LogSoftmax", "dim": -1},
        "out": OUT,
        "labels": target(["N", "S"]),
        "label_count": counts("labels"),
        "loss": {"type": "CTCLoss"},
    }
    wires = ["mel -> gru", "gru.y -> fc", "fc -> log", "log -> out", "log -> loss.input"]
    return trained("mel", layers, [*wires, "labels -> loss.target"], ["label_error_rate"])


def ecg() -> Design:
    """Records of different lengths with several labels each."""
    layers: Layers = {
        "signal": data(["N", 1, "T"]),
        "samples": counts("signal", 2),
        "conv": {"type": "Conv1d", "out_channels": 8, "kernel_size": 31, "stride": 4, "padding": 15},
        "relu": {"type": "ReLU"},
        "turn": TURN,
        "pool": {"type": "MaskedPool", "mode": "max"},
        "fc": linear(4),
        "out": OUT,
        "labels": target(["N", 4], "float32"),
        "loss": {"type": "BCEWithLogitsLoss"},
    }
    wires = ["signal -> conv", "conv -> relu", "relu -> turn", "turn -> pool", "pool -> fc", "fc -> out"]
    wires += ["fc -> loss.input", "labels -> loss.target"]
    return trained("ecg", layers, wires, ["accuracy", "f1", "auroc"])


def series() -> Design:
    """A number at each step."""
    layers: Layers = {
        "series": data(["N", "T", 1]),
        "lstm": {"type": "LSTM", "hidden_size": 16},
        "fc": linear(1),
        "out": OUT,
        "next": target(["N", "T", 1], "float32"),
        "loss": {"type": "MSELoss"},
    }
    wires = ["series -> lstm", "lstm.y -> fc", "fc -> out", "fc -> loss.input", "next -> loss.target"]
    return trained("series", layers, wires, ["mae"])


def wine() -> Design:
    """Numbers and codes side by side: wide and deep."""
    layers: Layers = {
        "features": data(["N", 13]),
        "codes": data(["N", 13], dtype="int64"),
        "hidden": linear(16),
        "relu": {"type": "ReLU"},
        "deep": linear(3),
        "embed": {"type": "Embedding", "num_embeddings": 52, "embedding_dim": 3},
        "wide": {"type": "Sum", "dim": 1},
        "add": {"type": "Add"},
        "out": OUT,
        "label": target(["N"]),
        "loss": {"type": "CrossEntropyLoss"},
    }
    wires = ["features -> hidden", "hidden -> relu", "relu -> deep", "codes -> embed", "embed -> wide"]
    wires += ["deep -> add.x1", "wide -> add.x2", "add -> out", "add -> loss.input", "label -> loss.target"]
    return trained("wine", layers, wires, ["accuracy", "f1"])


def breast_cancer() -> Design:
    layers: Layers = {
        "features": data(["N", 30]),
        "fc": linear(1),
        "out": OUT,
        "value": target(["N", 1], "float32"),
        "loss": {"type": "BCEWithLogitsLoss"},
    }
    wires = ["features -> fc", "fc -> out", "fc -> loss.input", "value -> loss.target"]
    return trained("breast-cancer", layers, wires, ["accuracy", "auroc"])


def diabetes() -> Design:
    layers: Layers = {
        "features": data(["N", 10]),
        "fc": linear(1),
        "out": OUT,
        "value": target(["N", 1], "float32"),
        "loss": {"type": "MSELoss"},
    }
    wires = ["features -> fc", "fc -> out", "fc -> loss.input", "value -> loss.target"]
    return trained("diabetes", layers, wires, ["mae"])


MADE = (
    *(digits_with_noise, digit_strings, pairs_of_digits, images, image_pairs, documents, sentences),
    *(characters, words, pairs, mel, ecg, series, wine, breast_cancer, diabetes),
)
DESIGNS = {make.__name__.replace("_", "-"): make for make in MADE}
