"""The Summary: exactly `graph_ir.summary`, to sort, filter and copy; in step with every edit while it is seen."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from designer.canvas.overlay import comparable, receptive_words
from designer.document import Document
from designer.panels.layer_tree import LayerTree
from designer.panels.summary import SummaryPanel
from designer.panels.summary_model import MACS, MEMORY, PARAMETERS, RECEPTIVE, SHARE
from designer.theme import load_theme
from graph_ir import templates
from graph_ir.edits import Refused
from graph_ir.receptive import receptive_fields
from graph_ir.summary import HEADER, Summary

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def document(qapp) -> Document:
    return Document(templates.load("digits"))


def shown_panel(qtbot: QtBot, document: Document) -> SummaryPanel:
    made = SummaryPanel(load_theme("light"))
    qtbot.addWidget(made)
    made.resize(1100, 400)
    QAbstractItemModelTester(made.model, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    document.checked.connect(lambda report: made.show_summary(Summary(report)))
    made.show_summary(Summary(document.report))
    made.show()
    return made


@pytest.fixture
def panel(qtbot: QtBot, document: Document) -> Iterator[SummaryPanel]:
    yield shown_panel(qtbot, document)


def table(
    model: LayerTree, columns: int = len(HEADER), parent: QModelIndex | None = None
) -> list[tuple[str, ...]]:
    above = parent or QModelIndex()
    return [
        tuple(str(model.index(row, column, above).data()) for column in range(columns))
        for row in range(model.rowCount(above))
    ]


def click_row(panel: SummaryPanel, id: str, held: Qt.KeyboardModifier = NONE, *path: str) -> None:
    row = panel.model.find(path, id)
    assert row is not None
    panel.table.scrollTo(panel.model.index_of(row))
    place = panel.table.visualRect(panel.model.index_of(row)).center()
    QTest.mouseClick(panel.table.viewport(), LEFT, held, place)


def chosen(panel: SummaryPanel) -> list[str]:
    return [str(index.data()) for index in panel.table.selectionModel().selectedRows()]


def click_header(panel: SummaryPanel, column: int) -> None:
    header = panel.table.header()
    place = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)
    QTest.mouseClick(header.viewport(), LEFT, NONE, place)


def test_the_table_is_the_summary_of_graph_ir(panel: SummaryPanel, document: Document) -> None:
    assert table(panel.model) == Summary(document.report).rows()
    assert panel.totals.text() == "  ·  ".join(Summary(document.report).totals())


@pytest.mark.parametrize("name", ["u-net", "char-gpt", "speech-ctc"])
def test_other_templates_too(qtbot: QtBot, qapp, name: str) -> None:
    document = Document(templates.load(name))
    assert table(shown_panel(qtbot, document).model) == Summary(document.report).rows()


def test_a_row_selects_its_layer_and_several_rows_several(panel: SummaryPanel) -> None:
    told: list[list[str]] = []
    panel.layers_chosen.connect(told.append)
    click_row(panel, "conv2")
    click_row(panel, "fc", Qt.KeyboardModifier.ControlModifier)
    assert told == [["conv2"], ["conv2", "fc"]]
    panel.select(["conv1", "conv3"])
    assert sorted(chosen(panel)) == ["conv1", "conv3"]
    assert len(told) == 2, "what the canvas selects is not told back"


@pytest.mark.parametrize("column", [PARAMETERS, MACS, MEMORY, RECEPTIVE])
def test_numbers_are_sorted_as_numbers(panel: SummaryPanel, document: Document, column: int) -> None:
    for action in panel.columns.menu().actions():
        action.trigger()
    panel.table.header().setSectionResizeMode(panel.table.header().ResizeMode.Stretch)
    click_header(panel, column)
    report = document.report
    views = receptive_fields(report)
    figures = {
        PARAMETERS: lambda id: report.layers[id].parameters,
        MACS: lambda id: comparable(report.macs_by_layer.get(id, 0)),
        MEMORY: lambda id: comparable(report.costs[id].activation_bytes.value),
        RECEPTIVE: lambda id: max((v.entries or 10**9 for v in views.get(id, ())), default=0),
    }[column]
    rising = [figures(id) for id in panel.model.ids()]
    assert rising == sorted(rising)
    click_header(panel, column)
    falling = [figures(id) for id in panel.model.ids()]
    assert falling == sorted(falling, reverse=True)
    assert falling[0] > falling[-1]
    click_header(panel, column)
    assert panel.model.ids() == list(report.layers), "a third click: as the file has them"


def test_figures_with_sizes_that_vary_are_sorted_by_how_they_grow(qtbot: QtBot, qapp) -> None:
    document = Document(templates.load("u-net"))
    panel = shown_panel(qtbot, document)
    panel.model.sort(MACS, Qt.SortOrder.DescendingOrder)
    most = document.report.macs_by_layer[panel.model.ids()[0]]
    assert not isinstance(most, int)
    assert comparable(most) == max(map(comparable, document.report.macs_by_layer.values()))


def test_names_are_sorted_as_people_count(qtbot: QtBot, document: Document) -> None:
    document.rename("", "conv1", "conv10")
    panel = shown_panel(qtbot, document)
    panel.model.sort(0)
    ids = panel.model.ids()
    assert ids.index("conv2") < ids.index("conv10")


def test_the_filter_takes_what_find_takes_and_says_how_many(panel: SummaryPanel, document: Document) -> None:
    QTest.keyClicks(panel.filter, "type:conv params>1k")
    expected = [
        id for id, e in document.report.layers.items() if "Conv" in e.node.type and e.parameters > 1000
    ]
    assert panel.model.ids() == expected
    assert panel.shown.text() == f"{len(expected)} of {len(document.report.layers)}"
    QTest.keyClicks(panel.filter, " type:")
    assert panel.filter.property("invalid") is True
    assert "type:conv" in panel.filter.toolTip()
    panel.filter.clear()
    assert panel.model.ids() == list(document.report.layers)


def test_an_edit_touches_its_rows_and_keeps_selection_scroll_and_order(
    panel: SummaryPanel, document: Document
) -> None:
    panel.resize(900, 200)
    panel.model.sort(PARAMETERS, Qt.SortOrder.DescendingOrder)
    click_row(panel, "conv6")
    bar = panel.table.verticalScrollBar()
    bar.setValue(3)
    document.set_fields("", "conv1", {"bias": True})
    assert chosen(panel) == ["conv6"]
    assert bar.value() == 3
    parameters = [document.report.layers[id].parameters for id in panel.model.ids()]
    assert parameters == sorted(parameters, reverse=True)
    assert {row[0]: row for row in table(panel.model)} == {
        row[0]: row for row in Summary(document.report).rows()
    }


def test_a_hidden_table_is_brought_up_to_date_when_it_is_seen(
    panel: SummaryPanel, document: Document
) -> None:
    before = table(panel.model)
    panel.hide()
    document.set_fields("", "conv1", {"out_channels": 8})
    panel.select(["fc"])
    assert [row.entry for row in panel.model.rows_below(panel.model.root)] != list(
        document.report.layers.values()
    )
    panel.show()
    assert table(panel.model) == Summary(document.report).rows() != before
    assert chosen(panel) == ["fc"]


def test_a_block_opens_into_its_layers_and_enter_goes_there(qtbot: QtBot, qapp) -> None:
    document = Document(templates.load("resnet18"))
    panel = shown_panel(qtbot, document)
    use, entry = next((id, e) for id, e in document.report.layers.items() if e.nested)
    index = panel.model.index_of(panel.model.find((), use) or panel.model.root)
    panel.table.setCurrentIndex(index)
    QTest.keyClick(panel.table, Qt.Key.Key_Right)
    inside = table(panel.model, parent=index)
    if inside[0][0].startswith("repetition"):
        index = panel.model.index(0, 0, index)
        panel.table.expand(index)
        inside = table(panel.model, parent=index)
    first = next(one.report for one in entry.nested if one.report)
    assert [row[0] for row in inside] == list(first.layers)
    known = document.report.costs[use].inside[0]
    assert known is not None
    assert [row[MACS] for row in inside] == [f"{known[id].macs.value:,}" for id in first.layers]
    told: list[tuple[list[str], str]] = []
    ids: list[list[str]] = []
    panel.enter_wanted.connect(lambda uses, id: told.append((uses, id)))
    panel.layers_chosen.connect(ids.append)
    panel.table.setCurrentIndex(panel.model.index(1, 0, index))
    assert ids[-1] == [use], "a row inside stands for the use it lies in"
    QTest.keyClick(panel.table, Qt.Key.Key_Return)
    assert told == [([use], inside[1][0])]


def test_shares_are_those_of_all_parameters(panel: SummaryPanel, document: Document) -> None:
    shares = [panel.model.index(row, PARAMETERS).data(SHARE) for row in range(panel.model.rowCount())]
    assert sum(shares) == pytest.approx(1.0)
    assert shares == [e.parameters / document.report.parameters for e in document.report.layers.values()]


def test_a_bar_too_short_to_be_one_is_not_painted(panel: SummaryPanel, document: Document) -> None:
    """Below a small share there would be a dot that looks like dirt."""
    picture, bar = panel.table.viewport().grab().toImage(), load_theme("light").colour("heat_high")
    shown = {entry.node.id: row for row, entry in enumerate(document.report.layers.values())}

    def painted(id: str) -> int:
        box = panel.table.visualRect(panel.model.index(shown[id], PARAMETERS))
        return sum(picture.pixelColor(x, box.bottom()) == bar for x in range(box.left(), box.right() + 1))

    assert painted("norm1") == painted("relu1") == 0
    share = document.report.layers["conv2"].parameters / document.report.parameters
    width = panel.table.visualRect(panel.model.index(0, PARAMETERS)).width() - 12
    assert painted("conv2") == round(width * share) > 2


def test_more_columns_are_shown_when_they_are_wanted(panel: SummaryPanel, document: Document) -> None:
    assert panel.table.isColumnHidden(MEMORY)
    for action in panel.columns.menu().actions():
        action.trigger()
    assert not panel.table.isColumnHidden(MEMORY)
    assert not panel.table.isColumnHidden(RECEPTIVE)
    views = receptive_fields(document.report)
    shown = [row[RECEPTIVE] for row in table(panel.model, RECEPTIVE + 1)]
    assert shown == [receptive_words(views.get(id, ())) for id in document.report.layers]
    assert table(panel.model, MEMORY + 1)[0][MEMORY] == "256 B", "an image of 8 × 8 in float32"


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize("form", ["Markdown", "LaTeX", "CSV", "plain text"])
def test_copies_are_what_graph_ir_writes(panel: SummaryPanel, document: Document, form: str) -> None:
    write = {
        "Markdown": Summary.as_markdown,
        "LaTeX": Summary.as_latex,
        "CSV": Summary.as_csv,
        "plain text": Summary.as_text,
    }[form]
    told: list[str] = []
    panel.copied.connect(told.append)
    _act(panel.copy.menu(), f"Copy the table as {form}")
    assert QGuiApplication.clipboard().text() == write(Summary(document.report))
    panel.model.sort(0)
    panel.select(["fc", "conv1"])
    menu = panel.open_menu(panel.mapToGlobal(QPoint(20, 20)))
    _act(menu, f"Copy the selected rows as {form}")
    menu.close()
    assert QGuiApplication.clipboard().text() == write(Summary(document.report, ("conv1", "fc")))
    assert told[-1] == f"Copied 2 rows as {form}."


def test_ctrl_c_takes_the_selected_rows_along(panel: SummaryPanel, document: Document) -> None:
    QGuiApplication.clipboard().setText("before")
    panel.select(["conv1"])
    QTest.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == Summary(document.report, ("conv1",)).as_text()


def test_hundreds_of_edits_leave_the_table_of_the_last(qtbot: QtBot, document: Document) -> None:
    panel = shown_panel(qtbot, document)
    panel.model.sort(MACS)
    dice = random.Random(5)
    for _ in range(120):
        ids = document.design.top.ids()
        try:
            match dice.randrange(4):
                case 0:
                    document.add_layer(
                        "", dice.choice(["ReLU", "Conv2d", "Linear"]), after=(dice.choice(ids), "y")
                    )
                case 1:
                    document.remove_layers("", [dice.choice(ids)])
                case 2:
                    document.undo_stack.undo()
                case _:
                    document.set_fields("", dice.choice(ids), {"out_channels": dice.randrange(1, 9)})
        except Refused:
            continue
        assert sorted(table(panel.model)) == sorted(Summary(document.report).rows())


def _act(menu: QMenu, name: str) -> None:
    next(action for action in menu.actions() if action.text() == name).trigger()
