"""One random use of a layer type, and what real torch makes of the code that is printed for it.

Everything is drawn from the declaration: fields from their kinds (on both sides of every limit), wires from the
signatures (fitting, and then sometimes bent). Nothing here knows a layer.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from codegen import recipe
from codegen.place import Place
from graph_ir.build import build
from graph_ir.dims import Dim, substitute, symbol
from graph_ir.infer import Inference, Scope, infer
from graph_ir.kinds import Choice, Either, Flag, Integer, Integers, Kind, Nothing, Number, Sizes, Span, Text
from graph_ir.recipes import Absent, Module
from graph_ir.signature import DTYPES, Port, TensorType
from graph_ir.spec import FieldSpec, Layer

SIZES = (1, 2, 3, 4, 5, 6, 8, 9)
Types = dict[str, TensorType]


def raw_value(rng: random.Random, kind: Kind, bad: float) -> Any:
    """A raw value of the kind's JSON type, with a chance of `bad` just outside its limits."""
    if isinstance(kind, Either):
        return raw_value(rng, rng.choice(list(kind.kinds)), bad)
    if isinstance(kind, Nothing):
        return None
    if isinstance(kind, Flag):
        return rng.random() < 0.5
    if isinstance(kind, Choice):
        return "bogus" if rng.random() < bad / 2 else rng.choice(kind.options)
    if isinstance(kind, Integer):
        return _integer(rng, kind, bad)
    if isinstance(kind, Number):
        return _number(rng, kind, bad)
    if isinstance(kind, Span):
        if rng.random() < 0.6:
            return raw_value(rng, kind.item, bad)
        return [raw_value(rng, kind.item, bad / 2) for _ in range(kind.rank)]
    if isinstance(kind, Integers):
        return _integers(rng, kind)
    if isinstance(kind, Sizes):
        entries = [rng.choice(SIZES) for _ in range(rng.randint(0, 3))]
        return entries + [-1] * (kind.rest and rng.random() < 0.5)
    assert isinstance(kind, Text), f"the test knows no values for {kind}"
    return "N C H W"


def _integer(rng: random.Random, kind: Integer, bad: float) -> int:
    low = kind.low if kind.low is not None else -3
    high = kind.high if kind.high is not None else low + 6
    if rng.random() < bad:
        return rng.choice([low - 1, high + 1]) if kind.high is not None else low - 1
    return rng.randint(low, rng.choice([min(high, low + 2), high]))


def _number(rng: random.Random, kind: Number, bad: float) -> float:
    low, high = kind.low if kind.low is not None else -2.0, kind.high if kind.high is not None else 3.0
    if rng.random() < bad:
        return rng.choice([low if kind.above else low - 0.5, high + 0.5])
    edges = [high, (low + high) / 2] + ([] if kind.above else [low])
    return rng.choice(edges)


def _integers(rng: random.Random, kind: Integers) -> Any:
    count = rng.randint(0, 4)
    if rng.random() < 0.2:
        return [rng.randint(-4, 4) for _ in range(count)]
    entries = [i - count * (rng.random() < 0.2) for i in rng.sample(range(count), count)]
    return (
        entries[0]
        if kind.alone and count == 1
        else entries[: rng.randint(0, count)]
        if kind.alone
        else entries
    )


def unchecked(field: FieldSpec, raw: Any) -> Any:
    """What `convert` would make of a value if it had no limits: so that torch sees the bad value too."""
    kind = field.kind
    kinds = kind.kinds if isinstance(kind, Either) else [kind]
    fitting = next(k for k in kinds if k.accepts(raw))
    if isinstance(fitting, Span):
        return tuple(raw) if isinstance(raw, list) else (raw,) * fitting.rank
    if isinstance(raw, list):
        return tuple(raw)
    return float(raw) if isinstance(fitting, Number) else raw


@dataclass(frozen=True)
class Case:
    """One use of a layer: raw values, the types on its wires, and which of its outputs are read."""

    cls: type[Layer]
    values: Mapping[str, Any]
    types: Types
    used: frozenset[str]

    def __str__(self) -> str:
        wires = ", ".join(f"{port}: {t.text} {t.dtype}" for port, t in self.types.items())
        return f"{self.cls.__name__}({dict(self.values)}) on {wires}, read: {sorted(self.used)}"

    @property
    def layer(self) -> tuple[Layer, bool]:
        """The layer, and whether its values are within their limits (else it is built without looking)."""
        layer, _ = build(self.cls, self.values)
        if layer is not None:
            return layer, True
        fields = self.cls.spec.fields
        return self.cls(**{name: unchecked(fields[name], raw) for name, raw in self.values.items()}), False


def random_case(rng: random.Random, cls: type[Layer]) -> Case:
    """Values and wires that more often fit than not, with one thing bent now and then."""
    bend = rng.random() < 0.5
    values = {}
    for name, spec in cls.spec.fields.items():
        if spec.required or rng.random() < (0.5 if spec.in_torch else 0.1):
            values[name] = raw_value(rng, spec.kind, (0.08 if bend else 0.0) if spec.in_torch else 0.0)
    layer, good = Case(cls, values, {}, frozenset()).layer
    types = _wires(rng, layer, bend=bend and rng.random() < 0.6)
    if good and rng.random() < 0.8:
        types = _mended(rng, layer, types)
    outputs = [port.name for port in cls.spec.outputs]
    used = frozenset(name for name in outputs if rng.random() < 0.5) or frozenset(outputs[:1])
    return Case(cls, values, types, used)


def _wires(rng: random.Random, layer: Layer, *, bend: bool) -> Types:
    bound: dict[str, Any] = {}
    types: Types = {}
    for port in layer.spec.inputs:
        if port.optional and rng.random() < 0.5:
            continue
        dtype = rng.choice(port.dtypes) if rng.random() < 0.6 else port.dtypes[0]
        if port.variadic:
            types |= _variadic(rng, port, dtype)
        else:
            types[port.name] = TensorType(_shape(rng, layer, port, bound), dtype)
    return _bent(rng, types) if bend and types else types


def _variadic(rng: random.Random, port: Port, dtype: str) -> Types:
    shape = [rng.choice(SIZES) for _ in range(rng.randint(0, 4))]
    types: Types = {}
    for i in range(1, rng.randint(2, 4)):
        other = [rng.choice((size, size, size, size, size, size, 1, size + 1)) for size in shape]
        kept = other[rng.randint(0, 1) :] if rng.random() < 0.1 else other
        types[f"{port.name}{i}"] = TensorType(
            tuple(kept), rng.choice(port.dtypes) if rng.random() < 0.3 else dtype
        )
    return types


def _shape(rng: random.Random, layer: Layer, port: Port, bound: dict[str, Any]) -> tuple[Dim, ...]:
    shape: list[Dim] = []
    for token in port.tokens:
        if token.is_run:
            fresh = tuple(rng.choice(SIZES) for _ in range(rng.choice((0, 1, 1, 2, 2, 3))))
            earlier = [run for name, run in bound.items() if name.startswith("*")]
            if token.text not in bound and earlier and rng.random() < 0.7:
                fresh = earlier[0]
            shape += bound.setdefault(token.text, fresh)
        elif token.is_letter:
            # Widths that must agree in some layers (embed_dim, kdim) are more often equal than chance would have it.
            fresh = rng.choice([*(s for s in bound.values() if isinstance(s, int)), *SIZES])
            shape.append(bound.setdefault(token.text, fresh))
        else:
            shape.append(getattr(layer, token.text) if token.is_field else int(token.text))
    return tuple(shape)


def _bent(rng: random.Random, types: Types) -> Types:
    name = rng.choice(list(types))
    given = types[name]
    shape = list(given.shape)
    way = rng.choice(("size", "size", "more", "less", "dtype"))
    if way == "dtype":
        return types | {name: TensorType(given.shape, rng.choice(DTYPES))}
    if way == "more" or not shape:
        shape.insert(rng.randint(0, len(shape)), rng.choice(SIZES))
    elif way == "less":
        shape.pop(rng.randrange(len(shape)))
    else:
        at = rng.randrange(len(shape))
        shape[at] = rng.choice(SIZES)
    return types | {name: TensorType(tuple(shape), given.dtype)}


def _mended(rng: random.Random, layer: Layer, types: Types) -> Types:
    """Follows the shape that an error asks for: if that is wrong, torch will say so."""
    for _ in range(4):
        error = infer(layer, tuple(types.items())).error
        if error is None or error.port not in types or error.wanted is None:
            break
        wanted = error.wanted
        shape = tuple(size if isinstance(size, int) and size > 0 else rng.choice(SIZES) for size in wanted)
        types = types | {error.port: TensorType(shape, types[error.port].dtype)}
    return types


def lenient_scope(layer: Layer, types: Types) -> Scope:
    """Letters bound as far as they go, for code that torch is expected to refuse."""
    scope = Scope(layer, tuple(types.items()))
    for name, given in types.items():
        port = layer.spec.input(name)
        assert port is not None
        fixed = [token for token in port.tokens if not token.is_run]
        for at, token in enumerate(fixed):
            if token.is_letter:
                back = port.tokens[-1] is token and port.rank is None
                size = given.shape[-1 if back else at] if at < len(given.shape) else 1
                scope.letters.setdefault(token.text, size)
    return scope


@dataclass
class Seen:
    """What torch did: an error, or shapes, dtypes and state."""

    code: str = ""
    error: str = ""
    outputs: dict[str, tuple[tuple[int, ...], str]] = field(default_factory=dict)
    weights: dict[str, tuple[int, ...]] = field(default_factory=dict)
    buffers: dict[str, tuple[int, ...]] = field(default_factory=dict)


def run_torch(case: Case, layer: Layer, inference: Inference) -> Seen:
    """Runs the printed constructor and call in train mode."""
    seen = Seen()
    scope = inference.scope or lenient_scope(layer, case.types)
    place = Place(case.cls.spec, {port: port for port in case.types}, case.types, case.used)
    owner = SimpleNamespace()
    env: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "self": owner}
    env |= {port: tensor(t) for port, t in case.types.items()}
    names = {port: f"out_{port}" for port in recipe.returned(case.cls.spec)}
    try:
        seen.code = "\n".join(_printed(case, layer, scope, place, names, inference))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(seen.code, "<printed>", "exec"), env)
            _read_outputs(case, layer, names, env, seen)
    except Exception as error:  # torch raises whatever it likes; what lacks a wire can't be printed
        seen.error = f"{type(error).__name__}: {error}"
        return seen
    if "module" in vars(owner):
        seen.weights = {name: tuple(p.shape) for name, p in owner.module.named_parameters()}
        seen.buffers = {name: tuple(b.shape) for name, b in owner.module.named_buffers()}
    return seen


def _printed(
    case: Case, layer: Layer, scope: Scope, place: Place, names: Mapping[str, str], inference: Inference
) -> list[str]:
    lines = []
    if isinstance(case.cls.spec.recipe, Module):
        lines.append(f"self.module = {recipe.constructor(layer, scope)}")
        weights = inference.weights or _weights(layer, scope)
        lines.extend(recipe.preparation(layer, "module", weights))
    return [*lines, f"{recipe.target(case.cls.spec, names)} = {recipe.call(layer, 'module', place)}"]


def _weights(layer: Layer, scope: Scope) -> Mapping[str, tuple[int, ...]]:
    """What is declared, where an error keeps the inference from saying it."""
    try:
        return layer.weights(scope)  # type: ignore[return-value]
    except (AttributeError, ArithmeticError, KeyError):
        return {}


def _read_outputs(
    case: Case, layer: Layer, names: Mapping[str, str], env: dict[str, Any], seen: Seen
) -> None:
    spec = case.cls.spec
    sources = dict(names)
    if isinstance(spec.recipe, Module):
        sources |= {port: recipe.derived(layer, port, names) for port in spec.recipe.derived}
        sources |= {port: f"self.module.{name}" for port, name in spec.recipe.attributes.items()}
    for port, source in sources.items():
        value = eval(source, env)
        if value is not None or port in case.used:
            seen.outputs[port] = (tuple(value.shape), str(value.dtype).removeprefix("torch."))


def tensor(given: TensorType) -> torch.Tensor:
    """Random floats in 0 … 1; zeros for ints and bools, which are good indices, classes and lengths everywhere."""
    shape = tuple(int(size) for size in given.shape)  # type: ignore[arg-type]
    dtype = getattr(torch, given.dtype)
    return torch.rand(shape).to(dtype) if dtype.is_floating_point else torch.zeros(shape, dtype=dtype)


Applies = Callable[[Case, Inference, Seen], bool]
Refusal = tuple[str, Applies]
"""A reason, and where it applies: a case that we refuse although torch takes it."""


def disagreement(case: Case, refusals: Sequence[Refusal] = ()) -> tuple[str, bool]:
    """What differs between the declaration and torch ("" for nothing), and whether torch took the case."""
    layer, good = case.layer
    if isinstance(case.cls.spec.recipe, Absent):
        infer(layer, tuple(case.types.items())) if good else None
        return "", good
    inference = infer(layer, tuple(case.types.items())) if good else Inference()
    seen = run_torch(case, layer, inference)
    taken = good and inference.error is None
    if not taken and not seen.error and any(applies(case, inference, seen) for _, applies in refusals):
        return "", True
    if taken == bool(seen.error):
        ours = "fine" if taken else (inference.error.text if inference.error else "a field is out of range")
        return f"{case}\n{seen.code}\nours: {ours}\ntorch: {seen.error or 'fine'}", not seen.error
    if not taken:
        return "", False
    expected = {port: (t.shape, t.dtype) for port, t in inference.outputs.items() if port in seen.outputs}
    pairs = (("outputs", expected, seen.outputs), ("weights", dict(inference.weights), seen.weights))
    for what, ours_, torchs in (*pairs, ("buffers", dict(inference.buffers), seen.buffers)):
        if ours_ != torchs:
            return f"{case}\n{seen.code}\n{what}: ours {ours_}\ntorch {torchs}", True
    return "", True


def with_symbols(rng: random.Random, case: Case) -> tuple[Types, dict[str, int]]:
    """The same wires with some sizes replaced by symbols (equal sizes often by the same one), and their values."""
    values: dict[str, int] = {}
    types: Types = {}
    for port, given in case.types.items():
        shape: list[Dim] = []
        for i, size in enumerate(given.shape):
            assert isinstance(size, int)
            if size == 1 or rng.random() < (
                0.85 if i == 1 else 0.5
            ):  # a symbol is never taken to stretch; C is known
                shape.append(size)
                continue
            name = f"s{size}" if rng.random() < 0.8 else f"{port}_{i}"
            values[name] = size
            shape.append(symbol(name))
        types[port] = TensorType(tuple(shape), given.dtype, given.roles)
    return types, values


def symbols_disagree(case: Case, types: Types, values: Mapping[str, int]) -> str:
    """What differs between inference with ints and inference with symbols whose values are put in afterwards."""
    layer, _ = case.layer
    plain, general = infer(layer, tuple(case.types.items())), infer(layer, tuple(types.items()))
    broken = [str(r) for r in general.requirements if r.holds(values) is not True]
    head = f"{case}\nas {types}\n"
    if general.error or broken:
        # Weights need numbers, and whether there is more than one value to normalise is only known with them.
        fair = plain.error is not None or (general.error is not None and general.error.code == "size-unknown")
        return "" if fair else f"{head}ints are fine, symbols are not: {general.error or broken}"
    if plain.error:
        return (
            "" if plain.error.code == "one-value" else f"{head}symbols are fine, ints are not: {plain.error}"
        )
    for port, expected in plain.outputs.items():
        got = general.outputs[port]
        if (substituted(got.shape, values), got.dtype) != (expected.shape, expected.dtype):
            return f"{head}{port}: {got.text} with {values} is not {expected.text}"
    same = plain.weights == general.weights and plain.buffers == general.buffers
    same = same and substitute(general.macs, values) == plain.macs
    return "" if same else f"{head}weights, buffers or MACs differ"


def substituted(shape: tuple[Dim, ...], values: Mapping[str, int]) -> tuple[Dim, ...]:
    """A shape with numbers for its symbols."""
    return tuple(substitute(dim, values) for dim in shape)
