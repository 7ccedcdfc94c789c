"""The checked edit that leaves layers out, or puts them back."""

from __future__ import annotations

from collections.abc import Iterable

from graph_ir.bypass import bar, carrying
from graph_ir.changes import Draft, Edit
from graph_ir.graph import Design, Graph
from graph_ir.refusing import Refused, existing, spec_of


def bypass(design: Design, network: str, ids: Iterable[str], on: bool) -> Edit:
    """Leaves layers out, so that what comes in goes through, or puts them back.

    Of several, those are left out that can be; the note says which can't. Raises Refused where none can.
    """
    graph = design.networks[network]
    chosen = list(dict.fromkeys(ids))
    reasons = {id: reason for id in chosen if on and (reason := _reason(graph, id))}
    able = [id for id in chosen if id not in reasons]
    if not able:
        id, reason = next(iter(reasons.items()), ("", ""))
        raise Refused(
            f"{id[:60]!r} can't be bypassed: {reason}." if id else "Nothing is selected; select a layer."
        )
    with Draft(design) as draft:
        for id in able:
            draft.replace_node(network, existing(graph, id).having(bypass=on))
        what = able[0] if len(able) == 1 else f"{len(able)} layers"
        note = f"without {', '.join(id[:60] for id in reasons)}, which can't be bypassed" if reasons else ""
        return draft.edit(f"{'Bypass' if on else 'No longer bypass'} {what}", note=note)


def _reason(graph: Graph, id: str) -> str:
    """Why what comes in can't go through a layer to what reads it; "" if it can."""
    node = existing(graph, id)
    spec = spec_of(node.having(bypass=False), graph)
    reason = bar(spec)
    if reason:
        return reason.partition(";")[0]
    kept = carrying(spec)
    lost = next(
        (w for w in graph.wires_from(id) if spec.output(w.source_port) and w.source_port not in kept), None
    )
    if lost is None:
        return ""
    text = (
        f"{lost.target[:60]!r} reads its output `{lost.source_port}`, which has other axes than what comes in"
    )
    return f"{text}; wire `{kept[0]}` to it first"
