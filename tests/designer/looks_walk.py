"""Walks all pages and panels of a window on a design and lists words that are cut off. Run at each scale by a test.

`python -m tests.designer.looks_walk LOOK WIDTH HEIGHT` prints one line per place; QT_SCALE_FACTOR is the scale.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QRadioButton,
    QSizePolicy,
    QTabBar,
    QToolButton,
    QWidget,
)

from designer.app import make_application
from designer.dressing import ThemeManager
from designer.main_window import MainWindow
from designer.services.faults import Faults
from designer.services.settings import Settings
from designer.theme import Mode
from designer.windows import Windows
from graph_ir import templates


def a_whole_window(folder: Path, look: Mode) -> tuple[Windows, MainWindow]:
    """A window on a design of many kinds of layers."""
    windows = Windows(
        ThemeManager(make_application(), look), Settings(folder / "settings.ini"), Faults(), pictures=False
    )
    return windows, windows.add()


def places(window: MainWindow) -> Iterator[str]:
    """Bring one page and panel after the other to the front; each has a name."""
    design = window.design
    QTest.qWait(50)
    yield "start page"
    window.document.load(templates.load("digits"))
    QTest.qWait(50)
    yield "network"
    for type in ("Conv2d", "Linear", "Input", "Add"):
        found = [id for id in design.canvas.graph.ids() if design.canvas.graph.node(id).type == type]
        design.canvas.select(found[:1])
        QTest.qWait(30)
        yield f"inspector of {type}"
    for tab in range(design.bottom.count()):
        design.bottom.setCurrentIndex(tab)
        QTest.qWait(30)
        yield f"panel {design.bottom.tabText(tab)}"
    for page, name in enumerate(("design", "train", "diagram")):
        window.show_page(page)
        QTest.qWait(120)
        yield f"page {name}"
    window.show_page(0)
    window.message.tell("A sentence in the bar that asks something.", "warning", (("Do it", lambda: None),))
    QTest.qWait(30)
    yield "message"
    window.message.answer("Do it")
    window.actions_["tour"].trigger()
    QTest.qWait(30)
    yield "tour"
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    window.actions_["keys"].trigger()
    QTest.qWait(30)
    yield "keys"


def cut_off(window: MainWindow) -> list[str]:
    """Visible words that have less room than they need."""
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        need, words = _need(widget)
        if words and (need[0] > widget.width() + 1 or need[1] > widget.height() + 1):
            found.append(
                f"{type(widget).__name__} {words[:50]!r} needs {need}, has {widget.size().toTuple()}"
            )
    return found


def _need(widget: QWidget) -> tuple[tuple[int, int], str]:
    """How much room a widget's words take; nothing for one that is meant to be cut."""
    nothing = (0, 0), ""
    if isinstance(widget, QLabel):
        words = widget.text()
        if (
            not words
            or words.endswith("…")
            or widget.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Ignored
        ):
            return nothing
        if widget.wordWrap():
            longest = max(words.split(), key=len, default="")
            wide = widget.fontMetrics().horizontalAdvance(longest)
            return (wide, widget.heightForWidth(widget.width())), words
        return (widget.sizeHint().width(), widget.sizeHint().height()), words
    if isinstance(widget, QTabBar):
        return (0, widget.sizeHint().height()), widget.tabText(0)
    if isinstance(widget, QAbstractButton) and widget.text():
        words = widget.text()
        icons = Qt.ToolButtonStyle.ToolButtonIconOnly
        if (
            isinstance(widget, QToolButton)
            and widget.toolButtonStyle() == icons
            and not widget.icon().isNull()
        ):
            return nothing  # its text is its name for a screen reader
        wide = widget.fontMetrics().horizontalAdvance(words.replace("&", ""))
        if isinstance(widget, QCheckBox | QRadioButton):
            wide = widget.sizeHint().width()
        return (wide, widget.fontMetrics().height()), words
    if isinstance(widget, QComboBox) and not widget.isEditable():
        return (0, widget.fontMetrics().height() + 4), widget.currentText()
    return nothing


def main() -> None:
    """Print what is cut off."""
    look, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    windows, window = a_whole_window(Path(os.environ["XDG_DATA_HOME"]), "dark" if look == "dark" else "light")
    window.resize(width, height)
    window.show()
    for place in places(window):
        for line in cut_off(window):
            print(f"{place}: {line}")
        if "LOOKS_PICTURES" in os.environ:
            name = f"{look}-{width}-{window.devicePixelRatio():.2g}-{place.replace(' ', '-')}.png"
            window.grab().save(str(Path(os.environ["LOOKS_PICTURES"]) / name))
    window.document.undo_stack.setClean()
    window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    window.close()
    windows.deleteLater()


if __name__ == "__main__":
    main()
