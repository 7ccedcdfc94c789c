"""The nets of the gallery are torchvision's: the keys of their `state_dict`, and with equal weights their outputs.

The keys are compared with digests taken from torchvision 0.28.0, so that these tests need neither it nor torch. The
outputs are compared with torchvision itself where it is installed (dependency group `bench`), in `pytest -m campaign`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from codegen.module import print_module
from codegen.renames import published, renames
from graph_ir.check import check
from graph_ir.report import Report
from graph_ir.templates import load

# How many keys the `state_dict` has, and the SHA-256 of its sorted lines "key shape".
KEYS = {
    "alexnet": (16, "935c1ea73a7869ee"),
    "vgg11": (22, "b11acd4f90d9643f"),
    "vgg11_bn": (62, "56ed5816909a8132"),
    "vgg13": (26, "79ca8fd7a1480aa7"),
    "vgg13_bn": (76, "e4f52ce016e5e82f"),
    "vgg16": (32, "ba63c2556d912509"),
    "vgg16_bn": (97, "86bad13b66635552"),
    "vgg19": (38, "393fac8b08b63fbe"),
    "vgg19_bn": (118, "faf0fdbb92f698c6"),
    "squeezenet1_1": (52, "3fbd2a746421cada"),
    "googlenet": (344, "545eb1baab91f5d8"),
    "inception_v3": (580, "4c9e13f64584de74"),
    "resnet18": (122, "5191d63ec3989592"),
    "resnet34": (218, "f8de2a1812ef85e4"),
    "resnet50": (320, "a87e91cd6bd1f939"),
    "resnet101": (626, "dbc3ca74fffafc72"),
    "resnet152": (932, "7d486dbdc941506e"),
    "resnext50_32x4d": (320, "20929ac81dfcc94f"),
    "wide_resnet50_2": (320, "03413d59409d9728"),
    "densenet121": (727, "9c659ec278435e95"),
    "mobilenet_v2": (314, "e3eb10f890f74c6e"),
    "mobilenet_v3_large": (312, "555a3f5e3bcc126e"),
    "mobilenet_v3_small": (244, "8fee267f118ca2d7"),
    "mnasnet1_0": (314, "f0fbbc4775bb6490"),
    "efficientnet_b0": (360, "98a6d92c040c4bca"),
    "shufflenet_v2_x1_0": (338, "c54ed350c00fa178"),
    "convnext_tiny": (182, "ddd0f74f783edf2b"),
    "vit_b_16": (152, "2c2360f6707280a8"),
}
OPTIONS: dict[str, dict[str, bool]] = {
    "googlenet": {"aux_logits": False, "init_weights": False},
    "inception_v3": {"init_weights": False},
}


def state(
    report: Report, names: dict[Any, str], path: tuple[str | int, ...] = ()
) -> Iterator[tuple[str, str]]:
    """Key and shape of every tensor, by what the printed module calls its layers."""
    for id, entry in report.layers.items():
        for one in entry.nested:
            if one.report is not None:
                yield from state(one.report, names, (*path, id, one.index))
        if entry.nested or entry.inference is None:
            continue
        for name, shape in (entry.inference.weights | entry.inference.buffers).items():
            prefix = names[(*path, id)]
            yield (f"{prefix}.{name}" if name else prefix), str(tuple(shape))


@pytest.mark.parametrize("name", KEYS)
def test_published_weights_fit_by_their_keys(name: str) -> None:
    design = load(name)
    report = check(design)
    pairs, names = renames(design), print_module(design, report).state
    lines = sorted(f"{published(key, pairs)} {shape}" for key, shape in state(report, names))
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    assert (len(lines), digest) == KEYS[name]


@pytest.mark.parametrize("name", KEYS)
def test_a_function_renames_published_weights_only_where_that_is_needed(name: str) -> None:
    design = load(name)
    source = print_module(design, check(design)).source
    assert ("def from_torchvision(" in source) == (
        name in {"densenet121", "inception_v3", "convnext_tiny", "vit_b_16"}
    )


@pytest.mark.campaign
@pytest.mark.parametrize("name", KEYS)
def test_outputs_are_those_of_torchvision(name: str) -> None:
    torch = pytest.importorskip("torch")
    generated = pytest.importorskip("tests.benchmarks.generated")
    models = generated.torchvision_models()
    if models is None:
        pytest.skip("torchvision is not installed")
    design = load(name)
    report = check(design)
    size = report.layers["image"].outputs["y"].shape[-1]
    image = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(1))
    theirs = models.get_model(name, weights=None, **OPTIONS.get(name, {}))
    scatter(theirs, image)
    printed = print_module(design, report)
    space: dict[str, Any] = {"__name__": "model"}
    exec(compile(printed.source, "model.py", "exec"), space)
    ours = space[printed.class_name]().eval()
    ours.load_state_dict(space.get("from_torchvision", dict)(theirs.state_dict()))
    with torch.no_grad():
        wanted, found = theirs.eval()(image), ours(image)
    found = found[0] if isinstance(found, tuple) else found
    largest = float(wanted.abs().max())
    assert float((wanted[0] - wanted[1]).abs().max()) > 1e-3 * largest > 0, "the image decides"
    assert float((found - wanted).abs().max()) <= 1e-6 * max(1.0, largest)


def scatter(model: Any, image: Any) -> None:
    """Random numbers also where torchvision begins with ones and zeros, which would hide what is mixed up; what norms
    have seen is this image, so that no layer is out of reach of it.
    """
    torch = pytest.importorskip("torch")
    chance = torch.Generator().manual_seed(0)
    norms = [layer for layer in model.modules() if hasattr(layer, "running_var")]
    usual = [layer.momentum for layer in norms]
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if tensor.ndim == 1 and name.endswith("weight"):
                tensor.copy_(0.5 + 1.5 * torch.rand(tensor.shape, generator=chance))
            elif name.endswith("layer_scale"):
                tensor.copy_(torch.rand(tensor.shape, generator=chance))
            elif tensor.is_floating_point() and (tensor.ndim < 2 or not tensor.any()):
                tensor.copy_(0.1 * torch.randn(tensor.shape, generator=chance))
        for layer in norms:
            layer.momentum = 1.0
        model.train()(image)
    for layer, momentum in zip(norms, usual, strict=True):
        layer.momentum = momentum
