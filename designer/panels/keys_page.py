"""Keys and mouse: made from the table of commands, so that it is never out of date; here keys are changed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.actions import COMMANDS, LINE, MENUS, Actions, plain_text
from designer.keymap import CANVAS_KEYS, PRESETS, Keymap
from designer.panels.key_rows import FixedRow, KeyRow, Line
from designer.panels.widgets import Choice, plain_label
from designer.theme import Theme, icon

WIDTH, HEIGHT, TOP = 720, 760, 56
OWN_KEYS = "Your own"


class KeysPage(QFrame):
    """Floats on the window; Esc closes it. A change counts at once, in every window."""

    def __init__(self, parent: QWidget, theme: Theme, actions: Actions, keymap: Keymap) -> None:
        super().__init__(parent)
        self._within, self._actions, self._keymap = parent, actions, keymap
        self._wanted: tuple[str, str] | None = None
        self.setProperty("popup", True)
        self.setAutoFillBackground(True)
        self.setAccessibleName("Keys and mouse")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find a command or a key")
        self.field.setAccessibleName("Find a command or a key")
        self.field.setClearButtonEnabled(True)
        self.presets = Choice()
        self.presets.setAccessibleName("Keys as in")
        self.presets.addItems([*PRESETS, OWN_KEYS])
        self.reset_all = QPushButton("Reset all")
        self.close_button = QToolButton()
        self.close_button.setAccessibleName("Close")
        self.rows: dict[str, KeyRow] = {}
        self._fixed: list[FixedRow] = []
        self._titles: dict[QWidget, list[Line]] = {}
        self._lay_out()
        self.field.textChanged.connect(lambda _text: self._filter())
        self.presets.textActivated.connect(self._use)
        self.reset_all.clicked.connect(keymap.reset_all)
        self.close_button.clicked.connect(self.hide)
        keymap.changed.connect(self.refresh)
        parent.installEventFilter(self)
        self.set_theme(theme)
        self.hide()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(plain_label("Keys and mouse", heading=True))
        head.addStretch(1)
        head.addWidget(plain_label("Keys as in", quiet=True))
        head.addWidget(self.presets)
        head.addWidget(self.reset_all)
        head.addWidget(self.close_button)
        page = QWidget()
        self._list = QVBoxLayout(page)
        self._list.setContentsMargins(0, 0, 10, 0)
        self._list.setSpacing(0)
        self.nothing = plain_label("No command or key of that name.", wrap=True, quiet=True)
        self._fill()
        self._list.addWidget(self.nothing)
        self._list.addStretch(1)
        self.area = QScrollArea()
        self.area.setAccessibleName("Commands and their keys")
        self.area.setWidget(page)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 14, 14, 16)
        box.setSpacing(10)
        box.addLayout(head)
        box.addWidget(self.field)
        box.addWidget(self._banner())
        box.addWidget(self.area, 1)

    def _banner(self) -> QWidget:
        """What is said of a key that somebody else has."""
        self.banner = QFrame()
        self.banner.setProperty("banner", True)
        self.banner.setProperty("severity", "warning")
        self.said = plain_label("", wrap=True)
        self.take = QPushButton("Take it over")
        self.keep = QPushButton("Keep it")
        row = QHBoxLayout(self.banner)
        row.addWidget(self.said, 1)
        for button in (self.take, self.keep):
            row.addWidget(button)
        self.take.clicked.connect(self._take_over)
        self.keep.clicked.connect(self._quiet)
        self.banner.hide()
        return self.banner

    def _fill(self) -> None:
        for title, commands in MENUS.items():
            names = [c.name for c in commands if c is not LINE and self._actions[c.name].isVisible()]
            for name in names:
                row = KeyRow(name, plain_text(COMMANDS[name].text))
                row.key_wanted.connect(partial(self._ask_for, name))
                row.reset.clicked.connect(partial(self._keymap.reset, name))
                self.rows[name] = row
            self._section(plain_text(title), [self.rows[name] for name in names])
        self._fixed = [FixedRow(keys, does) for keys, does in CANVAS_KEYS]
        self._section("On the canvas, always", list(self._fixed))
        self.refresh()

    def _section(self, title: str, rows: list[Line]) -> None:
        label = plain_label(title, section=True)
        label.setContentsMargins(0, 12, 0, 4)
        self._list.addWidget(label)
        for row in rows:
            self._list.addWidget(row)
        self._titles[label] = rows

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self.close_button.setIcon(icon(theme, "x"))

    def open(self) -> None:
        """Show it in the middle of the window."""
        self._place()
        self.field.clear()
        self._quiet()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def refresh(self) -> None:
        """Read the keys again."""
        for name, row in self.rows.items():
            row.show_keys(self._keymap.keys(name), self._keymap.is_changed(name))
        self.presets.setCurrentText(self._keymap.preset or OWN_KEYS)
        self.reset_all.setEnabled(any(self._keymap.is_changed(name) for name in COMMANDS))
        self._filter()

    def _filter(self) -> None:
        words = self.field.text().casefold().split()
        lines: list[Line] = [*self.rows.values(), *self._fixed]
        for row in lines:
            row.setVisible(all(word in row.words.casefold() for word in words))
        for label, rows in self._titles.items():
            label.setVisible(any(not row.isHidden() for row in rows))
        self.nothing.setVisible(all(label.isHidden() for label in self._titles))

    def _use(self, name: str) -> None:
        if name in PRESETS:
            self._keymap.use(name)
        self.refresh()

    def _ask_for(self, name: str, key: str) -> None:
        """A key was pressed for a command; one that is another's is asked about."""
        self._quiet()
        if not key:
            self._keymap.take_away(name)
            return
        reason, holder = self._keymap.reason_against(name, key), self._keymap.holder(name, key)
        if reason:
            self._say(reason, asks=False)
        elif holder:
            words, other = plain_text(COMMANDS[name].text), plain_text(COMMANDS[holder].text)
            self._wanted = (name, key)
            self._say(f"{key} does “{other}” now. Shall it do “{words}” instead?", asks=True)
        else:
            self._keymap.give(name, key)

    def _say(self, sentence: str, *, asks: bool) -> None:
        self.said.setText(sentence)
        self.take.setVisible(asks)
        self.keep.setText("Keep it" if asks else "All right")
        self.banner.show()
        (self.take if asks else self.keep).setFocus(Qt.FocusReason.PopupFocusReason)

    def _take_over(self) -> None:
        wanted = self._wanted
        self._quiet()
        if wanted is not None:
            self._keymap.give(*wanted)

    def _quiet(self) -> None:
        self._wanted = None
        self.banner.hide()

    def _place(self) -> None:
        room = self._within.rect()
        width, height = min(WIDTH, room.width() - 40), min(HEIGHT, room.height() - TOP - 24)
        self.setGeometry((room.width() - width) // 2, TOP, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the place when the window changes."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)
