"""Evaluates a graph layer by layer as `codegen.evaluation` says it: the independent half of the proof."""

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
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
from codegen.child.fold import Fold

Path_ = tuple[str | int, ...]
Step = dict[str, Any]


class Unrunnable(Exception):
    """A layer can't be built or run as it is drawn: `layer` says which, `error` what torch said."""

    def __init__(self, layer: str, error: Exception) -> None:
        super().__init__(layer)
        self.layer, self.error = layer, error


@dataclass
class Evaluated:
    """What one run gave. `masks` are, for each result, axes and the lengths along them: what lies behind is padding.
    `steps` are the values of every layer with its name, in order, and whether they hold padding; of those inside blocks
    too.
    """

    results: list[Tensor]
    masks: list[list[tuple[int, Tensor]]]
    total: Tensor | None
    steps: list[tuple[str, list[tuple[Any, bool]]]]


@dataclass
class _Run:
    """What is the same for all networks of one run: the sizes, and which of the expected types hold."""

    sizes: dict[str, int]
    index: int
    steps: list[tuple[str, list[tuple[Any, bool]]]] = field(default_factory=list)


@dataclass(frozen=True)
class Built:
    """A layer with a module (or tensor) of its own: where it stands, and what is said of it.

    `saved` are the names of its tensors that stand in its `state_dict`; "" where it is a tensor itself. `shares` is
    set where a layer in front has the same module.
    """

    path: Path_
    step: Step
    module: Any
    saved: frozenset[str]
    shares: bool
    trained_only: bool


class Evaluation:
    """A graph with modules of its own, built at once. Raises Unrunnable.

    `note` is told each sentence about a layer that gives something else than drawn.
    """

    def __init__(self, plan: dict[str, Any], note: Callable[[str], None]) -> None:
        self.plan, self.note = plan, note
        names = {"torch": torch, "nn": nn, "F": F, "Tensor": Tensor, "math": math, "Path": Path, "Any": Any}
        ours = (fill_tail, valid_steps, rewritten, run_packed)
        self.base: dict[str, Any] = {"__name__": "evaluation", "__file__": "model.py", **names}
        self.base |= {function.__name__: function for function in ours}
        for module in plan["modules"]:
            exec(f"import {module}", self.base)
        for source in plan["classes"]:
            exec(source, self.base)
        self.codes: dict[str, Any] = {}
        self.top = _Network(self, plan, ())
        self.holder = self.top.holder

    def built(self) -> Iterator[Built]:
        """Every layer that has a state."""
        yield from self.top.built((), shares=False, trained_only=False)

    def run(self, inputs: dict[str, Tensor], sizes: dict[str, int], index: int) -> Evaluated:
        """Computes every layer; `index` says which of the expected types hold. Raises Unrunnable."""
        run = _Run(sizes, index)
        values = self.top.run({variable: inputs[id] for id, variable in self.plan["inputs"]}, (), run)
        exec(self.compiled(self.plan["lines"]), values)
        results = [values[variable] for variable, _, _ in self.plan["results"]]
        masks = [_carried(masks, values) for _, _, masks in self.plan["results"]]
        return Evaluated(results, masks, self._total(values), run.steps)

    def values(
        self, inputs: dict[str, Tensor], sizes: dict[str, int]
    ) -> list[tuple[str, list[tuple[Any, bool]]]]:
        """What every layer gives, in order and with its name, as far as it comes: one that can't be run is the last."""
        run = _Run(sizes, 0)
        with suppress(Unrunnable):
            self.top.run({variable: inputs[id] for id, variable in self.plan["inputs"]}, (), run)
        return run.steps

    def compiled(self, lines: list[str]) -> Any:
        """Statements as code, compiled once."""
        text = "\n".join(lines)
        if text not in self.codes:
            self.codes[text] = compile(text, "drawing", "exec")
        return self.codes[text]

    def _total(self, values: dict[str, Any]) -> Tensor | None:
        total: Tensor | None = None
        for weight, variable, masks in self.plan["terms"]:
            term = mean_of_valid(values[variable], _carried(masks, values))
            term = term if weight == 1 else weight * term
            total = term if total is None else total + term
        return total


class _Network:
    """One network with modules of its own; uses that share weights share it, so that several paths may lead to it."""

    def __init__(self, whole: Evaluation, plan: dict[str, Any], path: Path_) -> None:
        self.whole, self.plan = whole, plan
        self.holder = nn.Module()
        self.inside: dict[str, list[_Network | None]] = {}
        for step in plan["steps"]:
            if "repetitions" in step:
                self._build_use(step, path)
            elif step["build"]:
                self._try(_name(path, step), step["build"], {**whole.base, "self": self.holder})

    def _build_use(self, step: Step, path: Path_) -> None:
        name = step["module"]
        if step["shares"]:
            self.inside[name] = self.inside[step["shares"]]
            return
        networks = self.whole.plan["networks"]
        self.inside[name] = [
            one and _Network(self.whole, networks[one["network"]], (*path, step["id"], index))
            for index, one in enumerate(step["repetitions"])
        ]
        holders = [network.holder if network else nn.Module() for network in self.inside[name]]
        setattr(self.holder, name, nn.ModuleList(holders))

    def built(self, path: Path_, *, shares: bool, trained_only: bool) -> Iterator[Built]:
        """Every layer in it that has a state."""
        kept = frozenset(self.holder.state_dict())
        for step in self.plan["steps"]:
            name, shared = step["module"], shares or bool(step["shares"])
            late = trained_only or (not path and step["trained_only"])
            if name in self.inside:
                for index, network in enumerate(self.inside[name]):
                    inner = (*path, step["id"], index)
                    yield from network.built(inner, shares=shared, trained_only=late) if network else ()
            elif step["build"]:
                module = getattr(self.holder, name)
                saved = frozenset(key[len(name) + 1 :] for key in kept if f"{key}.".startswith(f"{name}."))
                yield Built((*path, step["id"]), step, module, saved, shared, late)

    def run(self, given: dict[str, Any], path: Path_, run: _Run) -> dict[str, Any]:
        """Computes every layer from the variables `given`; all variables. Raises Unrunnable."""
        values: dict[str, Any] = {**self.whole.base, "self": self.holder, "sizes": run.sizes, **given}
        for step in self.plan["steps"]:
            if step["unread"]:
                continue
            name = _name(path, step)
            self._try(name, self.whole.compiled(step["lines"]), values)
            if "repetitions" in step:
                self._run_use(step, values, path, run)
            for port, variable, expected, _ in step["outputs"]:
                found, wanted = described(values[variable]), expected[run.index]
                if found != wanted:
                    text = f"{name}: the output {port} should be {said(wanted)}, but is {said(found)}"
                    self.whole.note(text)
            run.steps.append((name, [(values[output[1]], output[3]) for output in step["outputs"]]))
        return values

    def _run_use(self, step: Step, values: dict[str, Any], path: Path_, run: _Run) -> None:
        """Every repetition of a block, each at every step of an axis where that is asked for."""
        tensors = {port: values[variable] for port, variable in step["inputs"]}
        fold = Fold(tensors, step["each"], step["whole"]) if step["each"] is not None else None
        given = fold.inside if fold else tensors
        made: list[Tensor] = []
        networks = self.inside[step["module"]]
        for index, (network, one) in enumerate(zip(networks, step["repetitions"], strict=True)):
            if network is None:
                made = list(given.values())[: len(step["ports"])]
                continue
            plan = network.plan
            brought = {variable: given[port] for port, variable in plan["inputs"]}
            for carrier, variable in plan["carriers"]:
                outside, over = one["lengths"][carrier]
                lengths = values[outside]
                brought[variable] = fold.lengths(lengths, over, carrier) if fold else lengths
            inside = network.run(brought, (*path, step["id"], index), run)
            made = [inside[variable] for _, variable in plan["outputs"]]
            given = {**given, **dict(zip(given, made, strict=False))}
        found = dict(zip(step["ports"], made, strict=True))
        for port, variable, *_ in step["outputs"]:
            values[variable] = fold.unfolded(found[port]) if fold else found[port]

    def _try(self, layer: str, code: Any, values: dict[str, Any]) -> None:
        try:
            exec(code, values)
        except Exception as error:  # whatever torch or a module of the user's raises
            raise Unrunnable(layer, error) from None


def _name(path: Path_, step: Step) -> str:
    return " > ".join(map(str, (*path, step["id"])))


def _carried(masks: list[Any], values: dict[str, Any]) -> list[tuple[int, Tensor]]:
    return [(axis, values[lengths]) for axis, lengths in masks]
