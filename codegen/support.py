"""What printed code needs beside torch: small functions for sequences of different lengths, and the classes that
layers bring along because torch has none (`Module.helper`). Each is printed once, above what uses it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from codegen.syntax import names_in
from graph_ir.recipes import Module
from graph_ir.report import Report

VALID, FILL, PACKED = "valid_steps", "fill_tail", "run_packed"

_FUNCTIONS: Mapping[str, str] = {
    VALID: '''\
def valid_steps(lengths: Tensor, steps: int) -> Tensor:
    """A mask (N, steps): true at the first `lengths` steps of each sample."""
    return torch.arange(steps, device=lengths.device) < lengths[:, None]''',
    FILL: '''\
def fill_tail(x: Tensor, lengths: Tensor, dim: int, value: float = 0.0) -> Tensor:
    """`x` with every step along `dim` behind its sample's length set to `value`."""
    steps = torch.arange(x.shape[dim], device=x.device)
    steps = steps.reshape(-1, *[1] * (x.dim() - 1 - dim))
    padding = steps >= lengths.to(x.device).reshape(-1, *[1] * (x.dim() - 1))
    return x.masked_fill(padding, value)''',
    PACKED: '''\
def run_packed(rnn: nn.RNNBase, x: Tensor, lengths: Tensor, state: Any = None) -> Any:
    """What `rnn` makes of the valid steps alone; zeros for padding and for length 0."""
    steps = lengths.clamp(min=1).cpu()
    packed = pack_padded_sequence(x, steps, batch_first=True, enforce_sorted=False)
    packed, state = rnn(packed, state)
    y, _ = pad_packed_sequence(packed, batch_first=True, total_length=x.shape[1])
    empty = (lengths < 1).to(x.device)[:, None]
    if isinstance(state, tuple):
        state = tuple(s.masked_fill(empty, 0.0) for s in state)
    else:
        state = state.masked_fill(empty, 0.0)
    return y.masked_fill(empty[:, None], 0.0), state''',
}

NAMES = frozenset(_FUNCTIONS)
"""The functions' names: no layer may be called so."""


def classes(report: Report, ids: Iterable[str]) -> dict[str, str]:
    """Name to source of the classes that these layers bring along."""
    recipes = (entry.layer.spec.recipe for id in ids if (entry := report.layers[id]).layer is not None)
    return {r.target: r.helper for r in recipes if isinstance(r, Module) and r.helper}


def needed(code: str, brought: Mapping[str, str], there: Collection[str] = ()) -> dict[str, list[str]]:
    """Name to lines (with two empty ones behind) of everything that `code` uses and that is not `there` already."""
    known = {**_FUNCTIONS, **brought}
    names = names_in(code)
    used = [name for name in known if name in names and name not in there]
    return {name: [*known[name].strip("\n").split("\n"), "", ""] for name in used}
