"""Prints a design as readable `nn.Module`s: ASCII, as `ruff format` leaves it, typed, nothing that is not used.

One class a block of the drawing, and the network. User text is never code: identifiers are ours (codegen.names), the
title stands in a docstring in plain letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from codegen import renames, support
from codegen.body import LOCAL, Body, Identifiers
from codegen.classes import Classes
from codegen.classtext import Rows, constructor_rows, forward_rows
from codegen.flow import Value
from codegen.instances import instances, spelled_values
from codegen.layout import literal
from codegen.names import Names, class_name
from codegen.naming import Row
from codegen.origins import Origins
from codegen.parts import (
    FIRST_LINE,
    Key,
    imports,
    modules,
    plain,
    result_name,
    results,
    symbol_sources,
    wrapped,
)
from codegen.spelled import in_words, used_names
from codegen.state import Path, members
from codegen.uses import Argument
from graph_ir.check import check_spelled
from graph_ir.edits import Refused
from graph_ir.graph import Design
from graph_ir.report import Report


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
    leads from layers to what they are called as `self.…`, `locals` to what their values are called; `names` has given
    every identifier of the file. What stands above the network is in `support`: functions, and classes that layers
    bring along or that blocks are (`classes`). `state` says, for every layer that `__init__` builds, where its weights
    stand in the `state_dict`: those of `("layer1", 0, "conv1")` (uses and their repetitions, then the layer) under
    `layer1.0.conv1`.
    """

    source: str
    class_name: str
    output_class: str
    inputs: list[tuple[str, str]]
    outputs: list[tuple[Key, str]]
    returned: list[tuple[Value, str]]
    attributes: dict[str, str]
    names: Names
    locals: dict[str, str] = field(default_factory=dict)
    classes: Classes = field(default_factory=lambda: Classes(set(), ""))
    support: tuple[str, ...] = ()
    lines: dict[str, list[int]] = field(default_factory=dict)
    inside: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    """By the name of a block's class: the lines of each layer in that block."""
    penalties: list[Penalty] = field(default_factory=list)
    state: dict[Path, str] = field(default_factory=dict)


def _by_layer(owners: Iterable[tuple[str, ...]], first: int) -> dict[str, list[int]]:
    """The lines of each layer, where the owners of line `first` come first."""
    found: dict[str, list[int]] = {}
    for number, ids in enumerate(owners, first):
        for id in ids:
            found.setdefault(id, []).append(number)
    return found


def penalties(
    report: Report, ids: Iterable[str], attributes: Mapping[str, str], classes: Classes
) -> list[Penalty]:
    """What is to be penalised in these layers, whose modules are called `attributes`, also inside blocks."""
    found: dict[str, Penalty] = {}
    for member in members(report, ids, attributes, classes):
        layer, weights = member.entry.layer, member.entry.weights
        l1, l2 = getattr(layer, "l1", 0.0), getattr(layer, "l2", 0.0)
        if weights and (l1 or l2):
            found.setdefault(member.access, Penalty(member.access, l1, l2, is_weight="" in weights))
    return list(found.values())


def print_module(design: Design, report: Report) -> Printed:
    """The network that `report` is about as Python source. Raises Refused (one sentence) where it can't be printed."""
    if not report.ok:
        worst = next(problem for problem in report.problems if problem.severity == "error")
        raise Refused(f"The design has errors, so that no code can be written: {worst.message}.")
    return _Printer(design, report).printed()


class _Printer:
    def __init__(self, design: Design, report: Report) -> None:
        self.design, self.report = design, report
        self.ids = [id for id in report.order if id not in report.training_only]
        self.title = plain(str(design.about.get("title", "")))
        self.uses = instances(report, design.networks)
        self.brought = {
            name: source
            for each in self._reports()
            for name, source in support.classes(each, each.layers).items()
        }
        self.class_name = self._class_name()
        self.inputs = [id for id in report.layers if report.role_of(id) and id in self.ids]
        self.results = results(report)
        if not self.results:
            raise Refused("Nothing marks a result of the network; add an Output behind its last layer.")
        fields = Names()
        self.outputs = [(key, fields.allocate(*result_name(key))) for key, _ in self.results]
        self.output_class = f"{self.class_name}Output" if len(self.outputs) > 1 else ""
        self.identifiers = Identifiers.of(report, Names(LOCAL))
        self.classes = self._classes()

    def _reports(self) -> Iterator[Report]:
        yield self.report
        yield from (use.report for uses in self.uses.values() for use in uses)

    def _class_name(self) -> str:
        """The title in CapWords; not the name of a class that a layer brings along."""
        name = class_name(self.title)
        return f"{name}Network" if {name, f"{name}Output"} & set(self.brought) else name

    def _classes(self) -> Classes:
        found = Classes({self.class_name, f"{self.class_name}Output", *self.brought}, self.title)
        for name, uses in self.uses.items():
            found.add(name, uses)
        return found

    @cached_property
    def body(self) -> Body:
        """The network, with the words of its parameters."""
        parameters, report = self.design.top.parameters, self.report
        given = spelled_values(parameters)
        if parameters:
            report = check_spelled(self.design, given, Origins())
        known = {(id, "y"): self.identifiers.locals[id] for id in self.inputs}
        values = [value for _, value in self.results]
        ids, classes = self.ids, self.classes.of
        return Body(report, self.report, ids, known, values, self.identifiers, classes, given, Origins())

    def printed(self) -> Printed:
        attributes = dict(self.identifiers.attributes)
        attributes |= {id: self.identifiers.locals[id] for id in self.inputs}
        printed = Printed(
            source="",
            class_name=self.class_name,
            output_class=self.output_class,
            inputs=[(id, self.identifiers.locals[id]) for id in self.inputs],
            outputs=self.outputs,
            returned=[
                (value, name) for (_, value), (_, name) in zip(self.results, self.outputs, strict=True)
            ],
            attributes=attributes,
            locals=self.identifiers.locals,
            names=self.identifiers.names,
            classes=self.classes,
            penalties=penalties(self.report, self.ids, attributes, self.classes),
            state={one.path: one.key for one in members(self.report, self.ids, attributes, self.classes)},
        )
        rows = self._rows()
        text = [*self._output_class(), f"class {self.class_name}(nn.Module):", *self._docstring(), ""]
        above = [row for made in self.classes.printed for row in (*made.rows, "", "")]
        own = "\n".join([*above, *text, *(row for row, _ in rows)])
        helpers = support.needed(own, self.brought)
        printed.support = (*helpers, *(made.name for made in self.classes.printed))
        text = [*(row for lines in helpers.values() for row in lines), *above, *text]
        renamed = renames.source(renames.renames(self.design), printed.state.values())
        code = "\n".join([*text, *(row for row, _ in rows), *renamed])
        asked = frozenset[str]().union(*(modules(each, each.layers) for each in self._reports()))
        head = [FIRST_LINE, *imports(code, self._own_modules(asked))]
        printed.lines = _by_layer([ids for _, ids in rows], len(head) + len(text) + 1)
        first = len(head) + sum(map(len, helpers.values())) + 1
        for made in self.classes.printed:
            printed.inside[made.name] = _by_layer(made.owners, first)
            first += len(made.rows) + 2
        printed.source = "\n".join([*head, code]) + "\n"
        return printed

    def _own_modules(self, asked: frozenset[str]) -> frozenset[str]:
        """What has to be imported: not the modules behind targets, which the training script imports."""
        behind = modules(self.report, self.report.training_only) - modules(self.report, self.ids)
        inside = (modules(use.report, use.report.layers) for uses in self.uses.values() for use in uses)
        return asked - behind | frozenset[str]().union(*inside)

    def _output_class(self) -> list[str]:
        if not self.output_class:
            return []
        return [
            f"class {self.output_class}(NamedTuple):",
            f'    """What {self.class_name} returns."""',
            "",
            *(f"    {name}: Tensor" for _, name in self.outputs),
            "",
            "",
        ]

    def _docstring(self) -> list[str]:
        first = f"{self.title or 'A network'}".rstrip(". ")[:70]
        lines = [f'    """{first}.', "", "    Inputs:"]
        for id in self.inputs:
            given = self.report.layers[id].outputs["y"]
            lines += wrapped(f"{self.identifiers.locals[id]}: {given.text}, {given.dtype}")
        lines += ["", "    Outputs:"]
        for (_, value), (_, name) in zip(self.results, self.outputs, strict=True):
            dtype = self.report.layers[value[0]].outputs[value[1]].dtype
            lines += wrapped(f"{name}: {self._shape(value)}, {dtype}")
        if self.report.requires:
            lines += ["", "    Requires:"]
            lines += [line for text in self.report.requires for line in wrapped(text)]
        return [*lines, '    """']

    def _shape(self, value: Value) -> str:
        given = self.body.report.layers[value[0]].outputs[value[1]]
        names = {f"given_{name}": name for name in self.design.top.parameters}
        inner = ", ".join(in_words(str(dim), names) for dim in given.shape)
        return f"({inner},)" if len(given.shape) == 1 else f"({inner})"

    def _shape_change(self, value: Value, before: Value | None) -> str:
        """The shape of a value, where it is not that of another."""
        layers = self.report.layers
        shape = layers[value[0]].outputs[value[1]].shape
        given = layers[before[0]].outputs[before[1]].shape if before else None
        return "" if not shape or shape == given else self._shape(value)

    def _rows(self) -> Rows:
        built, names = self.body.built, self.identifiers.names
        in_forward = [key for line in self.body.flow.lines for key in used_names(line.source)]
        texts = [text for lines in built.values() for text in lines]
        keys = [*(key for text in texts for key in used_names(text)), *in_forward]
        arguments = self._arguments(set(keys))
        shapes = {
            self.identifiers.locals[id]: self.report.layers[id].outputs["y"].shape for id in self.inputs
        }
        reads = symbol_sources(shapes)
        stored = {one.name: names.allocate(one.name, "value") for one in arguments if one.key in in_forward}
        reads |= {one.key: f"self.{stored[one.name]}" for one in arguments if one.name in stored}
        constructed = constructor_rows(arguments, stored, built)
        statements = self._statements(reads)
        head = [self.identifiers.locals[id] for id in self.inputs]
        forward = forward_rows(head, self.output_class or "Tensor", statements)
        return [*constructed, *([("", ())] if constructed else []), *forward]

    def _statements(self, reads: Mapping[str, str]) -> list[Row]:
        values = [value for _, value in self.results]
        if not self.output_class:
            return self.body.forward(reads, self._shape_change, values[0], self.outputs[0][1])
        rows = self.body.forward(reads, self._shape_change, None, "")
        given = ", ".join(self.body.values[value] for value in values)
        return [*rows, Row(f"return {self.output_class}({given})")]

    def _arguments(self, keys: set[str]) -> list[Argument]:
        """The parameters of the design, with their values as defaults."""
        names = Names()
        return [
            Argument(
                f"given_{name}",
                names.allocate(name, "value"),
                type(value).__name__,
                parameter=name,
                default=literal(value),
            )
            for name, value in self.design.top.parameters.items()
            if f"given_{name}" in keys
        ]
