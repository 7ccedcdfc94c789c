"""Export from the window into a folder in which somebody has worked: the difference is shown, and asked about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from designer.main_window import MainWindow
from designer.panels.differences import Differences
from tests.designer.windows import RUN_MS, a_window, use_template, words


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with a_window(qtbot, tmp_path) as made:
        use_template(made)
        yield made


@pytest.fixture
def occupied(tmp_path: Path) -> Path:
    """A folder with somebody's own `model.py`."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "model.py").write_text("my own work\n")
    return folder


def _export(qtbot: QtBot, window: MainWindow, folder: Path, command: str = "export_module") -> None:
    window.actions_[command].trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(QFileDialog)))
    dialog = window.findChildren(QFileDialog)[-1]
    dialog.selectFile(str(folder))
    dialog.accept()


def _question(qtbot: QtBot, window: MainWindow) -> Differences:
    qtbot.waitUntil(lambda: bool(window.findChildren(Differences)), timeout=RUN_MS)
    return window.findChildren(Differences)[-1]


def test_the_difference_is_shown_and_overwritten_only_when_asked(
    qtbot: QtBot, window: MainWindow, occupied: Path
) -> None:
    _export(qtbot, window, occupied)
    dialog = _question(qtbot, window)
    assert "model.py was changed by somebody" in words(dialog)
    assert "-my own work" in dialog.view.toPlainText()
    assert "+class DigitsSmallCNN" in dialog.view.toPlainText()
    assert dialog.view.isReadOnly()
    QTest.mouseClick(dialog.overwrite, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Proved" in window.message.text(), timeout=RUN_MS)
    assert "DigitsSmallCNN" in (occupied / "model.py").read_text()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_without_a_yes_everything_stays(
    qtbot: QtBot, window: MainWindow, occupied: Path, key: Qt.Key
) -> None:
    _export(qtbot, window, occupied)
    dialog = _question(qtbot, window)
    qtbot.waitUntil(lambda: dialog.focusWidget() is dialog.cancel)
    QTest.keyClick(dialog.cancel, key)
    qtbot.waitUntil(lambda: not window.findChildren(Differences))
    assert [path.read_text() for path in occupied.iterdir()] == ["my own work\n"]


def test_what_went_is_told(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    from codegen.folder import write

    write(tmp_path / "out", {"train.py": b"# of an earlier export\n", "data.py": b"# too\n"})
    (tmp_path / "out" / "data.py").write_text("mine")
    _export(qtbot, window, tmp_path / "out")
    qtbot.waitUntil(lambda: "Removed" in window.message.text(), timeout=RUN_MS)
    assert "train.py" in window.message.text().partition("Removed")[2]
    assert "data.py" in window.message.text().partition("kept")[2]


def test_a_notebook_is_exported(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    _export(qtbot, window, tmp_path / "out", "export_notebook")
    qtbot.waitUntil(lambda: "Proved" in window.message.text(), timeout=RUN_MS)
    assert (tmp_path / "out" / "digits-small-cnn.ipynb").exists()


def test_an_onnx_file_is_exported_and_said_to_be_untrained(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    pytest.importorskip("onnxscript")
    _export(qtbot, window, tmp_path / "out", "export_onnx")
    qtbot.waitUntil(lambda: "Proved" in window.message.text(), timeout=RUN_MS)
    assert (tmp_path / "out" / "model.onnx").exists()
    assert "verified with onnxruntime" in window.message.text() and "not trained" in window.message.text()
