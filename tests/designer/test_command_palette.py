"""The command palette: everything the window can do, found by a few letters, with its key and its menu."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from designer.actions import COMMANDS, plain_text
from designer.main_window import DESIGN, DIAGRAM, TRAIN, MainWindow
from designer.menus import menu_path
from designer.palette_entries import Entry, find_entries
from graph_ir import templates
from graph_ir.canonical import dump
from tests.designer.windows import a_window, use_template

ENTER, ESCAPE = Qt.Key.Key_Return, Qt.Key.Key_Escape
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        yield made


def ask(window: MainWindow, letters: str) -> list[str]:
    QTest.keyClick(window, Qt.Key.Key_P, CTRL | SHIFT)
    assert window.palette_.isVisible()
    QTest.keyClicks(window.palette_.field, letters)
    return window.palette_.shown()


def row(window: MainWindow, words: str) -> list[str]:
    (item,) = [item for item in window.palette_._items() if item.text(0).removeprefix("✓ ") == words]
    return [item.text(column) for column in range(3)]


def test_every_action_of_the_window_is_in_it_with_menu_and_key(window: MainWindow) -> None:
    use_template(window)
    ask(window, "")
    for name in COMMANDS:
        action = window.actions_[name]
        if not action.isVisible():
            continue
        words, where, keys = row(window, plain_text(action.text()))
        assert words
        assert where == menu_path(name) or not action.isEnabled()
        assert keys == action.shortcut().toString()


@pytest.mark.parametrize(
    ("letters", "first"),
    [
        ("diagram", "Diagram"),
        ("run tr", "Run training"),
        ("dup", "Duplicate"),
        ("folder exp", "Export as PyTorch folder"),
        ("zi", "Zoom in"),
        ("runn training", "Run training"),
        ("new design", "New design"),
    ],
)
def test_a_few_letters_find_a_command(window: MainWindow, letters: str, first: str) -> None:
    shown = [words.removeprefix("✓ ") for words in ask(window, letters)]
    if not any(plain_text(action.text()) == first for action in window.actions_.offered()):
        pytest.skip(f"nothing does {first} yet")
    assert shown[0] == first


def test_enter_does_it_and_what_was_used_last_stands_first(window: MainWindow) -> None:
    ask(window, "diagram")
    QTest.keyClick(window.palette_.field, ENTER)
    assert window.pages.currentIndex() == DIAGRAM
    assert window.palette_.isHidden()
    assert ask(window, "")[0] == "Diagram"
    QTest.keyClick(window.palette_.field, ESCAPE)
    ask(window, "train")
    while (entry := window.palette_.entry()) is None or entry.words != "Train":
        QTest.keyClick(window.palette_.field, Qt.Key.Key_Down)
    QTest.keyClick(window.palette_.field, ENTER)
    assert window.pages.currentIndex() == TRAIN
    assert ask(window, "")[:2] == ["Train", "Diagram"]


def test_what_was_used_last_is_kept_for_the_next_window(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    ask(window, "diagram")
    QTest.keyClick(window.palette_.field, ENTER)
    with a_window(qtbot, tmp_path) as other:
        assert ask(other, "")[0] == "Diagram"
        other.settings.set_text("used_commands", '[1, {"a": []}, "quit"]')
        QTest.keyClick(other.palette_.field, ESCAPE)
        assert ask(other, "")[0] == "Quit"
        other.settings.set_text("used_commands", "{{{")
        QTest.keyClick(other.palette_.field, ESCAPE)
        assert ask(other, "")[0] == "New design"


def test_layers_used_last_are_kept_as_well(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    def first(made: MainWindow) -> str:
        made.design.canvas.setFocus()
        QTest.keyClick(made.design.canvas, Qt.Key.Key_Space)
        QTest.keyClicks(made.design.canvas.adder.list.field, "hard")
        return made.design.canvas.adder.list.shown()[0].type

    usual = first(window)
    QTest.keyClick(window.design.canvas.adder.list.field, Qt.Key.Key_Down)
    QTest.keyClick(window.design.canvas.adder.list.field, ENTER)
    chosen = window.document.design.top.node(window.design.canvas.selected()[0]).type
    assert chosen != usual
    with a_window(qtbot, tmp_path) as other:
        assert first(other) == chosen


def test_what_cannot_be_done_now_is_grey_and_says_why(window: MainWindow) -> None:
    window.actions_.enable("undo", False, "nothing was changed yet")
    ask(window, "undo")
    assert row(window, "Undo")[1] == "nothing was changed yet"
    QTest.keyClick(window.palette_.field, ENTER)
    assert window.palette_.isVisible()
    assert window.palette_.hint.text() == "Undo can't be done now: nothing was changed yet."


def test_a_template_is_opened_from_it(window: MainWindow) -> None:
    assert ask(window, "template u-net")[0] == "New from template: U-Net"
    QTest.keyClick(window.palette_.field, ENTER)
    assert dump(window.document.design) == dump(templates.load("u-net"))


def test_a_setting_is_gone_to(qtbot: QtBot, window: MainWindow) -> None:
    use_template(window)
    assert ask(window, "learning rate")[0] == "Training: lr"
    QTest.keyClick(window.palette_.field, ENTER)
    assert window.pages.currentIndex() == TRAIN
    qtbot.waitUntil(lambda: window.focusWidget() is not None)
    assert window.train.isAncestorOf(window.focusWidget())


def test_an_at_goes_to_a_layer(window: MainWindow) -> None:
    use_template(window)
    window.show_page(TRAIN)
    assert ask(window, "@conv2")[0] == "conv2  Conv2d"
    QTest.keyClick(window.palette_.field, ENTER)
    assert window.pages.currentIndex() == DESIGN
    assert window.design.canvas.selected() == ["conv2"]
    assert window.design.canvas.hasFocus()
    assert ask(window, "@") == [f"{node.id}  {node.type}" for node in window.document.design.top], (
        "in the order of the drawing"
    )
    assert ask(window, "@qqq") == []
    assert "No layer is called “qqq”" in window.palette_.hint.text()


def test_from_inside_a_block_the_whole_model_is_reached(window: MainWindow) -> None:
    use_template(window, "inception-block")
    canvas = window.design.canvas
    canvas.select(["block"])
    window.actions_["enter_block"].trigger()
    assert canvas.network == "Inception"
    assert ask(window, "@stem") == ["stem  Conv2d"]
    QTest.keyClick(window.palette_.field, ENTER)
    assert canvas.network == ""
    assert canvas.selected() == ["stem"]


def test_a_click_does_it_and_nothing_is_said_of_what_is_nowhere(window: MainWindow) -> None:
    ask(window, "diagram")
    view = window.palette_.list
    place = view.visualRect(view.model().index(0, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.pages.currentIndex() == DIAGRAM
    assert ask(window, "zzzzzz") == []
    assert "zzzzzz" in window.palette_.hint.text()
    QTest.keyClick(window.palette_.field, ENTER)
    assert window.palette_.isVisible()


def test_it_is_seen_whole_in_a_small_window(window: MainWindow) -> None:
    window.resize(960, 480)
    ask(window, "")
    within = window.palette_.parentWidget()
    assert within is not None
    assert within.rect().contains(window.palette_.geometry())
    QTest.mouseClick(window.palette_.list.viewport(), Qt.MouseButton.RightButton, pos=QPoint(5, 5))


def test_order_of_equals() -> None:
    entries = [
        Entry("a", "Align left edges", "Arrange", lambda: None, why="two layers must be selected"),
        Entry("b", "Align right edges", "Arrange", lambda: None),
        Entry("c", "Left over", "View", lambda: None, always=False),
    ]
    assert [entry.name for entry in find_entries("", entries)] == ["a", "b"]
    assert [entry.name for entry in find_entries("align", entries)] == ["b", "a"]
    able = [replace(entry, why="") for entry in entries]
    assert [entry.name for entry in find_entries("align", able)] == ["a", "b"]
    assert [entry.name for entry in find_entries("align", able, ["b"])] == ["b", "a"]
    assert [entry.name for entry in find_entries("left", entries)] == ["c", "a"]
    assert [entry.name for entry in find_entries("arr right", entries)] == ["b"]
