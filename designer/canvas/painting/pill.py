"""The shape on a wire: what it says, how large it is, and how it is painted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from designer.canvas.painting.wire_item import WireItem
from designer.canvas.views import AxisView, Rect
from designer.theme import Theme

PAD = 9.0
Axes = tuple[AxisView, ...]


class Run(NamedTuple):
    """A piece of what a pill says; a size that would be no more is struck through."""

    words: str
    font: QFont
    role: str
    struck: bool = False


def pill_runs(axes: Sequence[AxisView], theme: Theme) -> list[Run]:
    """What a pill says, piece by piece: `N` dim, sizes in mono, bold only where changed or differing.

    What a preview would change is `28 → 14`: the old size struck, the new one bold and in the hint's colour.
    """
    runs: list[Run] = []
    letter, plain = theme.ui_font(10), theme.mono_font(theme.sizes.values)
    bold = theme.mono_font(theme.sizes.values, True)
    for axis in axes:
        if runs:
            runs.append(Run("  ·  ", letter, "quiet"))
        strong = axis.changed or axis.differs or bool(axis.was)
        role = "error" if axis.differs else "quiet" if axis.letter == "N" and not strong else "text"
        if axis.letter and axis.size != axis.letter:
            runs.append(Run(axis.letter, letter, "error" if axis.differs else "quiet"))
        if axis.was:
            runs.append(Run(axis.was, plain, "quiet", struck=True))
            runs.append(Run(" → ", letter, "hint"))
            role = "error" if axis.differs else "hint"
        runs.append(Run(axis.size, bold if strong else plain, role))
    return runs


def pill_size(axes: Axes, theme: Theme) -> tuple[float, float]:
    """Width and height of a pill; nothing to say takes no room."""
    found = _SIZES.get((theme.name, axes))
    if found is None:
        if len(_SIZES) > 10_000:
            _SIZES.clear()
        found = _SIZES[theme.name, axes] = _measured(axes, theme)
    return found


_SIZES: dict[tuple[str, Axes], tuple[float, float]] = {}
"""Measuring words is slow and most pills of a large design say the same."""


def _measured(axes: Axes, theme: Theme) -> tuple[float, float]:
    if not axes:
        return 0.0, 0.0
    width = sum(QFontMetricsF(run.font).horizontalAdvance(run.words) for run in pill_runs(axes, theme))
    return width + 2 * PAD, theme.sizes.pill_height


def raised_pill(wire: WireItem, theme: Theme) -> Rect:
    """Where the pill of a wire that is pointed at lies: in its place, or about the middle of the wire."""
    width, height = pill_size(wire.view.axes, theme)
    x, y = wire.middle()
    return wire.pill or Rect(x - width / 2, y - height / 2, width, height)


def paint_pill(painter: QPainter, theme: Theme, axes: Axes, *, error: bool, raised: bool) -> None:
    """Ground, then the words one after the other on one base line.

    Quiet: no frame, no fill but the ground's, which keeps the wire off the words; `raised` where it is pointed at.
    """
    width, height = pill_size(axes, theme)
    painter.setPen(QPen(theme.colour("error"), 1) if error else Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("pill" if error or raised else "ground"))
    painter.drawRoundedRect(QRectF(0.5, 0.5, width - 1, height - 1), height / 2, height / 2)
    x, base = PAD, height / 2 + 4
    for run in pill_runs(axes, theme):
        painter.setFont(run.font)
        painter.setPen(theme.colour(run.role))
        painter.drawText(QPointF(x, base), run.words)
        end = x + QFontMetricsF(run.font).horizontalAdvance(run.words)
        if run.struck:
            painter.drawLine(QLineF(x, base - 4, end, base - 4))
        x = end
