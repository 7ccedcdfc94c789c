"""What the drawing expects of printed code, as plain data for the child that runs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from codegen.module import Printed, Probe
from codegen.objective import Objective
from codegen.parts import imports, modules, state_name
from graph_ir.dims import Dim, substitute
from graph_ir.recipes import Module
from graph_ir.report import LayerReport, Report
from graph_ir.signature import TensorType

Sizes = Mapping[str, int]


def expectation(
    report: Report, printed: Printed, objective: Objective | None, sizes: Sequence[Sizes]
) -> dict[str, Any]:
    """Source, expected state, and for each of the sizes the inputs and the expected shapes.

    Training is run at every size; the first is run once more as in use (`eval`, no gradients).
    """
    modes = [(values, True) for values in sizes] + [(sizes[0], False)]
    return {
        "source": printed.source,
        "class": printed.class_name,
        **_state(report, printed, (id for id in report.layers if id not in report.training_only)),
        "objective": None if objective is None else _objective(report, printed, objective),
        "cases": [_case(report, printed, objective, values, train) for values, train in modes],
    }


def _objective_imports(report: Report, objective: Objective) -> list[str]:
    return imports("\n".join(objective.rows), modules(report, report.training_only))


def _objective(report: Report, printed: Printed, objective: Objective) -> dict[str, Any]:
    return {
        "source": "\n".join([*_objective_imports(report, objective), *objective.rows, ""]),
        "is_module": objective.is_module,
        **_state(report, printed, (id for id in report.layers if id in report.training_only)),
    }


def _state(report: Report, printed: Printed, ids: Iterable[str]) -> dict[str, Any]:
    parameters: list[Any] = []
    buffers: list[Any] = []
    own: list[Any] = []
    for id in ids:
        entry, attribute = report.layers[id], printed.attributes.get(id)
        own += _own(entry, id, attribute)
        learns = getattr(entry.layer, "trainable", True)
        parameters += [
            [id, state_name(attribute, name), list(shape), learns] for name, shape in entry.weights.items()
        ]
        buffers += [[id, state_name(attribute, name), list(shape)] for name, shape in entry.buffers.items()]
    return {"parameters": parameters, "buffers": buffers, "own": own}


def _own(entry: LayerReport, id: str, attribute: str | None) -> list[Any]:
    """A module of the user's own: where its class is found, and how many parameters it is said to have."""
    recipe = entry.layer.spec.recipe if entry.layer else None
    if not isinstance(recipe, Module) or not recipe.module or entry.inference is None:
        return []
    name = recipe.target.removeprefix(f"{recipe.module}.")
    return [[id, attribute, recipe.module, name, entry.inference.declared]]


def _case(
    report: Report, printed: Printed, objective: Objective | None, sizes: Sizes, train: bool
) -> dict[str, Any]:
    def probes(found: Sequence[Probe], offset: int = 0) -> list[Any]:
        return [
            [
                p.first + offset,
                p.last + offset,
                p.layer,
                [[port, v, expected(p.layer, port)] for port, v in p.variables],
            ]
            for p in found
        ]

    def expected(id: str, port: str) -> list[Any]:
        return _described(report.layers[id].outputs[port], sizes)

    found: dict[str, Any] = {
        "train": train,
        "inputs": [_tensor(report, id, sizes) for id, _ in printed.inputs],
        "probes": probes(printed.probes),
        "outputs": [[id, name, expected(id, port)] for (id, port), name in printed.returned],
    }
    if objective is not None:
        found["batch"] = {key: _tensor(report, id, sizes) for id, key in objective.inputs}
        found["objective_probes"] = probes(objective.probes, len(_objective_imports(report, objective)))
    return found


def _described(given: TensorType, sizes: Sizes) -> list[Any]:
    return [*_numbers(given.shape, sizes), given.dtype]


def _numbers(shape: tuple[Dim, ...], sizes: Sizes) -> list[Dim]:
    return [substitute(dim, sizes) for dim in shape]


def _tensor(report: Report, id: str, sizes: Sizes) -> dict[str, Any]:
    """An Input at these sizes. Ints are 0, a good class and index everywhere; lengths fall from full to 1."""
    given, layer = report.layers[id].outputs["y"], report.layers[id].layer
    shape = _numbers(given.shape, sizes)
    fill: Any = 0
    if report.role_of(id) == "lengths":
        of, axis = getattr(layer, "of", None), getattr(layer, "axis", None)
        assert isinstance(of, str) and isinstance(axis, int), "a design without errors says whose they are"
        full = substitute(report.layers[of].outputs["y"].shape[axis], sizes)
        assert isinstance(full, int) and isinstance(shape[0], int), "all sizes are known here"
        fill = [max(1, full - i) for i in range(shape[0])]
    return {"shape": shape, "dtype": given.dtype, "fill": fill}
