"""What the printed code of small designs gives on real torch."""

from __future__ import annotations

import torch

from codegen.module import print_module
from graph_ir.check import check
from graph_ir.graph import Design
from graph_ir.report import Report
from tests.codegen.lengths import module_of, results

IMAGE = {"type": "Input", "shape": ["N", 2, "H", "W"]}


def source(made: Design) -> str:
    return print_module(made, check(made)).source


def run(made: Design, *inputs: torch.Tensor) -> list[torch.Tensor]:
    """What the printed module gives."""
    return results(module_of(print_module(made, check(made))), inputs)


def size(report: Report, id: str, port: str = "y") -> list[str]:
    return [str(dim) for dim in report.layers[id].outputs[port].shape]


def problems(report: Report) -> list[str]:
    return [problem.code for problem in report.problems if problem.severity == "error"]
