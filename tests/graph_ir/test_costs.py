"""What a layer costs: the figures are those of torchvision, the calculations give the figures."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest

from codegen.example import example
from graph_ir import templates
from graph_ir.arithmetic import LONGEST, plain, total, traced, words
from graph_ir.check import check
from graph_ir.costs import batch_symbols, calculated, macs_by_layer, memory_by_layer
from graph_ir.dims import substitute, symbol
from graph_ir.graph import Design
from graph_ir.infer import infer
from graph_ir.layers import catalogue
from tests.graph_ir import published
from tests.graph_ir.cases import random_case
from tests.graph_ir.random_graphs import RandomGraph
from tests.networks import chain, design, two_heads

# GMACs and parameters as torchvision publishes them with its weights (`Weights.meta`).
PUBLISHED: dict[str, tuple[Callable[[], Design], float, int]] = {
    "resnet18": (lambda: published.resnet((2, 2, 2, 2), bottleneck=False), 1.814, 11_689_512),
    "resnet34": (lambda: published.resnet((3, 4, 6, 3), bottleneck=False), 3.664, 21_797_672),
    "resnet50": (lambda: published.resnet((3, 4, 6, 3)), 4.089, 25_557_032),
    "resnet101": (lambda: published.resnet((3, 4, 23, 3)), 7.801, 44_549_160),
    "resnet152": (lambda: published.resnet((3, 8, 36, 3)), 11.514, 60_192_808),
    "resnext50_32x4d": (lambda: published.resnet((3, 4, 6, 3), groups=32, width=4), 4.23, 25_028_904),
    "wide_resnet50_2": (lambda: published.resnet((3, 4, 6, 3), width=128), 11.398, 68_883_240),
    "alexnet": (published.alexnet, 0.714, 61_100_840),
    "vgg11": (lambda: published.vgg((1, 1, 2, 2, 2)), 7.609, 132_863_336),
    "vgg16": (lambda: published.vgg((2, 2, 3, 3, 3)), 15.47, 138_357_544),
    "vgg19": (lambda: published.vgg((2, 2, 4, 4, 4)), 19.632, 143_667_240),
    "squeezenet1_1": (published.squeezenet1_1, 0.349, 1_235_496),
    "densenet121": (published.densenet121, 2.834, 7_978_856),
    "mobilenet_v2": (published.mobilenet_v2, 0.301, 3_504_872),
    "mnasnet1_0": (published.mnasnet1_0, 0.314, 4_383_312),
    "googlenet": (published.googlenet, 1.498, 6_624_904),
    "efficientnet_b0": (published.efficientnet_b0, 0.386, 5_288_548),
    "convnext_tiny": (published.convnext_tiny, 4.456, 28_589_128),
    "vit_b_16": (published.vit_b_16, 17.564, 86_567_656),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_networks_cost_what_torchvision_says(name: str) -> None:
    make, gmacs, parameters = PUBLISHED[name]
    report = check(make())
    assert not report.problems, "nothing is wrong with them, and nothing odd"
    assert report.parameters == parameters
    assert report.macs == pytest.approx(gmacs * 1e9, rel=0.01)


def conv(**values: object) -> dict[str, object]:
    return {"type": "Conv2d", **values}


def test_the_calculation_of_a_convolution() -> None:
    image = {"type": "Input", "shape": ["N", 3, 32, 32]}
    report = check(chain(image, conv(out_channels=10, kernel_size=3)))
    found = report.costs["conv2d2"]
    assert found.parameters.words == "(3·3·3 + 1)·10 = 280"
    assert found.macs.words == "10·30·30·3·3·3 = 243,000"
    assert found.activation_bytes.words == "10·30·30·4 = 36,000"
    assert report.activation_bytes == 36_000 + 3 * 32 * 32 * 4


def test_the_calculations_of_other_layers() -> None:
    report = check(two_heads())
    said = {id: (found.parameters.words, found.macs.words) for id, found in report.costs.items()}
    assert said["embed"] == ("20·6 = 120", "0")
    assert said["topic"] == ("(10 + 1)·4 = 44", "10·4 = 40")
    assert said["mood"] == ("10 + 1 = 11", "10")
    assert said["lstm"][0] == "(2·6 + 4·5 + 8 + 2·5·2)·4·5 = 1,200"
    assert said["lstm"][1] == "(2·4·5·6 + 4·4·5·5 + 2·4·5·5·2)·T = 1040*T"
    assert report.costs["embed"].trainable == 0 < report.costs["embed"].parameters.value


def test_batch_norm_counts_its_buffers() -> None:
    image = {"type": "Input", "shape": [8, 5, 4, 4]}
    found = check(chain(image, {"type": "BatchNorm2d"})).costs["batchnorm2d2"]
    assert (found.parameters.words, found.buffers.words) == ("2·5 = 10", "2·5 + 1 = 11")
    assert found.activation_bytes.value == 5 * 4 * 4 * 4, "one sample, whatever the batch"


def test_memory_goes_by_type_and_by_what_is_read() -> None:
    report = check(two_heads())
    lstm = report.costs["lstm"].activation_bytes
    assert str(lstm.value) == "40*T + 120", "y, and what is read of the rest: last and c_n"
    assert str(report.costs["words"].activation_bytes.value) == "8*T", "int64"
    assert str(report.costs["embed"].activation_bytes.value) == "24*T", "its matrix is a weight"


def test_a_matrix_that_another_layer_reads_is_a_weight_not_memory() -> None:
    layers = {
        "words": {"type": "Input", "shape": ["N", 7], "dtype": "int64"},
        "embed": {"type": "Embedding", "num_embeddings": 50, "embedding_dim": 6},
        "head": {"type": "TiedLinear"},
        "out": {"type": "Output"},
    }
    wires = ["words -> embed", "embed -> head", "embed.weight -> head.weight", "head -> out"]
    report = check(design(layers, wires))
    assert report.ok, report.problems
    assert report.costs["embed"].activation_bytes.words == "7·6·4 = 168"


def value_of(text: str) -> int:
    """What a printed calculation says, worked out by Python."""
    calculation = text.partition(" = ")[0]
    return int(eval(calculation.replace("·", "*").replace(",", ""), {}, {"N": 1}))


def test_every_calculation_gives_its_figure() -> None:
    """Over random uses of every layer type: the words, worked out, are the declared number."""
    rng = random.Random(0)
    calculations = 0
    for cls in (cls for cls in catalogue().values() if not cls.spec.own_ports):
        for _ in range(25):
            case = random_case(rng, cls)
            layer, good = case.layer
            found = infer(layer, tuple(case.types.items())) if good else None
            if found is None or found.error is not None:
                continue
            figures = (found.parameters, found.buffer_elements, found.macs)
            for amount, figure in zip(calculated(found, found, {}), figures, strict=True):
                assert amount.value == figure, case
                assert value_of(amount.words) == figure, (case, amount.words)
                calculations += "·" in amount.words
    assert calculations > 300


def test_costs_of_random_networks() -> None:
    """Each has its figures for one sample, and each calculation gives its figure, whatever the symbols are."""
    layers = 0
    for seed in range(60):
        report = check(RandomGraph(random.Random(f"costs/{seed}")).grow())
        sizes = dict.fromkeys(report.symbols, 97)
        for id, found in report.costs.items():
            assert found.macs.value == report.macs_by_layer[id]
            for amount in (found.parameters, found.buffers, found.macs, found.activation_bytes):
                calculation = amount.words.partition(" = ")[0].replace("·", "*").replace(",", "")
                layers += 1
                if "min(" not in calculation:
                    assert eval(calculation, {}, sizes) == substitute(amount.value, sizes), (id, amount)
    assert layers > 1000


def test_every_layer_with_weights_or_work_says_how_much_it_is() -> None:
    """A figure of its example without a calculation would be a rule that does not go through sizes."""
    silent = []
    for type, cls in catalogue().items():
        found = example(cls).inference
        for amount in calculated(found, found, {"N": 1}):
            if not isinstance(amount.value, int) or amount.value > 64:
                silent += [] if "·" in amount.words else [(type, amount.words)]
    assert not [entry for entry in silent if not catalogue()[entry[0]].spec.own_ports], silent


def test_traced_sizes_calculate_like_others() -> None:
    rng = random.Random(1)
    t = symbol("T")
    for _ in range(500):
        pair = [rng.choice((rng.randint(0, 9), t, t + 3, 2 * t)) for _ in range(2)]
        for operate in (
            *(lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a - b),
            *(lambda a, b: a // (b + 1), lambda a, b: a % 7 + 2 * b),
        ):
            a, b = pair
            for left, right in ((traced(a), b), (a, traced(b)), (traced(a), traced(b))):
                assert plain(operate(left, right)) == operate(a, b)


def test_long_calculations_are_left_out() -> None:
    shapes = {str(i): (i, i + 1) for i in range(1, 200)}
    text = words(total(shapes))
    assert text == f"{sum(i * (i + 1) for i in range(1, 200)):,}"
    assert len(words(total({"a": (7, 7), "b": (8, 8)}))) < LONGEST


def test_costs_of_a_design_with_errors_are_those_of_what_fits() -> None:
    report = check(
        chain({"type": "Input", "shape": ["N", 3, 4, 4]}, conv(out_channels=2, kernel_size=9), conv())
    )
    assert not report.ok
    assert list(report.costs) == ["image"]
    assert json.dumps([str(found) for found in report.costs.values()])


@pytest.mark.parametrize("name", sorted(templates.names()))
def test_memory_by_layer_is_the_memory_of_the_costs(name: str) -> None:
    report = check(templates.load(name))
    expected = {id: one.activation_bytes.value for id, one in report.costs.items()}
    assert memory_by_layer(report) == expected


@pytest.mark.parametrize("name", ["resnet18", "transformer", "vit_b_16"])
def test_figures_inside_a_block_are_those_of_the_costs(name: str) -> None:
    report = check(templates.load(name))
    ones = batch_symbols(report)
    assert ones is not None
    uses = {id: one.inside for id, one in report.costs.items() if one.inside}
    assert uses
    for id, inside in uses.items():
        for nested, known in zip(report.layers[id].nested, inside, strict=True):
            assert nested.report is not None and known is not None
            assert macs_by_layer(nested.report, ones) == {at: one.macs.value for at, one in known.items()}
            memory = {at: one.activation_bytes.value for at, one in known.items()}
            assert memory_by_layer(nested.report, ones) == memory
