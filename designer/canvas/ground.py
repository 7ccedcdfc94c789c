"""The sheet under everything: its ground and its grid of dots, laid out in tiles that are painted once for a zoom."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from designer.canvas.pictures import Scale
from designer.canvas.sight import Sight
from designer.theme import Theme

TILE = 512  # pixels of the screen, at least
DOTTED = 0.5  # below this zoom the dots would run together


class Ground:
    """Fills what is seen."""

    def __init__(self) -> None:
        self._tile: tuple[tuple[str, Scale], QPixmap, int] | None = None

    def paint(self, sight: Sight) -> None:
        """In the coordinates of the window."""
        painter, area, grid = sight.painter, sight.area, sight.theme.sizes.grid
        if sight.scale.zoom < DOTTED:
            painter.fillRect(sight.window(area), sight.theme.colour("ground"))
            return
        tile, cells = self._tile_for(sight.theme, sight.scale)
        step, half = grid * cells, grid / 2  # a dot is in the middle of its cell
        for column in range(
            math.floor((area.left() + half) / step), math.floor((area.right() + half) / step) + 1
        ):
            for row in range(
                math.floor((area.top() + half) / step), math.floor((area.bottom() + half) / step) + 1
            ):
                painter.drawPixmap(sight.at(column * step - half, row * step - half), tile)

    def _tile_for(self, theme: Theme, scale: Scale) -> tuple[QPixmap, int]:
        """A tile that ends a little beyond its last row of dots, so that rounding leaves no gap, and its cells."""
        key = (theme.name, scale)
        if self._tile is None or self._tile[0] != key:
            pitch = theme.sizes.grid * scale.pixels
            cells = max(1, math.ceil(TILE / pitch))
            self._tile = key, _dotted(theme, scale, pitch, cells), cells
        return self._tile[1:]


def _dotted(theme: Theme, scale: Scale, pitch: float, cells: int) -> QPixmap:
    side = math.ceil(pitch * cells) + 1
    pixmap = QPixmap(side, side)
    pixmap.fill(theme.colour("ground"))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("grid"))
    size = max(1.0, 2 * scale.pixels)
    for column in range(cells):
        for row in range(cells):
            middle = QPointF((column + 0.5) * pitch, (row + 0.5) * pitch)
            painter.drawEllipse(QRectF(middle.x() - size / 2, middle.y() - size / 2, size, size))
    painter.end()
    pixmap.setDevicePixelRatio(scale.ratio)
    return pixmap
