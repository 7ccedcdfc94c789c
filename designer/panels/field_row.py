"""One field with its name, editor, way back to the default, help, and the sentence that says what is wrong."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QToolButton, QWidget

from designer.panels.field_editors import FieldEditor
from designer.panels.field_text import as_text, limits, unit_of
from designer.panels.making_editors import editor_for
from designer.panels.table_editor import LinesEditor
from designer.panels.widgets import Elided, plain_label, plain_tip, set_property
from designer.theme import Theme, icon
from graph_ir.kinds import Json, Kind

NAME_WIDTH = 104
COMPACT_WIDTH = 116
MISSING: Any = object()


class FieldRow(QWidget):
    """Knows what the declaration says about the field; the value stays in the design.

    A `compact` one has its help in the tooltip alone, and tells what is only tried. A `required` one has a mark.
    """

    edited = Signal(str, object)  # name, raw value
    reset_wanted = Signal(str)
    left = Signal(str)
    text_refused = Signal(str, str)  # name, the text that was not allowed; empty where all is well
    tried = Signal(str, object)  # name, a raw value that is not meant yet
    untried = Signal(str)

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
        compact: bool = False,
        required: bool = False,
    ) -> None:
        super().__init__()
        self.name, self._default, self._problem = name, default, ""
        self._is_compact = compact
        self.words = words or name
        self.label = (
            Elided(f"{self.words} *" if required else self.words) if compact else plain_label(self.words)
        )
        self.editor: FieldEditor = editor_for(kind, self.words, None if default is MISSING else default)
        self.editor.tries = compact
        self.label.setBuddy(self.editor)
        self.reset = QToolButton()
        self.reset.setProperty("small", True)
        self.reset.setAccessibleName(f"Reset {self.words}")
        self.reset.clicked.connect(lambda: self.reset_wanted.emit(self.name))
        self.help = plain_label(help.replace("`", ""), wrap=True, quiet=True, small=True)
        self.sentence = plain_label("", wrap=True, severity="error", small=True)
        self.sentence.hide()
        self._say_what_it_is(kind, help, required)
        self._lay_out(COMPACT_WIDTH if compact else width)
        self.set_theme(theme)
        self.editor.edited.connect(lambda raw: self.edited.emit(self.name, raw))
        self.editor.refused.connect(self._refused)
        self.editor.doubted.connect(lambda sentence: self._say(sentence, severe=False))
        self.editor.tried.connect(self._tried)
        self.editor.untried.connect(self._untried)
        self.editor.left.connect(lambda: self.left.emit(self.name))

    def _say_what_it_is(self, kind: Kind, help: str, required: bool) -> None:
        """In tooltips, to screen readers, and in `about` for whoever shows help elsewhere."""
        unit = unit_of(help)
        plain = help.replace("`", "")
        bare = plain.removesuffix(f" ({unit})") if unit else plain
        range_ = limits(kind, unit)
        default = "" if self._default is MISSING else as_text(self._default)
        given = f"Default: {default}." if default else ""
        self.about = " ".join(
            filter(None, [f"{range_[:1].upper()}{range_[1:]}.", given, "Needed." * required])
        )
        tip = ": ".join(filter(None, [plain, kind.describe()])) + (f". {given}" if given else ".")
        for widget in (self.label, self.editor):
            plain_tip(widget, tip)
        if self._default is not MISSING:
            plain_tip(self.reset, f"Back to the default, {as_text(self._default)}")
        self.editor.describe(", ".join(filter(None, [self.words, bare, range_])), tip)

    def _lay_out(self, width: int) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnMinimumWidth(0, width)
        grid.setColumnMinimumWidth(2, 22)
        grid.setColumnStretch(1, 1)
        if self._is_compact:
            self.label.setFixedWidth(width)
        room = self.reset.sizePolicy()
        room.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(room)
        long = isinstance(
            self.editor, LinesEditor
        )  # a table or a long text: below its name, as wide as the panel
        below, first, columns = (1, 0, 3) if long else (0, 1, 2)
        grid.addWidget(self.label, 0, 0)
        grid.addWidget(self.editor, below, first, 1, columns if long else 1)
        grid.addWidget(self.reset, 0, 2)
        grid.addWidget(self.help, below + 1, first, 1, columns)
        grid.addWidget(self.sentence, below + 2, first, 1, columns)
        self.help.setVisible(not self._is_compact)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self.reset.setIcon(icon(theme, "undo-2", "quiet"))
        self.editor.set_theme(theme)

    def show_value(self, raw: Json, problem: str = "", computed: str = "") -> None:
        """Show the design's value (MISSING: none of its own), what it comes to, and what the check says of it."""
        is_default = raw is MISSING
        set_property(self.label, "quiet", is_default)
        set_property(self.editor.focusProxy() or self.editor, "default", is_default)
        self.reset.setVisible(not is_default and self._default is not MISSING)
        self.editor.show_raw(
            "" if is_default and self._default is MISSING else self._default if is_default else raw
        )
        self.editor.show_computed(computed)
        self.show_problem(problem)

    def show_problem(self, problem: str) -> None:
        """Say below the field what the check says of its value."""
        if problem == self._problem and not problem:
            return
        self._problem = problem
        self._say(problem)
        self.editor.mark(bool(problem))

    def forget(self) -> None:
        """Drop what is half typed: another layer is to be shown."""
        self.editor.forget()
        self._problem = ""
        self._say("")

    def keep_text(self, text: str) -> None:
        """Put back what was typed before and is not allowed yet."""
        self.editor.take_back(text)

    def doubt(self, sentence: str) -> None:
        """Say quietly why what is being typed can't be."""
        self._say(sentence, severe=False)

    def _tried(self, raw: Json) -> None:
        self._say(self._problem)
        self.tried.emit(self.name, raw)

    def _untried(self) -> None:
        self._say(self._problem)
        self.untried.emit(self.name)

    def _refused(self, sentence: str) -> None:
        self._say(sentence or self._problem)
        self.text_refused.emit(self.name, self.editor.text() if sentence else "")

    def _say(self, sentence: str, *, severe: bool = True) -> None:
        if sentence != self.sentence.text():
            self.sentence.setText(sentence)
            self.sentence.setVisible(bool(sentence))
            self.help.setVisible(not sentence and bool(self.help.text()) and not self._is_compact)
        if sentence:
            set_property(self.sentence, "severity", "error" if severe else None)
            set_property(self.sentence, "quiet", not severe)
