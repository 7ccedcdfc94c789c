"""The check of a network: verdicts, problems in words, requirements, costs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graph_ir.check import check
from graph_ir.dims import to_json
from graph_ir.file import parse
from graph_ir.report import Report


def design(layers: dict[str, dict[str, Any]], wires: list[list[str]], **parameters: Any) -> Report:
    network = {"layers": layers, "wires": wires, "parameters": parameters}
    return check(parse(json.dumps({"format": "layerloom", "version": 1, "network": network})))


IMAGE = {"type": "Input", "shape": ["N", 3, "H", "W"]}


def codes(report: Report) -> list[tuple[str, str | None, str | None]]:
    return [(problem.code, problem.layer, problem.port) for problem in report.problems]


def test_shapes_and_requirements_of_unknown_sizes() -> None:
    conv = {"type": "Conv2d", "out_channels": 8, "kernel_size": 7, "stride": 2, "padding": 3}
    layers = {
        "image": IMAGE,
        "conv": conv,
        "pool": {"type": "MaxPool2d", "kernel_size": 5},
        "out": {"type": "Output"},
    }
    report = design(layers, [["image", "conv"], ["conv", "pool"], ["pool", "out"]])
    assert report.ok
    shape = report.layers["conv"].outputs["y"].shape
    assert [to_json(dim) for dim in shape] == ["N", 8, "(H + 1)//2", "(W + 1)//2"]
    assert report.requires == ("H >= 9", "W >= 9")


def test_a_u_net_that_only_fits_even_sizes_says_so() -> None:
    layers = {
        "image": {"type": "Input", "shape": ["N", 4, "H", 32]},
        "down": {"type": "MaxPool2d", "kernel_size": 2},
        "up": {"type": "ConvTranspose2d", "out_channels": 4, "kernel_size": 2, "stride": 2},
        "add": {"type": "Add"},
        "out": {"type": "Output"},
    }
    wires = [["image", "down"], ["down", "up"], ["up", "add.x1"], ["image", "add.x2"], ["add", "out"]]
    report = design(layers, wires)
    assert report.ok
    assert "H % 2 == 0" in report.requires


def test_two_symbols_that_must_agree_are_a_requirement_not_a_broadcast() -> None:
    layers = {
        "a": {"type": "Input", "shape": ["N", "T", 8]},
        "b": {"type": "Input", "shape": ["N", "S", 8]},
        "c": {"type": "Input", "shape": ["N", 1, 8]},
        "add": {"type": "Add"},
        "out": {"type": "Output"},
    }
    report = design(layers, [["a", "add.x1"], ["b", "add.x2"], ["c", "add.x3"], ["add", "out"]])
    assert report.ok
    assert report.requires == ("T == S",)


def test_no_size_that_works_is_an_error() -> None:
    layers = {
        "a": {"type": "Input", "shape": ["N", "T"]},
        "five": {"type": "Input", "shape": ["N", 5]},
        "seven": {"type": "Input", "shape": ["N", 7]},
        "add1": {"type": "Add"},
        "add2": {"type": "Add"},
        "out": {"type": "Output"},
        "out2": {"type": "Output"},
    }
    wires = [
        ["a", "add1.x1"],
        ["five", "add1.x2"],
        ["a", "add2.x1"],
        ["seven", "add2.x2"],
        ["add1", "out"],
        ["add2", "out2"],
    ]
    report = design(layers, wires)
    assert ("contradiction", "add2", None) in codes(report)
    assert not report.ok


def test_one_cause_is_reported_once_at_the_merge() -> None:
    layers = {
        "image": {"type": "Input", "shape": ["N", 1, 28, 28]},
        "conv": {"type": "Conv2d", "out_channels": 32, "kernel_size": 3, "padding": 1},
        "pool": {"type": "MaxPool2d", "kernel_size": 2},
        "add": {"type": "Add"},
        "relu": {"type": "ReLU"},
        "out": {"type": "Output"},
    }
    layers["image"]["shape"] = ["N", 2, 28, 28]
    wires = [
        ["image", "conv"],
        ["conv", "pool"],
        ["pool", "add.x1"],
        ["image", "add.x2"],
        ["add", "relu"],
        ["relu", "out"],
    ]
    report = design(layers, wires)
    (problem,) = report.problems
    assert (problem.code, problem.layer, problem.port) == ("shape-mismatch", "add", "x2")
    assert problem.got is not None and [to_json(dim) for dim in problem.got] == ["N", 2, 28, 28]
    assert problem.wanted is not None and list(map(str, problem.wanted)) == ["N", "32", "14", "14"]
    for piece in ("add", "x2", "(N, 2, 28, 28)", "(N, 32, 14, 14)", "1×1"):
        assert piece in problem.message


@pytest.mark.parametrize(
    ("layers", "wires", "expected"),
    [
        ({"a": {"type": "ReLU"}}, [], ("missing-input", "a", "x")),
        ({"a": {"type": "Convv2d"}}, [], ("unknown-layer", "a", None)),
        ({"i": IMAGE, "a": {"type": "Linear"}}, [["i", "a"]], ("missing-field", "a", None)),
        ({"i": IMAGE, "a": {"type": "ReLU", "inplace": True}}, [["i", "a"]], ("unknown-field", "a", None)),
        ({"i": IMAGE, "a": {"type": "Dropout", "p": 1.5}}, [["i", "a"]], ("bad-value", "a", None)),
        ({"i": IMAGE, "a": {"type": "Dropout", "p": "=q"}}, [["i", "a"]], ("bad-expression", "a", None)),
        ({"i": IMAGE, "a": {"type": "ReLU"}}, [["i", "a.z"]], ("unknown-port", "a", "z")),
        ({"i": IMAGE, "a": {"type": "ReLU"}}, [["i.z", "a"]], ("unknown-port", "a", "x")),
        ({"i": IMAGE, "j": IMAGE, "a": {"type": "ReLU"}}, [["i", "a"], ["j", "a"]], ("port-taken", "a", "x")),
        ({"i": IMAGE, "a": {"type": "Add"}}, [["i", "a.x1"], ["i", "a.x3"]], ("port-gap", "a", "x2")),
        ({"i": IMAGE, "a": {"type": "Add"}}, [["i", "a.x1"]], ("missing-input", "a", "x2")),
        ({"a": {"type": "ReLU"}, "b": {"type": "ReLU"}}, [["a", "b"], ["b", "a"]], ("cycle", "a", None)),
        ({"i": IMAGE, "a": {"type": "Linear", "out_features": 3}}, [["i", "a"]], ("size-unknown", "a", "x")),
        ({"i": {"type": "Input", "shape": ["N", 0]}}, [], ("bad-value", "i", None)),
        ({"i": {"type": "Input"}}, [], ("missing-field", "i", None)),
        (
            {"i": IMAGE, "e": {"type": "Embedding", "num_embeddings": 5, "embedding_dim": 3}},
            [["i", "e"]],
            ("dtype", "e", "x"),
        ),
    ],
)
def test_problems_say_where(
    layers: dict[str, dict[str, Any]], wires: list[list[str]], expected: tuple[str, str | None, str | None]
) -> None:
    report = design(layers, wires)
    assert expected in codes(report)
    assert not report.ok
    for problem in report.problems:
        assert "\n" not in problem.message
        assert str(problem.layer) in problem.message


def test_parameters_reach_fields_and_a_missing_one_is_an_error() -> None:
    layers = {
        "x": {"type": "Input", "shape": ["N", 4]},
        "fc": {"type": "Linear", "out_features": "=2*width if deep else width"},
        "out": {"type": "Output"},
    }
    wires = [["x", "fc"], ["fc", "out"]]
    assert design(layers, wires, width=8, deep=True).layers["fc"].outputs["y"].shape[1] == 16
    report = design(layers, wires, width=None, deep=True)
    assert ("missing-parameter", None, None) in codes(report)


def test_costs_are_for_one_sample_whatever_the_batch() -> None:
    def macs(batch: int | str) -> object:
        layers = {
            "image": {"type": "Input", "shape": [batch, 3, 32, 32]},
            "conv": {"type": "Conv2d", "out_channels": 10, "kernel_size": 3, "padding": 1},
            "flat": {"type": "Flatten"},
            "fc": {"type": "Linear", "out_features": 10},
            "out": {"type": "Output"},
        }
        return design(layers, [["image", "conv"], ["conv", "flat"], ["flat", "fc"], ["fc", "out"]]).macs

    assert macs("N") == macs(1) == macs(16) == 10 * 32 * 32 * 27 + 10 * 32 * 32 * 10


def test_frozen_weights_are_not_trainable() -> None:
    layers = {
        "x": {"type": "Input", "shape": ["N", 4]},
        "fc": {"type": "Linear", "out_features": 2, "trainable": False},
    }
    report = design({**layers, "out": {"type": "Output"}}, [["x", "fc"], ["fc", "out"]])
    assert (report.parameters, report.trainable_parameters) == (10, 0)


def test_what_depends_on_a_target_is_for_training_only() -> None:
    layers = {
        "x": {"type": "Input", "shape": ["N", "T", 5]},
        "label": {"type": "Input", "shape": ["N", "S"], "dtype": "int64", "role": "target"},
        "lengths": {"type": "Input", "role": "lengths", "of": "label", "axis": 1},
        "log": {"type": "LogSoftmax", "dim": -1},
        "loss": {"type": "CTCLoss"},
        "out": {"type": "Output"},
    }
    wires = [["x", "log"], ["log", "loss.input"], ["label", "loss.target"], ["log", "out"]]
    report = design(layers, wires)
    assert report.ok
    assert report.training_only == {"label", "lengths", "loss"}
    assert report.layers["lengths"].outputs["y"].dtype == "int64"
    assert report.layers["label"].lengths == {1: "lengths"}


def test_what_nothing_reads_is_a_hint() -> None:
    report = design(
        {"i": IMAGE, "a": {"type": "ReLU"}, "b": {"type": "Tanh"}, "o": {"type": "Output"}},
        [["i", "a"], ["i", "b"], ["b", "o"]],
    )
    assert report.ok
    assert [(p.severity, p.code, p.layer) for p in report.problems] == [("hint", "unused", "a")]
