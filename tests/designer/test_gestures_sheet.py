"""The sheet under the hand: panned, zoomed, fitted (requirement 4)."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.canvas.view import Canvas
from tests.designer.canvases import (
    CTRL,
    LEFT,
    MIDDLE,
    NONE,
    Key,
    chain,
    drag,
    middle,
)


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


def test_the_wheel_zooms_about_the_mouse_and_two_fingers_pan(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    wheel(canvas, 120)
    assert canvas.zoom == pytest.approx(1.2)
    wheel(canvas, -120, modifier=CTRL)
    assert canvas.zoom == pytest.approx(1.0)
    before = canvas.mapToScene(0, 0)
    wheel(canvas, 60, pixels=30)
    assert canvas.zoom == pytest.approx(1.0)
    assert canvas.mapToScene(0, 0).y() == pytest.approx(before.y() - 30, abs=1)


def test_requirement_4_what_is_under_the_mouse_stays_there_while_the_wheel_turns(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    QTest.mouseMove(canvas.viewport(), QPoint(700, 120))  # elsewhere: the wheel's own place counts
    under = canvas.mapToScene(400, 300)
    for _ in range(4):
        wheel(canvas, 120)
    assert canvas.zoom > 2
    assert (canvas.mapFromScene(under) - QPoint(400, 300)).manhattanLength() <= 4
    for _ in range(8):
        wheel(canvas, -120)
    assert canvas.zoom < 0.5
    assert (canvas.mapFromScene(under) - QPoint(400, 300)).manhattanLength() <= 4


def test_requirement_4_keys_zoom_about_the_middle(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    centre = canvas.viewport().rect().center()
    before = canvas.mapToScene(centre)
    QTest.keyClick(canvas, Key.Key_Plus)
    assert (canvas.mapFromScene(before) - centre).manhattanLength() <= 2


def test_pinch_zooms(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
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


def test_keys_zoom_and_fit(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    with qtbot.waitSignal(canvas.zoom_changed):
        QTest.keyClick(canvas, Key.Key_Plus)
    assert canvas.zoom > 1
    QTest.keyClick(canvas, Key.Key_0)
    assert canvas.zoom == pytest.approx(1)
    QTest.keyClick(canvas, Key.Key_Minus)
    assert canvas.zoom < 1
    QTest.keyClick(canvas, Key.Key_Home)
    assert 1 < canvas.zoom <= 1.25
    for name in canvas.canvas_scene.cards:
        assert canvas.viewport().rect().contains(middle(canvas, name))
    canvas.select(["relu1"])
    QTest.keyClick(canvas, Key.Key_F)
    assert (middle(canvas, "relu1") - canvas.viewport().rect().center()).manhattanLength() < 80


@pytest.mark.parametrize("with_space", [False, True])
def test_the_middle_button_and_space_pan_and_open_no_list(qtbot: QtBot, with_space: bool) -> None:
    canvas = chain(qtbot)
    before = canvas.mapToScene(0, 0)
    if with_space:
        QTest.keyPress(canvas, Key.Key_Space)
    drag(canvas, QPoint(300, 300), QPoint(360, 340), LEFT if with_space else MIDDLE)
    if with_space:
        QTest.keyRelease(canvas, Key.Key_Space)
    after = canvas.mapToScene(0, 0)
    assert (before - after).toPoint() == QPoint(60, 40)
    assert not canvas.adder.list.isVisible()
