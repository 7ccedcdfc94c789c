"""Designs and modules for the tests of training: templates with changes, printed code loaded as a module."""

from __future__ import annotations

import copy
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from codegen.module import Printed, print_module
from codegen.training.data_code import print_data
from codegen.training.script import print_script
from codegen.training.settings import settings_of
from graph_ir.check import check
from graph_ir.graph import Design
from graph_ir.report import Report
from graph_ir.templates import load

TEMPLATES = ("digits", "digits-lstm", "digit-strings")
GOLDEN = Path(__file__).parents[1] / "golden" / "training"


def sample(template: str, **training: Any) -> Design:
    """A template with some entries of its `training` section replaced; `data={…}` is merged into its own."""
    design = copy.deepcopy(load(template))
    data = {**design.training["data"], **training.pop("data", {})}
    design.training = {**design.training, **training, "data": data}
    return design


def printed_of(design: Design) -> tuple[Report, Printed]:
    report = check(design)
    assert report.ok, report.problems
    return report, print_module(design, report)


def files_of(design: Design) -> dict[str, str]:
    """data.py and train.py of a design."""
    report, printed = printed_of(design)
    settings = settings_of(design, report)
    return {
        "data.py": print_data(settings, printed.attributes),
        "train.py": print_script(design, report, printed),
    }


def data_module(design: Design, scans: SimpleNamespace | None = None) -> ModuleType:
    """The printed data.py, loaded; `scans` stand in for those of scikit-learn."""
    module = ModuleType("data")
    exec(compile(files_of(design)["data.py"], "data.py", "exec"), module.__dict__)
    if scans is not None:
        module.__dict__["load_digits"] = lambda: scans
    return module


def main() -> None:
    """Writes the golden files anew: `python -m tests.codegen.training_samples`; read the difference."""
    for template in TEMPLATES:
        folder = GOLDEN / template
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files_of(load(template)).items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
