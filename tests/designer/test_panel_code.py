"""The Code panel (requirement 24): layers light their lines, lines select their layers, in blocks too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from codegen.export import printed_files
from codegen.module import print_module
from designer.document import Document
from designer.main_window import MainWindow
from designer.panels.code_colours import inside_strings
from designer.panels.code_panel import MODULE, CodePanel
from designer.panels.code_view import CodeView
from designer.panels.printed import PrintedCode
from designer.services.printing import IDLE_MS, Printer, Wish, print_code
from designer.theme import Theme, load_theme
from graph_ir import templates
from graph_ir.graph import Design
from graph_ir.report import Report
from tests.designer.windows import a_window, use_template, words

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def theme(qapp) -> Theme:
    return load_theme("light")


@pytest.fixture
def document(qapp) -> Document:
    return Document(templates.load("digits"))


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        yield made


def open_code(qtbot: QtBot, window: MainWindow, template: str) -> CodeView:
    """Choose the tab with the mouse, and wait for the code of this design."""
    use_template(window, template)
    bar = window.design.bottom.tabBar()
    QTest.mouseClick(bar, LEFT, pos=bar.tabRect(window.design.bottom.indexOf(window.design.code)).center())
    view = window.design.code.views[MODULE]
    expected = print_module(window.document.design, window.document.report).source
    qtbot.waitUntil(lambda: view.toPlainText() == expected)
    return view


def lit_rows(view: CodeView) -> list[str]:
    rows = view.toPlainText().splitlines()
    return [rows[line - 1].strip() for line in view.lit()]


def click_line(view: CodeView, line: int) -> None:
    cursor = QTextCursor(view.document().findBlockByNumber(line - 1))
    view.setTextCursor(cursor)
    view.centerCursor()
    place = QPoint(view.cursorRect(cursor).left() + 30, view.cursorRect(cursor).center().y())
    QTest.mouseClick(view.viewport(), LEFT, pos=place)


def test_code_is_what_export_writes(document: Document) -> None:
    code = print_code(document.design, document.report, whole=True)
    printed = printed_files(document.design, document.report, print_module(document.design, document.report))
    assert code.files == {name: printed[name] for name in ("model.py", "train.py", "data.py")}


def test_requirement_24_a_selected_layer_lights_its_lines_and_a_line_selects_its_layer(
    qtbot: QtBot, window: MainWindow
) -> None:
    view = open_code(qtbot, window, "digits")
    window.design.canvas.select(["conv4"])
    assert lit_rows(view)
    assert all("conv4" in row for row in lit_rows(view))
    top = view.cursorRect(QTextCursor(view.document().findBlockByNumber(view.lit()[0] - 1)))
    assert view.viewport().rect().contains(top.center()), "what is lit is in sight"
    window.design.canvas.select(["conv4", "fc"])
    assert any("fc" in row for row in lit_rows(view))
    assert any("conv4" in row for row in lit_rows(view))
    line = next(n for n, row in enumerate(view.toPlainText().splitlines(), 1) if "self.conv2 =" in row)
    click_line(view, line)
    assert window.design.canvas.selected() == ["conv2"]


def test_requirement_24_a_line_inside_a_block_enters_it_and_a_layer_inside_lights_its_lines(
    qtbot: QtBot, window: MainWindow
) -> None:
    view = open_code(qtbot, window, "resnet18")
    code = print_code(window.document.design, window.document.report, whole=False)
    block = code.blocks[0]
    id, lines = next((id, lines) for id, lines in block.lines.items() if "Conv2d" in _row(view, lines[0]))
    click_line(view, lines[0])
    canvas = window.design.canvas
    assert (canvas.network, canvas.selected()) == (block.block, [id])
    assert view.lit() == tuple(lines)
    other = next(one for one in block.lines if one != id)
    canvas.select([other])
    assert view.lit() == tuple(block.lines[other])
    canvas.select([])
    (first, *_) = canvas.trail.steps
    assert view.lit() == tuple(code.lines[first.use]), "a block on show: its use"


def _row(view: CodeView, line: int) -> str:
    return view.toPlainText().splitlines()[line - 1]


def test_a_use_with_a_class_of_its_own_lights_that_class(qapp) -> None:
    design = templates.load("resnet18")
    document = Document(design)
    code = print_code(design, document.report, whole=False)
    for block in code.blocks:
        for report in block.reports:
            for id, lines in block.lines.items():
                assert code.lines_of([id], block.block, report) == sorted(lines)


def test_code_says_why_there_is_none(qtbot: QtBot, document: Document, theme: Theme) -> None:
    panel = CodePanel(theme)
    qtbot.addWidget(panel)
    panel.show()
    assert "Nothing is drawn yet" in words(panel)
    document.set_fields("", "conv4", {"kernel_size": 99})
    panel.show_code(print_code(document.design, document.report, whole=True))
    assert "errors are mended" in words(panel)
    assert not panel.copy.isEnabled()
    assert print_code(Document().design, Document().report, whole=True) == PrintedCode()


def test_copy_takes_the_whole_file_along(qtbot: QtBot, document: Document, theme: Theme) -> None:
    panel = CodePanel(theme)
    qtbot.addWidget(panel)
    panel.show()
    code = print_code(document.design, document.report, whole=True)
    panel.show_code(code)
    for number, name in enumerate(code.files):
        QTest.mouseClick(panel.tabs, LEFT, pos=panel.tabs.tabRect(number).center())
        QTest.mouseClick(panel.copy, LEFT)
        assert QGuiApplication.clipboard().text() == code.files[name]


def test_ctrl_f_in_the_code_finds_in_the_code(qtbot: QtBot, window: MainWindow) -> None:
    view = open_code(qtbot, window, "digits")
    find = window.design.code.finder
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_F, CTRL)
    assert find.isVisible()
    QTest.keyClicks(find.field, "relu")
    many = view.toPlainText().casefold().count("relu")
    assert view.textCursor().selectedText().casefold() == "relu"
    assert find.count.text() == f"1 of {many}"
    for number in (2, 3):
        QTest.keyClick(find.field, Qt.Key.Key_Return)
        assert find.count.text() == f"{number} of {many}"
    QTest.keyClick(find.field, Qt.Key.Key_Return, SHIFT)
    assert find.count.text() == f"2 of {many}"
    QTest.keyClicks(find.field, "zz")
    assert find.count.text() == "not there"
    QTest.keyClick(find.field, Qt.Key.Key_Escape)
    assert not find.isVisible()
    assert view.hasFocus()


def test_code_is_not_printed_while_nobody_looks(qtbot: QtBot, window: MainWindow) -> None:
    use_template(window)
    asked: list[object] = []
    window.design._printer.printed.connect(asked.append)
    window.document.set_parameter("", "width", 16)
    qtbot.wait(400)
    assert asked == [], "no layer is selected, and another panel is in front"
    window.design.canvas.select(["conv1"])
    qtbot.waitUntil(lambda: len(asked) == 1)
    view = open_code(qtbot, window, "digits")
    window.document.set_parameter("", "width", 8)
    expected = print_module(window.document.design, window.document.report).source
    qtbot.waitUntil(lambda: view.toPlainText() == expected)
    assert len(asked) > 1


def test_what_is_changed_while_it_is_printed_is_printed_next(
    qtbot: QtBot, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, begun = Event(), list[Report]()

    def slowly(design: Design, report: Report, *, whole: bool) -> PrintedCode:
        begun.append(report)
        gate.wait(20)
        return print_code(design, report, whole=whole)

    monkeypatch.setattr("designer.services.printing.print_code", slowly)
    printer = Printer(lambda: Wish(document.design.copy(), document.report, whole=False))
    told: list[PrintedCode] = []
    printer.printed.connect(told.append)
    printer.ask()
    qtbot.waitUntil(lambda: len(begun) == 1)
    for width in (8, 16, 24):
        document.set_parameter("", "width", width)
        printer.ask()
    qtbot.wait(2 * IDLE_MS)
    assert len(begun) == 1, "one at a time"
    gate.set()
    qtbot.waitUntil(lambda: len(told) == 2)
    assert begun[1] is document.report, "what was in between is not printed"
    assert told[1].files[MODULE] == print_module(document.design, document.report).source


def test_ten_thousand_lines_are_coloured_where_they_are_seen(qtbot: QtBot, theme: Theme) -> None:
    view = CodeView(theme, numbers=True)
    qtbot.addWidget(view)
    view.resize(600, 300)
    view.show()
    view.show_source("\n".join(f'x{n} = nn.Linear({n}, 1)  # "{n}"' for n in range(10_000)))

    def coloured() -> set[int]:
        blocks = (view.document().findBlockByNumber(n) for n in range(0, 10_000, 1))
        return {block.blockNumber() for block in blocks if block.layout().formats()}

    qtbot.wait(1)
    assert 5 < len(coloured()) < 100
    view.verticalScrollBar().setValue(9000)
    qtbot.wait(1)
    assert 9005 in coloured()
    assert len(coloured()) < 200
    view.light([5000])
    qtbot.wait(1)
    assert 5000 - 1 in coloured(), "what is brought into sight is coloured"


def test_strings_over_several_lines_are_known() -> None:
    lines = ["def f():", '    """What it', "    does.", '    """', "    x = 1", '    """one"""', "    y"]
    assert inside_strings(lines) == [False, False, True, True, False, False, False]
