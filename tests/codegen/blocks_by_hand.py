"""Designs with blocks, and modules written by hand that do what is drawn."""

from __future__ import annotations

from typing import Any

IMPORTS = """
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
"""

# Two stages of residual blocks: the first of a stage projects, the last of the second has no activation.
RESIDUAL: dict[str, Any] = {
    "blocks": {
        "Projection": {
            "parameters": {"channels": None},
            "network": {
                "layers": {
                    "x": {"type": "Input"},
                    "conv": {"type": "Conv2d", "out_channels": "=channels", "kernel_size": 1, "bias": False},
                    "y": {"type": "Output"},
                },
                "wires": [["x", "conv"], ["conv", "y"]],
            },
        },
        "Residual": {
            "parameters": {"channels": 4, "last": False},
            "network": {
                "layers": {
                    "x": {"type": "Input", "shape": ["N", "C", "H", "W"]},
                    "conv1": {"type": "Conv2d", "out_channels": "=channels", "kernel_size": 3, "padding": 1},
                    "norm1": {"type": "BatchNorm2d"},
                    "relu1": {"type": "ReLU"},
                    "project": {
                        "type": "Block",
                        "block": "Projection",
                        "parameters": {"channels": "=channels"},
                        "when": "=C != channels",
                    },
                    "sum": {"type": "Subtract"},
                    "y": {"type": "Output"},
                },
                "wires": [
                    *(["x", "conv1"], ["conv1", "norm1"], ["norm1", "relu1"], ["x", "project.x"]),
                    *(["relu1", "sum.x1"], ["project.y", "sum.x2"], ["sum", "y"]),
                ],
            },
        },
    },
    "network": {
        "layers": {
            "image": {"type": "Input", "shape": ["N", 3, "H", "W"]},
            "stage1": {"type": "Block", "block": "Residual", "repeat": 3},
            "stage2": {
                "type": "Block",
                "block": "Residual",
                "repeat": 2,
                "parameters": {"channels": "=6 + i"},
            },
            "out": {"type": "Output"},
        },
        "wires": [["image", "stage1.x"], ["stage1.y", "stage2.x"], ["stage2.y", "out"]],
    },
}
RESIDUAL_CODE = """
class Residual(nn.Module):
    def __init__(self, in_channels, channels=4):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(channels)
        self.project = nn.Conv2d(in_channels, channels, 1, bias=False) if in_channels != channels else None

    def forward(self, x):
        skip = self.project(x) if self.project is not None else x
        x = F.relu(self.norm1(self.conv1(x)))
        return x - skip


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stage1 = nn.Sequential(*(Residual(3 if i == 0 else 4) for i in range(3)))
        self.stage2 = nn.Sequential(*(Residual(4 if i == 0 else 6, 6 + i) for i in range(2)))

    def forward(self, image):
        return self.stage2(self.stage1(image))
"""

# Two branches of one set of weights, and a layer inside that two places share.
SIAMESE: dict[str, Any] = {
    "blocks": {
        "Branch": {
            "network": {
                "layers": {
                    "x": {"type": "Input"},
                    "a": {"type": "Linear", "out_features": 5, "weights": "once"},
                    "tanh": {"type": "Tanh"},
                    "b": {"type": "Linear", "out_features": 5, "weights": "once"},
                    "y": {"type": "Output"},
                },
                "wires": [["x", "a"], ["a", "tanh"], ["tanh", "b"], ["b", "y"]],
            },
        },
    },
    "network": {
        "layers": {
            "one": {"type": "Input", "shape": ["N", 5]},
            "two": {"type": "Input", "shape": ["N", 5]},
            "left": {"type": "Block", "block": "Branch", "weights": "branch"},
            "right": {"type": "Block", "block": "Branch", "weights": "branch"},
            "far": {"type": "Subtract"},
            "out": {"type": "Output"},
        },
        "wires": [
            *(["one", "left.x"], ["two", "right.x"], ["left.y", "far.x1"], ["right.y", "far.x2"]),
            ["far", "out"],
        ],
    },
}
SIAMESE_CODE = """
class Branch(nn.Module):
    def __init__(self):
        super().__init__()
        self.once = nn.Linear(5, 5)

    def forward(self, x):
        return self.once(torch.tanh(self.once(x)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.branch = Branch()

    def forward(self, one, two):
        return self.branch(one) - self.branch(two)
"""

# Words to sentences to documents, each with lengths of their own; some sentences are empty.
DOCUMENTS: dict[str, Any] = {
    "blocks": {
        "Sentence": {
            "network": {
                "layers": {
                    "words": {"type": "Input"},
                    "scale": {"type": "Input", "fold": False},
                    "embed": {"type": "Embedding", "num_embeddings": 7, "embedding_dim": 4},
                    "conv": {"type": "Permute", "dims": [0, 2, 1]},
                    "wide": {"type": "Conv1d", "out_channels": 4, "kernel_size": 3, "padding": 1},
                    "back": {"type": "Permute", "dims": [0, 2, 1]},
                    "read": {"type": "GRU", "hidden_size": 3},
                    "scaled": {"type": "Multiply"},
                    "y": {"type": "Output"},
                },
                "wires": [
                    *(["words", "embed"], ["embed.y", "conv"], ["conv", "wide"], ["wide", "back"]),
                    *(
                        ["back", "read.x"],
                        ["read.last", "scaled.x1"],
                        ["scale", "scaled.x2"],
                        ["scaled", "y"],
                    ),
                ],
            },
        },
    },
    "network": {
        "layers": {
            "document": {"type": "Input", "shape": ["N", "S", "T"], "dtype": "int64"},
            "factor": {"type": "Input", "shape": [3]},
            "sentences": {"type": "Input", "role": "lengths", "of": "document", "axis": 1},
            "words": {"type": "Input", "role": "lengths", "of": "document", "axis": 2, "shape": ["N", "S"]},
            "encode": {"type": "Block", "block": "Sentence", "each": 1},
            "whole": {"type": "GRU", "hidden_size": 2},
            "out": {"type": "Output"},
        },
        "wires": [
            *(["document", "encode.words"], ["factor", "encode.scale"], ["encode.y", "whole.x"]),
            ["whole.last", "out"],
        ],
    },
}
DOCUMENTS_CODE = """
def run_packed(rnn, x, lengths):
    packed = pack_padded_sequence(x, lengths.clamp(min=1), batch_first=True, enforce_sorted=False)
    y, state = rnn(packed)
    return state.masked_fill((lengths < 1)[:, None], 0.0)


class Sentence(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(7, 4)
        self.wide = nn.Conv1d(4, 4, 3, padding=1)
        self.read = nn.GRU(4, 3, batch_first=True)

    def forward(self, words, lengths, scale):
        x = self.embed(words).transpose(1, 2)
        mask = torch.arange(x.shape[2]) >= lengths[:, None]
        x = self.wide(x.masked_fill(mask[:, None], 0.0)).transpose(1, 2)
        return run_packed(self.read, x, lengths)[-1] * scale


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = Sentence()
        self.whole = nn.GRU(3, 2, batch_first=True)

    def forward(self, document, factor, sentences, words):
        x = self.encode(document.flatten(0, 1), words.flatten(), factor)
        x = x.unflatten(0, document.shape[:2])
        return run_packed(self.whole, x, sentences)[-1]
"""
CODE = {
    "residual": (
        RESIDUAL,
        RESIDUAL_CODE,
        {
            (stage, i, *inner): f"{stage}.{i}.{name}"
            for stage, count in (("stage1", 3), ("stage2", 2))
            for i in range(count)
            for inner, name in (
                (("conv1",), "conv1"),
                (("norm1",), "norm1"),
                (("project", 0, "conv"), "project"),
            )
        },
    ),
    "siamese": (SIAMESE, SIAMESE_CODE, {("left", 0, "a"): "branch.once", ("right", 0, "b"): "branch.once"}),
    "documents": (
        DOCUMENTS,
        DOCUMENTS_CODE,
        {("encode", 0, name): f"encode.{name}" for name in ("embed", "wide", "read")} | {("whole",): "whole"},
    ),
}
