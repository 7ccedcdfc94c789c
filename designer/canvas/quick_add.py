"""The quick-add list: a search field over layer types that floats on the canvas and never blocks it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from designer.canvas.search import Fit, Hit, find, matched_alias
from designer.theme import Theme, glyph

WIDTH, ROW, ROWS = 420, 44, 7
HIT = Qt.ItemDataRole.UserRole
HINT = "Enter adds and wires it · Shift+Enter adds it alone · Esc closes"


class HitDelegate(QStyledItemDelegate):
    """Paints one hit: glyph, type, signature, and below them its description or why it does not fit."""

    def __init__(self, parent: QObject, theme: Theme) -> None:
        super().__init__(parent)
        self.theme = theme
        self.query = ""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Every row is as high."""
        return QSize(WIDTH - 20, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw plain text only: a summary or an alias is never markup."""
        hit: Hit = index.data(HIT)
        theme, area = self.theme, QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("hover"))
            painter.drawRoundedRect(area.adjusted(2, 1, -2, -1), 5, 5)
            painter.fillRect(
                area.left() + 2, area.top() + 8, 3, area.height() - 16, theme.colour("selection")
            )
        refused = hit.fit is Fit.REFUSED
        painter.setOpacity(0.55 if refused else 1.0)
        glyph(theme, hit.category).render(painter, QRect(area.left() + 12, area.top() + 13, 18, 18))
        painter.setOpacity(1.0)
        alias = matched_alias(self.query, hit)
        title = f"{hit.type}  ({alias})" if alias else hit.type
        line = area.adjusted(42, 4, -12, -ROW // 2)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.ui_font(13, True))
        painter.setPen(theme.colour("quiet" if refused else "text"))
        painter.drawText(line, left, title)
        used = QFontMetrics(painter.font()).horizontalAdvance(title) + 12
        painter.setFont(theme.mono_font(11))
        painter.setPen(theme.colour("quiet"))
        signature = QFontMetrics(painter.font()).elidedText(
            hit.signature, Qt.TextElideMode.ElideRight, line.width() - used
        )
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, signature)
        words = hit.note if hit.note and hit.fit is not Fit.FITS else hit.summary
        painter.setFont(theme.ui_font(12))
        below = area.adjusted(42, ROW // 2 - 2, -12, -4)
        words = QFontMetrics(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, left, words)
        painter.restore()


class QuickAdd(QFrame):
    """Type, Enter adds. Shift+Enter adds the layer bare; Up and Down choose; Esc closes."""

    chosen = Signal(object, bool)  # Hit, bare
    closed = Signal()

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self.setProperty("popup", True)
        self.setAutoFillBackground(True)
        self.setAccessibleName("Add a layer")
        self._within = parent
        self._hits: Sequence[Hit] = ()
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Add a layer: type its name, from torch or Keras")
        self.field.setAccessibleName("Layer to add")
        self.list = QListWidget(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.delegate = HitDelegate(self, theme)
        self.list.setItemDelegate(self.delegate)
        self.hint = QLabel(HINT, self)
        self.hint.setWordWrap(True)
        self.hint.setProperty("quiet", True)
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 6)
        box.setSpacing(6)
        for part in (self.field, self.list, self.hint):
            box.addWidget(part)
        self.setFixedWidth(WIDTH)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(lambda item: self._choose(item, bare=False))
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self.delegate.theme = theme
        self.list.viewport().update()

    def open(self, hits: Sequence[Hit], at: QPoint, beside: QRect | None = None) -> None:
        """Show these hits with an empty field at a place of the parent, moved so that all of it is seen.

        `beside` is an area not to be covered: without room right of it, the list opens on its left.
        """
        self._hits = hits
        self.field.clear()
        self._search("")
        self.adjustSize()
        room = self._within.rect()
        left = at.x()
        if beside is not None and left + self.width() > room.width() and beside.left() > self.width():
            left = beside.left() - self.width() - 16
        x = max(4, min(left, room.width() - self.width() - 4))
        y = max(4, min(at.y(), room.height() - self.height() - 4))
        self.move(x, y)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_list(self) -> None:
        """Hide without adding."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def shown(self) -> list[Hit]:
        """The hits on show, in their order."""
        return [self.list.item(row).data(HIT) for row in range(self.list.count())]

    def _search(self, query: str) -> None:
        self.delegate.query = query
        self.hint.setText(HINT)
        self.list.clear()
        for hit in find(query, self._hits):
            item = QListWidgetItem()
            item.setData(HIT, hit)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{hit.type}: {hit.note or hit.summary}")
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setFixedHeight(ROW * max(1, min(self.list.count(), ROWS)) + 2)
        self.adjustSize()

    def _choose(self, item: QListWidgetItem | None, bare: bool) -> None:
        if item is None:
            return
        hit: Hit = item.data(HIT)
        if hit.fit is Fit.REFUSED and not bare:
            self.hint.setText(hit.note)
            self.adjustSize()
            return
        self.hide()
        self.chosen.emit(hit, bare)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the field that belong to the list; leaving the field closes the list."""
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.close_list()
            return False
        if event.type() not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            return False
        if not isinstance(event, QKeyEvent) or event.key() not in _KEYS:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # the window's own shortcuts wait while the list is open
            return True
        if event.key() == Qt.Key.Key_Escape:
            self.close_list()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            bare = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._choose(self.list.currentItem(), bare)
        else:
            step = {
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_PageUp: -ROWS,
                Qt.Key.Key_PageDown: ROWS,
            }
            row = self.list.currentRow() + step[Qt.Key(event.key())]
            self.list.setCurrentRow(max(0, min(row, self.list.count() - 1)))
        return True


_KEYS = (
    Qt.Key.Key_Escape,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
)
