"""The small sign that tells a state by its shape: a disc with a cross, a triangle, a disc with an i."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from designer.canvas.views import Severity
from designer.theme import Theme


def paint_badge(painter: QPainter, theme: Theme, severity: Severity, centre: QPointF, radius: float) -> None:
    """Paint the sign of `severity` about `centre`, on a rim of the ground so that it stands off a ring."""
    painter.setPen(QPen(theme.colour("ground"), 1.5))
    painter.setBrush(theme.colour(severity))
    if severity == "warning":
        painter.drawPolygon(QPolygonF(triangle(centre, radius + 1)))
    else:
        painter.drawEllipse(centre, radius, radius)
    pen = QPen(theme.colour(f"on_{severity}"), 1.9)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    if severity == "error":
        arm = radius * 0.36
        painter.drawLine(centre - QPointF(arm, arm), centre + QPointF(arm, arm))
        painter.drawLine(centre - QPointF(arm, -arm), centre + QPointF(arm, -arm))
        return
    lift = -1 if severity == "warning" else 1  # an exclamation mark, or an i
    stem, dot = radius * 0.45, radius * 0.5
    low = 1.0 if severity == "warning" else 0.0
    painter.drawLine(centre + QPointF(0, low - lift * stem * 0.1), centre + QPointF(0, low + lift * stem))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(f"on_{severity}"))
    painter.drawEllipse(QRectF(centre.x() - 1.1, centre.y() + low - lift * dot - 1.1, 2.2, 2.2))


def triangle(centre: QPointF, radius: float) -> list[QPointF]:
    """An upright triangle about `centre`."""
    return [centre + QPointF(x * radius, y * radius) for x, y in ((0, -1.05), (1.05, 0.85), (-1.05, 0.85))]
