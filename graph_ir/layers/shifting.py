"""Entries that move or are added along axes: padding, rolling, mirroring."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import choice, layer, option
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integers, Nothing, Number
from graph_ir.layers._axes import axes_of, keep_samples
from graph_ir.recipes import Expr, Function, Variables
from graph_ir.requirements import at_least
from graph_ir.signature import STEPS, TensorType
from graph_ir.spec import Category, Layer

_RANKS = {2: (2, 3), 4: (3, 4), 6: (4, 5)}
"""For how many numbers in `pad` which ranks can be padded by other modes than 'constant'."""


@layer(Category.MERGE, source="torch.nn.functional.pad", aliases=("ZeroPadding", "ConstantPad"), common=False)
class Pad(Layer):
    """Adds entries before and behind along axes, the last axis first; negative numbers take entries away."""

    inputs = {"x": "*S : any"}
    pad: tuple[int, ...] = option(
        Integers(shortest=0),
        "how many before and behind on the last axis, then on the one before it, …",
        start=[1, 1],
    )
    mode: str = choice(
        ("constant", "reflect", "replicate", "circular"), "what the new entries hold", default="constant"
    )
    value: float | None = option(
        Either(Nothing(), Number()), "what they hold with 'constant'; null: 0", default=None
    )
    torch = Function("F.pad")

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Before and behind, for the last axis, the one before it, …"""
        return list(zip(self.pad[::2], self.pad[1::2], strict=True))

    def tail(self) -> float | None:
        """New entries behind a shorter sample stand where padding was."""
        added = any(behind > 0 for _, behind in self.pairs)
        return (self.value or 0.0) if added and self.mode == "constant" else None

    def limits(self, d: Scope) -> None:
        given = d["x"]
        if len(self.pad) % 2:
            d.fail("bad-value", f"`pad` has {len(self.pad)} entries; give two for each axis", field="pad")
        if len(self.pairs) > len(given.shape):
            text = f"`pad` has numbers for {len(self.pairs)} axes, but `x` is {given.text}; give fewer"
            d.fail("bad-value", text, port="x", field="pad")
        padded = [-1 - i for i, pair in enumerate(self.pairs) if pair != (0, 0)]
        if -len(given.shape) in padded:
            keep_samples(d, "x", given, "it pads the samples of")
            d.warn_if_batch("x", (0,), "it pads")
        if self.mode != "constant":
            d.mixes("x", padded, f"padding of mode {self.mode!r} repeats entries")
            self._limits_of_mode(d)

    def _limits_of_mode(self, d: Scope) -> None:
        given = d["x"]
        ranks = _RANKS.get(len(self.pad), ())
        if len(given.shape) not in ranks:
            text = (
                f"`mode` {self.mode!r} pads the last 1 of 2 or 3 axes, 2 of 3 or 4, or 3 of 4 or 5, but `x` is "
                f"{given.text} and `pad` has {len(self.pad)} entries; use 'constant', or as many as fit"
            )
            d.fail("bad-value", text, port="x", field="pad")
        if given.dtype == "bool" and self.mode != "circular":
            text = f"`x` is bool, which torch can't pad by mode {self.mode!r}; put a Cast in front, or use 'constant'"
            d.fail("dtype", text, port="x")
        if self.value:
            d.fail(
                "bad-value",
                f"`value` is {self.value:g}, but `mode` is {self.mode!r}; remove it",
                field="value",
            )
        for i, pair in enumerate(self.pairs):
            size, most = given.shape[-1 - i], max(pair)
            least = {"reflect": most + 1, "circular": most}.get(self.mode, 1)
            text = (
                f"`pad` asks for {most} entries by mode {self.mode!r}, but `x` is {given.text}, and that axis needs at "
                f"least {least}; lower it, or use 'constant'"
            )
            d.require(at_least(size, least), "too-small", text, port="x", field="pad")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        shape: list[Dim] = list(given.shape)
        rewrites: dict[int, tuple[Dim, int | None]] = {}
        for i, (before, behind) in enumerate(self.pairs):
            axis = len(shape) - 1 - i
            shape[axis] = shape[axis] + (before + behind)
            rewrites[axis] = (STEPS + (before + behind), None)
            text = f"`pad` takes all entries of axis {axis} of {given.text} away; use larger numbers"
            left = given.shape[axis] + (min(before, 0) + min(behind, 0))
            for size, least in ((left, 0), (shape[axis], 1)):
                d.require(at_least(size, least), "too-small", text, port="x", field="pad")
        return {"y": d.rearranged("x", tuple(shape), range(len(shape)), rewrites=rewrites)}


def _numbers(values: tuple[int, ...]) -> str:
    return str(values[0] if len(values) == 1 else values)


def _roll(layer: Roll, v: Variables) -> str:
    dims = "" if layer.dims is None else f", dims={_numbers(layer.dims)}"
    return f"{v['x']}.roll({_numbers(layer.shifts)}{dims})"


@layer(Category.MERGE, source="torch.roll", common=False)
class Roll(Layer):
    """Moves entries along axes; what leaves at one end comes in at the other."""

    inputs = {"x": "*S : any"}
    shifts: tuple[int, ...] = option(Integers(alone=True), "how far, for each axis", start=1)
    dims: tuple[int, ...] | None = option(
        Either(Nothing(), Integers(alone=True, shortest=0)),
        "axes to move along; null: along the flattened tensor",
        default=None,
        start=1,
    )
    torch = Expr(_roll)

    def limits(self, d: Scope) -> None:
        rank = len(d["x"].shape)
        if not self.dims:
            axes = tuple(range(rank))
            if len(self.shifts) != 1:
                d.fail(
                    "bad-value", "`dims` names no axis, and then `shifts` must be one number", field="shifts"
                )
        else:
            axes = tuple(d.axis("x", axis, field="dims") for axis in self.dims)
            if len(axes) != len(self.shifts):
                text = f"`shifts` has {len(self.shifts)} numbers, but `dims` names {len(axes)} axes; give one for each"
                d.fail("bad-value", text, field="shifts")
        d.warn_if_batch("x", axes, "it rolls")
        d.mixes("x", axes, "it rolls padding between the steps")
        if 0 in axes:
            keep_samples(d, "x", d["x"], "it moves the samples of")


def _flip(layer: Flip, v: Variables) -> str:
    return f"{v['x']}.flip({_numbers(layer.dims)})"


@layer(Category.MERGE, source="torch.flip", aliases=("Reverse", "Mirror"), common=False)
class Flip(Layer):
    """Turns the order of entries around along axes."""

    inputs = {"x": "*S : any"}
    dims: tuple[int, ...] = option(Integers(alone=True, shortest=0), "axes to turn around", start=1)
    torch = Expr(_flip)

    def limits(self, d: Scope) -> None:
        axes = axes_of(d, self.dims, field="dims") if self.dims else ()
        d.warn_if_batch("x", axes, "it turns around")
        d.mixes("x", axes if d["x"].shape else (), "it puts the padding first")
        if 0 in axes:
            keep_samples(d, "x", d["x"], "it moves the samples of")
