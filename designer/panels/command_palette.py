"""Search everything the window can do or show; each command with its key, so that the key is learnt."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.palette_entries import LAYERS, Entry, find_entries
from designer.panels.widgets import escaped, plain_label

WIDTH, ROWS, ROW, TOP, SHOWN, RECENT = 620, 12, 28, 52, 200, 20
ENTRY = Qt.ItemDataRole.UserRole
HINT = "Enter does it · @ goes to a layer · Esc closes"
STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -ROWS, Qt.Key.Key_PageDown: ROWS}
OWN = (*STEPS, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CommandPalette(QFrame):
    """Floats on the window; Enter does the chosen entry, Esc closes."""

    used = Signal(list)  # the names of what was used last, the newest first

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._within = parent
        self._entries: Sequence[Entry] = ()
        self._layers: Sequence[Entry] = ()
        self._before: QWidget | None = None
        self.recent: list[str] = []
        self.setProperty("popup", True)
        self.setAutoFillBackground(True)
        self.setAccessibleName("Commands")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search commands, templates, settings; @ for a layer")
        self.field.setAccessibleName("Command")
        self.list = QTreeWidget()
        self.list.setColumnCount(3)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformRowHeights(True)
        self.list.setAccessibleName("Commands that match")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.hint = plain_label(HINT, wrap=True, quiet=True, small=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 8)
        box.setSpacing(6)
        for part in (self.field, self.list, self.hint):
            box.addWidget(part)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._do)
        self.hide()

    def open(self, entries: Sequence[Entry], layers: Sequence[Entry] = ()) -> None:
        """Offer these; `layers` behind an @."""
        self._entries, self._layers = entries, layers
        self._before = self._within.focusWidget()
        self.setFixedWidth(min(WIDTH, self._within.width() - 16))
        self.field.clear()
        self._search("")
        self.move((self._within.width() - self.width()) // 2, TOP)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def shown(self) -> list[str]:
        """What is on show, in its order."""
        return [item.text(0) for item in self._items()]

    def entry(self) -> Entry | None:
        """The chosen entry."""
        item = self.list.currentItem()
        found = item.data(0, ENTRY) if item is not None else None
        return found if isinstance(found, Entry) else None

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount()))
        return [item for item in found if item is not None]

    def close_list(self) -> None:
        """Away, and the focus back to where it was."""
        if self.isVisible():
            self.hide()
            if self._before is not None:
                self._before.setFocus(Qt.FocusReason.PopupFocusReason)

    def _search(self, query: str) -> None:
        if query.startswith(LAYERS):
            found = find_entries(query[1:], self._layers, ())
        else:
            found = find_entries(query, self._entries, self.recent)
        self.list.clear()
        self.list.addTopLevelItems([self._item(entry) for entry in found[:SHOWN]])
        self.hint.setText(HINT if found else _nothing(query))
        room = (self._within.height() - TOP - 100) // ROW
        self.list.setFixedHeight(ROW * max(1, min(ROWS, room, len(found))) + 4)
        self._go(0)
        self.adjustSize()

    def _item(self, entry: Entry) -> QTreeWidgetItem:
        """A line; what can't be done now is grey, and can be chosen so that it says why."""
        item = QTreeWidgetItem(
            [f"{'✓ ' if entry.is_on else ''}{entry.words}", entry.why or entry.where, entry.keys]
        )
        item.setData(0, ENTRY, entry)
        item.setToolTip(0, escaped(f"{entry.where}: {entry.words}"))
        item.setSizeHint(0, QSize(0, ROW))
        quiet = QGuiApplication.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
        for column in range(3) if entry.why else (1, 2):
            item.setForeground(column, quiet)
        return item

    def _go(self, row: int) -> None:
        items = self._items()
        if items:
            self.list.setCurrentItem(items[max(0, min(row, len(items) - 1))])

    def _do(self, item: QTreeWidgetItem | None) -> None:
        entry = item.data(0, ENTRY) if item is not None else None
        if not isinstance(entry, Entry):
            return
        if entry.why:
            self.hint.setText(f"{entry.words} can't be done now: {entry.why}.")
            return
        if self.field.text()[:1] != LAYERS:
            self.recent = [entry.name, *(name for name in self.recent if name != entry.name)][:RECENT]
            self.used.emit(self.recent)
        self.close_list()
        entry.act()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the field that belong to the list."""
        if event.type() == QEvent.Type.FocusOut and self.isVisible() and not self.list.underMouse():
            self.hide()
            return False
        if event.type() not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            return False
        if not isinstance(event, QKeyEvent) or event.key() not in OWN:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # the window's own shortcuts wait while the list is open
            return True
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.close_list()
        elif key in STEPS:
            self._go(self.list.currentIndex().row() + STEPS[key])
        else:
            self._do(self.list.currentItem())
        return True


def _nothing(query: str) -> str:
    what = "layer" if query.startswith(LAYERS) else "command, template or setting"
    return f"No {what} is called “{query.lstrip(LAYERS)[:40]}”; try another word. Esc closes."
