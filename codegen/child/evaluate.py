"""Evaluates a graph layer by layer as `codegen.evaluation` says it: the independent half of the proof."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from codegen.child.compare import (
    described,
    fill_tail,
    mean_of_valid,
    rewritten,
    run_packed,
    said,
    valid_steps,
)


class Unrunnable(Exception):
    """A layer can't be built or run as it is drawn: `layer` says which, `error` what torch said."""

    def __init__(self, layer: str, error: Exception) -> None:
        super().__init__(layer)
        self.layer, self.error = layer, error


@dataclass
class Evaluated:
    """What one run gave. `masks` are, for each result, axes and the lengths along them: what lies behind is padding.
    `steps` are the values of every layer.
    """

    results: list[Tensor]
    masks: list[list[tuple[int, Tensor]]]
    total: Tensor | None
    steps: list[tuple[dict[str, Any], list[Tensor]]]


class Evaluation:
    """A graph with modules of its own, built at once. Raises Unrunnable.

    `note` is told each sentence about a layer that gives something else than drawn.
    """

    def __init__(self, plan: dict[str, Any], note: Callable[[str], None]) -> None:
        self.plan, self.note = plan, note
        self.holder = nn.Module()
        names = {"torch": torch, "nn": nn, "F": F, "Tensor": Tensor, "math": math, "Path": Path, "Any": Any}
        ours = (fill_tail, valid_steps, rewritten, run_packed)
        self.base: dict[str, Any] = {"__name__": "evaluation", "__file__": "model.py", **names}
        self.base |= {function.__name__: function for function in ours}
        for module in plan["modules"]:
            exec(f"import {module}", self.base)
        for source in plan["classes"]:
            exec(source, self.base)
        for step in plan["steps"]:
            self._try(step["id"], step["build"], {**self.base, "self": self.holder})
        self._codes = [(step, compile("\n".join(step["lines"]), "drawing", "exec")) for step in plan["steps"]]
        self._end = compile("\n".join(plan["lines"]), "drawing", "exec")

    def built(self) -> Iterator[tuple[tuple[str, ...], dict[str, Any], Any]]:
        """Where each layer with a state stands, its step, and its module (or tensor)."""
        for step in self.plan["steps"]:
            if step["build"]:
                yield (step["id"],), step, getattr(self.holder, step["module"])

    def saved(self, step: dict[str, Any]) -> set[str]:
        """The names of a layer's tensors that stand in its `state_dict`; "" where the layer is a tensor itself."""
        name = step["module"]
        module = getattr(self.holder, name)
        if isinstance(module, nn.Module):
            return set(module.state_dict())
        return {""} if name in self.holder.state_dict() else set()

    def run(self, inputs: dict[str, Tensor], sizes: dict[str, int], index: int) -> Evaluated:
        """Computes every layer; `index` says which of the expected types hold. Raises Unrunnable."""
        values: dict[str, Any] = {**self.base, "self": self.holder, "sizes": sizes}
        values |= {variable: inputs[id] for id, variable in self.plan["inputs"]}
        steps = []
        for step, code in self._codes:
            self._try(step["id"], code, values)
            for port, variable, expected in step["outputs"]:
                found = described(values[variable])
                if found != expected[index]:
                    wanted = said(expected[index])
                    self.note(f"{step['id']}: the output {port} should be {wanted}, but is {said(found)}")
            steps.append((step, [values[variable] for _, variable, _ in step["outputs"]]))
        exec(self._end, values)
        results = [values[variable] for variable, _, _ in self.plan["results"]]
        masks = [self._carried(masks, values) for _, _, masks in self.plan["results"]]
        return Evaluated(results, masks, self._total(values), steps)

    def needed(self) -> set[int]:
        """The numbers of the layers that a result or the loss depends on."""
        read = {variable for variable, *_ in self.plan["results"]}
        read |= {variable for _, variable, _ in self.plan["terms"]}
        found: set[int] = set()
        for step in reversed(self.plan["steps"]):
            if step["number"] in found or any(variable in read for _, variable, _ in step["outputs"]):
                found |= {step["number"], *step["reads"]}
        return found

    def _carried(self, masks: list[Any], values: dict[str, Any]) -> list[tuple[int, Tensor]]:
        return [(axis, values[lengths]) for axis, lengths in masks]

    def _total(self, values: dict[str, Any]) -> Tensor | None:
        total: Tensor | None = None
        for weight, variable, masks in self.plan["terms"]:
            term = mean_of_valid(values[variable], self._carried(masks, values))
            term = term if weight == 1 else weight * term
            total = term if total is None else total + term
        return total

    def _try(self, layer: str, code: Any, values: dict[str, Any]) -> None:
        try:
            exec(code, values)
        except Exception as error:  # whatever torch or a module of the user's raises
            raise Unrunnable(layer, error) from None
