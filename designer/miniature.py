"""A design in small: every layer a bar in its category's colour, as high as what it hands on, from left to right.

Drawn by a child process (`python -m designer.miniature FOLDER`), so that reading and checking many designs never holds
up a window. It reads one JSON list per line, `[key, "template" or "file", name]`, writes `<key>-<look>.png` for each
look, and answers with the key. A picture carries the parameter count as its text `parameters`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter, QPainterPath, QPen

from designer.canvas.arranging.places import chips, positions
from designer.panels.widgets import amount
from designer.services.thumbnails import SHARP, picture_path
from designer.theme import Theme, load_theme
from graph_ir import file, templates
from graph_ir.annotations import annotations_of
from graph_ir.check import check
from graph_ir.graph import Design, Graph
from graph_ir.report import LayerReport, Report
from graph_ir.signature import TensorType

LOOKS = ("light", "dark")
WIDTH, HEIGHT = 208, 92
MOST_PICTURES = 600
MARGIN, STEP, WIDEST = 12.0, 22.0, 12.0
LOWEST, LARGEST = 0.12, 8.5  # the height of a single number; 2 to that power is as high as a bar gets
MOST, MOST_LEAVES = 2000, 40  # layers of a network and of one use of a block that are drawn
POWER = 0.8  # a use of a block is wide, but leaves room for what stands beside it


Leaf = tuple[str, float]  # category, and how much of the height it takes


@dataclass(frozen=True)
class Bar:
    """One layer: where it is, and what it is made of; a use of a block shows all the layers inside."""

    area: QRectF
    leaves: tuple[Leaf, ...]


def miniature(design: Design, report: Report, theme: Theme) -> QImage:
    """The picture, on a transparent ground."""
    image = QImage(WIDTH * SHARP, HEIGHT * SHARP, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(SHARP)
    image.fill(Qt.GlobalColor.transparent)
    bars = _bars(design, report, theme)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _wires(painter, _joins(design.top, report, bars), bars, theme)
    painter.setPen(Qt.PenStyle.NoPen)
    for bar in bars.values():
        _bar(painter, bar, theme)
    painter.end()
    image.setText("parameters", amount(report.parameters))
    return image


def _bars(design: Design, report: Report, theme: Theme) -> dict[str, Bar]:
    """Where each layer is drawn: the rows of the canvas are columns here, its columns are lanes."""
    left_out = {name for chip in chips(design.top, report) for name, _ in chip.parts}
    left_out |= annotations_of(design.layout).hidden
    places = {
        name: place
        for name, place in positions(design, report, theme.sizes).items()
        if name in report.layers and name not in left_out
    }
    names = sorted(places, key=lambda name: places[name][1])[:MOST]
    leaves = {name: _leaves(design, report.layers[name]) for name in names}
    columns: dict[float, float] = {}
    for name in names:
        columns[places[name][1]] = max(columns.get(places[name][1], 1.0), len(leaves[name]) ** POWER)
    step = min(STEP, (WIDTH - 2 * MARGIN) / max(1.0, sum(columns.values())))
    lanes = _lanes([places[name][0] for name in names], theme.sizes.column_pitch)
    found, x = {}, (WIDTH - step * sum(columns.values())) / 2
    for row, units in columns.items():
        for name in (name for name in names if places[name][1] == row):
            middle, room = lanes[places[name][0]]
            wide = step * len(leaves[name]) ** POWER
            area = QRectF(x + (step * units - wide) / 2, middle - room / 2, wide, room)
            found[name] = Bar(area, leaves[name])
        x += step * units
    return found


def _lanes(xs: Sequence[float], pitch: float) -> dict[float, tuple[float, float]]:
    """The middle and the height of every lane; one with little on it is low."""
    ordered = sorted(set(xs))
    weights = {x: 1.0 if xs.count(x) > len(xs) / 5 else 0.45 for x in ordered}
    for before, after in pairwise(ordered):
        near = min(1.0, (after - before) / pitch)
        weights[after] *= max(near, 0.3)
    unit = (HEIGHT - MARGIN) / max(1.0, sum(weights.values()))
    found, top = {}, MARGIN / 2
    for x in ordered:
        room = weights[x] * unit
        found[x] = (top + room / 2, max(3.0, room - min(6.0, room / 4)))
        top += room
    return found


def _leaves(design: Design, layer: LayerReport) -> tuple[Leaf, ...]:
    """A layer itself, or the layers inside a use of a block in their order; of very many, every so manieth."""
    found: list[Leaf] = []
    todo = [layer]
    while todo and len(found) < MOST:
        one = todo.pop()
        inside = [each.report for each in one.nested if each.report is not None]
        if not inside:
            found.append((one.layer.spec.category.key if one.layer else "unknown", _share(one)))
        for report in reversed(inside):
            hidden = annotations_of(design.layout, report.network).hidden
            parts = (report.layers[name] for name in reversed(report.order) if name not in hidden)
            todo += [part for part in parts if part.trait not in ("input", "output")]
    every = max(1, -(-len(found) // MOST_LEAVES))
    return tuple(found[::every]) or (("unknown", 0.4),)


def _share(layer: LayerReport) -> float:
    """How much of its lane a bar takes: more for larger pictures, longer sequences, wider features."""
    given = next(iter(layer.outputs.values()), None)
    if given is None:
        return 0.4
    return min(1.0, LOWEST + (1 - LOWEST) * log2(max(1, _extent(given))) / LARGEST)


def _extent(given: TensorType) -> int:
    """The longest axis beside batch and channels; of plain features these; 32 where it is open."""
    sides = [
        size
        for size, role in zip(given.shape, given.roles, strict=True)
        if role not in ("N", "C") or len(given.shape) < 3
    ][:2]
    known = [size for size in sides[-1:] if isinstance(size, int)]
    return max(known, default=1 if not sides else 32)


def _joins(graph: Graph, report: Report, bars: Collection[str]) -> list[tuple[str, str]]:
    """What is wired to what; a wire runs through the layers that are left out."""
    before: dict[str, dict[str, None]] = {}  # what feeds a layer; an ordered set
    order = report.order or list(report.layers)  # a circle has no order
    for name in order:
        sources = dict.fromkeys(wire.source for wire in graph.wires_into(name))
        before[name] = dict.fromkeys(
            one for source in sources for one in ([source] if source in bars else before.get(source, ()))
        )
    return [(source, name) for name in order if name in bars for source in before[name]]


def _wires(
    painter: QPainter, joins: Iterable[tuple[str, str]], bars: Mapping[str, Bar], theme: Theme
) -> None:
    painter.setPen(QPen(theme.colour("wire"), 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    reaches = sorted((bar.area.left(), bar.area.top()) for bar in bars.values())
    for source, target in joins:
        one, other = bars[source].area, bars[target].area
        start, end = QPointF(one.right(), one.center().y()), QPointF(other.left(), other.center().y())
        between = [top for left, top in reaches if start.x() - 1 <= left < end.x() - 1]
        path = QPainterPath(one.center())
        if between and abs(end.y() - start.y()) <= 4:
            rise = max(2.0, min(between) - 3)
            path.cubicTo(QPointF(start.x(), rise), QPointF(end.x(), rise), other.center())
        else:
            reach = max(2.0, (end.x() - start.x()) / 2)
            path.lineTo(start)
            path.cubicTo(start + QPointF(reach, 0), end - QPointF(reach, 0), end)
            path.lineTo(other.center())
        painter.drawPath(path)


def _bar(painter: QPainter, bar: Bar, theme: Theme) -> None:
    step = bar.area.width() / len(bar.leaves)
    wide = min(WIDEST, max(0.8, step * 0.66))
    round_by = min(2.5, wide / 3)
    for number, (category, share) in enumerate(bar.leaves):
        high = max(2.0, bar.area.height() * share)
        left = bar.area.left() + step * number + (step - wide) / 2
        painter.setBrush(theme.category_colour(category))
        painter.drawRoundedRect(
            QRectF(left, bar.area.center().y() - high / 2, wide, high), round_by, round_by
        )


def write(folder: Path, key: str, design: Design) -> None:
    """Every look's picture of a design."""
    report = check(design)
    for look in LOOKS:
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"png")).write(miniature(design, report, load_theme(look)))
        picture_path(folder, key, look).write_bytes(data.data())


def _prune(folder: Path) -> None:
    """Pictures of designs that are no more go at last: the oldest first."""
    kept = sorted(folder.glob("*.png"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in kept[MOST_PICTURES:]:
        path.unlink()


def main() -> None:
    """Draw what is asked for, line by line, until the window closes the pipe."""
    folder = Path(sys.argv[1])
    if hasattr(os, "nice"):
        os.nice(10)  # whatever the person does comes first
    with suppress(OSError):  # then no picture can be written, which each job says
        folder.mkdir(parents=True, exist_ok=True)
        _prune(folder)
    for line in sys.stdin:
        key, kind, name = json.loads(line)
        try:
            write(folder, key, templates.load(name) if kind == "template" else file.read(name))
        except (file.Unreadable, templates.NoTemplate, OSError, ValueError):
            key = f"-{key}"  # no picture, and no reason to end
        print(key, flush=True)


if __name__ == "__main__":
    main()
