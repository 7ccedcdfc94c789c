"""Attention and transformer layers: masks, lengths and what may look at what, on real torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from graph_ir.check import check
from graph_ir.graph import Design
from tests.graph_ir.sequence_nets import around, lengths_of, module_of, padded, report_of, sequence

LENGTHS = [5, 3, 0]
SIGNAL = {"s": sequence(["N", "T", 8])}
CARRIED = {**SIGNAL, "n": lengths_of("s")}
SELF = {"query": "s", "key": "s", "value": "s"}


def attention(layer: dict[str, Any], inputs: dict[str, Any], ports: tuple[str, ...]) -> Design:
    return around(layer, inputs, dict.fromkeys(ports, "s"))


SELF_ATTENTION = {
    "MultiheadAttention": ({"num_heads": 2}, "causal", tuple(SELF)),
    "ScaledDotProductAttention": ({}, "is_causal", tuple(SELF)),
    "TransformerEncoderLayer": ({"nhead": 2, "dim_feedforward": 16, "dropout": 0}, "causal", ("src",)),
    "TransformerDecoderLayer": (
        {"nhead": 2, "dim_feedforward": 16, "dropout": 0},
        "causal",
        ("tgt", "memory"),
    ),
}


@pytest.mark.parametrize("trains", [True, False])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("kind", SELF_ATTENTION)
def test_valid_steps_see_no_padding(kind: str, causal: bool, trains: bool) -> None:
    """Each sample gives what it gives alone; in use torch takes another, faster way."""
    values, field, ports = SELF_ATTENTION[kind]
    layer = {"type": kind, **values, field: causal}
    whole = module_of(attention(layer, CARRIED, ports)).train(trains)
    plain = module_of(attention(layer, SIGNAL, ports)).train(trains)
    plain.load_state_dict(whole.state_dict())
    x = padded(LENGTHS, 8).detach()
    with torch.set_grad_enabled(trains):
        made = whole(x, torch.tensor(LENGTHS))
        for i, length in enumerate(LENGTHS[:2]):
            alone = plain(x[i : i + 1, :length])
            assert torch.allclose(made[i, :length], alone[0], atol=1e-5)


@pytest.mark.parametrize("kind", SELF_ATTENTION)
def test_no_gradient_is_nan_where_a_sample_has_no_step(kind: str) -> None:
    values, field, ports = SELF_ATTENTION[kind]
    module = module_of(attention({"type": kind, **values, field: True}, CARRIED, ports))
    x = padded(LENGTHS, 8)
    made = module(x, torch.tensor(LENGTHS))
    _assert_finite(made, x, module)


def test_no_gradient_is_nan_where_weights_are_read_too() -> None:
    """Torch computes them another way, with a softmax that makes NaN of nothing."""
    layer = {"type": "MultiheadAttention", "num_heads": 2}
    module = module_of(around(layer, CARRIED, SELF, ("y", "weights")))
    x = padded(LENGTHS, 8)
    made, weights = module(x, torch.tensor(LENGTHS))
    assert not weights[1, :, 3:].any()
    _assert_finite(torch.cat((made, weights), dim=2), x, module)


def _assert_finite(made: Tensor, x: Tensor, module: nn.Module) -> None:
    assert made.isfinite().all()
    made.square().sum().backward()
    grads = [x.grad, *(parameter.grad for parameter in module.parameters())]
    assert all(grad is not None and grad.isfinite().all() for grad in grads)


@pytest.mark.parametrize(
    "kind", ["MultiheadAttention", "ScaledDotProductAttention", "TransformerEncoderLayer"]
)
def test_causal_steps_see_nothing_later(kind: str) -> None:
    values, field, ports = SELF_ATTENTION[kind]
    x = torch.randn(2, 5, 8)
    later = torch.cat((x[:, :3], torch.randn(2, 2, 8)), dim=1)
    for causal in (True, False):
        module = module_of(attention({"type": kind, **values, field: causal}, SIGNAL, ports))
        same = torch.allclose(module(x)[:, :3], module(later)[:, :3], atol=1e-6)
        assert same == causal


def run(layer: dict[str, Any], mask: Tensor, ports: dict[str, str], *, carried: bool = False) -> Tensor:
    """Self-attention of random steps with a mask on an Input `m`."""
    shape = ["N", "T"] if mask.shape == (2, 5) else ["T", "T"] if mask.dim() == 2 else ["M", "T", "T"]
    lengths = {"n": lengths_of("s")} if carried else {}
    inputs = {**SIGNAL, "m": sequence(shape, "bool"), **lengths}
    torch.manual_seed(3)
    x = torch.randn(2, 5, 8)
    module = module_of(around(layer, inputs, ports))
    made: Tensor = module(x, mask, *([torch.tensor([5, 3])] if carried else []))
    return made


MASKS = {
    "MultiheadAttention": ("attn_mask", "key_padding_mask"),
    "ScaledDotProductAttention": ("attn_mask", ""),
    "TransformerEncoderLayer": ("src_mask", "src_key_padding_mask"),
}


@pytest.mark.parametrize("kind", MASKS)
def test_a_mask_is_true_where_something_is_ignored(kind: str) -> None:
    """A mask of what lies in the future is the field `causal`; one with the padding is the lengths."""
    values, field, ports = SELF_ATTENTION[kind]
    masks, wires = MASKS[kind], dict.fromkeys(ports, "s")
    future = torch.ones(5, 5, dtype=torch.bool).triu(1)
    nothing = torch.zeros(5, 5, dtype=torch.bool)
    given = run({"type": kind, **values}, future, {**wires, masks[0]: "m"})
    causal = run({"type": kind, **values, field: True}, nothing, {**wires, masks[0]: "m"})
    assert torch.allclose(given, causal, atol=1e-6)
    open_ = run({"type": kind, **values}, nothing, {**wires, masks[0]: "m"})
    assert not torch.allclose(given, open_, atol=1e-3)
    if masks[1]:
        padding = torch.arange(5).expand(2, 5) >= torch.tensor([[5], [3]])
        by_mask = run({"type": kind, **values}, padding, {**wires, masks[1]: "m"})
        by_lengths = run({"type": kind, **values}, nothing, {**wires, masks[0]: "m"}, carried=True)
        assert torch.allclose(by_mask[1, :3], by_lengths[1, :3], atol=1e-6)


def test_a_wired_mask_and_lengths_are_joined() -> None:
    first = torch.zeros(2, 5, dtype=torch.bool)
    first[:, 0] = True
    layer = {"type": "MultiheadAttention", "num_heads": 2}
    joined = run(layer, first, {**SELF, "key_padding_mask": "m"}, carried=True)
    both = first | (torch.arange(5) >= torch.tensor([[5], [3]]))
    masked = run(layer, both, {**SELF, "key_padding_mask": "m"})
    assert torch.allclose(joined[0], masked[0], atol=1e-6)
    assert torch.allclose(joined[1, :3], masked[1, :3], atol=1e-6)


@pytest.mark.parametrize("kind", ["MultiheadAttention", "TransformerEncoderLayer"])
def test_a_mask_may_differ_for_each_head(kind: str) -> None:
    values, _, ports = SELF_ATTENTION[kind]
    mask = torch.ones(5, 5, dtype=torch.bool).triu(1)
    wires = {**dict.fromkeys(ports, "s"), MASKS[kind][0]: "m"}
    every = run({"type": kind, **values}, mask.expand(4, 5, 5), wires)
    assert torch.allclose(every, run({"type": kind, **values}, mask, wires), atol=1e-6)
    inputs = (*[sequence([2, 5, 8])] * len(ports), sequence([3, 5, 5], "bool"))
    report = report_of({"type": kind, **values}, *inputs, ports=(*ports, MASKS[kind][0]))
    (problem,) = [p for p in report.problems if p.severity == "error"]
    assert problem.code == "size-mismatch" and "(4, 5, 5)" in problem.message


def test_scaled_dot_product_attention_is_the_papers_formula() -> None:
    inputs = {name: sequence(["N", 3, size, 4]) for name, size in (("q", "L"), ("k", "S"))}
    inputs["v"] = sequence(["N", 3, "S", 6])
    layer = {"type": "ScaledDotProductAttention", "scale": 0.3}
    module = module_of(around(layer, inputs, {"query": "q", "key": "k", "value": "v"}))
    q, k, v = torch.randn(2, 3, 5, 4), torch.randn(2, 3, 7, 4), torch.randn(2, 3, 7, 6)
    wanted = torch.softmax(q @ k.mT * 0.3, dim=-1) @ v
    assert torch.allclose(module(q, k, v), wanted, atol=1e-6)


def test_dropout_of_attention_rests_in_use() -> None:
    layer = {"type": "ScaledDotProductAttention", "dropout_p": 0.5}
    module = module_of(attention(layer, SIGNAL, tuple(SELF)))
    x = torch.randn(2, 5, 8)
    assert not torch.equal(module(x), module(x))
    assert torch.equal(module.eval()(x), module(x))
    assert torch.allclose(module(x), nn.functional.scaled_dot_product_attention(x, x, x))


def test_a_decoder_ignores_the_padding_of_its_memory() -> None:
    inputs = {"t": sequence(["N", "L", 8]), **CARRIED}
    layer = {"type": "TransformerDecoderLayer", "nhead": 2, "dim_feedforward": 16, "dropout": 0}
    module = module_of(around(layer, inputs, {"tgt": "t", "memory": "s"}))
    target, memory = torch.randn(2, 4, 8), padded([5, 3], 8).detach()
    made = module(target, memory, torch.tensor([5, 3]))
    alone = module(target[1:], memory[1:, :3], torch.tensor([3]))
    assert torch.allclose(made[1], alone[0], atol=1e-5)


def test_weights_carry_lengths_and_are_withheld_where_a_step_is_added_behind_the_padding() -> None:
    layer = {"type": "MultiheadAttention", "num_heads": 2}
    made = check(around(layer, CARRIED, SELF, ("y", "weights"))).layers["it"].outputs
    assert made["weights"].length(1) is not None and made["weights"].length(2) is not None
    for extra in ("add_zero_attn", "add_bias_kv"):
        report = check(around({**layer, extra: True}, CARRIED, SELF, ("y", "weights")))
        assert [problem.code for problem in report.problems] == ["withheld"]
        assert report.layers["it"].outputs["y"].length(1) is not None


def test_lengths_along_the_features_are_refused() -> None:
    inputs = {"s": sequence(["N", 5, 8]), "n": lengths_of("s", axis=2)}
    for kind, (values, _, ports) in SELF_ATTENTION.items():
        problems = check(attention({"type": kind, **values}, inputs, ports)).problems
        assert "mixes-padding" in [problem.code for problem in problems]
