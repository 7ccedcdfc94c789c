"""Pictures of cards, pills and chips, each painted once for a zoom; at another zoom the old one does for a moment."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from time import perf_counter
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

LIMIT = 96 * 2**20  # bytes of pictures that are kept
LARGEST = 4 * 2**20  # pixels of one picture: what would be larger is painted directly, if at all


class Scale(NamedTuple):
    """How large something is painted: the zoom, and the pixels of the screen to a point of the window."""

    zoom: float
    ratio: float

    @property
    def pixels(self) -> float:
        """Pixels of the screen to a pixel of the sheet."""
        return self.zoom * self.ratio


class Picture(NamedTuple):
    """A painted thing: `rim` is how many pixels of the screen lie left of and above its own corner."""

    pixmap: QPixmap
    scale: Scale
    rim: int

    def draw(self, painter: QPainter, at: QPointF, zoom: float) -> None:
        """With its corner at a point of the window; scaled where it was painted for another zoom."""
        grown, rim = zoom / self.scale.zoom, self.rim / self.scale.ratio
        if grown == 1:
            painter.drawPixmap(QPointF(at.x() - rim, at.y() - rim), self.pixmap)
            return
        size = self.pixmap.deviceIndependentSize() * grown
        corner = QPointF(at.x() - rim * grown, at.y() - rim * grown)
        painter.drawPixmap(
            QRectF(corner, size), self.pixmap, QRectF(0, 0, self.pixmap.width(), self.pixmap.height())
        )


class Pictures:
    """Keeps pictures by what they show and their scale, the least used go first.

    A frame that must be quick says until when new ones may be painted (`begin`); what has to wait is drawn from a
    picture of another zoom, or not at all, and `waits` says that another frame is wanted.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit, self._bytes = limit, 0
        self._kept: OrderedDict[tuple[Hashable, Scale], Picture] = OrderedDict()
        self._newest: dict[Hashable, Scale] = {}
        self._until = math.inf
        self._painted = 0
        self.waits = False

    @property
    def bytes(self) -> int:
        """What the kept pictures take."""
        return self._bytes

    def begin(self, until: float = math.inf) -> None:
        """A new frame: after that moment (of `perf_counter`) it paints no new picture, but always one."""
        self._until, self._painted, self.waits = until, 0, False

    def clear(self) -> None:
        """Forget all: everything looks different now."""
        self._kept.clear()
        self._newest.clear()
        self._bytes = 0

    def take(
        self,
        key: Hashable,
        scale: Scale,
        size: tuple[float, float],
        rim: float,
        paint: Callable[[QPainter], None],
    ) -> Picture | None:
        """The picture of what `key` names; `paint` paints it in pixels of the sheet, its corner at (0, 0)."""
        found = self._kept.get((key, scale))
        if found is not None:
            self._kept.move_to_end((key, scale))
            return found
        if self._painted and perf_counter() > self._until:
            self.waits = True
            older = self._newest.get(key)
            return self._kept[key, older] if older is not None else None
        self._painted += 1
        made = _painted(scale, size, rim, paint)
        self._keep(key, made)
        return made

    def _keep(self, key: Hashable, made: Picture) -> None:
        self._kept[key, made.scale] = made
        self._newest[key] = made.scale
        self._bytes += _bytes(made)
        while self._bytes > self._limit and len(self._kept) > 1:
            (old_key, old_scale), old = self._kept.popitem(last=False)
            self._bytes -= _bytes(old)
            if self._newest.get(old_key) == old_scale:
                del self._newest[old_key]


def _painted(
    scale: Scale, size: tuple[float, float], rim: float, paint: Callable[[QPainter], None]
) -> Picture:
    edge = math.ceil(rim * scale.pixels)
    width, height = (math.ceil(side * scale.pixels) + 2 * edge for side in size)
    pixmap = QPixmap(width, height)
    pixmap.setDevicePixelRatio(scale.ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    painter.translate(edge / scale.ratio, edge / scale.ratio)
    painter.scale(scale.zoom, scale.zoom)
    paint(painter)
    painter.end()
    return Picture(pixmap, scale, edge)


def _bytes(picture: Picture) -> int:
    return picture.pixmap.width() * picture.pixmap.height() * 4
