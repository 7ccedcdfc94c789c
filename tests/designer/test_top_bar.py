"""The bar at the top fits every width: what there is no room for folds, nothing lies over anything else."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from designer.actions import MENUS
from designer.main_window import MainWindow
from tests.designer.windows import a_window


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        yield made


def parts(window: MainWindow) -> list[QWidget]:
    return [
        part
        for part in window.top.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if part.isVisible()
    ]


@pytest.mark.parametrize("width", [960, 1000, 1060, 1100, 1160, 1240, 1280, 1366, 1440, 1920])
@pytest.mark.parametrize("name", ["a", "digits", "a-very-long-name-of-a-design-" * 8])
def test_nothing_lies_over_anything_else(qtbot: QtBot, window: MainWindow, width: int, name: str) -> None:
    window.resize(width, 640)
    window.top.show_title(name, edited=True)
    qtbot.wait(20)
    assert window.width() == width
    shown = parts(window)
    for one, other in combinations(shown, 2):
        assert not one.geometry().intersects(other.geometry()), (one, other)
    for part in shown:
        assert window.top.rect().contains(part.geometry()), part
    assert window.menus.isVisible() != window.top.menu_button.isVisible()
    assert window.top.title.text()
    assert window.top.title.width() >= window.top.title.sizeHint().width(), (
        "the title is not cut a second time"
    )


def test_on_a_common_screen_the_menus_and_the_search_are_in_words(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(1366, 768)
    qtbot.wait(20)
    assert window.menus.isVisible()
    assert window.top.commands.text() == "Search commands   Ctrl+Shift+P"


def test_folded_menus_are_all_there(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(960, 640)
    qtbot.wait(20)
    menu = window.top.menu_button.menu()
    assert [action.text() for action in menu.actions()] == list(MENUS)
    assert all(action.menu() is not None for action in menu.actions())
    QTest.keyClick(
        window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    assert window.palette_.isVisible(), "keys of commands do not need the bar"


@pytest.mark.parametrize("width", [960, 1440])
def test_alt_and_its_letter_open_a_menu_folded_or_not(qtbot: QtBot, window: MainWindow, width: int) -> None:
    window.resize(width, 640)
    window.activateWindow()
    qtbot.wait(20)
    for action in window.menus.actions():
        letter = action.text()[action.text().index("&") + 1]
        QTest.keyClick(window, letter.lower(), Qt.KeyboardModifier.AltModifier)
        qtbot.waitUntil(action.menu().isVisible)
        while (popup := QApplication.activePopupWidget()) is not None:
            QTest.keyClick(popup, Qt.Key.Key_Escape)
        assert not action.menu().isVisible()


def test_the_search_says_the_key_it_has(window: MainWindow) -> None:
    window.resize(1440, 800)
    window.keymap.give("commands", "F3")
    QApplication.processEvents()
    assert window.top.commands.text() == "Search commands   F3"
