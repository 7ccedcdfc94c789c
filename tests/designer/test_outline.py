"""The outline tree (requirement 25): mirrors the network for screen readers, and is a way about with the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from designer.document import Document
from designer.main_window import MainWindow
from designer.panels.outline import Outline
from designer.panels.outline_model import OutlineModel, layer_words
from designer.theme import load_theme
from graph_ir import templates
from graph_ir.annotations import Frame
from graph_ir.graph import Design, Node
from tests.designer.windows import a_window, use_template, words

SPOKEN = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def document(qapp) -> Document:
    return Document(templates.load("digits"))


@pytest.fixture
def outline(qtbot: QtBot, document: Document) -> Iterator[Outline]:
    made = Outline(document, load_theme("light"))
    qtbot.addWidget(made)
    made.resize(260, 600)
    QAbstractItemModelTester(made.model, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    made.show()
    qtbot.waitExposed(made)
    yield made


def rows(model: OutlineModel, parent: QModelIndex | None = None) -> list[str]:
    above = parent or QModelIndex()
    return [model.index(row, 0, above).data(SPOKEN) for row in range(model.rowCount(above))]


def index_of(outline: Outline, id: str, *path: str) -> QModelIndex:
    row = outline.model.find(path, id)
    assert row is not None, id
    return outline.model.index_of(row)


def press(outline: Outline, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(outline.tree, key, held)


def test_requirement_25_each_layer_is_a_row_that_says_what_it_gives(
    outline: Outline, document: Document
) -> None:
    report = document.report
    assert rows(outline.model) == [layer_words(report.layers[id]) for id in report.order]
    assert "Conv2d conv1, output N 32 8 8" in rows(outline.model)
    document.set_fields("", "conv4", {"kernel_size": 99})
    assert "Conv2d conv4, 1 problem" in rows(outline.model)


def test_rows_follow_every_edit_and_keep_what_is_selected(outline: Outline, document: Document) -> None:
    outline.select((), ["fc"])
    before = len(rows(outline.model))
    (added, *_) = document.add_layer("", "ReLU", after=("conv1", "y"))
    assert len(rows(outline.model)) == before + 1
    assert layer_words(document.report.layers[added]) in rows(outline.model)
    document.remove_layers("", ["conv2"])
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert rows(outline.model) == [layer_words(document.report.layers[id]) for id in document.report.order]
    assert [
        index.data(Qt.ItemDataRole.EditRole) for index in outline.tree.selectionModel().selectedRows()
    ] == ["fc"]


def test_arrows_choose_the_next_layer_and_shift_more_of_them(outline: Outline, document: Document) -> None:
    told: list[tuple[list[str], list[str]]] = []
    outline.chosen.connect(lambda uses, ids: told.append((uses, ids)))
    order = document.report.order
    outline.select((), [order[0]])
    assert told == [], "being told is no choice of the person"
    press(outline, Qt.Key.Key_Down)
    press(outline, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert told == [([], [order[1]]), ([], [order[1], order[2]])]


def test_a_block_opens_into_its_layers_and_a_layer_in_it_is_chosen_there(qtbot: QtBot, qapp) -> None:
    document = Document(templates.load("resnet18"))
    outline = Outline(document, load_theme("dark"))
    qtbot.addWidget(outline)
    QAbstractItemModelTester(outline.model, QAbstractItemModelTester.FailureReportingMode.Fatal, outline)
    outline.show()
    use = next(id for id, entry in document.report.layers.items() if entry.nested)
    told: list[tuple[list[str], list[str]]] = []
    outline.chosen.connect(lambda uses, ids: told.append((uses, ids)))
    outline.select((), [use])
    press(outline, Qt.Key.Key_Right)
    press(outline, Qt.Key.Key_Down)
    path, ids = told[-1]
    inside = next(one.report for one in document.report.layers[use].nested if one.report)
    while ids and ids[0] not in inside.layers:  # a row of repetitions stands in between
        press(outline, Qt.Key.Key_Right)
        press(outline, Qt.Key.Key_Down)
        path, ids = told[-1]
    assert path == [use]
    assert ids[0] in inside.layers
    outline.select((), [])
    outline.tree.collapseAll()
    outline.select([use], [ids[0]])
    (marked,) = outline.tree.selectionModel().selectedRows()
    assert marked.data(Qt.ItemDataRole.EditRole) == ids[0]
    assert outline.tree.isExpanded(index_of(outline, use)), "what is selected is in sight"


def test_enter_edits_delete_deletes_and_f2_renames(
    qtbot: QtBot, outline: Outline, document: Document
) -> None:
    fields: list[bool] = []
    outline.fields_wanted.connect(lambda: fields.append(True))
    outline.select((), ["conv2"])
    outline.tree.setFocus()
    press(outline, Qt.Key.Key_Return)
    assert fields == [True]
    press(outline, Qt.Key.Key_F2)
    editor = outline.tree.viewport().findChild(QLineEdit)
    assert editor is not None
    assert editor.text() == "conv2"
    editor.selectAll()
    QTest.keyClicks(editor, "middle")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "middle" in document.design.top)
    outline.select((), ["middle"])
    assert [
        index.data(Qt.ItemDataRole.EditRole) for index in outline.tree.selectionModel().selectedRows()
    ] == ["middle"]
    outline.tree.setFocus()
    press(outline, Qt.Key.Key_Delete)
    assert "middle" not in document.design.top
    assert document.report.ok, "the wires around it are joined"


def test_a_refused_name_is_said_and_changes_nothing(outline: Outline, document: Document) -> None:
    told: list[str] = []
    outline.told.connect(told.append)
    outline.select((), ["conv2"])
    assert outline.model.setData(index_of(outline, "conv2"), "conv1")
    assert "already" in told[0]
    assert "conv2" in document.design.top


def test_frames_hold_their_layers(outline: Outline, document: Document) -> None:
    document.move("", {"conv1": (1000.0, 0.0), "conv2": (1000.0, 96.0)})
    document.add_frame("", Frame("Stem", (960.0, -40.0, 280.0, 240.0)))
    (frame,) = [row for row in outline.model.rows_below(outline.model.root) if row.key[0] == "frame"]
    index = outline.model.index_of(frame)
    assert index.data(SPOKEN) == "Frame Stem, 2 layers"
    assert [row.split(",")[0] for row in rows(outline.model, index)] == ["Conv2d conv1", "Conv2d conv2"]
    told: list[list[str]] = []
    outline.chosen.connect(lambda _uses, ids: told.append(ids))
    outline.tree.setCurrentIndex(index)
    assert told[-1] == ["conv1", "conv2"], "a frame stands for all that is in it"
    document.move("", {"conv2": (0.0, 0.0)})
    assert index.data(SPOKEN) == "Frame Stem, 1 layer"


def test_nothing_is_done_while_it_is_hidden(qtbot: QtBot, document: Document) -> None:
    outline = Outline(document, load_theme("light"))
    qtbot.addWidget(outline)
    document.add_layer("", "ReLU", after=("conv1", "y"))
    assert outline.model.rowCount() == 0
    outline.select((), ["fc"])
    outline.show()
    assert outline.model.rowCount() == len(document.design.top)
    (marked,) = outline.tree.selectionModel().selectedRows()
    assert marked.data(Qt.ItemDataRole.EditRole) == "fc"


def test_an_empty_design_says_how_to_begin(qtbot: QtBot, qapp) -> None:
    outline = Outline(Document(), load_theme("light"))
    qtbot.addWidget(outline)
    outline.show()
    assert "Press Space" in words(outline)


def test_ten_thousand_layers_make_only_the_rows_of_the_network(qtbot: QtBot, qapp) -> None:
    design = Design()
    for number in range(10_000):
        design.top.add(Node(f"in{number}", "Input", {"shape": ["N", 4]}))
    document = Document(design)
    outline = Outline(document, load_theme("light"))
    qtbot.addWidget(outline)
    outline.show()
    assert outline.model.rowCount() == 10_000
    outline.select((), ["in9999"])
    assert outline.tree.visualRect(index_of(outline, "in9999")).isValid()
    document.set_label("", "in5", "five")
    assert index_of(outline, "in5").data() == "Input in5 (five)"


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        yield made


def test_requirement_25_the_outline_is_opened_by_a_key_and_leads_the_canvas(window: MainWindow) -> None:
    use_template(window, "resnet18")
    outline, canvas = window.design.outline, window.design.canvas
    assert not outline.isVisible()
    QTest.keyClick(
        window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    )
    assert outline.isVisible()
    assert outline.tree.hasFocus()
    assert window.actions_["show_outline"].isChecked()
    press(outline, Qt.Key.Key_Down)
    press(outline, Qt.Key.Key_Down)
    assert canvas.selected() == [outline.tree.currentIndex().data(Qt.ItemDataRole.EditRole)]
    use = next(id for id, entry in window.document.report.layers.items() if entry.nested)
    canvas.select([use])
    assert outline.tree.currentIndex().data(Qt.ItemDataRole.EditRole) == use
    press(outline, Qt.Key.Key_Right)
    while not canvas.network:  # past a row of repetitions, if there is one
        press(outline, Qt.Key.Key_Down)
        press(outline, Qt.Key.Key_Right)
    inside = outline.tree.currentIndex().data(Qt.ItemDataRole.EditRole)
    assert canvas.selected() == [inside], "a layer in a block is gone to"
    assert outline.tree.hasFocus()
    canvas.trail.leave(0)
    assert window.design.outline.tree.isVisible()
    window.actions_["show_outline"].trigger()
    assert window.design.palette_panel.isVisible()


def test_requirement_25_a_layer_is_renamed_and_deleted_with_the_keyboard_alone(
    qtbot: QtBot, window: MainWindow
) -> None:
    use_template(window)
    window.actions_["show_outline"].trigger()
    tree = window.design.outline.tree
    QTest.keyClicks(tree, "ReLU relu2")  # typing goes to the row
    assert window.design.canvas.selected() == ["relu2"]
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_F2)  # to what has the focus, past the window's own F2
    editor = tree.viewport().findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    QTest.keyClicks(editor, "second")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "second" in window.document.design.top)
    assert window.design.canvas.selected() == ["second"]
    tree.setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Delete)
    assert "second" not in window.document.design.top


def test_requirement_25_what_the_arrows_select_on_the_canvas_is_told(window: MainWindow) -> None:
    use_template(window)
    canvas = window.design.canvas
    canvas.select(["conv1"])
    assert canvas.accessibleDescription() == "Conv2d conv1, output N 32 8 8"
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    (name,) = canvas.selected()
    assert canvas.accessibleDescription() == layer_words(window.document.report.layers[name])
    canvas.select(["conv1", "conv2"])
    assert canvas.accessibleDescription() == "2 layers selected"
