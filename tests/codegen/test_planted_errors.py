"""The proof sees what is wrong with code: a module written by hand is proved, and no longer with one error in it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest

from codegen.module import Printed, print_module
from codegen.prove import Prover
from graph_ir.check import check
from graph_ir.graph import Design
from tests.networks import design
from tests.proving import warm_prover

IMPORTS = "import torch\nimport torch.nn.functional as F\nfrom torch import Tensor, nn\n"
RESIDUAL = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
        self.rest = nn.ModuleList([nn.Linear(8, 8) for _ in range(3)])
        nn.init.zeros_(self.rest[2].weight)
        self.shift = nn.Buffer(torch.full((8,), 0.5))

    def forward(self, image):
        x = F.relu(self.norm1(self.conv1(image)))
        skip = x
        x = F.dropout(self.conv2(x), 0.25, self.training)
        x = skip - x
        x = x.mean((2, 3))
        for layer in self.rest:
            x = torch.tanh(layer(x))
        x = x + self.shift
        return x
"""
STATE = {name: name for name in ("conv1", "norm1", "conv2", "shift")} | {
    f"rest{i}": f"rest.{i}" for i in range(3)
}


def residual() -> Design:
    """A little of everything: a skip, chance, three layers of one shape, a buffer."""
    rest = {f"rest{i}": {"type": "Linear", "out_features": 8} for i in range(3)}
    rest["rest2"]["init"] = "zeros"
    conv = {"type": "Conv2d", "out_channels": 8, "kernel_size": 3, "padding": 1}
    ends = ["pool", "rest0", "tanh0", "rest1", "tanh1", "rest2", "tanh2"]
    return design(
        {
            "image": {"type": "Input", "shape": ["N", 3, "H", "W"]},
            "conv1": {**conv, "bias": False},
            "norm1": {"type": "BatchNorm2d"},
            "relu1": {"type": "ReLU"},
            "conv2": conv,
            "drop": {"type": "Dropout", "p": 0.25},
            "less": {"type": "Subtract"},
            "pool": {"type": "Mean", "dim": [2, 3]},
            **rest,
            **{f"tanh{i}": {"type": "Tanh"} for i in range(3)},
            "shift": {"type": "Constant", "shape": [8], "value": 0.5},
            "sum": {"type": "Add"},
            "out": {"type": "Output"},
        },
        [
            *("image -> conv1", "conv1 -> norm1", "norm1 -> relu1", "relu1 -> conv2", "conv2 -> drop"),
            *("relu1 -> less.x1", "drop -> less.x2", "less -> pool"),
            *(f"{a} -> {b}" for a, b in itertools.pairwise(ends)),
            *("tanh2 -> sum.x1", "shift -> sum.x2", "sum -> out"),
        ],
        title="Net",
    )


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with warm_prover() as running:
        yield running


def by_hand(made: Design, source: str, state: dict[str, str]) -> Printed:
    """What the printer says of the design, but with this source."""
    printed = print_module(made, check(made))
    paths = {(id,): name for id, name in state.items()}
    return replace(printed, source=IMPORTS + source, class_name="Net", state=paths, lines={})


def test_code_by_hand_is_proved(prover: Prover) -> None:
    made = residual()
    proof = prover.prove(made, check(made), by_hand(made, RESIDUAL, STATE))
    assert proof.ok, proof.problems


PLANTS = {
    "the operands of a subtraction change places": (
        "x = skip - x",
        "x = x - skip",
        "less, which should give",
    ),
    "the skip is dropped": ("x = skip - x", "x = -x", "less, which should give"),
    "the activation is missing": (
        "F.relu(self.norm1(self.conv1(image)))",
        "self.norm1(self.conv1(image))",
        "relu1",
    ),
    "another activation": ("torch.tanh(layer(x))", "F.relu(layer(x))", "tanh0"),
    "a variable is stale": ("self.conv2(x), 0.25", "self.conv2(self.norm1(x)), 0.25", "conv2"),
    "weights of one shape change places": (
        "for layer in self.rest:",
        "for layer in (self.rest[1], self.rest[0], self.rest[2]):",
        "rest0",
    ),
    "a loop runs once too often": ("in self.rest:", "in [*self.rest, self.rest[2]]:", "sum"),
    "a loop runs once too rarely": ("in self.rest:", "in self.rest[:2]:", "rest2"),
    "weights are shared though drawn apart": (
        "nn.ModuleList([nn.Linear(8, 8) for _ in range(3)])",
        "nn.ModuleList([nn.Linear(8, 8)] * 3)",
        "rest1: rest.1.weight is the same tensor as rest.0.weight, but is drawn with weights of its own",
    ),
    "the largest in place of the mean": ("x.mean((2, 3))", "x.amax((2, 3))", "pool"),
    "dilated with the same shape": (
        "nn.Conv2d(8, 8, 3, padding=1)",
        "nn.Conv2d(8, 8, 3, padding=2, dilation=2)",
        "conv2",
    ),
    "padded with something else": (
        "nn.Conv2d(8, 8, 3, padding=1)",
        'nn.Conv2d(8, 8, 3, padding=1, padding_mode="circular")',
        "conv2",
    ),
    "dropout also in use": ("0.25, self.training", "0.25, True", "out: the code gives other numbers"),
    "no dropout in training": ("0.25, self.training", "0.25, False", "drop"),
    "another share is dropped": ("0.25, self.training", "0.26, self.training", "drop"),
    "statistics are remembered for longer": (
        "nn.BatchNorm2d(8)",
        "nn.BatchNorm2d(8, momentum=0.01)",
        "norm1: norm1 should be BatchNorm2d(8, eps=1e-05, momentum=0.1,",
    ),
    "normalised twice in use": (
        "x = F.relu(self.norm1(self.conv1(image)))",
        "x = F.relu(self.norm1(self.norm1(self.conv1(image)) if not self.training else self.conv1(image)))",
        "out: the code gives other numbers",
    ),
    "statistics are updated by what is not drawn": (
        "skip = x",
        "skip = x; self.norm1(x)",
        "norm1: the buffer norm1.running_mean is updated to other numbers",
    ),
    "no gradient flows through the skip": (
        "skip = x",
        "skip = x.detach()",
        "conv1.weight: the code has other gradients",
    ),
    "a weight starts otherwise": (
        "nn.init.zeros_(self.rest[2].weight)",
        "nn.init.ones_(self.rest[2].weight)",
        "rest2: the parameter rest.2.weight starts with other numbers than drawn",
    ),
    "a constant has another value": (
        "torch.full((8,), 0.5)",
        "torch.full((8,), 0.25)",
        "shift: the buffer shift starts with other numbers than drawn",
    ),
    "a bias that is not drawn": (
        "3, padding=1, bias=False",
        "3, padding=1",
        "the code has a parameter conv1.bias of (8,) that is not drawn",
    ),
    "a bias that is drawn is missing": (
        "nn.Conv2d(8, 8, 3, padding=1)",
        "nn.Conv2d(8, 8, 3, padding=1, bias=False)",
        "conv2: the code has no parameter conv2.bias, which should be (8,)",
    ),
    "a buffer is not saved": (
        "0.5))",
        "0.5), persistent=False)",
        "shift: shift should be saved with the weights",
    ),
    "another dtype": ("return x", "return x.double()", "out should be (3, 8) float32, but is (3, 8) float64"),
    "one result too many": ("return x", "return x, x", "forward should give 1 results, but gives 2"),
    "the result of an earlier layer": (
        "return x",
        "return x - self.shift",
        "out: the code gives other numbers",
    ),
    "only at one of the sizes": (
        "return x",
        "return x if x.shape[0] == 2 else x + 1",
        "out: the code gives other numbers than the drawing (largest difference",
    ),
    "a sum of which only the last bit differs": (
        "x = x + self.shift",
        "x = (x + 0.25) + 0.25 * 1.0000001",
        "sum",
    ),
    "a line that can't run": ("x = skip - x", "x = skip - y", "name 'y' is not defined (in line"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_error_is_seen_and_named(prover: Prover, name: str) -> None:
    old, new, words = PLANTS[name]
    assert RESIDUAL.count(old) == 1
    made = residual()
    proof = prover.prove(made, check(made), by_hand(made, RESIDUAL.replace(old, new), STATE))
    assert words in "\n".join(proof.problems), proof.problems
