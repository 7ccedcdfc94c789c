"""What a tree of layers is made of: rows that know what they show, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass

from graph_ir.report import LayerReport, Report

Key = tuple[str, str]
"""What tells rows below one apart: what they are, and the id or the words of it."""


class Row:
    """A layer (`entry`), repetitions of a block (`report` is what the check found inside), or a group of rows."""

    __slots__ = ("children", "entry", "key", "number", "parent", "path", "place", "report")

    def __init__(self, key: Key, path: tuple[str, ...], parent: Row | None) -> None:
        self.key, self.path, self.parent = key, path, parent
        self.entry: LayerReport | None = None
        self.report: Report | None = None
        self.children: list[Row] | None = None
        self.number = self.place = 0

    def show(self, wanted: Wanted) -> None:
        """Show this layer, or what was found in these repetitions."""
        if isinstance(wanted, Spot):
            self.entry, self.report = None, wanted.report
        else:
            self.entry, self.report = wanted, None

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


@dataclass(frozen=True, eq=False)
class Spot:
    """A row that is no layer: repetitions with what the check found inside, or a group."""

    key: Key
    report: Report | None = None


Wanted = LayerReport | Spot
"""What a row is to show. Layers stand for themselves: ten thousand of them are compared without making anything."""


def key_of(wanted: Wanted) -> Key:
    """What tells the row of it from others."""
    return wanted.key if isinstance(wanted, Spot) else ("layer", wanted.node.id)
