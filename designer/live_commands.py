"""What one looks a design over with: overlays and their legend, Find, the Outline, and what a screen reader is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QActionGroup

from designer.canvas.overlay import TITLES, Overlay
from designer.panels.find_bar import FindBar
from designer.panels.legend import Legend
from designer.panels.outline_model import layer_words
from designer.search_places import Place, places
from designer.theme import Theme

if TYPE_CHECKING:
    from designer.main_window import MainWindow

READABLE = 0.6
OUTLINE = "show_outline"
CALM_MS = 100


class LiveCommands(QObject):
    """Acts for the window on what is shown over and beside its canvas."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._design, self._canvas = window.design, window.design.canvas
        theme, viewport = window.themes.theme, window.design.canvas.viewport()
        self.legend = Legend(viewport, theme)
        self.bar = FindBar(viewport, theme, self._places)
        self._kinds = QActionGroup(self)
        for kind in ("none", *TITLES):
            self._kinds.addAction(window.actions_[f"overlay_{kind}"])
        window.actions_["overlay_none"].setChecked(True)
        window.actions_.switch(OUTLINE, False, self._show_outline)
        self._calm = QTimer(self, singleShot=True, interval=CALM_MS)
        self._calm.timeout.connect(self._catch_up)
        self._connect()

    def _connect(self) -> None:
        canvas, document = self._canvas, self._window.document
        canvas.moved.connect(self.legend.stay)
        canvas.moved.connect(self.bar.stay)
        canvas.trail.changed.connect(self._show_legend)
        canvas.selection_changed.connect(self._tell_selection)
        document.checked.connect(lambda _report: self._checked())
        self.legend.close_wanted.connect(lambda: self._window.actions_["overlay_none"].trigger())
        self.bar.wanted.connect(self._go)
        self.bar.all_wanted.connect(self._select)
        self.bar.closed.connect(canvas.setFocus)
        self._design.left.currentChanged.connect(lambda _tab: self._outline_shown())

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """The commands of this module."""
        overlays = {f"overlay_{kind}": lambda kind=kind: self.choose(kind) for kind in TITLES}
        return {**overlays, "overlay_none": lambda: self.choose(""), "find": self._find}

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self.legend.set_theme(theme)
        self.bar.set_theme(theme)

    # Overlays

    def choose(self, kind: str) -> None:
        """Colour the layers by this; "" takes the colours away."""
        self._window.show_page(0)
        self._canvas.heater.choose(kind)
        self._canvas.dress()
        self._show_legend()

    def _show_legend(self) -> None:
        self.legend.show_overlay(self._canvas.heater.shown if self._canvas.report.layers else Overlay())

    def _checked(self) -> None:
        if self._canvas.heater.kind or self.bar.isVisible():
            self._calm.start()

    def _catch_up(self) -> None:
        """Nothing has happened for a while: figures and hits are looked at again."""
        heater = self._canvas.heater
        if heater.is_behind(self._canvas.report):
            heater.renew(self._canvas.report)
            self._canvas.dress()
        self._show_legend()
        self.bar.design_changed()

    # Find

    def _find(self) -> None:
        self._window.show_page(0)
        self.bar.open()

    def _places(self) -> list[Place]:
        return places(self._window.document.design, self._window.document.report)

    def _go(self, place: Place) -> None:
        """Show a hit, large enough to be read."""
        self._design.show_layers(place.uses, [place.id])
        if self._canvas.zoom < READABLE:
            self._canvas.set_zoom(1.0)
            self._canvas.reveal(place.id)
        self._uncover(place.id)
        self.bar.field.setFocus()

    def _uncover(self, id: str) -> None:
        """A hit does not lie under the bar."""
        if id not in self._canvas.canvas_scene.cards:
            return
        card, bar = self._canvas.area_in_window(id), self.bar.geometry().adjusted(-16, -16, 16, 16)
        if card.intersects(bar):
            room = card.width() < bar.left()
            self._canvas.pan(
                QPoint(bar.left() - card.right(), 0) if room else QPoint(0, bar.bottom() - card.top())
            )

    def _select(self, hits: Sequence[Place]) -> None:
        """All hits of the network on show; where it has none, of the network of the first."""
        if not hits:
            return
        here = tuple(step.use for step in self._canvas.trail.steps)
        uses = here if any(hit.uses == here for hit in hits) else hits[0].uses
        ids = [hit.id for hit in hits if hit.uses == uses]
        self._design.show_layers(uses, ids)
        rest = len(hits) - len(ids)
        more = f"; {rest:,} more {'lies' if rest == 1 else 'lie'} in other networks" if rest else ""
        self._window.status.say(f"{len(ids):,} {'layer' if len(ids) == 1 else 'layers'} selected{more}.")
        self.bar.close_bar()

    # Outline and screen readers

    def _show_outline(self, on: bool) -> None:
        design = self._design
        if on:
            self._window.show_page(0)
            self._window.actions_["show_palette"].setChecked(True)
        design.left.setCurrentWidget(design.outline if on else design.palette_panel)
        if on:
            design.outline.tree.setFocus()

    def _outline_shown(self) -> None:
        self._window.actions_[OUTLINE].setChecked(self._design.left.currentWidget() is self._design.outline)

    def _tell_selection(self, ids: Sequence[str]) -> None:
        """What is selected is read out: the canvas is a picture to a screen reader."""
        layers = self._canvas.report.layers
        words = layer_words(layers[ids[0]]) if len(ids) == 1 and ids[0] in layers else ""
        if len(ids) > 1:
            words = f"{len(ids):,} layers selected"
        self._canvas.setAccessibleDescription(words)
        if words and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._canvas, words))
