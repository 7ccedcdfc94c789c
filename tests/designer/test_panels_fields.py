"""Fields: what people type is read by the kind alone, and what is not allowed stays and is marked."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from designer.panels.choice_editors import FlagEditor
from designer.panels.field_row import MISSING, FieldRow
from designer.panels.field_text import as_text, parse, step
from designer.panels.making_editors import editor_for
from designer.theme import load_theme
from graph_ir.kinds import (
    BadValue,
    Choice,
    Either,
    Flag,
    Integer,
    Integers,
    Nothing,
    Number,
    Sizes,
    Span,
    Text,
)
from graph_ir.layers import catalogue

PADDING = Either(Span(2, Integer(0)), Choice(("valid", "same")))
READ = [
    (Integer(1), "32", 32),
    (Integer(), " -3 ", -3),
    (Integer(1), "=2*width", "=2*width"),
    (Number(0), "0.5", 0.5),
    (Number(0), "1e-3", 0.001),
    (Number(0), "3", 3),
    (Flag(), "true", True),
    (Text(), "5", "5"),
    (Text(), "", ""),
    (Text(), "true", "true"),
    (Choice(("zeros", "reflect")), "reflect", "reflect"),
    (Either(Nothing(), Choice(("ones",))), "null", None),
    (Either(Nothing(), Integer()), "", None),
    (Span(2), "3", 3),
    (Span(2), "3, 5", [3, 5]),
    (Span(2), "3×5", [3, 5]),
    (Span(2), "(3, 5)", [3, 5]),
    (PADDING, "same", "same"),
    (PADDING, "1, 2", [1, 2]),
    (Sizes(), "N, 1, 28, 28", ["N", 1, 28, 28]),
    (Sizes(), "N", ["N"]),
    (Sizes(rest=True), "[-1, 4]", [-1, 4]),
    (Integers(alone=True), "1, -1", [1, -1]),
]
REFUSED = [
    (Integer(1), "0", "at least 1"),
    (Integer(1), "3.5", "an integer"),
    (Integer(1), "many", "an integer"),
    (Integer(1), "", "an integer"),
    (Integer(1), "=", "expression"),
    (Number(0, 1), "2", "from 0 to 1"),
    (Number(), "nan", "a number"),
    (Choice(("zeros", "reflect")), "mirror", "'zeros' or 'reflect'"),
    (Span(2), "1, 2, 3", "a list of 2"),
    (Sizes(), "N, 0", "at least 1"),
    (Sizes(), "N, a b", "short ASCII name"),
]


@pytest.mark.parametrize(("kind", "text", "raw"), READ)
def test_text_is_read_by_the_kind(kind, text, raw) -> None:
    found = parse(kind, text)
    assert found == raw
    assert type(found) is type(raw)


@pytest.mark.parametrize(("kind", "text", "says"), REFUSED)
def test_what_is_not_allowed_is_said(kind, text, says) -> None:
    with pytest.raises(BadValue, match=says):
        parse(kind, text)


def test_every_start_value_and_default_reads_back() -> None:
    for cls in catalogue().values():
        for field in cls.spec.fields.values():
            for value in (field.start, field.default):
                if not field.required or value is field.start:
                    raw = field.kind.dump(value)
                    assert field.kind.convert(parse(field.kind, as_text(raw))) == value, (
                        cls.spec.type,
                        field.name,
                    )


@pytest.mark.parametrize(
    ("kind", "text", "steps", "then"),
    [
        (Integer(1), "3", 1, "4"),
        (Integer(1), "1", -1, "1"),
        (Span(2), "3", 10, "13"),
        (Span(2), "3, 5", 1, None),
        (Number(0, 1), "0.3", 1, "0.4"),
        (Number(0, 1, above=True), "0.1", -1, "0.1"),
        (Integer(1), "=width", 1, None),
    ],
)
def test_counting_keeps_the_limits(kind, text, steps, then) -> None:
    assert step(kind, text, steps) == then


def test_the_editor_suits_the_kind(qapp: QApplication) -> None:
    assert editor_for(Flag(), "bias", True).findChild(QCheckBox) is not None
    assert editor_for(PADDING, "padding", 1).findChild(QComboBox) is not None
    assert isinstance(editor_for(Integer(), "groups", 1).focusProxy(), QLineEdit)


def _row(qtbot: QtBot, kind, default, raw=MISSING) -> tuple[FieldRow, list[object]]:
    row = FieldRow("size", kind, "how large it is", default, load_theme("light"))
    qtbot.addWidget(row)
    row.show_value(raw)
    row.show()
    told: list[object] = []
    row.edited.connect(lambda _name, value: told.append(value))
    row.reset_wanted.connect(lambda _name: told.append("reset"))
    return row, told


def _type(field: QLineEdit, text: str) -> None:
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_a_row_tells_values_and_marks_what_is_not_allowed(qtbot: QtBot) -> None:
    row, told = _row(qtbot, Integer(1), 1)
    field = row.editor.field
    _type(field, "8")
    _type(field, "0")
    assert told == [8]
    assert "at least 1" in row.sentence.text()
    assert field.property("invalid") is True
    assert field.text() == "0", "what was typed is not taken away"
    _type(field, "9")
    assert told == [8, 9]
    assert row.sentence.isHidden()
    assert field.property("invalid") is False


def test_arrows_count_and_the_wheel_leaves_a_field_alone(qtbot: QtBot) -> None:
    row, told = _row(qtbot, Integer(1), 1, 5)
    QTest.keyClick(row.editor.field, Qt.Key.Key_Up)
    QTest.keyClick(row.editor.field, Qt.Key.Key_PageUp)
    QTest.keyClick(row.editor.field, Qt.Key.Key_Down)
    assert told == [6, 16, 15]


def test_a_default_is_quiet_and_can_be_gone_back_to(qtbot: QtBot) -> None:
    row, told = _row(qtbot, Integer(1), 1)
    assert row.reset.isHidden()
    assert row.label.property("quiet") is True
    assert row.editor.text() == "1"
    row.show_value(4)
    assert row.label.property("quiet") is False
    row.reset.click()
    assert told == ["reset"]


def test_a_flag_takes_an_expression_typed_on_it(qtbot: QtBot) -> None:
    row, told = _row(qtbot, Flag(), True)
    editor = row.editor
    assert isinstance(editor, FlagEditor)
    editor.box.click()
    assert told == [False]
    QTest.keyClicks(editor.box, "=")
    QTest.keyClicks(editor.field, "width > 3")
    QTest.keyClick(editor.field, Qt.Key.Key_Return)
    assert told == [False, "=width > 3"]


def test_a_choice_is_chosen_or_typed(qtbot: QtBot) -> None:
    row, told = _row(qtbot, PADDING, 0)
    box = row.editor.findChild(QComboBox)
    box.setCurrentIndex(box.findText("same"))
    box.textActivated.emit("same")
    _type(row.editor.field, "2, 1")
    assert told == ["same", [2, 1]]


def test_help_is_plain_text(qtbot: QtBot) -> None:
    row = FieldRow("size", Text(), "<b>bold</b> & more", "", load_theme("light"))
    qtbot.addWidget(row)
    assert "&lt;b&gt;" in row.label.toolTip()
    assert row.help.textFormat() == Qt.TextFormat.PlainText
