"""Tidying all, a selection, and with Graphviz; layers that glide."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from designer.canvas.arranging.animation import LASTS
from designer.canvas.arranging.places import stored
from designer.canvas.views import Rect
from designer.graphviz_layout import places_of
from designer.main_window import MainWindow
from designer.services.files import Failed
from graph_ir.file import dump
from tests.designer.windows import a_window, use_template, words
from tests.designer.wire_geometry import overlaps


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        use_template(made, "googlenet")
        yield made


def rects(window: MainWindow) -> dict[str, Rect]:
    scene = window.design.canvas.canvas_scene
    chips = {f"chip of {name}": chip.rect() for name, chip in scene.chips.items()}
    return {name: card.rect() for name, card in scene.cards.items()} | chips


def places(window: MainWindow) -> dict[str, tuple[float, float]]:
    return {name: (rect.x, rect.y) for name, rect in rects(window).items()}


def scatter(window: MainWindow, *names: str) -> None:
    """As if somebody had dragged them about."""
    known = places(window)
    moved = {name: (known[name][0] + 31 * n, known[name][1] + 17 * n) for n, name in enumerate(names, 1)}
    window.design.canvas.put_layers(moved)


def all_names(window: MainWindow) -> list[str]:
    return list(window.design.canvas.canvas_scene.cards)


def test_requirement_8_tidy_lays_all_of_it_out_as_one_step(qtbot: QtBot, window: MainWindow) -> None:
    """Requirement 8: by its keys, in one step, which one undo takes back; and tidying what is tidy changes nothing."""
    tidy = places(window)
    scatter(window, *all_names(window)[3:9])
    document, before = window.document, dump(window.document.design)
    count = document.undo_stack.count()
    window.design.canvas.setFocus()
    QTest.keyClick(
        window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    assert places(window) == tidy
    assert document.undo_stack.count() == count + 1
    window.actions_["tidy"].trigger()
    assert document.undo_stack.count() == count + 1
    document.undo_stack.undo()
    assert dump(document.design) == before


def test_requirement_8_tidy_of_a_selection_moves_nothing_else_and_covers_nothing(window: MainWindow) -> None:
    """Requirement 8: the selection alone is laid out, near where it was, in one step."""
    names = all_names(window)[4:9]
    scatter(window, *names)
    before, design = places(window), dump(window.document.design)
    window.design.canvas.select(names)
    window.actions_["tidy_selection"].trigger()
    after = places(window)
    assert {name for name in before if after[name] != before[name]} <= set(names)
    assert not overlaps(rects(window))
    column = {after[name][0] for name in names}
    rows = sorted(after[name][1] for name in names)
    assert len(column) == 1
    assert [lower - upper for upper, lower in pairwise(rows)] == [96] * 4
    assert abs(min(rows) - min(before[name][1] for name in names)) <= 96 * 2
    window.document.undo_stack.undo()
    assert dump(window.document.design) == design


def test_one_card_and_its_chip_are_not_laid_out(window: MainWindow) -> None:
    canvas = window.design.canvas
    (chip,) = canvas.canvas_scene.chips.values()
    canvas.select([chip.view.loss, *(part for part, _ in chip.view.parts)])
    before = dump(window.document.design)
    window.actions_["tidy_selection"].trigger()
    assert dump(window.document.design) == before
    assert "two or more" in words(window.status)


def test_graphviz_lays_out_in_one_step_and_nothing_overlaps(qtbot: QtBot, window: MainWindow) -> None:
    before, count = places(window), window.document.undo_stack.count()
    window.actions_["tidy_dot"].trigger()
    qtbot.waitUntil(lambda: window.document.undo_stack.count() == count + 1, timeout=20_000)
    assert places(window) != before
    assert not overlaps(rects(window))
    assert set(stored(window.document.design.layout, "")) == set(window.design.canvas.graph.ids())
    assert "Graphviz" in words(window.status)
    window.document.undo_stack.undo()
    assert places(window) == before


def test_without_graphviz_it_is_said_how_to_get_it(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    from codegen.diagram import graphviz

    def missing(*_: object) -> bytes:
        raise graphviz.Missing("none")

    monkeypatch.setattr(graphviz, "draw", missing)
    before = dump(window.document.design)
    window.actions_["tidy_dot"].trigger()
    qtbot.waitUntil(lambda: "install" in words(window.status), timeout=5_000)
    assert graphviz.install_command() in words(window.status)
    assert dump(window.document.design) == before


@pytest.mark.parametrize("answer", ["", "graph 1 1 1\nstop", "node n0 x y", "node n99 1 1", 'node "n0'])
def test_what_graphviz_answers_is_read_with_care(answer: str, window: MainWindow) -> None:
    sizes = window.design.canvas.canvas_scene.theme.sizes
    with pytest.raises(Failed, match="Tidy"):
        places_of(answer, {"a": 196.0}, sizes)


def test_what_was_changed_meanwhile_stays(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_["tidy_dot"].trigger()
    scatter(window, all_names(window)[2])
    before = dump(window.document.design)
    qtbot.waitUntil(lambda: "changed while" in words(window.status), timeout=20_000)
    assert dump(window.document.design) == before


# Gliding


def test_layers_glide_to_where_the_design_has_put_them_at_once(qtbot: QtBot, window: MainWindow) -> None:
    canvas, name = window.design.canvas, all_names(window)[5]
    tidy = places(window)
    scatter(window, name)
    dragged = places(window)
    window.settings.set_animations(True)
    window.actions_["tidy"].trigger()
    assert stored(window.document.design.layout, "")[name] == tidy[name]
    assert canvas.glider.is_gliding
    assert places(window)[name] == dragged[name]
    qtbot.waitUntil(lambda: places(window)[name] not in (dragged[name], tidy[name]), timeout=2_000)
    qtbot.waitUntil(lambda: not canvas.glider.is_gliding, timeout=LASTS * 20)
    assert places(window) == tidy
    assert canvas.canvas_scene.routes.keys() == canvas.canvas_scene.wires.keys()


def test_undo_glides_back_and_a_click_ends_it(qtbot: QtBot, window: MainWindow) -> None:
    canvas, name = window.design.canvas, all_names(window)[5]
    tidy = places(window)
    scatter(window, name)
    window.settings.set_animations(True)
    window.document.undo_stack.undo()
    assert canvas.glider.is_gliding
    corner = canvas.viewport().rect().bottomLeft() + QPoint(4, -4)
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, corner)
    assert (canvas.glider.is_gliding, places(window)) == (False, tidy)


def test_where_animations_are_off_layers_are_there_at_once(window: MainWindow) -> None:
    tidy = places(window)
    scatter(window, *all_names(window)[3:6])
    window.settings.set_animations(True)
    window.settings.set_animations(False)
    window.actions_["tidy"].trigger()
    assert not window.design.canvas.glider.is_gliding
    assert places(window) == tidy
