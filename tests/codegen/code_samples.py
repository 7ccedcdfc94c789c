"""Designs whose printed code is held in golden files.

`python -m tests.codegen.code_samples` writes `tests/golden/code` anew; read the difference.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from codegen.module import print_module
from codegen.objective import print_objective
from codegen.parts import FIRST_LINE, imports
from graph_ir.check import check
from graph_ir.graph import Design
from graph_ir.templates import load
from tests.codegen.block_samples import BLOCKS
from tests.networks import auto_encoder, chain, design, small_cnn, two_heads

GOLDEN = Path(__file__).parents[1] / "golden" / "code"


def wide() -> Design:
    """Long names and many inputs: everything that needs more than one line."""
    branches = {
        f"a branch with quite a long name {i}": {"type": "Linear", "out_features": 8} for i in range(4)
    }
    return design(
        {
            "measurements of the sensor": {"type": "Input", "shape": ["N", 6]},
            "further measurements": {"type": "Input", "shape": ["N", 6]},
            "the joined measurements": {"type": "Concat", "dim": -1},
            **branches,
            "all": {"type": "Concat", "dim": 1},
            "sum": {"type": "Add"},
            "out": {"type": "Output"},
            "total": {"type": "Output"},
        },
        [
            "measurements of the sensor -> the joined measurements.x1",
            "further measurements -> the joined measurements.x2",
            *(f"the joined measurements -> {id}" for id in branches),
            *(f"{id} -> all.x{i}" for i, id in enumerate(branches, 1)),
            *(f"{id} -> sum.x{i}" for i, id in enumerate(branches, 1)),
            "all -> out",
            "sum -> total",
        ],
        title="A network with long names",
    )


def plain() -> Design:
    """No layer has a state: no constructor is printed."""
    layers = [
        {"type": "Input", "shape": ["N", 2, 8, 8]},
        {"type": "MaxPool2d", "kernel_size": [2, 1], "ceil_mode": True},
        {"type": "Tanh"},
    ]
    return chain(*layers)


def x_alone() -> Design:
    """An Input called `x`, which is read once: it keeps its name."""
    layers = {"x": {"type": "Input", "shape": ["N", 4]}, "fc": {"type": "Linear", "out_features": 4}}
    return design({**layers, "y": {"type": "Output"}}, ["x -> fc", "fc -> y"], title="x alone")


def x_twice() -> Design:
    """An Input called `x`, which is read later, and a layer that nothing reads."""
    return design(
        {
            "x": {"type": "Input", "shape": ["N", "T", 4]},
            "fc": {"type": "Linear", "out_features": 4},
            "lstm": {"type": "LSTM", "hidden_size": 3},
            "unread": {"type": "ReLU"},
            "sum": {"type": "Add"},
            "y": {"type": "Output"},
        },
        ["x -> fc", "x -> lstm", "x -> unread", "fc -> sum.x1", "x -> sum.x2", "sum -> y"],
    )


def lengths() -> Design:
    """A loss that takes the lengths its Inputs carry, without a wire to it; a layer with a state behind a target."""
    return design(
        {
            "steps": {"type": "Input", "shape": ["N", "T", 5]},
            "labels": {"type": "Input", "shape": ["N", "S"], "dtype": "int64", "role": "target"},
            "label_count": {"type": "Input", "role": "lengths", "of": "labels", "axis": 1},
            "log_probs": {"type": "LogSoftmax", "dim": -1},
            "out": {"type": "Output"},
            "loss": {"type": "CTCLoss", "blank": 4, "zero_infinity": True},
            "wished": {"type": "Input", "shape": ["N", "T", 5], "role": "target"},
            "code": {"type": "Linear", "out_features": 5},
            "far": {"type": "MSELoss"},
        },
        [
            *("steps -> log_probs", "log_probs -> out", "log_probs -> loss.input", "labels -> loss.target"),
            *("wished -> code", "log_probs -> far.input", "code -> far.target"),
        ],
        losses={"far": 0.5},
    )


SAMPLES: dict[str, Callable[[], Design]] = {
    "small_cnn": small_cnn,
    "two_heads": two_heads,
    "auto_encoder": auto_encoder,
    "wide": wide,
    "plain": plain,
    "x_alone": x_alone,
    "x_twice": x_twice,
    "lengths": lengths,
    "digits": lambda: load("digits"),
    "digits_lstm": lambda: load("digits-lstm"),
    "digit_strings": lambda: load("digit-strings"),
    **BLOCKS,
}


def printed(made: Design) -> str:
    """The module of a design, and behind it its objective, as they stand in one file."""
    report = check(made)
    module = print_module(made, report)
    objective = print_objective(made, report, module)
    if objective is None:
        return module.source
    body = "\n".join([module.source.split("\n\n\n", 1)[1], "", *objective.rows])
    return "\n".join([FIRST_LINE, *imports(body), body, ""])


def main() -> None:
    """Writes every golden file."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, make in SAMPLES.items():
        (GOLDEN / f"{name}.py.txt").write_text(printed(make()), "ascii")


if __name__ == "__main__":
    main()
