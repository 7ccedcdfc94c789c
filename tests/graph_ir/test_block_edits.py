"""Edits of blocks: renamed, changed everywhere at once, made unique, removed; refused in words, undone to the byte."""

from __future__ import annotations

from typing import Any

import pytest

from graph_ir import edits
from graph_ir.block_edits import (
    add_block,
    add_use,
    make_unique,
    remove_block,
    rename_block,
    rename_parameter,
    set_block_parameter,
)
from graph_ir.check import check
from graph_ir.edits import REMOVE, apply
from graph_ir.file import dump, parse
from graph_ir.graph import Wire
from tests.graph_ir.block_samples import SAMPLES, residual_net, sentences, siamese
from tests.graph_ir.edit_looks import done, refusal, totals, wires

# Names


def test_a_renamed_port_takes_the_wires_of_all_uses_along() -> None:
    made = sentences()
    done(made, edits.rename(made, "Sentence", "x", "words"))
    done(made, edits.rename(made, "Sentence", "vector", "v"))
    assert {"words.y → sentences.words", "sentences.v → lstm.x"} <= wires(made)
    assert check(made).ok
    assert "port" in refusal(lambda: edits.rename(made, "Sentence", "v", "two words"))
    done(made, edits.rename(made, "Sentence", "gru", "two words"))


def test_a_layer_of_a_block_is_not_the_one_the_training_names() -> None:
    made = residual_net()
    made.training = {"data": {"inputs": {"x": "image"}}, "losses": {"add": 1.0}}
    apply(made, edits.rename(made, "Residual", "x", "image"))
    apply(made, edits.rename(made, "Residual", "add", "sum"))
    assert made.training == {"data": {"inputs": {"x": "image"}}, "losses": {"add": 1.0}}


def test_a_removed_port_takes_its_wires_away() -> None:
    made = sentences()
    done(made, edits.remove_layers(made, "Sentence", ["vector"]))
    assert not any("sentences.vector" in wire for wire in wires(made))


def test_a_renamed_block_is_renamed_at_all_uses_and_keeps_its_place() -> None:
    made = residual_net()
    apply(made, edits.move(made, "Residual", {"conv1": (1, 2)}))
    before = totals(check(made))
    done(made, rename_block(made, "Residual", "Basic"))
    assert list(made.networks) == ["", "Basic", "Projection"]
    assert {made.top.node(id).values["block"] for id in ("stage1", "stage2")} == {"Basic"}
    assert made.layout["blocks"] == {"Basic": {"layers": {"conv1": [1, 2]}}}
    done(made, rename_block(made, "Projection", "Shortcut"))
    assert made.networks["Basic"].node("project").values["block"] == "Shortcut"
    assert totals(check(made)) == before
    assert "already" in refusal(lambda: rename_block(made, "Basic", "Shortcut"))
    refusal(lambda: rename_block(made, "Basic", ""))
    refusal(lambda: rename_block(made, "", "Top"))


def test_a_renamed_parameter_is_renamed_in_expressions_patterns_and_at_uses() -> None:
    made = residual_net()
    apply(made, edits.set_fields(made, "Residual", "x", {"shape": ["N", "C", "H", "W"]}))
    before = totals(check(made))
    done(made, rename_parameter(made, "Residual", "channels", "width"))
    assert list(made.networks["Residual"].parameters) == ["width", "stride"]
    assert made.top.node("stage2").values["parameters"] == {
        "width": "=width*2",
        "stride": "=2 if i == 0 else 1",
    }
    project = made.networks["Residual"].node("project").values
    assert project["when"] == "=stride != 1 or C != width"
    assert project["parameters"] == {"channels": "=width", "stride": "=stride"}
    done(made, rename_parameter(made, "", "width", "base"))
    assert made.top.node("stage1").values["parameters"] == {"width": "=base"}
    assert totals(check(made)) == before
    assert "already means" in refusal(lambda: rename_parameter(made, "Residual", "width", "stride"))
    assert "already means" in refusal(lambda: rename_parameter(made, "Residual", "width", "C"))
    for name in ("if", "a b", "", "1x"):
        refusal(lambda name=name: rename_parameter(made, "Residual", "width", name))


# Change once everywhere, or at one use


def test_one_change_of_a_block_changes_all_its_uses() -> None:
    made = siamese()
    done(made, edits.set_fields(made, "Dense", "fc", {"out_features": "=width*2"}))
    report = check(made)
    assert [report.layers[id].outputs["y"].shape[1] for id in ("a", "b")] == [10, 10]
    done(made, edits.insert_on_wire(made, "Dense", Wire("fc", "y", "act", "x"), "BatchNorm1d"))
    assert check(made).ok and check(made).layers["a"].parameters == 7 * 10 + 20


def test_a_use_made_unique_changes_alone() -> None:
    made = residual_net()
    apply(made, edits.move(made, "Residual", {"conv1": (1, 2)}))
    before = totals(check(made))
    done(made, make_unique(made, "", "stage2", "Second"))
    assert list(made.networks) == ["", "Residual", "Second", "Projection"]
    assert made.layout["blocks"]["Second"] == {"layers": {"conv1": [1, 2]}}
    assert totals(check(made)) == before
    done(made, edits.set_fields(made, "Second", "conv1", {"bias": False}))
    done(made, edits.move(made, "Second", {"conv1": (5, 5)}))
    assert made.layout["blocks"]["Residual"] == {"layers": {"conv1": [1, 2]}}
    inside = [check(made).layers[id].nested[0].report for id in ("stage1", "stage2")]
    assert [bool(report and "bias" in report.layers["conv1"].weights) for report in inside] == [True, False]
    refusal(lambda: make_unique(made, "", "stage2", "Residual"))


def test_parameters_of_a_block_are_added_changed_and_removed_when_nothing_names_them() -> None:
    made = residual_net()
    done(made, set_block_parameter(made, "Residual", "groups", 2))
    done(made, edits.set_fields(made, "Residual", "conv2", {"groups": "=groups"}))
    done(made, edits.set_fields(made, "", "stage1", {"parameters": {"channels": 4, "groups": 4}}))
    assert check(made).ok
    assert "'conv2' names" in refusal(lambda: set_block_parameter(made, "Residual", "groups", REMOVE))
    apply(made, edits.set_fields(made, "Residual", "conv2", {"groups": REMOVE}))
    done(made, set_block_parameter(made, "Residual", "groups", REMOVE))
    assert made.top.node("stage1").values["parameters"] == {"channels": 4}
    done(made, set_block_parameter(made, "Residual", "stride", 2))
    assert list(made.networks["Residual"].parameters) == ["channels", "stride"]
    assert "size" in refusal(lambda: set_block_parameter(made, "Residual", "C", 1))
    refusal(lambda: set_block_parameter(made, "Residual", "list", [1]))
    refusal(lambda: set_block_parameter(made, "Residual", "gone", REMOVE))


def test_a_removed_parameter_comes_back_to_its_place() -> None:
    made = residual_net()
    apply(made, edits.set_fields(made, "Projection", "conv", {"out_channels": 8}))
    edit = done(made, set_block_parameter(made, "Projection", "channels", REMOVE))
    apply(made, edit.inverse())
    assert list(made.networks["Projection"].parameters) == ["channels", "stride"]


# Blocks and uses


def test_a_new_block_passes_through_and_is_used_like_a_layer() -> None:
    made = residual_net()
    done(made, add_block(made, "My block!"))
    edit = done(made, add_use(made, "", "My block!", after=("stem", "y"), position=(1, 2)))
    assert edit.added == ("my_block1",)
    assert "stem.y → my_block1.x" in wires(made) and check(made).ok
    done(made, edits.add_layer(made, "My block!", "Conv2d", after=("x", "y")))
    wire = Wire("stage1", "y", "stage2", "x")
    done(made, edits.insert_on_wire(made, "", wire, "Block", values={"block": "My block!"}))
    assert {"stage1.y → my_block2.x", "my_block2.y → stage2.x"} <= wires(made)
    assert check(made).ok
    done(made, edits.add_layer(made, "My block!", "Input"))
    assert made.networks["My block!"].node("input1").values == {}, (
        "a port takes any shape until somebody says more"
    )


def test_a_block_can_be_removed_once_nothing_uses_it() -> None:
    made = residual_net()
    text = refusal(lambda: remove_block(made, "Projection"))
    assert "'Residual'" in text and "'project'" in text
    apply(made, edits.move(made, "Projection", {"conv": (1, 2)}))
    apply(made, edits.remove_layers(made, "Residual", ["project"]))
    done(made, remove_block(made, "Projection"))
    assert list(made.networks) == ["", "Residual"] and made.layout["blocks"] == {}
    refusal(lambda: remove_block(made, ""))
    refusal(lambda: remove_block(made, "Projection"))


def test_a_use_of_another_block_keeps_the_wires_that_it_can() -> None:
    made = sentences()
    apply(made, edits.set_fields(made, "", "sentences", {"block": "Dense", "parameters": {"width": 2}}))
    assert {"words.y → sentences.x", "sentences.y → lstm.x"} <= wires(made)


def test_what_no_file_may_hold_is_not_made() -> None:
    made = residual_net()
    assert "itself" in refusal(lambda: add_use(made, "Projection", "Residual"))
    assert "itself" in refusal(lambda: edits.set_fields(made, "Residual", "project", {"block": "Residual"}))
    assert "100,000" in refusal(lambda: edits.set_parameter(made, "", "depth", 90_000))
    refusal(lambda: edits.set_fields(made, "", "stage1", {"block": "Nothing"}))
    refusal(lambda: edits.set_fields(made, "", "stage1", {"repeat": "two"}))
    refusal(lambda: edits.set_fields(made, "", "stage1", {"weights": ""}))
    refusal(lambda: edits.set_fields(made, "", "stage1", {"parameters": "=width"}))
    refusal(lambda: add_use(made, "", "Nothing"))
    refusal(lambda: edits.add_layer(made, "", "Block"))


def test_any_layer_can_share_its_weights_by_name() -> None:
    made = residual_net()
    done(made, edits.set_fields(made, "", "stem", {"weights": "first"}))
    assert made.top.node("stem").values["weights"] == "first" and check(made).ok
    done(made, edits.set_fields(made, "", "stem", {"weights": REMOVE}))
    assert "weights" not in made.top.node("stem").values


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_right_and_reads_back(name: str) -> None:
    made = SAMPLES[name]()
    assert check(made).ok, check(made).problems
    assert dump(parse(dump(made))) == dump(made)


def test_an_edit_carried_out_in_two_designs_makes_two_blocks() -> None:
    made = residual_net()
    other = made.copy()
    edit = add_block(made, "B")
    apply(made, edit)
    apply(other, edit)
    apply(made, edits.add_layer(made, "B", "ReLU"))
    assert len(other.networks["B"]) == 2
    assert made.networks["B"].blocks is made.networks and other.networks["B"].blocks is other.networks


@pytest.mark.parametrize(("old", "new"), [(1, True), (1, 1.0), (0.0, False)])
def test_values_that_only_compare_equal_are_another_value(old: Any, new: Any) -> None:
    made = residual_net()
    apply(made, edits.set_fields(made, "", "stage1", {"parameters": {"channels": old}}))
    done(made, edits.set_fields(made, "", "stage1", {"parameters": {"channels": new}}))
    assert type(made.top.node("stage1").values["parameters"]["channels"]) is type(new)
