"""The words on cards and pills: values, shapes and sizes, from declarations alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from designer.canvas.views import AxisView
from graph_ir.graph import Node
from graph_ir.kinds import Either, Kind, Sizes, Span
from graph_ir.problems import Problem
from graph_ir.signature import TensorType
from graph_ir.spec import FieldSpec, Layer

LONG = 16


def value_words(node: Node, layer: Layer | None) -> list[str]:
    """What a card says about a layer's fields: required ones bare, others by name where they differ."""
    if layer is None:
        return [short(f"{name} {value}", 40) for name, value in node.values.items()]
    made = layer.values()
    fields = [field for field in layer.spec.fields.values() if field.name in made]
    fields.sort(key=lambda field: not field.required)  # stable: else in the order of the declaration
    return [words for field in fields if (words := _field_words(field, getattr(layer, field.name)))]


def _field_words(field: FieldSpec, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return field.name if value else f"no {field.name}"
    if field.required or isinstance(value, str) or _holds(field.kind, Sizes):
        return _value_text(field.kind, value)
    alike = _is_shape(field.kind) and isinstance(value, tuple) and len(set(value)) == 1
    return f"{field.name} {value[0] if alike else _value_text(field.kind, value)}"


def _value_text(kind: Kind, value: Any) -> str:
    if isinstance(value, tuple):
        return short("×".join(map(str, value)) if _is_shape(kind) else _list_text(kind.dump(value)), 80)
    return f"{value:g}" if isinstance(value, float) else short(str(value), 40)


def _list_text(raw: Any) -> str:
    """A list `0,2`, the rows of a table `0,1; 1,2`, names with their values `x: N C`."""
    if isinstance(raw, Mapping):
        return ", ".join(f"{name}: {_entry_text(entry)}" for name, entry in raw.items())
    entries = raw if isinstance(raw, list | tuple) else [raw]
    rows = any(isinstance(entry, list | tuple) for entry in entries)
    return ("; " if rows else ",").join(map(_entry_text, entries))


def _entry_text(entry: Any) -> str:
    if isinstance(entry, list | tuple):
        return ",".join(map(_entry_text, entry))
    return f"{entry:g}" if isinstance(entry, float) else str(entry)


def _is_shape(kind: Kind) -> bool:
    return _holds(kind, Span) or _holds(kind, Sizes)


def _holds(kind: Kind, wanted: type[Kind]) -> bool:
    return any(isinstance(part, wanted) for part in (kind.kinds if isinstance(kind, Either) else (kind,)))


def axis_views(
    given: TensorType, before: TensorType | None, errors: Sequence[Problem]
) -> tuple[AxisView, ...]:
    """A shape axis by axis, compared with that of the wire before and with what the errors say is wanted."""
    return _axis_views(given, before, frozenset(_differing(given, errors)) if errors else frozenset())


@lru_cache(maxsize=1 << 14)
def _axis_views(
    given: TensorType, before: TensorType | None, differing: frozenset[int]
) -> tuple[AxisView, ...]:
    earlier = None if before is None else list(zip(before.roles, map(str, before.shape), strict=True))
    views = []
    for number, (role, dim) in enumerate(zip(given.roles, given.shape, strict=True)):
        axis = (role, str(dim))
        same_rank = earlier is not None and len(earlier) == len(given.shape)
        changed = earlier is not None and (axis != earlier[number] if same_rank else axis not in earlier)
        words = size_words(str(dim))
        if given.length(number):  # samples of different lengths: at most so many steps
            role, words = "" if words == role else role, f"≤{words}"
        views.append(AxisView(role, words, changed, number in differing))
    return tuple(views)


def _differing(given: TensorType, errors: Sequence[Problem]) -> set[int]:
    """The axes on which what comes is not what is wanted; all of them where their number is wrong."""
    everything = set(range(len(given.shape)))
    for problem in errors:
        if problem.wanted is None:
            continue
        if len(problem.wanted) != len(given.shape):
            return everything
        pairs = enumerate(zip(problem.wanted, given.shape, strict=True))
        return {number for number, (wanted, got) in pairs if str(wanted) != str(got)} or everything
    return set()


@lru_cache(maxsize=1 << 12)
def shape_words(given: TensorType) -> str:
    """A shape as pills write it: `N · C32 · H28 · W28`."""
    axes = axis_views(given, None, ())
    return " · ".join(axis.size if axis.size == axis.letter else axis.letter + axis.size for axis in axes)


def size_words(text: str) -> str:
    """A size for a pill: whole divisions in floor brackets, long expressions cut."""
    return short(re.sub(r"^(\w+)//(\d+)$", r"⌊\1/\2⌋", text), LONG)


def short(text: str, most: int) -> str:
    """One line of at most so many characters, without control characters."""
    plain = "".join(character if character.isprintable() else " " for character in text[: most + 1])
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def spoken(message: str) -> str:
    """A sentence about a design as the window says it: names without the quotes they have in a terminal."""
    return message.replace("`", "")


def without_name(message: str) -> str:
    """The sentence without the layer's name in front: it stands beside the layer's own title."""
    message = spoken(message)
    _, found, rest = message.partition("): ")
    if not found:
        return message
    first = rest.partition(" ")[0]
    return (
        rest[:1].upper() + rest[1:] if first.strip(",;").isalpha() else rest
    )  # `mine.net:Gate` stays as it is
