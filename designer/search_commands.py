"""The command palette of a window: what it lists, and what was used last."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence

from designer.actions import COMMANDS, plain_text
from designer.canvas.adding.quick_add import RECENT as LAYERS_KEPT
from designer.menus import menu_path
from designer.palette_entries import Entry
from designer.panels.command_palette import RECENT as COMMANDS_KEPT
from designer.services.settings import Settings
from designer.theme import Theme
from designer.train_settings import settings
from graph_ir import templates
from graph_ir.layers import catalogue

if TYPE_CHECKING:
    from designer.main_window import MainWindow

USED_COMMANDS, USED_LAYERS = "used_commands", "used_layers"


class SearchCommands(QObject):
    """Opens the palette, and keeps for all windows which commands and layers were used last."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._list = window.design.canvas.adder.list
        self._list.used.connect(lambda types: _remember(window.settings, USED_LAYERS, types))
        window.palette_.used.connect(lambda names: _remember(window.settings, USED_COMMANDS, names))
        window.settings.changed.connect(self._read)
        self._read(USED_LAYERS)
        self._read(USED_COMMANDS)

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """It opens the palette."""
        return {"commands": self.open}

    def set_theme(self, theme: Theme) -> None:
        """It paints nothing of its own."""

    def open(self) -> None:
        """Show everything that can be searched for."""
        self._window.palette_.open([*self._commands(), *self._templates(), *self._settings()], self._layers())

    def _read(self, name: str) -> None:
        if name == USED_LAYERS:
            known = set(catalogue()) | set(self._window.document.design.networks)
            self._list.recent = _remembered(self._window.settings, name, LAYERS_KEPT)
            self._list.recent = [type for type in self._list.recent if type in known]
        elif name == USED_COMMANDS:
            self._window.palette_.recent = _remembered(self._window.settings, name, COMMANDS_KEPT)

    def _commands(self) -> Iterator[Entry]:
        actions = self._window.actions_
        for name in COMMANDS:
            action = actions[name]
            if not action.isVisible():
                continue
            yield Entry(
                name=name,
                words=plain_text(action.text()),
                where=menu_path(name),
                act=action.trigger,
                keys=action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
                why="" if action.isEnabled() else actions.why(name) or "there is nothing to do it with",
                is_on=action.isChecked() if action.isCheckable() else None,
            )

    def _templates(self) -> Iterator[Entry]:
        for template in templates.gallery():
            yield Entry(
                name=f"template {template.name}",
                words=f"New from template: {template.title}",
                where=f"{template.name}, {template.group}",
                act=lambda name=template.name: self._window.files.new_from(name),  # type: ignore[misc]  # the default binds the loop variable
                always=False,
            )

    def _settings(self) -> Iterator[Entry]:
        for path, title, _, help, _ in settings():
            yield Entry(
                name=f"setting {title}",
                words=f"Training: {title}",
                where=help,
                act=lambda path=path: self._go_to_setting(path),  # type: ignore[misc]  # the default binds the loop variable
                always=False,
            )

    def _go_to_setting(self, path: tuple[str, ...]) -> None:
        self._window.show_page(1)
        self._window.train.focus_setting(path)

    def _layers(self) -> list[Entry]:
        """The layers of the network on show, and from inside a block those of the whole model."""
        canvas = self._window.design.canvas
        found = [
            self._layer(id, node.type, False) for id in canvas.graph.ids() if (node := canvas.graph.node(id))
        ]
        if canvas.network:
            top = self._window.document.design.top
            found += [self._layer(id, top.node(id).type, True) for id in top.ids()]
        return found

    def _layer(self, id: str, type: str, from_top: bool) -> Entry:
        return Entry(
            name=f"layer {id}",
            words=f"{id}  {type}",
            where="in the whole model" if from_top else "",
            act=lambda: self._go_to_layer(id, from_top),
        )

    def _go_to_layer(self, id: str, from_top: bool) -> None:
        canvas = self._window.design.canvas
        self._window.show_page(0)
        if from_top:
            canvas.trail.leave(0)
        canvas.select([id], reveal=True)
        canvas.setFocus()


def _remember(settings: Settings, name: str, used: list[str]) -> None:
    settings.set_text(name, json.dumps(used))


def _remembered(settings: Settings, name: str, most: int) -> list[str]:
    """What was used last; whatever a hand wrote there that is no list of words counts as nothing."""
    try:
        found = json.loads(settings.text(name) or "[]")
    except (ValueError, RecursionError):
        return []
    return [each for each in found if isinstance(each, str)][:most] if isinstance(found, list) else []
