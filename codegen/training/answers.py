"""What the first loss of a design compares with what: the answer of the network, its target, and whether they fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graph_ir.dims import substitute
from graph_ir.report import Report


@dataclass(frozen=True)
class Answer:
    """`value` is what the loss reads as `input`, `target` the Input it is compared with (None: something computed).

    `lengths` leads from "input" and "target" to the Input with their valid lengths, where there is one; `classes` is
    the size of the class axis, None where that is no number.
    """

    loss: str
    scores: str
    value: tuple[str, str]
    target: str | None
    lengths: Mapping[str, str]
    classes: int | None
    blank: int


def answer_of(report: Report) -> Answer | None:
    """What the first loss that counts is about, or None where no loss does."""
    read = {wire.source for wire in report.wires}
    for id, entry in report.layers.items():
        if entry.trait == "loss" and id not in read and entry.layer is not None:
            return _answer(report, id)
    return None


def _answer(report: Report, id: str) -> Answer | None:
    into = {wire.target_port: wire for wire in report.wires if wire.target == id}
    if "input" not in into or "target" not in into:
        return None
    layer, given = report.layers[id].layer, report.layers[id].inputs.get("input")
    wired = into["target"].source
    target = wired if report.role_of(wired) else None
    lengths = {
        port: into[f"{port}_lengths"].source for port in ("input", "target") if f"{port}_lengths" in into
    }
    if target and "target" not in lengths and 1 in report.layers[target].lengths:
        lengths["target"] = report.layers[target].lengths[1]
    scores = layer.scores if layer else ""
    axis = {"classes": 1, "sequence": 2}.get(scores)
    size = given.shape[axis] if given and axis and axis < len(given.shape) else None
    return Answer(
        loss=id,
        scores=scores,
        value=(into["input"].source, into["input"].source_port),
        target=target,
        lengths=lengths,
        classes=size if isinstance(size, int) else None,
        blank=getattr(layer, "blank", 0),
    )


def misfits(
    report: Report,
    classes: Mapping[str, tuple[str, ...]],
    longest: Mapping[str, int],
    sizes: Mapping[str, int],
) -> Iterator[tuple[str, str, bool]]:
    """What the target of the data and the answer disagree about: (code, sentence, whether training is impossible).

    `classes` and `longest` say for a target Input which classes its data has and how long its sequences get; `sizes`
    are the symbols that the data fixes.
    """
    answer = answer_of(report)
    if answer is None or answer.target is None:
        return
    names = classes.get(answer.target, ())
    if names and answer.classes is not None and answer.classes != len(names):
        text = f"{answer.value[0][:60]!r} gives {answer.classes} classes, but the data has {len(names)}"
        yield "class-count", f"{text}; give it {len(names)}.", answer.classes < len(names)
    given = report.layers[answer.loss].inputs.get("input")
    length = longest.get(answer.target)
    if answer.scores != "sequence" or length is None or given is None:
        return
    steps = substitute(given.shape[1], sizes) if len(given.shape) > 1 else None
    worst = 2 * length - 1  # between two equal labels a blank must stand
    if isinstance(steps, int) and steps < worst:
        text = f"{answer.value[0][:60]!r} gives {steps} steps, but {length} labels need up to {worst}"
        yield "ctc-too-short", f"{text}; use smaller strides or shorter targets.", steps < length
