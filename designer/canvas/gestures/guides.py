"""What the hand sees over the sheet while it works: guide lines, a wire in the making, ghosts, rings and handles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen

from designer.canvas.arranging.snapping import Line
from designer.canvas.views import Rect
from designer.theme import Theme, glyph

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

HANDLE = 4.0  # half the side of a handle, in pixels of the window
BEND = 5.0  # the radius of a bend that can be taken hold of
AIR = 3  # pixels of the window around what is repainted: the width of a line, and what is smoothed beside it


@dataclass(frozen=True)
class Ghost:
    """A layer that is not there yet: its type and category, and where its card would stand."""

    title: str
    category: str
    rect: Rect


class Guides:
    """Painted by the canvas above everything else; holds nothing of the design."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.lines: tuple[Line, ...] = ()
        self.path: QPainterPath | None = None
        self.outlines: tuple[Rect, ...] = ()
        self.ghost: Ghost | None = None
        self._parts: frozenset[Rect] = frozenset()
        self._handles: frozenset[Rect] = frozenset()

    def show(
        self,
        *,
        lines: tuple[Line, ...] = (),
        path: QPainterPath | None = None,
        outlines: tuple[Rect, ...] = (),
        ghost: Ghost | None = None,
    ) -> None:
        """Show exactly this. Only where something was shown or is shown now the canvas is painted again."""
        self.lines, self.path, self.outlines, self.ghost = lines, path, outlines, ghost
        before, self._parts = self._parts, frozenset(self._covered())
        self._repaint(before | self._parts)

    def follow(self) -> None:
        """What is selected may lie elsewhere after a change of the design: its handles reach beyond it."""
        before, self._handles = self._handles, frozenset(self._held())
        self._repaint(before ^ self._handles)

    def _repaint(self, parts: frozenset[Rect]) -> None:
        canvas = self._canvas
        for part in parts:
            area = canvas.mapFromScene(QRectF(*part)).boundingRect()
            canvas.viewport().update(area.adjusted(-AIR, -AIR, AIR, AIR))

    def clear(self) -> None:
        """Nothing is being done any more."""
        self.show()

    def _covered(self) -> Iterator[Rect]:
        """Where what the hand is doing shows."""
        for line in self.lines:
            left, top = min(line.x1, line.x2), min(line.y1, line.y2)
            yield Rect(left, top, abs(line.x2 - line.x1), abs(line.y2 - line.y1))
        for outline in self.outlines:
            yield from _edges(outline, self._canvas.canvas_scene.theme.sizes.radius)
        if self.path is not None:
            width = self._canvas.canvas_scene.theme.sizes.wire
            area = self.path.boundingRect()
            yield Rect(area.x(), area.y(), area.width(), area.height()).grown(width)
        if self.ghost is not None:
            yield self.ghost.rect

    def _held(self) -> Iterator[Rect]:
        """Where what is selected can be taken hold of."""
        canvas = self._canvas
        for mark in canvas.marks.chosen():
            yield canvas.marks.rect(mark).grown(HANDLE / canvas.zoom)
        for key in canvas.canvas_scene.chosen_wires():
            for x, y in canvas.canvas_scene.wires[key].view.bends:
                yield Rect(x, y, 0, 0).grown(BEND / canvas.zoom)

    def paint(self, painter: QPainter) -> None:
        """In the coordinates of the sheet; lines keep their width at any zoom."""
        theme, canvas = self._canvas.canvas_scene.theme, self._canvas
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(_thin(theme, Qt.PenStyle.DashLine))
        for rect in self.outlines:
            painter.drawRoundedRect(QRectF(*rect), theme.sizes.radius, theme.sizes.radius)
        if self.path is not None:
            painter.setPen(
                QPen(
                    theme.colour("selection"), theme.sizes.wire, Qt.PenStyle.DashLine, Qt.PenCapStyle.RoundCap
                )
            )
            painter.drawPath(self.path)
        for mark in canvas.marks.chosen():
            self._ring(painter, theme, canvas.marks.rect(mark))
        self._bends(painter, theme)
        painter.setPen(_thin(theme))
        for line in self.lines:
            painter.drawLine(QPointF(line.x1, line.y1), QPointF(line.x2, line.y2))
        if self.ghost is not None:
            paint_ghost(painter, theme, self.ghost)

    def _ring(self, painter: QPainter, theme: Theme, rect: Rect) -> None:
        """A selected frame or comment: its outline, and handles where it is resized."""
        zoom, area = self._canvas.zoom, QRectF(*rect)
        ring = QPen(theme.colour("selection"), theme.sizes.ring)
        ring.setCosmetic(True)
        painter.setPen(ring)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area, theme.sizes.radius, theme.sizes.radius)
        painter.setPen(_thin(theme))
        painter.setBrush(theme.colour("card"))
        side = HANDLE / zoom
        for x in (area.left(), area.center().x(), area.right()):
            for y in (area.top(), area.center().y(), area.bottom()):
                if (x, y) != (area.center().x(), area.center().y()):
                    painter.drawRect(QRectF(x - side, y - side, 2 * side, 2 * side))

    def _bends(self, painter: QPainter, theme: Theme) -> None:
        """The bends of the selected wires, to be taken hold of."""
        radius = BEND / self._canvas.zoom
        painter.setPen(_thin(theme))
        painter.setBrush(theme.colour("card"))
        for key in self._canvas.canvas_scene.chosen_wires():
            for x, y in self._canvas.canvas_scene.wires[key].view.bends:
                painter.drawEllipse(QPointF(x, y), radius, radius)


def _edges(rect: Rect, corner: float) -> Iterator[Rect]:
    """The four sides of an outline with round corners, without what lies within."""
    for y in (rect.y, rect.bottom - corner):
        yield rect._replace(y=y, height=corner)
    for x in (rect.x, rect.right - corner):
        yield rect._replace(x=x, width=corner)


def paint_ghost(painter: QPainter, theme: Theme, ghost: Ghost) -> None:
    """A card as it will be: its spine, its glyph and its type, so that the ground is seen through it."""
    sizes, face = theme.sizes, QRectF(*ghost.rect)
    painter.save()
    painter.setOpacity(0.9)
    outline = QPainterPath()
    outline.addRoundedRect(face, sizes.radius, sizes.radius)
    painter.fillPath(outline, theme.colour("card"))
    painter.setClipPath(outline)
    painter.fillRect(
        QRectF(face.left(), face.top(), sizes.strip, face.height()), theme.strip_colour(ghost.category)
    )
    painter.fillRect(
        QRectF(face.left(), face.top(), sizes.spine, face.height()), theme.category_colour(ghost.category)
    )
    painter.setClipping(False)
    middle = face.left() + (sizes.spine + sizes.strip) / 2
    half = sizes.glyph / 2
    glyph(theme, ghost.category).render(
        painter, QRectF(middle - half, face.center().y() - half, sizes.glyph, sizes.glyph)
    )
    font = theme.ui_font(sizes.title, True)
    painter.setFont(font)
    painter.setPen(theme.colour("text"))
    words = face.adjusted(sizes.strip + 8, 0, -8, 0)
    title = QFontMetricsF(font).elidedText(ghost.title, Qt.TextElideMode.ElideRight, words.width())
    painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
    painter.setPen(_thin(theme, Qt.PenStyle.DashLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(outline)
    painter.restore()


def _thin(theme: Theme, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    pen = QPen(theme.colour("selection"), 1, style)
    pen.setCosmetic(True)
    return pen
