"""Layers as a tree for tables and lists: uses of blocks open into their layers. Lazy, and in step with each check.

A row knows the layer's report; what is shown of it is worked out when it is painted. A new report touches only rows
whose entry is another: selection, scroll and what is open stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt

from graph_ir.report import LayerReport, Report
from graph_ir.use_words import runs

Index = QModelIndex | QPersistentModelIndex
Key = tuple[str, str]
"""What tells rows below one apart: what they are, and the id or the words of it."""
NOWHERE = QModelIndex()


class Row:
    """A layer (`entry`), repetitions of a block (`report` is what the check found inside), or a group of rows."""

    __slots__ = ("children", "entry", "key", "number", "parent", "path", "place", "report")

    def __init__(
        self,
        key: Key,
        path: tuple[str, ...],
        parent: Row | None,
        *,
        entry: LayerReport | None = None,
        report: Report | None = None,
    ) -> None:
        self.key, self.path, self.parent, self.entry, self.report = key, path, parent, entry, report
        self.children: list[Row] | None = None
        self.number = self.place = 0

    @property
    def words(self) -> str:
        """The layer's id, or what the row says of itself."""
        return self.key[1]

    @property
    def use(self) -> Row | None:
        """The row of the use of a block that this one lies in."""
        row = self.parent
        while row is not None and row.key[0] != "layer":
            row = row.parent
        return row


Wanted = tuple[Key, LayerReport | None, Report | None]


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
        return ((("layer", id), entry, None) for id, entry in report.layers.items())

    def inside(self, row: Row) -> Iterable[Wanted]:
        """The rows of a use of a block, of one of its repetitions, or of a group."""
        if row.report is not None:
            return [(("layer", id), entry, None) for id, entry in row.report.layers.items()]
        if row.entry is None:
            return []
        found = runs(row.entry.nested)
        if len(found) == 1:
            return [(("layer", id), entry, None) for id, entry in found[0].report.layers.items()]
        return [(("run", _run_words(run.first, run.last)), None, run.report) for run in found]

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
        known = {key: (entry, report) for key, entry, report in wanted}
        changed: list[Row] = []
        for child in parent.children:  # before any signal: whoever hears one must not be shown what is over
            entry, report = known.get(child.key, (child.entry, child.report))
            if child.entry is not entry or child.report is not report or entry is report is None:
                child.entry, child.report = entry, report
                changed.append(child)
        if [child.key for child in parent.children] != list(known):
            self._exchange(parent, wanted)
        last = self.columnCount() - 1
        for child in changed:
            if child.number in self._rows:
                self.dataChanged.emit(self.index_of(child), self.index_of(child, last))
                if child.children is not None:
                    self._bring(child, list(self.inside(child)))

    def _exchange(self, parent: Row, wanted: list[Wanted]) -> None:
        """Other rows, or another order: the rows that stay are the same rows."""
        children, at = parent.children, self.index_of(parent)
        assert children is not None, "only rows that were asked for are exchanged"
        keep = {key for key, _, _ in wanted}
        for first, last in _stretches([n for n, child in enumerate(children) if child.key not in keep]):
            self.beginRemoveRows(at, first, last)
            for child in children[first : last + 1]:
                self._forget(child)
            del children[first : last + 1]
            _number(children)
            self.endRemoveRows()
        there = {child.key for child in children}
        new = [one for one in wanted if one[0] not in there]
        if new:
            self.beginInsertRows(at, len(children), len(children) + len(new) - 1)
            children += [self._made(one, parent) for one in new]
            _number(children)
            self.endInsertRows()
        places = {key: place for place, (key, _, _) in enumerate(wanted)}
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
        key, entry, report = wanted
        use = parent if parent.key[0] == "layer" else parent.use
        path = (*use.path, use.key[1]) if use is not None else ()
        row = Row(key, path, parent, entry=entry, report=report)
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
        for child in self.children(row):
            if child.key == ("layer", id):
                return child
            if child.key[0] != "layer" and (found := self._below(child, id)) is not None:
                return found
        return None

    def children(self, row: Row) -> list[Row]:
        """The rows below one, made when they are first asked for."""
        if row.children is None:
            row.children = [self._made(one, row) for one in self.inside(row)]
            _number(row.children)
        return row.children

    # Qt's side

    def index(self, row: int, column: int, parent: Index = NOWHERE) -> QModelIndex:
        """The place of a cell."""
        children = self.children(self.row_at(parent))
        return self.index_of(children[row], column) if 0 <= row < len(children) else QModelIndex()

    def parent(self, index: Index = NOWHERE) -> QModelIndex:  # type: ignore[override]  # Qt overloads it with QObject's
        """The row above."""
        above = self.row_at(index).parent
        return QModelIndex() if above is None else self.index_of(above)

    def hasChildren(self, parent: Index = NOWHERE) -> bool:
        """Whether a row can be opened; nothing is made for that."""
        if not parent.isValid():
            return bool(self.root.children)
        row = self.row_at(parent)
        if parent.column():
            return False
        return row.entry is None or any(one.report is not None for one in row.entry.nested)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """As many as stand below."""
        return 0 if parent.column() > 0 else len(self.children(self.row_at(parent)))

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


def _stretches(places: list[int]) -> list[tuple[int, int]]:
    """Places that follow one another as first and last, the last stretch first."""
    found: list[tuple[int, int]] = []
    for place in places:
        if found and found[-1][1] == place - 1:
            found[-1] = found[-1][0], place
        else:
            found.append((place, place))
    return found[::-1]
