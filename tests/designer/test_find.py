"""Find (Ctrl+F, requirement 7): by text, shape, cost or field, walked with Enter, also inside blocks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from designer.live_commands import LiveCommands
from designer.main_window import MainWindow
from designer.panels.find_bar import FindBar
from designer.search_places import places
from graph_ir import templates
from tests.designer.windows import a_window, use_template

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        use_template(made)
        qtbot.wait(20)
        yield made


def live(window: MainWindow) -> LiveCommands:
    return next(feature for feature in window.features if isinstance(feature, LiveCommands))


def find(window: MainWindow, text: str) -> FindBar:
    QTest.keyClick(window.design.canvas, Qt.Key.Key_F, CTRL)
    bar = live(window).bar
    assert bar.isVisible()
    QTest.keyClicks(bar.field, text)
    return bar


def selected(window: MainWindow) -> list[str]:
    return window.design.canvas.selected()


def test_requirement_7_find_by_shape_walks_the_layers_with_enter(window: MainWindow) -> None:
    bar = find(window, "C=64 type:conv")
    layers = window.document.report.layers
    expected = [
        id
        for id, entry in layers.items()
        if entry.node.type == "Conv2d" and entry.outputs["y"].shape[1] == 64
    ]
    assert [hit.id for hit in bar.hits] == expected
    assert bar.count.text() == f"{len(expected)} layers"
    for number, id in enumerate(expected, 1):
        QTest.keyClick(bar.field, Qt.Key.Key_Return)
        assert selected(window) == [id]
        assert bar.count.text() == f"{number} of {len(expected)}"
        card = window.design.canvas.area_in_window(id)
        assert window.design.canvas.viewport().rect().contains(card.center())
        assert not card.intersects(bar.geometry()), "a hit is seen, not covered"
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert selected(window) == expected[:1], "round and round"
    QTest.keyClick(bar.field, Qt.Key.Key_Return, SHIFT)
    assert selected(window) == expected[-1:]


def test_alt_enter_selects_all_and_escape_gives_the_canvas_back(window: MainWindow) -> None:
    bar = find(window, "type:relu")
    hits = [hit.id for hit in bar.hits]
    QTest.keyClick(bar.field, Qt.Key.Key_Return, ALT)
    assert sorted(selected(window)) == sorted(hits)
    assert not bar.isVisible()
    bar = find(window, "")
    assert bar.field.selectedText() == "type:relu", "what was looked for last is there to be typed over"
    QTest.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert window.design.canvas.hasFocus()


def test_what_is_far_away_is_shown_large_enough_to_be_read(window: MainWindow) -> None:
    window.design.canvas.set_zoom(0.2)
    bar = find(window, "fc")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert window.design.canvas.zoom >= 0.6
    assert window.design.canvas.viewport().rect().contains(window.design.canvas.area_in_window("fc").center())


def test_hits_inside_blocks_are_listed_with_the_way_and_entered(window: MainWindow) -> None:
    use_template(window, "resnet18")
    bar = find(window, "type:conv kernel_size=3")
    inside = [hit for hit in bar.hits if hit.uses]
    assert inside
    number = bar.hits.index(inside[0])
    assert bar.list.item(number).text().startswith(" ▸ ".join(inside[0].uses))
    bar.list.scrollToItem(bar.list.item(number))
    place = bar.list.visualItemRect(bar.list.item(number)).center()
    QTest.mouseClick(bar.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    steps = tuple(step.use for step in window.design.canvas.trail.steps)
    assert (steps, selected(window)) == (inside[0].uses, [inside[0].id])


def test_the_help_stands_where_nothing_is_asked_and_errors_are_one_sentence(window: MainWindow) -> None:
    bar = find(window, "")
    assert bar.help.isVisible()
    assert "C=512" in bar.words()
    QTest.keyClicks(bar.field, "params>many")
    assert not bar.help.isVisible()
    assert "“many” is no number" in bar.words()
    assert bar.field.property("invalid") is True
    bar.field.setText("nothing-of-the-kind")
    assert "No layer of this design" in bar.words()
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert selected(window) == []


def test_hits_follow_the_design(qtbot: QtBot, window: MainWindow) -> None:
    bar = find(window, "type:relu")
    before = len(bar.hits)
    (added, *_) = window.document.add_layer("", "ReLU", after=("conv1", "y"))
    qtbot.waitUntil(lambda: len(bar.hits) == before + 1)
    assert added in [hit.id for hit in bar.hits]
    window.document.set_note("", "conv1", "look at this stem")
    window.document.set_label("", "conv2", "two")
    bar.field.setText("look at this")
    qtbot.waitUntil(lambda: [hit.id for hit in bar.hits] == ["conv1"])


def test_the_bar_stays_on_a_narrow_canvas(qtbot: QtBot, window: MainWindow) -> None:
    bar = find(window, "conv")
    for width in (1440, 900):
        window.resize(width, 700)
        qtbot.wait(20)
        assert window.design.canvas.viewport().rect().contains(bar.geometry())


def test_every_layer_of_every_use_is_looked_at_once(window: MainWindow) -> None:
    design = templates.load("resnet18")
    use_template(window, "resnet18")
    found = places(design, window.document.report)
    assert len({(place.uses, place.id) for place in found}) == len(found)
    assert [place.id for place in found if not place.uses] == list(window.document.report.layers)
    for place in found:
        assert window.design.canvas.trail.follow(place.uses)
        assert place.subject.entry is window.design.canvas.report.layers[place.id]
    macs = [place.subject.costs("macs") for place in found if len(place.uses) == 1]
    assert any(isinstance(figure, int) and figure > 0 for figure in macs)
