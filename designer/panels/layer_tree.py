"""Layers as a tree for tables and lists: uses of blocks open into their layers. Lazy, and in step with each check.

A row knows the layer's report; what is shown of it is worked out when it is painted. A new report touches only rows
whose entry is another: selection, scroll and what is open stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt

from designer.panels.layer_rows import Key, Row, Spot, Wanted, key_of
from graph_ir.report import Report
from graph_ir.use_words import runs

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class LayerTree(QAbstractItemModel):
    """One row a layer. A subclass says what stands in the columns, and which rows are wanted in which order."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = count(1)
        self._rows: dict[int, Row] = {}
        self.report: Report | None = None
        self.root = Row(("root", ""), (), None)
        self.root.children = []

    # What a subclass says

    def headings(self) -> Sequence[str]:
        """The columns."""
        raise NotImplementedError

    def text(self, row: Row, column: int) -> str:
        """What stands in a cell."""
        raise NotImplementedError

    def top(self, report: Report) -> Iterable[Wanted]:
        """The rows of the network, in their order."""
        return report.layers.values()

    def inside(self, row: Row) -> Iterable[Wanted]:
        """The rows of a use of a block, of one of its repetitions, or of a group."""
        if row.report is not None:
            return row.report.layers.values()
        if row.entry is None:
            return []
        found = runs(row.entry.nested)
        if len(found) == 1:
            return found[0].report.layers.values()
        return [Spot(("run", _run_words(run.first, run.last)), run.report) for run in found]

    # Showing

    def show(self, report: Report) -> None:
        """Bring the rows in step with a check."""
        self.report = report
        self._bring(self.root, list(self.top(report)))

    def arrange(self) -> None:
        """Ask for the rows of the network again: another order is wanted, or others of them."""
        if self.report is not None:
            self._bring(self.root, list(self.top(self.report)))

    def _bring(self, parent: Row, wanted: list[Wanted]) -> None:
        assert parent.children is not None, "only rows that were asked for are kept in step"
        changed = _changed(parent.children, wanted)
        is_other = changed is None
        if changed is None:
            known = {key_of(one): one for one in wanted}
            kept = [(child, known[child.key]) for child in parent.children if child.key in known]
            changed = [(child, one) for child, one in kept if child.entry is not one]
        for child, one in changed:  # before any signal: whoever hears one must not be shown what is over
            child.show(one)
        if is_other:
            self._exchange(parent, wanted)
        last = self.columnCount() - 1
        for child, _ in changed:
            self.dataChanged.emit(self.index_of(child), self.index_of(child, last))
            if child.children is not None:
                self._bring(child, list(self.inside(child)))

    def _exchange(self, parent: Row, wanted: list[Wanted]) -> None:
        """Other rows, or another order: the rows that stay are the same rows."""
        children, at = parent.children, self.index_of(parent)
        assert children is not None, "only rows that were asked for are exchanged"
        places = {key_of(one): place for place, one in enumerate(wanted)}
        for first, last in _stretches([n for n, child in enumerate(children) if child.key not in places]):
            self.beginRemoveRows(at, first, last)
            for child in children[first : last + 1]:
                self._forget(child)
            del children[first : last + 1]
            _number(children)
            self.endRemoveRows()
        there = {child.key for child in children}
        new = [one for one in wanted if key_of(one) not in there]
        if new:
            self.beginInsertRows(at, len(children), len(children) + len(new) - 1)
            children += [self._made(one, parent) for one in new]
            _number(children)
            self.endInsertRows()
        if any(places[child.key] != child.place for child in children):
            self._reorder(children, places)

    def _reorder(self, children: list[Row], places: dict[Key, int]) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        rows = [self._rows.get(index.internalId()) for index in before]
        children.sort(key=lambda child: places[child.key])
        _number(children)
        after = [
            self.index_of(row, index.column()) if row is not None else QModelIndex()
            for row, index in zip(rows, before, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _made(self, wanted: Wanted, parent: Row) -> Row:
        use = parent if parent.key[0] == "layer" else parent.use
        path = (*use.path, use.key[1]) if use is not None else ()
        row = Row(key_of(wanted), path, parent)
        row.show(wanted)
        row.number = next(self._numbers)
        self._rows[row.number] = row
        return row

    def _forget(self, row: Row) -> None:
        self._rows.pop(row.number, None)
        for child in row.children or ():
            self._forget(child)

    # Finding

    def row_at(self, index: Index) -> Row:
        """The row of an index."""
        return self._rows.get(index.internalId(), self.root) if index.isValid() else self.root

    def index_of(self, row: Row, column: int = 0) -> QModelIndex:
        """The index of a row."""
        return QModelIndex() if row is self.root else self.createIndex(row.place, column, row.number)

    def find(self, path: Sequence[str], id: str) -> Row | None:
        """The row of a layer; uses on the way are asked for, as opening them does."""
        rows: Iterable[Row] = [self.root]
        for step in (*path, id):
            rows = [found for row in rows if (found := self._below(row, step)) is not None][:1]
        return next(iter(rows), None)

    def _below(self, row: Row, id: str) -> Row | None:
        for child in self.rows_below(row):
            if child.key == ("layer", id):
                return child
            if child.key[0] != "layer" and (found := self._below(child, id)) is not None:
                return found
        return None

    def rows_below(self, row: Row) -> list[Row]:
        """The rows below one, made when they are first asked for."""
        if row.children is None:
            row.children = [self._made(one, row) for one in self.inside(row)]
            _number(row.children)
        return row.children

    # Qt's side

    def index(self, row: int, column: int, parent: Index = NOWHERE) -> QModelIndex:
        """The place of a cell; asked for every row whenever the view lays itself out."""
        above = self.row_at(parent) if parent.isValid() else self.root
        children = self.rows_below(above) if above.children is None else above.children
        if 0 <= row < len(children):
            return self.createIndex(row, column, children[row].number)
        return QModelIndex()

    def parent(self, index: Index = NOWHERE) -> QModelIndex:  # type: ignore[override]  # Qt overloads it with QObject's
        """The row above."""
        above = self.row_at(index).parent
        return QModelIndex() if above is None else self.index_of(above)

    def hasChildren(self, parent: Index = NOWHERE) -> bool:
        """Whether a row can be opened; nothing is made for that."""
        if not parent.isValid():
            return bool(self.root.children)
        entry = self.row_at(parent).entry
        if entry is not None and not entry.nested:
            return False
        return not parent.column() and (entry is None or any(one.report is not None for one in entry.nested))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """As many as stand below."""
        return 0 if parent.column() > 0 else len(self.rows_below(self.row_at(parent)))

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """As many as the subclass says."""
        return len(self.headings())

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The words of a cell."""
        if role == Qt.ItemDataRole.DisplayRole and index.isValid():
            return self.text(self.row_at(index), index.column())
        return None


def _run_words(first: int, last: int) -> str:
    """Repetitions as people count them."""
    return f"repetition {first + 1}" if first == last else f"repetitions {first + 1} to {last + 1}"


def _number(rows: list[Row]) -> None:
    for place, row in enumerate(rows):
        row.place = place


def _changed(children: list[Row], wanted: list[Wanted]) -> list[tuple[Row, Wanted]] | None:
    """The rows that have something else to show; None where other rows are wanted, or another order."""
    if len(children) != len(wanted):
        return None
    changed: list[tuple[Row, Wanted]] = []
    for child, one in zip(children, wanted, strict=True):
        if child.entry is one:
            continue
        if child.key != key_of(one):
            return None
        changed.append((child, one))
    return changed


def _stretches(places: list[int]) -> list[tuple[int, int]]:
    """Places that follow one another as first and last, the last stretch first."""
    found: list[tuple[int, int]] = []
    for place in places:
        if found and found[-1][1] == place - 1:
            found[-1] = found[-1][0], place
        else:
            found.append((place, place))
    return found[::-1]
