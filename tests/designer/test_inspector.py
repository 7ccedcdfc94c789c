"""The inspector of one layer: made from its declaration, equal to the engine (requirement 14), usable by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QWidget
from pytestqt.qtbot import QtBot

from designer.design_page import DesignPage
from designer.document import Document
from designer.panels.choice_editors import FlagEditor
from designer.panels.inspector import Inspector
from designer.panels.layer_page import LABEL, NOTE
from designer.panels.table_editor import TableEditor, line_of, lines_of
from designer.panels.widgets import amount, type_text
from designer.theme import load_fonts, load_theme
from designer.trail import Trail
from graph_ir import templates
from graph_ir.annotations import annotations_of
from graph_ir.dims import symbols
from graph_ir.file import dump
from graph_ir.graph import Design, Graph, Node, Wire
from graph_ir.kinds import Table
from graph_ir.layers import catalogue
from graph_ir.spec import Category
from tests.designer.pages import a_page, type_into, with_inputs
from tests.designer.test_whole_catalogue import fitting
from tests.designer.windows import words
from tests.graph_ir.test_formulas import value_of

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> Iterator[DesignPage]:
    with a_page(qtbot) as made:
        yield made


@pytest.fixture
def digits(page: DesignPage) -> DesignPage:
    page.canvas.document.load(templates.load("digits"))
    page.canvas.select(["conv1"])
    return page


def an_inspector(qtbot: QtBot, document: Document, look: str = "light") -> Inspector:
    load_fonts()
    inspector = Inspector(document, load_theme(look), Trail(document))
    qtbot.addWidget(inspector)
    inspector.resize(330, 900)
    inspector.show()
    return inspector


# Requirement 14


@pytest.mark.parametrize("category", Category, ids=lambda category: category.key)
def test_requirement_14_what_is_shown_equals_the_engine(
    qtbot: QtBot, qapp: QApplication, category: Category
) -> None:
    document = Document()
    inspector = an_inspector(qtbot, document)
    for cls in catalogue().values():
        if cls.spec.category is not category:
            continue
        types = fitting(cls) if cls.spec.inputs else {}
        design = with_inputs(types)
        design.top.add(Node("layer", cls.spec.type, cls.spec.start_values()))
        for number, port in enumerate(types, 1):
            design.top.add_wire(Wire(f"in{number}", "y", "layer", port))
        document.load(design)
        inspector.show_layers(["layer"])
        entry = document.report.layers["layer"]
        assert entry.inference is not None, cls.spec.type
        said = words(inspector).splitlines()
        for port, given in entry.outputs.items():
            shown = type_text(given) if len(entry.outputs) == 1 else f"{port}  {type_text(given)}"
            assert shown in said, cls.spec.type
        if entry.parameters:
            assert any(line.startswith(f"{amount(entry.parameters)} parameters") for line in said), (
                cls.spec.type
            )
        _calculations_hold(document, said, cls.spec.type)


def _calculations_hold(document: Document, said: list[str], type: str) -> None:
    """Every line with a `=` is right, and says a number of the engine's."""
    entry, macs = document.report.layers["layer"], document.report.macs_by_layer.get("layer", 0)
    names = {name: 7 for given in entry.outputs.values() for dim in given.shape for name in symbols(dim)}
    sizes = {str(dim) for given in entry.outputs.values() for dim in given.shape}
    for line in said:
        found = re.fullmatch(r"(Parameters: |MACs: |[A-Z ,]*(?:axis \d+(?:, )?)*  )(.+) = (.+)", line)
        if found is None:
            continue
        what, calculation, result = found.groups()
        plain = result.replace(",", "")
        assert value_of(calculation.replace(",", ""), names) == value_of(plain, names), (type, line)
        wanted = {"Parameters: ": {str(entry.parameters)}, "MACs: ": {str(macs)}}.get(what, sizes)
        assert plain in wanted, (type, line)


def test_requirement_14_the_arithmetic_of_a_convolution_reads_like_the_textbook(digits: DesignPage) -> None:
    document = digits.canvas.document
    document.set_fields("", "conv1", {"stride": 2})
    said = words(digits.inspector).splitlines()
    assert "N · C32 · H4 · W4" in said
    assert "H, W  ⌊(8 + 2·1 − 3)/2⌋ + 1 = 4" in said
    assert "Parameters: 32·3·3 = 288" in said


def test_memory_and_receptive_field_come_when_the_person_pauses(qtbot: QtBot, digits: DesignPage) -> None:
    digits.canvas.select(["conv2"])
    qtbot.waitUntil(lambda: "8.19 kB of memory for one sample · sees 5×5 of image" in words(digits.inspector))


# Rows


def test_the_whole_of_a_convolution_is_seen_at_900_pixels(qtbot: QtBot, qapp: QApplication) -> None:
    document = Document(templates.load("digits"))
    inspector = an_inspector(qtbot, document)
    inspector.show_layers(["conv1"])
    qtbot.waitUntil(lambda: "sees" in words(inspector))
    assert not inspector.area.verticalScrollBar().isVisible()


def test_help_is_shown_for_the_field_with_the_cursor_alone(digits: DesignPage) -> None:
    inspector = digits.inspector
    assert not inspector.help.isVisible()
    assert "filter height, width" not in words(inspector)
    inspector.focus_field("kernel_size")
    assert inspector.help.title.text() == "kernel_size: filter height, width (pixels)"
    assert inspector.help.limits.text() == "1 or more pixels, one for all 2 axes or one each. Needed."
    inspector.focus_field("groups")
    assert inspector.help.limits.text() == "1 or more. Default: 1."
    digits.canvas.setFocus()
    assert not inspector.help.isVisible()


def test_every_editor_says_its_name_help_and_limits(qtbot: QtBot, qapp: QApplication) -> None:
    document = Document()
    inspector = an_inspector(qtbot, document)
    for cls in list(catalogue().values())[::7]:
        (name, *_) = document.add_layer("", cls.spec.type, bare=True)
        inspector.show_layers([name])
        for field in cls.spec.fields.values():
            editor = inspector.row(field.name).editor
            widget = editor.focusProxy()
            said = widget.accessibleName()
            assert said.startswith(f"{field.name}, "), cls.spec.type
            assert field.help.replace("`", "").partition(" (")[0] in said, (cls.spec.type, said)
            assert widget.accessibleDescription()
    (name, *_) = document.add_layer("", "Conv2d", bare=True)
    inspector.show_layers([name])
    said = inspector.row("out_channels").editor.focusProxy().accessibleName()
    assert said == "out_channels, number of filters, 1 or more"


def test_required_fields_are_marked_and_defaults_are_greyed(digits: DesignPage) -> None:
    inspector = digits.inspector
    assert inspector.row("kernel_size").label.text() == "kernel_size *"
    assert inspector.row("groups").label.text() == "groups"
    assert inspector.row("groups").editor.field.property("default") is True
    assert inspector.row("kernel_size").editor.field.property("default") is False


def test_tab_goes_through_all_fields_from_top_to_bottom(digits: DesignPage) -> None:
    inspector = digits.inspector
    inspector.row("name").editor.field.setFocus()
    wanted = [
        "name",
        "out_channels",
        "kernel_size",
        "stride",
        "padding",
        "dilation",
        "groups",
        "bias",
        "padding_mode",
    ]
    seen = []
    for _ in range(40):
        widget: QWidget | None = QApplication.focusWidget()
        seen += [name for name in wanted if widget is not None and inspector.row(name).isAncestorOf(widget)]
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert list(dict.fromkeys(seen)) == wanted


def test_all_fields_go_back_to_their_defaults_as_one_step(digits: DesignPage) -> None:
    document = digits.canvas.document
    document.set_fields("", "conv1", {"stride": 2, "padding": 0, "l2": 0.5})
    before, steps = dump(document.design), document.undo_stack.count()
    page = digits.inspector.page
    assert page is not None
    QTest.mouseClick(page.reset_all, LEFT)
    assert dict(document.design.top.node("conv1").values) == {"out_channels": "=width", "kernel_size": 3}
    assert document.undo_stack.count() == steps + 1
    assert not page.reset_all.isVisible()
    document.undo_stack.undo()
    assert dump(document.design) == before


def test_label_note_bypass_and_hiding_are_steps_of_their_own(digits: DesignPage) -> None:
    document, inspector = digits.canvas.document, digits.inspector
    inspector.focus_field(LABEL)
    label = inspector.row(LABEL).editor.field
    assert label.isVisible(), "what is folded away unfolds"
    QApplication.clipboard().setText("الطبقة الأولى")
    QTest.keyClick(label, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(label, Qt.Key.Key_Return)
    assert document.design.top.node("conv1").label == "الطبقة الأولى"
    note = inspector.row(NOTE).editor.field
    note.setFocus()
    QTest.keyClicks(note, "why 3?")
    QTest.keyClick(note, Qt.Key.Key_Return)
    QTest.keyClicks(note, "because")
    QTest.keyClick(note, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert annotations_of(document.design.layout).notes == {"conv1": "why 3?\nbecause"}
    page = inspector.page
    assert page is not None
    _click_box(page.hidden)
    assert annotations_of(document.design.layout).hidden == {"conv1"}
    digits.canvas.select(["relu1"])
    page = inspector.page
    assert page is not None
    assert not page.hidden.isChecked()
    _click_box(page.bypass)
    assert document.design.top.node("relu1").bypass
    assert page.bypass.isChecked()
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert not page.bypass.isChecked()
    assert annotations_of(document.design.layout).hidden == frozenset()


def _click_box(box: QCheckBox) -> None:
    QTest.mouseClick(box, LEFT, NONE, QPoint(8, box.height() // 2))


def test_a_switch_that_is_refused_goes_back_and_says_why(digits: DesignPage) -> None:
    told: list[str] = []
    digits.inspector.told.connect(told.append)
    digits.canvas.select(["image"])
    page = digits.inspector.page
    assert page is not None
    _click_box(page.bypass)
    assert not page.bypass.isChecked()
    assert "can't be bypassed" in told[0]


def test_names_of_parameters_are_completed(digits: DesignPage) -> None:
    line = digits.inspector.row("kernel_size").editor.field
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "=wi")
    QTest.keyClick(line, Qt.Key.Key_Tab)
    assert line.text() == "=width"
    assert line.hasFocus()
    QTest.keyClicks(line, "//nu")
    QTest.keyClick(line, Qt.Key.Key_Down)
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert line.text() == "=width//num_classes"
    assert digits.canvas.document.undo_stack.count() == 0, "Enter took the name, not yet the value"
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert digits.canvas.document.design.top.node("conv1").values["kernel_size"] == "=width//num_classes"


def test_rows_of_a_table_stand_one_below_the_other(page: DesignPage) -> None:
    document = page.canvas.document
    (name, *_) = document.add_layer("", "ConnectionTableConv2d", bare=True)
    page.canvas.select([name])
    editor = page.inspector.row("table").editor
    assert isinstance(editor, TableEditor)
    editor.field.setFocus()
    editor.field.selectAll()
    QTest.keyClicks(editor.field, "0, 1")
    QTest.keyClick(editor.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(editor.field, "2")
    QTest.keyClick(editor.field, Qt.Key.Key_Return)
    assert document.design.top.node(name).values["table"] == [[0, 1], [2]]
    assert editor.field.toPlainText() == "0, 1\n2"
    editor.field.selectAll()
    QTest.keyClicks(editor.field, "0, x")
    QTest.keyClick(editor.field, Qt.Key.Key_Return)
    assert "must be" in page.inspector.row("table").sentence.text()
    assert document.design.top.node(name).values["table"] == [[0, 1], [2]]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("[[0, 1], [2]]", "0, 1\n2"),
        ('{"x": "N C T", "mask": "N T : bool"}', "x: N C T\nmask: N T : bool"),
        ('{"width": 64, "name": "a"}', 'width: 64\nname: "a"'),
        ('{"flag": "true"}', 'flag: "true"'),
        ("=table", "=table"),
        ("[]", "[]"),
    ],
)
def test_lines_read_back_as_what_they_show(text: str, lines: str) -> None:
    kind = Table() if text.startswith("[[") else catalogue()["ExternalModule"].spec.fields["inputs"].kind
    assert lines_of(text) == lines
    assert line_of(kind, lines) == text


# Changing what is shown


def test_another_layer_of_the_type_is_shown_in_the_same_rows(digits: DesignPage) -> None:
    row = digits.inspector.row("kernel_size")
    digits.canvas.document.set_fields("", "conv2", {"kernel_size": 5})
    digits.canvas.select(["conv2"])
    assert digits.inspector.row("kernel_size") is row
    assert row.editor.text() == "5"
    digits.canvas.select(["relu1"])
    digits.canvas.select(["conv1"])
    assert digits.inspector.row("kernel_size") is row
    assert row.editor.text() == "3"


def test_what_is_not_allowed_yet_is_kept_for_its_layer_alone(digits: DesignPage) -> None:
    line = digits.inspector.row("stride").editor.field
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "0")
    QTest.keyClick(line, Qt.Key.Key_Return)
    (pool, *_) = digits.canvas.document.add_layer("", "MaxPool2d", bare=True)
    line.setFocus()
    digits.canvas.select([pool])
    assert (digits.inspector.row("stride").editor.text(), digits.inspector.row("stride").sentence.text()) == (
        "null",
        "",
    )
    digits.canvas.select(["conv2"])
    row = digits.inspector.row("stride")
    assert (row.editor.text(), row.sentence.text()) == ("1", "")
    digits.canvas.document.set_fields("", "conv2", {"padding": 2})
    digits.canvas.select(["conv1"])
    assert row.editor.text() == "0"
    assert "at least 1" in row.sentence.text()
    assert row.editor.field.property("invalid") is True


def test_more_types_than_pages_are_kept(qtbot: QtBot, qapp: QApplication) -> None:
    document = Document()
    inspector = an_inspector(qtbot, document)
    names = [document.add_layer("", type, bare=True)[0] for type in sorted(catalogue())[:30]]
    for name in [*names, *names[:3], *names[-3:]]:
        inspector.show_layers([name])
        assert inspector.row("name").editor.text() == name
    pages = [child for child in inspector.findChildren(type(inspector.page)) if child.isVisible()]
    assert pages == [inspector.page]


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("type", ["MultiheadAttention", "LSTM", "Conv2d"])
def test_nothing_is_wider_than_the_panel(qtbot: QtBot, qapp: QApplication, look: str, type: str) -> None:
    document = Document()
    (name, *_) = document.add_layer("", type, bare=True)
    document.rename("", name, "a_very_long_name_" * 8)
    document.set_label("", "a_very_long_name_" * 8, "اسم طويل جدا " * 12)
    document.set_note("", "a_very_long_name_" * 8, "word " * 300)
    inspector = an_inspector(qtbot, document, look)
    inspector.show_layers(["a_very_long_name_" * 8])
    inspector.focus_field(LABEL)
    content = inspector.area.widget()
    assert content is not None
    assert content.width() <= inspector.area.viewport().width()
    for row in inspector.page.rows.values() if inspector.page else ():
        assert row.mapTo(content, QPoint(row.width(), 0)).x() <= content.width()


def test_another_look_dresses_all_pages_anew(digits: DesignPage) -> None:
    line = digits.inspector.row("kernel_size").editor.field
    line.setFocus()
    digits.set_theme(load_theme("dark"))
    assert digits.inspector.row("kernel_size").editor.text() == "3"
    digits.canvas.select(["relu1"])
    digits.canvas.select(["conv1"])
    assert digits.inspector.row("kernel_size").editor.text() == "3"


def test_a_layer_whose_type_is_not_known_has_a_name_and_a_problem(page: DesignPage) -> None:
    design = Design()
    design.top.add(Node("odd", "NoSuchLayer", {"width": 3}))
    page.canvas.document.load(design)
    page.canvas.select(["odd"])
    assert page.inspector.row("name").editor.text() == "odd"
    assert "there is no layer type" in words(page.inspector).lower()


def test_a_flag_with_an_expression_shows_its_value(page: DesignPage) -> None:
    design = Design(networks={"": Graph({"deep": True})})
    design.top.add(Node("conv", "Conv2d", {"out_channels": 4, "kernel_size": 1, "bias": "=not deep"}))
    page.canvas.document.load(design)
    page.canvas.select(["conv"])
    editor = page.inspector.row("bias").editor
    assert isinstance(editor, FlagEditor)
    assert (editor.field.text(), editor.computed.text()) == ("=not deep", "= false")
    type_into(page.inspector.row("bias"), True)
    assert page.canvas.document.design.top.node("conv").values["bias"] is True
