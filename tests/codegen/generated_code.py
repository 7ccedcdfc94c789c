"""Keeps the code in `docs/generated-code.md` true: `python -m tests.codegen.generated_code` prints it anew.

Behind a line `<!-- printed: NAME -->` stands the module of the template NAME.
"""

from __future__ import annotations

import re
from pathlib import Path

from codegen.module import print_module
from graph_ir.check import check
from graph_ir.templates import load

PAGE = Path(__file__).parents[2] / "docs" / "generated-code.md"
_PRINTED = re.compile(r"(<!-- printed: (\S+) -->\n```python\n).*?(```\n)", re.DOTALL)


def renewed(text: str) -> str:
    """The page with every printed module as it is printed now."""
    return _PRINTED.sub(lambda found: found[1] + _printed(found[2]) + found[3], text)


def shown(text: str) -> list[str]:
    """The templates whose code is on the page."""
    return [found[2] for found in _PRINTED.finditer(text)]


def _printed(name: str) -> str:
    design = load(name)
    return print_module(design, check(design)).source


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text()))
