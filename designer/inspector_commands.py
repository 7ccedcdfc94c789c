"""What the inspector and the window do together: common commands, words about a preview, and no value forgotten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject

from designer.canvas.ghosts import words
from designer.panels.field_editors import settle
from designer.theme import Theme

if TYPE_CHECKING:
    from designer.main_window import MainWindow


class InspectorCommands(QObject):
    """A command, or the end of the window, finds what stands in a field as if Enter had been pressed."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.design.inspector.command_wanted.connect(self._do)
        window.document.previewed.connect(lambda _preview: self._tell())
        for action in window.actions_.all.values():
            action.triggered.connect(lambda _checked=False: settle())  # connected first, done first
        window.installEventFilter(self)

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """The commands of layers are those of the canvas."""
        return {}

    def set_theme(self, theme: Theme) -> None:
        """It paints nothing."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A window that closes keeps what was typed last."""
        if watched is self._window and event.type() == QEvent.Type.Close:
            settle()
        return False

    def _do(self, command: str) -> None:
        action = self._window.actions_[command]
        if action.isVisible() and action.isEnabled():
            action.trigger()

    def _tell(self) -> None:
        """Say in the status bar what the edit that is being made would change."""
        trail = self._window.design.canvas.trail
        after = trail.previewed
        self._window.status.show_change(words(trail.report, after) if after is not None else "")
