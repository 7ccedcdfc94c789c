"""Parts that printed files share: imports, docstrings, what builds a layer, what the module returns."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Collection, Iterable, Mapping

from codegen.flow import Value
from codegen.layout import WIDTH
from codegen.syntax import names_in
from graph_ir.dims import Dim, Expr, symbols
from graph_ir.recipes import Module
from graph_ir.report import Report

FIRST_LINE = "# Written by Layerloom from a drawing. The code is yours: change it as you like."
_STANDARD = {
    "math": "import math",
    "re": "import re",
    "OrderedDict": "from collections import OrderedDict",
    "Mapping": "from collections.abc import Mapping",
    "Path": "from pathlib import Path",
}
_TYPING = ("Any", "NamedTuple")
_THIRD = {"torch": "import torch", "F": "import torch.nn.functional as F"}
_PACKING = ("pack_padded_sequence", "pad_packed_sequence")

Key = str | Value
"""A result: the id of an Output, or (layer, port) of what a loss reads and no Output marks."""


def symbol_sources(shapes: Mapping[str, tuple[Dim, ...]]) -> dict[str, str]:
    """How each symbol is read off the first variable that has an axis of that size: `image.shape[2]`."""
    found: dict[str, str] = {}
    for variable, shape in shapes.items():
        for axis, dim in enumerate(shape):
            if isinstance(dim, Expr) and symbols(dim) == {str(dim)}:
                found.setdefault(str(dim), f"{variable}.shape[{axis}]")
    return found


def imports(code: str, modules: Iterable[str] = ()) -> list[str]:
    """The import lines of what `code` uses and of these modules, sorted as ruff sorts them, and two empty lines."""
    used = names_in(code)
    standard = [line for name, line in _STANDARD.items() if name in used]
    standard += _from("typing", _TYPING, used)
    third = [line for name, line in _THIRD.items() if name in used]
    third = sorted(
        {*third, *(f"import {module}" for module in modules)}, key=lambda line: line.lower().split()[1]
    )
    third += _from("torch", ("Tensor", "nn"), used) + _from("torch.nn.utils.rnn", _PACKING, used)
    return [*standard, *([""] if standard else []), *third, "", ""]


def _from(module: str, names: Iterable[str], used: Collection[str]) -> list[str]:
    found = [name for name in names if name in used]
    return [f"from {module} import {', '.join(found)}"] if found else []


def plain(text: str) -> str:
    """Text for a docstring: printable ASCII on one line, without backslashes and double quotes.

    >>> plain('Über "x"\\n\\\\ y')
    "Uber 'x' / y"
    """
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    spaced = re.sub(r"[^ -~]+", " ", ascii_only).replace('"', "'").replace("\\", "/")
    return " ".join(spaced.split())


def wrapped(text: str) -> list[str]:
    """An entry of a docstring's list, continued deeper."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 12, break_on_hyphens=False
    )


def results(report: Report) -> list[tuple[Key, Value]]:
    """What forward returns: the Outputs in file order, then what a loss reads and no Output marks."""
    outside = report.training_only
    into = {wire.target: (wire.source, wire.source_port) for wire in report.wires}
    outputs = [id for id, entry in report.layers.items() if entry.trait == "output" and id not in outside]
    found: list[tuple[Key, Value]] = [(id, into[id]) for id in outputs]
    marked = {value for _, value in found}
    for wire in report.flowing:
        value = (wire.source, wire.source_port)
        crosses = wire.target in outside and wire.source not in outside
        if crosses and value not in marked and not report.role_of(wire.source):
            marked.add(value)
            found.append((value, value))
    return found


def result_name(key: Key) -> tuple[str, str]:
    """What a result is called after, and what where nothing is left of that."""
    if isinstance(key, str):
        return key, "output"
    return (key[0] if key[1] == "y" else f"{key[0]}_{key[1]}"), "output"


def state_name(attribute: str | None, name: str) -> str:
    """A key of the `state_dict`: `conv1.weight`; a tensor that the network itself holds has its attribute's name."""
    return f"{attribute}.{name}" if name else str(attribute)


def modules(report: Report, ids: Iterable[str]) -> frozenset[str]:
    """What has to be imported for modules of the user's own."""
    recipes = (entry.layer.spec.recipe for id in ids if (entry := report.layers[id]).layer is not None)
    return frozenset(recipe.module for recipe in recipes if isinstance(recipe, Module) and recipe.module)
