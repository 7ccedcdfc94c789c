"""Dense layers and embeddings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from graph_ir.declare import Weighted, count, flag, layer, number, option
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Nothing, Number
from graph_ir.recipes import Module
from graph_ir.spec import Category


@layer(Category.DENSE, source="torch.nn.Linear", aliases=("Dense", "FullyConnected"))
class Linear(Weighted):
    """Multiplies the last axis by a learned matrix: a dense layer."""

    inputs = {"x": "*S F"}
    outputs = {"y": "*S out_features"}
    adapters: ClassVar[Mapping[str, str]] = {"N C H W": "Flatten"}
    out_features: int = count("number of results per sample", start=64, role="F")
    bias: bool = flag("add a learned offset per result", default=True)
    torch = Module("nn.Linear", {"in_features": "F"})

    def limits(self, d: Scope) -> None:
        role = d["x"].roles[-1]
        if role in ("H", "W", "D", "T"):
            text = (
                f"it acts on the last axis of {d['x'].text}, which is {role}, not a feature axis; add a Flatten or "
                "Permute in front if that is not meant"
            )
            d.warn("linear-over-space", text, port="x")

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return {"weight": (self.out_features, d.F)} | ({"bias": (self.out_features,)} if self.bias else {})

    def macs(self, d: Scope) -> Dim:
        return product(d["x"].shape) * self.out_features


@layer(Category.DENSE, source="torch.nn.Embedding")
class Embedding(Weighted):
    """Looks up a learned vector for every index."""

    inputs = {"x": "*S : int"}
    outputs = {"y": "*S embedding_dim : float32", "weight": "num_embeddings embedding_dim : float32"}
    num_embeddings: int = count("number of different indices", start=1000)
    embedding_dim: int = count("length of each vector", start=32, role="F")
    padding_idx: int | None = option(
        Either(Nothing(), Integer()), "index whose vector stays 0; null: none", default=None
    )
    max_norm: float | None = option(
        Either(Nothing(), Number(0, above=True)),
        "vectors longer than this are shortened; null: never",
        default=None,
    )
    norm_type: float = number("the p of the norm that `max_norm` measures", low=0, above=True, default=2.0)
    scale_grad_by_freq: bool = flag(
        "divide gradients by how often an index occurs in the batch", default=False
    )
    sparse: bool = flag("sparse gradients (only some optimisers take them)", default=False)
    torch = Module("nn.Embedding", attributes={"weight": "weight"})

    def limits(self, d: Scope) -> None:
        n = self.num_embeddings
        if self.padding_idx is not None and not -n <= self.padding_idx < n:
            text = f"`padding_idx` is {self.padding_idx}, but there are {n} vectors; use -{n} to {n - 1}"
            d.fail("bad-value", text, field="padding_idx")

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return {"weight": (self.num_embeddings, self.embedding_dim)}
