"""Random networks over the whole catalogue, wired so that they mostly fit; nothing here knows a layer."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from codegen.example import example
from graph_ir.build import build
from graph_ir.bypass import Through
from graph_ir.dims import Expr, product, substitute, symbol, symbols, to_json
from graph_ir.graph import TOP, Design, Graph, Node, Wire
from graph_ir.infer import Inference, infer
from graph_ir.kinds import Json, Sizes
from graph_ir.layers import catalogue
from graph_ir.recipes import Absent
from graph_ir.resolve import Names, resolve
from graph_ir.signature import Port, TensorType
from graph_ir.spec import Layer, Spec
from tests.graph_ir.cases import Case, Types, raw_value

Value = tuple[str, str]
SHAPES: tuple[list[Json], ...] = (
    ["N", 3, "H", "W"],
    ["N", 4, 8, 8],
    ["N", 2, 7, "W"],
    ["N", 1, 4, 3, "W"],
    ["N", 2, 3, 4, 4],
    ["N", "T", 6],
    ["N", 8, "T"],
    ["N", 5, 4],
    ["N", 6],
    ["N", "T"],
    [3, 4, 6],
)
ENTRIES, WEIGHTS = 5_000, 50_000
BYPASSED = 0.04
"""So many of the layers are left out."""
_SPECS = {name: cls.spec for name, cls in catalogue().items()}
INNER = [
    name
    for name, spec in _SPECS.items()
    if not isinstance(spec.recipe, Absent) and spec.trait != "loss" and not spec.own_ports
]
LOSSES = [name for name, spec in _SPECS.items() if spec.trait == "loss"]
_INPUT = next(name for name, spec in _SPECS.items() if spec.trait == "input")
_OUTPUT = next(name for name, spec in _SPECS.items() if spec.trait == "output")


def _may_fit(port: Port, given: TensorType) -> bool:
    """Whether dtype and number of axes fit."""
    return given.dtype in port.dtypes and (port.rank is None or port.rank == len(given.shape))


@dataclass
class RandomGraph:
    """A network as it grows: what may be read, and what did not fit on the way."""

    rng: random.Random
    graph: Graph = field(default_factory=Graph)
    pool: dict[Value, TensorType] = field(default_factory=dict)
    refused: list[Case] = field(default_factory=list)
    favoured: list[str] = field(default_factory=lambda: INNER)
    """The types that most of its layers have."""
    wanted: str = ""
    """A type that it is to have, if that fits anything."""
    whole: set[str] = field(default_factory=set)
    """The layers that are not bypassed."""

    def grow(self) -> Design:
        """Inputs, then some layers (now and then mostly of one category), an Output or more, and perhaps a loss."""
        if self.rng.random() < 0.4:
            category = _SPECS[self.rng.choice(INNER)].category
            self.favoured = [name for name in INNER if _SPECS[name].category is category]
        for i in range(self.rng.choice((1, 1, 2, 3))):
            dtype = (
                "float32" if i == 0 else self.rng.choice(("float32", "float32", "float64", "int64", "bool"))
            )
            self.add_input(f"in{i}", self.rng.choice(SHAPES), dtype)
        count = self.rng.randint(2, 12)
        for i in range(count):
            self.add_layer(f"n{i}", self.wanted if self.wanted in INNER and i == count // 2 else "")
        for i, value in enumerate(
            self.rng.sample(list(self.pool), min(len(self.pool), self.rng.randint(1, 3)))
        ):
            self.graph.add(Node(f"out{i}", _OUTPUT))
            self.graph.add_wire(Wire(*value, f"out{i}", "x"))
        if self.rng.random() < 0.5 or self.wanted in LOSSES:
            self.add_loss()
        return Design(networks={TOP: self.graph})

    def add_input(self, id: str, shape: list[Json], dtype: str, role: str = "data") -> None:
        """An Input; its type can be read from now on."""
        self.graph.add(Node(id, _INPUT, {"shape": shape, "dtype": dtype, "role": role}))
        dims = tuple(symbol(size) if isinstance(size, str) else size for size in shape)
        self.pool[id, "y"] = TensorType(dims, dtype)

    def add_layer(self, id: str, wanted: str = "") -> None:
        """A layer of a random type (or the wanted one) on values that fit it, if some are found in a few tries."""
        self.whole |= {id} if wanted else set()
        for _ in range(80 if wanted else 12):
            spec = _SPECS[wanted or self.rng.choice(self.favoured if self.rng.random() < 0.7 else INNER)]
            wires = self.choose_wires(spec)
            types = {port: self.pool[value] for port, value in wires.items()}
            values = self.values(spec, types)
            layer, _ = build(catalogue()[spec.type], values)
            if layer is None or (spec.inputs and not types):
                continue
            found = infer(layer, tuple(types.items()))
            if found.error is None and self.small(found):
                self.keep(id, spec, values, wires, found)
                return
            if found.error is not None and not any(symbols(d) for t in types.values() for d in t.shape):
                self.refused.append(Case(catalogue()[spec.type], values, types, frozenset()))

        if wanted:
            self.add_example(id, _SPECS[wanted])

    def add_example(self, id: str, spec: Spec) -> None:
        """The layer with Inputs of its own, as in the reference: where nothing that is there fits."""
        worked = example(catalogue()[spec.type])
        for port, given in worked.inputs.items():
            self.add_input(f"{id} {port}", [to_json(size) for size in given.shape], given.dtype)
        wires = {port: (f"{id} {port}", "y") for port in worked.inputs}
        self.keep(id, spec, worked.layer.values(), wires, worked.inference)

    def choose_wires(self, spec: Spec) -> dict[str, Value]:
        """Any values; the newest more often, and for several ports now and then the same, or another of its layer."""
        values = list(self.pool)
        newest = values[-3:]
        wires: dict[str, Value] = {}
        for port in spec.inputs:
            names = [port.name]
            if port.variadic:
                names = [f"{port.name}{i}" for i in range(1, self.rng.randint(2, 3) + 1)]
            elif port.optional and self.rng.random() < 0.7:
                names = []
            for name in names:
                again = list(wires.values()) if self.rng.random() < 0.5 else []
                layers = {id for id, _ in again}
                beside = [value for value in values if value[0] in layers and value not in again]
                some = newest if self.rng.random() < 0.6 else values
                if self.rng.random() < 0.7:
                    some = [value for value in values if _may_fit(port, self.pool[value])] or some
                wires[name] = self.rng.choice((self.rng.random() < 0.5 and beside) or again or some)
        return wires

    def values(self, spec: Spec, types: dict[str, TensorType]) -> dict[str, Json]:
        """Fields within their limits; a shape is often made of the sizes that are there."""
        found: dict[str, Json] = {}
        for name, declared in spec.fields.items():
            if not declared.required and self.rng.random() < (0.6 if declared.in_torch else 0.9):
                continue
            found[name] = raw_value(self.rng, declared.kind, 0.0)
            given = next(iter(types.values()), None)
            plain = given is not None and all(
                isinstance(d, int) or str(d).isidentifier() for d in given.shape
            )
            if isinstance(declared.kind, Sizes) and plain and given is not None and self.rng.random() < 0.8:
                sizes = [to_json(size) for size in given.shape[1:]]
                found[name] = self.rng.sample(sizes, len(sizes))
        return found

    @staticmethod
    def small(found: Inference) -> bool:
        """Whether it can be run quickly: every symbol taken as 9."""
        entries = [
            substitute(product(given.shape), dict.fromkeys(symbols(product(given.shape)), 9))
            for given in found.outputs.values()
        ]
        return all(isinstance(n, int) and n <= ENTRIES for n in entries) and found.parameters <= WEIGHTS

    def keep(
        self, id: str, spec: Spec, values: dict[str, Json], wires: dict[str, Value], found: Inference
    ) -> None:
        node = Node(id, spec.type, values)
        self.graph.add(node)
        for port, value in wires.items():
            self.graph.add_wire(Wire(*value, id, port))
        if wires and not spec.trait and id not in self.whole and self.rng.random() < BYPASSED:
            found = self.bypassed(node, wires) or found
        if spec.trait != "loss":
            self.pool |= {(id, port): given for port, given in found.outputs.items()}

    def bypassed(self, node: Node, wires: dict[str, Value]) -> Inference | None:
        """What goes through a layer that is now left out; None (and it stays as it is) where nothing can."""
        through = node.having(bypass=True)
        layer, _ = resolve(through, Names({}, ""), self.graph)
        if not isinstance(layer, Through) or layer.barred:
            return None
        types = tuple((port, self.pool[value]) for port, value in wires.items())
        found = infer(layer, types)
        if found.error is not None:
            return None
        self.graph.replace(through)
        return found

    def add_loss(self) -> None:
        """A loss on any value; what else it compares are Inputs of the shapes that errors ask for."""
        for _ in range(80 if self.wanted in LOSSES else 16):
            spec = _SPECS[self.wanted if self.wanted in LOSSES else self.rng.choice(LOSSES)]
            there = list(self.pool)
            fitting = [value for value in there if _may_fit(spec.inputs[0], self.pool[value])]
            value = self.rng.choice(fitting or there)
            given = self.pool[value]
            first, *others = (port for port in spec.inputs if not port.optional)
            values = self.values(spec, {first.name: given})
            layer, _ = build(catalogue()[spec.type], values)
            if layer is None or any(isinstance(d, Expr) and not str(d).isidentifier() for d in given.shape):
                continue
            types = {port.name: TensorType(given.shape, self.rng.choice(port.dtypes)) for port in others}
            types, found = self.mended(layer, {first.name: given} | types, first.name)
            if found.error is None:
                wires = {port.name: (port.name, "y") for port in others}
                for port, made in types.items():
                    self.add_input(port, [to_json(d) for d in made.shape], made.dtype, "target")
                self.keep("loss", spec, values, {first.name: value} | wires, found)
                return

    @staticmethod
    def mended(layer: Layer, types: Types, fixed: str) -> tuple[Types, Inference]:
        """Follows the shapes that errors ask for, but at `fixed`; a letter that is still free becomes a 3."""
        for _ in range(2 * len(types)):
            found = infer(layer, tuple(types.items()))
            error = found.error
            if error is None or error.port is None or error.port == fixed or error.wanted is None:
                break
            shape = tuple(3 if isinstance(size, str) else size for size in error.wanted)
            types[error.port] = TensorType(shape, types[error.port].dtype)
        return {port: given for port, given in types.items() if port != fixed}, found
