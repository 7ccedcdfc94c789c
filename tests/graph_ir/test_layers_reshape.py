"""Reshaping, slicing, reducing: what the contract can't show, which is values, and roles and lengths on their way."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch

from codegen.module import print_module
from graph_ir.check import check
from graph_ir.dims import substitute, symbol
from graph_ir.graph import Design
from graph_ir.infer import Inference
from graph_ir.signature import STEPS, Length, TensorType
from tests.codegen.lengths import module_of
from tests.graph_ir.one_layer import fails, inferred, network
from tests.graph_ir.printed_values import problems, run
from tests.networks import design

N, T, F = (symbol(name) for name in "NTF")
LENGTH = Length("steps")
CARRYING = TensorType((N, T, 6), "float32", ("N", "T", "F"), (None, LENGTH, None))


def y(type: str, given: TensorType = CARRYING, **values: Any) -> TensorType:
    found = inferred(type, given, **values)
    assert found.error is None, found.error
    return found.outputs["y"]


def codes(found: Inference) -> list[str]:
    return [code for code, _, _ in found.warnings]


@pytest.mark.parametrize(
    ("type", "values", "roles", "axis"),
    [
        ("Permute", {"dims": [0, 2, 1]}, ("N", "F", "T"), 2),
        ("Transpose", {"dim0": -1, "dim1": 1}, ("N", "F", "T"), 2),
        ("Unsqueeze", {"dim": 1}, ("N", "", "T", "F"), 2),
        ("Unflatten", {"dim": 2, "unflattened_size": [2, 3]}, ("N", "T", "", ""), 1),
        ("Reshape", {"shape": ["T", 2, -1]}, ("N", "T", "", ""), 1),
        ("Select", {"dim": 2, "index": 0}, ("N", "T"), 1),
        ("Sum", {"dim": -1}, ("N", "T"), 1),
        ("Max", {"dim": 2, "keepdim": True}, ("N", "T", "F"), 1),
        ("CumSum", {"dim": 1}, ("N", "T", "F"), 1),
        ("Expand", {"size": [-1, -1, 6]}, ("N", "T", "F"), 1),
        ("Flip", {"dims": 2}, ("N", "T", "F"), 1),
        ("Cast", {"dtype": "int64"}, ("N", "T", "F"), 1),
        ("Clamp", {"min": 0.0}, ("N", "T", "F"), 1),
    ],
)
def test_roles_and_lengths_go_along_with_their_axes(
    type: str, values: dict[str, Any], roles: tuple[str, ...], axis: int
) -> None:
    made = y(type, **values)
    assert made.roles == roles
    assert [made.length(i) for i in range(len(roles))] == [
        LENGTH if i == axis else None for i in range(len(roles))
    ]


@pytest.mark.parametrize(
    ("type", "values"),
    [
        ("Flatten", {}),
        ("Reshape", {"shape": [-1]}),
        ("Unflatten", {"dim": 1, "unflattened_size": [2, -1]}),
        ("Select", {"dim": 1, "index": -1}),
        ("Slice", {"dim": 1, "start": -3}),
        ("Chunk", {"chunks": 2, "dim": 1}),
        ("Repeat", {"repeats": [1, 2, 1]}),
        ("Roll", {"shifts": 1, "dims": 1}),
        ("Flip", {"dims": [1, 2]}),
        ("Pad", {"pad": [0, 0, 1, 1], "mode": "replicate"}),
        ("Mean", {"dim": 1}),
        ("Max", {"dim": 1, "keepdim": True}),
        ("ArgMax", {"dim": 1}),
        ("TopK", {"k": 2, "dim": 1}),
        ("Var", {}),
    ],
)
def test_what_would_mix_padding_into_results_is_refused(type: str, values: dict[str, Any]) -> None:
    assert fails(type, CARRYING, **values) == "mixes-padding"


@pytest.mark.parametrize(
    ("type", "values"),
    [
        ("Permute", {"dims": [1, 0, 2]}),
        ("Unsqueeze", {"dim": 0}),
        ("Slice", {"dim": 0, "start": 1}),
        ("Select", {"dim": 0, "index": 0}),
        ("RepeatInterleave", {"repeats": 2, "dim": 0}),
        ("Repeat", {"repeats": [2, 1, 1, 1]}),
        ("Roll", {"shifts": 1, "dims": 0}),
        ("Split", {"sizes": [1, 2], "dim": 0}),
    ],
)
def test_samples_stay_with_their_lengths(type: str, values: dict[str, Any]) -> None:
    assert fails(type, CARRYING, **values) == "moves-batch"


@pytest.mark.parametrize(
    ("values", "length", "most"),
    [
        ({"start": 2}, STEPS - 2, None),
        ({"stop": 5}, STEPS, 5),
        ({"start": 1, "stop": 6, "step": 2}, STEPS // 2, 3),
        ({"stop": -1}, STEPS - 1, None),
        ({"step": 3}, (STEPS + 2) // 3, None),
    ],
)
def test_a_slice_rewrites_lengths_as_it_does_the_axis(
    values: dict[str, Any], length: Any, most: int | None
) -> None:
    found = y("Slice", dim=1, **values).length(1)
    assert found == LENGTH.rewritten(length, most)


def test_pieces_and_padding_rewrite_lengths_too() -> None:
    found = inferred("Split", CARRYING, sizes=[3, 4], dim=1)
    assert found.outputs["y1"].length(1) == LENGTH.rewritten(STEPS, 3)
    assert found.outputs["y2"].length(1) == LENGTH.rewritten(STEPS - 3, 4)
    assert list(map(str, found.requirements)) == ["T == 7"]
    assert y("Pad", pad=[0, 0, 2, -1]).length(1) == LENGTH.rewritten(STEPS + 1)
    assert y("RepeatInterleave", repeats=2, dim=1).length(1) == LENGTH.rewritten(STEPS * 2)


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
@pytest.mark.parametrize("places", [(0, 3, 1), (1, None, 2), (-2, None, 1), (-9, -1, 1), (1, 99, 3)])
def test_a_slice_is_pythons(axis: int, places: tuple[int, int | None, int]) -> None:
    x = torch.randn(4, 5, 6)
    layer = dict(zip(("start", "stop", "step"), places, strict=True))
    index = [slice(None)] * 3
    index[axis] = slice(*places)
    got = network((4, 5, 6), {"type": "Slice", "dim": axis, **layer})(x)
    torch.testing.assert_close(got, x[tuple(index)], rtol=0, atol=0)


@pytest.mark.parametrize("start", [0, 2, -3])
@pytest.mark.parametrize("stop", [None, 5, -1])
@pytest.mark.parametrize("step", [1, 2])
def test_a_slice_of_an_open_axis_is_exact(start: int, stop: int | None, step: int) -> None:
    """Wherever something is left, and only there, it is allowed, and the size is Python's."""
    found = inferred("Slice", TensorType((N, T, 6)), dim=1, start=start, stop=stop, step=step)
    assert found.error is None
    for steps in range(1, 13):
        left = len(range(steps)[start:stop:step])
        assert all(requirement.holds({"T": steps}) for requirement in found.requirements) == (left > 0)
        assert not left or substitute(found.outputs["y"].shape[1], {"T": steps}) == left


def test_warnings_of_what_torch_takes_silently() -> None:
    plain = TensorType((4, 5, 6))
    assert codes(inferred("Slice", plain, dim=1, stop=9)) == ["clamped"]
    assert codes(inferred("Squeeze", plain, dim=1)) == ["stays"]
    assert codes(inferred("Flatten", plain, start_dim=0)) == ["mixes-batch"]
    assert codes(inferred("Sum", plain)) == ["mixes-batch"]
    assert codes(inferred("Std", TensorType((4, 1)), dim=1)) == ["one-value"]
    assert codes(inferred("Clamp", plain, min=1.0, max=0.0)) == ["bounds-swapped"]


def test_an_open_axis_is_never_squeezed_by_chance() -> None:
    found = inferred("Squeeze", TensorType((N, 1, T)))
    assert [str(dim) for dim in found.outputs["y"].shape] == ["N", "T"]
    assert sorted(map(str, found.requirements)) == ["N >= 2", "T >= 2"]


def with_lengths(*layers: dict[str, Any], width: int = 3) -> Design:
    ids = [f"n{i}" for i in range(len(layers))]
    named = dict(zip(ids, layers, strict=True))
    chain = ["signal", *ids, "out"]
    return design(
        {
            "signal": {"type": "Input", "shape": ["N", "T", width]},
            "steps": {"type": "Input", "role": "lengths", "of": "signal", "axis": 1},
            **named,
            "out": {"type": "Output"},
        },
        [f"{a} -> {b}" for a, b in pairwise(chain)],
    )


def test_gather_last_takes_the_last_valid_step_and_zeros_for_none() -> None:
    x, steps = torch.randn(4, 6, 3), torch.tensor([6, 1, 0, 4])
    (got,) = run(with_lengths({"type": "GatherLast"}), x, steps)
    expected = torch.stack([x[0, 5], x[1, 0], torch.zeros(3), x[3, 3]])
    torch.testing.assert_close(got, expected, rtol=0, atol=0)
    torch.testing.assert_close(network((4, 6, 3), {"type": "GatherLast"})(x), x[:, -1], rtol=0, atol=0)


def test_gather_last_reads_rewritten_lengths() -> None:
    x, steps = torch.randn(3, 6, 3), torch.tensor([6, 3, 1])
    (got,) = run(
        with_lengths({"type": "Slice", "dim": 1, "start": 1, "step": 2}, {"type": "GatherLast"}), x, steps
    )
    torch.testing.assert_close(got, torch.stack([x[0, 5], x[1, 1], torch.zeros(3)]), rtol=0, atol=0)


def test_an_empty_sequence_gives_no_nan_to_gradients() -> None:
    x, steps = torch.full((2, 3, 3), -1.0), torch.tensor([0, 2])
    model = module_of(print_module(made := with_lengths({"type": "GatherLast"}), check(made)))
    x[0, 0] = torch.nan
    x.requires_grad_()
    model(x, steps).square().sum().backward()
    assert x.grad is not None and not x.grad[0].any() and not x.grad.isnan().any()


def test_lengths_that_differ_do_not_meet() -> None:
    layers: dict[str, dict[str, Any]] = {
        "signal": {"type": "Input", "shape": ["N", "T", 3]},
        "steps": {"type": "Input", "role": "lengths", "of": "signal", "axis": 1},
        "back": {"type": "Slice", "dim": 1, "stop": -1},
        "front": {"type": "Slice", "dim": 1, "start": 1},
        "step": {"type": "Subtract"},
        "out": {"type": "Output"},
    }
    wires = ["signal -> back", "signal -> front", "front -> step.x1", "back -> step.x2", "step -> out"]
    same = check(design(layers, wires))
    assert same.ok and same.layers["step"].outputs["y"].length(1) == Length("steps").rewritten(STEPS - 1)
    layers["back"] = {"type": "Slice", "dim": 1, "stop": 4}
    layers["front"] = {"type": "Slice", "dim": 1, "start": 1, "stop": 5}
    assert problems(check(design(layers, wires))) == ["lengths-differ"]
