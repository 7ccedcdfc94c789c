"""How much of the input a result sees: the published figures, torch's gradients, and what moves or mixes axes."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import torch

from codegen.module import print_module
from graph_ir.check import check
from graph_ir.infer import infer
from graph_ir.layers import catalogue
from graph_ir.report import Report
from tests.graph_ir import published
from tests.graph_ir.cases import random_case
from tests.networks import chain, design


def conv(**values: object) -> dict[str, object]:
    return {"type": "Conv2d", **values}


def seen(report: Report, id: str) -> list[tuple[str, int | None, Fraction]]:
    return [(view.role, view.entries, view.step) for view in report.costs[id].receptive_field]


def test_windows_widen_what_is_seen() -> None:
    image = {"type": "Input", "shape": ["N", 3, 64, 64]}
    layers = (
        conv(out_channels=4, kernel_size=[3, 5], stride=2),
        {"type": "MaxPool2d", "kernel_size": 3, "stride": 2},
        conv(out_channels=4, kernel_size=3, dilation=2),
    )
    report = check(chain(image, *layers))
    assert seen(report, "conv2d2") == [("H", 3, 2), ("W", 5, 2)]
    assert seen(report, "maxpool2d3") == [("H", 7, 4), ("W", 9, 4)]
    assert seen(report, "conv2d4") == [("H", 23, 4), ("W", 25, 4)]
    assert report.costs["conv2d4"].receptive_field[0].words == "7 + (5 - 1)·4 = 23"
    assert seen(report, "out") == seen(report, "conv2d4")


@pytest.mark.parametrize(
    ("depths", "entries"),
    [((3, 4, 6, 3), 483), ((3, 4, 23, 3), 1027), ((3, 8, 36, 3), 1507)],
    ids=["resnet50", "resnet101", "resnet152"],
)
def test_receptive_fields_of_residual_networks_are_the_published_ones(
    depths: tuple[int, ...], entries: int
) -> None:
    """Araujo et al., Distill 2019, for the networks of TensorFlow's slim library."""
    report = check(published.resnet(depths, late=True))
    last = [id for id in report.order if id.startswith("add")][-1]
    assert seen(report, last) == [("H", entries, 32), ("W", entries, 32)]


def test_receptive_field_of_vgg16_is_the_published_one() -> None:
    report = check(published.vgg((2, 2, 3, 3, 3)))
    pools = [id for id in report.order if id.startswith("maxpool")]
    assert seen(report, pools[-1]) == [("H", 212, 32), ("W", 212, 32)]


@pytest.mark.parametrize(
    "layer",
    [
        {"type": "AdaptiveAvgPool2d", "output_size": 1},
        {"type": "Flatten"},
        {"type": "Mean", "dim": [2, 3]},
        {"type": "Softmax", "dim": 2},
    ],
    ids=lambda layer: layer["type"],
)
def test_what_mixes_an_axis_sees_all_of_it(layer: dict[str, object]) -> None:
    report = check(chain({"type": "Input", "shape": ["N", 3, 16, 16]}, layer))
    (height, *_) = report.costs[f"{str(layer['type']).lower()}2"].receptive_field
    assert (height.entries, height.words) == (None, "whole input")


@pytest.mark.parametrize(
    ("layer", "entries", "step"),
    [
        ({"type": "AdaptiveAvgPool2d", "output_size": 4}, 4, 4),
        ({"type": "AdaptiveAvgPool2d", "output_size": 6}, 4, Fraction(8, 3)),
        ({"type": "AdaptiveAvgPool2d", "output_size": 16}, 1, 1),
        ({"type": "Upsample", "scale_factor": 2}, 1, Fraction(1, 2)),
        ({"type": "Upsample", "scale_factor": 2, "mode": "bilinear"}, 2, Fraction(1, 2)),
        ({"type": "Interpolate", "size": 8, "mode": "bicubic"}, 4, 2),
        ({"type": "Interpolate", "size": 8, "mode": "area"}, 2, 2),
        ({"type": "ConvTranspose2d", "out_channels": 2, "kernel_size": 4, "stride": 2}, 2, Fraction(1, 2)),
        ({"type": "RepeatInterleave", "repeats": 3, "dim": 2}, 1, Fraction(1, 3)),
        ({"type": "ZeroPad2d", "padding": 2}, 1, 1),
        ({"type": "Slice", "dim": 2, "step": 3}, 1, 3),
    ],
    ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else None,
)
def test_what_other_layers_see(layer: dict[str, object], entries: int, step: Fraction | int) -> None:
    report = check(chain({"type": "Input", "shape": ["N", 4, 16, 16]}, layer))
    assert report.ok, report.problems
    assert seen(report, f"{str(layer['type']).lower()}2")[0] == ("H", entries, step)


def touched(layers: list[dict[str, object]]) -> tuple[int, int | None]:
    """How far apart columns of an image are whose gradient from one result in the middle is not 0; what is said."""
    made = chain({"type": "Input", "shape": ["N", 1, 7, 160], "axes": "N C H W"}, *layers)
    report = check(made)
    assert report.ok, report.problems
    env: dict[str, object] = {}
    exec(print_module(made, report).source, env)
    network = env["Network"]()  # type: ignore[operator]  # what was just printed
    image = torch.rand(1, 1, 7, 160).requires_grad_()
    result = network(image)
    result[0, :, 0, result.shape[3] // 2].abs().sum().backward()
    columns = torch.nonzero(image.grad[0, 0].abs().sum(0)).flatten()
    (*_, (role, entries, _)) = seen(report, "out")
    assert role == "W"
    return int(columns[-1] - columns[0]) + 1, entries


def sliding(rng: random.Random) -> dict[str, object]:
    window = {"kernel_size": [1, rng.choice((2, 3, 5))], "stride": [1, rng.choice((1, 1, 2))]}
    return rng.choice(
        [
            conv(out_channels=3, **window, dilation=[1, rng.choice((1, 2))]),
            {"type": "AvgPool2d", **window},
            {"type": "Softplus"},
        ]
    )


def finer(rng: random.Random) -> dict[str, object]:
    window = {"kernel_size": [1, rng.choice((2, 3, 4))], "stride": [1, 2]}
    return rng.choice(
        [
            {"type": "Upsample", "scale_factor": [1, 2], "mode": rng.choice(("nearest", "bilinear"))},
            {"type": "ConvTranspose2d", "out_channels": 2, **window},
        ]
    )


def test_torch_sees_what_is_said() -> None:
    """Exactly what is said where layers only slide, and behind finer sampling never more."""
    rng = random.Random(5)
    for _ in range(12):
        layers = [sliding(rng) for _ in range(rng.randint(1, 4))]
        extent, entries = touched(layers)
        assert extent == entries, layers
        layers += [finer(rng), *(sliding(rng) for _ in range(rng.randint(0, 2)))]
        extent, entries = touched(layers)
        assert entries is not None and extent <= entries, layers


def test_behind_a_finer_sampling_whole_steps_are_seen() -> None:
    """Two copies may come from two neighbours, which are 4 entries apart."""
    layers = (
        conv(out_channels=2, kernel_size=3, stride=2),
        {"type": "MaxPool2d", "kernel_size": 3, "stride": 2},
        {"type": "Upsample", "scale_factor": 2},
        conv(out_channels=2, kernel_size=2),
    )
    report = check(chain({"type": "Input", "shape": ["N", 3, 64, 64]}, *layers))
    assert seen(report, "conv2d5")[0] == ("H", 11, 2)
    assert report.costs["conv2d5"].receptive_field[0].words == "7 + (2 - 1)·2 = 9, at most 11"


def test_layers_with_a_kernel_say_what_they_look_at() -> None:
    """Where padding must be filled, neighbours are looked at; without a window one entry would be said to be seen."""
    rng = random.Random(3)
    silent, spoken = set(), set()
    for type, cls in catalogue().items():
        for _ in range(25 if "kernel_size" in cls.spec.fields else 0):
            case = random_case(rng, cls)
            layer, good = case.layer
            found = infer(layer, tuple(case.types.items())) if good else None
            if found is not None and found.scope is not None and layer.tail() is not None:
                (spoken if layer.window(found.scope) else silent).add(type)
    assert not silent
    assert len(spoken) > 10


def test_axes_keep_what_they_see_when_they_move() -> None:
    sequence = {"type": "Input", "shape": ["N", 40, 8], "axes": "N T F"}
    report = check(
        chain(
            sequence,
            {"type": "Permute", "dims": [0, 2, 1]},
            {"type": "Conv1d", "out_channels": 4, "kernel_size": 5},
            {"type": "Permute", "dims": [0, 2, 1]},
            {"type": "Linear", "out_features": 3},
            {"type": "GRU", "hidden_size": 4},
        )
    )
    assert seen(report, "linear5") == [("T", 5, 1)]
    assert [entries for _, entries, _ in seen(report, "gru6")] == [None]


def test_where_branches_meet_the_widest_counts() -> None:
    layers = {
        "image": {"type": "Input", "shape": ["N", 4, 16, 16]},
        "wide": conv(out_channels=4, kernel_size=7, padding=3),
        "narrow": conv(out_channels=4, kernel_size=3, padding=1),
        "sum": {"type": "Add"},
        "both": {"type": "Concat", "dim": 1},
        "out": {"type": "Output"},
    }
    wires = ["image -> wide", "image -> narrow", "narrow -> sum.x1", "wide -> sum.x2"]
    report = check(design(layers, [*wires, "image -> both.x1", "sum -> both.x2", "both -> out"]))
    assert seen(report, "sum") == seen(report, "both") == [("H", 7, 1), ("W", 7, 1)]
