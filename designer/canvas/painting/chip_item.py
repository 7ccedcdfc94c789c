"""The small chip beside a loss: its target and length inputs, which are layers of the design but no cards."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from designer.canvas.painting.card_item import DETAIL
from designer.canvas.views import ChipView, Rect
from designer.theme import Theme, glyph

STEM = 22.0  # the short wire between card and chip
ICON = 14.0
PART_PAD = 9.0
RIM = STEM + 2  # room about a chip for its stem and its ring


def chip_size(view: ChipView, theme: Theme) -> tuple[float, float]:
    """Width (without the stem) and height of a chip."""
    return sum(_widths(view, theme)) + ICON + 10, theme.sizes.chip_height


def _widths(view: ChipView, theme: Theme) -> list[float]:
    measure = QFontMetricsF(theme.ui_font(theme.sizes.values))
    return [measure.horizontalAdvance(words) + 2 * PART_PAD for _, words in view.parts]


class ChipItem:
    """Shows one `ChipView`, standing right of its loss's card; `changed` is called after each change of its looks."""

    def __init__(
        self, view: ChipView, theme: Theme, changed: Callable[[ChipItem], None] = lambda chip: None
    ) -> None:
        self.view = view
        self._theme, self._changed = theme, changed
        self._size = chip_size(view, theme)
        self._place = (0.0, 0.0)
        self.chosen: frozenset[str] = frozenset()
        """Which of its inputs are selected."""

    def show_view(self, view: ChipView, theme: Theme) -> None:
        """Show this from now on."""
        self.view, self._theme = view, theme
        self._size = chip_size(view, theme)
        self._changed(self)

    def stand_by(self, card: Rect) -> None:
        """Stand right of the loss's card, at half its height."""
        self._place = (card.right + STEM, card.y + (card.height - self._theme.sizes.chip_height) / 2)

    def rect(self) -> Rect:
        """The chip's place in the scene, without its stem."""
        return Rect(*self._place, *self._size)

    def part_at(self, x: float, y: float) -> str | None:
        """The input at that place of the scene; beside all words, the first."""
        rect = self.rect()
        if not (rect.x <= x <= rect.right and rect.y <= y <= rect.bottom):
            return None
        left = rect.x + ICON + 8
        for (name, _), width in zip(self.view.parts, _widths(self.view, self._theme), strict=True):
            if left <= x < left + width:
                return name
            left += width
        return self.view.parts[0][0]

    def choose(self, names: frozenset[str]) -> None:
        """Ring the chip if one of its inputs is among the selected."""
        mine = names & {name for name, _ in self.view.parts}
        if mine != self.chosen:
            self.chosen = mine
            self._changed(self)


def paint_chip(painter: QPainter, theme: Theme, chip: ChipItem, detail: float) -> None:
    """Stem, body, glyph and one word group per input; the chip's corner is at (0, 0)."""
    width, height = chip_size(chip.view, theme)
    painter.setPen(QPen(theme.colour("wire"), theme.sizes.wire))
    painter.drawLine(QPointF(-STEM, height / 2), QPointF(0, height / 2))
    body = QRectF(0.5, 0.5, width - 1, height - 1)
    painter.setPen(QPen(theme.colour("edge"), 1))
    painter.setBrush(theme.colour("card"))
    painter.drawRoundedRect(body, height / 2, height / 2)
    if chip.chosen:
        painter.setPen(QPen(theme.colour("selection"), theme.sizes.ring))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(body.adjusted(-3, -3, 3, 3), height / 2 + 3, height / 2 + 3)
    if detail >= DETAIL:
        _paint_parts(painter, theme, chip)


def _paint_parts(painter: QPainter, theme: Theme, chip: ChipItem) -> None:
    _, height = chip_size(chip.view, theme)
    glyph(theme, "input").render(painter, QRectF(9, (height - ICON) / 2, ICON, ICON))
    left = ICON + 8
    widths = _widths(chip.view, theme)
    for number, ((name, words), part) in enumerate(zip(chip.view.parts, widths, strict=True)):
        painter.setPen(theme.colour("edge"))
        if number:
            painter.drawLine(QPointF(left, 6), QPointF(left, height - 6))
        painter.setPen(theme.colour("text"))
        painter.setFont(theme.ui_font(theme.sizes.values, name in chip.chosen))
        painter.drawText(QRectF(left, 0, part, height), Qt.AlignmentFlag.AlignCenter, words)
        left += part
