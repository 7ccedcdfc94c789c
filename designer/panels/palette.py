"""The palette: layer types by category, to drag onto the canvas, or to add with Enter or a double click."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from PySide6.QtCore import QByteArray, QEvent, QMimeData, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QDrag, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.canvas.adding.search import Fit, Hit, find
from designer.canvas.adding.typed import split, with_values
from designer.panels.widgets import plain_label
from designer.theme import Theme, category_icon
from graph_ir.layers import catalogue
from graph_ir.spec import Category, Spec

LAYER_MIME = "application/x-layerloom-layer"
TYPE = Qt.ItemDataRole.UserRole
MOST = 60  # of what a letter or two find; nobody reads on
NOTHING = "No layer of that name here."


class _Tree(QTreeWidget):
    """The list itself; a drag carries the type's name and shows its glyph and name."""

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Carry the layer type under the mouse."""
        item = self.currentItem()
        name = item.data(0, TYPE) if item is not None else None
        if item is None or not name:
            return
        data = QMimeData()
        data.setData(LAYER_MIME, QByteArray(str(name).encode()))
        drag = QDrag(self)
        drag.setMimeData(data)
        picture = self._picture(item)
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(14, 14))
        drag.exec(Qt.DropAction.CopyAction)

    def _picture(self, item: QTreeWidgetItem) -> QPixmap:
        words = item.text(0)
        size = QSize(self.fontMetrics().horizontalAdvance(words) + 48, 30)
        ratio = self.devicePixelRatioF()
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.palette().color(self.palette().ColorRole.Mid))
        painter.setBrush(self.palette().color(self.palette().ColorRole.Window))
        painter.drawRoundedRect(1, 1, size.width() - 2, size.height() - 2, 6, 6)
        painter.drawPixmap(9, 6, item.icon(0).pixmap(18, 18))
        painter.setPen(self.palette().color(self.palette().ColorRole.Text))
        painter.setFont(self.font())
        painter.drawText(35, 0, size.width(), size.height(), Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()
        return picture


class Palette(QWidget):
    """Find, drag, or press Enter. Common layers first; the rest under All."""

    add_wanted = Signal(str, bool, object)  # layer type, bare, values or None

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons: dict[Category, QIcon] = {}
        self._values: tuple[str, ...] = ()
        self.setAccessibleName("Layers")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find a layer…")
        self.field.setAccessibleName("Find a layer")
        self.field.setClearButtonEnabled(True)
        self.tree = _Tree()
        self.tree.setHeaderHidden(True)
        self.tree.setAccessibleName("Layer types")
        self.tree.setIndentation(10)
        self.tree.setRootIsDecorated(False)
        self.tree.setItemsExpandable(False)
        self.tree.setDragEnabled(True)
        self.tree.setIconSize(QSize(18, 18))
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.nothing = plain_label(NOTHING, wrap=True, quiet=True)
        self.nothing.hide()
        self._common, self._all = self._switch("Common"), self._switch("All")
        group = QButtonGroup(self)
        choose = QHBoxLayout()
        choose.setSpacing(4)
        for button in (self._common, self._all):
            group.addButton(button)
            choose.addWidget(button)
        choose.addStretch(1)
        self._common.setChecked(True)
        box = QVBoxLayout(self)
        box.setContentsMargins(10, 10, 4, 4)
        box.setSpacing(6)
        box.addWidget(self.field)
        box.addLayout(choose)
        box.addWidget(self.nothing)
        box.addWidget(self.tree, 1)
        self.field.textChanged.connect(self.fill)
        self.field.installEventFilter(self)
        self.tree.installEventFilter(self)
        self.tree.itemDoubleClicked.connect(lambda item: self._add(item, False))
        self._common.toggled.connect(self.fill)
        self.fill()

    def _switch(self, words: str) -> QToolButton:
        button = QToolButton()
        button.setText(words)
        button.setCheckable(True)
        button.setAccessibleName(f"{words} layers")
        return button

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self._icons.clear()
        self.fill()

    def shown(self) -> list[str]:
        """The types on show, in their order."""
        return [str(item.data(0, TYPE)) for item in self._items()]

    def item_of(self, type: str) -> QTreeWidgetItem | None:
        """The line of a layer type, if it is on show."""
        return next((item for item in self._items() if item.data(0, TYPE) == type), None)

    def choose(self, type: str) -> None:
        """Make a type that is on show the current one."""
        item = self.item_of(type)
        if item is not None:
            self.tree.setCurrentItem(item)

    def _items(self) -> list[QTreeWidgetItem]:
        tops = (self.tree.topLevelItem(row) for row in range(self.tree.topLevelItemCount()))
        found = (top.child(row) for top in tops if top is not None for row in range(top.childCount()))
        return [item for item in found if item is not None]

    def fill(self) -> None:
        """List what is searched for; a search looks through all layers, the group of the best hit first."""
        query, self._values = split(self.field.text())
        specs = [cls.spec for cls in catalogue().values()]
        if query.strip():
            specs = _found(query, specs)
        elif self._common.isChecked():
            specs = [spec for spec in specs if spec.common]
        groups: dict[Category, list[Spec]] = {}
        for spec in specs:
            groups.setdefault(spec.category, []).append(spec)
        self.tree.clear()
        for category, members in groups.items():
            self._fill_category(category, members)
        self.nothing.setText(NOTHING)
        self.nothing.setVisible(not specs)
        if query.strip() and specs:
            self.choose(specs[0].type)

    def _fill_category(self, category: Category, specs: Sequence[Spec]) -> None:
        top = QTreeWidgetItem([category.value])
        top.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = self._theme.ui_font(11, True)
        top.setFont(0, font)
        top.setForeground(0, self._theme.colour("quiet"))
        self.tree.addTopLevelItem(top)
        for spec in specs:
            item = QTreeWidgetItem([spec.type])
            item.setIcon(0, self._icon(category))
            item.setData(0, TYPE, spec.type)
            words = spec.summary.replace("`", "")
            item.setToolTip(0, f"{spec.type}: {words}".replace("&", "&amp;").replace("<", "&lt;"))
            item.setData(0, Qt.ItemDataRole.AccessibleDescriptionRole, words)
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
            )
            top.addChild(item)
        top.setExpanded(True)

    def _icon(self, category: Category) -> QIcon:
        """A category's glyph, painted once a look: 200 types would wait for it at every letter typed."""
        if category not in self._icons:
            self._icons[category] = category_icon(self._theme, category.key)
        return self._icons[category]

    def _add(self, item: QTreeWidgetItem | None, bare: bool) -> None:
        type = item.data(0, TYPE) if item is not None else None
        if not type:
            return
        hit = with_values(_hit(type), self._values) if self._values else None
        if hit is not None and hit.fit is Fit.REFUSED:
            self.nothing.setText(hit.note)
            self.nothing.show()
            return
        self.add_wanted.emit(str(type), bare, hit.values if hit else None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter adds the chosen layer, Down goes from the field into the list, Esc empties the field."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._add(self.tree.currentItem(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            return True
        if watched is self.field and key == Qt.Key.Key_Down:
            self.tree.setFocus()
            if self.tree.currentItem() is None and self.shown():
                self.choose(self.shown()[0])
            return True
        if watched is self.field and key == Qt.Key.Key_Escape:
            self.field.clear()
            return True
        return False


def _found(query: str, specs: Sequence[Spec]) -> list[Spec]:
    by_type = {spec.type: spec for spec in sorted(specs, key=lambda spec: not spec.common)}
    return [by_type[hit.type] for hit in find(query, map(_hit, by_type))[:MOST]]


@cache
def _hit(type: str) -> Hit:
    s = catalogue()[type].spec
    return Hit(s.type, s.summary, "", s.category.key, s.aliases)
