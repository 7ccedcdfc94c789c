"""The engine below the canvas: what is found by place, what a zoom paints, what a change costs (requirement 11)."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.canvas.arranging import roads
from designer.canvas.arranging.index import Index
from designer.canvas.arranging.routing import Route
from designer.canvas.painting import face, near
from designer.canvas.painting.card_item import CardItem
from designer.canvas.painting.pictures import Pictures, Scale
from designer.canvas.painting.wire_item import WireItem
from designer.canvas.scene import CanvasScene
from designer.canvas.sheet import Sheet
from designer.canvas.view import Canvas
from designer.canvas.views import AxisView, CanvasView, CommentView, FrameView, Rect, WireView
from designer.document import Document
from designer.theme import Theme, load_fonts, load_theme
from graph_ir.templates import load as template
from tests.designer.canvas_samples import axes, card, one_card, picture, residual

LOOKS = pytest.mark.parametrize("theme", [load_theme("dark"), load_theme("light")], ids=["dark", "light"])


@pytest.fixture(autouse=True)
def fonts(qapp: QApplication) -> None:
    load_fonts()


def chain(count: int, *, across: int = 1) -> CanvasView:
    """Cards with a wire from each to the next, in columns side by side."""
    high = -(-count // across)
    cards = tuple(card(f"c{n}", position=(240.0 * (n // high), 96.0 * (n % high))) for n in range(count))
    wires = tuple(
        WireView((f"c{n}", "y"), (f"c{n + 1}", "x"), axes(N="N", C=32))
        for n in range(count - 1)
        if (n + 1) % high
    )
    return CanvasView(cards, wires)


# What lies where


def test_the_index_finds_exactly_what_an_area_touches() -> None:
    hand, index, rects = random.Random(1), Index[int](), dict[int, tuple[Rect, ...]]()
    for step in range(3000):
        key = hand.randrange(300)
        if hand.random() < 0.2:
            index.drop(key)
            rects.pop(key, None)
        else:
            longest = hand.choice([60, 700, 9000, 400_000])
            rects[key] = tuple(
                Rect(
                    hand.uniform(-5000, 5000),
                    hand.uniform(-5000, 5000),
                    hand.uniform(0, longest),
                    hand.uniform(0, 200),
                )
                for _ in range(hand.choice([1, 1, 3]))
            )
            index.put(key, rects[key])
        if step % 10:
            continue
        area = Rect(
            hand.uniform(-6000, 6000),
            hand.uniform(-6000, 6000),
            *(hand.choice([[0, 0], [900, 600], [9000, 9000]])),
        )
        found = {key for key, mine in rects.items() if any(touch(rect, area) for rect in mine)}
        assert index.within(area) == found
        assert index.near(area) >= found
        corners = [(r.x, r.y, r.right, r.bottom) for mine in rects.values() for r in mine]
        taken = index.bounds()
        assert taken is not None
        whole = (taken.x, taken.y, taken.right, taken.bottom)
        assert whole == pytest.approx(
            [f(c) for f, c in zip((min, min, max, max), zip(*corners, strict=True), strict=True)]
        )
        assert len(index) == len(rects)


def touch(one: Rect, other: Rect) -> bool:
    return not (one.right < other.x or other.right < one.x or one.bottom < other.y or other.bottom < one.y)


def test_an_empty_index_holds_nothing_back() -> None:
    index = Index[str]()
    index.put("a", (Rect(0, 0, 99_999, 5),))
    index.drop("a")
    assert index.bounds() is None
    assert index.near(Rect(-1e6, -1e6, 2e6, 2e6)) == set()
    index.drop("never there")


def test_what_lies_above_is_found_first() -> None:
    scene = CanvasScene(load_theme("light"))
    scene.show_canvas(CanvasView((card("below"), card("above", position=(20.0, 10.0)))))
    found = scene.card_at(QPointF(100, 30))
    assert found is not None
    assert found.view.id == "above"
    assert scene.cards_in(QRectF(0, 0, 10, 10)) == ["below"]
    assert scene.cards_in(QRectF(-100, -100, 500, 500)) == ["below", "above"]


# Levels of detail (requirement 10)


def test_requirement_10_pills_are_left_out_below_sixty_percent_but_for_the_one_pointed_at() -> None:
    theme = load_theme("light")
    plain, bare = chain(2), chain(2)
    bare = replace(bare, wires=tuple(replace(wire, axes=()) for wire in bare.wires))
    area = QRectF(-20, 40, 236, 66)

    def seen(view: CanvasView, zoom: float, point: QPointF | None = None) -> bytes:
        scene = CanvasScene(theme)
        scene.show_canvas(view)
        if point is not None:
            scene.point_at(point)
        image = picture(scene, area, zoom)
        return bytes(image.constBits())

    assert seen(plain, 0.6) != seen(bare, 0.6)
    assert seen(plain, 0.59) == seen(bare, 0.59)
    assert seen(plain, 0.59, QPointF(98, 60)) != seen(plain, 0.59)
    assert seen(plain, 0.2, QPointF(98, 60)) != seen(plain, 0.2)


@LOOKS
def test_from_far_away_a_layer_is_a_block_with_its_spine_and_an_error_a_sign(theme: Theme) -> None:
    for category in theme.categories:
        image = one_card(theme, card("a", category=category), 0.2)
        assert image.pixelColor(5, 9).name() == theme.category_colour(category).name(), "the spine"
        assert image.pixelColor(30, 9).name() not in (
            theme.colours["ground"].lower(),
            theme.category_colour(category).name(),
        )
    good, bad = one_card(theme, card("a"), 0.2), one_card(theme, card("a", problem="error"), 0.2)
    colours = {bad.pixelColor(x, y).name() for x in range(38, 47) for y in range(10)}
    assert theme.colours["error"].lower() in colours
    assert good != bad


@LOOKS
@pytest.mark.parametrize("zoom", [1.0, 0.4, 0.2])
def test_selection_and_a_chosen_wire_are_seen_at_every_zoom(theme: Theme, zoom: float) -> None:
    scene = CanvasScene(theme)
    scene.show_canvas(chain(2))
    scene.choose(["c0"])
    ringed = picture(scene, QRectF(-20, -20, 236, 90), zoom)
    assert theme.colours["selection"].lower() in inks(ringed)
    scene.choose([])
    (wire,) = scene.wires.values()
    wire.set_chosen(True)
    assert scene.chosen_wires() == [wire.view.key]
    assert theme.colours["selection"].lower() in inks(picture(scene, QRectF(60, 50, 80, 46), zoom))


def inks(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


# States of a card


@LOOKS
def test_each_state_of_a_card_is_seen_without_colour_and_recolours_neither_spine_nor_face(
    theme: Theme,
) -> None:
    plain = card("a", "Conv2d", category="convolution", values="32 · 3×3")
    states = {
        "plain": plain,
        "bypassed": replace(plain, bypassed=True),
        "hidden": replace(plain, is_hidden=True),
        "remark": replace(plain, remark="look"),
        "hot": replace(plain, heat=1.0, heat_words="1.2 M"),
        "warm": replace(plain, heat=0.5, heat_words="1.2 M"),
        "more": replace(plain, delta="+64"),
    }
    grey = {
        name: one_card(theme, view).convertToFormat(QImage.Format.Format_Grayscale8)
        for name, view in states.items()
    }
    pictures = {name: bytes(image.constBits()) for name, image in grey.items()}
    assert len(set(pictures.values())) == len(states)
    for name in ("hidden", "remark", "hot", "warm", "more"):
        image = one_card(theme, states[name])
        assert image.pixelColor(22, 45).name() == theme.category_colour("convolution").name(), name
        assert image.pixelColor(100, 24).name() == theme.colours["card"].lower(), name


@LOOKS
def test_a_bypassed_layer_is_dimmed_inside_a_dashed_edge(theme: Theme) -> None:
    plain = one_card(theme, card("a", "Conv2d", category="convolution"))
    passed = one_card(theme, card("a", "Conv2d", category="convolution", bypassed=True))
    assert passed.pixelColor(22, 45) != plain.pixelColor(22, 45), "the spine shines less"
    edge = [passed.pixelColor(x, 20) == passed.pixelColor(x - 1, 20) for x in range(60, 120)]
    assert edge.count(False) > 8, "and its edge has gaps"
    assert all(plain.pixelColor(x, 20) == plain.pixelColor(60, 20) for x in range(60, 110))


def test_from_far_away_a_change_of_looks_is_seen_where_nothing_moves() -> None:
    scene, area = CanvasScene(load_theme("light")), QRectF(-20, -20, 500, 300)
    scene.show_canvas(chain(2))
    before = picture(scene, area, 0.2)
    scene.choose(["c1"])
    (wire,) = scene.wires.values()
    wire.set_chosen(True)
    assert picture(scene, area, 0.2) != before
    scene.choose([])
    wire.set_chosen(False)
    assert picture(scene, area, 0.2) == before


def test_heat_is_told_by_a_column_whose_height_is_the_share() -> None:
    theme = load_theme("light")
    heights = []
    for heat in (0.0, 0.25, 0.5, 1.0):
        image = one_card(theme, card("a", category="convolution", heat=heat))
        colour = theme.heat_colour(heat).name()
        heights.append(sum(image.pixelColor(53, y).name() == colour for y in range(20, 70)))
    assert heights[0] == 0
    assert heights == sorted(heights)
    assert heights[-1] >= 45


@LOOKS
def test_what_a_preview_would_change_shows_both_sizes_in_the_hints_colour(theme: Theme) -> None:
    scene, view = CanvasScene(theme), chain(2)
    (wire,) = view.wires
    was = replace(wire, axes=(AxisView("H", "14", was="28"),))
    scene.show_canvas(replace(view, wires=(was,)))
    pill = scene.routes[wire.key].pill
    assert pill is not None
    plain_scene = CanvasScene(theme)
    plain_scene.show_canvas(replace(view, wires=(replace(wire, axes=(AxisView("H", "14"),)),)))
    plain_pill = plain_scene.routes[wire.key].pill
    assert plain_pill is not None
    assert pill.width > plain_pill.width + 20, "there is room for the old size"
    assert theme.colours["hint"].lower() in inks(picture(scene, QRectF(*pill), 3))


# Frames and comments


@LOOKS
def test_a_frame_lies_behind_and_says_its_title(theme: Theme) -> None:
    scene = CanvasScene(theme)
    frame = FrameView(0, "Encoder", Rect(-40, -60, 300, 200), "convolution")
    scene.show_canvas(CanvasView(cards=(card("a"),), frames=(frame,)))
    image = picture(scene, QRectF(-60, -80, 340, 240))
    bare_scene = CanvasScene(theme)
    bare_scene.show_canvas(CanvasView(cards=(card("a"),), frames=(replace(frame, title=""),)))
    bare = picture(bare_scene, QRectF(-60, -80, 340, 240))
    assert image != bare, "its title"
    assert image.pixelColor(190, 120).name() == theme.colours["card"].lower(), "the card lies above"
    assert image.pixelColor(40, 180).name() != theme.colours["ground"].lower(), "tinted"
    assert image.copy(0, 60, 340, 180) == bare.copy(0, 60, 340, 180)


@pytest.mark.parametrize(
    "text", ["", "word " * 2000, "שלום עולם", "a\n\tb\x00c", "<b>not bold</b>", "x" * 10_000]
)
@pytest.mark.parametrize("zoom", [1.0, 0.4, 0.1])
def test_any_comment_stays_inside_its_paper(text: str, zoom: float) -> None:
    theme, scene = load_theme("light"), CanvasScene(load_theme("light"))
    scene.show_canvas(CanvasView(comments=(CommentView(0, text, Rect(0, 0, 200, 80)),)))
    image = picture(scene, QRectF(-60, -60, 320, 200), zoom)
    ground = {theme.colours["ground"].lower(), theme.colours["grid"].lower()}
    outside = QRectF(54 * zoom, 54 * zoom, 212 * zoom, 92 * zoom)
    stray = {
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if not outside.contains(QPointF(x, y)) and image.pixelColor(x, y).name() not in ground
    }
    dots = zoom >= 0.5  # the dots of the grid have soft edges
    assert not stray or (dots and all(near_a_dot(x, y) for x, y in stray))


def near_a_dot(x: int, y: int) -> bool:
    return all(min((at - 60) % 24, 24 - (at - 60) % 24) <= 2 for at in (x, y))


# Pictures are kept, scaled while the zoom changes, and sharpened


def test_pictures_take_no_more_room_than_they_may() -> None:
    pictures = Pictures(limit=200_000)
    for number in range(50):
        pictures.take(number, Scale(1.0, 1.0), (100, 50), 4, lambda painter: None)
        assert pictures.bytes <= 200_000
    calls: list[int] = []
    pictures.take(49, Scale(1.0, 1.0), (100, 50), 4, lambda painter: calls.append(1))
    pictures.take(0, Scale(1.0, 1.0), (100, 50), 4, lambda painter: calls.append(2))
    assert calls == [2], "the last is kept, the first is gone"
    for number in range(100, 104):  # what is used stays
        pictures.take(number, Scale(1.0, 1.0), (100, 50), 4, lambda painter: None)
        pictures.take(0, Scale(1.0, 1.0), (100, 50), 4, lambda painter: calls.append(3))
        pictures.take(number + 50, Scale(1.0, 1.0), (100, 50), 4, lambda painter: None)
    assert calls == [2]


def test_a_frame_without_time_takes_a_picture_of_another_zoom_and_says_so() -> None:
    pictures = Pictures()
    sharp = pictures.take("a", Scale(1.0, 1.0), (100, 50), 0, lambda painter: None)
    pictures.begin(until=0.0)
    first = pictures.take("b", Scale(2.0, 1.0), (100, 50), 0, lambda painter: None)
    assert first is not None, "one picture a frame is painted in any case"
    assert pictures.take("a", Scale(2.0, 1.0), (100, 50), 0, lambda painter: None) is sharp
    assert pictures.take("c", Scale(2.0, 1.0), (100, 50), 0, lambda painter: None) is None
    assert pictures.waits
    pictures.begin()
    assert pictures.take("a", Scale(2.0, 1.0), (100, 50), 0, lambda painter: None) is not sharp
    assert not pictures.waits


@pytest.fixture
def sheet(qtbot: QtBot) -> Iterator[Sheet]:
    made = Sheet(CanvasScene(load_theme("light")))
    made.canvas_scene.show_canvas(chain(400, across=20))
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    qtbot.waitExposed(made)
    yield made


def test_after_a_zoom_everything_becomes_as_sharp_as_painted_anew(qtbot: QtBot, sheet: Sheet) -> None:
    sheet.show_place(QPointF(1500, 900))
    for zoom in (0.3, 0.7, 1.4, 0.9):
        sheet.set_zoom(zoom)
        QApplication.processEvents()
    again = CanvasScene(load_theme("light"))
    again.show_canvas(sheet.canvas_scene.view)
    other = Sheet(again)
    qtbot.addWidget(other)
    other.resize(sheet.size())
    other.setTransform(sheet.transform())
    other.show()
    qtbot.waitExposed(other)
    other.horizontalScrollBar().setValue(sheet.horizontalScrollBar().value())
    other.verticalScrollBar().setValue(sheet.verticalScrollBar().value())
    qtbot.waitUntil(lambda: sheet.grab().toImage() == other.grab().toImage(), timeout=15_000)


def on_screen(sheet: Sheet) -> QImage:
    """What stands on the screen, however it came there."""
    QApplication.processEvents()
    return sheet.screen().grabWindow(sheet.winId()).toImage()


def test_panning_leaves_no_seam(qtbot: QtBot, sheet: Sheet) -> None:
    for zoom in (1.0, 0.7, 0.43, 0.31):
        sheet.set_zoom(zoom)
        sheet.show_place(QPointF(1500, 900))
        for step in range(12):
            sheet.pan(QPoint(-31 + 7 * step, -23 + 5 * step))
            QApplication.processEvents()
        for delta in (QPoint(40, -33), QPoint(-40, 33)):  # so that the pictures of the strips are there
            sheet.pan(delta)
            qtbot.waitUntil(lambda: sheet.canvas_scene.is_sharp, timeout=10_000)
        sheet.pan(QPoint(40, -33))
        scrolled = on_screen(sheet)
        assert painted_anew(sheet) == scrolled, zoom


def painted_anew(sheet: Sheet) -> QImage:
    """The same once all of it has been painted again."""
    sheet.viewport().update()
    return on_screen(sheet)


# What a change costs: counted, not timed


def test_a_drag_looks_at_what_hangs_on_the_layer_and_at_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drag is as fluent at 5,000 layers as at 50 (requirement 11)."""
    counts, ran, run = [], list[WireItem](), WireItem.run

    def counted(wire: WireItem, route: Route) -> None:
        ran.append(wire)
        run(wire, route)

    monkeypatch.setattr(WireItem, "run", counted)
    for size in (50, 5000):
        scene = CanvasScene(load_theme("light"))
        scene.show_canvas(chain(size, across=10))
        before = {key: wire.path() for key, wire in scene.wires.items()}
        ran.clear()
        scene.slide(["c3"], 30, 10)
        counts.append(len(ran))
        bent = [key for key, wire in scene.wires.items() if wire.path() != before[key]]
        assert bent == [(("c2", "y"), ("c3", "x")), (("c3", "y"), ("c4", "x"))]
    assert counts == [2, 2]


def test_a_selection_of_thousands_is_drawn_and_taken_back() -> None:
    scene = CanvasScene(load_theme("light"))
    scene.show_canvas(chain(3000, across=50))
    scene.choose(list(scene.cards))
    assert all(item.chosen for item in scene.cards.values())
    scene.choose(["c7"])
    assert [name for name, item in scene.cards.items() if item.chosen] == ["c7"]


def test_painting_a_large_network_looks_only_at_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = CanvasScene(load_theme("light"))
    scene.show_canvas(chain(2000, across=40))
    painted: list[str] = []
    paint = face.paint_card

    def counted(painter: QPainter, theme: Theme, item: CardItem, zoom: float) -> None:
        painted.append(item.view.id)
        paint(painter, theme, item, zoom)

    monkeypatch.setattr(near, "paint_card", counted)
    picture(scene, QRectF(0, 0, 480, 400))
    assert 8 <= len(painted) <= 60


def test_twenty_thousand_paints_drop_no_reference_of_none() -> None:
    """PySide6 6.12.0 lost one on every void call and aborted after some thousand (hence `pyside6<6.12`)."""
    scene = CanvasScene(load_theme("light"))
    scene.show_canvas(residual())
    image = QImage(60, 60, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    area = QRectF(0, 0, 60, 60)
    scene.render(painter, area, area)
    before = sys.getrefcount(None)
    for _ in range(20_000):
        scene.drawBackground(painter, area)
    after = sys.getrefcount(None)
    painter.end()
    assert abs(after - before) < 1_000


# The ways of very many wires are found by and by


def test_wires_of_a_large_network_are_drawn_at_once_and_find_their_ways_without_blocking(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roads, "PATIENCE", 0.0)
    scene, view = CanvasScene(load_theme("light")), chain(800, across=20)
    scene.show_canvas(view)
    assert len(scene.wires) > roads.AT_ONCE
    assert len(scene.routes) < len(scene.wires), "not all are known yet"
    assert not any(wire.path().isEmpty() for wire in scene.wires.values()), "and yet all are drawn"
    moved = tuple(replace(c, position=(c.position[0], c.position[1] + 24)) for c in view.cards)
    scene.show_canvas(replace(view, cards=moved))  # a change in the meantime
    qtbot.waitUntil(lambda: all(wire.pill is not None for wire in scene.wires.values()), timeout=20_000)
    fresh = CanvasScene(load_theme("light"))
    monkeypatch.setattr(roads, "AT_ONCE", 10_000)
    fresh.show_canvas(replace(view, cards=moved))
    assert scene.routes == fresh.routes
    assert {k: w.path() for k, w in scene.wires.items()} == {k: w.path() for k, w in fresh.wires.items()}


def test_a_layer_dragged_while_ways_are_found_keeps_its_wires(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roads, "PATIENCE", 0.0)
    scene, view = CanvasScene(load_theme("light")), chain(800, across=20)
    scene.show_canvas(view)
    scene.slide(["c3"], 60, 0)
    qtbot.wait(50)
    wire = scene.wires[("c2", "y"), ("c3", "x")]
    assert wire.path().pointAtPercent(1) == scene.port_point("c3", "inputs", "x")
    scene.show_canvas(
        replace(
            view, cards=(*view.cards[:3], replace(view.cards[3], position=(60.0, 288.0)), *view.cards[4:])
        )
    )
    qtbot.waitUntil(lambda: wire.pill is not None, timeout=20_000)
    assert wire.path().pointAtPercent(1) == scene.port_point("c3", "inputs", "x")


def test_a_layer_can_be_dragged_by_its_middle_from_far_away(qtbot: QtBot) -> None:
    document = Document(template("digits"))
    canvas = Canvas(document, load_theme("light"))
    qtbot.addWidget(canvas)
    canvas.resize(700, 600)
    canvas.show()
    qtbot.waitExposed(canvas)
    canvas.set_zoom(0.3)
    before = canvas.canvas_scene.cards["conv1"].view.position
    start = canvas.area_in_window("conv1").center()
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(canvas.viewport(), left, none, start)
    for step in range(1, 5):
        QTest.mouseMove(canvas.viewport(), start - QPoint(30 * step, 0))
    QTest.mouseRelease(canvas.viewport(), left, none, start - QPoint(120, 0))
    assert canvas.canvas_scene.cards["conv1"].view.position[0] < before[0] - 300
