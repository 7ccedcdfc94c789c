"""What feeds an Input besides fields of the data: fresh noise, or what the step before left (`training.data.carry`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codegen.training.answers import answer_of
from codegen.training.data import inputs_of
from codegen.training.data_section import DataSection
from codegen.training.section import shown
from codegen.training.sources import SOURCES, Source
from graph_ir.dims import Dim, substitute

_CARRY = "training.data.carry"


class FeedSection(DataSection):
    """Reads `training.data.carry`, and which shapes noise and states have."""

    def classes(
        self, source: Source, options: Mapping[str, int], inputs: Mapping[str, str]
    ) -> tuple[str, ...] | None:
        """What the classes of the first loss mean; None where it has none."""
        answer = answer_of(self.report)
        if answer is None or answer.scores not in ("classes", "sequence"):
            return None
        name = inputs.get(answer.target or "")
        return next((one.classes for one in source.fields(options) if one.name == name), None)

    def noise(self, sizes: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
        """For each Input of noise the shape of one sample."""
        found: dict[str, tuple[int, ...]] = {}
        for id, entry in self.report.layers.items():
            given = entry.outputs.get("y") if self.report.role_of(id) == "noise" else None
            if given is None:
                continue
            shape = [substitute(size, sizes) for size in given.shape[1:]]
            known = tuple(size for size in shape if isinstance(size, int))
            if len(known) < len(shape) or given.dtype != "float32":
                text = f"{id[:60]!r} is noise of {given.text} {given.dtype}, but its sizes must be numbers"
                text += " or sizes of the data, and its dtype float32; mend it."
                self.add("noise-size", text, "training.data", id)
            found[id] = known
        return found

    def carry(self, source: Source | None, data: Mapping[str, Any]) -> dict[str, str]:
        """Which Output of the step before feeds which Input."""
        given = self.mapping(data, "carry", _CARRY)
        if not given:
            return {}
        if source is not None and not source.is_ordered:
            ordered = ", ".join(name for name, one in SOURCES.items() if one.is_ordered)
            text = (
                f"The samples of {source.name} don't follow on each other, so that nothing can be carried on"
            )
            self.add("carry", f"{text}; choose one of {ordered}, or leave `{_CARRY}` out.", _CARRY)
        if any(self.report.role_of(id) == "noise" for id in self.report.layers):
            text = f"`{_CARRY}` and Inputs of noise don't go together; leave one of them out."
            self.add("carry", text, _CARRY)
        found: dict[str, str] = {}
        for id, output in given.items():
            if id not in self.report.layers or self.report.role_of(id) != "data":
                text = f"`{_CARRY}` names {id[:60]!r}, which is no Input of the role data; name one."
                self.add("carry", text, _CARRY)
            elif not isinstance(output, str) or output not in self._outputs():
                text = f"{id[:60]!r} is to get {shown(output)}, which is no Output of the design; name one."
                self.add("carry", text, _CARRY, id)
            else:
                found[id] = output
        return found

    def _outputs(self) -> list[str]:
        return [id for id, entry in self.report.layers.items() if entry.trait == "output"]

    def states(self, carry: Mapping[str, str], sizes: Mapping[str, int]) -> dict[str, tuple[int | None, ...]]:
        """The shapes of what is carried on, None for the batch axis."""
        found: dict[str, tuple[int | None, ...]] = {}
        shapes = [self.report.layers[id].outputs["y"].shape for id in inputs_of(self.report, carry)]
        batch = next((shape[0] for shape in shapes if shape), None)
        for id, output in carry.items():
            into, out = self.report.layers[id].outputs.get("y"), self.report.layers[output].inputs.get("x")
            if into is None or out is None:
                continue  # the design has an error there
            shape = [self._known(size, batch, sizes) for size in into.shape]
            same = shape == [self._known(size, batch, sizes) for size in out.shape]
            if not same or into.dtype != out.dtype or shape.count(None) != 1:
                text = (
                    f"{id[:60]!r} is {into.text} {into.dtype}, but {output[:60]!r} is {out.text} {out.dtype}"
                )
                text += "; what is carried on must have one shape, the batch axis and numbers."
                self.add("carry", text, _CARRY, id)
            found[id] = tuple(size if isinstance(size, int) else None for size in shape)
        return found

    @staticmethod
    def _known(size: Dim, batch: Dim | None, sizes: Mapping[str, int]) -> Dim | None:
        return None if size == batch else substitute(size, sizes)
