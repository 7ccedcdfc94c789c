"""What the first loss of a design compares with what: the answer of the network, its target, and whether they fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graph_ir.dims import substitute
from graph_ir.report import Report
from graph_ir.signature import FLOATS, Length, TensorType


@dataclass(frozen=True)
class Steps:
    """An axis of what is compared (of `rank` axes, without that of the classes), and the lengths along it."""

    axis: int
    rank: int
    length: Length


@dataclass(frozen=True)
class Answer:
    """`value` is what the loss reads first, `target` the Input it is compared with (None: something computed, or
    nothing).

    `lengths` leads from "input" and "target" to the Input with their valid lengths, where there is one; `classes` is
    the size of the class axis, None where that is no number; `shares` says that the target has a share for each
    class; a target of `ignored` does not count; an entry above `yes_above` is a yes. what lies behind `steps` does not
    count. `said` is what axis 1 of the value carries: the steps in which a sequence is said.
    """

    loss: str
    scores: str
    value: tuple[str, str]
    target: str | None
    lengths: Mapping[str, str]
    classes: int | None
    blank: int
    shares: bool = False
    ignored: int | None = None
    yes_above: float = 0.0
    steps: Steps | None = None
    said: Length | None = None


def answer_of(report: Report) -> Answer | None:
    """What the losses that count are about, or None where none does: the first one that metrics go with, else the
    first.
    """
    read = {wire.source for wire in report.flowing}
    losses = [id for id, entry in report.layers.items() if entry.trait == "loss" and id not in read]
    found = [answer for id in losses if (answer := _answer(report, id)) is not None]
    return next((answer for answer in found if answer.scores), found[0] if found else None)


def _answer(report: Report, id: str) -> Answer | None:
    into = {wire.target_port: wire for wire in report.flowing if wire.target == id}
    layer, types = report.layers[id].layer, report.layers[id].inputs
    first = layer.spec.inputs[0].name if layer else ""
    if layer is None or first not in into:
        return None
    given, compared = types.get(first), types.get("target")
    wired = into["target"].source if "target" in into else ""
    target = wired if wired and report.role_of(wired) else None
    lengths = {
        port: into[f"{port}_lengths"].source for port in ("input", "target") if f"{port}_lengths" in into
    }
    if target and "target" not in lengths and 1 in report.layers[target].lengths:
        lengths["target"] = report.layers[target].lengths[1]
    axis = {"classes": 1, "sequence": 2}.get(layer.scores)
    size = given.shape[axis] if given and axis and axis < len(given.shape) else None
    shares = layer.scores == "classes" and compared is not None and compared.dtype in FLOATS
    ignored = getattr(layer, "ignore_index", None)
    return Answer(
        loss=id,
        scores=layer.scores,
        value=(into[first].source, into[first].source_port),
        target=target,
        lengths=lengths,
        classes=size if isinstance(size, int) else None,
        blank=getattr(layer, "blank", 0),
        shares=shares,
        ignored=ignored if ignored is not None and ignored >= 0 else None,
        yes_above=getattr(layer, "yes_above", 0.0),
        steps=_steps(layer.scores == "classes", given, None if shares else compared),
        said=given.length(1) if given and len(given.shape) > 1 else None,
    )


def _steps(has_classes: bool, given: TensorType | None, compared: TensorType | None) -> Steps | None:
    """What the target carries, or what it is compared with."""
    own = [*map(compared.length, range(len(compared.shape)))] if compared else []
    axes = range(len(given.shape)) if given else ()
    brought = [given.length(axis) for axis in axes if axis != 1 or not has_classes] if given else []
    found = (
        (i, len(lengths), length) for lengths in (own, brought) for i, length in enumerate(lengths) if length
    )
    return next((Steps(*place) for place in found), None)


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
