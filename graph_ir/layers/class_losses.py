"""Losses that compare scores with classes: one class for each sample or place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graph_ir.declare import layer, number, option
from graph_ir.dims import symbol
from graph_ir.infer import Scope
from graph_ir.kinds import Integer
from graph_ir.layers._losses import (
    Companions,
    compared,
    keywords,
    numbers,
    padding,
    reduction,
    require_same_shape,
    target_input,
)
from graph_ir.layers.merge import promote
from graph_ir.recipes import Expr, Variables
from graph_ir.requirements import equal
from graph_ir.signature import FLOATS, TensorType
from graph_ir.spec import Category, Layer


def _places(rank: int, *, shares: bool = False) -> dict[str, Sequence[int]]:
    """The axes of `input` and `target` that are walked through together: all but the classes."""
    own = (0, *range(2, rank))
    return {"input": own, "target": own if shares else range(len(own))}


class _Classes(Layer):
    """Scores N C and any further axes against class indices."""

    inputs = {"input": "N C *S", "target": "*T : int64"}
    outputs = {"y": "*R"}
    scores = "classes"
    consumes = True
    weight: tuple[float, ...] | None
    reduction: str

    @classmethod
    def companions(cls, given: TensorType | None) -> Companions:
        shape = given.shape[:1] + given.shape[2:] if given else (symbol("N"),)
        return {"target": target_input(shape, "int64")}

    def limits(self, d: Scope) -> None:
        d.mixes("input", (1,), "it compares all classes")
        if self.weight is None:
            return
        text = f"`weight` has {len(self.weight)} numbers, but `input` is {d['input'].text} with {d.C} classes"
        wanted = (d.N, len(self.weight), *d.run("*S")) if "*S" in d.runs else (d.N, len(self.weight))
        fits = equal(d.C, len(self.weight))
        d.require(
            fits, "bad-value", f"{text}; give one for each", port="input", field="weight", wanted=wanted
        )

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["input"]
        shape = given.shape[:1] + given.shape[2:]
        require_same_shape(d, shape)
        kept = self.reduction == "none"
        return {"y": compared(d, _places(len(given.shape)), shape, given.dtype, kept=kept)}


def _by_index(function: str, ignore_index: int, layer: _Classes, v: Variables) -> str:
    """Padded steps get the index that does not count."""
    left_out = padding(v, _places(v.rank("input")))
    target = left_out.emptied(v["target"], ignore_index) if left_out else v["target"]
    text = f"{function}({', '.join([v['input'], target, *keywords(layer, v['input'])])})"
    return left_out.reduced(text) if left_out and layer.reduction == "mean" else text


def _cross_entropy(layer: CrossEntropyLoss, v: Variables) -> str:
    """With lengths and shares for a target, the valid steps are taken; indices can say themselves what counts not."""
    name, rank = "F.cross_entropy", v.rank("input")
    left_out = padding(v, _places(rank, shares=True)) if v.rank("target") == rank else None
    if left_out is None:
        return _by_index(name, layer.ignore_index, layer, v)
    rest = keywords(layer, v["input"])
    if layer.reduction == "none":
        return left_out.emptied(f"{name}({', '.join([v['input'], v['target'], *rest])})")
    text = f"{name}({', '.join([left_out.taken('input'), left_out.taken('target'), *rest])})"
    return left_out.reduced(text) if layer.reduction == "mean" else text


@layer(
    Category.LOSS,
    source="torch.nn.CrossEntropyLoss",
    aliases=("SparseCategoricalCrossentropy", "CategoricalCrossentropy"),
    trait="loss",
)
class CrossEntropyLoss(_Classes):
    """Compares scores per class with class indices (int64), or with shares per class; contains the softmax."""

    inputs = {"input": "N C *S", "target": "*T : float int64"}
    weight: tuple[float, ...] | None = numbers("how much each class counts")
    ignore_index: int = option(Integer(), "target index that does not count", default=-100)
    reduction: str = reduction()
    label_smoothing: float = number(
        "share taken from the true class and spread over all", low=0, high=1, default=0.0
    )
    torch = Expr(_cross_entropy)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given, target = d["input"], d["target"]
        if target.dtype not in FLOATS:
            return super().result(d)
        if len(target.shape) != len(given.shape):
            text = (
                f"`target` is {target.text} {target.dtype}, but class indices must be int64 and shares must have the "
                f"shape {given.text} of `input`; set the target's dtype to int64, or its shape to that"
            )
            d.require(False, "target-dtype", text, port="target", wanted=given.shape)
        require_same_shape(d, given.shape)
        if self.ignore_index >= 0:
            d.fail(
                "bad-value",
                "`ignore_index` is for class indices, but `target` holds shares; leave it out",
                field="ignore_index",
            )
        d.mixes("target", (1,), "it compares all classes")
        places, kept = _places(len(given.shape), shares=True), self.reduction == "none"
        shape = given.shape[:1] + given.shape[2:]
        return {"y": compared(d, places, shape, promote(given.dtype, target.dtype), kept=kept)}


def _multi_margin(layer: MultiMarginLoss, v: Variables) -> str:
    return f"F.multi_margin_loss({', '.join([v['input'], v['target'], *keywords(layer, v['input'])])})"


@layer(
    Category.LOSS,
    source="torch.nn.MultiMarginLoss; Crammer and Singer, JMLR 2001",
    aliases=("CategoricalHinge",),
    trait="loss",
    common=False,
)
class MultiMarginLoss(_Classes):
    """Makes the score of the true class larger than every other one, by a margin.

    Formula: `y = mean over the other classes of max(0, margin - input[target] + input[other])^p`
    """

    inputs = {"input": "N C : float32 float64", "target": "N : int64"}
    p: int = option(Integer(1, 2), "1, or 2 for squares", default=1)
    margin: float = number("by how much", default=1.0)
    weight: tuple[float, ...] | None = numbers("how much each class counts")
    reduction: str = reduction()
    torch = Expr(_multi_margin)


@layer(Category.LOSS, source="torch.nn.NLLLoss", trait="loss", common=False)
class NLLLoss(_Classes):
    """Compares log-probabilities per class (as LogSoftmax gives them) with class indices.

    Formula: `y = -input[target]`
    """

    weight: tuple[float, ...] | None = numbers("how much each class counts")
    ignore_index: int = option(Integer(), "target index that does not count", default=-100)
    reduction: str = reduction()
    torch = Expr(lambda layer, v: _by_index("F.nll_loss", layer.ignore_index, layer, v))
