"""The words of a card at full zoom, fitted to the room they have, and the small signs beside them."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen

from designer.canvas.views import CardView
from designer.theme import Theme

MIDDLE_LEFT = 8.0  # between the strip and the words
RIGHT = 10.0  # between the words and the right edge
SIGN = 11.0
FIRST, SECOND = (5.0, 22.0), (26.0, 16.0)  # top and height of the two lines
CUT = Qt.TextElideMode.ElideRight
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
BYPASSED = "bypassed"


class Words(NamedTuple):
    """What is said where: the lefts are in the card's coordinates; an empty word takes no room."""

    title: str
    name: str
    name_left: float
    number: str
    number_left: float
    delta: str
    delta_left: float
    below: str
    values: str
    values_left: float
    heat: str
    heat_left: float
    right: float

    @property
    def has_second_line(self) -> bool:
        """Whether there is more than a title line."""
        return bool(self.below or self.values or self.heat)


def fitted(view: CardView, theme: Theme) -> Words:
    """Cut the words to the room that the numbers on the right leave.

    A name that does not fit beside the title goes before the values: the id must stay readable.
    """
    sizes = theme.sizes
    left, right = sizes.strip + MIDDLE_LEFT, sizes.card_width - RIGHT
    small, strong = (
        QFontMetricsF(theme.ui_font(sizes.values)),
        QFontMetricsF(theme.ui_font(sizes.values, True)),
    )
    delta_left = right - (strong.horizontalAdvance(view.delta) if view.delta else 0)
    count_left = delta_left - (5 if view.delta and view.count else 0) - small.horizontalAdvance(view.count)
    room = (count_left if view.count else delta_left) - (8 if view.count or view.delta else 0) - left
    title_metrics = QFontMetricsF(theme.ui_font(sizes.title, True))
    title = title_metrics.elidedText(view.title, CUT, room)
    used = title_metrics.horizontalAdvance(title) + 6
    fits = used + QFontMetricsF(theme.ui_font(sizes.title - 1)).horizontalAdvance(view.name) <= room
    end = right - (SIGN + 4) * (view.is_hidden + bool(view.remark))
    heat = strong.elidedText(view.heat_words, CUT, end - left)
    heat_left = end - strong.horizontalAdvance(heat)
    end = heat_left - (6 if heat else 0)
    said = " ".join(([BYPASSED] if view.bypassed else []) + ([] if fits else view.name.split()))
    below = small.elidedText(said, CUT, (end - left) * (0.6 if view.values else 1))
    values_left = left + (small.horizontalAdvance(below) + 8 if below else 0)
    mono = QFontMetricsF(theme.mono_font(sizes.values))
    values = mono.elidedText(view.values, CUT, max(0.0, end - values_left))
    return Words(
        title, view.name if fits else "", left + used, view.count, count_left, view.delta, delta_left,
        below, values, values_left, heat, heat_left, right,
    )  # fmt: skip  # thirteen names in the order of their places


def title_line(view: CardView, theme: Theme) -> tuple[QRectF, QRectF]:
    """Where the words and the numbers of the title line lie, in the card's coordinates."""
    words, sizes = fitted(view, theme), theme.sizes
    left = sizes.strip + MIDDLE_LEFT
    name = QFontMetricsF(theme.ui_font(sizes.title - 1)).horizontalAdvance(words.name)
    end = words.name_left + name if words.name else words.name_left - 6
    start = words.number_left if words.number else words.delta_left
    return QRectF(left, FIRST[0], end - left, FIRST[1]), QRectF(
        start, FIRST[0], words.right - start, FIRST[1]
    )


def paint_words(painter: QPainter, theme: Theme, view: CardView) -> None:
    """Title, name and parameters; below them the values, and what an overlay says."""
    sizes, words = theme.sizes, fitted(view, theme)
    left, right = sizes.strip + MIDDLE_LEFT, words.right
    top, height = FIRST if words.has_second_line else (0.0, sizes.card_height)

    def say(text: str, at: float, line: tuple[float, float]) -> None:
        if text:
            painter.drawText(QRectF(at, line[0], right - at + 1, line[1]), LEFT, text)

    painter.setPen(theme.colour("text"))
    painter.setFont(theme.ui_font(sizes.title, True))
    say(words.title, left, (top, height))
    painter.setFont(theme.ui_font(sizes.values, True))
    say(words.heat, words.heat_left, SECOND)
    painter.setPen(theme.colour("quiet"))
    painter.setFont(theme.ui_font(sizes.title - 1))
    say(words.name, words.name_left, (top, height))
    painter.setFont(theme.ui_font(sizes.values))
    say(words.number, words.number_left, (top, height))
    say(words.below, left, SECOND)
    painter.setFont(theme.mono_font(sizes.values))
    say(words.values, words.values_left, SECOND)
    painter.setPen(theme.colour("hint"))
    painter.setFont(theme.ui_font(sizes.values, True))
    say(words.delta, words.delta_left, (top, height))


def paint_signs(painter: QPainter, theme: Theme, view: CardView) -> None:
    """What is not dimmed with the rest of a bypassed layer: that it is, and at the right end of the second line an eye
    struck through and a sheet of paper with a note.
    """
    if view.bypassed:
        painter.setPen(theme.colour("text"))
        painter.setFont(theme.ui_font(theme.sizes.values))
        room = QRectF(theme.sizes.strip + MIDDLE_LEFT, SECOND[0], theme.sizes.card_width, SECOND[1])
        painter.drawText(room, LEFT, BYPASSED)
    x = theme.sizes.card_width - RIGHT - SIGN
    y = SECOND[0] + (SECOND[1] - SIGN) / 2
    pen = QPen(theme.colour("quiet"), 1.2)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if view.is_hidden:
        painter.drawPath(_struck_eye(x, y))
        x -= SIGN + 4
    if view.remark:
        painter.drawPath(_note(x, y))


def _struck_eye(x: float, y: float) -> QPainterPath:
    path, middle = QPainterPath(QPointF(x, y + SIGN / 2)), QPointF(x + SIGN / 2, y + SIGN / 2)
    path.quadTo(QPointF(middle.x(), y - 1.5), QPointF(x + SIGN, middle.y()))
    path.quadTo(QPointF(middle.x(), y + SIGN + 1.5), QPointF(x, middle.y()))
    path.addEllipse(middle, 1.4, 1.4)
    path.moveTo(x + 0.5, y + SIGN - 0.5)
    path.lineTo(x + SIGN - 0.5, y + 0.5)
    return path


def _note(x: float, y: float) -> QPainterPath:
    fold = 3.5
    path = QPainterPath(QPointF(x + 1, y))
    for dx, dy in ((SIGN - 1 - fold, 0), (SIGN - 1, fold), (SIGN - 1, SIGN), (1, SIGN), (1, 0)):
        path.lineTo(x + dx, y + dy)
    for dy in (fold + 1.5, fold + 4.5):
        path.moveTo(x + 3, y + dy)
        path.lineTo(x + SIGN - 3, y + dy)
    return path
