"""Prints the network as one readable `nn.Module`: ASCII, as `ruff format` leaves it, typed, nothing that is not used.

User text is never code: identifiers are ours (codegen.names), the title stands in a docstring in plain letters.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from codegen import support
from codegen.flow import CHAIN, Flow, Line, Value
from codegen.layout import statement
from codegen.names import Names, class_name
from codegen.parts import (
    FIRST_LINE,
    Key,
    built,
    imports,
    modules,
    plain,
    result_name,
    results,
    symbol_sources,
    wrapped,
)
from codegen.recipe import is_built
from codegen.syntax import parse
from graph_ir.dims import Expr
from graph_ir.edits import Refused
from graph_ir.graph import Design
from graph_ir.report import Report

LOCAL = frozenset({CHAIN, "outputs", "batch", "objective", "model", *support.NAMES})
"""What variables of the training script are called: no identifier of a layer."""

Path = tuple[str | int, ...]
"""Where a layer stands: the uses it lies in, each with the number of the repetition, then its id."""


@dataclass(frozen=True)
class Probe:
    """Lines (1-based, both included) of one statement in `forward`, and which variable then holds which output."""

    first: int
    last: int
    layer: str
    variables: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Penalty:
    """Weights that the training script has to penalise: those of `model.<attribute>` with "weight" in their name, or
    that tensor itself.
    """

    attribute: str
    l1: float
    l2: float
    is_weight: bool = False


@dataclass
class Printed:
    """A module as source. `lines` are 1-based; `inputs` are forward's arguments, `outputs` what it returns, in order.

    `returned` says which value each result is; `output_class` is the NamedTuple, or "" for one tensor. `attributes`
    leads from layers to what they are called as `self.…`; `names` has given every identifier of the file. The functions
    and classes of `support` stand above the network. `state` says, for every layer that `__init__` builds, where its
    weights stand in the `state_dict`: those of `("layer1", 0, "conv1")` (uses and their repetitions, then the layer)
    under `layer1.0.conv1`.
    """

    source: str
    class_name: str
    output_class: str
    inputs: list[tuple[str, str]]
    outputs: list[tuple[Key, str]]
    returned: list[tuple[Value, str]]
    attributes: dict[str, str]
    names: Names
    support: tuple[str, ...] = ()
    lines: dict[str, list[int]] = field(default_factory=dict)
    probes: list[Probe] = field(default_factory=list)
    penalties: list[Penalty] = field(default_factory=list)
    state: dict[Path, str] = field(default_factory=dict)


def penalties(report: Report, ids: Iterable[str], attributes: Mapping[str, str]) -> list[Penalty]:
    """What is to be penalised in these layers, whose modules are called `attributes`."""
    entries = ((id, report.layers[id]) for id in ids)
    found = (
        Penalty(
            attributes[id],
            getattr(entry.layer, "l1", 0.0),
            getattr(entry.layer, "l2", 0.0),
            is_weight="" in entry.weights,
        )
        for id, entry in entries
        if entry.weights
    )
    return [penalty for penalty in found if penalty.l1 or penalty.l2]


def print_module(design: Design, report: Report) -> Printed:
    """The network that `report` is about as Python source. Raises Refused (one sentence) where it can't be printed."""
    if not report.ok:
        worst = next(problem for problem in report.problems if problem.severity == "error")
        raise Refused(f"The design has errors, so that no code can be written: {worst.message}.")
    return _Printer(design, report).printed()


class _Printer:
    def __init__(self, design: Design, report: Report) -> None:
        self.design, self.report = design, report
        self.names = Names(LOCAL)
        self.ids = [id for id in report.order if id not in report.training_only]
        self.title = plain(str(design.about.get("title", "")))
        self.brought = support.classes(report, report.layers)
        self.class_name = self._class_name()
        self.inputs = [id for id in report.layers if report.role_of(id) and id in self.ids]
        self.results = results(report)
        if not self.results:
            raise Refused("Nothing marks a result of the network; add an Output behind its last layer.")
        self.attributes = self._identifiers()
        self.flow = self._flow()

    def _class_name(self) -> str:
        """The title in CapWords; not the name of a class that a layer brings along."""
        name = class_name(self.title)
        return f"{name}Network" if {name, f"{name}Output"} & set(self.brought) else name

    def _identifiers(self) -> dict[str, str]:
        """One identifier a layer, in file order, Inputs first: they are what a user of the module types."""
        found: dict[str, str] = {}
        boundary = [id for id in self.report.layers if self.report.role_of(id)]
        for id in [*boundary, *(id for id in self.report.layers if id not in boundary)]:
            entry = self.report.layers[id]
            if entry.trait != "output":
                text = "x_in" if id == CHAIN and self.report.role_of(id) else id
                found[id] = self.names.allocate(text, entry.node.type.lower())
        return found

    def _flow(self) -> Flow:
        known = {(id, "y"): self.attributes[id] for id in self.inputs}
        values = [value for _, value in self.results]
        shapes = {self.attributes[id]: self.report.layers[id].outputs["y"].shape for id in self.inputs}
        flow = Flow(self.report, self.ids, known, values, self.attributes, self.names, symbol_sources(shapes))
        return self._with_plain_x(flow)

    def _with_plain_x(self, flow: Flow) -> Flow:
        """An Input whose id is `x` may keep that name where nothing reads it once `x` is assigned."""
        plain_x = next((id for id in self.inputs if id == CHAIN), None)
        if plain_x is None or any(_prints_sizes(flow.layer(s.id)) for s in flow.statements):
            return flow
        late = [s for s in flow.statements[1:] if (plain_x, "y") in s.reads]
        if late or (flow.statements and (plain_x, "y") in flow.results):
            return flow
        self.attributes[plain_x] = CHAIN
        known = {**flow.known, (plain_x, "y"): CHAIN}
        return replace(flow, known=known)

    def printed(self) -> Printed:
        lines = self.flow.lines()
        fields = Names()
        outputs = [(key, fields.allocate(*result_name(key))) for key, _ in self.results]
        output_class = f"{self.class_name}Output" if len(outputs) > 1 else ""
        printed = Printed(
            source="",
            class_name=self.class_name,
            output_class=output_class,
            inputs=[(id, self.attributes[id]) for id in self.inputs],
            outputs=outputs,
            returned=[(value, name) for (_, value), (_, name) in zip(self.results, outputs, strict=True)],
            attributes=self.attributes,
            names=self.names,
            penalties=penalties(self.report, self.ids, self.attributes),
            state={(id,): self.attributes[id] for id in self.ids if is_built(self.report.layers[id].layer)},
        )
        text = [
            *self._output_class(printed),
            f"class {self.class_name}(nn.Module):",
            *self._docstring(outputs),
        ]
        text += [""]
        constructed, forward = self._constructor(), self._forward(printed, lines)
        body = [line for line, _ in (*constructed, *forward)]
        own = "\n".join([*text, *body])
        above = support.needed(own, self.brought)
        printed.support = tuple(above)
        text = [*(row for rows in above.values() for row in rows), *text]
        head = [FIRST_LINE, *imports("\n".join([*text, *body]), modules(self.report, self.ids))]
        first = len(head) + len(text) + 1
        for number, (_, id) in enumerate((*constructed, *forward), first):
            if id:
                printed.lines.setdefault(id, []).append(number)
        printed.probes = self._probes(lines, forward, first + len(constructed))
        printed.source = "\n".join([*head, *text, *body]) + "\n"
        return printed

    def _output_class(self, printed: Printed) -> list[str]:
        if not printed.output_class:
            return []
        return [
            f"class {printed.output_class}(NamedTuple):",
            f'    """What {self.class_name} returns."""',
            "",
            *(f"    {name}: Tensor" for _, name in printed.outputs),
            "",
            "",
        ]

    def _docstring(self, outputs: list[tuple[Key, str]]) -> list[str]:
        first = f"{self.title or 'A network'}".rstrip(". ")[:70]
        types = {id: self.report.layers[id].outputs["y"] for id in self.inputs}
        lines = [f'    """{first}.', "", "    Inputs:"]
        for id, given in types.items():
            lines += wrapped(f"{self.attributes[id]}: {given.text}, {given.dtype}")
        lines += ["", "    Outputs:"]
        for (_, (id, port)), (_, name) in zip(self.results, outputs, strict=True):
            made = self.report.layers[id].outputs[port]
            lines += wrapped(f"{name}: {made.text}, {made.dtype}")
        if self.report.requires:
            lines += ["", "    Requires:"]
            lines += [line for text in self.report.requires for line in wrapped(text)]
        return [*lines, '    """']

    def _constructor(self) -> list[tuple[str, str]]:
        """Lines with the layer they belong to, or ""."""
        body = self._built()
        if not body:
            return []
        return [("    def __init__(self) -> None:", ""), ("        super().__init__()", ""), *body, ("", "")]

    def _built(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for id in self.ids:
            found += (
                [(line, id) for line in built(self.report, id, self.attributes[id])]
                if id in self.attributes
                else []
            )
        return found

    def _forward(self, printed: Printed, lines: Sequence[Line]) -> list[tuple[str, str]]:
        arguments = ", ".join(["self", *(f"{name}: Tensor" for _, name in printed.inputs)])
        gives = printed.output_class or "Tensor"
        head = statement(f"def forward({arguments}) -> {gives}:", 4)
        values = [self.flow.variables[value] for _, value in self.results]
        found = [(line, "") for line in head]
        given = {name for _, name in printed.inputs}
        typed = None if printed.output_class or values[0] in given else values[0]
        for line in lines:
            text = line.text
            if typed and typed in re.findall(r"\w+", line.target):
                text = _annotated(line, typed, given)
                found += [(f"        {typed}: Tensor", line.id)] if line.target != typed else []
                typed = None
            found += [(row, line.id) for row in statement(text, 8, line.comment)]
        end = (
            f"return {printed.output_class}({', '.join(values)})"
            if printed.output_class
            else f"return {values[0]}"
        )
        return found + [(row, "") for row in statement(end, 8)]

    def _probes(self, lines: Sequence[Line], forward: Sequence[tuple[str, str]], first: int) -> list[Probe]:
        """Where each statement stands: rows of a statement begin at 8 spaces and go on deeper, or with a bracket."""
        starts = [i for i, (row, id) in enumerate(forward) if id and re.match(r" {8}[^ )\]}]", row)]
        starts = [i for i in starts if not re.fullmatch(r" {8}\w+: Tensor", forward[i][0])]
        ends = [
            next(j for j in range(i + 1, len(forward)) if re.match(r" {8}[^ )\]}]", forward[j][0]))
            for i in starts
        ]
        spans = zip(lines, starts, ends, strict=True)
        return [Probe(first + i, first + j - 1, line.id, line.probes) for line, i, j in spans]


def _annotated(line: Line, variable: str, arguments: set[str]) -> str:
    """Calling a module gives Any: where the result comes from one, its variable says that it is a Tensor."""
    names = {node.id for node in ast.walk(parse(line.source)) if isinstance(node, ast.Name)}
    known = line.target != variable or line.source.startswith(("F.", "torch.")) or names <= arguments
    return line.text if known else f"{variable}: Tensor = {line.source}"


def _prints_sizes(layer: object) -> bool:
    values = vars(layer).values()
    return any(isinstance(v, tuple) and any(isinstance(entry, Expr) for entry in v) for v in values)
