"""Everything the child needs to prove printed code, as plain data: source, drawing, and tiny inputs at a few sizes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from codegen.evaluation import described, evaluation, has_unread
from codegen.module import Printed
from codegen.objective import Objective
from codegen.parts import imports, modules
from codegen.state import members
from graph_ir.dims import Dim, substitute
from graph_ir.graph import Design
from graph_ir.report import LayerReport, Report
from graph_ir.signature import INTS

Sizes = Mapping[str, int]

MOST_GRADIENTS = 20_000_000
"""Gradients of so many parameters are compared; of more they would take too much memory."""


def expectation(
    design: Design, report: Report, printed: Printed, objective: Objective | None, sizes: Sequence[Sizes]
) -> dict[str, Any]:
    """What is run and what it is compared with.

    Training is run at every one of the sizes; the first is run once more as in use (`eval`, no gradients). Raises
    Refused where a loss has a weight of no use.
    """
    inputs = [id for id in report.layers if report.role_of(id)]
    return {
        "source": printed.source,
        "class": printed.class_name,
        "lines": printed.lines,
        "state": [[list(path), prefix] for path, prefix in printed.state.items()],
        "arguments": [id for id, _ in printed.inputs],
        "results": [name for _, name in printed.outputs],
        "objective": None if objective is None else _objective(report, printed, objective),
        "evaluation": evaluation(design, report, sizes),
        "whole": evaluation(design, report, sizes, whole=True) if has_unread(report) else None,
        "sizes": list(sizes),
        "inputs": [{id: _tensor(report, id, values) for id in inputs} for values in sizes],
        "cases": [*([i, True] for i in range(len(sizes))), [0, False]],
        "gradients": report.parameters <= MOST_GRADIENTS,
    }


def _objective(report: Report, printed: Printed, objective: Objective) -> dict[str, Any]:
    ids = [id for id in report.order if id in report.training_only]
    built = members(report, ids, printed.attributes, printed.classes)
    head = imports("\n".join(objective.rows), modules(report, report.training_only))
    return {
        "source": "\n".join([*head, *objective.rows, ""]),
        "is_module": objective.is_module,
        "state": [[list(one.path), one.key] for one in built],
        "batch": [[id, key] for id, key in objective.inputs],
    }


def _tensor(report: Report, id: str, sizes: Sizes) -> dict[str, Any]:
    """An Input at these sizes. Ints are below `high`, a good class and index wherever they may go.

    Lengths fall from full to 1; where every step of further axes has its own, the last one is 0.
    """
    [[*shape, dtype]] = described(report.layers[id].outputs["y"], [sizes])
    fill = _lengths(report, id, shape, sizes) if report.role_of(id) == "lengths" else None
    return {"shape": shape, "dtype": dtype, "fill": fill, "high": _range(report, id, sizes)}


def _lengths(report: Report, id: str, shape: list[int], sizes: Sizes) -> list[Any]:
    layer = report.layers[id].layer
    of, axis = getattr(layer, "of", None), getattr(layer, "axis", None)
    assert isinstance(of, str) and isinstance(axis, int), "a design without errors says whose they are"
    full = substitute(report.layers[of].outputs["y"].shape[axis], sizes)
    assert isinstance(full, int), "all sizes are known here"
    return _falling(shape, full, least=1 if len(shape) == 1 else 0)


def _falling(shape: Sequence[int], full: int, least: int) -> list[Any]:
    """Nested lists of `shape` that begin with `full` and fall by 1 along every axis, to `least`; where that is 0, the
    last one of several is.
    """
    fall = [max(least, full - i) for i in range(shape[0])]
    if len(shape) == 1:
        return fall if least or len(fall) == 1 else [*fall[:-1], 0]
    return [_falling(shape[1:], value, least) for value in fall]


def _range(report: Report, id: str, sizes: Sizes) -> int:
    """How many different ints are safe: no size is smaller of any layer that they reach as ints."""
    if report.layers[id].outputs["y"].dtype not in INTS:
        return 1
    found: list[Dim] = []
    for entry in _reached_as_ints(report, [id]):
        shapes = [t.shape[1:] for t in (*entry.inputs.values(), *entry.outputs.values()) if t is not None]
        found += [size for shape in (*shapes, *entry.weights.values()) for size in shape]
    return max(1, min((size for dim in found if isinstance(size := substitute(dim, sizes), int)), default=1))


def _reached_as_ints(report: Report, ids: Iterable[str]) -> Iterator[LayerReport]:
    """The layers that get ints which come from these, those inside blocks in place of their uses."""
    found, waiting = set[str](), list(ids)
    while waiting:
        source = waiting.pop()
        for wire in report.flowing:
            given = report.wire_type(wire)
            if wire.source != source or given is None or given.dtype not in INTS:
                continue
            entry = report.layers[wire.target]
            inside = [nested.report for nested in entry.nested if nested.report is not None]
            for one in inside:
                yield from _reached_as_ints(one, [wire.target_port])
            if wire.target not in found:
                found.add(wire.target)
                waiting.append(wire.target)
                yield from [] if inside else [entry]
