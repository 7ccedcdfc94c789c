"""The rows of the Outline: the whole network in its order, frames as groups, uses of blocks open into their layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon

from designer.panels.layer_rows import Row, Spot, Wanted
from designer.panels.layer_tree import Index, LayerTree
from designer.panels.problems import RANK, SIGNS
from designer.panels.widgets import escaped
from designer.theme import Theme, category_icon, icon
from graph_ir.report import LayerReport, Report
from graph_ir.use_words import name_words

NAME, SHAPE = range(2)


@dataclass(frozen=True)
class Group:
    """A frame on the sheet: its title, and the layers that stand in it."""

    title: str
    ids: tuple[str, ...]


class OutlineModel(LayerTree):
    """What a layer is, and what it gives. A screen reader gets both, and its problems, in one sentence."""

    renamed = Signal(list, str, str)  # uses on the way, old id, new id

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._pictures = theme, dict[str, QIcon]()
        self._groups: Sequence[Group] = ()
        self._group_of: Mapping[str, int] = {}

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme, self._pictures = theme, {}

    def group(self, groups: Sequence[Group]) -> None:
        """Put the layers of frames together."""
        self._groups = groups
        self._group_of = {id: number for number, group in enumerate(groups) for id in group.ids}

    def headings(self) -> Sequence[str]:
        """The columns."""
        return ("Layer", "Output")

    def top(self, report: Report) -> Iterable[Wanted]:
        """Layers as the data flows; a frame stands where its first layer would."""
        found: list[Wanted] = []
        begun: set[int] = set()
        for id in _in_order(report):
            number = self._group_of.get(id)
            if number is None:
                found.append(report.layers[id])
            elif number not in begun:
                begun.add(number)
                found.append(Spot(("frame", str(number))))
        return found

    def inside(self, row: Row) -> Iterable[Wanted]:
        """The layers of a frame, of a block, or of one of its repetitions."""
        report = self.report
        if row.key[0] != "frame" or report is None:
            return super().inside(row)
        number = int(row.words)
        return [report.layers[id] for id in _in_order(report) if self._group_of.get(id) == number]

    def text(self, row: Row, column: int) -> str:
        """`Conv2d conv1` and `N 32 28 28`."""
        if row.key[0] == "frame":
            return (self._groups[int(row.words)].title or "Frame") if column == NAME else ""
        if row.entry is None:
            return row.words if column == NAME else ""
        return _called(row.entry) if column == NAME else _given(row.entry)

    def words(self, row: Row) -> str:
        """A row in one sentence: `Conv2d conv1, output N 32 28 28, 1 problem`."""
        if row.key[0] == "frame":
            count = len(self.rows_below(row))
            return f"Frame {self.text(row, NAME)}, {count} {'layer' if count == 1 else 'layers'}"
        return row.words if row.entry is None else layer_words(row.entry)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Words, picture and sentence of a row."""
        if not index.isValid():
            return None
        row, column = self.row_at(index), index.column()
        roles: dict[int, Callable[[], object]] = {
            Qt.ItemDataRole.AccessibleTextRole: lambda: self.words(row) if column == NAME else "",
            Qt.ItemDataRole.ToolTipRole: lambda: escaped(self.words(row)),
            Qt.ItemDataRole.EditRole: lambda: row.words,
        }
        if role in roles:
            return roles[role]()
        if role == Qt.ItemDataRole.DecorationRole and column == NAME:
            return self._picture(row)
        if role == Qt.ItemDataRole.FontRole and column == SHAPE:
            return self._theme.mono_font(11)
        if role == Qt.ItemDataRole.ForegroundRole and (column == SHAPE or row.entry is None):
            return self._theme.colour("quiet")
        return super().data(index, role)

    def _picture(self, row: Row) -> QIcon | None:
        if row.entry is None:
            return self._drawn("square" if row.key[0] == "frame" else "workflow", "quiet")
        worst = min((problem.severity for problem in row.entry.problems), key=RANK.__getitem__, default=None)
        if worst is not None:
            return self._drawn(SIGNS[worst], worst)
        return self._drawn(row.entry.layer.spec.category.key, "") if row.entry.layer else None

    def _drawn(self, name: str, role: str) -> QIcon:
        """An icon in the role's colour; without one, a category's glyph. Each is drawn once."""
        if name not in self._pictures:
            self._pictures[name] = icon(self._theme, name, role) if role else category_icon(self._theme, name)
        return self._pictures[name]

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Layers can be renamed."""
        flags = super().flags(index)
        is_layer = index.isValid() and index.column() == NAME and self.row_at(index).key[0] == "layer"
        return flags | Qt.ItemFlag.ItemIsEditable if is_layer else flags

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another name; the rows follow when the design has it."""
        row = self.row_at(index)
        if role != Qt.ItemDataRole.EditRole or row.entry is None or str(value).strip() == row.words:
            return False
        self.renamed.emit(list(row.path), row.words, str(value).strip())
        return True


def layer_words(entry: LayerReport) -> str:
    """A layer in one sentence: what it is, what it gives, and how many problems it has."""
    parts = [_called(entry)]
    if len(entry.outputs) == 1:
        parts.append(f"output {_given(entry)}")
    elif entry.outputs:
        shapes = (f"{port} {_sizes(given.shape)}" for port, given in entry.outputs.items())
        parts.append(f"outputs {', '.join(shapes)}")
    if entry.problems:
        parts.append(f"{len(entry.problems)} {'problem' if len(entry.problems) == 1 else 'problems'}")
    return ", ".join(parts)


def _called(entry: LayerReport) -> str:
    label = entry.node.label
    return f"{name_words(entry)} {entry.node.id}" + (
        f" ({label})" if label and label != entry.node.id else ""
    )


def _given(entry: LayerReport) -> str:
    first = next(iter(entry.outputs.values()), None)
    return "" if first is None else _sizes(first.shape) or "a single number"


def _sizes(shape: Iterable[object]) -> str:
    return " ".join(str(size).replace(" ", "") for size in shape)


def _in_order(report: Report) -> Iterable[str]:
    """As the data flows; what stands in a cycle comes last."""
    placed = set(report.order)
    return [*report.order, *(id for id in report.layers if id not in placed)]
