"""A module of the user's own: printed as an import, run only in the child, compared there with what is declared."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from codegen.module import print_module
from codegen.prove import prove
from codegen.training.runs import prepare
from graph_ir.check import check
from graph_ir.edits import Refused, connect
from graph_ir.file import dump, parse
from graph_ir.graph import TOP, Design, Wire
from tests.networks import design

MODULE = """
import torch
from torch import nn


class Half(nn.Module):
    def __init__(self, width, names=()):
        super().__init__()
        self.lin = nn.Linear(width, 2 * width)

    def forward(self, x):
        return self.lin(x[:, ::2]), x.mean((1, 2))


def function(**arguments):
    raise SystemExit("only modules may be built")
"""
OWN: dict[str, Any] = {
    "type": "ExternalModule",
    "target": "their_package.layers:Half",
    "arguments": {"width": 8, "names": ["it's", 'a "b"']},
    "inputs": {"x": "N T F"},
    "outputs": {"y": "N (T+1)//2 2*F", "mean": "N"},
    "parameters": 144,
}


def own(**changes: Any) -> Design:
    layers = {
        "signal": {"type": "Input", "shape": ["N", "T", 8]},
        "own": {**OWN, **changes},
        "fc": {"type": "Linear", "out_features": 3},
        "out": {"type": "Output"},
        "level": {"type": "Output"},
    }
    return design(layers, ["signal -> own", "own -> fc", "fc -> out", "own.mean -> level"])


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "their_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "layers.py").write_text(MODULE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return folder


def problems(made: Design) -> list[tuple[str, str]]:
    return [(problem.severity, problem.message) for problem in check(made).problems]


def test_shapes_are_those_declared_and_marked_as_such() -> None:
    report = check(own())
    assert report.ok
    assert [t.text for t in report.layers["own"].outputs.values()] == ["(N, (T + 1)//2, 16)", "(N,)"]
    assert report.parameters == 144 + 16 * 3 + 3
    assert [problem.code for problem in report.problems] == ["declared-not-checked"]


def test_it_is_kept_in_the_file_and_never_imported_here() -> None:
    again = parse(dump(own()))
    assert again.top.node("own").values == {key: value for key, value in OWN.items() if key != "type"}
    print_module(again, check(again))
    assert not any(name.startswith("their_package") for name in sys.modules)


def test_it_is_printed_as_an_import_and_proved_in_the_child(package: Path) -> None:
    made = own()
    source = print_module(made, check(made)).source
    assert "import their_package.layers\n" in source
    assert """self.own = their_package.layers.Half(width=8, names=["it's", 'a "b"'])""" in source
    assert prove(made, check(made)).ok


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"outputs": {"y": "N T//2 2*F", "mean": "N"}}, "own: the output y should be"),
        (
            {"outputs": {"y": "N (T+1)//2 2*F", "mean": "N : int64"}},
            "own: the output mean should be (2,) int64",
        ),
        ({"parameters": 145}, "own: the number of parameters should be 145, but is 144"),
        ({"arguments": {"size": 8}}, "unexpected keyword argument 'size'"),
        ({"target": "their_package.layers:Missing"}, "has no attribute 'Missing'"),
        ({"target": "their_package.layers:function"}, "is no torch.nn.Module"),
        ({"target": "not_installed:Half"}, "install not_installed, or put its folder on PYTHONPATH"),
    ],
)
def test_the_proof_says_what_is_declared_wrongly(package: Path, changes: dict[str, Any], words: str) -> None:
    made = own(**changes)
    proof = prove(made, check(made))
    assert not proof.ok
    assert words in "\n".join(proof.problems)


def test_what_nothing_reads_is_held_against_its_declaration_too(package: Path) -> None:
    layers = {"signal": {"type": "Input", "shape": ["N", "T", 8]}, "out": {"type": "Output"}}
    wires = ["signal -> own", "signal -> out"]
    right = design({**layers, "own": OWN}, wires)
    assert prove(right, check(right)).ok
    wrong = design({**layers, "own": {**OWN, "outputs": {"y": "N T F", "mean": "N"}}}, wires)
    (found,) = prove(wrong, check(wrong)).problems[:1]
    assert found.startswith("own: the output y should be")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"target": "os:system"}, "holds no network module of yours"),
        ({"target": "torch.hub:load"}, "holds no network module of yours"),
        ({"target": "torch.nn.functional:torch.load"}, "holds no network module of yours"),
        ({"target": "model:Net"}, "holds no network module of yours"),
        ({"target": "a b"}, "must be the place of a class, such as 'package.module:Class'"),
        ({"target": "a:b()"}, "must be the place of a class"),
        ({"arguments": {"class": 1}}, "has the name 'class'"),
        ({"arguments": {"x": {"y": 1}}}, "must hold plain values"),
        ({"inputs": {}}, "is empty"),
        ({"inputs": {"x": "N ?"}}, "has 'N ?' for 'x'"),
        ({"outputs": {"y": "N Q"}}, "which names 'Q'"),
        ({"outputs": {"y": "N T/2"}}, "which"),
        ({"inputs": {"x": "N C H W"}}, "takes 4 axes"),
    ],
)
def test_what_can_not_be_is_said_in_one_sentence(changes: dict[str, Any], words: str) -> None:
    found = [text for severity, text in problems(own(**changes)) if severity == "error" and "own (" in text]
    assert any(words in text for text in found), found


def test_its_ports_are_those_of_the_use() -> None:
    made = own()
    with pytest.raises(Refused, match="no output `z`"):
        connect(made, TOP, Wire("own", "z", "fc", "x"))
    assert connect(made, TOP, Wire("own", "mean", "out", "x")).changes


def trained(target: str) -> Design:
    """A design that could be trained, were its own module one."""
    return design(
        {
            "image": {"type": "Input", "shape": ["N", 1, 8, 8]},
            "own": {
                **OWN,
                "target": target,
                "arguments": {},
                "inputs": {"x": "N C H W"},
                "outputs": {"y": "N 10"},
            },
            "label": {"type": "Input", "shape": ["N"], "dtype": "int64", "role": "target"},
            "loss": {"type": "CrossEntropyLoss"},
        },
        ["image -> own", "own -> loss.input", "label -> loss.target"],
        data={"source": "digits", "inputs": {"image": "image", "label": "label"}},
    )


def test_no_training_starts_with_something_that_is_no_module(package: Path, tmp_path: Path) -> None:
    made = trained("their_package.layers:function")
    with pytest.raises(Refused, match=r"not started.*is no torch\.nn\.Module"):
        prepare(made, check(made), tmp_path / "run")
    assert not (tmp_path / "run").exists()
