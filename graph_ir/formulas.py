"""How the size of each axis comes about: a layer's own rules, run with sizes that remember what was done with them.

The declaration says once how many entries an axis of a result has. Asked with such sizes, the same rule also gives its
words:

>>> rows = remembering(28)
>>> formula_text((rows + 2 * remembering(1) - (remembering(1) * (remembering(3) - 1) + 1)) // remembering(2) + 1)
'⌊(28 + 2·1 − 3)/2⌋ + 1 = 14'
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

from graph_ir.dims import Dim, Expr, TooLarge
from graph_ir.infer import Inference, Scope
from graph_ir.problems import Misfit
from graph_ir.signature import TensorType
from graph_ir.spec import Layer

Tree = tuple[Any, ...]
"""`("size", text)`, or an operator with its operands: `("+", left, right)`."""

LONGEST = 120
"""Characters of a formula; a longer one explains nothing."""
_SUM, _PRODUCT, _ATOM = range(3)


def formulas(found: Inference) -> dict[str, tuple[str, ...]]:
    """For each output and axis how its size is worked out (`⌊(28 + 2·1 − 3)/2⌋ + 1 = 14`).

    Empty where it is taken over, or where the words would not give exactly the size that the check has found.
    """
    scope = found.scope
    if scope is None or scope.layer.nests:
        return {}
    made: Mapping[str, TensorType] = {}
    with suppress(Misfit, TooLarge):
        again = remade(scope, remembering)
        made = again.layer.result(again)
    return {
        port: tuple(
            formula_text(size) if _same(size, wanted) else ""
            for size, wanted in zip(made[port].shape, given.shape, strict=False)
        )
        for port, given in found.outputs.items()
        if port in made and len(made[port].shape) == len(given.shape)
    }


def _same(size: Dim, wanted: Dim) -> bool:
    return bool(_plain(size) == wanted)


def remade(d: Scope, size: Callable[[Dim], Dim]) -> Scope:
    """What the rules of a layer see, with every size, those in its fields too, made into another."""

    def sizes(given: TensorType) -> TensorType:
        return replace(given, shape=tuple(map(size, given.shape)))

    layer: Layer = copy.copy(d.layer)
    layer.__dict__.update({name: _mapped(getattr(layer, name), size) for name in layer.spec.fields})
    layer.__dict__.pop("_hash", None)
    other = Scope(layer, tuple((port, sizes(given)) for port, given in d.types.items()), d.referred)
    other.letters = {letter: size(dim) for letter, dim in d.letters.items()}
    other.roles, other.lengths = d.roles, d.lengths
    other.runs = {name: (tuple(map(size, run[0])), run[1], run[2]) for name, run in d.runs.items()}
    other.out = {port: sizes(given) for port, given in d.out.items()}
    return other


def _mapped(value: Any, size: Callable[[Dim], Dim]) -> Any:
    """A field's value with every size in it made into another."""
    if isinstance(value, tuple):
        return tuple(_mapped(entry, size) for entry in value)
    is_size = isinstance(value, int | Expr) and not isinstance(value, bool)
    return size(value) if is_size else value


class _Remembering:
    """What ints and expressions that remember have in common."""

    tree: Tree

    def __neg__(self) -> Dim:
        tree = self.tree
        is_rounded_up = tree[0] == "//" and tree[1][0] == "neg"  # `-(-a // b)`
        return _with(
            -_plain(cast(Dim, self)), ("up", tree[1][1], tree[2]) if is_rounded_up else ("neg", tree)
        )


def _operator(sign: str, calculate: Callable[[Any, Any], Any], *, mirrored: bool = False) -> Any:
    def operate(own: Any, other: object) -> Any:
        if not isinstance(other, int | Expr):
            return NotImplemented
        left, right = (other, own) if mirrored else (own, other)
        value = calculate(_plain(left), _plain(right))
        return _with(value, _joined(sign, _tree(left), _tree(right)))

    return operate


for _sign, _name, _calculate in (
    ("+", "add", operator.add),
    ("-", "sub", operator.sub),
    ("*", "mul", operator.mul),
    ("//", "floordiv", operator.floordiv),
    ("%", "mod", operator.mod),
):
    setattr(_Remembering, f"__{_name}__", _operator(_sign, _calculate))
    setattr(_Remembering, f"__r{_name}__", _operator(_sign, _calculate, mirrored=True))


class _Int(_Remembering, int):  # type: ignore[misc]  # what it negates to is a size that remembers
    """A known size that remembers."""


class _Expr(_Remembering, Expr):
    """A size that depends on symbols, and remembers."""

    __hash__ = Expr.__hash__


def remembering(value: Dim) -> Dim:
    """The size, from now on with what is done with it."""
    return _with(_plain(value), _tree(_plain(value)))


def _with(value: Dim, tree: Tree) -> Dim:
    made: _Remembering = _Int(value) if isinstance(value, int) else _Expr(value.terms)
    made.tree = tree
    return cast(Dim, made)


def _plain(value: Dim) -> Dim:
    if isinstance(value, int):
        return int(value)
    return Expr(value.terms) if isinstance(value, _Expr) else value


def _tree(value: Dim) -> Tree:
    if isinstance(value, _Remembering):
        return value.tree
    if isinstance(value, int):
        return ("size", str(int(value))) if value >= 0 else ("neg", ("size", str(-value)))
    return ("size", str(value))


_ZERO, _ONE = ("size", "0"), ("size", "1")


def _joined(sign: str, left: Tree, right: Tree) -> Tree:
    """An operation, without what changes nothing: nobody wants to read `+ 0`, `1·` or `− 1 + 1`."""
    if sign == "+":
        return _sum(left, right)
    if sign == "-":
        return left if right == _ZERO else (sign, left, right)
    if sign == "*":
        return _product(left, right)
    if sign == "//":
        return left if right == _ONE else (sign, left, right)
    return (sign, left, right)


def _sum(left: Tree, right: Tree) -> Tree:
    if left == _ZERO or right == _ZERO:
        return right if left == _ZERO else left
    if right[0] == "neg":
        return _joined("-", left, right[1])
    if left[0] == "-" and left[2] == right:
        return cast(Tree, left[1])
    return ("+", left, right)


def _product(left: Tree, right: Tree) -> Tree:
    if _ZERO in (left, right):
        return _ZERO
    return right if left == _ONE else ("*", left, right)


def formula_text(value: Dim) -> str:
    """The calculation and what it gives; empty where there was nothing to calculate, or it is too long to be read."""
    tree = _tree(value)
    if tree[0] == "size":
        return ""
    text, result = _text(tree)[0], _text(_tree(_plain(value)))[0]
    return f"{text} = {result}" if text != result and len(text) <= LONGEST else ""


def _text(tree: Tree) -> tuple[str, int]:
    """A calculation as text, and how tightly it holds together."""
    sign, *parts = tree
    if sign == "size":
        loose = not parts[0].isalnum() and not parts[0].isidentifier()
        return parts[0].replace("*", "·").replace("-", "−"), _SUM if loose else _ATOM
    if sign == "neg":
        return f"−{_held(parts[0], _PRODUCT)}", _SUM
    left, right = parts
    if sign in ("//", "up"):
        begin, end = "⌊⌋" if sign == "//" else "⌈⌉"
        return f"{begin}{_held(left, _PRODUCT)}/{_held(right, _ATOM)}{end}", _ATOM
    if sign == "%":
        return f"{_held(left, _ATOM)} mod {_held(right, _ATOM)}", _SUM
    if sign == "*":
        return f"{_held(left, _PRODUCT)}·{_held(right, _ATOM)}", _PRODUCT
    shown = "+" if sign == "+" else "−"
    return f"{_held(left, _SUM)} {shown} {_held(right, _PRODUCT if sign == '-' else _SUM)}", _SUM


def _held(tree: Tree, least: int) -> str:
    """A part of a calculation, in brackets where it would fall apart."""
    text, holds = _text(tree)
    return text if holds >= least else f"({text})"
