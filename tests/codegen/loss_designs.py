"""Designs with every loss there is: on sequences with lengths, maps and plain features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graph_ir.check import check
from graph_ir.graph import Design
from graph_ir.kinds import Choice
from graph_ir.layers import catalogue
from tests.networks import design

LOSSES = sorted(name for name, cls in catalogue().items() if cls.spec.trait == "loss")
SHAPES: tuple[list[Any], ...] = (["N", "T", 4], ["N", 4, "T"], ["N", 4, 8, 8], ["N", 4])
SIZES: Mapping[str, Mapping[str, Any]] = {
    "SampledSoftmaxLoss": {"n_classes": 50, "num_sampled": 5},
    "AdaptiveLogSoftmaxWithLoss": {"n_classes": 50, "cutoffs": [5, 20], "div_value": 2.0},
}


def designs_with(type: str) -> Iterator[Design]:
    """Every reduction on every shape that fits, with and without lengths."""
    spec = catalogue()[type].spec
    kind = spec.fields["reduction"].kind if "reduction" in spec.fields else None
    for word in kind.options if isinstance(kind, Choice) else ("",):
        values = {**SIZES.get(type, {}), **({"reduction": word} if word else {})}
        for shape in SHAPES:
            for has_lengths in (False, True) if "T" in shape else (False,):
                made = _fitting(type, values, shape, has_lengths=has_lengths)
                if made is not None:
                    yield made


def _fitting(type: str, values: Mapping[str, Any], shape: list[Any], *, has_lengths: bool) -> Design | None:
    """With a target of the shape that fits, or None."""
    for target in (shape, [*shape[:1], *shape[2:]], shape[:-1]):
        made = loss_design(type, values, shape, target, has_lengths=has_lengths)
        if check(made).ok:
            return made
    return None


def loss_design(
    type: str, values: Mapping[str, Any], shape: list[Any], target: list[Any], *, has_lengths: bool = False
) -> Design:
    """An Input, a Sigmoid and a loss of it; what else the loss compares are Inputs."""
    first, *others = (port for port in catalogue()[type].spec.inputs if not port.optional)
    layers: dict[str, Mapping[str, Any]] = {"some measurements": {"type": "Input", "shape": shape}}
    if has_lengths:
        counts = {"type": "Input", "role": "lengths", "of": "some measurements", "axis": shape.index("T")}
        layers["how long each of them is"] = counts
    layers |= {"answer": {"type": "Sigmoid"}, "out": {"type": "Output"}, "loss": {"type": type, **values}}
    for port in others:
        own = target if port.name == "target" else shape
        layers[f"the {port.name}"] = {
            "type": "Input",
            "shape": own,
            "role": "target",
            "dtype": port.dtypes[0],
        }
    wires = ["some measurements -> answer", "answer -> out", f"answer -> loss.{first.name}"]
    return design(layers, [*wires, *(f"the {port.name} -> loss.{port.name}" for port in others)])
