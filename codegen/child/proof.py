"""Compares a printed module with an evaluation of the graph: state, results bit for bit, gradients."""

import importlib
import random
import traceback
from typing import Any

import torch
from torch import Tensor

from codegen.child.case import Case
from codegen.child.compare import (
    Alike,
    finite,
    made,
)
from codegen.child.evaluate import Evaluation, Unrunnable
from codegen.child.state import State


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
        self.counted |= self.state.counted()
        for index, train in self.request["cases"]:
            self._case(index, train)
            if self.found:
                return
        if self.request["whole"]:
            self._evaluate_whole()

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
            case = Case(self, index, train, self._inputs(index, tame=tame))
            before = self.state.numbers()
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
            self.counted |= {"layers": len(case.drawn.steps), "outputs": len(case.drawn.results)}
            self.counted["runs"] = self.counted.get("runs", 0) + 1
            if self.found or finite(case.drawn.results):
                return
            self.state.restore(before)  # no statistics of what is no number

    def _evaluate_whole(self) -> None:
        """What no result depends on is not printed: it is only held against the drawing, at every one of the sizes."""
        try:
            evaluation = Evaluation(self.request["whole"], self.found.append)
        except Unrunnable as error:
            self.found.append(failure(error.layer, error.error))
            return
        for index, sizes in enumerate(self.request["sizes"]):
            for tame in (False, True):
                try:
                    with Alike(), torch.no_grad():
                        evaluation.run(self._inputs(index, tame=tame), sizes, index)
                    break
                except Unrunnable as error:
                    self.found += [failure(error.layer, error.error)] if tame else []

    def _inputs(self, index: int, *, tame: bool) -> dict[str, Tensor]:
        torch.manual_seed(index)
        return {id: made(spec, tame) for id, spec in self.request["inputs"][index].items()}

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


def failure(where: str, error: BaseException) -> str:
    """A sentence about something that was raised."""
    text = " ".join(str(error).split())[:300]
    return f"{where}: the code fails with {type(error).__name__}: {text}"
