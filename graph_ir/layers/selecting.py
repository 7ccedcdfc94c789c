"""Choosing between branches entry by entry: gates, conditions, masks, comparisons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from graph_ir.declare import layer, number
from graph_ir.infer import Scope
from graph_ir.layers.merge import Pairwise, broadcast, result_dtype
from graph_ir.recipes import Expr
from graph_ir.signature import INTS, TensorType
from graph_ir.spec import Category, Layer

_LARGEST = {
    "float16": 65504.0,
    "bfloat16": 3.3895313892515355e38,
    "float32": 3.4028234663852886e38,
    "int32": 2.0**31 - 1,
    "int64": 2.0**63 - 1024,
}
"""The largest number that a dtype holds (of int64: the largest that is also a float)."""


@layer(
    Category.MERGE,
    source="Srivastava et al., Highway networks, 2015",
    aliases=("Highway", "Lerp", "Blend"),
    common=False,
)
class GatedSum(Layer):
    """Blends two branches entry by entry: where the gate is 1 it gives `x1`, where it is 0 `x2`.

    Formula: y = gate · x1 + (1 - gate) · x2
    """

    inputs = {"gate": "*S : number", "x1": "*P : any", "x2": "*Q : any"}
    torch = Expr(lambda layer, v: f"{v['gate']} * {v['x1']} + (1 - {v['gate']}) * {v['x2']}")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        gate = ("gate", d["gate"])
        left = broadcast(d, "shape-mismatch", [gate, ("x1", d["x1"])])
        right = broadcast(d, "shape-mismatch", [gate, ("x2", d["x2"])])
        return {"y": broadcast(d, "shape-mismatch", [("x1", left), ("x2", right)])}


@layer(Category.MERGE, source="torch.where", aliases=("Switch", "IfElse"), common=False)
class Where(Layer):
    """Takes the entry of `x1` where `mask` is true, else that of `x2`."""

    inputs = {"mask": "*S : bool", "x1": "*P : any", "x2": "*Q : any"}
    torch = Expr(lambda layer, v: f"torch.where({v['mask']}, {v['x1']}, {v['x2']})")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        total = broadcast(d, "shape-mismatch", [(port, d[port]) for port in ("mask", "x1", "x2")])
        return {"y": replace(total, dtype=result_dtype(d["x1"], d["x2"]))}


@layer(Category.MERGE, source="torch.Tensor.masked_fill", aliases=("Masking",), common=False)
class MaskedFill(Layer):
    """Puts `value` where `mask` is true, and leaves all other entries as they are."""

    inputs = {"x": "*S : any", "mask": "*P : bool"}
    value: float = number("what stands where the mask is true", start=0.0)
    torch = Expr(lambda layer, v: f"{v['x']}.masked_fill({v['mask']}, {layer.value!r})")

    def limits(self, d: Scope) -> None:
        dtype = d["x"].dtype
        most = _LARGEST.get(dtype, math.inf)
        if abs(self.value) > most:
            text = f"`value` is {self.value:g}, but `x` is {dtype}, which holds at most {most:g}; use a smaller number"
            d.fail("bad-value", text, port="x", field="value")
        if dtype in INTS and not self.value.is_integer():
            text = f"`value` is {self.value:g}, but `x` is {dtype}, so that it is cut to {int(self.value)}"
            d.warn("cut-fraction", f"{text}; put a Cast in front, or use an integer", port="x")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        total = broadcast(d, "shape-mismatch", [("x", d["x"]), ("mask", d["mask"])])
        return {"y": replace(total, dtype=d["x"].dtype)}


class _Comparison(Pairwise):
    """True or false for each pair of entries."""

    gives = "bool"


@layer(Category.MERGE, source="torch.gt", aliases=("Gt",), common=False)
class Greater(_Comparison):
    """Says where the first branch is larger than the second.

    Formula: y = x1 > x2
    """

    torch = Expr(lambda layer, v: f"{v['x1']} > {v['x2']}")


@layer(Category.MERGE, source="torch.lt", aliases=("Lt",), common=False)
class Less(_Comparison):
    """Says where the first branch is smaller than the second.

    Formula: y = x1 < x2
    """

    torch = Expr(lambda layer, v: f"{v['x1']} < {v['x2']}")


@layer(Category.MERGE, source="torch.eq", aliases=("Eq",), common=False)
class Equal(_Comparison):
    """Says where two branches hold the same number.

    Formula: y = x1 == x2
    """

    torch = Expr(lambda layer, v: f"{v['x1']} == {v['x2']}")
