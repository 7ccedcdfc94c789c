"""The inspector of several selected layers: what they come to, and the fields that all of them have."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from designer.document import Document
from designer.panels.field_row import MISSING, FieldRow
from designer.panels.slots import Slot, groups
from designer.panels.widgets import amount, plain_label
from designer.theme import Theme
from designer.trail import Trail
from graph_ir import many_edits
from graph_ir.dims import total
from graph_ir.edits import REMOVE, Edit, Refused
from graph_ir.kinds import Json
from graph_ir.use_words import block_of

DIFFERENT = "different values"
_ACTIONS = (
    ("duplicate", "Duplicate"),
    ("make_block", "Make a block"),
    ("bypass", "Bypass"),
    ("hide", "Hide from pictures"),
    ("tidy_selection", "Tidy"),
    ("delete", "Delete"),
)
_COLUMNS = 2
_TYPES = 6


class Several(QWidget):
    """An edit sets the field of all layers on show, as one undo step."""

    told = Signal(str)  # why an edit was refused
    command_wanted = Signal(str)

    def __init__(self, document: Document, ids: Sequence[str], theme: Theme, trail: Trail) -> None:
        super().__init__()
        self._document, self._ids, self._theme, self._trail = document, tuple(ids), theme, trail
        self._session = 0
        self.rows: dict[str, FieldRow] = {}
        self._slots: dict[str, Slot] = {}
        self._made_from = self._kinds()
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(4)
        self._box.addWidget(plain_label(f"{len(self._ids):,} layers", heading=True))
        self.types = plain_label(self._types(), wrap=True)
        self.totals = plain_label("", wrap=True, quiet=True)
        self._box.addWidget(self.types)
        self._box.addWidget(self.totals)
        self._box.addSpacing(4)
        self._add_rows()
        self._box.addSpacing(6)
        self._box.addLayout(self._actions())
        self._fill()

    def refresh(self, ids: Sequence[str]) -> bool:
        """Show values anew, so that the cursor stays; False where other layers or other types are selected."""
        if tuple(ids) != self._ids or self._kinds() != self._made_from:
            return False
        self._fill()
        return True

    def _kinds(self) -> tuple[tuple[str, str], ...]:
        """The type (and block) of each layer."""
        graph = self._trail.graph
        return tuple((graph.node(id).type, block_of(graph.node(id))) for id in self._ids)

    def _types(self) -> str:
        counts = Counter(block or type for type, block in self._made_from).most_common()
        parts = [f"{count:,} × {name[:40]}" for name, count in counts[:_TYPES]]
        rest = len(counts) - _TYPES
        return ", ".join([*parts, f"{rest} other types"] if rest > 0 else parts)

    def _add_rows(self) -> None:
        self._slots = self._common()
        if not self._slots:
            self._box.addWidget(plain_label("They have no field in common.", quiet=True, wrap=True))
        for key, slot in self._slots.items():
            row = FieldRow(
                key, slot.kind, slot.help, slot.default, self._theme, words=slot.name, compact=True
            )
            row.edited.connect(self._edit)
            row.reset_wanted.connect(lambda name: self._edit(name, REMOVE))
            row.tried.connect(self._try)
            row.untried.connect(lambda _name: self._document.preview(None))
            row.left.connect(self._end_session)
            self.rows[key] = row
            self._box.addWidget(row)

    def _common(self) -> dict[str, Slot]:
        """The slots that every layer has, under one name and of one kind."""
        graph = self._trail.graph
        first = {kind: graph.node(id) for id, kind in zip(self._ids, self._made_from, strict=True)}
        each = [
            {slot.key: slot for _, slots in groups(node, graph) for slot in slots} for node in first.values()
        ]
        head, *rest = each
        return {
            key: slot
            for key, slot in head.items()
            if not slot.inside and all(key in other and _alike(slot, other[key]) for other in rest)
        }

    def _actions(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(6)
        for number, (command, words) in enumerate(_ACTIONS):
            button = QPushButton(words)
            button.clicked.connect(lambda _on=False, command=command: self.command_wanted.emit(command))
            grid.addWidget(button, number // _COLUMNS, number % _COLUMNS)
        return grid

    def _fill(self) -> None:
        report, graph = self._trail.report, self._trail.graph
        entries = [report.layers[id] for id in self._ids]
        macs = total(report.macs_by_layer.get(id, 0) for id in self._ids)
        parts = [f"{amount(sum(entry.parameters for entry in entries))} parameters"]
        parts += [f"{amount(macs)} MACs"] if macs != 0 else []
        self.totals.setText(" · ".join(parts) + " together")
        nodes = [graph.node(id) for id in self._ids]
        for key, row in self.rows.items():
            slot = self._slots[key]
            values = {_canonical(slot.read(node)): slot.read(node) for node in nodes}
            if len(values) == 1:
                row.editor.show_placeholder("")
                row.show_value(next(iter(values.values())))
            else:
                row.show_value("")
                row.editor.show_placeholder(DIFFERENT)

    def _values(self, name: str, raw: Json) -> dict[str, Mapping[str, Json]]:
        graph, slot = self._trail.graph, self._slots[name]
        return {id: slot.change(graph.node(id), raw) for id in self._ids if id in graph}

    def _edit(self, name: str, raw: Json) -> None:
        merge = f"{'|'.join(self._ids)}\0{name}\0{self._session}"
        try:
            self._document.set_fields_of(self._trail.network, self._values(name, raw), merge=merge)
        except Refused as error:
            self.told.emit(str(error))
            self._fill()

    def _try(self, name: str, raw: Json) -> None:
        edit: Edit | None = None
        try:
            edit = many_edits.set_fields_of(
                self._document.design, self._trail.network, self._values(name, raw)
            )
        except Refused as error:
            self.rows[name].doubt(str(error))
        self._document.preview(edit)

    def _end_session(self, _name: str) -> None:
        self._session += 1


def _alike(one: Slot, other: Slot) -> bool:
    return one.kind.name == other.kind.name and one.kind.schema() == other.kind.schema()


def _canonical(raw: Json) -> str:
    return "" if raw is MISSING else json.dumps(raw, sort_keys=True)
