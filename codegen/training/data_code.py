"""Prints `data.py`: loads or makes a data set, splits it once by seed, and goes through a split in batches.

The code stands in `codegen/child/data`, one file a data set; what those files import from each other is put together
here, with the constants of this very design, and nothing that is not used.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from codegen.layout import WIDTH, literal, statement
from codegen.parts import FIRST_LINE
from codegen.syntax import parse
from codegen.training.settings import Settings
from codegen.training.sources import Source

_HERE = "codegen.child.data."
_BATCHES = {"plain": "shared", "noisy": "noisy", "ordered": "ordered"}


@dataclass(frozen=True)
class _Part:
    """What one statement at the top of a file defines (`name` is the first), its lines and the names these use."""

    name: str
    lines: tuple[str, ...]
    uses: frozenset[str]
    is_constant: bool


@dataclass(frozen=True)
class _Module:
    """A file: its parts by name, what it imports from its neighbours (name to file) and from elsewhere."""

    parts: Mapping[str, _Part]
    neighbours: Mapping[str, str]
    imports: Mapping[str, str]


def print_data(settings: Settings, names: Mapping[str, str]) -> str:
    """`data.py` for these settings; `names` leads from an Input to the module's name for it."""
    parts = _gathered(settings)
    given = {name: rows for name, rows in _constants(settings, names).items() if rows}
    own = [part.lines for name, part in parts.items() if part.is_constant and name not in given]
    constants = [row for name, rows in given.items() if name in parts or name == "CLASSES" for row in rows]
    code = [row for part in parts.values() if not part.is_constant for row in ("", "", *part.lines)]
    body = [*constants, *(row for rows in own for row in rows), *code]
    return "\n".join([*_head(settings.source), *_imports(settings, body), "", *body]) + "\n"


def _gathered(settings: Settings) -> dict[str, _Part]:
    """The parts that `load` and `Batches` need: constants in front, a function behind what it calls."""
    own = _module(settings.source.module)
    found: dict[str, _Part] = {}
    if settings.classes is not None:
        _gather(own, "CLASSES", found)
    _gather(own, "load", found)
    _gather(_module(_BATCHES[settings.order]), "Batches", found)
    return found


def _gather(module: _Module, name: str, found: dict[str, _Part]) -> None:
    if name in module.neighbours:
        _gather(_module(module.neighbours[name]), name, found)
    part = module.parts.get(name)
    if part is None or part.name in found:
        return
    known = (*module.parts, *module.neighbours)
    for used in known:
        if used in part.uses and module.parts.get(used) is not part:
            _gather(module, used, found)
    found[part.name] = part


def _constants(settings: Settings, names: Mapping[str, str]) -> dict[str, list[str]]:
    """The constants that hang on the design, in the order in which they are printed."""
    source, fields = settings.source, {one.name: one for one in settings.fields}
    inputs = ["INPUTS = {  # what the network calls it: what the data calls it"]
    for id, name in settings.inputs.items():
        row = f"    {literal(names[id])}: {literal(name)},"
        shape = f"  # {fields[name].text.partition(' ')[2]}"
        whole = f"{row}{shape}: {fields[name].help}"
        inputs.append(next((text for text in (whole, row + shape) if len(text) <= WIDTH), row))
    options = {
        (one.constant or one.name.upper()): statement(
            f"{one.constant or one.name.upper()} = {settings.options[one.name]}", 0, one.help
        )
        for one in source.options
    }
    return {
        "CLASSES": _classes(settings),
        "TEXT": _text(source.text) if source.text else [],
        **options,
        "SHARES": statement(f"SHARES = {literal(settings.split)}", 0, "train, validation, test"),
        "SEED": [f"SEED = {settings.data_seed}"],
        "INPUTS": [*inputs, "}"],
        "NOISE": statement(f"NOISE = {_shapes(settings.noise, names)}", 0),
        "STATES": statement(
            f"STATES: dict[str, tuple[int | None, ...]] = {_shapes(settings.states, names)}", 0
        ),
    }


def _classes(settings: Settings) -> list[str]:
    """None where nobody asks, or where the file of the data set says it more shortly."""
    classes = settings.classes
    if classes is None or "CLASSES" in _module(settings.source.module).parts:
        return []
    if len(classes) > 20 and classes == tuple(map(str, range(len(classes)))):
        return [f"CLASSES = tuple(map(str, range({len(classes)})))"]
    return statement(f"CLASSES = {literal(classes)}", 0)


def _shapes(shapes: Mapping[str, tuple[int | None, ...]], names: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{literal(names[id])}: {literal(shape)}' for id, shape in shapes.items())}}}"


def _text(name: str) -> list[str]:
    """A text as a constant between three quotes; it holds neither those nor a backslash."""
    text = (files("assets") / "data" / name).read_text("ascii")
    return ['TEXT = """\\', *text.strip("\n").splitlines(), '"""']


def _head(source: Source) -> list[str]:
    origin = f"Source: {source.origin}. Licence: {source.licence}."
    about = textwrap.wrap(f'"""{source.summary}', WIDTH, break_on_hyphens=False)
    return [FIRST_LINE, *about, "", *textwrap.wrap(origin, WIDTH, break_on_hyphens=False), '"""', ""]


def _imports(settings: Settings, body: Iterable[str]) -> list[str]:
    """The imports that the body uses: the standard library, a blank line, packages."""
    used = {node.id for node in ast.walk(parse("\n".join(body))) if isinstance(node, ast.Name)}
    waiting, seen = [settings.source.module, _BATCHES[settings.order]], dict[str, _Module]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen[name] = _module(name)
            waiting += seen[name].neighbours.values()
    lines = {name: line for module in seen.values() for name, line in module.imports.items() if name in used}
    plain = sorted({line for line in lines.values() if line.startswith("import")})
    named: dict[str, list[str]] = {}
    for name, line in lines.items():
        if line.startswith("from"):
            named.setdefault(line.split()[1], []).append(name)
    rows = [*plain, *(f"from {module} import {', '.join(sorted(n))}" for module, n in sorted(named.items()))]
    third = [row for row in rows if re.match(r"(import|from) (torch|sklearn)\b", row)]
    standard = [row for row in rows if row not in third]
    return [*standard, *([""] if standard else []), *third]


@cache
def _module(name: str) -> _Module:
    source = (files("codegen") / "child" / "data" / f"{name}.py").read_text("utf-8")
    rows = source.splitlines()
    parts: dict[str, _Part] = {}
    neighbours: dict[str, str] = {}
    imports: dict[str, str] = {}
    for node in parse(source).body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                suffix = f" as {alias.asname}" if alias.asname else ""
                imports[alias.asname or alias.name] = f"import {alias.name}{suffix}"
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(_HERE):
            neighbours |= {alias.name: node.module.removeprefix(_HERE) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imports |= {alias.name: f"from {node.module}" for alias in node.names}
        elif defined := _defined(node):
            lines = tuple(rows[node.lineno - 1 : node.end_lineno])
            uses = frozenset(one.id for one in ast.walk(node) if isinstance(one, ast.Name))
            is_constant = isinstance(node, ast.Assign | ast.AnnAssign)
            parts |= dict.fromkeys(defined, _Part(defined[0], lines, uses, is_constant))
    return _Module(parts, neighbours, imports)


def _defined(node: ast.stmt) -> list[str]:
    """The names that a statement at the top of a file defines; none for a docstring."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [one.id for target in targets if target for one in ast.walk(target) if isinstance(one, ast.Name)]
