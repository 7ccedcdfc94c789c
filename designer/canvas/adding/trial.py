"""What adding a hit would bring, tried on the design itself and taken back at once. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from designer.canvas.adding.search import Hit
from designer.preview import tried
from graph_ir import edits
from graph_ir.adapters import main_output
from graph_ir.block_library import add_from_library, library
from graph_ir.changes import Edit, SetNode, SetWire
from graph_ir.check import check
from graph_ir.edits import Refused
from graph_ir.graph import Design, Wire
from graph_ir.refusing import existing
from graph_ir.resolve import layer_type
from graph_ir.signature import TensorType

PortKey = tuple[str, str]


@dataclass(frozen=True)
class Trial:
    """What would come out: types by port, parameters, what comes along, and what would be wrong."""

    outputs: Mapping[str, TensorType] = field(default_factory=dict)
    parameters: int = 0
    brought: str = ""
    problem: str = ""


def edit_of(design: Design, network: str, hit: Hit, after: PortKey | None = None, bare: bool = False) -> Edit:
    """The edit that adds a hit. Raises Refused."""
    if after is not None:
        existing(design.networks[network], after[0])
    block = next((block for block in library() if hit.library == block.name), None)
    if block is not None:
        return add_from_library(design, network, block, after=after, bare=bare, values=hit.values)
    type, values = hit.made()
    return edits.add_layer(design, network, type, after=after, bare=bare, values=values)


def try_hit(
    design: Design, network: str, hit: Hit, after: PortKey | None = None, target: PortKey | None = None
) -> Trial:
    """What the check says of the design with the hit behind `after`, or in front of `target`.

    The design is the same when it returns, whatever happens in between.
    """
    try:
        edit = edit_of(design, network, hit, after)
    except Refused as error:
        return Trial(problem=str(error))
    whole = edit if target is None else _wired(design, network, edit, target)
    with tried(design, whole):
        report = check(design, network)
    added = [report.layers[id] for id in edit.added if id in report.layers]
    errors = [problem.message for entry in added for problem in entry.problems if problem.severity == "error"]
    return Trial(
        outputs=dict(added[0].outputs) if added else {},
        parameters=sum(entry.parameters for entry in added),
        brought=edit.note,
        problem=errors[0] if errors else "",
    )


def _wired(design: Design, network: str, edit: Edit, target: PortKey) -> Edit:
    """The edit with a wire from what it adds to a port, in place of one that ends there."""
    graph, id = design.networks[network], edit.added[0]
    made = next(c.new for c in edit.changes if isinstance(c, SetNode) and c.id == id and c.new is not None)
    cls = layer_type(made, graph)
    if cls is None or not cls.spec.outputs:
        return edit
    taken = [wire for wire in graph.wires_into(target[0]) if wire.target_port == target[1]]
    wires = [SetWire(network, wire, present=False) for wire in taken]
    wires.append(SetWire(network, Wire(id, main_output(cls.spec), *target), present=True))
    return replace(edit, changes=(*edit.changes, *wires))
