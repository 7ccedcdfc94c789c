"""Checked edits: each is one step, refused in words where impossible, and undone to the same bytes."""

from __future__ import annotations

import random

import pytest

from graph_ir import annotation_edits
from graph_ir.annotations import Comment, Frame
from graph_ir.bypass_edits import bypass
from graph_ir.check import check
from graph_ir.clipboard import duplicate
from graph_ir.edits import (
    REMOVE,
    Edit,
    Refused,
    add_layer,
    apply,
    connect,
    disconnect,
    insert_on_wire,
    move,
    remove_layers,
    rename,
    set_fields,
    set_label,
    set_parameter,
    set_section,
)
from graph_ir.file import dump, parse
from graph_ir.graph import Design, Wire
from graph_ir.layers import catalogue
from graph_ir.spec import Layer


@pytest.fixture
def design() -> Design:
    made = Design()
    for edit in (
        lambda: add_layer(made, "", "Input", values={"shape": ["N", 1, 8, 8]}, position=(0, 0)),
        lambda: add_layer(made, "", "Conv2d", after=("input1", "y")),
        lambda: add_layer(made, "", "ReLU", after=("conv1", "y")),
    ):
        apply(made, edit())
    return made


def wires(design: Design) -> set[str]:
    return {str(wire) for wire in design.top.wires()}


def test_start_values_keep_the_size(design: Design) -> None:
    assert check(design).layers["conv1"].outputs["y"].shape[2:] == (8, 8)


def test_a_linear_behind_an_image_brings_its_flatten_in_the_same_step(design: Design) -> None:
    edit = add_layer(design, "", "Linear", after=("relu1", "y"))
    assert edit.added == ("linear1", "flatten1")
    assert edit.note == "with flatten1 (Flatten)"
    apply(design, edit)
    assert {"relu1.y → flatten1.x", "flatten1.y → linear1.x"} <= wires(design)
    assert not [p for p in check(design).problems if p.severity == "error"]


def test_bare_adds_only_what_was_asked_for(design: Design) -> None:
    edit = add_layer(design, "", "Linear", after=("relu1", "y"), bare=True)
    assert edit.added == ("linear1",)


def _needs_only_targets(cls: type[Layer]) -> bool:
    """Whether a loss takes sequences of features, and nothing else from the network."""
    first, *others = (port for port in cls.spec.inputs if not port.optional)
    return first.rank in (None, 3) and {port.name for port in others} == cls.companions(None).keys() & {
        "target"
    }


_LOSSES = [name for name, cls in catalogue().items() if cls.spec.trait == "loss" and _needs_only_targets(cls)]


@pytest.mark.parametrize("type", _LOSSES)
def test_a_loss_brings_its_wired_target_inputs(type: str) -> None:
    made = Design()
    apply(made, add_layer(made, "", "Input", values={"shape": ["N", "T", 12]}))
    apply(made, add_layer(made, "", "LogSoftmax", after=("input1", "y")))
    apply(made, add_layer(made, "", type, after=("logsoftmax1", "y")))
    report = check(made)
    assert report.ok, report.problems
    assert "target" in report.training_only
    assert report.layers["loss1"].outputs["y"].shape == ()


def test_inserting_on_a_wire_keeps_both_ends(design: Design) -> None:
    apply(design, insert_on_wire(design, "", Wire("input1", "y", "conv1", "x"), "BatchNorm2d"))
    assert {"input1.y → batchnorm1.x", "batchnorm1.y → conv1.x"} <= wires(design)
    assert "input1.y → conv1.x" not in wires(design)


def test_deleting_heals_where_shapes_allow(design: Design) -> None:
    apply(design, add_layer(design, "", "GELU", after=("relu1", "y")))
    apply(design, remove_layers(design, "", ["relu1"]))
    assert "conv1.y → gelu1.x" in wires(design)


def test_deleting_without_healing_leaves_the_ends_open(design: Design) -> None:
    apply(design, remove_layers(design, "", ["conv1"], heal=False))
    assert wires(design) == set()


def test_deleting_does_not_heal_into_an_error(design: Design) -> None:
    apply(design, add_layer(design, "", "Linear", after=("relu1", "y")))
    apply(design, add_layer(design, "", "BatchNorm1d", after=("linear1", "y")))
    apply(design, remove_layers(design, "", ["flatten1", "linear1"]))
    assert "relu1.y → batchnorm1.x" not in wires(design)


def test_deleting_one_branch_of_a_merge_renumbers_its_ports(design: Design) -> None:
    apply(design, add_layer(design, "", "Add", after=("relu1", "y")))
    apply(design, connect(design, "", Wire("conv1", "y", "add1", "x2")))
    apply(design, connect(design, "", Wire("input1", "y", "add1", "x3")))
    apply(design, disconnect(design, "", Wire("relu1", "y", "add1", "x1")))
    assert {"conv1.y → add1.x1", "input1.y → add1.x2"} <= wires(design)


def test_a_wire_replaces_the_one_in_its_port(design: Design) -> None:
    apply(design, connect(design, "", Wire("input1", "y", "relu1", "x")))
    assert "input1.y → relu1.x" in wires(design)
    assert "conv1.y → relu1.x" not in wires(design)


def test_renaming_rewrites_every_reference() -> None:
    made = Design()
    apply(made, add_layer(made, "", "Input", values={"shape": ["N", "T", 12]}))
    apply(made, add_layer(made, "", "LogSoftmax", after=("input1", "y")))
    apply(made, add_layer(made, "", "CTCLoss", after=("logsoftmax1", "y")))
    apply(made, set_section(made, ("training", "data", "inputs"), {"target": "label"}))
    apply(made, set_section(made, ("training", "losses", "loss1"), 0.5))
    apply(made, rename(made, "", "target", "text of the line"))
    apply(made, rename(made, "", "loss1", "ctc"))
    assert made.top.node("target_lengths").values["of"] == "text of the line"
    assert made.training == {"data": {"inputs": {"text of the line": "label"}}, "losses": {"ctc": 0.5}}
    assert check(made).ok


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: add_layer(d, "", "Nothing"),
        lambda d: add_layer(d, "", "Sum", after=("gone", "y")),
        lambda d: connect(d, "", Wire("relu1", "y", "conv1", "x")),
        lambda d: connect(d, "", Wire("conv1", "y", "conv1", "x")),
        lambda d: connect(d, "", Wire("conv1", "z", "relu1", "x")),
        lambda d: connect(d, "", Wire("conv1", "y", "relu1", "z")),
        lambda d: connect(d, "", Wire("conv1", "y", "relu1", "x")),
        lambda d: connect(d, "", Wire("gone", "y", "relu1", "x")),
        lambda d: disconnect(d, "", Wire("input1", "y", "relu1", "x")),
        lambda d: insert_on_wire(d, "", Wire("input1", "y", "conv1", "x"), "Output"),
        lambda d: remove_layers(d, "", ["gone"]),
        lambda d: rename(d, "", "conv1", "relu1"),
        lambda d: rename(d, "", "conv1", "  "),
        lambda d: rename(d, "", "conv1", "x" * 201),
        lambda d: set_fields(d, "", "conv1", {"kernel": 3}),
        lambda d: set_fields(d, "", "conv1", {"stride": "two"}),
        lambda d: set_fields(d, "", "conv1", {"bias": 1}),
        lambda d: set_section(d, ("network", "layers"), 1),
        lambda d: set_parameter(d, "", "not a name", 1),
    ],
)
def test_what_is_impossible_is_refused_in_a_sentence_and_changes_nothing(design: Design, edit) -> None:  # type: ignore[no-untyped-def]
    before = dump(design)
    with pytest.raises(Refused) as error:
        edit(design)
    assert str(error.value).endswith(".")
    assert dump(design) == before


def random_edit(design: Design, dice: random.Random) -> Edit:
    ids = design.top.ids() or ["none"]
    drawn = design.top.wires()
    kinds = ["add", "move", "section"] + (
        ["rename", "field", "label", "remove", "connect", "bypass", "sheet", "copy"]
        if design.top.ids()
        else []
    )
    kind = dice.choice(kinds + (["insert", "disconnect"] if drawn else []))
    id, other = dice.choice(ids), dice.choice(ids)
    if kind == "add":
        after = (id, "y") if design.top.ids() and dice.random() < 0.7 else None
        position = (dice.randint(0, 9) * 24.0, 0.0) if dice.random() < 0.5 else None
        return add_layer(design, "", dice.choice(list(catalogue())), after=after, position=position)
    if kind == "insert":
        return insert_on_wire(design, "", dice.choice(drawn), dice.choice(["ReLU", "Linear", "LSTM", "Add"]))
    if kind == "disconnect":
        return disconnect(design, "", dice.choice(drawn))
    if kind == "connect":
        return connect(design, "", Wire(id, "y", other, dice.choice(["x", "x1", "x2", "input", "target"])))
    if kind == "remove":
        return remove_layers(design, "", {id, other}, heal=dice.random() < 0.5)
    if kind == "rename":
        return rename(design, "", id, dice.choice([f"r{dice.randint(0, 99)}", "a.b", "ünïcode", "x" * 300]))
    if kind == "field":
        return set_fields(
            design, "", id, {dice.choice(["stride", "p", "out_channels", "dim"]): dice.choice([1, 2, REMOVE])}
        )
    if kind == "bypass":
        return bypass(design, "", {id, other}, dice.random() < 0.7)
    if kind == "copy":
        return duplicate(design, "", {id, other}, keep_inputs=dice.random() < 0.5)
    if kind == "sheet":
        return random_sheet_edit(design, dice, id)
    if kind == "label":
        return set_label(design, "", id, dice.choice(["", "a label"]))
    if kind == "move":
        return move(design, "", {id: (dice.random() * 999, 24)})
    path = dice.choice(
        [("training", "epochs"), ("training", "data", "source"), ("about", "title"), ("diagram", "dpi")]
    )
    return set_section(design, path, dice.choice([1, "x", {"a": [1]}, REMOVE]))


def random_sheet_edit(design: Design, dice: random.Random, id: str) -> Edit:
    """Something beside the layers: also a bend of a wire that other edits may take away."""
    rect = (dice.uniform(-99, 99), dice.randint(0, 99), dice.randint(0, 200), 96.0)
    drawn = design.top.wires()
    if drawn and dice.random() < 0.4:
        points = [(dice.uniform(0, 99), dice.randint(0, 99)) for _ in range(dice.randint(0, 2))]
        return annotation_edits.set_bends(design, "", dice.choice(drawn), points)
    made = (
        lambda: annotation_edits.add_frame(design, "", Frame("f", rect, dice.choice(["", "loss", "pink"]))),
        lambda: annotation_edits.change_frame(design, "", dice.randint(0, 2), Frame("g", rect)),
        lambda: annotation_edits.remove_frame(design, "", dice.randint(0, 2)),
        lambda: annotation_edits.add_comment(design, "", Comment("c", rect)),
        lambda: annotation_edits.remove_comment(design, "", dice.randint(0, 2)),
        lambda: annotation_edits.set_note(design, "", id, dice.choice(["", "a note", "\u202e"])),
        lambda: annotation_edits.set_hidden(design, "", [id], dice.random() < 0.7),
    )
    return dice.choice(made)()


def walk(seed: int, steps: int) -> None:
    """Random edits; each undone, redone and undone again gives the same bytes, which read back as the same design."""
    dice = random.Random(seed)
    design = Design()
    done: list[tuple[Edit, str]] = []
    for _ in range(steps):
        before = dump(design)
        try:
            edit = random_edit(design, dice)
        except Refused:
            assert dump(design) == before
            continue
        assert dump(design) == before
        apply(design, edit)
        after = dump(design)
        apply(design, edit.inverse())
        assert dump(design) == before, edit.title
        apply(design, edit)
        assert dump(design) == after, edit.title
        assert dump(parse(after)) == after
        done.append((edit, before))
    assert len(done) > steps / 4
    for edit, before in reversed(done):
        apply(design, edit.inverse())
        assert dump(design) == before, edit.title


@pytest.mark.parametrize("seed", range(4))
def test_random_edits_undo_to_the_same_bytes(seed: int) -> None:
    walk(seed, 150)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(20))
def test_many_random_edits_undo_to_the_same_bytes(seed: int) -> None:
    walk(1000 + seed, 10_000)
