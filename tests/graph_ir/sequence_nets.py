"""Small designs around one layer for sequences, run as the code that is printed for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from codegen.module import print_module
from graph_ir.check import check
from graph_ir.graph import Design
from graph_ir.report import Report
from tests.networks import design

GARBAGE = 1e4
"""What stands behind a sample's length: a result that saw it would be far off."""


def sequence(shape: list[Any], dtype: str = "float32") -> dict[str, Any]:
    """An Input, the batch first."""
    return {"type": "Input", "shape": shape, "dtype": dtype}


def lengths_of(id: str, axis: int = 1) -> dict[str, Any]:
    """The lengths of an Input."""
    return {"type": "Input", "role": "lengths", "of": id, "axis": axis}


def around(
    layer: Mapping[str, Any],
    inputs: Mapping[str, Mapping[str, Any]],
    wires: Mapping[str, str],
    outputs: tuple[str, ...] = ("y",),
) -> Design:
    """The layer `it` behind Inputs (`wires`: its port to the Input), with an Output for each of its `outputs`."""
    ends = {f"out_{port}": {"type": "Output"} for port in outputs}
    text = [f"{source} -> it.{port}" for port, source in wires.items()]
    text += [f"it.{port} -> out_{port}" for port in outputs]
    return design({**inputs, "it": layer, **ends}, text, title="Net")


def module_of(made: Design, *, seed: int = 0) -> nn.Module:
    """The printed module with weights that are the same at every call."""
    report = check(made)
    assert report.ok, [problem.message for problem in report.problems]
    names: dict[str, Any] = {"__name__": "model", "__file__": "model.py"}
    exec(compile(print_module(made, report).source, "model.py", "exec"), names)
    torch.manual_seed(seed)
    module: nn.Module = names["Net"]()
    return module


def report_of(
    layer: Mapping[str, Any], *inputs: Mapping[str, Any], ports: tuple[str, ...] = ("x",)
) -> Report:
    """The check of a layer behind Inputs, one for each port."""
    given = {f"in{i}": values for i, values in enumerate(inputs)}
    return check(around(layer, given, dict(zip(ports, given, strict=True))))


def padded(lengths: list[int], width: int, steps: int = 0) -> Tensor:
    """Random samples of these lengths with garbage behind them, (N, longest, width); gradients can be asked for."""
    rng = torch.Generator().manual_seed(1)
    made = torch.randn(len(lengths), steps or max(lengths), width, generator=rng)
    for sample, length in zip(made, lengths, strict=True):
        sample[length:] = GARBAGE
    return made.requires_grad_()
