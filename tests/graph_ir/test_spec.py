"""A wrong declaration fails when it is imported, not when a user meets it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from graph_ir.build import build
from graph_ir.declare import count, layer, option
from graph_ir.kinds import Integer
from graph_ir.layers import catalogue
from graph_ir.recipes import Function
from graph_ir.spec import REGISTRY, Category, Layer


def undocumented() -> type[Layer]:
    class Undocumented(Layer):
        torch = Function("F.relu")

    return Undocumented


def without_recipe() -> type[Layer]:
    class WithoutRecipe(Layer):
        """Says nothing about torch."""

    return WithoutRecipe


def unbound_letter() -> type[Layer]:
    class UnboundLetter(Layer):
        """Gives an axis that no input has."""

        inputs = {"x": "N C"}
        outputs = {"y": "N K"}
        torch = Function("F.relu")

    return UnboundLetter


def unknown_field() -> type[Layer]:
    class UnknownField(Layer):
        """Names a field that is not there."""

        outputs = {"y": "*S width"}
        torch = Function("F.relu")

    return UnknownField


def bad_default() -> type[Layer]:
    class BadDefault(Layer):
        """Has a default outside its own limits."""

        size: int = option(Integer(1), "a size", default=0)
        torch = Function("F.relu")

    return BadDefault


def required_without_start() -> type[Layer]:
    class RequiredWithoutStart(Layer):
        """Gives the palette nothing to propose."""

        size: int = count("a size")
        torch = Function("F.relu")

    return RequiredWithoutStart


def unreadable_signature() -> type[Layer]:
    class UnreadableSignature(Layer):
        """Has a signature that can't be read."""

        inputs = {"x": "N, C"}
        torch = Function("F.relu")

    return UnreadableSignature


def declared_twice() -> type[Layer]:
    class Conv2d(Layer):
        """Takes a name that is there."""

        torch = Function("F.relu")

    return Conv2d


@pytest.mark.parametrize(
    "make",
    [
        undocumented,
        without_recipe,
        unbound_letter,
        unknown_field,
        bad_default,
        required_without_start,
        unreadable_signature,
        declared_twice,
    ],
)
def test_a_wrong_declaration_fails_at_once(make: Callable[[], type[Layer]]) -> None:
    before = dict(REGISTRY)
    with pytest.raises((TypeError, ValueError)):
        layer(Category.ACTIVATION)(make())
    assert before == REGISTRY


@pytest.mark.parametrize("name", catalogue())
def test_every_layer_can_be_added_with_its_start_values(name: str) -> None:
    cls = catalogue()[name]
    made, bad = build(cls, cls.spec.start_values())
    if bad:
        assert {entry.code for entry in bad} == set()
    assert made is not None
    again, _ = build(cls, made.values())
    assert again == made
    assert hash(again) == hash(made)


def test_a_typo_names_the_nearest_field() -> None:
    _, bad = build(catalogue()["Conv2d"], {"out_chanels": 8, "kernel_size": 3})
    assert [(b.code, b.field) for b in bad] == [
        ("unknown-field", "out_chanels"),
        ("missing-field", "out_channels"),
    ]
    assert "did you mean `out_channels`?" in bad[0].text
