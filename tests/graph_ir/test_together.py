"""Requirements read together: fewer, and for exactly the same sizes."""

from __future__ import annotations

import random

from graph_ir.dims import Dim, symbol
from graph_ir.requirements import Answer, Requirement, at_least, below, divisible, equal
from graph_ir.together import together
from tests.promises.files import IMAGE, Layers, checked, one

H = symbol("H")


def _unet(depth: int) -> tuple[Layers, list[list[str]]]:
    layers: Layers = {"x": IMAGE}
    wires, last = [], "x.y"
    for i in range(depth):
        layers[f"c{i}"] = {"type": "Conv2d", "out_channels": 4, "kernel_size": 3, "padding": 1}
        layers[f"p{i}"] = {"type": "MaxPool2d", "kernel_size": 2}
        wires += [[last, f"c{i}.x"], [f"c{i}.y", f"p{i}.x"]]
        last = f"p{i}.y"
    for i in reversed(range(depth)):
        layers[f"u{i}"] = {"type": "ConvTranspose2d", "out_channels": 4, "kernel_size": 2, "stride": 2}
        layers[f"k{i}"] = {"type": "Concat", "dim": 1}
        wires += [[last, f"u{i}.x"], [f"c{i}.y", f"k{i}.x1"], [f"u{i}.y", f"k{i}.x2"]]
        last = f"k{i}.y"
    layers["out"] = {"type": "Output"}
    return layers, [*wires, [last, "out.x"]]


def test_a_unet_says_once_what_its_sizes_must_be() -> None:
    report = checked(*_unet(4))
    assert report.requires == ("H % 16 == 0", "W % 16 == 0")
    assert len(report.requirements) > 2


def test_of_several_lower_bounds_the_largest_is_told() -> None:
    bounds = [Requirement(H, ">=", low) for low in (2, 8, 4)] + [Requirement(H, "<=", top) for top in (9, 10)]
    assert [str(r) for r in together(bounds)] == ["H >= 8", "H <= 9"]


def test_what_contradicts_is_left_as_it_is() -> None:
    clash = (Requirement(H, "==", 0, modulus=2), Requirement(H, "==", 1, modulus=4))
    assert together(clash) == clash


def test_one_alone_is_as_the_layer_said_it() -> None:
    report = one(
        {"type": "Input", "shape": ["N", 4, "T"]}, {"type": "Conv1d", "out_channels": 8, "kernel_size": 5}
    )
    assert report.requires == ("T >= 5",)


def test_read_together_they_hold_for_the_same_sizes() -> None:
    seeded = random.Random(20260)
    shorter = 0
    for _ in range(400):
        group = [a for a in (_answer(seeded) for _ in range(5)) if isinstance(a, Requirement)]
        joined = together(group)
        shorter += len(joined) < len(set(group))
        for size in range(1, 200):
            values: dict[str, Dim] = {"H": size}
            assert all(r.holds(values) for r in group) == all(r.holds(values) for r in joined), (
                size,
                group,
                joined,
            )
    assert shorter > 100


def _answer(seeded: random.Random) -> Answer:
    a, b, question = _size(seeded), _size(seeded), seeded.randrange(4)
    if question == 0:
        return equal(a, b)
    if question == 1:
        return divisible(a, seeded.choice([2, 3, 4, 6]))
    return at_least(a, seeded.randrange(1, 9)) if question == 2 else below(a, seeded.randrange(3, 60))


def _size(seeded: random.Random) -> Dim:
    size: Dim = H
    for _ in range(seeded.randrange(3)):
        size = (size + seeded.randrange(-2, 4)) // seeded.choice([2, 3, 4]) * seeded.choice([1, 2, 3])
    return size
