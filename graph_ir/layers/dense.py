"""Dense layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from graph_ir.declare import Weighted, count, flag, layer
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.layers._dtypes import require_same_dtype
from graph_ir.recipes import Function, Module
from graph_ir.requirements import equal
from graph_ir.signature import TensorType
from graph_ir.spec import Category, Layer


def _warn_over_space(d: Scope, port: str) -> None:
    role = d[port].roles[-1]
    if role in ("H", "W", "D", "T", "S"):
        text = (
            f"it acts on the last axis of {d[port].text}, which is {role}, not a feature axis; add a Flatten or "
            "Permute in front if that is not meant"
        )
        d.warn("linear-over-space", text, port=port)


@layer(Category.DENSE, source="torch.nn.Linear", aliases=("Dense", "FullyConnected", "TimeDistributedDense"))
class Linear(Weighted):
    """Multiplies the last axis by a learned matrix: a dense layer.

    Formula: y = W·x + b.
    """

    inputs = {"x": "*S F"}
    outputs = {"y": "*S out_features"}
    adapters: ClassVar[Mapping[str, str]] = {"N C H W": "Flatten"}
    out_features: int = count("number of results per sample", start=64, role="F")
    bias: bool = flag("add a learned offset per result", default=True)
    torch = Module("nn.Linear", {"in_features": "F"})

    def limits(self, d: Scope) -> None:
        _warn_over_space(d, "x")

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return {"weight": (self.out_features, d.F)} | ({"bias": (self.out_features,)} if self.bias else {})

    def macs(self, d: Scope) -> Dim:
        return product(d["x"].shape) * self.out_features


@layer(Category.DENSE, source="torch.nn.Bilinear", common=False)
class Bilinear(Weighted):
    """Joins two inputs by a learned form for each result: every pair of their features has a weight.

    All axes but the last must be equal.

    Formula: y_k = x1ᵀ·W_k·x2 + b_k.
    """

    inputs = {"input1": "*S F", "input2": "*R G"}
    outputs = {"y": "*S out_features"}
    out_features: int = count("number of results per sample", start=64, role="F")
    bias: bool = flag("add a learned offset per result", default=True)
    torch = Module("nn.Bilinear", {"in1_features": "F", "in2_features": "G"})

    def limits(self, d: Scope) -> None:
        wanted = (*d.run("*S"), d.G)
        text = (
            f"`input2` is {d['input2'].text}, but `input1` is {d['input1'].text}, and all axes but the last must be "
            "equal; wire tensors whose sizes agree"
        )
        same_rank = len(d.run("*R")) == len(d.run("*S"))
        d.require(same_rank, "size-mismatch", text, port="input2", wanted=wanted)
        for a, b in zip(d.run("*R"), d.run("*S"), strict=True):
            d.require(equal(a, b), "size-mismatch", text, port="input2", wanted=wanted)
        for port in ("input1", "input2"):
            _warn_over_space(d, port)

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        found: dict[str, tuple[Dim, ...]] = {"weight": (self.out_features, d.F, d.G)}
        return found | ({"bias": (self.out_features,)} if self.bias else {})

    def macs(self, d: Scope) -> Dim:
        return product(d["input1"].shape) * d.G * self.out_features


@layer(
    Category.DENSE,
    source=(
        "torch.nn.functional.linear; Press and Wolf, Using the output embedding to improve language models, EACL 2017"
    ),
    aliases=("TiedDense", "WeightTying", "ReversibleEmbedding"),
    common=False,
)
class TiedLinear(Layer):
    """Multiplies the last axis by a matrix that another layer has: the head of a language model, tied to its Embedding.

    Wire `weight` to the output `weight` of an Embedding, (V, F): every index gets a score.

    Formula: y = weight·x.
    """

    inputs = {"x": "*S F", "weight": "V F"}
    outputs = {"y": "*S V"}
    torch = Function("F.linear")

    def limits(self, d: Scope) -> None:
        require_same_dtype(d, "x", "weight")
        _warn_over_space(d, "x")
        d.warn_if_batch("weight", (0, 1), "it takes scalar products")
        d.mixes("weight", (0, 1), "it takes scalar products")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        last = len(given.shape) - 1
        made = d.rearranged("x", (*d.run("*S"), d.V), (*range(last), None))
        return {"y": replace(made, roles=(*given.roles[:-1], "F"))}

    def macs(self, d: Scope) -> Dim:
        return product(d["x"].shape) * d.V
