"""Python's parser, for one thread at a time.

CPython 3.11 counts the depth of the tree it builds per interpreter: where another thread gets its turn meanwhile and
parses too, `ast.parse` raises SystemError (python/cpython issue 106905).
"""

from __future__ import annotations

import ast
from functools import lru_cache
from threading import RLock

_TURN = RLock()


def parse(source: str) -> ast.Module:
    """`ast.parse` of a module. Raises SyntaxError."""
    with _TURN:
        return ast.parse(source)


def parse_expression(source: str) -> ast.expr:
    """The tree of one expression. Raises SyntaxError."""
    with _TURN:
        return ast.parse(source, mode="eval").body


@lru_cache(maxsize=256)
def names_in(source: str) -> frozenset[str]:
    """The plain names that code uses (not those in texts). Raises SyntaxError."""
    return frozenset(node.id for node in ast.walk(parse(source)) if isinstance(node, ast.Name))
