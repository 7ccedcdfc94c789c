"""The page about the gallery: what each template is, teaches, takes and costs, and which paper it is from.

`python -m codegen.gallery FILE` writes the page of the documentation.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from graph_ir.atomic import atomic_write
from graph_ir.check import check
from graph_ir.templates import Template, gallery, load

_HEAD = """\
# The gallery

Every template is a design of your own from the first moment: `layerloom new resnet50 -o mine.loom.json`, with
`--set num_classes=7` for another value of a parameter. All but one come with data that need no download, so that
`layerloom train mine.loom.json` works as it is; made-up data stand in for what the paper was trained on. This page is
made from the templates by `python -m codegen.gallery docs/gallery.md`.
"""


def page() -> str:
    """The page as Markdown: a table for each group, then each template by itself."""
    groups = [(group, list(found)) for group, found in groupby(gallery(), key=lambda one: one.group)]
    return "\n".join([_HEAD, *(line for group, found in groups for line in _group(group, found))])


def _group(group: str, found: list[Template]) -> Iterator[str]:
    yield from (f"## {group}", "")
    for template in found:
        design = load(template.name)
        report = check(design)
        parameters = ", ".join(f"`{name}` {value}" for name, value in template.parameters.items())
        yield from (
            f"### {template.title}: `{template.name}`",
            "",
            template.summary,
            "",
            f"* Teaches: {design.about['teaches']}",
            f"* From: {design.about['source']}",
            f"* {report.parameters:,} weights; parameters: {parameters}.",
            f"* Data: {f'`{template.data}`' if template.data else 'none; it has no loss of its own'}.",
            "",
        )


if __name__ == "__main__":
    atomic_write(Path(sys.argv[1]), page().encode())
