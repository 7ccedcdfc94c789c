"""Functions of one tensor, entry by entry: what is no activation but stands in formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from graph_ir.declare import layer, number, option
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Nothing, Number
from graph_ir.layers.merge import as_float, broadcast
from graph_ir.recipes import Expr, Variables
from graph_ir.signature import TensorType
from graph_ir.spec import Category, Layer


def _function(name: str) -> Expr:
    return Expr(lambda layer, v: f"torch.{name}({v['x']})")


class _AsFloat(Layer):
    """A function whose results are floats, also of ints and bools."""

    inputs = {"x": "*S : any"}

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        return {"y": replace(d["x"], dtype=as_float(d["x"].dtype))}


@layer(Category.MERGE, source="torch.abs", aliases=("Absolute",), common=False)
class Abs(Layer):
    """Drops the sign of every entry.

    Formula: y = |x|
    """

    inputs = {"x": "*S : number"}
    torch = _function("abs")


@layer(Category.MERGE, source="torch.neg", aliases=("Negative", "Negate"), common=False)
class Neg(Layer):
    """Turns the sign of every entry.

    Formula: y = -x
    """

    inputs = {"x": "*S : number"}
    torch = Expr(lambda layer, v: f"-{v['x']}")


@layer(Category.MERGE, source="torch.sign", common=False)
class Sign(Layer):
    """Gives -1, 0 or 1: the sign of every entry. No gradient passes through it."""

    inputs = {"x": "*S : any"}
    torch = _function("sign")


@layer(Category.MERGE, source="torch.exp", aliases=("Exponential",), common=False)
class Exp(_AsFloat):
    """Raises e to the power of every entry.

    Formula: y = e^x
    """

    torch = _function("exp")


@layer(Category.MERGE, source="torch.log", aliases=("Logarithm",), common=False)
class Log(_AsFloat):
    """Takes the natural logarithm of every entry; it is -inf at 0 and NaN below.

    Formula: y = ln x
    """

    torch = _function("log")


@layer(Category.MERGE, source="torch.sqrt", aliases=("SquareRoot",), common=False)
class Sqrt(_AsFloat):
    """Takes the square root of every entry; it is NaN below 0, and its slope at 0 is infinite.

    Formula: y = √x
    """

    torch = _function("sqrt")


@layer(Category.MERGE, source="torch.reciprocal", aliases=("Inverse",), common=False)
class Reciprocal(_AsFloat):
    """Divides 1 by every entry.

    Formula: y = 1 / x
    """

    torch = _function("reciprocal")


@layer(Category.MERGE, source="torch.sin", common=False)
class Sin(_AsFloat):
    """Takes the sine of every entry (in radians).

    Formula: y = sin x
    """

    torch = _function("sin")


@layer(Category.MERGE, source="torch.cos", common=False)
class Cos(_AsFloat):
    """Takes the cosine of every entry (in radians).

    Formula: y = cos x
    """

    torch = _function("cos")


@layer(Category.MERGE, source="torch.pow", aliases=("Power", "Square"), common=False)
class Pow(_AsFloat):
    """Raises every entry to a power; a fractional power of a negative entry is NaN.

    Formula: y = x^exponent
    """

    exponent: float = number("the power", start=2.0)
    torch = Expr(lambda layer, v: f"{v['x']}.pow({layer.exponent!r})")


def _operand(value: float) -> str:
    return f"({value!r})" if value < 0 else repr(value)


@layer(
    Category.MERGE, source="torch.mul", aliases=("Rescaling", "ScalarMultiply", "Temperature"), common=False
)
class Scale(_AsFloat):
    """Multiplies every entry by a fixed number.

    Formula: y = x · factor
    """

    factor: float = number("what every entry is multiplied by", start=0.5)
    torch = Expr(lambda layer, v: f"{v['x']} * {_operand(layer.factor)}")


_BOUND = Either(Nothing(), Number())


def _clamp(layer: Clamp, v: Variables) -> str:
    bounds = (("min", layer.min), ("max", layer.max))
    given = [f"{name}={value!r}" for name, value in bounds if value is not None]
    return f"{v['x']}.clamp({', '.join(given)})"


@layer(Category.MERGE, source="torch.clamp", aliases=("Clip", "ClipByValue"), common=False)
class Clamp(_AsFloat):
    """Lifts entries below `min` to it, and lowers those above `max` to that.

    Formula: y = min(max(x, min), max)
    """

    min: float | None = option(_BOUND, "the smallest result; null: no limit", default=None, start=0.0)
    max: float | None = option(_BOUND, "the largest result; null: no limit", default=None, start=1.0)
    torch = Expr(_clamp)

    def limits(self, d: Scope) -> None:
        if self.min is None and self.max is None:
            d.fail("missing-field", "`min` and `max` are both missing; give one of them", field="min")
        if self.min is not None and self.max is not None and self.min > self.max:
            text = f"`min` is {self.min:g}, above `max`, so that every entry becomes {self.max:g}; swap them"
            d.warn("bounds-swapped", text)


def _sample(layer: ReparameterizedSample, v: Variables) -> str:
    mu, logvar = v["mu"], v["logvar"]
    return f"{mu} + torch.exp({logvar} / 2) * torch.randn_like({mu})"


@layer(
    Category.MERGE,
    source="Kingma and Welling, Auto-encoding variational Bayes, ICLR 2014",
    aliases=("Sampling", "Reparameterize", "VAESample"),
    common=False,
)
class ReparameterizedSample(Layer):
    """Draws from a normal distribution so that gradients reach its mean and variance: the middle of a VAE.

    Draws in use too, not only while training; wire `mu` alone where the mean is wanted.

    Formula: y = mu + exp(logvar / 2) · ε, where ε is standard normal noise
    """

    inputs = {"mu": "*S", "logvar": "*P : any"}
    torch = Expr(_sample)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        mu, logvar = d["mu"], replace(d["logvar"], dtype=as_float(d["logvar"].dtype))
        total = broadcast(d, "shape-mismatch", [("mu", mu), ("logvar", logvar)])
        if total.shape != mu.shape:
            text = f"`mu` is {mu.text}, but `logvar` {logvar.text}: samples share their noise; give both one shape"
            d.warn("shared-noise", text, port="logvar")
        return {"y": total}
