"""Takes a printed file apart again, as the cells of a notebook: its parts by where they come from, and its imports."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Mapping

from codegen.layout import statement
from codegen.syntax import parse

_MARKER = re.compile(r"# -+ .* -+\n*")


def parts(text: str, sources: Mapping[str, str], name: str) -> dict[str, str]:
    """What stands in the joined `text`, less imports and the call of `main`, by the file that it comes from.

    Each top-level statement carries the comments above it along. `name` stands for `__file__`, which a notebook lacks.
    """
    trees = {file: parse(source) for file, source in sources.items() if file.endswith(".py")}
    homes = {key: file for file, tree in trees.items() for node in tree.body for key in _keys(node)}
    rows = _without_file(text, name).splitlines()
    found: dict[str, list[str]] = {}
    home, end = next(iter(trees)), 0
    for node in parse(text).body:
        start, end = end, node.end_lineno or node.lineno
        if _is_left_out(node):
            continue
        home = next((homes[key] for key in _keys(node) if key in homes), home)
        found.setdefault(home, []).append(_MARKER.sub("", "\n".join(rows[start:end])))
    return {file: re.sub(r"\n{4,}", "\n\n\n", "\n".join(rows).strip("\n")) for file, rows in found.items()}


def _keys(node: ast.stmt) -> list[str]:
    """What tells a top-level statement from others: the names it makes, or all of it."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)] or [ast.dump(node)]


def _is_left_out(node: ast.stmt) -> bool:
    """Docstring, imports and `if __name__ == "__main__"`."""
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    is_entry = isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)
    return is_docstring or is_entry or isinstance(node, ast.Import | ast.ImportFrom)


def _without_file(text: str, name: str) -> str:
    rows = text.splitlines(keepends=True)
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(text).readline))):
        if token.type == tokenize.NAME and token.string == "__file__":
            (row, first), (_, last) = token.start, token.end
            rows[row - 1] = rows[row - 1][:first] + name + rows[row - 1][last:]
    return "".join(rows)


def imports(*sources: str) -> str:
    """All imports once, as isort leaves them: the standard library, a blank line, the packages."""
    plain: set[tuple[str, str]] = set()
    named: dict[str, set[str]] = {}
    for node in (node for source in sources for node in parse(source).body):
        if isinstance(node, ast.Import):
            plain |= {(alias.name, f" as {alias.asname}" if alias.asname else "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            named.setdefault(node.module, set()).update(ast.unparse(alias) for alias in node.names)
    lines = [(module, f"import {module}{alias}") for module, alias in sorted(plain)]
    lines += [
        (module, f"from {module} import {', '.join(sorted(names))}")
        for module, names in sorted(named.items())
    ]
    standard = [line for module, line in lines if module.partition(".")[0] in sys.stdlib_module_names]
    packages = [line for module, line in lines if line not in standard]
    groups = ([row for line in group for row in statement(line, 0)] for group in (standard, packages))
    return "\n\n".join("\n".join(group) for group in groups if group)
