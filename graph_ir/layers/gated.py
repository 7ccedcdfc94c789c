"""Gated activations: one half of an axis weighs the other, so that the axis is halved."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import layer, option
from graph_ir.infer import Scope
from graph_ir.kinds import Integer
from graph_ir.recipes import Expr, Function, Variables
from graph_ir.requirements import divisible
from graph_ir.signature import TensorType
from graph_ir.spec import Category, Layer

_SHAZEER = "Shazeer, GLU variants improve Transformer, 2020"


class _Gated(Layer):
    """What gates have in common: the first half of the axis is weighed by a function of the second."""

    dim: int = option(Integer(), "axis that is halved; counts the batch axis", default=-1)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        axis = d.axis("x", self.dim)
        size = given.shape[axis]
        text = (
            f"axis {axis} of {given.text} has {size} entries, which can't be halved; choose another `dim`, or make "
            "their number even in the layer in front"
        )
        wanted = (*given.shape[:axis], size + 1, *given.shape[axis + 1 :])
        d.require(divisible(size, 2), "shape-mismatch", text, port="x", wanted=wanted)
        d.warn_if_batch("x", (axis,), "it gates")
        d.mixes("x", (axis,), "it gates one half by the other")
        shape = (*given.shape[:axis], size // 2, *given.shape[axis + 1 :])
        return {"y": d.rearranged("x", shape, range(len(shape)))}


@layer(
    Category.ACTIVATION,
    source="torch.nn.GLU; Dauphin et al., Language modeling with gated convolutional networks, ICML 2017",
    common=False,
)
class GLU(_Gated):
    """Weighs the first half of an axis by the sigmoid of the second half.

    Formula: `y = a · sigmoid(b)`, with a the first and b the second half of x along `dim`.
    """

    torch = Function("F.glu", module="nn.GLU")


def _swiglu(layer: SwiGLU, v: Variables) -> str:
    """`a·b·sigmoid(b)`; F.glu also refuses an odd size."""
    return f"F.glu({v['x']}, dim={layer.dim}) * {v['x']}.chunk(2, dim={layer.dim})[1]"


@layer(Category.ACTIVATION, source=f"torch.nn.functional.silu; {_SHAZEER}", common=False)
class SwiGLU(_Gated):
    """Weighs the first half of an axis by the SiLU of the second half.

    Formula: `y = a · b · sigmoid(b)`, with a the first and b the second half of x along `dim`.
    """

    torch = Expr(_swiglu)


def _geglu(layer: GEGLU, v: Variables) -> str:
    halves = f"{v['x']}.chunk(2, dim={layer.dim})"
    return f"{halves}[0] * F.gelu({halves}[1])"


@layer(Category.ACTIVATION, source=f"torch.nn.functional.gelu; {_SHAZEER}", common=False)
class GEGLU(_Gated):
    """Weighs the first half of an axis by the GELU of the second half.

    Formula: `y = a · b · Φ(b)`, with a the first and b the second half of x along `dim`.
    """

    torch = Expr(_geglu)
