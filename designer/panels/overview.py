"""What the inspector shows where no layer is selected: the network, its parameters, what it needs, what it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.document import Document
from designer.panels.field_row import MISSING, FieldRow
from designer.panels.parameter_rows import ParameterRow, ParameterRows
from designer.panels.section import Section
from designer.panels.widgets import Elided, amount, plain_label, plain_tip
from designer.theme import Theme
from designer.trail import Trail
from graph_ir.dims import symbols
from graph_ir.edits import REMOVE, Refused
from graph_ir.kinds import Json, Text

ABOUT = (
    ("title", "what it is called in lists and pictures", 200),
    ("summary", "what it does, in a sentence or two", 4_000),
    ("source", "the paper or page it comes from", 4_000),
    ("licence", "what others may do with it", 4_000),
)
LONGEST = 60
"""Letters: a longer formula of costs is in the tooltip."""

_DIVIDED = re.compile(r"(.+) % (\d+) == (\d+)")


class Overview(QWidget):
    """The network on show; of the top one also what is said about the design."""

    told = Signal(str)  # why an edit was refused

    def __init__(self, document: Document, theme: Theme, trail: Trail) -> None:
        super().__init__()
        self._document, self._theme, self._trail = document, theme, trail
        self._network, self._requires = trail.network, trail.report.requires
        self._was_empty = not len(trail.graph)
        self._named: dict[str, FieldRow] = {}
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(6)
        self.parameters = ParameterRows(document, theme, trail)
        self.parameters.told.connect(self.told)
        self.totals = plain_label("", wrap=True, quiet=True)
        self._head()
        if not self._was_empty:
            self._add_parameters()
            self._add_requirements()
        if not self._network:
            self._add_about()
        self._fill()

    @property
    def rows(self) -> dict[str, ParameterRow | FieldRow]:
        """The rows of the parameters by name, and those about the design as `about.title`."""
        return {**self.parameters.rows, **self._named}

    @property
    def new(self) -> QWidget:
        """The line for a new parameter."""
        return self.parameters.new

    def refresh(self, ids: Sequence[str]) -> bool:
        """Show values anew, so that the cursor stays; False where more than values has changed."""
        same = (
            not ids
            and self._trail.network == self._network
            and self._was_empty == (not len(self._trail.graph))
        )
        if (
            not same
            or self._trail.report.requires != self._requires
            or not self.parameters.refresh(self._trail.graph)
        ):
            return False
        self._fill()
        return True

    def _head(self) -> None:
        block = self._network
        self._box.addWidget(Elided(f"Block {block}" if block else "Network", heading=True))
        if block:
            row = self._row("name", "unique in the design", 200)
            row.show_value(block)
            row.edited.connect(
                lambda _name, raw: self._try(lambda: self._document.rename_block(block, str(raw)))
            )
            self._box.addWidget(row)
        words = "Select a layer to see and change its fields."
        if self._was_empty:
            words = "What you select on the canvas is shown here, with its fields, shapes and code."
        self._box.addWidget(plain_label(words, wrap=True, quiet=True))
        self._box.addWidget(self.totals)

    def _row(self, name: str, help: str, longest: int) -> FieldRow:
        return FieldRow(name, Text(longest), help, MISSING, self._theme, compact=True)

    def _add_parameters(self) -> None:
        section = Section(f"Parameters of the {'block' if self._network else 'network'}", self._theme)
        first = next(iter(self.parameters.rows), "width")
        words = f"Fields may use them, as in ={first}"
        if self._network:
            words += "; a layer that uses the block may give others, and must give those that are null"
        section.box.addWidget(plain_label(f"{words}.", quiet=True, wrap=True, small=True))
        section.box.addWidget(self.parameters)
        self._box.addWidget(section)

    def _add_requirements(self) -> None:
        if not self._requires:
            return
        section = Section("Works only if", self._theme)
        for requirement in self._requires:
            section.box.addWidget(plain_label(f"needs {in_words(requirement)}", wrap=True))
        self._box.addWidget(section)

    def _add_about(self) -> None:
        section = Section("About the design", self._theme)
        for name, help, longest in ABOUT:
            row = self._row(name, help, longest)
            row.edited.connect(self._tell_about)
            self._named[f"about.{name}"] = row
            section.box.addWidget(row)
        self._box.addWidget(section)

    def _fill(self) -> None:
        report = self._trail.report
        cost, names = f"{amount(report.macs)} MACs for one sample", sorted(symbols(report.macs))
        said = (
            cost
            if len(cost) <= LONGEST
            else f"MACs depend on {', '.join(names[:3])}{' …' * (len(names) > 3)}"
        )
        parts = [f"{amount(report.parameters)} parameters", said]
        self.totals.setText("" if self._was_empty else " · ".join(parts))
        plain_tip(self.totals, cost if said != cost else "")
        self.totals.setVisible(not self._was_empty)
        about = self._document.design.about
        for name, _, _ in ABOUT if not self._network else ():
            value = about.get(name)
            self._named[f"about.{name}"].show_value(value if isinstance(value, str) else "")

    def _tell_about(self, name: str, raw: Json) -> None:
        self._try(lambda: self._document.set_section(("about", name), str(raw) or REMOVE))

    def _try(self, intent: Callable[[], None]) -> None:
        try:
            intent()
        except Refused as error:
            self.told.emit(str(error))


def in_words(requirement: str) -> str:
    """A requirement as people say it: `H % 16 == 0` as "H divisible by 16"."""
    found = _DIVIDED.fullmatch(requirement)
    if found is None:
        return requirement.replace(">=", "≥").replace("<=", "≤").replace("*", "·")
    size, divisor, rest = found.groups()
    if rest == "0":
        return f"{size} divisible by {divisor}"
    return f"{size} to leave {rest} when divided by {divisor}"
