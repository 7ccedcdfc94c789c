"""The card beside a wire that the mouse rests on."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from designer.canvas.telling.wire_facts import amount, wire_facts
from designer.canvas.view import Canvas
from graph_ir import templates
from graph_ir.check import check
from graph_ir.graph import Design, Node, Wire
from tests.designer.canvases import Key, chain, drag, empty, let_go, middle, on_wire


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    found = chain(qtbot)
    found.document.set_fields("", "input1", {"shape": ["N", 3, 28, 28]})
    QTest.mouseMove(found.viewport(), empty(found))
    return found


def rest(canvas: Canvas, spot: QPoint, qtbot: QtBot) -> str:
    QTest.mouseMove(canvas.viewport(), spot)
    qtbot.waitUntil(canvas.hand.card.isVisible)
    return canvas.hand.card.text()


def test_a_rest_on_a_wire_shows_its_axes_by_letter_and_name_and_its_memory(
    canvas: Canvas, qtbot: QtBot
) -> None:
    words = rest(canvas, on_wire(canvas, "conv1", 10), qtbot)
    for said in ("conv1.y → relu1.x", "channels", "32", "height", "28", "width", "batch", "float32"):
        assert said in words
    assert "98 KiB for one sample" in words, "32·28·28 numbers of 4 bytes"
    assert "6.1 MiB for a batch of 64" in words
    assert canvas.viewport().rect().contains(canvas.hand.card.geometry())
    assert not canvas.hand.card.geometry().contains(on_wire(canvas, "conv1", 10))


def test_it_goes_when_the_mouse_goes_on(canvas: Canvas, qtbot: QtBot) -> None:
    rest(canvas, on_wire(canvas, "conv1", 10), qtbot)
    QTest.mouseMove(canvas.viewport(), empty(canvas))
    assert canvas.hand.card.isHidden()
    rest(canvas, on_wire(canvas, "input1", 10), qtbot)
    canvas.zoom_in()
    assert canvas.hand.card.isHidden()


def test_it_never_comes_during_a_drag_or_over_a_layer(canvas: Canvas, qtbot: QtBot) -> None:
    start = middle(canvas, "relu1")
    drag(canvas, start, on_wire(canvas, "input1", 10), drop=False)
    qtbot.wait(400)
    assert canvas.hand.card.isHidden()
    QTest.keyClick(canvas, Key.Key_Escape)
    let_go(canvas, start)
    QTest.mouseMove(canvas.viewport(), middle(canvas, "conv1"))
    qtbot.wait(400)
    assert canvas.hand.card.isHidden()


def test_it_is_shown_at_the_edge_of_the_canvas_whole(canvas: Canvas, qtbot: QtBot) -> None:
    spot = on_wire(canvas, "conv1", 10)
    corner = canvas.viewport().rect().bottomRight() - QPoint(12, 12)
    canvas.pan(corner - spot)
    rest(canvas, corner, qtbot)
    assert canvas.viewport().rect().contains(canvas.hand.card.geometry())
    assert not canvas.hand.card.geometry().contains(corner)


def test_what_a_name_says_is_no_markup(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.document.rename("", "conv1", "<b>conv</b>")
    rest(canvas, on_wire(canvas, "<b>conv</b>", 10), qtbot)
    titles = [label for label in canvas.hand.card.findChildren(QLabel) if "conv" in label.text()]
    assert all(label.textFormat() == label.textFormat().PlainText for label in titles)
    assert "<b>conv</b>" in canvas.hand.card.text()


# The facts


def test_an_unknown_shape_says_so() -> None:
    design = Design()
    design.top.add(Node("a", "Conv2d", {"out_channels": 3}))
    design.top.add(Node("b", "ReLU"))
    wire = Wire("a", "y", "b", "x")
    design.top.add_wire(wire)
    facts = wire_facts(design, check(design), wire)
    assert facts.axes == ()
    assert "not known" in facts.problem


def test_sizes_that_are_open_stay_in_the_product() -> None:
    design = Design()
    design.top.add(Node("a", "Input", {"shape": ["N", "T", 8]}))
    design.top.add(Node("b", "ReLU"))
    wire = Wire("a", "y", "b", "x")
    design.top.add_wire(wire)
    design.training["batch_size"] = 16
    facts = wire_facts(design, check(design), wire)
    assert facts.memory == ("32 B · T for one sample", "512 B · T for a batch of 16")
    assert [axis.name for axis in facts.axes] == ["batch", "time steps", "features"]


@pytest.mark.parametrize("name", ["digits", "transformer", "u-net", "digits-lstm"])
def test_every_wire_of_a_template_has_facts(name: str) -> None:
    design = templates.load(name)
    report = check(design)
    for wire in design.top.wires():
        facts = wire_facts(design, report, wire)
        given = report.wire_type(wire)
        assert given is not None
        assert len(facts.axes) == len(given.shape)
        assert all(axis.letter or axis.name for axis in facts.axes)
        assert facts.memory


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (10**9, "954 MiB"),
        (2**51, "2048 TiB"),
    ],
)
def test_amounts_are_said_in_their_unit(count: int, words: str) -> None:
    assert amount(count) == words
