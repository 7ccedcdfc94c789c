"""The files opened last: a small picture, the name, where it lies and when it was changed; what is gone stands grey."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from designer.panels.widgets import escaped
from designer.services.naming import folder_words, shown
from designer.services.thumbnails import Source, Thumbnail, Thumbnails, of_file
from designer.theme import Theme, svg_renderer
from graph_ir.file import SUFFIX

ENTRY = Qt.ItemDataRole.UserRole
ROW, PICTURE = 44, QSize(68, 30)
STEPS = ((60, "minute"), (3600, "hour"), (86_400, "day"), (604_800, "week"))


@dataclass(frozen=True)
class Entry:
    """One file as it was when the list was filled."""

    path: Path
    source: Source | None
    when: str


class _Rows(QStyledItemDelegate):
    def __init__(self, parent: QObject, theme: Theme, picture: Callable[[Source], Thumbnail | None]) -> None:
        super().__init__(parent)
        self.theme, self._picture = theme, picture

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """All alike."""
        return QSize(120, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Plain text only: a file's name is never markup."""
        entry: Entry = index.data(ENTRY)
        theme, area = self.theme, QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("hover"))
            painter.drawRoundedRect(area.adjusted(0, 1, 0, -1), 6, 6)
        if chosen:
            painter.fillRect(area.left(), area.top() + 8, 3, area.height() - 16, theme.colour("selection"))
        place = QRect(QPoint(area.left() + 8, area.top() + (ROW - PICTURE.height()) // 2), PICTURE)
        found = self._picture(entry.source) if entry.source is not None else None
        if found is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(place, found.pixmap)
        elif entry.source is None:
            sign = QRectF(0, 0, 16, 16)
            sign.moveCenter(QRectF(place).center())
            svg_renderer("lucide/triangle-alert", theme.colours["quiet"]).render(painter, sign)
        text = area.adjusted(PICTURE.width() + 16, 4, -8, -4)
        gone = entry.source is None
        name = shown(entry.path.name.removesuffix(SUFFIX))
        self._line(painter, text, 0, name, "quiet" if gone else "text", strong=True)
        below = "no longer there" if gone else entry.when
        self._line(painter, text, 1, f"{below} · {shown(folder_words(entry.path), 200)}", "quiet")
        painter.restore()

    def _line(
        self, painter: QPainter, area: QRect, number: int, words: str, role: str, *, strong: bool = False
    ) -> None:
        font = self.theme.ui_font(12 if strong else 11, strong)
        painter.setFont(font)
        painter.setPen(self.theme.colour(role))
        line = QRect(area.left(), area.top() + number * 18, area.width(), 18)
        cut = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, cut)


class RecentList(QListWidget):
    """Enter or a click opens; Delete takes off the list; the right button offers what can be done."""

    chosen = Signal(object)  # Path
    gone_chosen = Signal(object)  # Path; the file is no longer there
    forget_wanted = Signal(object)  # Path
    locate_wanted = Signal(object)  # Path

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails: Thumbnails | None = None
        self.setAccessibleName("Files opened last")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._rows = _Rows(self, theme, self._picture)
        self.setItemDelegate(self._rows)
        self.itemClicked.connect(self._open)
        self.customContextMenuRequested.connect(self._menu)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._rows.theme = theme
        self.viewport().update()

    def set_thumbnails(self, thumbnails: Thumbnails) -> None:
        """Where pictures come from."""
        self._thumbnails = thumbnails
        thumbnails.ready.connect(self._repaint)

    def show_files(self, paths: Sequence[Path]) -> None:
        """Show these, the newest first."""
        self.clear()
        for path in paths:
            entry = Entry(path, of_file(path), changed_words(path))
            item = QListWidgetItem()
            item.setData(ENTRY, entry)
            state = "no longer there" if entry.source is None else entry.when
            name = shown(path.name.removesuffix(SUFFIX), 120)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{name}, {state}")
            item.setToolTip(escaped(shown(str(path), 200)))
            self.addItem(item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Delete forgets."""
        item = self.currentItem()
        if item is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(item)
        elif item is not None and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.forget_wanted.emit(item.data(ENTRY).path)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Who comes by Tab sees where they are."""
        super().focusInEvent(event)
        if self.currentRow() < 0 and self.count():
            self.setCurrentRow(0)

    def _picture(self, source: Source) -> Thumbnail | None:
        return self._thumbnails.get(source, self._rows.theme.name) if self._thumbnails is not None else None

    def _repaint(self, _key: str) -> None:
        self.viewport().update()

    def _open(self, item: QListWidgetItem) -> None:
        entry: Entry = item.data(ENTRY)
        gone = of_file(entry.path) is None
        (self.gone_chosen if gone else self.chosen).emit(entry.path)

    def _menu(self, place: QPoint) -> None:
        item = self.itemAt(place)
        if item is None:
            return
        entry: Entry = item.data(ENTRY)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if entry.source is None:
            menu.addAction("Locate…").triggered.connect(lambda: self.locate_wanted.emit(entry.path))
        else:
            menu.addAction("Open").triggered.connect(lambda: self.chosen.emit(entry.path))
        menu.addAction("Take off the list\tDel").triggered.connect(
            lambda: self.forget_wanted.emit(entry.path)
        )
        menu.popup(self.viewport().mapToGlobal(place))


def changed_words(path: Path, now: float | None = None) -> str:
    """When a file was changed last: "just now", "3 hours ago", a date when it is longer ago than a month."""
    try:
        then = path.stat().st_mtime
    except (OSError, ValueError):
        return ""
    ago = (time.time() if now is None else now) - then
    if ago < STEPS[0][0]:
        return "just now"
    if ago > 30 * 86_400:
        return time.strftime("%d %b %Y", time.localtime(then))
    seconds, word = next((step for step in reversed(STEPS) if ago >= step[0]), STEPS[0])
    count = int(ago // seconds)
    return f"{count} {word}{'' if count == 1 else 's'} ago"
