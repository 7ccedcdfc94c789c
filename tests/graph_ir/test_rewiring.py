"""Layers taken out of their wires, put into one, or removed with the wires joined behind them."""

from __future__ import annotations

import pytest

from graph_ir.changes import apply
from graph_ir.check import check
from graph_ir.edits import Refused, remove_layers
from graph_ir.file import dump
from graph_ir.graph import Design, Node, Wire
from graph_ir.layers import catalogue
from graph_ir.rewiring import may_stand_in_a_wire, put_into, take_out


def network(layers: dict[str, str], *wires: str) -> Design:
    """Layers by id and type, wires as `a.y-b.x`."""
    design = Design()
    for id, type in layers.items():
        values = {"shape": ["N", 3, 8, 8]} if type == "Input" else catalogue()[type].spec.start_values()
        design.top.add(Node(id, type, values))
    for wire in wires:
        design.top.add_wire(_wire(wire))
    return design


def _wire(words: str) -> Wire:
    source, target = words.split("-")
    return Wire(*source.split("."), *target.split("."))


def wires(design: Design) -> set[str]:
    return {f"{w.source}.{w.source_port}-{w.target}.{w.target_port}" for w in design.top.wires()}


CHAIN = {"in": "Input", "a": "ReLU", "b": "Tanh", "c": "Sigmoid"}


def a_chain() -> Design:
    return network(CHAIN, "in.y-a.x", "a.y-b.x", "b.y-c.x")


def test_a_layer_taken_out_leaves_its_wires_joined_and_stays() -> None:
    design = a_chain()
    before = dump(design)
    edit = take_out(design, "", ["b"])
    assert dump(design) == before, "nothing is changed until the edit is applied"
    apply(design, edit)
    assert wires(design) == {"in.y-a.x", "a.y-c.x"}
    assert "b" in design.top
    apply(design, edit.inverse())
    assert dump(design) == before


def test_layers_in_a_chain_are_taken_out_together_and_stay_wired_to_one_another() -> None:
    design = a_chain()
    apply(design, take_out(design, "", ["a", "b"]))
    assert wires(design) == {"a.y-b.x", "in.y-c.x"}


def test_a_gap_is_closed_over_all_that_goes_even_where_one_of_them_alone_could_not_go() -> None:
    layers = {"in": "Input", "flat": "Flatten", "back": "Unflatten", "end": "Conv2d"}
    design = network(layers, "in.y-flat.x", "flat.y-back.x", "back.y-end.x")
    design.top.replace(Node("back", "Unflatten", {"dim": 1, "unflattened_size": [3, 8, 8]}))
    apply(design, remove_layers(design, "", ["flat", "back"]))
    assert wires(design) == {"in.y-end.x"}
    assert check(design).ok


def test_a_join_that_adds_an_error_is_left_out() -> None:
    design = network(
        {"in": "Input", "flat": "Flatten", "norm": "BatchNorm1d"}, "in.y-flat.x", "flat.y-norm.x"
    )
    apply(design, take_out(design, "", ["flat"]))
    assert wires(design) == set()


def test_a_merge_is_bridged_from_its_first_branch() -> None:
    layers = {"in": "Input", "a": "ReLU", "b": "Tanh", "sum": "Add", "end": "Sigmoid"}
    design = network(layers, "in.y-a.x", "in.y-b.x", "a.y-sum.x1", "b.y-sum.x2", "sum.y-end.x")
    apply(design, take_out(design, "", ["sum"]))
    assert wires(design) == {"in.y-a.x", "in.y-b.x", "a.y-end.x"}


def test_one_of_the_branches_taken_out_renumbers_the_merge() -> None:
    layers = {"in": "Input", "a": "Flatten", "b": "Tanh", "c": "ReLU", "sum": "Add"}
    design = network(layers, "in.y-a.x", "in.y-b.x", "in.y-c.x", "a.y-sum.x1", "b.y-sum.x2", "c.y-sum.x3")
    apply(design, remove_layers(design, "", ["a"], heal=False))
    assert wires(design) == {"in.y-b.x", "in.y-c.x", "b.y-sum.x1", "c.y-sum.x2"}


def test_a_chain_is_put_into_a_wire() -> None:
    design = network(CHAIN, "in.y-c.x", "a.y-b.x")
    before = dump(design)
    edit = put_into(design, "", _wire("in.y-c.x"), ["a", "b"])
    apply(design, edit)
    assert wires(design) == {"in.y-a.x", "a.y-b.x", "b.y-c.x"}
    apply(design, edit.inverse())
    assert dump(design) == before


def test_of_several_outputs_the_one_that_fits_goes_on() -> None:
    layers = {"in": "Input", "other": "Input", "rnn": "LSTM", "sum": "Concat"}
    design = network(layers, "in.y-sum.x1", "other.y-sum.x2")
    design.top.replace(Node("in", "Input", {"shape": ["N", 12, 8]}))
    design.top.replace(Node("other", "Input", {"shape": ["N", 5]}))
    design.top.replace(Node("rnn", "LSTM", {"hidden_size": 5}))
    apply(design, put_into(design, "", _wire("in.y-sum.x1"), ["rnn"]))
    assert wires(design) == {"in.y-rnn.x", "rnn.last-sum.x1", "other.y-sum.x2"}
    assert check(design).ok


def test_where_no_output_fits_the_main_one_goes_on_and_the_check_says_why() -> None:
    design = network({"in": "Input", "flat": "Flatten", "norm": "BatchNorm2d"}, "in.y-norm.x")
    apply(design, put_into(design, "", _wire("in.y-norm.x"), ["flat"]))
    assert wires(design) == {"in.y-flat.x", "flat.y-norm.x"}
    assert [problem.at for problem in check(design).problems if problem.severity == "error"] == ["norm"]


@pytest.mark.parametrize(
    ("ids", "extra"), [(["a", "c"], ()), (["in"], ()), (["a"], ("in.y-a.x",)), (["a", "b"], ("b.y-sum.x1",))]
)
def test_what_is_no_chain_or_has_other_wires_is_refused(ids: list[str], extra: tuple[str, ...]) -> None:
    layers = {**CHAIN, "sum": "Add", "end": "ReLU"}
    design = network(layers, "in.y-end.x", "a.y-b.x", *extra)
    before = dump(design)
    with pytest.raises(Refused, match="chain"):
        put_into(design, "", _wire("in.y-end.x"), ids)
    assert dump(design) == before


def test_a_wire_that_is_gone_is_refused() -> None:
    with pytest.raises(Refused, match="no longer there"):
        put_into(network(CHAIN), "", _wire("in.y-c.x"), ["a"])


def test_only_one_way_through_is_a_chain() -> None:
    graph = network({**CHAIN, "sum": "Add"}, "a.y-b.x", "a.y-c.x", "b.y-sum.x1", "c.y-sum.x2").top
    assert may_stand_in_a_wire(graph, ["a", "b", "c", "sum"])
    assert not may_stand_in_a_wire(graph, ["b", "c"])
    assert not may_stand_in_a_wire(graph, ["in"])
