"""Joins model, data, runtime and training script into one file that reads and runs like the four."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Mapping

from codegen.syntax import parse
from graph_ir.edits import Refused

_ORDER = {
    "model.py": "the network",
    "data.py": "the data",
    "runtime.py": "what keeps a run safe",
    "train.py": "training",
}
_THIRD = ("numpy", "safetensors", "sklearn", "torch")
_OWN_FOLDER = "sys.path.append("


def single_file(sources: Mapping[str, str], class_name: str) -> str:
    """One `train.py` from the four printed files. Raises Refused where the class has the name of another part."""
    trees = {name: parse(sources[name]) for name in _ORDER}
    modules = {name.removesuffix(".py"): _top_names(tree) for name, tree in trees.items()}
    others = set().union(*(names for module, names in modules.items() if module != "model"))
    if class_name in others:
        raise Refused(
            f"In a single file the network's class would be called {class_name}, like another part; change the title."
        )
    bodies = {name: _qualified(_body(sources[name], tree), modules) for name, tree in trees.items()}
    text = "\n".join(bodies.values())
    first = sources["train.py"].partition("\n")[0]
    about = (ast.get_docstring(trees["train.py"]) or "").replace("of model.py", "below")
    head = [first, f'"""{about}"""', "", *_imports(trees.values(), set(modules), text)]
    parts = [f"# ---- {_ORDER[name]} ----\n\n\n{body}" for name, body in bodies.items()]
    return "\n".join(head).rstrip() + "\n\n" + "\n\n\n".join(parts) + "\n"


def _top_names(tree: ast.Module) -> set[str]:
    """What a file defines at its top."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        targets = node.targets if isinstance(node, ast.Assign) else []
        found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def _body(source: str, tree: ast.Module) -> str:
    """The file without its first comment, its docstring, its imports and the line that finds the other files."""
    gone = {1} if source.startswith("#") else set()
    for index, node in enumerate(tree.body):
        is_docstring = index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_docstring or isinstance(node, ast.Import | ast.ImportFrom):
            gone |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = [
        line
        for number, line in enumerate(source.splitlines(), 1)
        if number not in gone and not line.startswith(_OWN_FOLDER)
    ]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines).strip("\n"))


def _qualified(body: str, modules: Mapping[str, set[str]]) -> str:
    """`data.load` becomes `load`; texts and comments are left as they are."""
    tokens = list(tokenize.generate_tokens(io.StringIO(body).readline))
    lines = body.splitlines(keepends=True)
    for first, dot, name in reversed(list(zip(tokens, tokens[1:], tokens[2:], strict=False))):
        if dot.string == "." and name.string in modules.get(first.string, ()):
            row = first.start[0] - 1
            lines[row] = lines[row][: first.start[1]] + lines[row][name.start[1] :]
    return "".join(lines)


def _imports(trees: Iterable[ast.Module], own: set[str], text: str) -> list[str]:
    """All imports that are used, once: the standard library, a blank line, the packages."""
    plain: set[tuple[str, str]] = set()
    named: dict[str, set[str]] = {}
    for node in (node for tree in trees for node in tree.body):
        if isinstance(node, ast.Import):
            plain |= {(alias.name, alias.asname or "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module not in own:
            named.setdefault(node.module, set()).update(alias.name for alias in node.names)
    used = sorted(pair for pair in plain if pair[0] not in own and _is_used(pair[1] or pair[0], text))
    lines = [(module, f"import {module}{f' as {alias}' if alias else ''}") for module, alias in used]
    for module, names in sorted(named.items()):
        kept = sorted(name for name in names if _is_used(name, text))
        lines += [(module, f"from {module} import {', '.join(kept)}")] if kept else []
    third = [line for module, line in lines if module.partition(".")[0] in _THIRD]
    standard = [line for module, line in lines if module.partition(".")[0] not in _THIRD]
    return [*standard, "", *third]


def _is_used(name: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", text) is not None
