"""The menu bar and the menu of exports, made from the table of commands."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from designer.actions import LINE, MENUS, Actions
from designer.export_commands import FORMS


def build_menus(actions: Actions, parent: QWidget) -> tuple[QMenuBar, QMenu, QMenu]:
    """The menu bar, its menu of files opened last (to be filled), and what can be exported."""
    bar, by_title = QMenuBar(), dict[str, QMenu]()
    for title, commands in MENUS.items():
        menu = by_title[title] = bar.addMenu(title)
        for command in commands:
            if command is LINE:
                menu.addSeparator()
            else:
                menu.addAction(actions[command.name])
    recent = QMenu("Open &recent", parent)
    by_title["&File"].insertMenu(actions["save"], recent)
    exports = QMenu(parent)
    for name in (*FORMS, "save_diagram"):
        exports.addAction(actions[name])
    return bar, recent, exports
