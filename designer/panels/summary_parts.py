"""Parts of the Summary: the bar behind a count, and the forms in which the table is copied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QMenu, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from designer.panels.summary_model import SHARE
from designer.theme import Theme
from graph_ir.summary import Summary

FORMS: tuple[tuple[str, Callable[[Summary], str]], ...] = (
    ("Markdown", Summary.as_markdown),
    ("LaTeX", Summary.as_latex),
    ("CSV", Summary.as_csv),
    ("plain text", Summary.as_text),
)

LEAST = 3
"""A bar of fewer pixels is not painted: it would look like dirt below the number."""
THICKNESS = 2


class ShareBar(QStyledItemDelegate):
    """A count with a bar behind it: which part of all it is."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self.theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The bar, then what every cell has."""
        super().paint(painter, option, index)
        share = index.data(SHARE)
        if not isinstance(share, float) or share <= 0:
            return
        box = option.rect.adjusted(6, 0, -6, 0)
        length = round(box.width() * share)
        if length < LEAST:
            return
        bar = box.adjusted(box.width() - length, box.height() - THICKNESS, 0, 0)
        painter.fillRect(bar, self.theme.colour("heat_high"))


class _Copying(Protocol):
    def __call__(self, write: Callable[[Summary], str], name: str, *, rows: bool) -> None: ...


def fill_copies(menu: QMenu, copy: _Copying, *, rows: bool) -> None:
    """An entry for each form."""
    for name, write in FORMS:
        words = f"Copy {'the selected rows' if rows else 'the table'} as {name}"
        menu.addAction(words, lambda write=write, name=name: copy(write, name, rows=rows))  # type: ignore[misc]  # the defaults bind the loop variables
