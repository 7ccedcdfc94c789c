"""Overlays (requirement 15): how hot a layer is, its figure in words, the legend."""

from __future__ import annotations

import itertools

import pytest

from designer.canvas.overlay import OPEN, TITLES, Heater, comparable, counted, overlay, sized
from designer.canvas.views import CanvasView, CardView
from designer.theme import load_theme
from graph_ir import templates
from graph_ir.check import check
from graph_ir.dims import symbol
from graph_ir.receptive import receptive_fields
from tests.designer.canvas_colour import MATRICES, contrast, delta_e, lab, linear, simulate

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
        assert words.startswith(counted(entry.parameters))
        if entry.parameters:
            share = int(words.rsplit(", ", 1)[1].removesuffix(" %").removeprefix("<"))
            assert share == pytest.approx(100 * entry.parameters / report.parameters, abs=1)
    assert f"{counted(report.parameters)} in all" in found.notes


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
