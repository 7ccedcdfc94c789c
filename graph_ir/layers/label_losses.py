"""Losses for several yes-or-no labels at once, and for masks of images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from graph_ir.declare import layer, number, option
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Nothing, Number
from graph_ir.layers._losses import Companions, companion, compared, numbers, padding, reduction
from graph_ir.layers.merge import promote
from graph_ir.layers.value_losses import Entrywise, entrywise, formula, stretched, stretched_dtype
from graph_ir.recipes import Expr, Variables
from graph_ir.requirements import equal
from graph_ir.signature import TensorType
from graph_ir.spec import Category, Layer


@layer(Category.LOSS, source="torch.nn.BCEWithLogitsLoss", aliases=("BinaryCrossentropy",), trait="loss")
class BCEWithLogitsLoss(Entrywise):
    """Compares scores with yes (1) or no (0), each on its own: several labels at once; contains the sigmoid."""

    scores = "labels"
    reduction: str = reduction()
    pos_weight: tuple[float, ...] | None = numbers("how much a yes counts, for each entry of the last axis")
    torch = entrywise("F.binary_cross_entropy_with_logits")

    def limits(self, d: Scope) -> None:
        if self.pos_weight is None:
            return
        shape, count = d["input"].shape, len(self.pos_weight)
        text = (
            f"`pos_weight` has {count} numbers, but the last axis of `input` {d['input'].text} needs another number "
            "of them; give one for each of its entries, or a list of one for all"
        )
        fits = bool(shape) and (count == 1 or equal(shape[-1], count))
        wanted = (*shape[:-1], count)
        d.require(fits, "bad-value", text, port="input", field="pos_weight", wanted=wanted)

    def result_dtype(self, d: Scope) -> str:
        """Torch computes it in place of `1 - target`."""
        return d["target"].dtype


@layer(Category.LOSS, source="torch.nn.BCELoss", trait="loss", common=False)
class BCELoss(Entrywise):
    """Compares probabilities (0 … 1, behind a Sigmoid) with yes (1) or no (0), each on its own.

    Formula: `y = -(target·log(input) + (1 - target)·log(1 - input))`
    """

    scores = "labels"
    yes_above: ClassVar[float] = 0.5
    reduction: str = reduction()
    torch = entrywise("F.binary_cross_entropy")

    def limits(self, d: Scope) -> None:
        given, target = d["input"].dtype, d["target"].dtype
        text = f"`target` is {target}, but `input` is {given}; give both the same dtype"
        d.require(given == target, "target-dtype", text, port="target")


@layer(
    Category.LOSS,
    source="torch.nn.MultiLabelSoftMarginLoss",
    trait="loss",
    common=False,
)
class MultiLabelSoftMarginLoss(Entrywise):
    """Compares scores with yes (1) or no (0) for each class on the last axis, and takes the mean over the classes.

    Formula: `y = -mean(target·log σ(input) + (1 - target)·log(1 - σ(input)))`
    """

    inputs = {"input": "*S C", "target": "*T : number"}
    scores = "labels"
    summed = 1
    stretches = True
    weight: tuple[float, ...] | None = numbers("how much each class counts")
    reduction: str = reduction()
    torch = entrywise("F.multilabel_soft_margin_loss")

    @classmethod
    def companions(cls, given: TensorType | None) -> Companions:
        return companion(given)

    def result_dtype(self, d: Scope) -> str:
        return stretched_dtype(d, *self.ports)

    def limits(self, d: Scope) -> None:
        d.mixes("input", (len(d["input"].shape) - 1,), "it takes the mean over the classes")

    def places(self, d: Scope) -> tuple[Dim, ...]:
        total, axis = [*stretched(d, "input", "target").shape], len(d["input"].shape) - 1
        if self.weight is not None:
            count = len(self.weight)
            text = f"`weight` has {count} numbers, but `input` is {d['input'].text}; give one for each class"
            fits = count == 1 or total[-1] == 1 or equal(total[-1], count)
            wanted = (*d["input"].shape[:-1], count)
            d.require(fits, "bad-value", text, port="input", field="weight", wanted=wanted)
            total[-1] = count if total[-1] == 1 else total[-1]
        return (*total[:axis], *total[axis + 1 :])


def _focal(layer: FocalLoss, x: str, t: str) -> str:
    """With `log σ` in place of a power of probabilities, since that has no finite slope at 0."""
    text = f'F.binary_cross_entropy_with_logits({x}, {t}, reduction="none")'
    if layer.gamma:
        text += f" * torch.exp({layer.gamma} * F.logsigmoid({x} * (1 - 2 * {t})))"
    if layer.alpha is not None:
        text += f" * ({layer.alpha} * {t} + {1 - layer.alpha} * (1 - {t}))"
    return text


@layer(
    Category.LOSS,
    source="torchvision.ops.sigmoid_focal_loss; Lin et al., Focal loss for dense object detection, ICCV 2017",
    aliases=("BinaryFocalCrossentropy", "sigmoid_focal_loss"),
    trait="loss",
    common=False,
)
class FocalLoss(Entrywise):
    """Compares scores with yes (1) or no (0), each on its own, and lets what is already right count little.

    Formula: `y = -alpha_t·(1 - p_t)^gamma·log p_t` with `p_t = σ(input)` for a yes and `1 - σ(input)` for a no;
    `alpha_t` is `alpha` for a yes and `1 - alpha` for a no.
    """

    scores = "labels"
    alpha: float | None = option(
        Either(Nothing(), Number(0, 1)),
        "how much a yes counts, and 1 less this a no; null: both the same",
        default=0.25,
        in_torch=False,
    )
    gamma: float = number(
        "how much less what is nearly right counts; 0: as much", low=0, default=2.0, in_torch=False
    )
    reduction: str = reduction()
    torch = formula(_focal)

    def result_dtype(self, d: Scope) -> str:
        """Torch computes the cross-entropy in place of `1 - target`."""
        target = d["target"].dtype
        return promote(d["input"].dtype, target) if self.gamma else target


def _dice(layer: DiceLoss, v: Variables) -> str:
    """One minus the share, as one fraction: `Σ p² + Σ t² - 2·Σ p·t` is a sum of squares."""
    left_out = padding(v, {port: range(v.rank(port)) for port in ("input", "target")})
    x, t = (left_out.emptied(v[p], 0, p) if left_out else v[p] for p in ("input", "target"))
    apart = f"torch.sum(torch.flatten(torch.square({x} - {t}), 2), 2)"
    both = f"torch.sum(torch.flatten(torch.square({x}) + torch.square({t}), 2), 2)"
    text = f"torch.div({apart}, {both} + {layer.smooth})"
    return text if layer.reduction == "none" else f"torch.{layer.reduction}({text})"


@layer(
    Category.LOSS,
    source="Milletari et al., V-Net: fully convolutional neural networks for volumetric segmentation, 3DV 2016",
    aliases=("Dice", "SoftDice", "F1Loss"),
    trait="loss",
    common=False,
)
class DiceLoss(Layer):
    """Compares probabilities (behind a Sigmoid or Softmax) with a mask, by how much both overlap, for each channel.

    Formula: `y = 1 - (2·Σ p·t + smooth) / (Σ p² + Σ t² + smooth)`, sums over all places of a channel; large and
    small objects count the same.
    """

    inputs = {"input": "N C *S", "target": "*T : number"}
    outputs = {"y": "*R"}
    scores = "labels"
    yes_above: ClassVar[float] = 0.5
    consumes = True
    smooth: float = number(
        "added above and below, so that nothing against nothing is no loss",
        low=0,
        above=True,
        default=1.0,
        in_torch=False,
    )
    reduction: str = reduction()
    torch = Expr(_dice)

    @classmethod
    def companions(cls, given: TensorType | None) -> Companions:
        return companion(given)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        total = stretched(d, "input", "target")
        text = f"`input` is {d['input'].text}, but needs places behind batch and channels; wire a map N C H W, or N C T"
        d.require(len(total.shape) > 2, "rank", text, port="input")
        axes = dict.fromkeys(("input", "target"), range(len(total.shape)))
        compared(d, axes, total.shape, total.dtype, kept=False)
        kept = self.reduction == "none"
        return {"y": TensorType(total.shape[:2] if kept else (), total.dtype)}
