"""Reads the `training` section of a design: what is trained on which data, how long and how.

Whatever a file holds there is answered with problems, each a sentence with a stable code, before anything starts.
Unknown keys are kept in the file and ignored here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from codegen.training.answers import answer_of, misfits
from codegen.training.data import SOURCES, Source, check_inputs, fits, inputs_of, target_facts
from codegen.training.options import METRICS, OPTIMIZERS
from graph_ir.check import Report
from graph_ir.graph import Design
from graph_ir.problems import Problem, Severity

EPOCHS, BATCH_SIZE, SPLIT = 20, 64, (0.7, 0.15, 0.15)
_WHOLE = 1 << 31


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

    def as_json(self) -> dict[str, Any]:
        """The whole of the settings, defaults included: what `settings.json` records."""
        return {
            "data": {
                "source": self.source.name,
                "inputs": dict(self.inputs),
                "options": dict(self.options),
                "split": list(self.split),
                "seed": self.data_seed,
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


class _Reader:
    def __init__(self, section: Mapping[str, Any], report: Report) -> None:
        self.section, self.report = section, report
        self.problems: list[Problem] = []

    def settings(self) -> Settings | None:
        self._network()
        data = self._mapping(self.section, "data", "training.data")
        source = self._source(data)
        options = self._options(source, self._mapping(data, "options", "training.data.options"))
        inputs, sizes = self._inputs(source, options, data) if source else ({}, {})
        optimizer, values = self._optimizer()
        split = self._split(data.get("split", list(SPLIT)))
        data_seed = self._whole(data, "seed", 0, 0, "training.data.seed")
        epochs = self._whole(self.section, "epochs", EPOCHS, 1)
        batch_size = self._whole(self.section, "batch_size", BATCH_SIZE, 1)
        seed = self._whole(self.section, "seed", 0, 0)
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
        )

    def _add(
        self, code: str, text: str, field: str, layer: str | None = None, severity: Severity = "error"
    ) -> None:
        self.problems.append(Problem(severity, code, text, layer=layer, field=field))

    def _network(self) -> None:
        report = self.report
        if not any(entry.trait == "loss" for entry in report.layers.values()):
            text = "The design has no loss, so there is nothing to make small; add one, such as CrossEntropyLoss."
            self._add("no-loss", text, "training.losses")
        if not report.trainable_parameters:
            self._add(
                "nothing-to-train",
                "No layer has weights that may change; add one, such as Linear.",
                "training",
            )
        for id in report.training_only:
            if report.layers[id].weights:
                text = f"{id[:60]!r} has weights but depends on a target, so that no module would hold them; rewire it."
                self._add("weights-behind-target", text, "training", id)

    def _mapping(self, parent: Mapping[str, Any], key: str, place: str) -> Mapping[str, Any]:
        value = parent.get(key, {})
        if not isinstance(value, Mapping):
            self._add("bad-setting", f"`{place}` is {_shown(value)}, but must be an object; mend it.", place)
            return {}
        return value

    def _whole(
        self, parent: Mapping[str, Any], key: str, default: int, low: int, place: str = "", high: int = _WHOLE
    ) -> int:
        value = parent.get(key, default)
        place = place or f"training.{key}"
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            text = (
                f"`{place}` is {_shown(value)}, but must be a whole number from {low} to {high}; choose one."
            )
            self._add("bad-setting", text, place)
            return default
        return value

    def _source(self, data: Mapping[str, Any]) -> Source | None:
        name = data.get("source")
        if name is None:
            good = [one.source.name for one in fits(self.report) if one.ok]
            remedy = (
                f"choose one that fits: {', '.join(good)}" if good else "no data set of ours fits this design"
            )
            self._add(
                "no-data",
                f"No data set is chosen under `training.data.source`; {remedy}.",
                "training.data.source",
            )
            return None
        if not isinstance(name, str) or name not in SOURCES:
            text = f"There is no data set {_shown(name)}; choose one of {', '.join(SOURCES)}."
            self._add("unknown-source", text, "training.data.source")
            return None
        return SOURCES[name]

    def _options(self, source: Source | None, given: Mapping[str, Any]) -> dict[str, int]:
        found = dict(source.defaults) if source else {}
        for option in source.options if source else ():
            place = f"training.data.options.{option.name}"
            found[option.name] = self._whole(
                given, option.name, option.default, option.low, place, option.high
            )
        if found.get("min_digits", 0) > found.get("max_digits", 0):
            place = "training.data.options.min_digits"
            text = (
                f"`{place}` is {found['min_digits']}, more than max_digits, {found['max_digits']}; lower it."
            )
            self._add("bad-setting", text, place)
        return found

    def _inputs(
        self, source: Source, options: Mapping[str, int], data: Mapping[str, Any]
    ) -> tuple[dict[str, str], Mapping[str, int]]:
        place = "training.data.inputs"
        given = self._mapping(data, "inputs", place)
        wanted = inputs_of(self.report)
        if not given:
            found = next(one for one in fits(self.report, options) if one.source is source)
            if not found.ok:
                self._add(
                    "data-does-not-fit", f"The data set {source.name} does not fit: {found.reason}", place
                )
            return dict(found.inputs), found.sizes
        names = [field.name for field in source.fields(options)]
        chosen = {id: given[id] for id in wanted if id in given}
        for id in wanted:
            if chosen.get(id) not in names:
                what = (
                    f"is fed from {_shown(chosen[id])}, which {source.name} does not have"
                    if id in chosen
                    else "is fed from nothing"
                )
                self._add("data-input", f"{id[:60]!r} {what}; choose one of {', '.join(names)}.", place, id)
                return {}, {}
        result = check_inputs(self.report, source, options, chosen, whole=True)
        if not result.ok:
            self._add("data-does-not-fit", f"The data set {source.name} does not fit: {result.reason}", place)
        self._targets(source, options, chosen, result.sizes)
        return chosen, result.sizes

    def _targets(
        self, source: Source, options: Mapping[str, int], inputs: Mapping[str, str], sizes: Mapping[str, int]
    ) -> None:
        """Warns where training is possible but the target and the answer do not go together well."""
        fields = {field.name: field for field in source.fields(options)}
        for code, text, fatal in misfits(self.report, *target_facts(fields, inputs), sizes):
            if not fatal:
                self._add(code, text, "training.data.source", severity="warning")

    def _split(self, value: Any) -> tuple[float, ...]:
        numbers = value if isinstance(value, list) and len(value) == 3 else []
        good = numbers and all(_is_number(share) and share > 0 for share in numbers)
        if not good or not math.isclose(sum(numbers), 1.0, abs_tol=1e-6) or min(numbers) < 0.01:
            text = f"`training.data.split` is {_shown(value)}, but must be three shares of at least 0.01 that make 1"
            self._add("bad-setting", f"{text}, such as [0.7, 0.15, 0.15]; mend it.", "training.data.split")
            return SPLIT
        return tuple(float(share) for share in numbers)

    def _optimizer(self) -> tuple[str, dict[str, float | bool]]:
        given = self._mapping(self.section, "optimizer", "training.optimizer")
        name = given.get("type", "Adam")
        if not isinstance(name, str) or name not in OPTIMIZERS:
            text = f"There is no optimiser {_shown(name)}; choose one of {', '.join(OPTIMIZERS)}."
            self._add("unknown-optimizer", text, "training.optimizer.type")
            return "Adam", {}
        found: dict[str, float | bool] = {"lr": self._number(given, "lr", OPTIMIZERS[name].lr, 0.0, 1e3)}
        if not found["lr"]:
            self._add(
                "bad-setting",
                "`training.optimizer.lr` is 0, so nothing would change; raise it.",
                "training.optimizer.lr",
            )
        for setting in OPTIMIZERS[name].settings:
            if setting.name not in given:
                continue
            if isinstance(setting.default, bool):
                found[setting.name] = self._flag(given, setting.name)
            else:
                found[setting.name] = self._number(
                    given, setting.name, setting.default, setting.low, setting.high
                )
        if found.get("nesterov") and not found.get("momentum"):
            text = "`training.optimizer.nesterov` needs a momentum above 0; give one, such as 0.9."
            self._add("bad-setting", text, "training.optimizer.nesterov")
        return name, found

    def _number(self, given: Mapping[str, Any], key: str, default: float, low: float, high: float) -> float:
        value = given.get(key, default)
        if not _is_number(value) or not low <= value <= high:
            place = f"training.optimizer.{key}"
            text = f"`{place}` is {_shown(value)}, but must be a number from {low:g} to {high:g}; choose one."
            self._add("bad-setting", text, place)
            return default
        return float(value)

    def _flag(self, given: Mapping[str, Any], key: str) -> bool:
        value = given[key]
        if not isinstance(value, bool):
            place = f"training.optimizer.{key}"
            self._add(
                "bad-setting", f"`{place}` is {_shown(value)}, but must be true or false; mend it.", place
            )
            return False
        return value

    def _losses(self) -> None:
        for id, weight in self._mapping(self.section, "losses", "training.losses").items():
            place = "training.losses"
            entry = self.report.layers.get(id)
            if entry is None or entry.trait != "loss":
                near = get_close_matches(
                    id[:60], [i for i, e in self.report.layers.items() if e.trait == "loss"], 1
                )
                remedy = f"did you mean {near[0][:60]!r}?" if near else "remove it."
                self._add(
                    "unknown-loss",
                    f"`{place}` names {id[:60]!r}, which is no loss of the design; {remedy}",
                    place,
                )
            elif not _is_number(weight):
                text = (
                    f"The weight of the loss {id[:60]!r} is {_shown(weight)}, but must be a number; mend it."
                )
                self._add("bad-setting", text, place, id)

    def _metrics(self) -> tuple[str, ...]:
        place = "training.metrics"
        given = self.section.get("metrics", [])
        if not isinstance(given, list):
            self._add(
                "bad-setting", f"`{place}` is {_shown(given)}, but must be a list of names; mend it.", place
            )
            return ()
        answer = answer_of(self.report)
        scores = answer.scores if answer else ""
        fitting = [name for name, metric in METRICS.items() if scores in metric.scores]
        for name in given:
            if not isinstance(name, str) or name not in METRICS:
                text = f"There is no metric {_shown(name)}; choose of {', '.join(fitting)}."
                self._add("unknown-metric", text, place)
            elif answer and name not in fitting:
                text = f"The metric {name} does not go with the loss {answer.loss[:60]!r}"
                text += f"; choose of {', '.join(fitting)}."
                self._add("metric-does-not-fit", text, place)
            elif answer and name not in ("loss", "perplexity") and answer.target is None:
                text = f"The metric {name} needs a target that comes straight from an Input; leave it out."
                self._add("metric-does-not-fit", text, place)
        return tuple(dict.fromkeys(name for name in given if isinstance(name, str) and name != "loss"))


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and abs(value) < 1e300


def _shown(value: Any) -> str:
    """A value of a file in a sentence, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
