"""What a person says on the sheet, in pictures: hidden layers, notes, and layers that are bypassed."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from codegen.diagram.cards import Picture
from codegen.diagram.options import DiagramOptions
from codegen.diagram.picture import picture
from codegen.diagram.render import render
from graph_ir.annotation_edits import set_hidden, set_note
from graph_ir.bypass_edits import bypass
from graph_ir.check import check
from graph_ir.edits import apply, set_label
from graph_ir.graph import Design
from tests import networks
from tests.block_designs import small_resnet
from tests.codegen.diagram_samples import residual

NASTY = '</title><script>alert(1)</script> & "<b>"\n\u202e\\N end'


def shown(made: Design, **options: Any) -> Picture:
    return picture(made, check(made), DiagramOptions().replaced(**options))


def arrows(found: Picture) -> set[tuple[str, str]]:
    names = {card.name: " ".join(card.title) for card in found.cards}
    return {(names[arrow.source], names[arrow.target]) for arrow in found.arrows}


def titles(found: Picture) -> set[str]:
    return {" ".join(card.title) for card in found.cards}


def test_wires_run_through_a_hidden_layer() -> None:
    made = networks.small_cnn()
    apply(made, set_hidden(made, "", ["norm1", "relu1"], True))
    found = shown(made)
    assert titles(found).isdisjoint({"norm1", "relu1"})
    assert ("conv1", "pool1") in arrows(found)
    assert found.cards[0].title == ["image"]


def test_all_branches_run_on_where_they_would_meet_in_a_hidden_layer() -> None:
    made = residual()
    apply(made, set_hidden(made, "", ["add"], True))
    before, after = arrows(shown(residual())), arrows(shown(made))
    into = {source for source, target in before if target == "add"}
    behind = {target for source, target in before if source == "add"}
    assert len(into) == 2 and behind
    assert {(source, target) for source in into for target in behind} <= after


def test_a_hidden_input_and_a_hidden_end_leave_no_arrow_behind() -> None:
    made = networks.small_cnn()
    apply(made, set_hidden(made, "", ["image", "scores"], True))
    found = shown(made)
    assert titles(found).isdisjoint({"image", "scores"})
    assert not any({"image", "scores"} & {*pair} for pair in arrows(found))


def test_a_layer_hidden_in_a_block_is_hidden_in_each_of_its_frames() -> None:
    made = small_resnet()
    block = next(name for name in made.networks if name and len(made.networks[name]) > 4)
    inner = next(n.id for n in made.networks[block] if n.type == "ReLU")
    opened = {"expand_nested": True, "show_layer_activations": False}
    assert inner in titles(shown(made, **opened))
    apply(made, set_hidden(made, block, [inner], True))
    assert inner not in titles(shown(made, **opened))


def test_everything_may_be_hidden() -> None:
    made = networks.small_cnn()
    apply(made, set_hidden(made, "", made.top.ids(), True))
    assert not shown(made).cards and not shown(made).arrows
    assert render(made, check(made), "svg").startswith(b"<?xml")


@pytest.mark.parametrize("suffix", ["svg", "dot", "mmd", "tex"])
def test_a_bypassed_layer_is_dashed_and_quiet(suffix: str) -> None:
    made = networks.small_cnn()
    plain = render(made, check(made), suffix).decode()
    apply(made, bypass(made, "", ["conv1"], True))
    text = render(made, check(made), suffix).decode()
    mark = {
        "svg": "stroke-dasharray",
        "dot": 'STYLE="dashed"',
        "mmd": "stroke-dasharray",
        "tex": ", dashed]",
    }[suffix]
    assert mark in text and mark not in plain
    assert "bypassed" in text


def test_a_bypassed_activation_is_not_drawn_as_if_it_worked() -> None:
    made = networks.small_cnn()
    options = {"show_layer_activations": True}
    assert "relu1" not in titles(shown(made, **options))
    apply(made, bypass(made, "", ["relu1"], True))
    assert "relu1" in titles(shown(made, **options))


def test_a_note_is_said_by_the_pointer_and_stays_text() -> None:
    made = networks.small_cnn()
    apply(made, set_note(made, "", "conv1", NASTY))
    apply(made, set_label(made, "", "conv1", "first"))
    drawn = render(made, check(made), "svg")
    root = ElementTree.fromstring(drawn)
    spaces = "{http://www.w3.org/2000/svg}"
    names = [title.text for title in root.iter(f"{spaces}title")]
    said = next(name for name in names if name and name.startswith("first Conv2d: "))
    assert "<script>alert(1)</script>" in said and "\\u202e" in said and "\u202e" not in said
    assert not list(root.iter(f"{spaces}script"))
    for suffix in ("dot", "mmd", "tex"):
        assert b"alert(1)" not in render(made, check(made), suffix)


def test_a_long_note_does_not_fill_the_picture() -> None:
    made = networks.small_cnn()
    apply(made, set_note(made, "", "conv1", "x" * 10_000))
    assert len(render(made, check(made), "svg")) < 40_000
