"""Every requirement of the canvas, its shapes, its access and its looks is named by a test that proves it.

The numbers are those of the requirements that the product was built to: 1 to 11 the canvas, 12 and 13 shapes on it,
14 the arithmetic, 15 overlays, 24 code, 25 to 27 access and looks.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

NUMBERS = (*range(1, 16), *range(24, 28))
NAMED = re.compile(r"requirements?[ _]((?:\d+(?:, | and |_and_|_)?)+)", re.IGNORECASE)


def every_test() -> Iterator[tuple[str, str]]:
    """Every test function by its file: what its name and its docstring say."""
    for path in sorted(Path(__file__).parent.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield path.name, f"{node.name} {ast.get_docstring(node) or ''}"


@cache
def named() -> dict[int, list[str]]:
    """By the number of a requirement, the files of the tests that name it."""
    found: dict[int, list[str]] = {}
    for file, words in every_test():
        for match in NAMED.finditer(words):
            for number in re.findall(r"\d+", match[1]):
                found.setdefault(int(number), []).append(file)
    return found


@pytest.mark.parametrize("number", NUMBERS)
def test_a_test_names_it(number: int) -> None:
    assert number in named(), f"no test says that it proves requirement {number}"
