"""Blocks as classes: run on real torch, used with other arguments than the drawing's, exported, and hostile."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from codegen.module import Printed, print_module
from graph_ir.check import check
from graph_ir.graph import Design
from tests.codegen.block_samples import (
    BLOCKS,
    IMAGE,
    OUTPUT,
    block,
    conv,
    dense,
    document,
    made,
    network,
    resnet,
    several,
    siamese,
    transformer,
    use,
)


def printed(design: Design) -> Printed:
    report = check(design)
    assert report.ok, report.problems
    return print_module(design, report)


def namespace(code: Printed) -> dict[str, Any]:
    found: dict[str, Any] = {"__name__": "printed"}
    exec(compile(code.source, "printed.py", "exec"), found)
    return found


def model(design: Design) -> nn.Module:
    code = printed(design)
    found: nn.Module = namespace(code)[code.class_name]()
    return found.eval()


def class_names(code: Printed) -> list[str]:
    return re.findall(r"^class (\w+)", code.source, re.MULTILINE)


@pytest.mark.parametrize("name", BLOCKS)
def test_state_leads_to_every_weight(name: str) -> None:
    """Each layer's weights stand where `state` says, and nothing else stands in the `state_dict`."""
    design = BLOCKS[name]()
    code = printed(design)
    keys = set(namespace(code)[code.class_name]().state_dict())
    reached = {key for key in keys for prefix in code.state.values() if key.startswith(f"{prefix}.")}
    assert reached == keys
    assert all(isinstance(part, str | int) for path in code.state for part in path)


def test_a_row_of_blocks_has_torchvisions_keys() -> None:
    keys = set(model(resnet()).state_dict())
    assert {"layer1.0.conv1.weight", "layer1.0.downsample.0.weight", "layer2.2.bn3.bias", "fc.weight"} <= keys
    assert "layer1.1.downsample.0.weight" not in keys


def test_one_class_serves_uses_that_the_drawing_does_not_have() -> None:
    classes = namespace(printed(resnet()))
    assert class_names(printed(resnet())) == ["Projection", "Bottleneck", "SmallResNet"]
    image = torch.rand(2, 12, 9, 9)
    assert classes["Bottleneck"](12, 5, stride=3, expansion=2)(image).shape == (2, 10, 3, 3)
    assert classes["Bottleneck"](12, 3)(image).shape == image.shape
    assert isinstance(classes["Bottleneck"](12, 3).downsample, nn.Identity)
    assert classes["SmallResNet"](num_classes=3, width=16)(torch.rand(1, 3, 32, 32)).shape == (1, 3)


def test_what_grows_from_repetition_to_repetition_is_written_over_its_number() -> None:
    code = printed(dense())
    assert "DenseLayer(in_channels + i * growth, growth)" in code.source
    layer = namespace(code)["DenseLayer"](7, 3, bottleneck=1)
    assert layer(torch.rand(1, 7, 4, 4)).shape == (1, 10, 4, 4)


def test_a_loop_hands_the_mask_to_every_repetition() -> None:
    encoder = model(transformer())
    tokens, padding = torch.randint(30, (2, 5)), torch.zeros(2, 5, dtype=torch.bool)
    masked = padding.clone()
    masked[:, 3:] = True
    other = tokens.clone()
    other[:, 3:] = (tokens[:, 3:] + 1) % 30
    assert torch.allclose(encoder(tokens, masked)[:, :3], encoder(other, masked)[:, :3])
    assert not torch.allclose(encoder(tokens, padding)[:, :3], encoder(other, padding)[:, :3])


def test_shared_weights_are_one_module() -> None:
    twins = model(siamese())
    assert {key.split(".")[0] for key in twins.state_dict()} == {"embed", "head"}
    image = torch.rand(2, 1, 5, 5)
    assert torch.equal(twins(image, image), torch.zeros(2, 4))


def test_padding_changes_nothing_where_a_block_runs_at_every_step() -> None:
    """A document's result does not depend on what stands behind its sentences, or behind their words."""
    reader = model(document())
    words, inside, sentences = (
        torch.randint(20, (2, 3, 4)),
        torch.tensor([[4, 2, 0], [1, 3, 2]]),
        torch.tensor([3, 2]),
    )
    other = words.clone()
    other[0, 1, 2:], other[0, 2], other[1, 2] = 7, 7, 7
    found: Tensor = reader(words, inside, sentences)
    assert torch.allclose(found, reader(other, inside, sentences))
    assert found.isfinite().all()


def test_a_part_that_is_left_out_passes_its_inputs_on() -> None:
    classes = namespace(printed(several()))
    a, b = torch.rand(2, 3), torch.rand(2, 5)
    full, without = classes["TwoStreams"](), classes["TwoStreams"](extra=False)
    assert full(a, b).p.shape == (2, 6) and without(a, b).p.shape == (2, 4)
    assert without.maybe is None


@pytest.mark.parametrize("name", ["resnet", "dense", "siamese", "transformer", "several"])
def test_classes_are_exported_and_compiled_whole(name: str) -> None:
    design = BLOCKS[name]()
    report, found = check(design), model(design)
    inputs = tuple(_tensor(report.layers[id].outputs["y"]) for id, _ in printed(design).inputs)
    wanted = found(*inputs)
    for run in (
        torch.export.export(found, inputs).module(),
        torch.compile(found, fullgraph=True, backend="eager"),
    ):
        for given, own in zip(_all(run(*inputs)), _all(wanted), strict=True):
            assert torch.allclose(given, own, atol=1e-6)


def _tensor(given: Any) -> Tensor:
    shape = [size if isinstance(size, int) else 16 for size in given.shape]
    if given.dtype == "float32":
        return torch.rand(2, *shape[1:])
    return torch.zeros(2, *shape[1:], dtype=getattr(torch, given.dtype))


def _all(results: Any) -> tuple[Tensor, ...]:
    return tuple(results) if isinstance(results, tuple) else (results,)


HOSTILE = {
    "name": 'A"""\nimport os # \\',
    "parameter": {"class": 4},
    "layer": "forward",
    "weights": "state_dict",
}


def test_hostile_names_stay_text() -> None:
    inner = block(
        {"class": None, "self": 1, "i": 3, "in_channels": 2},
        {
            "x": IMAGE,
            HOSTILE["layer"]: conv("=class * 2", 1, stride="=self", weights=HOSTILE["weights"]),
            "__init__": conv("=in_channels", 1),
            "y": OUTPUT,
        },
        "x -> forward -> __init__ -> y",
    )
    layers = {
        "image": {"type": "Input", "shape": ["N", 3, 4, 4]},
        "import": use(str(HOSTILE["name"]), parameters={"class": 4}),
        "again": use(str(HOSTILE["name"]), parameters={"class": 5, "in_channels": 7, "self": 2}),
        "out": OUTPUT,
    }
    design = made("x", network(layers, "image -> import -> again -> out"), {str(HOSTILE["name"]): inner})
    code = printed(design)
    tree = ast.walk(ast.parse(code.source))
    assert code.source.isascii() and "os" not in {node.id for node in tree if isinstance(node, ast.Name)}
    assert "\nimport os" not in code.source
    assert model(design)(torch.rand(1, 3, 4, 4)).shape == (1, 7, 2, 2)


def test_uses_that_need_other_code_get_classes_of_their_own() -> None:
    """Bilinear interpolation is said with one more argument: one text can't serve both modes."""
    inner = block(
        {"mode": "nearest"},
        {
            "x": IMAGE,
            "up": {"type": "Interpolate", "scale_factor": 2, "mode": "=mode"},
            "y": OUTPUT,
        },
        "x -> up -> y",
    )
    layers = {
        "image": {"type": "Input", "shape": ["N", 3, 4, 4]},
        "first": use("Up"),
        "second": use("Up", parameters={"mode": "bilinear"}),
        "out": OUTPUT,
    }
    design = made("Twice up", network(layers, "image -> first -> second -> out"), {"Up": inner})
    image = torch.rand(1, 3, 4, 4)
    found = nn.functional.interpolate(image, scale_factor=2, mode="nearest")
    wanted = nn.functional.interpolate(found, scale_factor=2, mode="bilinear")
    assert torch.equal(model(design)(image), wanted)


def test_a_choice_over_arguments_stays_one() -> None:
    inner = block(
        {"channels": 2, "wide": False},
        {
            "x": IMAGE,
            "conv": conv("=channels * 3 if wide else channels", 1),
            "add": {"type": "ReLU"},
            "y": OUTPUT,
        },
        "x -> conv -> add -> y",
    )
    layers = {"image": {"type": "Input", "shape": ["N", 3, 4, 4]}, "use": use("Choice"), "out": OUTPUT}
    classes = namespace(printed(made("A choice", network(layers, "image -> use -> out"), {"Choice": inner})))
    image = torch.rand(1, 3, 4, 4)
    assert [classes["Choice"](3, 5, wide=wide)(image).shape[1] for wide in (False, True)] == [5, 15]


def test_calls_keep_their_order_when_statements_are_joined() -> None:
    """Random layers draw one after the other: the second operand may not be drawn first."""
    layers = {
        "image": {"type": "Input", "shape": ["N", 3]},
        "drop1": {"type": "Dropout"},
        "drop2": {"type": "Dropout"},
        "less": {"type": "Subtract"},
        "out": OUTPUT,
    }
    wires = ("image -> drop1 -> less.x2", "image -> drop2 -> less.x1", "less -> out")
    source = printed(made("Order", network(layers, *wires), {})).source
    assert source.index("self.drop1(image)") < source.index("self.drop2(image)")


def test_a_joined_statement_belongs_to_all_its_layers() -> None:
    code = printed(resnet())
    rows = code.source.splitlines()
    shown = {
        id: [rows[number - 1].strip() for number in code.lines[id]]
        for id in ("conv1", "bn1", "relu", "layer1")
    }
    joined = next(row for row in rows if "self.bn1(self.conv1(image))" in row).strip()
    assert all(shown[id][-1] == joined for id in ("conv1", "bn1", "relu"))
    assert shown["layer1"][-1].startswith("x = self.layer1(x)")
