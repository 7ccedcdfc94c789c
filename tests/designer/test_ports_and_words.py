"""What came with the wide catalogue: ports that come and go or may stay free, words of new kinds, a quick search."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.canvas.adding.offers import hits
from designer.canvas.adding.search import Fit, find
from designer.canvas.arranging.places import tidy
from designer.canvas.gestures.drops import LAYER_MIME
from designer.canvas.project import input_ports
from designer.canvas.words import value_words, without_name
from designer.design_page import DesignPage
from designer.panels.field_text import as_text, parse
from graph_ir.build import build
from graph_ir.graph import Design, Node, Wire
from graph_ir.kinds import Json, Sizes
from graph_ir.layers import catalogue
from graph_ir.signature import TensorType
from graph_ir.summary import HEADER
from tests.designer.pages import NONE, a_page, graph, state, type_into, undo_all, with_inputs

KEYSTROKE_MS = 16


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> Iterator[DesignPage]:
    with a_page(qtbot) as made:
        yield made


# Ports


def drop(page: DesignPage, type: str, at: QPointF) -> None:
    """Let a layer type from the palette fall at a place of the scene."""
    view, data = page.canvas.viewport(), QMimeData()
    data.setData(LAYER_MIME, type.encode())
    place = page.canvas.mapFromScene(at)
    how = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, NONE
    for event in (
        QDragEnterEvent(place, *how),
        QDragMoveEvent(place, *how),
        QDropEvent(QPointF(place), *how),
    ):
        QApplication.sendEvent(view, event)


ON_A_WIRE = [
    ("LSTM", "x", "y", ["N", 5, 16]),
    ("Split", "x", "y1", ["N", 32]),
    ("Chunk", "x", "y1", ["N", 32]),
    ("TopK", "x", "values", ["N", 32]),
    ("MultiheadAttention", "query", "y", ["N", 5, 16]),
    ("Concat", "x1", "y", ["N", 32]),
    ("Where", "x1", "y", ["N", 32]),
    ("MaskedFill", "x", "y", ["N", 32]),
    ("TransformerDecoderLayer", "tgt", "y", ["N", 5, 16]),
]


@pytest.mark.parametrize(("type", "into", "out", "shape"), ON_A_WIRE, ids=[row[0] for row in ON_A_WIRE])
def test_a_layer_with_several_ports_falls_on_a_wire(
    page: DesignPage, type: str, into: str, out: str, shape: list[Json]
) -> None:
    canvas, document = page.canvas, page.canvas.document
    document.load(Design())
    document.add_layer("", "Input", values={"shape": shape})
    document.add_layer("", "ReLU", after=("input1", "y"))
    document.undo_stack.clear()
    canvas.fit_all()
    before, layers = state(page), set(graph(page).ids())
    top = canvas.canvas_scene.port_point("input1", "outputs", "y")
    end = canvas.canvas_scene.port_point("relu1", "inputs", "x")
    drop(page, type, (top + end) / 2)
    (added,) = set(graph(page).ids()) - layers
    assert set(graph(page).wires()) == {Wire("input1", "y", added, into), Wire(added, out, "relu1", "x")}
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert state(page) == before


def test_the_pieces_of_a_split_come_and_go_as_ports_and_a_wire_without_its_port_is_told(
    page: DesignPage,
) -> None:
    document, canvas = page.canvas.document, page.canvas
    document.load(Design())
    document.add_layer("", "Input", values={"shape": ["N", 32]})
    document.add_layer("", "Split", after=("input1", "y"))
    canvas.select(["split1"])
    type_into(page.inspector.row("sizes"), [8, 8, 16])
    assert [port.name for port in canvas.canvas_scene.cards["split1"].view.outputs] == ["y1", "y2", "y3"]
    document.add_layer("", "ReLU", after=("split1", "y3"))
    assert document.report.layers["relu1"].outputs["y"].shape[1] == 16
    assert not document.report.layers["relu1"].problems
    canvas.select(["split1"])
    type_into(page.inspector.row("sizes"), [16, 16])
    assert "y3" in [port.name for port in canvas.canvas_scene.cards["split1"].view.outputs], (
        "its wire is seen"
    )
    assert any("y3" in problem.message for problem in document.report.problems if problem.severity == "error")
    undo_all(page)
    assert len(graph(page)) == 0


def test_an_input_that_may_stay_free_is_smaller_and_says_so_until_it_is_wired(page: DesignPage) -> None:
    document, canvas = page.canvas.document, page.canvas
    document.load(Design())
    document.add_layer("", "Input", values={"shape": ["N", 5, 16]})
    document.add_layer("", "LSTM", after=("input1", "y"))
    spare = {port.name: port.spare for port in canvas.canvas_scene.cards["lstm1"].view.inputs}
    assert spare == {"x": False, "h_0": True, "c_0": True}
    notes = {port.name: port.note for port in canvas.canvas_scene.cards["lstm1"].view.inputs}
    assert "may stay free" in notes["h_0"]
    document.add_layer("", "Input", values={"shape": [1, "N", 64]})
    document.connect("", Wire("input2", "y", "lstm1", "h_0"))
    ports = {port.name: port.spare for port in canvas.canvas_scene.cards["lstm1"].view.inputs}
    assert ports["h_0"] is False
    document.add_layer("", "Add")
    assert not any(port.spare for port in canvas.canvas_scene.cards["add1"].view.inputs), "it needs both"
    assert input_ports(graph(page), "add1") == ["x1", "x2"]


# Speed


def test_a_letter_in_palette_or_quick_search_takes_no_time_that_is_felt(page: DesignPage) -> None:
    canvas = page.canvas
    page.palette_panel._all.click()
    canvas.document.load(with_inputs({"x": TensorType((2, 16, 8, 8))}))
    canvas.select(["in1"])
    canvas.open_search()
    for field in (page.palette_panel.field, canvas.adder.list.field):
        rounds = []
        for _ in range(3):
            field.clear()
            rounds.append([_ms(partial(QTest.keyClicks, field, letter)) for letter in "convolution"])
        best = [min(times) for times in zip(*rounds, strict=True)]
        assert max(best) < KEYSTROKE_MS, best


def _ms(act: Callable[[], None]) -> float:
    """Of this process's own time, so that a busy machine does not count."""
    began = time.process_time()
    act()
    QApplication.processEvents()
    return (time.process_time() - began) * 1000


# Words


@pytest.mark.parametrize(
    ("type", "values", "words"),
    [
        ("CrossEntropyLoss", {"weight": [0.5, 1.0, 2.0]}, "weight 0.5,1,2"),
        ("ConnectionTableConv2d", {"table": [[0, 1], [1, 2]], "kernel_size": 5}, "0,1; 1,2"),
        ("ExternalModule", {"arguments": {"width": 64}}, "arguments width: 64"),
        ("ExternalModule", {}, "x: N C"),
        ("MaxPool2d", {"kernel_size": 3, "stride": 2}, "stride 2"),
        ("Conv2d", {"kernel_size": 3}, "3×3"),
        ("Embedding", {"padding_idx": 0}, "padding_idx 0"),
        ("Input", {}, "N×1×28×28"),
    ],
)
def test_values_of_every_kind_read_well_on_a_card(type: str, values: dict[str, Json], words: str) -> None:
    cls = catalogue()[type]
    node = Node("a", type, cls.spec.start_values() | values)
    layer, _ = build(cls, node.values)
    assert words in value_words(node, layer)


def test_a_name_in_front_of_a_sentence_keeps_its_letters() -> None:
    assert without_name("net1 (ExternalModule): mine.net:Gate is declared") == "mine.net:Gate is declared"
    assert without_name("conv1 (Conv2d): takes 4 axes") == "Takes 4 axes"


def test_an_empty_list_is_written_so_that_it_reads_back() -> None:
    assert as_text([]) == "[]"
    assert parse(Sizes(), as_text([])) == []


def test_a_layer_whose_palette_value_does_not_fit_is_offered_with_the_field_to_set(page: DesignPage) -> None:
    canvas = page.canvas
    canvas.document.load(with_inputs({"x": TensorType((2, 33))}))
    offers = {hit.type: hit for hit in hits(canvas.document.design, canvas.report, "", ("in1", "y"))}
    assert offers["Split"].fit is Fit.ADAPTED
    assert offers["Split"].note.startswith("set `sizes` then")
    assert offers["Conv3d"].fit is Fit.REFUSED, "no value makes its axes right"


def test_a_name_written_out_comes_first_even_where_it_does_not_fit(page: DesignPage) -> None:
    canvas = page.canvas
    canvas.document.load(with_inputs({"x": TensorType((2, 33))}))
    offers = hits(canvas.document.design, canvas.report, "", ("in1", "y"))
    assert find("Input", offers)[0].type == "Input"
    assert find("conv", offers)[-1].fit is Fit.REFUSED


def test_the_lengths_of_an_input_stand_beside_it(page: DesignPage) -> None:
    document, canvas = page.canvas.document, page.canvas
    document.load(Design())
    document.add_layer("", "Input", values={"shape": ["N", "T", 8]})
    document.add_layer("", "Parameter")
    document.add_layer("", "Input", values={"role": "lengths", "of": "input1", "axis": 1})
    document.add_layer("", "LSTM", after=("input1", "y"))
    places = tidy(document.design, document.report, canvas.canvas_scene.theme.sizes)
    assert places["input2"] == (
        places["input1"][0] + canvas.canvas_scene.theme.sizes.column_pitch,
        places["input1"][1],
    )
    pill = canvas.canvas_scene.wires[("input1", "y"), ("lstm1", "x")].view
    assert [axis.size for axis in pill.axes] == ["N", "≤T", "8"]


def test_all_shapes_of_a_layer_with_many_outputs_are_read_in_the_summary(page: DesignPage) -> None:
    document = page.canvas.document
    document.load(Design())
    document.add_layer("", "Input", values={"shape": ["N", "a", 32]})
    document.add_layer("", "Split", after=("input1", "y"))
    page.set_bottom(page.summary)
    model = page.summary.model
    row = model.find((), "split1")
    assert row is not None
    column = [name.casefold() for name in HEADER].index("output")
    tip = model.data(model.index_of(row, column), Qt.ItemDataRole.ToolTipRole)
    assert tip == "<span>(N, a, 16),<br>(N, a, 16)</span>"
