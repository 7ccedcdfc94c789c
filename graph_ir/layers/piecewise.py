"""Activations made of straight pieces: clipped, hard and shrinking ones."""

from __future__ import annotations

from graph_ir.declare import layer, number
from graph_ir.infer import Scope
from graph_ir.recipes import Function, Module
from graph_ir.spec import Category, Layer


@layer(
    Category.ACTIVATION,
    source="torch.nn.Hardsigmoid; Howard et al., Searching for MobileNetV3, ICCV 2019",
    aliases=("HardSigmoid",),
    common=False,
)
class Hardsigmoid(Layer):
    """A Sigmoid of three straight pieces.

    Formula: `y = min(max(0, x / 6 + 1 / 2), 1)`.
    """

    torch = Function("F.hardsigmoid", module="nn.Hardsigmoid")


@layer(
    Category.ACTIVATION,
    source="torch.nn.Hardswish; Howard et al., Searching for MobileNetV3, ICCV 2019",
    aliases=("HardSwish", "HardSiLU"),
    common=False,
)
class Hardswish(Layer):
    """Weighs every entry by its own Hardsigmoid.

    Formula: `y = x · min(max(0, x / 6 + 1 / 2), 1)`.
    """

    torch = Function("F.hardswish", module="nn.Hardswish")


@layer(Category.ACTIVATION, source="torch.nn.Hardtanh", aliases=("HardTanh",), common=False)
class Hardtanh(Layer):
    """Clips every entry to `min_val` … `max_val`.

    Formula: `y = min(max(min_val, x), max_val)`.
    """

    inputs = {"x": "*S : number"}
    min_val: float = number("smallest result", default=-1.0)
    max_val: float = number("largest result", default=1.0)
    torch = Module("nn.Hardtanh")

    def limits(self, d: Scope) -> None:
        if self.min_val >= self.max_val:
            text = (
                f"`min_val` is {self.min_val:g} and `max_val` {self.max_val:g}; make `max_val` the larger one"
            )
            d.fail("bad-value", text, field="max_val")


@layer(Category.ACTIVATION, source="torch.nn.Threshold", aliases=("ThresholdedReLU",), common=False)
class Threshold(Layer):
    """Replaces entries that are not above `threshold` by `value`.

    Formula: `y = x` where `x > threshold`, else `y = value`.
    """

    inputs = {"x": "*S : number"}
    threshold: float = number("entries above this stay", start=0.5)
    value: float = number("what the others become", start=0.0)
    torch = Function("F.threshold", module="nn.Threshold")


@layer(Category.ACTIVATION, source="torch.nn.Hardshrink", aliases=("HardShrink",), common=False)
class Hardshrink(Layer):
    """Sets entries close to 0 to 0.

    Formula: `y = x` where `|x| > lambd`, else `y = 0`.
    """

    lambd: float = number("entries up to this magnitude become 0", default=0.5)
    torch = Function("F.hardshrink", module="nn.Hardshrink")


@layer(Category.ACTIVATION, source="torch.nn.Softshrink", aliases=("SoftShrink",), common=False)
class Softshrink(Layer):
    """Moves every entry towards 0 by `lambd`, at most to 0.

    Formula: `y = sign(x) · max(0, |x| - lambd)`.
    """

    lambd: float = number("how far entries are moved", low=0, default=0.5)
    torch = Function("F.softshrink", module="nn.Softshrink")
