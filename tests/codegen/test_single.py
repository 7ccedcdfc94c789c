"""A single file reads and runs like the four it is made from."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.export import export
from graph_ir import templates
from graph_ir.check import check
from graph_ir.edits import Refused
from graph_ir.graph import Design

RUFF = [sys.executable, "-m", "ruff"]


def written(design: Design, folder: Path, *, single: bool) -> Path:
    export(design, check(design), folder, single_file=single, proved=False)
    return folder / "train.py"


@pytest.mark.parametrize("name", [name for name in templates.names() if templates.load(name).training])
def test_it_stands_alone_and_is_clean(name: str, tmp_path: Path) -> None:
    script = written(templates.load(name), tmp_path, single=True)
    visible = {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")}
    assert visible == {"train.py", "requirements.txt", "design.loom.json"}
    tree = ast.parse(script.read_bytes().decode("ascii"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not imported & {"model", "data", "runtime"}
    style = ["--isolated", "--line-length", "88", str(script)]
    for check_style in (["check", "--select", "E,F,I"], ["format", "--diff"]):
        done = subprocess.run([*RUFF, *check_style, *style], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_it_gives_the_same_numbers(tmp_path: Path) -> None:
    design = templates.load("digits")
    results = []
    for single in (False, True):
        script = written(design, tmp_path / str(single), single=single)
        command = [sys.executable, "-P", str(script), "--epochs", "1", "--device", "cpu", "--run-dir", "run"]
        subprocess.run(command, cwd=script.parent, capture_output=True, check=True)
        results.append(json.loads((script.parent / "run" / "result.json").read_text())["metrics"])
    assert results[0] == results[1]


@pytest.mark.parametrize("title", ["Run", "Batches", "Failure", "Objective"])
def test_the_networks_class_is_no_other_class(title: str, tmp_path: Path) -> None:
    design = templates.load("digits")
    design.about["title"] = title
    tree = ast.parse(written(design, tmp_path, single=True).read_text())
    names = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    assert f"{title}Net" in names and len(set(names)) == len(names)


@pytest.mark.parametrize("title", ["DEVICES", "CLASSES"])
def test_a_class_with_the_name_of_a_constant_is_refused(title: str, tmp_path: Path) -> None:
    design = templates.load("digits")
    design.about["title"] = title
    with pytest.raises(Refused, match=f"called {title}, like another part; change the title"):
        written(design, tmp_path / "code", single=True)
    assert not (tmp_path / "code").exists()
