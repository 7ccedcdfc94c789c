"""The body of one printed class, of the network or of a block: what `__init__` builds and what `forward` computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from codegen import recipe, support
from codegen.flow import Flow, Line, Value, out_of_reach
from codegen.names import Names, cleaned
from codegen.naming import Describe, Namer, Row
from codegen.origins import FLAGS, Origins
from codegen.spelled import SizeOutOfReach, rendered, used_names
from codegen.syntax import names_in
from codegen.uses import BuiltClass, UsePrinter
from graph_ir.block_graphs import WEIGHTS
from graph_ir.expressions import Value as Given
from graph_ir.graph import Node
from graph_ir.kinds import is_expression
from graph_ir.report import LayerReport, Report
from graph_ir.signature import Length
from graph_ir.spelling import is_spelled

X = "x"
LOCAL = frozenset({X, "outputs", "batch", "objective", "model", *support.NAMES})
"""What variables of printed code are called: no identifier of a layer."""
_OTHERS = ("y", "out", "z", "h")
_EACH = (
    "block",
    "layer",
    "each",
    "member",
    "block_",
)  # no layer is called `block_`: names end with no such mark


@dataclass
class Identifiers:
    """What the layers of one class are called: `locals` in `forward`, `attributes` behind `self.`."""

    names: Names
    locals: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, report: Report, names: Names) -> Identifiers:
        """In file order, Inputs and losses first: they are what a user of the module types."""
        found = cls(names)
        boundary = [id for id, entry in report.layers.items() if entry.trait == "input"]
        for id in [*boundary, *(id for id in report.layers if id not in boundary)]:
            entry = report.layers[id]
            if entry.trait == "output":
                continue
            plain = entry.trait == "input" and cleaned(id, "") == X and X not in found.locals.values()
            found.locals[id] = X if plain else names.allocate(id, entry.node.type.lower())
        shared: dict[str, str] = {}
        for id, name in found.locals.items():
            together = report.layers[id].node.values.get(WEIGHTS)
            if isinstance(together, str):
                name = shared.get(together) or names.allocate(together, "shared")
                shared[together] = name
            found.attributes[id] = name
        return found


@dataclass
class Body:
    """Prints `ids` of the network `report`; `plain` is the same with plain numbers.

    `known` are the arguments by value, `results` what is returned; `expressions` what expressions may name there.
    """

    report: Report
    plain: Report
    ids: Sequence[str]
    known: Mapping[Value, str]
    results: Sequence[Value]
    identifiers: Identifiers
    classes: Mapping[int, BuiltClass]
    expressions: Mapping[str, Given | None]
    origins: Origins
    carriers: Mapping[str, str] = field(default_factory=dict)
    values: dict[Value, str] = field(default_factory=dict)
    lengths: Mapping[Length, str] = field(default_factory=dict)

    @cached_property
    def flow(self) -> Flow:
        """What `forward` computes, with sizes as tokens."""
        return self._flow(exact=False)

    @cached_property
    def exact_lines(self) -> list[Line]:
        """The statements of `forward`, with all that layers are given."""
        return self._flow(exact=True).lines

    def _flow(self, *, exact: bool) -> Flow:
        each = next(name for name in _EACH if name not in self.identifiers.locals.values())
        uses = {id: use.form(self.identifiers.attributes[id], each) for id, use in self.uses.items()}
        return Flow(
            self.report,
            self.ids,
            self.known,
            self.results,
            self.identifiers.attributes,
            self.identifiers.names.copy(),
            None,
            uses,
            self.words,
            exact,
            self.carriers,
        )

    @cached_property
    def uses(self) -> dict[str, UsePrinter]:
        """The uses of blocks."""
        return {
            id: UsePrinter(entry, self.plain.layers[id], self.expressions, self.origins, self.classes)
            for id in self.ids
            if (entry := self.report.layers[id]).nested
        }

    @cached_property
    def words(self) -> dict[str, dict[str, str]]:
        """By layer: how the fields are written that are given by an expression over arguments."""
        if not any(map(is_spelled, self.expressions.values())) and FLAGS not in self.expressions:
            return {}
        found = {id: self._words(self.report.layers[id].node) for id in self.ids if id not in self.uses}
        return {id: words for id, words in found.items() if words}

    def _words(self, node: Node) -> dict[str, str]:
        return {
            name: text
            for name, raw in node.values.items()
            if is_expression(raw) and (text := self.origins.token(raw[1:], self.expressions))
        }

    @cached_property
    def built(self) -> dict[str, list[str]]:
        """The statements of `__init__` by layer, those with a suite over several entries; tokens stand in them."""
        return self._all_built(exact=False)

    @cached_property
    def exactly_built(self) -> dict[str, list[str]]:
        """The same with all arguments; of a use the constructors of all repetitions, "" for what is left out."""
        return self._all_built(exact=True)

    def _all_built(self, *, exact: bool) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        done: set[str] = set()
        live = set(self.flow.live)
        for id in self.ids:
            entry, attribute = self.report.layers[id], self.identifiers.attributes.get(id, "")
            if not recipe.is_built(entry.layer) or attribute in done or entry.inference is None:
                continue
            if id not in live and not (entry.weights or entry.buffers or _is_own(entry)):
                continue
            done.add(attribute)
            found[id] = self._built(id, entry, attribute, exact=exact)
        return found

    def _built(self, id: str, entry: LayerReport, attribute: str, *, exact: bool) -> list[str]:
        if id in self.uses:
            use = self.uses[id]
            items = use.items(exact=exact)
            if exact:
                return [item or "" for item in items]
            return [f"self.{attribute} = {use.constructor(items)}"] if any(items) or use.is_plain else []
        assert entry.layer is not None and entry.inference is not None, "only what fits is built"
        assert entry.inference.scope is not None, "an inference without error has its scope"
        words = self.words.get(id)
        text = recipe.constructor(entry.layer, entry.inference.scope, words, exact=exact)
        return [f"self.{attribute} = {text}", *recipe.preparation(entry.layer, attribute, entry.weights)]

    def forward(
        self,
        names: Mapping[str, str],
        describe: Describe,
        result: Value | None,
        output: str,
        x: str | None = None,
    ) -> list[Row]:
        """The rows of `forward`; `names` says how sizes and parameters are read. Raises Refused.

        Behind it, `values` has the variable of every value, `lengths` that of every length that was read.
        """
        flow = self._flow(exact=False)
        known = set(self.known.values())
        for line in flow.lines:
            self._check_reach(line.ids[0], line.source, names)
        flow.lines = [replace(line, source=rendered(line.source, names)) for line in flow.lines]
        local = self.identifiers.locals
        plain = self._x(flow, output) if x is None else x
        namer = Namer(flow, {*known, *self.carriers.values()}, local, flow.names, plain, describe)
        rows, called = namer.rows(result, output)
        self.values = {value: called.get(text, text) for value, text in flow.variables.items()}
        self.lengths = flow.length_names
        return rows

    def _check_reach(self, id: str, source: str, names: Mapping[str, str]) -> None:
        missing = next((name for name in used_names(source) if name not in names), None)
        if missing is not None:
            raise out_of_reach(id, SizeOutOfReach(missing))

    def _x(self, flow: Flow, output: str) -> str:
        """What a value is called that is read at once: `x`, unless an Input of that name is still to be read."""
        taken = {*flow.known.values(), *self.carriers.values()}
        if X not in taken:
            return X
        first = next((i for i, line in enumerate(flow.lines) if line.target in flow.places), len(flow.lines))
        reads = [i for i, line in enumerate(flow.lines) if _reads(line.source, X)]
        returned = any(flow.variables[value] == X for value in flow.results)
        if not returned and max(reads, default=0) <= first:
            return X
        taken |= {*self.identifiers.locals.values(), cleaned(output, "")}
        return next((name for name in _OTHERS if name not in taken), "")


def _reads(source: str, name: str) -> bool:
    return name in names_in(source)


def _is_own(entry: LayerReport) -> bool:
    """Whether it is a module of the user's own, of which only the user knows what it holds."""
    return entry.layer is not None and entry.layer.spec.own_ports
