"""Without Qt, torch or a display."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.commandline import environment


def _without(packages: tuple[str, ...], words: list[str], cwd: Path) -> Any:
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({packages!r}))\n"
        f"from designer.commandline.main import main; sys.exit(main({words!r}))"
    )
    command = [sys.executable, "-P", "-c", code]
    return subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True, check=False)


BARE = (
    "PySide6",
    "shiboken6",
    "pyqtgraph",
    "torch",
    "numpy",
    "sklearn",
    "safetensors",
    "nbformat",
    "onnx",
    "onnxscript",
    "onnxruntime",
)


def test_what_needs_neither_qt_nor_torch_works_without(digits: Path, tmp_path: Path) -> None:
    for words in (
        ["templates"],
        ["layers", "--format", "json"],
        ["schema"],
        ["check", "digits.loom.json"],
        ["summary", "digits.loom.json"],
        ["render", "digits.loom.json", "-o", "a.svg", "a.mmd"],
        ["export", "digits.loom.json", "-o", "code", "--no-prove"],
        ["format", "--check", "digits.loom.json"],
        ["doctor"],
    ):
        done = _without(BARE, words, tmp_path)
        assert done.returncode == 0, (words, done.stderr)


@pytest.mark.parametrize(
    ("words", "extra"),
    [("train digits.loom.json", "train"), ("prove digits.loom.json", "train"), ("demo", "train"), ("gui", "gui"),
     ("export digits.loom.json -o code", "train"),
     ("export digits.loom.json -o code --no-prove --notebook", "notebook"),
     ("export digits.loom.json -o code --no-prove --onnx", "train,onnx")],
)  # fmt: skip
def test_what_is_missing_is_said_with_the_command_that_installs_it(
    digits: Path, tmp_path: Path, words: str, extra: str
) -> None:
    done = _without(BARE, words.split(), tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert f"pip install 'layerloom[{extra}]'" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["digits.loom.json"]


def test_the_window_without_a_display_is_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "designer"],
        env={key: value for key, value in environment().items() if key != "QT_QPA_PLATFORM"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "no display" in done.stderr
