"""What lies over the sheet and can be put away: the map of the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from designer.canvas.painting.minimap import Minimap
from designer.theme import Theme

if TYPE_CHECKING:
    from designer.main_window import MainWindow

SWITCH = "show_minimap"
MANY = 40  # layers of a network, from which on a map helps


class ViewCommands(QObject):
    """The map stands on every network of more than forty layers, unless it was switched off."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._settings = window, window.settings
        self._canvas = window.design.canvas
        self.minimap = Minimap(self._canvas, window.themes.theme)
        self.minimap.hide()
        window.actions_.switch(SWITCH, self._settings.flag(SWITCH, True), self._switched)
        self._canvas.canvas_scene.shown.connect(self._show)
        self._settings.changed.connect(self._changed)
        self._show()

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """It has a switch only."""
        return {}

    def set_theme(self, theme: Theme) -> None:
        """Another look."""
        self.minimap.set_theme(theme)

    def _switched(self, on: bool) -> None:
        self._settings.set_flag(SWITCH, on)
        self._show()

    def _changed(self, name: str) -> None:
        """Another window may have turned the switch."""
        if name == SWITCH:
            self._window.actions_[SWITCH].setChecked(self._settings.flag(SWITCH, True))
            self._show()

    def _show(self) -> None:
        wanted = self._settings.flag(SWITCH, True) and len(self._canvas.canvas_scene.cards) > MANY
        if wanted != self.minimap.isVisibleTo(self._canvas.viewport()):
            self.minimap.setVisible(wanted)
