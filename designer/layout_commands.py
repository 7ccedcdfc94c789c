"""What the commands that lay a network out do, and whether layers glide to their new places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from designer.canvas.adding.adding import positions_of
from designer.canvas.arranging.free_spots import free_shift
from designer.canvas.arranging.places import Places, chips, links, tidy
from designer.canvas.views import Rect
from designer.graphviz_layout import arrange_with_graphviz
from designer.look_commands import ANIMATIONS
from designer.services.background import Job, in_background
from designer.services.files import Failed
from designer.theme import Theme

if TYPE_CHECKING:
    from designer.main_window import MainWindow


class LayoutCommands(QObject):
    """Lays out all of the network on show, or what is selected; each is one step that can be undone."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._canvas = window, window.design.canvas
        self._canvas.glider.on = window.settings.animations()
        window.settings.changed.connect(self._changed)
        self._job: Job | None = None

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """What each command does."""
        return {"tidy": self.tidy, "tidy_selection": self.tidy_selection, "tidy_dot": self.tidy_dot}

    def set_theme(self, theme: Theme) -> None:
        """It paints nothing."""

    def _changed(self, name: str) -> None:
        if name == ANIMATIONS:
            self._canvas.glider.on = self._window.settings.animations()

    def tidy(self) -> None:
        """Lay the network out anew and show all of it."""
        self._put(self._tidied(positions_of(self._canvas)))

    def _tidied(self, known: Places, only: list[str] | None = None) -> Places:
        canvas = self._canvas
        sizes, design = canvas.canvas_scene.theme.sizes, canvas.document.design
        return tidy(design, canvas.report, sizes, canvas.network, only=only, known=known)

    def _put(self, places: Places, *, show_all: bool = True) -> None:
        canvas = self._canvas
        with canvas.glider.held(), canvas.document.one_step("Tidy"):
            canvas.put_layers(places)
            if show_all:
                canvas.fit_all()

    def tidy_selection(self) -> None:
        """Lay out the selected layers only: about where they are, beside all others."""
        canvas = self._canvas
        chosen = [name for name in canvas.selected() if name in canvas.canvas_scene.cards]
        if len(chosen) < 2:
            self._say("Select two or more cards to lay out; a chip stands beside its loss.")
            return
        known, grid = positions_of(canvas), canvas.canvas_scene.theme.sizes.grid
        found = self._tidied({name: known[name] for name in chosen}, chosen)
        before, after = ([self._with_chip(name, places) for name in chosen] for places in (known, found))
        dx = _nearest(_middle(before) - _middle(after), grid)
        dy = _nearest(min(rect.y for rect in before) - min(rect.y for rect in after), grid)
        moving = [rect._replace(x=rect.x + dx, y=rect.y + dy) for rect in after]
        others = [self._with_chip(name, known) for name in canvas.canvas_scene.cards if name not in chosen]
        aside = free_shift(moving, others, grid)
        dx, dy = dx + aside[0], dy + aside[1]
        self._put({name: (x + dx, y + dy) for name, (x, y) in found.items()}, show_all=False)

    def _with_chip(self, name: str, places: Places) -> Rect:
        """What a layer takes at its place, the chip beside it included."""
        scene = self._canvas.canvas_scene
        card, chip = scene.cards[name].rect(), scene.chips.get(name)
        width = chip.rect().right - card.x if chip is not None else card.width
        return Rect(*places[name], width, card.height)

    def tidy_dot(self) -> None:
        """Let Graphviz lay the network out, in a thread; a design that has changed by then is left alone."""
        canvas, document = self._canvas, self._canvas.document
        sizes, cards = canvas.canvas_scene.theme.sizes, list(canvas.canvas_scene.cards)
        widths = {name: self._with_chip(name, positions_of(canvas)).width for name in cards}
        wires = links(canvas.graph, cards)
        owners = {part: chip.loss for chip in chips(canvas.graph, canvas.report) for part, _ in chip.parts}
        design, changes, network = document.design, document.changes, canvas.network

        def arrived(places: Places) -> None:
            if document.design is not design or (document.changes, canvas.network) != (changes, network):
                self._say("The network was changed while Graphviz laid it out; nothing was moved.")
                return
            beside = {part: places[loss] for part, loss in owners.items()}
            self._put(places | {part: (x + sizes.column_pitch, y) for part, (x, y) in beside.items()})
            self._say("Laid out by Graphviz.")

        if self._job is not None:
            self._job.drop()
        self._job = in_background(
            lambda: arrange_with_graphviz(widths, wires, sizes), arrived, self._graphviz_failed
        )

    def _graphviz_failed(self, error: Exception) -> None:
        if not isinstance(error, Failed):
            raise error
        self._say(str(error))

    def _say(self, words: str) -> None:
        self._window.status.say(words)


def _middle(rects: list[Rect]) -> float:
    return (min(rect.x for rect in rects) + max(rect.right for rect in rects)) / 2


def _nearest(pixels: float, grid: float) -> float:
    return round(pixels / grid) * grid
