"""Losses that bring embeddings together or push them apart."""

from __future__ import annotations

from graph_ir.declare import flag, layer, number
from graph_ir.dims import Dim, symbol
from graph_ir.infer import Scope
from graph_ir.layers._losses import Companions, companion, reduction, target_input
from graph_ir.layers.merge import broadcast, promote
from graph_ir.layers.value_losses import Entrywise, entrywise, formula, stretched, stretched_dtype
from graph_ir.signature import TensorType
from graph_ir.spec import Category


@layer(
    Category.LOSS,
    source="torch.nn.MarginRankingLoss",
    trait="loss",
    common=False,
)
class MarginRankingLoss(Entrywise):
    """Makes the first score larger than the second where the target is 1, smaller where it is -1.

    Formula: `y = max(0, -target·(input1 - input2) + margin)`
    """

    inputs = {"input1": "*S", "input2": "*U", "target": "*T : number"}
    ports = ("input1", "input2", "target")
    margin: float = number("by how much they should differ", default=0.0)
    reduction: str = reduction()
    torch = entrywise("F.margin_ranking_loss")

    def result_dtype(self, d: Scope) -> str:
        return stretched_dtype(d, *self.ports)

    def places(self, d: Scope) -> tuple[Dim, ...]:
        _require_rank(d, *self.ports)
        return stretched(d, *self.ports).shape


def _require_rank(d: Scope, first: str, *others: str) -> None:
    """Raises Misfit unless all have the same number of axes."""
    for port in others:
        text = f"`{port}` is {d[port].text}, but `{first}` is {d[first].text}; wire tensors with as many axes"
        fits = len(d[port].shape) == len(d[first].shape)
        d.require(fits, "target-shape", text, port=port, wanted=d[first].shape)


@layer(
    Category.LOSS,
    source="torch.nn.HingeEmbeddingLoss",
    trait="loss",
    common=False,
)
class HingeEmbeddingLoss(Entrywise):
    """Makes distances small where the target is 1, and larger than a margin where it is -1.

    Formula: `y = input` where `target = 1`, `max(0, margin - input)` where `target = -1`
    """

    inputs = {"input": "*S", "target": "*T : any"}
    stretches = True
    margin: float = number("what distances of unlike pairs should reach", default=1.0)
    reduction: str = reduction()
    torch = entrywise("F.hinge_embedding_loss")

    def result_dtype(self, d: Scope) -> str:
        """The target only chooses."""
        return d["input"].dtype


class _Embeddings(Entrywise):
    """Embeddings along the last axis, compared as a whole."""

    summed = 1

    def limits(self, d: Scope) -> None:
        for port in self.ports:
            if port != "target":
                d.mixes(port, (len(d[port].shape) - 1,), "it takes the distance")

    def _distances(self, d: Scope, first: str, second: str) -> TensorType:
        """The distances of two ports."""
        total = stretched(d, first, second)
        return TensorType(total.shape[:-1], total.dtype, total.roles[:-1])


@layer(
    Category.LOSS,
    source="torch.nn.CosineEmbeddingLoss",
    trait="loss",
    common=False,
)
class CosineEmbeddingLoss(_Embeddings):
    """Makes two embeddings point the same way where the target is 1, and not where it is -1.

    Formula: `y = 1 - cos(input1, input2)` where `target = 1`, `max(0, cos(input1, input2) - margin)` where it is -1
    """

    inputs = {"input1": "N F", "input2": "N2 F2", "target": "N3 : any"}
    ports = ("input1", "input2", "target")
    margin: float = number("the cosine below which unlike pairs are left alone", default=0.0)
    reduction: str = reduction()
    torch = entrywise("F.cosine_embedding_loss")

    @classmethod
    def companions(cls, given: TensorType | None) -> Companions:
        return {"target": target_input(given.shape[:-1] if given else (symbol("N"),), "int64")}

    def result_dtype(self, d: Scope) -> str:
        return promote(d["input1"].dtype, d["input2"].dtype)

    def places(self, d: Scope) -> tuple[Dim, ...]:
        distances = self._distances(d, "input1", "input2")
        return broadcast(d, "target-shape", [("input1", distances), ("target", d["target"])]).shape


@layer(
    Category.LOSS,
    source="torch.nn.TripletMarginLoss; Schroff et al., FaceNet, CVPR 2015; Balntas et al., BMVC 2016 (swap)",
    trait="loss",
    common=False,
)
class TripletMarginLoss(_Embeddings):
    """Makes an anchor nearer to a like sample than to an unlike one, by a margin.

    Formula: `y = max(0, |anchor - positive| - |anchor - negative| + margin)`
    """

    inputs = {"anchor": "*S F", "positive": "*T F2", "negative": "*U F3"}
    ports = ("anchor", "positive", "negative")
    margin: float = number("how much nearer", low=0, above=True, default=1.0)
    p: float = number("which norm the distance is", default=2.0)
    eps: float = number("added to every difference, so that the slope is finite at 0", default=1e-6)
    swap: bool = flag("take the nearer of anchor and positive to the negative", default=False)
    reduction: str = reduction()
    torch = entrywise("F.triplet_margin_loss")

    @classmethod
    def companions(cls, given: TensorType | None) -> Companions:
        return {}

    def result_dtype(self, d: Scope) -> str:
        first, second, third = (d[port].dtype for port in self.ports)
        return promote(promote(first, second), third)

    def places(self, d: Scope) -> tuple[Dim, ...]:
        _require_rank(d, *self.ports)
        pairs = [("anchor", "positive"), ("anchor", "negative"), ("positive", "negative")]
        distances = [(pair[1], self._distances(d, *pair)) for pair in pairs[: 3 if self.swap else 2]]
        return broadcast(d, "target-shape", distances).shape


def _contrastive(layer: ContrastiveLoss, first: str, second: str, t: str) -> str:
    distance = f"F.pairwise_distance({first}, {second})"
    far = f"torch.square(F.relu({layer.margin} - {distance}))"
    return f"torch.div(torch.where({t} == 1, {far}, torch.square({distance})), 2)"


@layer(
    Category.LOSS,
    source="Hadsell et al., Dimensionality reduction by learning an invariant mapping, CVPR 2006",
    aliases=("Siamese",),
    trait="loss",
    common=False,
)
class ContrastiveLoss(_Embeddings):
    """Makes the distance of two embeddings small where the target is 0 (alike), larger than a margin where it is 1.

    Formula: `y = d²/2` where `target = 0`, `max(0, margin - d)²/2` where it is 1, with `d = |input1 - input2|`
    """

    inputs = {"input1": "N *S F", "input2": "*U F2", "target": "*T : any"}
    ports = ("input1", "input2", "target")
    margin: float = number("the distance that unlike pairs should reach", low=0, default=1.0, in_torch=False)
    reduction: str = reduction()
    torch = formula(_contrastive)

    @classmethod
    def companions(cls, given: TensorType | None) -> Companions:
        return companion(given, less=1)

    def result_dtype(self, d: Scope) -> str:
        return promote(d["input1"].dtype, d["input2"].dtype)

    def places(self, d: Scope) -> tuple[Dim, ...]:
        distances = self._distances(d, "input1", "input2")
        return broadcast(d, "target-shape", [("input1", distances), ("target", d["target"])]).shape
