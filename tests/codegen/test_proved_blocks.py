"""The proof of blocks: modules written by hand are proved, and no longer with one error in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from codegen.module import Printed
from codegen.names import Names
from codegen.prove import Prover
from graph_ir.check import check
from graph_ir.file import parse
from graph_ir.graph import Design
from graph_ir.report import Report
from tests.proving import warm_prover

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


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with warm_prover() as running:
        yield running


def problems(prover: Prover, name: str, old: str = "", new: str = "", **state: str) -> tuple[str, ...]:
    """What the proof says of a design and its code by hand, with `old` in it as `new`."""
    drawn, source, paths = CODE[name]
    assert source.count(old) == 1 or not old
    made = parse(json.dumps({"format": "layerloom", "version": 1, **drawn}))
    report = check(made)
    assert report.ok, report.problems
    printed = _printed(made, report, IMPORTS + (source.replace(old, new) if old else source), paths)
    return prover.prove(made, report, printed).problems


def _printed(made: Design, report: Report, source: str, paths: dict[Any, str]) -> Printed:
    inputs = [(id, id) for id in report.layers if report.role_of(id)]
    wire = next(wire for wire in report.wires if wire.target == "out")
    value = (wire.source, wire.source_port)
    return Printed(
        source=source,
        class_name="Net",
        output_class="",
        inputs=inputs,
        outputs=[("out", "out")],
        returned=[(value, "out")],
        attributes={id: id for id in report.layers},
        names=Names(),
        state=paths,
    )


@pytest.mark.parametrize("name", CODE)
def test_code_by_hand_is_proved(prover: Prover, name: str) -> None:
    assert problems(prover, name) == ()


PLANTS = {
    "a use runs once too often": (
        "residual",
        "self.stage1(image)",
        "self.stage1[2](self.stage1(image))",
        "out: ",
    ),
    "a use is left out": ("residual", "self.stage1(image)", "self.stage1[0](image)", "stage1 > 1 > conv1"),
    "the repetitions share weights": (
        "residual",
        "nn.Sequential(*(Residual(3 if i == 0 else 4) for i in range(3)))",
        "nn.Sequential(Residual(3), *[Residual(4)] * 2)",
        "stage1 > 2 > conv1: stage1.2.conv1.weight is the same tensor as stage1.1.conv1.weight",
    ),
    "the repetitions stand in another order": (
        "residual",
        "self.stage2(self.stage1(image))",
        "self.stage2(self.stage1[1](self.stage1[2](self.stage1[0](image))))",
        "stage1 > 1 > conv1",
    ),
    "an expression over the repetition is wrong": (
        "residual",
        "Residual(4 if i == 0 else 6, 6 + i)",
        "Residual(4 if i == 0 else 6, 6)",
        "stage2 > 1 > conv1: the parameter stage2.1.conv1.weight should be (7, 6, 3, 3), but is (6, 6, 3, 3)",
    ),
    "the projection of a use is wrong": ("residual", "return x - skip", "return x - skip - skip", "out: "),
    "a projection is applied where none is drawn": (
        "residual",
        "if in_channels != channels else None",
        "",
        "the code has a parameter stage1.1.project.weight of (4, 4, 1, 1) that is not drawn",
    ),
    "the operands change places": ("residual", "return x - skip", "return skip - x", "stage1 > 0 > sum"),
    "uses do not share": (
        "siamese",
        "return self.branch(one) - self.branch(two)",
        "return self.branch(one) - self.branch(one)",
        "right > 0 > a",
    ),
    "layers inside do not share": (
        "siamese",
        "self.once = nn.Linear(5, 5)",
        "self.once = nn.Linear(5, 5); self.twice = nn.Linear(5, 5)",
        "the code has a parameter branch.twice.weight of (5, 5) that is not drawn",
    ),
    "the padding of words is read": (
        "documents",
        "x.masked_fill(mask[:, None], 0.0)",
        "x",
        "encode > 0 > wide",
    ),
    "the padding of sentences is read": (
        "documents",
        "run_packed(self.whole, x, sentences)[-1]",
        "self.whole(x)[1][-1]",
        "whole",
    ),
    "lengths of another order": ("documents", "words.flatten()", "words.t().flatten()", "encode > 0"),
    "an empty sentence is not zero": (
        "documents",
        "return state.masked_fill((lengths < 1)[:, None], 0.0)",
        "return state",
        "encode > 0 > read",
    ),
}


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_error_is_seen_and_named(prover: Prover, name: str) -> None:
    sample, old, new, words = PLANTS[name]
    found = problems(prover, sample, old, new)
    assert words in "\n".join(found), found


def test_a_second_set_of_weights_is_seen(prover: Prover) -> None:
    """Printed.state itself says that the branches have weights of their own, though they are drawn as one."""
    drawn, source, _ = CODE["siamese"]
    twice = source.replace("self.branch = Branch()", "self.branch = Branch(); self.other = Branch()")
    made = parse(json.dumps({"format": "layerloom", "version": 1, **drawn}))
    paths = {("left", 0, "a"): "branch.once", ("right", 0, "a"): "other.once"}
    printed = _printed(
        made, check(made), IMPORTS + twice.replace("self.branch(two)", "self.other(two)"), paths
    )
    found = prover.prove(made, check(made), printed).problems
    words = "right > 0 > a: other.once.weight should be shared with branch.once.weight, but is a tensor of its own"
    assert words in found, found
