"""The rows of the Summary: those of `graph_ir.summary`, sorted and filtered, uses of blocks open into theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any, Protocol

from PySide6.QtCore import Qt

from designer.canvas.overlay import comparable, receptive_words, sized
from designer.panels.layer_rows import Row, Wanted
from designer.panels.layer_tree import Index, LayerTree
from designer.panels.widgets import escaped
from designer.search_query import Query, Subject
from designer.theme import Theme
from graph_ir.block_graphs import WEIGHTS
from graph_ir.costs import batch_symbols, macs_by_layer, memory_by_layer
from graph_ir.dims import Dim
from graph_ir.receptive import View, receptive_fields
from graph_ir.report import LayerReport, Report
from graph_ir.signature import TensorType
from graph_ir.summary import HEADER, cells
from graph_ir.use_words import sharing

LAYER, TYPE, INPUT, OUTPUT, PARAMETERS, MACS, MEMORY, RECEPTIVE = range(8)
COLUMNS = (*HEADER, "memory", "receptive field")
NUMBERS = (PARAMETERS, MACS, MEMORY)
SHARE = Qt.ItemDataRole.UserRole
"""Of a cell of parameters: which part of all the network's they are."""


class _Costing(Protocol):
    def __call__(self, report: Report, ones: Mapping[str, Dim] | None = None) -> Mapping[str, Dim]: ...


class _Figures:
    """Figures by layer, worked out once for each network that they are asked for."""

    def __init__(self, work_out: _Costing) -> None:
        self._work_out = work_out
        self._known: dict[
            int, tuple[Report, Mapping[str, Dim]]
        ] = {}  # with what must not go while it is named

    def of(self, report: Report, top: Report) -> Mapping[str, Dim]:
        """Of a network in a block: for one sample of the network around it."""
        if id(report) not in self._known:
            ones = None if report is top else batch_symbols(top) or {}
            self._known[id(report)] = report, self._work_out(report, ones)
        return self._known[id(report)][1]


class SummaryModel(LayerTree):
    """What is shown of a layer is worked out when its row is painted, and once a check."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.query: Query | None = None
        self._sorted: tuple[int, bool] | None = None
        self._forget_figures()

    def _forget_figures(self) -> None:
        self._cells: dict[int, tuple[str, ...]] = {}
        self._macs, self._memory = _Figures(macs_by_layer), _Figures(memory_by_layer)
        self._receptive: Mapping[str, tuple[View, ...]] | None = None

    # Rows

    def show(self, report: Report) -> None:
        """Bring the rows in step with a check."""
        self._forget_figures()
        super().show(report)

    def headings(self) -> Sequence[str]:
        """The columns of the table."""
        return COLUMNS

    def top(self, report: Report) -> Iterable[Wanted]:
        """The layers that the filter leaves, in the order that was asked for."""
        entries: Iterable[LayerReport] = report.layers.values()
        if self.query is not None:
            query = self.query
            entries = [entry for entry in entries if query.matches(self._subject(entry))]
        if self._sorted is not None:
            column, falling = self._sorted
            entries = sorted(entries, key=lambda entry: self._key(report, entry, column), reverse=falling)
        return entries

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column, numbers as numbers; column -1: in the order of the file."""
        self._sorted = None if column < 0 else (column, order == Qt.SortOrder.DescendingOrder)
        self.arrange()

    @property
    def is_whole(self) -> bool:
        """Whether all layers are shown in the order of the file."""
        return self._sorted is None and self.query is None

    def layer_at(self, row: int) -> str:
        """The layer of a row."""
        return self.rows_below(self.root)[row].words

    def ids(self) -> list[str]:
        """The layers of the network that are shown, in their order."""
        return [row.words for row in self.rows_below(self.root)]

    # Cells

    def text(self, row: Row, column: int) -> str:
        """A cell as `graph_ir.summary` writes it."""
        if row.entry is None:
            return row.words if column == LAYER else ""
        if column == MEMORY:
            memory = self._of(row, self._memory)
            return "" if memory is None else sized(memory) if isinstance(memory, int) else str(memory)
        if column == RECEPTIVE:
            return receptive_words(self._views(row))
        found = self._cells.get(row.number)
        if found is None:
            report = self._around(row)
            shares = WEIGHTS in row.entry.node.values and row.words in sharing(report)
            macs = self._of(row, self._macs) or 0
            found = self._cells[row.number] = cells(row.entry, macs, shares=shares)
        return found[column]

    def _around(self, row: Row) -> Report:
        """The report of the network that a layer stands in."""
        parent = row.parent
        assert parent is not None and self.report is not None, "only rows on show are asked"
        if parent.report is not None:
            return parent.report
        if parent.entry is None:
            return self.report
        return next(one.report for one in parent.entry.nested if one.report is not None)

    def _of(self, row: Row, figures: _Figures) -> Dim | None:
        assert self.report is not None, "only rows on show are asked"
        return figures.of(self._around(row), self.report).get(row.words)

    def _views(self, row: Row) -> tuple[View, ...]:
        if self._around(row) is not self.report:
            return ()
        if self._receptive is None:
            self._receptive = receptive_fields(self.report)
        return self._receptive.get(row.words, ())

    def _subject(self, entry: LayerReport) -> Subject:
        def figure(name: str) -> Dim | None:
            assert self.report is not None, "only what is on show is filtered"
            figures = self._macs if name == "macs" else self._memory
            return figures.of(self.report, self.report).get(entry.node.id)

        return Subject(entry, costs=figure)

    def _key(self, report: Report, entry: LayerReport, column: int) -> Any:
        """What a column is sorted by: numbers as numbers, names as people count, shapes by their size."""
        name = entry.node.id
        if column == PARAMETERS:
            return entry.parameters
        if column == MACS:
            return comparable(report.macs_by_layer.get(name, 0))
        if column == MEMORY:
            return comparable(self._memory.of(report, report).get(name, 0))
        if column == RECEPTIVE:
            self._receptive = self._receptive or receptive_fields(report)
            seen = (view.entries for view in self._receptive.get(name, ()))
            return max((float("inf") if one is None else one for one in seen), default=0)
        if column in (INPUT, OUTPUT):
            types = entry.inputs if column == INPUT else entry.outputs
            return sum(_elements(given) for given in types.values())
        return _as_counted(name if column == LAYER else cells(entry, 0)[TYPE])

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Words, alignment, font and share of a cell."""
        if not index.isValid() or role == Qt.ItemDataRole.DisplayRole:
            return super().data(index, role)
        column = index.column()
        if role == SHARE and column == PARAMETERS:
            return self._share(self.row_at(index))
        if role == Qt.ItemDataRole.ToolTipRole:  # all shapes of a layer with many ports, one below the other
            return escaped(self.text(self.row_at(index), column)).replace("), (", "),<br>(")
        if role == Qt.ItemDataRole.TextAlignmentRole and column in NUMBERS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and column > TYPE:
            return self.theme.mono_font(12)
        return None

    def _share(self, row: Row) -> float:
        total = self.report.parameters if self.report is not None else 0
        return row.entry.parameters / total if total and row.entry is not None else 0.0

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """The names of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section][:1].upper() + COLUMNS[section][1:]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in NUMBERS else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


def _as_counted(text: str) -> list[tuple[int, str]]:
    """`conv2` before `conv10`."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in re.split(r"(\d+)", text)
    ]


def _elements(given: TensorType | None) -> float:
    return prod(map(comparable, given.shape)) if given is not None else 0.0
