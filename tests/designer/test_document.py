"""The document: intents, facts, undo steps and what a refusal leaves behind."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from designer.document import Document
from graph_ir import templates
from graph_ir.edits import REMOVE, Refused
from graph_ir.file import dump
from graph_ir.graph import Wire

pytestmark = pytest.mark.usefixtures("qapp")
BUILT = (("Input", None), ("Conv2d", ("input1", "y")), ("ReLU", ("conv1", "y")))


@pytest.fixture
def document(qapp: QApplication) -> Document:
    return Document()


def _built(document: Document) -> Document:
    for type, after in BUILT:
        document.add_layer("", type, after=after)
    return document


def test_intents_change_design_and_report(document: Document) -> None:
    added = _built(document).add_layer("", "Linear", after=("relu1", "y"))
    assert document.design.top.node(added[0]).type == "Linear"
    assert {document.design.top.node(name).type for name in added} == {"Linear", "Flatten"}
    assert (
        document.report.layers[added[0]].outputs["y"].shape[-1]
        == document.report.layers[added[0]].layer.out_features
    )
    assert document.is_edited


def test_one_gesture_is_one_step_and_undoes_to_the_byte(document: Document) -> None:
    _built(document)
    before, steps = dump(document.design), document.undo_stack.count()
    document.add_layer("", "Linear", after=("relu1", "y"))
    assert document.undo_stack.count() == steps + 1
    document.undo_stack.undo()
    assert dump(document.design) == before
    assert document.report.layers.keys() == set(document.design.top.ids())


def test_a_refusal_says_why_and_leaves_no_step(document: Document) -> None:
    _built(document)
    before, steps = dump(document.design), document.undo_stack.count()
    with pytest.raises(Refused, match="circle"):
        document.connect("", Wire("relu1", "y", "conv1", "x"))
    with pytest.raises(Refused, match="no field"):
        document.set_fields("", "conv1", {"colour": 3})
    assert dump(document.design) == before
    assert document.undo_stack.count() == steps


def test_an_edit_that_changes_nothing_leaves_no_step(document: Document) -> None:
    _built(document)
    steps = document.undo_stack.count()
    document.set_fields("", "conv1", {"out_channels": 32})
    document.rename("", "conv1", "conv1")
    assert document.undo_stack.count() == steps


def test_steps_of_one_piece_of_work_merge(document: Document) -> None:
    _built(document)
    before, steps = dump(document.design), document.undo_stack.count()
    for value in (33, 34, 35):
        document.set_fields("", "conv1", {"out_channels": value}, merge="typing 1")
    document.set_fields("", "conv1", {"out_channels": 36}, merge="typing 2")
    assert document.undo_stack.count() == steps + 2
    document.undo_stack.undo()
    assert document.design.top.node("conv1").values["out_channels"] == 35
    document.undo_stack.undo()
    assert dump(document.design) == before
    document.undo_stack.redo()
    assert document.design.top.node("conv1").values["out_channels"] == 35


def test_a_group_is_one_step_and_an_empty_one_is_none(document: Document) -> None:
    _built(document)
    before, steps = dump(document.design), document.undo_stack.count()
    with document.one_step("Nothing"):
        pass
    assert document.undo_stack.count() == steps
    with document.one_step("Settings"), document.one_step("Inner"):
        document.set_section(("training", "epochs"), 3)
        document.set_section(("training", "data", "source"), "digits")
    assert document.undo_stack.count() == steps + 1
    assert document.undo_stack.undoText() == "Settings"
    document.undo_stack.undo()
    assert dump(document.design) == before


def test_a_group_that_fails_half_way_is_taken_back_whole(document: Document) -> None:
    _built(document)
    before, steps = dump(document.design), document.undo_stack.count()
    with pytest.raises(Refused), document.one_step("Half"):
        document.set_label("", "conv1", "first")
        document.remove_layers("", ["gone"])
    assert dump(document.design) == before
    assert document.undo_stack.count() == steps
    assert document.report.layers["conv1"].node.label == ""


def test_of_groups_in_one_another_only_the_one_that_fails_is_taken_back(document: Document) -> None:
    _built(document)
    before, steps = dump(document.design), document.undo_stack.count()
    with document.one_step("Outer"):
        document.set_label("", "conv1", "first")
        with pytest.raises(Refused), document.one_step("Inner"):
            document.set_label("", "conv1", "second")
            document.remove_layers("", ["gone"])
        assert document.design.top.node("conv1").label == "first"
    assert document.undo_stack.count() == steps + 1
    document.undo_stack.undo()
    assert dump(document.design) == before


def test_facts_are_told_and_the_report_is_new_by_then(document: Document) -> None:
    told: list[object] = []
    document.layer_added.connect(lambda network, name: told.append(("added", network, name)))
    document.layer_removed.connect(lambda network, name: told.append(("removed", network, name)))
    document.layer_changed.connect(lambda network, name: told.append(("changed", network, name)))
    document.wire_added.connect(lambda _network, wire: told.append(("wire", wire)))
    document.wire_removed.connect(lambda _network, wire: told.append(("cut", wire)))
    document.layout_changed.connect(lambda network, ids: told.append(("moved", network, ids)))
    document.section_changed.connect(lambda name: told.append(("section", name)))
    document.checked.connect(lambda report: told.append(report is document.report))
    document.add_layer("", "Input")
    document.add_layer("", "ReLU", after=("input1", "y"))
    document.set_label("", "relu1", "bend")
    document.move("", {"relu1": (24, 96)})
    document.set_section(("training", "epochs"), 2)
    document.set_parameter("", "width", 8)
    document.disconnect("", Wire("input1", "y", "relu1", "x"))
    document.remove_layers("", ["relu1"])
    wire = Wire("input1", "y", "relu1", "x")
    assert told == [
        *(("added", "", "input1"), True),
        *(("added", "", "relu1"), ("wire", wire), True),
        *(("changed", "", "relu1"), True),
        ("moved", "", ["input1", "relu1"]),
        ("section", "training"),
        *(("section", "parameters"), True),
        *(("cut", wire), True),
        *(("removed", "", "relu1"), ("moved", "", ["relu1"]), True),
    ]


def test_without_a_file_a_design_is_called_by_its_title(document: Document, tmp_path: Path) -> None:
    assert document.name == "untitled"
    document.set_section(("about", "title"), " Digits,\n small CNN ")
    assert document.name == "Digits, small CNN"
    document.set_section(("about", "title"), " ")
    assert document.name == "untitled"
    document.saved(tmp_path / "net.loom.json")
    assert document.name == "net", "a file has the last word"


def test_edited_follows_the_saved_state(document: Document, tmp_path: Path) -> None:
    edited: list[bool] = []
    document.edited_changed.connect(edited.append)
    document.add_layer("", "Input")
    assert document.name == "untitled"
    document.saved(tmp_path / "net.loom.json")
    assert (document.name, document.is_edited) == ("net", False)
    document.undo_stack.undo()
    assert document.is_edited
    document.undo_stack.redo()
    assert not document.is_edited
    assert edited == [True, False, True, False]


def test_another_design_starts_anew(document: Document) -> None:
    _built(document)
    design = templates.load(templates.names()[0])
    document.load(design)
    assert document.undo_stack.count() == 0
    assert not document.is_edited
    assert set(document.report.layers) == set(design.top.ids())
    document.load(design, edited=True)
    assert document.is_edited


def test_titles_of_steps_are_plain_and_short(document: Document) -> None:
    document.add_layer("", "Input")
    document.rename("", "input1", "a\n<b>&c" + "x" * 150)
    assert document.undo_stack.undoText() == "Rename input1 to a <b>&&c" + "x" * 55 + "…"


@pytest.mark.parametrize("seed", range(3))
def test_random_edits_undo_and_redo_to_the_byte(document: Document, seed: int) -> None:
    pick = random.Random(seed)
    document.load(templates.load("digits"))
    states = [dump(document.design)]
    for _ in range(60):
        steps = document.undo_stack.count()
        _random_edit(document, pick)
        if document.undo_stack.count() > steps:
            states.append(dump(document.design))
    for state in reversed(states[:-1]):
        document.undo_stack.undo()
        assert dump(document.design) == state
    for state in states[1:]:
        document.undo_stack.redo()
        assert dump(document.design) == state


def _random_edit(document: Document, pick: random.Random) -> None:
    ids = document.design.top.ids()
    if not ids:
        document.add_layer("", "Input")
        return
    name, other = pick.choice(ids), pick.choice(ids)
    wires = document.design.top.wires()
    some = pick.choice(wires) if wires else None
    acts = [
        lambda: document.add_layer("", pick.choice(["ReLU", "Conv2d", "Linear", "Add"]), after=(name, "y")),
        lambda: document.remove_layers("", [name], heal=pick.random() < 0.5),
        lambda: document.connect("", Wire(name, "y", other, pick.choice(["x", "x1", "x2"]))),
        lambda: document.disconnect("", some) if some else None,
        lambda: document.insert_on_wire("", some, "ReLU") if some else None,
        lambda: document.rename("", name, f"n{pick.randrange(40)}"),
        lambda: document.set_fields("", name, {"out_channels": pick.choice([4, 8, REMOVE])}),
        lambda: document.move("", {name: (pick.randrange(500), 24)}),
        lambda: document.set_section(("training", "epochs"), pick.randrange(9)),
    ]
    try:
        pick.choice(acts)()
    except Refused:
        return
