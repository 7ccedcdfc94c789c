"""The Design page by itself, and hands and eyes for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from designer.design_page import DesignPage
from designer.document import Document
from designer.panels.choice_editors import FlagEditor
from designer.panels.field_row import FieldRow
from designer.panels.field_text import as_text
from designer.theme import load_fonts, load_theme
from graph_ir.file import dump
from graph_ir.graph import Design, Graph, Node
from graph_ir.kinds import Json
from tests.graph_ir.cases import Types

ENTER, NONE = Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier


@contextmanager
def a_page(qtbot: QtBot) -> Iterator[DesignPage]:
    """A page on an empty design, on screen."""
    load_fonts()
    made = DesignPage(Document(), load_theme("light"))
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    yield made


def graph(page: DesignPage) -> Graph:
    return page.canvas.document.design.top


def state(page: DesignPage) -> str:
    return dump(page.canvas.document.design)


def undo_all(page: DesignPage) -> None:
    stack = page.canvas.document.undo_stack
    while stack.canUndo():
        stack.undo()


def with_inputs(types: Types) -> Design:
    """A design with one Input for each of the types, called `in1`, `in2` …"""
    design = Design()
    for number, given in enumerate(types.values(), 1):
        values = {"shape": list(given.shape), "dtype": given.dtype}
        design.top.add(Node(f"in{number}", "Input", values))
    return design


def type_into(row: FieldRow, raw: Json) -> None:
    """With the keys of a keyboard; a check box is clicked."""
    editor = row.editor
    if isinstance(editor, FlagEditor):
        QTest.mouseClick(editor.box, Qt.MouseButton.LeftButton, NONE, QPoint(8, editor.box.height() // 2))
        return
    editor.field.selectAll()
    QTest.keyClicks(editor.field, as_text(raw))
    QTest.keyClick(editor.field, ENTER)
