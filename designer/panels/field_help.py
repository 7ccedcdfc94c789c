"""The line below the inspector that explains the field in which the cursor is."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.panels.field_row import FieldRow
from designer.panels.widgets import Elided, plain_label, plain_tip, rule

KEYS = "Enter keeps it · Esc takes it back · = an expression"


class FieldHelp(QWidget):
    """What a field is, what it takes, and which keys help. Gone where no field has the cursor."""

    def __init__(self) -> None:
        super().__init__()
        self.title = Elided("", quiet=False)
        self.limits = plain_label("", wrap=True, quiet=True, small=True)
        self.keys = Elided(KEYS, quiet=True, small=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(rule())
        inner = QVBoxLayout()
        inner.setContentsMargins(16, 6, 12, 8)
        inner.setSpacing(1)
        for label in (self.title, self.limits, self.keys):
            inner.addWidget(label)
        box.addLayout(inner)
        self.hide()

    def show_row(self, row: FieldRow | None) -> None:
        """Explain a field; None where the cursor is elsewhere."""
        self.setVisible(row is not None)
        if row is None:
            return
        help = row.help.text()
        self.title.setText(f"{row.words}: {help}" if help else row.words)
        plain_tip(self.title, self.title.text())
        self.limits.setText(row.about)
