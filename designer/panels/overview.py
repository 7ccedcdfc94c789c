"""What the inspector shows where no single layer is selected: the network, its parameters, what it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from designer.document import Document
from designer.panels.field_row import MISSING, FieldRow
from designer.panels.field_text import parse
from designer.panels.slots import kind_of
from designer.panels.widgets import amount, plain_label
from designer.theme import Theme
from designer.trail import Trail
from graph_ir.edits import Refused
from graph_ir.kinds import BadValue, Json, Text


class Overview(QWidget):
    """The network, or how much several selected layers come to."""

    told = Signal(str)  # why an edit was refused

    def __init__(self, document: Document, ids: Sequence[str], theme: Theme, trail: Trail) -> None:
        super().__init__()
        self._document, self._ids, self._theme, self._trail = document, tuple(ids), theme, trail
        self._session, self._network = 0, trail.network
        self._requires = trail.report.requires
        self.rows: dict[str, FieldRow] = {}
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(8)
        if ids:
            self._build_several()
        else:
            self._build_network()

    def refresh(self, ids: Sequence[str]) -> bool:
        """Show values anew, so that the cursor stays; False where more than values has changed."""
        values, report = self._trail.graph.parameters, self._trail.report
        same = not ids and not self._ids and bool(self.rows) and list(values) == list(self.rows)
        same = same and self._trail.network == self._network
        if not same or report.requires != self._requires:
            return False
        for name, row in self.rows.items():
            row.show_value(values[name])
        return True

    def _build_several(self) -> None:
        layers = self._trail.report.layers
        total = sum(layers[name].parameters for name in self._ids)
        self._box.addWidget(plain_label(f"{len(self._ids)} layers", heading=True))
        self._box.addWidget(plain_label(f"{amount(total)} parameters together", quiet=True))

    def _build_network(self) -> None:
        graph, block = self._trail.graph, self._trail.network
        self._box.addWidget(plain_label(f"Block {block}"[:60] if block else "Network", heading=True))
        if block:
            self._name = FieldRow("name", Text(), "unique in the design", MISSING, self._theme)
            self._name.show_value(block)
            self._name.edited.connect(
                lambda _name, raw: self._try(self._document.rename_block, block, str(raw))
            )
            self._box.addWidget(self._name)
        words = "Select a layer to see and change its fields."
        if not len(graph):
            words = "What you select on the canvas is shown here, with its fields, shapes and code."
        self._box.addWidget(plain_label(words, wrap=True, quiet=True))
        if graph.parameters:
            self._box.addWidget(
                plain_label(f"Parameters of the {'block' if block else 'network'}", section=True)
            )
            words = f"Fields may use them, as in ={next(iter(graph.parameters))}"
            if block:
                words += "; a layer that uses the block may give others, and must give those that are null"
            self._box.addWidget(plain_label(words, quiet=True, wrap=True, small=True))
        for name, value in graph.parameters.items():
            row = FieldRow(name, kind_of(value), "", MISSING, self._theme)
            row.show_value(value)
            row.edited.connect(self._edit)
            row.left.connect(self._end_session)
            self.rows[name] = row
            self._box.addWidget(row)
        if len(graph):
            self._box.addWidget(self._new_parameter())
        for requirement in self._requires:
            self._box.addWidget(plain_label(f"needs {requirement}", mono=True, wrap=True))

    def _new_parameter(self) -> QLineEdit:
        self.new = QLineEdit()
        self.new.setPlaceholderText("new parameter: width = 64")
        self.new.setAccessibleName("New parameter, its name and value")
        self.new.setProperty("mono", True)
        self.new.returnPressed.connect(self._add)
        return self.new

    def _add(self) -> None:
        name, _, text = self.new.text().partition("=")
        try:
            value = parse(kind_of(None), text)
        except BadValue as error:
            self.told.emit(f"`{name.strip()[:60]}` {error}.")
            return
        self._try(self._document.set_parameter, self._network, name.strip(), value)

    def _edit(self, name: str, raw: Json) -> None:
        merge = f"parameter\0{self._network}\0{name}\0{self._session}"
        self._try(self._document.set_parameter, self._network, name, raw, merge=merge)

    def _try(self, intent: Callable[..., None], *values: Json, **options: str) -> None:
        try:
            intent(*values, **options)
        except Refused as error:
            self.told.emit(str(error))

    def _end_session(self, _name: str) -> None:
        self._session += 1
