"""One look at the sheet while it is painted: the painter, what part is seen, and how it lies in the window."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QTransform

from designer.canvas.painting.pictures import Scale
from designer.canvas.views import Rect
from designer.theme import Theme

HALF = 0.5001  # what is a half but for the last digits counts as one


@dataclass(frozen=True)
class Sight:
    """`area` is in the scene. The painter itself is left in the coordinates of the window."""

    painter: QPainter
    theme: Theme
    area: QRectF
    transform: QTransform
    scale: Scale

    @classmethod
    def of(cls, painter: QPainter, theme: Theme, area: QRectF) -> Sight:
        """What a painter that was set up for the scene is about to paint; it is set to the window's coordinates."""
        transform = QTransform(painter.worldTransform())
        ratio = painter.device().devicePixelRatio()
        painter.resetTransform()
        return cls(painter, theme, QRectF(area), transform, Scale(round(transform.m11(), 6), ratio))

    def seen(self, margin: float = 0.0) -> Rect:
        """The area as plain numbers, with that much about it."""
        area = self.area
        return Rect(area.x(), area.y(), area.width(), area.height()).grown(margin)

    def at(self, x: float, y: float) -> QPointF:
        """A place of the scene in the window, on the nearest whole pixel of the screen.

        Halves always go the same way: what was scrolled there must lie where it would be painted.
        """
        transform, ratio = self.transform, self.scale.ratio
        return QPointF(
            floor((x * transform.m11() + transform.dx()) * ratio + HALF) / ratio,
            floor((y * transform.m22() + transform.dy()) * ratio + HALF) / ratio,
        )

    def window(self, area: QRectF) -> QRectF:
        """An area of the scene in the window."""
        return self.transform.mapRect(area)
