"""What axes mean never decides a shape: what looks mixed up is told as a warning, and ordinary nets are left alone."""

from __future__ import annotations

from typing import Any

import pytest

from graph_ir.report import Report
from tests.promises.files import Layers, checked, one


def _input(axes: str | None, *shape: int | str) -> dict[str, Any]:
    return {"type": "Input", "shape": list(shape)} | ({"axes": axes} if axes else {})


def _warnings(report: Report) -> list[str]:
    assert report.ok, [problem.message for problem in report.problems]
    return [problem.code for problem in report.problems if problem.severity == "warning"]


CONV1D = {"type": "Conv1d", "out_channels": 4, "kernel_size": 3}
CONV2D = {"type": "Conv2d", "out_channels": 4, "kernel_size": 3}


@pytest.mark.parametrize(
    ("source", "layer", "code", "remedy"),
    [
        (_input("N F T", "N", 8, 20), {"type": "LSTM", "hidden_size": 4}, "axis-role", "[0, 2, 1]"),
        (_input(None, "T", "N", 8), {"type": "GRU", "hidden_size": 4}, "axis-role", "[1, 0, 2]"),
        (_input("N T F", "N", 20, 8), CONV1D, "axis-role", "[0, 2, 1]"),
        (_input("N T F", "N", 20, 8), {"type": "MaxPool1d", "kernel_size": 2}, "axis-role", "[0, 2, 1]"),
        (_input("N T F", "N", 20, 8), {"type": "BatchNorm1d"}, "axis-role", "[0, 2, 1]"),
        (_input("N T F", "N", 20, 8), {"type": "GlobalAvgPool"}, "axis-role", "[0, 2, 1]"),
        (_input("N F T", "N", 8, 20), {"type": "MaskedPool"}, "axis-role", "[0, 2, 1]"),
        (_input("N H W C", "N", 32, 32, 3), CONV2D, "axis-role", "[0, 3, 1, 2]"),
        (
            _input("N H W C", "N", 32, 32, 3),
            {"type": "MaxPool2d", "kernel_size": 2},
            "axis-role",
            "[0, 3, 1, 2]",
        ),
        (_input("N F T", "N", 8, 20), {"type": "Linear", "out_features": 4}, "linear-over-space", "Permute"),
        (_input("N C T", "N", 8, 20), {"type": "LayerNorm"}, "norm-axis", "Permute"),
        (_input(None, "N", 10), {"type": "Softmax", "dim": 0}, "mixes-batch", "`dim`"),
    ],
)
def test_mixed_up_axes_are_told(
    source: dict[str, Any], layer: dict[str, Any], code: str, remedy: str
) -> None:
    report = one(source, layer)
    assert code in _warnings(report)
    assert remedy in next(problem.message for problem in report.problems if problem.code == code)


@pytest.mark.parametrize(
    ("source", "layer"),
    [
        (_input("N C T", "N", 8, 20), CONV1D),
        (_input(None, "N", 20, 8), CONV1D),
        (_input(None, "N", 3, 32, 32), CONV2D),
        (_input("N C T F", "N", 1, 20, 40), CONV2D),
        (_input("N H W", "N", 28, 28), {"type": "LSTM", "hidden_size": 4}),
        (_input(None, "N", 12), {"type": "BatchNorm1d"}),
        (_input("N C T", "N", 8, 20), {"type": "BatchNorm1d"}),
        (_input("N C H W", "N", 8, 6, 6), {"type": "GlobalAvgPool"}),
        (_input("N T F", "N", 20, 8), {"type": "LayerNorm"}),
        (_input("N T F", "N", 20, 8), {"type": "MaskedPool"}),
    ],
)
def test_ordinary_layers_get_no_warning(source: dict[str, Any], layer: dict[str, Any]) -> None:
    assert "axis-role" not in _warnings(one(source, layer))


def test_a_vector_may_be_a_signal_of_one_channel() -> None:
    layers: Layers = {"x": _input(None, "N", 784), "u": {"type": "Unsqueeze", "dim": 1}, "c": CONV1D}
    assert "axis-role" not in _warnings(checked(layers, [["x", "u"], ["u", "c"]]))
