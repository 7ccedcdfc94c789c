"""The statements that compute some layers of a network, one after the other.

Values that are computed stand in them as places (`value_3_`): what they are called is decided when all is known
(`codegen.naming`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from codegen import recipe
from codegen.lengths import fill_value, packed, rewritten
from codegen.names import Names
from codegen.place import Place
from codegen.spelled import SizeOutOfReach
from codegen.support import FILL
from codegen.useform import UseForm, folded, length_arguments, lengths_read, unfolding
from graph_ir.edits import Refused
from graph_ir.recipes import Absent, Module, Passing, Stored, SubNetwork
from graph_ir.report import Report
from graph_ir.signature import Length
from graph_ir.spec import Category, Layer

Value = tuple[str, str]
"""An output: (layer's id, port)."""

PLACE = re.compile(r"\bvalue_\d+_\b")
"""What stands for the name of a value."""

_STEPS = (Category.CONVOLUTION, Category.DENSE, Category.RECURRENT, Category.ATTENTION)


@dataclass(frozen=True)
class Line:
    """A statement `target = source` of a layer, names open.

    `gives` is the value whose shape may be told beside it, `takes` the one it is compared with. A `main` line is what
    the layer itself does; others prepare or finish it. `is_step` says that it is a layer with weights or a block: only
    one of these stands in a line. `loop` is the head of the loop whose body the statement is.
    """

    ids: tuple[str, ...]
    target: str
    source: str
    gives: Value | None = None
    takes: Value | None = None
    main: bool = True
    joins: bool = False
    """Whether it may become a part of the next line: one plain target, nothing to prepare."""
    is_step: bool = False
    loop: str = ""
    is_use: bool = False
    pools: bool = False
    """Whether it pools: what follows begins a line of its own."""


@dataclass
class Flow:
    """Computes the layers `ids` (in this order) from `known` values; `results` are read at the end.

    `attributes` are the names of modules (`self.…`), `names` gives further ones; `symbols` says how sizes are read
    (None: they stay tokens, see `codegen.spelled`); `uses` how blocks are called. With `exact`, what layers are given
    is written in full, for comparing.
    """

    report: Report
    ids: Sequence[str]
    known: Mapping[Value, str]
    results: Sequence[Value]
    attributes: Mapping[str, str]
    names: Names
    symbols: Mapping[str, str] | None
    uses: Mapping[str, UseForm] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By layer: what fields are written as that the drawing gives by an expression."""
    exact: bool = False
    carriers: Mapping[str, str] = field(default_factory=dict)
    """Inside a block: the arguments that bring lengths."""

    @cached_property
    def into(self) -> dict[str, dict[str, Value]]:
        """For every layer: input port to the value on its wire, in the order of the declaration."""
        sources = {(w.target, w.target_port): (w.source, w.source_port) for w in self.report.wires}
        return {
            id: {port: sources[id, port] for port in entry.inputs if (id, port) in sources}
            for id, entry in self.report.layers.items()
        }

    @cached_property
    def live(self) -> list[str]:
        """The layers that reach a result."""
        within = set(self.ids)
        waiting = [id for id, _ in self.results if id in within]
        found = set(waiting)
        while waiting:
            new = {id for id, _ in self.into[waiting.pop()].values() if id in within and id not in found}
            found |= new
            waiting += new
        return [id for id in self.ids if id in found]

    @cached_property
    def used(self) -> dict[str, set[str]]:
        """For every layer: the output ports that something reads."""
        found: dict[str, set[str]] = {}
        read = (value for reader in self.live for value in self.into[reader].values())
        for id, port in (*self.results, *read):
            found.setdefault(id, set()).add(port)
        return found

    def layer(self, id: str) -> Layer:
        """The layer `id`, which a design without errors has."""
        layer = self.report.layers[id].layer
        assert layer is not None, "only designs without errors are printed"
        return layer

    @cached_property
    def variables(self) -> dict[Value, str]:
        """The source text of every value: a name, a place, or an attribute of a module."""
        found = dict(self.known)
        for id in self.ids:
            made = self.layer(id).spec
            if isinstance(made.recipe, Stored):
                found[id, "y"] = f"self.{self.attributes[id]}"
            elif isinstance(made.recipe, Module):
                module = f"self.{self.attributes[id]}"
                found |= {(id, port): f"{module}.{name}" for port, name in made.recipe.attributes.items()}
        for id in self.live:
            through_it = self.layer(id).spec.recipe
            if isinstance(through_it, Passing):
                into = self.into[id]
                through = {port: into[through_it.source(port, tuple(into))] for port in self.used.get(id, ())}
                found |= {(id, port): found[value] for port, value in through.items()}
            for port in self._computed(id):
                found.setdefault((id, port), f"value_{len(found)}_")
        return found

    @cached_property
    def places(self) -> dict[str, Value]:
        """Which value each place stands for: the one that is computed, where others are the same."""
        named = reversed(self.variables.items())
        return {text: value for value, text in named if PLACE.fullmatch(text)}

    def _computed(self, id: str) -> list[str]:
        """The outputs of a layer that get a name: those read, and those from which these are derived."""
        spec, used = self.layer(id).spec, self.used.get(id, set())
        if isinstance(spec.recipe, Absent | Stored | Passing):
            return []
        later = spec.recipe.derived if isinstance(spec.recipe, Module) else {}
        wanted = used | {read for port in used & set(later) for read in later[port][0]}
        return [port for port in (*recipe.returned(spec), *later) if port in wanted]

    def is_main(self, value: Value) -> bool:
        """Whether a value is the first that its layer gives, or derived: these may be called `x`."""
        spec = self.layer(value[0]).spec
        derived = isinstance(spec.recipe, Module) and value[1] in spec.recipe.derived
        return derived or recipe.returned(spec)[:1] == [value[1]]

    @cached_property
    def lines(self) -> list[Line]:
        """The statements. Raises Refused where a size can't be read off any tensor."""
        return [line for id in self.live for line in self._lines(id)]

    def _lines(self, id: str) -> list[Line]:
        layer = self.layer(id)
        made = layer.spec.recipe
        if isinstance(made, Absent | Stored | Passing):
            return []
        ports = self._computed(id)
        later = made.derived if isinstance(made, Module) else {}
        own = {port: self.variables[id, port] for port in ports if port not in later}
        before = self._length_lines(id)
        if isinstance(made, SubNetwork):
            return [*before, *self._use_lines(id, own)]
        place = self._place(id, layer)
        filled, call = self._filled_once(id, layer, self._call(id, layer, place))
        target = recipe.target(layer.spec, own)
        behind = self._refilled(id, own)
        shown = (id, next(iter(own))) if len(own) == 1 else None
        joins = PLACE.fullmatch(target) is not None and not (behind or later.keys() & set(ports))
        is_step, pools = layer.spec.category in _STEPS, layer.spec.category is Category.POOLING
        main = Line((id,), target, call, shown, self._first(id), True, joins, is_step, pools=pools)
        derived = [
            Line(
                (id,),
                self.variables[id, port],
                recipe.derived(layer, port, own),
                (id, port),
                self._first(id),
                joins=True,
            )
            for port in later
            if port in ports
        ]
        return [*before, *filled, main, *behind, *derived]

    def _use_lines(self, id: str, own: Mapping[str, str]) -> list[Line]:
        """A call of a block, or a loop over its repetitions."""
        entry, form = self.report.layers[id], self.uses[id]
        given = {port: self.variables[value] for port, value in self.into[id].items()}
        inputs, behind = list(folded(entry, given).values()), unfolding(entry, given)
        ports = [port.name for port in self.layer(id).spec.outputs]
        targets = [
            own.get(port) or self._handed_on(id, port, i < len(inputs)) for i, port in enumerate(ports)
        ]
        target = ", ".join(targets)
        shown = (id, next(iter(own))) if len(own) == 1 else None
        lines = [
            Line((id,), name, text, main=False)
            for name, text in zip(targets, inputs, strict=False)
            if not form.calls
        ]
        for call in form.calls:
            if call.loop or call is not form.calls[0]:
                if call is form.calls[0]:
                    pairs = zip(targets, inputs, strict=False)
                    lines += [Line((id,), name, text, main=False) for name, text in pairs]
                inputs = [*targets, *inputs[len(targets) :]]
            lengths = length_arguments(entry, call, given, self.length_names)
            source = f"{call.target}({', '.join([*inputs, *lengths])})"
            if form.optional:
                source = f"{source} if {call.target} is not None else ({', '.join(inputs[: len(targets)])})"
            first = self._first(id)
            last = shown if call is form.calls[-1] else None
            lines.append(Line((id,), target, source, last, first, True, False, True, call.loop, is_use=True))
        is_short = len(inputs) == 1 and not any(call.takes for call in form.calls)
        if not form.calls or len(lines) > 1 or len(targets) > 1 or form.optional or (behind and not is_short):
            unfolded = [
                Line((id,), text, behind[port](text), main=False) for port, text in own.items() if behind
            ]
            return [*lines, *unfolded]
        source = behind[ports[0]](lines[0].source) if behind else lines[0].source
        return [replace(lines[0], source=source, joins=True)]

    def _handed_on(self, id: str, port: str, feeds: bool) -> str:
        """The name of what nothing reads but the next repetition; `_` where there is none."""
        calls = self.uses[id].calls
        goes_on = feeds and (len(calls) > 1 or any(call.loop for call in calls))
        attribute = self.attributes[id]
        return self.names.allocate(f"{attribute}_{port}", attribute) if goes_on else "_"

    def _first(self, id: str) -> Value | None:
        return next(iter(self.into[id].values()), None)

    def _filled_once(self, id: str, layer: Layer, call: str) -> tuple[list[Line], str]:
        """A tail that a call would fill again and again (attention reads its input thrice) gets a line of its own."""
        carried, lines = self._carried(id), []
        for port in dict.fromkeys(port for port, _ in carried):
            name, text = self.variables[self.into[id][port]], self._filled(layer, port, id, carried)
            if text != name and call.count(text) > 1 and name.isidentifier():  # `outputs.y` can't be assigned
                lines.append(Line((id,), name, text, main=False))
                call = call.replace(text, name)
        return lines, call

    def _refilled(self, id: str, own: Mapping[str, str]) -> list[Line]:
        """Padded steps that are no zeros (of a maximum they are -inf) become zeros: 0 · inf would spoil gradients."""
        if not self.layer(id).tail():
            return []
        outputs = self.report.layers[id].outputs
        lengths = {port: length for port in own for length in outputs[port].lengths if length}
        lines = self._rewritings(id, lengths.values())
        for port, length in lengths.items():
            axis = outputs[port].lengths.index(length)
            source = f"{FILL}({own[port]}, {self.length_names[length]}, {axis})"
            lines.append(Line((id,), own[port], source, main=False))
        return lines

    def _place(self, id: str, layer: Layer) -> Place:
        entry = self.report.layers[id]
        types = {port: given for port, given in entry.inputs.items() if given is not None}
        carried = self._carried(id)
        variables = {port: self._filled(layer, port, id, carried) for port in self.into[id]}
        used = frozenset(self.used.get(id, ()))
        return Place(layer.spec, variables, types, used, self.symbols, carried)

    def _filled(self, layer: Layer, port: str, id: str, carried: Mapping[tuple[str, int], str]) -> str:
        """The variable on a port; where padded steps would reach valid ones, with its tail filled."""
        text = self.variables[self.into[id][port]]
        value = layer.tail()
        for (other, axis), lengths in carried.items():
            if other == port and value is not None:
                text = f"{FILL}({text}, {lengths}, {axis}{fill_value(value)})"
        return text

    def _call(self, id: str, layer: Layer, place: Place) -> str:
        try:
            text = recipe.call(
                layer, self.attributes.get(id, ""), place, self.words.get(id), exact=self.exact
            )
        except SizeOutOfReach as error:
            raise out_of_reach(id, error) from None
        made = layer.spec.recipe
        lengths = place.lengths(made.packs, 1) if isinstance(made, Module) and made.packs else None
        return packed(text, place[made.packs], lengths) if isinstance(made, Module) and lengths else text

    def _lengths_of(self, id: str) -> dict[tuple[str, int], Length]:
        """The lengths that a layer reads, by port and axis."""
        layer = self.layer(id)
        if not (layer.consumes or layer.tail() is not None):
            return {}
        inputs = self.report.layers[id].inputs
        return {
            (port, axis): length
            for port, given in inputs.items()
            for axis, length in enumerate(given.lengths if given else ())
            if length
        }

    def _carried(self, id: str) -> dict[tuple[str, int], str]:
        return {place: self.length_names[length] for place, length in self._lengths_of(id).items()}

    def _length_lines(self, id: str) -> list[Line]:
        """The statements that rewrite lengths, where a layer is the first to read them."""
        if id in self.uses:
            return self._rewritings(id, lengths_read(self.report.layers[id], self.uses[id]))
        return self._rewritings(id, self._lengths_of(id).values())

    def _rewritings(self, id: str, lengths: Iterable[Length]) -> list[Line]:
        lines: list[Line] = []
        for length in lengths:
            for end in range(len(length.rewrites) + 1):
                part = replace(length, rewrites=length.rewrites[:end])
                if part in self.length_names:
                    continue
                before = self.length_names[replace(length, rewrites=length.rewrites[: end - 1])]
                name = self.names.allocate(f"{self._carriers[length.of]}_{end}", "lengths")
                self.length_names[part] = name
                lines.append(Line((id,), name, rewritten(before, length.rewrites[end - 1]), main=False))
        return lines

    @cached_property
    def length_names(self) -> dict[Length, str]:
        """The variables of all lengths so far; at first those that come in."""
        return {
            Length(of, over=over): self._carriers[of]
            for of, over in self._brought.items()
            if of in self._carriers
        }

    @cached_property
    def _carriers(self) -> dict[str, str]:
        """What brings lengths, and its variable: an Input, or an argument of a block's class."""
        inputs = {id: self.variables[id, "y"] for id in self._brought if (id, "y") in self.variables}
        return {**inputs, **self.carriers}

    @cached_property
    def _brought(self) -> dict[str, int]:
        types = (given for entry in self.report.layers.values() for given in entry.outputs.values())
        return {length.of: length.over for given in types for length in given.lengths if length}

    @cached_property
    def read_lengths(self) -> list[str]:
        """What brings the lengths that something here reads."""
        read = [
            length.of
            for id in self.live
            for length in (
                lengths_read(self.report.layers[id], self.uses[id])
                if id in self.uses
                else self._lengths_of(id).values()
            )
        ]
        return list(dict.fromkeys(read))


def out_of_reach(id: str, error: SizeOutOfReach) -> Refused:
    """The sentence where a size can't be read off any tensor."""
    text = (
        f"{id[:60]!r} needs the size {error.args[0]}, but no Input that it can read has an axis of that size"
    )
    return Refused(f"{text}; give it numbers or -1.")
