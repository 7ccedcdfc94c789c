"""Wires and the pills on them. Qt itself paints a wire; a pill is painted once per zoom level."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPathItem, QStyleOptionGraphicsItem, QWidget

from designer.canvas.card_item import DETAIL
from designer.canvas.routing import Point, Route
from designer.canvas.views import AxisView, WireView
from designer.theme import Theme

CORNER = 12.0
PAD = 9.0
Run = tuple[str, QFont, str]  # words, font, colour role


def wire_path(points: Sequence[Point], is_lane: bool) -> QPainterPath:
    """A cubic curve through four points, or a lane with round corners."""
    path = QPainterPath(QPointF(*points[0]))
    if not is_lane:
        path.cubicTo(QPointF(*points[1]), QPointF(*points[2]), QPointF(*points[3]))
        return path
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        path.lineTo(_towards(corner, before))
        path.quadTo(QPointF(*corner), _towards(corner, after))
    path.lineTo(QPointF(*points[-1]))
    return path


def _towards(corner: Point, other: Point) -> QPointF:
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = abs(dx) + abs(dy)  # one of the two is zero
    share = min(CORNER, length / 2) / length if length else 0.0
    return QPointF(corner[0] + dx * share, corner[1] + dy * share)


class WireItem(QGraphicsPathItem):
    """One wire's line. Errors are dashed, the chosen wire is drawn in the selection's colour and thicker."""

    def __init__(self, view: WireView, theme: Theme) -> None:
        super().__init__()
        self.view = view
        self._theme = theme
        self._chosen = False
        self.setZValue(0)
        self._dress()

    def show_view(self, view: WireView) -> None:
        """Draw this wire from now on."""
        self.view = view
        self._dress()

    def set_theme(self, theme: Theme) -> None:
        """Draw in another look."""
        self._theme = theme
        self._dress()

    def set_chosen(self, chosen: bool) -> None:
        """Whether this is the selected wire, or the one a dragged layer would be dropped on."""
        self._chosen = chosen
        self._dress()

    @property
    def chosen(self) -> bool:
        """Whether the wire is selected."""
        return self._chosen

    def _dress(self) -> None:
        role = "selection" if self._chosen else "error" if self.view.error else "wire"
        pen = QPen(self._theme.colour(role), self._theme.sizes.wire + (1 if self._chosen else 0))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        if self.view.error:
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            pen.setDashPattern([4, 2.5])
        self.setPen(pen)


def pill_runs(axes: Sequence[AxisView], theme: Theme) -> list[Run]:
    """What a pill says, piece by piece: `N` dim, sizes in mono, bold only where changed or differing."""
    runs: list[Run] = []
    letter, plain = theme.ui_font(10), theme.mono_font(theme.sizes.values)
    bold = theme.mono_font(theme.sizes.values, True)
    for axis in axes:
        if runs:
            runs.append(("  ·  ", letter, "quiet"))
        strong = axis.changed or axis.differs
        role = "error" if axis.differs else "quiet" if axis.letter == "N" and not strong else "text"
        if axis.size != axis.letter:
            runs.append((axis.letter, letter, "error" if axis.differs else "quiet"))
        runs.append((axis.size, bold if strong else plain, role))
    return runs


def pill_size(axes: tuple[AxisView, ...], theme: Theme) -> tuple[float, float]:
    """Width and height of a pill; nothing to say takes no room."""
    found = _SIZES.get((theme.name, axes))
    if found is None:
        if len(_SIZES) > 10_000:
            _SIZES.clear()
        found = _SIZES[theme.name, axes] = _measured(axes, theme)
    return found


_SIZES: dict[tuple[str, tuple[AxisView, ...]], tuple[float, float]] = {}
"""Measuring words is slow and most pills of a large design say the same."""


def _measured(axes: tuple[AxisView, ...], theme: Theme) -> tuple[float, float]:
    if not axes:
        return 0.0, 0.0
    width = sum(QFontMetricsF(font).horizontalAdvance(words) for words, font, _ in pill_runs(axes, theme))
    return width + 2 * PAD, theme.sizes.pill_height


class PillItem(QGraphicsItem):
    """The shape on a wire. Quiet: no frame, no fill but the ground's, which keeps the wire off the words."""

    def __init__(self, view: WireView, theme: Theme) -> None:
        super().__init__()
        self._view = view
        self._theme = theme
        self._size = pill_size(view.axes, theme)
        self._wanted = False
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setZValue(1)

    def show_view(self, view: WireView, theme: Theme) -> None:
        """Say this from now on."""
        self.prepareGeometryChange()
        self._view, self._theme = view, theme
        self._size = pill_size(view.axes, theme)
        self.update()

    def place(self, route: Route) -> None:
        """Lie where the route says; a pill without a place shows only on demand."""
        self._wanted = False
        if route.pill is not None:
            self.setPos(route.pill.x, route.pill.y)
            self.setVisible(True)
            return
        middle = route.points[len(route.points) // 2]
        self.setPos(middle[0] - self._size[0] / 2, middle[1] - self._size[1] / 2)
        self.setVisible(False)

    def demand(self, wanted: bool, has_place: bool) -> None:
        """Show the pill at any zoom while its wire is pointed at."""
        self._wanted = wanted
        self.setVisible(has_place or wanted)
        self.setZValue(4 if wanted else 1)
        self.update()

    def boundingRect(self) -> QRectF:
        """The pill."""
        return QRectF(0, 0, *self._size)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Ground, then the words one after the other on one base line."""
        detail = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        if not self._view.axes or (detail < DETAIL and not self._wanted):
            return
        theme, (width, height) = self._theme, self._size
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bad = self._view.error
        painter.setPen(QPen(theme.colour("error"), 1) if bad else Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("pill" if bad or self._wanted else "ground"))
        painter.drawRoundedRect(QRectF(0.5, 0.5, width - 1, height - 1), height / 2, height / 2)
        x, base = PAD, height / 2 + 4
        for words, font, role in pill_runs(self._view.axes, theme):
            painter.setFont(font)
            painter.setPen(theme.colour(role))
            painter.drawText(QPointF(x, base), words)
            x += QFontMetricsF(font).horizontalAdvance(words)
