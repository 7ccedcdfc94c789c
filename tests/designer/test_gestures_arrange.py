"""Layers arranged by hand and by commands: aligned, caught on lines, out of wires and into them (requirements 3, 7)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPaintEvent, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from designer.canvas.gestures.marks import Mark
from designer.canvas.view import Canvas
from designer.main_window import MainWindow
from graph_ir.annotations import Comment, Frame
from graph_ir.file import dump
from tests.designer.canvases import (
    ALT,
    CTRL,
    LEFT,
    NONE,
    RIGHT,
    SHIFT,
    Key,
    a_canvas,
    chain,
    click,
    drag,
    empty,
    let_go,
    middle,
    move,
    on_wire,
    one_undo_takes_it_back,
    place,
    rows,
    title_of,
    wires,
)
from tests.designer.windows import a_window


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    """A window with input1 → conv1 → relu1, and a Tanh beside them, at 100 %."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        document, canvas = made.document, made.design.canvas
        for type, after in (("Input", None), ("Conv2d", "input1"), ("ReLU", "conv1"), ("Tanh", None)):
            document.add_layer("", type, after=(after, "y") if after else None)
        canvas.put_layers({"input1": (0, 0), "conv1": (0, 96), "relu1": (0, 192), "tanh1": (360, 120)})
        canvas.fit_all()
        canvas.zoom_reset()
        made.activateWindow()
        qtbot.waitUntil(made.isActiveWindow)
        canvas.setFocus()
        document.undo_stack.clear()
        yield made


# Aligning


@pytest.mark.parametrize(
    ("command", "index"), [("left", 0), ("centre", 0), ("right", 0), ("top", 1), ("middle", 1), ("bottom", 1)]
)
def test_requirement_7_commands_align_in_one_step(window: MainWindow, command: str, index: int) -> None:
    canvas = window.design.canvas
    before = dump(window.document.design)
    canvas.select(["conv1", "tanh1"])
    window.actions_[f"align_{command}"].trigger()
    assert place(canvas, "conv1")[index] == place(canvas, "tanh1")[index]
    assert not canvas.canvas_scene.cards["conv1"].rect().meets(canvas.canvas_scene.cards["tanh1"].rect())
    assert place(canvas, "relu1") == (0, 192)
    one_undo_takes_it_back(canvas, before)


def test_requirement_7_commands_distribute_in_one_step(window: MainWindow) -> None:
    canvas = window.design.canvas
    canvas.put_layers({"relu1": (0, 400), "tanh1": (360, 0)})
    window.document.undo_stack.clear()
    before = dump(window.document.design)
    canvas.select(["input1", "conv1", "relu1"])
    window.actions_["distribute_down"].trigger()
    assert rows(canvas, ["input1", "conv1", "relu1"]) == [0, 200, 400]
    one_undo_takes_it_back(canvas, before)


def test_commands_that_need_more_things_say_so(window: MainWindow) -> None:
    canvas = window.design.canvas
    before = dump(window.document.design)
    canvas.select(["conv1"])
    for command in ("align_left", "distribute_across", "add_bend", "disconnect", "insert_here", "edit_mark"):
        window.actions_[command].trigger()
        assert "selected" in window.actions_.why(command), command
    assert dump(window.document.design) == before


# Catching on lines


def test_a_drag_shows_the_lines_it_catches_on_and_stops_there(window: MainWindow) -> None:
    canvas = window.design.canvas
    canvas.put_layers({"tanh1": (365, 300)})  # off the grid
    start = middle(canvas, "relu1")
    drag(canvas, start, start + QPoint(368, 0), drop=False)
    lines = canvas.guides.lines
    assert {round(line.x1) for line in lines if line.x1 == line.x2} == {365, 463, 561}
    let_go(canvas, start + QPoint(368, 0))
    assert place(canvas, "relu1") == (365, 192)
    assert canvas.guides.lines == ()


class Repaints(QObject):
    """What of a viewport is painted again by itself; pictures that a test takes do not count."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.region, self.is_on = QRegion(), True
        canvas.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self.is_on and isinstance(event, QPaintEvent):
            self.region += event.region()
        return False

    def picture(self, canvas: Canvas) -> QImage:
        """What the canvas looks like painted anew."""
        self.is_on = False
        image = canvas.viewport().grab().toImage()
        self.is_on = True
        return image


def test_requirement_11_a_drag_repaints_what_looks_different_and_not_the_window(window: MainWindow) -> None:
    canvas = window.design.canvas
    canvas.glider.on = False
    canvas.put_layers({"tanh1": (365, 300)})
    start = middle(canvas, "relu1")
    drag(canvas, start, start + QPoint(150, 40), drop=False)
    QTest.qWait(300)  # everything is sharp, nothing moves
    seen = Repaints(canvas)
    whole = canvas.viewport().width() * canvas.viewport().height()
    for by in (QPoint(190, 60), QPoint(368, 0), QPoint(300, 20), QPoint(362, 90), None):
        before, seen.region = seen.picture(canvas), QRegion()
        if by is None:
            let_go(canvas, start + QPoint(362, 90))
        else:
            move(canvas, start + by)
        QTest.qWait(30)
        painted = seen.region
        after = seen.picture(canvas)
        missed = [
            (x, y)
            for x in range(0, after.width(), 2)
            for y in range(after.height())
            if before.pixel(x, y) != after.pixel(x, y) and not painted.contains(QPoint(x, y))
        ]
        assert missed == []
        if by is not None:
            assert sum(part.width() * part.height() for part in painted) < whole / 2  # type: ignore[attr-defined]  # a region is a list of its parts


@pytest.mark.parametrize("how", ["alt", "switch"])
def test_with_alt_or_without_the_switch_nothing_catches(window: MainWindow, how: str) -> None:
    canvas = window.design.canvas
    if how == "switch":
        window.actions_["snap"].trigger()
        assert window.settings.flag("snap", True) is False
    canvas.select(["tanh1"])
    start = middle(canvas, "tanh1")
    QTest.mousePress(canvas.viewport(), LEFT, NONE, start)
    held = ALT if how == "alt" else NONE
    for step in (10, 37):
        move(canvas, start + QPoint(step, 11), held=held)
    let_go(canvas, start + QPoint(37, 11), held)
    assert place(canvas, "tanh1") == (397, 131)


def test_alt_counts_as_soon_as_it_is_pressed(window: MainWindow) -> None:
    canvas = window.design.canvas
    start = middle(canvas, "tanh1")
    drag(canvas, start, start + QPoint(37, 11), drop=False)
    caught = canvas.canvas_scene.cards["tanh1"].rect().x
    QTest.keyPress(canvas, Key.Key_Alt)
    assert canvas.canvas_scene.cards["tanh1"].rect().x == 397 != caught
    QTest.keyRelease(canvas, Key.Key_Alt, ALT)
    assert canvas.canvas_scene.cards["tanh1"].rect().x == caught


# Out of wires and into them


def test_requirement_3_alt_drags_a_layer_out_of_its_wires_which_heal(window: MainWindow) -> None:
    canvas = window.design.canvas
    before = dump(window.document.design)
    start = middle(canvas, "conv1")
    drag(canvas, start, start + QPoint(-300, 0), held=ALT, drop=False)
    assert canvas.guides.path is not None, "the wire that will close the gap is shown"
    let_go(canvas, start + QPoint(-300, 0), ALT)
    assert wires(canvas) == {"input1.y-relu1.x"}
    assert place(canvas, "conv1")[0] < -280
    one_undo_takes_it_back(canvas, before)


def test_requirement_3_out_of_one_wire_into_another_is_one_step(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None), ("ReLU", "input1"), ("Tanh", "relu1"), ("Sigmoid", "tanh1"))
    canvas.document.undo_stack.clear()
    before = dump(canvas.document.design)
    drag(canvas, middle(canvas, "relu1"), on_wire(canvas, "tanh1"), held=ALT)
    assert wires(canvas) == {"input1.y-tanh1.x", "tanh1.y-relu1.x", "relu1.y-sigmoid1.x"}
    assert rows(canvas, ["tanh1", "relu1", "sigmoid1"]) == sorted(
        rows(canvas, ["tanh1", "relu1", "sigmoid1"])
    )
    assert canvas.selected() == ["relu1"]
    one_undo_takes_it_back(canvas, before)


def test_requirement_3_a_chain_without_other_wires_is_put_into_a_wire(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    canvas.document.add_layer("", "Tanh", position=(480, 0))
    canvas.document.add_layer("", "Dropout", after=("tanh1", "y"), position=(480, 96))
    canvas.document.undo_stack.clear()
    before = dump(canvas.document.design)
    canvas.select(["tanh1", "dropout1"])
    drag(canvas, middle(canvas, "tanh1"), on_wire(canvas, "conv1"))
    assert wires(canvas) == {
        "input1.y-conv1.x",
        "conv1.y-tanh1.x",
        "tanh1.y-dropout1.x",
        "dropout1.y-relu1.x",
    }
    names = ["conv1", "tanh1", "dropout1", "relu1"]
    assert [b - a for a, b in zip(rows(canvas, names), rows(canvas, names)[1:], strict=False)] == [96] * 3
    one_undo_takes_it_back(canvas, before)


def test_requirement_3_a_layer_with_wires_is_not_put_into_a_wire_it_is_dragged_over(qtbot: QtBot) -> None:
    canvas = a_canvas(qtbot, ("Input", None), ("ReLU", "input1"), ("Tanh", "relu1"), ("Sigmoid", "tanh1"))
    before = wires(canvas)
    drag(canvas, middle(canvas, "relu1"), on_wire(canvas, "tanh1"))
    assert wires(canvas) == before


def test_requirement_3_delete_heals_over_a_chain_and_a_merge(qtbot: QtBot) -> None:
    canvas = a_canvas(
        qtbot, ("Input", None), ("ReLU", "input1"), ("Tanh", "relu1"), ("Add", "tanh1"), ("Sigmoid", "add1")
    )
    canvas.document.undo_stack.clear()
    before = dump(canvas.document.design)
    canvas.select(["relu1", "tanh1", "add1"])
    QTest.keyClick(canvas, Key.Key_Delete)
    assert wires(canvas) == {"input1.y-sigmoid1.x"}
    one_undo_takes_it_back(canvas, before)
    canvas.select(["relu1", "tanh1", "add1"])
    QTest.keyClick(canvas, Key.Key_Delete, SHIFT)
    assert wires(canvas) == set()
    one_undo_takes_it_back(canvas, before)


def test_take_out_is_a_command_with_a_key(window: MainWindow) -> None:
    canvas = window.design.canvas
    canvas.select(["conv1"])
    QTest.keyClick(canvas, Key.Key_Delete, ALT)
    assert wires(canvas) == {"input1.y-relu1.x"}
    assert "conv1" in canvas.graph


def test_a_layer_is_asked_for_and_put_into_the_selected_wire(window: MainWindow) -> None:
    canvas = window.design.canvas
    before = dump(window.document.design)
    click(canvas, on_wire(canvas, "conv1"))
    QTest.keyClick(canvas, Key.Key_I)
    assert canvas.adder.list.isVisible()
    QTest.keyClicks(canvas.adder.list.field, "batchnorm2")
    QTest.keyClick(canvas.adder.list.field, Key.Key_Return)
    assert {"conv1.y-batchnorm1.x", "batchnorm1.y-relu1.x"} <= wires(canvas)
    assert place(canvas, "batchnorm1")[1] == 192
    one_undo_takes_it_back(canvas, before)


# Menus


def menu_at(window: MainWindow, spot: QPoint) -> QMenu:
    QTest.mouseClick(window.design.canvas.viewport(), RIGHT, NONE, spot)
    menu = window.findChild(QMenu, "of the selection")
    assert menu is not None
    return menu


def names(menu: QMenu) -> list[str]:
    return [action.text().replace("&", "") for action in menu.actions() if action.text()]


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
def test_a_right_click_offers_what_can_be_done_with_what_is_there(window: MainWindow) -> None:
    canvas, document = window.design.canvas, window.document
    document.add_frame("", Frame("Encoder", (-48, 60, 288, 228)))
    document.add_comment("", Comment("why", (330, 0, 216, 72)))
    menu = menu_at(window, middle(canvas, "tanh1"))
    assert canvas.selected() == ["tanh1"]
    assert "Delete only" in names(menu)
    delete = next(action for action in menu.actions() if action.text().replace("&", "") == "Delete only")
    assert delete.shortcut().toString() == "Shift+Del", "the keys are those of the commands"
    menu.close()
    menu = menu_at(window, on_wire(canvas, "conv1"))
    assert [wire.source for wire in canvas.chosen_wires()] == ["conv1"]
    assert "Take the wire away" in names(menu)
    assert "Delete only" not in names(menu)
    menu.close()
    menu = menu_at(window, title_of(canvas))
    assert canvas.things() == [Mark("frame", 0)]
    assert {"Colour", "Edit the title or text"} <= set(names(menu))
    menu.close()
    menu = menu_at(window, canvas.mapFromScene(QPointF(400, 30)))
    assert canvas.things() == [Mark("comment", 0)]
    assert "Colour" not in names(menu)
    menu.close()
    canvas.select(["conv1", "relu1"])
    menu = menu_at(window, middle(canvas, "conv1"))
    assert canvas.selected() == ["conv1", "relu1"], "a click on what is selected keeps the selection"
    assert "Align and distribute" in names(menu)
    menu.close()
    QTest.mouseClick(canvas.viewport(), RIGHT, NONE, empty(canvas))
    assert not menu.isVisible()
    assert canvas.adder.list.isVisible(), "on empty ground the search opens (requirement 1)"


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
def test_a_frame_takes_the_colour_of_a_category_from_its_menu(window: MainWindow) -> None:
    canvas, document = window.design.canvas, window.document
    document.add_frame("", Frame("Encoder", (-48, 60, 288, 228)))
    document.undo_stack.clear()
    before = dump(document.design)
    spot = title_of(canvas) + QPoint(40, 0)
    plain = canvas.grab().toImage().pixelColor(canvas.viewport().mapTo(canvas, spot))
    menu = menu_at(window, title_of(canvas))
    (colours,) = [action.menu() for action in menu.actions() if action.text() == "&Colour"]
    assert isinstance(colours, QMenu)
    next(action for action in colours.actions() if action.text() == "Recurrent").trigger()
    menu.close()
    assert canvas.canvas_scene.view.frames[0].colour == "recurrent"
    assert canvas.grab().toImage().pixelColor(canvas.viewport().mapTo(canvas, spot)) != plain
    one_undo_takes_it_back(canvas, before)


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
def test_the_menu_has_a_key(window: MainWindow) -> None:
    canvas = window.design.canvas
    canvas.select(["tanh1"])
    QTest.keyClick(canvas, Key.Key_F10, SHIFT)
    menu = window.findChild(QMenu, "of the selection")
    assert menu is not None
    assert menu.isVisible()
    assert "Delete only" in names(menu)
    menu.close()


# Writing and the rest of the window


def test_what_is_being_written_is_saved_with_the_design(window: MainWindow, tmp_path: Path) -> None:
    canvas = window.design.canvas
    window.files.files.save(tmp_path / "a.loom.json")
    QTest.keyClick(canvas, Key.Key_C, SHIFT)
    QTest.keyClicks(canvas.writer.text, "kept")
    QTest.keyClick(QApplication.focusWidget(), Key.Key_S, CTRL)
    assert '"kept"' in (tmp_path / "a.loom.json").read_text(encoding="utf-8")
    assert not window.document.is_edited


def test_the_mouse_looks_like_what_it_would_do(window: MainWindow) -> None:
    canvas = window.design.canvas
    window.document.add_frame("", Frame("Encoder", (-48, 60, 288, 228)))
    corner = canvas.mapFromScene(QPointF(240, 288))
    shapes = Qt.CursorShape
    for spot, shape in (
        (corner, shapes.SizeFDiagCursor),
        (title_of(canvas), shapes.SizeAllCursor),
        (on_wire(canvas, "input1", 10), shapes.PointingHandCursor),
        (middle(canvas, "conv1"), shapes.ArrowCursor),
        (empty(canvas), shapes.ArrowCursor),
    ):
        QTest.mouseMove(canvas.viewport(), spot)
        assert canvas.viewport().cursor().shape() == shape, shape


def test_requirement_9_all_that_the_hand_did_is_undone_to_the_byte(window: MainWindow) -> None:
    canvas, document = window.design.canvas, window.document
    before, states = dump(document.design), list[str]()

    def done() -> None:
        assert dump(document.design) not in (before, *states[-1:]), "every step changes something"
        states.append(dump(document.design))

    start = middle(canvas, "tanh1")
    drag(canvas, start, start + QPoint(48, 96))
    done()
    drag(canvas, middle(canvas, "conv1"), middle(canvas, "conv1") - QPoint(300, 0), held=ALT)
    done()
    drag(canvas, middle(canvas, "conv1"), on_wire(canvas, "input1"))
    done()
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, on_wire(canvas, "conv1"))
    done()
    canvas.select(["conv1", "relu1"])
    QTest.keyClick(canvas, Key.Key_F, SHIFT)
    done()
    QTest.keyClicks(canvas.writer.title, "Body")
    QTest.keyClick(canvas.writer.title, Key.Key_Return)
    done()
    drag(canvas, title_of(canvas), title_of(canvas) + QPoint(96, 24))
    done()
    canvas.choose([])
    QTest.keyClick(canvas, Key.Key_C, SHIFT)
    QTest.keyClicks(canvas.writer.text, "why")
    click(canvas, empty(canvas))
    done()
    canvas.select(["tanh1", "relu1"])
    window.actions_["align_left"].trigger()
    done()
    document.set_section(("training", "data"), {"source": "digits"})
    done()
    document.set_section(("training", "epochs"), 7)
    done()
    QTest.keyClick(canvas, Key.Key_A, CTRL)
    QTest.keyClick(canvas, Key.Key_Delete)
    done()
    assert document.undo_stack.count() == len(states)
    for state in reversed(states):
        assert dump(document.design) == state
        document.undo_stack.undo()
    assert dump(document.design) == before
    for state in states:
        document.undo_stack.redo()
        assert dump(document.design) == state
