"""The part of the `training` section that says which data feeds which Input."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from codegen.training.answers import misfits
from codegen.training.data import check_inputs, fits, inputs_of, target_facts
from codegen.training.section import Section, is_number, shown
from codegen.training.sources import SOURCES, Source

SPLIT = (0.7, 0.15, 0.15)


class DataSection(Section):
    """Reads `training.data`."""

    def source(self, data: Mapping[str, Any]) -> Source | None:
        name = data.get("source")
        if name is None:
            good = [one.source.name for one in fits(self.report) if one.ok]
            remedy = (
                f"choose one that fits: {', '.join(good)}" if good else "no data set of ours fits this design"
            )
            self.add(
                "no-data",
                f"No data set is chosen under `training.data.source`; {remedy}.",
                "training.data.source",
            )
            return None
        if not isinstance(name, str) or name not in SOURCES:
            text = f"There is no data set {shown(name)}; choose one of {', '.join(SOURCES)}."
            self.add("unknown-source", text, "training.data.source")
            return None
        return SOURCES[name]

    def options(self, source: Source | None, given: Mapping[str, Any]) -> dict[str, int]:
        found = dict(source.defaults) if source else {}
        for option in source.options if source else ():
            place = f"training.data.options.{option.name}"
            found[option.name] = self.whole(
                given, option.name, option.default, option.low, place, option.high
            )
        if found.get("min_digits", 0) > found.get("max_digits", 0):
            place = "training.data.options.min_digits"
            text = (
                f"`{place}` is {found['min_digits']}, more than max_digits, {found['max_digits']}; lower it."
            )
            self.add("bad-setting", text, place)
        return found

    def inputs(
        self, source: Source, options: Mapping[str, int], data: Mapping[str, Any]
    ) -> tuple[dict[str, str], Mapping[str, int]]:
        place = "training.data.inputs"
        given = self.mapping(data, "inputs", place)
        wanted = inputs_of(self.report)
        if not given:
            found = next(one for one in fits(self.report, options) if one.source is source)
            if not found.ok:
                self.add(
                    "data-does-not-fit", f"The data set {source.name} does not fit: {found.reason}", place
                )
            return dict(found.inputs), found.sizes
        names = [field.name for field in source.fields(options)]
        chosen = {id: given[id] for id in wanted if id in given}
        for id in wanted:
            if chosen.get(id) not in names:
                what = (
                    f"is fed from {shown(chosen[id])}, which {source.name} does not have"
                    if id in chosen
                    else "is fed from nothing"
                )
                self.add("data-input", f"{id[:60]!r} {what}; choose one of {', '.join(names)}.", place, id)
                return {}, {}
        result = check_inputs(self.report, source, options, chosen, whole=True)
        if not result.ok:
            self.add("data-does-not-fit", f"The data set {source.name} does not fit: {result.reason}", place)
        self._targets(source, options, chosen, result.sizes)
        return chosen, result.sizes

    def _targets(
        self, source: Source, options: Mapping[str, int], inputs: Mapping[str, str], sizes: Mapping[str, int]
    ) -> None:
        """Warns where training is possible but the target and the answer do not go together well."""
        fields = {field.name: field for field in source.fields(options)}
        for code, text, fatal in misfits(self.report, *target_facts(fields, inputs), sizes):
            if not fatal:
                self.add(code, text, "training.data.source", severity="warning")

    def split(self, value: Any) -> tuple[float, ...]:
        numbers = value if isinstance(value, list) and len(value) == 3 else []
        good = numbers and all(is_number(share) and share > 0 for share in numbers)
        if not good or not math.isclose(sum(numbers), 1.0, abs_tol=1e-6) or min(numbers) < 0.01:
            text = f"`training.data.split` is {shown(value)}, but must be three shares of at least 0.01 that make 1"
            self.add("bad-setting", f"{text}, such as [0.7, 0.15, 0.15]; mend it.", "training.data.split")
            return SPLIT
        return tuple(float(share) for share in numbers)
