"""Tokens in printed text (`graph_ir.spelling`): rendered as Python for one place, or worked out with numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import lru_cache

from codegen.layout import literal
from codegen.syntax import parse_expression
from graph_ir.dims import Expr
from graph_ir.expressions import Value, evaluate
from graph_ir.spelling import TOKEN, words_of


class SizeOutOfReach(Exception):
    """A size has to be printed that depends on a name which nothing in reach has; `args[0]` is the name."""


def rendered(text: str, names: Mapping[str, str]) -> str:
    """`text` with source instead of every token; `names` says what each name is called here.

    Raises SizeOutOfReach for a name that is not in `names`.

    >>> from graph_ir.spelling import token
    >>> rendered(f"nn.Linear({token('a + 1')}, {token('a')})", {"a": "size"})
    'nn.Linear(size + 1, size)'
    >>> rendered(f"x * {token('a + 1')}", {"a": "self.size"})
    'x * (self.size + 1)'
    """
    if "spelled_" not in text:
        return text
    parts, end = [], 0
    for found in TOKEN.finditer(text):
        source = source_of(found[0], names)
        if text[: found.start()].endswith("[:") and not source.isalnum():
            source = f" {source}"  # as formatters space slices that are no plain names
        alone = _stands_alone(text, found.start(), found.end(), source) or _is_primary(source)
        parts += [text[end : found.start()], source if alone else f"({source})"]
        end = found.end()
    return "".join([*parts, text[end:]])


def source_of(text: str, names: Mapping[str, str]) -> str:
    """The source of one token, or of an expression over names."""
    words = expanded(text)
    return _rewritten(words, tuple((name, names[name]) for name in _names(words, names)))


def expanded(text: str) -> str:
    """Words that hold no further tokens."""
    words = words_of(text)
    while "spelled_" in words:
        words = TOKEN.sub(lambda found: f"({words_of(found[0])})", words)
    return words


def used_names(text: str) -> list[str]:
    """The names that the tokens in a text depend on, each once, in the order in which they come."""
    found = (name for part in TOKEN.findall(text) for name in _read(expanded(f"spelled_{part}_"))[1])
    return list(dict.fromkeys(found))


def _names(words: str, names: Mapping[str, str]) -> tuple[str, ...]:
    used = _read(words)[1]
    missing = next((name for name in used if name not in names), None)
    if missing is not None:
        raise SizeOutOfReach(missing)
    return used


@lru_cache(maxsize=4096)
def _read(words: str) -> tuple[ast.expr, tuple[str, ...]]:
    tree = parse_expression(words)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id not in ("min", "max")]
    ordered = sorted(found, key=lambda node: (node.lineno, node.col_offset))
    return tree, tuple(dict.fromkeys(node.id for node in ordered))


class _Rewrite(ast.NodeTransformer):
    """Names become what they are called; `4*a` becomes `a * 4`, as people write it."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return parse_expression(self.names[node.id]) if node.id in self.names else node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if not isinstance(node.value, str):
            return node
        return ast.Name(f"literal_{literal(node.value).encode().hex()}_")

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        times = isinstance(node.op, ast.Mult) and isinstance(node.left, ast.Constant)
        if times and not isinstance(node.right, ast.Constant | ast.BinOp):
            return ast.BinOp(node.right, node.op, node.left)
        return node


_LITERAL = re.compile(r"\bliteral_([0-9a-f]+)_\b")


def substituted(text: str, names: Mapping[str, str]) -> str:
    """An expression with other source for some names, as Python; tokens stay."""
    return _rewritten(text, tuple(names.items()))


def in_words(text: str, names: Mapping[str, str]) -> str:
    """A size for people: what holds no token stays as it is."""
    return substituted(expanded(text), names) if "spelled_" in text else text


@lru_cache(maxsize=4096)
def _rewritten(words: str, names: tuple[tuple[str, str], ...]) -> str:
    tree = _Rewrite(dict(names)).visit(parse_expression(words))
    text = ast.unparse(tree).replace("'", '"')  # by now the only texts are keys, which are identifiers
    return _LITERAL.sub(lambda found: bytes.fromhex(found[1]).decode(), text)


def _stands_alone(text: str, start: int, end: int, source: str) -> bool:
    """Whether nothing beside it binds to it: an argument, an entry of a tuple, a condition, a whole right-hand side."""
    before, behind = text[:start].rstrip(), text[end:].lstrip()
    if before.endswith(" if") and behind.startswith("else "):
        return not isinstance(parse_expression(source), ast.IfExp)
    return (not before or before[-1] in "([{,=:") and (not behind or behind[0] in ")]},:")


def _is_primary(source: str) -> bool:
    if re.fullmatch(r"[\w.]+", source):
        return True
    return isinstance(parse_expression(source), ast.Name | ast.Attribute | ast.Call | ast.Subscript)


def worked_out(text: str, values: Mapping[str, Value | None]) -> str:
    """`text` with the value instead of every token, as `exact` writes it.

    Raises BadExpression where one has no value.
    """
    return TOKEN.sub(lambda found: exact(evaluate(expanded(found[0]), values)), text)


def exact(value: object) -> str:
    """A value as text by which it can be compared: equal numbers are written alike."""
    if isinstance(value, tuple | list):
        return f"({', '.join(map(exact, value))})"
    if isinstance(value, Expr):
        return str(value)
    if isinstance(value, float) and value.is_integer() and not isinstance(value, bool):
        return str(int(value))
    return literal(value)
