"""Prints what training makes small: every layer that depends on a target, and the weighted sum of the losses.

It stands in the training script, not in the module: a model in use has no targets. It is a plain function, or an
`nn.Module` where a layer behind a target has a state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codegen import support
from codegen.body import Body, Identifiers
from codegen.flow import Value
from codegen.layout import literal, statement
from codegen.module import Printed
from codegen.naming import Row
from codegen.origins import Origins
from codegen.parts import symbol_sources
from codegen.spelled import rendered
from codegen.syntax import names_in
from graph_ir.block_graphs import WEIGHTS
from graph_ir.edits import Refused
from graph_ir.graph import Design
from graph_ir.report import Report
from graph_ir.signature import TensorType

_SUMMARY = '"""What training makes small: the loss of the model\'s outputs on a batch."""'


@dataclass(frozen=True)
class Objective:
    """`rows` are the lines of source, without imports (`codegen.parts.imports` finds them; `shared` are the names
    that come from model.py).

    Used as `objective(outputs, batch)`, where `outputs` is what the model returned and `batch` maps a key of `inputs`
    (id of an Input, key) to its tensor. With `is_module`, `objective = Objective()` comes first, and its parameters
    are trained too. The numbers in `lines` count the rows from 1.
    """

    rows: list[str]
    is_module: bool
    inputs: list[tuple[str, str]]
    lines: dict[str, list[int]]
    shared: tuple[str, ...] = ()


def print_objective(design: Design, report: Report, printed: Printed) -> Objective | None:
    """The objective of a printed module, or None where there is no loss. Raises Refused for a weight of no use."""
    totals = _totals(report)
    if not totals:
        return None
    body = _body(report, printed)
    built = body.built
    _check_shared(report, built)
    weights = _weights(design, report)
    single = (
        (totals[0], "y")
        if list(weights.values()) == [1.0] and not _keeps_entries(report, totals[0])
        else None
    )
    statements = body.forward(
        _sizes(report, printed), lambda value, before: "", single, printed.locals[totals[0]], x=""
    )
    if single is None:
        terms = [
            _term(weights[id], _one_number(body.values[id, "y"], report.layers[id].outputs["y"], body))
            for id in totals
        ]
        statements = [*statements, Row(f"return {' + '.join(terms)}")]
    construction = [(rendered(text, {}), id) for id, texts in built.items() for text in texts]
    is_module = bool(construction) or any(
        "self" in names_in(row.text.removeprefix("return ")) for row in statements
    )
    rows, owners = _rows(statements, is_module, printed, construction)
    used = support.needed("\n".join(rows), support.classes(report, report.layers))
    above = [row for name, lines in used.items() if name not in printed.support for row in lines]
    rows, owners = above + rows, [()] * len(above) + owners
    by_layer: dict[str, list[int]] = {}
    for number, ids in enumerate(owners, 1):
        for id in ids:
            by_layer.setdefault(id, []).append(number)
    text = "\n".join(rows)  # not by wires: a loss also reads the lengths that its target carries
    keys = [(id, printed.attributes[id]) for id in report.layers if report.role_of(id)]
    inputs = [(id, key) for id, key in keys if _from_batch(key) in text]
    names = names_in(text)
    shared = tuple(name for name in printed.support if name in names)
    return Objective(rows, is_module, inputs, by_layer, shared)


def _body(report: Report, printed: Printed) -> Body:
    """Reads the module's results and the batch; every loss has a name, since each is worth a look."""
    accessors: dict[Value, str] = {
        (id, "y"): _from_batch(printed.attributes[id]) for id in report.layers if report.role_of(id)
    }
    for value, name in printed.returned:
        accessors.setdefault(value, f"outputs.{name}" if printed.output_class else "outputs")
    ids = [id for id in report.order if id in report.training_only]
    totals = [(id, "y") for id in _totals(report)]
    own = Identifiers(printed.names.copy(), printed.locals, printed.attributes)
    return Body(report, report, ids, accessors, totals, own, printed.classes.of, {}, Origins())


def _sizes(report: Report, printed: Printed) -> dict[str, str]:
    """How sizes are read off the batch and the results."""
    shapes = {
        _from_batch(printed.attributes[id]): report.layers[id].outputs["y"].shape
        for id in report.layers
        if report.role_of(id)
    }
    for (id, port), name in printed.returned:
        text = f"outputs.{name}" if printed.output_class else "outputs"
        shapes.setdefault(text, report.layers[id].outputs[port].shape)
    return symbol_sources(shapes)


def _check_shared(report: Report, built: Mapping[str, Sequence[str]]) -> None:
    """What trains in the network can't be held by the objective too."""
    inside = {
        report.layers[id].node.values.get(WEIGHTS) for id in report.layers if id not in report.training_only
    }
    for id in built:
        name = report.layers[id].node.values.get(WEIGHTS)
        if name is not None and name in inside:
            raise Refused(
                f"{id[:60]!r} depends on a target, but shares the weights {str(name)[:60]!r} with a layer of the "
                "network, which the training script can't reach; give it weights of its own."
            )


def _from_batch(key: str) -> str:
    return f"batch[{literal(key)}]"


def _totals(report: Report) -> list[str]:
    """The losses whose result goes nowhere, in file order."""
    read = {wire.source for wire in report.flowing}
    return [id for id, entry in report.layers.items() if entry.trait == "loss" and id not in read]


def _weights(design: Design, report: Report) -> dict[str, float]:
    """The weight of each loss. Raises Refused for one that is no number."""
    weights = design.training.get("losses", {})
    found: dict[str, float] = {}
    for id in _totals(report):
        weight = weights.get(id, 1.0) if isinstance(weights, dict) else 1.0
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise Refused(
                f"The weight of the loss {id[:60]!r} under `training` is no number; give it one, such as 1.0."
            )
        found[id] = float(weight)
    return found


def _term(weight: float, text: str) -> str:
    return text if weight == 1 else f"{literal(weight)} * {text}"


def _keeps_entries(report: Report, id: str) -> bool:
    """Whether a loss gives more than one number."""
    return bool(report.layers[id].outputs["y"].shape)


def _one_number(name: str, given: TensorType, body: Body) -> str:
    """The mean of a loss that keeps its entries, where those that are padding are 0 and don't count."""
    rank, masks = len(given.shape), []
    for axis, length in enumerate(given.lengths):
        lengths = body.lengths.get(length) if length else None
        if lengths:
            index = [":", *["None"] * (axis - 1), ":", *["None"] * (rank - 1 - axis)]
            suffix = f"[{', '.join(index)}]" if "None" in index else ""
            masks.append(f"{support.VALID}({lengths}, {name}.shape[{axis}]){suffix}")
    if not masks:
        return f"{name}.mean()" if given.shape else name
    mask = f"({' & '.join(masks)})" if len(masks) > 1 else masks[0]
    counted = f"torch.broadcast_to({mask}, {name}.shape)"
    return f"torch.div(torch.sum({name}), torch.clamp(torch.sum({counted}), min=1))"


def _rows(
    statements: Sequence[Row],
    is_module: bool,
    printed: Printed,
    construction: Sequence[tuple[str, str]],
) -> tuple[list[str], list[tuple[str, ...]]]:
    """The rows, and the layers that each is about."""
    indent = 8 if is_module else 4
    arguments = f"outputs: {printed.output_class or 'Tensor'}, batch: dict[str, Tensor]"
    rows: list[str]
    if is_module:
        rows = ["class Objective(nn.Module):", f"    {_SUMMARY}", ""]
        rows += ["    def __init__(self) -> None:", "        super().__init__()"]
    else:
        rows = [*statement(f"def objective({arguments}) -> Tensor:", 0), f"    {_SUMMARY}"]
    owners: list[tuple[str, ...]] = [()] * len(rows)
    for text, id in construction:
        margin = len(text) - len(text.lstrip())
        rows += statement(text.lstrip(), 8 + margin)
        owners += [(id,)] * (len(rows) - len(owners))
    if is_module:
        rows += ["", *statement(f"def forward(self, {arguments}) -> Tensor:", 4)]
        owners += [()] * (len(rows) - len(owners))
    for each in statements:
        rows += [f"{' ' * indent}{each.loop}"] if each.loop else []
        rows += statement(each.text, indent + 4 * bool(each.loop), each.comment)
        owners += [each.ids] * (len(rows) - len(owners))
    return rows, owners
