"""Looks at an edit: that it undoes and redoes, what it leaves as it was, with which words it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graph_ir.edits import Edit, Refused, apply
from graph_ir.file import dump, parse
from graph_ir.graph import Design
from graph_ir.report import Report


def done(made: Design, edit: Edit) -> Edit:
    """Carries out an edit after a look at whether it undoes and redoes to the same bytes."""
    before = dump(made)
    apply(made, edit)
    after = dump(made)
    apply(made, edit.inverse())
    assert dump(made) == before, edit.title
    apply(made, edit)
    assert dump(made) == after, edit.title
    assert dump(parse(after)) == after
    return edit


def totals(report: Report) -> tuple[Any, ...]:
    """What must not change when the same layers are drawn in another way."""
    results = sorted(str(entry.inputs["x"]) for entry in report.layers.values() if entry.trait == "output")
    return (report.ok, report.parameters, report.trainable_parameters, report.buffers, report.macs, results)


def wires(made: Design, network: str = "") -> set[str]:
    return {str(wire) for wire in made.networks[network].wires()}


def refusal(edit: Callable[[], Edit]) -> str:
    with pytest.raises(Refused) as error:
        edit()
    assert str(error.value).endswith(".")
    return str(error.value)
