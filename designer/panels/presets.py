"""Good values for a field, each tried on the layer as it is: which keep the size, and what others give. No Qt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from designer.panels.field_text import as_text, parts
from designer.panels.widgets import axes_text
from graph_ir.build import build
from graph_ir.infer import Inference, infer
from graph_ir.kinds import BadValue, Integer, Json, Number, Span
from graph_ir.report import LayerReport
from graph_ir.signature import TensorType
from graph_ir.spec import MISSING, FieldSpec

SPATIAL = frozenset("DHWT")
"""Roles of axes whose size is meant by "keeps the size"."""
_FEATURES = (8, 16, 32, 64, 128, 256, 512)
_WINDOWS, _STEPS, _MARGINS, _COUNTS = (1, 2, 3, 5, 7), (1, 2, 3), (0, 1, 2, 3), (1, 2, 4, 8)
_SHARES = (0.1, 0.2, 0.3, 0.5)


@dataclass(frozen=True)
class Preset:
    """Values that go together, in words, and what they give."""

    values: Mapping[str, Json]
    words: str
    result: str


def has_presets(field: FieldSpec) -> bool:
    """Whether there are good values to offer for a field."""
    return bool(_common(field))


def presets(entry: LayerReport, field: FieldSpec) -> list[Preset]:
    """The good values of a field that work for this layer and the shapes on its wires."""
    return list(_found(entry, field))


def _found(entry: LayerReport, field: FieldSpec) -> Iterator[Preset]:
    for raw in _common(field):
        values: dict[str, Json] = {field.name: raw}
        found = _tried(entry, values)
        if found is None:
            yield Preset(values, as_text(raw), "")
            continue
        if found.error is None:
            yield Preset(values, as_text(raw), _result(entry, found))
        if found.error is not None or not _keeps(found):
            yield from _with_margin(entry, field, raw)


def _with_margin(entry: LayerReport, field: FieldSpec, raw: Json) -> Iterator[Preset]:
    """The same value with as much of another field as keeps the size, where there is such a one."""
    if entry.layer is None or not _is_span(field, 1) or not isinstance(raw, int):
        return
    for other in entry.layer.spec.fields.values():
        if other is field or not _is_span(other, 0):
            continue
        for margin in range(raw):
            values: dict[str, Json] = {field.name: raw, other.name: margin}
            found = _tried(entry, values)
            if found is not None and found.error is None and _keeps(found):
                now = other.kind.dump(getattr(entry.layer, other.name))
                if now != margin:
                    yield Preset(values, f"{as_text(raw)}, {other.name} {margin}", "keeps the size")
                return


def _tried(entry: LayerReport, values: Mapping[str, Json]) -> Inference | None:
    """What the layer would give with other values; None where it is not known what comes in."""
    if entry.layer is None or entry.layer.spec.trait or not entry.inputs or None in entry.inputs.values():
        return None
    layer, bad = build(type(entry.layer), {**entry.layer.values(), **values})
    if layer is None or bad:
        return Inference(error=entry.inference.error) if entry.inference and entry.inference.error else None
    types = tuple((port, given) for port, given in entry.inputs.items() if given is not None)
    return infer(layer, types)


def _result(entry: LayerReport, found: Inference) -> str:
    """What other values give: the axes of space and time, or how many parameters."""
    if _spatial(next(iter(found.outputs.values()), None)):
        return "keeps the size" if _keeps(found) else _spatial(next(iter(found.outputs.values())))
    if found.parameters and found.parameters != entry.parameters:
        return f"{found.parameters:,} parameters"
    return ""


def _keeps(found: Inference) -> bool:
    """Whether the axes of space and time come out as they went in."""
    given = next(iter(found.scope.types.values()), None) if found.scope else None
    made = next(iter(found.outputs.values()), None)
    return _spatial(given) == _spatial(made) != ""


def _spatial(given: TensorType | None) -> str:
    if given is None:
        return ""
    axes = [(size, role) for size, role in zip(given.shape, given.roles, strict=True) if role in SPATIAL]
    return axes_text(*zip(*axes, strict=True)) if axes else ""


def _is_span(field: FieldSpec, low: int) -> bool:
    """Whether a field holds one int for each axis of space, from `low` on."""
    return any(
        isinstance(part, Span) and isinstance(part.item, Integer) and part.item.low == low
        for part in parts(field.kind)
    )


def _common(field: FieldSpec) -> list[Json]:
    """Values that people often want, within the limits of the kind."""
    wanted: list[Json] = []
    if _is_span(field, 1):
        wanted += _WINDOWS if field.required else _STEPS
    elif _is_span(field, 0):
        wanted += _MARGINS
    else:
        wanted += _common_numbers(field)
    if not wanted:
        return []
    for given in (field.default, field.start):
        raw = None if given is MISSING else field.kind.dump(given)
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            wanted.append(raw)
    return sorted({raw for raw in wanted if _is_good(field, raw)})


def _common_numbers(field: FieldSpec) -> tuple[Json, ...]:
    for part in parts(field.kind):
        if isinstance(part, Integer) and part.low is not None and part.low >= 1:
            return _FEATURES if field.required or field.role else _COUNTS
        if isinstance(part, Number) and part.high == 1:
            return _SHARES
    return ()


def _is_good(field: FieldSpec, raw: Json) -> bool:
    try:
        field.kind.convert(raw)
    except BadValue:
        return False
    return True
