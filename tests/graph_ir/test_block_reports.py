"""What the check and the summary say of blocks inside one another, and how often they look."""

from __future__ import annotations

from typing import Any

from graph_ir.check import check
from graph_ir.graph import Design
from graph_ir.summary import summary
from tests.graph_ir.block_samples import (
    codes,
    inside,
    linear,
    residual_net,
    siamese,
    through,
)

# Inside one another; what is said of them


def test_a_problem_inside_has_its_path_and_is_told_once() -> None:
    made = residual_net()
    values = {**made.networks["Projection"].node("conv").values, "kernel_size": 0}
    made.networks["Projection"].replace(type(made.top.node("stem"))("conv", "Conv2d", values))
    report = check(made)
    assert [problem.path for problem in report.problems] == [("stage2", 0, "project", 0, "conv")]
    problem = report.problems[0]
    assert (problem.layer, problem.network, problem.at) == ("conv", "Projection", "stage2")
    assert problem.as_json()["path"] == ["stage2", 0, "project", 0, "conv"]
    assert problem.message.startswith("in stage2[0]: in project: conv (Conv2d): ")


def test_the_summary_has_one_row_a_use_and_its_layers_nested() -> None:
    made = residual_net()
    found = summary(made, check(made)).as_json()
    rows = {row["id"]: row for row in found["layers"]}
    nested = rows["stage2"]["nested"]
    assert [row["repetition"] for row in nested if row["id"] == "conv1"] == [0, 1, 2]
    assert sum(row["parameters"] for row in nested) == rows["stage2"]["parameters"]
    projects = [row for row in nested if row["id"] == "project"]
    assert [[inner["id"] for inner in row["nested"]] for row in projects] == [
        ["x", "conv", "norm", "y"],
        [],
        [],
    ]
    assert sum(row["parameters"] for row in rows.values()) == found["parameters"]


def test_a_block_is_looked_at_once_for_equal_parameters_and_types() -> None:
    made = through({"fc": linear(8)}, ["x -> fc", "fc -> y"], ["N", 8], repeat=1000)
    entry = check(made).layers["use"]
    assert len({id(nested.report) for nested in entry.nested}) == 1
    assert entry.parameters == 72_000
    report = check(residual_net())
    first, second = report.layers["stage1"], report.layers["stage2"]
    assert inside(first, 0) is inside(first, 1)
    assert inside(second, 1) is inside(second, 2) and inside(second, 0) is not inside(second, 1)


def test_one_and_true_are_not_the_same_parameter() -> None:
    def made(value: Any) -> Design:
        inner = {"fc": linear("=5 if p == 1 else 6")}
        return through(inner, ["x -> fc", "fc -> y"], ["N", 8], {"p": None}, p=value)

    first, second = check(made(1)).layers["use"], check(made(True)).layers["use"]
    assert dict(first.nested[0].parameters) == {"p": 1} and dict(second.nested[0].parameters) == {"p": True}
    assert first.nested[0].report is not second.nested[0].report


def test_what_the_check_says_of_one_block_is_what_its_first_use_finds() -> None:
    made = residual_net()
    report = check(made, "Residual")
    assert report is check(made).layers["stage1"].nested[0].report
    assert check(made, "Projection").layers["conv"].outputs["y"].shape[1] == 8


def test_an_unused_block_says_what_its_patterns_and_defaults_tell_and_breaks_nothing() -> None:
    made = siamese()
    for id in ("a", "b"):
        made.top.remove(id)
    alone = check(made, "Dense")
    assert alone.ok and alone.layers["x"].outputs["y"].text == "(N, F)"
    assert alone.layers["fc"].layer is None, "its width is not given"
    made.networks["Dense"].parameters["width"] = 3
    assert codes(check(made, "Dense")) == ["size-unknown"]
    assert not any("Dense" in problem.network for problem in check(made).problems)


def test_blocks_are_never_flattened_in_the_report() -> None:
    report = check(residual_net())
    assert set(report.layers) == set(residual_net().top.ids())
