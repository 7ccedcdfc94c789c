"""The rules of ARCHITECTURE.md that a test can hold: who imports whom; no consumer knows a layer by name."""

from __future__ import annotations

import ast
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import codegen
import designer
import graph_ir
from designer import commandline
from graph_ir.layers import catalogue

ROOT = Path(__file__).resolve().parents[1]
LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
QT = ("PySide6", "shiboken6", "pyqtgraph")

# One import that each rule forbids: file, its text, the rule that must break.
FORBIDDEN = [
    ("graph_ir/check.py", "from PySide6.QtCore import QObject", "graph_ir knows only networkx"),
    ("graph_ir/file.py", "def f():\n    import codegen.names", "graph_ir knows only networkx"),
    ("codegen/names.py", "import designer.theme", "codegen knows no Qt and no designer"),
    ("codegen/prove.py", "import torch", "torch is imported in child processes only"),
    ("designer/app.py", "from torch import nn", "torch is imported in child processes only"),
    ("codegen/module.py", "import codegen.child.prove", "nobody imports what runs in a child"),
    ("graph_ir/check.py", "import networkx", "only graph_ir.graph touches networkx"),
    ("designer/doctor.py", "import pydot", "only codegen.diagram touches pydot; pygraphviz draws in a child"),
    (
        "codegen/diagram/dot.py",
        "import pygraphviz",
        "only codegen.diagram touches pydot; pygraphviz draws in a child",
    ),
]
ALLOWED = [
    ("graph_ir/graph.py", "import networkx"),
    ("codegen/diagram/dot.py", "import pydot"),
    ("codegen/child/prove.py", "import torch, pygraphviz"),
    ("designer/app.py", "from PySide6.QtWidgets import QApplication\nimport codegen.names, graph_ir.graph"),
]


def lint_imports(checkout: Path, planted: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs the project's contracts over packages that hold only what is planted."""
    (checkout / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    for package in ("graph_ir", "codegen/child", "codegen/diagram", "designer", "assets"):
        (checkout / package).mkdir(parents=True)
    modules = {"codegen/names.py", "designer/theme.py", "graph_ir/graph.py", "codegen/child/prove.py"}
    for module in modules - planted.keys():
        (checkout / module).touch()
    for module, text in planted.items():
        (checkout / module).write_text(text)
    for folder in [path for path in checkout.rglob("*") if path.is_dir()]:
        (folder / "__init__.py").touch()
    command = [sys.executable, "-c", LINT, "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("module", "text", "rule"), FORBIDDEN, ids=[f"{m}: {r}" for m, _, r in FORBIDDEN])
def test_an_import_rule_bites(tmp_path: Path, module: str, text: str, rule: str) -> None:
    done = lint_imports(tmp_path, {module: text})
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{rule} BROKEN" in done.stdout


def test_what_the_design_allows_is_allowed(tmp_path: Path) -> None:
    done = lint_imports(tmp_path, dict(ALLOWED))
    assert done.returncode == 0, done.stdout + done.stderr


def modules_of(package: object, *, but: str = "-") -> list[str]:
    path, name = package.__path__, package.__name__  # type: ignore[attr-defined]
    found = [module.name for module in pkgutil.walk_packages(path, f"{name}.")]
    return [name, *(module for module in found if but not in module)]


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        (modules_of(graph_ir), (*QT, "torch", "pydot", "pygraphviz", "numpy", "codegen", "designer")),
        (modules_of(codegen, but=".child"), (*QT, "torch", "numpy", "sklearn", "designer")),
        (modules_of(designer, but="__main__"), ("torch",)),
        (
            [*modules_of(commandline), "designer.__main__", "designer.doctor"],
            (*QT, "torch", "numpy", "sklearn", "safetensors"),
        ),
    ],
    ids=["graph_ir", "codegen", "designer", "command line"],
)
def test_packages_import_without_what_they_must_not_need(modules: list[str], absent: tuple[str, ...]) -> None:
    """In an interpreter in which importing those raises, as it would where they are not installed."""
    code = (
        f"import sys, importlib\n"
        f"sys.modules.update(dict.fromkeys({absent!r}))\n"
        f"for module in {modules!r}: importlib.import_module(module)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def compared(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The strings that a module compares something with: ==, in, match."""
    for node in ast.walk(tree):
        sides: list[ast.AST] = []
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        if isinstance(node, ast.MatchValue):
            sides = [node.value]
        for constant in (part for side in sides for part in ast.walk(side)):
            if isinstance(constant, ast.Constant) and isinstance(constant.value, str):
                yield constant.lineno, constant.value


def imported_layers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("graph_ir.layers."):
            yield from ((node.lineno, name.name) for name in node.names)


def test_no_consumer_knows_a_layer_by_name() -> None:
    """Whatever differs between layers is in their declarations; adding one touches one place."""
    names = set(catalogue())
    known = []
    for package in ("graph_ir", "codegen", "designer"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "layers" in path.relative_to(ROOT).parts:
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found = [*compared(tree), *imported_layers(tree)]
            known += [f"{path.relative_to(ROOT)}:{line}: {name}" for line, name in found if name in names]
    assert not known, "\n".join(known)
