"""Recurrent layers. `y` is the whole sequence, `last` the final state of each direction of the last layer, joined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from graph_ir.declare import Weighted, choice, count, flag, layer, number
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.recipes import Module, Variables, Write
from graph_ir.requirements import equal
from graph_ir.signature import shape_text
from graph_ir.spec import Category

_MOST_LAYERS = 10_000
"""Every stacked layer has weights of its own, which are listed by name."""


class _Recurrent(Weighted):
    """What recurrent layers have in common; `gates` is how many matrices of the hidden size one weight holds."""

    consumes: ClassVar[bool] = True
    gates: ClassVar[int]
    hidden_size: int
    num_layers: int
    bias: bool
    bidirectional: bool

    @property
    def directions(self) -> int:
        """1, or 2 if bidirectional."""
        return 2 if self.bidirectional else 1

    @property
    def state_size(self) -> int:
        """The width of `h`: the hidden size unless it is projected."""
        return self.hidden_size

    @property
    def projected(self) -> bool:
        """Whether `h` is projected to a smaller size."""
        return False

    def limits(self, d: Scope) -> None:
        if self.num_layers > _MOST_LAYERS:
            text = f"`num_layers` is {self.num_layers}, but can be at most {_MOST_LAYERS:,}; lower it"
            d.fail("too-large", text, field="num_layers")
        d.mixes("x", (2,), "it multiplies by a matrix")
        self._check_state(d, "h_0", self.state_size)

    def _check_state(self, d: Scope, port: str, width: int) -> None:
        if not d.wired(port):
            return
        wanted: tuple[Dim, ...] = (self.num_layers * self.directions, d.N, width)
        for got, size in zip(d[port].shape, wanted, strict=True):
            text = (
                f"`{port}` is {d[port].text}, but must be {shape_text(wanted)}: layers·directions, batch, width; "
                "wire a state of that shape"
            )
            d.require(equal(got, size), "size-mismatch", text, port=port, wanted=wanted)

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        return {
            "F'": self.state_size * self.directions,
            "L'": self.num_layers * self.directions,
            "P'": self.state_size,
            "Q'": self.hidden_size,
        }

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        found: dict[str, tuple[Dim, ...]] = {}
        rows = self.gates * self.hidden_size
        for level in range(self.num_layers):
            width = self.state_size * self.directions if level else d.F
            for suffix in ("", "_reverse")[: self.directions]:
                end = f"l{level}{suffix}"
                found[f"weight_ih_{end}"] = (rows, width)
                found[f"weight_hh_{end}"] = (rows, self.state_size)
                if self.bias:
                    found[f"bias_ih_{end}"] = found[f"bias_hh_{end}"] = (rows,)
                if self.projected:
                    found[f"weight_hr_{end}"] = (self.state_size, self.hidden_size)
        return found

    def macs(self, d: Scope) -> Dim:
        matrices = (shape for name, shape in self.weights(d).items() if name.startswith("weight"))
        total: Dim = sum((product(shape) for shape in matrices), 0)
        return total * d.N * d.T


def _module(target: str, returns: str, call: Write | None = None) -> Module:
    return Module(
        target,
        {"input_size": "F"},
        fixed={"batch_first": True},
        call=call,
        returns=returns,
        derived={"last": (("h_n",), _last)},
        packs="x",
    )


def _last(layer: _Recurrent, names: Mapping[str, str]) -> str:
    states = names["h_n"]
    return f"torch.cat(({states}[-2], {states}[-1]), dim=1)" if layer.bidirectional else f"{states}[-1]"


def _lstm_call(layer: _Recurrent, v: Variables) -> str:
    stateful = "h_0" in v or "c_0" in v
    return f"{v['x']}, ({v['h_0']}, {v['c_0']})" if stateful else v["x"]


@layer(
    Category.RECURRENT,
    source="torch.nn.LSTM; Hochreiter and Schmidhuber, Long short-term memory, 1997",
    aliases=("Bidirectional",),
)
class LSTM(_Recurrent):
    """Reads a sequence step by step with a memory cell that gates open and close.

    Formula: i, f, o = σ(W_i·[x, h] + b_i), σ(W_f·[x, h] + b_f), σ(W_o·[x, h] + b_o), g = tanh(W_g·[x, h] + b_g),
    c' = f∘c + i∘g, h' = o∘tanh(c').
    """

    inputs = {"x": "N T F", "h_0?": "L N P", "c_0?": "L N Q"}
    outputs = {"y": "N T F'", "last": "N F'", "h_n": "L' N P'", "c_n": "L' N Q'"}
    gates = 4
    hidden_size: int = count("width of the memory", start=64)
    num_layers: int = count("how many are stacked", default=1)
    bias: bool = flag("add learned offsets", default=True)
    dropout: float = number("share of entries set to 0 between stacked layers", low=0, high=1, default=0.0)
    bidirectional: bool = flag("read in both directions and join the results", default=False)
    proj_size: int = count("project the state to this width; 0: not at all", low=0, default=0)
    torch = _module("nn.LSTM", "y, (h_n, c_n)", _lstm_call)

    @property
    def state_size(self) -> int:
        return self.proj_size or self.hidden_size

    @property
    def projected(self) -> bool:
        return self.proj_size > 0

    def limits(self, d: Scope) -> None:
        if self.proj_size >= self.hidden_size:
            text = f"`proj_size` is {self.proj_size}, but must be below `hidden_size` ({self.hidden_size}); lower it"
            d.fail("bad-value", text, field="proj_size")
        if d.wired("h_0") != d.wired("c_0"):
            missing = "c_0" if d.wired("h_0") else "h_0"
            d.fail(
                "missing-input",
                f"`{missing}` has no wire, but the other state has; wire both or none",
                port=missing,
            )
        super().limits(d)
        self._check_state(d, "c_0", self.hidden_size)


@layer(Category.RECURRENT, source="torch.nn.GRU; Cho et al., EMNLP 2014", aliases=("Bidirectional",))
class GRU(_Recurrent):
    """Reads a sequence step by step with a gated state: a lighter LSTM.

    Formula: r, z = σ(W_r·[x, h] + b_r), σ(W_z·[x, h] + b_z), n = tanh(W_n·x + b_n + r∘(U_n·h + d_n)),
    h' = (1 - z)∘n + z∘h.
    """

    inputs = {"x": "N T F", "h_0?": "L N P"}
    outputs = {"y": "N T F'", "last": "N F'", "h_n": "L' N P'"}
    gates = 3
    hidden_size: int = count("width of the state", start=64)
    num_layers: int = count("how many are stacked", default=1)
    bias: bool = flag("add learned offsets", default=True)
    dropout: float = number("share of entries set to 0 between stacked layers", low=0, high=1, default=0.0)
    bidirectional: bool = flag("read in both directions and join the results", default=False)
    torch = _module("nn.GRU", "y, h_n")


@layer(
    Category.RECURRENT,
    source="torch.nn.RNN; Elman, Finding structure in time, Cognitive Science 1990",
    aliases=("SimpleRNN", "Elman", "Bidirectional"),
    common=False,
)
class RNN(_Recurrent):
    """Reads a sequence step by step with a plain state, which forgets soon: see LSTM and GRU.

    Formula: h' = tanh(W·x + b + U·h + d), or relu in place of tanh.
    """

    inputs = {"x": "N T F", "h_0?": "L N P"}
    outputs = {"y": "N T F'", "last": "N F'", "h_n": "L' N P'"}
    gates = 1
    hidden_size: int = count("width of the state", start=64)
    num_layers: int = count("how many are stacked", default=1)
    nonlinearity: str = choice(("tanh", "relu"), "what keeps the state in bounds", default="tanh")
    bias: bool = flag("add learned offsets", default=True)
    dropout: float = number("share of entries set to 0 between stacked layers", low=0, high=1, default=0.0)
    bidirectional: bool = flag("read in both directions and join the results", default=False)
    torch = _module("nn.RNN", "y, h_n")
