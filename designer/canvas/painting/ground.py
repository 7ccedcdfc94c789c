"""The sheet under everything: its ground and its grid of dots, laid out in tiles that are painted once for a zoom."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from designer.canvas.painting.pictures import Scale
from designer.canvas.painting.sight import Sight
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
    """One dot is painted, a row is made of dots and the tile of rows: a zoom has no time for thousands of circles."""
    side = math.ceil(pitch * cells) + 1
    dot = _dot(theme, max(1.0, 2 * scale.pixels))
    places = [round((number + 0.5) * pitch - dot.width() / 2) for number in range(cells)]
    row, tile = QPixmap(side, dot.height()), QPixmap(side, side)
    for pixmap in (row, tile):
        pixmap.fill(theme.colour("ground"))
    painter = QPainter(row)
    for x in places:
        painter.drawPixmap(x, 0, dot)
    painter.end()
    painter = QPainter(tile)
    for y in places:
        painter.drawPixmap(0, y, row)
    painter.end()
    tile.setDevicePixelRatio(scale.ratio)
    return tile


def _dot(theme: Theme, size: float) -> QPixmap:
    side = math.ceil(size) + 1
    pixmap = QPixmap(side, side)
    pixmap.fill(theme.colour("ground"))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("grid"))
    painter.drawEllipse(QRectF((side - size) / 2, (side - size) / 2, size, size))
    painter.end()
    return pixmap
