"""The quick-add list: a search field over layer types that floats on the canvas and never blocks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QListView, QVBoxLayout, QWidget

from designer.canvas.adding.hit_detail import WIDTH as DETAIL_WIDTH
from designer.canvas.adding.hit_detail import HitDetail
from designer.canvas.adding.hit_list import HIT, ROW, HitDelegate, HitModel
from designer.canvas.adding.search import Fit, Hit, find
from designer.canvas.adding.trial import Trial
from designer.canvas.adding.typed import split, with_values
from designer.panels.widgets import elided, plain_label, rule
from designer.theme import Theme

WIDTH, NARROW, ROWS, RECENT = 420, 320, 7, 12
BESIDE = 16  # between the area not to be covered and the list
AROUND = 136  # what is above and below the rows
MONO = 12
WHOLE = WIDTH + DETAIL_WIDTH + 7
HINT = (
    "Enter adds · Ctrl+Enter adds and goes on · Shift+Enter bare · Esc\n"
    "Values may follow the name: conv2d 64 k5 s2, linear 10, dropout p=0.3"
)
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -ROWS, Qt.Key.Key_PageDown: ROWS}
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class QuickAdd(QFrame):
    """Type, Enter adds; with Ctrl it asks for the next, with Shift it adds bare. Up and Down choose, Esc closes."""

    chosen = Signal(object, bool)  # Hit, bare
    next_wanted = Signal()  # after `chosen`: the list is to open again behind what was added
    used = Signal(list)  # the types used last, the newest first
    closed = Signal()

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self.setProperty("popup", True)
        self.setAutoFillBackground(True)
        self.setAccessibleName("Add a layer")
        self._within = parent
        self._hits: Sequence[Hit] = ()
        self.recent: list[str] = []
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Add a layer: its name in torch or Keras, or what it does")
        self.field.setAccessibleName("Layer to add")
        self.list = QListView(self)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setAccessibleName("Layers that match")
        self.model = HitModel(self)
        self.list.setModel(self.model)
        self.delegate = HitDelegate(self, theme)
        self.list.setItemDelegate(self.delegate)
        self.detail = HitDetail(self)
        self.outcome = plain_label("", mono=True)
        self.hint = plain_label(HINT, wrap=True, quiet=True, small=True)
        self._lay_out()
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.clicked.connect(self._clicked)
        self.detail.tried.connect(self._show_outcome)
        self.hide()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(6)
        for part in (self.field, self.list, self.outcome, self.hint):
            left.addWidget(part)
        left.addStretch(1)
        self._rule = rule(vertical=True)
        box = QHBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 6)
        box.setSpacing(0)
        box.addLayout(left, 1)
        box.addSpacing(6)
        box.addWidget(self._rule)
        box.addWidget(self.detail)

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self.delegate.theme = theme
        self.list.viewport().update()

    def open(
        self,
        hits: Sequence[Hit],
        at: QPoint,
        beside: QRect | None = None,
        try_hit: Callable[[Hit], Trial] | None = None,
    ) -> None:
        """Show these hits with an empty field at a place of the parent, moved so that all of it is seen.

        `beside` is an area not to be covered: the list finds its place around it. `try_hit` says
        what would come out of a hit.
        """
        self._hits = hits
        self.detail.use(try_hit)
        self.field.clear()
        self._set_detail(self._within.width() >= WHOLE + 8)
        self._search("")
        self.adjustSize()
        self.move(self._place(at, beside))
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _place(self, at: QPoint, beside: QRect | None) -> QPoint:
        """Right of the area, left of it, below it; where there is no room, without the detail, then narrower."""
        if beside is not None:
            found = self._room_beside(at, beside)
            if found is None:
                self._set_detail(False)
                self.adjustSize()
                found = self._room_beside(at, beside)
            if found is None:
                self._set_width(max(self._within.width() - at.x() - 4, beside.left() - BESIDE - 4))
                found = self._room_beside(at, beside)
            at = found or at
        room = self._within.rect()
        x = max(4, min(at.x(), room.width() - self.width() - 4))
        return QPoint(x, max(4, min(at.y(), room.height() - self.height() - 4)))

    def _room_beside(self, at: QPoint, beside: QRect) -> QPoint | None:
        room = self._within.rect()
        if at.x() + self.width() + 4 <= room.width():
            return at
        if beside.left() - self.width() >= BESIDE + 4:
            return QPoint(beside.left() - self.width() - BESIDE, at.y())
        below = beside.bottom() + 12
        return QPoint(beside.left(), below) if below + self.height() + 4 <= room.height() else None

    def _set_detail(self, shown: bool) -> None:
        """In a narrow window the list stands alone."""
        self.detail.setVisible(shown)
        self._rule.setVisible(shown)
        self.outcome.setVisible(not shown)
        self.setFixedWidth(WHOLE if shown else min(WIDTH, self._within.width() - 8))

    def _set_width(self, room: int) -> None:
        """As wide as there is room for, if that is enough to read the list."""
        if room >= NARROW:
            self.setFixedWidth(min(WIDTH, room))
            self.adjustSize()

    def _show_outcome(self, words: str) -> None:
        """Where there is no room for the detail, its result stands on a line below the list."""
        self.outcome.setText(elided(self.outcome, words, self.list.width() - 8, MONO))

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is tried any more."""
        super().hideEvent(event)
        self.detail.rest()

    def close_list(self) -> None:
        """Hide without adding."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def shown(self) -> list[Hit]:
        """The hits on show, in their order."""
        return [self.model.hit(row) for row in range(self.model.rowCount())]

    def _search(self, query: str) -> None:
        name, words = split(query)
        found = find(name, self._hits, self.recent)
        self.delegate.query = name
        self.model.fill(found, partial(with_values, words=words) if words else None)
        self.hint.setText(
            HINT if found else f"No layer is called “{name[:40]}”; try another word. Esc closes."
        )
        room = (self._within.height() - AROUND) // ROW
        rows = max(1, min(len(found), ROWS, room))
        self.list.setFixedHeight(ROW * rows + 2)
        self._go(0)
        self.adjustSize()

    def _go(self, row: int) -> None:
        last = self.model.rowCount() - 1
        self.list.setCurrentIndex(self.model.index(max(0, min(row, last))))
        self.detail.show_hit(self._current())

    def _current(self) -> Hit | None:
        hit = self.list.currentIndex().data(HIT)
        return hit if isinstance(hit, Hit) else None

    def _clicked(self, index: QModelIndex) -> None:
        self._choose(index.data(HIT), QGuiApplication.keyboardModifiers())

    def _choose(self, hit: Hit | None, held: Qt.KeyboardModifier) -> None:
        if hit is None:
            return
        bare = bool(held & SHIFT)
        if hit.fit is Fit.REFUSED and not bare:
            self.hint.setText(hit.note)
            self.adjustSize()
            return
        self.hide()
        self.recent = [hit.type, *(type for type in self.recent if type != hit.type)][:RECENT]
        self.used.emit(self.recent)
        self.chosen.emit(hit, bare)
        if held & CTRL:
            self.next_wanted.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the field that belong to the list; leaving the field closes the list."""
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.close_list()
            return False
        if event.type() not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            return False
        if not isinstance(event, QKeyEvent):
            return False
        key = Qt.Key(event.key())
        if key != Qt.Key.Key_Escape and key not in ENTER and key not in STEPS:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # the window's own shortcuts wait while the list is open
            return True
        if key == Qt.Key.Key_Escape:
            self.close_list()
        elif key in ENTER:
            self._choose(self._current(), event.modifiers())
        else:
            self._go(self.list.currentIndex().row() + STEPS[key])
        return True
