"""What the canvas is told after a change is the same as from nothing, and only what the change touched is made anew."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress

import pytest

from designer.canvas.project import Projector, project
from designer.canvas.views import CanvasView
from designer.document import Document
from designer.theme import load_theme
from graph_ir.changes import SetNode, SetWire
from graph_ir.edits import Edit, Refused
from graph_ir.file import parse
from graph_ir.graph import TOP, Node, Wire
from graph_ir.layers import catalogue
from graph_ir.templates import load as template
from tests.benchmarks.large_designs import large_design

SIZES = load_theme("light").sizes
STEPS = 60


def random_step(document: Document, hand: random.Random) -> None:
    """One thing a person could do; what is refused changes nothing."""
    graph = document.design.top
    ids, wires = graph.ids(), graph.wires()
    one = hand.choice(ids) if ids else ""
    acts: list[Callable[[], object]] = [
        lambda: document.add_layer(TOP, hand.choice(["ReLU", "Linear", "Add", "Input", "Conv2d"])),
        document.undo_stack.undo,
        document.undo_stack.redo,
        lambda: document.move(TOP, {one: (hand.randrange(9) * 24, hand.randrange(9) * 24)}),
        lambda: document.set_label(TOP, one, hand.choice(["", "first", "second"])),
        lambda: document.remove_layers(TOP, [one], heal=hand.random() < 0.5),
        lambda: document.set_fields(TOP, one, random_value(document, one, hand)),
        lambda: document.set_note(TOP, one, hand.choice(["", "look here"])),
        lambda: document.set_hidden(TOP, [one], hand.random() < 0.5),
        lambda: document.set_fields(TOP, one, {"bypass": hand.random() < 0.5}),
        lambda: document.set_fields(TOP, one, {"weights": hand.choice(["one", "two"])}),
        lambda: document.set_fields(TOP, one, {"role": hand.choice(["data", "target"])}),
        lambda: random_step_inside(document, hand),
    ]
    if wires:
        wire = hand.choice(wires)
        acts += [
            lambda: document.disconnect(TOP, wire),
            lambda: document.insert_on_wire(TOP, wire, "ReLU"),
            lambda: document.connect(TOP, Wire(one, "y", hand.choice(ids), "x")),
            lambda: document.set_bends(TOP, wire, ((12.0, 24.0),)),
        ]
    with suppress(Refused, IndexError):  # a design may have no block
        hand.choice(acts)()


def random_step_inside(document: Document, hand: random.Random) -> None:
    """A change of a block: its uses may have other ports and other results then."""
    name = hand.choice([name for name in document.design.networks if name])
    graph = document.design.networks[name]
    if hand.random() < 0.5:
        document.remove_layers(name, [hand.choice(graph.ids())])
    else:
        document.add_layer(name, hand.choice(["Input", "Output", "ReLU"]))


def random_value(document: Document, id: str, hand: random.Random) -> dict[str, object]:
    cls = catalogue().get(document.design.top.node(id).type)
    names = list(cls.spec.fields) if cls else []
    return {hand.choice(names): hand.choice([1, 2, 3, 8, 0.5, True, "same"])} if names else {}


@pytest.mark.parametrize("name", ["digits", "digit-strings", "resnet18", "googlenet", "u-net"])
def test_a_kept_projection_is_that_from_nothing(name: str) -> None:
    document, hand, kept = Document(template(name)), random.Random(name), Projector()
    for _ in range(STEPS):
        random_step(document, hand)
        shown = kept.project(document.design, document.report, SIZES)
        assert shown == project(document.design, document.report, SIZES)


def test_a_port_that_only_a_wire_names_goes_with_the_wire() -> None:
    document, kept = Document(template("digits")), Projector()
    wire = Wire("mystery", "left", "sum", "x1")
    edit = Edit("", (SetNode("", "mystery", None, Node("mystery", "Mystery"), 0),))
    document.perform(edit)
    document.add_layer("", "Add")
    document.perform(Edit("", (SetWire("", wire._replace(target="add2"), present=True),)))
    assert "left" in ports(kept.project(document.design, document.report, SIZES), "mystery")
    document.disconnect("", wire._replace(target="add2"))
    assert "left" not in ports(kept.project(document.design, document.report, SIZES), "mystery")


def ports(view: CanvasView, name: str) -> list[str]:
    return [port.name for card in view.cards if card.id == name for port in card.outputs]


def test_a_use_says_that_it_shares_once_another_has_the_same_weights() -> None:
    document, kept = Document(template("resnet18")), Projector()
    kept.project(document.design, document.report, SIZES)
    for name in ("layer2", "layer3"):
        document.set_fields("", name, {"weights": "one"})
        shown = kept.project(document.design, document.report, SIZES)
        assert shown == project(document.design, document.report, SIZES)


def test_a_target_that_becomes_data_gets_a_card_and_a_place() -> None:
    document, kept = Document(template("digits")), Projector()
    document.design.layout = {}
    (chip,) = kept.project(document.design, document.report, SIZES).chips
    document.set_fields("", chip.parts[0][0], {"role": "data"})
    shown = kept.project(document.design, document.report, SIZES)
    assert shown == project(document.design, document.report, SIZES)
    assert not shown.chips


def cards(view: CanvasView) -> dict[str, int]:
    return {card.id: id(card) for card in view.cards}


def test_only_what_an_edit_touches_is_made_anew() -> None:
    document, kept = Document(template("resnet152")), Projector()
    uses = document.design.top.ids()
    before = kept.project(document.design, document.report, SIZES)
    document.set_label("", uses[2], "another")
    after = kept.project(document.design, document.report, SIZES)
    assert [name for name, card in cards(after).items() if cards(before)[name] != card] == [uses[2]]
    assert all(one is other for one, other in zip(before.wires, after.wires, strict=True))
    document.undo_stack.undo()
    assert kept.project(document.design, document.report, SIZES) == before


def test_a_move_makes_only_the_moved_card_anew() -> None:
    document, kept = Document(template("digits")), Projector()
    first = kept.project(document.design, document.report, SIZES)
    document.move("", {card.id: card.position for card in first.cards})
    before = kept.project(document.design, document.report, SIZES)
    document.move("", {"conv1": (480, 480)})
    after = kept.project(document.design, document.report, SIZES)
    assert [name for name, card in cards(after).items() if cards(before)[name] != card] == ["conv1"]


@pytest.mark.parametrize("size", [50, 5000])
def test_requirement_11_an_edit_and_a_move_touch_one_card_however_many_layers_there_are(size: int) -> None:
    document, kept = Document(parse(large_design(size))), Projector()
    name = next(node.id for node in document.design.top if node.type == "Conv2d")
    (wire,) = document.design.top.wires_into(name)
    undo = document.undo_stack.undo
    acts: list[tuple[Callable[[], object], tuple[int, int, int]]] = [
        (lambda: document.set_fields("", name, {"bias": False}), (1, 0, 1)),
        (lambda: document.move("", {name: (-960, 480)}), (1, 0, 0)),
        (lambda: document.set_bends("", wire, ((12.0, 24.0),)), (0, 1, 0)),
        *[(undo, touched) for touched in ((0, 1, 0), (1, 0, 0), (1, 0, 1))],
    ]
    before = kept.project(document.design, document.report, SIZES)
    assert len(before.cards) >= 0.9 * size
    for act, touched in acts:
        known = dict(document.report.layers)
        act()
        after = kept.project(document.design, document.report, SIZES)
        made = [new.id for old, new in zip(before.cards, after.cards, strict=True) if old is not new]
        wires = [new.key for old, new in zip(before.wires, after.wires, strict=True) if old is not new]
        asked = [id for id, entry in document.report.layers.items() if known[id] is not entry]
        assert (made, wires, asked) == tuple(
            [one] * count for one, count in zip((name, (wire[:2], wire[2:]), name), touched, strict=True)
        )
        before = after


def test_another_network_is_projected_anew() -> None:
    document, kept = Document(template("resnet18")), Projector()
    top = kept.project(document.design, document.report, SIZES)
    document.load(template("digits"))
    other = kept.project(document.design, document.report, SIZES)
    assert {card.id for card in other.cards} == {
        card.id for card in project(document.design, document.report, SIZES).cards
    }
    assert other != top


@pytest.mark.parametrize("name", ["digits", "u-net"])
def test_a_wire_from_an_untouched_layer_is_red_where_its_target_no_longer_fits(name: str) -> None:
    document, kept = Document(template(name)), Projector()
    kept.project(document.design, document.report, SIZES)
    convolutions = [node.id for node in document.design.top if "out_channels" in node.values]
    for id in convolutions:
        document.set_fields("", id, {"out_channels": 7})
        shown = kept.project(document.design, document.report, SIZES)
        assert shown == project(document.design, document.report, SIZES), id
        document.undo_stack.undo()
        shown = kept.project(document.design, document.report, SIZES)
        assert shown == project(document.design, document.report, SIZES), id
