"""Whatever happens in the middle of a gesture, no half of it stays: Esc, undo, faults, windows (requirement 9)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from designer.canvas.view import Canvas
from graph_ir.annotations import Comment, Frame
from graph_ir.file import dump
from graph_ir.graph import Design
from tests.block_designs import small_resnet
from tests.designer.canvases import (
    CTRL,
    LEFT,
    MIDDLE,
    NONE,
    Key,
    a_canvas,
    chain,
    drag,
    empty,
    let_go,
    middle,
    move,
    on_wire,
    place,
    port,
    title_of,
    wires,
)

Begin = Callable[[Canvas], QPoint]


def _card(canvas: Canvas) -> QPoint:
    start = middle(canvas, "relu1")
    drag(canvas, start, start + QPoint(90, 40), drop=False)
    return start + QPoint(90, 40)


def _wire(canvas: Canvas) -> QPoint:
    end = port(canvas, "relu1", "inputs", "x")
    drag(canvas, port(canvas, "input1", "outputs", "y"), end, drop=False)
    return end


def _wire_end(canvas: Canvas) -> QPoint:
    drag(canvas, port(canvas, "relu1", "inputs", "x"), empty(canvas), drop=False)
    return empty(canvas)


def _band(canvas: Canvas) -> QPoint:
    drag(canvas, middle(canvas, "input1") - QPoint(300, 40), middle(canvas, "conv1"), drop=False)
    return middle(canvas, "conv1")


def _bend(canvas: Canvas) -> QPoint:
    start = on_wire(canvas, "conv1")
    drag(canvas, start, start + QPoint(90, 0), drop=False, held=CTRL)
    return start + QPoint(90, 0)


def _frame(canvas: Canvas) -> QPoint:
    start = title_of(canvas)
    drag(canvas, start, start + QPoint(90, 40), drop=False)
    return start + QPoint(90, 40)


def _edge(canvas: Canvas) -> QPoint:
    rect = canvas.canvas_scene.view.frames[0].rect
    start = canvas.mapFromScene(rect.right, rect.bottom)
    drag(canvas, start, start + QPoint(90, 40), drop=False)
    return start + QPoint(90, 40)


GESTURES = (_card, _wire, _wire_end, _band, _bend, _frame, _edge)


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    found = chain(qtbot)
    found.document.add_frame("", Frame("Encoder", (-48, 60, 288, 228)))
    found.document.add_comment("", Comment("why", (-312, 0, 216, 72)))
    found.document.undo_stack.clear()
    return found


def is_calm(canvas: Canvas) -> bool:
    """Nothing is being done, and nothing of it is seen."""
    guides = canvas.guides
    return not (canvas.hand.is_busy or guides.lines or guides.path or guides.outlines or guides.ghost)


@pytest.mark.parametrize("begin", GESTURES)
def test_escape_drops_any_gesture_without_a_trace(canvas: Canvas, begin: Begin) -> None:
    before, selected = dump(canvas.document.design), canvas.things()
    end = begin(canvas)
    assert canvas.hand.is_busy
    QTest.keyClick(canvas, Key.Key_Escape)
    assert is_calm(canvas)
    let_go(canvas, end)
    assert dump(canvas.document.design) == before
    assert canvas.document.undo_stack.count() == 0
    assert not canvas.adder.list.isVisible()
    if begin is _band:
        assert canvas.things() == selected


@pytest.mark.parametrize("begin", GESTURES)
def test_a_mouse_that_is_taken_away_drops_the_gesture(canvas: Canvas, begin: Begin) -> None:
    before = dump(canvas.document.design)
    end = begin(canvas)
    QApplication.sendEvent(canvas.viewport(), QEvent(QEvent.Type.UngrabMouse))
    assert is_calm(canvas)
    move(canvas, end + QPoint(20, 20))
    let_go(canvas, end)
    assert dump(canvas.document.design) == before


@pytest.mark.parametrize("begin", GESTURES)
def test_a_window_that_comes_in_front_drops_the_gesture(canvas: Canvas, begin: Begin, qtbot: QtBot) -> None:
    before = dump(canvas.document.design)
    end = begin(canvas)
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    assert is_calm(canvas)
    let_go(canvas, end)
    assert dump(canvas.document.design) == before


@pytest.mark.parametrize("begin", GESTURES)
def test_an_undo_in_the_middle_drops_the_gesture_and_what_it_was_about(canvas: Canvas, begin: Begin) -> None:
    empty_design = dump(Design())
    while canvas.graph.ids():
        canvas.document.remove_layers("", canvas.graph.ids()[-1:])
    canvas.document.remove_frame("", 0)
    canvas.document.remove_comment("", 0)
    nothing = dump(canvas.document.design)
    canvas.document.undo_stack.setIndex(0)
    end = begin(canvas)
    canvas.document.undo_stack.setIndex(canvas.document.undo_stack.count())
    assert is_calm(canvas)
    move(canvas, end)
    let_go(canvas, end)
    assert dump(canvas.document.design) == nothing
    assert len(nothing) <= len(empty_design) + 400


def test_a_network_that_is_left_in_the_middle_drops_the_gesture(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot)
    canvas.document.load(small_resnet())
    canvas.select(["layer1"])
    canvas.rooms.enter()
    assert canvas.network
    before = dump(canvas.document.design)
    name = next(name for name in canvas.canvas_scene.cards if name.startswith("conv"))
    start = middle(canvas, name)
    drag(canvas, start, start + QPoint(60, 30), drop=False)
    canvas.rooms.leave()
    assert is_calm(canvas)
    let_go(canvas, start)
    assert dump(canvas.document.design) == before


@pytest.mark.qt_log_ignore("not accepted by receiving widget", extend=True)  # the fault came first
@pytest.mark.parametrize("begin", GESTURES)
@pytest.mark.parametrize("when", ["move", "release"])
def test_a_fault_drops_the_gesture_and_what_it_had_done(
    canvas: Canvas, begin: Begin, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(canvas.document.design)
    end = begin(canvas)

    def fails(*_given: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(type(canvas.hand._gesture), when, fails)  # any gesture
    with pytest.raises(
        RuntimeError, match="planted"
    ):  # from an event loop the window's fault hook hears of it
        if when == "move":
            move(canvas, end + QPoint(3, 3))
        else:
            let_go(canvas, end)
    assert is_calm(canvas)
    let_go(canvas, end)
    assert dump(canvas.document.design) == before


@pytest.mark.qt_log_ignore("not accepted by receiving widget", extend=True)  # the fault came first
def test_a_fault_half_way_through_a_release_is_taken_back_whole(
    canvas: Canvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dump(canvas.document.design)
    end = _frame(canvas)

    def fails(*_given: object, **_named: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(canvas.document, "change_frame", fails)
    with pytest.raises(RuntimeError, match="planted"):
        let_go(canvas, end)
    assert dump(canvas.document.design) == before, "the layers inside had been moved already"
    assert place(canvas, "conv1") == (0, 96)
    assert is_calm(canvas)


def test_a_wire_that_is_refused_at_its_new_end_stays_at_the_old_one(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None), ("Add", "input1"), ("ReLU", "add1"), ("Tanh", "relu1"))
    before = wires(canvas)
    count = canvas.document.undo_stack.count()
    drag(canvas, port(canvas, "tanh1", "inputs", "x"), port(canvas, "add1", "inputs", "x2"))
    assert wires(canvas) == before, "it would close a circle"
    assert canvas.document.undo_stack.count() == count
    assert "circle" in canvas.notices.bubble.text()


def test_requirement_4_held_at_the_edge_a_drag_scrolls_on(canvas: Canvas, qtbot: QtBot) -> None:
    before = place(canvas, "relu1")
    start, edge = middle(canvas, "relu1"), QPoint(canvas.viewport().width() - 3, 300)
    QTest.mousePress(canvas.viewport(), LEFT, NONE, start)
    move(canvas, edge)
    seen = canvas.mapToScene(0, 0).x()
    qtbot.waitUntil(lambda: canvas.mapToScene(0, 0).x() > seen + 200)
    let_go(canvas, edge)
    assert place(canvas, "relu1")[0] > before[0] + 200 + 400
    at_rest = canvas.mapToScene(0, 0)
    qtbot.wait(60)
    assert canvas.mapToScene(0, 0) == at_rest


def test_a_second_button_does_not_disturb_the_first(canvas: Canvas) -> None:
    start = middle(canvas, "relu1")
    drag(canvas, start, start + QPoint(96, 0), drop=False)
    QTest.mousePress(canvas.viewport(), MIDDLE, NONE, start + QPoint(96, 0))
    QTest.mouseRelease(canvas.viewport(), MIDDLE, NONE, start + QPoint(96, 0))
    assert canvas.hand.is_busy
    let_go(canvas, start + QPoint(96, 0))
    assert place(canvas, "relu1") == (96, 192)
