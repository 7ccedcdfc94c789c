"""Reads the `training` section of a design: what is trained on which data, how long and how.

Whatever a file holds there is answered with problems, each a sentence with a stable code, before anything starts.
Unknown keys are kept in the file and ignored here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from codegen.training.answers import answer_of
from codegen.training.data_section import SPLIT
from codegen.training.feed_section import FeedSection
from codegen.training.options import METRICS, OPTIMIZERS
from codegen.training.section import is_number, shown
from codegen.training.sources import Field, Source
from graph_ir.graph import Design
from graph_ir.problems import Problem
from graph_ir.report import Report

EPOCHS, BATCH_SIZE = 20, 64


class BadTraining(Exception):
    """The `training` section can't be used; `problems` say why, the text is the first of them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        errors = [one for one in problems if one.severity == "error"]
        super().__init__(errors[0].message)
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """A `training` section that can be used. `inputs` leads from each Input to its field of the data."""

    source: Source
    inputs: Mapping[str, str]
    options: Mapping[str, int]
    split: tuple[float, ...]
    data_seed: int
    epochs: int
    batch_size: int
    seed: int
    optimizer: str
    optimizer_options: Mapping[str, float | bool]
    metrics: tuple[str, ...]
    sizes: Mapping[str, int]
    classes: tuple[str, ...] | None = None
    """What the classes of the first loss mean; None where it has none."""
    noise: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """For each Input of noise the shape of one sample."""
    carry: Mapping[str, str] = field(default_factory=dict)
    """Inputs that are fed with an Output of the step before."""
    states: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)
    """The shapes of those Inputs, None for the batch axis."""

    @property
    def order(self) -> str:
        """In which way batches are made: "plain", "noisy" or "ordered"."""
        return "ordered" if self.carry else "noisy" if self.noise else "plain"

    @property
    def fields(self) -> tuple[Field, ...]:
        """What the data set holds."""
        return self.source.fields(self.options)

    def as_json(self) -> dict[str, Any]:
        """The whole of the settings, defaults included: what `settings.json` records."""
        return {
            "data": {
                "source": self.source.name,
                "inputs": dict(self.inputs),
                "options": dict(self.options),
                "split": list(self.split),
                "seed": self.data_seed,
                **({"carry": dict(self.carry)} if self.carry else {}),
            },
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "seed": self.seed,
            "optimizer": {"type": self.optimizer, **self.optimizer_options},
            "metrics": list(self.metrics),
        }


def read(design: Design, report: Report) -> tuple[Settings | None, tuple[Problem, ...]]:
    """The settings of a design, None if a problem is an error, and all problems. Never raises."""
    reader = _Reader(design.training, report)
    settings = reader.settings()
    return settings, tuple(reader.problems)


def settings_of(design: Design, report: Report) -> Settings:
    """The settings of a design; raises BadTraining where they can't be used."""
    settings, problems = read(design, report)
    if settings is None:
        raise BadTraining(problems)
    return settings


class _Reader(FeedSection):
    def settings(self) -> Settings | None:
        self._network()
        data = self.mapping(self.section, "data", "training.data")
        source = self.source(data)
        given = self.options(source, self.mapping(data, "options", "training.data.options"))
        carry = self.carry(source, data)
        inputs, sizes, options = self.inputs(source, given, data, carry) if source else ({}, {}, {})
        noise = self.noise(sizes)
        states = self.states(carry, sizes)
        optimizer, values = self._optimizer()
        split = self.split(data.get("split", list(SPLIT)))
        data_seed = self.whole(data, "seed", 0, 0, "training.data.seed")
        epochs = self.whole(self.section, "epochs", EPOCHS, 1)
        batch_size = self.whole(self.section, "batch_size", BATCH_SIZE, 1)
        seed = self.whole(self.section, "seed", 0, 0)
        metrics = self._metrics()
        self._losses()
        if source is None or any(one.severity == "error" for one in self.problems):
            return None
        return Settings(
            source=source,
            inputs=inputs,
            options=options,
            split=split,
            data_seed=data_seed,
            epochs=epochs,
            batch_size=batch_size,
            seed=seed,
            optimizer=optimizer,
            optimizer_options=values,
            metrics=metrics,
            sizes=sizes,
            classes=self.classes(source, options, inputs),
            noise=noise,
            carry=carry,
            states=states,
        )

    def _network(self) -> None:
        report = self.report
        if not any(entry.trait == "loss" for entry in report.layers.values()):
            text = "The design has no loss, so there is nothing to make small; add one, such as CrossEntropyLoss."
            self.add("no-loss", text, "training.losses")
        if not report.trainable_parameters:
            self.add(
                "nothing-to-train",
                "No layer has weights that may change; add one, such as Linear.",
                "training",
            )
        for id in report.training_only:
            if report.layers[id].weights and report.layers[id].trait != "loss":
                text = f"{id[:60]!r} has weights but depends on a target, so that no module would hold them; rewire it."
                self.add("weights-behind-target", text, "training", id)

    def _optimizer(self) -> tuple[str, dict[str, float | bool]]:
        given = self.mapping(self.section, "optimizer", "training.optimizer")
        name = given.get("type", "Adam")
        if not isinstance(name, str) or name not in OPTIMIZERS:
            text = f"There is no optimiser {shown(name)}; choose one of {', '.join(OPTIMIZERS)}."
            self.add("unknown-optimizer", text, "training.optimizer.type")
            return "Adam", {}
        found: dict[str, float | bool] = {"lr": self.number(given, "lr", OPTIMIZERS[name].lr, 0.0, 1e3)}
        if not found["lr"]:
            self.add(
                "bad-setting",
                "`training.optimizer.lr` is 0, so nothing would change; raise it.",
                "training.optimizer.lr",
            )
        for setting in OPTIMIZERS[name].settings:
            if setting.name not in given:
                continue
            if isinstance(setting.default, bool):
                found[setting.name] = self.flag(given, setting.name)
            else:
                found[setting.name] = self.number(
                    given, setting.name, setting.default, setting.low, setting.high
                )
        if found.get("nesterov") and not found.get("momentum"):
            text = "`training.optimizer.nesterov` needs a momentum above 0; give one, such as 0.9."
            self.add("bad-setting", text, "training.optimizer.nesterov")
        return name, found

    def _losses(self) -> None:
        for id, weight in self.mapping(self.section, "losses", "training.losses").items():
            place = "training.losses"
            entry = self.report.layers.get(id)
            if entry is None or entry.trait != "loss":
                near = get_close_matches(
                    id[:60], [i for i, e in self.report.layers.items() if e.trait == "loss"], 1
                )
                remedy = f"did you mean {near[0][:60]!r}?" if near else "remove it."
                self.add(
                    "unknown-loss",
                    f"`{place}` names {id[:60]!r}, which is no loss of the design; {remedy}",
                    place,
                )
            elif not is_number(weight):
                text = (
                    f"The weight of the loss {id[:60]!r} is {shown(weight)}, but must be a number; mend it."
                )
                self.add("bad-setting", text, place, id)

    def _metrics(self) -> tuple[str, ...]:
        place = "training.metrics"
        given = self.section.get("metrics", [])
        if not isinstance(given, list):
            self.add(
                "bad-setting", f"`{place}` is {shown(given)}, but must be a list of names; mend it.", place
            )
            return ()
        answer = answer_of(self.report)
        scores = answer.scores if answer else ""
        fitting = [name for name, metric in METRICS.items() if scores in metric.scores]
        for name in given:
            if not isinstance(name, str) or name not in METRICS:
                text = f"There is no metric {shown(name)}; choose of {', '.join(fitting)}."
                self.add("unknown-metric", text, place)
            elif answer and name not in fitting:
                text = f"The metric {name} does not go with the loss {answer.loss[:60]!r}"
                text += f"; choose of {', '.join(fitting)}."
                self.add("metric-does-not-fit", text, place)
            elif answer and name not in ("loss", "perplexity") and answer.target is None:
                text = f"The metric {name} needs a target that comes straight from an Input; leave it out."
                self.add("metric-does-not-fit", text, place)
        return tuple(dict.fromkeys(name for name in given if isinstance(name, str) and name != "loss"))
