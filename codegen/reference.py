"""The layer reference, made from the declarations: JSON, text for a terminal, Markdown pages.

`python -m codegen.reference FOLDER` writes the pages of the documentation.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from textwrap import wrap

from codegen.example import example
from codegen.layer_words import code, formula, lengths, paragraphs, shown, worked
from graph_ir.atomic import atomic_write
from graph_ir.kinds import Json
from graph_ir.layers import catalogue
from graph_ir.signature import Port
from graph_ir.spec import Category, FieldSpec, Layer, Spec

FORMATS = ("text", "json", "md")
INDEX = "README.md"


class NoLayer(KeyError):
    """There is no such layer type; `text` is one sentence that says what there is."""

    def __init__(self, type: str) -> None:
        near = get_close_matches(type, [*catalogue(), *_aliases()], n=1)
        meant = _aliases().get(near[0], near[0]) if near else ""
        remedy = f"did you mean {meant}?" if meant else "`layerloom layers` lists the types there are"
        self.text = f"there is no layer type {type[:60]!r}; {remedy}"
        super().__init__(self.text)


def reference(type: str | None = None, format: str = "text") -> str:
    """The reference of one layer type, or of all, as `layerloom layers` prints it.

    Raises NoLayer for an unknown type.
    """
    layers = catalogue()
    if type is not None and type not in layers:
        raise NoLayer(type)
    if format == "json":
        chosen = [layers[type]] if type is not None else layers.values()
        return json.dumps([as_json(cls) for cls in chosen], ensure_ascii=False, indent=1) + "\n"
    if format == "md":
        return page(layers[type]) if type is not None else index()
    return text_page(layers[type]) if type is not None else text_index()


def as_json(cls: type[Layer]) -> dict[str, Json]:
    """One layer type as promised by `layerloom layers --format json`.

    `default` is null for a required field, too; `required` tells the two apart.
    """
    spec = cls.spec
    return {
        "type": spec.type,
        "category": spec.category.value,
        "summary": spec.summary,
        "fields": [_field_json(field) for field in spec.fields.values()],
        "inputs": [_port_json(port) | _input_json(port) for port in spec.inputs],
        "outputs": [_port_json(port) for port in spec.outputs],
        "source": spec.source,
    }


def _field_json(field: FieldSpec) -> dict[str, Json]:
    return {
        "name": field.name,
        "kind": field.kind.name,
        "required": field.required,
        "default": None if field.required else field.kind.dump(field.default),
        "start": field.kind.dump(field.start),
        "help": field.help,
    }


def _port_json(port: Port) -> dict[str, Json]:
    return {"name": port.name, "axes": port.axes}


def _input_json(port: Port) -> dict[str, Json]:
    return {"variadic": port.variadic, "optional": port.optional}


def text_index() -> str:
    """Every layer type with its summary, by category."""
    width = max(map(len, catalogue()))
    lines: list[str] = []
    for category, specs in _by_category().items():
        lines += ["", category.value]
        for spec in specs:
            first, *rest = wrap(spec.summary, 96 - width)
            lines += [f"  {spec.type:<{width}}  {first}", *(f"  {'':<{width}}  {line}" for line in rest)]
    return "\n".join(lines[1:]) + "\n"


def text_page(cls: type[Layer]) -> str:
    """One layer type for a terminal."""
    spec, found = cls.spec, example(cls)
    lines = [f"{spec.type} ({spec.category.value})", "", *paragraphs(spec), ""]
    lines += [f"  in   {_port_text(port)}" for port in spec.inputs]
    lines += [f"  out  {_port_text(port)}" for port in spec.outputs]
    lines += ["", f"Formula: {formula(spec)}"] if formula(spec) else []
    if spec.fields:
        lines += ["", "Fields"]
    for field in spec.fields.values():
        lines += [f"  {field.name}: {field.kind.describe()}; {_default_text(field)}", f"      {field.help}"]
    lines += ["", "Example, with the values the palette proposes", *(f"  {line}" for line in worked(found))]
    if found.code:
        lines += ["", "In PyTorch", *(f"  {line}".rstrip() for line in code(found))]
    lines += ["", f"Lengths: {lengths(found)}"] if lengths(found) else []
    lines += [""] + ([f"Source: {spec.source}"] if spec.source else [])
    lines += [f"Known elsewhere as: {', '.join(spec.aliases)}"] if spec.aliases else []
    return "\n".join(lines).rstrip() + "\n"


def index() -> str:
    """The Markdown page that lists every layer type."""
    lines = [
        "# Layers",
        "",
        "Made from the declarations in `graph_ir/layers` by `python -m codegen.reference docs/layers`; a test keeps it",
        "current. In a signature a capital letter is an axis (N batch, C channel, D H W space, T time, F feature,",
        "S target step), a word is a field, `*S` is any run of axes.",
    ]
    for category, specs in _by_category().items():
        lines += ["", f"## {category.value}", "", "| Layer | Does |", "|---|---|"]
        lines += [f"| [{spec.type}]({spec.type}.md) | {_prose(spec.summary)} |" for spec in specs]
    return "\n".join(lines) + "\n"


def page(cls: type[Layer]) -> str:
    """The Markdown page of one layer type."""
    spec, found = cls.spec, example(cls)
    about = [*map(_prose, paragraphs(spec)), "", f"Category: {spec.category.value}"]
    ports = ["| Port | Axes | Types |", "|---|---|---|"]
    ports += [_port_row("input", port) for port in spec.inputs]
    ports += [_port_row("output", port) for port in spec.outputs]
    fields = [_field_row(field) for field in spec.fields.values()]
    if fields:
        fields = ["| Field | Allowed | Unless set | Palette | Meaning |", "|---|---|---|---|---|", *fields]
    values = ["With the values the palette proposes:", "", "```text", *worked(found), "```"]
    sections = [
        [f"# {spec.type}", "", *about],
        ports,
        fields,
        ["## Formula", "", _formula(formula(spec))] if formula(spec) else [],
        ["## Example", "", *values],
        ["## In PyTorch", "", "```python", *code(found), "```"] if found.code else [],
        ["## Lengths", "", _prose(lengths(found))] if lengths(found) else [],
        [f"Source: {_prose(spec.source)}"] if spec.source else [],
        [f"Known elsewhere as: {', '.join(f'`{alias}`' for alias in spec.aliases)}"] if spec.aliases else [],
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def pages() -> dict[str, str]:
    """Every Markdown page by the name of its file."""
    return {INDEX: index()} | {f"{type}.md": page(cls) for type, cls in catalogue().items()}


def write_pages(folder: Path) -> None:
    """Writes every page, and removes those of layers that are gone. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    made = pages()
    for stale in [path for path in folder.glob("*.md") if path.name not in made]:
        stale.unlink()
    for name, text in made.items():
        atomic_write(folder / name, text.encode())


def _aliases() -> Mapping[str, str]:
    return {alias: type for type, cls in catalogue().items() for alias in cls.spec.aliases}


def _by_category() -> dict[Category, list[Spec]]:
    found: dict[Category, list[Spec]] = {}
    for cls in catalogue().values():
        found.setdefault(cls.spec.category, []).append(cls.spec)
    return found


def _port_name(port: Port) -> str:
    if port.variadic:
        return f"{port.name}1, {port.name}2, …"
    return f"{port.name}, optional" if port.optional else port.name


def _port_text(port: Port) -> str:
    types = f"  [{' '.join(port.dtypes)}]" if port.dtypes else ""
    return f"{_port_name(port)}: {port.axes or 'no axes'}{types}"


def _port_row(side: str, port: Port) -> str:
    types = ", ".join(port.dtypes) or "as what comes in"
    return f"| {side} `{_port_name(port)}` | `{port.axes}` | {types} |"


def _default_text(field: FieldSpec) -> str:
    start = f"the palette proposes {shown(field.kind.dump(field.start))}"
    if field.required:
        return f"must be set, {start}"
    default = f"{shown(field.kind.dump(field.default))} unless set"
    return default if field.start == field.default else f"{default}, {start}"


def _field_row(field: FieldSpec) -> str:
    default = "must be set" if field.required else f"`{shown(field.kind.dump(field.default))}`"
    start = f"`{shown(field.kind.dump(field.start))}`"
    return (
        f"| `{field.name}` | {_prose(field.kind.describe())} | {default} | {start} | {_prose(field.help)} |"
    )


def _prose(text: str) -> str:
    """Markdown that says exactly this text; what stands between backticks in a declaration stays code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return _words(text)
    return "".join(f"`{part}`" if i % 2 else _words(part) for i, part in enumerate(parts))


def _formula(text: str) -> str:
    """As code, which no sign in it can spoil, unless the declaration itself says which parts are."""
    return _prose(text) if "`" in text else f"`{text}`"


def _words(text: str) -> str:
    """Only what Markdown could read as markup is escaped, so that the pages stay readable as text."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#" else char for char in text)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m codegen.reference FOLDER")
    write_pages(Path(sys.argv[1]))
