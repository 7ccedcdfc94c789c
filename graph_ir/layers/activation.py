"""Activations: smooth functions applied to every entry, and the two that everybody uses."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import choice, layer, number
from graph_ir.infer import Scope
from graph_ir.recipes import Expr, Function, Module
from graph_ir.signature import FLOATS, TensorType
from graph_ir.spec import Category, Layer


@layer(Category.ACTIVATION, source="torch.nn.ReLU; Nair and Hinton, ICML 2010", aliases=("Activation",))
class ReLU(Layer):
    """Sets negative entries to 0.

    Formula: `y = max(0, x)`.
    """

    inputs = {"x": "*S : number"}
    torch = Function("F.relu", module="nn.ReLU")


@layer(Category.ACTIVATION, source="torch.nn.GELU; Hendrycks and Gimpel, 2016", aliases=("Activation",))
class GELU(Layer):
    """Weighs every entry by the normal distribution's share below it: `x·Φ(x)`.

    Formula: `y = x · Φ(x)`; with 'tanh', `y = x / 2 · (1 + tanh(sqrt(2 / π) · (x + 0.044715 · x³)))`.
    """

    approximate: str = choice(("none", "tanh"), "'tanh' uses the faster approximation", default="none")
    torch = Function("F.gelu", module="nn.GELU")


class _ToFloat(Layer):
    """Ints (and bools, where they are taken) become float32, as in torch."""

    inputs = {"x": "*S : any"}

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        dtype = given.dtype if given.dtype in FLOATS else "float32"
        return {"y": d.rearranged("x", given.shape, range(len(given.shape)), dtype=dtype)}


@layer(Category.ACTIVATION, source="torch.nn.Tanh", aliases=("Activation",))
class Tanh(_ToFloat):
    """Squeezes every entry into -1 … 1.

    Formula: `y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))`.
    """

    torch = Expr(lambda layer, v: f"torch.tanh({v['x']})", module="nn.Tanh")


@layer(Category.ACTIVATION, source="torch.nn.Sigmoid", aliases=("Activation",))
class Sigmoid(_ToFloat):
    """Squeezes every entry into 0 … 1.

    Formula: `y = 1 / (1 + exp(-x))`.
    """

    torch = Expr(lambda layer, v: f"torch.sigmoid({v['x']})", module="nn.Sigmoid")


@layer(
    Category.ACTIVATION,
    source="torch.nn.SiLU; Elfwing, Uchibe and Doya, Neural Networks 2018; Ramachandran, Zoph and Le, Swish, 2017",
    aliases=("Swish",),
    common=False,
)
class SiLU(Layer):
    """Weighs every entry by its own sigmoid.

    Formula: `y = x / (1 + exp(-x))`.
    """

    torch = Function("F.silu", module="nn.SiLU")


@layer(Category.ACTIVATION, source="torch.nn.Mish; Misra, BMVC 2020", common=False)
class Mish(Layer):
    """Weighs every entry by the tanh of its softplus.

    Formula: `y = x · tanh(log(1 + exp(x)))`.
    """

    torch = Function("F.mish", module="nn.Mish")


@layer(Category.ACTIVATION, source="torch.nn.Softplus; Dugas et al., NIPS 2000", common=False)
class Softplus(Layer):
    """A smooth ReLU, positive everywhere.

    Formula: `y = log(1 + exp(beta · x)) / beta`, and `y = x` where `beta · x` is above `threshold`.
    """

    beta: float = number("how sharp the bend is", default=1.0)
    threshold: float = number("above this, beta·x is taken as it is", default=20.0)
    torch = Function("F.softplus", module="nn.Softplus")

    def limits(self, d: Scope) -> None:
        if self.beta == 0:
            d.warn("infinite", "`beta` is 0, by which the result is divided: it is infinite; set another")


@layer(
    Category.ACTIVATION,
    source="torch.nn.Softsign; Turian, Bergstra and Bengio, Quadratic features, NAACL 2009",
    common=False,
)
class Softsign(_ToFloat):
    """Squeezes every entry into -1 … 1, more gently than Tanh.

    Formula: `y = x / (1 + |x|)`.
    """

    inputs = {"x": "*S : number"}
    torch = Function("F.softsign", module="nn.Softsign")


@layer(Category.ACTIVATION, source="torch.nn.Tanhshrink", common=False)
class Tanhshrink(_ToFloat):
    """What Tanh takes away from every entry.

    Formula: `y = x - tanh(x)`.
    """

    inputs = {"x": "*S : number"}
    torch = Function("F.tanhshrink", module="nn.Tanhshrink")


@layer(Category.ACTIVATION, source="torch.nn.LogSigmoid", common=False)
class LogSigmoid(Layer):
    """The logarithm of Sigmoid, computed stably.

    Formula: `y = -log(1 + exp(-x))`.
    """

    torch = Function("F.logsigmoid", module="nn.LogSigmoid")


@layer(Category.ACTIVATION, source="torch.nn.Identity", aliases=("NoOp", "PassThrough"), common=False)
class Identity(Layer):
    """Gives what it gets: a place with a name.

    Formula: `y = x`.
    """

    inputs = {"x": "*S : any"}
    torch = Module("nn.Identity")
