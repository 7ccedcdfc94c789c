"""Attention: every step looks at all the others. A mask is true where something is ignored."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import ClassVar

from graph_ir.declare import Weighted, count, flag, layer, number, option
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Flag, Nothing, Number
from graph_ir.layers import _masks
from graph_ir.layers._dtypes import require_same_dtype
from graph_ir.layers.merge import broadcast
from graph_ir.recipes import Expr, Module, Variables
from graph_ir.requirements import equal
from graph_ir.signature import Length, TensorType, shape_text
from graph_ir.spec import Category, Layer


def _call(layer: MultiheadAttention, v: Variables) -> str:
    keys = "value" if v.lengths("key", 1) is None else "key"
    arguments = [v["query"], v["key"], v["value"]]
    arguments += _masks.arguments(
        key_padding_mask=_masks.padded(v, keys, "key_padding_mask"),
        attn_mask=_masks.future(v, "query", "key", "attn_mask", causal=layer.causal),
    )
    if "weights" not in v.used:
        arguments.append("need_weights=False")
    return ", ".join(arguments)


def _other(size: Dim, width: Dim) -> Dim | None:
    """A width that differs from the query's, or None: torch's default."""
    return None if size == width else size


@layer(
    Category.ATTENTION,
    source="torch.nn.MultiheadAttention; Vaswani et al., Attention is all you need, NeurIPS 2017",
    aliases=("MultiHeadAttention", "SelfAttention"),
)
class MultiheadAttention(Weighted):
    """Lets every step of `query` collect from the steps of `value` whose `key` fits. A mask is true where ignored.

    Keys that carry lengths are ignored where they are padding.

    Formula: y = concat(head_1 … head_h)·W_O with head_i = softmax(Q·W_Qi·(K·W_Ki)ᵀ / √(E/h))·V·W_Vi.
    """

    inputs = {
        "query": "N L E",
        "key": "N S K",
        "value": "N S V",
        "key_padding_mask?": "N S : bool",
        "attn_mask?": "*H L S : bool",
    }
    outputs = {"y": "N L E", "weights": "N L S'"}
    withheld: ClassVar[Mapping[str, str]] = {
        "weights": "with `add_bias_kv` or `add_zero_attn` that has entries behind the padding of each sample, which no "
        "length tells apart; set both to false"
    }
    consumes: ClassVar[bool] = True
    num_heads: int = count("parallel heads; must divide the width of `query`", start=4)
    dropout: float = number("share of attention weights set to 0 while training", low=0, high=1, default=0.0)
    bias: bool = flag("add learned offsets", default=True)
    add_bias_kv: bool = flag("add a learned step to key and value", default=False)
    add_zero_attn: bool = flag("add a step of zeros to key and value", default=False)
    causal: bool = option(Flag(), "ignore keys later than the query", default=False, in_torch=False)
    torch = Module(
        "nn.MultiheadAttention",
        {"embed_dim": "E"},
        keywords={"kdim": lambda layer, d: _other(d.K, d.E), "vdim": lambda layer, d: _other(d.V, d.E)},
        fixed={"batch_first": True},
        call=_call,
        returns="y, weights",
    )

    def tail(self) -> float | None:
        return 0.0  # a weight of 0 leaves nothing of a padded step, unless that is infinite or NaN (the log of 0)

    def limits(self, d: Scope) -> None:
        if isinstance(d.E, int) and d.E % self.num_heads:
            text = (
                f"`num_heads` is {self.num_heads}, but `query` is {d['query'].text} and its width {d.E} is no multiple "
                "of it; change one of them"
            )
            d.fail("bad-value", text, port="query", field="num_heads")
        _masks.check_heads(d, "attn_mask", "*H", self.num_heads)
        for port in ("query", "key", "value"):
            d.mixes(port, (2,), "it takes scalar products")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        found = d.outputs_from_signature(self.sizes(d))
        if (self.add_bias_kv or self.add_zero_attn) and d["key"].length(1):
            del found["weights"]
        return found

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        return {"S'": d.S + self.add_bias_kv + self.add_zero_attn}

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        width = d.E
        found: dict[str, tuple[Dim, ...]] = {}
        if {d.K, d.V} == {width}:
            found["in_proj_weight"] = (3 * width, width)
        else:
            found["q_proj_weight"] = (width, width)
            found["k_proj_weight"] = (width, d.K)
            found["v_proj_weight"] = (width, d.V)
        if self.bias:
            found["in_proj_bias"] = (3 * width,)
            found["out_proj.bias"] = (width,)
        if self.add_bias_kv:
            found["bias_k"] = found["bias_v"] = (1, 1, width)
        found["out_proj.weight"] = (width, width)
        return found

    def macs(self, d: Scope) -> Dim:
        steps = d.S + self.add_bias_kv + self.add_zero_attn
        projections = 2 * d.L * d.E * d.E + d.S * d.E * (d.K + d.V)
        return d.N * (projections + 2 * d.L * steps * d.E)


def _scaled(layer: ScaledDotProductAttention, v: Variables) -> str:
    """Torch's mask is true where something is kept, contrary to all its others."""
    mask = _kept(layer, v)
    arguments = [v["query"], v["key"], v["value"], *_masks.arguments(attn_mask=mask)]
    if layer.dropout_p:
        arguments.append(f"dropout_p={layer.dropout_p} if self.training else 0.0")
    if layer.is_causal and mask is None:
        arguments.append("is_causal=True")
    if layer.scale is not None:
        arguments.append(f"scale={layer.scale}")
    return f"F.scaled_dot_product_attention({', '.join(arguments)})"


def _kept(layer: ScaledDotProductAttention, v: Variables) -> str | None:
    """What takes part, where a mask is wired or the keys carry lengths."""
    rank = v.rank("key")
    valid = v.valid("key", rank - 2, least=1) or v.valid("value", rank - 2, least=1)
    parts = [f"~{v['attn_mask']}"] if "attn_mask" in v else []
    parts += [f"{valid}[:, {'None, ' * (rank - 2)}:]"] if valid else []
    if not parts:
        return None
    if layer.is_causal:
        sizes = f"{v['query']}.shape[-2], {v['key']}.shape[-2]"
        parts.append(f"torch.tril({v['query']}.new_ones({sizes}, dtype=torch.bool))")
    found = parts.pop(0)
    for part in parts:
        found = f"torch.logical_and({found}, {part})"
    return found


@layer(
    Category.ATTENTION,
    source="torch.nn.functional.scaled_dot_product_attention; Vaswani et al., Attention is all you need, NeurIPS 2017",
    aliases=("DotProductAttention", "Attention"),
    common=False,
)
class ScaledDotProductAttention(Layer):
    """Attention without weights: the mean of `value`, each step counted by how well its `key` fits the `query`.

    Takes N L E, or N heads L E. `attn_mask` is true where a key is ignored, as everywhere here (torch's function means
    it the other way round: the printed code turns it over); keys that carry lengths are ignored where they are padding.

    Formula: y = softmax(Q·Kᵀ·scale)·V with scale = 1 / √E.
    """

    inputs = {"query": "N *B L E", "key": "M *K S E", "value": "P *V S W", "attn_mask?": "*A X Y : bool"}
    outputs = {"y": "N *B L W"}
    consumes: ClassVar[bool] = True
    dropout_p: float = number(
        "share of attention weights set to 0 while training", low=0, high=1, default=0.0
    )
    is_causal: bool = flag("ignore keys later than the query", default=False)
    scale: float | None = option(
        Either(Nothing(), Number()), "factor of the scalar products; null: 1 / √E", default=None
    )
    torch = Expr(_scaled)

    def tail(self) -> float | None:
        return 0.0  # a weight of 0 leaves nothing of a padded step, unless that is infinite or NaN (the log of 0)

    def limits(self, d: Scope) -> None:
        for port in ("query", "key", "value"):
            require_same_dtype(d, "query", port)
            d.mixes(port, (len(d[port].shape) - 1,), "it takes scalar products")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        query, key, value = d["query"], d["key"], d["value"]
        front = broadcast(d, "shape-mismatch", [("query", _front(query)), ("key", _front(key))])
        if d.wired("attn_mask"):
            self._limits_of_mask(d, (*front.shape, d.L, d.S))
        front = broadcast(d, "shape-mismatch", [("query", front), ("value", _front(value))])
        lengths = (*_front_lengths(d, len(front.shape)), query.length(len(query.shape) - 2), None)
        roles = (*front.roles, query.roles[-2], value.roles[-1])
        return {"y": TensorType((*front.shape, d.L, d.W), query.dtype, roles, lengths)}

    def _limits_of_mask(self, d: Scope, scores: tuple[Dim, ...]) -> None:
        mask = d["attn_mask"]
        text = (
            f"`attn_mask` is {mask.text}, but there is a score for each of {shape_text(scores)}; wire a mask of that "
            "shape, or one whose axes are 1 or missing at the front"
        )
        wanted = scores[max(0, len(scores) - len(mask.shape)) :]
        d.require(len(mask.shape) <= len(scores), "size-mismatch", text, port="attn_mask", wanted=wanted)
        for given, size in zip(mask.shape, wanted, strict=True):
            d.require(
                given == 1 or equal(given, size), "size-mismatch", text, port="attn_mask", wanted=wanted
            )

    def macs(self, d: Scope) -> Dim:
        scores = zip_longest(d["query"].shape[-3::-1], d["key"].shape[-3::-1], fillvalue=1)
        compared = product(a if b == 1 else b for a, b in scores) * d.E
        return (compared + product(d.out["y"].shape[:-2]) * d.W) * d.L * d.S


def _front(given: TensorType) -> TensorType:
    """The axes that are attended over side by side: batch and heads."""
    return TensorType(given.shape[:-2], given.dtype, given.roles[:-2])


def _front_lengths(d: Scope, rank: int) -> list[Length | None]:
    """The lengths that batch and heads carry on any port, counted from the back."""
    ports = [d[port] for port in ("query", "key", "value")]
    places = [(t, len(t.shape) - 2 - back) for back in range(rank, 0, -1) for t in ports]
    found = [t.length(axis) if axis >= 0 else None for t, axis in places]
    return [next(filter(None, found[i : i + 3]), None) for i in range(0, len(found), 3)]
