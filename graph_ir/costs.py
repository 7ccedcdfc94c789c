"""What a layer costs, each figure with the calculation that gives it.

The calculations are those of the declaration: its `weights`, `buffers` and `macs` are asked once more, with sizes that
remember how they were worked out. MACs and memory are for one sample: the first axis of every Input is taken as 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING

from graph_ir.arithmetic import multiply, number, plain, traced, words
from graph_ir.arithmetic import total as calculation_of
from graph_ir.dims import Dim, TooLarge, substitute, total
from graph_ir.formulas import remade
from graph_ir.infer import Inference, Scope, infer
from graph_ir.receptive import View, Views, views
from graph_ir.recipes import Module, Passing
from graph_ir.signature import TensorType
from graph_ir.spec import Layer

if TYPE_CHECKING:
    from graph_ir.graph import Wire
    from graph_ir.report import LayerReport, Report

BYTES: Mapping[str, int] = {
    "float64": 8,
    "int64": 8,
    "float32": 4,
    "int32": 4,
    "float16": 2,
    "bfloat16": 2,
    "bool": 1,
}
"""How many bytes one number takes."""


@dataclass(frozen=True)
class Amount:
    """How much, and the calculation in words: `(3·3·3 + 1)·10 = 280`."""

    value: Dim
    words: str


@dataclass(frozen=True)
class Costs:
    """What one layer costs. `activation_bytes` is what the outputs that something reads take in memory."""

    parameters: Amount
    trainable: int
    buffers: Amount
    macs: Amount
    activation_bytes: Amount
    receptive_field: tuple[View, ...]
    inside: tuple[Mapping[str, Costs] | None, ...] = ()
    """Of a use of a block: the costs of the layers inside, repetition by repetition (None: left out)."""


def costs(report: Report) -> dict[str, Costs]:
    """The costs of every layer that fits, by id."""
    ones = batch_symbols(report)
    return _costs_of(report, _inferred(report) if ones is None else {}, ones or {}, views(report))


def _costs_of(
    report: Report, samples: Mapping[str, Inference], ones: Mapping[str, Dim], seen: Views
) -> dict[str, Costs]:
    """The costs of one network; `samples` are inferences for one sample where they are not the report's own."""
    read = {(wire.source, wire.source_port) for wire in report.flowing}
    found: dict[str, Costs] = {}
    for id, entry in report.layers.items():
        if entry.inference is None or entry.layer is None:
            continue
        used = frozenset(port for port in entry.outputs if (id, port) in read)
        sample = samples.get(id, entry.inference)
        with suppress(TooLarge):  # sizes of very many symbols: better no figure than none for the others
            if entry.nested:
                found[id] = _costs_of_use(entry, sample, ones, seen.layers[id], seen.inside[id])
            else:
                found[id] = _costs(entry, sample, ones, used, seen.layers[id])
    return found


def _costs_of_use(
    entry: LayerReport,
    sample: Inference,
    ones: Mapping[str, Dim],
    view: tuple[View, ...],
    seen: tuple[Views | None, ...],
) -> Costs:
    """What all repetitions of a block cost together."""
    inside = tuple(
        _costs_of(nested.report, {}, ones, inner) if nested.report is not None and inner is not None else None
        for nested, inner in zip(sample.nested, seen, strict=True)
    )
    bytes = total(one.activation_bytes.value for found in inside if found for one in found.values())
    buffers = entry.buffer_elements
    return Costs(
        _plainly(entry.parameters),
        entry.trainable_parameters,
        _plainly(buffers),
        _plainly(substitute(sample.macs, ones)),
        _plainly(bytes),
        view,
        inside,
    )


def _plainly(value: Dim) -> Amount:
    return Amount(value, number(value))


def macs_by_layer(report: Report, ones: Mapping[str, Dim] | None = None) -> dict[str, Dim]:
    """Multiply-adds of each layer for one sample; inside a block `ones` are the batches of the network around it."""
    ones = batch_symbols(report) if ones is None else ones
    if ones is None:
        return {id: sample.macs for id, sample in _inferred(report).items()}
    inferences = ((id, report.layers[id].inference) for id in report.order)
    return {id: substitute(found.macs, ones) for id, found in inferences if found is not None}


def memory_by_layer(report: Report, ones: Mapping[str, Dim] | None = None) -> dict[str, Dim]:
    """What the outputs of each layer take in memory for one sample: the figure of `costs` without its calculation.

    Inside a block `ones` are the batches of the network around it.
    """
    ones = batch_symbols(report) if ones is None else ones
    return _memory_of(report, _inferred(report) if ones is None else {}, ones or {})


def _memory_of(report: Report, samples: Mapping[str, Inference], ones: Mapping[str, Dim]) -> dict[str, Dim]:
    read = {(wire.source, wire.source_port) for wire in report.flowing}
    batches = tuple(ones.items())
    found: dict[str, Dim] = {}
    for id, entry in report.layers.items():
        if entry.inference is None or entry.layer is None:
            continue
        sample = samples.get(id, entry.inference)
        used = frozenset(port for port in entry.outputs if (id, port) in read)
        with suppress(TooLarge):
            found[id] = (
                _memory_inside(sample, ones)
                if entry.nested
                else total(_bytes(given.shape, given.dtype, batches) for given in _kept(sample, used))
            )
    return found


@lru_cache(4096)
def _bytes(shape: tuple[Dim, ...], dtype: str, ones: tuple[tuple[str, Dim], ...]) -> Dim:
    """What one value takes; networks have few different shapes."""
    given = dict(ones)
    return prod((substitute(size, given) for size in shape), start=BYTES[dtype])


def _memory_inside(sample: Inference, ones: Mapping[str, Dim]) -> Dim:
    """What all repetitions of a block take; equal ones are worked out once."""
    reports = [nested.report for nested in sample.nested if nested.report is not None]
    sums: dict[int, Dim] = {}
    for each in reports:
        if id(each) not in sums:
            sums[id(each)] = total(_memory_of(each, {}, ones).values())
    return total(sums[id(each)] for each in reports)


def _costs(
    entry: LayerReport,
    sample: Inference,
    ones: Mapping[str, Dim],
    used: frozenset[str],
    view: tuple[View, ...],
) -> Costs:
    assert entry.inference is not None, "only layers that fit have costs"
    parameters, buffers, macs = calculated(entry.inference, sample, ones)
    memory = _memory(sample, ones, used)
    if entry.shares:
        parameters = buffers = _plainly(0)
    return Costs(parameters, entry.trainable_parameters, buffers, macs, memory, view)


def calculated(found: Inference, sample: Inference, ones: Mapping[str, Dim]) -> tuple[Amount, Amount, Amount]:
    """Parameters and buffers of one layer, and the multiply-adds of `sample`, with these sizes for some symbols."""
    assert found.scope is not None and sample.scope is not None, "only layers that fit have costs"
    here, one = _retraced(found.scope, {}), _retraced(sample.scope, ones)
    return (
        _amount(calculation_of(here.layer.weights(here)), found.parameters),
        _amount(calculation_of(here.layer.buffers(here)), found.buffer_elements),
        _amount(one.layer.macs(one), substitute(sample.macs, ones)),
    )


def _amount(calculation: Dim, value: Dim) -> Amount:
    """The calculation of a value; where it leaves something out that only the check knows, the value alone."""
    return Amount(value, words(calculation) if plain(calculation) == value else number(value))


def _memory(sample: Inference, ones: Mapping[str, Dim], used: frozenset[str]) -> Amount:
    bytes: Dim = 0
    for given in _kept(sample, used):
        shape = tuple(traced(substitute(size, ones)) for size in given.shape)
        bytes = bytes + multiply(shape) * traced(BYTES[given.dtype])
    return Amount(plain(bytes), words(bytes))


def _kept(sample: Inference, used: frozenset[str]) -> Iterator[TensorType]:
    """The first output always exists, others only where they are read; what is read off a module is a weight."""
    assert sample.scope is not None, "only layers that fit have costs"
    recipe = sample.scope.layer.spec.recipe
    weights = recipe.attributes if isinstance(recipe, Module) else {}
    if isinstance(recipe, Passing):  # what goes through is kept in front of it
        return
    for i, (port, given) in enumerate(sample.outputs.items()):
        if port not in weights and (i == 0 or port in used):
            yield given


def _retraced(d: Scope, ones: Mapping[str, Dim]) -> Scope:
    """What the rules of a layer see, with every size traced, and with these sizes for some symbols."""

    return remade(d, lambda dim: traced(substitute(dim, ones)))


def batch_symbols(report: Report) -> dict[str, Dim] | None:
    """The symbols that stand for batches, as 1, if every Input's first axis is one; else None."""
    inputs = [
        entry.outputs["y"] for entry in report.layers.values() if entry.trait == "input" and entry.outputs
    ]
    first = [given.shape[0] for given in inputs if given.shape]
    names = [str(dim) for dim in first if not isinstance(dim, int) and str(dim).isidentifier()]
    return dict.fromkeys(names, 1) if len(names) == len(first) else None


def _inferred(report: Report) -> dict[str, Inference]:
    """Inference once more, with the first axis of every Input as 1; remembered like any other."""
    types: dict[tuple[str, str], TensorType] = {}
    into: dict[str, dict[str, Wire]] = {}
    for wire in report.flowing:
        into.setdefault(wire.target, {})[wire.target_port] = wire
    found: dict[str, Inference] = {}
    for id in report.order:
        entry = report.layers[id]
        if entry.inference is None or entry.layer is None:
            continue
        wires = into.get(id, {})
        given = [(port, types.get((wires[port].source, wires[port].source_port))) for port in entry.inputs]
        found[id] = _for_one_sample(entry, entry.layer, given)
        types.update(((id, port), type) for port, type in found[id].outputs.items())
    return found


def _for_one_sample(
    entry: LayerReport, layer: Layer, given: list[tuple[str, TensorType | None]]
) -> Inference:
    """The inference for a batch of one; where the network is bound to its batch size, the one it has."""
    assert entry.inference is not None, "only layers that fit have costs"
    if entry.trait == "input":
        own = entry.outputs["y"]
        one = replace(own, shape=(1, *own.shape[1:])) if own.shape else own
        return replace(entry.inference, outputs={"y": one})
    types = tuple((port, type) for port, type in given if type is not None)
    found = infer(layer, types) if len(types) == len(given) else entry.inference
    return entry.inference if found.error else found
