"""Wires under the hand: drawn, moved, refused, deleted (requirements 2, 9, 16)."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from graph_ir.file import dump
from tests.designer.canvases import (
    Key,
    a_canvas,
    chain,
    click,
    drag,
    empty,
    let_go,
    middle,
    one_undo_takes_it_back,
    port,
    wires,
)


def test_a_wire_is_drawn_from_output_to_input(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None), ("ReLU", None))
    drag(canvas, port(canvas, "input1", "outputs", "y"), port(canvas, "relu1", "inputs", "x"))
    assert wires(canvas) == {"input1.y-relu1.x"}
    assert canvas.report.ok


def test_a_wire_is_drawn_from_input_to_output(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None), ("ReLU", None))
    drag(canvas, port(canvas, "relu1", "inputs", "x"), port(canvas, "input1", "outputs", "y"))
    assert wires(canvas) == {"input1.y-relu1.x"}


def test_a_wire_let_go_on_a_card_finds_the_port_that_fits(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None), ("Add", "input1"))
    drag(canvas, port(canvas, "input1", "outputs", "y"), middle(canvas, "add1"))
    assert wires(canvas) == {"input1.y-add1.x1", "input1.y-add1.x2"}
    drag(canvas, port(canvas, "input1", "outputs", "y"), middle(canvas, "add1"))
    assert "input1.y-add1.x3" in wires(canvas)


def test_the_port_says_while_the_wire_is_drawn_whether_it_fits(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None), ("LSTM", None), ("ReLU", None))
    start = port(canvas, "input1", "outputs", "y")
    drag(canvas, start, port(canvas, "lstm1", "inputs", "x"), drop=False)
    assert canvas.canvas_scene.cards["lstm1"].feel("inputs", "x") == "refused"
    assert canvas.notices.bubble.isVisible()
    assert "axes" in canvas.notices.bubble.text()
    QTest.keyClick(canvas, Key.Key_Escape)
    assert canvas.canvas_scene.cards["lstm1"].feel("inputs", "x") is None
    assert not canvas.notices.bubble.isVisible()
    let_go(canvas, start)
    drag(canvas, start, port(canvas, "relu1", "inputs", "x"), drop=False)
    assert canvas.canvas_scene.cards["relu1"].feel("inputs", "x") == "fits"
    let_go(canvas, port(canvas, "relu1", "inputs", "x"))
    assert wires(canvas) == {"input1.y-relu1.x"}


def test_a_wrong_wire_is_marked_and_explained_beside_the_layer(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None), ("LSTM", None))
    drag(canvas, port(canvas, "input1", "outputs", "y"), port(canvas, "lstm1", "inputs", "x"))
    assert wires(canvas) == {"input1.y-lstm1.x"}
    item = canvas.canvas_scene.wires[("input1", "y"), ("lstm1", "x")]
    assert item.view.error
    assert canvas.canvas_scene.cards["lstm1"].view.problem == "error"
    assert canvas.notices.popup.isVisible()
    assert "lstm1" in canvas.notices.popup.text()
    popup = canvas.notices.popup.geometry()
    assert canvas.viewport().rect().contains(popup)
    assert not popup.contains(middle(canvas, "lstm1"))


def test_a_wire_that_would_close_a_circle_is_refused_at_the_port(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None), ("Add", "input1"), ("ReLU", "add1"))
    before, count = wires(canvas), canvas.document.undo_stack.count()
    target = port(canvas, "add1", "inputs", "x2")
    drag(canvas, port(canvas, "relu1", "outputs", "y"), target, drop=False)
    assert "circle" in canvas.notices.bubble.text()
    let_go(canvas, target)
    assert wires(canvas) == before
    assert canvas.document.undo_stack.count() == count
    assert canvas.notices.bubble.isVisible()


def test_the_end_of_a_wire_is_moved_in_one_step(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None), ("ReLU", "input1"), ("Tanh", None))
    canvas.document.undo_stack.clear()
    before = dump(canvas.document.design)
    drag(canvas, port(canvas, "relu1", "inputs", "x"), port(canvas, "tanh1", "inputs", "x"))
    assert wires(canvas) == {"input1.y-tanh1.x"}
    one_undo_takes_it_back(canvas, before)


def test_the_end_of_a_wire_let_go_on_nothing_takes_it_away(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    drag(canvas, port(canvas, "relu1", "inputs", "x"), empty(canvas))
    assert wires(canvas) == {"input1.y-conv1.x"}


def test_a_click_on_a_port_changes_nothing(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    before = dump(canvas.document.design)
    click(canvas, port(canvas, "relu1", "inputs", "x"))
    assert dump(canvas.document.design) == before


def test_a_selected_wire_is_deleted(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    click(canvas, port(canvas, "conv1", "outputs", "y") + QPoint(0, 12))
    assert canvas.canvas_scene.chosen_wires() == [(("conv1", "y"), ("relu1", "x"))]
    QTest.keyClick(canvas, Key.Key_Delete)
    assert wires(canvas) == {"input1.y-conv1.x"}
