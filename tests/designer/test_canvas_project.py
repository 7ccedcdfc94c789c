"""From a design to what the canvas paints: words, pills, places and problems; every template looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from designer.canvas.adding.search import Fit, Hit, find, matched_alias
from designer.canvas.gestures.begin import tip
from designer.canvas.project import project
from designer.canvas.scene import CanvasScene
from designer.canvas.view import Canvas
from designer.canvas.views import CanvasView, CardView
from designer.canvas.words import axis_views, size_words
from designer.document import Document
from designer.panels.widgets import type_text
from designer.theme import load_fonts, load_theme
from graph_ir.changes import SetNode, apply
from graph_ir.check import check
from graph_ir.dims import symbol
from graph_ir.edits import Edit
from graph_ir.graph import Design, Node, Wire
from graph_ir.layers import catalogue
from graph_ir.signature import Length, TensorType
from graph_ir.templates import load as template
from graph_ir.templates import names

SIZES = load_theme("light").sizes
TEMPLATES = pytest.mark.parametrize("name", names())


def view_of(design: Design) -> CanvasView:
    return project(design, check(design), SIZES)


def cards_of(design: Design) -> dict[str, CardView]:
    return {card.id: card for card in view_of(design).cards}


@TEMPLATES
def test_on_every_template_no_pill_covers_a_layer_or_a_pill(qapp: QApplication, name: str) -> None:
    load_fonts()
    scene = CanvasScene(load_theme("light"))
    scene.show_canvas(view_of(template(name)))
    cards = [card.rect() for card in scene.cards.values()] + [chip.rect() for chip in scene.chips.values()]
    pills = {key: route.pill for key, route in scene.routes.items()}
    placed = [pill for pill in pills.values() if pill is not None]
    assert not [1 for number, card in enumerate(cards) for other in cards[:number] if card.meets(other)]
    assert not [pill for pill in placed for card in cards if pill.meets(card)]
    assert not [1 for number, pill in enumerate(placed) for other in placed[:number] if pill.meets(other)]
    bundles = {(key[0], key[1][0]) for key, pill in pills.items() if pill is not None}
    assert {(key[0], key[1][0]) for key in pills} == bundles, (
        "every wire, or the wire at its side, has a pill"
    )


@TEMPLATES
def test_on_every_template_no_wire_runs_through_a_layer(qapp: QApplication, name: str) -> None:
    design = template(name)
    for network in design.networks:
        scene = CanvasScene(load_theme("light"))
        scene.show_canvas(project(design, check(design, network), SIZES, network))
        for key, item in scene.wires.items():
            ends = {key[0][0], key[1][0]}
            for name_of, card in scene.cards.items():
                rect = card.rect().grown(-1)
                points = [item.path().pointAtPercent(step / 200) for step in range(201)]
                inside = [p for p in points if rect.x < p.x() < rect.right and rect.y < p.y() < rect.bottom]
                assert name_of in ends or not inside, (network, key, name_of)


@TEMPLATES
def test_in_every_block_of_a_template_nothing_covers_anything(qapp: QApplication, name: str) -> None:
    design = template(name)
    for network in set(design.networks) - {""}:
        scene = CanvasScene(load_theme("light"))
        scene.show_canvas(project(design, check(design, network), SIZES, network))
        cards = [card.rect() for card in scene.cards.values()]
        pills = [route.pill for route in scene.routes.values() if route.pill is not None]
        rects = [*cards, *pills]
        assert not [1 for number, one in enumerate(rects) for other in rects[:number] if one.meets(other)], (
            network
        )


@TEMPLATES
def test_every_template_can_be_tidied(name: str) -> None:
    design = template(name)
    design.layout = {}
    places = [card.position for card in view_of(design).cards]
    assert len(set(places)) == len(places)
    order = {card.id: card.position[1] for card in view_of(design).cards}
    wires = [w for w in view_of(design).wires if w.source[0] in order]
    assert all(order[wire.source[0]] < order[wire.target[0]] for wire in wires)


def test_pills_tell_what_changed_since_the_wire_before() -> None:
    wires = {wire.source[0]: wire for wire in view_of(template("digits")).wires}

    def bold(source: str) -> str:
        return "".join(axis.letter for axis in wires[source].axes if axis.changed)

    assert bold("image") == ""
    assert bold("conv1") == "C"
    assert bold("norm1") == ""
    assert bold("pool1") == "HW"
    assert bold("flat") == "F"
    assert "".join(axis.letter for axis in wires["conv1"].axes) == "NCHW"


def test_cards_say_torchs_names_and_only_what_differs() -> None:
    cards = cards_of(template("digits"))
    assert cards["conv1"].title == "Conv2d"
    assert cards["conv1"].values == "32 · 3×3 · padding 1 · no bias"
    assert cards["conv1"].count == "288"
    assert cards["pool1"].values == "2×2"
    assert cards["relu1"].values == ""
    assert cards["conv1"].category == "convolution"
    assert cards["fc"].values == "10", "the value of =num_classes"


def test_targets_and_lengths_stand_on_a_chip_and_not_on_cards() -> None:
    view = view_of(template("digit-strings"))
    (chip,) = view.chips
    assert chip.parts == (("labels", "labels"), ("label_count", "label_count"))
    assert not {"labels", "label_count"} & {card.id for card in view.cards}
    assert [port.name for port in cards_of(template("digit-strings"))["loss"].inputs] == [
        "input",
        "input_lengths",
    ]


def test_an_axis_that_carries_lengths_says_up_to() -> None:
    carried = (None, None, Length("steps"))
    given = TensorType((symbol("N"), 40, symbol("T")), "float32", ("N", "C", "T"), carried)
    assert [axis.letter + axis.size for axis in axis_views(given, None, ())] == ["NN", "C40", "≤T"]
    assert type_text(given) == "N · C40 · ≤T"


def test_a_misfit_marks_port_wire_card_and_axes() -> None:
    document = Document(template("digits"))
    document.set_fields("", "conv3", {"out_channels": 16})
    view = project(document.design, document.report, SIZES)
    add = next(card for card in view.cards if card.id == "add1")
    assert add.problem == "error"
    assert "add1" in add.note
    bad = [wire for wire in view.wires if wire.error]
    assert [wire.target[0] for wire in bad] == ["add1"]
    assert [axis.letter for axis in bad[0].axes if axis.differs] == ["C"]
    assert [port.problem for port in add.inputs].count("error") == 1


def test_every_declared_category_has_a_colour_in_every_look() -> None:
    keys = {cls.spec.category.key for cls in catalogue().values()}
    for look in ("light", "dark"):
        assert keys == set(load_theme(look).categories)


def test_an_unknown_layer_is_a_card_too() -> None:
    design = Design()
    apply(design, Edit("", (SetNode("", "a", None, Node("a", "Input", {"shape": ["N", 4]}), 0),)))
    apply(design, Edit("", (SetNode("", "m", None, Node("m", "Mystery", {"a": 1}), 1),)))
    design.top.add_wire(Wire("a", "y", "m", "left"))
    mystery = cards_of(design)["m"]
    assert (mystery.category, mystery.title, mystery.values) == ("unknown", "Mystery", "a 1")
    assert [port.name for port in mystery.inputs] == ["left"]
    assert mystery.problem == "error"


def test_damaged_positions_are_passed_over() -> None:
    design = template("digits")
    good = cards_of(design)
    damaged = {"conv1": ["x", 2], "relu1": [True, 1], "norm1": [1e99, 0], "add1": 5, "gone": [1, 2]}
    design.layout = {"network": {"layers": damaged}}
    assert cards_of(design).keys() == good.keys()
    design.layout = {"network": 7}
    assert cards_of(design).keys() == good.keys()


def test_a_layer_without_a_place_stands_below_what_it_reads() -> None:
    document = Document()
    document.add_layer("", "Input", position=(240, 48))
    document.add_layer("", "ReLU", after=("input1", "y"))
    cards = {card.id: card for card in project(document.design, document.report, SIZES).cards}
    assert cards["input1"].position == (240, 48)
    assert cards["relu1"].position == (240, 144)


@pytest.mark.parametrize(
    ("size", "words"),
    [("T//4", "⌊T/4⌋"), ("28", "28"), ("H", "H"), ("(H - 1)//2 + 1 + W", "(H - 1)//2 + 1 …")],
)
def test_sizes_are_short(size: str, words: str) -> None:
    assert size_words(size) == words


# Tooltips


def test_tooltips_are_plain_text(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    load_fonts()
    document = Document()
    document.add_layer("", "Input")
    document.rename("", "input1", "<img src='file:///etc/passwd'>")
    canvas = Canvas(document, load_theme("light"))
    qtbot.addWidget(canvas)
    canvas.resize(600, 400)
    canvas.show()
    qtbot.waitExposed(canvas)
    card = next(iter(canvas.canvas_scene.cards.values()))
    at = canvas.mapFromScene(QPointF(card.x() + 100, card.y() + 20))
    assert "<img" in tip(canvas, canvas.mapToScene(at))
    shown: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _place, text, *_rest: shown.append(text))

    QApplication.sendEvent(canvas.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, QPoint(0, 0)))
    assert len(shown) == 1
    assert "<img" not in shown[0]
    assert "&lt;img" in shown[0]


def test_a_port_says_its_name_and_shape(qtbot: QtBot) -> None:
    canvas = Canvas(Document(template("digits")), load_theme("light"))
    qtbot.addWidget(canvas)
    canvas.resize(600, 600)
    canvas.show()
    point = canvas.canvas_scene.port_point("conv1", "outputs", "y")
    canvas.centerOn(point)
    assert tip(canvas, point) == "y  N · C32 · H8 · W8  float32"


# The search


def hit(type: str, *aliases: str, summary: str = "", fit: Fit = Fit.FITS) -> Hit:
    return Hit(type, summary, "x → y", "dense", aliases, fit)


def test_the_closest_name_comes_first_and_refused_ones_last() -> None:
    hits = [hit("ConvTranspose2d"), hit("Conv2d"), hit("Linear", "Dense"), hit("Conv1d", fit=Fit.REFUSED)]
    assert [found.type for found in find("conv", hits)] == ["ConvTranspose2d", "Conv2d", "Conv1d"]
    assert [found.type for found in find("conv2d", hits)][:2] == ["Conv2d", "ConvTranspose2d"]
    assert [found.type for found in find("", hits)] == ["ConvTranspose2d", "Conv2d", "Linear", "Conv1d"]
    assert find("Conv 2D", hits)[0].type == "Conv2d"


def test_other_libraries_names_are_found_and_shown() -> None:
    linear = hit("Linear", "Dense")
    assert find("dens", [hit("ReLU"), linear]) == [linear]
    assert matched_alias("dens", linear) == "Dense"
    assert matched_alias("lin", linear) == ""


def test_a_description_is_found_by_its_words() -> None:
    norm = hit("BatchNorm2d", summary="Normalises each channel.")
    assert find("each channel", [hit("ReLU"), norm]) == [norm]
    assert find("zebra", [hit("ReLU"), norm]) == []


def test_every_declared_type_and_alias_is_found_by_its_whole_name() -> None:
    hits = [replace(hit(cls.spec.type), aliases=cls.spec.aliases) for cls in catalogue().values()]
    for known in hits:
        assert find(known.type, hits)[0].type == known.type
        for alias in known.aliases:
            assert known in find(alias, hits)[:4]


def test_four_letters_are_enough_for_the_usual_layers() -> None:
    hits = [
        replace(hit(cls.spec.type), aliases=cls.spec.aliases)
        for cls in sorted(catalogue().values(), key=lambda cls: not cls.spec.common)
    ]
    for letters, type in (
        ("relu", "ReLU"),
        ("line", "Linear"),
        ("flat", "Flatten"),
        ("lstm", "LSTM"),
        ("outp", "Output"),
    ):
        assert find(letters, hits)[0].type == type
