"""Layers under the hand: dragged, selected, deleted, walked along with keys (requirements 3, 4, 9)."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from graph_ir.file import dump
from tests.designer.canvases import (
    CTRL,
    SHIFT,
    Key,
    a_canvas,
    chain,
    click,
    drag,
    empty,
    middle,
    one_undo_takes_it_back,
    place,
    wires,
)


def test_cards_are_dragged_to_the_grid_in_one_step(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    before, x_before = dump(canvas.document.design), place(canvas, "relu1")[0]
    start = middle(canvas, "relu1")
    drag(canvas, start, start + QPoint(100, 35))
    x, y = place(canvas, "relu1")
    assert x - x_before == 96
    assert x % 24 == 0
    assert y % 24 == 0
    assert canvas.document.design.layout["network"]["layers"]["relu1"] == [x, y]
    assert ".0" not in str(canvas.document.design.layout), "whole pixels are ints in the file"
    one_undo_takes_it_back(canvas, before)
    assert place(canvas, "relu1")[0] == x_before


def test_escape_puts_dragged_cards_back(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    before = dump(canvas.document.design)
    start = middle(canvas, "relu1")
    drag(canvas, start, start + QPoint(100, 30), drop=False)
    assert canvas.canvas_scene.cards["relu1"].x() != place(canvas, "relu1")[0]
    QTest.keyClick(canvas, Key.Key_Escape)
    assert canvas.canvas_scene.cards["relu1"].x() == place(canvas, "relu1")[0]
    assert dump(canvas.document.design) == before


def test_a_frame_on_empty_canvas_selects(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    drag(canvas, middle(canvas, "input1") - QPoint(300, 100), middle(canvas, "conv1") + QPoint(10, 0))
    assert set(canvas.selected()) == {"input1", "conv1"}
    click(canvas, empty(canvas))
    assert canvas.selected() == []


def test_ctrl_click_adds_to_the_selection_and_takes_away(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    click(canvas, middle(canvas, "conv1"))
    with qtbot.waitSignal(canvas.selection_changed) as told:
        click(canvas, middle(canvas, "relu1"), CTRL)
    assert told.args == [["conv1", "relu1"]]
    click(canvas, middle(canvas, "conv1"), CTRL)
    assert canvas.selected() == ["relu1"]


def test_delete_heals_the_wire_and_shift_delete_does_not(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None), ("ReLU", "input1"), ("Tanh", "relu1"))
    canvas.document.undo_stack.clear()
    before = dump(canvas.document.design)
    canvas.select(["relu1"])
    QTest.keyClick(canvas, Key.Key_Delete)
    assert wires(canvas) == {"input1.y-tanh1.x"}
    one_undo_takes_it_back(canvas, before)
    canvas.select(["relu1"])
    QTest.keyClick(canvas, Key.Key_Delete, SHIFT)
    assert wires(canvas) == set()


def test_arrows_walk_along_the_layers_and_ctrl_arrows_move_them(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    QTest.keyClick(canvas, Key.Key_Down)
    assert canvas.selected() == ["input1"]
    QTest.keyClick(canvas, Key.Key_Down)
    QTest.keyClick(canvas, Key.Key_Down)
    assert canvas.selected() == ["relu1"]
    QTest.keyClick(canvas, Key.Key_Up)
    assert canvas.selected() == ["conv1"]
    x, y = place(canvas, "conv1")
    QTest.keyClick(canvas, Key.Key_Right, CTRL)
    assert place(canvas, "conv1") == (x + 24, y)


def test_a_wire_is_drawn_with_the_keyboard(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None), ("ReLU", None))
    canvas.select(["input1"])
    QTest.keyClick(canvas, Key.Key_W)
    canvas.select(["relu1"])
    QTest.keyClick(canvas, Key.Key_Return)
    assert wires(canvas) == {"input1.y-relu1.x"}
