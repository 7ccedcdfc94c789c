"""Palette, inspector, problems, summary, code, bars: each shows what the document says and calls its intents."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from designer.document import Document
from designer.panels.inspector import Inspector
from designer.panels.message_bar import MessageBar
from designer.panels.palette import Palette
from designer.panels.widgets import amount, axes_text
from designer.theme import Theme, load_theme
from designer.trail import Trail
from graph_ir import templates
from graph_ir.layers import catalogue
from tests.designer.windows import words


@pytest.fixture
def theme(qapp) -> Theme:
    return load_theme("light")


@pytest.fixture
def document(qapp) -> Document:
    return Document(templates.load("digits"))


# Palette


def test_the_palette_lists_common_layers_and_all_on_demand(qtbot: QtBot, theme: Theme) -> None:
    palette = Palette(theme)
    qtbot.addWidget(palette)
    common = [cls.spec.type for cls in catalogue().values() if cls.spec.common]
    assert sorted(palette.shown()) == sorted(common)
    assert len(common) <= 30
    palette._all.click()
    assert sorted(palette.shown()) == sorted(catalogue())


def test_the_palette_finds_other_libraries_names_and_says_when_there_is_none(
    qtbot: QtBot, theme: Theme
) -> None:
    palette = Palette(theme)
    qtbot.addWidget(palette)
    palette.field.setText("Convolution2D")
    assert palette.tree.currentItem().text(0) == "Conv2d"
    assert "Linear" not in palette.shown()
    palette.field.setText("no such thing")
    assert palette.shown() == []
    assert not palette.nothing.isHidden()


def test_enter_adds_and_shift_enter_adds_bare(qtbot: QtBot, theme: Theme) -> None:
    palette = Palette(theme)
    qtbot.addWidget(palette)
    palette.show()
    wanted: list[object] = []
    palette.add_wanted.connect(lambda type, bare: wanted.append((type, bare)))
    QTest.keyClicks(palette.field, "relu")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    QTest.keyClick(palette.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    QTest.keyClick(palette.tree, Qt.Key.Key_Return)
    assert wanted == [("ReLU", False), ("ReLU", True), ("ReLU", False)]


# Inspector


def _inspector(qtbot: QtBot, document: Document, theme: Theme) -> Inspector:
    inspector = Inspector(document, theme, Trail(document))
    qtbot.addWidget(inspector)
    inspector.resize(330, 900)
    inspector.show()
    return inspector


@pytest.mark.parametrize("type", sorted(catalogue()))
def test_every_layer_is_inspected_from_its_declaration(qtbot: QtBot, theme: Theme, type: str) -> None:
    document = Document()
    (name, *_) = document.add_layer("", type, bare=True)
    inspector = _inspector(qtbot, document, theme)
    inspector.show_layers([name])
    spec = catalogue()[type].spec
    for field in spec.fields.values():
        row = inspector.row(field.name)
        assert row.help.text() == field.help.replace("`", "")
    assert spec.summary.replace("`", "") in words(inspector)


def test_an_edit_is_one_step_and_shows_in_shape_and_count(
    qtbot: QtBot, document: Document, theme: Theme
) -> None:
    inspector = _inspector(qtbot, document, theme)
    inspector.show_layers(["conv1"])
    assert "N · C32 · H8 · W8" in words(inspector)
    field = inspector.row("kernel_size").editor.field
    field.setFocus()
    for _ in range(2):
        QTest.keyClick(field, Qt.Key.Key_Up)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert document.design.top.node("conv1").values["kernel_size"] == 5
    assert document.undo_stack.count() == 1, "counting in one field is one step"
    assert "N · C32 · H6 · W6" in words(inspector)
    document.undo_stack.undo()
    assert field.text() == "3"
    inspector.row("kernel_size").editor.field.clearFocus()


def test_leaving_a_field_begins_the_next_step(qtbot: QtBot, document: Document, theme: Theme) -> None:
    inspector = _inspector(qtbot, document, theme)
    inspector.show_layers(["conv1"])
    for text in ("5", "7"):
        field = inspector.row("kernel_size").editor.field
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert document.undo_stack.count() == 2


def test_text_that_is_not_allowed_changes_nothing_and_is_kept(
    qtbot: QtBot, document: Document, theme: Theme
) -> None:
    inspector = _inspector(qtbot, document, theme)
    inspector.show_layers(["conv1"])
    field = inspector.row("stride").editor.field
    field.selectAll()
    QTest.keyClicks(field, "0")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert document.undo_stack.count() == 0
    assert "at least 1" in inspector.row("stride").sentence.text()
    inspector.show_layers(["conv2"])
    inspector.show_layers(["conv1"])
    assert inspector.row("stride").editor.text() == "0"
    assert "at least 1" in inspector.row("stride").sentence.text()


def test_renaming_keeps_the_layer_on_show_and_a_taken_name_is_refused(
    qtbot: QtBot, document: Document, theme: Theme
) -> None:
    inspector = _inspector(qtbot, document, theme)
    told: list[str] = []
    inspector.told.connect(told.append)
    inspector.show_layers(["conv1"])
    name = inspector.row("name").editor.field
    for text in ("first", "conv2"):
        name.selectAll()
        QTest.keyClicks(name, text)
        QTest.keyClick(name, Qt.Key.Key_Return)
        name = inspector.row("name").editor.field
    assert "first" in document.design.top
    assert inspector.layer_id == "first"
    assert "already" in told[0]


def test_a_problem_of_a_field_stands_at_the_field(qtbot: QtBot, document: Document, theme: Theme) -> None:
    document.set_fields("", "conv1", {"out_channels": "=nothing"})
    inspector = _inspector(qtbot, document, theme)
    inspector.show_layers(["conv1"])
    row = inspector.row("out_channels")
    assert "nothing" in row.sentence.text()
    assert row.editor.field.property("invalid") is True


def test_the_inspector_says_how_its_parameters_add_up(qtbot: QtBot, document: Document, theme: Theme) -> None:
    inspector = _inspector(qtbot, document, theme)
    inspector.show_layers(["conv1"])
    said = [label.text() for label in inspector.findChildren(QLabel)]
    assert "Parameters: 32·3·3 = 288" in said


def test_parameters_of_the_network_are_edited_where_nothing_is_selected(
    qtbot: QtBot, document: Document, theme: Theme
) -> None:
    inspector = _inspector(qtbot, document, theme)
    field = inspector.overview.rows["width"].editor.field
    field.selectAll()
    QTest.keyClicks(field, "24")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert document.design.top.parameters["width"] == 24
    assert document.report.layers["conv1"].outputs["y"].shape[1] == 24
    document.undo_stack.undo()
    assert inspector.overview.rows["width"].editor.text() == "32"


def test_hostile_names_stay_text(qtbot: QtBot, document: Document, theme: Theme) -> None:
    evil = "<img src='x'><b>&amp;</b>"
    document.rename("", "conv1", evil)
    inspector = _inspector(qtbot, document, theme)
    inspector.show_layers([evil])
    assert inspector.row("name").editor.text() == evil
    for label in inspector.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText or label.pixmap().cacheKey() or not label.text()


# Bars and lists that float


def test_questions_wait_and_a_sentence_replaces_a_sentence(qtbot: QtBot, theme: Theme) -> None:
    bar = MessageBar(theme)
    qtbot.addWidget(bar)
    done: list[str] = []
    bar.tell("First?", "warning", (("Yes", lambda: done.append("yes")),))
    bar.tell("It failed.")
    assert bar.text() == "It failed."
    bar.tell("It failed again.")
    bar.next()
    assert bar.text() == "First?"
    bar.answer("Yes")
    assert done == ["yes"]
    assert bar.isHidden()


def test_amounts_and_axes_read_well() -> None:
    assert [amount(n) for n in (0, 320, 12_345, 226_000, 2_000_000_000)] == [
        "0",
        "320",
        "12,345",
        "0.23 M",
        "2.00 G",
    ]
    assert axes_text((3, "N"), ("C", "N")) == "C3 · N"
