"""What the inspector offers of a layer: the fields of its declaration, and of a use of a block its parameters too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import get_annotations

from designer.panels.field_row import MISSING
from graph_ir.block_graphs import WEIGHTS
from graph_ir.blocks import Block
from graph_ir.declare import Weighted
from graph_ir.edits import REMOVE
from graph_ir.graph import BLOCK, TOP, Graph, Node
from graph_ir.kinds import Choice, Either, Flag, Integer, Json, Kind, Nothing, Number, Text
from graph_ir.resolve import layer_type
from graph_ir.spec import FieldSpec, Spec

TRAINING = frozenset(get_annotations(Weighted))
PARAMETERS = "parameters"


@dataclass(frozen=True)
class Slot:
    """One value of a layer: under `name` among its fields, or (`inside`) among the parameters given to its block."""

    name: str
    kind: Kind
    help: str
    default: Json
    inside: bool = False
    required: bool = False
    """Whether it must stand in the file."""

    @property
    def key(self) -> str:
        """What tells it from every other of the layer: a parameter may be called like a field."""
        return f"{PARAMETERS}.{self.name}" if self.inside else self.name

    def read(self, node: Node) -> Json:
        """The value that the design has, or MISSING."""
        values = node.values.get(PARAMETERS, {}) if self.inside else node.values
        return values.get(self.name, MISSING) if isinstance(values, Mapping) else MISSING

    def change(self, node: Node, raw: Json) -> dict[str, Json]:
        """The field to set, and to what, so that this value is `raw` (REMOVE: the default)."""
        if not self.inside:
            return {self.name: raw}
        given = node.values.get(PARAMETERS, {})
        kept = dict(given) if isinstance(given, Mapping) else {}
        kept.pop(self.name, None)
        new = kept if raw is REMOVE else {**kept, self.name: raw}
        return {PARAMETERS: new or REMOVE}


Groups = list[tuple[str, list[Slot]]]


def declaration(node: Node, graph: Graph) -> Spec | None:
    """What is declared of a layer's type; of a use whose block is not there, what holds of every use."""
    cls = layer_type(node, graph) or (Block if node.type == BLOCK else None)
    return cls.spec if cls else None


def groups(node: Node, graph: Graph) -> Groups:
    """The slots of a layer under their titles; those without one come first."""
    spec = declaration(node, graph)
    if spec is None:
        return []
    if node.type == BLOCK:
        return _of_use(node, graph, spec)
    training = TRAINING if spec.weighted else frozenset()
    fields = list(spec.fields.values())
    own = [_slot(field) for field in fields if field.name not in training]
    ours = [_slot(field) for field in fields if field.name in training]
    if spec.weighted:
        ours.append(_weights())
    return [("", own), ("Training of its weights", ours)]


def _of_use(node: Node, graph: Graph, spec: Spec) -> Groups:
    names = tuple(name for name in graph.blocks if name != TOP)
    kind: Kind = Either(Choice(names), Text()) if names else Text()
    block = spec.fields["block"]
    inner = graph.blocks.get(str(node.values.get(block.name, "")))
    given = list(inner.parameters.items()) if inner is not None and node.values.get(block.name) else []
    inside = [
        Slot(name, kind_of(default), "", MISSING if default is None else default, True, default is None)
        for name, default in given
    ]
    rest = [_slot(field) for field in spec.fields.values() if field.name not in (block.name, PARAMETERS)]
    return [
        ("", [Slot(block.name, kind, block.help, MISSING, required=True)]),
        ("Parameters of the block", inside),
        ("How it is used", [*rest, _weights()]),
    ]


def _slot(field: FieldSpec) -> Slot:
    default = MISSING if field.required else field.kind.dump(field.default)
    return Slot(field.name, field.kind, field.help, default, required=field.required)


def _weights() -> Slot:
    return Slot(WEIGHTS, Text(), "layers of one name here share one set of weights", MISSING)


def kind_of(value: Json) -> Kind:
    """A parameter has the type of its default; one without a value takes what is written."""
    if isinstance(value, bool):
        return Flag()
    if isinstance(value, int):
        return Integer()
    if isinstance(value, float):
        return Number()
    return Text() if isinstance(value, str) else Either(Nothing(), Integer(), Number(), Flag(), Text())
