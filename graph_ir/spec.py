"""The layer as a declaration: everything about a layer type is said once, in its class body, and read from there.

A layer is a dataclass that is never changed, whose fields carry torch's argument names; `graph_ir.declare` reads its
class body and registers it under its class name. Palette, property editor, check, code, diagram, reference, file format
and tests are derived from `Layer.spec`; none of them knows a layer by name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from graph_ir.dims import Dim
from graph_ir.kinds import Json, Kind
from graph_ir.recipes import Recipe
from graph_ir.signature import Port, TensorType

if TYPE_CHECKING:
    from graph_ir.infer import Scope

MISSING: Any = dataclasses.MISSING


class Category(Enum):
    """The groups of the palette; `key` names a group in themes, the value is its title."""

    INPUT = "Input and output"
    CONVOLUTION = "Convolution"
    POOLING = "Pooling and resampling"
    NORMALISATION = "Normalisation and regularisation"
    ACTIVATION = "Activation"
    DENSE = "Dense and embedding"
    RECURRENT = "Recurrent"
    ATTENTION = "Attention"
    MERGE = "Merge and reshape"
    LOSS = "Loss"

    @property
    def key(self) -> str:
        """The name used in themes and files: `convolution`."""
        return self.name.lower()


@dataclass(frozen=True)
class FieldSpec:
    """One field: type and limits (`kind`), default or none, what the palette proposes (`start`), role of its axis."""

    name: str
    kind: Kind
    help: str
    default: Any
    start: Any
    role: str
    in_torch: bool

    @property
    def required(self) -> bool:
        """Whether torch (or the layer) gives no default, so that it must stand in the file."""
        return self.default is MISSING


@dataclass(frozen=True)
class Spec:
    """What a layer type says about itself.

    `trait` is "input", "output" or "loss" for the layers the graph itself must know; `aliases` are the names other
    libraries use; `common` layers stand in the short palette.
    """

    type: str
    category: Category
    summary: str
    doc: str
    source: str
    fields: Mapping[str, FieldSpec]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    recipe: Recipe
    trait: str
    aliases: tuple[str, ...]
    common: bool
    weighted: bool
    adapters: tuple[tuple[Port, str], ...]
    references: tuple[str, ...]
    """The fields that hold the id of another layer."""
    files: tuple[str, ...]
    """The fields that name a file beside the design."""
    own_ports: bool
    """Whether each use declares its own ports: what the layer does is then the user's word, not ours."""
    varies: bool
    """Whether a use may have other ports than the type has: `declared_by` says which."""

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """The values of the fields that have one by default."""
        return {name: field.default for name, field in self.fields.items() if not field.required}

    def input(self, name: str) -> Port | None:
        """The input called `name`; `x3` is the variadic port `x`."""
        for port in self.inputs:
            if port.name == name or (port.variadic and variadic_index(port, name)):
                return port
        return None

    def output(self, name: str) -> Port | None:
        """The output called `name`."""
        return next((port for port in self.outputs if port.name == name), None)

    def start_values(self) -> dict[str, Json]:
        """What the palette puts into a new layer: required fields, and start values that differ from the default."""
        fields = self.fields.values()
        return {
            f.name: f.kind.dump(f.start) for f in fields if f.start is not MISSING and f.start != f.default
        }


def variadic_index(port: Port, name: str) -> int:
    """3 for `x3` of the variadic port `x`; 0 if the name is not one of its ports."""
    digits = name[len(port.name) :]
    good = name.startswith(port.name) and digits.isascii() and digits.isdigit() and digits[:1] != "0"
    return int(digits) if good and len(digits) < 6 else 0


@dataclass(frozen=True)
class CompanionOf:
    """The id of the companion at another port."""

    port: str


class Layer:
    """What a layer is: values and rules, apart from any use of it in a graph.

    Subclasses declare `inputs`, `outputs` (port: signature), fields, `torch` (the recipe) and override the rules that
    the signature can't state. Rules raise `Misfit` (through `d.require` or `d.fail`) and leave warnings with `d.warn`.
    """

    def __init__(self, **values: Any) -> None:
        """A layer with these values; the others have their defaults. Raises TypeError for a missing or unknown one."""
        spec = self.spec
        made = spec.defaults | values
        if len(made) != len(spec.fields):
            wrong = sorted(made.keys() ^ spec.fields.keys())
            raise TypeError(f"{spec.type} got no value, or one too many, for {', '.join(wrong)}")
        self.__dict__.update(made)

    def __setattr__(self, name: str, value: object) -> None:
        raise dataclasses.FrozenInstanceError(f"a layer is never changed, but {name!r} was to be set")

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other):
            return False
        return all(self.__dict__[name] == other.__dict__[name] for name in self.spec.fields)

    def __hash__(self) -> int:
        """A layer is looked up in caches at every check: its hash is computed once."""
        try:
            return self.__dict__["_hash"]  # type: ignore[no-any-return]  # __dict__ has no types
        except KeyError:
            values = tuple(self.__dict__[name] for name in self.spec.fields)
            found = self.__dict__["_hash"] = hash((self.spec.type, values))
            return found

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={self.__dict__[name]!r}" for name in self.spec.fields)
        return f"{self.spec.type}({shown})"

    spec: ClassVar[Spec]
    inputs: ClassVar[Mapping[str, str]] = {"x": "*S"}
    outputs: ClassVar[Mapping[str, str]] = {"y": "*S"}
    torch: ClassVar[Recipe]
    adapters: ClassVar[Mapping[str, str]] = {}
    """What the window puts in front where the wire has these axes: signature to layer type."""

    scores: ClassVar[Literal["", "classes", "sequence", "labels", "values"]] = ""
    """What a loss compares, which decides the metrics that fit: one class, a sequence of classes without positions,
    several yes-or-no labels, or numbers."""

    @classmethod
    def companions(cls, given: TensorType | None) -> Mapping[str, Mapping[str, Any]]:
        """The Inputs that come along when the layer is added: port to the Input's values.

        `given` is the type on the first port, if it is wired. `CompanionOf(port)` stands for another companion's id.
        """
        return {}

    @classmethod
    def declared_by(cls, values: Mapping[str, Json]) -> type[Layer]:
        """The type of a use with these raw values: the class, unless a use declares its own ports."""
        return cls

    withheld: ClassVar[Mapping[str, str]] = {}
    """The outputs that `result` may leave out, and why nothing can read them then, with a remedy."""

    consumes: ClassVar[bool] = False
    """Whether the recipe itself reads the lengths that its inputs carry (`v.lengths`), so that none are lost."""

    nests: ClassVar[bool] = False
    """Whether it stands for a network, which looks after lengths itself."""

    def tail(self) -> float | None:
        """What padded steps must hold where the layer mixes neighbouring steps; None: they change no valid step."""
        return None

    def window(self, d: Scope) -> Mapping[Any, tuple[int, Fraction | int]]:
        """By letter (or number) of an axis that it looks at through a window: how many neighbouring entries one result
        sees, and the distance between the windows of neighbouring results.
        """
        return {}

    def limits(self, d: Scope) -> None:
        """What fields and bound sizes must meet beyond their own kinds."""

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        """The primed letters of the outputs (`H'`)."""
        return {}

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        """What each output gives; by default read off the signature."""
        return d.outputs_from_signature(self.sizes(d))

    def weights(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        """The parameters by their name in torch's `state_dict`, with their shapes."""
        return {}

    def declared_parameters(self, d: Scope) -> int | None:
        """How many further numbers it is said to learn, where only the user knows; None: not said."""
        return 0

    def buffers(self, d: Scope) -> Mapping[str, tuple[Dim, ...]]:
        """The buffers by their name in torch's `state_dict`, with their shapes."""
        return {}

    def macs(self, d: Scope) -> Dim:
        """Multiply-adds; the batch axis counts as whatever it is."""
        return 0

    def alignment(self, d: Scope) -> tuple[Dim, Dim] | None:
        """Of a loss that seeks an alignment: the steps there are, and the labels that need one each.

        A further step is needed for every label that repeats the one before it, which only the data tells.
        """
        return None

    def values(self) -> dict[str, Json]:
        """The fields that differ from their default, canonical: what a file holds."""
        return {
            f.name: f.kind.dump(getattr(self, f.name))
            for f in self.spec.fields.values()
            if f.required or getattr(self, f.name) != f.default
        }


REGISTRY: dict[str, type[Layer]] = {}
"""Every declared layer type by name; filled by importing `graph_ir.layers`."""
