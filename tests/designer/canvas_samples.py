"""Networks as the canvas sees them, for tests that need no document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from designer.canvas.arranging.layout import Link, arrange
from designer.canvas.scene import CanvasScene
from designer.canvas.views import AxisView, CanvasView, CardView, PortView, WireView
from designer.theme import Theme


def axes(**sizes: int | str) -> tuple[AxisView, ...]:
    return tuple(AxisView(letter, str(size)) for letter, size in sizes.items())


def card(key: str, title: str = "ReLU", ports: Sequence[str] = ("x",), **more: object) -> CardView:
    plain = CardView(
        id=key,
        title=title,
        name=key,
        values="",
        count="",
        category="activation",
        inputs=tuple(PortView(port) for port in ports),
        outputs=(PortView("y"),),
        position=(0.0, 0.0),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def network(cards: Sequence[CardView], wires: Sequence[tuple[str, str, str]]) -> CanvasView:
    """Cards laid out by the program's own layout; a wire is (source, target, target's port)."""
    links = [Link(source, target, 0, number) for number, (source, target, _) in enumerate(wires)]
    places = arrange([c.id for c in cards], links, row_pitch=96, column_pitch=240)
    shape = axes(N="N", C=32, H=28, W=28)
    return CanvasView(
        cards=tuple(replace(c, position=places[c.id]) for c in cards),
        wires=tuple(WireView((source, "y"), (target, port), shape) for source, target, port in wires),
    )


def residual() -> CanvasView:
    cards = [card("in", ports=()), card("conv"), card("relu"), card("add", ports=("x1", "x2")), card("out")]
    return network(
        cards,
        [
            ("in", "conv", "x"),
            ("conv", "relu", "x"),
            ("relu", "add", "x1"),
            ("in", "add", "x2"),
            ("add", "out", "x"),
        ],
    )


def picture(scene: CanvasScene, area: QRectF | None = None, zoom: float = 1.0, ratio: float = 1.0) -> QImage:
    """The scene as an image of that zoom on a screen with that many pixels a point."""
    seen = area or scene.itemsBoundingRect()
    image = QImage(
        int(seen.width() * zoom * ratio), int(seen.height() * zoom * ratio), QImage.Format.Format_RGB32
    )
    image.setDevicePixelRatio(ratio)
    image.fill(scene.theme.colour("ground"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    scene.render(painter, QRectF(0, 0, seen.width() * zoom, seen.height() * zoom), seen)
    painter.end()
    return image


def one_card(theme: Theme, view: CardView, zoom: float = 1.0, ratio: float = 1.0) -> QImage:
    """One card with some ground about it: its upper left corner is at (20, 20) times `zoom`."""
    scene = CanvasScene(theme)
    scene.show_canvas(CanvasView(cards=(view,)))
    return picture(scene, QRectF(-20, -20, 236, 90), zoom, ratio)
