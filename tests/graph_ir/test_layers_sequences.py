"""Layers that pool and read sequences: values on real torch, with lengths and without."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from graph_ir.check import check
from tests.graph_ir.sequence_nets import (
    GARBAGE,
    around,
    lengths_of,
    module_of,
    padded,
    report_of,
    sequence,
)
from tests.networks import design

LENGTHS = [4, 2, 0]
SIGNAL = {"s": sequence(["N", "T", 3])}
CARRIED = {**SIGNAL, "n": lengths_of("s")}


def pooled(mode: str, x: Tensor, lengths: list[int] | None) -> Tensor:
    inputs = SIGNAL if lengths is None else CARRIED
    module = module_of(around({"type": "MaskedPool", "mode": mode}, inputs, {"x": "s"}))
    made: Tensor = module(x) if lengths is None else module(x, torch.tensor(lengths))
    return made


BY_HAND = {
    "mean": lambda part: part.mean(dim=0),
    "max": lambda part: part.amax(dim=0),
    "last": lambda part: part[-1],
}


@pytest.mark.parametrize("mode", BY_HAND)
def test_a_masked_pool_takes_valid_steps_only(mode: str) -> None:
    x = (
        padded(LENGTHS, 3) - 10
    )  # valid steps are below 0: neither zeros nor the garbage behind are among them
    made = pooled(mode, x, LENGTHS)
    for sample, result, length in zip(x, made, LENGTHS, strict=True):
        wanted = BY_HAND[mode](sample[:length]) if length else torch.zeros(3)
        assert torch.allclose(result, wanted)
    whole = pooled(mode, x, None)
    assert torch.allclose(whole, torch.stack([BY_HAND[mode](sample) for sample in x]))


@pytest.mark.parametrize("mode", BY_HAND)
def test_no_gradient_of_a_masked_pool_is_nan(mode: str) -> None:
    """Also with NaN in the padding, and for a sample without any step."""
    with torch.no_grad():
        x = padded(LENGTHS, 3).masked_fill(padded(LENGTHS, 3) == GARBAGE, float("nan"))
    x.requires_grad_()
    pooled(mode, x, LENGTHS).square().sum().backward()
    assert x.grad is not None and not x.grad.isnan().any()
    assert x.grad[0].any() and x.grad[1, :2].any()
    assert not x.grad[1, 2:].any() and not x.grad[2].any()


def test_a_masked_pool_of_ints_takes_their_last_step() -> None:
    labels = {"s": sequence(["N", "T"], "int64"), "n": lengths_of("s")}
    module = module_of(around({"type": "MaskedPool", "mode": "last"}, labels, {"x": "s"}))
    assert module(torch.tensor([[1, 2, 3], [4, 5, 9]]), torch.tensor([3, 2])).tolist() == [3, 5]
    report = report_of({"type": "MaskedPool"}, sequence(["N", "T"], "int64"))
    assert [problem.code for problem in report.problems] == ["dtype"]


def test_additive_attention_is_the_papers_formula() -> None:
    layer = {"type": "AdditiveAttention", "hidden_size": 5}
    module = module_of(around(layer, CARRIED, {"x": "s"}, ("y", "weights")))
    it: Any = module.it
    x = padded(LENGTHS, 3)
    y, weights = module(x, torch.tensor(LENGTHS))
    for i, length in enumerate(LENGTHS[:2]):
        hidden = torch.tanh(x[i, :length] @ it.project.weight.T + it.project.bias)
        share = torch.softmax(hidden @ it.context.weight[0], dim=0)
        assert torch.allclose(weights[i, :length], share, atol=1e-6)
        assert torch.allclose(y[i], share @ x[i, :length], atol=1e-6)
        assert not weights[i, length:].any()
    assert not y[2].any() and not weights[2].any()
    assert torch.allclose(module_of(around(layer, SIGNAL, {"x": "s"}))(x[:1]), y[:1])
    y.sum().backward()
    grads = [x.grad, *(parameter.grad for parameter in module.parameters())]
    assert all(grad is not None and not grad.isnan().any() for grad in grads)


def test_bahdanau_attention_is_the_papers_formula() -> None:
    inputs = {"q": sequence(["N", "L", 2]), "mask": sequence(["N", "T"], "bool"), **CARRIED}
    layer = {"type": "BahdanauAttention", "hidden_size": 5}
    wires = {"query": "q", "key": "s", "key_padding_mask": "mask"}
    module = module_of(around(layer, inputs, wires, ("y", "weights")))
    it: Any = module.it
    query, key = torch.randn(3, 6, 2), padded(LENGTHS, 3)
    mask = torch.zeros(3, 4, dtype=torch.bool)
    mask[0, 1] = True
    y, weights = module(query, mask, key, torch.tensor(LENGTHS))
    valid = torch.arange(4) < torch.tensor(LENGTHS)[:, None]
    for i in range(2):
        kept = key[i, valid[i] & ~mask[i]]
        compared = torch.tanh(
            (query[i] @ it.query.weight.T + it.query.bias)[:, None] + kept @ it.key.weight.T
        )
        share = torch.softmax(compared @ it.score.weight[0], dim=1)
        assert torch.allclose(weights[i][:, valid[i] & ~mask[i]], share, atol=1e-6)
        assert torch.allclose(y[i], share @ kept, atol=1e-6)
    assert not weights[0, :, 1].any()
    assert not y[2].any() and not weights[2].any()
    y.sum().backward()
    assert not any(p.grad is None or p.grad.isnan().any() for p in module.parameters())


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_recurrent_layers_stop_at_each_samples_length(kind: str) -> None:
    layer = {"type": kind, "hidden_size": 4, "num_layers": 2, "bidirectional": True}
    module = module_of(around(layer, CARRIED, {"x": "s"}, ("y", "last", "h_n")))
    lengths = [4, 2, 1]
    x = padded(lengths, 3)
    y, last, states = module(x, torch.tensor(lengths))
    assert y.shape == (3, 4, 8) and last.shape == (3, 8) and states.shape == (4, 3, 4)
    for i, length in enumerate(lengths):
        alone, end, _ = module(x[i : i + 1, :length], torch.tensor([length]))
        assert torch.allclose(y[i, :length], alone[0], atol=1e-6) and not y[i, length:].any()
        assert torch.allclose(last[i], end[0], atol=1e-6)
        assert torch.allclose(end[0], torch.cat((alone[0, -1, :4], alone[0, 0, 4:])), atol=1e-6)


def test_a_plain_rnn_may_use_relu() -> None:
    module = module_of(around({"type": "RNN", "hidden_size": 4, "nonlinearity": "relu"}, SIGNAL, {"x": "s"}))
    assert module(torch.randn(2, 5, 3)).min() == 0


def test_learned_positions_need_enough_rows() -> None:
    layer = {"type": "LearnedPositions", "max_length": 4}
    assert report_of(layer, sequence(["N", "T", 3])).requires == ("T <= 4",)
    (problem,) = report_of(layer, sequence(["N", 5, 3])).problems
    assert problem.code == "too-long" and "`max_length` is 4" in problem.message
    module = module_of(around(layer, SIGNAL, {"x": "s"}))
    x = torch.randn(2, 3, 3)
    it: Any = module.it
    assert torch.equal(module(x), x + it.weight[:3])


@pytest.mark.parametrize("width", [6, 5])
def test_sinusoidal_positions_are_the_papers_formula(width: int) -> None:
    layer = {"type": "SinusoidalPositions", "base": 100.0}
    module = module_of(around(layer, {"s": sequence(["N", "T", width])}, {"x": "s"}))
    made = module(torch.zeros(1, 7, width))[0]
    for step in range(7):
        for place in range(width):
            angle = step / 100 ** (place // 2 * 2 / width)
            wanted = math.cos(angle) if place % 2 else math.sin(angle)
            assert made[step, place].item() == pytest.approx(wanted, abs=1e-5)


def test_a_tied_head_has_the_weight_of_its_embedding() -> None:
    made = design(
        {
            "words": sequence(["N", "T"], "int64"),
            "embed": {"type": "Embedding", "num_embeddings": 7, "embedding_dim": 3},
            "head": {"type": "TiedLinear"},
            "scores": {"type": "Output"},
        },
        ["words -> embed", "embed -> head.x", "embed.weight -> head.weight", "head -> scores"],
        title="Net",
    )
    module = module_of(made)
    assert [tuple(p.shape) for p in module.parameters()] == [(7, 3)]
    (weight,) = module.parameters()
    scores = module(torch.tensor([[0, 6]]))
    assert torch.allclose(scores[0], weight[[0, 6]] @ weight.T)
    scores.sum().backward()
    assert weight.grad is not None and weight.grad.all(), "also vectors that were only compared with"


def test_a_bag_leaves_padding_out() -> None:
    inputs = {"s": sequence(["N", "T"], "int64"), "n": lengths_of("s")}
    layer = {"type": "EmbeddingBag", "num_embeddings": 5, "embedding_dim": 3, "padding_idx": -1}
    module = module_of(around(layer, inputs, {"x": "s"}))
    it: Any = module.it
    made = module(torch.tensor([[1, 2, 3], [1, 2, 2], [3, 3, 3]]), torch.tensor([3, 1, 0]))
    rows = it.weight
    assert torch.allclose(made, torch.stack([rows[1:4].mean(dim=0), rows[1], torch.zeros(3)]))
    del layer["padding_idx"]
    problems = check(around(layer, inputs, {"x": "s"})).problems
    assert [problem.code for problem in problems if problem.severity == "error"] == ["mixes-padding"]


def test_both_inputs_of_a_bilinear_layer_have_the_same_axes() -> None:
    layer = {"type": "Bilinear", "out_features": 2}
    ports = ("input1", "input2")
    assert report_of(layer, sequence(["N", "T", 3]), sequence(["N", "S", 4]), ports=ports).requires == (
        "S == T",
    )
    report = report_of(layer, sequence(["N", 5, 3]), sequence(["N", 1, 4]), ports=ports)
    assert [problem.code for problem in report.problems] == ["size-mismatch"]
    inputs = {"a": sequence(["N", 3]), "b": sequence(["N", 4])}
    module = module_of(around(layer, inputs, {"input1": "a", "input2": "b"}))
    it: Any = module.it
    a, b = torch.randn(2, 3), torch.randn(2, 4)
    wanted = torch.einsum("nf,kfg,ng->nk", a, it.weight, b) + it.bias
    assert torch.allclose(module(a, b), wanted, atol=1e-6)


def test_a_parameter_starts_as_asked_and_may_be_frozen() -> None:
    layer = {"type": "Parameter", "shape": [2, 3], "init": "ones", "trainable": False}
    module = module_of(around(layer, {}, {}))
    assert torch.equal(module.it, torch.ones(2, 3)) and isinstance(module.it, nn.Parameter)
    assert not module.it.requires_grad
    small = module_of(around({"type": "Parameter", "shape": [50, 50]}, {}, {}))
    assert small().std().item() == pytest.approx(0.02, rel=0.1)
    for bad in ({"shape": ["T", 3]}, {"shape": [3], "init": "orthogonal"}):
        report = report_of({"type": "Parameter", **bad}, ports=())
        assert [problem.code for problem in report.problems][:1] in (["size-unknown"], ["bad-value"])


def test_a_head_tied_to_samples_lets_them_influence_each_other() -> None:
    made = design(
        {
            "a": {"type": "Input", "shape": ["N", 8]},
            "tied": {"type": "TiedLinear"},
            "out": {"type": "Output"},
        },
        ["a -> tied", "a -> tied.weight", "tied -> out"],
    )
    assert [problem.code for problem in check(made).problems] == ["axis-role", "mixes-batch"]
