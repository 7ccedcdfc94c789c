"""Reductions with a formula of their own: log-sum-exp, variance, norms. `dim` counts the batch axis."""

from __future__ import annotations

from graph_ir.declare import flag, layer, number, option
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.kinds import Integer, Integers
from graph_ir.layers.merge import as_float
from graph_ir.layers.reductions import ALL, AXES, KEEP, Reduction, reducing
from graph_ir.recipes import Expr, Variables
from graph_ir.spec import Category


@layer(Category.MERGE, source="torch.logsumexp", common=False)
class LogSumExp(Reduction):
    """A smooth maximum over some axes, computed stably.

    Formula: y = ln Σ e^x
    """

    does = "it sums"
    inputs = {"x": "*S : any"}
    dim: tuple[int, ...] = option(Integers(alone=True, shortest=0), "axis or axes", start=-1)
    keepdim: bool = flag(KEEP, default=False)
    torch = reducing("logsumexp")

    def limits(self, d: Scope) -> None:
        if not self.dim and d["x"].shape and not self.keepdim:
            d.fail("bad-value", "`dim` names no axis; name those to reduce, such as -1", field="dim")
        super().limits(d)

    def given(self, dtype: str) -> str:
        return as_float(dtype)


class _Spread(Reduction):
    """Variance or its root."""

    correction: int

    def limits(self, d: Scope) -> None:
        super().limits(d)
        entries: Dim = product(d["x"].shape[axis] for axis in self.axes(d)) if d["x"].shape else 1
        if isinstance(entries, int) and entries <= self.correction:
            text = (
                f"it takes {entries} entries together, and dividing by {entries} - {self.correction} (`correction`) "
                "gives NaN or infinity; use more axes, or `correction` 0"
            )
            d.warn("one-value", text, port="x")


def _spread(method: str) -> Expr:
    plain = reducing(method)

    def write(layer: _Spread, v: Variables) -> str:
        text = plain.write(layer, v)
        if layer.correction == 1:
            return text
        separator = "" if text.endswith("()") else ", "
        return f"{text[:-1]}{separator}correction={layer.correction})"

    return Expr(write)


_CORRECTION = "what is taken from the number of entries: 1 gives the unbiased estimate, 0 the plain mean"


@layer(Category.MERGE, source="torch.var", aliases=("Variance", "ReduceVar"), common=False)
class Var(_Spread):
    """The variance over some axes.

    Formula: y = Σ (x - mean)² / (n - correction)
    """

    does = "it takes the variance"
    dim: tuple[int, ...] | None = option(AXES, ALL, default=None, start=1)
    correction: int = option(Integer(), _CORRECTION, default=1)
    keepdim: bool = flag(KEEP, default=False)
    torch = _spread("var")


@layer(Category.MERGE, source="torch.std", aliases=("StandardDeviation", "ReduceStd"), common=False)
class Std(_Spread):
    """The standard deviation over some axes: the root of the variance.

    Formula: y = √(Σ (x - mean)² / (n - correction))
    """

    does = "it takes the standard deviation"
    dim: tuple[int, ...] | None = option(AXES, ALL, default=None, start=1)
    correction: int = option(Integer(), _CORRECTION, default=1)
    keepdim: bool = flag(KEEP, default=False)
    torch = _spread("std")


def _norm(layer: VectorNorm, v: Variables) -> str:
    rest = [f"ord={layer.ord!r}"] if layer.ord != 2 else []
    axes = layer.dims
    if axes is not None:
        rest.append(f"dim={axes[0] if len(axes) == 1 else axes}")
    rest += ["keepdim=True"] if layer.keepdim else []
    return f"torch.linalg.vector_norm({', '.join([v['x'], *rest])})"


@layer(Category.MERGE, source="torch.linalg.vector_norm", aliases=("Norm", "L2Norm"), common=False)
class VectorNorm(Reduction):
    """The length of the vector that the entries over some axes form; `ord` 1 sums magnitudes, 2 is Euclid's.

    Formula: y = (Σ |x|^ord)^(1/ord)
    """

    does = "it takes the norm"
    ord: float = number("the power of the norm; 0 counts the entries that are not 0", default=2.0)
    dim: tuple[int, ...] | None = option(AXES, ALL, default=None, start=-1)
    keepdim: bool = flag(KEEP, default=False)
    torch = Expr(_norm)
