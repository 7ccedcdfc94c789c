"""What a data set is to be like so that it fits a design: its sizes, classes and largest numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from codegen.training.answers import Answer, answer_of
from codegen.training.sources import Field, Source
from graph_ir.graph import Wire
from graph_ir.report import LayerReport, Report
from graph_ir.signature import INTS


def adapted(
    report: Report,
    source: Source,
    given: Mapping[str, int],
    inputs: Iterable[str],
    fed: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Every option of a data set: as given, else the size that an Input has, else the default.

    `fed` says which field feeds which of the `inputs`, where that is chosen; else those of the same name are looked
    at, then those alike.
    """
    limits = {option.name: option for option in source.options if option.name not in given}
    found, answer = dict(given), answer_of(report)
    for field_ in source.fields(source.completed(given)) if limits else ():
        id = _reader(report, field_, inputs, fed or {})
        shape = report.layers[id].outputs["y"].shape[1:] if id else ()
        for name, size in zip(field_.sized, shape, strict=False):
            if name in limits and name not in found and isinstance(size, int):
                found |= {name: size} if limits[name].low <= size <= limits[name].high else {}
        most = _bound(report, id, field_, answer) if id else None
        option = limits.get(field_.bounded)
        if option is not None and most is not None:
            found[option.name] = max(option.low, min(most, found.get(option.name, option.default)))
    return source.completed(found)


def _bound(report: Report, id: str, one: Field, answer: Answer | None) -> int | None:
    """How many different numbers an Input can take: rows of a table, or classes that are told apart."""
    if one.role == "data":
        return rows_looked_up(report, id)
    return answer.classes if answer and answer.target == id else None


def _reader(report: Report, one: Field, inputs: Iterable[str], fed: Mapping[str, str]) -> str | None:
    """The Input that a field feeds, or would."""
    alike = []
    for id in inputs:
        given = report.layers[id].outputs["y"]
        if (report.role_of(id), given.dtype, len(given.shape) - 1) == (one.role, one.dtype, len(one.shape)):
            alike.append(id)
    if fed:
        return next((id for id in alike if fed.get(id) == one.name), None)
    return next((id for id in alike if id == one.name), alike[0] if alike else None)


def rows_looked_up(report: Report, id: str) -> int | None:
    """How many rows the smallest table has in which the numbers of an Input are looked up; None where none is.

    A table is the weight of a layer whose port takes nothing but whole numbers.
    """
    found = [
        rows for wire in report.wires if wire.source == id for rows in _rows(report.layers[wire.target], wire)
    ]
    return min(found, default=None)


def _rows(entry: LayerReport, wire: Wire) -> list[int]:
    inner = [one.report for one in entry.nested if one.report and wire.target_port in one.report.layers]
    if inner:
        found = [rows_looked_up(report, wire.target_port) for report in inner]
        return [rows for rows in found if rows is not None]
    ports = entry.layer.spec.inputs if entry.layer else ()
    dtypes = next((port.dtypes for port in ports if port.name == wire.target_port), ())
    table = entry.weights.get("weight", ())
    return [table[0]] if dtypes and {*dtypes} <= {*INTS} and len(table) == 2 else []
