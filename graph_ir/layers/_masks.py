"""Masks of attention as they are printed, true where something is ignored: padded keys, and keys in the future."""

from __future__ import annotations

from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.recipes import Variables
from graph_ir.requirements import equal
from graph_ir.signature import shape_text


def padded(v: Variables, port: str, wired: str, *, least: int = 1) -> str | None:
    """The mask (N, steps) of the padding on `port` (N, steps, F), joined with what is wired to the port `wired`.

    None where all steps count. A sample without any valid step keeps its first, padded one (`least`): torch's softmax
    over nothing is NaN, and so would be every gradient.
    """
    valid = v.valid(port, 1, least=least)
    return _joined(v, wired, f"~{valid}" if valid else None)


def future(v: Variables, queries: str, keys: str, wired: str, *, causal: bool) -> str | None:
    """The mask (queries, keys) of what is wired to the port `wired` and, if `causal`, of all keys behind the query."""
    sizes = f"{v[queries]}.shape[1], {v[keys]}.shape[1]"
    ones = f"{v[queries]}.new_ones({sizes}, dtype=torch.bool)"
    return _joined(v, wired, f"torch.triu({ones}, 1)" if causal else None)


def check_heads(d: Scope, port: str, run: str, heads: int) -> None:
    """A mask over (queries, keys) may have one axis `run` more in front: a mask for each head of each sample."""
    if not d.wired(port) or not d.run(run):
        return
    wanted: tuple[Dim, ...] = (d.N * heads, *d[port].shape[-2:])
    text = (
        f"`{port}` is {d[port].text}, but must have the axes (queries, keys), or {shape_text(wanted)} for a mask of "
        "each head of each sample; wire such a mask"
    )
    fits = len(d.run(run)) == 1 and equal(d.run(run)[0], wanted[0])
    d.require(fits, "size-mismatch", text, port=port, wanted=wanted)


def arguments(**masks: str | None) -> list[str]:
    """Arguments by name: those that are not None."""
    return [f"{name}={mask}" for name, mask in masks.items() if mask is not None]


def _joined(v: Variables, wired: str, mask: str | None) -> str | None:
    if wired not in v:
        return mask
    return f"torch.logical_or({v[wired]}, {mask})" if mask else v[wired]
