"""What a picture shows and how it looks: every option of Keras' `plot_model` by its name, and ours.

An option is declared once, with its kind, default and help; the flags of the command line, the fields of the window's
dialog and the design's `diagram` section are made from it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graph_ir.kinds import BadValue, Choice, Flag, Integer, Json, Kind, Number


def _option(kind: Kind, help: str, default: Any) -> Any:
    return dataclasses.field(default=kind.convert(default), metadata={"kind": kind, "help": help})


@dataclass(frozen=True)
class OptionSpec:
    """One option: what it may be (`kind`), what it is for and what it is unless set."""

    name: str
    kind: Kind
    help: str
    default: Any


@dataclass(frozen=True, kw_only=True)
class DiagramOptions:
    """The options of one picture."""

    show_shapes: bool = _option(Flag(), "sizes of what goes in and comes out of each layer", True)
    show_dtype: bool = _option(Flag(), "type of the numbers that come out", False)
    show_layer_names: bool = _option(Flag(), "each layer's label or id beside its type", True)
    rankdir: str = _option(
        Choice(("TB", "LR", "BT", "RL")), "direction of the flow: top to bottom, left to right …", "TB"
    )
    expand_nested: bool = _option(
        Flag(), "draw what is inside a block; nothing changes where there is none", False
    )
    dpi: int = _option(Integer(24, 1200), "pixels per inch of a PNG", 200)
    show_layer_activations: bool = _option(
        Flag(), "draw an activation inside the layer it follows, not as a layer of its own", False
    )
    show_trainable: bool = _option(Flag(), "whether training changes a layer's weights", False)
    show_training: bool = _option(Flag(), "losses, targets and lengths too", False)
    show_parameters: bool = _option(Flag(), "number of parameters of each layer", False)
    show_fields: bool = _option(Flag(), "hyper-parameters that differ from their default", False)
    show_title: bool = _option(Flag(), "the design's title above the picture", False)
    theme: str = _option(Choice(("light", "dark", "print")), "colours; `print` is greyscale", "light")
    width: float = _option(Number(0, 500), "width in cm (svg, pdf, png, tex); 0: as large as it gets", 0)

    def replaced(self, **values: Any) -> DiagramOptions:
        """A copy with other values. Raises BadValue with a sentence where one is out of its limits."""
        for name, value in values.items():
            spec = SPECS[name]
            if not spec.kind.accepts(value):
                raise BadValue(f"`{name}` is {str(value)[:40]!r}, but must be {spec.kind.describe()}")
            try:
                values[name] = spec.kind.convert(value)
            except BadValue as error:
                raise BadValue(f"`{name}` {error}") from None
        return dataclasses.replace(self, **values)

    def section(self) -> dict[str, Json]:
        """What the design's `diagram` section holds: the options that differ from their default."""
        return {
            spec.name: spec.kind.dump(getattr(self, spec.name))
            for spec in SPECS.values()
            if getattr(self, spec.name) != spec.default
        }


SPECS: Mapping[str, OptionSpec] = {
    field.name: OptionSpec(field.name, field.metadata["kind"], field.metadata["help"], field.default)
    for field in dataclasses.fields(DiagramOptions)
}
"""Every option by name, in the order in which a dialog shows them."""


def read_section(section: Mapping[str, Json]) -> tuple[DiagramOptions, list[str]]:
    """The options in a design's `diagram` section, and a sentence for each value that can't be used.

    Unknown keys are left alone; a bad value counts as not given.
    """
    options, problems = DiagramOptions(), []
    for name, value in section.items():
        if name not in SPECS:
            continue
        try:
            options = options.replaced(**{name: value})
        except BadValue as error:
            problems.append(f"diagram: {error}; the default ({SPECS[name].default}) is used")
    return options, problems


def section_schema() -> dict[str, Json]:
    """JSON Schema of the `diagram` section."""
    properties = {
        spec.name: {"description": spec.help, "default": spec.kind.dump(spec.default)} | spec.kind.schema()
        for spec in SPECS.values()
    }
    return {"type": "object", "properties": properties}
