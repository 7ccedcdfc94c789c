"""The start page: templates with pictures of our own, files opened last, examples with data; by mouse and by keys."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from designer.document import Document
from designer.main_window import MainWindow
from designer.miniature import miniature
from designer.panels.gallery_cards import TEMPLATE, chip_area, two_lines
from designer.panels.recent_list import changed_words
from designer.services.thumbnails import Source, Thumbnail, Thumbnails, of_file, of_template
from designer.theme import load_theme
from graph_ir import templates
from graph_ir.check import check
from graph_ir.file import dump, write
from graph_ir.graph import Design
from tests.designer.windows import a_window, template_at, words

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with a_window(qtbot, tmp_path) as made:
        yield made


def _design(folder: Path, name: str) -> Path:
    path = folder / f"{name}.loom.json"
    write(path, templates.load("digits"))
    return path


class _Pictures(QObject):
    """One red picture for everything."""

    ready = Signal(str)

    def get(self, source: Source, look: str) -> Thumbnail | None:
        pixmap = QPixmap(416, 184)
        pixmap.setDevicePixelRatio(2)
        pixmap.fill(Qt.GlobalColor.red)
        return Thumbnail(pixmap, "1.2 M")


# Pictures


def _columns(image: QImage) -> list[int]:
    """How many painted pixels stand in each column."""
    rows = range(image.height())
    return [sum(image.pixelColor(x, y).alpha() > 200 for y in rows) for x in range(image.width())]


def test_a_picture_shows_layers_in_their_colours_and_how_sizes_shrink() -> None:
    theme, design = load_theme("light"), templates.load("vgg11")
    image = miniature(design, check(design), theme)
    counts = [count for count in _columns(image) if count > 20]
    third = len(counts) // 3
    assert max(counts[:third]) > 1.8 * min(counts[third : 2 * third]), "the maps get smaller on the way"
    seen = {image.pixelColor(x, image.height() // 2).name() for x in range(image.width())}
    for category in ("convolution", "pooling", "activation"):
        assert theme.category_colour(category).name() in seen, "what is inside the blocks is drawn"
    assert image.text("parameters") == "0.13 G"


def test_a_picture_leaves_hidden_layers_out_and_joins_what_they_join() -> None:
    theme, document = load_theme("light"), Document(templates.load("digits"))

    def chain() -> list[QColor]:
        """The picture's fullest row, along which the wires run."""
        image = miniature(document.design, check(document.design), theme)
        rows = [[image.pixelColor(x, y) for x in range(image.width())] for y in range(image.height())]
        row = max(rows, key=lambda row: sum(colour.alpha() > 0 for colour in row))
        painted = [x for x, colour in enumerate(row) if colour.alpha() > 0]
        return row[painted[0] : painted[-1] + 1]

    activation = theme.category_colour("activation").name()
    assert activation in {colour.name() for colour in chain()}
    hidden = [id for id, entry in document.report.layers.items() if "ReLU" in entry.node.type]
    document.set_hidden("", hidden, True)
    assert len(hidden) > 1
    assert activation not in {colour.name() for colour in chain()}
    assert all(colour.alpha() > 0 for colour in chain()), "wires run on where they are"


def test_a_picture_leaves_out_what_is_hidden_inside_a_block() -> None:
    theme, document = load_theme("light"), Document(templates.load("vgg11"))
    for network, graph in document.design.networks.items():
        document.set_hidden(network, [node.id for node in graph if node.type in ("ReLU", "Activation")], True)
    image = miniature(document.design, check(document.design), theme)
    seen = {image.pixelColor(x, image.height() // 2).name() for x in range(image.width())}
    assert theme.category_colour("activation").name() not in seen
    assert theme.category_colour("convolution").name() in seen


def test_a_picture_of_nothing_and_of_broken_designs_is_one_too() -> None:
    theme = load_theme("dark")
    empty = Design()
    assert not any(_columns(miniature(empty, check(empty), theme)))
    broken = templates.load("digits")
    broken.top.remove("conv1")
    assert any(_columns(miniature(broken, check(broken), theme)))


def test_pictures_are_made_in_the_background_and_kept(qtbot: QtBot, tmp_path: Path) -> None:
    path = _design(tmp_path, "mine")
    bad = tmp_path / "bad.loom.json"
    bad.write_text("{")
    sources = [of_template("lasso"), of_file(path), of_file(bad)]
    made = Thumbnails(tmp_path / "cache")
    told: list[str] = []
    made.ready.connect(told.append)
    try:
        assert [made.get(source, "light") for source in sources if source] == [None] * 3
        qtbot.waitUntil(lambda: len(told) == 3, timeout=20_000)
        first, second, third = (made.get(source, "dark") for source in sources if source)
        assert first is not None and second is not None
        assert first.pixmap.deviceIndependentSize().width() == 208
        assert second.parameters == "0.11 M"
        assert third is None, "what is no design has no picture, and is not tried again"
        other = Thumbnails(tmp_path / "cache")
        assert sources[1] is not None and other.get(sources[1], "light") is not None, "kept on disk"
    finally:
        made.close()
    os.utime(path, (1, 1))
    changed = of_file(path)
    assert changed is not None and changed != sources[1], "a file that has changed has another picture"


def test_a_folder_that_cannot_be_written_costs_only_the_pictures(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    made = Thumbnails(tmp_path / "file" / "cache")
    told: list[str] = []
    made.ready.connect(told.append)
    try:
        assert made.get(of_template("lasso"), "light") is None
        qtbot.waitUntil(lambda: bool(told), timeout=20_000)
        assert made.get(of_template("lasso"), "light") is None
    finally:
        made.close()


def test_closing_leaves_no_process(qtbot: QtBot, tmp_path: Path) -> None:
    made = Thumbnails(tmp_path / "cache")
    for name in templates.names():
        made.get(of_template(name), "light")
    qtbot.wait(600)
    made.close()  # the fixture `no_process_left` looks


def test_cards_show_their_pictures(qtbot: QtBot, window: MainWindow) -> None:
    start = window.design.start
    gallery = start.gallery
    pictures = _Pictures(window)
    gallery.set_thumbnails(pictures)  # type: ignore[arg-type]  # it answers as the real one does
    pictures.ready.emit("any")
    template_at(window, "digits")
    item = gallery.item_of("digits")
    assert item is not None
    qtbot.wait(20)
    area = gallery.list.visualItemRect(item)
    image = gallery.list.viewport().grab(area).toImage()
    red = sum(image.pixelColor(x, 40).name() == "#ff0000" for x in range(image.width()))
    assert red > image.width() / 2


# The gallery


def test_cards_stand_in_columns_and_share_the_width(qtbot: QtBot, window: MainWindow) -> None:
    for width in (1000, 1440, 1900):
        window.resize(width, 800)
        qtbot.wait(30)
        gallery = window.design.start.gallery
        items = [gallery.list.item(row) for row in range(gallery.list.count())]
        areas = [gallery.list.visualItemRect(item) for item in items if item.data(TEMPLATE) is not None]
        heads = [gallery.list.visualItemRect(item) for item in items if item.data(TEMPLATE) is None]
        room = gallery.list.viewport().width()
        assert all(area.left() >= 0 and area.right() <= room for area in (*areas, *heads))
        assert not any(one.intersects(other) for one, other in pairwise(areas))
        assert len({area.left() for area in areas}) >= room // 200
        assert max(area.right() for area in areas) > room - 40, "no empty column is left beside them"


def test_arrows_go_from_card_to_card_and_enter_opens(window: MainWindow) -> None:
    gallery = window.design.start.gallery
    gallery.list.setFocus()
    names = gallery.shown()

    def at() -> str:
        return str(gallery.list.currentItem().data(TEMPLATE).name)

    QTest.keyClick(gallery.list, Qt.Key.Key_Right)
    assert at() == names[0]
    QTest.keyClick(gallery.list, Qt.Key.Key_Right)
    assert at() == names[1]
    QTest.keyClick(gallery.list, Qt.Key.Key_Down)
    below = gallery.list.visualItemRect(gallery.list.currentItem())
    first = gallery.item_of(names[1])
    assert first is not None
    assert below.top() > gallery.list.visualItemRect(first).top()
    QTest.keyClick(gallery.list, Qt.Key.Key_Up)
    assert at() == names[1]
    QTest.keyClick(gallery.list, Qt.Key.Key_Return)
    assert dump(window.document.design) == dump(templates.load(names[1]))


def test_nothing_found_says_what_to_try(window: MainWindow) -> None:
    gallery = window.design.start.gallery
    QTest.keyClicks(gallery.field, "xyzzy")
    assert "xyzzy" in words(gallery) and "Try" in words(gallery)
    QTest.keyClick(gallery.field, Qt.Key.Key_Escape)
    assert "xyzzy" not in words(gallery)


def test_an_example_opens_with_its_training(window: MainWindow) -> None:
    QTest.mouseClick(window.design.start.example, LEFT)
    assert dump(window.document.design) == dump(templates.load("digits"))
    assert window.pages.currentWidget() is window.train
    assert window.train.run.isEnabled()


@pytest.mark.parametrize("by", ["click", "keys"])
def test_a_card_with_data_opens_its_training(window: MainWindow, by: str) -> None:
    gallery = window.design.start.gallery
    template_at(window, "digits-lstm")
    item = gallery.item_of("digits-lstm")
    assert item is not None
    if by == "click":
        area = gallery.list.visualItemRect(item).adjusted(0, 0, -12, -12)
        chip = chip_area(window.themes.theme, area, item.data(TEMPLATE))
        QTest.mouseClick(gallery.list.viewport(), LEFT, pos=chip.center())
    else:
        gallery.list.setFocus()
        gallery.list.setCurrentItem(item)
        QTest.keyClick(gallery.list, Qt.Key.Key_Return, CTRL)
    assert dump(window.document.design) == dump(templates.load("digits-lstm"))
    assert window.pages.currentWidget() is window.train


def test_a_summary_takes_two_lines_at_most(qtbot: QtBot) -> None:
    font = load_theme("light").ui_font(11)
    assert two_lines(font, "", 100) == []
    assert two_lines(font, "short", 100) == ["short"]
    lines = two_lines(font, "several words that do not fit on one line of that width, nor on two", 100)
    assert len(lines) == 2 and lines[1].endswith("…")
    assert two_lines(font, "x" * 500, 100)[0].endswith("…")


# Begin by oneself


def test_new_design_gives_an_empty_canvas_with_a_hint_and_a_way_back(
    qtbot: QtBot, window: MainWindow
) -> None:
    start, blank = window.design.start, window.design.blank
    QTest.mouseClick(start.new, LEFT)
    assert start.isHidden() and blank.isVisible()
    assert "Space" in words(blank)
    assert window.design.canvas.hasFocus()
    QTest.mouseClick(blank.back, LEFT)
    assert start.isVisible() and blank.isHidden()
    QTest.mouseClick(start.new, LEFT)
    window.document.add_layer("", "Input")
    assert start.isHidden() and blank.isHidden()
    window.document.remove_layers("", list(window.document.design.top.ids()))
    assert start.isHidden() and blank.isVisible(), "who has drawn gets no start page in the way"
    window.document.undo_stack.undo()
    window.document.undo_stack.undo()
    window.files.new()
    assert start.isVisible()


def test_the_start_page_covers_the_canvas(qtbot: QtBot, window: MainWindow) -> None:
    for size in ((960, 640), (1440, 900), (2400, 1300)):
        window.resize(*size)
        qtbot.wait(30)
        assert window.design.start.geometry() == window.design.canvas.viewport().rect()


# Files opened last


def test_files_opened_last_are_listed_and_open(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    start = window.design.start
    assert start.nothing_recent.isVisible() and start.recent.isHidden()
    path = _design(tmp_path, "mine")
    window.settings.remember(path)
    assert start.recent.isVisible() and start.nothing_recent.isHidden()
    item = start.recent.item(0)
    assert item.data(Qt.ItemDataRole.AccessibleTextRole) == "mine, just now"
    QTest.mouseClick(start.recent.viewport(), LEFT, pos=start.recent.visualItemRect(item).center())
    assert window.document.path == path


def test_a_file_that_is_gone_is_said_and_can_be_located_or_forgotten(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    start, path = window.design.start, _design(tmp_path, "mine")
    for each in (tmp_path / "other.loom.json", path):
        window.settings.remember(each)
    place = tmp_path / "elsewhere" / "moved.loom.json"
    place.parent.mkdir()
    path.rename(place)
    start.recent.setFocus()
    QTest.keyClick(start.recent, Qt.Key.Key_Return)
    assert "mine.loom.json is no longer in" in window.message.text()
    window.message.answer("Locate…")
    qtbot.waitUntil(lambda: bool(window.findChildren(QFileDialog)))
    dialog = window.findChildren(QFileDialog)[-1]
    dialog.selectFile(str(place))
    dialog.accept()
    qtbot.waitUntil(lambda: window.document.path == place)
    assert window.settings.recent() == [place, tmp_path / "other.loom.json"]
    window.files.new()
    qtbot.wait(20)
    start.recent.setCurrentRow(1)
    QTest.keyClick(start.recent, Qt.Key.Key_Delete)
    assert window.settings.recent() == [place]


def test_the_right_button_offers_what_can_be_done(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    recent = window.design.start.recent
    for name in ("one", "gone"):
        window.settings.remember(_design(tmp_path, name))
    (tmp_path / "gone.loom.json").unlink()
    window.settings.forget(tmp_path / "nothing")
    window.design.start.show_recent(window.settings.recent())
    offered = []
    for row in (0, 1):
        recent.customContextMenuRequested.emit(recent.visualItemRect(recent.item(row)).center())
        menu = recent.findChildren(QMenu)[-1]
        offered.append([action.text().split("\t")[0] for action in menu.actions()])
        menu.close()
    assert offered == [["Locate…", "Take off the list"], ["Open", "Take off the list"]]


def test_when_a_file_was_changed_is_said_in_words(tmp_path: Path) -> None:
    path = _design(tmp_path, "mine")
    os.utime(path, (1_000_000, 1_000_000))
    for later, said in (
        (5, "just now"),
        (65, "1 minute ago"),
        (7300, "2 hours ago"),
        (90_000, "1 day ago"),
        (20 * 86_400, "2 weeks ago"),
        (90 * 86_400, "12 Jan 1970"),
    ):
        assert changed_words(path, 1_000_000 + later) == said
    assert changed_words(tmp_path / "gone") == ""


def test_where_there_is_no_room_for_the_side_the_title_stands_alone(window: MainWindow) -> None:
    window.resize(1400, 900)
    assert words(window.design.start).count("Or start from") == 1
    window.resize(960, 640)
    said = words(window.design.start)
    assert "Start from a design that works" in said
    assert "Or start" not in said, "or than what?"
