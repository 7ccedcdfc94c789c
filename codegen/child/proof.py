"""Compares a printed module with an evaluation of the graph: state, results bit for bit, gradients."""

import contextlib
import importlib
import random
import traceback
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from codegen.child.compare import (
    Alike,
    close,
    described,
    difference,
    fill_tail,
    finite,
    key,
    made,
    said,
    same,
    tensors_in,
)
from codegen.child.evaluate import Evaluated, Evaluation, Unrunnable
from codegen.child.state import State

Masks = Sequence[tuple[int, Tensor]]
"""Axes of a result and the lengths along them."""


class Proof:
    """One request, see `codegen.expectation`. After `run`, `found` holds the differences as sentences."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.request = request
        self.found: list[str] = []
        self.counted: dict[str, int] = {}
        self.namespace: dict[str, Any] = {"__name__": "model", "__file__": "model.py"}

    def run(self) -> None:
        """Builds both, compares what they hold, then what they give in every case until one differs."""
        self._check_own()
        if self.found:
            return
        with Alike():
            self._build()
        if self.found:
            return
        self.state.compare()
        if self.found:
            return
        self.state.begin_anew()
        self.counted |= self.state.counted
        for index, train in self.request["cases"]:
            self._case(index, train)
            if self.found:
                return

    def _check_own(self) -> None:
        """Of the modules that are imported only a network module may be built."""
        plan = self.request["evaluation"]
        for step in (step for network in (plan, *plan["networks"]) for step in network["steps"]):
            if step.get("own"):
                self._check_class(step["id"], *step["own"][:2])

    def _check_class(self, layer: str, module: str, name: str) -> None:
        try:
            found: Any = importlib.import_module(module)
            for part in name.split("."):
                found = getattr(found, part)
        except Exception as error:  # whatever the user's module raises
            self.found.append(f"{failure(layer, error)}; install {module}, or put its folder on PYTHONPATH")
            return
        if not isinstance(found, type) or not issubclass(found, torch.nn.Module):
            self.found.append(f"{layer}: {module}:{name} is no torch.nn.Module; name a class that is one")

    def _build(self) -> None:
        random.seed(0)
        try:
            self.evaluation = Evaluation(self.request["evaluation"], self.found.append)
        except Unrunnable as error:
            self.found.append(failure(error.layer, error.error))
            return
        random.seed(0)
        try:
            exec(compile(self.request["source"], "model.py", "exec"), self.namespace)
            self.model = self.namespace[self.request["class"]]()
            self.objective = self._objective()
        except Exception as error:  # whatever the printed code raises
            self.note_failure(error)
            return
        self.state = State(self.evaluation, self.found.append)
        self.state.add(self.model, self.request["state"], trained_only=False)
        if isinstance(self.objective, torch.nn.Module):
            self.state.add(self.objective, self.request["objective"]["state"], trained_only=True)

    def _objective(self) -> Any:
        part = self.request["objective"]
        if part is None:
            return None
        exec(compile(part["source"], "objective.py", "exec"), self.namespace)
        return self.namespace["Objective"]() if part["is_module"] else self.namespace["objective"]

    def _case(self, index: int, train: bool) -> None:
        """At one of the sizes: with wild inputs, and with tame ones where the wild can't be or give no numbers."""
        for module in (self.model, self.objective, self.evaluation.holder):
            if isinstance(module, torch.nn.Module):
                module.train(train)
        for tame in (False, True):
            torch.manual_seed(index)
            inputs = {id: made(spec, tame) for id, spec in self.request["inputs"][index].items()}
            case = _Case(self, index, train, inputs)
            try:
                case.evaluate()
            except Unrunnable as error:
                self.state.copy()
                if tame:
                    self.found.append(failure(error.layer, error.error))
                continue
            if self.found:
                return
            case.compare()
            self.counted["layers"] = len(case.drawn.steps)
            self.counted["runs"] = self.counted.get("runs", 0) + 1
            if self.found or finite(case.drawn.results):
                return

    def note_failure(self, error: Exception) -> None:
        """Says which line of the printed code failed, and whose layer it is."""
        rows = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "model.py"]
        number = rows[-1].lineno if rows else None
        owners = (layer for layer, lines in self.request["lines"].items() if number in lines)
        text = failure(next(owners, "the module"), error)
        if number:
            line = self.request["source"].split("\n")[number - 1].strip()
            text += f" (in line {number}: {line})"
        self.found.append(text)

    def called(self, inputs: dict[str, Tensor]) -> Any:
        """What the printed module gives. Raises whatever it raises."""
        return self.model(*(inputs[id].clone() for id in self.request["arguments"]))

    def loss(self, outputs: Any, inputs: dict[str, Tensor]) -> Any:
        """What the printed objective makes of it, or None. Raises whatever it raises."""
        if self.objective is None:
            return None
        batch = {name: inputs[id].clone() for id, name in self.request["objective"]["batch"]}
        return self.objective(outputs, batch)


class _Case:
    """One run of both on the same inputs."""

    def __init__(self, proof: Proof, index: int, train: bool, inputs: dict[str, Tensor]) -> None:
        self.proof, self.index, self.train, self.inputs = proof, index, train, inputs
        self.sizes: dict[str, int] = proof.request["sizes"][index]
        self.chance = train
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
    def _mode(self, mode: Alike | None) -> Any:
        """As in training or in use; where chance takes part, it is the same on both sides."""
        alike = mode or (Alike() if self.chance else contextlib.nullcontext())
        with torch.set_grad_enabled(self.train), alike:
            yield

    def compare(self) -> None:
        """Runs the printed code and notes what differs."""
        found = self.proof.found
        try:
            with self._mode(None):
                outputs = self.proof.called(self.inputs)
            results = list(outputs) if isinstance(outputs, tuple) else [outputs]
            self._compare_results(results)
            if found:
                return
            with self._mode(None):
                total = self.proof.loss(outputs, self.inputs)
        except Exception as error:  # whatever the printed code raises
            self.proof.note_failure(error)
            found[-1] += self._first_difference()
            return
        if self.drawn.total is not None:
            self._compare("the sum of the losses", total, self.drawn.total)
        if not found and self.train:
            self._compare_training(results, total)

    def _compare_results(self, results: list[Any]) -> None:
        names, drawn = self.proof.request["results"], self.drawn
        if len(results) != len(names):
            self.proof.found.append(f"forward should give {len(names)} results, but gives {len(results)}")
            return
        for name, given, wanted, masks in zip(names, results, drawn.results, drawn.masks, strict=True):
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
        drawn, watched = self._evaluated(Alike()), Alike(record=True)
        with self._mode(watched), contextlib.suppress(Exception):
            self.proof.loss(self.proof.called(self.inputs), self.inputs)
        seen = watched.seen or set()
        seen |= {key(value) for value in (*self.inputs.values(), *self.proof.model.state_dict().values())}
        needed = self.proof.evaluation.needed()
        for name, values in drawn.steps:
            missing = [value for value in tensors_in(values) if key(value) not in seen]
            if missing and name.split(" > ")[0] in needed:
                return f"; {name}, which should give {said(described(missing[0]))}, is the first to differ"
        return ""


def failure(where: str, error: BaseException) -> str:
    """A sentence about something that was raised."""
    text = " ".join(str(error).split())[:300]
    return f"{where}: the code fails with {type(error).__name__}: {text}"


def _valid(value: Tensor, masks: Masks) -> Tensor:
    """Zeros at padding, whose content nothing says."""
    for axis, lengths in masks:
        value = fill_tail(value, lengths, axis, 0)
    return value
