"""New layers find a free place, whichever way they come."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from designer.canvas.arranging.free_spots import free_shift
from designer.canvas.view import Canvas
from designer.canvas.views import Rect
from graph_ir import templates
from graph_ir.graph import Wire
from tests.designer.canvases import a_canvas, chain, drop, middle
from tests.designer.wire_geometry import overlaps


def rects(canvas: Canvas) -> dict[str, Rect]:
    scene = canvas.canvas_scene
    chips = {f"chip of {name}": chip.rect() for name, chip in scene.chips.items()}
    return {name: card.rect() for name, card in scene.cards.items()} | chips


def test_what_is_dropped_on_a_layer_lies_beside_it(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    before = rects(canvas)
    drop(canvas, "Linear", middle(canvas, "conv1") + QPoint(10, 4))
    after = rects(canvas)
    assert not overlaps(after)
    assert {name: after[name] for name in before} == before
    assert abs(after["linear1"].x - before["conv1"].x) + abs(after["linear1"].y - before["conv1"].y) < 400


def test_layers_added_behind_one_after_another_stand_side_by_side(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    for _ in range(3):
        canvas.adder.add("ReLU", source=("input1", "y"), at=None)
    canvas.adder.add("CrossEntropyLoss", source=("relu1", "y"), at=None)
    canvas.adder.add("Identity", source=("relu1", "y"), at=None)
    found = rects(canvas)
    assert not overlaps({name: rect.grown(10) for name, rect in found.items()})
    assert canvas.canvas_scene.chips
    assert all(rect.y > found["input1"].y for name, rect in found.items() if name != "input1")


def test_what_has_only_a_reader_stands_above_it(qtbot: QtBot) -> None:
    canvas = chain(qtbot)
    canvas.put_layers({})
    canvas.document.add_layer("", "Add", after=("relu1", "y"))
    canvas.put_layers({})
    canvas.document.add_layer("", "Input")
    canvas.document.connect("", Wire("input2", "y", "add1", "x2"))
    found = rects(canvas)
    assert found["input2"].y < found["add1"].y
    assert not overlaps(found)


def test_the_nearest_free_place_is_taken() -> None:
    there = [Rect(0, 0, 196, 50), Rect(240, 0, 196, 50)]
    assert free_shift([Rect(0, 100, 196, 50)], there, 24) == (0, 0)
    dx, dy = free_shift([Rect(0, 0, 196, 50)], there, 24)
    assert (dx, abs(dy)) == (0, 72)
    wall = [Rect(x * 100.0, y * 40.0, 120, 60) for x in range(-40, 40) for y in range(-60, 60)]
    dx, dy = free_shift([Rect(0, 0, 196, 50)], wall, 24)
    assert dx >= 4020


def test_a_file_that_says_where_half_of_it_stands_is_filled_up(qtbot: QtBot) -> None:
    design = templates.load("googlenet")
    canvas = a_canvas(qtbot)
    canvas.document.load(design)
    places = {name: rect[:2] for name, rect in rects(canvas).items() if name in design.top}
    half = dict(list(places.items())[::2])
    canvas.document.move("", half)
    found = rects(canvas)
    assert {name: found[name][:2] for name in half} == half
    assert not overlaps(found)
