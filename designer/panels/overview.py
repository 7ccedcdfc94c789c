"""What the inspector shows where no single layer is selected: the network, its parameters, what it needs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.document import Document
from designer.panels.field_row import MISSING, FieldRow
from designer.panels.widgets import amount, plain_label
from designer.theme import Theme
from graph_ir.edits import Refused
from graph_ir.kinds import Either, Flag, Integer, Json, Kind, Number, Text


class Overview(QWidget):
    """The network, or how much several selected layers come to."""

    told = Signal(str)  # why an edit was refused

    def __init__(self, document: Document, ids: Sequence[str], theme: Theme) -> None:
        super().__init__()
        self._document, self._ids, self._theme = document, tuple(ids), theme
        self._session = 0
        self._requires = document.report.requires
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
        values, report = self._document.design.top.parameters, self._document.report
        same = not ids and not self._ids and list(values) == list(self.rows) and self.rows
        if not same or report.requires != self._requires:
            return False
        for name, row in self.rows.items():
            row.show_value(values[name])
        return True

    def _build_several(self) -> None:
        layers = self._document.report.layers
        total = sum(layers[name].parameters for name in self._ids)
        self._box.addWidget(plain_label(f"{len(self._ids)} layers", heading=True))
        self._box.addWidget(plain_label(f"{amount(total)} parameters together", quiet=True))

    def _build_network(self) -> None:
        top = self._document.design.top
        self._box.addWidget(plain_label("Network", heading=True))
        words = "Select a layer to see and change its fields."
        if not len(top):
            words = "What you select on the canvas is shown here, with its fields, shapes and code."
        self._box.addWidget(plain_label(words, wrap=True, quiet=True))
        if top.parameters:
            self._box.addWidget(plain_label("Parameters of the network", section=True))
            words = f"Fields may use them, as in ={next(iter(top.parameters))}"
            self._box.addWidget(plain_label(words, quiet=True, wrap=True, small=True))
        for name, value in top.parameters.items():
            row = FieldRow(name, _kind_of(value), "", MISSING, self._theme)
            row.show_value(value)
            row.edited.connect(self._edit)
            row.left.connect(self._end_session)
            self.rows[name] = row
            self._box.addWidget(row)
        for requirement in self._requires:
            self._box.addWidget(plain_label(f"needs {requirement}", mono=True, wrap=True))

    def _edit(self, name: str, raw: Json) -> None:
        try:
            self._document.set_parameter("", name, raw, merge=f"parameter\0{name}\0{self._session}")
        except Refused as error:
            self.told.emit(str(error))

    def _end_session(self, _name: str) -> None:
        self._session += 1


def _kind_of(value: Json) -> Kind:
    """A parameter has the type of its default; one without a value takes what is written."""
    if isinstance(value, bool):
        return Flag()
    if isinstance(value, int):
        return Integer()
    return Number() if isinstance(value, float) else Either(Integer(), Number(), Text())
