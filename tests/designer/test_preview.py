"""Requirement 13: while a value is edited, shapes and parameters show old → new, before it is committed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from designer.canvas.ghosts import MOST_WIRES, differences
from designer.canvas.ghosts import words as change_words
from designer.document import Document
from designer.main_window import MainWindow
from designer.panels.choice_editors import ChoiceEditor
from designer.panels.line_editors import StepEditor
from designer.preview import preview
from graph_ir import block_edits, edits, templates
from graph_ir.check import check
from graph_ir.file import dump
from graph_ir.graph import Design, Graph, Node, Wire
from tests.designer.windows import a_window, use_template, words

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with a_window(qtbot, tmp_path) as made:
        yield made


@pytest.fixture
def digits(window: MainWindow) -> MainWindow:
    use_template(window)
    window.design.canvas.select(["conv1"])
    return window


class Trace:
    """Everything by which a person or the program could tell that the design was touched."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.told: list[str] = []
        self._before = self._state()
        for name in (
            *("layer_added", "layer_removed", "layer_changed", "wire_added", "wire_removed"),
            *("layout_changed", "section_changed", "checked", "reset", "edited_changed"),
        ):
            getattr(document, name).connect(lambda *_facts, name=name: self.told.append(name))

    def _state(self) -> tuple[object, ...]:
        document = self.document
        stack = document.undo_stack
        return dump(document.design), stack.count(), stack.index(), document.changes, document.is_edited

    def is_none(self) -> bool:
        return not self.told and self._state() == self._before


def field(window: MainWindow, name: str) -> QLineEdit:
    found = window.design.inspector.row(name).editor.field
    found.setFocus()
    return found


def ghost(window: MainWindow, wire: tuple[str, str]) -> list[tuple[str, str]]:
    """The axes of the pill between two layers that would change: (now, then)."""
    scene = window.design.canvas.canvas_scene
    view = next(w.view for key, w in scene.wires.items() if (key[0][0], key[1][0]) == wire)
    return [(axis.was, axis.size) for axis in view.axes if axis.was]


def delta(window: MainWindow, name: str) -> str:
    return window.design.canvas.canvas_scene.cards[name].view.delta


def is_tried(window: MainWindow) -> bool:
    return window.document.previewing is not None


def test_requirement_13_typing_shows_old_and_new_before_anything_is_committed(
    qtbot: QtBot, digits: MainWindow
) -> None:
    trace, line = Trace(digits.document), field(digits, "kernel_size")
    line.selectAll()
    QTest.keyClicks(line, "5")
    qtbot.waitUntil(lambda: is_tried(digits))
    assert ghost(digits, ("conv1", "norm1")) == [("8", "6"), ("8", "6")]
    assert ghost(digits, ("image", "conv1")) == []
    assert delta(digits, "conv1") == "+512"
    assert digits.design.canvas.canvas_scene.cards["conv1"].view.values.startswith("32 · 5×5")
    assert "N · C32 · H8 · W8 → N · C32 · H6 · W6" in words(digits.design.inspector)
    assert "288 → 800 parameters" in words(digits.design.inspector)
    assert "8 + 2·1 − 5 + 1 = 6" in words(digits.design.inspector)
    assert digits.status.change.text().startswith("−1,408 parameters · "), "the dense layer shrinks"
    assert "MACs" in digits.status.change.text()
    assert "shapes change" in digits.status.change.text()
    assert trace.is_none()


def test_requirement_13_escape_leaves_no_trace(qtbot: QtBot, digits: MainWindow) -> None:
    scene = digits.design.canvas.canvas_scene
    before = (
        {name: card.view for name, card in scene.cards.items()},
        {k: w.view for k, w in scene.wires.items()},
    )
    line = field(digits, "kernel_size")
    qtbot.waitUntil(lambda: "sees" in words(digits.design.inspector))
    said, bar = words(digits.design.inspector), digits.status.facts.text()
    trace = Trace(digits.document)
    line.selectAll()
    QTest.keyClicks(line, "5")
    qtbot.waitUntil(lambda: is_tried(digits))
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert not is_tried(digits)
    assert trace.is_none()
    assert line.text() == "3"
    assert (
        {n: c.view for n, c in scene.cards.items()},
        {k: w.view for k, w in scene.wires.items()},
    ) == before
    qtbot.waitUntil(lambda: words(digits.design.inspector) == said)
    assert (digits.status.facts.text(), digits.status.change.isVisible()) == (bar, False)
    assert line.hasFocus(), "Esc takes back what was typed, and no more"


def test_enter_commits_what_was_shown(qtbot: QtBot, digits: MainWindow) -> None:
    line = field(digits, "kernel_size")
    line.selectAll()
    QTest.keyClicks(line, "5")
    qtbot.waitUntil(lambda: is_tried(digits))
    after = digits.document.previewing.report
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert not is_tried(digits)
    report = digits.document.report
    assert report.parameters == after.parameters
    assert {id: entry.outputs for id, entry in report.layers.items()} == {
        id: entry.outputs for id, entry in after.layers.items()
    }
    assert ghost(digits, ("conv1", "norm1")) == []
    assert digits.document.undo_stack.count() == 1


def test_keys_and_wheel_count_and_only_try(qtbot: QtBot, digits: MainWindow) -> None:
    trace, line = Trace(digits.document), field(digits, "kernel_size")
    QTest.keyClick(line, Qt.Key.Key_Up)
    QTest.keyClick(line, Qt.Key.Key_Up)
    turn(line, 120)
    assert line.text() == "6"
    QTest.keyClick(line, Qt.Key.Key_Up, SHIFT)
    assert line.text() == "16"
    QTest.keyClick(line, Qt.Key.Key_Down, SHIFT)
    QTest.keyClick(line, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: is_tried(digits) and ghost(digits, ("conv1", "norm1")) == [("8", "6")] * 2)
    assert trace.is_none()
    QTest.keyClick(line, Qt.Key.Key_Tab)
    assert digits.document.design.top.node("conv1").values["kernel_size"] == 5
    assert digits.document.undo_stack.count() == 1


def turn(line: QLineEdit, by: int) -> None:
    middle = line.rect().center()
    place, everywhere = middle.toPointF(), line.mapToGlobal(middle).toPointF()
    buttons, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    wheel = QWheelEvent(place, everywhere, QPoint(0, 0), QPoint(0, by), buttons, NONE, phase, False)
    QApplication.sendEvent(line, wheel)


def test_the_wheel_leaves_a_field_without_the_focus_alone(digits: MainWindow) -> None:
    field(digits, "stride")
    line = digits.design.inspector.row("kernel_size").editor.field
    turn(line, 120)
    assert line.text() == "3"


def test_a_held_button_counts_on_and_is_one_step(qtbot: QtBot, digits: MainWindow) -> None:
    line = field(digits, "kernel_size")
    editor = digits.design.inspector.row("kernel_size").editor
    assert isinstance(editor, StepEditor)
    button = next(b for b in line.findChildren(QToolButton) if b.defaultAction() is editor.stepper.up)
    assert button.isVisible()
    QTest.mousePress(button, LEFT)
    qtbot.waitUntil(lambda: int(line.text()) >= 6, timeout=5000)
    assert digits.document.undo_stack.count() == 0, "a held button only tries"
    QTest.mouseRelease(button, LEFT)
    reached = int(line.text())
    assert digits.document.design.top.node("conv1").values["kernel_size"] == reached
    assert digits.document.undo_stack.count() == 1
    digits.document.undo_stack.undo()
    assert line.text() == "3"


@pytest.mark.parametrize(
    ("name", "typed", "says"), [("stride", "0", "at least 1"), ("kernel_size", "many", "must be")]
)
def test_what_cannot_be_gives_no_ghost_and_a_quiet_reason(
    qtbot: QtBot, digits: MainWindow, name: str, typed: str, says: str
) -> None:
    trace, line = Trace(digits.document), field(digits, name)
    row = digits.design.inspector.row(name)
    line.selectAll()
    QTest.keyClicks(line, typed)
    qtbot.waitUntil(lambda: says in row.sentence.text())
    assert row.sentence.isVisible()
    assert row.sentence.property("severity") is None, "it is said quietly while it is typed"
    assert not line.property("invalid")
    assert not is_tried(digits)
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert not row.sentence.isVisible()
    assert trace.is_none()


def test_an_error_that_a_value_would_make_is_shown_before(qtbot: QtBot, digits: MainWindow) -> None:
    trace, line = Trace(digits.document), field(digits, "kernel_size")
    line.selectAll()
    QTest.keyClicks(line, "99")
    qtbot.waitUntil(lambda: is_tried(digits))
    scene = digits.design.canvas.canvas_scene
    assert scene.cards["conv1"].view.problem == "error"
    assert ghost(digits, ("conv1", "norm1")) == [("N", "?"), ("32", "?"), ("8", "?"), ("8", "?")]
    assert "+1 error" in digits.status.change.text()
    assert trace.is_none()
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert scene.cards["conv1"].view.problem is None


def test_pointing_at_a_word_of_a_list_tries_it(qtbot: QtBot, digits: MainWindow) -> None:
    trace = Trace(digits.document)
    editor = digits.design.inspector.row("padding").editor
    assert isinstance(editor, ChoiceEditor)
    editor.box.showPopup()
    editor.box.textHighlighted.emit("valid")
    assert ghost(digits, ("conv1", "norm1")) == [("8", "6"), ("8", "6")]
    editor.box.hidePopup()
    assert not is_tried(digits)
    assert trace.is_none()


def test_a_good_value_is_shown_when_pointed_at_and_taken_with_what_belongs_to_it(
    qtbot: QtBot, digits: MainWindow
) -> None:
    line, inspector = field(digits, "kernel_size"), digits.design.inspector
    QTest.keyClick(line, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    offered = {action.text(): action for action in menu.actions()}
    assert {"3\tkeeps the size", "5, padding 2\tkeeps the size", "7, padding 3\tkeeps the size"} <= set(
        offered
    )
    assert "5\tH6 · W6" in offered
    _point_at(menu, offered["5\tH6 · W6"])
    qtbot.waitUntil(lambda: ghost(digits, ("conv1", "norm1")) == [("8", "6"), ("8", "6")])
    chosen = offered["5, padding 2\tkeeps the size"]
    QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(chosen).center())
    values = digits.document.design.top.node("conv1").values
    assert (values["kernel_size"], values["padding"]) == (5, 2)
    assert digits.document.undo_stack.count() == 1
    assert not is_tried(digits)
    assert inspector.row("padding").editor.text() == "2"


def _point_at(menu: object, action: QAction) -> None:
    menu.setActiveAction(action)  # type: ignore[attr-defined]  # a QMenu
    action.hover()


def test_an_expression_shows_its_value_while_it_is_typed(qtbot: QtBot, digits: MainWindow) -> None:
    line, row = field(digits, "out_channels"), digits.design.inspector.row("out_channels")
    assert (line.text(), row.editor.computed.text()) == ("=width", "= 32")
    line.selectAll()
    QTest.keyClicks(line, "=2*width")
    qtbot.waitUntil(lambda: row.editor.computed.text() == "= 64")
    assert delta(digits, "conv1") == "+288"
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert (line.text(), row.editor.computed.text()) == ("=width", "= 32")


def test_a_parameter_of_the_network_is_tried_too(qtbot: QtBot, digits: MainWindow) -> None:
    digits.design.canvas.select([])
    trace = Trace(digits.document)
    line = digits.design.inspector.overview.rows["width"].editor.field
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "16")
    qtbot.waitUntil(lambda: is_tried(digits))
    assert ghost(digits, ("conv1", "norm1")) == [("32", "16")]
    assert trace.is_none()
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert not is_tried(digits)
    assert trace.is_none()


def test_inside_a_block_its_own_shapes_are_tried(qtbot: QtBot, window: MainWindow) -> None:
    window.document.load(_with_block())
    canvas = window.design.canvas
    canvas.trail.enter("use")
    canvas.select(["conv"])
    trace, line = Trace(window.document), field(window, "kernel_size")
    line.selectAll()
    QTest.keyClicks(line, "1")
    qtbot.waitUntil(lambda: is_tried(window))
    assert ghost(window, ("conv", "out")) == [("8", "10"), ("8", "10")]
    assert trace.is_none()
    canvas.trail.leave(0)
    assert not is_tried(window)
    part = window.document.design.networks["Part"]
    assert part.node("conv").values["kernel_size"] == 1, "going on means what was typed"
    assert window.document.undo_stack.count() == 1


def test_a_block_that_nothing_uses_is_tried_by_itself(qapp: QApplication) -> None:
    design = _with_block()
    design.top.remove("use")
    before = dump(design)
    edit = edits.set_fields(design, "Part", "conv", {"out_channels": 8})
    found = preview(design, edit)
    assert found.alone["Part"].layers["conv"].layer.out_channels == 8
    assert dump(design) == before


def _with_block() -> Design:
    part = Graph()
    for node in (
        Node("in", "Input", {"shape": ["N", 3, 10, 10]}),
        Node("conv", "Conv2d", {"out_channels": 4, "kernel_size": 3}),
        Node("out", "Output"),
    ):
        part.add(node)
    part.add_wire(Wire("in", "y", "conv", "x"))
    part.add_wire(Wire("conv", "y", "out", "x"))
    design = Design(networks={"": Graph(), "Part": part})
    for node in (
        Node("image", "Input", {"shape": ["N", 3, 10, 10]}),
        Node("use", "Block", {"block": "Part"}),
        Node("end", "Output"),
    ):
        design.top.add(node)
    design.top.add_wire(Wire("image", "y", "use", "in"))
    design.top.add_wire(Wire("use", "out", "end", "x"))
    return design


def test_requirement_13_a_wire_that_is_dragged_over_a_port_shows_what_it_would_change(
    qtbot: QtBot, digits: MainWindow
) -> None:
    """The second convolution would read the image itself, which has one channel."""
    canvas, trace = digits.design.canvas, Trace(digits.document)
    start = canvas.mapFromScene(canvas.canvas_scene.port_point("image", "outputs", "y"))
    end = canvas.mapFromScene(canvas.canvas_scene.port_point("conv3", "inputs", "x"))
    port = canvas.viewport()
    QTest.mousePress(port, LEFT, NONE, start)
    for share in (0.3, 0.6, 0.9, 1.0):
        QTest.mouseMove(port, start + (end - start) * share)
    before, after = digits.document.report, digits.document.previewing.report
    assert after.layers["conv3"].inputs["x"].shape[1] == 1
    assert after.parameters < before.parameters
    assert delta(digits, "conv3").startswith("−")
    assert digits.status.change.text()
    assert trace.is_none()
    QTest.mouseMove(port, end + QPoint(300, 40))
    assert not is_tried(digits), "nothing is tried where there is no port"
    QTest.mouseMove(port, end)
    assert is_tried(digits)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not is_tried(digits)
    assert delta(digits, "conv3") == ""
    assert trace.is_none()
    QTest.mouseRelease(port, LEFT, NONE, end)
    assert trace.is_none(), "Esc has ended the gesture"


def test_the_end_of_a_wire_that_is_taken_elsewhere_is_tried_as_one_edit(
    qtbot: QtBot, digits: MainWindow
) -> None:
    canvas, document = digits.design.canvas, digits.document
    trace = Trace(document)
    start = canvas.mapFromScene(canvas.canvas_scene.port_point("conv2", "inputs", "x"))
    end = canvas.mapFromScene(canvas.canvas_scene.port_point("conv3", "inputs", "x"))
    port = canvas.viewport()
    QTest.mousePress(port, LEFT, NONE, start)
    for share in (0.3, 0.6, 1.0):
        QTest.mouseMove(port, start + (end - start) * share)
    tried = document.previewing.report
    assert tried.layers["conv2"].inputs.get("x") is None
    assert tried.layers["conv3"].inputs["x"] == document.report.layers["conv2"].inputs["x"]
    assert trace.is_none()
    QTest.mouseRelease(port, LEFT, NONE, end)
    assert not is_tried(digits)
    assert {id: e.outputs for id, e in document.report.layers.items()} == {
        id: e.outputs for id, e in tried.layers.items()
    }
    assert document.undo_stack.count() == 1


def test_a_command_finds_what_stands_in_the_field(qtbot: QtBot, digits: MainWindow) -> None:
    line = field(digits, "kernel_size")
    line.selectAll()
    QTest.keyClicks(line, "5")
    digits.actions_["zoom_in"].trigger()
    assert line.hasFocus()
    assert digits.document.design.top.node("conv1").values["kernel_size"] == 5
    assert not is_tried(digits)


def test_choosing_another_layer_means_what_was_typed_for_the_first(qtbot: QtBot, digits: MainWindow) -> None:
    line = field(digits, "kernel_size")
    line.selectAll()
    QTest.keyClicks(line, "5")
    qtbot.waitUntil(lambda: is_tried(digits))
    digits.design.canvas.select(["conv2"])
    graph = digits.document.design.top
    assert graph.node("conv1").values["kernel_size"] == 5
    assert graph.node("conv2").values["kernel_size"] == 3
    assert not is_tried(digits)


def test_beyond_so_many_wires_their_number_is_told(qapp: QApplication) -> None:
    design = Design()
    design.top.add(Node("in", "Input", {"shape": ["N", 8]}))
    before = "in"
    for number in range(MOST_WIRES + 10):
        design.top.add(Node(f"l{number}", "ReLU"))
        design.top.add_wire(Wire(before, "y", f"l{number}", "x"))
        before = f"l{number}"
    document = Document(design)
    document.preview(edits.set_fields(design, "", "in", {"shape": ["N", 9]}))
    after = document.previewing.report
    assert f"shapes of {MOST_WIRES + 10:,} wires change" in change_words(document.report, after)
    assert len(differences(document.report, after).wires) == MOST_WIRES + 10


@pytest.mark.parametrize("name", ["digits", "resnet18", "unet", "ctc-captcha"])
def test_every_edit_that_is_tried_is_what_it_would_be_and_leaves_no_trace(
    qapp: QApplication, name: str
) -> None:
    if name not in templates.names():
        name = templates.names()[len(name) % len(templates.names())]
    document = Document(templates.load(name))
    trace = Trace(document)
    design = document.design
    for node in list(design.top)[:12]:
        for edit in _some_edits(design, node):
            document.preview(edit)
            copy = design.copy()
            edits.apply(copy, edit)
            alike = check(copy)
            found = document.previewing.report if document.previewing else document.report
            assert {i: e.outputs for i, e in found.layers.items()} == {
                i: e.outputs for i, e in alike.layers.items()
            }
            assert found.problems == alike.problems
            document.preview(None)
    assert trace.is_none()


def _some_edits(design: Design, node: Node) -> Iterator[edits.Edit]:
    for wire in design.top.wires_into(node.id):
        yield edits.disconnect(design, "", wire)
    yield edits.remove_layers(design, "", [node.id])
    yield edits.rename(design, "", node.id, "another")
    for name in list(design.top.parameters)[:1]:
        yield edits.set_parameter(design, "", name, 7)
    for block in [name for name in design.networks if name][:1]:
        yield block_edits.rename_block(design, block, "Another")
