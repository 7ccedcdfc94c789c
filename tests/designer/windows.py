"""A window with settings and data folder of its own, and small helpers to look at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from designer.dressing import ThemeManager
from designer.main_window import MainWindow
from designer.services.faults import Faults
from designer.services.settings import Settings
from designer.windows import Windows
from graph_ir import templates

RUN_MS = 120_000


@contextmanager
def a_window(qtbot: QtBot, folder: Path, *, show: bool = True) -> Iterator[MainWindow]:
    """A window on an empty design; what it keeps lies under `folder` (set XDG_DATA_HOME to it before)."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    themes = ThemeManager(application, "light")
    settings = Settings(folder / "settings.ini")
    settings.set_animations(False)  # what has moved is there at once
    windows = Windows(themes, settings, Faults(), pictures=False)
    window = windows.add()
    window.files.start()
    windows.start()
    if show:
        window.show()
        qtbot.waitExposed(window)
        qtbot.wait(30)
    try:
        yield window
    finally:
        for each in windows.all:
            each.document.undo_stack.setClean()
            each.close()
            each.deleteLater()
        windows.deleteLater()
        qtbot.wait(1)


def use_template(window: MainWindow, name: str = "digits") -> None:
    """Open a template as an unsaved design."""
    window.document.load(templates.load(name))


def template_at(window: MainWindow, name: str) -> QPoint:
    """Where a template is to be clicked in the gallery of the start page, which is scrolled to it."""
    gallery = window.design.start.gallery
    item = gallery.item_of(name)
    assert item is not None, name
    gallery.list.scrollToItem(item)
    return gallery.list.visualItemRect(item).center()


def words(widget: QWidget) -> str:
    """All that the visible labels of a widget say."""
    QApplication.processEvents()  # what was just added to a layout is shown by the next turn
    labels = [label for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]
    return "\n".join(label.text() for label in labels)
