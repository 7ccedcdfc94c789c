"""The Summary panel: the table of `graph_ir.summary`, to sort, to filter and to copy; a row selects its layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from designer.panels.layer_rows import Row
from designer.panels.summary_model import INPUT, MEMORY, OUTPUT, PARAMETERS, RECEPTIVE, SummaryModel
from designer.panels.summary_parts import ShareBar, fill_copies
from designer.panels.widgets import Elided, plain_label, plain_tip, set_property
from designer.search_query import BadQuery, parse
from designer.theme import Theme, icon
from graph_ir.summary import Summary

OPTIONAL = {MEMORY: "Memory", RECEPTIVE: "Receptive field"}
WIDTHS = (120, 116, 190, 190, 100, 116, 80, 116)
STRETCHED = (INPUT, OUTPUT)


class SummaryPanel(QWidget):
    """The table, a filter, the totals, and how to take it along."""

    layers_chosen = Signal(list)  # ids of the network on show
    enter_wanted = Signal(list, str)  # uses of blocks on the way, and the layer inside
    copied = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summary: Summary | None = None
        self._waiting: Summary | None = None
        self._wanted: tuple[str, ...] = ()
        self._is_showing = False
        self.model = SummaryModel(theme)
        self.table = QTreeView()
        self.filter = QLineEdit()
        self.shown = plain_label("", quiet=True)
        self.copy = QToolButton()
        self.columns = QToolButton()
        self.totals = Elided("", quiet=True)
        self._bar = ShareBar(self.table, theme)
        self._set_up_table()
        self._set_up_head()
        self.set_theme(theme)
        head = QHBoxLayout()
        head.setSpacing(6)
        for part, stretch in ((self.filter, 1), (self.shown, 0), (self.columns, 0), (self.copy, 0)):
            head.addWidget(part, stretch)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 4, 8, 6)
        box.setSpacing(4)
        box.addLayout(head)
        box.addWidget(self.table, 1)
        box.addWidget(self.totals)

    def _set_up_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setAccessibleName("Summary")
        table.setUniformRowHeights(True)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setItemDelegateForColumn(PARAMETERS, self._bar)
        table.setSortingEnabled(True)
        table.setExpandsOnDoubleClick(False)
        header = table.header()
        header.setSectionsMovable(False)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(60)
        modes = QHeaderView.ResizeMode
        for column, width in enumerate(WIDTHS):
            header.setSectionResizeMode(column, modes.Stretch if column in STRETCHED else modes.Interactive)
            table.setColumnWidth(column, width)
        for column in OPTIONAL:
            table.setColumnHidden(column, True)
        table.selectionModel().selectionChanged.connect(lambda _new, _old: self._tell())
        table.activated.connect(lambda index: self._activate(self.model.row_at(index)))
        table.viewport().installEventFilter(self)
        table.installEventFilter(self)

    def _set_up_head(self) -> None:
        self.filter.setPlaceholderText("Filter: conv, type:linear, params>1M …")
        self.filter.setAccessibleName("Filter the summary")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._filter)
        self._copies = QMenu(self)
        fill_copies(self._copies, self.copy_text, rows=False)
        self.copy.setText("Copy")
        self.copy.setAccessibleName("Copy the table")
        plain_tip(self.copy, "Copy the table as Markdown, LaTeX, CSV or text")
        self.copy.setMenu(self._copies)
        self._choices = QMenu(self)
        for column, name in OPTIONAL.items():
            choice = self._choices.addAction(name)
            choice.setCheckable(True)
            choice.toggled.connect(lambda on, column=column: self.table.setColumnHidden(column, not on))
        self.columns.setText("Columns")
        self.columns.setAccessibleName("Columns of the summary")
        self.columns.setMenu(self._choices)
        for button in (self.copy, self.columns):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setProperty("worded", True)
            button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands behind the word
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self.model.theme = self._bar.theme = theme
        for button in (self.copy, self.columns):
            button.setIcon(icon(theme, "chevron-down"))
        self.table.viewport().update()

    # What is shown

    def show_summary(self, summary: Summary) -> None:
        """Show this, as soon as the panel is seen."""
        self._waiting = summary
        if self.isVisible():
            self._catch_up()

    def showEvent(self, event: QShowEvent) -> None:
        """What happened while it was hidden is shown."""
        super().showEvent(event)
        self._catch_up()

    def _catch_up(self) -> None:
        summary, self._waiting = self._waiting, None
        if summary is None:
            return
        self._summary, self._is_showing = summary, True
        self.model.show(summary.report)
        self.table.setRootIsDecorated(any(entry.nested for entry in summary.report.layers.values()))
        self._is_showing = False
        self.table.viewport().update()  # shares and sums of rows that stayed may be others
        words = "  ·  ".join(summary.totals()) if summary.report.layers else "Nothing is drawn yet."
        self.totals.setText(words)
        plain_tip(self.totals, words)
        self._count()
        self.select(self._wanted)

    def select(self, ids: Sequence[str]) -> None:
        """Mark the rows of these layers without telling anybody."""
        self._wanted = tuple(ids)
        if not self.isVisible():
            return
        if self._chosen_ids() == set(ids):
            return
        self._is_showing = True
        rows = [row for id in ids if (row := self.model.find((), id)) is not None]
        flags = QItemSelectionModel.SelectionFlag
        chosen = self.table.selectionModel()
        chosen.clearSelection()
        for row in rows:
            chosen.select(self.model.index_of(row), flags.Select | flags.Rows)
        if rows:
            chosen.setCurrentIndex(self.model.index_of(rows[-1]), flags.NoUpdate)
            self.table.scrollTo(self.model.index_of(rows[-1]))
        self._is_showing = False

    def _chosen(self) -> list[Row]:
        return [self.model.row_at(index) for index in self.table.selectionModel().selectedRows()]

    def _chosen_ids(self) -> set[str]:
        return {_outermost(row) for row in self._chosen()}

    def _tell(self) -> None:
        if not self._is_showing:
            self._wanted = tuple(dict.fromkeys(map(_outermost, self._chosen())))
            self.layers_chosen.emit(list(self._wanted))

    def _activate(self, row: Row) -> None:
        if row.entry is not None:
            self.enter_wanted.emit(list(row.path), row.words)

    # Filter and copies

    def _filter(self, text: str) -> None:
        sentence = ""
        try:
            self.model.query = parse(text) if text.strip() else None
        except BadQuery as error:
            sentence = str(error)
        set_property(self.filter, "invalid", bool(sentence))
        plain_tip(self.filter, sentence)
        self._is_showing = True
        self.model.arrange()
        self._is_showing = False
        self._count()

    def _count(self) -> None:
        whole, shown = len(self.model.report.layers) if self.model.report else 0, len(self.model.ids())
        self.shown.setText(f"{shown:,} of {whole:,}" if self.model.query is not None else "")

    def copy_text(self, write: Callable[[Summary], str], name: str, *, rows: bool) -> None:
        """Copy the table as it is shown, or its selected rows."""
        summary = self._summary
        if summary is None:
            return
        if rows:
            chosen = self._chosen_ids()
            summary = Summary(summary.report, tuple(id for id in self.model.ids() if id in chosen))
        elif not self.model.is_whole:
            summary = Summary(summary.report, tuple(self.model.ids()))
        QGuiApplication.clipboard().setText(write(summary))
        count = len(summary.rows())
        self.copied.emit(f"Copied {count:,} {'row' if count == 1 else 'rows'} as {name}.")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copies of the table, and of the selected rows."""
        self.open_menu(event.globalPos())

    def open_menu(self, at: QPoint) -> QMenu:
        """What can be done with the table."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._chosen():
            fill_copies(menu, self.copy_text, rows=True)
            menu.addSeparator()
        fill_copies(menu, self.copy_text, rows=False)
        menu.popup(at)
        return menu

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Ctrl+C in the table takes the selected rows along."""
        if watched is not self.table or not isinstance(event, QKeyEvent):
            return False
        if not event.matches(QKeySequence.StandardKey.Copy) or not self._chosen():
            return False
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            self.copy_text(Summary.as_text, "plain text", rows=True)
        return event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)


def _outermost(row: Row) -> str:
    """The layer of the network on show that a row is, or lies in."""
    return row.path[0] if row.path else row.words
