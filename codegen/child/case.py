"""One run of the printed code and of the evaluation on the same inputs, compared bit for bit."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from codegen.child.compare import (
    Alike,
    close,
    described,
    difference,
    fill_tail,
    key,
    said,
    same,
    tensors_in,
)
from codegen.child.evaluate import Evaluated, Unrunnable

if TYPE_CHECKING:
    from codegen.child.proof import Proof

Masks = Sequence[tuple[int, Tensor]]
"""Axes of a result and the lengths along them."""


class Case:
    """One run of both on the same inputs."""

    def __init__(self, proof: Proof, index: int, train: bool, inputs: dict[str, Tensor]) -> None:
        self.proof, self.index, self.train, self.inputs = proof, index, train, inputs
        self.sizes: dict[str, int] = proof.request["sizes"][index]
        self.chance = train
        self.watch = Alike(record=True) if train and index == 0 else None
        self.drawn: Evaluated
        self.gradients: Sequence[Tensor | None] = ()

    def evaluate(self) -> None:
        """Runs the evaluation. Raises Unrunnable."""
        before = torch.get_rng_state()
        self.drawn = self._evaluated()
        if not self.chance and not torch.equal(before, torch.get_rng_state()):
            self.chance = True
            self.drawn = self._evaluated()
        if self.train and self.proof.request["gradients"]:
            ours = [own for _, own, _ in self.proof.state.learning()]
            try:
                self.gradients = self._gradients(self.drawn.results, self.drawn.total, ours)
            except Exception as error:  # some layers have no gradient for what they can compute
                if self.drawn.total is not None:
                    raise Unrunnable("the loss", error) from None

    def _evaluated(self, mode: Alike | None = None) -> Evaluated:
        inputs = {id: value.clone() for id, value in self.inputs.items()}
        with self._mode(mode):
            return self.proof.evaluation.run(inputs, self.sizes, self.index)

    @contextlib.contextmanager
    def _mode(self, mode: Alike | None) -> Iterator[None]:
        """As in training or in use; where chance takes part, it is the same on both sides."""
        alike = mode or (Alike() if self.chance else contextlib.nullcontext())
        gradients = self.train and self.proof.request["gradients"]
        with torch.set_grad_enabled(gradients), alike:
            yield

    def compare(self) -> None:
        """Runs the printed code and notes what differs."""
        found = self.proof.found
        outputs = self._run(lambda: self.proof.called(self.inputs))
        results = list(outputs) if isinstance(outputs, tuple) else [outputs]
        if not found:
            self._compare_results(results)
        total = None if found else self._run(lambda: self.proof.loss(outputs, self.inputs))
        if found:
            return
        if self.drawn.total is not None:
            self._compare("the sum of the losses", total, self.drawn.total)
        if not found and self.watch is not None:
            self._compare_inside(self.watch)
        if not found and self.train:
            self._compare_training(results, total)

    def _run(self, call: Callable[[], Any]) -> Any:
        """What some of the printed code gives; None where it fails, which is noted."""
        try:
            with self._mode(self.watch):
                return call()
        except Exception as error:  # whatever the printed code raises
            self.proof.note_failure(error)
            self.proof.found[-1] += self._first_difference()
            return None

    def _compare_results(self, results: list[Any]) -> None:
        names, drawn = self.proof.request["results"], self.drawn
        if len(results) != len(names):
            self.proof.found.append(f"forward should give {len(names)} results, but gives {len(results)}")
            return
        for name, given, wanted, masks in zip(names, results, drawn.results, drawn.masks, strict=True):
            over = [lengths.shape for _, lengths in masks]
            stray = next((shape for shape in over if shape != wanted.shape[: len(shape)]), None)
            if stray is not None:
                text = f"{name} is {said(described(wanted))}, but carries lengths of {tuple(stray)}"
                self.proof.found.append(f"{text}, which are not those of its samples{self._at()}")
                return
            self._compare(name, given, wanted, masks)

    def _compare(self, name: str, given: Any, wanted: Tensor, masks: Masks = ()) -> None:
        types = described(given), described(wanted)
        if types[0] != types[1]:
            text = f"{name} should be {said(types[1])}, but is {said(types[0])}{self._at()}"
            self.proof.found.append(text + self._first_difference())
            return
        given, wanted = _valid(given, masks), _valid(wanted, masks)
        if same(given, wanted):
            return
        apart = f"{difference(given, wanted)}{self._at()}"
        text = f"{name}: the code gives other numbers than the drawing ({apart})"
        self.proof.found.append(text + self._first_difference())

    def _at(self) -> str:
        sizes = ", ".join(f"{name} = {size}" for name, size in self.sizes.items())
        return (f" at {sizes}" if sizes else "") + (", in training" if self.train else "")

    def _compare_training(self, results: list[Tensor], total: Tensor | None) -> None:
        """What training changes: running statistics, and where the gradients lead."""
        state = self.proof.state
        for name, layer, own, real in state.buffers():
            if not same(real, own):
                text = f"{layer}: the buffer {name} is updated to other numbers than in the drawing"
                self.proof.found.append(f"{text} ({difference(real, own)}{self._at()})")
        if not self.gradients:
            return
        learning = state.learning()
        gradients = self._gradients(results, total, [parameter for _, _, parameter in learning])
        for (name, _, _), given, wanted in zip(learning, gradients, self.gradients, strict=True):
            if (given is None) != (wanted is None):
                has = "has no gradient, but should" if given is None else "has a gradient, but should not"
                self.proof.found.append(f"{name} {has}{self._at()}")
            elif given is not None and wanted is not None and not close(given, wanted):
                text = f"{name}: the code has other gradients than the drawing"
                self.proof.found.append(f"{text} ({difference(given, wanted)}{self._at()})")
        self.proof.counted["gradients"] = sum(gradient is not None for gradient in gradients)

    def _gradients(
        self, results: list[Tensor], total: Tensor | None, parameters: list[Tensor]
    ) -> Sequence[Tensor | None]:
        """Of the loss; without one, of the sum of all results."""
        goal = total
        if goal is None:
            floats = [result.sum() for result in results if result.requires_grad]
            goal = sum(floats[1:], floats[0]) if floats else None
        if goal is None or not goal.requires_grad or not parameters:
            return [None] * len(parameters)
        found = torch.autograd.grad(goal, parameters, allow_unused=True)
        return [part.to_dense() if part is not None and part.is_sparse else part for part in found]

    def _first_difference(self) -> str:
        """Names the first layer whose value the printed code never computes; "" where all are."""
        drawn, watch = self._evaluated(Alike()), Alike(record=True)
        with self._mode(watch), contextlib.suppress(Exception):
            self.proof.loss(self.proof.called(self.inputs), self.inputs)
        self._note_given(watch)
        for name, values in drawn.steps:
            missing = self._missing(values, watch)
            if missing:
                return f"; {name}, which should give {said(described(missing[0]))}, is the first to differ"
        return ""

    def _compare_inside(self, watch: Alike) -> None:
        """Every layer's value must come about while the printed code runs (what no result depends on is not computed).
        What is padding may differ.
        """
        self._note_given(watch)
        for name, values in self.drawn.steps:
            missing = self._missing([(value, padded) for value, padded in values if not padded], watch)
            if missing:
                text = f"{name}: the code never computes what is drawn, {said(described(missing[0]))}{self._at()}"
                self.proof.found.append(text)

    def _note_given(self, watch: Alike) -> None:
        """Inputs and weights are there without a call."""
        objective = self.proof.objective
        modules = [part for part in (self.proof.model, objective) if isinstance(part, torch.nn.Module)]
        given = [value for module in modules for value in module.state_dict().values()]
        watch.seen.update(map(key, (*self.inputs.values(), *given)))

    def _missing(self, values: list[tuple[Any, bool]], watch: Alike) -> list[Tensor]:
        """Those of a layer's values that no call of torch gave in the printed code, and that it was not given."""
        return [value for one, _ in values for value in tensors_in(one) if key(value) not in watch.seen]


def _valid(value: Tensor, masks: Masks) -> Tensor:
    """Zeros at padding, whose content nothing says."""
    for axis, lengths in masks:
        value = fill_tail(value, lengths, axis, 0)
    return value
