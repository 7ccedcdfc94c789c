"""Every declared layer type in the window: found, added, wired behind what fits, edited field by field, undone.

Nothing here names a layer but where the behaviour of one kind of port is looked at.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from random import Random
from statistics import median

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.canvas.drops import LAYER_MIME
from designer.canvas.project import input_ports, output_ports
from designer.canvas.search import Fit
from designer.design_page import DesignPage
from designer.document import Document
from designer.panels.field_editors import FlagEditor
from designer.panels.field_row import FieldRow
from designer.panels.field_text import as_text
from designer.theme import load_fonts, load_theme
from graph_ir.build import build
from graph_ir.dims import Dim
from graph_ir.file import dump
from graph_ir.graph import Design, Graph, Node, Wire
from graph_ir.infer import infer
from graph_ir.kinds import BadValue, Either, Flag, Json, Kind
from graph_ir.layers import catalogue
from graph_ir.signature import TensorType
from graph_ir.spec import Category, FieldSpec, Layer
from tests.graph_ir.cases import SIZES, Types, raw_value

ENTER, SHIFT, NONE = Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
KEYSTROKE_MS = 16
OF_KIND: dict[str, Json] = {
    "target": "mine.networks:Block",
    "signatures": {"a": "N C", "b": "N C"},
    "arguments": {"width": 64, "names": ["a", "b"]},
}
"""Another value of kinds whose grammar the random values do not know."""


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> Iterator[DesignPage]:
    load_fonts()
    made = DesignPage(Document(), load_theme("light"))
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    yield made
    made.palette_panel.tree.clear()  # a thousand items are not looked through when the page goes


def of(category: Category) -> list[type[Layer]]:
    return [cls for cls in catalogue().values() if cls.spec.category is category]


def graph(page: DesignPage) -> Graph:
    return page.canvas.document.design.top


def state(page: DesignPage) -> str:
    return dump(page.canvas.document.design)


def undo_all(page: DesignPage) -> None:
    stack = page.canvas.document.undo_stack
    while stack.canUndo():
        stack.undo()


def fitting(cls: type[Layer]) -> Types:
    """Types on the inputs that the layer's start values take, found by trying and following what errors ask for."""
    values = cls.spec.start_values()
    layer, bad = build(cls.declared_by(values), values)
    assert layer is not None, (cls.spec.type, bad)
    for number in range(2000):
        rng = Random(f"{cls.spec.type} {number}")
        types = drawn(rng, layer)
        for _ in range(4):
            error = infer(layer, tuple(types.items())).error
            if error is None:
                return types
            if error.port not in types or error.wanted is None:
                break
            sizes = (
                size if isinstance(size, int) and size > 0 else rng.choice(SIZES) for size in error.wanted
            )
            types = types | {error.port: TensorType(tuple(sizes), types[error.port].dtype)}
    raise AssertionError(f"nothing was found that {cls.spec.type} takes with the values of the palette")


def drawn(rng: Random, layer: Layer) -> Types:
    """Random types on every port that needs a wire; the same letters are the same sizes."""
    types: Types = {}
    bound: dict[str, tuple[Dim, ...]] = {}
    for port in layer.spec.inputs:
        many = range(1, port.fewest + 1 + rng.randint(0, 1)) if port.variadic else ()
        for name in [f"{port.name}{number}" for number in many] or [port.name][: not port.optional]:
            shape: list[Dim] = []
            for token in port.tokens:
                count = rng.randint(0, 3) if token.is_run else 1
                fresh = tuple(rng.choice(SIZES) for _ in range(count))
                fixed = (getattr(layer, token.text),) if token.is_field else fresh
                shape += bound.setdefault(token.text, fixed)
            types[name] = TensorType(tuple(shape), rng.choice(port.dtypes))
    return types


def with_inputs(types: Types) -> Design:
    """A design with one Input for each of the types, called `in1`, `in2` …"""
    design = Design()
    for number, given in enumerate(types.values(), 1):
        values = {"shape": list(given.shape), "dtype": given.dtype}
        design.top.add(Node(f"in{number}", "Input", values))
    return design


def errors_at(page: DesignPage, name: str) -> list[str]:
    return [p.message for p in page.canvas.report.problems if p.severity == "error" and p.layer == name]


# Found and added


@pytest.mark.parametrize("category", Category, ids=lambda category: category.key)
def test_every_type_is_found_by_its_name_and_added_with_enter(page: DesignPage, category: Category) -> None:
    palette, before = page.palette_panel, state(page)
    for cls in of(category):
        name = cls.spec.type
        palette.field.setText(name)
        assert palette.shown()[0] == name, "the best hit stands first, whatever its group"
        assert palette.tree.currentItem().text(0) == name
        QTest.keyClick(palette.field, ENTER)
        (added,) = [
            node for node in graph(page) if node.type == name and node.values == cls.spec.start_values()
        ]
        assert page.canvas.selected() == [added.id]
        card = page.canvas.canvas_scene.cards[added.id].view
        assert [port.name for port in card.outputs] == output_ports(graph(page), added.id)
        assert page.canvas.document.undo_stack.count() == 1, name
        undo_all(page)
        assert state(page) == before, name


@pytest.mark.parametrize("category", Category, ids=lambda category: category.key)
def test_every_type_is_wired_behind_what_it_takes(page: DesignPage, category: Category) -> None:
    canvas = page.canvas
    for cls in of(category):
        name, types = cls.spec.type, fitting(cls)
        design = with_inputs(types or {"none": TensorType(("N", 4))})  # type: ignore[arg-type]  # a letter as a file says it
        canvas.document.load(design)
        before = state(page)
        canvas.select(["in1"])
        canvas.open_search()
        canvas.adder.list.field.setText(name)
        hit = canvas.adder.list.shown()[0]
        assert hit.type == name
        assert (hit.fit is Fit.REFUSED) == (not types), f"{name}: {hit.note}"
        QTest.keyClick(canvas.adder.list.field, ENTER, NONE if types else SHIFT)
        (added,) = canvas.selected()
        assert graph(page).node(added).type == name
        assert canvas.document.undo_stack.count() == 1
        if types:
            first = next(iter(types))
            assert _leads(graph(page), "in1", added, first), f"{name}: {list(graph(page).wires())}"
            _wire_the_rest(page, added, types)
            assert errors_at(page, added) == []
        undo_all(page)
        assert state(page) == before, name


def _leads(graph: Graph, source: str, target: str, port: str) -> bool:
    """Whether the port is fed by that layer, directly or through the adapter that came along."""
    (wire,) = [wire for wire in graph.wires_into(target) if wire.target_port == port]
    return wire.source == source or any(other.source == source for other in graph.wires_into(wire.source))


def _wire_the_rest(page: DesignPage, added: str, types: Types) -> None:
    """What came along with a loss stays; the other ports are wired to Inputs that fit."""
    wired = {wire.target_port for wire in graph(page).wires_into(added)}
    for number, port in enumerate(types, 1):
        if port not in wired:
            page.canvas.document.connect("", Wire(f"in{number}", "y", added, port))
    assert {w.target_port for w in graph(page).wires_into(added)} >= set(types)


# Edited


@pytest.mark.parametrize("category", Category, ids=lambda category: category.key)
def test_every_field_takes_another_value_that_is_typed_and_gives_it_back(
    page: DesignPage, category: Category
) -> None:
    document, inspector = page.canvas.document, page.inspector
    for cls in of(category):
        document.load(Design())
        (added, *_) = document.add_layer("", cls.spec.type)
        page.canvas.select([added])
        assert inspector.layer_id == added
        for field in cls.spec.fields.values():
            before = state(page)
            stood = inspector.row(field.name).editor.text()
            raw = other_value(field, document.design.top.node(added).values.get(field.name))
            type_into(inspector.row(field.name), raw)
            values = document.design.top.node(added).values
            got = field.kind.convert(values[field.name]) if field.name in values else field.default
            assert got == field.kind.convert(raw), f"{cls.spec.type}.{field.name}"
            assert inspector.row(field.name).editor.text() != stood
            document.undo_stack.undo()
            assert state(page) == before, f"{cls.spec.type}.{field.name}"
            assert inspector.row(field.name).editor.text() == stood


def other_value(field: FieldSpec, now: Json) -> Json:
    """A good value that is not the one that stands there, drawn from the field's kind."""
    kinds = field.kind.kinds if isinstance(field.kind, Either) else (field.kind,)
    current = field.default if now is None else field.kind.convert(now)
    rng = Random(field.name)
    for kind in (rng.choice(list(kinds)) for _ in range(500)):
        raw = OF_KIND.get(kind.name) or raw_value(rng, kind, 0.0)
        if field.kind.accepts(raw) and _converts(field.kind, raw) and field.kind.convert(raw) != current:
            return field.kind.dump(field.kind.convert(raw))
    raise AssertionError(f"no other value was found for {field.name}, {field.kind.describe()}")


def _converts(kind: Kind, raw: Json) -> bool:
    try:
        kind.convert(raw)
    except BadValue:
        return False
    return True


def type_into(row: FieldRow, raw: Json) -> None:
    """With the keys of a keyboard; a check box is clicked."""
    editor = row.editor
    if isinstance(editor, FlagEditor):
        QTest.mouseClick(editor.box, Qt.MouseButton.LeftButton, NONE, QPoint(8, editor.box.height() // 2))
        return
    editor.field.selectAll()
    QTest.keyClicks(editor.field, as_text(raw))
    QTest.keyClick(editor.field, ENTER)


def test_a_value_of_no_kind_is_refused_and_the_design_stays(page: DesignPage) -> None:
    document, tried = page.canvas.document, 0
    for cls in catalogue().values():
        document.load(Design())
        (added, *_) = document.add_layer("", cls.spec.type)
        for field in cls.spec.fields.values():
            if isinstance(field.kind, Flag) or _takes_any_text(field.kind) or tried % 5:
                tried += 1
                continue  # each fifth: the sentence comes from the kind, which has tests of its own
            tried += 1
            page.canvas.select([added])
            before, row = state(page), page.inspector.row(field.name)
            row.editor.field.selectAll()
            QTest.keyClicks(row.editor.field, "§ 1")
            QTest.keyClick(row.editor.field, ENTER)
            assert state(page) == before, f"{cls.spec.type}.{field.name}"
            assert f"`{field.name}`" in row.sentence.text()
            assert "must be" in row.sentence.text(), f"{cls.spec.type}.{field.name}: {row.sentence.text()}"
    assert tried > 300


def _takes_any_text(kind: Kind) -> bool:
    return kind.accepts("§ 1") and _converts(kind, "§ 1")


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
        typed = [
            _ms(lambda letter=letter, field=field: QTest.keyClicks(field, letter)) for letter in "convolution"
        ]
        assert median(typed) < KEYSTROKE_MS, typed


def _ms(act: Callable[[], None]) -> float:
    """Of this process's own time, so that a busy machine does not count."""
    began = time.process_time()
    act()
    QApplication.processEvents()
    return (time.process_time() - began) * 1000
