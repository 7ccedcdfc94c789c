"""Writes docs/data.md, the page of all data sets: `python -m codegen.training.sources.reference > docs/data.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from codegen.training.sources import SOURCES, Field, Source

_ABOUT = """\
# Data without a download

`training.data.source` in a design names one of these data sets, `inputs` says which field feeds which Input, and
`options` changes what can be chosen; what is left out follows the design (the height of pictures, the rows of a table
of words) and else is as listed here. The code that loads or makes the data is printed into `data.py`. What is made up
is made up by seed, to try a network and its training on; it says nothing about the world.

An Input of the role `noise` needs no field: it gets fresh normal numbers in every batch. `training.data.carry`, such
as `{"h_0": "h_n"}`, feeds an Input with an Output of the step before, where samples follow on each other; the gradient
ends there (truncated back-propagation through time). Lengths may be left out, except for labels without positions.
0 is padding.
"""


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([_ABOUT, *(line for source in SOURCES.values() for line in _section(source))])


def _section(source: Source) -> Iterator[str]:
    yield f"## {source.name}\n\n{source.title}. {source.summary}"
    follow = " Samples follow on each other." if source.is_ordered else ""
    yield f"Source: {source.origin}. Licence: {source.licence}.{follow}\n"
    yield "| Field | Of a batch | Role | Holds |\n|---|---|---|---|"
    yield from (_row(field) for field in source.fields(source.defaults))
    if source.options:
        yield "\n| Option | Default | From | To | Is |\n|---|---|---|---|---|"
    for one in source.options:
        value = source.defaults[one.name]
        yield f"| `{one.name}` | {value} | {one.low} | {one.high} | {one.help} |"
    yield ""


def _row(field: Field) -> str:
    of = f" of axis {field.axis} of `{field.of}`" if field.of else ""
    classes = f"; {len(field.classes)} classes" if field.classes and field.dtype == "int64" else ""
    shape = field.text.removeprefix(f"{field.name} ")
    return f"| `{field.name}` | {shape} | {field.role}{of} | {field.help}{classes} |"


if __name__ == "__main__":
    sys.stdout.write(page())
