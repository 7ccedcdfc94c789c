"""After a run of a design, the card of a wire shows what one real sample is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from designer.canvas.telling.sample_view import SampleView, sample_words
from designer.main_window import MainWindow
from designer.theme import load_theme
from graph_ir import templates
from graph_ir.canonical import dump
from graph_ir.graph import Design
from tests.designer.canvases import empty, on_wire
from tests.designer.windows import a_window

MAPS = [{"width": 2, "height": 2, "shades": [0, 85, 170, 255]}] * 3
TOLD = {"shape": [1, 3, 2, 2], "dtype": "float32", "min": -1.25, "mean": 0.5, "max": 2.0}


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        made.document.load(templates.load("digits"))
        made.design.canvas.zoom_reset()
        made.design.canvas.reveal("conv1")
        QTest.mouseMove(made.design.canvas.viewport(), empty(made.design.canvas))
        yield made


def a_run(window: MainWindow, design: Design, name: str = "one", told: Any = None) -> Path:
    """A finished run of a design, with its sample beside it (without `told` there is none)."""
    folder = window.runs.folder / name
    folder.mkdir(parents=True)
    (folder / "design.loom.json").write_text(dump(design), encoding="utf-8")
    (folder / "run.json").write_text(json.dumps({"pid": 1, "started": 5.0}))
    (folder / "result.json").write_text(json.dumps({"status": "finished"}))
    if told is not None:
        (folder / "sample.json").write_text(json.dumps({"conv1": {"y": told}}))
    return folder


def rest_on(window: MainWindow, name: str, qtbot: QtBot) -> None:
    canvas = window.design.canvas
    QTest.mouseMove(canvas.viewport(), empty(canvas))
    QTest.mouseMove(canvas.viewport(), on_wire(canvas, name, 8))
    qtbot.waitUntil(canvas.hand.card.isVisible)


def test_without_a_run_the_card_says_nothing_of_samples(window: MainWindow, qtbot: QtBot) -> None:
    rest_on(window, "conv1", qtbot)
    assert "after the run" not in window.design.canvas.hand.card.text()
    assert "sample of the last run" not in window.design.canvas.hand.card.text()


def test_after_a_run_of_this_design_the_card_shows_a_sample(window: MainWindow, qtbot: QtBot) -> None:
    a_run(window, window.document.design, told=TOLD | {"maps": MAPS})
    rest_on(window, "conv1", qtbot)
    card = window.design.canvas.hand.card
    qtbot.waitUntil(lambda: "from −1.25 to 2, mean 0.5" in card.text())
    assert "after the run one" in card.text()
    (picture,) = [one for one in card.findChildren(SampleView) if one.isVisibleTo(card)]
    assert card.rect().contains(picture.geometry()), "the card has grown with what came later"
    assert window.design.canvas.viewport().rect().contains(card.geometry())
    greys = {picture.grab().toImage().pixelColor(x, 4).value() for x in range(0, 44, 2)}
    assert len(greys) >= 2, "the shades of the first map are seen"
    rest_on(window, "norm1", qtbot)
    assert "computes nothing here" in card.text()


def test_a_run_of_another_design_is_none_of_this_one(window: MainWindow, qtbot: QtBot) -> None:
    a_run(window, window.document.design, told=TOLD)
    window.document.set_fields("", "conv1", {"out_channels": 16})
    rest_on(window, "conv1", qtbot)
    qtbot.wait(200)
    assert "after the run" not in window.design.canvas.hand.card.text()
    window.document.undo_stack.undo()
    rest_on(window, "conv1", qtbot)
    qtbot.waitUntil(lambda: "after the run" in window.design.canvas.hand.card.text())


def test_layout_and_training_make_no_other_design(window: MainWindow, qtbot: QtBot) -> None:
    a_run(window, window.document.design, told=TOLD)
    window.document.set_section(("training", "epochs"), 3)
    window.document.move("", {"conv1": (24, 120)})
    rest_on(window, "conv1", qtbot)
    qtbot.waitUntil(lambda: "after the run" in window.design.canvas.hand.card.text())


def test_a_run_that_ends_later_is_found(window: MainWindow, qtbot: QtBot) -> None:
    rest_on(window, "conv1", qtbot)
    a_run(window, window.document.design, told=TOLD)
    rest_on(window, "conv1", qtbot)
    qtbot.waitUntil(lambda: "after the run" in window.design.canvas.hand.card.text())


def test_a_sample_that_can_not_be_run_is_a_sentence(window: MainWindow, qtbot: QtBot) -> None:
    a_run(window, window.document.design)
    rest_on(window, "conv1", qtbot)
    qtbot.waitUntil(lambda: "no trained weights" in window.design.canvas.hand.card.text())


def test_words_and_curves_of_a_sample() -> None:
    words = sample_words({"min": 0, "mean": 1e-5, "max": 12345.678, "values": [1.5, -2], "not_finite": 3})
    assert words == ["from 0 to 1.23e+04, mean 1e−05", "3 of them no numbers (NaN or infinite)", "1.5, −2"]
    theme = load_theme("dark")
    assert SampleView({"values": [1.0]}, theme).is_empty
    curve = SampleView({"curve": [0.0, 1.0, -1.0]}, theme)
    assert not curve.is_empty
    colours = {
        curve.grab().toImage().pixelColor(x, y).name()
        for x in range(curve.width())
        for y in range(curve.height())
    }
    assert theme.colours["selection"].lower() in colours
