"""Blocks in the window, with real events: seen, entered, edited, made, made unique and dissolved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from designer.canvas.adding.search import Fit
from designer.main_window import MainWindow
from designer.panels.field_row import FieldRow
from graph_ir.file import dump
from graph_ir.graph import Design, Node
from tests.block_designs import attention_network, siamese, small_resnet
from tests.designer.pages import type_into
from tests.designer.windows import a_window, words

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE, CTRL, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        yield made


def show(window: MainWindow, design: Design) -> None:
    window.document.load(design)
    QApplication.processEvents()


def middle(window: MainWindow, name: str) -> QPoint:
    return window.design.canvas.area_in_window(name).center()


def click(window: MainWindow, name: str, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(window.design.canvas.viewport(), LEFT, modifiers, middle(window, name))


def enter(window: MainWindow, name: str) -> None:
    """As a mouse does it: two clicks, the second of which is told as a double click."""
    click(window, name)
    QTest.mouseDClick(window.design.canvas.viewport(), LEFT, NONE, middle(window, name))


def card_words(window: MainWindow, name: str) -> tuple[str, str, str]:
    view = window.design.canvas.canvas_scene.cards[name].view
    return view.title, view.name, view.values


def crumbs(window: MainWindow) -> list[QPushButton]:
    QApplication.processEvents()  # what was just added to a layout is shown by the next turn
    return [part for part in window.design.canvas.rooms.breadcrumb.parts if part.isVisible()]


def test_a_card_says_its_block_how_often_and_with_what(window: MainWindow) -> None:
    show(window, small_resnet())
    assert card_words(window, "layer1") == ("Residual", "layer1", "× 3 · channels 16")
    assert card_words(window, "layer2")[2] == "× 3 · channels 32 · stride 2 if i == 0 else 1"
    show(window, attention_network())
    assert card_words(window, "sentence") == ("Encoder", "sentence", "each step · hidden 12")
    assert [port.name for port in window.design.canvas.canvas_scene.cards["sentence"].view.outputs] == [
        "vector"
    ]
    show(window, siamese())
    assert card_words(window, "encode_left") == ("Tower", "encode_left", "shared")


def test_a_double_click_enters_and_alt_up_leaves(window: MainWindow) -> None:
    show(window, small_resnet())
    canvas = window.design.canvas
    assert not canvas.rooms.breadcrumb.isVisible()
    enter(window, "layer2")
    assert canvas.network == "Residual"
    assert set(canvas.canvas_scene.cards) == set(window.document.design.networks["Residual"].ids())
    assert card_words(window, "conv1")[2].startswith("32 · 3×3 · stride 2"), "as this use makes it"
    assert "all 2 layers" in words(canvas.rooms.breadcrumb)
    enter(window, "project")
    assert canvas.network == "Projection"
    assert [crumb.text() for crumb in crumbs(window)] == ["Network", "layer2"]
    QTest.keyClick(canvas, Qt.Key.Key_Up, ALT)
    assert (canvas.network, canvas.selected()) == ("Residual", ["project"])
    QTest.mouseClick(crumbs(window)[0], LEFT)
    assert canvas.network == ""
    assert not canvas.rooms.breadcrumb.isVisible()


def test_the_panels_are_about_the_network_on_show(window: MainWindow) -> None:
    show(window, small_resnet())
    enter(window, "layer1")
    design = window.design
    design.set_bottom(design.summary)
    assert [design.summary.model.layer_at(row) for row in range(design.summary.model.rowCount())][:2] == [
        "x",
        "conv1",
    ]
    assert "Block Residual" in words(design.inspector)
    click(window, "conv1")
    assert design.inspector.layer_id == "conv1"
    assert design.inspector.row("out_channels").editor.text() == "=channels"
    assert "C16" in words(design.inspector)


def test_a_change_inside_changes_every_use_and_is_undone(window: MainWindow) -> None:
    show(window, small_resnet())
    before, whole = dump(window.document.design), window.document.report.parameters
    enter(window, "layer1")
    click(window, "conv2")
    row = window.design.inspector.row("bias")
    type_into(row, True)
    parameters = {id: window.document.report.layers[id].parameters for id in ("layer1", "layer2")}
    assert parameters == {"layer1": 14_016 + 3 * 16, "layer2": 51_648 + 3 * 32}
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert (dump(window.document.design), window.document.report.parameters) == (before, whole)


def test_the_inspector_sets_the_parameters_of_a_use(window: MainWindow) -> None:
    show(window, small_resnet())
    click(window, "layer1")
    inspector, graph = window.design.inspector, window.document.design.top
    stride = inspector.row("parameters.stride")
    assert stride.editor.text() == "1"
    assert stride.editor.focusProxy().property("default"), "the block's own default, greyed"
    type_into(inspector.row("parameters.channels"), 24)
    assert graph.node("layer1").values["parameters"] == {"channels": 24}
    type_into(stride, "=1")
    assert graph.node("layer1").values["parameters"] == {"channels": 24, "stride": "=1"}
    QTest.mouseClick(stride.reset, LEFT)
    type_into(inspector.row("repeat"), 2)
    assert dict(graph.node("layer1").values) == {
        "block": "Residual",
        "parameters": {"channels": 24},
        "repeat": 2,
    }
    assert card_words(window, "layer1")[2] == "× 2 · channels 24"


def test_the_inspector_gives_a_use_another_block_and_weights(window: MainWindow) -> None:
    show(window, siamese())
    click(window, "encode_right")
    inspector = window.design.inspector
    assert "weights are those of encode_left" in words(inspector)
    type_into(inspector.row("weights"), "mine")
    assert "weights are those" not in words(inspector)
    assert window.document.report.parameters == 2 * 368
    show(window, small_resnet())
    click(window, "layer1")
    type_into(inspector.row("block"), "Projection")
    assert window.document.report.layers["layer1"].parameters == 3 * (16 * 16 + 32)
    assert inspector.layer_id == "layer1"


def test_a_block_that_is_missing_can_be_chosen_anew(window: MainWindow) -> None:
    made = small_resnet()
    made.top.replace(
        Node("layer1", "Block", {"block": "Residul", "parameters": {"channels": 16}, "repeat": 3})
    )
    show(window, made)
    assert window.document.report.layers["layer1"].problems
    click(window, "layer1")
    type_into(window.design.inspector.row("block"), "Residual")
    assert window.document.report.ok


def test_an_error_inside_is_told_at_the_use_and_found_inside(window: MainWindow) -> None:
    made = small_resnet()
    made.networks["Residual"].replace(
        Node("conv2", "Conv2d", {"out_channels": 7, "kernel_size": 3, "padding": 1})
    )
    show(window, made)
    canvas, problems = window.design.canvas, window.design.problems
    assert canvas.canvas_scene.cards["layer1"].view.problem == "error"
    QTest.keyClick(window, Qt.Key.Key_F8)
    assert (canvas.network, canvas.selected()) == ("Residual", ["add"]), "a problem leads to the layer itself"
    canvas.trail.leave(0)
    click(window, "layer1")
    QTest.keyClick(canvas, Qt.Key.Key_Return, CTRL)
    assert (canvas.network, canvas.selected()) == ("Residual", ["add"])
    assert canvas.canvas_scene.cards["add"].view.problem == "error"
    click(window, "norm2")
    problems.step(1)
    assert canvas.selected() == ["add"]


def test_of_several_repetitions_the_one_to_be_mended_is_entered(window: MainWindow) -> None:
    made = small_resnet()
    use = {"block": "Residual", "parameters": {"channels": 16, "stride": "=1 if i < 2 else 0"}, "repeat": 3}
    made.top.replace(Node("layer1", "Block", use))
    show(window, made)
    click(window, "layer1")
    QTest.keyClick(window.design.canvas, Qt.Key.Key_Return, CTRL)
    assert window.design.canvas.selected() == ["conv1"]
    assert "stride" in words(window.design.inspector)
    assert not window.design.canvas.report.ok


def test_ctrl_g_makes_a_block_of_the_selection_and_dissolving_takes_it_back(window: MainWindow) -> None:
    made = small_resnet()
    show(window, made)
    parameters = window.document.report.parameters
    click(window, "gap")
    click(window, "flat", CTRL)
    QTest.keyClick(window, Qt.Key.Key_G, CTRL)
    canvas = window.design.canvas
    (use,) = canvas.selected()
    assert card_words(window, use)[0] == "Block1"
    assert set(window.document.design.networks["Block1"].ids()) >= {"gap", "flat"}
    assert window.document.report.ok
    assert window.document.report.parameters == parameters
    QTest.keyClick(window, Qt.Key.Key_G, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert set(canvas.selected()) == {"gap", "flat"}
    assert window.document.report.ok


def test_undoing_the_block_that_is_on_show_leads_out_of_it(window: MainWindow) -> None:
    show(window, small_resnet())
    window.actions_["tidy"].trigger()  # so that places come and go with the block
    before = dump(window.document.design)
    click(window, "gap")
    QTest.keyClick(window, Qt.Key.Key_G, CTRL)
    QTest.keyClick(window, Qt.Key.Key_Return, CTRL)
    assert window.design.canvas.network == "Block1"
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert window.design.canvas.network == ""
    assert dump(window.document.design) == before


def test_a_use_is_made_unique_and_the_others_keep_the_block(window: MainWindow) -> None:
    show(window, small_resnet())
    click(window, "layer2")
    window.actions_["make_unique"].trigger()
    graph = window.document.design.top
    assert (graph.node("layer1").values["block"], graph.node("layer2").values["block"]) == (
        "Residual",
        "Residual1",
    )
    assert "layer2 now uses Residual1" in words(window.status)


def test_a_block_gets_a_name_and_a_parameter(window: MainWindow) -> None:
    show(window, small_resnet())
    enter(window, "layer1")
    overview = window.design.inspector.overview
    overview.new.setFocus()
    QTest.keyClicks(overview.new, "kernel = 3")
    QTest.keyClick(overview.new, Qt.Key.Key_Return)
    assert window.document.design.networks["Residual"].parameters["kernel"] == 3
    rows = window.design.inspector.overview.findChildren(FieldRow)
    type_into(next(row for row in rows if row.name == "name"), "Basic")
    assert window.design.canvas.network == "Basic"
    assert window.document.design.top.node("layer2").values["block"] == "Basic"
    assert window.document.report.ok


def test_the_list_offers_the_blocks_and_none_inside_itself(window: MainWindow) -> None:
    show(window, small_resnet())
    canvas = window.design.canvas
    click(window, "relu")
    canvas.open_search()
    offers = {hit.type: hit for hit in canvas.adder.list.shown() if hit.block and not hit.library}
    assert set(offers) == {"Residual", "Projection"}
    assert (offers["Residual"].fit, offers["Residual"].note) == (Fit.ADAPTED, "set `channels` then")
    QTest.keyClicks(canvas.adder.list.field, "projection")
    QTest.keyClick(canvas.adder.list.field, Qt.Key.Key_Return)
    (added,) = canvas.selected()
    assert dict(window.document.design.top.node(added).values) == {"block": "Projection"}
    assert [wire.source for wire in window.document.design.top.wires_into(added)] == ["relu"]
    enter(window, "layer1")
    enter(window, "conv1")  # no block: nothing is entered
    assert canvas.network == "Residual"
    canvas.open_search()
    own = {hit.type for hit in canvas.adder.list.shown() if hit.block and not hit.library}
    assert own == {"Projection"}


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
def test_a_right_click_on_a_layer_offers_what_can_be_done_with_it(window: MainWindow) -> None:
    show(window, small_resnet())
    viewport = window.design.canvas.viewport()
    for name, is_use in (("layer1", True), ("relu", False)):
        QTest.mouseClick(viewport, RIGHT, NONE, middle(window, name))
        menu = window.findChild(QMenu, "of the selection")
        assert menu is not None
        assert menu.isVisible()
        assert window.design.canvas.selected() == [name]
        offered = {action.text().replace("&", "") for action in menu.actions()}
        assert "Make a block of the selection" in offered
        assert ("Enter the block" in offered) == ("Dissolve the block" in offered) == is_use
        menu.close()


def test_commands_without_a_fitting_selection_say_so(window: MainWindow) -> None:
    show(window, small_resnet())
    before = dump(window.document.design)
    window.design.canvas.select([])
    for command in ("make_block", "enter_block", "make_unique", "dissolve"):
        assert not window.actions_[command].isEnabled()
        assert "selected" in window.actions_.why(command), command
    click(window, "image")
    window.actions_["make_block"].trigger()
    assert "Input" in words(window.status) or "image" in words(window.status)
    assert dump(window.document.design) == before


def test_another_design_is_shown_from_its_top(window: MainWindow) -> None:
    show(window, small_resnet())
    enter(window, "layer1")
    show(window, small_resnet())
    assert window.design.canvas.network == ""
    assert not window.design.canvas.rooms.breadcrumb.isVisible()


def test_moving_and_tidying_inside_a_block_is_kept_with_the_block(window: MainWindow) -> None:
    show(window, small_resnet())
    enter(window, "layer1")
    window.actions_["tidy"].trigger()
    layout = window.document.design.layout
    assert set(layout["blocks"]["Residual"]["layers"]) == set(
        window.document.design.networks["Residual"].ids()
    )
    assert "network" not in layout
