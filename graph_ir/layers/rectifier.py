"""Rectifiers: the kin of ReLU, which lets positive entries through and bends the others."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import Weighted, count, layer, number
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.recipes import Function, Module
from graph_ir.requirements import equal
from graph_ir.signature import shape_text
from graph_ir.spec import Category, Layer


@layer(
    Category.ACTIVATION,
    source="torch.nn.ReLU6; Krizhevsky, Convolutional deep belief networks on CIFAR-10, 2010",
    common=False,
)
class ReLU6(Layer):
    """Sets negative entries to 0, and those above 6 to 6.

    Formula: `y = min(max(0, x), 6)`.
    """

    inputs = {"x": "*S : number"}
    torch = Function("F.relu6", module="nn.ReLU6")


@layer(
    Category.ACTIVATION,
    source="torch.nn.LeakyReLU; Maas, Hannun and Ng, Rectifier nonlinearities, ICML 2013",
    common=False,
)
class LeakyReLU(Layer):
    """Makes negative entries small.

    Formula: `y = max(0, x) + negative_slope · min(0, x)`.
    """

    negative_slope: float = number("what negative entries are multiplied by", default=0.01)
    torch = Function("F.leaky_relu", module="nn.LeakyReLU")


@layer(
    Category.ACTIVATION,
    source="torch.nn.PReLU; He et al., Delving deep into rectifiers, ICCV 2015",
    common=False,
)
class PReLU(Weighted):
    """A LeakyReLU that learns its slope: one for all entries, or one for each channel (axis 1).

    Formula: `y = max(0, x) + weight · min(0, x)`.
    """

    num_parameters: int = count("1, or the number of channels", default=1)
    start: float = number("what the slopes start with (torch calls it `init`)", default=0.25, in_torch=False)
    torch = Module(
        "nn.PReLU", keywords={"init": lambda layer, d: None if layer.start == 0.25 else layer.start}
    )

    def limits(self, d: Scope) -> None:
        if self.num_parameters == 1:
            return
        given = d["x"]
        if len(given.shape) < 2:
            text = f"`num_parameters` is {self.num_parameters}, but {given.text} has no channels (axis 1); set it to 1"
            d.fail("bad-value", text, port="x", field="num_parameters")
        channels = given.shape[1]
        wanted = (given.shape[0], self.num_parameters, *given.shape[2:])
        text = (
            f"`num_parameters` is {self.num_parameters}, but `x` is {given.text}, so that {shape_text(wanted)} is "
            f"wanted; set it to 1 or {channels}"
        )
        d.require(equal(channels, self.num_parameters), "size-mismatch", text, port="x", wanted=wanted)

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return {"weight": (self.num_parameters,)}


@layer(
    Category.ACTIVATION,
    source="torch.nn.RReLU; Xu et al., Empirical evaluation of rectified activations, 2015",
    common=False,
)
class RReLU(Layer):
    """A LeakyReLU whose slope is drawn anew for each entry while training; afterwards it is the mean slope.

    Formula: `y = max(0, x) + a · min(0, x)`, with a drawn between `lower` and `upper`.
    """

    inputs = {"x": "*S : float32 float64 bfloat16"}
    lower: float = number("smallest slope", default=1 / 8)
    upper: float = number("largest slope", default=1 / 3)
    torch = Module("nn.RReLU")

    def limits(self, d: Scope) -> None:
        if self.lower > self.upper:
            text = f"`lower` is {self.lower:g} and `upper` {self.upper:g}; put the smaller one into `lower`"
            d.fail("bad-value", text, field="lower")


@layer(
    Category.ACTIVATION,
    source="torch.nn.ELU; Clevert, Unterthiner and Hochreiter, Exponential linear units, ICLR 2016",
    common=False,
)
class ELU(Layer):
    """Bends negative entries smoothly towards `-alpha`.

    Formula: `y = max(0, x) + alpha · (exp(min(0, x)) - 1)`.
    """

    alpha: float = number("what very negative entries tend to, without its sign", default=1.0)
    torch = Function("F.elu", module="nn.ELU")


@layer(
    Category.ACTIVATION,
    source="torch.nn.CELU; Barron, Continuously differentiable exponential linear units, 2017",
    common=False,
)
class CELU(Layer):
    """An ELU without a kink at 0, whatever `alpha` is.

    Formula: `y = max(0, x) + min(0, alpha · (exp(x / alpha) - 1))`.
    """

    alpha: float = number("what very negative entries tend to, without its sign; not 0", default=1.0)
    torch = Function("F.celu", module="nn.CELU")

    def limits(self, d: Scope) -> None:
        if self.alpha == 0:
            d.fail("bad-value", "`alpha` is 0, by which CELU divides; set another number", field="alpha")


@layer(
    Category.ACTIVATION,
    source="torch.nn.SELU; Klambauer et al., Self-normalizing neural networks, NeurIPS 2017",
    common=False,
)
class SELU(Layer):
    """An ELU whose constants keep mean and variance from layer to layer (with LeCun's initialisation).

    Formula: `y = 1.0507 · (max(0, x) + 1.6733 · (exp(min(0, x)) - 1))`.
    """

    torch = Function("F.selu", module="nn.SELU")
