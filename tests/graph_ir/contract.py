"""What real torch makes of the code that is printed for one use of a layer, compared with its declaration."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from codegen import recipe
from codegen.place import Place
from graph_ir.dims import Dim, substitute
from graph_ir.infer import Inference, Scope, infer
from graph_ir.recipes import Absent, Module, Stored
from graph_ir.signature import TensorType
from graph_ir.spec import Layer
from tests.graph_ir.cases import Case, Types


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
    owner = nn.Module()
    env: dict[str, Any] = {
        "torch": torch,
        "nn": nn,
        "F": F,
        "Tensor": torch.Tensor,
        "math": math,
        "self": owner,
        "Path": Path,
        "__file__": "model.py",
    }
    env |= {port: tensor(t) for port, t in case.types.items()}
    names = {port: f"out_{port}" for port in recipe.returned(case.cls.spec, case.used)}
    recipe_ = case.cls.spec.recipe
    if isinstance(recipe_, Module) and recipe_.helper:
        exec(compile(recipe_.helper, "<helper>", "exec"), env)
    try:
        seen.code = "\n".join(_printed(case, layer, scope, place, names, inference))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(seen.code, "<printed>", "exec"), env)
            _read_outputs(case, layer, names, env, seen)
    except Exception as error:  # torch raises whatever it likes; what lacks a wire can't be printed
        seen.error = f"{type(error).__name__}: {error}"
        return seen
    seen.weights = {_own(name): tuple(p.shape) for name, p in owner.named_parameters()}
    seen.buffers = {_own(name): tuple(b.shape) for name, b in owner.named_buffers()}
    return seen


def _own(name: str) -> str:
    """`weight` of `module.weight`, "" of `module`: a tensor that the network itself holds."""
    return name.removeprefix("module").removeprefix(".")


def _printed(
    case: Case, layer: Layer, scope: Scope, place: Place, names: Mapping[str, str], inference: Inference
) -> list[str]:
    lines = []
    if isinstance(case.cls.spec.recipe, Module | Stored):
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


def macs_disagree(case: Case) -> str:
    """What differs between the declared multiply-adds and those of torch's own counter (two operations each).

    Every output is read, and fused kernels stay out: they are not counted.
    """
    layer, good = case.layer
    inference = infer(layer, tuple(case.types.items())) if good else Inference()
    if not good or inference.error:
        return ""
    read_all = replace(case, used=frozenset(port.name for port in case.cls.spec.outputs))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # switching oneDNN warns of Intel GPUs
        counter = FlopCounterMode(display=False, custom_mapping=_UNCOUNTED)
        with torch.backends.mkldnn.flags(enabled=False), sdpa_kernel(SDPBackend.MATH), counter:
            seen = run_torch(read_all, layer, inference)
    same = counter.get_total_flops() == 2 * inference.macs
    return (
        "" if same else f"{case}\n{seen.code}\nours {inference.macs}, torch {counter.get_total_flops() / 2}"
    )


def _trilinear_flops(
    first: Sequence[int], weight: Sequence[int], second: Sequence[int], *_: Any, **__: Any
) -> int:
    """Torch has no formula for its bilinear kernel, given (M, F), (out, F, G), (M, G): one multiply-add a weight."""
    return 2 * int(first[0]) * math.prod(weight)


def _vector_flops(matrix: Sequence[int], *_: Any, **__: Any) -> int:
    """Nor for products with a vector, given the shape of the matrix or vector in front."""
    return 2 * math.prod(matrix)


_UNCOUNTED = {
    torch.ops.aten._trilinear: _trilinear_flops,
    torch.ops.aten.mv: _vector_flops,
    torch.ops.aten.dot: _vector_flops,
}


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
