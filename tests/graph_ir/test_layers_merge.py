"""Merging, products, similarities, arithmetic: values on real torch, and whose lengths a result carries."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from graph_ir.build import build
from graph_ir.dims import symbol
from graph_ir.infer import Inference, infer
from graph_ir.layers import catalogue
from graph_ir.signature import Length, TensorType
from tests.graph_ir.one_layer import made, network
from tests.graph_ir.printed_values import run
from tests.networks import design

N, T, S = (symbol(name) for name in "NTS")
STEPS, OTHER = Length("steps"), Length("other")


def merged(type: str, *shapes: tuple[int, ...], names: str = "x1 x2 x3", **values: Any) -> torch.Tensor:
    """What the printed code makes of `tensors(shapes)`, each an Input of its own."""
    inputs = {f"in{i}": {"type": "Input", "shape": list(shape)} for i, shape in enumerate(shapes)}
    wires = [f"in{i} -> merge.{port}" for i, port in enumerate(names.split()[: len(shapes)])]
    layers = {**inputs, "merge": {"type": type, **values}, "out": {"type": "Output"}}
    (got,) = run(design(layers, [*wires, "merge -> out"]), *tensors(shapes))
    return got


def tensors(shapes: tuple[tuple[int, ...], ...]) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator) for shape in shapes]


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("bij,bjk->bik", ((2, 3, 4), (2, 4, 5))),
        ("bij, bjk -> bk", ((2, 3, 4), (2, 4, 5))),
        ("...i,...i->...", ((2, 3, 4), (2, 3, 4))),
        ("...i,ij", ((2, 3, 4), (4, 5))),
        ("bi,ij,bj->b", ((2, 3), (3, 4), (2, 4))),
        ("bij,bkj->bik", ((2, 3, 1), (2, 5, 4))),
        ("ba", ((2, 3),)),
        ("bii->b", ((2, 3, 3),)),
    ],
)
def test_einsum_is_torchs(equation: str, shapes: tuple[tuple[int, ...], ...]) -> None:
    expected = torch.einsum(equation, *tensors(shapes))
    torch.testing.assert_close(merged("Einsum", *shapes, equation=equation), expected)


@pytest.mark.parametrize(
    ("equation", "says"),
    [
        ("ij,jk->iz", "'z' of no input"),
        ("ij->ii", "'i' twice"),
        ("i1->i", "'i1'"),
        ("ij->k->i", "'k->i'"),
        ('i");import os#', "letters for the axes"),
    ],
)
def test_a_bad_equation_is_told_in_a_sentence(equation: str, says: str) -> None:
    layer, (wrong,) = build(catalogue()["Einsum"], {"equation": equation})
    assert layer is None and wrong.field == "equation" and says in wrong.text


def test_gates_and_choices() -> None:
    g, a, b = tensors(((3, 4),) * 3)
    shapes = ((3, 4),) * 3
    torch.testing.assert_close(merged("GatedSum", *shapes, names="gate x1 x2"), torch.lerp(b, a, g))
    torch.testing.assert_close(merged("Average", *shapes), torch.stack([g, a, b]).mean(0))
    torch.testing.assert_close(merged("Maximum", *shapes), torch.stack([g, a, b]).amax(0))
    torch.testing.assert_close(merged("Stack", *shapes, dim=1), torch.stack([g, a, b], 1))
    torch.testing.assert_close(merged("Subtract", *shapes[:2]), g - a)
    mask = a > 0
    (got,) = run(
        design(
            {
                "x": {"type": "Input", "shape": [3, 4]},
                "mask": {"type": "Input", "shape": [3, 4], "dtype": "bool"},
                "fill": {"type": "MaskedFill", "value": -2.0},
                "out": {"type": "Output"},
            },
            ["x -> fill", "mask -> fill.mask", "fill -> out"],
        ),
        g,
        mask,
    )
    torch.testing.assert_close(got, torch.where(mask, torch.tensor(-2.0), g), rtol=0, atol=0)


def test_similarities_and_distances() -> None:
    shapes = ((3, 4), (3, 4))
    a, b = tensors(shapes)
    torch.testing.assert_close(merged("DotSimilarity", *shapes), torch.linalg.vecdot(a, b))
    torch.testing.assert_close(merged("CosineSimilarity", *shapes, dim=0), F.cosine_similarity(a, b, dim=0))
    torch.testing.assert_close(merged("PairwiseDistance", *shapes, eps=0.0, p=1.0), (a - b).abs().sum(1))


def test_a_reparameterised_sample_has_the_mean_and_spread_it_is_given() -> None:
    sample = design(
        {
            "mu": {"type": "Input", "shape": ["N", 2]},
            "logvar": {"type": "Input", "shape": ["N", 2]},
            "z": {"type": "ReparameterizedSample"},
            "out": {"type": "Output"},
        },
        ["mu -> z.mu", "logvar -> z.logvar", "z -> out"],
    )
    mu, spread = torch.tensor([1.0, -3.0]), torch.tensor([0.5, 2.0])
    (z,) = run(sample, mu.expand(100_000, 2), (2 * spread.log()).expand(100_000, 2))
    torch.testing.assert_close(z.mean(0), mu, atol=0.03, rtol=0)
    torch.testing.assert_close(z.std(0), spread, atol=0.03, rtol=0)


def test_arithmetic_of_one_tensor() -> None:
    x = torch.rand(3, 4) + 0.5
    for layer, expected in (
        ({"type": "Pow", "exponent": -0.5}, 1 / x.sqrt()),
        ({"type": "Scale", "factor": -2.0}, -2 * x),
        ({"type": "Clamp", "min": 0.75, "max": 1.0}, x.clip(0.75, 1)),
        ({"type": "Reciprocal"}, 1 / x),
        ({"type": "LogSumExp", "dim": [0, 1]}, x.exp().sum().log()),
        ({"type": "VectorNorm", "ord": 1.0, "dim": 1}, x.abs().sum(1)),
        ({"type": "Var", "dim": 1, "correction": 0}, x.square().mean(1) - x.mean(1).square()),
    ):
        torch.testing.assert_close(network((3, 4), layer)(x), expected)


def both(type: str, a: TensorType, b: TensorType, **values: Any) -> Inference:
    return infer(made(type, **values), (("x1", a), ("x2", b)))


def test_a_sum_carries_the_lengths_of_either_branch() -> None:
    carrying = TensorType((N, T, 6), lengths=(None, STEPS, None))
    plain, positions = TensorType((N, T, 6)), TensorType((T, 6), roles=("T", "F"))
    for other in (plain, positions, TensorType((1, 1, 6), roles=("", "", ""))):
        for pair in ((carrying, other), (other, carrying)):
            found = both("Add", *pair)
            assert found.error is None and found.outputs["y"].lengths == (None, STEPS, None)
            assert found.outputs["y"].roles == ("N", "T", "F")
    error = both("Add", carrying, TensorType((N, T, 6), lengths=(None, OTHER, None))).error
    assert error is not None and error.code == "lengths-differ"
    error = both("Add", carrying, TensorType((4, N, T, 6))).error
    assert error is not None and error.code == "moves-batch"


def test_branches_are_joined_beside_their_steps_not_behind_the_padding() -> None:
    carrying, plain = TensorType((N, T, 6), lengths=(None, STEPS, None)), TensorType((N, T, 4))
    beside = both("Concat", carrying, plain, dim=-1)
    assert beside.error is None and beside.outputs["y"].lengths == (None, STEPS, None)
    for dim, code in ((1, "mixes-padding"), (0, "moves-batch")):
        error = both("Concat", carrying, carrying, dim=dim).error
        assert error is not None and error.code == code
    stacked = both("Stack", carrying, carrying, dim=1)
    assert stacked.outputs["y"].lengths == (None, None, STEPS, None)


def test_products_keep_the_lengths_of_axes_that_stay() -> None:
    left = TensorType((N, T, 6), lengths=(None, STEPS, None))
    right = TensorType((N, 6, S), lengths=(None, None, OTHER))
    scores = both("MatMul", left, right)
    assert scores.error is None and scores.outputs["y"].lengths == (None, STEPS, OTHER)
    by_letters = both("Einsum", left, right, equation="btf,bfs->bst")
    assert by_letters.outputs["y"].lengths == (None, OTHER, STEPS)
    for type, values in (("MatMul", {}), ("Einsum", {"equation": "bst,btf->bsf"})):
        error = both(type, TensorType((N, S, T), lengths=(None, None, STEPS)), left, **values).error
        assert error is not None and error.code == "mixes-padding"


def test_a_length_on_another_axis_does_not_excuse_a_sum_over_steps() -> None:
    """Scores of a sequence with itself carry the same lengths twice."""
    scores = TensorType((N, T, T), lengths=(None, STEPS, STEPS))
    plain = TensorType((N, T, 6))
    for type, values in (
        ("Sum", {"dim": 2}),
        ("Flatten", {}),
        ("Select", {"dim": 1, "index": 0}),
        ("TopK", {"k": 1}),
    ):
        error = infer(made(type, **values), (("x", scores),)).error
        assert error is not None and error.code == "mixes-padding"
    heads = TensorType((N, T, T, 4), lengths=(None, STEPS, STEPS, None))
    error = infer(made("Flatten", start_dim=2), (("x", heads),)).error
    assert error is not None and error.code == "mixes-padding"
    for found in (both("MatMul", scores, plain), both("Einsum", scores, plain, equation="bst,btf->bsf")):
        assert found.error is not None and found.error.code == "mixes-padding"


def test_a_stretched_axis_takes_the_role_and_length_of_the_other() -> None:
    carrying = TensorType((N, T, 6), roles=("N", "T", "F"), lengths=(None, STEPS, None))
    one = TensorType((N, 1, 6), roles=("N", "C", "F"))
    for pair in ((carrying, one), (one, carrying)):
        assert both("Add", *pair).outputs["y"].roles == ("N", "T", "F")
    lost = both("Add", TensorType((N, 1, 6), lengths=(None, OTHER, None)), carrying).error
    assert lost is not None and lost.code == "mixes-padding"


def test_a_comparison_over_the_batch_of_either_input_is_told() -> None:
    lower = TensorType((N, 6), roles=("N", "F"))
    found = both("CosineSimilarity", TensorType((4, N, 6), roles=("", "", "F")), lower, dim=1)
    assert [(code, port) for code, port, _ in found.warnings] == [("mixes-batch", "x2")]


def test_costs_of_products_are_multiply_adds() -> None:
    a, b = TensorType((2, 3, 4)), TensorType((2, 4, 5))
    assert both("MatMul", a, b).macs == both("Einsum", a, b, equation="bij,bjk->bik").macs == 2 * 3 * 4 * 5
    assert both("Einsum", a, a, equation="bij,bij->bij").macs == 0
    assert math.prod((2, 4, 5)) == both("MatMul", TensorType((4,)), b).macs
