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
    if port.rank is not None:
        _warn_of_roles(d, port, name, given)


def _warn_of_roles(d: Scope, port: Port, name: str, given: TensorType) -> None:
    """Sizes fit whatever an axis means: features where steps belong are told, never refused."""
    pairs = list(zip(port.tokens, given.roles, strict=True))
    if not any(_is_odd(token.text, role) for token, role in pairs):
        return
    has = " ".join(role or "?" for role in given.roles)
    text = f"`{name}` takes {port.axes}, but {given.text} has the axes {has}"
    order = _order_that_fits(port, given.roles)
    remedy = (
        f"add a Permute with `dims` {order} in front" if order else "set `axes` of the Input if that is wrong"
    )
    d.warn("axis-role", f"{text}; {remedy}", port=name)


@lru_cache(maxsize=1024)
def _is_odd(letter: str, role: str) -> bool:
    if not role:
        return False
    letter = letter.rstrip("'0123456789")
    if letter == "N" or role == "N":
        return letter != role and letter[0].isupper()
    return (letter in FEATURES and role in STEP_AXES) or (letter in STEP_AXES and role in FEATURES)


def _order_that_fits(port: Port, roles: tuple[str, ...]) -> list[int] | None:
    """The axes in an order in which none is odd; of several the one that moves least."""
    orders = permutations(range(len(roles))) if len(roles) <= 5 else iter(())
    fitting = (
        order
        for order in orders
        if not any(_is_odd(t.text, roles[i]) for t, i in zip(port.tokens, order, strict=True))
    )
    return (
        list(min(fitting, key=lambda order: sum(i != axis for i, axis in enumerate(order)), default=()))
        or None
    )


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
