"""Line charts as inline SVG, coloured by the page's own variables `--line1`, `--line2`, `--edge`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

Point = tuple[float, float]

_WIDTH, _HEIGHT = 560, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 30, 34
_MOST_POINTS = 600


def chart(title: str, lines: Mapping[str, Sequence[Point]]) -> str:
    """One chart with a line per name, over epochs; "" where there is nothing to draw."""
    drawn = {name: _thinned(points) for name, points in lines.items() if points}
    if not drawn:
        return ""
    points = [point for line in drawn.values() for point in line]
    x_low, x_high = _range([x for x, _ in points])
    y_low, y_high = _range([y for _, y in points])

    def place(point: Point) -> str:
        x = _LEFT + (point[0] - x_low) / (x_high - x_low) * (_WIDTH - _LEFT - _RIGHT)
        y = _HEIGHT - _BOTTOM - (point[1] - y_low) / (y_high - y_low) * (_HEIGHT - _TOP - _BOTTOM)
        return f"{x:.1f},{y:.1f}"

    rows = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" role="img" aria-label="{escape(title)}">'
    ]
    for value in ticks(y_low, y_high):
        x, y = place((x_low, value)).split(",")
        rows.append(f'<path d="M{x},{y}H{_WIDTH - _RIGHT}" stroke="var(--edge)" stroke-width="1"/>')
        rows.append(f'<text x="{_LEFT - 6}" y="{float(y) + 4:.1f}" text-anchor="end">{value:.6g}</text>')
    for value in ticks(x_low, x_high):
        x = place((value, y_low)).split(",")[0]
        rows.append(f'<text x="{x}" y="{_HEIGHT - 16}" text-anchor="middle">{value:.6g}</text>')
    rows.append(f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 2}" text-anchor="end">epoch</text>')
    rows.append(f'<text x="{_LEFT}" y="16">{escape(title)}</text>')
    for i, (name, line) in enumerate(drawn.items()):
        # Told apart by dashes too, not by colour alone.
        style = f'stroke="var(--line{i % 2 + 1})" stroke-width="2" fill="none"' + (
            ' stroke-dasharray="6 3"' if i % 2 else ""
        )
        path = " ".join(map(place, line))
        rows.append(f'<polyline points="{path}" {style}/>')
        at = _WIDTH - _RIGHT - 110 * (len(drawn) - i)
        rows.append(f'<path d="M{at},12h22" {style}/><text x="{at + 28}" y="16">{escape(name)}</text>')
    return "".join([*rows, "</svg>"])


def ticks(low: float, high: float) -> list[float]:
    """Three to seven round values between two others.

    >>> ticks(0, 20), ticks(0.9, 1.0)
    ([0, 5, 10, 15, 20], [0.9, 0.92, 0.94, 0.96, 0.98, 1.0])
    """
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first + 1
    values = [round((first + i) * step, 12) for i in range(count)]
    return [int(value) if value.is_integer() and step >= 1 else value for value in values]


def _range(values: list[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    if high - low > 1e-12 * max(1.0, abs(high)):
        return low, high
    return low - 0.5, high + 0.5


def _thinned(points: Sequence[Point]) -> list[Point]:
    """At most some hundred points, the last one always among them."""
    stride = max(1, len(points) // _MOST_POINTS)
    return [*points[:-1:stride], points[-1]]
