"""Compares what printed modules hold (parameters, buffers) with what the drawing says and its evaluation has built."""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from codegen.child.compare import described, said, same
from codegen.child.evaluate import Built, Evaluation, Path_

Pair = tuple[str, str, Tensor, Tensor]
"""A tensor's name in the printed module's `state_dict`, its layer, our tensor, the printed module's."""


class State:
    """Pairs of tensors: those of the evaluation, and those of the printed modules that were added."""

    def __init__(self, evaluation: Evaluation, note: Callable[[str], None]) -> None:
        self.evaluation, self.note = evaluation, note
        self._parameters: list[Pair] = []
        self._buffers: list[Pair] = []
        self._modules: list[tuple[nn.Module, dict[Path_, str], bool]] = []

    def add(self, module: nn.Module, prefixes: list[Any], *, trained_only: bool) -> None:
        """A printed module; `prefixes` are [path of a layer, where its tensors stand in the `state_dict`]."""
        self._modules.append((module, {tuple(path): prefix for path, prefix in prefixes}, trained_only))

    def compare(self) -> None:
        """Notes whatever is missing, has another shape or first value, is not drawn, or is shared otherwise."""
        for module, prefixes, trained_only in self._modules:
            _Comparison(self, module, prefixes).run(trained_only)
        self._compare_shared()

    def _compare_shared(self) -> None:
        """One tensor here must be one tensor there, and the other way round."""
        owners: dict[int, tuple[str, Tensor]] = {}
        for name, layer, own, real in self._parameters:
            first, ours = owners.setdefault(id(real), (name, own))
            if ours is not own:
                self.note(
                    f"{layer}: {name} is the same tensor as {first}, but is drawn with weights of its own"
                )
        twins: dict[int, tuple[str, Tensor]] = {}
        for name, layer, own, real in self._parameters:
            first, theirs = twins.setdefault(id(own), (name, real))
            if theirs is not real:
                self.note(f"{layer}: {name} should be shared with {first}, but is a tensor of its own")

    def begin_anew(self) -> None:
        """Gives every parameter random numbers of its own, so that no two are alike, and copies them."""
        chance = torch.Generator().manual_seed(1)
        with torch.no_grad():
            for parameter in {id(real): real for _, _, _, real in self._parameters}.values():
                noise = torch.rand(parameter.shape, generator=chance).to(parameter.dtype)
                spread = float(parameter.std()) if parameter.numel() > 1 else 0.0
                parameter.mul_(0.5 + noise).add_(noise - 0.5, alpha=spread or 0.1)
        self.copy()

    def copy(self) -> None:
        """Gives the evaluation the numbers of the printed modules."""
        with torch.no_grad():
            for _, _, own, real in (*self._parameters, *self._buffers):
                own.copy_(real)

    def add_pair(self, pair: Pair, *, learned: bool) -> None:
        """Notes where a tensor stands."""
        (self._parameters if learned else self._buffers).append(pair)

    def counted(self) -> dict[str, int]:
        """How many numbers the parameters and buffers hold, each tensor once."""
        found = {"parameters": self._parameters, "buffers": self._buffers}
        return {
            kind: sum(value.numel() for value in {id(real): real for _, _, _, real in pairs}.values())
            for kind, pairs in found.items()
        }

    def numbers(self) -> list[Tensor]:
        """Copies of all buffers, for `restore`."""
        return [real.clone() for _, _, _, real in self._buffers]

    def restore(self, numbers: list[Tensor]) -> None:
        """Gives all buffers the numbers they had."""
        for (_, _, own, real), kept in zip(self._buffers, numbers, strict=True):
            own.copy_(kept)
            real.copy_(kept)

    def buffers(self) -> list[Pair]:
        """All buffers."""
        return self._buffers

    def learning(self) -> list[tuple[str, Tensor, Tensor]]:
        """The parameters that training changes, each once: name, ours, the printed module's."""
        found = {id(own): (name, own, real) for name, _, own, real in self._parameters if real.requires_grad}
        return list(found.values())


class _Comparison:
    """Of one printed module."""

    def __init__(self, state: State, module: nn.Module, prefixes: dict[Path_, str]) -> None:
        self.state, self.note, self.module, self.prefixes = state, state.note, module, prefixes
        self.real: dict[str, Tensor] = dict(module.named_parameters(remove_duplicate=False))
        self.held: dict[str, Tensor] = dict(module.named_buffers(remove_duplicate=False))
        self.kept = frozenset(module.state_dict())
        self.met: set[str] = set()

    def run(self, trained_only: bool) -> None:
        """Notes every difference."""
        for one in self.state.evaluation.built():
            if one.trained_only == trained_only:
                self._compare_layer(one)
        for name, value in {**self.real, **self.held}.items():
            if name not in self.met:
                kind = "parameter" if name in self.real else "buffer"
                self.note(f"the code has a {kind} {name} of {said([*value.shape])} that is not drawn")

    def _compare_layer(self, one: Built) -> None:
        layer, prefix = " > ".join(map(str, one.path)), self.prefixes.get(one.path)
        step, own, saved = one.step, one.module, one.saved
        ours = {**dict(_parameters(own)), **dict(_buffers(own))}
        if prefix is None:
            if ours and not one.shares:
                self.note(f"{layer}: the code never builds it")
            return
        for count in step["own"][2:]:
            found = sum(math.prod(value.shape) for name, value in _parameters(own))
            if count is not None and found != count:
                self.note(f"{layer}: the number of parameters should be {count}, but is {found}")
        self._compare_settings(layer, prefix, own)
        drawn = {**step["weights"], **step["buffers"]}
        for name in drawn if not step["own"] else ours:
            learned = name in step["weights"] or isinstance(ours.get(name), nn.Parameter)
            full = f"{prefix}.{name}" if name else prefix
            if (name in saved) != (full in self.kept) and name in ours and full in self.held:
                should = "should" if name in saved else "should not"
                self.note(f"{layer}: {full} {should} be saved with the weights, but is the other way")
            self._compare_tensor(layer, full, learned, drawn.get(name), step, ours.get(name))

    def _compare_settings(self, layer: str, name: str, own: Any) -> None:
        """What a module tells of itself: some settings show in no value, such as a limit that nothing exceeds."""
        if not isinstance(own, nn.Module):
            return
        try:
            given = self.module.get_submodule(name)
        except AttributeError:  # a missing parameter is told by its name
            return
        texts = [_settings(own), _settings(given)]
        if type(given).__name__ == type(own).__name__ and texts[0] != texts[1]:
            self.note(f"{layer}: {name} should be {texts[0][:150]}, but is {texts[1][:150]}")

    def _compare_tensor(
        self, layer: str, name: str, learned: bool, drawn: Any, step: dict[str, Any], own: Any
    ) -> None:
        kind = "parameter" if learned else "buffer"
        given = (self.real if learned else self.held).get(name)
        shape = drawn if drawn is not None else [*own.shape]
        self.met.add(name)
        if given is None:
            self.note(f"{layer}: the code has no {kind} {name}, which should be {said(shape)}")
            return
        if [*given.shape] != shape or own is None:
            self.note(f"{layer}: the {kind} {name} should be {said(shape)}, but is {said([*given.shape])}")
            return
        if learned and given.requires_grad != own.requires_grad:
            should = "" if own.requires_grad else "not "
            self.note(f"{layer}: {name} should {should}be trained, but is the other way")
        if described(given) != described(own):
            types = said(described(own)), said(described(given))
            self.note(f"{layer}: the {kind} {name} should be {types[0]}, but is {types[1]}")
            return
        if not step["own"] and not same(given, own):
            self.note(f"{layer}: the {kind} {name} starts with other numbers than drawn")
        self.state.add_pair((name, layer, own, given), learned=learned)


def _settings(module: nn.Module) -> str:
    """What a module tells of itself on one line; 1.0 is told as 1."""
    return re.sub(r"\b(\d+)\.0\b", r"\1", " ".join(repr(module).split()))


def _parameters(module: Any) -> Iterator[tuple[str, Tensor]]:
    if isinstance(module, nn.Module):
        yield from module.named_parameters(remove_duplicate=False)
    elif isinstance(module, nn.Parameter):
        yield "", module


def _buffers(module: Any) -> Iterator[tuple[str, Tensor]]:
    if isinstance(module, nn.Module):
        yield from module.named_buffers(remove_duplicate=False)
    elif not isinstance(module, nn.Parameter):
        yield "", module
