"""How many clicks and keys the ways through the window take, counted through real events.

The keystroke-level model (Card, Moran and Newell, 1980): a key takes 0.2 s (an average typist) to 0.28 s (an average
non-secretary), a thought before each unit of work 1.35 s.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from designer.main_window import MainWindow
from tests.designer.hands import Hands
from tests.designer.windows import RUN_MS, a_window, template_at

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # what the offscreen plug-in cannot do

KEY_FAST, KEY_SLOW, THOUGHT = 0.2, 0.28, 1.35
MOST_CLICKS, MOST_KEYS, MOST_SECONDS = 4, 61, 45.0
TEN_LAYERS = ("inpu", "conv", "relu", "maxp", "conv 64", "relu", "maxp", "line 10", "cros")
"""What is typed for a network of digits, four letters a layer; the tenth is the Flatten that the Linear brings."""


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with a_window(qtbot, tmp_path) as made:
        made.activateWindow()
        yield made


class Keyboard:
    """Presses keys where the focus is and counts them, a key that is held with another as one of its own."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.count = 0

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.count += 2 if held else 1
        QTest.keyClick(self._target, key, held)

    def type(self, text: str) -> None:
        self.count += len(text)
        QTest.keyClicks(self._target, text)

    @property
    def _target(self) -> QWidget:
        return QApplication.focusWidget() or self._window


def test_requirement_1_shift_a_opens_the_search_where_the_canvas_has_the_focus(window: MainWindow) -> None:
    canvas = window.design.canvas
    assert canvas.hasFocus(), "a window begins with its canvas"
    QTest.keyClick(canvas, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.adder.list.isVisible()
    QTest.keyClicks(canvas.adder.list.field, "A")
    assert canvas.adder.list.field.text() == "A", "there it is a letter"


def test_a_blank_ten_layer_network_that_checks_by_keyboard(
    window: MainWindow, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = Keyboard(window)
    document = window.document
    keys.press(Qt.Key.Key_Space)
    for typed in TEN_LAYERS[:-1]:
        keys.type(typed)
        keys.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    keys.type(TEN_LAYERS[-1])
    keys.press(Qt.Key.Key_Return)

    types = [node.type for node in document.design.top if document.report.role_of(node.id) != "target"]
    convolutions = ["Conv2d", "ReLU", "MaxPool2d"] * 2
    assert sorted(types) == sorted(["Input", *convolutions, "Flatten", "Linear", "CrossEntropyLoss"])
    assert document.report.ok
    given = {
        id: entry.outputs["y"].shape for id, entry in document.report.layers.items() if "y" in entry.outputs
    }
    assert given["conv2"][1:] == (64, 14, 14)
    assert given["linear1"][1:] == (10,)
    assert document.report.order[-1] == "loss1"

    thoughts = len(TEN_LAYERS) + 1  # one for each layer, and one to begin
    fast, slow = (keys.count * key + thoughts * THOUGHT for key in (KEY_FAST, KEY_SLOW))
    with capsys.disabled():
        print(f"\nten layers: {keys.count} keys, {fast:.0f} to {slow:.0f} s in the keystroke-level model")
    assert keys.count <= MOST_KEYS
    assert slow <= MOST_SECONDS


def test_from_a_template_to_a_trained_model_and_its_script_in_four_clicks_and_enter(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hands, keys = Hands(qtbot, window), Keyboard(window)
    hands.click(window.design.start.gallery.list.viewport(), template_at(window, "digits"))
    window.document.set_section(("training", "epochs"), 1)  # for the test's sake: the way does not need it
    hands.click(window.top.run)
    qtbot.waitUntil(lambda: window.runs.is_running, timeout=5000)
    qtbot.waitUntil(lambda: not window.runs.is_running, timeout=RUN_MS)
    hands.click(window.top.export)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None, timeout=5000)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    hands.click(menu, menu.actionGeometry(menu.actions()[0]).center())
    qtbot.waitUntil(lambda: isinstance(QApplication.activeWindow(), QFileDialog), timeout=10_000)
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QLineEdit), timeout=10_000)
    keys.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Proved" in window.message.text(), timeout=RUN_MS)
    (script,) = tmp_path.rglob("*-pytorch/train.py")
    assert "CrossEntropyLoss" in script.read_text() or "cross_entropy" in script.read_text()
    with capsys.disabled():
        print(f"\ntemplate to trained model to script: {hands.clicks} clicks and {keys.count} key")
    assert (hands.clicks, keys.count) <= (MOST_CLICKS, 1)
