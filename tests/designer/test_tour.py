"""The tour of four bubbles (requirement 27): shown once, by mouse and keys, in a window of any size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from designer.app import offer_tour
from designer.main_window import MainWindow
from designer.panels.bubble import Bubble
from tests.designer.windows import a_window, words

KEY = Qt.Key
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        yield made


def _bubble(window: MainWindow) -> Bubble | None:
    return next((found for found in window.findChildren(Bubble) if found.isVisible()), None)


def _shown(window: MainWindow) -> Bubble:
    found = _bubble(window)
    assert found is not None
    return found


def _targets(window: MainWindow) -> list[QWidget]:
    return [window.design.palette_panel, window.design.canvas, window.design.inspector, window.top.run]


def _place(window: MainWindow, target: QWidget) -> QRect:
    return QRect(target.mapTo(window.centralWidget(), QPoint(0, 0)), target.size())


def _assert_points_at(window: MainWindow, target: QWidget) -> None:
    bubble, place = _shown(window), _place(window, target)
    assert window.centralWidget().rect().contains(bubble.geometry()), "no part of it is cut off"
    assert place.adjusted(-12, -12, 12, 12).contains(bubble.tip()), f"the arrow misses {target}"
    if target is not window.design.canvas:
        assert not place.intersects(bubble.geometry().adjusted(10, 10, -10, -10)), (
            "it covers what it is about"
        )


def test_four_bubbles_point_at_the_real_parts_requirement_27(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_["show_inspector"].setChecked(False)
    window.actions_["tour"].trigger()
    titles = []
    for number, target in enumerate(_targets(window), 1):
        qtbot.wait(20)
        assert target.isVisible(), "a panel that is hidden is shown for its bubble"
        _assert_points_at(window, target)
        assert f"{number} of 4" in words(_shown(window))
        titles.append(_shown(window).title.text())
        QTest.mouseClick(_shown(window).next, LEFT)
    assert len(set(titles)) == 4
    assert _bubble(window) is None


def test_keys_lead_through_it_and_esc_ends_it(qtbot: QtBot, window: MainWindow) -> None:
    window.design.canvas.setFocus()
    window.actions_["tour"].trigger()

    def press(key: Qt.Key) -> None:
        QTest.keyClick(QApplication.focusWidget(), key)

    assert _shown(window).next.hasFocus()
    assert not _shown(window).back.isEnabled()
    for key, number in ((KEY.Key_Right, 2), (KEY.Key_Return, 3), (KEY.Key_Space, 4), (KEY.Key_Left, 3)):
        press(key)
        assert f"{number} of 4" in words(_shown(window))
    press(KEY.Key_Backtab)
    assert _shown(window).back.hasFocus()
    press(KEY.Key_Return)
    assert "2 of 4" in words(_shown(window))
    press(KEY.Key_Escape)
    assert _bubble(window) is None
    assert window.design.canvas.hasFocus()


def test_skip_ends_it(window: MainWindow) -> None:
    window.actions_["tour"].trigger()
    QTest.mouseClick(_shown(window).skip, LEFT)
    assert _bubble(window) is None


@pytest.mark.parametrize("size", [(960, 640), (1440, 900), (2200, 1200)])
def test_it_follows_a_window_of_any_size(qtbot: QtBot, window: MainWindow, size: tuple[int, int]) -> None:
    window.actions_["tour"].trigger()
    for target in _targets(window):
        window.resize(*size)
        qtbot.wait(30)
        _assert_points_at(window, target)
        window.resize(1200, 760)
        qtbot.wait(30)
        _assert_points_at(window, target)
        QTest.keyClick(_shown(window).next, KEY.Key_Right)


def test_it_comes_by_itself_once_in_a_lifetime(window: MainWindow) -> None:
    offer_tour(window)
    assert _bubble(window) is not None
    QTest.keyClick(_shown(window).next, KEY.Key_Escape)
    offer_tour(window)
    assert _bubble(window) is None
    window.actions_["tour"].trigger()
    assert _bubble(window) is not None


def test_a_question_comes_first(window: MainWindow) -> None:
    window.message.tell("Take it up again?", "warning", (("Yes", lambda: None),))
    offer_tour(window)
    assert _bubble(window) is None


def test_it_is_read_aloud_and_dressed_in_the_look(window: MainWindow) -> None:
    window.actions_["tour"].trigger()
    bubble = _shown(window)
    assert bubble.accessibleName() == "Tour, 1 of 4: Layers"
    assert bubble.text.text() in bubble.next.accessibleDescription()
    before = bubble.grab().toImage()
    window.actions_["look_dark"].trigger()
    after = bubble.grab().toImage()
    assert before.pixelColor(160, 20) != after.pixelColor(160, 20)
    window.actions_["look_light"].trigger()


def test_the_window_can_be_used_meanwhile(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_["tour"].trigger()
    QTest.mouseClick(window.top.tabs, LEFT, pos=window.top.tabs.tabRect(1).center())
    assert window.pages.currentIndex() == 1
