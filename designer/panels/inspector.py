"""The inspector: everything about the selected layers, made from their declarations and the check's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from designer.document import Document
from designer.panels.code_view import CodeView
from designer.panels.field_help import FieldHelp
from designer.panels.field_row import FieldRow
from designer.panels.layer_editing import LayerEditing
from designer.panels.layer_page import OWN, LayerPage
from designer.panels.layer_pages import LayerPages, Made, made_from
from designer.panels.overview import Overview
from designer.panels.parameter_rows import ParameterRow
from designer.panels.several import Several
from designer.panels.widgets import plain_label
from designer.theme import Theme
from designer.trail import Trail
from graph_ir.annotations import sheet
from graph_ir.report import LayerReport


class Inspector(QWidget):
    """Shows one layer, several, or none; edits go through the document, nothing is kept here but unfinished text."""

    told = Signal(str)  # why an edit was refused
    renamed = Signal(str, str)
    command_wanted = Signal(str)  # a command of the window about the selected layers

    def __init__(self, document: Document, theme: Theme, trail: Trail, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme, self._trail = document, theme, trail
        self._ids: tuple[str, ...] = ()
        self._network = ""
        self._page: QWidget | None = None
        self._made: Made = ()
        self._code: tuple[str, Sequence[int]] = ("", ())
        self._editing = LayerEditing(self, document, trail)
        self._pages = LayerPages(self._editing.connect_page, self._drop)
        self.setAccessibleName("Inspector")
        self._lay_out()
        document.checked.connect(lambda _report: self.refresh())
        document.layout_changed.connect(lambda _network, _ids: self.refresh())
        document.section_changed.connect(lambda name: self.refresh() if name == "about" else None)
        document.previewed.connect(lambda _preview: self._show_preview())
        document.reset.connect(self._editing.unfinished.clear)
        QApplication.instance().focusChanged.connect(self._focused)  # type: ignore[union-attr]  # there is an application
        self.show_layers(())

    def _lay_out(self) -> None:
        content = QWidget()
        self._box = QVBoxLayout(content)
        self._box.setContentsMargins(16, 12, 12, 14)
        self._box.setSpacing(6)
        self._code_title = plain_label("Code", section=True)
        self._code_view = CodeView(self._theme)
        self._code_view.setAccessibleName("Code of this layer")
        self._box.addWidget(self._code_title)
        self._box.addWidget(self._code_view)
        self._box.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(content)
        self.help = FieldHelp()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.area, 1)
        box.addWidget(self.help)

    # What is on show

    @property
    def layer_id(self) -> str | None:
        """The layer on show, if it is a single one."""
        return self._ids[0] if len(self._ids) == 1 else None

    @property
    def network(self) -> str:
        """The network of these layers."""
        return self._network

    @property
    def ids(self) -> tuple[str, ...]:
        """The layers on show."""
        return self._ids

    @property
    def overview(self) -> Overview:
        """What is shown where nothing is selected."""
        assert isinstance(self._page, Overview), "something is selected"
        return self._page

    @property
    def several(self) -> Several:
        """What is shown of several selected layers."""
        assert isinstance(self._page, Several), "one layer or none is selected"
        return self._page

    @property
    def page(self) -> LayerPage | None:
        """What is shown of a single layer."""
        return self._page if isinstance(self._page, LayerPage) else None

    def row(self, field: str) -> FieldRow:
        """The row of a field, `parameters.width` for a parameter of a block. Raises `KeyError` for an unknown one."""
        return {name: row for name, row in self._rows().items() if isinstance(row, FieldRow)}[field]

    def _rows(self) -> Mapping[str, FieldRow | ParameterRow]:
        return self._page.rows if isinstance(self._page, LayerPage | Several | Overview) else {}

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self._code_view.set_theme(theme)
        self._pages.clear()
        self._build()

    def settle(self) -> None:
        """Mean what was only tried."""
        for row in list(self._rows().values()):
            row.editor.settle()

    def show_layers(self, ids: Sequence[str]) -> None:
        """Show what is selected in the network on show."""
        known = self._trail.graph
        wanted = tuple(name for name in ids if name in known)
        if wanted == self._ids and self._trail.network == self._network and self._page is not None:
            return
        self.settle()
        self._document.preview(None)
        self._editing.end()
        self._ids, self._network = wanted, self._trail.network
        self._build()

    def follow_name(self, name: str) -> None:
        """The layer on show is about to be called so."""
        self._ids = (name,)

    def show_code(self, source: str, lines: Sequence[int]) -> None:
        """The printed lines of the layer on show; empty where nothing is printed for it."""
        self._code = source, lines
        self._fill_code()

    def ensureWidgetVisible(self, widget: QWidget) -> None:
        """Scroll to one of its parts."""
        self.area.ensureWidgetVisible(widget)

    def focus_field(self, field: str | None) -> bool:
        """Put the cursor into a field, the first one without a name; whether there is any."""
        rows = self._rows()
        name = field if field in rows else next((name for name in rows if name not in OWN), None)
        if name is None:
            return False
        row = rows[name]
        if isinstance(self._page, LayerPage):
            self._page.reveal(name)
        row.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        if row.isVisible():
            self.ensureWidgetVisible(row)
        return True

    def refresh(self) -> None:
        """Read the layers again; their editors stay, so that the cursor stays."""
        graph = self._trail.graph
        self._ids = tuple(name for name in self._ids if name in graph)
        entry = self._entry()
        page = self._page
        if entry is not None and isinstance(page, LayerPage) and self._made == made_from(entry.node, graph):
            self._fill(page, entry.node.id)
        elif entry is not None or isinstance(page, LayerPage) or page is None or not self._refreshed(page):
            self._build()

    def _refreshed(self, page: QWidget) -> bool:
        return isinstance(page, Overview | Several) and page.refresh(self._ids)

    def _entry(self) -> LayerReport | None:
        name = self.layer_id
        return self._trail.report.layers.get(name) if name is not None else None

    # Building and filling

    def _build(self) -> None:
        entry = self._entry()
        self._made = made_from(entry.node, self._trail.graph) if entry is not None else ()
        page: QWidget
        if entry is not None:
            page = self._pages.of(entry.node, self._trail.graph, self._theme)
        elif self._ids:
            page = Several(self._document, self._ids, self._theme, self._trail)
            page.told.connect(self.told)
            page.command_wanted.connect(self.command_wanted)
        else:
            page = Overview(self._document, self._theme, self._trail)
            page.told.connect(self.told)
        self._show_page(page)
        if entry is not None and isinstance(page, LayerPage):
            page.forget()
            self._fill(page, entry.node.id)
            self._editing.put_back(entry.node.id, page.rows)
        self._fill_code()

    def _show_page(self, page: QWidget) -> None:
        old = self._page
        self._page = page
        if old is not None and old is not page:
            old.hide()
            if old not in self._pages:
                self._drop(old)
        if self._box.indexOf(page) < 0:
            self._box.insertWidget(0, page)
        page.show()

    def _drop(self, page: QWidget) -> None:
        page.hide()
        self._box.removeWidget(page)
        page.deleteLater()  # one of its editors may be the one that is telling us
        if page is self._page:
            self._page = None

    def _fill(self, page: LayerPage, name: str) -> None:
        on_sheet = sheet(self._document.design.layout, self._network)
        notes, hidden = on_sheet.get("notes"), on_sheet.get("hidden")
        note = notes.get(name, "") if isinstance(notes, dict) else ""
        is_hidden = isinstance(hidden, list) and name in hidden
        words = note if isinstance(note, str) else ""
        page.fill(self._trail.report, self._trail.graph, name, note=words, is_hidden=is_hidden)

    def _show_preview(self) -> None:
        name, page = self.layer_id, self._page
        if name is None or not isinstance(page, LayerPage) or name not in self._trail.report.layers:
            return
        after = self._trail.previewed
        page.show_preview(
            self._trail.report, name, after if after is not None and name in after.layers else None
        )

    def _fill_code(self) -> None:
        source, lines = self._code
        text = source.splitlines() if self.page is not None else []
        shown = "\n".join(text[number - 1].strip() for number in lines if 0 < number <= len(text))
        self._code_title.setVisible(bool(shown))
        self._code_view.setVisible(bool(shown))
        if shown:
            self._code_view.show_source(shown)
            self._code_view.fit_height(12)

    def _focused(self, _old: QWidget | None, new: QWidget | None) -> None:
        widget = new
        while widget is not None and not isinstance(widget, FieldRow) and widget is not self:
            widget = widget.parentWidget()
        row = widget if isinstance(widget, FieldRow) and self.isAncestorOf(widget) else None
        self.help.show_row(row)
