"""Binding wires to the signature of a layer: dtype, number of axes, one axis after the other, and what axes mean."""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations
from typing import TYPE_CHECKING

from graph_ir.dims import Dim
from graph_ir.problems import Misfit
from graph_ir.requirements import equal
from graph_ir.signature import FEATURES, STEP_AXES, Port, TensorType, Token, shape_text

if TYPE_CHECKING:
    from graph_ir.infer import Scope


def bind(d: Scope) -> None:
    """Binds every wire to its port's signature. Raises Misfit at the first that does not fit."""
    for name, given in d.types.items():
        port = d.layer.spec.input(name)
        assert port is not None, "the check looks ports up before it binds"
        _check_dtype(port, name, given)
        _bind_port(d, port, name, given)


def _check_dtype(port: Port, name: str, given: TensorType) -> None:
    if given.dtype in port.dtypes:
        return
    wanted = " or ".join(port.dtypes)
    remedy = f"set the `dtype` of the Input it comes from to {port.dtypes[0]}, or wire another layer to it"
    raise Misfit("dtype", f"`{name}` takes {wanted}, but gets {given.dtype}; {remedy}", port=name)


def _bind_port(d: Scope, port: Port, name: str, given: TensorType) -> None:
    tokens, shape = port.tokens, given.shape
    fixed = port.least
    if len(shape) < fixed or (port.rank is not None and len(shape) != fixed):
        raise _rank_misfit(d, port, name, given)
    at = 0
    for token in tokens:
        if token.is_run:
            width = len(shape) - fixed
            if not port.variadic:
                lengths = tuple(given.length(i) for i in range(at, at + width))
                d.runs.setdefault(token.text, (shape[at : at + width], given.roles[at : at + width], lengths))
            at += width
            continue
        if not port.variadic:
            _bind_axis(d, token, name, given, at)
        at += 1
    if not tokens[0].is_run:
        _warn_of_roles(d, port, name, given)


def _warn_of_roles(d: Scope, port: Port, name: str, given: TensorType) -> None:
    """Sizes fit whatever an axis means: features where steps belong are told, never refused."""
    letters = _letters(port, len(given.shape))
    if not any(map(_is_odd, letters, given.roles)) or _is_one_channel(letters, given):
        return
    has = " ".join(role or "?" for role in given.roles)
    text = f"`{name}` takes {port.axes}, but {given.text} has the axes {has}"
    order = _order_that_fits(letters, given.roles)
    remedy = (
        f"add a Permute with `dims` {order} in front" if order else "set `axes` of the Input if that is wrong"
    )
    d.warn("axis-role", f"{text}; {remedy}", port=name)


@lru_cache(maxsize=1024)
def _letters(port: Port, rank: int) -> tuple[str, ...]:
    """What stands at each axis in the signature, without marks and numbers; "" within a run."""
    found: list[str] = []
    for token in port.tokens:
        width = rank - port.least if token.is_run else 1
        found += [""] * width if token.is_run else [token.text.rstrip("'0123456789")]
    if port.rank is None and found[0] != "N":
        found[0] = ""  # a batch that need not be that of the other inputs
    return tuple(found)


@lru_cache(maxsize=1024)
def _is_odd(letter: str, role: str) -> bool:
    if not role or not letter:
        return False
    if letter == "N" or role == "N":
        return letter != role and letter[0].isupper()
    if letter in _SPACE or role in _SPACE:  # an image's columns may well be features (a row is a step)
        return "C" in (letter, role) and letter not in STEP_AXES and role not in STEP_AXES
    return (letter in FEATURES and role in STEP_AXES) or (letter in STEP_AXES and role in FEATURES)


_SPACE = frozenset("DHW")


def _is_one_channel(letters: tuple[str, ...], given: TensorType) -> bool:
    """Whether an axis of size 1 was made to be the channels: a vector of features is then a signal."""
    axes = zip(letters, given.roles, given.shape, strict=True)
    return any(letter in FEATURES and not role and size == 1 for letter, role, size in axes)


def _order_that_fits(letters: tuple[str, ...], roles: tuple[str, ...]) -> list[int] | None:
    """The axes in an order in which none is odd; of several the one with most letters that moves least."""
    orders = permutations(range(len(roles))) if len(roles) <= 5 else iter(())
    fitting = [
        order
        for order in orders
        if not any(_is_odd(letter, roles[i]) for letter, i in zip(letters, order, strict=True))
    ]

    def distance(order: tuple[int, ...]) -> tuple[int, int]:
        strangers = sum(letters[axis] != roles[i] for axis, i in enumerate(order))
        return strangers, sum(i != axis for axis, i in enumerate(order))

    if not fitting:
        return None
    nearest = min(fitting, key=distance)
    return list(nearest)


def _rank_misfit(d: Scope, port: Port, name: str, given: TensorType) -> Misfit:
    count, least = len(given.shape), port.least
    wanted = f"{'' if port.rank is not None else 'at least '}{least} axes ({port.axes})"
    if count < least:
        remedy = "wire a tensor with these axes, or add a Reshape that makes them"
    else:
        remedy = "wire a tensor with these axes, or add a Flatten, Reshape or Select in front"
    text = f"`{name}` takes {wanted}, but gets {count}: {given.text}; {remedy}"
    return Misfit("rank", text, port=name, wanted=tuple(token.text for token in port.tokens))


def _bind_axis(d: Scope, token: Token, name: str, given: TensorType, at: int) -> None:
    got = given.shape[at]
    length = given.length(at)
    if token.is_letter and length:
        d.lengths.setdefault(token.text, length)
    if token.is_letter and token.text not in d.letters:
        d.letters[token.text] = got
        d.roles[token.text] = given.roles[at] or token.role
        return
    if token.is_field:
        expected: Dim = getattr(d.layer, token.text)
        why = f"its field `{token.text}` says {expected}"
    elif token.is_letter:
        expected = d.letters[token.text]
        why = f"axis {token.text} of its other inputs is {expected}"
    else:
        expected = int(token.text)
        why = f"it must be {expected}"
    wanted = (*given.shape[:at], expected, *given.shape[at + 1 :])
    text = (
        f"`{name}` gets {given.text}, but {why}, so that {shape_text(wanted)} is wanted; "
        "wire tensors whose sizes agree"
    )
    d.require(equal(got, expected), "size-mismatch", text, port=name, wanted=wanted)
