"""Losses that compare distributions: shares, rates, numbers with their variance."""

from __future__ import annotations

from graph_ir.declare import choice, flag, layer, number
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.layers._losses import Companions, reduction, require_same_shape
from graph_ir.layers.merge import result_dtype
from graph_ir.layers.value_losses import Entrywise, entrywise, formula, stretched, stretched_dtype
from graph_ir.signature import TensorType
from graph_ir.spec import Category

_PER_SAMPLE = ("batchmean", "mean", "sum", "none")
_HOW = "how the entries become one number: 'batchmean' is the sum for each sample, 'none' keeps them"


@layer(
    Category.LOSS,
    source="torch.nn.KLDivLoss; Kullback and Leibler, On information and sufficiency, 1951",
    aliases=("KLDivergence",),
    trait="loss",
    common=False,
)
class KLDivLoss(Entrywise):
    """Says how far log-probabilities (the input) are from the probabilities that they should be (the target).

    Formula: `y = target·(log target - input)`
    """

    stretches = True
    reduction: str = choice(_PER_SAMPLE, _HOW, default="mean", start="batchmean")
    log_target: bool = flag("the target holds logarithms as well", default=False)
    torch = entrywise("F.kl_div")

    def limits(self, d: Scope) -> None:
        if self.reduction == "mean":
            text = "the mean divides by classes as well as by samples, which makes it no divergence"
            d.warn("mean-over-classes", f"{text}; set `reduction` to 'batchmean'", port="input")

    def result_dtype(self, d: Scope) -> str:
        return stretched_dtype(d, *self.ports)


@layer(
    Category.LOSS,
    source="torch.nn.PoissonNLLLoss",
    aliases=("Poisson",),
    trait="loss",
    common=False,
)
class PoissonNLLLoss(Entrywise):
    """Compares rates (or their logarithms) with counts, as if these were Poisson distributed.

    Formula: `y = exp(input) - target·input`, without `log_input` `input - target·log(input + eps)`
    """

    inputs = {"input": "*S", "target": "*T : any"}
    stretches = True
    log_input: bool = flag("the input is the logarithm of the rate", default=True)
    full: bool = flag("add Stirling's approximation of what does not depend on the input", default=False)
    eps: float = number("added to a rate before its logarithm", default=1e-8)
    reduction: str = reduction()
    torch = entrywise("F.poisson_nll_loss")

    def limits(self, d: Scope) -> None:
        text = "`full` computes with counts, but `target` is bool; give it another dtype"
        d.require(not self.full or d["target"].dtype != "bool", "target-dtype", text, port="target")

    def result_dtype(self, d: Scope) -> str:
        return stretched_dtype(d, *self.ports)


@layer(
    Category.LOSS,
    source="torch.nn.GaussianNLLLoss; Nix and Weigend, Estimating the mean and variance, ICNN 1994",
    trait="loss",
    common=False,
)
class GaussianNLLLoss(Entrywise):
    """Compares numbers with a predicted mean and its predicted variance, which must not be negative.

    Formula: `y = (log(var) + (input - target)²/var)/2`, with `var` at least `eps`
    """

    inputs = {"input": "*S", "target": "*T : number", "var": "*V"}
    ports = ("input", "target", "var")
    scores = "values"
    stretches = True
    full: bool = flag("add the constant log(2π)/2", default=False)
    eps: float = number("the least variance", default=1e-6)
    reduction: str = reduction()
    torch = entrywise("F.gaussian_nll_loss")

    def result_dtype(self, d: Scope) -> str:
        axes = (1,) * len(d["input"].shape)
        difference = TensorType((), stretched_dtype(d, "input", "target"))
        if axes or d["target"].shape:
            difference = TensorType((1,), difference.dtype)
        return result_dtype(difference, TensorType(axes, d["var"].dtype))

    def places(self, d: Scope) -> tuple[Dim, ...]:
        """The variance has the input's shape, one axis of 1, or no last axis."""
        given, var = d["input"].shape, d["var"].shape
        single = next((i for i, size in enumerate(var) if size == 1 and given[i : i + 1] != (1,)), None)
        wanted = given[:-1] if len(var) == len(given) - 1 else given
        if single is not None and len(var) == len(given):
            wanted = (*given[:single], 1, *given[single + 1 :])
        require_same_shape(d, wanted, "var")
        return stretched(d, "input", "target").shape


def _gaussian_kl(layer: GaussianKLLoss, mu: str, logvar: str) -> str:
    return f"torch.div(torch.square({mu}) + torch.expm1({logvar}) - {logvar}, 2)"


@layer(
    Category.LOSS,
    source="Kingma and Welling, Auto-encoding variational Bayes, ICLR 2014, appendix B",
    aliases=("VAELoss", "KLLoss"),
    trait="loss",
    common=False,
)
class GaussianKLLoss(Entrywise):
    """How far normal distributions are from the standard one: what keeps the code of a variational auto-encoder tidy.

    Formula: `y = (mu² + exp(logvar) - 1 - logvar)/2`
    """

    inputs = {"mu": "*S", "logvar": "*T"}
    ports = ("mu", "logvar")
    reduction: str = choice(_PER_SAMPLE, _HOW, default="batchmean")
    torch = formula(_gaussian_kl)

    @classmethod
    def companions(cls, given: TensorType | None) -> Companions:
        return {}

    def limits(self, d: Scope) -> None:
        fits = self.reduction != "batchmean" or bool(d["mu"].shape)
        d.require(fits, "rank", "`mu` has no axes, so that there is no batch; wire a tensor N F", port="mu")

    def result_dtype(self, d: Scope) -> str:
        return stretched_dtype(d, *self.ports)

    def places(self, d: Scope) -> tuple[Dim, ...]:
        return stretched(d, "mu", "logvar").shape
