"""Search all commands by name; each with its key, so that the key is learnt."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

WIDTH, ROWS, ROW = 460, 12, 28
ACTION = Qt.ItemDataRole.UserRole


class CommandPalette(QFrame):
    """Floats on the window; Enter does the chosen command, Esc closes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._within = parent
        self._actions: Sequence[QAction] = ()
        self._before: QWidget | None = None
        self.setProperty("popup", True)
        self.setAutoFillBackground(True)
        self.setAccessibleName("Commands")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search commands")
        self.field.setAccessibleName("Command")
        self.list = QTreeWidget()
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformRowHeights(True)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 8)
        box.setSpacing(6)
        box.addWidget(self.field)
        box.addWidget(self.list)
        self.setFixedWidth(WIDTH)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._do)
        self.hide()

    def open(self, actions: Sequence[QAction]) -> None:
        """Offer these commands."""
        self._actions = actions
        self._before = self._within.focusWidget()
        self.field.clear()
        self._search("")
        self.move((self._within.width() - WIDTH) // 2, 52)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def shown(self) -> list[str]:
        """The commands on show, in their order."""
        return [item.text(0) for item in self._items()]

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
        words = query.casefold().split()
        self.list.clear()
        found = [(name, action) for action in self._actions if (name := _name(action))]
        found = [pair for pair in found if all(word in pair[0].casefold() for word in words)]
        for name, action in sorted(
            found, key=lambda pair: not pair[0].casefold().startswith(tuple(words[:1]))
        ):
            native = QKeySequence.SequenceFormat.NativeText
            item = QTreeWidgetItem([name, action.shortcut().toString(native)])
            item.setData(0, ACTION, action)
            item.setDisabled(not action.isEnabled())
            self.list.addTopLevelItem(item)
        self._go(0)
        self.list.setFixedHeight(ROW * max(1, min(ROWS, self.list.topLevelItemCount())) + 4)
        self.adjustSize()

    def _go(self, row: int) -> None:
        items = self._items()
        if items:
            self.list.setCurrentItem(items[max(0, min(row, len(items) - 1))])

    def _do(self, item: QTreeWidgetItem | None) -> None:
        action = item.data(0, ACTION) if item is not None else None
        if not isinstance(action, QAction) or not action.isEnabled():
            return
        self.close_list()
        action.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the field that belong to the list."""
        if event.type() == QEvent.Type.FocusOut and self.isVisible() and not self.list.underMouse():
            self.hide()
            return False
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.close_list()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._do(self.list.currentItem())
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._go(self.list.currentIndex().row() + (1 if key == Qt.Key.Key_Down else -1))
        else:
            return False
        return True


def _name(action: QAction) -> str:
    return (
        action.text().replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")
        if action.text()
        else ""
    )
