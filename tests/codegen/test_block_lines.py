"""Which lines of a block's class are about which of its layers."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from codegen.module import Printed, print_module
from codegen.names import class_name
from graph_ir.check import check
from graph_ir.templates import load
from graph_ir.use_words import block_of

CHAINED, MODULES = "vit_b_16", ("resnet18", "resnet50", "transformer", "mobilenet_v2")


@cache
def printed(name: str) -> Printed:
    design = load(name)
    return print_module(design, check(design))


def spans(source: str) -> dict[str, range]:
    """The lines of each class."""
    found = (node for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
    return {node.name: range(node.lineno, int(node.end_lineno or 0) + 1) for node in found}


@pytest.mark.parametrize("name", [*MODULES, CHAINED])
def test_every_layer_of_a_block_that_learns_has_lines_in_its_class(name: str) -> None:
    code = printed(name)
    where = spans(code.source)
    assert code.classes.printed, "the template has blocks"
    for made in code.classes.printed:
        lines = code.inside[made.name]
        assert all(number in where[made.name] for numbers in lines.values() for number in numbers)
        for one in made.candidates:
            learns = {id for id, entry in one.use.report.layers.items() if entry.weights}
            assert learns <= lines.keys()


@pytest.mark.parametrize("name", [*MODULES, CHAINED])
def test_each_line_of_a_layer_that_learns_names_it_or_builds_it(name: str) -> None:
    code = printed(name)
    rows = code.source.splitlines()
    for made in code.classes.printed:
        entries, called = made.first.use.report.layers, made.first.identifiers.locals
        for id, numbers in code.inside[made.name].items():
            if id not in entries or not entries[id].weights:
                continue
            text = "".join(rows[number - 1] for number in numbers)
            node = entries[id].node
            builds = class_name(block_of(node)) if block_of(node) else f"nn.{node.type}("
            assert called[id] in text or builds in text, f"{made.name}: {id} is not in {text!r}"


def test_a_chain_that_is_laid_out_in_rows_gives_each_layer_a_row_of_its_own() -> None:
    code = printed("mobilenet_v2")
    rows = code.source.splitlines()
    (row,) = code.inside["SeparableBody"]["1"]
    assert rows[row - 1].strip() == "nn.Conv2d(in_channels, channels, 1, bias=False),"
    spread = code.inside["ConvBNReLU6"]["0"]
    assert (rows[spread[0] - 1].strip(), rows[spread[-1] - 1].strip()) == ("nn.Conv2d(", "),")
    assert spread == list(range(spread[0], spread[0] + 9))
