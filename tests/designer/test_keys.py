"""Keys: the page that tells and changes them, what no command may have, and that all windows follow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from designer.actions import COMMANDS, LINE, MENUS, plain_text
from designer.keymap import CANVAS_KEYS, PRESETS, TAKEN, Keymap
from designer.main_window import DIAGRAM, MainWindow
from designer.menus import SUBMENUS, menu_path
from designer.panels.keys_page import KeysPage
from designer.services.settings import Settings
from tests.designer.windows import a_window, use_template, words

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
NONE = Qt.KeyboardModifier.NoModifier
Key = Qt.Key


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        yield made


@pytest.fixture
def keymap(tmp_path: Path) -> Keymap:
    return Keymap(Settings(tmp_path / "keys.ini"))


def page_of(window: MainWindow) -> KeysPage:
    QTest.keyClick(window, Key.Key_F1)
    assert window.keys is not None
    assert window.keys.isVisible()
    return window.keys


def press(page: KeysPage, command: str, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    """Change on the line of a command, then the key."""
    row = page.rows[command]
    page.area.ensureWidgetVisible(row)
    QTest.mouseClick(row.change, Qt.MouseButton.LeftButton)
    assert row.recorder.isVisible()
    QTest.keyClick(row.recorder, key, held)


# The page


def test_the_page_names_every_command_with_its_keys_and_what_is_fixed(window: MainWindow) -> None:
    page = page_of(window)
    said = words(page)
    assert page.nothing.text() not in said
    for name, action in window.actions_.all.items():
        if action.isVisible():
            assert plain_text(COMMANDS[name].text) in said
            assert all(key.toString() in page.rows[name].keys.text() for key in action.shortcuts())
    for keys, does in CANVAS_KEYS:
        assert keys in said
        assert does[1:] in said
    QTest.keyClick(page.field, Key.Key_Escape)
    assert page.isHidden()


def test_a_command_is_found_by_its_name_or_its_key(window: MainWindow) -> None:
    page = page_of(window)
    QTest.keyClicks(page.field, "undo")
    assert [name for name, row in page.rows.items() if row.isVisible()] == ["undo"]
    page.field.clear()
    QTest.keyClicks(page.field, "ctrl+n")
    assert "new" in [name for name, row in page.rows.items() if row.isVisible()]
    assert "undo" not in [name for name, row in page.rows.items() if row.isVisible()]
    page.field.clear()
    QTest.keyClicks(page.field, "zzzz")
    assert page.nothing.isVisible()


def test_a_changed_key_counts_at_once_and_is_shown_everywhere(window: MainWindow) -> None:
    page = page_of(window)
    press(page, "page_diagram", Key.Key_J, CTRL | ALT)
    assert page.rows["page_diagram"].keys.text() == "Ctrl+Alt+J"
    assert page.rows["page_diagram"].reset.isVisible()
    assert page.presets.currentText() == "Your own"
    action = window.actions_["page_diagram"]
    assert action.shortcut().toString() == "Ctrl+Alt+J"
    assert "Ctrl+Alt+J" in action.toolTip()
    QTest.keyClick(page, Key.Key_Escape)
    QTest.keyClick(window, Key.Key_3, CTRL)
    assert window.pages.currentIndex() != DIAGRAM
    QTest.keyClick(window, Key.Key_J, CTRL | ALT)
    assert window.pages.currentIndex() == DIAGRAM
    QTest.keyClick(window, Key.Key_P, CTRL | SHIFT)
    QTest.keyClicks(window.palette_.field, "diagram")
    entry = window.palette_.entry()
    assert entry is not None
    assert entry.keys == "Ctrl+Alt+J"


def test_a_key_that_is_taken_is_asked_about(window: MainWindow) -> None:
    page = page_of(window)
    press(page, "page_diagram", Key.Key_O, CTRL)
    assert page.said.text() == "Ctrl+O does “Open” now. Shall it do “Diagram” instead?"
    QTest.mouseClick(page.keep, Qt.MouseButton.LeftButton)
    assert page.banner.isHidden()
    assert window.actions_["open"].shortcut().toString() == "Ctrl+O"
    press(page, "page_diagram", Key.Key_O, CTRL)
    QTest.mouseClick(page.take, Qt.MouseButton.LeftButton)
    assert window.actions_["page_diagram"].shortcut().toString() == "Ctrl+O"
    assert window.actions_["open"].shortcut().isEmpty()
    assert page.rows["open"].keys.text() == "–"
    QTest.mouseClick(page.rows["open"].reset, Qt.MouseButton.LeftButton)
    assert window.actions_["open"].shortcut().toString() == "Ctrl+O"
    assert window.actions_["page_diagram"].shortcut().isEmpty()
    QTest.mouseClick(page.reset_all, Qt.MouseButton.LeftButton)
    assert window.actions_["page_diagram"].shortcut().toString() == "Ctrl+3"
    assert page.presets.currentText() == "Layerloom"
    assert not page.reset_all.isEnabled()


@pytest.mark.parametrize(
    ("command", "key", "held", "says"),
    [
        ("save", Key.Key_J, NONE, "would be typed into fields"),
        ("add", Key.Key_W, NONE, "draws a wire"),
        ("add", Key.Key_Space, NONE, "opens the list of layers"),
        ("save", Key.Key_Tab, NONE, "next part of the window"),
    ],
)
def test_a_key_that_no_command_may_have_is_refused_with_the_reason(
    window: MainWindow, command: str, key: Qt.Key, held: Qt.KeyboardModifier, says: str
) -> None:
    page = page_of(window)
    before = window.actions_[command].shortcuts()
    press(page, command, key, held)
    assert says in page.said.text()
    assert page.take.isHidden()
    assert window.actions_[command].shortcuts() == before


def test_while_a_key_is_awaited_nothing_else_happens_and_esc_keeps_the_old_one(window: MainWindow) -> None:
    use_template(window)
    page = page_of(window)
    before = window.actions_["undo"].shortcuts()
    press(page, "undo", Key.Key_Escape)
    assert page.isVisible()
    assert page.rows["undo"].recorder.isHidden()
    QTest.mouseClick(page.rows["undo"].change, Qt.MouseButton.LeftButton)
    QTest.keyPress(page.rows["undo"].recorder, Key.Key_Control, CTRL)
    assert page.rows["undo"].recorder.isVisible(), "a key that is only held is none yet"
    page.field.setFocus()
    assert page.rows["undo"].recorder.isHidden()
    assert page.field.hasFocus()
    assert window.actions_["undo"].shortcuts() == before


def test_backspace_takes_the_key_away(window: MainWindow) -> None:
    page = page_of(window)
    press(page, "duplicate" if "duplicate" in page.rows else "new", Key.Key_Backspace)
    name = "duplicate" if "duplicate" in page.rows else "new"
    assert window.actions_[name].shortcuts() == []
    assert page.rows[name].keys.text() == "–"


def test_a_sign_is_taken_without_the_shift_that_types_it(window: MainWindow) -> None:
    page = page_of(window)
    row = page.rows["add"]
    QTest.mouseClick(row.change, Qt.MouseButton.LeftButton)
    QTest.keyClick(row.recorder, Key.Key_Question, SHIFT)
    assert window.keymap.keys("add") == ("?",)


def test_other_habits_can_be_taken_on(window: MainWindow) -> None:
    page = page_of(window)
    page.presets.setFocus()
    QTest.keyClick(page.presets, Key.Key_Down)
    assert page.presets.currentText() == "Blender"
    assert window.keymap.keys("commands") == ("F3",)
    QTest.keyClick(page, Key.Key_Escape)
    QTest.keyClick(window, Key.Key_F3)
    assert window.palette_.isVisible()


def test_keys_are_kept_and_every_window_follows_at_once(qtbot: QtBot, window: MainWindow) -> None:
    other = window.windows.new_window()
    qtbot.waitExposed(other)
    press(page_of(window), "page_diagram", Key.Key_J, CTRL | ALT)
    assert other.actions_["page_diagram"].shortcut().toString() == "Ctrl+Alt+J"
    third = Keymap(window.settings)
    assert third.keys("page_diagram") == ("Ctrl+Alt+J",)


# The rules


def test_the_table_itself_breaks_no_rule(keymap: Keymap) -> None:
    for name in COMMANDS:
        assert not keymap.is_changed(name), f"{name}: another command has its key, or Qt can't read it"
        for key in keymap.keys(name):
            assert keymap.reason_against(name, key) == ""
            assert keymap.holder(name, key) == ""


@pytest.mark.parametrize("preset", PRESETS)
def test_no_preset_breaks_a_rule(keymap: Keymap, preset: str) -> None:
    keymap.use(preset)
    assert keymap.preset == preset
    for name in COMMANDS:
        for key in keymap.keys(name):
            assert keymap.reason_against(name, key) == ""
            assert keymap.holder(name, key) == ""
    for name, keys in PRESETS[preset].items():
        assert keymap.keys(name) == tuple(QKeySequence(key).toString() for key in keys)


@pytest.mark.parametrize("key", TAKEN)
def test_what_the_canvas_answers_to_itself_is_written_as_qt_writes_it(key: str) -> None:
    assert QKeySequence(key).toString() == key


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "nonsense",
        "[]",
        "7",
        '{"undo": 5, "no command": ["Ctrl+J"], "save": [3, null]}',
        '{"undo": ["' + "x" * 10_000 + '"]}',
        "[" * 50_000,
    ],
)
def test_a_broken_setting_leaves_working_keys(tmp_path: Path, stored: str) -> None:
    settings = Settings(tmp_path / "keys.ini")
    settings.set_text("keys", stored)
    keymap = Keymap(settings)
    assert keymap.keys("redo") == ("Ctrl+Shift+Z", "Ctrl+Y")
    keymap.give("undo", "F9")
    assert Keymap(settings).keys("undo") == ("F9",)


def test_two_commands_with_one_key_in_the_file_never_share_it(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "keys.ini")
    settings.set_text("keys", '{"undo": ["Ctrl+S"], "redo": ["Ctrl+S"]}')
    keymap = Keymap(settings)
    holders = [name for name in COMMANDS if "Ctrl+S" in keymap.keys(name)]
    assert holders == ["undo"]


# Menus


def test_every_menu_has_its_mnemonics_once(window: MainWindow) -> None:
    menus = window.menus.findChildren(QMenu)
    assert len(menus) == len(MENUS) + len(SUBMENUS)
    titles = [_mnemonic(action.text()) for action in window.menus.actions()]
    assert len(set(titles)) == len(titles)
    for menu in menus:
        letters = [_mnemonic(action.text()) for action in menu.actions() if action.text()]
        assert "" not in letters, [action.text() for action in menu.actions()]
        assert len(set(letters)) == len(letters), (menu.title(), letters)


def test_every_command_stands_in_exactly_one_menu(window: MainWindow) -> None:
    menus = window.menus.findChildren(QMenu)
    for name, action in window.actions_.all.items():
        assert sum(action in menu.actions() for menu in menus) == 1, name
        assert menu_path(name)
    assert {name for names in SUBMENUS.values() for name in names} <= set(COMMANDS)


def _mnemonic(text: str) -> str:
    plain = text.replace("&&", "")
    at = plain.find("&")
    return plain[at + 1].casefold() if 0 <= at < len(plain) - 1 else ""


def test_the_table_has_every_command_once() -> None:
    names = [command.name for commands in MENUS.values() for command in commands if command is not LINE]
    assert len(names) == len(set(names)) == len(COMMANDS)
