"""Attention: every step looks at all the others."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import Weighted, count, flag, layer, number
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.recipes import Module, Variables
from graph_ir.spec import Category


def _call(layer: MultiheadAttention, v: Variables) -> str:
    arguments = [v["query"], v["key"], v["value"]]
    arguments += [f"{mask}={v[mask]}" for mask in ("key_padding_mask", "attn_mask") if mask in v]
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
    """Lets every step of `query` collect from the steps of `value` whose `key` fits. A mask is true where ignored."""

    inputs = {
        "query": "N L E",
        "key": "N S K",
        "value": "N S V",
        "key_padding_mask?": "N S : bool",
        "attn_mask?": "L S : bool",
    }
    outputs = {"y": "N L E", "weights": "N L S'"}
    num_heads: int = count("parallel heads; must divide the width of `query`", start=4)
    dropout: float = number("share of attention weights set to 0 while training", low=0, high=1, default=0.0)
    bias: bool = flag("add learned offsets", default=True)
    add_bias_kv: bool = flag("add a learned step to key and value", default=False)
    add_zero_attn: bool = flag("add a step of zeros to key and value", default=False)
    torch = Module(
        "nn.MultiheadAttention",
        {"embed_dim": "E"},
        keywords={"kdim": lambda layer, d: _other(d.K, d.E), "vdim": lambda layer, d: _other(d.V, d.E)},
        fixed={"batch_first": True},
        call=_call,
        returns="y, weights",
    )

    def limits(self, d: Scope) -> None:
        if isinstance(d.E, int) and d.E % self.num_heads:
            text = (
                f"`num_heads` is {self.num_heads}, but `query` is {d['query'].text} and its width {d.E} is no multiple "
                "of it; change one of them"
            )
            d.fail("bad-value", text, port="query", field="num_heads")

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
