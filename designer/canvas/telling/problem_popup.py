"""What is wrong with a layer, beside the layer: a quiet panel that blocks nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from designer.canvas.views import Severity
from designer.theme import Theme

WIDTH, AIR, GAP = 340, 16, 24


@dataclass(frozen=True)
class ProblemView:
    """One problem in words, and the two shapes as (letter and size) columns where shapes are the matter."""

    severity: Severity
    title: str
    message: str
    wanted: tuple[str, ...] = ()
    got: tuple[str, ...] = ()


class ShapeRows(QWidget):
    """Two shapes as aligned mono rows, wanted over got; the axes that differ are bold."""

    def __init__(self, wanted: Sequence[str], got: Sequence[str], theme: Theme) -> None:
        super().__init__()
        self._rows = (("wanted", tuple(wanted)), ("got", tuple(got)))
        self._theme = theme
        self.setFixedHeight(40)
        self.setAccessibleName(f"wanted {' '.join(wanted)}, got {' '.join(got)}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """One column per axis, as wide as its wider entry."""
        theme = self._theme
        painter = QPainter(self)
        (_, wanted), (_, got) = self._rows
        strong = QFontMetricsF(theme.mono_font(12, True))
        columns = max(len(wanted), len(got))
        padded = [tuple(row) + ("–",) * (columns - len(row)) for row in (wanted, got)]
        for number, (label, _) in enumerate(self._rows):
            painter.setFont(theme.ui_font(12))
            painter.setPen(theme.colour("quiet"))
            base = 15 + number * 19
            painter.drawText(0, base, label)
            x = 56.0
            for axis in range(columns):
                differs = padded[0][axis] != padded[1][axis]
                words = padded[number][axis]
                painter.setFont(theme.mono_font(12, differs))
                painter.setPen(theme.colour("error" if differs else "text"))
                painter.drawText(int(x), base, words)
                x += max(strong.horizontalAdvance(row[axis]) for row in padded) + 14
        painter.end()


class ProblemPopup(QFrame):
    """Shows the problems of one layer; where it goes is decided by the room around the card."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._theme, self._within = theme, parent
        self._problems: tuple[ProblemView, ...] = ()
        self.setProperty("popup", True)
        self.setAutoFillBackground(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedWidth(WIDTH)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(14, 10, 14, 12)
        self._box.setSpacing(4)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self._fill()

    def show_problems(self, problems: Sequence[ProblemView]) -> None:
        """Say these; without any the popup goes away."""
        if tuple(problems) != self._problems:
            self._problems = tuple(problems)
            self._fill()
        self.setVisible(bool(problems))

    def text(self) -> str:
        """All that is said, for tests and screen readers."""
        return "\n".join(f"{problem.title}\n{problem.message}" for problem in self._problems)

    def place(self, card: QRect, taken: Iterable[QRect]) -> None:
        """Stand beside the card, inside the parent; where another card would be covered, in the nearest gap."""
        room = self._within.rect().adjusted(4, 4, -4, -4)
        others = [other for other in taken if other.intersects(room)]
        width, height = self.width(), self.height()
        spots = [
            QPoint(card.right() + AIR, card.top()),
            QPoint(card.left() - AIR - width, card.top()),
            QPoint(card.left(), card.bottom() + AIR),
            QPoint(card.left(), card.top() - AIR - height),
        ]

        def inside(spot: QPoint) -> QRect:
            x = max(room.left(), min(spot.x(), room.right() - width))
            return QRect(QPoint(x, max(room.top(), min(spot.y(), room.bottom() - height))), self.size())

        def cost(area: QRect) -> tuple[int, int, int]:
            covered = sum(_shared(area, other) for other in others)
            return _shared(area, card), covered, (area.center() - card.center()).manhattanLength()

        best = min(map(inside, spots), key=cost)
        if cost(best)[1]:
            across, down = (
                range(room.left(), room.right() - width, GAP),
                range(room.top(), room.bottom() - height, GAP),
            )
            best = min((inside(QPoint(x, y)) for x in across for y in down), key=cost, default=best)
        self.move(best.topLeft())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click puts it away; what it covered is not clicked."""
        event.accept()
        self.hide()

    def _fill(self) -> None:
        while (item := self._box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for problem in self._problems[:3]:
            title, message = QLabel(problem.title), QLabel(problem.message)
            title.setProperty("section", True)
            message.setProperty("quiet", True)
            for label in (title, message):
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setWordWrap(True)
            self._box.addWidget(title)
            if problem.wanted or problem.got:
                self._box.addWidget(ShapeRows(problem.wanted, problem.got, self._theme))
            self._box.addWidget(message)
        if self._problems:
            self.setProperty("severity", self._problems[0].severity)
            self.style().unpolish(self)
            self.style().polish(self)
        if len(self._problems) > 3:
            more = QLabel(f"and {len(self._problems) - 3} more in Problems")
            more.setProperty("quiet", True)
            self._box.addWidget(more)
        self.adjustSize()


def _shared(one: QRect, other: QRect) -> int:
    """The pixels that two areas have in common."""
    both = one.intersected(other)
    return 0 if both.isEmpty() else both.width() * both.height()
