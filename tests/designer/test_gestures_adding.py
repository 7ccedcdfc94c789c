"""Layers added by the search and dropped from the palette (requirements 1, 2, 3, 5)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QDragLeaveEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.canvas.adding.search import Fit
from designer.canvas.view import Canvas
from graph_ir.file import dump
from graph_ir.graph import Wire
from tests.designer.canvases import (
    LEFT,
    NONE,
    RIGHT,
    SHIFT,
    Key,
    a_canvas,
    chain,
    click,
    drag,
    drop,
    empty,
    middle,
    on_wire,
    one_undo_takes_it_back,
    place,
    port,
    wires,
)


def add_by_keyboard(canvas: Canvas, letters: str, modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(canvas, Key.Key_Space)
    assert canvas.adder.list.isVisible()
    QTest.keyClicks(canvas.adder.list.field, letters)
    QTest.keyClick(canvas.adder.list.field, Key.Key_Return, modifier)


def test_four_letters_and_enter_add_wire_and_select(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None))
    canvas.document.undo_stack.clear()
    canvas.select(["input1"])
    before = dump(canvas.document.design)
    add_by_keyboard(canvas, "conv")
    assert canvas.selected() == ["conv1"]
    assert canvas.graph.node("conv1").type == "Conv2d"
    assert wires(canvas) == {"input1.y-conv1.x"}
    one_undo_takes_it_back(canvas, before)


def test_linear_behind_an_image_brings_its_flatten_unless_bare(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None))
    canvas.select(["input1"])
    with qtbot.waitSignal(canvas.status) as told:
        add_by_keyboard(canvas, "line")
    assert [canvas.graph.node(name).type for name in canvas.selected()] == ["Linear"]
    assert "Flatten" in told.args[0]
    assert wires(canvas) == {"input1.y-flatten1.x", "flatten1.y-linear1.x"}
    assert place(canvas, "input1")[1] < place(canvas, "flatten1")[1] < place(canvas, "linear1")[1]
    canvas.document.undo_stack.undo()
    canvas.select(["input1"])
    add_by_keyboard(canvas, "line", SHIFT)
    assert wires(canvas) == {"input1.y-linear1.x"}


def test_a_loss_brings_its_target_as_a_chip(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None), ("Flatten", "input1"), ("Linear", "flatten1"))
    canvas.select(["linear1"])
    add_by_keyboard(canvas, "cross")
    (chip,) = canvas.canvas_scene.chips.values()
    (target,) = [name for name, _ in chip.view.parts]
    assert canvas.report.role_of(target) == "target"
    assert target not in canvas.canvas_scene.cards
    assert f"{target}.y-{chip.view.loss}.target" in wires(canvas)
    spot = canvas.mapFromScene(QPointF(chip.rect().x + 30, chip.rect().y + 12))
    click(canvas, spot)
    assert canvas.selected() == [target]


@pytest.mark.parametrize("way", ["space", "shift-a", "double click", "right click"])
def test_four_ways_open_the_same_list(qtbot: QtBot, way: str) -> None:
    canvas = chain(qtbot)
    if way == "space":
        QTest.keyClick(canvas, Key.Key_Space)
    elif way == "shift-a":
        QTest.keyClick(canvas, Key.Key_A, SHIFT)
    elif way == "double click":
        QTest.mouseDClick(canvas.viewport(), LEFT, NONE, empty(canvas))
    else:
        QTest.mouseClick(canvas.viewport(), RIGHT, NONE, empty(canvas))
    assert canvas.adder.list.isVisible()
    assert len(canvas.adder.list.shown()) > 30
    assert canvas.viewport().rect().contains(canvas.adder.list.geometry())
    QTest.keyClick(canvas.adder.list.field, Key.Key_Escape)
    assert not canvas.adder.list.isVisible()
    assert len(canvas.graph) == 3


def test_every_hit_has_a_description_and_a_signature(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    canvas.open_search()
    for hit in canvas.adder.list.shown():
        assert hit.summary
        assert "→" in hit.signature


def test_keras_names_are_found_and_arrows_choose(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot)
    canvas.open_search()
    field = canvas.adder.list.field
    QTest.keyClicks(field, "dense")
    assert canvas.adder.list.shown()[0].type == "Linear"
    field.clear()
    QTest.keyClicks(field, "pool")
    second = canvas.adder.list.shown()[1].type
    QTest.keyClick(field, Key.Key_Down)
    QTest.keyClick(field, Key.Key_Return)
    assert [node.type for node in canvas.graph] == [second]


def test_a_wire_let_go_on_nothing_offers_what_fits_first(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    drag(canvas, port(canvas, "relu1", "outputs", "y"), empty(canvas))
    shown = canvas.adder.list.shown()
    assert [hit.fit for hit in shown] == sorted(hit.fit for hit in shown)
    fits = {hit.type: hit for hit in shown}
    assert fits["Conv2d"].fit is Fit.FITS
    assert fits["Linear"].fit is Fit.ADAPTED
    assert "Flatten" in fits["Linear"].note
    assert fits["LSTM"].fit is Fit.REFUSED
    assert fits["LSTM"].note
    QTest.keyClicks(canvas.adder.list.field, "maxpool2")
    QTest.keyClick(canvas.adder.list.field, Key.Key_Return)
    assert "relu1.y-maxpool1.x" in wires(canvas)


def test_a_wire_drawn_backwards_onto_nothing_adds_its_source(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("ReLU", None))
    drag(canvas, port(canvas, "relu1", "inputs", "x"), empty(canvas))
    QTest.keyClicks(canvas.adder.list.field, "input")
    QTest.keyClick(canvas.adder.list.field, Key.Key_Return)
    assert wires(canvas) == {"input1.y-relu1.x"}


def test_a_layer_dropped_on_the_canvas_lies_there(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    at = empty(canvas) - QPoint(200, 0)
    assert drop(canvas, "Tanh", at)
    assert canvas.graph.node("tanh1").type == "Tanh"
    assert canvas.selected() == ["tanh1"]
    centre = canvas.canvas_scene.cards["tanh1"].rect()
    there = canvas.mapFromScene(QPointF(centre.x + 98, centre.y + 25))
    assert (there - at).manhattanLength() <= 24


def test_a_layer_dropped_on_a_wire_is_inserted_and_makes_room(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    before = dump(canvas.document.design)
    drop(canvas, "BatchNorm2d", port(canvas, "conv1", "outputs", "y") + QPoint(2, 20))
    assert {"conv1.y-batchnorm1.x", "batchnorm1.y-relu1.x"} <= wires(canvas)
    ys = [place(canvas, name)[1] for name in ("conv1", "batchnorm1", "relu1")]
    assert [b - a for a, b in pairwise(ys)] == [96, 96]
    one_undo_takes_it_back(canvas, before)


def test_requirement_3_a_layer_dropped_on_a_skip_wire_stands_beside_the_chain(qtbot: QtBot) -> None:
    canvas = a_canvas(
        qtbot,
        ("Input", None),
        ("ReLU", "input1"),
        ("Tanh", "relu1"),
        ("Sigmoid", "tanh1"),
        ("Add", "sigmoid1"),
    )
    canvas.document.connect("", Wire("input1", "y", "add1", "x2"))
    canvas.document.undo_stack.clear()
    before = dump(canvas.document.design)
    points = canvas.canvas_scene.routes[("input1", "y"), ("add1", "x2")].points
    x = max(points, key=lambda point: abs(point[0] - 98))[0]
    drop(canvas, "Dropout", canvas.mapFromScene(QPointF(x, 190)))
    assert {"input1.y-dropout1.x", "dropout1.y-add1.x2"} <= wires(canvas)
    rects = {name: card.rect() for name, card in canvas.canvas_scene.cards.items()}
    assert not any(rects["dropout1"].meets(rect) for name, rect in rects.items() if name != "dropout1")
    assert rects["input1"].y < rects["dropout1"].y < rects["add1"].y
    one_undo_takes_it_back(canvas, before)


def test_a_card_without_wires_is_dragged_into_a_wire(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    canvas.document.add_layer("", "Tanh", position=(480, 0))
    canvas.document.undo_stack.clear()
    before = dump(canvas.document.design)
    drag(canvas, middle(canvas, "tanh1"), port(canvas, "conv1", "outputs", "y") + QPoint(2, 20))
    assert wires(canvas) == {"input1.y-conv1.x", "conv1.y-tanh1.x", "tanh1.y-relu1.x"}
    ys = [place(canvas, name)[1] for name in ("conv1", "tanh1", "relu1")]
    assert [b - a for a, b in pairwise(ys)] == [96, 96]
    one_undo_takes_it_back(canvas, before)


def test_requirement_5_a_ghost_shows_where_a_layer_would_go(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    drop(canvas, "Tanh", empty(canvas), let_fall=False)
    ghost = canvas.guides.ghost
    assert ghost is not None
    assert ghost.title == "Tanh"
    assert QRectF(*ghost.rect).contains(canvas.mapToScene(empty(canvas)))
    shown = canvas.grab().toImage()
    drop(canvas, "Tanh", on_wire(canvas, "conv1"), let_fall=False)
    assert canvas.canvas_scene.wires[("conv1", "y"), ("relu1", "x")].chosen
    QApplication.sendEvent(canvas.viewport(), QDragLeaveEvent())
    assert canvas.guides.ghost is None
    assert canvas.canvas_scene.chosen_wires() == []
    assert canvas.grab().toImage() != shown


def test_only_declared_layers_may_be_dropped(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    assert not drop(canvas, "__import__('os')", empty(canvas))
    assert len(canvas.graph) == 3
