"""A small picture of what is on a wire: maps in shades of grey, or a curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from designer.theme import Theme

ACROSS, GAP = 4, 3.0
MAP, WIDE, CURVE = 44.0, 180.0, 48.0  # pixels: one of several maps, one alone at most, the height of a curve


class SampleView(QWidget):
    """Paints the `maps` or the `curve` of a tensor; without either it is not shown."""

    def __init__(self, told: Mapping[str, Any], theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._maps = [_image(one) for one in told.get("maps", ())]
        self._curve = [float(value) for value in told.get("curve", ())]
        self.setFixedSize(self._size())
        self.setAccessibleName("Picture of the values")

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be painted."""
        return not self._maps and len(self._curve) < 2

    def _cell(self) -> tuple[float, float]:
        """How large one map is painted: several as tiles, one alone as wide as it likes."""
        if len(self._maps) > 1:
            return MAP, MAP * self._maps[0].height() / self._maps[0].width() if self._maps else MAP
        width, height = self._maps[0].width(), self._maps[0].height()
        scale = min(WIDE / width, 2 * MAP / height)
        return width * scale, max(height * scale, 6.0)

    def _size(self) -> QSize:
        if not self._maps:
            return QSize(int(WIDE), int(CURVE) if len(self._curve) > 1 else 0)
        width, height = self._cell()
        across, down = min(len(self._maps), ACROSS), -(-len(self._maps) // ACROSS)
        return QSize(round(across * (width + GAP)), round(down * (height + GAP)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Maps row by row, every pixel as it is; a curve over its zero."""
        painter = QPainter(self)
        if self._maps:
            width, height = self._cell()
            for number, image in enumerate(self._maps):
                place = QRectF(
                    number % ACROSS * (width + GAP), number // ACROSS * (height + GAP), width, height
                )
                painter.drawImage(place, image)
                painter.setPen(QPen(self._theme.colour("edge"), 1))
                painter.drawRect(place.adjusted(0.5, 0.5, -0.5, -0.5))
        elif not self.is_empty:
            self._paint_curve(painter)
        painter.end()

    def _paint_curve(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        low, high = min(*self._curve, 0.0), max(*self._curve, 0.0)
        spread = high - low or 1.0
        step = (self.width() - 2) / (len(self._curve) - 1)

        def height_of(value: float) -> float:
            return 2 + (high - value) / spread * (self.height() - 4)

        painter.setPen(QPen(self._theme.colour("edge"), 1))
        painter.drawLine(QPointF(0, height_of(0)), QPointF(self.width(), height_of(0)))
        painter.setPen(QPen(self._theme.colour("selection"), 1.5))
        painter.drawPolyline(
            [QPointF(1 + number * step, height_of(value)) for number, value in enumerate(self._curve)]
        )


def sample_words(told: Mapping[str, Any]) -> list[str]:
    """Statistics in words, and the values where there are few."""
    lines = []
    if all(isinstance(told.get(name), int | float) for name in ("min", "mean", "max")):
        lines.append(f"from {_number(told['min'])} to {_number(told['max'])}, mean {_number(told['mean'])}")
    if isinstance(told.get("not_finite"), int):
        lines.append(f"{told['not_finite']:,} of them no numbers (NaN or infinite)")
    values: Sequence[Any] = told.get("values", ())
    if values and "maps" not in told:
        lines.append(f"{', '.join(_number(value) for value in values)}{' …' if 'curve' in told else ''}")
    return lines


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _image(one: Mapping[str, Any]) -> QImage:
    """One map as a picture of a byte a pixel; the copy owns its bytes."""
    width, height = int(one["width"]), int(one["height"])
    shades = bytes(max(0, min(int(shade), 255)) for shade in one["shades"])
    return QImage(
        shades.ljust(width * height, b"\0"), width, height, width, QImage.Format.Format_Grayscale8
    ).copy()
