"""The menus of the canvas: what can be done with what is selected, made from the commands of the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QMenu

from designer.canvas.gestures.deeds import change_mark
from designer.canvas.gestures.marks import Mark
from designer.canvas.views import FrameView
from designer.theme import Theme
from graph_ir.spec import Category
from graph_ir.use_words import block_of

if TYPE_CHECKING:
    from designer.main_window import MainWindow

EDITING = ("cut", "copy", "duplicate", "duplicate_wired")
ON_A_LAYER = (
    "edit_fields", "edit_label", "edit_note", "",
    *EDITING, "",
    "bypass", "hide", "take_out", "frame", "comment", "",
    "enter_block", "make_block", "make_unique", "dissolve", "",
    "delete", "delete_only",
)  # fmt: skip
ON_LAYERS = (
    *EDITING, "",
    "bypass", "hide", "take_out", "frame", "make_block", "",
    "tidy_selection", "straighten", "Align", "",
    "delete", "delete_only",
)  # fmt: skip
ALIGNING = (
    "align_left", "align_centre", "align_right", "",
    "align_top", "align_middle", "align_bottom", "",
    "distribute_across", "distribute_down",
)  # fmt: skip
ON_A_WIRE = ("insert_here", "", "add_bend", "straighten", "", "disconnect")
ON_A_FRAME = ("edit_mark", "Colour", "", *EDITING[:3], "", "delete")
ON_A_COMMENT = ("edit_mark", "", *EDITING[:3], "", "delete")
FOR_USES = ("enter_block", "make_unique", "dissolve")
SWATCH = 14


class ContextMenus(QObject):
    """One menu, filled anew when it is opened; commands that can do nothing with the selection are left out."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._canvas = window, window.design.canvas
        self.menu = QMenu(window)
        self.menu.setObjectName("of the selection")
        self._more: list[QMenu] = []
        self._canvas.menu_wanted.connect(self.open)

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """The menu has a key as well."""
        return {"menu": self.open_at_selection}

    def set_theme(self, theme: Theme) -> None:
        """The colours of frames are painted when the menu is opened."""

    def open_at_selection(self) -> None:
        """Open it beside what is selected."""
        canvas = self._canvas
        thing = next(reversed(canvas.things()), None)
        area = None if thing is None else canvas.area(thing)
        spot = canvas.viewport().rect().center()
        if area is not None:
            spot = canvas.mapFromScene(area.x + area.width / 2, area.y + area.height / 2)
        elif not canvas.chosen_wires():
            self._window.status.say("Select something first: its menu opens beside it.")
            return
        self.open(canvas.viewport().mapToGlobal(spot))

    def open(self, at: QPoint) -> None:
        """Open it at a place of the screen."""
        self.menu.clear()
        for menu in self._more:
            menu.deleteLater()
        self._more = []
        self._fill(self.menu, self._names())
        self.menu.popup(at)

    def _names(self) -> Sequence[str]:
        canvas = self._canvas
        layers, marks = canvas.selected(), canvas.marks.chosen()
        if canvas.chosen_wires():
            return ON_A_WIRE
        if len(layers) + len(marks) > 1:
            return ON_LAYERS
        if marks:
            return ON_A_FRAME if marks[0].kind == "frame" else ON_A_COMMENT
        graph = canvas.graph
        is_use = any(name in graph and block_of(graph.node(name)) for name in layers)
        return [name for name in ON_A_LAYER if is_use or name not in FOR_USES]

    def _fill(self, menu: QMenu, names: Sequence[str]) -> None:
        for name in names:
            if not name:
                menu.addSeparator()
            elif name == "Align":
                self._fill(self._submenu(menu, "Alig&n and distribute"), ALIGNING)
            elif name == "Colour":
                self._colours(self._submenu(menu, "&Colour"))
            elif (action := self._window.actions_[name]).isVisible():
                menu.addAction(action)

    def _submenu(self, menu: QMenu, title: str) -> QMenu:
        more = menu.addMenu(title)
        self._more.append(more)
        return more

    def _colours(self, menu: QMenu) -> None:
        """The colours of the categories, by their names, and none."""
        mark = self._canvas.marks.chosen()[0]
        view = self._canvas.marks.views()[mark]
        has = view.colour if isinstance(view, FrameView) else ""
        theme = self._canvas.canvas_scene.theme
        for key, words in (("", "None"), *((category.key, category.value) for category in Category)):
            swatch = QPixmap(SWATCH, SWATCH)
            swatch.fill(theme.category_colour(key) if key else theme.colour("edge"))
            action = menu.addAction(QIcon(swatch), words)
            action.setCheckable(True)
            action.setChecked(key == has)
            action.triggered.connect(lambda _on=False, mark=mark, key=key: self._paint(mark, key))

    def _paint(self, mark: Mark, key: str) -> None:
        if mark in self._canvas.marks.views():
            change_mark(self._canvas, mark, colour=key)
