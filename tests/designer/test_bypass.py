"""B leaves layers out, H hides them from pictures, label and note have keys: one undo step each (requirement 7)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from codegen.diagram.options import DiagramOptions
from codegen.diagram.picture import picture
from codegen.module import print_module
from designer.main_window import MainWindow
from graph_ir.annotations import annotations_of
from graph_ir.file import dump
from tests.designer.windows import a_window, use_template

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        made.resize(1400, 1000)
        use_template(made, "digits")
        made.design.show_all()
        made.activateWindow()
        made.design.canvas.setFocus()
        yield made


def press(window: MainWindow, key: Qt.Key, keys: Qt.KeyboardModifier = Keys.NoModifier) -> None:
    QTest.keyClick(window.design.canvas, key, keys)
    QApplication.processEvents()


def darkest(window: MainWindow, name: str) -> int:
    """How light the darkest spot of the title of a card is on the screen: 0 is black."""
    canvas = window.design.canvas
    canvas.select([])
    QTest.qWait(300)  # what was zoomed is painted sharply a little later
    area = canvas.area_in_window(name)
    area = area.adjusted(8, 5, -8, -area.height() // 2)
    image: QImage = canvas.viewport().grab(area).toImage()
    spots = [(x, y) for x in range(image.width()) for y in range(image.height())]
    return min(image.pixelColor(x, y).lightness() for x, y in spots)


def test_b_leaves_the_selection_out_and_puts_it_back_in_one_step_each(window: MainWindow) -> None:
    canvas, document = window.design.canvas, window.document
    before, parameters = dump(document.design), document.report.parameters
    name = next(n for n in document.report.order if document.report.layers[n].node.type == "ReLU")
    plain = darkest(window, name)
    canvas.select([name])
    press(window, Key.Key_B)
    assert document.undo_stack.count() == 1
    assert canvas.graph.node(name).bypass and canvas.canvas_scene.cards[name].view.bypassed
    assert name not in print_module(document.design, document.report).source
    assert darkest(window, name) > plain + 40, "it is dimmed"
    canvas.select([name])
    press(window, Key.Key_B)
    assert document.undo_stack.count() == 2 and dump(document.design) == before
    assert abs(darkest(window, name) - plain) < 10
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert dump(document.design) == before and document.report.parameters == parameters


def test_where_some_are_bypassed_b_bypasses_the_others_too(window: MainWindow) -> None:
    canvas = window.design.canvas
    names = [n for n in window.document.report.order if n.startswith("relu")][:2]
    canvas.select(names[:1])
    press(window, Key.Key_B)
    canvas.select(names)
    press(window, Key.Key_B)
    assert all(canvas.graph.node(name).bypass for name in names)
    press(window, Key.Key_B)
    assert not any(canvas.graph.node(name).bypass for name in names)


def test_what_can_not_be_bypassed_says_why_and_changes_nothing(window: MainWindow, qtbot: QtBot) -> None:
    canvas, document = window.design.canvas, window.document
    before = dump(document.design)
    first = document.report.order[0]
    canvas.select([first])
    with qtbot.waitSignal(canvas.status) as said:
        press(window, Key.Key_B)
    assert "can't be bypassed: it is an Input" in said.args[0]
    assert dump(document.design) == before and not document.undo_stack.count()


def test_the_letters_are_letters_in_a_field(window: MainWindow) -> None:
    canvas, before = window.design.canvas, dump(window.document.design)
    canvas.select(["conv1"])
    press(window, Key.Key_F2, Keys.ShiftModifier)
    field = QApplication.focusWidget()
    assert field is not canvas
    QTest.keyClicks(field, "bh")
    assert dump(window.document.design) == before
    QTest.keyClick(field, Key.Key_Return)
    assert canvas.graph.node("conv1").label == "bh" and not canvas.graph.node("conv1").bypass


def test_h_hides_from_pictures_and_shows_again(window: MainWindow) -> None:
    canvas, document = window.design.canvas, window.document
    before = dump(document.design)
    canvas.select(["conv1"])
    press(window, Key.Key_H)
    assert annotations_of(document.design.layout).hidden == {"conv1"}
    assert canvas.canvas_scene.cards["conv1"].view.is_hidden
    drawn = picture(document.design, document.report, DiagramOptions())
    assert ["conv1"] not in [card.title for card in drawn.cards]
    press(window, Key.Key_H)
    assert not annotations_of(document.design.layout).hidden
    for _ in range(2):
        document.undo_stack.undo()
    assert dump(document.design) == before


def test_a_note_is_written_by_key(window: MainWindow) -> None:
    canvas, document = window.design.canvas, window.document
    canvas.select(["conv1"])
    press(window, Key.Key_M, Keys.ControlModifier)
    field = QApplication.focusWidget()
    assert field is not canvas
    QTest.keyClicks(field, "ask Ada")
    canvas.setFocus()
    assert annotations_of(document.design.layout).notes == {"conv1": "ask Ada"}
    document.undo_stack.undo()
    assert not annotations_of(document.design.layout).notes
