"""Files: nothing is lost, whatever becomes of the disk, the other window, or this one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from designer.main_window import MainWindow
from designer.services.recovery import Recovery
from graph_ir import templates
from graph_ir.file import dump, read, write
from tests.designer.windows import a_window, use_template


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with a_window(qtbot, tmp_path) as made:
        yield made


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "net.loom.json"
    write(path, templates.load("digits"))
    return path


def _answer_file(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    """Type a name into the file dialog that is open, and press Enter."""
    qtbot.waitUntil(lambda: bool(window.findChildren(QFileDialog)))
    dialog = window.findChildren(QFileDialog)[-1]
    dialog.selectFile(str(path))
    dialog.accept()


def _press(qtbot: QtBot, window: MainWindow, button: QMessageBox.StandardButton) -> None:
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    box = window.findChildren(QMessageBox)[-1]
    QTest.mouseClick(box.button(button), Qt.MouseButton.LeftButton)


def test_a_design_without_a_file_has_its_title_above_it(window: MainWindow) -> None:
    use_template(window)
    assert window.top.title.text() == "Digits, small CNN"
    window.document.set_section(("about", "title"), "Mine")
    assert window.top.title.text() == "Mine · edited"
    assert window.windowTitle().startswith("Mine")
    window.document.undo_stack.undo()
    assert window.top.title.text() == "Digits, small CNN"


def test_open_edit_save_writes_the_canonical_file(qtbot: QtBot, window: MainWindow, saved: Path) -> None:
    window.files.open_path(saved)
    window.document.set_label("", "conv1", "first")
    assert "net · edited" in window.top.title.text()
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert saved.read_text() == dump(window.document.design)
    assert "edited" not in window.top.title.text()
    assert window.settings.recent() == [saved]


def test_the_first_save_asks_for_a_name_and_adds_the_suffix(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    use_template(window)
    window.actions_["save"].trigger()
    _answer_file(qtbot, window, tmp_path / "mine")
    target = tmp_path / "mine.loom.json"
    qtbot.waitUntil(target.exists)
    assert window.document.path == target
    assert window.document.name == "mine"


def test_an_unreadable_file_is_said_and_the_open_design_stays(
    window: MainWindow, saved: Path, tmp_path: Path
) -> None:
    window.files.open_path(saved)
    before = dump(window.document.design)
    bad = tmp_path / "bad.loom.json"
    bad.write_text('{"format": "layerloom",')
    window.files.open_path(bad)
    assert "bad.loom.json" in window.message.text()
    assert dump(window.document.design) == before
    assert window.document.path == saved


def test_a_failed_save_keeps_file_and_edits(
    window: MainWindow, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.files.open_path(saved)
    before = saved.read_bytes()
    window.document.set_label("", "conv1", "first")

    def full(path: Path, design: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("designer.services.files.file.write", full)
    window.actions_["save"].trigger()
    assert "No space left on device" in window.message.text()
    assert saved.read_bytes() == before
    assert window.document.is_edited


def test_a_change_by_another_program_is_asked_about(qtbot: QtBot, window: MainWindow, saved: Path) -> None:
    window.files.open_path(saved)
    window.document.set_label("", "conv1", "mine")
    other = templates.load("digits-lstm")
    write(saved, other)
    qtbot.waitUntil(lambda: "changed by another program" in window.message.text(), timeout=5000)
    assert window.document.design.top.node("conv1").label == "mine"
    window.message.answer("Take the file")
    assert dump(window.document.design) == dump(other)


def test_saving_never_runs_over_another_programs_change(window: MainWindow, saved: Path) -> None:
    window.files.open_path(saved)
    window.document.set_label("", "conv1", "mine")
    other = dump(templates.load("digits-lstm"))
    saved.write_text(other)
    window.actions_["save"].trigger()
    assert saved.read_text() == other
    assert "decide first" in window.message.text()
    window.message.next()
    window.message.answer("Keep mine")
    window.actions_["save"].trigger()
    assert read(saved).top.node("conv1").label == "mine"


def test_our_own_save_is_no_change_by_others(qtbot: QtBot, window: MainWindow, saved: Path) -> None:
    window.files.open_path(saved)
    window.document.set_label("", "conv1", "mine")
    window.actions_["save"].trigger()
    qtbot.wait(700)
    assert window.message.text() == ""


def test_a_second_window_may_not_open_the_same_file(
    qtbot: QtBot, window: MainWindow, saved: Path, tmp_path: Path
) -> None:
    window.files.open_path(saved)
    with a_window(qtbot, tmp_path / "second") as second:
        second.files.open_path(saved)
        assert "another Layerloom window" in second.message.text()
        assert second.document.path is None
        window.files.new()
        second.files.open_path(saved)
        assert second.document.path == saved


@pytest.mark.parametrize("button", ["Save", "Discard", "Cancel"])
def test_closing_asks_about_changes(qtbot: QtBot, window: MainWindow, saved: Path, button: str) -> None:
    window.files.open_path(saved)
    before = saved.read_bytes()
    window.document.set_label("", "conv1", "first")
    window.close()
    assert window.isVisible()
    _press(qtbot, window, QMessageBox.StandardButton[button])
    qtbot.waitUntil(lambda: window.isVisible() == (button == "Cancel"))
    assert (saved.read_bytes() != before) == (button == "Save")


def test_new_asks_as_well_and_goes_on_after_saving(qtbot: QtBot, window: MainWindow, saved: Path) -> None:
    window.files.open_path(saved)
    window.document.set_label("", "conv1", "first")
    window.actions_["new"].trigger()
    _press(qtbot, window, QMessageBox.StandardButton.Save)
    qtbot.waitUntil(lambda: len(window.document.design.top) == 0)
    assert read(saved).top.node("conv1").label == "first"


def test_a_recovery_copy_comes_by_itself_and_goes_with_the_save(window: MainWindow, saved: Path) -> None:
    copies: Callable[[], list[Path]] = lambda: list(saved.parent.rglob("recovery/*.loom.json"))  # noqa: E731
    window.files.open_path(saved)
    window.files.recovery.keep()
    assert not copies()
    for number in range(20):
        window.document.set_label("", "conv1", f"label {number}")
    assert len(copies()) == 1, "twenty edits are kept without waiting"
    window.actions_["save"].trigger()
    window.files.recovery.keep()
    assert not copies()


_VICTIM = """
import sys, time
from pathlib import Path
from designer.app import make_application, make_windows
from designer.services.faults import Faults
from designer.services.settings import Settings
application = make_application()
window = make_windows(application, Settings(), Faults()).add()
window.files.start()
window.files.open_path(Path(sys.argv[1]))
window.document.set_label("", "conv1", "not saved")
print("edited", flush=True)
application.exec()
"""


def test_what_a_killed_window_did_not_save_is_offered(
    qtbot: QtBot, tmp_path: Path, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    before = saved.read_bytes()
    victim = subprocess.Popen([sys.executable, "-c", _VICTIM, str(saved)], stdout=subprocess.PIPE)
    try:
        assert victim.stdout is not None
        assert victim.stdout.readline() == b"edited\n"
        end = time.monotonic() + 20
        while not list(tmp_path.rglob("recovery/*.loom.json")) and time.monotonic() < end:
            time.sleep(0.1)
    finally:
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()
        victim.stdout.close()
    assert saved.read_bytes() == before
    with a_window(qtbot, tmp_path) as window:
        assert "net was not saved" in window.message.text()
        window.message.answer("Recover")
        assert window.document.design.top.node("conv1").label == "not saved"
        assert window.document.path == saved
        assert window.document.is_edited
        window.actions_["save"].trigger()
        assert read(saved).top.node("conv1").label == "not saved"
        window.files.recovery.keep()
    assert not list(tmp_path.rglob("recovery/*.loom.json"))


def test_a_living_windows_copy_is_not_offered(window: MainWindow, saved: Path, tmp_path: Path) -> None:
    window.files.open_path(saved)
    window.document.set_label("", "conv1", "mine")
    window.files.recovery.keep()
    folder = next(tmp_path.rglob("recovery"))
    assert list(folder.glob("*.loom.json"))
    assert Recovery.lost(folder) == []


def test_without_a_data_folder_the_window_works_and_says_so(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file" / "below"))
    with a_window(qtbot, tmp_path) as window:
        assert "No recovery copies can be kept" in window.message.text()
        use_template(window)
        window.document.set_label("", "conv1", "first")
        window.actions_["run"].trigger()
        qtbot.waitUntil(lambda: "can't be written" in window.message.text(), timeout=10_000)
        assert not window.runs.is_running


def test_the_screenshot_is_written_and_the_program_ends(saved: Path, tmp_path: Path) -> None:
    out = tmp_path / "window.png"
    code = "import sys; from designer.app import run_window; sys.exit(run_window(sys.argv[1], sys.argv[2]))"
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    command = [sys.executable, "-c", code, str(saved), str(out)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    picture = QImage(str(out))
    assert (picture.width(), picture.height()) == (1440, 900)
    saved.write_text("{")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert "net.loom.json:1:" in done.stderr
    assert "Traceback" not in done.stderr
