"""Every declared layer type in the window: found, added, wired behind what fits, edited field by field, undone.

Nothing here names a layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.canvas.adding.search import Fit
from designer.canvas.project import output_ports
from designer.design_page import DesignPage
from graph_ir.build import build
from graph_ir.dims import Dim
from graph_ir.graph import Design, Graph, Wire
from graph_ir.infer import infer
from graph_ir.kinds import BadValue, Either, Flag, Json, Kind
from graph_ir.layers import catalogue
from graph_ir.signature import TensorType
from graph_ir.spec import Category, FieldSpec, Layer
from tests.designer.pages import ENTER, NONE, a_page, graph, state, type_into, undo_all, with_inputs
from tests.graph_ir.cases import SIZES, Types, raw_value

SHIFT = Qt.KeyboardModifier.ShiftModifier
OF_KIND: dict[str, Json] = {
    "target": "mine.networks:Block",
    "signatures": {"a": "N C", "b": "N C"},
    "arguments": {"width": 64, "names": ["a", "b"]},
}
"""Another value of kinds whose grammar the random values do not know."""


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> Iterator[DesignPage]:
    with a_page(qtbot) as made:
        yield made


def of(category: Category) -> list[type[Layer]]:
    return [cls for cls in catalogue().values() if cls.spec.category is category]


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
