"""A bubble with an arrow at a widget, and the veil over all that it is not about."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from designer.panels.widgets import plain_label
from designer.theme import Theme

WIDTH, ARROW, RADIUS, AWAY = 320, 10, 9.0, 6
MARGIN = 12  # between a bubble and the window's edge
VEIL = 0.6


class Veil(QWidget):
    """Pales the window but for one place; the mouse goes through it."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._theme, self._within = theme, parent
        self._place = QRect()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self.update()

    def show_place(self, place: QRect) -> None:
        """Leave this place of the parent as it is."""
        self._place = place
        self.setGeometry(self._within.rect())
        self.update()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """All but the place."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path, hole = QPainterPath(), QPainterPath()
        path.addRect(QRectF(self.rect()))
        hole.addRoundedRect(QRectF(self._place), 6, 6)
        shade = self._theme.colour("ground")
        shade.setAlphaF(VEIL)
        painter.fillPath(path - hole, shade)
        painter.end()


class Bubble(QWidget):
    """Words, a count of steps and three buttons, in a frame whose arrow points at a place."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._theme, self._within = theme, parent
        self._tip = QPoint()
        self._side = "right"
        self.title = plain_label("", section=True)
        self.text = plain_label("", wrap=True)
        self.count = plain_label("", quiet=True)
        self.skip, self.back, self.next = QPushButton("Skip"), QPushButton("Back"), QPushButton("Next")
        self.skip.setProperty("link", True)
        self.next.setProperty("primary", True)
        self.title.setMinimumWidth(WIDTH - 2 * ARROW - 32)
        self._box = QVBoxLayout(self)
        inset = ARROW + 16
        self._box.setContentsMargins(inset, ARROW + 14, inset, ARROW + 14)
        self._box.setSpacing(6)
        self._box.addWidget(self.title)
        self._box.addWidget(self.text)
        row = QHBoxLayout()
        row.setContentsMargins(0, 6, 0, 0)
        row.addWidget(self.count, 1)
        for button in (self.skip, self.back, self.next):
            row.addWidget(button)
        self._box.addLayout(row)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self.update()

    def say(self, title: str, text: str, number: int, of: int) -> None:
        """What this step is about."""
        self.title.setText(title)
        self.text.setText(text)
        self.count.setText(f"{number} of {of}")
        self.back.setEnabled(number > 1)
        self.next.setText("Done" if number == of else "Next")
        self.setAccessibleName(f"Tour, {number} of {of}: {title}")
        for button in (self.skip, self.back, self.next):
            button.setAccessibleDescription(f"{title}. {text}")  # read with the button that has the focus

    def point_at(self, place: QRect) -> None:
        """Stand beside this place of the parent where there is room, else inside it, and point at it."""
        room = self._within.rect()
        width = min(WIDTH, room.width() - 2 * MARGIN)
        self.resize(width, self._box.heightForWidth(width) if self._box.hasHeightForWidth() else 150)
        self._side, corner = beside(place, room, self.size())
        self.move(corner)
        edge = {
            "right": QPoint(0, place.center().y() - corner.y()),
            "left": QPoint(self.width(), place.center().y() - corner.y()),
            "below": QPoint(place.center().x() - corner.x(), 0),
            "above": QPoint(place.center().x() - corner.x(), self.height()),
        }[self._side]
        keep = ARROW + int(RADIUS) + ARROW
        if self._side in ("right", "left"):
            edge.setY(max(keep, min(edge.y(), self.height() - keep)))
        else:
            edge.setX(max(keep, min(edge.x(), self.width() - keep)))
        self._tip = edge
        self.update()

    def tip(self) -> QPoint:
        """Where the arrow points, in the parent."""
        return self.mapToParent(self._tip)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The frame and its arrow as one outline."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(self.rect()).adjusted(ARROW, ARROW, -ARROW, -ARROW)
        path = QPainterPath()
        path.addRoundedRect(body, RADIUS, RADIUS)
        arrow = QPainterPath()
        arrow.addPolygon(QPolygonF(self._arrow()))
        arrow.closeSubpath()
        painter.setBrush(self._theme.colour("panel"))
        painter.setPen(QPen(self._theme.colour("selection"), 1.5))
        painter.drawPath(path.united(arrow))
        painter.end()

    def _arrow(self) -> Sequence[QPointF]:
        tip = QPointF(self._tip)
        into = {"right": (1, 0), "left": (-1, 0), "below": (0, 1), "above": (0, -1)}[self._side]
        base = tip + QPointF(*into) * (ARROW + 2)
        across = QPointF(into[1], into[0]) * ARROW
        return base - across, tip, base + across


def beside(place: QRect, room: QRect, size: QSize) -> tuple[str, QPoint]:
    """The side of a place where a bubble of that size fits, and its corner; inside, below the middle, if nowhere."""
    inside = room.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
    x = max(inside.left(), min(place.center().x() - size.width() // 2, inside.right() - size.width()))
    y = max(inside.top(), min(place.center().y() - size.height() // 2, inside.bottom() - size.height()))
    if place.right() + AWAY + size.width() <= inside.right():
        return "right", QPoint(place.right() + AWAY, y)
    if place.left() - AWAY - size.width() >= inside.left():
        return "left", QPoint(place.left() - AWAY - size.width(), y)
    if place.bottom() + AWAY + size.height() <= inside.bottom():
        return "below", QPoint(x, place.bottom() + AWAY)
    if place.top() - AWAY - size.height() >= inside.top():
        return "above", QPoint(x, place.top() - AWAY - size.height())
    top = min(place.center().y() + AWAY, inside.bottom() - size.height())
    return "below", QPoint(x, max(inside.top(), top))
