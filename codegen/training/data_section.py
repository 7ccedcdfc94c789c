"""The part of the `training` section that says which data feeds which Input."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from codegen.training.adapting import adapted
from codegen.training.answers import misfits
from codegen.training.data import carried_inputs, check_inputs, fit, fits, inputs_of, target_facts
from codegen.training.section import Section, is_number, shown
from codegen.training.sources import SOURCES, Source

SPLIT = (0.7, 0.15, 0.15)
MOST_NUMBERS = 1 << 31


class DataSection(Section):
    """Reads `training.data`."""

    def source(self, data: Mapping[str, Any]) -> Source | None:
        name = data.get("source")
        if name is None:
            carried = carried_inputs(self.section)
            good = [one.source.name for one in fits(self.report, carried=carried) if one.ok]
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
        """The options that the file gives, each in its limits."""
        found: dict[str, int] = {}
        for option in source.options if source else ():
            if option.name in given:
                place = f"training.data.options.{option.name}"
                found[option.name] = self.whole(
                    given, option.name, option.default, option.low, place, option.high
                )
        return found

    def inputs(
        self, source: Source, given: Mapping[str, int], data: Mapping[str, Any], carried: Collection[str]
    ) -> tuple[dict[str, str], Mapping[str, int], dict[str, int]]:
        """Which field feeds which Input, the sizes that the data fixes, and every option of the data."""
        place = "training.data.inputs"
        fed = self.mapping(data, "inputs", place)
        wanted = inputs_of(self.report, carried)
        chosen = {id: fed[id] for id in wanted if id in fed}
        if not fed:
            found = fit(self.report, source, given, carried)
            options = adapted(self.report, source, given, wanted, found.inputs)
            self._sane(source, options)
            if not found.ok:
                text = f"The data set {source.name} does not fit: {found.reason}"
                self.add("data-does-not-fit", text, place)
            return dict(found.inputs), found.sizes, options
        options = adapted(self.report, source, given, wanted, chosen)
        self._sane(source, options)
        names = [field.name for field in source.fields(options)]
        for id in wanted:
            if chosen.get(id) not in names:
                what = (
                    f"is fed from {shown(chosen[id])}, which {source.name} does not have"
                    if id in chosen
                    else "is fed from nothing"
                )
                self.add("data-input", f"{id[:60]!r} {what}; choose one of {', '.join(names)}.", place, id)
                return {}, {}, options
        result = check_inputs(self.report, source, options, chosen, whole=True)
        if not result.ok:
            self.add("data-does-not-fit", f"The data set {source.name} does not fit: {result.reason}", place)
        self._targets(source, options, chosen, result.sizes)
        return chosen, result.sizes, options

    def _sane(self, source: Source, options: Mapping[str, int]) -> None:
        """Options that contradict each other, or ask for more data than a machine holds."""
        for low, value in options.items():
            high = low.replace("min_", "max_")
            if value > options[high] if low.startswith("min_") else False:
                place = f"training.data.options.{low}"
                text = f"`{place}` is {value}, more than {high}, {options[high]}; lower it."
                self.add("bad-setting", text, place)
        entries = sum(math.prod(field.shape) for field in source.fields(options)) * options.get("count", 1)
        if entries > MOST_NUMBERS:
            text = f"This data has {entries:,} numbers, more than {MOST_NUMBERS:,}"
            self.add("too-much-data", f"{text}; lower `count` or the sizes.", "training.data.options")

    def _targets(
        self, source: Source, options: Mapping[str, int], inputs: Mapping[str, str], sizes: Mapping[str, int]
    ) -> None:
        """Warns where training is possible but the target and the answer do not go together well."""
        fields = {field.name: field for field in source.fields(options)}
        for code, text, fatal in misfits(self.report, *target_facts(fields, inputs), sizes):
            if not fatal and not (code == "class-count" and source.open_classes):
                self.add(code, text, "training.data.source", severity="warning")

    def split(self, value: Any) -> tuple[float, ...]:
        numbers = value if isinstance(value, list) and len(value) == 3 else []
        good = numbers and all(is_number(share) and share > 0 for share in numbers)
        if not good or not math.isclose(sum(numbers), 1.0, abs_tol=1e-6) or min(numbers) < 0.01:
            text = f"`training.data.split` is {shown(value)}, but must be three shares of at least 0.01 that make 1"
            self.add("bad-setting", f"{text}, such as [0.7, 0.15, 0.15]; mend it.", "training.data.split")
            return SPLIT
        return tuple(float(share) for share in numbers)
