"""Several windows in one process: each its own design and undo stack; sessions, drops, broken settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from designer.app import begin
from designer.document import Document
from designer.main_window import MainWindow
from designer.services.files import Failed, Files
from designer.services.recovery import Recovery
from designer.services.settings import FileView, Settings
from graph_ir import templates
from graph_ir.file import dump, read, write
from tests.designer.windows import a_window, use_template

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with a_window(qtbot, tmp_path) as made:
        yield made


def _design(folder: Path, name: str, template: str = "digits") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.loom.json"
    write(path, templates.load(template))
    return path


def _edit(window: MainWindow, label: str = "first") -> None:
    window.document.set_label("", "conv1", label)


def _answer(qtbot: QtBot, window: MainWindow, button: QMessageBox.StandardButton) -> None:
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    QTest.mouseClick(window.findChildren(QMessageBox)[-1].button(button), Qt.MouseButton.LeftButton)


def _drop(window: MainWindow, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    how = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter, drop = QDragEnterEvent(QPoint(90, 90), *how), QDropEvent(QPointF(90, 90), *how)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, drop)


def test_a_second_file_opens_in_a_window_of_its_own(window: MainWindow, tmp_path: Path) -> None:
    one, other = _design(tmp_path, "one"), _design(tmp_path, "other", "digits-lstm")
    window.files.open_path(one)
    assert [each.document.path for each in window.windows.all] == [one], (
        "an empty window takes the file itself"
    )
    window.files.open_path(other)
    first, second = window.windows.all
    assert (first.document.path, second.document.path) == (one, other)
    _edit(first)
    assert first.document.is_edited and not second.document.is_edited
    assert not second.document.undo_stack.canUndo()
    assert second.isVisible() and second.pos() != first.pos()


def test_a_file_that_is_open_comes_to_the_front(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    one, other = _design(tmp_path, "one"), _design(tmp_path, "other")
    window.files.open_path(one)
    window.files.open_path(other)
    second = window.windows.all[1]
    second.files.open_path(one)
    assert len(window.windows.all) == 2
    assert window.message.text() == second.message.text() == ""
    qtbot.waitUntil(window.isActiveWindow)


def test_an_unreadable_file_opens_no_window(window: MainWindow, tmp_path: Path) -> None:
    window.files.open_path(_design(tmp_path, "one"))
    bad = tmp_path / "bad.loom.json"
    bad.write_text("{")
    window.files.open_path(bad)
    assert len(window.windows.all) == 1
    assert "bad.loom.json" in window.message.text()


def test_new_window_by_its_keys(qtbot: QtBot, window: MainWindow) -> None:
    use_template(window)
    QTest.keyClick(window, Qt.Key.Key_N, CTRL | Qt.KeyboardModifier.AltModifier)
    assert len(window.windows.all) == 2
    assert not len(window.windows.all[1].document.design.top)


def test_closing_one_of_two_windows_leaves_the_other_and_frees_its_file(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    one, other = _design(tmp_path, "one"), _design(tmp_path, "other")
    window.files.open_path(one)
    window.files.open_path(other)
    second = window.windows.all[1]
    second.close()
    assert [each.document.path for each in window.windows.all] == [one]
    assert [path for path, _ in window.settings.session()] == [one]
    qtbot.waitUntil(lambda: not isValid(second))
    assert window.isVisible()
    window.files.open_path(other)
    assert window.windows.all[1].document.path == other
    assert [path for path, _ in window.settings.session()] == [one, other]


@pytest.mark.parametrize("last", ["Discard", "Cancel"])
def test_quitting_asks_every_edited_window_in_turn(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, last: str
) -> None:
    paths = [_design(tmp_path, name) for name in ("one", "two", "three")]
    for path in paths:
        window.files.open_path(path)
    first, _, third = window.windows.all
    _edit(first)
    _edit(third)
    first.actions_["quit"].trigger()
    _answer(qtbot, third, QMessageBox.StandardButton.Save)
    qtbot.waitUntil(lambda: len(window.windows.all) == 1)
    assert read(paths[2]).top.node("conv1").label == "first"
    _answer(qtbot, first, QMessageBox.StandardButton[last])
    qtbot.waitUntil(lambda: first.isVisible() == (last == "Cancel"))
    kept = paths if last == "Discard" else paths[:1]
    assert [path for path, _ in first.settings.session()] == kept


def test_a_look_chosen_in_one_window_is_that_of_all(window: MainWindow) -> None:
    other = window.windows.new_window()
    other.actions_["look_dark"].trigger()
    assert window.themes.theme.name == "dark"
    assert window.actions_["look_dark"].isChecked()
    other.actions_["look_light"].trigger()
    other.actions_["animations"].setChecked(not other.actions_["animations"].isChecked())
    assert window.actions_["animations"].isChecked() == other.actions_["animations"].isChecked()
    assert window.settings.animations() == window.actions_["animations"].isChecked()


# The last session


def test_the_windows_of_the_last_session_come_back(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    paths = [_design(tmp_path, name) for name in ("one", "two", "three")]
    with a_window(qtbot, tmp_path) as window:
        for path in paths:
            window.files.open_path(path)
        window.windows.all[1].resize(1000, 640)
        window.windows.quit()
        qtbot.waitUntil(lambda: len(window.windows.all) == 1 and not window.isVisible())
    paths[2].unlink()
    with a_window(qtbot, tmp_path) as window:
        window.windows.restore()
        qtbot.waitUntil(lambda: len(window.windows.all) == 2)
        assert [each.document.path for each in window.windows.all] == paths[:2]
        assert window.windows.all[1].height() == 640
        assert "three.loom.json was open last time" in window.message.text()


def test_reopening_is_a_switch(window: MainWindow) -> None:
    assert window.documents.restores()
    window.actions_["restore_session"].trigger()
    assert not window.documents.restores()


def test_what_was_lost_goes_into_the_window_that_shows_its_file(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    path = _design(tmp_path, "one")
    window.files.open_path(path)
    _edit(window, "lost")
    folder = next(tmp_path.rglob("recovery"))
    window.files.recovery.keep()
    window.files.recovery._lock.unlock()  # type: ignore[union-attr]  # as the system does for a process that died
    (lost,) = Recovery.lost(folder)
    window.document.undo_stack.setClean()
    window.files.new()
    window.files.open_path(path)
    other = window.windows.new_window()
    other.files.offer(lost)
    other.message.answer("Recover")
    assert window.document.design.top.node("conv1").label == "lost"
    assert window.document.is_edited and not other.document.is_edited
    assert len(window.windows.all) == 2
    with pytest.raises(Failed, match="another Layerloom window"):
        Files(Document()).claim(path)


# Where one was


def test_place_zoom_and_page_come_back_and_are_not_in_the_file(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    path = _design(tmp_path, "one")
    before = path.read_bytes()
    window.files.open_path(path)
    canvas = window.design.canvas
    qtbot.wait(20)
    canvas.set_zoom(2.0)
    canvas.centerOn(150, 333)
    middle = canvas.mapToScene(canvas.viewport().rect().center())
    window.show_page(1)
    window.files.new()
    window.show_page(0)
    canvas.set_zoom(0.5)
    window.files.open_path(path)
    assert window.pages.currentIndex() == 1
    assert canvas.zoom == pytest.approx(2.0)
    now = canvas.mapToScene(canvas.viewport().rect().center())
    assert (now - middle).manhattanLength() < 2
    assert path.read_bytes() == before
    assert not window.document.is_edited


def test_panels_are_as_they_were_left(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with a_window(qtbot, tmp_path) as window:
        window.resize(1440, 900)
        qtbot.wait(10)
        window.actions_["show_palette"].trigger()
        left, middle, right = window.design.sides.sizes()
        window.design.sides.setSizes([left, middle - 90, right + 90])
        window.design.bottom.setCurrentIndex(1)
        wide = window.design.inspector.width()
    with a_window(qtbot, tmp_path) as window:
        assert not window.design.palette_panel.isVisible()
        assert not window.actions_["show_palette"].isChecked()
        assert window.design.inspector.width() == wide
        assert window.design.bottom.currentIndex() == 1


def test_only_so_many_places_are_kept(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    for number in range(205):
        settings.set_view(tmp_path / str(number), FileView(0, 1.0, number, 0))
    assert settings.view(tmp_path / "4") is None
    assert settings.view(tmp_path / "5") == FileView(0, 1.0, 5.0, 0.0)
    assert settings.view(tmp_path / "204") == FileView(0, 1.0, 204.0, 0.0)


# Files as documents


def test_a_design_dropped_on_the_window_opens_and_anything_else_is_one_sentence(
    window: MainWindow, tmp_path: Path
) -> None:
    one, notes = _design(tmp_path, "one"), tmp_path / "notes.txt"
    notes.write_text("hello")
    _drop(window, notes)
    assert "notes.txt is no design" in window.message.text()
    assert window.document.path is None
    _drop(window, one)
    assert window.document.path == one
    _drop(window, _design(tmp_path, "two"), _design(tmp_path, "three"))
    assert [each.document.name for each in window.windows.all] == ["one", "two", "three"]


def test_a_copy_is_saved_and_the_design_goes_on_with_its_own_file(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    one, copy = _design(tmp_path, "one"), tmp_path / "copy.loom.json"
    window.files.open_path(one)
    _edit(window)
    window.actions_["save_copy"].trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(QFileDialog)))
    dialog = window.findChildren(QFileDialog)[-1]
    dialog.selectFile(str(copy))
    dialog.accept()
    qtbot.waitUntil(copy.exists)
    assert copy.read_text() == dump(window.document.design)
    assert window.document.path == one and window.document.is_edited
    assert read(one).top.node("conv1").label != "first"
    assert str(copy) in window.message.text()


def test_reveal_shows_the_folder_and_says_what_is_missing(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    shown: list[str] = []
    taken = True

    def take(url: QUrl) -> bool:
        shown.append(url.toLocalFile())
        return taken

    monkeypatch.setattr(QDesktopServices, "openUrl", take)
    assert not window.actions_["reveal"].isEnabled()
    assert "save it first" in window.actions_.why("reveal")
    path = _design(tmp_path, "one")
    window.files.open_path(path)
    window.message.clear()
    window.message.next()
    window.actions_["reveal"].trigger()
    assert shown == [str(tmp_path)]
    assert window.message.text() == ""
    taken = False
    window.actions_["reveal"].trigger()
    assert str(path) in window.message.text()


def test_the_title_says_name_and_edited(window: MainWindow, tmp_path: Path) -> None:
    window.files.open_path(_design(tmp_path, "one"))
    assert window.windowTitle() == "one – Layerloom"
    _edit(window)
    assert window.windowTitle() == "one · edited – Layerloom"
    assert window.top.title.text() == "one · edited"


@pytest.mark.parametrize("name", ["a" * 240, "[*] & b", "\u202ecod\u202c.loom", "שלום", "<b>x<i>"])
def test_any_name_is_shown_as_text_and_cut(window: MainWindow, tmp_path: Path, name: str) -> None:
    path = _design(tmp_path, name)
    window.files.open_path(path)
    assert window.document.path == path, window.message.text()
    title = window.windowTitle()
    assert len(title) < 120
    assert "\u202e" not in title and "\u202e" not in window.top.title.text()
    entry = window.recent.actions()[0].text()
    assert len(entry) < 120 and "\u202e" not in entry
    assert window.recent.actions()[0].isEnabled()
    window.close()
    assert read(path).top.node("conv1")


def test_recent_files_that_are_none_are_refused_in_one_sentence(window: MainWindow, tmp_path: Path) -> None:
    folder, pipe = tmp_path / "folder.loom.json", tmp_path / "pipe.loom.json"
    folder.mkdir()
    os.mkfifo(pipe)
    for path in (folder, pipe, tmp_path / "gone.loom.json"):
        window.settings.remember(path)
        entry = next(action for action in window.recent.actions() if path.name in action.text())
        entry.trigger()
        assert path.name in window.message.text()
        assert window.document.path is None


# Settings that are broken


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\x00\xff\xfe garbage [[[ = = =\n\n@Variant(\x00\x00",
        b"[General]\nlook=7\nanimations=maybe\nrecent=@Invalid()\nsession=[[[\nviews=7\ngeometry=x\nsides=1\n",
        b'[General]\nrecent=1, 2, @ByteArray(abc)\nsession="[{\\"path\\": 3}, 7, null]"\nviews="{\\"a\\": 1}"\n',
    ],
)
def test_a_window_opens_on_settings_that_are_rubbish(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rubbish: bytes
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "settings.ini").write_bytes(rubbish)
    path = _design(tmp_path, "one")
    with a_window(qtbot, tmp_path) as window:
        window.windows.restore()
        window.files.open_path(path)
        assert window.document.path == path
        assert window.settings.mode() == "system"
    assert [found for found, _ in Settings(tmp_path / "settings.ini").session()] == [path]


@pytest.mark.parametrize("name", ["x" * 10_000, "\u202e\u05e9\u05dc\u05d5\u05dd" * 2_000, "a\nb\t&c" * 900])
def test_a_name_of_any_length_and_direction_keeps_title_and_menus_short(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, name: str
) -> None:
    window.files.open_path(_design(tmp_path, "one"))
    window.document.set_label("", "conv1", name)
    window.document.rename("", "conv1", "y" * 200)
    qtbot.wait(20)
    for action in (*window.actions_.all.values(), *window.recent.actions()):
        assert len(action.text()) < 140
        assert "\u202e" not in action.text() and "\n" not in action.text()
    assert window.width() < 2000
    window.document.undo_stack.undo()
    window.document.undo_stack.undo()
    assert dump(window.document.design) == dump(templates.load("digits"))


@pytest.mark.parametrize("restores", [True, False])
def test_a_start_without_a_file_opens_the_last_session_if_wished(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, restores: bool
) -> None:
    path = _design(tmp_path, "one")
    window.settings.set_session([(path, window.saveGeometry())])
    window.settings.set_flag("restore_session", restores)
    window.settings.set_flag("tour_seen", True)
    begin(window.windows, window, None)
    assert window.document.path == (path if restores else None)


def test_a_start_with_a_file_opens_that_file_alone(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    one, other = _design(tmp_path, "one"), _design(tmp_path, "other")
    window.settings.set_session([(one, window.saveGeometry())])
    window.settings.set_flag("tour_seen", True)
    begin(window.windows, window, other)
    assert [each.document.path for each in window.windows.all] == [other]


def test_a_settings_folder_that_takes_nothing_is_said_in_the_bar(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "file").touch()
    with a_window(qtbot, tmp_path / "file") as window:
        begin(window.windows, window, _design(tmp_path, "one"))
        assert "Settings can't be kept" in window.message.text()
        assert window.document.name == "one"


def test_settings_that_cannot_be_written_are_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "can't be kept" in Settings(tmp_path / "file" / "settings.ini").trouble()
    assert Settings(tmp_path / "fine.ini").trouble() == ""
