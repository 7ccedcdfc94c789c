"""The wheel, installed where there is neither Qt nor torch: all that a documentation build needs works."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("graph_ir", "codegen", "designer", "assets")
ABSENT = ("PySide6", "pyqtgraph", "torch", "numpy", "sklearn", "safetensors")
BUILD = "import sys, setuptools.build_meta as backend; backend.build_wheel(sys.argv[1])"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the sources, by the back end that stands in the lock, without a network."""
    source = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-c", BUILD, "dist"]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next((source / "dist").glob("layerloom-*.whl"))


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and its plain requirements (linked from ours), and nothing else."""
    folder = tmp_path_factory.mktemp("bare") / "a venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    for name in closure(["layerloom"], {"layerloom": project()["dependencies"]}) - {"layerloom"}:
        for top in {file.parts[0] for file in metadata.files(name) or ()} - {"..", "__pycache__"}:
            (packages / top).symlink_to(metadata.distribution(name).locate_file(top))
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install"]
    subprocess.run([*pip, "--quiet", "--no-index", "--no-deps", wheel], check=True)
    return folder


def project() -> dict[str, list[str]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def closure(names: list[str], known: dict[str, list[str]]) -> set[str]:
    """The names and everything that they require without extras."""
    found: set[str] = set()
    while names:
        name = names.pop()
        if name in found:
            continue
        found.add(name)
        required = known[name] if name in known else metadata.requires(name) or []
        names += [re.split(r"[^A-Za-z0-9._-]", line)[0] for line in required if "extra ==" not in line]
    return found


def layerloom(bare: Path, folder: Path, *arguments: str, path: str | None = None) -> str:
    """What the installed command writes; it must end well and say nothing of a traceback."""
    environment = {"PATH": os.environ["PATH"] if path is None else path, "HOME": str(folder)}
    done = subprocess.run(
        [bare / "bin" / "layerloom", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.fixture
def design(bare: Path, tmp_path: Path) -> str:
    layerloom(bare, tmp_path, "new", "digits", "-o", "x.loom.json")
    return "x.loom.json"


def test_the_wheel_holds_every_module_and_asset_and_no_test(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file()
        and not any(part == "__pycache__" or part[0] == "." for part in path.parts[len(ROOT.parts) :])
    }
    assert held == wanted
    assert any(name.startswith("assets/fonts/") for name in held)


def test_a_plain_install_asks_for_neither_qt_nor_torch(bare: Path) -> None:
    plain = closure(["layerloom"], {"layerloom": project()["dependencies"]})
    assert plain == {"layerloom", "networkx", "pydot", "pyparsing", "pygraphviz"}
    for module in ABSENT:
        done = subprocess.run(
            [bare / "bin" / "python", "-c", f"import {module}"], capture_output=True, check=False
        )
        assert b"ModuleNotFoundError" in done.stderr, module


def test_templates_and_layers_are_listed(bare: Path, tmp_path: Path) -> None:
    templates = json.loads(layerloom(bare, tmp_path, "templates", "--format", "json"))
    assert {"digits", "digits-lstm", "digit-strings"} <= {template["name"] for template in templates}
    layers = json.loads(layerloom(bare, tmp_path, "layers", "--format", "json"))
    assert {"Conv2d", "LSTM", "CTCLoss"} <= {layer["type"] for layer in layers}


def test_a_design_is_checked_and_summarised(bare: Path, tmp_path: Path, design: str) -> None:
    assert json.loads(layerloom(bare, tmp_path, "check", design, "--format", "json"))["ok"] is True
    summary = json.loads(layerloom(bare, tmp_path, "summary", design, "--format", "json"))
    assert summary["ok"] and summary["parameters"] > 0


@pytest.mark.parametrize("with_dot", [True, False], ids=["dot", "pygraphviz"])
def test_a_picture_always_comes(bare: Path, tmp_path: Path, design: str, with_dot: bool) -> None:
    if with_dot and not shutil.which("dot"):
        pytest.skip("there is no dot program: sudo apt-get install graphviz")
    layerloom(bare, tmp_path, "render", design, "-o", "x.svg", path=None if with_dot else str(tmp_path))
    assert ElementTree.parse(tmp_path / "x.svg").getroot().tag.endswith("svg")


def test_code_is_exported_without_proof(bare: Path, tmp_path: Path, design: str) -> None:
    layerloom(bare, tmp_path, "export", design, "-o", "out", "--no-prove")
    for name in ("model.py", "data.py", "train.py", "runtime.py"):
        compile((tmp_path / "out" / name).read_text(encoding="ascii"), name, "exec")
