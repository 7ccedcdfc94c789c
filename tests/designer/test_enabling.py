"""Commands can be chosen only when they can do something; why not is said in menus, in the palette and at the key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from designer.actions import COMMANDS, plain_text
from designer.main_window import MainWindow
from graph_ir.annotations import Frame
from graph_ir.graph import Wire
from tests.designer.windows import a_window, use_template, words

ON_LAYERS = ("edit_label", "edit_note", "bypass", "hide", "make_block", "duplicate_wired")
ON_THINGS = ("cut", "copy", "duplicate", "delete", "delete_only")
ALIGN = [name for name in COMMANDS if name.startswith("align_")]
DISTRIBUTE = [name for name in COMMANDS if name.startswith("distribute_")]


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        yield made


def can(window: MainWindow, *names: str) -> set[bool]:
    actions = [window.actions_[name] for name in names]
    return {action.isEnabled() for action in actions if action.isVisible()}


def why(window: MainWindow, *names: str) -> set[str]:
    return {window.actions_.why(name) for name in names}


def test_the_empty_window_offers_what_can_be_done_with_nothing(window: MainWindow) -> None:
    assert can(window, "new", "open", "add", "paste", "frame", "comment", "commands", "keys", "quit") == {
        True
    }
    assert why(window, *ON_LAYERS) == {"no layer is selected"}
    assert why(window, *ON_THINGS[:3]) == {"nothing is selected"}
    assert why(window, "tidy", "select_all", "find", "fit") == {"nothing is drawn yet"}
    assert why(window, "undo") == {"nothing was changed yet"}
    assert why(window, "reveal") == {"the design has no file yet; save it first"}
    assert why(window, "next_problem", "previous_problem") == {"there are no problems"}
    offered = [name for name in COMMANDS if window.actions_[name].isVisible()]
    disabled = [name for name in offered if not window.actions_[name].isEnabled()]
    assert all(window.actions_.why(name) for name in disabled if name not in ("run", "stop")), "each says why"


def test_one_layer_then_two_then_three(window: MainWindow) -> None:
    use_template(window)
    canvas = window.design.canvas
    assert can(window, "tidy", "select_all", "find") == {True}
    canvas.select(["conv1"])
    assert can(window, *ON_LAYERS, *ON_THINGS) == {True}
    assert why(window, *ALIGN) == {"two or more layers must be selected"}
    canvas.select(["conv1", "conv2"])
    assert can(window, *ALIGN, "tidy_selection") == {True}
    assert why(window, *DISTRIBUTE) == {"three or more layers must be selected"}
    canvas.select(["conv1", "conv2", "conv3"])
    assert can(window, *DISTRIBUTE) == {True}
    canvas.select([])
    assert can(window, *ON_LAYERS, *ON_THINGS, *ALIGN, *DISTRIBUTE) == {False}


def test_wires_and_frames_are_selections_of_their_own(window: MainWindow) -> None:
    use_template(window)
    canvas = window.design.canvas
    wire = window.document.design.top.wires_from("conv1")[0]
    canvas.select_wire(Wire(*wire))
    assert can(window, "delete", "disconnect", "add_bend", "straighten") == {True}
    assert can(window, "copy", "bypass", "edit_mark") == {False}
    canvas.toggle_wire(Wire(*wire))
    assert why(window, "disconnect") == {"no wire is selected"}
    window.document.add_frame("", Frame("a", (0, 0, 200, 100)))
    canvas.choose(list(canvas.marks.views()))
    assert can(window, "edit_mark", "copy", "delete", "next_mark") == {True}
    assert can(window, "bypass", "disconnect") == {False}


def test_blocks_can_be_entered_where_one_is_used(window: MainWindow) -> None:
    use_template(window, "inception-block")
    canvas = window.design.canvas
    canvas.select(["stem"])
    assert why(window, "enter_block", "dissolve") == {"no single layer that uses a block is selected"}
    assert why(window, "leave_block") == {"this is the whole model, not a block"}
    canvas.select(["block"])
    assert can(window, "enter_block", "make_unique", "dissolve") == {True}
    window.actions_["enter_block"].trigger()
    assert can(window, "leave_block") == {True}
    assert can(window, "enter_block") == {False}


def test_undo_redo_and_problems_follow_the_design(window: MainWindow) -> None:
    window.document.add_layer("", "Conv2d")
    assert can(window, "undo", "next_problem") == {True}
    assert why(window, "redo") == {"nothing was undone"}
    window.actions_["undo"].trigger()
    assert can(window, "redo") == {True}
    assert why(window, "undo") == {"nothing was changed yet"}
    assert why(window, "next_problem") == {"there are no problems"}


def test_a_layer_that_goes_takes_its_commands_along(window: MainWindow) -> None:
    use_template(window)
    window.design.canvas.select(["conv1"])
    window.document.remove_layers("", ["conv1"])
    assert can(window, "make_block", "delete") == {False}


@pytest.mark.parametrize(
    ("name", "key", "held"),
    [
        ("make_block", Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier),
        ("leave_block", Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier),
        ("next_problem", Qt.Key.Key_F8, Qt.KeyboardModifier.NoModifier),
    ],
)
def test_the_key_of_what_cannot_be_done_says_why(
    window: MainWindow, name: str, key: Qt.Key, held: Qt.KeyboardModifier
) -> None:
    canvas = window.design.canvas
    canvas.setFocus()
    QTest.keyClick(canvas, key, held)
    words_of = plain_text(window.actions_[name].text())
    assert f"{words_of}: {window.actions_.why(name)}." in words(window.status)


def test_menus_and_tooltips_say_it_too(window: MainWindow) -> None:
    action = window.actions_["make_block"]
    assert "no layer is selected" in action.toolTip()
    assert all(
        menu.toolTipsVisible() for menu in window.menus.findChildren(QMenu) if menu.title() != "Open &recent"
    )
    use_template(window)
    window.design.canvas.select(["conv1"])
    assert "no layer is selected" not in action.toolTip()
