"""The gallery of templates: a search field over a list in groups, whose rows are painted: a hundred cost nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from designer.panels.widgets import escaped, plain_label
from designer.theme import Theme
from graph_ir.templates import Template

ROW, TITLE_ROW = 46, 32
TEMPLATE = Qt.ItemDataRole.UserRole


class _Rows(QStyledItemDelegate):
    """A group's name, or a template: title, what its data is, and below them what it is about."""

    def __init__(self, parent: QObject, theme: Theme) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Groups are lower than templates."""
        return QSize(200, TITLE_ROW if index.data(TEMPLATE) is None else ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Plain text only: what a file says of itself is never markup."""
        template: Template | None = index.data(TEMPLATE)
        theme, area = self.theme, QRect(option.rect)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if template is None:
            painter.setFont(theme.ui_font(11, True))
            painter.setPen(theme.colour("quiet"))
            painter.drawText(area.adjusted(8, 8, -8, 0), left, str(index.data(Qt.ItemDataRole.DisplayRole)))
            painter.restore()
            return
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("hover"))
            painter.drawRoundedRect(area.adjusted(2, 1, -2, -1), 5, 5)
        if chosen:
            painter.fillRect(
                area.left() + 2, area.top() + 8, 3, area.height() - 16, theme.colour("selection")
            )
        self._write(painter, template, area.adjusted(14, 5, -14, -5))
        painter.restore()

    def _write(self, painter: QPainter, template: Template, area: QRect) -> None:
        theme, cut = self.theme, Qt.TextElideMode.ElideRight
        middle = Qt.AlignmentFlag.AlignVCenter
        line, below = area.adjusted(0, 0, 0, -area.height() // 2), area.adjusted(0, area.height() // 2, 0, 0)
        painter.setFont(theme.ui_font(11))
        painter.setPen(theme.colour("quiet"))
        words = data_words(template)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | middle, words)
        room = line.width() - QFontMetrics(painter.font()).horizontalAdvance(words) - 12
        about = QFontMetrics(painter.font()).elidedText(
            " ".join(template.summary.split()), cut, below.width()
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | middle, about)
        painter.setFont(theme.ui_font(13, True))
        painter.setPen(theme.colour("text"))
        title = QFontMetrics(painter.font()).elidedText(template.title, cut, room)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | middle, title)


def data_words(template: Template) -> str:
    """What a template trains on without a download."""
    return f"trains on {template.data.replace('_', ' ')}" if template.data else ""


class Gallery(QWidget):
    """Type to find, Enter or a click opens. Up and Down go through the templates from the field, too."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._templates: Sequence[Template] = ()
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find a template: a name, a task, a paper's word")
        self.field.setAccessibleName("Find a template")
        self.field.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Templates")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self._rows = _Rows(self, theme)
        self.list.setItemDelegate(self._rows)
        self.nothing = plain_label("No template says that.", wrap=True, quiet=True)
        self.nothing.hide()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addWidget(self.field)
        box.addWidget(self.nothing)
        box.addWidget(self.list, 1)
        self.field.textChanged.connect(lambda _text: self._fill())
        self.field.installEventFilter(self)
        self.list.installEventFilter(self)
        self.list.itemClicked.connect(self._choose)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._rows.theme = theme
        self.list.viewport().update()

    def show_templates(self, templates: Sequence[Template]) -> None:
        """Offer these, in their order."""
        self._templates = templates
        self._fill()

    def shown(self) -> list[str]:
        """The names of the templates on show."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item.data(TEMPLATE).name for item in items if item.data(TEMPLATE) is not None]

    def item_of(self, name: str) -> QListWidgetItem | None:
        """The line of a template, if it is on show."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return next(
            (item for item in items if (t := item.data(TEMPLATE)) is not None and t.name == name), None
        )

    def _fill(self) -> None:
        query = self.field.text().casefold().split()
        found = [one for one in self._templates if _says(one, query)]
        self.list.clear()
        for group, members in groupby(found, key=lambda one: one.group):
            head = QListWidgetItem(group)
            head.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.list.addItem(head)
            for template in members:
                self.list.addItem(_item(template))
        self.nothing.setVisible(not found)
        if query and found:
            self.list.setCurrentRow(1)

    def _choose(self, item: QListWidgetItem | None) -> None:
        template = item.data(TEMPLATE) if item is not None else None
        if template is not None:
            self.chosen.emit(template.name)

    def _step(self, by: int) -> None:
        """To the next or previous template, past the names of groups."""
        row = self.list.currentRow() + by
        while 0 <= row < self.list.count() and self.list.item(row).data(TEMPLATE) is None:
            row += by
        if 0 <= row < self.list.count():
            self.list.setCurrentRow(row)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter opens, Up and Down choose, Esc empties the field."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentItem())
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Escape and self.field.text():
            self.field.clear()
        else:
            return False
        return True


def _item(template: Template) -> QListWidgetItem:
    item = QListWidgetItem()
    item.setData(TEMPLATE, template)
    spoken = ", ".join(words for words in (template.title, template.summary, data_words(template)) if words)
    item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
    item.setToolTip(escaped(template.summary))
    return item


def _says(template: Template, query: Sequence[str]) -> bool:
    """Whether every word is part of what a template says of itself."""
    text = f"{template.name} {template.title} {template.group} {template.summary} {template.data}".casefold()
    return all(word in text for word in query)
