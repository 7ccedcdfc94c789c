"""A layer that is left out: what comes in goes through, and nothing is learned there.

One wired input passes, the first in the order of the declaration, to every output that has as many axes. A use of a
block hands each input to the output at the same place, as where its `when` is false. The ports and fields stay those
of the layer, which is back as it was once it is bypassed no longer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from graph_ir.recipes import Passing
from graph_ir.signature import DTYPES, Port, TensorType, Token
from graph_ir.spec import Layer, Spec

if TYPE_CHECKING:
    from graph_ir.infer import Scope

CODE = "cannot-bypass"


class Through(Layer):
    """The common base of the types that bypassed layers have."""

    nests = True
    barred: ClassVar[str] = ""
    """Why nothing can go through, if nothing can."""

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        feeds = feeding(self.spec, tuple(d.types))
        return {port: d.types[source] for port, source in feeds.items() if port not in self.withheld}


def feeding(spec: Spec, wired: Sequence[str]) -> dict[str, str]:
    """Which wired input each output of a bypassed layer hands on."""
    made = spec.recipe
    assert isinstance(made, Passing), "only a bypassed layer hands its inputs on"
    return {port.name: made.source(port.name, wired) for port in spec.outputs if wired}


def bar(spec: Spec) -> str:
    """Why a layer can't be bypassed, whatever it is wired to, with a remedy; "" if it can be."""
    if spec.trait:
        what = {"input": "an Input", "output": "an Output"}.get(spec.trait, "a loss")
        return f"it is {what}, which a network can't do without; turn its bypass off, or delete it"
    if not spec.inputs or not spec.outputs:
        what = "input" if not spec.inputs else "output"
        return f"it has no {what}, so that nothing can go through; turn its bypass off, or delete it"
    if not carrying(spec):
        first, out = spec.inputs[0], spec.outputs[0]
        text = f"what comes in has the axes {first.axes} and what it gives {out.axes}"
        return f"{text}, so that nothing can go through; turn its bypass off"
    return ""


def carrying(spec: Spec) -> list[str]:
    """The outputs that can hand an input on: what the wires behind them take has as many axes."""
    first = spec.inputs[0]
    return [port.name for port in spec.outputs if _is_alike(first, port)]


def _is_alike(given: Port, made: Port) -> bool:
    ranks_differ = None not in (given.rank, made.rank) and given.rank != made.rank
    return not ranks_differ and (not made.dtypes or not set(made.dtypes).isdisjoint(given.dtypes))


@lru_cache(maxsize=1 << 12)
def through(cls: type[Layer]) -> type[Through]:
    """The type that a layer of this type has while it is bypassed: the same ports and fields, other rules."""
    spec, reason = cls.spec, bar(cls.spec)
    kept = carrying(spec) if not reason else []
    anything = (Token("*S"),)
    made: type[Through] = type(f"Bypassed{spec.type}", (Through,), {"__doc__": cls.__doc__})
    made.barred = reason
    made.spec = replace(
        spec,
        inputs=tuple(replace(port, tokens=anything, dtypes=DTYPES) for port in spec.inputs),
        outputs=tuple(replace(port, tokens=anything, dtypes=()) for port in spec.outputs),
        recipe=Passing(tuple(port.name for port in spec.outputs) if cls.nests else (), _names(spec)),
        weighted=False,
        references=(),
        own_ports=False,
    )
    made.withheld = {
        port.name: f"that layer is bypassed, and what goes through it has other axes than `{port.name}`; "
        f"turn its bypass off{f', or read `{kept[0]}`' if kept else ''}"
        for port in spec.outputs
        if port.name not in kept
    }
    return made


def _names(spec: Spec) -> tuple[str, ...]:
    return tuple(port.name for port in spec.inputs)


def passed(layer: Layer, cls: type[Through]) -> Through:
    """A layer as it is while it is bypassed: with its values, which do nothing."""
    made = cls.__new__(cls)
    made.__dict__.update({name: layer.__dict__[name] for name in cls.spec.fields})
    return made
