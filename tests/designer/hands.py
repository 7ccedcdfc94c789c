"""Hands for a test: mouse and keyboard, as events of Qt (offscreen) or as real ones of an X server (xdotool)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

STEP_MS = 25
KEYS = {
    "Return": Qt.Key.Key_Return,
    "Down": Qt.Key.Key_Down,
    "F5": Qt.Key.Key_F5,
    "F8": Qt.Key.Key_F8,
    "Tab": Qt.Key.Key_Tab,
    "space": Qt.Key.Key_Space,
}


class Hands:
    """Points are given in a widget's own coordinates. Counts the clicks it makes."""

    def __init__(self, qtbot: QtBot, window: QWidget) -> None:
        self.qtbot, self.window = qtbot, window
        self.clicks = 0
        self._pressed: QWidget | None = None
        self._is_real = QGuiApplication.platformName() == "xcb"

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Press and let go the left button."""
        self.clicks += 1
        point = widget.mapToGlobal(at or widget.rect().center())
        if self._is_real:
            self._xdotool("mousemove", point.x(), point.y(), "sleep", 0.05, "click", 1)
            return
        self._do(self._mouse(QTest.mousePress, point), self._mouse(QTest.mouseRelease, point))

    def drag(self, start: QWidget, at: QPoint, end: QWidget, to: QPoint) -> None:
        """Press at one place, move, and let go at another."""
        first, last = start.mapToGlobal(at), end.mapToGlobal(to)
        way = [first + (last - first) * share / 8 for share in range(1, 9)]
        if self._is_real:
            moves = [word for p in way for word in ("mousemove", p.x(), p.y(), "sleep", 0.03)]
            self._xdotool(
                "mousemove", first.x(), first.y(), "mousedown", 1, "sleep", 0.05, *moves, "mouseup", 1
            )
            return
        moves = [self._mouse(QTest.mouseMove, point) for point in way]
        with self._carrying() as carried:
            self._do(self._mouse(QTest.mousePress, first), *moves, self._mouse(QTest.mouseRelease, last))
        if carried:
            self._let_fall(carried[0], end, to)

    @contextmanager
    def _carrying(self) -> Iterator[list[QMimeData]]:
        """The offscreen plug-in ends every QDrag at once: what it carries is kept, to be let fall by hand."""
        carried: list[QMimeData] = []

        def keep(drag: QDrag, *_actions: object) -> Qt.DropAction:
            data = QMimeData()
            for name in drag.mimeData().formats():
                data.setData(name, drag.mimeData().data(name))
            carried.append(data)
            return Qt.DropAction.CopyAction

        with patch.object(QDrag, "exec", keep):
            yield carried

    def _let_fall(self, data: QMimeData, widget: QWidget, at: QPoint) -> None:
        how = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        under = widget.childAt(at) or widget
        while not under.acceptDrops() and under.parentWidget() is not None:
            under = under.parentWidget()
        place = under.mapFrom(widget, at) if under is not widget and widget.isAncestorOf(under) else at
        for event in (
            QDragEnterEvent(place, *how),
            QDragMoveEvent(place, *how),
            QDropEvent(QPointF(place), *how),
        ):
            QApplication.sendEvent(under, event)
            assert event.isAccepted(), f"{under} does not take {data.formats()}"
        self.qtbot.wait(STEP_MS)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        if self._is_real:
            self._xdotool("type", "--delay", 8, text)
            return
        self._do(lambda: QTest.keyClicks(self._target(), text))

    def key(self, name: str, *, ctrl: bool = False) -> None:
        """Press a key by its name."""
        if self._is_real:
            self._xdotool("key", f"ctrl+{name}" if ctrl else name)
            return
        key = KEYS.get(name) or Qt.Key(ord(name.upper()))
        held = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        self._do(lambda: QTest.keyClick(self._target(), key, held))

    def write(self, widget: QWidget, text: str) -> None:
        """Click into a field, replace what stands there, and press Enter."""
        self.click(widget, QPoint(14, widget.height() // 2))
        self.key("a", ctrl=True)
        self.type(text)
        self.key("Return")

    @property
    def focus(self) -> QWidget:
        """What gets the keys."""
        return self._target()

    def _target(self) -> QWidget:
        return QApplication.activePopupWidget() or QApplication.focusWidget() or self.window

    def _mouse(self, act: Callable[..., None], point: QPoint) -> Callable[[], None]:
        def do() -> None:
            top = QApplication.activePopupWidget() or QApplication.activeModalWidget() or self.window
            if act is QTest.mousePress:
                self._pressed = top
            top = self._pressed or top  # what was pressed gets all until the button is let go
            if act is QTest.mouseRelease:
                self._pressed = None
            handle, place = top.windowHandle(), top.mapFromGlobal(point)
            if act is QTest.mouseMove:
                QTest.mouseMove(handle, place)
            else:
                act(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)

        return do

    def _do(self, *acts: Callable[[], None]) -> None:
        """One after the other from the event loop: a drag or a menu runs a loop of its own inside one of them."""
        begun: list[int] = []

        def run(number: int) -> None:
            begun.append(number)
            acts[number]()

        for number in range(len(acts)):
            QTimer.singleShot(STEP_MS * (number + 1), lambda number=number: run(number))
        self.qtbot.waitUntil(lambda: len(begun) == len(acts), timeout=10_000)
        self.qtbot.wait(STEP_MS)

    def _xdotool(self, *words: object) -> None:
        child = subprocess.Popen(["xdotool", *map(str, words)])
        self.qtbot.waitUntil(lambda: child.poll() is not None, timeout=20_000)
        assert child.returncode == 0
        self.qtbot.wait(80)
