"""What the canvas shows: edits, problems, pills on demand, looks."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QSize
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from designer.theme import load_theme
from graph_ir.graph import Wire
from tests.designer.canvases import (
    a_canvas,
    chain,
    empty,
    middle,
    port,
)


def test_undo_and_redo_are_seen(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None))
    canvas.document.add_layer("", "ReLU", after=("input1", "y"))
    assert set(canvas.canvas_scene.cards) == {"input1", "relu1"}
    canvas.document.undo_stack.undo()
    assert set(canvas.canvas_scene.cards) == {"input1"}
    canvas.document.undo_stack.redo()
    assert set(canvas.canvas_scene.wires) == {(("input1", "y"), ("relu1", "x"))}


def test_the_popup_follows_the_selection_and_goes_when_mended(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None), ("LSTM", "input1"), ("ReLU", "input1"))
    canvas.select(["lstm1"])
    assert canvas.notices.popup.isVisible()
    canvas.select(["relu1"])
    assert not canvas.notices.popup.isVisible(), "a hint opens nothing by itself"
    canvas.select(["lstm1"])
    canvas.document.disconnect("", Wire("input1", "y", "lstm1", "x"))
    canvas.document.set_fields("", "input1", {"shape": ["N", 12, 8]})
    canvas.document.connect("", Wire("input1", "y", "lstm1", "x"))
    assert not canvas.notices.popup.isVisible()


def test_at_small_zoom_a_pill_shows_while_its_wire_is_pointed_at(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    canvas.set_zoom(0.5)
    spot = port(canvas, "conv1", "outputs", "y") + QPoint(0, 8)
    QTest.mouseMove(canvas.viewport(), empty(canvas))  # wherever the test before has left it
    around = QRect(canvas.viewport().mapTo(canvas, spot) - QPoint(60, 20), QSize(120, 40))
    without = canvas.grab(around).toImage()
    QTest.mouseMove(canvas.viewport(), spot)
    assert canvas.grab(around).toImage() != without
    QTest.mouseMove(canvas.viewport(), empty(canvas))
    qtbot.waitUntil(lambda: canvas.grab(around).toImage() == without)


def test_another_look_paints_everything_anew(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
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


def test_the_popup_stays_inside_and_covers_no_card_where_there_is_room(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None), ("LSTM", "input1"))
    for x, y in ((40, 40), (640, 40), (40, 830), (640, 830)):
        rect = canvas.canvas_scene.cards["lstm1"].rect()
        canvas.pan(QPoint(x, y) - canvas.mapFromScene(QPointF(rect.x, rect.y)))
        canvas.select([])
        canvas.select(["lstm1"])
        popup = canvas.notices.popup.geometry()
        assert canvas.viewport().rect().contains(popup), (x, y)
        assert not popup.intersects(canvas.area_in_window("lstm1")), (x, y)
