"""From the values in a file to a layer, or to sentences that say which field is wrong and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from graph_ir.kinds import BadValue, Json
from graph_ir.spec import FieldSpec, Layer, Spec


@dataclass(frozen=True)
class BadField:
    """A field that can't be used as it stands: the stable code, its name, and a sentence without the layer's name."""

    code: str
    field: str
    text: str


def build(cls: type[Layer], values: Mapping[str, Json]) -> tuple[Layer | None, list[BadField]]:
    """The layer with these raw values (expressions already evaluated), or None and what is wrong."""
    fields = cls.spec.fields
    bad = [_unknown(cls.spec, name) for name in values if name not in fields]
    made: dict[str, Any] = {}
    for field in fields.values():
        if field.name not in values:
            if field.required:
                bad.append(BadField("missing-field", field.name, _missing_text(field)))
            continue
        raw = values[field.name]
        try:
            if not field.kind.accepts(raw):
                raise BadValue(f"is {str(raw)[:40]}, but must be {field.kind.describe()}")
            made[field.name] = field.kind.convert(raw)
        except BadValue as error:
            bad.append(BadField("bad-value", field.name, f"`{field.name}` {error}"))
    return (None, bad) if bad else (cls(**made), bad)


def _missing_text(field: FieldSpec) -> str:
    start = field.kind.dump(field.start)
    return f"`{field.name}` ({field.help}) is missing; give it a value, such as {start}"


def _unknown(spec: Spec, name: str) -> BadField:
    reserved = {
        "batch_first": "sequences are always batch first here; remove it",
        "inplace": "in-place work would change other wires; remove it",
        **dict.fromkeys(
            ("repeat", "when", "each"), "only a use of a block has it; make a block of the layer"
        ),
    }
    shown = name[:60]
    if name in reserved:
        return BadField("unknown-field", name, f"`{shown}` is no field of {spec.type}: {reserved[name]}")
    near = get_close_matches(shown, spec.fields, n=1)
    if near:
        return BadField(
            "unknown-field", name, f"`{shown}` is no field of {spec.type}; did you mean `{near[0]}`?"
        )
    known = ", ".join(f"`{field}`" for field in spec.fields) or "none"
    return BadField(
        "unknown-field", name, f"`{shown}` is no field of {spec.type}; remove it (its fields: {known})"
    )
