"""The inspector: everything about the selected layer, made from its declaration and the check's report."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from designer.document import Document
from designer.panels.code_view import CodeView
from designer.panels.field_row import MISSING, FieldRow
from designer.panels.layer_facts import ProblemCards, Results, without_name
from designer.panels.overview import Overview
from designer.panels.slots import Groups, Slot, declaration, groups
from designer.panels.widgets import plain_label, rule
from designer.theme import Theme, category_icon
from designer.trail import Trail
from graph_ir.edits import REMOVE, Refused
from graph_ir.kinds import Json, Text
from graph_ir.report import LayerReport
from graph_ir.spec import Spec
from graph_ir.use_words import block_of

ID, LABEL = "name", "label"


class Inspector(QScrollArea):
    """Shows one layer; edits go through the document and nothing is kept here but unfinished text."""

    told = Signal(str)  # why an edit was refused
    renamed = Signal(str, str)

    def __init__(self, document: Document, theme: Theme, trail: Trail, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme, self._trail = document, theme, trail
        self._ids: tuple[str, ...] = ()
        self._network = ""
        self._shown: tuple[str, ...] = ()
        self._rows: dict[str, FieldRow] = {}
        self._slots: dict[str, Slot] = {}
        self._unfinished: dict[tuple[str, str, str], str] = {}
        self._session = 0
        self._code: tuple[str, Sequence[int]] = ("", ())
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Inspector")
        document.checked.connect(lambda _report: self.refresh())
        document.reset.connect(self._unfinished.clear)
        self.show_layers(())

    @property
    def layer_id(self) -> str | None:
        """The layer on show, if it is a single one."""
        return self._ids[0] if len(self._ids) == 1 else None

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self._build()

    def show_layers(self, ids: Sequence[str]) -> None:
        """Show what is selected in the network on show."""
        known = self._trail.graph
        wanted = tuple(name for name in ids if name in known)
        if wanted != self._ids or self._trail.network != self._network or not self.widget():
            self._ids, self._network = wanted, self._trail.network
            self._build()

    def show_code(self, source: str, lines: Sequence[int]) -> None:
        """The printed lines of the layer on show; empty where nothing is printed for it."""
        self._code = source, lines
        self._fill_code()

    def row(self, field: str) -> FieldRow:
        """The row of a field, `parameters.width` for a parameter of a block. Raises `KeyError` for an unknown one."""
        return self._rows[field]

    def focus_field(self, field: str | None) -> bool:
        """Put the cursor into a field, the first one without a name; whether there is any."""
        row = self._rows.get(field or "") or next(
            (row for name, row in self._rows.items() if name not in (ID, LABEL)), None
        )
        if row is not None:
            row.editor.setFocus(Qt.FocusReason.OtherFocusReason)
            self.ensureWidgetVisible(row)
        return row is not None

    def refresh(self) -> None:
        """Read the layer again; its editors stay, so that the cursor stays."""
        graph = self._trail.graph
        self._ids = tuple(name for name in self._ids if name in graph)
        entry = self._entry()
        if entry is not None and self._signature(entry) == self._shown:
            self._fill(entry)
        elif entry is not None or self._shown or not self.overview.refresh(self._ids):
            self._build()

    def _entry(self) -> LayerReport | None:
        name = self.layer_id
        return self._trail.report.layers.get(name) if name is not None else None

    def _signature(self, entry: LayerReport) -> tuple[str, ...]:
        """What the rows are made from: another type or block has others."""
        made = groups(entry.node, self._trail.graph)
        slots = (f"{slot.key} {slot.default!r}" for _, members in made for slot in members)
        return (entry.node.type, *slots)

    def _build(self) -> None:
        self._rows, self._slots = {}, {}
        page = QWidget()
        self._box = QVBoxLayout(page)
        self._box.setContentsMargins(16, 14, 14, 16)
        self._box.setSpacing(8)
        entry = self._entry()
        self._shown = self._signature(entry) if entry else ()
        if entry is None:
            self.overview = Overview(self._document, self._ids, self._theme, self._trail)
            self.overview.told.connect(self.told)
            self._box.addWidget(self.overview)
        else:
            self._build_layer(entry)
        self._box.addStretch(1)
        old = self.takeWidget()
        if old is not None:
            old.deleteLater()  # one of its editors may be the one that is telling us
        self.setWidget(page)
        if entry is not None:
            self._fill(entry)
            self._put_back(entry.node.id)

    def _build_layer(self, entry: LayerReport) -> None:
        spec = declaration(entry.node, self._trail.graph)
        self._box.addLayout(self._head(entry, spec))
        if spec is not None:
            self._box.addWidget(plain_label(spec.summary.replace("`", ""), wrap=True, quiet=True, small=True))
        if block_of(entry.node) in self._trail.graph.blocks:
            self._box.addWidget(self._way_in(entry.node.id), 0, Qt.AlignmentFlag.AlignLeft)
        self._problems = ProblemCards()
        self._box.addWidget(self._problems)
        self._results = Results()
        self._box.addWidget(self._results)
        self._box.addWidget(rule())
        self._add_row(FieldRow(ID, Text(), "unique in the network", MISSING, self._theme))
        self._add_row(FieldRow(LABEL, Text(), "shown instead of the name", "", self._theme))
        made = groups(entry.node, self._trail.graph)
        if any(slots for _, slots in made):
            self._box.addWidget(rule())
            self._add_fields(made)
        self._code_title = plain_label("Code", section=True)
        self._code_view = CodeView(self._theme)
        self._code_view.setAccessibleName("Code of this layer")
        self._box.addWidget(self._code_title)
        self._box.addWidget(self._code_view)
        self._fill_code()

    def _way_in(self, use: str) -> QPushButton:
        button = QPushButton("Enter the block   Ctrl+Enter")
        button.setProperty("link", True)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(lambda: self._trail.enter(use))
        return button

    def _head(self, entry: LayerReport, spec: Spec | None) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(8)
        sign = QLabel()
        sign.setPixmap(category_icon(self._theme, spec.category.key if spec else "unknown").pixmap(20, 20))
        head.addWidget(sign)
        title = plain_label((block_of(entry.node) or entry.node.type)[:60], heading=True)
        head.addWidget(title)
        head.addStretch(1)
        return head

    def _add_fields(self, made: Groups) -> None:
        for title, slots in made:
            if slots and title:
                self._box.addWidget(plain_label(title, section=True))
            for slot in slots:
                self._slots[slot.key] = slot
                row = FieldRow(slot.key, slot.kind, slot.help, slot.default, self._theme, words=slot.name)
                self._add_row(row)

    def _add_row(self, row: FieldRow) -> None:
        self._rows[row.name] = row
        row.edited.connect(self._edit)
        row.reset_wanted.connect(lambda name: self._edit(name, REMOVE))
        row.left.connect(self._end_session)
        row.text_refused.connect(self._keep)
        self._box.addWidget(row)

    def _fill(self, entry: LayerReport) -> None:
        node = entry.node
        said = {problem.field: problem.message for problem in entry.problems if problem.field}
        for name, row in self._rows.items():
            if name in (ID, LABEL):
                row.show_value(node.id if name == ID else (node.label or MISSING))
                continue
            row.show_value(self._slots[name].read(node), without_name(said.get(name, "")))
        elsewhere = [problem for problem in entry.problems if problem.field not in self._rows]
        self._problems.show_problems(elsewhere)
        self._results.show_results(entry, self._trail.report.macs_by_layer.get(node.id, 0))

    def _fill_code(self) -> None:
        if self.layer_id is None or not self._shown:
            return
        source, lines = self._code
        text = source.splitlines()
        shown = "\n".join(text[number - 1].strip() for number in lines if 0 < number <= len(text))
        self._code_title.setVisible(bool(shown))
        self._code_view.setVisible(bool(shown))
        if shown:
            self._code_view.show_source(shown)
            self._code_view.fit_height(12)

    def _edit(self, name: str, raw: Json) -> None:
        layer = self.layer_id
        if layer is None:
            return
        try:
            if name == ID:
                self._rename(layer, str(raw))
            elif name == LABEL:
                self._document.set_label(self._trail.network, layer, "" if raw is REMOVE else str(raw))
            else:
                network, node = self._trail.network, self._trail.graph.node(layer)
                merge = f"{network}\0{layer}\0{name}\0{self._session}"
                self._document.set_fields(network, layer, self._slots[name].change(node, raw), merge=merge)
        except Refused as error:
            self.told.emit(str(error))
            self.refresh()

    def _rename(self, layer: str, new: str) -> None:
        if new == layer:
            return
        self._ids = (new.strip(),)  # before the facts come: the editors stay where they are
        try:
            self._document.rename(self._trail.network, layer, new)
        except Refused:
            self._ids = (layer,)
            raise
        self.renamed.emit(layer, new.strip())

    def _end_session(self, _name: str) -> None:
        self._session += 1

    def _keep(self, field: str, text: str) -> None:
        layer = self.layer_id
        if layer is None:
            return
        self._unfinished.pop((self._trail.network, layer, field), None)
        if text:
            self._unfinished[self._trail.network, layer, field] = text

    def _put_back(self, layer: str) -> None:
        for (network, name, field), text in list(self._unfinished.items()):
            if (network, name) == (self._trail.network, layer) and field in self._rows:
                self._rows[field].keep_text(text)
