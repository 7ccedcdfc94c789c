"""The Summary panel: the table of `graph_ir.summary`, a row a layer."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView, QVBoxLayout, QWidget

from designer.panels.widgets import plain_label
from designer.theme import Theme
from graph_ir.summary import HEADER, Summary

NUMBERS = (4, 5)
Index = QModelIndex | QPersistentModelIndex
Row = tuple[str, ...]


class SummaryModel(QAbstractTableModel):
    """The rows as the summary gives them."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._rows: list[Row] = []
        self.theme = theme

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these; a row that only changed keeps the selection."""
        new = list(rows)
        if len(new) != len(self._rows) or [row[0] for row in new] != [row[0] for row in self._rows]:
            self.beginResetModel()
            self._rows = new
            self.endResetModel()
        elif new != self._rows:
            self._rows = new
            self.dataChanged.emit(self.index(0, 0), self.index(len(new) - 1, len(HEADER) - 1))

    def layer_at(self, row: int) -> str:
        """The layer of a row."""
        return self._rows[row][0]

    def row_of(self, layer: str) -> int | None:
        """The row of a layer."""
        return next((number for number, row in enumerate(self._rows) if row[0] == layer), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        """As many as layers."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        """As many as the summary has."""
        return 0 if parent.isValid() else len(HEADER)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, alignment and font of a cell."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:  # all shapes of a layer with many ports, one below the other
            lines = escape(self._rows[index.row()][index.column()]).replace("), (", "),<br>(")
            return f"<qt>{lines}</qt>"
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in NUMBERS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and index.column() > 1:
            return self.theme.mono_font(12)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The names of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADER[section][:1].upper() + HEADER[section][1:]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in NUMBERS else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class SummaryPanel(QWidget):
    """The table and its totals; a row selects its layer."""

    layer_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = SummaryModel(theme)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("Summary")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(26)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.clicked.connect(lambda index: self.layer_chosen.emit(self.model.layer_at(index.row())))
        self.table.activated.connect(lambda index: self.layer_chosen.emit(self.model.layer_at(index.row())))
        self.totals = plain_label("", quiet=True)
        self.totals.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 0, 8, 6)
        box.setSpacing(4)
        box.addWidget(self.table, 1)
        box.addWidget(self.totals)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self.model.theme = theme
        self.table.viewport().update()

    def show_summary(self, summary: Summary) -> None:
        """Show this."""
        self.model.show_rows(summary.rows())
        self.totals.setText(
            "  ·  ".join(summary.totals()) if summary.report.layers else "Nothing is drawn yet."
        )

    def select(self, layer: str | None) -> None:
        """Mark the row of a layer without telling anybody."""
        row = None if layer is None else self.model.row_of(layer)
        if row is None:
            self.table.clearSelection()
        else:
            self.table.selectRow(row)
