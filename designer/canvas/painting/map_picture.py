"""What the small map shows: the network as blocks a few pixels large, with signs for what is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPolygonF

from designer.canvas.painting.badge import triangle
from designer.canvas.painting.card_item import Block, CardItem
from designer.canvas.painting.far import block_colour
from designer.canvas.views import Rect
from designer.theme import Theme

WIDEST, HIGHEST, LEAST = 192, 148, 64
PAD = 8
LARGEST = 0.12  # pixels of the map to a pixel of the sheet
STRETCH = 6.0  # what is long and narrow may be shown so many times wider than it is
SMALLEST = 1.5  # pixels of a block, either way
SIGN = 3.5


class Projection(NamedTuple):
    """How the sheet lies on the map."""

    area: Rect
    across: float
    down: float

    @classmethod
    def of(cls, area: Rect) -> Projection:
        """As large as the map may be; what is far longer than wide is stretched, so that something is seen of it."""
        across = min(LARGEST, (WIDEST - 2 * PAD) / area.width)
        down = min(LARGEST, (HIGHEST - 2 * PAD) / area.height)
        return cls(area, min(across, STRETCH * down), min(down, STRETCH * across))

    def size(self) -> QSize:
        """The map's size, its rim included."""
        width, height = self.area.width * self.across, self.area.height * self.down
        return QSize(max(LEAST, round(width)) + 2 * PAD, max(LEAST, round(height)) + 2 * PAD)

    def rect(self, rect: Rect) -> QRectF:
        """An area of the sheet on the map."""
        corner = self.point(rect.x, rect.y)
        return QRectF(corner.x(), corner.y(), rect.width * self.across, rect.height * self.down)

    def point(self, x: float, y: float) -> QPointF:
        """A place of the sheet on the map."""
        left, top = self._rim()
        return QPointF(left + (x - self.area.x) * self.across, top + (y - self.area.y) * self.down)

    def place(self, at: QPointF) -> QPointF:
        """A place of the map on the sheet."""
        left, top = self._rim()
        return QPointF(self.area.x + (at.x() - left) / self.across, self.area.y + (at.y() - top) / self.down)

    def _rim(self) -> tuple[float, float]:
        size = self.size()
        width, height = self.area.width * self.across, self.area.height * self.down
        return (size.width() - width) / 2, (size.height() - height) / 2


def paint_network(painter: QPainter, theme: Theme, cards: Iterable[CardItem], projection: Projection) -> None:
    """A block for each layer; above them a diamond for an error and a triangle for a warning."""
    rects: defaultdict[Block, list[QRectF]] = defaultdict(list)
    signs: list[tuple[str, QPointF]] = []
    for card in cards:
        rect = projection.rect(card.rect())
        rect.setWidth(max(SMALLEST, rect.width()))
        rect.setHeight(max(SMALLEST, rect.height()))
        rects[card.block].append(rect)
        if card.view.problem in ("error", "warning"):
            signs.append((str(card.view.problem), rect.center()))
    painter.setPen(Qt.PenStyle.NoPen)
    for block, found in rects.items():
        plain = block.heat is None and not block.bypassed  # as few pixels need the full colour
        painter.setBrush(theme.category_colour(block.category) if plain else block_colour(theme, block))
        painter.drawRects(found)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for problem, centre in sorted(signs, key=lambda sign: sign[0], reverse=True):
        painter.setBrush(theme.colour(problem))
        painter.drawPolygon(QPolygonF(_diamond(centre) if problem == "error" else triangle(centre, SIGN)))


def _diamond(centre: QPointF) -> list[QPointF]:
    return [centre + QPointF(x * SIGN, y * SIGN) for x, y in ((0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0))]
