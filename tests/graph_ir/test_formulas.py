"""Requirement 14: the arithmetic that is shown for a size gives exactly the size that the check has found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

import pytest

from graph_ir.check import check
from graph_ir.dims import Dim, Expr, substitute, symbols
from graph_ir.formulas import formula_text, formulas, remembering
from graph_ir.graph import Design, Node, Wire
from graph_ir.infer import Inference, infer
from graph_ir.layers import catalogue
from tests.graph_ir.cases import random_case, with_symbols

CASES = 25


def value_of(text: str, sizes: Mapping[str, int]) -> int:
    """What a formula comes to, read from its text alone."""
    python = text.replace("·", "*").replace("−", "-").replace(" mod ", "%")
    while "⌊" in python:
        python = re.sub(r"⌊([^⌊⌋]*)⌋", lambda found: f"({_floored(found[1])})", python)
    while "⌈" in python:
        python = re.sub(r"⌈([^⌈⌉]*)/([^⌈⌉/]*)⌉", r"(-(-(\1)//(\2)))", python)
    return int(eval(python, {"__builtins__": {}, "min": min}, dict(sizes)))


def _floored(quotient: str) -> str:
    """`(28 + 1)/2` as `(28 + 1)//2`: the one division that stands outside all brackets."""
    return re.sub(r"(?<!/)/(?!/)", "//", quotient)


def checked(found: Inference, sizes: Mapping[str, int]) -> int:
    """How many formulas there are; each is compared with the engine's own size, and with what it says it gives."""
    count = 0
    for port, texts in formulas(found).items():
        for text, size in zip(texts, found.outputs[port].shape, strict=True):
            if not text:
                continue
            calculation, _, result = text.rpartition(" = ")
            wanted = _at(size, sizes)
            assert value_of(calculation, sizes) == wanted, (text, str(size))
            assert value_of(result, sizes) == wanted, (text, str(size))
            count += 1
    return count


def _at(size: Dim, sizes: Mapping[str, int]) -> Dim:
    return substitute(size, dict(sizes)) if isinstance(size, Expr) else size


RULED = sorted(
    name for name, cls in catalogue().items() if not cls.spec.own_ports
)  # else shapes are the user's word


@pytest.mark.parametrize("type", RULED)
def test_requirement_14_every_formula_gives_the_size_that_the_engine_gives(type: str) -> None:
    cls, rng = catalogue()[type], Random(type)
    fitted = 0
    for _ in range(40 * CASES):
        case = random_case(rng, cls)
        layer, good = case.layer
        if not good:
            continue
        found = infer(layer, tuple(case.types.items()))
        if found.error is not None:
            continue
        fitted += 1
        checked(found, {})
        types, sizes = with_symbols(rng, case)
        open_ = infer(layer, tuple(types.items()))
        if open_.error is None:
            names = {name for given in open_.outputs.values() for dim in given.shape for name in symbols(dim)}
            checked(open_, sizes | dict.fromkeys(names - set(sizes), 1))
        if fitted == CASES:
            return
    assert fitted, "no use of the layer fits"


@pytest.mark.parametrize(
    ("type", "values", "shape", "wanted"),
    [
        (
            "Conv2d",
            {"out_channels": 8, "kernel_size": 3, "padding": 1},
            [4, 3, 28, 28],
            "28 + 2·1 − 3 + 1 = 28",
        ),
        (
            "Conv2d",
            {"out_channels": 8, "kernel_size": 3, "padding": 1, "stride": 2},
            [4, 3, 28, 28],
            "⌊(28 + 2·1 − 3)/2⌋ + 1 = 14",
        ),
        ("MaxPool2d", {"kernel_size": 2}, [4, 3, 28, 28], "⌊(28 − 2)/2⌋ + 1 = 14"),
        ("MaxPool2d", {"kernel_size": 2}, [4, 3, "H", 28], "⌊(H − 2)/2⌋ + 1 = H//2"),
        ("Flatten", {}, [4, 3, 28, 28], "3·28·28 = 2352"),
        ("Linear", {"out_features": 10}, [4, 3], ""),
        ("ReLU", {}, [4, 3], ""),
    ],
)
def test_formulas_read_as_in_a_textbook(type: str, values: dict, shape: list, wanted: str) -> None:
    design = Design()
    design.top.add(Node("in", "Input", {"shape": shape}))
    design.top.add(Node("layer", type, values))
    design.top.add_wire(Wire("in", "y", "layer", "x"))
    found = check(design).layers["layer"].inference
    assert found is not None
    texts = formulas(found)["y"]
    assert next((text for text in texts if text), "") == wanted


def test_what_changes_nothing_is_left_out_and_what_is_too_long_too() -> None:
    size = remembering(28)
    assert formula_text(1 * (size + 0) // 1) == ""
    assert formula_text(size - 2 + 2) == ""
    assert formula_text(-(-size // 3)) == "⌈28/3⌉ = 10"
    assert formula_text((size + 1) % 5) == "(28 + 1) mod 5 = 4"
    assert formula_text((size - (size - 3)) * (size + 1)) == "(28 − (28 − 3))·(28 + 1) = 87"
    long = size
    for _ in range(60):
        long = long + 1
    assert formula_text(long) == ""
    assert long == 88
