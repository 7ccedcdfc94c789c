"""Export: everything or nothing, proved first, and nobody's edits overwritten."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import pytest

from codegen import export as exporting
from codegen.export import DESIGN, PROOF, Unproved, export, without_training
from codegen.folder import Changed
from codegen.module import print_module
from graph_ir.canonical import dump
from graph_ir.check import check
from graph_ir.edits import Refused
from graph_ir.file import read
from graph_ir.graph import Design
from graph_ir.templates import load, names
from tests.networks import design, small_cnn

FILES = ["model.py", "data.py", "train.py", "runtime.py", "requirements.txt", DESIGN]


def exported(made: Design, folder: Path, **options: bool) -> list[Path]:
    return list(export(made, check(made), folder, **{"proved": False, **options}).paths)


@pytest.mark.parametrize("name", names())
def test_a_template_becomes_a_folder_of_code(name: str, tmp_path: Path) -> None:
    made = load(name)
    paths = exported(made, tmp_path / "deep" / name)
    assert [path.name for path in paths] == (FILES if made.training else [FILES[0], *FILES[-2:]])
    assert dump(read(paths[-1])) == dump(made)
    for path in paths[:-2]:
        ast.parse(path.read_text("ascii" if path.name != "runtime.py" else "utf-8"))
    needed = ["torch>=2.13,<3", "numpy>=2.2"]
    if made.training:
        needed.append("safetensors>=0.5")
        needed += ["scikit-learn>=1.6"] if "from sklearn" in paths[1].read_text() else []
    assert paths[-2].read_text().split() == needed


def test_the_module_alone_needs_no_training_section(tmp_path: Path) -> None:
    made = small_cnn()
    (path,) = exported(made, tmp_path, module_only=True)
    assert path.read_text() == print_module(made, check(made)).source


def test_without_data_or_loss_there_is_no_script_to_write(tmp_path: Path) -> None:
    made = small_cnn()
    paths = exported(made, tmp_path)
    assert [path.name for path in paths] == ["model.py", "requirements.txt", "design.loom.json"]
    assert paths[1].read_text() == "torch>=2.13,<3\nnumpy>=2.2\n"
    assert "No data set is chosen" in (without_training(made, check(made)) or "")


def test_a_section_that_is_wrong_is_refused(tmp_path: Path) -> None:
    made = small_cnn()
    made.training["epochs"] = 0
    with pytest.raises(Refused, match="--module-only"):
        exported(made, tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_is_written_was_proved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = small_cnn()
    assert exported(made, tmp_path / "good", module_only=True, proved=True)

    def wrong(design: Design, report: object) -> object:
        printed = print_module(design, report)  # type: ignore[arg-type]
        return replace(printed, source=printed.source.replace("nn.Linear(8, 10)", "nn.Linear(8, 11)"))

    monkeypatch.setattr(exporting, "print_module", wrong)
    with pytest.raises(
        Unproved, match=r"fc.*out_features=11.*\(and \d+ more\)\. Nothing was written"
    ) as caught:
        exported(made, tmp_path / "bad", module_only=True, proved=True)
    assert not caught.value.proof.ok and not (tmp_path / "bad").exists()


def test_a_second_export_replaces_the_first(tmp_path: Path) -> None:
    exported(load("digits"), tmp_path)
    exported(load("digits-lstm"), tmp_path)
    assert "LSTM" in (tmp_path / "model.py").read_text()


def test_the_verdict_goes_into_the_folder_and_out_of_it_with_the_proof(tmp_path: Path) -> None:
    made = load("digits")
    (*_, path) = exported(made, tmp_path, proved=True)
    assert path.name == PROOF
    verdict = json.loads(path.read_text())
    assert verdict["ok"] is True and verdict["compared"]["layers"] > 10
    assert {"layerloom", "torch", "python"} <= set(verdict["versions"])
    exported(made, tmp_path)
    assert not path.exists(), "of code that was not proved there is no verdict"


def test_somebodys_work_is_noticed_before_anything_is_proved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "prove", lambda *_: pytest.fail("a proof takes seconds"))
    (tmp_path / "model.py").write_text("mine")
    with pytest.raises(Changed):
        exported(small_cnn(), tmp_path, proved=True)


def worded(folder: Path) -> Design:
    """A design in a folder, whose embedding starts as a file beside it."""
    layers = {
        "words": {"type": "Input", "shape": ["N", "T"], "dtype": "int64"},
        "embed": {
            "type": "Embedding",
            "num_embeddings": 2,
            "embedding_dim": 3,
            "from_file": "vectors/glove.txt",
        },
        "out": {"type": "Output"},
    }
    path = folder / "words.loom.json"
    path.write_text(dump(design(layers, ["words -> embed", "embed -> out"])))
    return read(path)


def test_files_that_layers_name_come_along(tmp_path: Path) -> None:
    (tmp_path / "vectors").mkdir()
    (tmp_path / "vectors" / "glove.txt").write_text("the 1 2 3\nof 4 5 6\n")
    paths = exported(worded(tmp_path), tmp_path / "code")
    assert paths[-1] == tmp_path / "code" / "vectors" / "glove.txt"
    assert paths[-1].read_text() == "the 1 2 3\nof 4 5 6\n"


def test_files_that_layers_in_blocks_name_come_along(tmp_path: Path) -> None:
    embed = {"type": "Embedding", "num_embeddings": 2, "embedding_dim": 3, "from_file": "glove.txt"}
    block = {
        "layers": {"x": {"type": "Input"}, "embed": embed, "y": {"type": "Output"}},
        "wires": [["x", "embed"], ["embed", "y"]],
    }
    network = {
        "layers": {
            "words": {"type": "Input", "shape": ["N", "T"], "dtype": "int64"},
            "meaning": {"type": "Block", "block": "Meaning"},
            "out": {"type": "Output"},
        },
        "wires": [["words", "meaning"], ["meaning", "out"]],
    }
    text = {
        "format": "layerloom",
        "version": 1,
        "network": network,
        "blocks": {"Meaning": {"network": block}},
    }
    (tmp_path / "words.loom.json").write_text(json.dumps(text))
    (tmp_path / "glove.txt").write_text("the 1 2 3\nof 4 5 6\n")
    paths = exported(read(tmp_path / "words.loom.json"), tmp_path / "code")
    assert paths[-1] == tmp_path / "code" / "glove.txt"


def test_a_missing_file_and_one_outside_the_folder_stay_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("not yours")
    inside = tmp_path / "designs"
    (inside / "vectors").mkdir(parents=True)
    made = worded(inside)
    exported(made, tmp_path / "code")
    (inside / "vectors" / "glove.txt").symlink_to(tmp_path / "secret.txt")
    exported(made, tmp_path / "code")
    assert not (tmp_path / "code" / "vectors").exists()
