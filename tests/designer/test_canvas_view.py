"""The canvas under real mouse and key events, asserted on the document's graph."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.actions import Actions
from designer.canvas.card_item import Side
from designer.canvas.drops import LAYER_MIME
from designer.canvas.search import Fit
from designer.canvas.view import Canvas
from designer.document import Document
from designer.theme import load_fonts, load_theme
from graph_ir.file import dump
from graph_ir.graph import Wire

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
Open = Callable[..., Canvas]


@pytest.fixture
def opened(qtbot: QtBot, qapp: QApplication) -> Open:
    """A canvas on screen with (type, id after which, values) layers added one after another, at 100 %."""

    def make(*layers: tuple[str, str | None]) -> Canvas:
        load_fonts()
        document = Document()
        for type, after in layers:
            document.add_layer("", type, after=(after, "y") if after else None)
        canvas = Canvas(document, load_theme("light"))
        actions = Actions(canvas, load_theme("light"))
        actions.handle(canvas.handlers())
        canvas.addActions(actions.of_scope("canvas"))
        qtbot.addWidget(canvas)
        canvas.resize(900, 900)
        canvas.show()
        qtbot.waitExposed(canvas)
        canvas.activateWindow()
        qtbot.waitUntil(canvas.isActiveWindow)
        canvas.setFocus()
        canvas.fit_all()
        canvas.zoom_reset()
        return canvas

    return make


def chain(opened: Open) -> Canvas:
    """input1 → conv1 → relu1."""
    canvas = opened(("Input", None), ("Conv2d", "input1"), ("ReLU", "conv1"))
    canvas.document.undo_stack.clear()
    return canvas


def port(canvas: Canvas, name: str, side: Side, which: str) -> QPoint:
    return canvas.mapFromScene(canvas.canvas_scene.port_point(name, side, which))


def middle(canvas: Canvas, name: str) -> QPoint:
    rect = canvas.canvas_scene.cards[name].rect()
    return canvas.mapFromScene(QPointF(rect.x + 120, rect.y + 25))


def empty(canvas: Canvas) -> QPoint:
    return canvas.viewport().rect().bottomRight() - QPoint(60, 60)


def drag(
    canvas: Canvas, start: QPoint, end: QPoint, button: Qt.MouseButton = LEFT, drop: bool = True
) -> None:
    view = canvas.viewport()
    QTest.mousePress(view, button, NONE, start)
    for share in (0.1, 0.4, 0.7, 1.0):
        here = QPointF(start) + (QPointF(end) - QPointF(start)) * share
        event = QMouseEvent(
            QEvent.Type.MouseMove, here, view.mapToGlobal(here), Qt.MouseButton.NoButton, button, NONE
        )
        QApplication.sendEvent(view, event)
    if drop:
        QTest.mouseRelease(view, button, NONE, end)


def wires(canvas: Canvas) -> set[str]:
    return {f"{w.source}.{w.source_port}-{w.target}.{w.target_port}" for w in canvas.graph.wires()}


def place(canvas: Canvas, name: str) -> tuple[float, float]:
    return canvas.canvas_scene.cards[name].view.position


def one_undo_takes_it_back(canvas: Canvas, before: str) -> None:
    assert canvas.document.undo_stack.count() == 1
    canvas.document.undo_stack.undo()
    assert dump(canvas.document.design) == before


# Wires


def test_a_wire_is_drawn_from_output_to_input(opened: Open) -> None:
    canvas = opened(("Input", None), ("ReLU", None))
    drag(canvas, port(canvas, "input1", "outputs", "y"), port(canvas, "relu1", "inputs", "x"))
    assert wires(canvas) == {"input1.y-relu1.x"}
    assert canvas.report.ok


def test_a_wire_is_drawn_from_input_to_output(opened: Open) -> None:
    canvas = opened(("Input", None), ("ReLU", None))
    drag(canvas, port(canvas, "relu1", "inputs", "x"), port(canvas, "input1", "outputs", "y"))
    assert wires(canvas) == {"input1.y-relu1.x"}


def test_a_wire_let_go_on_a_card_finds_the_port_that_fits(opened: Open) -> None:
    canvas = opened(("Input", None), ("Add", "input1"))
    drag(canvas, port(canvas, "input1", "outputs", "y"), middle(canvas, "add1"))
    assert wires(canvas) == {"input1.y-add1.x1", "input1.y-add1.x2"}
    drag(canvas, port(canvas, "input1", "outputs", "y"), middle(canvas, "add1"))
    assert "input1.y-add1.x3" in wires(canvas)


def test_the_port_says_while_the_wire_is_drawn_whether_it_fits(opened: Open) -> None:
    canvas = opened(("Input", None), ("LSTM", None), ("ReLU", None))
    start = port(canvas, "input1", "outputs", "y")
    drag(canvas, start, port(canvas, "lstm1", "inputs", "x"), drop=False)
    assert canvas.canvas_scene.cards["lstm1"].feel("inputs", "x") == "refused"
    assert canvas.notices.bubble.isVisible()
    assert "axes" in canvas.notices.bubble.text()
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.canvas_scene.cards["lstm1"].feel("inputs", "x") is None
    assert not canvas.notices.bubble.isVisible()
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, start)
    drag(canvas, start, port(canvas, "relu1", "inputs", "x"), drop=False)
    assert canvas.canvas_scene.cards["relu1"].feel("inputs", "x") == "fits"
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, port(canvas, "relu1", "inputs", "x"))
    assert wires(canvas) == {"input1.y-relu1.x"}


def test_a_wrong_wire_is_marked_and_explained_beside_the_layer(opened: Open) -> None:
    canvas = opened(("Input", None), ("LSTM", None))
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


def test_a_wire_that_would_close_a_circle_is_refused_at_the_port(opened: Open) -> None:
    canvas = opened(("Input", None), ("Add", "input1"), ("ReLU", "add1"))
    before, count = wires(canvas), canvas.document.undo_stack.count()
    target = port(canvas, "add1", "inputs", "x2")
    drag(canvas, port(canvas, "relu1", "outputs", "y"), target, drop=False)
    assert "circle" in canvas.notices.bubble.text()
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, target)
    assert wires(canvas) == before
    assert canvas.document.undo_stack.count() == count
    assert canvas.notices.bubble.isVisible()


def test_the_end_of_a_wire_is_moved_in_one_step(opened: Open) -> None:
    canvas = opened(("Input", None), ("ReLU", "input1"), ("Tanh", None))
    canvas.document.undo_stack.clear()
    before = dump(canvas.document.design)
    drag(canvas, port(canvas, "relu1", "inputs", "x"), port(canvas, "tanh1", "inputs", "x"))
    assert wires(canvas) == {"input1.y-tanh1.x"}
    one_undo_takes_it_back(canvas, before)


def test_the_end_of_a_wire_let_go_on_nothing_takes_it_away(opened: Open) -> None:
    canvas = chain(opened)
    drag(canvas, port(canvas, "relu1", "inputs", "x"), empty(canvas))
    assert wires(canvas) == {"input1.y-conv1.x"}


def test_a_click_on_a_port_changes_nothing(opened: Open) -> None:
    canvas = chain(opened)
    before = dump(canvas.document.design)
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, port(canvas, "relu1", "inputs", "x"))
    assert dump(canvas.document.design) == before


def test_a_selected_wire_is_deleted(opened: Open) -> None:
    canvas = chain(opened)
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, port(canvas, "conv1", "outputs", "y") + QPoint(0, 12))
    assert canvas.canvas_scene.chosen_wires() == [(("conv1", "y"), ("relu1", "x"))]
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert wires(canvas) == {"input1.y-conv1.x"}


# Cards


def test_cards_are_dragged_to_the_grid_in_one_step(opened: Open) -> None:
    canvas = chain(opened)
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


def test_escape_puts_dragged_cards_back(opened: Open) -> None:
    canvas = chain(opened)
    before = dump(canvas.document.design)
    start = middle(canvas, "relu1")
    drag(canvas, start, start + QPoint(100, 30), drop=False)
    assert canvas.canvas_scene.cards["relu1"].x() != place(canvas, "relu1")[0]
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.canvas_scene.cards["relu1"].x() == place(canvas, "relu1")[0]
    assert dump(canvas.document.design) == before


def test_a_frame_on_empty_canvas_selects(opened: Open) -> None:
    canvas = chain(opened)
    drag(canvas, middle(canvas, "input1") - QPoint(300, 100), middle(canvas, "conv1") + QPoint(10, 0))
    assert set(canvas.selected()) == {"input1", "conv1"}
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, empty(canvas))
    assert canvas.selected() == []


def test_ctrl_click_adds_to_the_selection_and_takes_away(opened: Open, qtbot: QtBot) -> None:
    canvas = chain(opened)
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, middle(canvas, "conv1"))
    with qtbot.waitSignal(canvas.selection_changed) as told:
        QTest.mouseClick(canvas.viewport(), LEFT, CTRL, middle(canvas, "relu1"))
    assert told.args == [["conv1", "relu1"]]
    QTest.mouseClick(canvas.viewport(), LEFT, CTRL, middle(canvas, "conv1"))
    assert canvas.selected() == ["relu1"]


def test_delete_heals_the_wire_and_shift_delete_does_not(opened: Open) -> None:
    canvas = opened(("Input", None), ("ReLU", "input1"), ("Tanh", "relu1"))
    canvas.document.undo_stack.clear()
    before = dump(canvas.document.design)
    canvas.select(["relu1"])
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert wires(canvas) == {"input1.y-tanh1.x"}
    one_undo_takes_it_back(canvas, before)
    canvas.select(["relu1"])
    QTest.keyClick(canvas, Qt.Key.Key_Delete, SHIFT)
    assert wires(canvas) == set()


def test_arrows_walk_along_the_layers_and_ctrl_arrows_move_them(opened: Open) -> None:
    canvas = chain(opened)
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert canvas.selected() == ["input1"]
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert canvas.selected() == ["relu1"]
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    assert canvas.selected() == ["conv1"]
    x, y = place(canvas, "conv1")
    QTest.keyClick(canvas, Qt.Key.Key_Right, CTRL)
    assert place(canvas, "conv1") == (x + 24, y)


def test_a_wire_is_drawn_with_the_keyboard(opened: Open) -> None:
    canvas = opened(("Input", None), ("ReLU", None))
    canvas.select(["input1"])
    QTest.keyClick(canvas, Qt.Key.Key_W)
    canvas.select(["relu1"])
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert wires(canvas) == {"input1.y-relu1.x"}


# The quick-add list


def add_by_keyboard(canvas: Canvas, letters: str, modifier: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert canvas.adder.list.isVisible()
    QTest.keyClicks(canvas.adder.list.field, letters)
    QTest.keyClick(canvas.adder.list.field, Qt.Key.Key_Return, modifier)


def test_four_letters_and_enter_add_wire_and_select(opened: Open) -> None:
    canvas = opened(("Input", None))
    canvas.document.undo_stack.clear()
    canvas.select(["input1"])
    before = dump(canvas.document.design)
    add_by_keyboard(canvas, "conv")
    assert canvas.selected() == ["conv1"]
    assert canvas.graph.node("conv1").type == "Conv2d"
    assert wires(canvas) == {"input1.y-conv1.x"}
    one_undo_takes_it_back(canvas, before)


def test_linear_behind_an_image_brings_its_flatten_unless_bare(opened: Open, qtbot: QtBot) -> None:
    canvas = opened(("Input", None))
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


def test_a_loss_brings_its_target_as_a_chip(opened: Open) -> None:
    canvas = opened(("Input", None), ("Flatten", "input1"), ("Linear", "flatten1"))
    canvas.select(["linear1"])
    add_by_keyboard(canvas, "cross")
    (chip,) = canvas.canvas_scene.chips.values()
    (target,) = [name for name, _ in chip.view.parts]
    assert canvas.report.role_of(target) == "target"
    assert target not in canvas.canvas_scene.cards
    assert f"{target}.y-{chip.view.loss}.target" in wires(canvas)
    spot = canvas.mapFromScene(QPointF(chip.rect().x + 30, chip.rect().y + 12))
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, spot)
    assert canvas.selected() == [target]


@pytest.mark.parametrize("way", ["space", "shift-a", "double click", "right click"])
def test_four_ways_open_the_same_list(opened: Open, way: str) -> None:
    canvas = chain(opened)
    if way == "space":
        QTest.keyClick(canvas, Qt.Key.Key_Space)
    elif way == "shift-a":
        QTest.keyClick(canvas, Qt.Key.Key_A, SHIFT)
    elif way == "double click":
        QTest.mouseDClick(canvas.viewport(), LEFT, NONE, empty(canvas))
    else:
        QTest.mouseClick(canvas.viewport(), RIGHT, NONE, empty(canvas))
    assert canvas.adder.list.isVisible()
    assert len(canvas.adder.list.shown()) > 30
    assert canvas.viewport().rect().contains(canvas.adder.list.geometry())
    QTest.keyClick(canvas.adder.list.field, Qt.Key.Key_Escape)
    assert not canvas.adder.list.isVisible()
    assert len(canvas.graph) == 3


def test_every_hit_has_a_description_and_a_signature(opened: Open) -> None:
    canvas = chain(opened)
    canvas.open_search()
    for hit in canvas.adder.list.shown():
        assert hit.summary
        assert "→" in hit.signature


def test_keras_names_are_found_and_arrows_choose(opened: Open) -> None:
    canvas = opened()
    canvas.open_search()
    field = canvas.adder.list.field
    QTest.keyClicks(field, "dense")
    assert canvas.adder.list.shown()[0].type == "Linear"
    field.clear()
    QTest.keyClicks(field, "pool")
    second = canvas.adder.list.shown()[1].type
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert [node.type for node in canvas.graph] == [second]


def test_a_wire_let_go_on_nothing_offers_what_fits_first(opened: Open) -> None:
    canvas = chain(opened)
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
    QTest.keyClick(canvas.adder.list.field, Qt.Key.Key_Return)
    assert "relu1.y-maxpool1.x" in wires(canvas)


def test_a_wire_drawn_backwards_onto_nothing_adds_its_source(opened: Open) -> None:
    canvas = opened(("ReLU", None))
    drag(canvas, port(canvas, "relu1", "inputs", "x"), empty(canvas))
    QTest.keyClicks(canvas.adder.list.field, "input")
    QTest.keyClick(canvas.adder.list.field, Qt.Key.Key_Return)
    assert wires(canvas) == {"input1.y-relu1.x"}


# The palette's drops


def carry(type: str) -> QMimeData:
    data = QMimeData()
    data.setData(LAYER_MIME, type.encode())
    return data


def drop(canvas: Canvas, type: str, at: QPoint, let_go: bool = True) -> bool:
    data, action = carry(type), Qt.DropAction.CopyAction
    enter = QDragEnterEvent(at, action, data, LEFT, NONE)
    QApplication.sendEvent(canvas.viewport(), enter)
    QApplication.sendEvent(canvas.viewport(), QDragMoveEvent(at, action, data, LEFT, NONE))
    if let_go and enter.isAccepted():
        QApplication.sendEvent(canvas.viewport(), QDropEvent(QPointF(at), action, data, LEFT, NONE))
    return enter.isAccepted()


def test_a_layer_dropped_on_the_canvas_lies_there(opened: Open) -> None:
    canvas = chain(opened)
    at = empty(canvas) - QPoint(200, 0)
    assert drop(canvas, "Tanh", at)
    assert canvas.graph.node("tanh1").type == "Tanh"
    assert canvas.selected() == ["tanh1"]
    centre = canvas.canvas_scene.cards["tanh1"].rect()
    there = canvas.mapFromScene(QPointF(centre.x + 98, centre.y + 25))
    assert (there - at).manhattanLength() <= 24


def test_a_layer_dropped_on_a_wire_is_inserted_and_makes_room(opened: Open) -> None:
    canvas = chain(opened)
    before = dump(canvas.document.design)
    drop(canvas, "BatchNorm2d", port(canvas, "conv1", "outputs", "y") + QPoint(2, 20))
    assert {"conv1.y-batchnorm1.x", "batchnorm1.y-relu1.x"} <= wires(canvas)
    ys = [place(canvas, name)[1] for name in ("conv1", "batchnorm1", "relu1")]
    assert [b - a for a, b in pairwise(ys)] == [96, 96]
    one_undo_takes_it_back(canvas, before)


def test_a_card_without_wires_is_dragged_into_a_wire(opened: Open) -> None:
    canvas = chain(opened)
    canvas.document.add_layer("", "Tanh", position=(480, 0))
    canvas.document.undo_stack.clear()
    before = dump(canvas.document.design)
    drag(canvas, middle(canvas, "tanh1"), port(canvas, "conv1", "outputs", "y") + QPoint(2, 20))
    assert wires(canvas) == {"input1.y-conv1.x", "conv1.y-tanh1.x", "tanh1.y-relu1.x"}
    ys = [place(canvas, name)[1] for name in ("conv1", "tanh1", "relu1")]
    assert [b - a for a, b in pairwise(ys)] == [96, 96]
    one_undo_takes_it_back(canvas, before)


def test_a_ghost_shows_where_a_layer_would_go(opened: Open) -> None:
    canvas = chain(opened)
    items = len(canvas.canvas_scene.items())
    drop(canvas, "Tanh", port(canvas, "conv1", "outputs", "y") + QPoint(2, 20), let_go=False)
    assert len(canvas.canvas_scene.items()) == items + 1
    assert canvas.canvas_scene.wires[("conv1", "y"), ("relu1", "x")].chosen
    canvas.drops.leave()
    assert len(canvas.canvas_scene.items()) == items
    assert canvas.canvas_scene.chosen_wires() == []


def test_only_declared_layers_may_be_dropped(opened: Open) -> None:
    canvas = chain(opened)
    assert not drop(canvas, "__import__('os')", empty(canvas))
    assert len(canvas.graph) == 3


# The sheet


def wheel(canvas: Canvas, turn: int, pixels: int = 0, modifier: Qt.KeyboardModifier = NONE) -> None:
    at = QPointF(400, 300)
    event = QWheelEvent(
        at,
        canvas.viewport().mapToGlobal(at),
        QPoint(0, pixels),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        modifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), event)


def test_the_wheel_zooms_about_the_mouse_and_two_fingers_pan(opened: Open) -> None:
    canvas = chain(opened)
    wheel(canvas, 120)
    assert canvas.zoom == pytest.approx(1.2)
    wheel(canvas, -120, modifier=CTRL)
    assert canvas.zoom == pytest.approx(1.0)
    before = canvas.mapToScene(0, 0)
    wheel(canvas, 60, pixels=30)
    assert canvas.zoom == pytest.approx(1.0)
    assert canvas.mapToScene(0, 0).y() == pytest.approx(before.y() - 30, abs=1)


def test_pinch_zooms(opened: Open) -> None:
    canvas = chain(opened)
    at = QPointF(100, 100)
    event = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        at,
        at,
        at,
        0.25,
        QPointF(),
    )
    QApplication.sendEvent(canvas.viewport(), event)
    assert canvas.zoom == pytest.approx(1.25)


def test_keys_zoom_and_fit(opened: Open, qtbot: QtBot) -> None:
    canvas = chain(opened)
    with qtbot.waitSignal(canvas.zoom_changed):
        QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.zoom > 1
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.zoom == pytest.approx(1)
    QTest.keyClick(canvas, Qt.Key.Key_Minus)
    assert canvas.zoom < 1
    QTest.keyClick(canvas, Qt.Key.Key_Home)
    assert 1 < canvas.zoom <= 1.25
    for name in canvas.canvas_scene.cards:
        assert canvas.viewport().rect().contains(middle(canvas, name))
    canvas.select(["relu1"])
    QTest.keyClick(canvas, Qt.Key.Key_F)
    assert (middle(canvas, "relu1") - canvas.viewport().rect().center()).manhattanLength() < 80


@pytest.mark.parametrize("with_space", [False, True])
def test_the_middle_button_and_space_pan_and_open_no_list(opened: Open, with_space: bool) -> None:
    canvas = chain(opened)
    before = canvas.mapToScene(0, 0)
    if with_space:
        QTest.keyPress(canvas, Qt.Key.Key_Space)
    drag(canvas, QPoint(300, 300), QPoint(360, 340), LEFT if with_space else MIDDLE)
    if with_space:
        QTest.keyRelease(canvas, Qt.Key.Key_Space)
    after = canvas.mapToScene(0, 0)
    assert (before - after).toPoint() == QPoint(60, 40)
    assert not canvas.adder.list.isVisible()


def test_tidy_lays_everything_out_in_one_step(opened: Open) -> None:
    canvas = chain(opened)
    start = middle(canvas, "conv1")
    drag(canvas, start, start + QPoint(200, 300))
    canvas.document.undo_stack.clear()
    before = dump(canvas.document.design)
    canvas.tidy()
    assert [place(canvas, name) for name in ("input1", "conv1", "relu1")] == [(0, 0), (0, 96), (0, 192)]
    one_undo_takes_it_back(canvas, before)


def test_undo_and_redo_are_seen(opened: Open) -> None:
    canvas = opened(("Input", None))
    canvas.document.add_layer("", "ReLU", after=("input1", "y"))
    assert set(canvas.canvas_scene.cards) == {"input1", "relu1"}
    canvas.document.undo_stack.undo()
    assert set(canvas.canvas_scene.cards) == {"input1"}
    canvas.document.undo_stack.redo()
    assert set(canvas.canvas_scene.wires) == {(("input1", "y"), ("relu1", "x"))}


def test_the_popup_follows_the_selection_and_goes_when_mended(opened: Open) -> None:
    canvas = opened(("Input", None), ("LSTM", "input1"), ("ReLU", "input1"))
    canvas.select(["lstm1"])
    assert canvas.notices.popup.isVisible()
    canvas.select(["relu1"])
    assert not canvas.notices.popup.isVisible(), "a hint opens nothing by itself"
    canvas.select(["lstm1"])
    canvas.document.disconnect("", Wire("input1", "y", "lstm1", "x"))
    canvas.document.set_fields("", "input1", {"shape": ["N", 12, 8]})
    canvas.document.connect("", Wire("input1", "y", "lstm1", "x"))
    assert not canvas.notices.popup.isVisible()


def test_at_small_zoom_a_pill_shows_while_its_wire_is_pointed_at(opened: Open, qtbot: QtBot) -> None:
    canvas = chain(opened)
    canvas.set_zoom(0.5)
    spot = port(canvas, "conv1", "outputs", "y") + QPoint(0, 8)
    QTest.mouseMove(canvas.viewport(), empty(canvas))  # wherever the test before has left it
    around = QRect(canvas.viewport().mapTo(canvas, spot) - QPoint(60, 20), QSize(120, 40))
    without = canvas.grab(around).toImage()
    QTest.mouseMove(canvas.viewport(), spot)
    assert canvas.grab(around).toImage() != without
    QTest.mouseMove(canvas.viewport(), empty(canvas))
    qtbot.waitUntil(lambda: canvas.grab(around).toImage() == without)


def test_another_look_paints_everything_anew(opened: Open) -> None:
    canvas = chain(opened)
    canvas.set_theme(load_theme("dark"))
    dark = canvas.grab().toImage()
    spot = middle(canvas, "conv1") + QPoint(60, 16)
    assert (
        dark.pixelColor(canvas.viewport().mapTo(canvas, spot)).name()
        == load_theme("dark").colours["card"].lower()
    )
    at = canvas.viewport().mapTo(canvas, empty(canvas))
    assert dark.pixelColor(at + QPoint(5, 5)).name() in {
        load_theme("dark").colours[c].lower() for c in ("ground", "grid")
    }


def test_the_popup_stays_inside_and_covers_no_card_where_there_is_room(opened: Open) -> None:
    canvas = opened(("Input", None), ("LSTM", "input1"))
    for x, y in ((40, 40), (640, 40), (40, 830), (640, 830)):
        rect = canvas.canvas_scene.cards["lstm1"].rect()
        canvas.pan(QPoint(x, y) - canvas.mapFromScene(QPointF(rect.x, rect.y)))
        canvas.select([])
        canvas.select(["lstm1"])
        popup = canvas.notices.popup.geometry()
        assert canvas.viewport().rect().contains(popup), (x, y)
        assert not popup.intersects(canvas.area_in_window("lstm1")), (x, y)
