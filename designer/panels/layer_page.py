"""All of one layer type in the inspector: made once from its declaration, filled with one layer after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from designer.canvas.arranging.places import made_layer
from designer.canvas.words import without_name
from designer.panels.field_row import MISSING, FieldRow
from designer.panels.field_text import as_text
from designer.panels.layer_facts import ProblemCards, Results
from designer.panels.section import Section
from designer.panels.slots import Groups, Slot
from designer.panels.widgets import Elided, plain_label, plain_tip
from designer.theme import Theme, category_icon
from graph_ir.graph import Graph, Node
from graph_ir.kinds import Text, is_expression
from graph_ir.report import LayerReport, Report
from graph_ir.spec import Layer, Spec
from graph_ir.use_words import block_of

ID, LABEL, NOTE = "name", "label", "note"
OWN = (ID, LABEL, NOTE)
ABOUT_IT = "Label, note and pictures"
LONGEST_NOTE = 10_000
LONGEST_VALUE = 24


class LayerPage(QWidget):
    """The rows of one declaration, what the check says above and below them, and what a person says of the layer."""

    enter_wanted = Signal()
    reset_all_wanted = Signal()
    bypass_wanted = Signal(bool)
    hide_wanted = Signal(bool)

    def __init__(
        self,
        node: Node,
        spec: Spec | None,
        made: Groups,
        theme: Theme,
        folded: set[str],
        *,
        has_way_in: bool,
    ) -> None:
        super().__init__()
        self._theme, self._spec, self._folded = theme, spec, folded
        self.rows: dict[str, FieldRow] = {}
        self.slots: dict[str, Slot] = {}
        self.sections: list[Section] = []
        self.problems, self.results = ProblemCards(), Results()
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(4)
        self._head(node)
        if has_way_in:
            self._way_in()
        self._box.addWidget(self.problems)
        self._box.addSpacing(4)
        self._add_row(self._box, FieldRow(ID, Text(), "unique in the network", MISSING, theme, compact=True))
        for title, slots in made:
            if title and slots:
                break
            self._add_slots(self._box, slots)
        self._box.addSpacing(4)
        self._box.addWidget(self.results)
        for title, slots in made:
            if title and slots:
                self._add_slots(self._section(title).box, slots)
        self._about_it()

    def _head(self, node: Node) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        sign = QLabel()
        sign.setPixmap(
            category_icon(self._theme, self._spec.category.key if self._spec else "unknown").pixmap(20, 20)
        )
        title = (block_of(node) or node.type)[:60]
        self.title = Elided(title, heading=True)
        self.reset_all = QPushButton("Reset all")
        self.reset_all.setProperty("link", True)
        self.reset_all.setAccessibleName("Reset all fields to their defaults")
        plain_tip(self.reset_all, "Give every field its default back; those that must be given stay")
        self.reset_all.clicked.connect(self.reset_all_wanted)
        head.addWidget(sign)
        head.addWidget(self.title, 1)
        head.addWidget(self.reset_all)
        self._box.addLayout(head)
        if self._spec is not None:
            words = self._spec.summary.replace("`", "")
            self._box.addWidget(plain_label(words, wrap=True, quiet=True, small=True))

    def _way_in(self) -> None:
        button = QPushButton("Enter the block   Ctrl+Enter")
        button.setProperty("link", True)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(self.enter_wanted)
        self._box.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _section(self, title: str) -> Section:
        section = Section(title, self._theme, self._folded)
        self.sections.append(section)
        self._box.addWidget(section)
        return section

    def _add_slots(self, box: QVBoxLayout, slots: list[Slot]) -> None:
        for slot in slots:
            self.slots[slot.key] = slot
            row = FieldRow(
                slot.key,
                slot.kind,
                slot.help,
                slot.default,
                self._theme,
                words=slot.name,
                compact=True,
                required=slot.required,
            )
            self._add_row(box, row)

    def _add_row(self, box: QVBoxLayout, row: FieldRow) -> None:
        self.rows[row.name] = row
        box.addWidget(row)

    def _about_it(self) -> None:
        """What has no influence on the network: label, note, and what pictures show."""
        section = self._section(ABOUT_IT)
        self._add_row(
            section.box, FieldRow(LABEL, Text(), "shown instead of the name", "", self._theme, compact=True)
        )
        note = FieldRow(
            NOTE, Text(LONGEST_NOTE), "what you want to remember about it", "", self._theme, compact=True
        )
        self._add_row(section.box, note)
        self.bypass = self._switch("Bypass: what comes in goes through", self.bypass_wanted)
        self.hidden = self._switch("Hide from pictures", self.hide_wanted)
        section.box.addWidget(self.bypass)
        section.box.addWidget(self.hidden)

    def _switch(self, words: str, wanted: object) -> QCheckBox:
        box = QCheckBox(words)
        box.clicked.connect(wanted)
        return box

    def reveal(self, name: str) -> None:
        """Unfold the part that a row stands in."""
        for section in self.sections:
            if section.isAncestorOf(self.rows[name]):
                section.open()

    def forget(self) -> None:
        """Drop what is half typed: another layer is to be shown."""
        for row in self.rows.values():
            row.forget()

    def fill(self, report: Report, graph: Graph, name: str, *, note: str, is_hidden: bool) -> None:
        """Show one layer. Its editors stay, so that the cursor stays."""
        entry = report.layers[name]
        node = entry.node
        said = {problem.field: problem.message for problem in entry.problems if problem.field}
        own = {ID: node.id, LABEL: node.label or MISSING, NOTE: note or MISSING}
        for key, row in self.rows.items():
            if key in own:
                row.show_value(own[key])
                continue
            slot = self.slots[key]
            words = computed(slot, entry, lambda: entry.layer or made_layer(graph, name))
            row.show_value(slot.read(node), without_name(said.get(key, "")), words)
        self.problems.show_problems([one for one in entry.problems if one.field not in self.rows])
        self.results.show_results(report, name)
        for box, is_on in ((self.bypass, node.bypass), (self.hidden, is_hidden)):
            box.setChecked(is_on)
        changed = [
            slot for slot in self.slots.values() if not slot.required and slot.read(node) is not MISSING
        ]
        self.reset_all.setVisible(bool(changed))

    def show_preview(self, report: Report, name: str, after: Report | None) -> None:
        """Show what an edit that is being made would give; without one, what is."""
        self.results.show_results(report, name, after)
        entry = (after or report).layers[name]
        for key, slot in self.slots.items():
            self.rows[key].editor.show_computed(computed(slot, entry, lambda: entry.layer))

    def changed(self, node: Node) -> Mapping[str, Slot]:
        """The slots with a default whose value is another."""
        return {
            key: slot
            for key, slot in self.slots.items()
            if not slot.required and slot.read(node) is not MISSING
        }


def computed(slot: Slot, entry: LayerReport, made: Callable[[], Layer | None]) -> str:
    """What an expression comes to; empty where the value is none, or nothing can be worked out."""
    raw = slot.read(entry.node)
    is_list = isinstance(raw, list) and any(map(is_expression, raw))
    if not (is_expression(raw) or is_list):
        return ""
    if slot.inside:
        values = {str(one.parameters.get(slot.name, "")) for one in entry.nested}
        return f"= {', '.join(sorted(values))}"[:LONGEST_VALUE] if values and values != {""} else ""
    layer = made()
    if layer is None or slot.name not in layer.spec.fields:
        return ""
    return f"= {as_text(slot.kind.dump(getattr(layer, slot.name)))}"[:LONGEST_VALUE]
