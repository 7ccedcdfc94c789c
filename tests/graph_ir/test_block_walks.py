"""Random edits of designs with blocks: the check says what one from nothing says, and undone the bytes are the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from graph_ir import block_edits, edits, templates
from graph_ir.check import check
from graph_ir.edits import REMOVE, Edit, Refused
from graph_ir.file import dump, parse
from graph_ir.graph import TOP, Design, Graph, Wire
from graph_ir.layers import catalogue
from graph_ir.report import Report
from graph_ir.resolve import forget, layer_type
from tests.graph_ir.block_samples import SAMPLES
from tests.graph_ir.test_incremental import VALUES, facts

SEEDS, EDITS = 2, 90
"""Walks of each design, and edits and undos of each."""
STARTS: dict[str, Callable[[], Design]] = {
    **SAMPLES,
    **{
        name: lambda name=name: templates.load(name)  # type: ignore[misc]  # a default
        for name in ("time-distributed", "tcn")
    },
}
NAMES = ("A", "B", "Residual", "my block", "x", "")
USE_VALUES: dict[str, tuple[Any, ...]] = {
    "repeat": (REMOVE, 1, 2, 3, 0, "=depth", "=width", "=T"),
    "when": (REMOVE, True, False, "=i > 0", "=width > 4", "=3", "=N > 1"),
    "each": (REMOVE, 1, 2, 0),
    "weights": (REMOVE, "w", "twin"),
    "parameters": (
        REMOVE,
        {"width": 5},
        {"channels": "=width", "stride": 2},
        {"channels": 4, "stride": "=2 if i == 0 else 1"},
        {"width": "=i + 3", "bias": False},
        {"channels": "=open", "wrong": 1},
        {"size": 3},
    ),
}


def from_nothing(design: Design, chance: random.Random) -> Report:
    """The check of the same networks, built anew with their wires in any order and nothing remembered."""
    built: dict[str, Graph] = {}
    for name, graph in design.networks.items():
        built[name] = Graph(dict(graph.parameters))
        for node in graph:
            built[name].add(node)
        wires = graph.wires()
        chance.shuffle(wires)
        for wire in wires:
            built[name].add_wire(wire)
    forget()
    return check(Design(networks=built))


def whole(report: Report) -> list[Any]:
    """All that a report says, of what is inside uses too."""
    inside = [
        (id, nested.index, dict(nested.parameters), nested.lengths, nested.report and whole(nested.report))
        for id, entry in report.layers.items()
        for nested in entry.nested
    ]
    shares = [entry.shares for entry in report.layers.values()]
    plain = [fact if not isinstance(fact, tuple) else _without_identity(fact) for fact in facts(report)]
    return [*plain, shares, inside]


def _without_identity(fact: tuple[Any, ...]) -> tuple[Any, ...]:
    """A layer's facts with a use's layer as its values: a use knows the state of its design, which is another."""
    return tuple(
        part.values() if getattr(part, "spec", None) and part.spec.type == "Block" else part for part in fact
    )


class Hand:
    """Makes random edits in any network, sensible and wild."""

    def __init__(self, design: Design, seed: str) -> None:
        self.design, self.chance = design, random.Random(seed)
        self.done: list[tuple[Edit, str]] = []
        self.titles: set[str] = set()

    def step(self) -> None:
        """One edit or one undo, with a look at the bytes."""
        before = dump(self.design)
        if self.done and self.chance.random() < 0.25:
            edit, then = self.done.pop()
            edits.apply(self.design, edit.inverse())
            assert dump(self.design) == then, edit.title
            return
        try:
            edit = self.chance.choice(self.ways())()
        except Refused as error:
            assert str(error).endswith(".")
            assert dump(self.design) == before
            return
        assert dump(self.design) == before
        edits.apply(self.design, edit)
        after = dump(self.design)
        edits.apply(self.design, edit.inverse())
        assert dump(self.design) == before, edit.title
        edits.apply(self.design, edit)
        assert dump(self.design) == after, edit.title
        assert dump(parse(after)) == after, edit.title
        self.done.append((edit, before))
        self.titles.add(edit.title.split()[0])

    def undo_all(self) -> None:
        """Back to the start, one by one."""
        for edit, before in reversed(self.done):
            edits.apply(self.design, edit.inverse())
            assert dump(self.design) == before, edit.title

    def ways(self) -> list[Callable[[], Edit]]:
        blocks = [self.make, self.dissolve, self.unique, self.rename_block, self.remove_block, self.add_block,
                  self.add_use, self.block_parameter, self.rename_parameter]  # fmt: skip
        plain = [self.field, self.connect, self.disconnect, self.insert, self.add, self.remove, self.rename,
                 self.parameter, self.move]  # fmt: skip
        return [*blocks, *plain, self.use_field, self.use_field, self.use_field]

    def network(self) -> str:
        return self.chance.choice([TOP, *self.design.networks])

    def block(self) -> str:
        return self.chance.choice([*list(self.design.networks)[1:], "Gone"])

    def id(self, network: str) -> str:
        return self.chance.choice(self.design.networks[network].ids() or ["gone"])

    def used(self) -> tuple[str, str]:
        found = [(name, id) for name, graph in self.design.networks.items() for id in graph.uses]
        return self.chance.choice(found or [(TOP, "gone")])

    def port(self, network: str, id: str, *, output: bool) -> str:
        graph = self.design.networks[network]
        cls = layer_type(graph.node(id), graph) if id in graph else None
        ports = [port.name for port in (cls.spec.outputs if output else cls.spec.inputs)] if cls else []
        return self.chance.choice([*ports, *ports, "x1", "y"])

    def wire(self, network: str) -> Wire:
        wires = self.design.networks[network].wires()
        if not wires:
            raise Refused("There is no wire.")
        return self.chance.choice(wires)

    def make(self) -> Edit:
        network = self.network()
        ids = self.design.networks[network].ids() or ["gone"]
        at = self.chance.randrange(len(ids))
        return block_edits.make_block(
            self.design, network, ids[at : at + self.chance.randint(1, 4)], self.chance.choice(NAMES)
        )

    def dissolve(self) -> Edit:
        return block_edits.dissolve(self.design, *self.used())

    def unique(self) -> Edit:
        return block_edits.make_unique(self.design, *self.used(), self.chance.choice(NAMES))

    def rename_block(self) -> Edit:
        return block_edits.rename_block(self.design, self.block(), self.chance.choice(NAMES))

    def remove_block(self) -> Edit:
        return block_edits.remove_block(self.design, self.block())

    def add_block(self) -> Edit:
        return block_edits.add_block(self.design, self.chance.choice(NAMES))

    def add_use(self) -> Edit:
        network = self.network()
        id = self.id(network)
        after = (id, self.port(network, id, output=True)) if id != "gone" else None
        return block_edits.add_use(self.design, network, self.block(), after=after)

    def block_parameter(self) -> Edit:
        name = self.chance.choice(["width", "channels", "stride", "C", "fresh", "if"])
        value = self.chance.choice([None, 1, 2, 1.0, True, "text", REMOVE])
        return block_edits.set_block_parameter(self.design, self.block(), name, value)

    def rename_parameter(self) -> Edit:
        network = self.network()
        known = [*self.design.networks[network].parameters, "gone"]
        new = self.chance.choice(["p", "q", "C", "width", "i"])
        return block_edits.rename_parameter(self.design, network, self.chance.choice(known), new)

    def use_field(self) -> Edit:
        network, id = self.used()
        name = self.chance.choice([*USE_VALUES, "block"])
        value = self.block() if name == "block" else self.chance.choice(USE_VALUES[name])
        return edits.set_fields(self.design, network, id, {name: value})

    def field(self) -> Edit:
        network = self.network()
        id = self.id(network)
        graph = self.design.networks[network]
        cls = catalogue().get(graph.node(id).type) if id in graph else None
        if cls is None or not cls.spec.fields:
            raise Refused("It has no fields.")
        name = self.chance.choice(list(cls.spec.fields))
        return edits.set_fields(self.design, network, id, {name: self.chance.choice([REMOVE, *VALUES])})

    def connect(self) -> Edit:
        network = self.network()
        source, target = self.id(network), self.id(network)
        ports = self.port(network, source, output=True), self.port(network, target, output=False)
        return edits.connect(self.design, network, Wire(source, ports[0], target, ports[1]))

    def disconnect(self) -> Edit:
        network = self.network()
        return edits.disconnect(self.design, network, self.wire(network))

    def insert(self) -> Edit:
        network = self.network()
        type = self.chance.choice(["ReLU", "Linear", "Identity", "LayerNorm"])
        return edits.insert_on_wire(self.design, network, self.wire(network), type)

    def add(self) -> Edit:
        network = self.network()
        id = self.id(network)
        after = (id, self.port(network, id, output=True)) if id != "gone" else None
        type = self.chance.choice(
            ["Input", "Output", "ReLU", "Linear", "Add", "Conv2d", "MSELoss", "Permute"]
        )
        return edits.add_layer(self.design, network, type, after=after)

    def remove(self) -> Edit:
        network = self.network()
        return edits.remove_layers(self.design, network, [self.id(network)], heal=self.chance.random() < 0.7)

    def rename(self) -> Edit:
        network = self.network()
        return edits.rename(
            self.design, network, self.id(network), self.chance.choice(["a", "b", "it's", "x"])
        )

    def parameter(self) -> Edit:
        name = self.chance.choice(["width", "depth", "channels", "fresh"])
        value = self.chance.choice([1, 1.0, True, 3, None, 4, 100_000, REMOVE])
        return edits.set_parameter(self.design, self.network(), name, value)

    def move(self) -> Edit:
        network = self.network()
        return edits.move(self.design, network, {self.id(network): (self.chance.random() * 99, 24)})


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_after_any_edit_of_blocks_the_report_is_that_of_a_check_from_nothing(name: str, seed: int) -> None:
    design = STARTS[name]()
    check(design)
    hand = Hand(design, f"{name}/{seed}")
    for _ in range(EDITS):
        hand.step()
        assert whole(check(design)) == whole(from_nothing(design, hand.chance)), hand.done[-1:]
    hand.undo_all()


def test_the_walks_make_all_kinds_of_edits() -> None:
    found: set[str] = set()
    for name in SAMPLES:
        for seed in range(SEEDS):
            hand = Hand(STARTS[name](), f"kinds {name}/{seed}")
            for _ in range(EDITS):
                hand.step()
            found |= hand.titles
    assert {"Make", "Dissolve", "Rename", "Add", "Remove", "Change", "Wire", "Insert", "Delete"} <= found


@pytest.mark.campaign
@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("seed", range(10))
def test_many_edits_of_blocks_undo_to_the_same_bytes(name: str, seed: int) -> None:
    hand = Hand(STARTS[name](), f"campaign {name}/{seed}")
    for i in range(1_000):
        hand.step()
        if i % 10 == 0:
            assert whole(check(hand.design)) == whole(from_nothing(hand.design, hand.chance))
    hand.undo_all()
