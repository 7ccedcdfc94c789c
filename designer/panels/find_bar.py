"""Find: a bar over the canvas that finds layers by text, type, shape, cost or field, also inside blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.panels.outline_model import layer_words
from designer.panels.widgets import plain_label, plain_tip, set_property
from designer.search_places import Place
from designer.search_query import EXAMPLES, BadQuery, parse, search
from designer.theme import Theme, category_icon, icon

WIDTH, ROWS, ROW, LISTED, MARGIN, LEAST = 400, 7, 26, 100, 10, 220
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FindBar(QFrame):
    """Enter goes to the next hit, Shift+Enter to the one before, Alt+Enter selects them all, Esc closes."""

    wanted = Signal(object)  # Place: go there
    all_wanted = Signal(list)  # Places: select those that can be
    closed = Signal()

    def __init__(self, parent: QWidget, theme: Theme, look: Callable[[], Sequence[Place]]) -> None:
        super().__init__(parent)
        self._within, self._theme, self._look = parent, theme, look
        self._places: Sequence[Place] = ()
        self.hits: list[Place] = []
        self.at = -1
        self.setProperty("popup", True)
        self.setAutoFillBackground(True)
        self.setAccessibleName("Find in the design")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find layers: conv, C=512, params>1M …")
        self.field.setAccessibleName("Find layers")
        self.field.setClearButtonEnabled(True)
        self.count = plain_label("", quiet=True)
        self.sentence = plain_label("", wrap=True)
        self.list = QListWidget()
        self.help = self._help()
        self._buttons = [
            self._button("chevron-up", "Previous hit (Shift+Enter)", lambda: self.step(-1)),
            self._button("chevron-down", "Next hit (Enter)", lambda: self.step(1)),
            self._button("x", "Close (Esc)", self.close_bar),
        ]
        self._lay_out()
        self.set_theme(theme)
        self.field.textChanged.connect(lambda _text: self.refresh())
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(lambda item: self._go(self.list.row(item)))
        self.hide()

    def _lay_out(self) -> None:
        self.list.setAccessibleName("Layers found")
        self.list.setUniformItemSizes(True)
        self.list.setIconSize(QSize(16, 16))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.field, 1)
        head.addWidget(self.count)
        for button in self._buttons:
            head.addWidget(button)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 8)
        box.setSpacing(6)
        box.addLayout(head)
        for part in (self.sentence, self.list, self.help):
            box.addWidget(part)
        self.setFixedWidth(WIDTH)

    def _help(self) -> QWidget:
        made = QWidget()
        grid = QGridLayout(made)
        grid.setContentsMargins(4, 2, 4, 2)
        grid.setVerticalSpacing(3)
        grid.setHorizontalSpacing(14)
        for row, (query, words) in enumerate(EXAMPLES):
            grid.addWidget(plain_label(query, mono=True), row, 0)
            grid.addWidget(plain_label(words, quiet=True, small=True, wrap=True), row, 1)
        grid.setColumnStretch(1, 1)
        return made

    def _button(self, name: str, words: str, act: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setProperty("icon_name", name)
        button.setAccessibleName(words)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        plain_tip(button, words)
        button.clicked.connect(lambda _on=False: act())
        return button

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme, self._glyphs = theme, dict[str, QIcon]()
        for button in self._buttons:
            button.setIcon(icon(theme, str(button.property("icon_name"))))
        self._fill()

    # Opening

    def open(self) -> None:
        """Show the bar with what was looked for last."""
        self._places = self._look()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self.refresh()

    def close_bar(self) -> None:
        """Away."""
        self.hide()
        self.closed.emit()

    def design_changed(self) -> None:
        """The layers are others: look again where the bar is seen."""
        if self.isVisible():
            self._places = self._look()
            self.refresh()

    def stay(self) -> None:
        """In the upper right corner of the canvas."""
        self.setFixedWidth(max(LEAST, min(WIDTH, self._within.width() - 2 * MARGIN)))
        self.move(max(MARGIN, self._within.width() - self.width() - MARGIN), MARGIN)

    # Hits

    def refresh(self) -> None:
        """Find what the field asks for, now."""
        before = self.hits[self.at] if 0 <= self.at < len(self.hits) else None
        sentence = ""
        self.hits = []
        try:
            query = parse(self.field.text(), _field_names(self._places))
            found = search(query, [place.subject for place in self._places])
            self.hits = [self._places[number] for number in found]
        except BadQuery as error:
            sentence = str(error)
        asked = bool(self.field.text().strip())
        if asked and not sentence and not self.hits:
            sentence = "No layer of this design or of its blocks is like that."
        same = (
            n for n, hit in enumerate(self.hits) if before and (hit.uses, hit.id) == (before.uses, before.id)
        )
        self.at = next(same, -1)
        self.sentence.setText(sentence)
        set_property(self.field, "invalid", bool(sentence) and not self.hits)
        set_property(self.sentence, "severity", "error" if sentence else None)
        self.sentence.setVisible(bool(sentence))
        self.help.setVisible(not asked)
        self._fill()

    def _fill(self) -> None:
        self.list.clear()
        for hit in self.hits[:LISTED]:
            entry = hit.subject.entry
            item = QListWidgetItem(" ▸ ".join([*hit.uses, layer_words(entry)]))
            if entry.layer is not None:
                item.setIcon(self._glyph(entry.layer.spec.category.key))
            self.list.addItem(item)
        self.list.setVisible(bool(self.hits))
        self.list.setFixedHeight(ROW * min(ROWS, len(self.hits)) + 6)
        self._say_count()
        self.adjustSize()
        self.stay()

    def _glyph(self, category: str) -> QIcon:
        if category not in self._glyphs:
            self._glyphs[category] = category_icon(self._theme, category)
        return self._glyphs[category]

    def _say_count(self) -> None:
        count = len(self.hits)
        many = f"{count:,} {'layer' if count == 1 else 'layers'}"
        self.count.setText(f"{self.at + 1:,} of {count:,}" if self.at >= 0 else many if count else "")
        for button in self._buttons[:2]:
            button.setEnabled(bool(count))
        if 0 <= self.at < LISTED:
            self.list.setCurrentRow(self.at)

    def step(self, by: int) -> None:
        """Go to the next hit (1) or the one before (-1), round and round."""
        if self.hits:
            start = self.at if self.at >= 0 or by < 0 else -1
            self._go((start + by) % len(self.hits) if self.at >= 0 or by > 0 else len(self.hits) - 1)

    def _go(self, number: int) -> None:
        self.at = number
        self._say_count()
        self.wanted.emit(self.hits[number])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the field that walk the hits."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key, held = event.key(), event.modifiers()
        if key == Qt.Key.Key_Escape:
            self.close_bar()
        elif key in ENTER and held & Qt.KeyboardModifier.AltModifier:
            self.all_wanted.emit(list(self.hits))
        elif key in ENTER:
            self.step(-1 if held & Qt.KeyboardModifier.ShiftModifier else 1)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.step(1 if key == Qt.Key.Key_Down else -1)
        else:
            return False
        return True

    def words(self) -> str:
        """What is said beside the hits."""
        return "\n".join(label.text() for label in self.findChildren(QLabel) if label.isVisibleTo(self))


def _field_names(places: Sequence[Place]) -> set[str]:
    """What uses of blocks give their blocks can be asked for like fields."""
    given = (place.subject.entry.node.values.get("parameters") for place in places)
    return {name for each in given if isinstance(each, dict) for name in each}
