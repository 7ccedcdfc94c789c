"""Small designs as somebody would write them by hand."""

from __future__ import annotations

import json
from typing import Any

from graph_ir.check import check
from graph_ir.file import parse
from graph_ir.report import Report

Layers = dict[str, dict[str, Any]]
IMAGE = {"type": "Input", "shape": ["N", 3, "H", "W"]}
SEQUENCE = {"type": "Input", "shape": ["N", "T", 16]}
SIGNAL = {"type": "Input", "shape": ["N", 4, "T"]}
VECTOR = {"type": "Input", "shape": ["N", 12]}


def text_of(layers: Layers, wires: list[list[str]], **more: Any) -> str:
    parameters = more.pop("parameters", {})
    network = {"parameters": parameters, "layers": layers, "wires": wires}
    return json.dumps({"format": "layerloom", "version": 1, "network": network, **more})


def checked(layers: Layers, wires: list[list[str]], **more: Any) -> Report:
    return check(parse(text_of(layers, wires, **more)))


def codes(report: Report) -> list[str]:
    return [problem.code for problem in report.problems if problem.severity == "error"]


def shape_of(report: Report, id: str, port: str = "y") -> str:
    assert report.ok, [problem.message for problem in report.problems]
    return report.layers[id].outputs[port].text


def one(source: dict[str, Any], layer: dict[str, Any]) -> Report:
    """One layer behind one Input."""
    return checked({"in": source, "it": layer}, [["in", "it"]])
