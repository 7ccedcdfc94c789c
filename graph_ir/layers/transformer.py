"""The layers of a transformer, whole. A mask is true where something is ignored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from graph_ir.declare import Weighted, choice, count, flag, layer, number, option
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.kinds import Flag
from graph_ir.layers import _masks
from graph_ir.recipes import Module, Variables
from graph_ir.spec import Category

_VASWANI = "Vaswani et al., Attention is all you need, NeurIPS 2017"


class _Transformer(Weighted):
    """What encoder and decoder layers have in common."""

    consumes: ClassVar[bool] = True
    nhead: int
    dim_feedforward: int
    bias: bool
    causal: bool

    def tail(self) -> float | None:
        return 0.0  # a weight of 0 leaves nothing of a padded step, unless that is infinite or NaN (the log of 0)

    def limits(self, d: Scope) -> None:
        first = next(iter(d.types))
        if isinstance(d.F, int) and d.F % self.nhead:
            text = (
                f"`nhead` is {self.nhead}, but `{first}` is {d[first].text} and its width {d.F} is no multiple of it; "
                "change one of them"
            )
            d.fail("bad-value", text, port=first, field="nhead")
        for port, run in (("src_mask", "*H"), ("tgt_mask", "*H"), ("memory_mask", "*J")):
            _masks.check_heads(d, port, run, self.nhead)
        for port in ("src", "tgt", "memory"):
            if d.wired(port):
                d.mixes(port, (2,), "it multiplies by a matrix")

    def attention(self, name: str, width: Dim) -> dict[str, tuple[Dim, ...]]:
        """The parameters of one attention block."""
        found: dict[str, tuple[Dim, ...]] = {
            f"{name}.in_proj_weight": (3 * width, width),
            f"{name}.out_proj.weight": (width, width),
        }
        if self.bias:
            found |= {f"{name}.in_proj_bias": (3 * width,), f"{name}.out_proj.bias": (width,)}
        return found

    def rest(self, width: Dim, norms: int) -> dict[str, tuple[Dim, ...]]:
        """The parameters of the feed-forward part and of the norms."""
        inner = self.dim_feedforward
        found: dict[str, tuple[Dim, ...]] = {
            "linear1.weight": (inner, width),
            "linear2.weight": (width, inner),
        }
        found |= {f"norm{i}.weight": (width,) for i in range(1, norms + 1)}
        if self.bias:
            found |= {"linear1.bias": (inner,), "linear2.bias": (width,)}
            found |= {f"norm{i}.bias": (width,) for i in range(1, norms + 1)}
        return found

    def attention_macs(self, queries: Dim, keys: Dim, width: Dim) -> Dim:
        """Projections of queries, keys, values and results; QKᵀ and AV."""
        return 2 * queries * width * width + 2 * keys * width * width + 2 * queries * keys * width


def _encoder_call(layer: TransformerEncoderLayer, v: Variables) -> str:
    masks = _masks.arguments(
        src_mask=_masks.future(v, "src", "src", "src_mask", causal=layer.causal),
        src_key_padding_mask=_masks.padded(v, "src", "src_key_padding_mask"),
    )
    return ", ".join([v["src"], *masks])


@layer(
    Category.ATTENTION,
    source=f"torch.nn.TransformerEncoderLayer; {_VASWANI}",
    aliases=("TransformerEncoder", "TransformerBlock"),
    common=False,
)
class TransformerEncoderLayer(_Transformer):
    """One layer of a transformer's encoder: self-attention, then two dense layers, each with a residual and a norm.

    Steps behind the lengths that `src` carries are ignored. With `causal` it is the layer of a decoder without
    encoder (GPT).

    Formula: h = norm(x + attention(x, x, x)), y = norm(h + W_2·activation(W_1·h + b_1) + b_2); with `norm_first` the
    norms stand at the inputs of both parts instead.
    """

    inputs = {"src": "N T F", "src_mask?": "*H T T : bool", "src_key_padding_mask?": "N T : bool"}
    outputs = {"y": "N T F"}
    nhead: int = count("parallel heads; must divide the width of `src`", start=4)
    dim_feedforward: int = count("width between the two dense layers", default=2048)
    dropout: float = number("share of entries set to 0 while training", low=0, high=1, default=0.1)
    activation: str = choice(("relu", "gelu"), "between the two dense layers", default="relu")
    layer_norm_eps: float = number("eps of the norms", low=0, default=1e-5)
    norm_first: bool = flag("norms before attention and dense layers, not behind them", default=False)
    bias: bool = flag("add learned offsets", default=True)
    causal: bool = option(Flag(), "ignore later steps", default=False, in_torch=False)
    torch = Module(
        "nn.TransformerEncoderLayer", {"d_model": "F"}, fixed={"batch_first": True}, call=_encoder_call
    )

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        return self.attention("self_attn", d.F) | self.rest(d.F, norms=2)

    def macs(self, d: Scope) -> Dim:
        dense = 2 * d.T * d.F * self.dim_feedforward
        return d.N * (self.attention_macs(d.T, d.T, d.F) + dense)


def _decoder_call(layer: TransformerDecoderLayer, v: Variables) -> str:
    masks = _masks.arguments(
        tgt_mask=_masks.future(v, "tgt", "tgt", "tgt_mask", causal=layer.causal),
        memory_mask=_masks.future(v, "tgt", "memory", "memory_mask", causal=False),
        tgt_key_padding_mask=_masks.padded(v, "tgt", "tgt_key_padding_mask"),
        memory_key_padding_mask=_masks.padded(v, "memory", "memory_key_padding_mask"),
    )
    return ", ".join([v["tgt"], v["memory"], *masks])


@layer(
    Category.ATTENTION,
    source=f"torch.nn.TransformerDecoderLayer; {_VASWANI}",
    aliases=("TransformerDecoder",),
    common=False,
)
class TransformerDecoderLayer(_Transformer):
    """One layer of a transformer's decoder: self-attention, attention to `memory`, then two dense layers.

    Each part has a residual and a norm. Steps behind the lengths that `tgt` and `memory` carry are ignored.

    Formula: h = norm(x + attention(x, x, x)), g = norm(h + attention(h, memory, memory)),
    y = norm(g + W_2·activation(W_1·g + b_1) + b_2); with `norm_first` the norms stand at the inputs of the parts.
    """

    inputs = {
        "tgt": "N T F",
        "memory": "N M F",
        "tgt_mask?": "*H T T : bool",
        "memory_mask?": "*J T M : bool",
        "tgt_key_padding_mask?": "N T : bool",
        "memory_key_padding_mask?": "N M : bool",
    }
    outputs = {"y": "N T F"}
    nhead: int = count("parallel heads; must divide the width of `tgt`", start=4)
    dim_feedforward: int = count("width between the two dense layers", default=2048)
    dropout: float = number("share of entries set to 0 while training", low=0, high=1, default=0.1)
    activation: str = choice(("relu", "gelu"), "between the two dense layers", default="relu")
    layer_norm_eps: float = number("eps of the norms", low=0, default=1e-5)
    norm_first: bool = flag("norms before attention and dense layers, not behind them", default=False)
    bias: bool = flag("add learned offsets", default=True)
    causal: bool = option(Flag(), "ignore later steps of `tgt`", default=False, in_torch=False)
    torch = Module(
        "nn.TransformerDecoderLayer", {"d_model": "F"}, fixed={"batch_first": True}, call=_decoder_call
    )

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        blocks = self.attention("self_attn", d.F) | self.attention("multihead_attn", d.F)
        return blocks | self.rest(d.F, norms=3)

    def macs(self, d: Scope) -> Dim:
        dense = 2 * d.T * d.F * self.dim_feedforward
        attention = self.attention_macs(d.T, d.T, d.F) + self.attention_macs(d.T, d.M, d.F)
        return d.N * (attention + dense)
