"""A check after an edit says what a check from nothing says, and looks only at what the edit can have changed."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from graph_ir import edits, templates
from graph_ir.changes import Change, SetNode, SetWire
from graph_ir.check import check
from graph_ir.graph import TOP, Design, Graph, Node, Wire
from graph_ir.infer import remembered
from graph_ir.layers import catalogue
from graph_ir.report import LayerReport, Report
from tests import networks

SEEDS = 2
EDITS = 150
"""Edits and undos of one seed in one design."""

VALUES: tuple[Any, ...] = (
    *(0, 1, 2, 3, 8, -1, 0.5, 1.0, True, False, None, "=width", "=2*width", "=H", "=missing", "mean", "y"),
    *(
        [3, 5],
        [1, -1],
        ["N", 4],
        ["N", "T", 8],
        ["N", 3, "H", "W"],
        [2, "=width"],
        "target",
        "lengths",
        "int64",
    ),
)


def with_parameters() -> Design:
    """Sizes that vary, fields that are expressions, two branches that must agree, lengths."""
    design = networks.design(
        {
            "image": {"type": "Input", "shape": ["N", 3, "H", "W"]},
            "conv": {"type": "Conv2d", "out_channels": "=width", "kernel_size": 3, "padding": 1},
            "down": {"type": "MaxPool2d", "kernel_size": 2},
            "up": {"type": "ConvTranspose2d", "out_channels": "=width", "kernel_size": 2, "stride": 2},
            "add": {"type": "Add"},
            "out": {"type": "Output"},
            "words": {"type": "Input", "shape": ["N", "T", 8], "role": "target"},
            "count": {"type": "Input", "role": "lengths", "of": "words", "axis": 1},
            "relu": {"type": "ReLU"},
        },
        [
            *("image -> conv", "conv -> down", "down -> up", "up -> add.x1", "conv -> add.x2", "add -> out"),
            "words -> relu",
        ],
    )
    design.top.parameters["width"] = 8
    return design


STARTS: dict[str, Callable[[], Design]] = {
    "small_cnn": networks.small_cnn,
    "two_heads": networks.two_heads,
    "auto_encoder": networks.auto_encoder,
    "with_parameters": with_parameters,
    **{name: lambda name=name: templates.load(name) for name in ("digits", "digits-lstm", "digit-strings")},  # type: ignore[misc]  # bound at once
}


def from_nothing(design: Design, random: random.Random) -> Report:
    """The check of the same network, built anew with its wires in any order."""
    graph, wires = Graph(dict(design.top.parameters)), design.top.wires()
    for node in design.top:
        graph.add(node)
    random.shuffle(wires)
    for wire in wires:
        graph.add_wire(wire)
    blocks = {name: block.copy() for name, block in design.networks.items()}
    return check(Design(networks=blocks | {TOP: graph}))


def facts(report: Report) -> list[Any]:
    """All that a report says."""
    layers = [(id, *layer_facts(entry)) for id, entry in report.layers.items()]
    rest = (
        report.network,
        report.order,
        report.wires,
        report.problems,
        report.requirements,
        report.macs_by_layer,
    )
    return [
        *layers,
        *rest,
        report.parameters,
        report.trainable_parameters,
        report.training_only,
        report.symbols,
    ]


def layer_facts(entry: LayerReport) -> tuple[Any, ...]:
    found = entry.inference
    inference = found and (found.weights, found.buffers, found.macs, found.requirements, found.warnings)
    told = (entry.node, entry.layer, dict(entry.inputs), dict(entry.outputs), list(entry.problems))
    return (*told, dict(entry.lengths), inference)


class Hand:
    """Makes random edits, sensible and wild."""

    def __init__(self, design: Design, seed: int) -> None:
        self.design, self.random = design, random.Random(seed)
        self.done: list[edits.Edit] = []

    def step(self) -> None:
        """One edit or one undo."""
        if self.done and self.random.random() < 0.3:
            edits.apply(self.design, self.done.pop().inverse())
            return
        try:
            edit = self.random.choice(self.ways())()
        except edits.Refused:
            return
        edits.apply(self.design, edit)
        self.done.append(edit)

    def ways(self) -> list[Callable[[], edits.Edit]]:
        graph = self.design.top
        if len(graph) < 3:
            return [self.add]
        wired = [self.disconnect, self.insert] if graph.wires() else []
        return [*[self.set_field] * 5, *[self.connect] * 2, *wired, self.add, self.remove, self.rename, self.label,
                self.parameter, self.wild_node, self.wild_wire]  # fmt: skip

    def id(self) -> str:
        return self.random.choice(self.design.top.ids())

    def port(self, id: str, *, output: bool) -> str:
        cls = catalogue().get(self.design.top.node(id).type)
        ports = [port.name for port in (cls.spec.outputs if output else cls.spec.inputs)] if cls else []
        return self.random.choice([*ports, *ports, "x1", "x2", "y"])

    def a_wire(self) -> Wire:
        source, target = self.id(), self.id()
        return Wire(source, self.port(source, output=True), target, self.port(target, output=False))

    def set_field(self) -> edits.Edit:
        id = self.id()
        cls = catalogue().get(self.design.top.node(id).type)
        if cls is None or not cls.spec.fields:
            raise edits.Refused("it has no fields")
        name = self.random.choice(list(cls.spec.fields))
        value = self.random.choice([edits.REMOVE, *VALUES, *self.design.top.ids()])
        return edits.set_fields(self.design, TOP, id, {name: value})

    def add(self) -> edits.Edit:
        type = self.random.choice(list(catalogue()))
        after = None
        if len(self.design.top) and self.random.random() < 0.7:
            id = self.id()
            after = (id, self.port(id, output=True))
        return edits.add_layer(self.design, TOP, type, after=after)

    def remove(self) -> edits.Edit:
        return edits.remove_layers(self.design, TOP, [self.id()], heal=self.random.random() < 0.5)

    def rename(self) -> edits.Edit:
        return edits.rename(self.design, TOP, self.id(), self.random.choice(["a", "b", "it's one", "words"]))

    def label(self) -> edits.Edit:
        return edits.set_label(self.design, TOP, self.id(), self.random.choice(["", "Anna", "Ben"]))

    def connect(self) -> edits.Edit:
        return edits.connect(self.design, TOP, self.a_wire())

    def disconnect(self) -> edits.Edit:
        return edits.disconnect(self.design, TOP, self.random.choice(self.design.top.wires()))

    def insert(self) -> edits.Edit:
        wire = self.random.choice(self.design.top.wires())
        return edits.insert_on_wire(self.design, TOP, wire, self.random.choice(list(catalogue())))

    def parameter(self) -> edits.Edit:
        name = self.random.choice(["width", "missing"])
        value = self.random.choice([1, 1.0, True, 8, None, 16, edits.REMOVE])
        return edits.set_parameter(self.design, TOP, name, value)

    def wild_node(self) -> edits.Edit:
        """Another type at the same place, which may be none at all."""
        graph = self.design.top
        old = graph.node(self.id())
        new = Node(old.id, self.random.choice([*list(catalogue())[:20], "Nothing", "Input"]), old.values)
        return edits.Edit("", (SetNode(TOP, old.id, old, new, graph.index(old.id)),))

    def wild_wire(self) -> edits.Edit:
        """A wire that may close a circle, end at a port that is taken or not there."""
        wire = self.a_wire()
        changes: tuple[Change, ...] = () if self.design.top.has_wire(wire) else (SetWire(TOP, wire, True),)
        return edits.Edit("", changes)


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_after_any_edit_the_report_is_that_of_a_check_from_nothing(name: str, seed: int) -> None:
    design = STARTS[name]()
    check(design)
    hand = Hand(design, seed)
    for _ in range(EDITS):
        hand.step()
        assert facts(check(design)) == facts(from_nothing(design, hand.random)), hand.done[-1:]


def test_several_edits_may_lie_between_two_checks_and_a_copy_goes_its_own_way() -> None:
    design = with_parameters()
    check(design)
    hand = Hand(design, 5)
    for _ in range(60):
        other = design.copy()
        there = Hand(other, hand.random.randrange(1000))
        for _ in range(hand.random.randrange(4)):
            hand.step()
            there.step()
        assert facts(check(other)) == facts(from_nothing(other, hand.random))
        assert facts(check(design)) == facts(from_nothing(design, hand.random))


def test_a_report_stays_what_it_was() -> None:
    design = with_parameters()
    hand = Hand(design, 11)
    kept = []
    for _ in range(40):
        report = check(design)
        kept.append((report, facts(report)))
        hand.step()
    for report, said in kept:
        assert facts(report) == said


CHAIN = (
    {"type": "Input", "shape": ["N", 3, 32, 32]},
    *({"type": "Conv2d", "out_channels": 8, "kernel_size": 3}, {"type": "ReLU"}),
    *({"type": "Conv2d", "out_channels": 8, "kernel_size": 3}, {"type": "ReLU"}),
    {"type": "Flatten"},
)


@pytest.mark.parametrize(
    ("id", "values", "recomputed"),
    [
        ("conv2d2", {"bias": False}, {"conv2d2"}),
        ("conv2d2", {"out_channels": 4}, {"conv2d2", "relu3", "conv2d4"}),
        ("conv2d2", {"kernel_size": 5}, {"conv2d2", "relu3", "conv2d4", "relu5", "flatten6", "out"}),
        ("conv2d4", {"out_channels": 0}, {"conv2d4", "relu5", "flatten6", "out"}),
        ("image", {"shape": ["N", 3, 32, 32]}, set()),
    ],
)
def test_an_edit_costs_its_downstream_cone_and_stops_where_nothing_changes(
    id: str, values: dict[str, Any], recomputed: set[str]
) -> None:
    design = networks.chain(*CHAIN)
    before = check(design)
    assert before.recomputed == set(design.top.ids())
    edits.apply(design, edits.set_fields(design, TOP, id, values))
    report = check(design)
    assert report.recomputed == recomputed
    assert all(report.layers[id] is before.layers[id] for id in report.layers if id not in recomputed)
    assert check(design).recomputed == frozenset()


def test_an_edit_that_changes_no_type_asks_one_layer() -> None:
    design = networks.resnet152()
    check(design)
    edits.apply(design, edits.set_fields(design, TOP, "s3_7_b_conv", {"padding_mode": "replicate"}))
    asked = remembered.cache_info()
    assert check(design).recomputed == {"s3_7_b_conv"}
    now = remembered.cache_info()
    assert (now.misses - asked.misses, now.hits - asked.hits) == (1, 0)


def test_a_parameter_costs_the_layers_that_name_any() -> None:
    design = with_parameters()
    check(design)
    edits.apply(design, edits.set_parameter(design, TOP, "depth", 3))
    assert check(design).recomputed == {"conv", "up"}


def test_a_design_that_was_not_touched_is_not_looked_at() -> None:
    design = networks.resnet152()
    before = check(design)
    edits.apply(design, edits.set_section(design, ("training", "epochs"), 3))
    asked = remembered.cache_info()
    after = check(design)
    assert (after, after.recomputed, remembered.cache_info()) == (before, frozenset(), asked)


def test_one_circle_has_one_name_however_it_was_drawn() -> None:
    layers = {id: {"type": "ReLU"} for id in "abcdef"}
    wires = ["b -> c", "c -> d", "d -> b", "a -> b", "d -> e", "e -> f", "f -> e"]
    told = []
    for seed in range(5):
        random.Random(seed).shuffle(wires)
        told.append([p.message for p in check(networks.design(layers, wires)).problems if p.code == "cycle"])
    assert told == [["the wires run in a circle, 'b' → 'c' → 'd' → 'b'; remove one of them"]] * 5


def test_a_contradiction_comes_and_goes_with_the_edit_that_makes_it() -> None:
    inputs = {"a": ["N", "T"], "five": ["N", 5], "seven": ["N", 5]}
    layers = {id: {"type": "Input", "shape": shape} for id, shape in inputs.items()}
    layers |= {
        "add1": {"type": "Add"},
        "add2": {"type": "Add"},
        "out1": {"type": "Output"},
        "out2": {"type": "Output"},
    }
    wires = [
        "a -> add1.x1",
        "five -> add1.x2",
        "a -> add2.x1",
        "seven -> add2.x2",
        "add1 -> out1",
        "add2 -> out2",
    ]
    design = networks.design(layers, wires)
    assert check(design).ok
    edit = edits.set_fields(design, TOP, "seven", {"shape": ["N", 7]})
    edits.apply(design, edit)
    assert [problem.code for problem in check(design).layers["add2"].problems] == ["contradiction"]
    edits.apply(design, edits.set_label(design, TOP, "add2", "still so"))
    assert [problem.code for problem in check(design).problems] == ["contradiction"]
    edits.apply(design, edit.inverse())
    assert check(design).ok and not check(design).layers["add2"].problems
