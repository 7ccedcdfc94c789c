"""Asks whether somebody's work may be overwritten, and shows what would be lost. It never blocks."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from designer.panels.widgets import plain_label
from designer.theme import Theme

_ROLES = {"-": "error", "+": "good", "@": "hint", "…": "quiet"}


class Differences(QDialog):
    """The question and the differences, as a unified diff; Escape and Enter leave everything as it is."""

    def __init__(self, parent: QWidget, theme: Theme, question: str, differences: str) -> None:
        super().__init__(parent)
        self.setWindowTitle("Somebody's work is there")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.view = QPlainTextEdit(differences)
        self.view.setReadOnly(True)
        self.view.setProperty("mono", True)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.view.setTabChangesFocus(True)
        self.view.setAccessibleName("What would change")
        self._colours = _Colours(self.view.document(), theme)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.overwrite = box.addButton("Overwrite", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = box.button(QDialogButtonBox.StandardButton.Cancel)
        self.overwrite.setAutoDefault(False)
        self.cancel.setDefault(True)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        rows = QVBoxLayout(self)
        rows.addWidget(plain_label(question, wrap=True))
        rows.addWidget(self.view, 1)
        rows.addWidget(box)
        self.resize(720, 460)
        self.cancel.setFocus()


class _Colours(QSyntaxHighlighter):
    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._formats = {}
        for sign, role in _ROLES.items():
            self._formats[sign] = QTextCharFormat()
            self._formats[sign].setForeground(theme.colour(role))

    def highlightBlock(self, text: str) -> None:
        """Colour one line by its sign."""
        found = self._formats.get(text[:1])
        if found is not None:
            self.setFormat(0, len(text), found)


def ask_to_overwrite(
    parent: QWidget, theme: Theme, question: str, differences: str, overwrite: Callable[[], object]
) -> Differences:
    """Opens the question; `overwrite` follows if the answer is yes."""
    dialog = Differences(parent, theme, question, differences)
    dialog.accepted.connect(overwrite)
    dialog.open()
    return dialog
