"""Frames behind the layers and comments on the sheet: titles and texts, painted as plain text whatever they hold."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QTextOption

from designer.canvas.painting.card_item import BLOCKS, DETAIL
from designer.canvas.painting.sight import Sight
from designer.canvas.stock import Stock
from designer.canvas.views import FRAME_TITLE, CommentView, FrameView
from designer.theme import Theme

PAD = 10.0
FILL, STRIP, EDGE = 18, 46, 120  # of 255: how much of a frame's colour is seen
MOST = 10_000  # characters of a comment that are laid out


def paint_frames(sight: Sight, stock: Stock) -> None:
    """All frames that are seen, the first at the back."""
    area = sight.seen()
    for frame in stock.frames:
        if frame.rect.grown(2).meets(area):
            _paint_frame(sight, frame)


def paint_comments(sight: Sight, stock: Stock) -> None:
    """All comments that are seen."""
    area = sight.seen()
    for comment in stock.comments:
        if comment.rect.grown(2).meets(area):
            _paint_comment(sight, comment)


def _paint_frame(sight: Sight, frame: FrameView) -> None:
    painter, theme = sight.painter, sight.theme
    rect, radius = QRectF(*frame.rect), theme.sizes.radius
    tint = theme.category_colour(frame.colour) if frame.colour else theme.colour("quiet")
    painter.setPen(QPen(_thin(tint, EDGE), 1))
    painter.setBrush(_thin(tint, FILL))
    painter.drawRoundedRect(rect, radius, radius)
    strip = QRectF(rect.x(), rect.y(), rect.width(), min(FRAME_TITLE, rect.height()))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_thin(tint, STRIP))
    painter.drawRoundedRect(strip, radius, radius)
    room = strip.adjusted(PAD, 0, -PAD, 0)
    if sight.scale.zoom < BLOCKS or room.width() < PAD:
        return
    font = theme.ui_font(theme.sizes.title, True)
    words = " ".join(frame.title.split())
    painter.setFont(font)
    painter.setPen(theme.colour("text"))
    cut = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, cut)


def _thin(colour: QColor, alpha: int) -> QColor:
    return QColor(colour.red(), colour.green(), colour.blue(), alpha)


def _paint_comment(sight: Sight, comment: CommentView) -> None:
    """A sheet of paper with a folded corner; text that does not fit ends at its edge."""
    painter, theme = sight.painter, sight.theme
    rect = QRectF(*comment.rect)
    painter.setPen(QPen(theme.colour("edge"), 1))
    painter.setBrush(theme.colour("panel"))
    painter.drawRoundedRect(rect, 3, 3)
    painter.fillRect(QRectF(rect.x(), rect.y() + 3, 3, rect.height() - 6), theme.colour("quiet"))
    if sight.scale.zoom >= BLOCKS:
        _paint_text(painter, theme, rect.adjusted(PAD, PAD / 2 + 2, -PAD, -PAD / 2 - 2), comment.text, sight)


def _paint_text(painter: QPainter, theme: Theme, room: QRectF, text: str, sight: Sight) -> None:
    if room.isEmpty():
        return
    if sight.scale.zoom < DETAIL:
        _paint_lines(painter, theme, room, text)
        return
    option = QTextOption(Qt.AlignmentFlag.AlignLeft)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    painter.setFont(theme.ui_font(theme.sizes.title - 1))
    painter.setPen(theme.colour("text"))
    painter.drawText(room, text[:MOST], option)


def _paint_lines(painter: QPainter, theme: Theme, room: QRectF, text: str) -> None:
    """Too small to be read: a grey line for each line of text."""
    painter.setPen(QPen(theme.colour("edge"), 4))
    pitch, length = 16.0, 6.5
    y = room.y() + pitch / 2
    for line in text[:MOST].splitlines():
        for start in range(0, max(1, len(line)), max(1, int(room.width() / length))):
            if y > room.bottom():
                return
            width = min(room.width(), (len(line) - start) * length)
            if width > 0:
                painter.drawLine(QLineF(room.x(), y, room.x() + width, y))
            y += pitch
