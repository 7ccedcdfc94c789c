"""What the reference says of a layer in whole sentences, derived from its declaration and its example."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from codegen.example import Example
from graph_ir.costs import Amount, calculated
from graph_ir.dims import Dim
from graph_ir.infer import infer
from graph_ir.receptive import NO_POSITIONS
from graph_ir.signature import Length, TensorType
from graph_ir.spec import Layer, Spec

_FORMULA = "Formula:"
_ONE_SAMPLE: Mapping[str, Dim] = {"N": 1}


def paragraphs(spec: Spec) -> list[str]:
    """What the layer does, line by line, without its formula."""
    blocks = [block for block in spec.doc.split("\n\n") if not block.startswith(_FORMULA)]
    return "\n\n".join(blocks).splitlines()


def formula(spec: Spec) -> str:
    """The formula on one line, or "" where the declaration gives none."""
    found = (block for block in spec.doc.split("\n\n") if block.startswith(_FORMULA))
    return " ".join(next(found, "").removeprefix(_FORMULA).split())


def shown(value: Any) -> str:
    """A field's value as it stands in a design file."""
    return json.dumps(value, ensure_ascii=False)


def worked(example: Example) -> list[str]:
    """The example in lines: values, what goes in, what comes out, what it costs."""
    values = ", ".join(f"{name}={shown(value)}" for name, value in example.layer.values().items())
    lines = [f"{example.layer.spec.type}({values})"]
    lines += [f"in   {_given(name, type)}" for name, type in example.inputs.items()]
    lines += [f"out  {_given(name, type)}" for name, type in example.inference.outputs.items()]
    parameters, buffers, macs = calculated(example.inference, example.inference, _ONE_SAMPLE)
    lines += _cost("parameters", parameters)
    lines += _cost("buffer entries", buffers)
    return [*lines, *_cost("MACs for one sample", macs)]


def _given(name: str, given: TensorType) -> str:
    return f"{name}: {given.text} {given.dtype}"


def _cost(what: str, amount: Amount) -> list[str]:
    return [f"{what}: {amount.words}"] if amount.value != 0 else []


def code(example: Example) -> list[str]:
    """How it is said in PyTorch, behind the class that it needs where torch has none."""
    helper = example.helper.strip("\n")
    return [*helper.splitlines(), "", "", *example.code] if helper else [*example.code]


def lengths(example: Example) -> str:
    """What the layer does with lengths that its first input carries, as found out by giving it some; "" for none."""
    axes = {axis: _behind(example, axis) for axis in _axes(example)}
    if not axes:
        return ""
    if example.layer.consumes:
        reads = "The layer reads the lengths that its inputs carry"
        return (
            f"{reads}, and what it gives carries them on."
            if any(axes.values())
            else f"{reads}; they end here."
        )
    carried = [axis for axis, length in axes.items() if length]
    if not carried:
        return "Refused along every axis: valid steps and the padding behind them would be mixed."
    is_run = example.layer.spec.inputs[0].rank is None and len(carried) == len(axes)
    along = "every axis" if is_run else _listed(_name(example, axis) for axis in carried)
    changed = any(length.rewrites for axis in carried if (length := axes[axis]))
    text = f"Carried on along {along}{', changed as the size of the axis is' if changed else ''}"
    text += _filled(example.layer)
    return f"{text}." if len(carried) == len(axes) else f"{text}; refused along the others."


def _axes(example: Example) -> list[int]:
    """The axes of the first input that may have positions: not the batch, channels or features."""
    given = next(iter(example.inputs.values()), None)
    if given is None or not example.inference.outputs:
        return []
    return [axis for axis, role in enumerate(given.roles) if axis and role not in NO_POSITIONS]


def _behind(example: Example, axis: int) -> Length | None:
    """What becomes of lengths along this axis of the first input; None where nothing does."""
    (first, given), *others = example.inputs.items()
    tags = tuple(Length("") if i == axis else None for i in range(len(given.shape)))
    alike = {port: replace(other, lengths=tags) for port, other in others if other.shape == given.shape}
    types = {first: replace(given, lengths=tags)} | dict(others) | alike
    found = infer(example.layer, tuple(types.items()))
    carried = (length for type in found.outputs.values() for length in type.lengths if length)
    return next(carried, None)


def _name(example: Example, axis: int) -> str:
    """The letter of an axis of the first input, or its number."""
    port = example.layer.spec.inputs[0]
    letter = port.tokens[axis].text if port.rank is not None else ""
    return letter or f"axis {axis}"


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _filled(layer: Layer) -> str:
    value = layer.tail()
    if value is None:
        return ""
    number = f"{value:g}" if math.isfinite(value) else ("-∞" if value < 0 else "∞")
    return f"; padded steps are set to {number} first, so that they reach no valid result"
