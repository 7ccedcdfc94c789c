"""Runs the printed code of designs whose samples have different lengths: padded in a batch, and each on its own."""

from __future__ import annotations

import random
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from codegen.module import Printed, print_module
from graph_ir.check import check
from graph_ir.dims import symbol
from graph_ir.graph import TOP, Design, Node, Wire
from graph_ir.report import Report
from graph_ir.signature import Length, TensorType
from tests.graph_ir.random_graphs import RandomGraph

STEPS = "T"
LARGEST = 100.0
GARBAGE = 1e3
"""What stands behind a sample's length: a result that saw it would be far off."""


def module_of(printed: Printed) -> torch.nn.Module:
    """The printed module, in use (`eval`), the same at every call."""
    namespace: dict[str, Any] = {"__name__": "model", "__file__": "model.py"}
    exec(compile(printed.source, "model.py", "exec"), namespace)
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made: torch.nn.Module = namespace[printed.class_name]()
    return made.eval()


def results(model: torch.nn.Module, tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """What the module gives, as a list."""
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given = model(*tensors)
    return list(given) if isinstance(given, tuple) else [given]


def batch(report: Report, printed: Printed, lengths: Sequence[int], seed: int) -> list[torch.Tensor]:
    """Random samples of these lengths, with garbage behind them. Ints are 0, a good index everywhere."""
    made: list[torch.Tensor] = []
    rng = torch.Generator().manual_seed(seed)
    for id, _ in printed.inputs:
        given = report.layers[id].outputs["y"]
        if report.role_of(id) == "lengths":
            made.append(torch.tensor(lengths))
            continue
        sizes = {"N": len(lengths), STEPS: max(lengths)}
        shape = [size if isinstance(size, int) else sizes[str(size)] for size in given.shape]
        made.append(_tensor(given, shape, lengths, rng))
    return made


def _tensor(
    given: TensorType, shape: list[int], lengths: Sequence[int], rng: torch.Generator
) -> torch.Tensor:
    dtype = getattr(torch, given.dtype)
    if not dtype.is_floating_point:
        return torch.zeros(shape, dtype=dtype)
    made = torch.randn(shape, generator=rng).to(dtype)
    axis = next((axis for axis in range(len(shape)) if given.length(axis)), None)
    for i, length in enumerate(lengths) if axis is not None else ():
        made[i].narrow(axis - 1, length, shape[axis] - length).fill_(GARBAGE)
    return made


def alone(tensors: Sequence[torch.Tensor], report: Report, printed: Printed, i: int) -> list[torch.Tensor]:
    """Sample `i` of a batch by itself, without padding."""
    length = next(
        int(t[i])
        for (id, _), t in zip(printed.inputs, tensors, strict=True)
        if report.role_of(id) == "lengths"
    )
    found = []
    for (id, _), tensor in zip(printed.inputs, tensors, strict=True):
        given = report.layers[id].outputs["y"]
        one = tensor[i : i + 1]
        axis = next((axis for axis in range(one.dim()) if given.length(axis)), None)
        found.append(one if axis is None else one.narrow(axis, 0, length))
    return found


def mixes_samples(report: Report) -> bool:
    """Whether a layer is meant to let samples influence each other (it is warned of)."""
    return any(problem.code == "mixes-batch" for problem in report.problems)


def differences(design: Design, lengths: Sequence[int], seed: int = 0) -> list[str]:
    """The results that depend on what else is in the batch; none where code and drawing keep their promise."""
    report = check(design)
    assert report.ok, report.problems
    printed = print_module(design, report)
    model = module_of(printed)
    tensors = batch(report, printed, lengths, seed)
    try:
        together = results(model, tensors)
    except (IndexError, RuntimeError) as error:
        expected = ("out of range", "Class values", "invalid max index")
        assert any(text in str(error) for text in expected), error
        return []  # indices were computed, and there are no such entries
    if any(not torch.equal(a, b) for a, b in zip(together, results(model, tensors), strict=True)):
        return []  # a layer that draws random numbers also in use
    found = []
    for i in range(len(lengths)):
        single = results(model, alone(tensors, report, printed, i))
        for ((id, port), name), whole, one in zip(printed.returned, together, single, strict=True):
            given = report.layers[id].outputs[port]
            is_place = port == "indices"  # an index counts over the padded axes
            if given.shape[:1] != (symbol("N"),) or is_place:
                continue
            part = _valid(whole[i : i + 1], one, given)
            if not _close(part, one):
                found.append(
                    f"{name} of sample {i} (length {lengths[i]}) depends on its batch\n{printed.source}"
                )
    return found


def _valid(whole: torch.Tensor, one: torch.Tensor, given: TensorType) -> torch.Tensor:
    for axis in range(1, whole.dim()):
        if given.length(axis):
            whole = whole.narrow(axis, 0, one.shape[axis])
    return whole


def _close(a: torch.Tensor, b: torch.Tensor) -> bool:
    if a.shape != b.shape:
        return False
    if not a.is_floating_point():
        return torch.equal(a, b)
    tolerance = 1e-4 if a.dtype in (torch.float32, torch.float64) else 5e-2
    tame = (b.abs() < LARGEST) & (a.abs() < LARGEST)  # what divides by nearly nothing tells the order of sums
    a, b = a.where(tame, 0), b.where(tame, 0)
    return torch.allclose(a.double(), b.double(), rtol=tolerance, atol=tolerance, equal_nan=True)


class GraphWithLengths(RandomGraph):
    """Random layers behind Inputs whose samples have different lengths."""

    SHAPES = (["N", 4, "T"], ["N", "T", 6], ["N", "T", 1, 3], ["N", 2, 3, "T"], ["N", "T"])

    def grow(self) -> Design:
        """One sequence with lengths, a few layers, and an Output on the last few values."""
        shape = self.rng.choice(self.SHAPES)
        ints = len(shape) == 2
        self.add_input("signal", list(shape), "int64" if ints else "float32")
        axis = shape.index("T")
        lengths = {"role": "lengths", "of": "signal", "axis": axis}
        self.graph.add(Node("lengths", "Input", lengths))
        plain = self.pool["signal", "y"]
        carried = tuple(Length("lengths") if i == axis else None for i in range(len(shape)))
        self.pool["signal", "y"] = TensorType(plain.shape, plain.dtype, plain.roles, carried)
        for i in range(self.rng.randint(1, 7)):
            self.add_layer(f"n{i}")
        for i, value in enumerate(list(self.pool)[-3:]):
            self.graph.add(Node(f"out{i}", "Output"))
            self.graph.add_wire(Wire(*value, f"out{i}", "x"))
        return Design(networks={TOP: self.graph})


def working_lengths(report: Report, rng: random.Random) -> list[int]:
    """Three lengths at which the design works, alone and together; empty where none are found."""
    sizes = [
        n for n in range(1, 24) if all(r.holds({"N": 1, STEPS: n}) is not False for r in report.requirements)
    ]
    together = [
        n for n in sizes if all(r.holds({"N": 3, STEPS: n}) is not False for r in report.requirements)
    ]
    if not together:
        return []
    longest = rng.choice(together)
    shorter: Mapping[int, int] = {n: n for n in sizes if n <= longest}
    return [longest, *(rng.choice(list(shorter)) for _ in range(2))]
