"""The Problems panel: by severity, walked with F8, filtered, copied, and in sight of blocks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from designer.document import Document
from designer.main_window import MainWindow
from designer.panels.problems import LISTED, Problems
from designer.theme import load_theme
from graph_ir import templates
from graph_ir.problems import Problem
from tests.designer.windows import a_window, use_template, words

LEFT, CTRL, SHIFT = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
MIXED = (
    Problem("hint", "idle", "norm1: hint", "norm1"),
    Problem("error", "shape", "conv1: error", "conv1"),
    Problem("warning", "axes", "conv2: warning", "conv2"),
    Problem("error", "shape", "conv3: error", "conv3"),
)


@pytest.fixture
def panel(qtbot: QtBot, qapp) -> Iterator[Problems]:
    made = Problems(load_theme("light"))
    qtbot.addWidget(made)
    made.resize(600, 240)
    made.show()
    yield made


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        use_template(made)
        yield made


def rows(panel: Problems) -> list[str]:
    return [panel.list.item(row).text() for row in range(panel.list.count())]


def test_problems_stand_by_severity_the_gravest_first(panel: Problems) -> None:
    counts: list[int] = []
    panel.count_changed.connect(counts.append)
    panel.show_problems(MIXED)
    assert counts == [4]
    assert rows(panel) == [
        *("Errors", "conv1: error", "conv3: error"),
        *("Warnings", "conv2: warning"),
        *("Hints", "norm1: hint"),
    ]


def test_a_severity_is_hidden_and_comes_back(panel: Problems) -> None:
    panel.show_problems(MIXED)
    QTest.mouseClick(panel.filters["error"], LEFT)
    assert rows(panel) == ["Warnings", "conv2: warning", "Hints", "norm1: hint"]
    assert panel.filters["error"].text() == "Errors 2"
    QTest.mouseClick(panel.filters["error"], LEFT)
    assert len(panel.listed()) == 4
    panel.show_problems(MIXED[:1])
    assert not panel.filters["warning"].isEnabled()


def test_stepping_goes_round_both_ways_and_past_headings(panel: Problems) -> None:
    panel.show_problems(MIXED)
    told: list[Problem] = []
    panel.chosen.connect(told.append)
    for by in (1, 1, 1, 1, 1, -1, -1):
        panel.step(by)
    order = list(panel.problems())
    assert told == [*order, order[0], order[3], order[2]]
    assert panel.list.currentItem().text() == order[2].message
    for button in panel.filters.values():
        button.setChecked(False)
    panel.step(1)
    assert len(panel.listed()) == 4, "F8 finds what a filter hides"


def test_a_click_tells_the_problem_and_a_heading_nothing(panel: Problems) -> None:
    panel.show_problems(MIXED)
    told: list[Problem] = []
    panel.chosen.connect(told.append)
    for row in (0, 2):
        place = panel.list.visualItemRect(panel.list.item(row)).center()
        QTest.mouseClick(panel.list.viewport(), LEFT, pos=place)
    assert told == [MIXED[3]]


def test_what_is_listed_is_copied_as_text(panel: Problems) -> None:
    panel.show_problems(MIXED)
    panel.filters["hint"].setChecked(False)
    QTest.mouseClick(panel.copy, LEFT)
    assert QGuiApplication.clipboard().text() == (
        "error: conv1: error\nerror: conv3: error\nwarning: conv2: warning\n"
    )
    panel.step(1)
    QTest.keyClick(panel.list, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "error: conv1: error"


def test_without_problems_it_says_so(panel: Problems) -> None:
    panel.show_problems(MIXED)
    panel.show_problems(())
    assert "every shape fits" in words(panel)
    panel.show_problems((), is_empty=True)
    assert "Nothing is drawn yet" in words(panel)


def test_thousands_are_told_not_listed(panel: Problems) -> None:
    many = tuple(Problem("error", "shape", f"l{n}: error", f"l{n}") for n in range(3000))
    panel.show_problems(many)
    assert len(rows(panel)) == LISTED + 2
    assert rows(panel)[-1] == "and 2,500 more, listed when these are mended"
    told: list[Problem] = []
    panel.chosen.connect(told.append)
    panel.step(-1)
    assert told == [many[-1]]


def test_a_hidden_list_is_filled_when_it_is_seen(panel: Problems) -> None:
    panel.hide()
    counts: list[int] = []
    panel.count_changed.connect(counts.append)
    panel.show_problems(MIXED)
    assert (counts, rows(panel)) == ([4], [])
    panel.show()
    assert len(rows(panel)) == 7


def test_hostile_text_stays_text(panel: Problems) -> None:
    panel.show_problems([Problem("error", "shape", "<b>bold</b>\n<img src=x>", "x")])
    assert rows(panel)[1] == "<b>bold</b>\\n<img src=x>"


def test_f8_goes_round_and_says_what_is_wrong_in_one_place(window: MainWindow) -> None:
    window.document.set_fields("", "conv4", {"kernel_size": 99})
    window.document.set_fields("", "conv1", {"kernel_size": 77})
    design = window.design
    design.canvas.select([])
    problems = design.problems.problems()
    first = [str(problem.at) for problem in problems]
    seen = []
    for _ in range(len(problems) + 1):
        QTest.keyClick(window, Qt.Key.Key_F8)
        seen.append(design.canvas.selected()[0])
    assert seen == [*first, first[0]]
    QTest.keyClick(window, Qt.Key.Key_F8, SHIFT)
    assert design.canvas.selected() == [first[-1]]
    assert design.problems.isVisible()
    assert design.canvas.notices.popup.isHidden(), "the list says it already"
    other = next(id for id in window.document.report.layers if id not in first)
    design.canvas.select([other])
    design.canvas.select([first[0]])
    assert design.canvas.notices.popup.isVisible(), "a layer that is touched says what is wrong with it"


def test_a_problem_inside_a_block_is_gone_to(window: MainWindow) -> None:
    use_template(window, "resnet18")
    window.document.set_fields("BasicBlock", "conv2", {"kernel_size": 999})
    window.design.set_bottom(window.design.problems)
    item = window.design.problems.list.item(1)
    place = window.design.problems.list.visualItemRect(item).center()
    QTest.mouseClick(window.design.problems.list.viewport(), LEFT, pos=QPoint(40, place.y()))
    canvas = window.design.canvas
    assert canvas.network == "BasicBlock"
    assert canvas.selected() == ["conv2"]


def test_the_same_problems_are_not_listed_twice(qapp, panel: Problems) -> None:
    document = Document(templates.load("digits"))
    document.set_fields("", "conv4", {"kernel_size": 99})
    panel.show_problems(document.report.problems)
    kept = panel.list.item(1)
    document.set_label("", "conv1", "stem")
    panel.show_problems(document.report.problems)
    assert panel.list.item(1) is kept, "rows stay while nothing has changed"
