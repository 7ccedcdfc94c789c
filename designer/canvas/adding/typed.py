"""Values typed behind a layer's name: `conv2d 64 k5 s2`, `linear 10`, `dropout p=0.3`, `input 1 28 28`. No Qt.

A bare number goes to the next field that takes it, a letter or a name with a number to the field that begins so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from designer.canvas.adding.search import Fit, Hit
from designer.canvas.words import value_words
from designer.panels.field_text import as_text, parse
from graph_ir.build import build
from graph_ir.graph import Node
from graph_ir.kinds import BadValue, Json, Kind, is_expression
from graph_ir.layers import catalogue
from graph_ir.spec import MISSING, FieldSpec, Spec

_NUMBER = r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d{1,3})?"
_VALUE = re.compile(rf"{_NUMBER}(?:[x×,]{_NUMBER})*", re.IGNORECASE)
_SHORT = re.compile(rf"([a-z]{{1,2}})({_VALUE.pattern})", re.IGNORECASE)
_NAMED = re.compile(r"([a-z_]\w*)=(.*)", re.IGNORECASE)
_SYMBOL = re.compile(r"[A-Z]|=.+")  # of a shape, or an expression
_ANSWERS = {"yes": "true", "on": "true", "no": "false", "off": "false"}
_DIMENSION = re.compile(r"[123]d", re.IGNORECASE)


def split(query: str) -> tuple[str, tuple[str, ...]]:
    """The name that is searched for, and the values behind it."""
    words = query.split()
    for place, word in enumerate(words[1:], 1):
        if _DIMENSION.fullmatch(word):
            continue
        if any(form.fullmatch(word) for form in (_VALUE, _SHORT, _NAMED, _SYMBOL)):
            return " ".join(words[:place]), tuple(words[place:])
    return query, ()


def with_values(hit: Hit, words: Sequence[str]) -> Hit:
    """The hit with the typed values; refused, with the reason, where its fields can't take them."""
    try:
        values = _for_block(hit, words) if hit.block else _for_layer(hit.type, words)
    except BadValue as error:
        return replace(hit, fit=Fit.REFUSED, note=str(error))
    if hit.block:
        typed = ", ".join(f"{name} {as_text(raw)}" for name, raw in values["parameters"].items())
        return replace(hit, values=values, typed=typed)
    cls = catalogue()[hit.type]
    values = cls.spec.start_values() | values
    layer, _ = build(cls.declared_by(values), values)
    return replace(hit, values=values, typed=" · ".join(value_words(Node("", hit.type, values), layer)))


def _for_layer(type: str, words: Sequence[str]) -> dict[str, Json]:
    spec, found = catalogue()[type].spec, dict[str, Json]()
    left = list(words)
    while left:
        word = left.pop(0)
        short, named = _SHORT.fullmatch(word), _NAMED.fullmatch(word)
        if named or short:
            name, text = (named or short).groups()  # type: ignore[union-attr]  # one of them matched
            field = _called(spec, name, text)
            found[field.name] = _read(spec, field, text)
            continue
        field = _next(spec, found, word)
        if _is_list(field.kind):
            word, left = ",".join([word, *left]), []
        found[field.name] = _read(spec, field, word)
    return found | _same_size(spec, found)


def _called(spec: Spec, name: str, text: str) -> FieldSpec:
    """The field of that name, or the first that begins so and takes the value."""
    begins = [f for f in spec.fields.values() if f.name.startswith(name.casefold())]
    begins += [f for f in spec.fields.values() if f"_{name.casefold()}" in f.name and f not in begins]
    exact = [f for f in begins if f.name == name]
    takes = [f for f in begins if _fits(f, text)]
    chosen = next(iter((*exact, *takes, *begins)), None)
    if chosen is None:
        raise BadValue(f"{spec.type} has no field that begins with `{name}`; {_fields(spec)}.")
    return chosen


def _next(spec: Spec, found: Mapping[str, Json], text: str) -> FieldSpec:
    """The field that a bare value goes to: the first one that must be given and is still free, then any other."""
    free = [f for f in spec.fields.values() if f.name not in found]
    asked = [f for f in free if f.start is not f.default] + free
    fits = [f for f in asked if _fits(f, text)]
    if not fits:
        raise BadValue(f"{spec.type} has no field left for `{text}`; {_fields(spec)}.")
    return fits[0]


def _fields(spec: Spec) -> str:
    names = ", ".join(f"`{name}`" for name in spec.fields)
    return f"it has {names}" if names else "it has no fields"


def _fits(field: FieldSpec, text: str) -> bool:
    """Whether a value is of the field's type; one that is out of its limits is said to be."""
    if is_expression(text):
        return True
    words = re.split(r"[x×,]", text)
    if not all(re.fullmatch(_NUMBER, word, re.IGNORECASE) for word in words):
        return _is_list(field.kind) and field.kind.accepts([text])
    numbers: list[Json] = [int(word) if word.lstrip("-").isdigit() else float(word) for word in words]
    return field.kind.accepts(numbers if len(numbers) > 1 or _is_list(field.kind) else numbers[0])


def _read(spec: Spec, field: FieldSpec, text: str) -> Json:
    try:
        raw = parse(field.kind, _written(field.kind, text))
    except BadValue as error:
        raise BadValue(f"`{field.name}` of {spec.type} {error}.") from None
    batch = _batch(field)
    lacks = batch and isinstance(raw, list) and all(isinstance(entry, int) for entry in raw)
    return [batch, *raw] if lacks else raw


def _batch(field: FieldSpec) -> str:
    """The symbol that a shape begins with in the palette: one that was typed without it gets it."""
    start = [] if field.start is MISSING else field.kind.dump(field.start)
    return start[0] if isinstance(start, list) and start and isinstance(start[0], str) else ""


def _written(kind: Kind, text: str) -> str:
    """`5x3` as the editors have it; a list of one as a list."""
    listed = re.sub(r"(?<=\d)[x×](?=\d)", ", ", _ANSWERS.get(text.casefold(), text))
    return f"[{listed}]" if _is_list(kind) and listed[:1] != "[" and "=" not in listed[:1] else listed


def _is_list(kind: Kind) -> bool:
    """Whether a kind takes nothing but lists."""
    return not kind.accepts(1) and kind.accepts([1])


def _same_size(spec: Spec, found: Mapping[str, Json]) -> dict[str, Json]:
    """The padding that goes with a typed kernel, where the declaration's own start values keep the size."""
    kernel, padding = spec.fields.get("kernel_size"), spec.fields.get("padding")
    if kernel is None or padding is None or "kernel_size" not in found or "padding" in found:
        return {}
    start, raw = padding.kind.dump(padding.start), found["kernel_size"]
    if not isinstance(start, int) or kernel.kind.dump(kernel.start) != 2 * start + 1:
        return {}
    sizes = raw if isinstance(raw, list) else [raw]
    if not all(isinstance(size, int) and size % 2 for size in sizes):
        return {}
    halves = [size // 2 for size in sizes]
    return {"padding": halves if len(halves) > 1 else halves[0]}


def _for_block(hit: Hit, words: Sequence[str]) -> dict[str, Json]:
    """The parameters of a block in their order, or by name."""
    names = hit.parameters
    found: dict[str, Json] = {}
    for word in words:
        short = _NAMED.fullmatch(word) or _SHORT.fullmatch(word)
        name, text = short.groups() if short else ("", word)
        free = [one for one in names if one not in found and one.startswith(name)]
        if not free:
            raise BadValue(
                f"{hit.name} has no parameter left for `{word}`; it has {', '.join(names) or 'none'}."
            )
        found[free[0]] = _plain_value(text)
    return {"parameters": {**hit.values.get("parameters", {}), **found}}


def _plain_value(text: str) -> Json:
    if text.startswith("="):
        return text
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text
