"""Switches of how the window looks and moves, the same in every window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from designer.services.settings import MODES
from designer.theme import Theme

if TYPE_CHECKING:
    from designer.main_window import MainWindow

ANIMATIONS = "animations"


class LookCommands(QObject):
    """Animations on and off; a switch in one window turns it in all."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._settings = window, window.settings
        window.actions_.switch(ANIMATIONS, self._settings.animations(), self._settings.set_animations)
        self._settings.changed.connect(self._changed)

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """It has switches only."""
        return {}

    def set_theme(self, theme: Theme) -> None:
        """It paints nothing."""

    def _changed(self, name: str) -> None:
        if name == ANIMATIONS:
            self._window.actions_[ANIMATIONS].setChecked(self._settings.animations())
        elif name == "look":
            for mode in MODES:
                self._window.actions_[f"look_{mode}"].setChecked(self._settings.mode() == mode)
