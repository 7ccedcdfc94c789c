"""Overlays (requirement 15): how hot a layer is, its figure in words, the legend."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from designer.canvas.overlay import LONGEST, OPEN, TITLES, Heater, comparable, counted, overlay, sized
from designer.canvas.views import CanvasView, CardView
from designer.live_commands import LiveCommands
from designer.main_window import MainWindow
from designer.panels.legend import Legend
from designer.theme import load_theme
from graph_ir import templates
from graph_ir.check import check
from graph_ir.dims import symbol
from graph_ir.graph import Design
from graph_ir.receptive import receptive_fields
from tests.designer.canvas_colour import MATRICES, contrast, delta_e, lab, linear, simulate
from tests.designer.windows import a_window, use_template, words

SAMPLE = ("digits", "resnet18", "u-net", "digits-lstm", "char-gpt", "text-cnn")


@pytest.mark.parametrize("name", SAMPLE)
@pytest.mark.parametrize("kind", sorted(TITLES))
def test_requirement_15_heat_grows_with_the_figure(name: str, kind: str) -> None:
    report = check(templates.load(name))
    found = overlay(report, kind)
    figures = {
        "parameters": {id: one.parameters for id, one in report.layers.items()},
        "macs": {id: comparable(value) for id, value in report.macs_by_layer.items()},
        "memory": {id: comparable(one.activation_bytes.value) for id, one in report.costs.items()},
        "receptive": {
            id: max(view.entries or 10**9 for view in views)
            for id, views in receptive_fields(report).items()
            if views
        },
    }[kind]
    assert found.heats.keys() == figures.keys()
    heats = [found.heats[id][0] for id in sorted(figures, key=figures.__getitem__)]
    assert heats == sorted(heats)
    assert all(0 <= heat <= 1 for heat in heats)
    assert all((found.heats[id][0] == 0) == (figure == 0) for id, figure in figures.items())
    assert max(heats) == pytest.approx(1.0)
    assert found.title == TITLES[kind]


def test_words_are_the_figure_and_its_share() -> None:
    report = check(templates.load("digits"))
    found = overlay(report, "parameters")
    for id, entry in report.layers.items():
        words = found.heats[id][1]
        assert words.startswith(counted(entry.parameters) if entry.parameters else "")
        assert bool(words) == bool(entry.parameters), "nothing is said of nothing"
        if entry.parameters:
            share = int(words.rsplit(", ", 1)[1].removesuffix(" %").removeprefix("<"))
            assert share == pytest.approx(100 * entry.parameters / report.parameters, abs=1)
    assert f"{counted(report.parameters)} in all" in found.notes


def test_a_long_formula_is_told_by_its_share_alone() -> None:
    report = check(templates.load("u-net"))
    found = overlay(report, "memory")
    words = {id: said for id, (_, said) in found.heats.items() if said}
    assert words["image"].startswith("4·H·W, "), "a short one is written out"
    assert words["down1"].endswith(" %") and "H" not in words["down1"]
    assert all(len(said) <= LONGEST + len(", 100 %") for said in words.values())


def test_the_legend_says_all_of_its_notes(window: MainWindow) -> None:
    use_template(window, "u-net")
    window.actions_["overlay_memory"].trigger()
    notes = window.findChild(Legend).notes
    assert "taken as 100" in notes.text()
    assert notes.height() >= notes.heightForWidth(notes.width())


def test_figures_over_decades_get_a_logarithmic_scale_that_says_so() -> None:
    found = overlay(check(templates.load("resnet18")), "parameters")
    assert "logarithmic scale" in found.notes
    assert "logarithmic scale" not in overlay(check(templates.load("digits")), "receptive").notes


def test_sizes_that_vary_are_compared_as_one_number_and_the_legend_says_so() -> None:
    assert comparable(3 * symbol("T") + 1) == 3 * OPEN + 1
    found = overlay(check(templates.load("u-net")), "macs")
    assert f"sizes that vary taken as {OPEN}" in found.notes


@pytest.mark.parametrize(
    "number, words", [(0, "0"), (320, "320"), (999_960, "1.0 M"), (2_400_000, "2.4 M"), (1.1e8, "110 M")]
)
def test_counts_are_short(number: int, words: str) -> None:
    assert counted(number) == words


def test_memory_has_units() -> None:
    assert [sized(number) for number in (0, 512, 3_200_000, 4e9)] == ["0 B", "512 B", "3.2 MB", "4.0 GB"]


def test_a_network_without_anything_to_show_says_so() -> None:
    report = check(templates.load("image-kernels"))
    assert overlay(check(type(templates.load("digits"))()), "parameters").heats == {}
    assert overlay(report, "parameters").notes
    table = overlay(check(templates.load("mlp-table")), "receptive")
    assert table.heats == {}
    assert "no input has an axis of space or time" in table.notes


def test_a_card_whose_figure_stays_is_the_same_object() -> None:
    report = check(templates.load("digits"))
    cards = tuple(CardView(id, "", id, "", "", "", (), (), (0.0, 0.0)) for id in report.layers)
    heater, view = Heater(), CanvasView(cards=cards)
    assert heater.heated(view, report) is view
    heater.choose("macs")
    first, second = heater.heated(view, report), heater.heated(view, report)
    assert [one.heat for one in first.cards] == [heater.shown.heats[one.id][0] for one in cards]
    assert all(one is other for one, other in zip(first.cards, second.cards, strict=True))
    heater.choose("")
    assert heater.heated(view, report) is view


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("vision", MATRICES)
def test_the_ramp_is_read_by_everybody(name: str, vision: str) -> None:
    theme = load_theme(name)
    steps = [lab(simulate(linear(theme.heat_colour(step / 10).name()), vision)) for step in range(11)]
    lightness = [step[0] for step in steps]
    assert lightness in (sorted(lightness), sorted(lightness, reverse=True)), (
        "it only gets darker, or lighter"
    )
    assert all(delta_e(one, other) >= 3 for one, other in itertools.pairwise(steps))
    hot, card = linear(theme.colours["heat_high"]), linear(theme.colours["card"])
    assert contrast(hot, card) >= 4.5


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        use_template(made)
        qtbot.wait(20)
        yield made


def legend(window: MainWindow) -> Legend:
    return next(feature for feature in window.features if isinstance(feature, LiveCommands)).legend


@pytest.mark.parametrize("number, kind", list(enumerate(TITLES, 2)))
def test_requirement_15_a_key_colours_the_layers_and_a_legend_says_by_what(
    window: MainWindow, number: int, kind: str
) -> None:
    scene = window.design.canvas.canvas_scene
    assert all(card.view.heat is None for card in scene.cards.values())
    QTest.keyClick(window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.AltModifier)
    expected = overlay(window.document.report, kind).heats
    shown = {id: (card.view.heat, card.view.heat_words) for id, card in scene.cards.items()}
    assert shown == {id: expected.get(id, (None, "")) for id in scene.cards}
    assert TITLES[kind] in words(legend(window))
    others = [f"overlay_{one}" for one in ("none", *TITLES) if one != kind]
    assert window.actions_[f"overlay_{kind}"].isChecked()
    assert not any(window.actions_[name].isChecked() for name in others)
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert all(card.view.heat is None for card in scene.cards.values())
    assert not legend(window).isVisible()


def test_colours_follow_each_edit_and_the_network_on_show(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_["overlay_parameters"].trigger()
    scene = window.design.canvas.canvas_scene
    window.document.set_fields("", "conv1", {"out_channels": 64})
    expected = overlay(window.document.report, "parameters").heats["conv1"][1]
    qtbot.waitUntil(lambda: scene.cards["conv1"].view.heat_words == expected)
    use_template(window, "resnet18")
    use = next(id for id, entry in window.document.report.layers.items() if entry.nested)
    window.design.show_layers([use], [])
    inside = window.design.canvas.report
    found = overlay(inside, "parameters")
    assert {id: card.view.heat for id, card in scene.cards.items()} == {
        id: found.heats[id][0] for id in scene.cards
    }
    assert legend(window).high.text() == found.high


def test_an_empty_sheet_has_no_legend(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_["overlay_macs"].trigger()
    assert legend(window).isVisible()
    window.document.load(Design())
    qtbot.waitUntil(lambda: not legend(window).isVisible())


def test_the_legend_keeps_its_corner_and_its_cross_takes_the_colours_away(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.actions_["overlay_macs"].trigger()
    viewport = window.design.canvas.viewport()
    for size in ((1440, 900), (1100, 700)):
        window.resize(*size)
        qtbot.wait(20)
        assert viewport.rect().contains(legend(window).geometry())
        assert legend(window).geometry().left() <= 12
        assert viewport.height() - legend(window).geometry().bottom() <= 14
    QTest.mouseClick(legend(window).findChild(QToolButton), Qt.MouseButton.LeftButton)
    assert not legend(window).isVisible()
    assert window.actions_["overlay_none"].isChecked()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_ramp_of_the_legend_is_painted_in_the_looks_colours(window: MainWindow, look: str) -> None:
    window.set_mode("dark" if look == "dark" else "light")
    window.actions_["overlay_memory"].trigger()
    picture = legend(window).grab().toImage()
    theme = load_theme(look)
    inside = [picture.pixelColor(x, y) for x in range(picture.width()) for y in range(picture.height())]
    for heat in (0.1, 0.5, 0.9):
        wanted = theme.heat_colour(heat)
        assert any(
            max(abs(c.red() - wanted.red()), abs(c.green() - wanted.green()), abs(c.blue() - wanted.blue()))
            <= 3
            for c in inside
        )
