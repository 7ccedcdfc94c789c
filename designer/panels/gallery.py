"""The gallery of templates: a search field over painted cards in groups; a hundred cost nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from designer.panels.gallery_cards import TEMPLATE, Cards, chip_area, data_words
from designer.panels.widgets import escaped, plain_label
from designer.services.thumbnails import Thumbnail, Thumbnails, of_template
from designer.theme import Theme
from graph_ir.templates import Template

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class CardList(QListWidget):
    """Cards side by side, a group's name on a line of its own."""

    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Templates")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setFlow(QListWidget.Flow.LeftToRight)
        self.setMovement(QListWidget.Movement.Static)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setWrapping(True)
        self.setDragEnabled(False)
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.setSpacing(0)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAlwaysOn
        )  # the cards' width does not jump
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(24)
        self.pressed_at = QPoint()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Who comes by Tab sees where they are."""
        super().focusInEvent(event)
        first = next((row for row in range(self.count()) if self.item(row).data(TEMPLATE) is not None), None)
        if event.reason() != Qt.FocusReason.MouseFocusReason and self.currentRow() < 0 and first is not None:
            self.setCurrentRow(first)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A card has two places to click: where it was pressed decides."""
        self.pressed_at = event.position().toPoint()
        super().mousePressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The cards share the new width."""
        super().resizeEvent(event)
        self.resized.emit()


class Gallery(QWidget):
    """Type to find, Enter or a click opens; the arrows go through the templates, from the field too.

    With Ctrl a template that has data opens with its training.
    """

    chosen = Signal(str)
    example_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._templates: Sequence[Template] = ()
        self._thumbnails: Thumbnails | None = None
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find a template: a name, a task, a paper's word")
        self.field.setAccessibleName("Find a template")
        self.field.setClearButtonEnabled(True)
        self.field.setAcceptDrops(False)  # a layer may be dropped anywhere on the start page
        self.list = CardList()
        self._cards = Cards(self, theme, self._picture)
        self.list.setItemDelegate(self._cards)
        self.nothing = plain_label("", wrap=True, quiet=True)
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
        self.list.itemClicked.connect(self._clicked)
        self.list.resized.connect(self._share)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._cards.theme = theme
        self.list.viewport().update()

    def set_thumbnails(self, thumbnails: Thumbnails) -> None:
        """Where pictures come from; without, the cards have none."""
        self._thumbnails = thumbnails
        thumbnails.ready.connect(self._repaint)

    def show_templates(self, templates: Sequence[Template]) -> None:
        """Offer these, in their order."""
        self._templates = templates
        self._fill()

    def shown(self) -> list[str]:
        """The names of the templates on show."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item.data(TEMPLATE).name for item in items if item.data(TEMPLATE) is not None]

    def item_of(self, name: str) -> QListWidgetItem | None:
        """The card of a template, if it is on show."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return next(
            (item for item in items if (t := item.data(TEMPLATE)) is not None and t.name == name), None
        )

    def _picture(self, template: Template) -> Thumbnail | None:
        if self._thumbnails is None:
            return None
        return self._thumbnails.get(of_template(template.name), self._cards.theme.name)

    def _repaint(self, _key: str) -> None:
        self.list.viewport().update()

    def _share(self) -> None:
        width = self.list.viewport().width() - 2
        if width != self._cards.width:
            self._cards.width = width
            self.list.scheduleDelayedItemsLayout()

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
        words = (
            f"No template says “{self.field.text()[:60]}”. Try a task (text, images), a layer or fewer words."
        )
        self.nothing.setText(words)
        self.nothing.setVisible(not found and bool(query))
        if query and found:
            self.list.setCurrentRow(1)

    def _clicked(self, item: QListWidgetItem) -> None:
        template, area = item.data(TEMPLATE), self._cards.area(self.list.visualItemRect(item))
        on_data = template is not None and bool(template.data)
        example = on_data and chip_area(self._cards.theme, area, template).contains(self.list.pressed_at)
        self._choose(item, example=example)

    def _choose(self, item: QListWidgetItem | None, *, example: bool = False) -> None:
        template = item.data(TEMPLATE) if item is not None else None
        if template is None:
            return
        if example and template.data:
            self.example_chosen.emit(template.name)
        else:
            self.chosen.emit(template.name)

    def _step(self, across: int, down: int) -> None:
        """To the card beside, above or below; past the names of groups."""
        now = self.list.currentItem()
        rows = [row for row in range(self.list.count()) if self.list.item(row).data(TEMPLATE) is not None]
        if not rows:
            return
        if now is None or now.data(TEMPLATE) is None:
            self.list.setCurrentRow(rows[0])
            return
        if across:
            at = rows.index(self.list.row(now)) + across
            self.list.setCurrentRow(rows[max(0, min(at, len(rows) - 1))])
            return
        places = {row: self.list.visualItemRect(self.list.item(row)) for row in rows}
        here = places[self.list.row(now)]
        beyond = [row for row in rows if (places[row].top() - here.top()) * down > here.height() // 2]
        if beyond:
            self.list.setCurrentRow(min(beyond, key=lambda row: _distance(here, places[row])))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter opens, arrows choose, Esc empties the field."""
        if not isinstance(event, QKeyEvent) or event.type() == QEvent.Type.KeyRelease:
            return False
        key = Qt.Key(event.key())
        if event.type() == QEvent.Type.ShortcutOverride:  # Ctrl+Enter is a command elsewhere
            event.setAccepted(key in (Qt.Key.Key_Return, Qt.Key.Key_Enter))
            return event.isAccepted()
        across, down = ARROWS.get(key, (0, 0))
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._choose(self.list.currentItem(), example=held)
        elif down or (across and watched is self.list):
            self._step(across, down)
        elif key == Qt.Key.Key_Escape and self.field.text():
            self.field.clear()
        else:
            return False
        return True


def _distance(here: QRect, there: QRect) -> tuple[int, int]:
    """The nearest line first, then the nearest column."""
    way: QPoint = there.center() - here.center()
    return abs(way.y()), abs(way.x())


def _item(template: Template) -> QListWidgetItem:
    item = QListWidgetItem()
    item.setData(TEMPLATE, template)
    spoken = ", ".join(words for words in (template.title, template.summary, data_words(template)) if words)
    item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
    more = f" It {data_words(template)}: no download. Ctrl+Enter opens its training." if template.data else ""
    item.setToolTip(escaped(f"{template.title}. {template.summary}{more}"))
    return item


def _says(template: Template, query: Sequence[str]) -> bool:
    """Whether every word is part of what a template says of itself."""
    text = f"{template.name} {template.title} {template.group} {template.summary} {template.data}".casefold()
    return all(word in text for word in query)
