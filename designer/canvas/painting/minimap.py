"""A small map of the whole network in a corner of the canvas: what is seen of it, and a way to anywhere else."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QEnterEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from designer.canvas.painting.map_picture import Projection, paint_network
from designer.canvas.sheet import Sheet
from designer.canvas.views import Rect
from designer.theme import Theme

MARGIN = 12
REDRAW_MS, REST_MS = 60, 250
Corner = Qt.Corner
CORNERS = (Corner.BottomRightCorner, Corner.TopRightCorner, Corner.BottomLeftCorner)


class Minimap(QWidget):
    """Stands on the canvas, lower right; where pills would be below it, in another corner if one is free."""

    def __init__(self, sheet: Sheet, theme: Theme) -> None:
        super().__init__(sheet.viewport())
        self._sheet, self._scene, self._theme = sheet, sheet.canvas_scene, theme
        self._projection: Projection | None = None
        self._picture: QPixmap | None = None
        self._corner = CORNERS[0]
        self._grip: QPointF | None = None
        self._is_pointed_at = False
        self.setAccessibleName("Map of the network")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._redraw, self._rest = QTimer(self, singleShot=True), QTimer(self, singleShot=True)
        self._redraw.timeout.connect(self._refresh)
        self._rest.timeout.connect(self._make_room)
        self._scene.shown.connect(self._wait)
        sheet.moved.connect(self._moved)
        sheet.zoom_changed.connect(lambda _zoom: self._moved())
        self._refresh()

    def _wait(self) -> None:
        """Many changes, one picture."""
        if not self._redraw.isActive():
            self._redraw.start(REDRAW_MS)
        self._rest.start(REST_MS)

    def set_theme(self, theme: Theme) -> None:
        """Another look."""
        self._theme = theme
        self._refresh()

    def seen(self) -> QRectF:
        """What of the map is the part of the sheet that the window shows."""
        if self._projection is None:
            return QRectF()
        area = self._sheet.mapToScene(self._sheet.viewport().rect()).boundingRect()
        return self._projection.rect(Rect(area.x(), area.y(), area.width(), area.height()))

    def spot_of(self, name: str) -> QPointF:
        """Where a layer is on the map. Raises KeyError for what is no card."""
        card = self._scene.cards[name].rect()
        if self._projection is None:
            return QPointF()
        return self._projection.rect(card).center()

    def _refresh(self) -> None:
        """Draw the map of what stands on the sheet now."""
        bounds = self._scene.itemsBoundingRect()
        area = Rect(bounds.x(), bounds.y(), bounds.width(), bounds.height())
        self._projection = Projection.of(area) if area.width and area.height else None
        self._picture = None
        if self._projection is not None:
            self.resize(self._projection.size())
        self._stay()
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """In its corner."""
        super().showEvent(event)
        self._stay()
        self._rest.start(REST_MS)

    # Its corner

    def _moved(self) -> None:
        self._stay()
        self.update()
        self._rest.start(REST_MS)

    def _stay(self) -> None:
        """A sheet that scrolls takes the widgets on it along."""
        self.setGeometry(self._geometry(self._corner))
        self.raise_()

    def _geometry(self, corner: Corner) -> QRect:
        room = self._sheet.viewport().rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        left = corner == Corner.BottomLeftCorner
        x = room.left() if left else room.right() - self.width() + 1
        y = room.top() if corner == Corner.TopRightCorner else room.bottom() - self.height() + 1
        return QRect(QPoint(x, y), self.size())

    def _make_room(self) -> None:
        """Once the sheet rests: the first corner where it covers neither pill nor card; if none is free, its own."""
        if self._grip is not None or self._is_pointed_at:
            return
        free = (corner for corner in CORNERS if not self._covers(self._geometry(corner)))
        self._corner = next(free, CORNERS[0])
        self._stay()

    def _covers(self, place: QRect) -> bool:
        return self._scene.has_words_in(self._sheet.mapToScene(place).boundingRect())

    # What it shows

    def paintEvent(self, event: QPaintEvent) -> None:
        """The network, and a frame around what is seen of it."""
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        face = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.colour("edge"), 1))
        painter.setBrush(theme.colour("panel"))
        painter.drawRoundedRect(face, theme.sizes.radius, theme.sizes.radius)
        if self._projection is not None:
            ratio = self.devicePixelRatioF()
            if self._picture is None or self._picture.devicePixelRatio() != ratio:
                self._picture = self._painted(self._projection, ratio)
            painter.drawPixmap(0, 0, self._picture)
            self._paint_seen(painter)
        painter.end()

    def _paint_seen(self, painter: QPainter) -> None:
        frame = self.seen().intersected(QRectF(self.rect()).adjusted(2, 2, -2, -2))
        tint = self._theme.colour("selection")
        painter.setPen(QPen(tint, 1.5))
        tint.setAlpha(28)
        painter.setBrush(tint)
        painter.drawRoundedRect(frame, 2, 2)

    def _painted(self, projection: Projection, ratio: float) -> QPixmap:
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        paint_network(painter, self._theme, self._scene.cards.values(), projection)
        painter.end()
        return pixmap

    # The mouse on it

    def enterEvent(self, event: QEnterEvent) -> None:
        """Under the mouse it stays where it is."""
        self._is_pointed_at = True

    def leaveEvent(self, event: QEvent) -> None:
        """It may stand elsewhere again."""
        self._is_pointed_at = False
        self._rest.start(REST_MS)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there; on the frame itself take hold of it."""
        if event.button() != Qt.MouseButton.LeftButton or self._projection is None:
            event.accept()
            return
        frame, at = self.seen(), event.position()
        self._grip = at - frame.center() if frame.contains(at) else QPointF()
        self._go(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The frame follows."""
        if self._grip is not None:
            self._go(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stay there."""
        self._grip = None
        self._rest.start(REST_MS)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms the canvas about its middle."""
        (self._sheet.zoom_in if event.angleDelta().y() > 0 else self._sheet.zoom_out)()
        event.accept()

    def _go(self, at: QPointF) -> None:
        if self._projection is not None and self._grip is not None:
            self._sheet.show_place(self._projection.place(at - self._grip))
