"""Lengths are values: what a sample gives never depends on what else is in its batch."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
import torch

from codegen.module import print_module
from codegen.prove import prove
from graph_ir.check import check
from graph_ir.graph import Design
from tests.codegen.lengths import (
    GraphWithLengths,
    batch,
    differences,
    mixes_samples,
    module_of,
    results,
    working_lengths,
)
from tests.networks import design

GRAPHS = 300
GRAPHS_OF_A_CAMPAIGN = 10_000


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def sequence(*layers: dict[str, object], shape: list[object], axis: int, dtype: str = "float32") -> Design:
    """An Input with lengths, and these layers one behind the other."""
    named = {f"n{i}": layer for i, layer in enumerate(layers)}
    ids = ["signal", *named, "out"]
    return design(
        {
            "signal": {"type": "Input", "shape": shape, "dtype": dtype},
            "steps": {"type": "Input", "role": "lengths", "of": "signal", "axis": axis},
            **named,
            "out": {"type": "Output"},
        },
        [f"{a} -> {b}" for a, b in pairwise(ids)],
    )


CONV = {"type": "Conv1d", "out_channels": 4, "kernel_size": 5, "stride": 2, "padding": 2}
POOL = {"type": "MaxPool1d", "kernel_size": 3, "stride": 2, "padding": 1}
TURN = {"type": "Permute", "dims": [0, 2, 1]}
DESIGNS = {
    "conv, pool, lstm, mean": sequence(
        CONV,
        {"type": "ReLU"},
        POOL,
        TURN,
        {"type": "LSTM", "hidden_size": 5, "bidirectional": True, "num_layers": 2},
        {"type": "MaskedPool"},
        shape=["N", 3, "T"],
        axis=2,
    ),
    "unpadded convolutions": sequence(
        {"type": "Conv1d", "out_channels": 4, "kernel_size": 3},
        {"type": "Conv1d", "out_channels": 4, "kernel_size": 3, "padding": "same"},
        shape=["N", 3, "T"],
        axis=2,
    ),
    "gru": sequence({"type": "GRU", "hidden_size": 5, "bidirectional": True}, shape=["N", "T", 3], axis=1),
    "slices": sequence(
        {"type": "Slice", "dim": 1, "start": 1},
        {"type": "MaskedPool", "mode": "max"},
        shape=["N", "T", 3],
        axis=1,
    ),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_a_sample_gives_the_same_alone_and_in_a_batch(name: str) -> None:
    assert differences(DESIGNS[name], [11, 5, 8]) == []


ATTENDING = {"type": "TransformerEncoderLayer", "nhead": 2, "dim_feedforward": 8, "dropout": 0.0}


@pytest.mark.parametrize("padding", [float("nan"), float("inf"), 1e30])
def test_attention_leaves_nothing_of_padding_whatever_it_holds(padding: float) -> None:
    """A weight of 0 is not enough: 0 · NaN is NaN. The log of padding is infinite."""
    layers = {
        "signal": {"type": "Input", "shape": ["N", "T", 4]},
        "steps": {"type": "Input", "role": "lengths", "of": "signal", "axis": 1},
        "first": ATTENDING,
        "second": ATTENDING,
        "pool": {"type": "MaskedPool"},
        "out": {"type": "Output"},
    }
    wires = ["signal -> first.src", "first -> second.src", "second -> pool", "pool -> out"]
    made = design(layers, wires)
    model = module_of(print_module(made, check(made))).eval()
    x, lengths = torch.randn(2, 6, 4), torch.tensor([6, 3])
    x[1, 3:] = padding
    assert torch.allclose(model(x, lengths)[1:], model(x[1:, :3], lengths[1:]), atol=1e-5)


@pytest.mark.parametrize("seed", ["first", "second"])
def test_no_result_depends_on_what_else_is_in_the_batch(seed: str) -> None:
    """Over networks from the whole catalogue: what would mix padding into valid steps is refused or mended."""
    _compare(GRAPHS, seed)


@pytest.mark.campaign
def test_no_result_depends_on_what_else_is_in_the_batch_in_many_networks() -> None:
    _compare(GRAPHS_OF_A_CAMPAIGN, "campaign")


def _compare(count: int, seed: str) -> None:
    found: list[str] = []
    run = 0
    for i in range(count):
        rng = random.Random(f"{seed}/{i}")
        grown = GraphWithLengths(rng).grow()
        report = check(grown)
        lengths = working_lengths(report, rng) if report.ok and not mixes_samples(report) else []
        if lengths:
            run += 1
            found += differences(grown, lengths, i)
    assert not found, f"{len(found)} in {run} networks, such as:\n\n" + "\n\n".join(found[:3])
    assert run > count // 2, f"the cases prove little: {run} of {count} could be run"


def test_an_empty_sequence_gives_zeros_and_finite_gradients() -> None:
    """Also behind padded convolutions and maxima, whose padded steps are no zeros by themselves."""
    made = sequence(
        {"type": "Conv1d", "out_channels": 4, "kernel_size": 4, "padding": 2},
        {"type": "MaxPool1d", "kernel_size": 3, "stride": 1, "padding": 1},
        TURN,
        {"type": "Linear", "out_features": 2},
        {"type": "LSTM", "hidden_size": 3},
        {"type": "MaskedPool"},
        shape=["N", 3, "T"],
        axis=2,
    )
    report = check(made)
    printed = print_module(made, report)
    model = module_of(printed).train()
    pooled = model(*batch(report, printed, [7, 0, 3], seed=0))
    assert pooled[1].eq(0).all() and pooled[0].ne(0).any()
    pooled.sum().backward()
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in model.parameters())


@pytest.mark.parametrize("type", ["LSTM", "GRU", "RNN"])
def test_the_states_of_an_empty_sequence_are_zeros(type: str) -> None:
    made = design(
        {
            "signal": {"type": "Input", "shape": ["N", "T", 3]},
            "steps": {"type": "Input", "role": "lengths", "of": "signal", "axis": 1},
            "rnn": {"type": type, "hidden_size": 4, "bidirectional": True},
            "last": {"type": "Output"},
            "whole": {"type": "Output"},
        },
        ["signal -> rnn", "rnn.last -> last", "rnn.y -> whole"],
    )
    report = check(made)
    printed = print_module(made, report)
    last, whole = results(module_of(printed), batch(report, printed, [5, 0, 2], seed=0))
    assert last[1].eq(0).all() and whole[1].eq(0).all() and whole[2, 2:].eq(0).all()
    assert last[0].ne(0).any() and whole[2, :2].ne(0).any()


def test_attention_behind_a_target_reads_one_of_several_results() -> None:
    """What is read off a tuple of results can't be assigned, so its tail is filled where it is read."""
    made = design(
        {
            "signal": {"type": "Input", "shape": ["N", "T", 4]},
            "steps": {"type": "Input", "role": "lengths", "of": "signal", "axis": 1},
            "fc": {"type": "Linear", "out_features": 4},
            "whole": {"type": "Output"},
            "plain": {"type": "Output"},
            "wanted": {"type": "Input", "shape": ["N", "T", 4], "role": "target"},
            "attend": {"type": "MultiheadAttention", "num_heads": 2},
            "loss": {"type": "MSELoss"},
        },
        [
            "signal -> fc",
            "fc -> whole",
            "signal -> plain",
            "wanted -> attend.query",
            "fc -> attend.key",
            "fc -> attend.value",
            "attend -> loss.input",
            "wanted -> loss.target",
        ],
    )
    proof = prove(made, check(made))
    assert proof.ok, proof.problems


def test_a_value_whose_tail_is_filled_late_keeps_its_name_until_then() -> None:
    """Causal attention reads its query several times, so its tail gets a line of its own: behind other values."""
    made = design(
        {
            "signal": {"type": "Input", "shape": ["N", "T", 6]},
            "steps": {"type": "Input", "role": "lengths", "of": "signal", "axis": 1},
            "noise": {"type": "GaussianNoise", "std": 0.0},
            "minus": {"type": "Neg"},
            "halved": {"type": "SwiGLU"},
            "shifted": {"type": "CropLike"},
            "attend": {"type": "ScaledDotProductAttention", "is_causal": True},
            "first": {"type": "Output"},
            "second": {"type": "Output"},
            "third": {"type": "Output"},
        },
        [
            "signal -> noise",
            "noise -> minus",
            "minus -> first",
            "signal -> halved",
            "halved -> shifted.x",
            "halved -> shifted.like",
            "shifted -> second",
            "noise -> attend.query",
            "signal -> attend.key",
            "signal -> attend.value",
            "attend -> third",
        ],
    )
    assert not differences(made, [4, 1, 1])
