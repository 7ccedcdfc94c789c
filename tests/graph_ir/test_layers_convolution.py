"""Convolutions: what the contract can't show, which is values, published counts and refusals."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from graph_ir.dims import symbol
from graph_ir.kinds import BadValue, Choice, Integer, Table
from graph_ir.layers import catalogue
from graph_ir.signature import TensorType
from tests.graph_ir.one_layer import inferred, network

N, T = symbol("N"), symbol("T")
PICTURE = torch.tensor(
    [[0, 0, 0, 0, 0], [0, 1, 2, 3, 0], [0, 4, 5, 6, 0], [9, 8, 7, 1, 0], [0, 0, 2, 0, 5]], dtype=torch.float32
)


# Fixed kernels, written down once more: from the textbooks, not from the declaration.
KERNELS = {
    "edge": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "sobel_x": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "sobel_y": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "horizontal_line": [[-1, -1, -1], [2, 2, 2], [-1, -1, -1]],
    "vertical_line": [[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]],
    "blur": [[1 / 9, 1 / 9, 1 / 9]] * 3,
    "gaussian": [[1 / 16, 1 / 8, 1 / 16], [1 / 8, 1 / 4, 1 / 8], [1 / 16, 1 / 8, 1 / 16]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
}


def filtered(picture: Tensor, kernel: list[list[float]]) -> Tensor:
    """The sum over the 3×3 surroundings of each pixel, beyond whose edges is nothing; pixel by pixel."""
    rows, columns = picture.shape
    result = torch.zeros(rows, columns)
    for r in range(rows):
        for c in range(columns):
            for i, row in enumerate(kernel):
                for j, weight in enumerate(row):
                    y, x = r + i - 1, c + j - 1
                    if 0 <= y < rows and 0 <= x < columns:
                        result[r, c] += weight * picture[y, x]
    return result


def test_every_preset_is_tried() -> None:
    kind = catalogue()["FixedConv2d"].spec.fields["preset"].kind
    assert isinstance(kind, Choice)
    assert set(kind.options) == set(KERNELS)


@pytest.mark.parametrize("preset", KERNELS)
def test_a_fixed_kernel_filters_every_channel_by_itself(preset: str) -> None:
    both = torch.stack([PICTURE, 2 - PICTURE.T])
    module = network((1, 2, 5, 5), {"type": "FixedConv2d", "preset": preset, "padding": 1})
    expected = torch.stack([filtered(channel, KERNELS[preset]) for channel in both])
    torch.testing.assert_close(module(both[None])[0].detach(), expected)


def test_edges_and_lines_are_found_where_they_are() -> None:
    step = torch.zeros(1, 1, 4, 4)
    step[..., 2:] = 1  # dark on the left, bright on the right
    line = torch.zeros(1, 1, 5, 4)
    line[..., 2, :] = 1
    across = network((1, 1, 4, 4), {"type": "FixedConv2d", "preset": "sobel_x"})
    down = network((1, 1, 4, 4), {"type": "FixedConv2d", "preset": "sobel_y"})
    lines = network((1, 1, 5, 4), {"type": "FixedConv2d", "preset": "horizontal_line"})
    assert across(step).flatten().tolist() == [4, 4, 4, 4]
    assert down(step).flatten().tolist() == [0, 0, 0, 0]
    assert lines(line).flatten().tolist() == [-3, -3, 6, 6, -3, -3]


def test_a_fixed_kernel_stays_unless_it_is_only_the_start() -> None:
    fixed = network((1, 2, 5, 5), {"type": "FixedConv2d", "preset": "blur"})
    start = network((1, 2, 5, 5), {"type": "FixedConv2d", "preset": "blur", "trainable": True})
    ones = network((1, 2, 5, 5), {"type": "FixedConv2d", "preset": "blur", "init": "ones"})
    assert [p.requires_grad for p in fixed.parameters()] == [False]
    assert [p.requires_grad for p in start.parameters()] == [True]
    assert all(
        torch.equal(p, torch.full((2, 1, 3, 3), 1 / 9)) for p in (*fixed.parameters(), *start.parameters())
    )
    assert all(torch.equal(p, torch.ones(2, 1, 3, 3)) for p in ones.parameters())


def test_depthwise_filters_see_one_channel_each() -> None:
    values = {"kernel_size": [3, 2], "depth_multiplier": 2, "padding": 1, "stride": [1, 2]}
    module = network((2, 3, 5, 6), {"type": "DepthwiseConv2d", **values})
    x, (weight, bias) = torch.rand(2, 3, 5, 6), module.parameters()
    for k in range(6):
        channel = x[:, k // 2 : k // 2 + 1]
        alone = F.conv2d(channel, weight[k : k + 1], bias[k : k + 1], stride=(1, 2), padding=1)
        torch.testing.assert_close(module(x)[:, k : k + 1], alone)


@pytest.mark.parametrize("rank", [1, 2])
def test_separable_is_depthwise_then_pointwise(rank: int) -> None:
    shape = (2, 3, 7, 6)[: rank + 2]
    values = {
        "out_channels": 5,
        "kernel_size": 3,
        "depth_multiplier": 2,
        "padding": 1,
        "padding_mode": "reflect",
    }
    module = network(shape, {"type": f"SeparableConv{rank}d", **values})
    depthwise = network(
        shape, {"type": f"DepthwiseConv{rank}d", "bias": False, **without(values, "out_channels")}
    )
    state = {name.partition(".")[2]: weight for name, weight in module.state_dict().items()}
    assert set(state) == {"0.weight", "1.weight", "1.bias"}
    next(depthwise.parameters()).data.copy_(state["0.weight"])
    x = torch.rand(shape)
    mixed = torch.einsum("nc...,kc->nk...", depthwise(x), state["1.weight"].flatten(1))
    expected = mixed + state["1.bias"].reshape(-1, *[1] * rank)
    torch.testing.assert_close(module(x), expected)


def without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


# LeCun et al. 1998, table I: the maps of S2 that each map of C3 sees.
C3 = [
    [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5],
    [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5],
    [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5],
    [0, 1, 2, 3, 4, 5],
]  # fmt: skip


def test_lenet_s_third_layer_has_the_published_parameters_and_connections() -> None:
    found = inferred("ConnectionTableConv2d", TensorType((1, 6, 14, 14)), table=C3, kernel_size=5)
    assert found.outputs["y"].shape == (1, 16, 10, 10)
    assert found.parameters == 1516
    assert found.macs == 151_600 - 16 * 100  # the paper counts each bias as a connection too


def test_a_connection_table_is_a_convolution_whose_other_weights_are_zero() -> None:
    values = {"table": C3, "kernel_size": [3, 2], "padding": 1, "stride": 2, "dilation": [1, 2]}
    module = network((2, 6, 9, 8), {"type": "ConnectionTableConv2d", **values})
    weight, bias = module.parameters()
    whole = torch.zeros(16, 6, 3, 2)
    pairs = [(k, c) for k, row in enumerate(C3) for c in row]
    for (k, c), kernel in zip(pairs, weight, strict=True):
        whole[k, c] = kernel[0]
    x = torch.rand(2, 6, 9, 8)
    expected = F.conv2d(x, whole, bias, stride=2, padding=1, dilation=(1, 2))
    torch.testing.assert_close(module(x), expected)


def test_a_connection_table_starts_as_a_convolution_with_as_many_inputs_would() -> None:
    table = [[0], [0, 1, 2, 3]]
    module = network((1, 4, 5, 5), {"type": "ConnectionTableConv2d", "table": table, "kernel_size": 5})
    weight, bias = module.parameters()
    for values, limit in ((weight[:1], 1 / 5), (weight[1:], 1 / 10), (bias[:1], 1 / 5), (bias[1:], 1 / 10)):
        assert values.abs().max() <= limit
    assert weight[:1].abs().max() > 1 / 10
    assert weight[1:].abs().max() > 1 / 20


def test_a_connection_table_names_maps_that_there_are() -> None:
    given = TensorType((1, 2, 9, 9))
    found = inferred("ConnectionTableConv2d", given, table=[[0, 1], [0, 2]], kernel_size=3)
    assert found.error is not None
    assert (found.error.port, found.error.field) == ("x", "table")
    assert "names input map 2, but `x` is (1, 2, 9, 9) with 2 maps" in found.error.text
    twice = inferred("ConnectionTableConv2d", given, table=[[0, 0]], kernel_size=3)
    assert [code for code, _, _ in twice.warnings] == ["listed-twice"]


def test_a_table_holds_rows_of_ints() -> None:
    kind = Table(Integer(0))
    assert kind.accepts([[0, 1], [2]])
    assert not any(kind.accepts(raw) for raw in (0, [0, 1], [["a"]], [[0.5]], "0 1", [[[0]]]))
    assert kind.dump(kind.convert([[0, 1], [2]])) == [[0, 1], [2]]
    for raw in ([], [[]], [[0], []], [[-1]]):
        with pytest.raises(BadValue, match=r"a list of rows|at least 0"):
            kind.convert(raw)


def test_what_one_result_sees() -> None:
    for type, values, expected in (
        ("Conv1d", {"out_channels": 1, "kernel_size": 3, "dilation": 4, "stride": 2}, (9, 2)),
        ("DepthwiseConv1d", {"kernel_size": 5}, (5, 1)),
        ("ConvTranspose1d", {"out_channels": 1, "kernel_size": 4, "stride": 2}, (2, Fraction(1, 2))),
        ("ConvTranspose1d", {"out_channels": 1, "kernel_size": 3, "stride": 2}, (2, Fraction(1, 2))),
    ):
        scope = inferred(type, TensorType((N, 4, T)), **values).scope
        assert scope is not None
        assert scope.layer.window(scope) == {"T": expected}
