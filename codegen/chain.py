"""A block that is one chain of modules, as an `nn.Sequential` without a `forward` of its own."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate

from codegen import recipe
from codegen.body import Body
from codegen.classtext import Rows, constructor_rows
from codegen.flow import Flow
from codegen.layout import WIDTH, literal
from codegen.spelled import rendered
from codegen.uses import Argument

_FEWEST = 2
_INDENT = 20
"""Where the entries of an `OrderedDict` begin: a chain whose entries need several lines reads better as a `forward`."""


def chain_rows(
    body: Body, flow: Flow, built: Mapping[str, Sequence[str]], arguments: Sequence[Argument]
) -> tuple[Rows, dict[str, str]] | None:
    """The constructor, and by layer its key in the `state_dict`; None where the block is no such chain.

    Where the layers are called 0, 1, 2 … their keys are their places; else names, which stay as they are when a layer
    is put in between.
    """
    modules = _modules(body, flow, built)
    if modules is None:
        return None
    ids = [id for id, _ in modules]
    by_place = ids == [str(place) for place in range(len(ids))]
    if len(ids) < _FEWEST and not by_place:
        return None
    if by_place:
        keys = {id: str(place) for place, id in enumerate(ids)}
        inside = ", ".join(text for _, text in modules)
    else:
        keys = {id: body.identifiers.locals[id] for id in ids}
        entries = [f"({literal(keys[id])}, {text})" for id, text in modules]
        names = {one.key: one.name for one in arguments}
        if any(_INDENT + len(rendered(entry, names)) + 1 > WIDTH for entry in entries):
            return None
        inside = f"OrderedDict([{', '.join(entries)}])"
    rows = constructor_rows(arguments, {}, {ids[0]: [f"super().__init__({inside})"]})
    kept = [row for row, _ in rows if row != "        super().__init__()"]
    names = {one.key: one.name for one in arguments}
    return _owned(kept, [(id, rendered(text, names)) for id, text in modules]), keys


def _owned(rows: Sequence[str], modules: Sequence[tuple[str, str]]) -> Rows:
    """Each row with the layers whose constructor stands in it, found in their order however it was laid out."""
    ends = list(accumulate(len(_bare(row)) for row in rows))
    whole, at = "".join(map(_bare, rows)), 0
    owners: list[list[str]] = [[] for _ in rows]
    for id, text in modules:
        start = whole.find(_bare(text), at)
        if start < 0:
            continue
        at = start + len(_bare(text))
        for number in range(bisect_right(ends, start), bisect_right(ends, at - 1) + 1):
            owners[number].append(id)
    return [(row, tuple(ids)) for row, ids in zip(rows, owners, strict=True)]


def _bare(text: str) -> str:
    """Without what a layout in lines adds."""
    return re.sub(r"[\s,]", "", text)


def _modules(body: Body, flow: Flow, built: Mapping[str, Sequence[str]]) -> list[tuple[str, str]] | None:
    """Layer and constructor, one behind the other, where every layer is a module that reads the one before."""
    if len(body.known) != 1 or len(body.results) != 1 or any(len(texts) != 1 for texts in built.values()):
        return None
    before = next(iter(body.known.values()))
    found: list[tuple[str, str]] = []
    for line in flow.lines:
        id = line.ids[0]
        text = _module(body, id, line.source, before, built)
        if not text or not line.main or line.loop or not re.fullmatch(r"\w+", line.target):
            return None
        found.append((id, text))
        before = line.target
    alike = set(built) <= {id for id, _ in found} and flow.variables[body.results[0]] == before
    return found if alike and found else None


def _module(body: Body, id: str, source: str, before: str, built: Mapping[str, Sequence[str]]) -> str:
    attribute = body.identifiers.attributes[id]
    if id in built:
        called = source == f"self.{attribute}({before})"
        is_row = id in body.uses and body.uses[id].is_row and not id.isdigit()
        return built[id][0].removeprefix(f"self.{attribute} = ") if called and not is_row else ""
    layer = body.report.layers[id].layer
    inputs = body.report.layers[id].inputs
    return recipe.module_form(layer, body.words.get(id)) if layer is not None and len(inputs) == 1 else ""
