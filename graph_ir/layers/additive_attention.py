"""Additive attention: how well a step fits is said by a small learned network, not by a scalar product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from graph_ir.declare import Weighted, count, layer
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.layers import _masks
from graph_ir.recipes import Module, Variables
from graph_ir.spec import Category

_ADDITIVE = '''
class AdditiveAttention(nn.Module):
    """Pools (N, T, F) to (N, F): steps count by how well they fit a learned context.

    `valid` (N, T) is true at the steps that count; a sample without any gives zeros.
    """

    def __init__(self, features: int, hidden_size: int) -> None:
        super().__init__()
        self.project = nn.Linear(features, hidden_size)
        self.context = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, x: Tensor, valid: Tensor | None = None) -> tuple[Tensor, Tensor]:
        if valid is None:
            valid = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device)
        x = x.masked_fill(~valid[:, :, None], 0.0)
        score = self.context(torch.tanh(self.project(x)))[:, :, 0]
        score = score.masked_fill(~valid, torch.finfo(score.dtype).min)
        weights = score.softmax(dim=1).masked_fill(~valid, 0.0)
        return (weights[:, None] @ x)[:, 0], weights
'''

_BAHDANAU = '''
class BahdanauAttention(nn.Module):
    """Lets every step of `query` (N, L, E) collect from the steps of `key` (N, S, K).

    Gives the context (N, L, K) and the weights (N, L, S). `padding` (N, S) is true
    where a key is ignored; a sample of which all are gives zeros.
    """

    def __init__(self, query_size: int, key_size: int, hidden_size: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_size, hidden_size)
        self.key = nn.Linear(key_size, hidden_size, bias=False)
        self.score = nn.Linear(hidden_size, 1, bias=False)

    def forward(
        self, query: Tensor, key: Tensor, padding: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        if padding is None:
            padding = torch.zeros(key.shape[:2], dtype=torch.bool, device=key.device)
        if padding.shape != key.shape[:2] or len(query) != len(key):
            raise ValueError("the batches of query, key and padding must be equal")
        key = key.masked_fill(padding[:, :, None], 0.0)
        hidden = torch.tanh(self.query(query)[:, :, None] + self.key(key)[:, None])
        score = self.score(hidden)[:, :, :, 0]
        score = score.masked_fill(padding[:, None], torch.finfo(score.dtype).min)
        weights = score.softmax(dim=2).masked_fill(padding[:, None], 0.0)
        return torch.bmm(weights, key), weights
'''


def _additive_call(layer: AdditiveAttention, v: Variables) -> str:
    return ", ".join(filter(None, [v["x"], v.valid("x", 1)]))


@layer(
    Category.ATTENTION,
    source="Yang et al., Hierarchical attention networks for document classification, NAACL 2016",
    aliases=("AttentionWithContext", "AttentionPooling"),
    common=False,
)
class AdditiveAttention(Weighted):
    """Pools a sequence to one vector: a mean whose weights say how well each step fits a learned context vector.

    Steps behind the lengths that `x` carries get the weight 0; a sequence of length 0 gives zeros.

    Formula: u_t = tanh(W·x_t + b), a = softmax over t of u_t·c, y = Σ_t a_t·x_t.
    """

    inputs = {"x": "N T F"}
    outputs = {"y": "N F", "weights": "N T"}
    consumes: ClassVar[bool] = True
    hidden_size: int = count("length of the context vector", start=64, in_torch=False)
    torch = Module(
        "AdditiveAttention",
        {"features": "F", "hidden_size": lambda layer, d: layer.hidden_size},
        call=_additive_call,
        returns="y, weights",
        helper=_ADDITIVE,
    )

    def limits(self, d: Scope) -> None:
        d.mixes("x", (2,), "it multiplies by a matrix")

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        hidden = self.hidden_size
        return {
            "project.weight": (hidden, d.F),
            "project.bias": (hidden,),
            "context.weight": (1, hidden),
        }

    def macs(self, d: Scope) -> Dim:
        return d.N * d.T * (d.F * self.hidden_size + self.hidden_size + d.F)


def _bahdanau_call(layer: BahdanauAttention, v: Variables) -> str:
    padding = _masks.padded(v, "key", "key_padding_mask", least=0)
    return ", ".join(filter(None, [v["query"], v["key"], padding]))


@layer(
    Category.ATTENTION,
    source="Bahdanau, Cho and Bengio, Neural machine translation by jointly learning to align and translate, ICLR 2015",
    aliases=("AdditiveCrossAttention",),
    common=False,
)
class BahdanauAttention(Weighted):
    """Lets every step of `query` collect from the steps of `key`, which a small learned network finds fitting.

    `key_padding_mask` is true where a key is ignored; so are keys behind the lengths that `key` carries. Without any
    key left the result is zeros.

    Formula: e_ij = v·tanh(W·query_i + b + U·key_j), weights = softmax over j of e, y_i = Σ_j weights_ij·key_j.
    """

    inputs = {"query": "N L E", "key": "N S K", "key_padding_mask?": "N S : bool"}
    outputs = {"y": "N L K", "weights": "N L S"}
    consumes: ClassVar[bool] = True
    hidden_size: int = count("width in which queries and keys are compared", start=64, in_torch=False)
    torch = Module(
        "BahdanauAttention",
        {"query_size": "E", "key_size": "K", "hidden_size": lambda layer, d: layer.hidden_size},
        call=_bahdanau_call,
        returns="y, weights",
        helper=_BAHDANAU,
    )

    def limits(self, d: Scope) -> None:
        for port in ("query", "key"):
            d.mixes(port, (2,), "it multiplies by a matrix")

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        hidden = self.hidden_size
        return {
            "query.weight": (hidden, d.E),
            "query.bias": (hidden,),
            "key.weight": (hidden, d.K),
            "score.weight": (1, hidden),
        }

    def macs(self, d: Scope) -> Dim:
        hidden = self.hidden_size
        compared = d.L * d.E * hidden + d.S * d.K * hidden + d.L * d.S * hidden
        return d.N * (compared + d.L * d.S * d.K)
