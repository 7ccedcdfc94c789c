"""Losses of entry against entry, and what they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from graph_ir.declare import layer, number
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.layers._losses import (
    Companions,
    companion,
    compared,
    keywords,
    padding,
    reduction,
    require_same_shape,
)
from graph_ir.layers.merge import broadcast, promote
from graph_ir.recipes import Expr, Variables
from graph_ir.requirements import equal
from graph_ir.signature import TensorType
from graph_ir.spec import Category, Layer


class Entrywise(Layer):
    """A loss of entry against entry: `ports` are walked through together, but for their last `summed` axes."""

    inputs = {"input": "*S", "target": "*T"}
    outputs = {"y": "*R"}
    consumes = True
    ports: ClassVar[tuple[str, ...]] = ("input", "target")
    summed: ClassVar[int] = 0
    stretches: ClassVar[bool] = False
    """Whether torch takes sizes that broadcast."""
    reduction: str

    @classmethod
    def companions(cls, given: TensorType | None) -> Companions:
        return companion(given)

    @classmethod
    def axes(cls, rank: int) -> dict[str, Sequence[int]]:
        """The axes that are walked through together, for a first port of so many axes."""
        return {port: range(rank - cls.summed) for port in cls.ports}

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        shape, kept = self.places(d), self.reduction == "none"
        axes = self.axes(len(d[self.ports[0]].shape))
        return {"y": compared(d, axes, shape, self.result_dtype(d), kept=kept)}

    def result_dtype(self, d: Scope) -> str:
        """The dtype of the loss."""
        return promote(d["input"].dtype, d["target"].dtype)

    def places(self, d: Scope) -> tuple[Dim, ...]:
        """The shape of the results before they become one number."""
        if not self.stretches:
            require_same_shape(d, d["input"].shape)
            return d["input"].shape
        return stretched(d, "input", "target").shape


def stretched(d: Scope, *ports: str) -> TensorType:
    """What these ports give together, with a warning where sizes differ."""
    total = broadcast(d, "target-shape", [(port, d[port]) for port in ports])
    odd = next((port for port in ports if d[port].shape != d[ports[0]].shape), None)
    if odd:
        text = (
            f"`{ports[0]}` is {d[ports[0]].text} and `{odd}` {d[odd].text}, so torch compares every entry with "
            f"several ({total.text}); wire a tensor of the shape of `{ports[0]}`"
        )
        d.warn("target-broadcast", text, port=odd)
    return total


def stretched_dtype(d: Scope, *ports: str) -> str:
    """The dtype of what these ports give together, where torch does not stretch them first."""
    return broadcast(d, "target-shape", [(port, d[port]) for port in ports]).dtype


def entrywise(function: str) -> Expr:
    """The recipe of an entrywise loss that torch has."""

    def write(layer: Entrywise, v: Variables) -> str:
        first = v[layer.ports[0]]
        left_out = padding(v, layer.axes(v.rank(layer.ports[0])))
        if left_out is None or layer.reduction == "none":
            text = f"{function}({', '.join([*(v[port] for port in layer.ports), *keywords(layer, first)])})"
            return left_out.emptied(text) if left_out else text
        taken = [left_out.taken(port) for port in layer.ports]
        per_sample = {"reduction": "sum"} if layer.reduction == "batchmean" else {}
        text = f"{function}({', '.join([*taken, *keywords(layer, first, **per_sample)])})"
        if per_sample:
            return f"torch.div({text}, {first}.shape[0])"
        return left_out.reduced(text) if layer.reduction == "mean" else text

    return Expr(write)


def formula(write: Callable[..., str]) -> Expr:
    """The recipe of an entrywise loss that torch has not: `write` gives its entries from the layer and its tensors."""

    def whole(layer: Entrywise, v: Variables) -> str:
        left_out = padding(v, layer.axes(v.rank(layer.ports[0])))
        text = write(layer, *(v[port] for port in layer.ports))
        if layer.reduction == "none":
            return left_out.emptied(text) if left_out else text
        text = left_out.counted(text) if left_out else text
        if layer.reduction == "batchmean":
            return f"torch.div(torch.sum({text}), {v[layer.ports[0]]}.shape[0])"
        text = f"torch.{layer.reduction}({text})"
        return left_out.reduced(text) if left_out and layer.reduction == "mean" else text

    return Expr(whole)


@layer(Category.LOSS, source="torch.nn.MSELoss", aliases=("MeanSquaredError",), trait="loss")
class MSELoss(Entrywise):
    """The mean of squared differences: for numbers, and for auto-encoders.

    Formula: `y = (input - target)²`
    """

    inputs = {"input": "*S", "target": "*T : any"}
    scores = "values"
    stretches = True
    reduction: str = reduction()
    torch = entrywise("F.mse_loss")


@layer(Category.LOSS, source="torch.nn.L1Loss", aliases=("MeanAbsoluteError",), trait="loss", common=False)
class L1Loss(Entrywise):
    """The mean of absolute differences: a few wild values count less than with squares.

    Formula: `y = |input - target|`
    """

    inputs = {"input": "*S", "target": "*T : number"}
    scores = "values"
    stretches = True
    reduction: str = reduction()
    torch = entrywise("F.l1_loss")


@layer(
    Category.LOSS,
    source="torch.nn.SmoothL1Loss; Girshick, Fast R-CNN, ICCV 2015",
    trait="loss",
    common=False,
)
class SmoothL1Loss(Entrywise):
    """Squares of small differences, absolute values of large ones.

    Formula: `y = d²/(2·beta)` where `d = |input - target| < beta`, else `d - beta/2`
    """

    inputs = {"input": "*S", "target": "*T : any"}
    scores = "values"
    stretches = True
    reduction: str = reduction()
    beta: float = number("the difference from which it is no longer squared", low=0, default=1.0)
    torch = entrywise("F.smooth_l1_loss")

    def limits(self, d: Scope) -> None:
        text = "`beta` is 0, so that it subtracts, but `target` is bool; give it another dtype"
        d.require(bool(self.beta) or d["target"].dtype != "bool", "target-dtype", text, port="target")


@layer(
    Category.LOSS,
    source="torch.nn.HuberLoss; Huber, Robust estimation of a location parameter, 1964",
    aliases=("Huber",),
    trait="loss",
    common=False,
)
class HuberLoss(Entrywise):
    """Squares of small differences, a straight line for large ones; `delta` times the smooth L1 loss.

    Formula: `y = d²/2` where `d = |input - target| < delta`, else `delta·(d - delta/2)`
    """

    inputs = {"input": "*S", "target": "*T : any"}
    scores = "values"
    stretches = True
    reduction: str = reduction()
    delta: float = number("the difference from which it is no longer squared", low=0, above=True, default=1.0)
    torch = entrywise("F.huber_loss")

    def limits(self, d: Scope) -> None:
        given, target = d["input"].dtype, d["target"].dtype
        text = f"`target` is {target}, but `input` is {given}, and torch has no slope between them; give both one dtype"
        d.require(given == target, "no-gradient", text, port="target")

    def result_dtype(self, d: Scope) -> str:
        """Torch computes it in place of the input."""
        return d["input"].dtype


@layer(
    Category.LOSS,
    source="torch.nn.SoftMarginLoss",
    trait="loss",
    common=False,
)
class SoftMarginLoss(Entrywise):
    """Compares scores with targets of 1 and -1, each on its own.

    Formula: `y = log(1 + exp(-target·input))`
    """

    inputs = {"input": "*S", "target": "*T : any"}
    scores = "labels"
    stretches = True
    reduction: str = reduction()
    torch = entrywise("F.soft_margin_loss")

    def limits(self, d: Scope) -> None:
        text = (
            "`target` is bool, but must hold 1 and -1, and torch has no slope for it; give it another dtype"
        )
        d.require(d["target"].dtype != "bool", "no-gradient", text, port="target")

    def result_dtype(self, d: Scope) -> str:
        """Torch computes it in place of the input."""
        return d["input"].dtype

    def places(self, d: Scope) -> tuple[Dim, ...]:
        given, total = d["input"].shape, super().places(d)
        text = f"`target` is {d['target'].text} and would stretch `input` {d['input'].text}; wire one of that shape"
        d.require(len(total) == len(given), "target-shape", text, port="target", wanted=given)
        for size, wanted in zip(total, given, strict=True):
            d.require(equal(size, wanted), "target-shape", text, port="target", wanted=given)
        return given
