"""Prints what training makes small: every layer that depends on a target, and the weighted sum of the losses.

It stands in the training script, not in the module: a model in use has no targets. It is a plain function, or an
`nn.Module` where a layer behind a target has a state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from codegen import support
from codegen.flow import Flow, Line, Value
from codegen.layout import literal, statement
from codegen.module import Printed, Probe
from codegen.parts import built, symbol_sources
from codegen.syntax import names_in
from graph_ir.edits import Refused
from graph_ir.graph import Design
from graph_ir.recipes import Module, Stored
from graph_ir.report import Report
from graph_ir.signature import TensorType

_SUMMARY = '"""What training makes small: the loss of the model\'s outputs on a batch."""'


@dataclass(frozen=True)
class Objective:
    """`rows` are the lines of source, without imports (`codegen.parts.imports` finds them; `shared` are the names
    that come from model.py).

    Used as `objective(outputs, batch)`, where `outputs` is what the model returned and `batch` maps a key of `inputs`
    (id of an Input, key) to its tensor. With `is_module`, `objective = Objective()` comes first, and its parameters
    are trained too. The numbers in `lines` and `probes` count the rows from 1.
    """

    rows: list[str]
    is_module: bool
    inputs: list[tuple[str, str]]
    lines: dict[str, list[int]]
    probes: list[Probe]
    shared: tuple[str, ...] = ()


def print_objective(design: Design, report: Report, printed: Printed) -> Objective | None:
    """The objective of a printed module, or None where there is no loss. Raises Refused for a weight of no use."""
    if not _totals(report):
        return None
    flow = _flow(report, printed)
    lines = flow.lines()
    terms = _terms(design, report, printed, flow)
    ids = [id for id in flow.ids if id in printed.attributes]
    construction = [(row, id) for id in ids for row in built(report, id, printed.attributes[id])]
    is_module = any(isinstance(flow.layer(id).spec.recipe, Module | Stored) for id in ids)
    is_module = is_module or any("self" in names_in(line.source) for line in lines)
    rows, owners, probes = _body(lines, is_module, printed, construction, _totals(report))
    rows += statement(f"return {' + '.join(terms)}", 8 if is_module else 4)
    used = support.needed("\n".join(rows), support.classes(report, report.layers))
    above = [row for name, lines in used.items() if name not in printed.support for row in lines]
    rows, owners = above + rows, [""] * len(above) + owners
    probes = [replace(p, first=p.first + len(above), last=p.last + len(above)) for p in probes]
    by_layer: dict[str, list[int]] = {}
    for number, owner in enumerate(owners, 1):
        by_layer.setdefault(owner, []).append(number)
    by_layer.pop("", None)
    text = "\n".join(rows)  # not by wires: a loss also reads the lengths that its target carries
    keys = [(id, printed.attributes[id]) for id in report.layers if report.role_of(id)]
    inputs = [(id, key) for id, key in keys if _from_batch(key) in text]
    shared = tuple(name for name in used if name in printed.support)
    return Objective(rows, is_module, inputs, by_layer, probes, shared)


def _flow(report: Report, printed: Printed) -> Flow:
    """Reads the module's results and the batch; every value has a name, since each is worth a look."""
    accessors: dict[Value, str] = {
        (id, "y"): _from_batch(printed.attributes[id]) for id in report.layers if report.role_of(id)
    }
    for value, name in printed.returned:
        accessors.setdefault(value, f"outputs.{name}" if printed.output_class else "outputs")
    shapes = {text: report.layers[id].outputs[port].shape for (id, port), text in accessors.items()}
    ids = [id for id in report.order if id in report.training_only]
    totals = [(id, "y") for id in _totals(report)]
    reads = symbol_sources(shapes)
    return Flow(report, ids, accessors, totals, printed.attributes, printed.names.copy(), reads, chain=False)


def _from_batch(key: str) -> str:
    return f"batch[{literal(key)}]"


def _totals(report: Report) -> list[str]:
    """The losses whose result goes nowhere, in file order."""
    read = {wire.source for wire in report.wires}
    return [id for id, entry in report.layers.items() if entry.trait == "loss" and id not in read]


def _terms(design: Design, report: Report, printed: Printed, flow: Flow) -> list[str]:
    weights = design.training.get("losses", {})
    found = []
    for id in _totals(report):
        weight = weights.get(id, 1.0) if isinstance(weights, dict) else 1.0
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise Refused(
                f"The weight of the loss {id[:60]!r} under `training` is no number; give it one, such as 1.0."
            )
        name = _one_number(printed.attributes[id], report.layers[id].outputs["y"], flow)
        found.append(name if weight == 1 else f"{literal(float(weight))} * {name}")
    return found


def _one_number(name: str, given: TensorType, flow: Flow) -> str:
    """The mean of a loss that keeps its entries, where those that are padding are 0 and don't count."""
    rank, masks = len(given.shape), []
    for axis, length in enumerate(given.lengths):
        lengths = flow.lengths_name(length) if length else None
        if lengths:
            index = [":", *["None"] * (axis - 1), ":", *["None"] * (rank - 1 - axis)]
            suffix = f"[{', '.join(index)}]" if "None" in index else ""
            masks.append(f"{support.VALID}({lengths}, {name}.shape[{axis}]){suffix}")
    if not masks:
        return f"{name}.mean()" if given.shape else name
    mask = f"({' & '.join(masks)})" if len(masks) > 1 else masks[0]
    counted = f"torch.broadcast_to({mask}, {name}.shape)"
    return f"torch.div(torch.sum({name}), torch.clamp(torch.sum({counted}), min=1))"


def _body(
    lines: list[Line],
    is_module: bool,
    printed: Printed,
    construction: list[tuple[str, str]],
    totals: list[str],
) -> tuple[list[str], list[str], list[Probe]]:
    """Rows up to the last statement, the layer of each row ("" for none), and what can be checked behind which row."""
    indent = 8 if is_module else 4
    arguments = f"outputs: {printed.output_class or 'Tensor'}, batch: dict[str, Tensor]"
    rows = [f"    {_SUMMARY}"]
    if is_module:
        rows = [
            "class Objective(nn.Module):",
            *rows,
            "",
            "    def __init__(self) -> None:",
            "        super().__init__()",
        ]
    owners = [""] * len(rows)
    rows += [row for row, _ in construction]
    owners += [id for _, id in construction]
    head = (
        f"def forward(self, {arguments}) -> Tensor:"
        if is_module
        else f"def objective({arguments}) -> Tensor:"
    )
    if is_module:
        rows += ["", *statement(head, 4)]
    else:
        rows = [*statement(head, 0), *rows]
    owners += [""] * (len(rows) - len(owners))
    probes = []
    for line in lines:
        first = len(rows) + 1
        typed = line.id in totals and line.source.startswith("self.")  # what a module gives is Any
        text = f"{line.target}: Tensor = {line.source}" if typed else line.text
        rows += statement(text, indent, line.comment)
        owners += [line.id] * (len(rows) - len(owners))
        probes.append(Probe(first, len(rows), line.id, line.probes))
    return rows, owners, probes
