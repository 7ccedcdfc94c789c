"""Which data sets fit a design: which field feeds which Input, or the reason why not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from codegen.training.adapting import adapted, rows_looked_up
from codegen.training.answers import answer_of, misfits
from codegen.training.sources import SOURCES, Field, Source
from graph_ir.dims import Dim, substitute, symbols
from graph_ir.report import Report
from graph_ir.signature import TensorType


@dataclass(frozen=True)
class Fit:
    """Whether a data set fits a design: which field feeds which Input, or the reason why not.

    `sizes` are the symbols of the design that the data fixes (`{"W": 88}`).
    """

    source: Source
    ok: bool
    inputs: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    sizes: Mapping[str, int] = field(default_factory=dict)


def fits(
    report: Report, options: Mapping[str, int] | None = None, carried: Collection[str] = ()
) -> list[Fit]:
    """Every data set, those that fit first. `options` are tried where a data set has options of these names; Inputs
    that are `carried` need no data.
    """
    found = []
    for source in SOURCES.values():
        names = [option.name for option in source.options]
        chosen = {n: v for n, v in (options or {}).items() if n in names}
        found.append(fit(report, source, chosen, carried))
    return sorted(found, key=lambda one: not one.ok)


def fit(report: Report, source: Source, options: Mapping[str, int], carried: Collection[str] = ()) -> Fit:
    """Chooses a field for every Input: the one of the same name if it fits, else the first that does.

    Options that are not given are as the design needs them (`adapted`).
    """
    inputs = inputs_of(report, carried)
    if not inputs:
        return Fit(source, False, reason="The design has no Input.")
    options = adapted(report, source, options, inputs)
    fields = source.fields(options)
    chosen: dict[str, str] = {}
    for id in inputs:
        candidates = [f for f in fields if f.name not in chosen.values()]
        candidates.sort(key=lambda f: f.name != id)
        tried = [check_inputs(report, source, options, chosen | {id: f.name}) for f in candidates]
        good = next((one for one in tried if one.ok), None)
        if good is None:
            return Fit(source, False, chosen, _missing(report, id, fields, tried))
        chosen[id] = next(f.name for f in candidates if good.inputs[id] == f.name)
    return check_inputs(report, source, options, chosen, whole=True)


def _missing(report: Report, id: str, fields: tuple[Field, ...], tried: list[Fit]) -> str:
    """Why no field feeds an Input: of a field that nearly fits what is in the way, else what there is."""
    given = report.layers[id].outputs["y"]
    alike = [one for one in fields if one.role == report.role_of(id)]
    for one in tried:
        if any(one.inputs[id] == f.name and bind(given, f.shape, {}) for f in alike):
            return one.reason
    there = ", ".join(f.text for f in alike) or f"nothing of the role {report.role_of(id)}"
    return f"{id[:60]!r} is {given.text} {given.dtype}, but this data has {there}."


def carried_inputs(training: Mapping[str, Any]) -> frozenset[str]:
    """The Inputs that a `training` section feeds with an Output of the step before; none where it can't be read."""
    data = training.get("data")
    carry = data.get("carry") if isinstance(data, Mapping) else None
    return frozenset(carry) if isinstance(carry, Mapping) else frozenset()


def inputs_of(report: Report, carried: Collection[str] = ()) -> list[str]:
    """The Inputs that need data, in file order: no noise, and none of those `carried` from the step before."""
    roles = ("data", "target", "lengths")
    return [
        id
        for id, entry in report.layers.items()
        if report.role_of(id) in roles and id not in carried and entry.outputs.get("y")
    ]


def check_inputs(
    report: Report,
    source: Source,
    options: Mapping[str, int],
    inputs: Mapping[str, str],
    *,
    whole: bool = False,
) -> Fit:
    """Whether these Inputs can be fed from these fields; with `whole`, also whether the design then works."""
    fields = {one.name: one for one in source.fields(options)}
    sizes: dict[str, int] = {}
    for id, name in inputs.items():
        for reason in _misfits(report, id, fields[name], inputs, sizes):
            return Fit(source, False, inputs, reason)
    if whole:
        for reason in _whole(report, fields, inputs, sizes):
            return Fit(source, False, inputs, reason, sizes)
    return Fit(source, True, inputs, sizes=sizes)


def _misfits(
    report: Report, id: str, one: Field, inputs: Mapping[str, str], sizes: dict[str, int]
) -> Iterator[str]:
    layer, given = report.layers[id].layer, report.layers[id].outputs["y"]
    role = report.role_of(id)
    if role != one.role:
        yield f"{id[:60]!r} has the role {role}, but {one.name} is {one.role}."
    of = getattr(layer, "of", None)
    if one.of and of is not None and inputs.get(of, one.of) != one.of:
        yield f"{one.name} are the lengths of {one.of}, but {id[:60]!r} belongs to {of[:60]!r}."
    axis = getattr(layer, "axis", None)
    if one.of and axis not in (None, one.axis):
        yield f"{one.name} are lengths of axis {one.axis}, but {id[:60]!r} belongs to axis {axis}."
    if given.dtype != one.dtype:
        yield f"{id[:60]!r} is {given.dtype}, but {one.name} is {one.dtype}; set the Input's dtype."
    if not bind(given, one.shape, sizes):
        yield f"{id[:60]!r} is {given.text}, but this data has {one.text}."
    rows = rows_looked_up(report, id)
    if rows is not None and one.below > rows:
        text = f"What {id[:60]!r} is looked up in has {rows} rows, but {one.name} goes up to {one.below - 1}"
        yield f"{text}; give it {one.below}."
    if getattr(layer, "axes", None) and given.roles != tuple(one.axes.split()):
        yield f"{id[:60]!r} has the axes {' '.join(given.roles)}, but {one.name} has {one.axes}; permute them."


def bind(given: TensorType, shape: tuple[int, ...], sizes: dict[str, int]) -> bool:
    """Whether a type takes samples of this shape; the symbols that they fix are noted in `sizes`."""
    if len(given.shape) != len(shape) + 1:
        return False
    for dim, size in zip(given.shape[1:], shape, strict=True):
        name = str(dim)
        if not isinstance(dim, int) and symbols(dim) == {name} and name not in sizes:
            sizes[name] = size
        known: Dim = substitute(dim, sizes)
        if known != size:
            return False
    return True


def target_facts(
    fields: Mapping[str, Field], inputs: Mapping[str, str]
) -> tuple[dict[str, tuple[str, ...]], dict[str, int]]:
    """For each target Input the classes of its data, and how long its sequences get."""
    targets = {id: fields[name] for id, name in inputs.items() if fields[name].role == "target"}
    return {id: f.classes for id, f in targets.items()}, {
        id: f.shape[0] for id, f in targets.items() if f.shape
    }


def _whole(
    report: Report, fields: Mapping[str, Field], inputs: Mapping[str, str], sizes: Mapping[str, int]
) -> Iterator[str]:
    wanted = answer_of(report)
    for one in fields.values():
        if one.of not in inputs.values() or one.name in inputs.values():
            continue
        id = next(id for id, name in inputs.items() if name == one.of)
        if wanted and wanted.scores == "sequence" and wanted.target == id:
            yield f"{one.of} are padded: add an Input with the role lengths of {id[:60]!r} for {one.name}."
    for _, sentence, fatal in misfits(report, *target_facts(fields, inputs), sizes):
        if fatal:
            yield sentence
    for requirement in report.requirements:
        if requirement.holds(sizes) is False:
            known = ", ".join(f"{name} is {sizes[name]}" for name in sorted(requirement.symbols & set(sizes)))
            yield f"The design needs {requirement}, but here {known}."
