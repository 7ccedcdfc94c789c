"""The nets for images in the gallery have the sizes that were published, and are drawn as briefly as they are told."""

from __future__ import annotations

from importlib.resources import files

import pytest

from graph_ir.check import check
from graph_ir.file import parse
from graph_ir.report import Report
from graph_ir.templates import load, set_parameter
from tests.graph_ir.test_costs import PUBLISHED as FLAT

# Parameters and GMACs as torchvision publishes them with its weights (`Weights.meta`).
PUBLISHED: dict[str, tuple[int, float]] = {
    "alexnet": (61_100_840, 0.714),
    "vgg11": (132_863_336, 7.609),
    "vgg11_bn": (132_868_840, 7.609),
    "vgg13": (133_047_848, 11.308),
    "vgg13_bn": (133_053_736, 11.308),
    "vgg16": (138_357_544, 15.470),
    "vgg16_bn": (138_365_992, 15.470),
    "vgg19": (143_667_240, 19.632),
    "vgg19_bn": (143_678_248, 19.632),
    "squeezenet1_1": (1_235_496, 0.349),
    "googlenet": (6_624_904, 1.498),
    "inception_v3": (27_161_264, 5.713),
    "resnet18": (11_689_512, 1.814),
    "resnet34": (21_797_672, 3.664),
    "resnet50": (25_557_032, 4.089),
    "resnet101": (44_549_160, 7.801),
    "resnet152": (60_192_808, 11.514),
    "resnext50_32x4d": (25_028_904, 4.230),
    "wide_resnet50_2": (68_883_240, 11.398),
    "densenet121": (7_978_856, 2.834),
    "mobilenet_v2": (3_504_872, 0.301),
    "mobilenet_v3_large": (5_483_032, 0.217),
    "mobilenet_v3_small": (2_542_856, 0.057),
    "mnasnet1_0": (4_383_312, 0.314),
    "efficientnet_b0": (5_288_548, 0.386),
    "shufflenet_v2_x1_0": (2_278_604, 0.145),
    "convnext_tiny": (28_589_128, 4.456),
    "vit_b_16": (86_567_656, 17.564),
}


def checked(name: str, **parameters: object) -> Report:
    """What the check says of a template with these parameters."""
    made = load(name)
    for key, value in parameters.items():
        set_parameter(made, key, str(value))
    report = check(made)
    assert not report.problems
    return report


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_the_published_ones_and_so_are_the_costs(name: str) -> None:
    parameters, gmacs = PUBLISHED[name]
    report = checked(name)
    assert report.parameters == parameters
    assert report.macs == pytest.approx(gmacs * 1e9, rel=0.01)


@pytest.mark.parametrize("name", FLAT)
def test_blocks_and_repeats_come_to_the_same_as_a_flat_drawing(name: str) -> None:
    blocks, flat = checked(name), check(FLAT[name][0]())
    assert (blocks.macs, blocks.parameters) == (flat.macs, flat.parameters)


@pytest.mark.parametrize("name", [*PUBLISHED, "lenet5"])
def test_the_number_of_classes_is_a_parameter(name: str) -> None:
    report = checked(name, num_classes=7)
    assert [str(size) for size in report.layers["out"].inputs["x"].shape] == ["N", "7"]


def test_lenet_has_the_weights_and_the_costs_of_the_paper() -> None:
    """C1 156, C3 2,416, C5 48,120, F6 10,164 and ten dense classes; its 416,520 multiply-adds are the paper's sizes."""
    report = checked("lenet5")
    assert report.parameters == 156 + 2_416 + 48_120 + 10_164 + 850 == 61_706
    assert report.macs == 28 * 28 * 6 * 25 + 10 * 10 * 16 * 6 * 25 + 120 * 16 * 25 + 120 * 84 + 84 * 10


def test_the_two_halves_of_a_dcgan_are_those_of_pytorchs_tutorial() -> None:
    assert checked("dcgan-generator").parameters == 3_576_704
    assert checked("dcgan-discriminator").parameters == 2_765_568


def test_the_u_net_has_the_weights_of_the_paper() -> None:
    """Convolutions of 3 × 3 two by two from 64 to 1,024 channels and back, 2 × 2 on the way up, 1 × 1 at the end."""

    def two(c_in: int, c_out: int) -> int:
        return (9 * c_in + 1) * c_out + (9 * c_out + 1) * c_out

    down = two(1, 64) + sum(two(c, 2 * c) for c in (64, 128, 256, 512))
    up = sum((4 * c + 1) * c // 2 + two(c, c // 2) for c in (1024, 512, 256, 128))
    assert checked("u-net", num_classes=2).parameters == down + up + 65 * 2 == 31_030_658
    assert checked("u-net").requires == ("H % 16 == 0", "W % 16 == 0")


def test_the_deepest_net_is_a_short_file() -> None:
    text = (files("assets") / "templates" / "resnet152.loom.json").read_text("utf-8")
    assert text.count("\n") < 150
    assert len(parse(text).top) < 20


def test_both_towers_of_the_siamese_net_count_once() -> None:
    one = (9 + 1) * 32 + (9 * 32 + 1) * 64 + (64 * 2 * 2 + 1) * 16
    assert checked("siamese").parameters == one
