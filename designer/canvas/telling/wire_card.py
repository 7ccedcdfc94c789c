"""The card beside a wire that the mouse rests on: its axes by name, and what it takes in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt, QTimer
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout

from designer.canvas.shown import wire_of
from designer.canvas.telling.sample_view import SampleView, sample_words
from designer.canvas.telling.wire_facts import WireFacts, wire_facts
from designer.canvas.words import short
from designer.panels.widgets import plain_label, rule
from designer.services.samples import Samples

if TYPE_CHECKING:
    from designer.canvas.stock import WireKey
    from designer.canvas.view import Canvas

RESTS_MS = 300
REACH = 5.0  # pixels of the window
AWAY = QPoint(18, 14)
WIDEST = 420


class WireCard(QFrame):
    """Comes where the mouse rests, goes when it moves on; never in the way of the mouse."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas.viewport())
        self._canvas = canvas
        self._key: WireKey | None = None
        self._spot = QPoint()
        self.setProperty("popup", True)
        self.setAutoFillBackground(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setMaximumWidth(WIDEST)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(12, 8, 12, 10)
        self._box.setSpacing(4)
        self._timer = QTimer(self, singleShot=True, interval=RESTS_MS)
        self._timer.timeout.connect(self._show)
        self._samples: Samples | None = None
        self.hide()

    def use(self, samples: Samples) -> None:
        """Ask there what a real sample is on a wire."""
        self._samples = samples
        samples.changed.connect(self._again)

    def _again(self) -> None:
        """There is more to say than when the card came."""
        if not self.isHidden():
            self._show()

    def point_at(self, place: QPointF, spot: QPoint) -> None:
        """The mouse is here, with no button down."""
        scene = self._canvas.canvas_scene
        over_layer = scene.card_at(place) is not None
        item = None if over_layer else scene.wire_at(place, REACH / self._canvas.zoom)
        key = item.view.key if item is not None else None
        self._spot = spot
        if key != self._key:
            self.leave()
            self._key = key
        if key is not None and self.isHidden():
            self._timer.start()

    def leave(self) -> None:
        """The mouse does something else."""
        self._timer.stop()
        self._key = None
        self.hide()

    def _show(self) -> None:
        canvas, key = self._canvas, self._key
        item = canvas.canvas_scene.wires.get(key) if key is not None else None
        if key is None or item is None or canvas.hand.is_busy or canvas.adder.list.isVisible():
            return
        self.hide()  # what is added to a card on show would have no size yet
        self._fill(wire_facts(canvas.document.design, canvas.report, wire_of(key), item.view.note))
        self._add_sample(*key[0])
        self._box.activate()
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()

    def _place(self) -> None:
        """Beside the mouse, inside the canvas, on the side where there is room."""
        room = self._canvas.viewport().rect().adjusted(4, 4, -4, -4)
        area = QRect(self._spot + AWAY, QSize(self.width(), self.height()))
        beside = self._free_of_layers()
        area.moveLeft(max(area.x(), beside.right() + AWAY.x()))
        if area.right() > room.right():
            area.moveRight(min(self._spot.x() - AWAY.x(), beside.left() - AWAY.x()))
        if area.bottom() > room.bottom():
            area.moveBottom(self._spot.y() - AWAY.y())
        x = max(room.left(), min(area.x(), room.right() - area.width()))
        y = max(room.top(), min(area.y(), room.bottom() - area.height()))
        self.move(x, y)

    def _free_of_layers(self) -> QRect:
        """The column of the layers that the wire joins, where the mouse is in it."""
        canvas = self._canvas
        ends = {end[0] for end in self._key or ()} & canvas.canvas_scene.cards.keys()
        found = QRect(self._spot, QSize(1, 1))
        for area in map(canvas.area_in_window, ends):
            if area.left() <= self._spot.x() <= area.right():
                found = found.united(area)
        return found

    def _fill(self, facts: WireFacts) -> None:
        while (item := self._box.takeAt(0)) is not None:
            widget, inner = item.widget(), item.layout()
            if widget is not None:
                widget.deleteLater()
            while inner is not None and (cell := inner.takeAt(0)) is not None:
                if (label := cell.widget()) is not None:
                    label.deleteLater()
        self._box.addWidget(plain_label(facts.title, section=True, wrap=True))
        if facts.axes:
            self._box.addLayout(self._axes(facts))
        for words in (facts.dtype, *facts.memory):
            if words:
                self._box.addWidget(plain_label(words, quiet=True, small=True))
        if facts.problem:
            self._box.addWidget(
                plain_label(facts.problem, wrap=True, severity="error" if facts.axes else None)
            )

    def _add_sample(self, layer: str, port: str) -> None:
        """What one real sample is there, after a run of this very design."""
        if self._samples is None or self._canvas.network:
            return
        told = self._samples.told()
        if not told.run:
            return
        self._box.addWidget(rule())
        if told.is_coming or told.trouble:
            words = told.trouble or "A sample of the last run is on its way …"
            self._box.addWidget(plain_label(words, quiet=True, small=True, wrap=True))
            return
        here = told.values.get(layer, {}).get(port)
        if here is None:
            self._box.addWidget(plain_label("The last run computes nothing here.", quiet=True, small=True))
            return
        self._box.addWidget(plain_label(f"One test sample after the run {short(told.run, 40)}", small=True))
        picture = SampleView(here, self._canvas.canvas_scene.theme)
        if not picture.is_empty:
            self._box.addWidget(picture)
        for words in sample_words(here):
            self._box.addWidget(plain_label(words, quiet=True, small=True, wrap=True))

    def _axes(self, facts: WireFacts) -> QGridLayout:
        """One row per axis: letter, size, name."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(2, 1)
        for row, axis in enumerate(facts.axes):
            cells: tuple[QLabel, ...] = (
                plain_label(axis.letter, quiet=True, mono=True),
                plain_label(axis.size, mono=True),
                plain_label(axis.name, quiet=True),
            )
            for column, cell in enumerate(cells):
                grid.addWidget(cell, row, column)
        return grid

    def text(self) -> str:
        """All that it says, for tests and screen readers."""
        return "\n".join(label.text() for label in self.findChildren(QLabel) if label.isVisibleTo(self))
