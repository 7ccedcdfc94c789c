"""The Outline: the network as a tree, for finding one's way by keyboard and for screen readers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedWidget, QTreeView, QVBoxLayout, QWidget

from designer.canvas.arranging.places import positions
from designer.canvas.views import Rect
from designer.document import Document
from designer.panels.layer_rows import Row
from designer.panels.outline_model import NAME, SHAPE, Group, OutlineModel
from designer.panels.widgets import plain_label
from designer.theme import Theme
from graph_ir.annotations import annotations_of
from graph_ir.edits import Refused

Place = tuple[tuple[str, ...], str]
"""The uses of blocks on the way, and a layer."""


class _Tree(QTreeView):
    """Tells the keys that act on layers; all others are a tree's."""

    fields_wanted = Signal()
    delete_wanted = Signal(bool)  # whether the wires are joined

    def event(self, event: QEvent) -> bool:
        """Delete and F2 are the list's here, not the window's."""
        ours = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_F2, Qt.Key.Key_Return)
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() in ours:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter edits the fields, Delete deletes, F2 renames."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.fields_wanted.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_wanted.emit(not event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        else:
            super().keyPressEvent(event)


class Outline(QWidget):
    """Shows the whole design whatever network the canvas shows. Costs nothing while it is not seen."""

    chosen = Signal(list, list)  # uses on the way, ids there
    fields_wanted = Signal()
    told = Signal(str)

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self._wanted: list[Place] = []
        self._is_showing = self._is_telling = False
        self._is_stale = True
        self.setAccessibleName("Outline")
        self.model = OutlineModel(theme)
        self.tree = _Tree()
        self._nothing = plain_label(
            "Nothing is drawn yet. Press Space on the canvas to add a layer.", wrap=True
        )
        self._nothing.setProperty("quiet", True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._nothing.setContentsMargins(10, 10, 10, 10)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._nothing)
        self._pages.addWidget(self.tree)
        self._set_up_tree()
        box = QVBoxLayout(self)
        box.setContentsMargins(4, 6, 4, 4)
        box.addWidget(self._pages)
        self.setFocusProxy(self.tree)
        document.checked.connect(lambda _report: self.refresh())
        document.layout_changed.connect(lambda _network, _ids: self.refresh())

    def _set_up_tree(self) -> None:
        tree = self.tree
        tree.setModel(self.model)
        tree.setAccessibleName("Layers of the design")
        tree.setUniformRowHeights(True)
        tree.setIconSize(QSize(18, 18))
        tree.setIndentation(14)
        tree.setHeaderHidden(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(SHAPE, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(SHAPE, 0)
        tree.setColumnHidden(SHAPE, True)
        tree.selectionModel().selectionChanged.connect(lambda _new, _old: self._tell())
        tree.doubleClicked.connect(lambda _index: self.fields_wanted.emit())
        tree.fields_wanted.connect(self.fields_wanted)
        tree.delete_wanted.connect(self._delete)
        self.model.renamed.connect(self._rename)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self.model.set_theme(theme)
        self.tree.viewport().update()

    # What is shown

    def refresh(self) -> None:
        """Bring the rows in step with the design, as soon as they are seen."""
        self._is_stale = True
        if self.isVisible():
            self._catch_up()

    def showEvent(self, event: QShowEvent) -> None:
        """What happened while it was hidden is shown."""
        super().showEvent(event)
        self._catch_up()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The shapes have a column of their own where there is room for it."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        self.tree.setColumnHidden(SHAPE, not wide)
        if wide:
            self.tree.header().resizeSection(SHAPE, self.width() // 3)

    def _catch_up(self) -> None:
        if not self._is_stale:
            return
        self._is_stale = False
        self._is_showing = True
        report = self._document.report
        self.model.group(_groups(self._document, self._theme))
        self.model.show(report)
        opens = any(row.entry is None or row.entry.nested for row in self.model.rows_below(self.model.root))
        self.tree.setRootIsDecorated(opens)
        self._pages.setCurrentWidget(self.tree if report.layers else self._nothing)
        self.tree.viewport().update()
        self._is_showing = False
        self._mark()

    def select(self, uses: Sequence[str], ids: Sequence[str]) -> None:
        """Mark the rows of these layers without telling anybody; in a block, its use where nothing is selected."""
        places: list[Place] = [(tuple(uses), id) for id in ids]
        if not places and uses:
            places = [(tuple(uses[:-1]), uses[-1])]
        self._wanted = places
        if self.isVisible() and not self._is_telling:
            self._mark()

    def _mark(self) -> None:
        if set(self._wanted) == {(row.path, row.words) for row in self._chosen()}:
            return
        self._is_showing = True
        rows = [row for uses, id in self._wanted if (row := self.model.find(uses, id)) is not None]
        flags, chosen = QItemSelectionModel.SelectionFlag, self.tree.selectionModel()
        chosen.clearSelection()
        for row in rows:
            above = row.parent
            while above is not None and above is not self.model.root:
                self.tree.expand(self.model.index_of(above))
                above = above.parent
            chosen.select(self.model.index_of(row), flags.Select | flags.Rows)
        if rows:
            chosen.setCurrentIndex(self.model.index_of(rows[-1]), flags.NoUpdate)
            self.tree.scrollTo(self.model.index_of(rows[-1]))
        self._is_showing = False

    # What is done

    def _chosen(self) -> list[Row]:
        rows = (self.model.row_at(index) for index in self.tree.selectionModel().selectedRows())
        return [row for row in rows if row.key[0] == "layer"]

    def _tell(self) -> None:
        """Layers of one network are chosen, that of the row with the focus; a frame stands for all that is in it."""
        if self._is_showing:
            return
        current = self.model.row_at(self.tree.currentIndex())
        rows = self._chosen()
        if current.key[0] == "frame" and self.tree.selectionModel().isSelected(self.tree.currentIndex()):
            rows += [row for row in self.model.rows_below(current) if row not in rows]
        path = (
            current.path
            if any(row.path == current.path for row in rows)
            else next((r.path for r in rows), ())
        )
        ids = [row.words for row in rows if row.path == path]
        self._wanted = [(path, id) for id in ids]
        self._is_telling = True  # on the way there other layers may be selected for a moment
        self.chosen.emit(list(path), ids)
        self._is_telling = False

    def _delete(self, heal: bool) -> None:
        rows = self._chosen()
        if not rows:
            return
        network, path = self._network(rows[-1].path), rows[-1].path
        ids = [row.words for row in rows if row.path == path]
        self._try(lambda: self._document.remove_layers(network, ids, heal=heal))

    def _rename(self, uses: list[str], old: str, new: str) -> None:
        """Another name; the layer stays selected under it."""
        network = self._network(uses)
        if self._try(lambda: self._document.rename(network, old, new)):
            self.chosen.emit(uses, [new])

    def _network(self, uses: Sequence[str]) -> str:
        """The name of the network behind some uses of blocks."""
        graph, name = self._document.design.top, ""
        for use in uses:
            name = graph.uses[use]
            graph = self._document.design.networks[name]
        return name

    def _try(self, intent: Callable[[], object]) -> bool:
        try:
            intent()
        except Refused as error:
            self.told.emit(str(error))
            return False
        return True


WIDE = 300
"""From so many pixels on there is room for shapes beside the names."""


def _groups(document: Document, theme: Theme) -> list[Group]:
    """The frames of the top network with the layers whose middle lies in them, of several in the smallest."""
    frames = annotations_of(document.design.layout).frames
    if not frames:
        return []
    found: list[list[str]] = [[] for _ in frames]
    rects = [Rect(*frame.rect) for frame in frames]
    smallest = sorted(range(len(frames)), key=lambda number: rects[number].width * rects[number].height)
    sizes = theme.sizes
    for id, (x, y) in positions(document.design, document.report, sizes).items():
        middle = x + sizes.card_width / 2, y + sizes.card_height / 2
        inside = next((number for number in smallest if _holds(rects[number], *middle)), None)
        if inside is not None:
            found[inside].append(id)
    return [Group(frame.title, tuple(ids)) for frame, ids in zip(frames, found, strict=True)]


def _holds(rect: Rect, x: float, y: float) -> bool:
    return rect.x <= x <= rect.right and rect.y <= y <= rect.bottom
