"""One field with its name, editor, way back to the default, help, and the sentence that says what is wrong."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QToolButton, QWidget

from designer.panels.field_editors import FieldEditor, editor_for
from designer.panels.field_text import as_text, is_nested
from designer.panels.widgets import plain_label, plain_tip, set_property
from designer.theme import Theme, icon
from graph_ir.kinds import Json, Kind

NAME_WIDTH = 104
MISSING: Any = object()


class FieldRow(QWidget):
    """Knows what the declaration says about the field; the value stays in the design."""

    edited = Signal(str, object)  # name, raw value
    reset_wanted = Signal(str)
    left = Signal(str)
    text_refused = Signal(str, str)  # name, the text that was not allowed; empty where all is well

    def __init__(
        self,
        name: str,
        kind: Kind,
        help: str,
        default: Json,
        theme: Theme,
        width: int = NAME_WIDTH,
        *,
        words: str = "",
    ) -> None:
        super().__init__()
        self.name, self._default, self._problem = name, default, ""
        words = words or name
        self.label = plain_label(words)
        self.editor: FieldEditor = editor_for(kind, words, None if default is MISSING else default)
        self.label.setBuddy(self.editor)
        self.reset = QToolButton()
        self.reset.setProperty("small", True)
        self.reset.setAccessibleName(f"Reset {words}")
        self.reset.clicked.connect(lambda: self.reset_wanted.emit(self.name))
        self.help = plain_label(help.replace("`", ""), wrap=True, quiet=True, small=True)
        self.sentence = plain_label("", wrap=True, severity="error", small=True)
        self.sentence.hide()
        about = f"{help}: {kind.describe()}" if help else kind.describe()
        if default is not MISSING:
            about += f". Default: {as_text(default)}"
            plain_tip(self.reset, f"Back to the default, {as_text(default)}")
        for widget in (self.label, self.editor):
            plain_tip(widget, about)
        self.editor.setAccessibleDescription(about)
        self._lay_out(width)
        self.set_theme(theme)
        self.editor.edited.connect(lambda raw: self.edited.emit(self.name, raw))
        self.editor.refused.connect(self._refused)
        self.editor.left.connect(lambda: self.left.emit(self.name))

    def _lay_out(self, width: int) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnMinimumWidth(0, width)
        grid.setColumnMinimumWidth(2, 22)
        grid.setColumnStretch(1, 1)
        long = is_nested(self.editor.kind)  # a table or an object: below its name, as wide as the panel
        below, first, columns = (1, 0, 3) if long else (0, 1, 2)
        grid.addWidget(self.label, 0, 0)
        grid.addWidget(self.editor, below, first, 1, columns if long else 1)
        grid.addWidget(self.reset, 0, 2)
        grid.addWidget(self.help, below + 1, first, 1, columns)
        grid.addWidget(self.sentence, below + 2, first, 1, columns)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self.reset.setIcon(icon(theme, "undo-2", "quiet"))
        self.editor.set_theme(theme)

    def show_value(self, raw: Json, problem: str = "") -> None:
        """Show the design's value (MISSING: none of its own) and what the check says of it."""
        is_default = raw is MISSING
        set_property(self.label, "quiet", is_default)
        set_property(self.editor.focusProxy() or self.editor, "default", is_default)
        self.reset.setVisible(not is_default and self._default is not MISSING)
        self.editor.show_raw(
            "" if is_default and self._default is MISSING else self._default if is_default else raw
        )
        self._problem = problem
        self._say(problem)
        self.editor.mark(bool(problem))

    def keep_text(self, text: str) -> None:
        """Put back what was typed before and is not allowed yet."""
        self.editor.take_back(text)

    def _refused(self, sentence: str) -> None:
        self._say(sentence or self._problem)
        self.text_refused.emit(self.name, self.editor.text() if sentence else "")

    def _say(self, sentence: str) -> None:
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        self.help.setVisible(not sentence and bool(self.help.text()))
