"""A sheet one looks at: zoom by wheel, pinch and keys, pan by two fingers or drag. Knows nothing of layers."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QInputDevice, QNativeGestureEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from designer.canvas.scene import CanvasScene

SMALLEST, LARGEST, FITTED = 0.08, 4.0, 1.25
STEP = 1.2


class Sheet(QGraphicsView):
    """A scene without scroll bars that can be moved and zoomed in every usual way."""

    zoom_changed = Signal(float)
    moved = Signal()

    def __init__(self, scene: CanvasScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.canvas_scene = scene
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # the scene fills all of it
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)  # set_zoom says about which place
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)

    @property
    def zoom(self) -> float:
        """1.0 is 100 %."""
        return self.transform().m11()

    def set_zoom(self, zoom: float, about: QPoint | None = None) -> None:
        """Zoom; the place `about` of the window (else its middle) keeps what it shows."""
        spot = self.viewport().rect().center() if about is None else about
        place = self.mapToScene(spot)
        factor = max(SMALLEST, min(zoom, LARGEST)) / self.zoom
        self.canvas_scene.hurry()
        self.scale(factor, factor)
        self.pan(spot - self.mapFromScene(place))
        self.zoom_changed.emit(self.zoom)

    def zoom_in(self) -> None:
        """One step nearer."""
        self.set_zoom(self.zoom * STEP)

    def zoom_out(self) -> None:
        """One step back."""
        self.set_zoom(self.zoom / STEP)

    def zoom_reset(self) -> None:
        """100 %."""
        self.set_zoom(1.0)

    def fit(self, area: QRectF) -> None:
        """Show that part of the sheet, at 125 % at most."""
        if area.isEmpty():
            self.centerOn(0, 0)
            return
        air = area.adjusted(-40, -40, 40, 40)
        room = self.viewport().size()
        zoom = min(room.width() / air.width(), room.height() / air.height(), FITTED)
        self.resetTransform()
        self.scale(max(zoom, SMALLEST), max(zoom, SMALLEST))
        self.centerOn(area.center())
        self.moved.emit()
        self.zoom_changed.emit(self.zoom)

    def pan(self, delta: QPoint) -> None:
        """Move the sheet by so many pixels of the window."""
        self.canvas_scene.hurry(zooming=False)
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - delta.x())
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() - delta.y())
        self.moved.emit()

    def show_place(self, place: QPointF) -> None:
        """Bring a place of the sheet to the middle of the window."""
        self.canvas_scene.hurry(zooming=False)
        self.centerOn(place)
        self.moved.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel zooms; two fingers on a touch pad pan, and zoom with Ctrl."""
        fingers = event.device().type() == QInputDevice.DeviceType.TouchPad or not event.pixelDelta().isNull()
        held = event.modifiers()
        if fingers and not held & Qt.KeyboardModifier.ControlModifier:
            delta = event.pixelDelta()
            self.pan(delta if not delta.isNull() else event.angleDelta() / 4)
        elif held & Qt.KeyboardModifier.ShiftModifier:
            turned = event.angleDelta().y() or event.angleDelta().x()
            self.pan(QPoint(turned // 2, 0))
        else:
            self.set_zoom(self.zoom * STEP ** (event.angleDelta().y() / 120), event.position().toPoint())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Pinch zooms."""
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.set_zoom(self.zoom * (1 + event.value()), event.position().toPoint())
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What floats on the sheet follows."""
        super().resizeEvent(event)
        self.moved.emit()
