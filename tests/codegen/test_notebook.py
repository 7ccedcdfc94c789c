"""The notebook: valid, clean, the same bytes each time, and it trains as `train.py` does."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from codegen import notebook as printing
from codegen.diagram.graphviz import Missing
from codegen.export import DESIGN, export
from graph_ir import templates
from graph_ir.canonical import dump
from graph_ir.check import check
from graph_ir.edits import Refused
from graph_ir.graph import Design
from tests.networks import small_cnn

RUFF = [sys.executable, "-m", "ruff"]
RUNNER = """\
import json, sys
cells = [c for c in json.load(open(sys.argv[1], encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
space = {"__name__": "__main__"}
for cell in cells:
    exec(compile("".join(cell["source"]), cell["id"], "exec"), space)
assert "__file__" not in space
print(type(space["model"]).__name__, space["model"].training)
"""


def written(design: Design, folder: Path) -> Path:
    paths = export(design, check(design), folder, notebook=True, proved=False).paths
    (found,) = (path for path in paths if path.suffix == ".ipynb")
    assert {path.name for path in paths} == {found.name, "requirements.txt", DESIGN}
    return found


def cells(path: Path, kind: str) -> dict[str, Any]:
    return {cell.id: cell for cell in nbformat.read(path, 4).cells if cell.cell_type == kind}


def run(path: Path) -> str:
    """Runs the code cells in order in a process of their own, as a kernel would."""
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", RUNNER, str(path)],
        cwd=path.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_runs_from_top_to_bottom_and_gives_the_numbers_of_the_script(tmp_path: Path) -> None:
    design = templates.load("digits")
    design.training["epochs"] = 1
    out = run(written(design, tmp_path / "notebook"))
    assert out.splitlines()[-1] == "DigitsSmallCNN False"
    (result,) = (tmp_path / "notebook" / "runs").glob("*/result.json")
    metrics = json.loads(result.read_text())["metrics"]
    assert metrics["test"]["accuracy"] > 0.2
    assert f"accuracy         {metrics['test']['accuracy']:.4f}" in out

    export(design, check(design), tmp_path / "script", proved=False)
    command = [sys.executable, "-P", "train.py", "--run-dir", "run"]
    subprocess.run(command, cwd=tmp_path / "script", capture_output=True, check=True)
    assert json.loads((tmp_path / "script" / "run" / "result.json").read_text())["metrics"] == metrics


def test_the_same_design_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = (written(templates.load("digits"), tmp_path / name) for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def one_of_each_data_set() -> dict[str, Design]:
    """The smallest template that trains on it."""
    found: dict[str, Design] = {}
    for design in sorted(map(templates.load, templates.names()), key=lambda design: len(dump(design))):
        data = design.training.get("data")
        if isinstance(data, dict):
            found.setdefault(str(data["source"]), design)
    return found


def test_with_every_data_set_it_is_valid_and_clean(tmp_path: Path) -> None:
    designs = one_of_each_data_set()
    assert {"digits", "digit-strings"} < set(designs)
    for name, design in designs.items():
        path = written(design, tmp_path / name)
        notebook = nbformat.read(path, 4)
        nbformat.validate(notebook)
        assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
        sources = {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "code"}
        assert all(cell.outputs == [] for cell in notebook.cells if cell.cell_type == "code")
        (tmp_path / "joined" / name).mkdir(parents=True)
        (tmp_path / "joined" / name / "all.py").write_text("\n\n\n".join(sources.values()) + "\n")
        (tmp_path / "cells" / name).mkdir(parents=True)
        for id, source in sources.items():
            (tmp_path / "cells" / name / f"{id}.py").write_text(source + "\n")
    style = ["--isolated", "--no-cache", "--line-length", "88"]
    for command in (
        ["check", *style, "--select", "E,F,I", "--ignore", "E402", "joined"],
        ["format", *style, "--diff", "cells"],
    ):
        done = subprocess.run([*RUFF, *command], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_the_first_cells_say_what_it_is_and_show_it(tmp_path: Path) -> None:
    path = written(templates.load("digits"), tmp_path)
    assert path.name == "digits-small-cnn.ipynb"
    text = cells(path, "markdown")
    assert text["title"].source.startswith("# Digits, small CNN\n")
    assert '"matplotlib>=3.9"' in text["title"].source and "Source: After K" in text["title"].source
    assert "matplotlib>=3.9" in (tmp_path / "requirements.txt").read_text().splitlines()
    assert "Alpaydin" in text["about-data"].source
    assert "![The network](attachment:network.svg)" in text["picture"].source
    picture = base64.b64decode(text["picture"].attachments["network.svg"]["image/svg+xml"])
    assert b"<svg" in picture and b"conv1" in picture


def test_a_design_without_training_gives_the_network_alone(tmp_path: Path) -> None:
    path = written(small_cnn(), tmp_path)
    assert path.name == "small-cnn.ipynb"
    assert set(cells(path, "code")) == {"imports", "model", "use"}
    assert "matplotlib" not in (tmp_path / "requirements.txt").read_text()
    assert re.match(r"[\d,]+ parameters\n", run(path))


HOSTILE = '<img src=x onerror=alert(1)> ![a](http://b/c) ```\n# head\n$x$ \u202e` | [l](javascript:x) """ {x}'


def test_what_a_design_says_stays_text(tmp_path: Path) -> None:
    design = templates.load("digits")
    design.training["epochs"] = 1
    design.about.update(title=HOSTILE, summary=HOSTILE, source=HOSTILE, licence=HOSTILE)
    path = written(design, tmp_path)
    title = cells(path, "markdown")["title"].source
    told = re.sub(r"```sh\n.*\n```\Z", "", title, flags=re.DOTALL)
    assert not re.search(r"(?<!\\)[<>`$\[\]!|]", told)
    assert "\u202e" not in path.read_text(encoding="utf-8") and told.count("\n#") == 0
    for name, cell in cells(path, "code").items():
        compile(cell.source, name, "exec")
        assert cell.source.isascii()


def test_without_graphviz_the_picture_is_mermaid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = printing.render

    def missing(design: Design, report: Any, suffix: str, look: Any) -> bytes:
        if suffix == "svg":
            raise Missing("there is no Graphviz")
        return real(design, report, suffix, look)

    monkeypatch.setattr(printing, "render", missing)
    picture = cells(written(templates.load("digits"), tmp_path), "markdown")["picture"]
    assert re.match(r"```mermaid\n.*conv1.*\n```\Z", picture.source, re.DOTALL)


def test_without_nbformat_it_is_said_what_brings_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nbformat", None)
    with pytest.raises(Refused, match=r"pip install 'layerloom\[notebook\]'"):
        written(small_cnn(), tmp_path / "out")
    assert not (tmp_path / "out").exists()
