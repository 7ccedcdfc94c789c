"""The menu bar and the menu of exports, made from the table of commands."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from designer.actions import LINE, MENUS, Actions, menu_of, plain_text
from designer.export_commands import FORMS

# What stands together in a menu of its own, at the place of its first command.
SUBMENUS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "&Align": (
            *("align_left", "align_centre", "align_right", "align_top", "align_middle", "align_bottom"),
            *("distribute_across", "distribute_down"),
        ),
        "&Zoom": ("zoom_in", "zoom_out", "zoom_reset", "fit", "fit_selection"),
        "&Colour by": (
            *("overlay_none", "overlay_parameters", "overlay_macs"),
            *("overlay_memory", "overlay_receptive"),
        ),
        "&Panels": (
            *("next_panel", "show_palette", "show_inspector", "show_bottom"),
            *("show_outline", "show_minimap"),
        ),
        "&Look": ("look_light", "look_dark", "look_system", "animations"),
    }
)


def build_menus(actions: Actions, parent: QWidget) -> tuple[QMenuBar, QMenu, QMenu]:
    """The menu bar, its menu of files opened last (to be filled), and what can be exported."""
    bar, by_title = QMenuBar(), dict[str, QMenu]()
    for title, commands in MENUS.items():
        menu = by_title[title] = bar.addMenu(title)
        menu.setToolTipsVisible(True)  # they say why a command can't be done
        for command in commands:
            if command is LINE:
                menu.addSeparator()
                continue
            within = submenu_of(command.name)
            if within and within not in by_title:
                by_title[within] = menu.addMenu(within)
                by_title[within].setToolTipsVisible(True)
            by_title.get(within, menu).addAction(actions[command.name])
    recent = QMenu("Open &recent", parent)
    by_title["&File"].insertMenu(actions["save"], recent)
    exports = QMenu(parent)
    for name in (*FORMS, "save_diagram"):
        exports.addAction(actions[name])
    return bar, recent, exports


def submenu_of(name: str) -> str:
    """The menu within a menu that a command stands in; empty for none."""
    return next((title for title, names in SUBMENUS.items() if name in names), "")


def menu_path(name: str) -> str:
    """Where a command is found: "View › Zoom"."""
    within = submenu_of(name)
    return f"{menu_of(name)} › {plain_text(within)}" if within else menu_of(name)
