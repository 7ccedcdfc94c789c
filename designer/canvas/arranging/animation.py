"""Layers that glide to their new places: on the view only, the design is there at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QVariantAnimation

from designer.canvas.arranging.places import Places

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

LASTS = 140  # milliseconds
MOST = 400  # layers that move at once; more would not be fluent
ENDS_IT = (QEvent.Type.MouseButtonPress, QEvent.Type.DragEnter)


class Glider(QObject):
    """Shows cards on their way from where they were to where they are. Off until somebody switches it on."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.on = False
        self._canvas = canvas
        self._before: Places = {}
        self._after: Places = {}
        self._is_held = False
        self._clock = QVariantAnimation(self, startValue=0.0, endValue=1.0, duration=LASTS)
        self._clock.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._clock.valueChanged.connect(self._show)
        self._clock.finished.connect(self._arrived)
        canvas.viewport().installEventFilter(self)

    @property
    def is_gliding(self) -> bool:
        """Whether layers are on their way."""
        return self._clock.state() == QVariantAnimation.State.Running

    def seen(self, names: Collection[str]) -> Places:
        """Where layers are seen just now; none where nothing would glide."""
        if not self.on or len(names) > MOST:
            return {}
        cards = self._canvas.canvas_scene.cards
        return {name: cards[name].rect()[:2] for name in names if name in cards}

    def glide(self, before: Mapping[str, tuple[float, float]]) -> None:
        """From where they were seen `before` to where they stand now."""
        self._clock.stop()
        cards = self._canvas.canvas_scene.cards
        after = {name: cards[name].view.position for name in before if name in cards}
        self._after = {name: place for name, place in after.items() if place != before[name]}
        self._before = {name: before[name] for name in self._after}
        if not self._is_held:
            self._set_out()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Set out at the end: until then everything is seen where it belongs."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
            self._set_out()

    def _set_out(self) -> None:
        if self._after:
            self._show(0.0)
            self._clock.start()

    def finish(self) -> None:
        """Be there at once."""
        if self.is_gliding:
            self._clock.stop()
            self._arrived()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is taken hold of stands where it belongs."""
        if event.type() in ENDS_IT:
            self.finish()
        return super().eventFilter(watched, event)

    def _show(self, share: float) -> None:
        places = {
            name: (x + (self._after[name][0] - x) * share, y + (self._after[name][1] - y) * share)
            for name, (x, y) in self._before.items()
        }
        self._canvas.canvas_scene.slide_to(places)

    def _arrived(self) -> None:
        self._before, self._after = {}, {}
        self._canvas.dress()
