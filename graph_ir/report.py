"""What the check found out: types on every port, problems, requirements, and what follows from them.

A report is a snapshot of one network, which nobody changes; costs and roles are worked out when somebody asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from graph_ir.costs import Costs, costs, macs_by_layer
from graph_ir.dims import Dim, symbols, total
from graph_ir.graph import Node, Wire
from graph_ir.infer import Inference
from graph_ir.problems import Problem
from graph_ir.requirements import Requirement
from graph_ir.signature import TensorType
from graph_ir.spec import Layer
from graph_ir.together import together

if TYPE_CHECKING:
    from graph_ir.blocks import Nested


@dataclass(slots=True)
class LayerReport:
    """What the check found out about one layer. Types are None where they are not known.

    Reports share it: once it is in one, nothing in it changes.
    """

    node: Node
    layer: Layer | None = None
    inputs: Mapping[str, TensorType | None] = field(default_factory=dict)
    outputs: Mapping[str, TensorType] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    inference: Inference | None = None
    lengths: dict[int, str] = field(default_factory=dict)
    """For an Input that carries lengths: axis to the id of the Input that holds them."""
    nested: tuple[Nested, ...] = ()
    """For a use of a block: what is inside, one repetition after the other."""
    shares: str = ""
    """The id of the first layer with the same weights, where there is one before: then they count there."""

    @property
    def weights(self) -> Mapping[str, tuple[int, ...]]:
        """The parameters by torch's names."""
        return self.inference.weights if self.inference else {}

    @property
    def buffers(self) -> Mapping[str, tuple[int, ...]]:
        """The buffers by torch's names."""
        return self.inference.buffers if self.inference else {}

    @property
    def parameters(self) -> int:
        """How many numbers it learns; 0 where they are another's too, which comes before."""
        return self.inference.parameters if self.inference and not self.shares else 0

    @property
    def trainable_parameters(self) -> int:
        """How many of them training changes."""
        if self.nested:
            return sum(
                each.report.trainable_parameters for each in self.nested if each.report and not self.shares
            )
        return self.parameters if getattr(self.layer, "trainable", True) else 0

    @property
    def buffer_elements(self) -> int:
        """How many numbers stand in its buffers."""
        return self.inference.buffer_elements if self.inference and not self.shares else 0

    @property
    def trait(self) -> str:
        """ "input", "output", "loss" or "" for all others."""
        return self.layer.spec.trait if self.layer else ""


@dataclass
class Report:
    """The verdict on one network."""

    network: str
    layers: dict[str, LayerReport]
    order: list[str]
    wires: list[Wire]
    problems: tuple[Problem, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    recomputed: frozenset[str] = field(default=frozenset(), compare=False)
    """The layers that this check looked at; what is said of all others is carried over from the last one."""

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not any(problem.severity == "error" for problem in self.problems)

    @cached_property
    def requires(self) -> tuple[str, ...]:
        """What must hold for the design to work, read together, as text."""
        return tuple(str(requirement) for requirement in together(self.requirements))

    @cached_property
    def alignments(self) -> dict[str, str]:
        """For each loss that seeks an alignment what must hold of every sample; only the data decides it."""
        found: dict[str, str] = {}
        for id, entry in self.layers.items():
            scope = entry.inference.scope if entry.inference else None
            sides = entry.layer.alignment(scope) if entry.layer and scope else None
            if sides is not None:
                found[id] = f"{sides[0]} >= {sides[1]} + repeats"
        return found

    @cached_property
    def parameters(self) -> int:
        """How many numbers the network learns."""
        return sum(entry.parameters for entry in self.layers.values())

    @cached_property
    def trainable_parameters(self) -> int:
        """How many of them training changes."""
        return sum(entry.trainable_parameters for entry in self.layers.values())

    @cached_property
    def buffers(self) -> int:
        """How many numbers stand in buffers."""
        return sum(entry.buffer_elements for entry in self.layers.values())

    @cached_property
    def macs_by_layer(self) -> dict[str, Dim]:
        """Multiply-adds of each layer for one sample: the first axis of every Input is taken as 1."""
        return macs_by_layer(self)

    @cached_property
    def costs(self) -> dict[str, Costs]:
        """What each layer that fits costs, with the calculations."""
        return costs(self)

    @cached_property
    def macs(self) -> Dim:
        """Multiply-adds for one sample."""
        return total(self.macs_by_layer.values())

    @cached_property
    def activation_bytes(self) -> Dim:
        """What all outputs that something reads take in memory for one sample."""
        return total(entry.activation_bytes.value for entry in self.costs.values())

    @cached_property
    def flowing(self) -> list[Wire]:
        """The wires without those that a bypassed layer does not read."""
        layers = self.layers
        if not any(entry.node.bypass for entry in layers.values()):
            return self.wires
        return [
            wire
            for wire in self.wires
            if not layers[wire.target].node.bypass or wire.target_port in layers[wire.target].inputs
        ]

    def wire_type(self, wire: Wire) -> TensorType | None:
        """What flows through a wire, or None where it is not known."""
        entry = self.layers.get(wire.source)
        return entry.outputs.get(wire.source_port) if entry else None

    def role_of(self, id: str) -> str | None:
        """The role of an Input (data, target, lengths, noise); None for any other layer."""
        entry = self.layers[id]
        return getattr(entry.layer, "role", None) if entry.trait == "input" else None

    @cached_property
    def training_only(self) -> frozenset[str]:
        """Losses, targets, their lengths, and all that depends on a target: what the module does not hold."""
        return _training_only(self)

    @cached_property
    def symbols(self) -> frozenset[str]:
        """The names of all sizes that may vary."""
        return frozenset(
            name
            for entry in self.layers.values()
            for given in entry.outputs.values()
            for dim in given.shape
            for name in symbols(dim)
        )


def _training_only(report: Report) -> frozenset[str]:
    outgoing: dict[str, list[str]] = {}
    for wire in report.flowing:
        outgoing.setdefault(wire.source, []).append(wire.target)
    roles = {id: report.role_of(id) for id in report.layers}
    found = {id for id, entry in report.layers.items() if entry.trait == "loss" or roles[id] == "target"}
    found |= {
        id
        for id, entry in report.layers.items()
        if roles[id] == "lengths" and roles.get(getattr(entry.layer, "of", None) or "") == "target"
    }
    waiting = list(found)
    while waiting:
        new = [id for id in outgoing.get(waiting.pop(), []) if id not in found]
        found.update(new)
        waiting += new
    return frozenset(found)
