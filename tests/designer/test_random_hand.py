"""A seeded hand that clicks, drags, types and undoes at random: nothing breaks, nothing is lost, nothing stays."""

from __future__ import annotations

import gc
import logging
import random
import resource
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QDesktopServices, QInputMethodEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

import run
from designer.main_window import MainWindow
from graph_ir import templates
from graph_ir.check import check
from graph_ir.file import dump, parse
from tests.designer.windows import a_window

STEPS = 2_000
CAMPAIGN = 10_000
LOOK_EVERY = 250
FEW = 1_500  # widgets: lists and pages that are made when first wanted, rows that the inspector keeps
GROWTH = (
    250 * 1024 * 1024
)  # bytes: pictures of cards, what checks remember, and the record of the test itself

# What leaves the window or the process is another test's.
LEFT_OUT = {
    "quit", "close_window", "new_window", "open", "new", "save", "save_as", "save_copy", "reveal", "export",
    "export_module", "export_notebook", "export_onnx", "save_diagram", "run", "stop", "runs", "log",
}  # fmt: skip
LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE, SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
KEYS = [
    *(Qt.Key(code) for code in range(Qt.Key.Key_A, Qt.Key.Key_Z + 1)),
    *(Qt.Key(code) for code in range(Qt.Key.Key_0, Qt.Key.Key_9 + 1)),
    Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Backspace,
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End,
    Qt.Key.Key_Tab, Qt.Key.Key_F1, Qt.Key.Key_F2, Qt.Key.Key_F6, Qt.Key.Key_F8, Qt.Key.Key_Plus,
    Qt.Key.Key_Minus, Qt.Key.Key_Equal,
]  # fmt: skip
FORBIDDEN = {
    (key, CTRL)
    for key in (Qt.Key.Key_Q, Qt.Key.Key_W, Qt.Key.Key_N, Qt.Key.Key_O, Qt.Key.Key_S, Qt.Key.Key_E)
}
TEXTS = (
    "conv",
    "linear 10",
    "=2*width",
    "64",
    "3, 3",
    "-1",
    "C=512",
    "params>1M",
    "שלום",
    "\u202eabc",
    "a\u0000b",
    "é" * 300,
)


class RandomHand:
    """One step after the other on one window. All chance comes from `seed`."""

    def __init__(self, window: MainWindow, seed: int) -> None:
        self.window, self.chance = window, random.Random(seed)
        self.done: Counter[str] = Counter()
        self._steps: tuple[tuple[int, Callable[[], None]], ...] = (
            (22, self.click), (12, self.drag), (6, self.double_click), (4, self.right_click), (8, self.wheel),
            (18, self.key), (6, self.type), (10, self.undo), (4, self.redo), (10, self.command), (1, self.template),
        )  # fmt: skip

    def step(self) -> str:
        """Do one thing; returns what, to be told where it went wrong."""
        (act,) = self.chance.choices(
            [act for _, act in self._steps], weights=[weight for weight, _ in self._steps]
        )
        self._put_away_menus()
        act()
        QApplication.processEvents()
        self.done[act.__name__] += 1
        return act.__name__

    def _put_away_menus(self) -> None:
        while (popup := QApplication.activePopupWidget()) is not None:
            QTest.keyClick(popup, Qt.Key.Key_Escape)
            popup.close()

    def _place(self) -> QPoint:
        """Mostly on the canvas, mostly near a layer; else anywhere in the window but its menus."""
        canvas = self.window.design.canvas
        if self.chance.random() < 0.2 or not canvas.isVisible():
            area = self.window.rect()
            return QPoint(
                self.chance.randint(5, area.width() - 5), self.chance.randint(60, area.height() - 5)
            )
        cards = list(canvas.canvas_scene.cards)
        if cards and self.chance.random() < 0.7:
            area = canvas.area_in_window(self.chance.choice(cards)).adjusted(-14, -14, 14, 14)
            at = QPoint(
                self.chance.randint(area.left(), area.right()), self.chance.randint(area.top(), area.bottom())
            )
            if canvas.viewport().rect().contains(at):
                return canvas.viewport().mapTo(self.window, at)
        area = canvas.viewport().rect()
        at = QPoint(self.chance.randint(0, area.width() - 1), self.chance.randint(0, area.height() - 1))
        return canvas.viewport().mapTo(self.window, at)

    def _held(self) -> Qt.KeyboardModifier:
        return self.chance.choice((NONE, NONE, NONE, SHIFT, CTRL, ALT))

    def click(self) -> None:
        QTest.mouseClick(self.window.windowHandle(), LEFT, self._held(), self._place())

    def double_click(self) -> None:
        QTest.mouseDClick(self.window.windowHandle(), LEFT, NONE, self._place())

    def right_click(self) -> None:
        QTest.mouseClick(self.window.windowHandle(), RIGHT, NONE, self._place())

    def drag(self) -> None:
        handle, start, end, held = self.window.windowHandle(), self._place(), self._place(), self._held()
        button = self.chance.choice((LEFT, LEFT, LEFT, MIDDLE))
        QTest.mousePress(handle, button, held, start)
        for share in range(1, 6):
            QTest.mouseMove(handle, start + (end - start) * share / 5)
            if self.chance.random() < 0.03:
                self.window.document.undo_stack.undo()
        if self.chance.random() < 0.1:
            QTest.keyClick(self._focus(), Qt.Key.Key_Escape)
        QTest.mouseRelease(handle, button, held, end)

    def wheel(self) -> None:
        at = self._place()
        under = self.window.childAt(at) or self.window
        place, turn = QPointF(under.mapFrom(self.window, at)), self.chance.choice((-240, -120, 120, 240))
        event = QWheelEvent(
            place, QPointF(under.mapToGlobal(place.toPoint())), QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton,
            self._held(), Qt.ScrollPhase.NoScrollPhase, False, Qt.MouseEventSource.MouseEventNotSynthesized,
            QPointingDevice.primaryPointingDevice(),
        )  # fmt: skip
        QApplication.sendEvent(under, event)

    def _focus(self) -> QWidget:
        return self.window.focusWidget() or self.window

    def key(self) -> None:
        key, held = self.chance.choice(KEYS), self._held()
        if (key, held) not in FORBIDDEN:
            QTest.keyClick(self._focus(), key, held)

    def type(self) -> None:
        text = self.chance.choice(TEXTS)
        if text.isascii() and text.isprintable():
            QTest.keyClicks(self._focus(), text)
        else:  # as an input method gives what no key has
            words = QInputMethodEvent()
            words.setCommitString(text)
            QApplication.sendEvent(self._focus(), words)
        if self.chance.random() < 0.7:
            QTest.keyClick(self._focus(), self.chance.choice((Qt.Key.Key_Return, Qt.Key.Key_Escape)))

    def undo(self) -> None:
        for _ in range(self.chance.choice((1, 1, 2, 5))):
            self.window.document.undo_stack.undo()

    def redo(self) -> None:
        self.window.document.undo_stack.redo()

    def command(self) -> None:
        actions = self.window.actions_
        names = [name for name, action in actions.all.items() if action.isVisible() and action.isEnabled()]
        actions[self.chance.choice([name for name in names if name not in LEFT_OUT])].trigger()

    def template(self) -> None:
        name = self.chance.choice(
            ("digits", "digits-lstm", "u-net", "resnet18", "inception-block", "transformer")
        )
        self.window.document.load(templates.load(name))


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: True)  # nothing is opened beside the window
    with a_window(qtbot, tmp_path) as opened:
        yield opened


def test_two_thousand_random_steps(window: MainWindow, caplog: pytest.LogCaptureFixture) -> None:
    go(window, 1, STEPS, caplog)


@pytest.mark.campaign
def test_ten_thousand_random_steps(window: MainWindow, caplog: pytest.LogCaptureFixture) -> None:
    go(window, 7, CAMPAIGN, caplog)


def go(window: MainWindow, seed: int, steps: int, caplog: pytest.LogCaptureFixture) -> None:
    """So many steps; what the window says is compared with what the design is, again and again."""
    hand = RandomHand(window, seed)
    window.document.load(templates.load("digits"))
    window.train.setEnabled(False)  # a training is a process: another test's
    window.top.setEnabled(False)
    began, widgets = 0, 0
    for number in range(steps):
        what = hand.step()
        errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert not errors, f"step {number}, {what}: {errors[0].getMessage()}"
        if number % LOOK_EVERY == 0:
            look(window, number)
        if number == steps // 4:  # all that is made once is made
            began, widgets = at_rest(window)
    look(window, steps)
    now, left = at_rest(window)
    assert now - began < GROWTH
    assert left <= widgets + FEW, "widgets are left behind"
    assert min(hand.done[name] for name in ("click", "drag", "key", "undo", "command")) > steps // 50


def look(window: MainWindow, number: int) -> None:
    """The design can be written and read, the report is that of a check from nothing, undo and redo are whole."""
    document = window.document
    text = dump(document.design)
    assert dump(parse(text)) == text, number
    fresh = check(parse(text))
    told = document.report
    assert [problem.message for problem in fresh.problems] == [p.message for p in told.problems], number
    assert {n: e.outputs for n, e in fresh.layers.items()} == {n: e.outputs for n, e in told.layers.items()}
    assert window.isVisible()
    assert set(window.design.canvas.selected()) <= set(window.design.canvas.graph.ids())
    stack = document.undo_stack
    here = stack.index()
    stack.setIndex(max(0, here - 30))
    stack.setIndex(here)
    assert dump(document.design) == text, f"undo and redo by step {number}"


def at_rest(window: MainWindow) -> tuple[int, int]:
    """Bytes of memory and number of widgets while the window shows a known design and nothing is selected."""
    window.document.load(templates.load("digits"))
    window.show_page(0)
    window.design.canvas.select([])
    for _ in range(3):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) if run.LINUX else 0
    return pages * resource.getpagesize(), len(window.findChildren(QWidget))
