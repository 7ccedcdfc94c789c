"""Losses with a learned projection to a large vocabulary, where scores for every class cost too much in training."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import Weighted, count, flag, layer, number, option
from graph_ir.dims import Dim, product, symbol
from graph_ir.infer import Scope
from graph_ir.kinds import Integer, Integers
from graph_ir.layers._losses import Companions, padding, require_same_shape, target_input
from graph_ir.recipes import Module, Variables
from graph_ir.signature import TensorType
from graph_ir.spec import Category


def _call(layer: _Vocabulary, v: Variables) -> str:
    """Padded steps get the target -1, which does not count."""
    rank = v.rank("target")
    left_out = padding(v, {"input": range(rank), "target": range(rank)})
    return f"{v['input']}, {left_out.emptied(v['target'], -1) if left_out else v['target']}"


class _Vocabulary(Weighted):
    """Features on the last axis against the index of a word; negative targets do not count."""

    inputs = {"input": "N *S F", "target": "N *T : int64"}
    outputs = {"y": "*R : float32"}
    consumes = True

    @classmethod
    def companions(cls, given: TensorType | None) -> Companions:
        return {"target": target_input(given.shape[:-1] if given else (symbol("N"),), "int64")}

    def limits(self, d: Scope) -> None:
        require_same_shape(d, d["input"].shape[:-1])
        d.mixes("input", (len(d["input"].shape) - 1,), "it projects all features")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        return {"y": TensorType((), d["input"].dtype)}


_SAMPLED = '''
class SampledSoftmaxLoss(nn.Module):
    """Cross-entropy over a large vocabulary that trains on a few classes at a time.

    Each true class meets the same `num_sampled` classes, drawn evenly and without
    repetition; the score of a drawn class less the logarithm of how often it is
    expected makes their sum an estimate of that over all (Jean et al. 2015).
    In `eval` all classes count.
    """

    def __init__(
        self, in_features: int, n_classes: int, num_sampled: int, bias: bool = True
    ) -> None:
        super().__init__()
        if not 1 <= num_sampled <= n_classes:
            raise ValueError(f"num_sampled must be 1 to {n_classes}, not {num_sampled}")
        bound = 1 / math.sqrt(in_features)
        weight = torch.empty(n_classes, in_features).uniform_(-bound, bound)
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(torch.zeros(n_classes)) if bias else None
        self.num_sampled = num_sampled

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        """The mean loss of features x (*S, in_features) with class indices (*S).

        A negative target does not count.
        """
        if x.shape[:-1] != target.shape:
            raise ValueError(f"{x.shape} features, but {target.shape} targets")
        counted = target >= 0
        x, target = x[counted], target[counted]
        if len(target) == 0:
            return x.sum()
        if not self.training:
            return F.cross_entropy(F.linear(x, self.weight, self.bias), target)
        n_classes = len(self.weight)
        drawn = torch.randperm(n_classes, device=x.device)[: self.num_sampled]
        bias = None if self.bias is None else self.bias[drawn]
        others = F.linear(x, self.weight[drawn], bias)
        others = others - math.log(self.num_sampled / n_classes)
        others = others.masked_fill(drawn == target[:, None], -math.inf)
        true = (x * self.weight[target]).sum(1)
        if self.bias is not None:
            true = true + self.bias[target]
        return (torch.cat([true[:, None], others], 1).logsumexp(1) - true).mean()
'''


@layer(
    Category.LOSS,
    source="Jean et al., On using very large target vocabulary for neural machine translation, ACL 2015; "
    "Blanc and Rendle, ICML 2018",
    aliases=("SampledSoftmax", "sampled_softmax_loss"),
    trait="loss",
    common=False,
)
class SampledSoftmaxLoss(_Vocabulary):
    """Projects to scores of many classes and compares with class indices; in training only with some drawn classes.

    Formula: `y = log(exp(s_t) + Σ exp(s_j - log(num_sampled/n_classes))) - s_t` with scores `s = weight·x + bias`,
    the true class `t` and the drawn classes `j ≠ t`; in use the sum goes over all classes.
    """

    n_classes: int = count("number of classes, such as words of a vocabulary", start=10000)
    num_sampled: int = count("how many classes are drawn for each batch", start=64)
    bias: bool = flag("add a learned offset per class", default=True)
    torch = Module("SampledSoftmaxLoss", {"in_features": "F"}, call=_call, helper=_SAMPLED)

    def limits(self, d: Scope) -> None:
        super().limits(d)
        if self.num_sampled > self.n_classes:
            text = (
                f"`num_sampled` is {self.num_sampled}, but there are only {self.n_classes} classes; lower it"
            )
            d.fail("bad-value", text, field="num_sampled")

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return {"weight": (self.n_classes, d.F)} | ({"bias": (self.n_classes,)} if self.bias else {})

    def macs(self, d: Scope) -> Dim:
        return product(d["input"].shape) * self.num_sampled


_ADAPTIVE = '''
class AdaptiveLogSoftmaxLoss(nn.AdaptiveLogSoftmaxWithLoss):
    """The mean loss of torch's adaptive softmax, for any number of leading axes."""

    # torch's own gives a pair of scores and loss
    def forward(self, x: Tensor, target: Tensor) -> Tensor:  # type: ignore[override]
        """The loss of features x (*S, in_features) with class indices (*S).

        A negative target does not count.
        """
        counted = target >= 0
        x, target = x[counted], target[counted]
        return super().forward(x, target).loss if len(target) else x.sum()
'''


@layer(
    Category.LOSS,
    source="torch.nn.AdaptiveLogSoftmaxWithLoss; Grave et al., Efficient softmax approximation for GPUs, ICML 2017",
    aliases=("AdaptiveSoftmax",),
    trait="loss",
    common=False,
)
class AdaptiveLogSoftmaxWithLoss(_Vocabulary):
    """Projects to scores of many classes, rare ones through narrower layers, and compares with class indices.

    Classes must be sorted by how often they occur, the most frequent first. The cost is that of frequent classes only.
    """

    n_classes: int = count("number of classes, such as words of a vocabulary", low=2, start=10000)
    cutoffs: tuple[int, ...] = option(
        Integers(Integer(1)), "the first class of each group of rarer ones, rising", start=[1000, 5000]
    )
    div_value: float = number(
        "how much narrower the layers of each further group are", low=0, above=True, default=4.0
    )
    head_bias: bool = flag("add a learned offset to the scores of the frequent classes", default=False)
    torch = Module("AdaptiveLogSoftmaxLoss", {"in_features": "F"}, call=_call, helper=_ADAPTIVE)

    def limits(self, d: Scope) -> None:
        super().limits(d)
        rising = all(a < b for a, b in zip(self.cutoffs, self.cutoffs[1:], strict=False))
        if not rising or self.cutoffs[-1] >= self.n_classes:
            text = f"`cutoffs` is {list(self.cutoffs)[:9]}, but must rise and stay below the {self.n_classes} classes"
            d.fail("bad-value", f"{text}; mend it", field="cutoffs")
        if not isinstance(d.F, int):
            return
        try:
            empty = 0 in self._widths(d.F)
        except ArithmeticError:
            d.fail(
                "bad-value",
                f"`div_value` is {self.div_value}, which no width can be divided by",
                field="div_value",
            )
        if empty:
            text = f"{d.F} features divided by {self.div_value:g} once for each group leave none for the last ones"
            d.warn("empty-cluster", f"{text}, which learn nothing; lower `div_value`", port="input")

    def _widths(self, features: int) -> list[int]:
        """How many features each group gets. Raises ArithmeticError where that is no number."""
        return [int(features // self.div_value**i) for i in range(1, len(self.cutoffs) + 1)]

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        clusters = len(self.cutoffs)
        head = self.cutoffs[0] + clusters
        shapes: dict[str, tuple[Dim, ...]] = {"head.weight": (head, d.F)}
        shapes |= {"head.bias": (head,)} if self.head_bias else {}
        ends = (*self.cutoffs, self.n_classes)
        widths: list[Dim] = [*self._widths(d.F)] if isinstance(d.F, int) else [d.F] * clusters
        for i, width in enumerate(widths):
            shapes |= {
                f"tail.{i}.0.weight": (width, d.F),
                f"tail.{i}.1.weight": (ends[i + 1] - ends[i], width),
            }
        return shapes

    def macs(self, d: Scope) -> Dim:
        """As if every target were a frequent class."""
        return product(d["input"].shape) * (self.cutoffs[0] + len(self.cutoffs))
