"""The map of a large network: when it stands there, what it shows, where it leads (requirement 10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.canvas.painting.card_item import CardItem
from designer.canvas.painting.map_picture import HIGHEST, WIDEST, Projection, paint_network
from designer.canvas.painting.minimap import Minimap
from designer.canvas.scene import CanvasScene
from designer.canvas.sheet import Sheet
from designer.canvas.views import CanvasView, CardView, Rect
from designer.main_window import MainWindow
from designer.theme import load_fonts, load_theme
from designer.view_commands import MANY
from graph_ir.graph import Design, Node
from tests.designer.canvas_samples import card
from tests.designer.windows import a_window

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
LOOKS = pytest.mark.parametrize("look", ["light", "dark"])


def column(count: int) -> CanvasView:
    return CanvasView(tuple(card(f"c{n}", position=(0.0, 96.0 * n)) for n in range(count)))


@pytest.fixture
def sheet(qtbot: QtBot) -> Iterator[Sheet]:
    load_fonts()
    made = Sheet(CanvasScene(load_theme("light")))
    made.canvas_scene.show_canvas(column(60))
    qtbot.addWidget(made)
    made.resize(700, 500)
    made.show()
    qtbot.waitExposed(made)
    yield made


def map_of(qtbot: QtBot, sheet: Sheet) -> Minimap:
    made = Minimap(sheet, load_theme("light"))
    made.show()
    qtbot.wait(320)
    return made


def middle(sheet: Sheet) -> QPointF:
    return sheet.mapToScene(sheet.viewport().rect().center())


def test_requirement_10_a_click_leads_there_and_a_drag_goes_on(qtbot: QtBot, sheet: Sheet) -> None:
    minimap = map_of(qtbot, sheet)
    sheet.set_zoom(1)
    QTest.mouseClick(minimap, LEFT, NONE, minimap.spot_of("c50").toPoint())
    assert abs(middle(sheet).y() - 50 * 96 - 25) < 60
    QTest.mousePress(minimap, LEFT, NONE, minimap.spot_of("c20").toPoint())
    QTest.mouseMove(minimap, minimap.spot_of("c40").toPoint())
    QTest.mouseRelease(minimap, LEFT, NONE, minimap.spot_of("c40").toPoint())
    assert abs(middle(sheet).y() - 40 * 96 - 25) < 60
    QTest.mouseMove(minimap, minimap.spot_of("c5").toPoint())
    assert abs(middle(sheet).y() - 40 * 96 - 25) < 60, "let go, it leads nowhere"


def test_the_frame_can_be_taken_hold_of_without_a_jump(qtbot: QtBot, sheet: Sheet) -> None:
    minimap = map_of(qtbot, sheet)
    sheet.set_zoom(0.4)
    sheet.show_place(QPointF(98, 3000))
    frame, before = minimap.seen(), middle(sheet)
    grip = (frame.center() + QPointF(0, frame.height() / 4)).toPoint()
    QTest.mousePress(minimap, LEFT, NONE, grip)
    assert abs(middle(sheet).y() - before.y()) < 3
    QTest.mouseRelease(minimap, LEFT, NONE, grip)


def test_the_frame_is_what_the_window_shows(qtbot: QtBot, sheet: Sheet) -> None:
    minimap = map_of(qtbot, sheet)
    sheet.set_zoom(1)
    sheet.show_place(QPointF(98, 10 * 96 + 25))
    assert minimap.seen().contains(minimap.spot_of("c10"))
    assert not minimap.seen().contains(minimap.spot_of("c50"))


def test_it_stands_in_the_lower_right_and_stays_there_while_the_sheet_scrolls(
    qtbot: QtBot, sheet: Sheet
) -> None:
    minimap = map_of(qtbot, sheet)
    sheet.set_zoom(1)
    sheet.show_place(QPointF(98, 2000))
    qtbot.wait(320)
    place = minimap.geometry()
    assert sheet.viewport().rect().bottomRight() - place.bottomRight() == QPoint(12, 12)
    sheet.pan(QPoint(0, 90))
    assert minimap.geometry() == place


def test_it_moves_out_of_the_way_of_words_where_a_corner_is_free(qtbot: QtBot, sheet: Sheet) -> None:
    minimap = map_of(qtbot, sheet)
    QApplication.sendEvent(minimap, QEvent(QEvent.Type.Leave))  # under the mouse it stays where it is
    sheet.set_zoom(1)
    sheet.show_place(QPointF(98 - 240, 60 * 96 - 60))  # the end of the column is where the map would be
    corner = minimap.geometry()
    sheet.canvas_scene.show_canvas(
        CanvasView(
            (*column(60).cards, card("last", position=tuple(sheet.mapToScene(corner.center()).toTuple())))
        )
    )
    sheet.pan(QPoint(1, 0))
    qtbot.wait(320)
    shown = sheet.mapToScene(minimap.geometry()).boundingRect()
    assert not sheet.canvas_scene.has_words_in(shown)


def inked(cards: tuple[CardView, ...], look: str) -> QImage:
    theme = load_theme(look)
    items = [CardItem(view, theme) for view in cards]
    projection = Projection.of(Rect(0, 0, 2000, 1400))
    image = QImage(projection.size(), QImage.Format.Format_RGB32)
    image.fill(theme.colour("panel"))
    painter = QPainter(image)
    paint_network(painter, theme, items, projection)
    painter.end()
    return image


@LOOKS
def test_errors_are_seen_by_their_colour_and_their_shape(look: str) -> None:
    theme, plain = load_theme(look), card("a", position=(900.0, 700.0))
    pictures = {state: inked((replace(plain, problem=state),), look) for state in (None, "error", "warning")}

    def colours(image: QImage) -> set[str]:
        return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}

    def shape(image: QImage) -> frozenset[tuple[int, int]]:
        ground = image.pixel(0, 0)
        return frozenset(
            (x, y) for x in range(image.width()) for y in range(image.height()) if image.pixel(x, y) != ground
        )

    assert theme.colours["error"].lower() in colours(pictures["error"])
    assert theme.colours["warning"].lower() in colours(pictures["warning"])
    assert len({shape(picture) for picture in pictures.values()}) == 3, "told without colour"


@LOOKS
def test_an_overlay_is_seen_on_the_map(look: str) -> None:
    theme, plain = load_theme(look), card("a", position=(900.0, 700.0))
    hot = inked((replace(plain, heat=1.0),), look)
    cold = inked((replace(plain, heat=0.0),), look)
    assert hot != cold
    colours = {hot.pixelColor(x, y).name() for x in range(hot.width()) for y in range(hot.height())}
    assert theme.heat_colour(1.0).name() in colours


@pytest.mark.parametrize(("width", "height"), [(200, 480_000), (480_000, 200), (200, 50), (9000, 7000)])
def test_any_network_fits_on_the_map(width: float, height: float) -> None:
    projection = Projection.of(Rect(-300, 40, width, height))
    assert projection.size().width() <= WIDEST
    assert projection.size().height() <= HIGHEST
    for x, y in ((-300, 40), (-300 + width, 40 + height)):
        at = projection.point(x, y)
        assert 0 <= at.x() <= projection.size().width()
        assert 0 <= at.y() <= projection.size().height()
        back = projection.place(at)
        assert (back.x(), back.y()) == pytest.approx((x, y), abs=width / 100 + height / 100)


# In the window


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        yield made


def design_of(count: int) -> Design:
    design = Design()
    for number in range(count):
        design.top.add(Node(f"in{number}", "Input", {"shape": ["N", 4]}))
    return design


def minimap_in(window: MainWindow) -> Minimap:
    return window.design.canvas.viewport().findChild(Minimap)  # type: ignore[return-value]  # it is there


def test_requirement_10_a_map_stands_above_forty_layers_unless_it_is_switched_off(window: MainWindow) -> None:
    minimap, switch = minimap_in(window), window.actions_["show_minimap"]
    assert minimap.accessibleName() == "Map of the network"
    window.document.load(design_of(MANY))
    assert not minimap.isVisible()
    window.document.load(design_of(MANY + 1))
    assert minimap.isVisible()
    switch.trigger()
    assert not minimap.isVisible()
    assert window.settings.flag("show_minimap", True) is False, "it is remembered"
    switch.trigger()
    assert minimap.isVisible()
    window.document.load(design_of(3))
    assert not minimap.isVisible()
