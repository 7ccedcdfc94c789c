"""A block made from a selection, and a use that becomes layers again: the same is computed before and after."""

from __future__ import annotations

import random
from typing import Any

import pytest

from graph_ir import edits, templates
from graph_ir.block_edits import (
    dissolve,
    make_block,
    remove_block,
)
from graph_ir.check import check
from graph_ir.edits import REMOVE, Refused, apply
from tests import networks
from tests.graph_ir.block_samples import DENSE, design, residual_net, sentences, siamese, use
from tests.graph_ir.edit_looks import done, refusal, totals, wires

# A block from a selection


def test_a_block_takes_its_layers_their_places_and_what_their_expressions_name() -> None:
    made = networks.small_cnn()
    made.top.parameters["width"] = 8
    apply(made, edits.set_fields(made, "", "conv1", {"out_channels": "=width"}))
    apply(made, edits.move(made, "", {"conv1": (100, 200), "relu1": (100, 400)}))
    before = totals(check(made))
    edit = done(made, make_block(made, "", ["relu1", "conv1", "norm1"], "Stage"))
    assert edit.added == ("stage1",)
    assert made.top.ids()[:3] == ["image", "stage1", "pool1"]
    assert made.top.node("stage1").values == {"block": "Stage", "parameters": {"width": "=width"}}
    assert made.networks["Stage"].ids() == ["x", "conv1", "norm1", "relu1", "y"]
    assert made.networks["Stage"].parameters == {"width": 8}
    assert {"image.y → stage1.x", "stage1.y → pool1.x"} <= wires(made)
    assert wires(made, "Stage") == {
        "x.y → conv1.x",
        "conv1.y → norm1.x",
        "norm1.y → relu1.x",
        "relu1.y → y.x",
    }
    assert made.layout["network"]["layers"] == {"stage1": [100, 200]}
    inside = made.layout["blocks"]["Stage"]["layers"]
    assert (
        inside["relu1"][1] - inside["conv1"][1] == 200
        and inside["x"][1] < inside["conv1"][1] < inside["y"][1]
    )
    assert totals(check(made)) == before


def test_each_source_outside_is_one_input_and_each_result_one_output() -> None:
    made = networks.design(
        {
            "a": {"type": "Input", "shape": ["N", "T", 8]},
            "mask": {"type": "Input", "shape": ["N", "T"], "dtype": "bool"},
            "heads": {"type": "MultiheadAttention", "num_heads": 2},
            "sum": {"type": "Add"},
            "lstm": {"type": "LSTM", "hidden_size": 4},
            "o1": {"type": "Output"},
            "o2": {"type": "Output"},
            "o3": {"type": "Output"},
        },
        [
            *("a -> heads.query", "a -> heads.key", "a -> heads.value", "mask -> heads.key_padding_mask"),
            *("heads -> sum.x1", "a -> sum.x2", "sum -> lstm", "lstm -> o1", "lstm.last -> o2", "sum -> o3"),
        ],
    )
    done(made, make_block(made, "", ["heads", "sum", "lstm"], "Attention 2"))
    assert wires(made) == {
        *("a.y → attention_21.a", "mask.y → attention_21.key_padding_mask"),
        *("attention_21.lstm_y → o1.x", "attention_21.lstm_last → o2.x", "attention_21.sum2 → o3.x"),
    }
    assert check(made).ok


def test_a_size_that_expressions_name_comes_with_the_wire_that_has_it_or_is_passed_on() -> None:
    made = networks.design(
        {
            "x1": {"type": "Input", "shape": ["N", "T", "F"]},
            "plus": {"type": "Add"},
            "split": {"type": "Reshape", "shape": ["T", 1, "F"]},
            "flat": {"type": "Reshape", "shape": ["=T*F"]},
            "out": {"type": "Output"},
        },
        ["x1 -> plus.x1", "x1 -> plus.x2", "plus -> split", "split -> flat", "flat -> out"],
    )
    before = totals(check(made))
    done(made, make_block(made, "", ["plus", "split"], "Near"))
    assert made.networks["Near"].node("x").values == {"shape": ["N", "T", "F"]}
    assert made.networks["Near"].node("split").values == {"shape": ["=T", 1, "=F"]}
    assert totals(check(made)) == before
    far = make_block(made, "", ["flat"], "Far")
    apply(made, far)
    assert made.networks["Far"].node("x").values == {"shape": ["N", "T", "D2", "F"]}
    assert totals(check(made)) == before
    away = networks.design(
        {
            "x": {"type": "Input", "shape": ["N", "T"]},
            "wide": {"type": "Reshape", "shape": [1, "T"]},
            "sum": {"type": "Sum", "dim": 2},
            "back": {"type": "Expand", "size": ["N", "=T"]},
        },
        ["x -> wide", "wide -> sum"],
    )
    apply(away, make_block(away, "", ["back"], "Block"))
    assert away.top.node("block1").values["parameters"] == {"N": "=N", "T": "=T"}


def test_what_cannot_be_a_block_is_refused_with_the_reason() -> None:
    made = networks.small_cnn()
    assert "loss" in refusal(lambda: make_block(made, "", ["fc", "loss"], "B"))
    assert "Input" in refusal(lambda: make_block(made, "", ["image", "conv1"], "B"))
    assert "comes back to 'relu1' through 'norm1'" in refusal(
        lambda: make_block(made, "", ["conv1", "relu1"], "B")
    )
    assert "select" in refusal(lambda: make_block(made, "", [], "B"))
    refusal(lambda: make_block(made, "", ["gone"], "B"))
    refusal(lambda: make_block(made, "", ["conv1"], " "))
    shared = siamese()
    assert "'fb'" in refusal(lambda: make_block(shared, "", ["fa"], "B"))
    assert "already" in refusal(lambda: make_block(shared, "", ["a"], "Dense"))
    before = totals(check(shared))
    done(shared, make_block(shared, "", ["fa", "fb"], "B"))
    assert totals(check(shared)) == before


SMALL = [name for name in templates.names() if len(templates.load(name).top) <= 24]


@pytest.mark.parametrize("seed", range(3))
def test_a_block_from_any_selection_computes_the_same_and_dissolves_into_the_same(seed: int) -> None:
    chance = random.Random(seed)
    made_some = 0
    for name in chance.sample(SMALL, 12):
        made = templates.load(name)
        before, ids = totals(check(made)), made.top.ids()
        at = chance.randrange(len(ids))
        try:
            edit = make_block(made, "", ids[at : at + chance.randint(1, 5)], "A block")
        except Refused:
            continue
        done(made, edit)
        assert totals(check(made)) == before, (name, edit.added)
        done(made, dissolve(made, "", edit.added[0]))
        assert totals(check(made)) == before, (name, edit.added)
        assert set(made.top.ids()) == set(ids)
        made_some += 1
    assert made_some >= 4


# Dissolving


def test_a_repeated_use_becomes_its_repetitions_one_after_the_other() -> None:
    made = residual_net()
    apply(made, edits.move(made, "", {"stage2": (50, 60)}))
    before = totals(check(made))
    done(made, dissolve(made, "", "stage2"))
    assert totals(check(made)) == before
    assert made.top.node("stage2_0_conv1").values["stride"] == 2
    assert made.top.node("stage2_1_conv1").values == {
        "out_channels": "=width*2",
        "kernel_size": 3,
        "stride": 1,
        "padding": 1,
    }
    assert {
        "stage1.y → stage2_0_conv1.x",
        "stage2_0_add.y → stage2_1_conv1.x",
        "stage2_2_add.y → gap.x",
    } <= wires(made)
    first, second = (made.layout["network"]["layers"][f"stage2_{i}_conv1"] for i in (0, 1))
    assert first == [50, 60] and second[1] > first[1]
    assert "Residual" in made.networks


def test_dissolving_everything_leaves_layers_that_cost_the_same() -> None:
    made = residual_net()
    before = totals(check(made))
    while made.top.uses:
        done(made, dissolve(made, "", next(iter(made.top.uses))))
        assert totals(check(made)) == before
    for block in ("Residual", "Projection"):
        done(made, remove_block(made, block))
    assert totals(check(made)) == before


@pytest.mark.parametrize(
    ("inside", "given", "wanted"),
    [
        ("=width*2", "=base + 1", "=(base + 1)*2"),
        ("=10 - width", "=4 - 1", 7),
        ("=width // 2", -7 + 14, 3),
        ("=16 // width", "=8 // 2", 4),
        ("=2*width", "=3 if deep else 4", "=2*(3 if deep else 4)"),
        ("=width", "=3 if deep else 4", "=3 if deep else 4"),
        ("=min(width, 9) - width", "=base", "=min(base, 9) - base"),
        ("=3 if width > 4 and not width == 5 else 2", 8, 3),
        ("=12 % width", 7, 5),
        ("=5 - width", -2, 7),
    ],
)
def test_parameters_are_put_in_with_their_precedence(inside: str, given: Any, wanted: Any) -> None:
    made = design(
        {"x": {"type": "Input", "shape": ["N", 4]}, "use": use("Wide", width=given), "y": {"type": "Output"}},
        ["x -> use", "use -> y"],
        Wide=(
            {"width": None},
            {
                "x": {"type": "Input"},
                "fc": {"type": "Linear", "out_features": inside},
                "y": {"type": "Output"},
            },
            ["x -> fc", "fc -> y"],
        ),
    )
    made.top.parameters.update(base=6, deep=False)
    before = totals(check(made))
    done(made, dissolve(made, "", "use"))
    assert made.top.node("fc").values["out_features"] == wanted
    assert totals(check(made)) == before


def test_dissolving_inside_a_block_keeps_its_parameters_and_letters() -> None:
    made = residual_net()
    apply(made, edits.set_fields(made, "Residual", "project", {"when": REMOVE}))
    before = totals(check(made))
    done(made, dissolve(made, "Residual", "project"))
    assert made.networks["Residual"].node("conv").values["out_channels"] == "=channels"
    assert totals(check(made)) == before


def test_what_layers_could_not_say_is_not_dissolved() -> None:
    assert "`each`" in refusal(lambda: dissolve(sentences(), "", "sentences"))
    assert "shares its weights with 'b'" in refusal(lambda: dissolve(siamese(), "", "a"))
    assert "`when` is '=stride != 1" in refusal(lambda: dissolve(residual_net(), "Residual", "project"))
    refusal(lambda: dissolve(residual_net(), "", "stem"))
    refusal(lambda: dissolve(residual_net(), "", "gone"))
    made = residual_net()
    made.top.parameters["depth"] = None
    assert "`repeat`" in refusal(lambda: dissolve(made, "", "stage2"))
    apply(made, edits.set_fields(made, "", "stage2", {"repeat": 9_000}))
    assert "10,000" in refusal(lambda: dissolve(made, "", "stage2"))


def test_a_use_that_is_left_out_dissolves_into_a_wire() -> None:
    made = residual_net()
    apply(
        made,
        edits.set_fields(made, "", "stage2", {"when": "=i == 1", "repeat": 2, "parameters": {"channels": 4}}),
    )
    before = totals(check(made))
    done(made, dissolve(made, "", "stage2"))
    assert {"stage1.y → stage2_1_conv1.x", "stage2_1_add.y → gap.x"} <= wires(made)
    assert "stage2_0_conv1" not in made.top and totals(check(made)) == before


def test_shared_weights_inside_stay_shared_in_each_repetition_only() -> None:
    twice = (
        {},
        {
            "x": {"type": "Input"},
            "a": {"type": "Linear", "out_features": 4, "weights": "w"},
            "b": {"type": "Linear", "out_features": 4, "weights": "w"},
            "y": {"type": "Output"},
        },
        ["x -> a", "a -> b", "b -> y"],
    )
    made = design(
        {"x": {"type": "Input", "shape": ["N", 4]}, "use": use("Twice", repeat=3), "y": {"type": "Output"}},
        ["x -> use", "use -> y"],
        Twice=twice,
    )
    assert check(made).parameters == 60
    done(made, dissolve(made, "", "use"))
    assert check(made).ok and check(made).parameters == 60


def test_the_repetition_of_an_inner_use_is_no_parameter_even_of_that_name() -> None:
    made = design(
        {"x": {"type": "Input", "shape": ["N", 4]}, "use": use("Outer", i=5), "y": {"type": "Output"}},
        ["x -> use", "use -> y"],
        Outer=(
            {"i": None},
            {
                "x": {"type": "Input"},
                "fc": {"type": "Linear", "out_features": "=i"},
                "more": use("Dense", width="=i + 2", repeat="=i - 3"),
                "y": {"type": "Output"},
            },
            ["x -> fc", "fc -> more", "more -> y"],
        ),
        Dense=DENSE,
    )
    before = totals(check(made))
    done(made, dissolve(made, "", "use"))
    assert made.top.node("fc").values["out_features"] == 5
    assert made.top.node("more").values["parameters"] == {"width": "=i + 2"}
    assert made.top.node("more").values["repeat"] == 2
    assert totals(check(made)) == before
