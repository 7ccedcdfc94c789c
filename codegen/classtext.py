"""The rows of a printed class: its constructor and `forward`, laid out, with the layers that each row is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from codegen.layout import statement
from codegen.naming import Row
from codegen.spelled import rendered
from codegen.uses import Argument

Rows = list[tuple[str, tuple[str, ...]]]
"""Rows with the layers they are about."""


def constructor_rows(
    arguments: Sequence[Argument],
    stored: Mapping[str, str],
    built: Mapping[str, Sequence[str]],
) -> Rows:
    """`__init__`; none where there is nothing to build. `stored` are attributes that `forward` reads, by argument."""
    if not (built or stored):
        return []
    names = {one.key: one.name for one in arguments} | {"i": "i"}
    signature = ["self", *(_declared(one) for one in arguments)]
    rows: Rows = [(row, ()) for row in statement(f"def __init__({', '.join(signature)}) -> None:", 4)]
    rows.append(("        super().__init__()", ()))
    rows += [(f"        self.{attribute} = {name}", ()) for name, attribute in stored.items()]
    for id, texts in built.items():
        for text in texts:
            margin = len(text) - len(text.lstrip())
            rows += [(row, (id,)) for row in statement(rendered(text.lstrip(), names), 8 + margin)]
    return rows


def _declared(argument: Argument) -> str:
    default = "" if argument.default is None else f" = {argument.default}"
    return f"{argument.name}: {argument.type}{default}"


def forward_rows(arguments: Iterable[str], gives: str, statements: Sequence[Row]) -> Rows:
    """`forward`, which takes tensors of these names."""
    signature = ", ".join(["self", *(f"{name}: Tensor" for name in arguments)])
    rows: Rows = [(row, ()) for row in statement(f"def forward({signature}) -> {gives}:", 4)]
    for each in statements:
        indent = 8
        if each.loop:
            rows.append((f"        {each.loop}", each.ids))
            indent = 12
        rows += [(row, each.ids) for row in statement(each.text, indent, each.comment)]
    return rows
