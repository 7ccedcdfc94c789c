"""Split and Chunk: each use has as many outputs as it gives pieces."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from designer.canvas.project import output_ports
from graph_ir.check import check
from graph_ir.dims import symbol
from graph_ir.signature import TensorType
from tests.graph_ir.one_layer import inferred
from tests.graph_ir.printed_values import problems, run, size, source
from tests.networks import design

N, T = symbol("N"), symbol("T")


def test_pieces_are_as_many_outputs() -> None:
    made = design(
        {
            "x": {"type": "Input", "shape": ["N", "T", 6]},
            "cut": {"type": "Split", "sizes": [1, 2, 3], "dim": -1},
            "swap": {"type": "Concat", "dim": -1},
            "out": {"type": "Output"},
        },
        ["x -> cut", "cut.y3 -> swap.x1", "cut.y1 -> swap.x2", "swap -> out"],
    )
    report = check(made)
    assert report.ok and size(report, "cut", "y3") == ["N", "T", "3"]
    assert "cut, _, cut_y3 = x.split([1, 2, 3], dim=-1)" in source(made)
    x = torch.randn(2, 3, 6)
    torch.testing.assert_close(run(made, x)[0], torch.cat([x[..., 3:], x[..., :1]], -1), rtol=0, atol=0)


def test_a_wire_from_a_piece_that_is_not_there_is_an_error() -> None:
    layers: dict[str, dict[str, Any]] = {
        "x": {"type": "Input", "shape": ["N", 6]},
        "cut": {"type": "Chunk", "chunks": "=2 + 1", "dim": 1},
        "out": {"type": "Output"},
    }
    assert problems(check(design(layers, ["x -> cut", "cut.y3 -> out"]))) == []
    assert problems(check(design(layers, ["x -> cut", "cut.y4 -> out"]))) == ["unknown-port"]


@pytest.mark.parametrize(
    ("type", "values"),
    [
        ("Split", {"sizes": [1, "=n"], "dim": 1}),
        ("Split", {"sizes": [], "dim": 1}),
        ("Split", {"sizes": [1] * 2000, "dim": 1}),
        ("Split", {"sizes": ["a", None], "dim": 1}),
        ("Split", {"dim": 1}),
        ("Chunk", {"chunks": 10**12, "dim": 1}),
        ("Chunk", {"chunks": True, "dim": 1}),
        ("Chunk", {"chunks": 0, "dim": 1}),
    ],
)
def test_pieces_that_can_not_be_counted_are_an_error_of_their_field(
    type: str, values: dict[str, Any]
) -> None:
    layers = {
        "x": {"type": "Input", "shape": ["N", 2000]},
        "cut": {"type": type, **values},
        "out": {"type": "Output"},
    }
    report = check(design(layers, ["x -> cut", "cut.y1 -> out"]))
    (error,) = (problem for problem in report.problems if problem.severity == "error")
    assert (error.layer, error.field) == ("cut", {"Split": "sizes", "Chunk": "chunks"}[type])


def test_a_chunk_says_at_which_sizes_there_are_as_many() -> None:
    found = inferred("Chunk", TensorType((N, T)), chunks=4, dim=1)
    (requirement,) = found.requirements
    for size_ in range(1, 30):
        pieces = torch.zeros(1, size_).chunk(4, 1)
        assert requirement.holds({"T": size_}) == (len(pieces) == 4)
    assert [str(dim) for dim in found.outputs["y4"].shape] == ["N", "T - 3*((T + 3)//4)"]


def test_the_canvas_shows_a_port_for_each_piece() -> None:
    layers: dict[str, dict[str, Any]] = {
        "x": {"type": "Input", "shape": ["N", 6]},
        "cut": {"type": "Split", "sizes": [1, 2, 3], "dim": 1},
    }
    assert output_ports(design(layers, ["x -> cut"]).top, "cut") == ["y1", "y2", "y3"]
