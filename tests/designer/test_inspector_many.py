"""The inspector of several layers, and of none: what they have in common, parameters, and what a design is about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from designer.design_page import DesignPage
from designer.panels.overview import in_words
from designer.panels.parameter_rows import ParameterRow
from designer.panels.several import DIFFERENT
from graph_ir import templates
from graph_ir.edits import Refused
from graph_ir.file import dump
from graph_ir.graph import Design, Graph, Node, Wire
from graph_ir.many_edits import layers_naming, remove_parameter, set_fields_of
from tests.designer.pages import a_page, graph, state, type_into
from tests.designer.windows import a_window, use_template, words

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> Iterator[DesignPage]:
    with a_page(qtbot) as made:
        made.canvas.document.load(templates.load("digits"))
        yield made


CONVOLUTIONS = ["conv1", "conv2", "conv3"]


def write(line: QLineEdit, text: str, key: Qt.Key = Qt.Key.Key_Return) -> None:
    line.setFocus()
    line.selectAll()
    QTest.keyClick(line, Qt.Key.Key_Delete)
    QTest.keyClicks(line, text)
    QTest.keyClick(line, key)


# Several layers


def test_several_layers_say_what_they_are_and_come_to(page: DesignPage) -> None:
    page.canvas.select([*CONVOLUTIONS, "fc"])
    report = page.canvas.report
    said = words(page.inspector)
    assert "4 layers" in said
    assert "3 × Conv2d, 1 × Linear" in said
    total = sum(report.layers[name].parameters for name in (*CONVOLUTIONS, "fc"))
    assert f"{total:,} parameters" in said


def test_an_edit_sets_all_of_them_as_one_step(page: DesignPage) -> None:
    document, before = page.canvas.document, state(page)
    page.canvas.select(CONVOLUTIONS)
    row = page.inspector.several.rows["kernel_size"]
    assert row.editor.text() == "3", "all have the same"
    write(row.editor.field, "5")
    assert [graph(page).node(name).values["kernel_size"] for name in CONVOLUTIONS] == [5, 5, 5]
    assert document.undo_stack.count() == 1
    assert "3 layers" in document.undo_stack.undoText()
    document.undo_stack.undo()
    assert state(page) == before
    assert row.editor.text() == "3"


def test_different_values_are_a_placeholder_until_one_is_typed(page: DesignPage) -> None:
    document = page.canvas.document
    document.set_fields("", "conv1", {"groups": 1, "stride": 2})
    page.canvas.select(CONVOLUTIONS)
    line = page.inspector.several.rows["stride"].editor.field
    assert (line.text(), line.placeholderText()) == ("", DIFFERENT)
    steps = document.undo_stack.count()
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert document.undo_stack.count() == steps, "looking changes nothing"
    write(line, "1")
    assert (line.text(), line.placeholderText()) == ("1", "")
    assert document.undo_stack.count() == steps + 1


def test_only_fields_of_one_name_and_kind_are_shown(page: DesignPage) -> None:
    page.canvas.select(["conv1", "fc"])
    rows = page.inspector.several.rows
    assert "bias" in rows
    assert "out_channels" not in rows
    assert "out_features" not in rows
    page.canvas.select(["relu1", "conv1"])
    assert not page.inspector.several.rows
    assert "no field in common" in words(page.inspector)


def test_requirement_13_several_layers_are_tried_together(qtbot: QtBot, page: DesignPage) -> None:
    document, before = page.canvas.document, state(page)
    page.canvas.select(CONVOLUTIONS)
    line = page.inspector.several.rows["kernel_size"].editor.field
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "1")
    qtbot.waitUntil(lambda: document.previewing is not None)
    after = document.previewing.report
    assert all(
        after.layers[name].parameters < document.report.layers[name].parameters for name in CONVOLUTIONS
    )
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert (document.previewing, state(page), document.undo_stack.count()) == (None, before, 0)


def test_a_value_that_one_of_them_refuses_changes_none(page: DesignPage) -> None:
    design, before = page.canvas.document.design, state(page)
    with pytest.raises(Refused, match="no field"):
        set_fields_of(design, "", {"conv1": {"bias": True}, "relu1": {"bias": True}})
    assert dump(design) == before


def test_back_to_the_default_goes_for_all(page: DesignPage) -> None:
    page.canvas.select(CONVOLUTIONS)
    row = page.inspector.several.rows["padding"]
    assert row.reset.isVisible()
    QTest.mouseClick(row.reset, LEFT)
    assert all("padding" not in graph(page).node(name).values for name in CONVOLUTIONS)
    assert page.canvas.document.undo_stack.count() == 1


def test_what_several_layers_have_in_common_to_do_is_done_by_the_window(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with a_window(qtbot, tmp_path) as window:
        use_template(window)
        canvas = window.design.canvas
        canvas.select(["relu1", "relu2"])
        _press(window.design.inspector.several.findChildren(QPushButton), "Hide from pictures")
        assert window.document.undo_stack.count() == 1
        _press(window.design.inspector.several.findChildren(QPushButton), "Delete")
        assert "relu1" not in canvas.graph
        assert "relu2" not in canvas.graph


def _press(buttons: list[QPushButton], text: str) -> None:
    QTest.mouseClick(next(button for button in buttons if button.text() == text), LEFT)


def test_all_layers_of_a_large_network_are_shown(qtbot: QtBot, page: DesignPage) -> None:
    design = Design()
    for number in range(1_000):
        design.top.add(Node(f"l{number}", ("Linear", "ReLU", "Dropout", "Tanh")[number % 4]))
    page.canvas.document.load(design)
    page.canvas.select(design.top.ids())
    assert "1,000 layers" in words(page.inspector)


# The network


def parameter(page: DesignPage, name: str) -> ParameterRow:
    row = page.inspector.overview.rows[name]
    assert isinstance(row, ParameterRow)
    return row


def test_a_parameter_is_renamed_everywhere(page: DesignPage) -> None:
    document, before = page.canvas.document, state(page)
    write(parameter(page, "width").title, "filters")
    assert graph(page).parameters["filters"] == 32
    assert graph(page).node("conv1").values["out_channels"] == "=filters"
    assert list(page.inspector.overview.rows)[: len(graph(page).parameters)] == list(graph(page).parameters)
    document.undo_stack.undo()
    assert state(page) == before


def test_a_name_that_is_taken_is_refused_and_the_old_one_stands(page: DesignPage) -> None:
    told: list[str] = []
    page.inspector.told.connect(told.append)
    before = state(page)
    write(parameter(page, "width").title, "num_classes")
    assert "already means something" in told[0]
    assert parameter(page, "width").title.text() == "width"
    assert state(page) == before


def test_a_parameter_that_is_named_is_not_removed_and_the_layers_are_said(page: DesignPage) -> None:
    told: list[str] = []
    page.inspector.told.connect(told.append)
    before = state(page)
    QTest.mouseClick(parameter(page, "width").remove, LEFT)
    using = layers_naming(page.canvas.document.design, "", "width")
    assert len(using) > 1
    assert told == [f"{_listed(using)} name the parameter 'width'; change their expressions first."]
    assert state(page) == before


def _listed(names: list[str]) -> str:
    first, rest = [repr(name) for name in names[:3]], len(names) - 3
    return f"{', '.join(first)} and {rest} more" if rest > 0 else f"{', '.join(first[:-1])} and {first[-1]}"


def test_a_parameter_comes_and_goes(page: DesignPage) -> None:
    document, before = page.canvas.document, state(page)
    write(page.inspector.overview.new, "depth = 4")  # type: ignore[arg-type]  # a line of text
    assert graph(page).parameters["depth"] == 4
    assert "not used" in parameter(page, "depth").remove.toolTip()
    QTest.mouseClick(parameter(page, "depth").remove, LEFT)
    assert "depth" not in graph(page).parameters
    assert state(page) == before
    document.undo_stack.undo()
    assert graph(page).parameters["depth"] == 4
    with pytest.raises(Refused, match="any more"):
        remove_parameter(document.design, "", "no_such")


def test_a_parameter_of_a_block_goes_with_what_uses_gave_for_it(page: DesignPage) -> None:
    block = Graph({"spare": 1, "channels": 4})
    block.add(Node("in", "Input"))
    block.add(Node("conv", "Conv2d", {"out_channels": "=channels", "kernel_size": 1}))
    block.add(Node("out", "Output"))
    block.add_wire(Wire("in", "y", "conv", "x"))
    block.add_wire(Wire("conv", "y", "out", "x"))
    design = Design(networks={"": Graph(), "Part": block})
    design.top.add(Node("image", "Input", {"shape": ["N", 3, 8, 8]}))
    design.top.add(Node("use", "Block", {"block": "Part", "parameters": {"spare": 2, "channels": 8}}))
    design.top.add_wire(Wire("image", "y", "use", "in"))
    page.canvas.document.load(design)
    page.canvas.trail.enter("use")
    told: list[str] = []
    page.inspector.told.connect(told.append)
    QTest.mouseClick(parameter(page, "channels").remove, LEFT)
    assert told == ["'conv' names the parameter 'channels'; change its expression first."]
    QTest.mouseClick(parameter(page, "spare").remove, LEFT)
    assert design.networks["Part"].parameters == {"channels": 4}
    assert design.top.node("use").values["parameters"] == {"channels": 8}
    assert page.canvas.document.undo_stack.count() == 1


def test_another_design_has_its_own_parameters(page: DesignPage) -> None:
    document = page.canvas.document
    for name in ("transformer", "vgg19", "digits"):
        document.load(templates.load(name))
        shown = [row for row in page.inspector.overview.rows if not row.startswith("about.")]
        assert shown == list(document.design.top.parameters)
    document.load(templates.load("inception-block"))  # names as before, other values
    values = {name: row.editor.text() for name, row in page.inspector.overview.parameters.rows.items()}
    assert values == {name: str(value) for name, value in document.design.top.parameters.items()}


def test_a_formula_of_costs_as_long_as_a_page_is_left_to_the_tooltip(page: DesignPage) -> None:
    page.canvas.document.load(templates.load("u-net"))
    totals = page.inspector.overview.totals
    assert totals.text().endswith("MACs depend on H, W")
    assert str(page.canvas.document.report.macs) in totals.toolTip().replace("·", "*")
    page.canvas.document.load(templates.load("digits"))
    assert page.inspector.overview.totals.text().endswith("M MACs for one sample")
    assert not page.inspector.overview.totals.toolTip()


def test_texts_about_a_design_are_as_high_as_their_words(page: DesignPage, qtbot: QtBot) -> None:
    for name in ("u-net", "digits", "transformer"):
        page.canvas.document.load(templates.load(name))
        for about in ("about.summary", "about.source", "about.licence"):
            field = page.inspector.overview.rows[about].editor.field
            qtbot.waitUntil(lambda field=field: field.verticalScrollBar().maximum() == 0)


def test_what_a_design_is_about_is_edited_here(page: DesignPage) -> None:
    document, before = page.canvas.document, state(page)
    rows = page.inspector.overview.rows
    write(rows["about.title"].editor.field, "Mine")
    assert document.design.about["title"] == "Mine"
    licence = rows["about.licence"].editor.field
    licence.setFocus()
    licence.selectAll()
    QTest.keyClick(licence, Qt.Key.Key_Delete)
    QTest.keyClick(licence, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert "licence" not in document.design.about
    assert document.undo_stack.count() == 2
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert state(page) == before
    assert rows["about.title"].editor.text() == document.design.about["title"]


def test_requirements_are_said_in_words(page: DesignPage) -> None:
    page.canvas.document.load(templates.load("unet" if "unet" in templates.names() else "digits"))
    for requirement in page.canvas.report.requires:
        assert f"needs {in_words(requirement)}" in words(page.inspector)


@pytest.mark.parametrize(
    ("requirement", "said"),
    [
        ("H % 16 == 0", "H divisible by 16"),
        ("(H + 1) % 2 == 1", "(H + 1) to leave 1 when divided by 2"),
        ("T >= 3", "T ≥ 3"),
        ("2*H == W", "2·H == W"),
    ],
)
def test_requirements_read_as_people_say_them(requirement: str, said: str) -> None:
    assert in_words(requirement) == said


def test_values_follow_the_design_while_the_rows_stay(page: DesignPage) -> None:
    row = parameter(page, "width")
    page.canvas.document.set_parameter("", "width", 16)
    assert parameter(page, "width") is row
    assert row.editor.text() == "16"
    page.canvas.document.set_section(("about", "title"), "Other")
    assert page.inspector.overview.rows["about.title"].editor.text() == "Other"


def test_an_empty_design_says_what_is_shown_here(page: DesignPage) -> None:
    page.canvas.document.load(Design())
    assert "What you select on the canvas is shown here" in words(page.inspector)
    page.canvas.document.add_layer("", "Input")
    page.canvas.select([])
    assert "Select a layer" in words(page.inspector)
    assert QPoint(0, 0) == page.inspector.area.widget().pos()
    type_into(page.inspector.overview.rows["about.title"], "New")  # type: ignore[arg-type]  # the row of a text
    assert page.canvas.document.design.about == {"title": "New"}
