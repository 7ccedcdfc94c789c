"""Pooling over time: a sequence of any length becomes one vector."""

from __future__ import annotations

from typing import ClassVar

from graph_ir.declare import choice, layer
from graph_ir.infer import Scope
from graph_ir.recipes import Expr, Variables
from graph_ir.signature import FLOATS
from graph_ir.spec import Category, Layer


def _pooled(layer: MaskedPool, v: Variables) -> str:
    """The tail is filled already (`tail`): with zeros, or with -inf for the maximum."""
    x, lengths = v["x"], v.lengths("x", 1)
    if lengths is None:
        return {"mean": f"{x}.mean(dim=1)", "max": f"{x}.amax(dim=1)", "last": f"{x}[:, -1]"}[layer.mode]
    stretched = f"[:{', None' * (v.rank('x') - 2)}]" if v.rank("x") > 2 else ""
    if layer.mode == "mean":
        return f"{x}.sum(dim=1) / {lengths}.clamp(min=1){stretched}"
    if layer.mode == "max":
        return f"torch.where({lengths}{stretched} > 0, {x}.amax(dim=1), 0.0)"
    return f"{x}[torch.arange({x}.shape[0]), {lengths} - 1]"  # len() would fix the size for torch.export


@layer(
    Category.POOLING,
    source="torch.mean, torch.amax",
    aliases=("GlobalAveragePooling1D", "GlobalMaxPooling1D"),
    common=False,
)
class MaskedPool(Layer):
    """Pools a sequence over time to one vector: its mean, its largest entries, or its last step.

    Only valid steps count where the sequence carries lengths, so that padding changes nothing; a sequence of length 0
    gives zeros.

    Formula: mean: y = Σ_{t < length} x_t / length; max: y = max_{t < length} x_t; last: y = x_{length-1}.
    """

    inputs = {"x": "N T *F : any"}
    outputs = {"y": "N *F"}
    consumes: ClassVar[bool] = True
    mode: str = choice(
        ("mean", "max", "last"), "what is taken of the valid steps", default="mean", in_torch=False
    )
    torch = Expr(_pooled)

    def tail(self) -> float | None:
        return float("-inf") if self.mode == "max" else 0.0

    def limits(self, d: Scope) -> None:
        given = d["x"]
        d.mixes("x", range(2, len(given.shape)), "it pools")
        if given.dtype not in FLOATS and (self.mode == "mean" or (self.mode == "max" and given.length(1))):
            text = f"`x` is {given.dtype}, but a {self.mode} needs floats; use another `mode` or an Input of float32"
            d.fail("dtype", text, port="x")
