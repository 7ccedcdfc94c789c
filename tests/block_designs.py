"""Designs with blocks, as their files say them: a small ResNet, a hierarchical attention network, a siamese net."""

from __future__ import annotations

import json
from typing import Any

from graph_ir.file import parse
from graph_ir.graph import Design

CONV = {"type": "Conv2d", "out_channels": "=channels", "kernel_size": 3, "padding": 1, "bias": False}


def made(title: str, network: dict[str, Any], blocks: dict[str, Any]) -> Design:
    """A design of a network and its blocks."""
    head = {"format": "layerloom", "version": 1, "about": {"title": title}}
    return parse(json.dumps(head | {"network": network, "blocks": blocks}))


def small_resnet() -> Design:
    """Two stages of residual blocks; the first of the second stage has another stride and projects its shortcut."""
    projection = {
        "parameters": {"channels": None, "stride": 1},
        "network": {
            "layers": {
                "x": {"type": "Input", "shape": ["N", "C", "H", "W"]},
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
            "wires": [["x", "conv"], ["conv", "norm"], ["norm", "y"]],
        },
    }
    given = {"channels": "=channels", "stride": "=stride"}
    residual = {
        "parameters": {"channels": None, "stride": 1},
        "network": {
            "layers": {
                "x": {"type": "Input", "shape": ["N", "C", "H", "W"]},
                "conv1": CONV | {"stride": "=stride"},
                "norm1": {"type": "BatchNorm2d"},
                "relu1": {"type": "ReLU"},
                "conv2": CONV,
                "norm2": {"type": "BatchNorm2d"},
                "project": {
                    "type": "Block",
                    "block": "Projection",
                    "parameters": given,
                    "when": "=stride != 1 or C != channels",
                },
                "add": {"type": "Add"},
                "relu2": {"type": "ReLU"},
                "y": {"type": "Output"},
            },
            "wires": [
                *(["x", "conv1"], ["conv1", "norm1"], ["norm1", "relu1"], ["relu1", "conv2"]),
                *(["conv2", "norm2"], ["norm2", "add.x1"], ["x", "project"], ["project", "add.x2"]),
                *(["add", "relu2"], ["relu2", "y"]),
            ],
        },
    }
    network = {
        "parameters": {"num_classes": 10},
        "layers": {
            "image": {"type": "Input", "shape": ["N", 3, 32, 32]},
            "stem": CONV | {"out_channels": 16},
            "relu": {"type": "ReLU"},
            "layer1": {"type": "Block", "block": "Residual", "parameters": {"channels": 16}, "repeat": 3},
            "layer2": {
                "type": "Block",
                "block": "Residual",
                "parameters": {"channels": 32, "stride": "=2 if i == 0 else 1"},
                "repeat": 3,
            },
            "gap": {"type": "AdaptiveAvgPool2d", "output_size": 1},
            "flat": {"type": "Flatten"},
            "fc": {"type": "Linear", "out_features": "=num_classes"},
            "scores": {"type": "Output"},
        },
        "wires": [
            *(["image", "stem"], ["stem", "relu"], ["relu", "layer1"], ["layer1", "layer2"]),
            *(["layer2", "gap"], ["gap", "flat"], ["flat", "fc"], ["fc", "scores"]),
        ],
    }
    return made("Small ResNet", network, {"Residual": residual, "Projection": projection})


def attention_network() -> Design:
    """Words to sentence vectors, for every sentence; then sentences to a document (Yang et al. 2016)."""
    encoder = {
        "parameters": {"hidden": 16, "size": 32},
        "network": {
            "layers": {
                "x": {"type": "Input", "shape": ["N", "T", "F"]},
                "lstm": {"type": "LSTM", "hidden_size": "=hidden", "bidirectional": True},
                "hidden": {"type": "Linear", "out_features": "=size"},
                "tanh": {"type": "Tanh"},
                "score": {"type": "Linear", "out_features": 1, "bias": False},
                "weights": {"type": "Softmax", "dim": 1},
                "weighted": {"type": "Multiply"},
                "sum": {"type": "Sum", "dim": 1},
                "vector": {"type": "Output"},
            },
            "wires": [
                *(["x", "lstm"], ["lstm.y", "hidden"], ["hidden", "tanh"], ["tanh", "score"]),
                *(["score", "weights"], ["weights", "weighted.x1"], ["lstm.y", "weighted.x2"]),
                *(["weighted", "sum"], ["sum", "vector"]),
            ],
        },
    }
    network = {
        "layers": {
            "document": {"type": "Input", "shape": ["N", "S", "T"], "dtype": "int64"},
            "embed": {"type": "Embedding", "num_embeddings": 200, "embedding_dim": 24},
            "sentence": {"type": "Block", "block": "Encoder", "parameters": {"hidden": 12}, "each": 1},
            "whole": {"type": "Block", "block": "Encoder"},
            "drop": {"type": "Dropout", "p": 0.5},
            "fc": {"type": "Linear", "out_features": 30, "l2": 0.0001},
            "scores": {"type": "Output"},
        },
        "wires": [
            *(["document", "embed"], ["embed", "sentence"], ["sentence.vector", "whole"]),
            *(["whole.vector", "drop"], ["drop", "fc"], ["fc", "scores"]),
        ],
    }
    return made("Hierarchical attention", network, {"Encoder": encoder})


def siamese() -> Design:
    """Two pictures through one set of weights, compared."""
    tower = {
        "parameters": {"size": 32},
        "network": {
            "layers": {
                "image": {"type": "Input", "shape": ["N", "C", "H", "W"]},
                "conv": {"type": "Conv2d", "out_channels": 8, "kernel_size": 3},
                "relu": {"type": "ReLU"},
                "gap": {"type": "AdaptiveAvgPool2d", "output_size": 1},
                "flat": {"type": "Flatten"},
                "fc": {"type": "Linear", "out_features": "=size"},
                "vector": {"type": "Output"},
            },
            "wires": [
                *(["image", "conv"], ["conv", "relu"], ["relu", "gap"], ["gap", "flat"], ["flat", "fc"]),
                ["fc", "vector"],
            ],
        },
    }
    use = {"type": "Block", "block": "Tower", "weights": "tower"}
    network = {
        "layers": {
            "left": {"type": "Input", "shape": ["N", 1, 28, 28]},
            "right": {"type": "Input", "shape": ["N", 1, 28, 28]},
            "encode_left": use,
            "encode_right": use,
            "alike": {"type": "CosineSimilarity"},
            "score": {"type": "Output"},
        },
        "wires": [
            *(["left", "encode_left"], ["right", "encode_right"], ["encode_left.vector", "alike.x1"]),
            *(["encode_right.vector", "alike.x2"], ["alike", "score"]),
        ],
    }
    return made("Siamese", network, {"Tower": tower})
