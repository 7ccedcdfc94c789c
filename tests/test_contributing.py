"""The walk of CONTRIBUTING.md, walked: a new layer is one new file, and everything else knows it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph_ir.layers import catalogue

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("graph_ir", "codegen", "designer", "assets", "tests")
NAME = "ESwish"
DESIGN = {
    "format": "layerloom",
    "version": 1,
    "network": {
        "layers": {
            "x": {"type": "Input", "shape": ["N", 6]},
            "swish": {"type": NAME, "beta": 2},
            "out": {"type": "Output"},
        },
        "wires": [["x", "swish"], ["swish", "out"]],
    },
}


def walk() -> tuple[str, str]:
    """The path and the text of the file that the walk writes."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("## A new layer in five minutes")[2].partition("\n## ")[0]
    path = re.search(r"write\n`(graph_ir/layers/\w+\.py)`", section)
    code = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert path and code, "the walk names a file and shows what is in it"
    return path[1], code[1]


def contents(folder: Path) -> dict[str, str]:
    """Every file of the copied packages with a digest of what is in it."""
    files = (path for name in COPIED for path in (folder / name).rglob("*"))
    kept = (path for path in files if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the sources with the layer of the walk in it."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "run.py"):
        shutil.copy(ROOT / name, folder)
    before = contents(folder)
    path, code = walk()
    (folder / path).write_text(code, encoding="utf-8")
    (folder / "swish.loom.json").write_text(json.dumps(DESIGN))
    yield folder
    after = contents(folder)
    assert {name for name in after if after[name] != before.get(name)} == {path}, "nothing else was touched"


def run(checkout: Path, *words: str) -> str:
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_layer_of_the_walk_is_new() -> None:
    path, code = walk()
    assert NAME not in catalogue()
    assert f"class {NAME}(" in code
    assert not (ROOT / path).exists()


def test_the_code_of_the_walk_is_as_the_house_wants_it(checkout: Path) -> None:
    path, _ = walk()
    run(checkout, "ruff", "check", path)
    run(checkout, "ruff", "format", "--check", path)
    run(checkout, "mypy", path)


def test_command_line_and_schema_know_it(checkout: Path) -> None:
    (entry,) = json.loads(run(checkout, "designer", "layers", NAME, "--format", "json"))
    assert (entry["type"], entry["category"]) == (NAME, "Activation")
    assert entry["fields"][0]["name"] == "beta"
    everything = json.loads(run(checkout, "designer", "layers", "--format", "json"))
    assert {cls["type"] for cls in everything} == {*catalogue(), NAME}
    assert f'"{NAME}"' in run(checkout, "designer", "schema")
    assert "Formula: `y = beta · x / (1 + exp(-x))`" in run(checkout, "designer", "layers", NAME)


def test_a_design_with_it_is_checked_drawn_and_proved_on_torch(checkout: Path) -> None:
    run(checkout, "designer", "check", "swish.loom.json")
    found: Any = json.loads(run(checkout, "designer", "summary", "swish.loom.json", "--format", "json"))
    assert found["layers"][1]["outputs"] == {"y": ["N", 6]}
    run(checkout, "designer", "render", "swish.loom.json", "-o", "swish.svg")
    assert NAME in (checkout / "swish.svg").read_text()
    assert "proved in" in run(checkout, "designer", "prove", "swish.loom.json")
    run(checkout, "designer", "export", "swish.loom.json", "-o", "code", "--module-only")
    assert "2.0 * F.silu(" in (checkout / "code" / "model.py").read_text()


@pytest.mark.parametrize(
    ("file", "chosen", "least"),
    [
        ("tests/graph_ir/test_layers_contract.py", NAME, 3),
        ("tests/codegen/test_reference.py", NAME, 3),
        ("tests/designer/test_panels.py", "palette_lists", 1),
    ],
    ids=["contract", "reference", "palette"],
)
def test_the_tests_find_it_by_themselves(checkout: Path, file: str, chosen: str, least: int) -> None:
    said = run(checkout, "pytest", "-q", "-p", "no:cacheprovider", file, "-k", chosen)
    passed = re.search(r"(\d+) passed", said)
    assert passed and int(passed[1]) >= least, said
