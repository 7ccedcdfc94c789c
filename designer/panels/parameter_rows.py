"""The parameters of a network: each with its name and value, and a line for a new one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from designer.document import Document
from designer.panels.field_editors import FieldEditor
from designer.panels.field_row import COMPACT_WIDTH
from designer.panels.field_text import parse
from designer.panels.making_editors import editor_for
from designer.panels.slots import kind_of
from designer.panels.widgets import plain_label, plain_tip, set_property
from designer.theme import Theme, icon
from designer.trail import Trail
from graph_ir import block_edits, edits
from graph_ir.edits import Edit, Refused
from graph_ir.graph import Graph
from graph_ir.kinds import BadValue, Json
from graph_ir.many_edits import layers_naming

_NAMED = 4


class ParameterRow(QWidget):
    """One parameter: its name, which can be changed, its value, and a button that removes it."""

    renamed = Signal(str, str)
    removed = Signal(str)

    def __init__(self, name: str, value: Json, theme: Theme, used: Sequence[str]) -> None:
        super().__init__()
        self.name = name
        self.title = QLineEdit(name)
        self.title.setProperty("mono", True)
        self.title.setFixedWidth(COMPACT_WIDTH)
        self.title.setCursorPosition(0)
        self.title.setAccessibleName(f"Name of the parameter {name}")
        self.title.editingFinished.connect(self._rename)
        self.editor: FieldEditor = editor_for(kind_of(value), name, value)
        self.editor.tries = True
        self.editor.set_theme(theme)
        words = (
            f"used by {', '.join(used[:_NAMED])}{' …' if len(used) > _NAMED else ''}" if used else "not used"
        )
        self.editor.describe(f"{name}, value of the parameter", words)
        plain_tip(self.title, f"{name}: {words}")
        self.remove = QToolButton()
        self.remove.setProperty("small", True)
        self.remove.setIcon(icon(theme, "trash-2", "quiet"))
        self.remove.setAccessibleName(f"Remove the parameter {name}")
        plain_tip(self.remove, f"Remove the parameter {name} ({words})")
        self.remove.clicked.connect(lambda: self.removed.emit(self.name))
        self.sentence = plain_label("", wrap=True, severity="error", small=True)
        self.sentence.hide()
        self.editor.refused.connect(self.say)
        self.editor.doubted.connect(lambda sentence: self.say(sentence, severe=False))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.title, 0, 0)
        grid.addWidget(self.editor, 0, 1)
        grid.addWidget(self.remove, 0, 2)
        grid.addWidget(self.sentence, 1, 1, 1, 2)

    def say(self, sentence: str, *, severe: bool = True) -> None:
        """Say below what is wrong with what is typed."""
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        set_property(self.sentence, "severity", "error" if severe else None)
        set_property(self.sentence, "quiet", not severe)

    def _rename(self) -> None:
        new = self.title.text().strip()
        if new != self.name:
            self.renamed.emit(self.name, new)


class ParameterRows(QWidget):
    """All parameters of the network on show; edits go through the document."""

    told = Signal(str)  # why an edit was refused

    def __init__(self, document: Document, theme: Theme, trail: Trail) -> None:
        super().__init__()
        self._document, self._network, self._graph = document, trail.network, trail.graph
        self._session = 0
        self.rows: dict[str, ParameterRow] = {}
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        for name, value in self._graph.parameters.items():
            used = layers_naming(document.design, self._network, name)
            row = ParameterRow(name, value, theme, used)
            self._connect(row)
            self.rows[name] = row
            box.addWidget(row)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        self.new = QLineEdit()
        self.new.setPlaceholderText("new parameter: width = 64")
        self.new.setAccessibleName("New parameter, its name and value")
        self.new.setProperty("mono", True)
        self.new.returnPressed.connect(self._add)
        line.addWidget(self.new)
        box.addLayout(line)

    def _connect(self, row: ParameterRow) -> None:
        name = row.name
        row.editor.edited.connect(lambda raw: self._edit(name, raw))
        row.editor.tried.connect(lambda raw: self._try(name, raw))
        row.editor.untried.connect(lambda: self._untry(row))
        row.editor.left.connect(self._end_session)
        row.renamed.connect(self._rename)
        row.removed.connect(
            lambda name: self._attempt(lambda: self._document.remove_parameter(self._network, name))
        )

    def refresh(self, graph: Graph) -> bool:
        """Show values anew; False where there are others, or those of another network."""
        values = graph.parameters
        if graph is not self._graph or list(values) != list(self.rows):
            return False
        for name, row in self.rows.items():
            row.editor.show_raw(values[name])
        return True

    def settle(self) -> None:
        """Mean what was only tried."""
        for row in list(self.rows.values()):
            row.editor.settle()

    def _add(self) -> None:
        name, _, text = self.new.text().partition("=")
        try:
            value = parse(kind_of(None), text)
        except BadValue as error:
            self.told.emit(f"`{name.strip()[:60]}` {error}.")
            return
        self._attempt(lambda: self._document.set_parameter(self._network, name.strip(), value))

    def _edit(self, name: str, raw: Json) -> None:
        merge = f"parameter\0{self._network}\0{name}\0{self._session}"
        self._attempt(lambda: self._document.set_parameter(self._network, name, raw, merge=merge))

    def _try(self, name: str, raw: Json) -> None:
        edit: Edit | None = None
        set_it = block_edits.set_block_parameter if self._network else edits.set_parameter
        try:
            edit = set_it(self._document.design, self._network, name, raw)
            self.rows[name].say("")
        except Refused as error:
            self.rows[name].say(str(error), severe=False)
        self._document.preview(edit)

    def _untry(self, row: ParameterRow) -> None:
        row.say("")
        self._document.preview(None)

    def _rename(self, old: str, new: str) -> None:
        self._attempt(lambda: self._document.rename_parameter(self._network, old, new))
        if old in self.rows:  # refused: the old name stands
            self.rows[old].title.setText(old)

    def _attempt(self, intent: Callable[[], object]) -> None:
        try:
            intent()
        except Refused as error:
            self.told.emit(str(error))

    def _end_session(self) -> None:
        self._session += 1
