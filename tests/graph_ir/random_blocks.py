"""Random networks with blocks: parameters, used several times, repeated, left out, shared, at every step of an axis."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graph_ir.dims import product
from graph_ir.graph import TOP, Design, Graph, Node, Wire
from graph_ir.infer import Inference, infer
from graph_ir.kinds import Json
from graph_ir.resolve import Names, resolve
from graph_ir.signature import Length, TensorType
from tests.graph_ir.random_graphs import RandomGraph, Value

DEEPEST = 2
Types = dict[str, TensorType]


@dataclass
class Made:
    """A block that is there: the types it was made for, and values that its parameters had."""

    name: str
    types: Types
    parameters: dict[str, Json]


@dataclass
class RandomBlocks(RandomGraph):
    """A random network whose layers are now and then uses of blocks, which are random networks too."""

    design: Design = field(default_factory=Design)
    name: str = TOP
    depth: int = 0
    made: list[Made] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.design.networks[self.name] = self.graph

    def grow(self) -> Design:
        """As without blocks; the first Input may be sequences with lengths, of steps that have lengths too."""
        super().grow()
        self.design.networks[TOP] = self.graph
        for graph in self.design.networks.values():
            graph.blocks = self.design.networks
        return self.design

    def add_input(self, id: str, shape: list[Json], dtype: str, role: str = "data") -> None:
        if id == "in0" and self.rng.random() < 0.3:
            self.add_sequences(id)
        else:
            super().add_input(id, shape, dtype, role)

    def add_sequences(self, id: str) -> None:
        """Sequences of different lengths, or sequences of such sequences."""
        deep = self.rng.random() < 0.6
        super().add_input(id, ["N", "S", "T", 4] if deep else ["N", "T", 4], "float32")
        known = self.pool[id, "y"]
        lengths: list[Length | None] = [None] * len(known.shape)
        self.graph.add(Node("len1", "Input", {"role": "lengths", "of": id, "axis": 1}))
        lengths[1] = Length("len1")
        if deep and self.rng.random() < 0.8:
            values: dict[str, Json] = {"role": "lengths", "of": id, "axis": 2, "shape": ["N", "S"]}
            self.graph.add(Node("len2", "Input", values))
            lengths[2] = Length("len2", over=2)
        self.pool[id, "y"] = TensorType(known.shape, known.dtype, known.roles, tuple(lengths))

    def add_layer(self, id: str, wanted: str = "") -> None:
        chance = 0.35 if self.depth == 0 else 0.15
        if not wanted and self.depth < DEEPEST and self.rng.random() < chance and self.add_use(id):
            return
        super().add_layer(id, wanted)

    def add_use(self, id: str) -> bool:
        """A use of a new block, or of one that is there; whether some was found that fits."""
        for _ in range(4):
            known = [made for made in self.made if self.rng.random() < 0.5 and self.depth == 0]
            each = None
            if known:
                made = self.rng.choice(known)
                wires = self.values_like(made.types)
            else:
                wires = self.some_values()
                each = self.axis_to_fold(wires)
                made = self.new_block({port: self.pool[value] for port, value in wires.items()}, each)
            if wires and self.use(id, made, wires, each):
                return True
        return False

    def values_like(self, types: Types) -> dict[str, Value]:
        """Values of the same shapes and numbers as a block was made for; empty if there are none."""
        found: dict[str, Value] = {}
        for port, wanted in types.items():
            fitting = [v for v, t in self.pool.items() if (t.shape, t.dtype) == (wanted.shape, wanted.dtype)]
            if not fitting:
                return {}
            found[port] = self.rng.choice(fitting)
        return found

    def some_values(self) -> dict[str, Value]:
        ports = "ab"[: self.rng.choice((1, 1, 1, 2))]
        newest = list(self.pool)[-4:]
        return {port: self.rng.choice(newest) for port in ports}

    def axis_to_fold(self, wires: dict[str, Value]) -> int | None:
        """An axis that all have, of the same size; now and then, where there is one."""
        shapes = [self.pool[value].shape for value in wires.values()]
        fewest = min(map(len, shapes))
        axes = [a for a in range(1, fewest) if len({(s[0], s[a]) for s in shapes}) == 1 and fewest > 2]
        return self.rng.choice(axes) if axes and self.rng.random() < 0.5 else None

    def new_block(self, outside: Types, each: int | None) -> Made:
        """A block made for these types: some layers, one or two results, some numbers made parameters or letters."""
        name = f"B{len(self.design.networks)}"
        inner = RandomBlocks(
            self.rng, Graph(), design=self.design, name=name, depth=self.depth + 1, made=self.made
        )
        inner.refused = self.refused
        inner.favoured = self.favoured
        for port, given in outside.items():
            inner.graph.add(Node(port, "Input"))
            inner.pool[port, "y"] = given if each is None else _one_step(given, each)
        types = {port: inner.pool[port, "y"] for port in outside}
        for i in range(self.rng.randint(1, 4)):
            inner.add_layer(f"l{i}")
        results = list(inner.pool)[len(types) :] or list(inner.pool)
        alike = [value for value in results if inner.pool[value].shape == types["a"].shape]
        inner.mark("y", self.rng.choice(alike if alike and self.rng.random() < 0.8 else results))
        if self.rng.random() < 0.2:
            inner.mark("z", self.rng.choice(results))
        made = Made(name, types if each is None else {}, inner.name_numbers(types))
        if each is None:
            self.made.append(made)
        return made

    def mark(self, id: str, value: Value) -> None:
        self.graph.add(Node(id, "Output"))
        self.graph.add_wire(Wire(*value, id, "x"))

    def name_numbers(self, types: Types) -> dict[str, Json]:
        """Puts parameters, and letters of the ports' patterns, in the place of some numbers; values of the former."""
        letters = {}
        if self.rng.random() < 0.5:
            for port, given in types.items():
                names = [f"{port.upper()}{axis}" for axis in range(len(given.shape))]
                self.graph.replace(Node(port, "Input", {"shape": names}))
                letters |= {
                    size: name for size, name in zip(given.shape, names, strict=True) if isinstance(size, int)
                }
        found: dict[str, Json] = {}
        for node in self.graph.nodes():
            values: dict[str, Json] = dict(node.values)
            for key, raw in node.values.items():
                if (
                    not isinstance(raw, int)
                    or isinstance(raw, bool)
                    or self.rng.random() < 0.5
                    or node.id in types
                ):
                    continue
                if raw in letters and self.rng.random() < 0.5:
                    values[key] = f"={letters[raw]}"
                else:
                    name = f"p{len(found)}"
                    values[key] = self.rng.choice([f"={name}", f"={name} + 1 - 1", f"={name}*2 - {name}"])
                    found[name] = raw
            if values != node.values:
                self.graph.replace(Node(node.id, node.type, values, node.label))
        self.graph.parameters.update({name: self.rng.choice([None, value]) for name, value in found.items()})
        return found

    def use(self, id: str, made: Made, wires: dict[str, Value], each: int | None) -> bool:
        """Adds a use with random values, or with fewer of them where they do not fit; whether one fits."""
        block = self.design.networks[made.name]
        fits_again = sum(node.type == "Output" for node in block) <= len(wires)
        chance = self.rng.random
        values: dict[str, Any] = {"block": made.name}
        given = {n: v for n, v in made.parameters.items() if block.parameters[n] is None or chance() < 0.5}
        if given:
            values["parameters"] = {
                n: self.rng.choice([v, f"={v} if i < 9 else 1"]) for n, v in given.items()
            }
        if each is not None:
            values["each"] = each
        more: dict[str, Any] = {}
        if fits_again and chance() < 0.5:
            more["repeat"] = self.rng.randint(2, 3)
        if fits_again and chance() < 0.3:
            more["when"] = self.rng.choice([False, True, "=i != 1", "=i == 1"])
        return any(self.try_use(id, {**values, **extra}, wires) for extra in (more, {}))

    def try_use(self, id: str, values: dict[str, Any], wires: dict[str, Value]) -> bool:
        node = Node(id, "Block", values)
        self.graph.blocks = self.design.networks
        layer, _ = resolve(node, Names({}, ""), self.graph)
        if layer is None:
            return False
        types = {port: self.pool[value] for port, value in wires.items()}
        found = infer(layer, tuple(types.items()))
        if found.error is not None or not self.small(found):
            return False
        self.graph.add(node)
        for port, value in wires.items():
            self.graph.add_wire(Wire(*value, id, port))
        self.pool |= {(id, port): given for port, given in found.outputs.items()}
        if self.rng.random() < 0.6:
            self.share(node, found)
        return True

    def share(self, node: Node, found: Inference) -> None:
        """Lets the use share its weights with one of the same values, if there is one whose weights are as large."""
        for id in self.graph.uses:
            other = self.graph.node(id)
            if id != node.id and {**other.values, "weights": ""} == {**node.values, "weights": ""}:
                name = str(other.values.get("weights", f"w {id}"))
                for each in (other, node):
                    self.graph.replace(Node(each.id, each.type, {**each.values, "weights": name}))
                return


def _one_step(given: TensorType, axis: int) -> TensorType:
    """The type inside a fold."""
    kept = [at for at in range(1, len(given.shape)) if at != axis]
    lengths = [given.length(at) for at in kept]
    inside = tuple(Length(one.of, over=max(1, one.over - 1)) if one else None for one in lengths)
    shape = (product((given.shape[0], given.shape[axis])), *(given.shape[at] for at in kept))
    return TensorType(shape, given.dtype, (), (None, *inside))
