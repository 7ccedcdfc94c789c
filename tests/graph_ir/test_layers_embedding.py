"""Embeddings that start with vectors from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.graph_ir.sequence_nets import around, module_of, report_of, sequence

WORDS = {"s": sequence(["N", "T"], "int64")}
LAYER = {"type": "Embedding", "num_embeddings": 3, "embedding_dim": 2}


def vectors(from_file: str, **values: Any) -> torch.Tensor:
    """The weight of an embedding, just built."""
    made = around({**LAYER, "from_file": from_file, **values}, WORDS, {"x": "s"})
    it: Any = module_of(made).it
    weight: torch.Tensor = it.weight
    return weight


@pytest.fixture(autouse=True)
def _in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_vectors_come_from_a_tensor(tmp_path: Path) -> None:
    wanted = torch.arange(6.0).reshape(3, 2)
    torch.save(wanted, tmp_path / "words.pt")
    assert torch.equal(vectors("words.pt"), wanted)
    assert not vectors("words.pt", trainable=False).requires_grad


def test_vectors_come_from_the_text_of_glove(tmp_path: Path) -> None:
    """A word may hold spaces; the numbers stand at the end of the line."""
    (tmp_path / "sub").mkdir()
    text = "the 0.5 -1\nNew York 2 3e-2\n\u00e9t\u00e9 4 5\n"
    (tmp_path / "sub" / "glove.txt").write_text(text, encoding="utf-8")
    assert torch.equal(vectors("sub/glove.txt"), torch.tensor([[0.5, -1], [2, 0.03], [4, 5]]))


def test_a_missing_file_is_told_and_the_network_works_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert vectors("words.pt").shape == (3, 2)
    assert capsys.readouterr().out == "words.pt is not here: its vectors start at random\n"


def test_vectors_of_another_shape_are_refused(tmp_path: Path) -> None:
    torch.save(torch.zeros(2), tmp_path / "words.pt")
    with pytest.raises(RuntimeError, match="size mismatch for weight"):
        vectors("words.pt")


@pytest.mark.parametrize(
    "name",
    [
        "../words.pt",
        "a/../../words.pt",
        "/words.pt",
        "~/words.pt",
        "C:/words.pt",
        "a\\words.pt",
        'a".pt',
        "words.pkl",
        "words.pt\n",
        ".hidden.pt",
        "",
        "\u00fc.pt",
    ],
)
def test_only_files_below_the_folder_of_the_script_are_named(name: str) -> None:
    report = report_of({**LAYER, "from_file": name}, WORDS["s"])
    (problem,) = report.problems
    assert (problem.code, problem.field) == ("bad-value", "from_file")


def test_a_file_and_an_initialiser_are_one_too_many() -> None:
    report = report_of({**LAYER, "from_file": "words.pt", "init": "zeros"}, WORDS["s"])
    assert [(problem.code, problem.field) for problem in report.problems] == [("bad-value", "init")]


@pytest.mark.parametrize("kind", ["Embedding", "EmbeddingBag"])
def test_indices_are_ints(kind: str) -> None:
    (problem,) = report_of({**LAYER, "type": kind}, sequence(["N", "T"])).problems
    assert problem.code == "dtype" and "`x` takes int64 or int32, but gets float32" in problem.message
