"""How cards, wires, pills and chips are painted, asserted on pixels and on geometry."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.canvas.painting import face, near
from designer.canvas.painting.card_item import CardItem
from designer.canvas.painting.face_words import title_line
from designer.canvas.painting.pill import pill_runs
from designer.canvas.painting.wire_item import wire_path
from designer.canvas.scene import CanvasScene
from designer.canvas.sheet import Sheet
from designer.canvas.views import AxisView, CanvasView, CardView, ChipView, PortView, Severity, WireView
from designer.theme import Theme, load_fonts, load_theme
from tests.designer.canvas_samples import axes, card, one_card, picture, residual

LOOKS = pytest.mark.parametrize("theme", [load_theme("dark"), load_theme("light")], ids=["dark", "light"])


@pytest.fixture(autouse=True)
def fonts(qapp: QApplication) -> None:
    load_fonts()


def pixel(image: QImage, x: float, y: float, zoom: float = 1) -> str:
    return image.pixelColor(int(x * zoom), int(y * zoom)).name()


def shape_of(image: QImage, plain: QImage, area: QRectF) -> frozenset[tuple[int, int]]:
    """Which pixels differ from the plain picture, whatever their colour."""
    return frozenset(
        (x, y)
        for x in range(int(area.left()), int(area.right()))
        for y in range(int(area.top()), int(area.bottom()))
        if image.pixel(x, y) != plain.pixel(x, y)
    )


@LOOKS
def test_a_state_never_recolours_spine_or_face(theme: Theme) -> None:
    for category in theme.categories:
        spine = theme.category_colour(category).name()
        for state in (None, "error", "warning", "hint"):
            problem: Severity | None = state
            image = one_card(theme, card("a", category=category, problem=problem))
            assert pixel(image, 22, 45) == spine
            assert pixel(image, 130, 62) == theme.colours["card"].lower()


@LOOKS
def test_a_state_is_told_by_ring_and_badge_in_every_category(theme: Theme) -> None:
    badge = QRectF(204, 10, 24, 24)
    for category in theme.categories:
        plain = one_card(theme, card("a", category=category))
        states: tuple[Severity, ...] = ("error", "warning", "hint")
        pictures = {state: one_card(theme, card("a", category=category, problem=state)) for state in states}
        for state, image in pictures.items():
            assert pixel(image, 70, 16.5) == theme.colours[state].lower(), "a ring stands off the card"
            assert pixel(image, 80, 18.5) == pixel(plain, 80, 18.5), "with a gap"
        grey = {
            state: image.convertToFormat(QImage.Format.Format_Grayscale8) for state, image in pictures.items()
        }
        bare = plain.convertToFormat(QImage.Format.Format_Grayscale8)
        assert len({shape_of(image, bare, badge) for image in grey.values()}) == 3, "told without colour"


@LOOKS
def test_an_error_port_is_a_diamond(theme: Theme) -> None:
    good, bad = PortView("x"), PortView("x", problem="error")
    area = QRectF(108, 10, 20, 20)
    images = [one_card(theme, card("a", inputs=(port,))) for port in (good, bad)]
    none = one_card(theme, card("a", ports=()))
    round_one, pointed = (shape_of(image, none, area) for image in images)
    assert (118, 13) in pointed - round_one
    assert (122, 24) not in pointed


def test_selection_is_a_ring_without_a_badge() -> None:
    theme = load_theme("light")
    scene = CanvasScene(theme)
    scene.show_canvas(CanvasView(cards=(card("a"),)))
    scene.choose(["a"])
    image = picture(scene, QRectF(-20, -20, 236, 90))
    assert pixel(image, 80, 16.5) == theme.colours["selection"].lower()
    assert pixel(image, 214, 22) != theme.colours["selection"].lower()


@pytest.mark.parametrize("title", ["Conv2d", "MultiheadAttention", "A" * 80])
@pytest.mark.parametrize("name", ["c", "a_rather_long_identifier", "x" * 200])
@pytest.mark.parametrize("count", ["", "320", "1 234 567 890"])
def test_the_title_never_touches_the_count(title: str, name: str, count: str) -> None:
    view = card(name, title, count=count, values="8 heads")
    words, number = title_line(view, load_theme("light"))
    assert words.right() + 4 <= number.left() or not count
    assert words.right() <= 196 - 8
    assert number.right() <= 196 - 8


def test_no_words_below_a_quarter_and_titles_only_below_sixty_percent() -> None:
    theme = load_theme("light")
    plain = card("conv1", "Conv2d", values="32 · 3×3", count="320", category="convolution")

    def ink(view: CardView, zoom: float, ratio: float = 1.0) -> bytes:
        image = one_card(theme, view, zoom, ratio)  # a view of its bits does not keep it alive
        return bytes(image.constBits())

    other_values = replace(plain, values="64 · 5×5", count="12 345", name="other")
    other_title = replace(plain, title="Linear")
    assert ink(plain, 1.0) != ink(other_values, 1.0)
    assert ink(plain, 0.5) == ink(other_values, 0.5)
    assert ink(plain, 1.0, 2.0) != ink(other_values, 1.0, 2.0), "a sharp screen does not make it small"
    assert ink(plain, 0.5) != ink(other_title, 0.5)
    assert ink(plain, 0.2) == ink(other_title, 0.2)


def test_a_pill_is_bold_only_where_an_axis_changed() -> None:
    theme = load_theme("dark")
    runs = pill_runs((AxisView("N", "N"), AxisView("C", "32"), AxisView("H", "14", changed=True)), theme)
    assert "".join(run.words for run in runs).replace(" ", "") == "N·C32·H14"
    assert [run.words for run in runs if run.font.bold()] == ["14"]
    assert [run.role for run in runs if run.words == "N"] == ["quiet"]


def test_an_axis_that_differs_is_bold_and_in_the_error_colour() -> None:
    runs = pill_runs((AxisView("C", "1", differs=True),), load_theme("dark"))
    assert [(run.font.bold(), run.role) for run in runs if run.words == "1"] == [(True, "error")]


@LOOKS
def test_a_refused_wire_is_dashed_and_others_are_not(theme: Theme) -> None:
    for error in (False, True):
        scene = CanvasScene(theme)
        cards = card("a"), card("b", position=(0.0, 140.0))
        scene.show_canvas(CanvasView(cards, (WireView(("a", "y"), ("b", "x"), error=error),)))
        image = picture(scene, QRectF(0, 0, 196, 190))
        inks = {pixel(image, 98, y) for y in range(60, 130)}
        assert (theme.colours["ground"].lower() in inks) == error, "gaps"
        assert theme.colours["error" if error else "wire"].lower() in inks


def test_a_change_touches_only_the_items_it_is_about() -> None:
    scene = CanvasScene(load_theme("light"))
    view = residual()
    scene.show_canvas(view)
    items = dict(scene.cards), dict(scene.wires)
    changed = replace(view.cards[1], values="now with words")
    scene.show_canvas(replace(view, cards=(view.cards[0], changed, *view.cards[2:])))
    assert (scene.cards, scene.wires) == items
    assert scene.cards["conv"].view == changed
    scene.show_canvas(replace(view, cards=view.cards[:-1], wires=view.wires[:-1]))
    assert list(scene.cards) == ["in", "conv", "relu", "add"]
    assert len(scene.wires) == 4


def test_an_unchanged_card_is_not_painted_again(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[str] = []
    paint = face.paint_card

    def counted(painter: QPainter, theme: Theme, item: CardItem, detail: float) -> None:
        painted.append(item.view.id)
        paint(painter, theme, item, detail)

    monkeypatch.setattr(near, "paint_card", counted)
    scene = CanvasScene(load_theme("light"))
    view = residual()
    scene.show_canvas(view)
    window = Sheet(scene)
    qtbot.addWidget(window)
    window.resize(500, 700)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: len(set(painted)) == 5)
    painted.clear()
    scene.show_canvas(
        replace(view, cards=(view.cards[0], replace(view.cards[1], values="x"), *view.cards[2:]))
    )
    window.pan(QPoint(3, 7))
    qtbot.waitUntil(lambda: bool(painted))
    qtbot.wait(30)
    assert painted == ["conv"]


def test_ports_wires_and_cards_are_found_by_place() -> None:
    scene = CanvasScene(load_theme("light"))
    scene.show_canvas(residual())
    assert scene.port_at(scene.port_point("add", "inputs", "x2") + QPointF(3, 3)) == ("add", "inputs", "x2")
    assert scene.port_at(QPointF(98, 25)) is None
    found = scene.card_at(QPointF(98, 25))
    assert found is not None
    assert found.view.id == "in"
    lane = scene.routes[("in", "y"), ("add", "x2")]
    x, y = lane.points[1]
    wire = scene.wire_at(QPointF(x, y + 40))
    assert wire is not None
    assert wire.view.key == (("in", "y"), ("add", "x2"))


def test_a_chip_stands_beside_its_loss_and_names_its_inputs() -> None:
    scene = CanvasScene(load_theme("light"))
    loss = card("loss", "CTCLoss", ports=("input",), category="loss")
    chip = ChipView("loss", (("labels", "labels"), ("count", "label_count")))
    scene.show_canvas(CanvasView(cards=(loss,), chips=(chip,)))
    place = scene.chips["loss"].rect()
    assert place.x > scene.cards["loss"].rect().right
    assert not place.meets(scene.cards["loss"].rect())
    assert scene.chip_at(QPointF(place.x + 30, place.y + 12)) == "labels"
    assert scene.chip_at(QPointF(place.right - 12, place.y + 12)) == "count"
    assert scene.chip_at(QPointF(place.right + 12, place.y + 12)) is None


def test_dragging_keeps_the_wires_on_their_ports() -> None:
    scene = CanvasScene(load_theme("light"))
    scene.show_canvas(residual())
    scene.slide(["conv"], 30, 10)
    path = scene.wires[("in", "y"), ("conv", "x")].path()
    assert path.pointAtPercent(1) == scene.port_point("conv", "inputs", "x") == QPointF(128, 106)


@LOOKS
def test_hostile_names_stay_text(theme: Theme) -> None:
    wild = "<b onload='x'>\u202e\n\t{{7*7}}</b>"
    scene = CanvasScene(theme)
    view = card(wild, wild, name=wild, values=wild, count=wild)
    wire = WireView((wild, "y"), (wild, "x"), axes(N="N", **{"<i>": "</i>"}))
    scene.show_canvas(CanvasView(cards=(view,), wires=(wire,)))
    image = picture(scene)
    assert image.width() > 200
    assert scene.cards[wild].view.title == wild


def test_a_lane_has_round_corners() -> None:
    path = wire_path(((0, 0), (100, 0), (100, 200), (50, 200), (50, 209)), True)
    assert path.elementCount() > 10
    assert not any(
        (path.elementAt(n).x, path.elementAt(n).y) == (100, 200) for n in (2, path.elementCount() - 1)
    )
    assert path.currentPosition() == QPointF(50, 209)


def test_painting_drops_no_reference_of_none() -> None:
    """PySide6 6.12.0 lost one on every void call and aborted after some thousand (hence `pyside6<6.12`)."""
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    before = sys.getrefcount(None)
    for _ in range(20_000):
        painter.drawPoint(1, 1)
    after = sys.getrefcount(None)
    painter.end()
    assert abs(after - before) < 1_000
